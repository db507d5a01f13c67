"""How much is there to be found: graphlink beside readers of the truth with the same observations.

    python -m tests.bench.accuracy.oracle --accounts 20000 --seeds 601 602 603
    python -m tests.bench.accuracy.oracle --samples gateway:3000:771 places:3000:771
    python -m tests.bench.accuracy.oracle --folders SET...

A folder holds graphlink.toml, truth.parquet (account_id, operator_id, style) and its result in `result`.

Every reader knows who operates each account and joins accounts of one operator only, so none is ever wrong;
they differ in what joins two accounts. What no reader joins is not in the observations, and no method finds
it. A reader of the truth is a bound from above: from outside, a value that only one farm held that day looks
like one that two neighbours held. Needs the dependency group `bench`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from scipy import sparse
from scipy.sparse import csgraph

from graphlink.core.settings import Settings
from graphlink.evaluation import evaluate_clusters
from graphlink.kinds import identifiers_of, kind_of
from graphlink.result.result import read_result
from graphlink.samples import FARM_STYLES, draw_world
from tests.bench.accuracy.ours import graphlink_on_world
from tests.bench.accuracy.trials import coded, sample_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from graphlink.evaluation import Measures
    from graphlink.result.result import Result
    from graphlink.samples import World
    from tests.bench.accuracy.trials import Codes, Sightings

STYLES = (*FARM_STYLES, "company")
READERS = (
    "graphlink", "its links", "telling shapes", "own values", "own windows", "half windows",
    "with behaviours",
)  # fmt: skip
SCORES = ("pair P", "pair R", "pair F1", "B3 F1 partnered")


@dataclass(frozen=True)
class Cells:
    """Who held what when: entries of account and cell, each once, and the kind of each cell."""

    account: Codes
    cell: Codes
    kind: Codes


@dataclass(frozen=True)
class Ties:
    """What joins accounts: entries of account and node, where all accounts of a node are one operator's."""

    account: Codes
    node: Codes

    def __add__(self, other: Ties) -> Ties:
        apart = self.node.max(initial=-1) + 1
        return Ties(
            np.concatenate([self.account, other.account]), np.concatenate([self.node, other.node + apart])
        )

    def membership(self, accounts: Sequence[str]) -> pa.Table:
        """Connected parts of at least two accounts, as a membership."""
        n, n_nodes = len(accounts), int(self.node.max(initial=-1)) + 1
        ends = (self.account, n + self.node)
        graph = sparse.coo_matrix((np.ones(len(self.node)), ends), shape=(n + n_nodes, n + n_nodes))
        part = csgraph.connected_components(graph.tocsr(), directed=False)[1][:n]
        alone = np.bincount(part)[part] < 2
        return pa.table(
            {"account_id": pa.array(accounts, pa.string()), "cluster_id": pa.array(part, mask=alone)}
        )


def with_wider(observations: pa.Table) -> pa.Table:
    """The observations with the wider identifiers that follow from them, such as networks of addresses."""
    kinds = {name: kind_of(name, Settings()) for name in pc.unique(observations["kind"]).to_pylist()}
    keys = observations.group_by(["kind", "value"]).aggregate([]).to_pylist()
    rows = [
        (key["kind"], key["value"], *wider)
        for key in keys
        for wider in identifiers_of(kinds[key["kind"]], key["value"], None, ())
        if wider != (key["kind"], key["value"])
    ]
    names = ("kind", "value", "wider_kind", "wider_value")
    wider = pa.table({name: pa.array([row[i] for row in rows], pa.string()) for i, name in enumerate(names)})
    added = observations.join(wider, ["kind", "value"], join_type="inner")
    added = added.drop_columns(["kind", "value"]).rename_columns(
        {"wider_kind": "kind", "wider_value": "value"}
    )
    return pa.concat_tables([observations, added.select(observations.column_names).cast(observations.schema)])


def windows(sightings: Sightings, *, forever: bool = False) -> Cells:
    """Who held what when: a cell is an identifier within one of its kind's windows.

    Windows overlap by half. Kinds without a window, and all kinds `forever`, have one cell per identifier.
    """
    days = [kind_of(kind, Settings()).window_days for kind in sightings.kinds]
    width = np.array([np.inf if forever or not day else day * 86_400 for day in days])
    seconds = np.nan_to_num(sightings.seconds)
    each = width[sightings.kind_of[sightings.identifier]]
    keys = [
        np.stack([sightings.identifier, 2 * np.floor(seconds / each + shift / 2).astype(np.int64) + shift])
        for shift in (0, 1)
    ]
    cells, cell = np.unique(np.concatenate(keys, axis=1), axis=1, return_inverse=True)
    account = np.concatenate([sightings.account, sightings.account])
    held = np.unique(np.stack([account, cell.ravel()]), axis=1)
    return Cells(held[0], held[1], sightings.kind_of[cells[0]])


def ties_of(cells: Cells, operator: Codes, least_share: float) -> Ties:
    """Ties of accounts by the cells in which their operator's are at least this share of the holders."""
    account, cell = cells.account, cells.cell
    key = cell * (operator.max() + 1) + operator[account]
    _, node, n_own = np.unique(key, return_inverse=True, return_counts=True)
    n_all = np.bincount(cell)
    node = node.ravel()
    kept = (n_own[node] >= 2) & (n_own[node] >= least_share * n_all[cell])
    return Ties(account[kept], node[kept])


def ties_of_shapes(cells: Cells, operator: Codes) -> Ties:
    """Ties by cells of a shape that tells by itself: half of the pairs in all such cells are of one operator.

    A shape is a kind and a number of holders (from 16 on in powers of two). This reader knows how telling
    each shape is in this world, but looks at one cell at a time.
    """
    account, cell = cells.account, cells.cell
    n_all = np.bincount(cell)
    rounded = np.where(n_all < 16, n_all, 2 ** np.floor(np.log2(np.maximum(n_all, 1))).astype(np.int64))
    shape = np.unique(np.stack([cells.kind, rounded]), axis=1, return_inverse=True)[1].ravel()
    own, n_own = np.unique(cell * (operator.max() + 1) + operator[account], return_counts=True)
    pairs = np.bincount(shape, weights=n_all * (n_all - 1) / 2)
    own_pairs = np.bincount(shape[own // (operator.max() + 1)], weights=n_own * (n_own - 1) / 2)
    tells = (own_pairs >= 0.5 * np.maximum(pairs, 1))[shape]
    chosen = tells[cell]
    return ties_of(Cells(account[chosen], cell[chosen], cells.kind), operator, 0.0)


def ties_of_pairs(pairs: pa.Table, accounts: Sequence[str], operator: Codes) -> Ties:
    """Ties by the pairs (account_id_l, account_id_r) that are of one operator."""
    names = pa.array(accounts, pa.string())
    left, right = (
        pc.index_in(pairs[side].combine_chunks(), value_set=names).to_numpy(zero_copy_only=False)
        for side in ("account_id_l", "account_id_r")
    )
    own = np.flatnonzero(operator[left] == operator[right])
    node = np.arange(len(own))
    return Ties(
        np.concatenate([left[own], right[own]]).astype(np.int64),
        np.concatenate([node, node]).astype(np.int64),
    )


def read_world(
    observations: pa.Table, truth: pa.Table, links: pa.Table, evidence: pa.Table
) -> dict[str, Measures]:
    """Score every reader of the truth on one world.

    Args:
        observations: As graphlink had them: account_id, kind, value, seen_at, n.
        truth: account_id, operator_id, style.
        links: graphlink's links.
        evidence: graphlink's evidence; its behaviours count for the last reader.
    """
    sightings = coded(with_wider(observations))
    place = pc.index_in(
        pa.array(sightings.accounts, pa.string()), value_set=truth["account_id"].combine_chunks()
    )
    names = truth["operator_id"].take(place).combine_chunks().dictionary_encode()
    operator = np.asarray(names.indices.to_numpy(), dtype=np.int64)
    behaviours = evidence.filter(pc.equal(evidence["facet"], "behaviour"))
    in_windows = windows(sightings)
    half = ties_of(in_windows, operator, 0.5)
    ties = {
        "its links": ties_of_pairs(links, sightings.accounts, operator),
        "telling shapes": ties_of_shapes(in_windows, operator),
        "own values": ties_of(windows(sightings, forever=True), operator, 1.0),
        "own windows": ties_of(in_windows, operator, 1.0),
        "half windows": half,
        "with behaviours": half + ties_of_pairs(behaviours, sightings.accounts, operator),
    }
    return {name: evaluate_clusters(tie.membership(sightings.accounts), truth) for name, tie in ties.items()}


def measure(seed: int, n_accounts: int) -> dict[str, Measures]:
    """graphlink and every reader on one world at default dials."""
    return measure_world(draw_world(seed, n_accounts))


def measure_world(world: World) -> dict[str, Measures]:
    """graphlink and every reader on one planted world."""
    with tempfile.TemporaryDirectory() as folder:
        result = graphlink_on_world(world, Path(folder))
        return measure_result(result, world.truth)


def measure_folder(folder: Path) -> dict[str, Measures]:
    """graphlink and every reader on the result of a folder."""
    return measure_result(read_result(folder / "result"), pq.read_table(folder / "truth.parquet"))


def measure_result(result: Result, truth: pa.Table) -> dict[str, Measures]:
    """The result and every reader on its observations."""
    membership, *tables = (result.table(name) for name in ("membership", "observations", "links", "evidence"))
    observations, links, evidence = tables
    readers = read_world(observations, truth, links, evidence)
    return {"graphlink": evaluate_clusters(membership, truth), **readers}


def _scores(measures: Measures) -> dict[str, float]:
    pairs = measures.pairs
    return dict(
        zip(
            SCORES,
            (pairs.precision, pairs.recall, pairs.f1, measures.bcubed_partnered.f1),
            strict=True,
        )
    )


def table(worlds: Sequence[Mapping[str, Measures]]) -> list[tuple[str, ...]]:
    """Rows of the table: B-cubed recall per style and reader over all worlds, then means of scores."""
    total: dict[str, int] = defaultdict(int)
    actual: dict[tuple[str, str], float] = defaultdict(float)
    for world in worlds:
        for style in world["graphlink"].styles:
            total[style.style] += style.n_accounts
        for reader, measures in world.items():
            for style in measures.styles:
                actual[style.style, reader] += style.bcubed_recall * style.n_accounts
    rows = [
        (style, f"{total[style]:,}", *(f"{actual[style, reader] / total[style]:.3f}" for reader in READERS))
        for style in STYLES
        if total[style]
    ]
    for score in SCORES:
        means = [np.mean([_scores(world[reader])[score] for world in worlds]) for reader in READERS]
        rows.append((score, "", *(f"{mean:.3f}" for mean in means)))
    return rows


def markdown(rows: Iterable[tuple[str, ...]]) -> str:
    """The table in Markdown."""
    columns = ("B-cubed recall of", "accounts", *READERS)
    lines = [columns, tuple("---" for _ in columns), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main() -> None:
    """Print the table; progress goes to stderr."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.accuracy.oracle")
    parser.add_argument("--accounts", type=int, default=20_000, help="accounts of each world")
    parser.add_argument("--seeds", type=int, nargs="+", default=[601, 602, 603], help="seeds of the worlds")
    parser.add_argument(
        "--samples", nargs="*", default=[], metavar="SCENARIO:ACCOUNTS:SEED", help="planted samples instead"
    )
    parser.add_argument("--folders", nargs="*", type=Path, default=[], help="folders with result and truth")
    options = parser.parse_args()
    named = {text: partial(measure_world, sample_of(text)) for text in options.samples}
    named |= {folder.name: partial(measure_folder, folder) for folder in options.folders}
    for name, make in named.items():  # unlike each other, so that each has its table
        print(f"{name}\n\n{markdown(table([make()]))}\n", flush=True)
    if named:
        return
    worlds = []
    for seed in options.seeds:
        worlds.append(measure(seed, options.accounts))
        print(markdown(table(worlds[-1:])), file=sys.stderr, flush=True)
    print(markdown(table(worlds)))


if __name__ == "__main__":
    main()
