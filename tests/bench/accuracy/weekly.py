"""How a result moves from week to week: one sample, seen to the end of each, under the model of the first.

    python -m tests.bench.accuracy.weekly --scenario default --accounts 4000 --seed 601

Every run sees all rows before its cut-off, and of accounts what was known then. Counted over the steps from
one week to the next: pairs of one operator that were in one cluster and no longer are; and of the clusters
with the same accounts, those whose hypothesis turns or whose lineage changes.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import graphlink
from graphlink.samples import draw_world
from graphlink.samples.scenarios import scenarios
from graphlink.workspace.lineage import Lineage, assign_lineages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphlink.result.result import Result

WEEKS = 8
Clusters = dict[str, frozenset[str]]


@dataclass
class Moved:
    """What moved over the steps.

    Attributes:
        pairs: Pairs of one operator in one cluster before the step.
        lost: Of them those no longer in one.
        untouched: Clusters with the same accounts before and after.
        flips: Of them those whose hypothesis turned.
        of_four: Untouched clusters of four accounts and more, and of them those whose hypothesis turned.
        renamed: Of them those whose lineage changed.
        sum_moved: Sum of the changes of p_same_operator of the untouched.
    """

    pairs: int = 0
    lost: int = 0
    untouched: int = 0
    flips: int = 0
    of_four: tuple[int, int] = (0, 0)
    renamed: int = 0
    sum_moved: float = 0.0


def cut(world: Path, until: pa.Scalar, folder: Path) -> Path:
    """The tables of a sample as they stood at a moment; gives the settings."""
    folder.mkdir()
    for name in ("requests", "payments"):
        table = pq.read_table(world / f"{name}.parquet")
        pq.write_table(table.filter(pc.less(table["at"], until)), folder / f"{name}.parquet")
    accounts = pq.read_table(world / "accounts.parquet")
    accounts = accounts.filter(pc.less(accounts["created_at"], until))
    is_later = pc.fill_null(pc.greater_equal(accounts["closed_at"], until), False)
    for name, before in (("closed_at", None), ("status", "active")):
        column = accounts[name]
        value = pa.scalar(before, column.type)
        place = accounts.column_names.index(name)
        accounts = accounts.set_column(place, name, pc.if_else(is_later, value, column))
    pq.write_table(accounts, folder / "accounts.parquet")
    (folder / "references.csv").write_bytes((world / "references.csv").read_bytes())
    text = (world / "graphlink.toml").read_text(encoding="utf-8")
    head, _, rest = text.partition("now = ")
    now = until.cast(pa.timestamp("s", "UTC")).as_py().isoformat()
    (folder / "graphlink.toml").write_text(
        f'{head}now = "{now}"{rest[rest.index(chr(10)) :]}', encoding="utf-8"
    )
    return folder / "graphlink.toml"


def runs(world: Path, folder: Path) -> Iterator[Result]:
    """The result of each week; the first fits the model of all."""
    times = pq.read_table(world / "requests.parquet", columns=["at"])["at"]
    until = pc.min_max(times)["max"]
    model = None
    for week in range(WEEKS):
        back = pa.scalar(7 * 86_400 * (WEEKS - 1 - week), pa.duration("s"))
        moment = pc.subtract(until, back.cast(pa.duration(times.type.unit)))
        settings = cut(world, moment, folder / f"seen-{week}")
        out = folder / f"result-{week}"
        yield graphlink.run(settings, out=out, model=model)
        model = model or out


def clusters_of(result: Result) -> tuple[Clusters, dict[str, tuple[str, float]]]:
    """The accounts of each cluster, and its hypothesis and p_same_operator."""
    members: dict[str, set[str]] = {}
    for row in result.table("membership").select(["cluster_id", "account_id"]).to_pylist():
        if row["cluster_id"] is not None:
            members.setdefault(row["cluster_id"], set()).add(row["account_id"])
    said = {
        row["cluster_id"]: (row["hypothesis"], row["p_same_operator"])
        for row in result.table("clusters").to_pylist()
    }
    return {name: frozenset(one) for name, one in members.items()}, said


def compare(results: Iterator[Result], operator: dict[str, str]) -> Moved:
    """What moved over all steps."""
    moved = Moved()
    known: list[Lineage] = []
    following = 1
    pending: list[frozenset[str]] = []
    before: Clusters = {}
    said_before: dict[str, tuple[str, float]] = {}
    names: dict[frozenset[str], int | None] = {}
    for result in results:
        clusters, said = clusters_of(result)
        assigned = assign_lineages(known, clusters, following, pending)
        now = {clusters[one.cluster_id]: one.lineage for one in assigned.placements}
        of = {account: name for name, members in clusters.items() for account in members}
        for name, members in before.items():
            for x, y in combinations(sorted(members), 2):
                if operator[x] == operator[y]:
                    moved.pairs += 1
                    moved.lost += of.get(x) is None or of.get(x) != of.get(y)
            if members in now:
                moved.untouched += 1
                after = of[min(members)]
                turned = said[after][0] != said_before[name][0]
                moved.flips += turned
                n, n_turned = moved.of_four
                moved.of_four = (n + (len(members) > 3), n_turned + (turned and len(members) > 3))
                moved.sum_moved += abs(said[after][1] - said_before[name][1])
                moved.renamed += names[members] is not None and names[members] != now[members]
        members_of = {one.number: one for one in known}
        for one in assigned.placements:
            if one.lineage is not None:
                members_of[one.lineage] = Lineage(one.lineage, clusters[one.cluster_id])
        known, following = list(members_of.values()), assigned.next_number
        pending = [clusters[one.cluster_id] for one in assigned.placements if one.lineage is None]
        before, said_before, names = clusters, said, now
    return moved


def main() -> None:
    """Print what moved in one sample."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--scenario", default="default")
    parser.add_argument("--accounts", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=601)
    options = parser.parse_args()
    world = draw_world(options.seed, options.accounts, scenarios[options.scenario])
    truth = world.truth.to_pydict()
    operator = dict(zip(truth["account_id"], truth["operator_id"], strict=True))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        world.write(folder / "world")
        moved = compare(runs(folder / "world", folder), operator)
    lost = 1000 * moved.lost / max(moved.pairs, 1)
    flips = 100 * moved.flips / max(moved.untouched, 1)
    print(
        f"{options.scenario} {options.accounts} {options.seed}: true pairs lost {moved.lost} of {moved.pairs}"
    )
    print(
        f"  per 1,000 pairs {lost:.2f}; untouched clusters {moved.untouched}: hypothesis turned {flips:.1f} %"
    )
    n, n_turned = moved.of_four
    print(f"  of four accounts and more {n_turned} of {n};")
    mean = moved.sum_moved / max(moved.untouched, 1)
    print(f"  lineage changed {moved.renamed}, mean change of p_same_operator {mean:.4f}")


if __name__ == "__main__":
    main()
