"""How many of the clusters listed up to a false discovery rate are really false, over planted worlds.

    python -m tests.bench.accuracy.discoveries
    python -m tests.bench.accuracy.discoveries --accounts 3000 --background 301 320 --mixed 321 340

Half of the worlds hold no farm at all: what is found there is honest companies and errors. A cluster is false
by the share of its accounts that are not of its majority operator; people of one household and the customers
of one reseller are of different operators, so they count as false as well, and are told apart from others.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import graphlink
from graphlink import EngineSettings
from graphlink.evaluation import evaluate_discoveries
from graphlink.samples import Dials, draw_world

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphlink.evaluation import DiscoveryPoint

RATES = (0.01, 0.05, 0.1, 0.2, 1.0)
# Strangers to the truth whom nothing in the metadata tells from one operator.
RELATED = ("household", "reseller_customer")
COLUMNS = (
    "worlds", "fdr up to", "clusters", "accounts", "false %, pooled", "false %, mean of worlds",
    "with a stranger %", "all strangers %", "of them related",
)  # fmt: skip


@dataclass(frozen=True)
class World:
    """What was listed in one world, and the clusters among it whose strangers are all related people."""

    points: tuple[DiscoveryPoint, ...]
    n_related: tuple[int, ...]


def try_world(seed: int, n_accounts: int, dials: Dials) -> World:
    """Draw a world, run over it and hold the list of clusters against its truth."""
    world = draw_world(seed, n_accounts, dials)
    with tempfile.TemporaryDirectory() as folder:
        settings = world.write(Path(folder) / "world")
        result = graphlink.run(settings, out=Path(folder) / "result", limits=EngineSettings(threads=1))
        membership, clusters = result.table("membership"), result.table("clusters")
    points = evaluate_discoveries(membership, clusters, world.truth, rates=RATES)
    members = membership.join(world.truth, "account_id").join(
        clusters.select(["cluster_id", "fdr"]), "cluster_id", join_type="inner"
    )
    of = members.group_by("cluster_id").aggregate(
        [("operator_id", "count_distinct"), ("account_id", "count"), ("style", "distinct"), ("fdr", "max")]
    )
    columns = ("operator_id_count_distinct", "account_id_count", "style_distinct")
    is_related = [
        n_operators == n and set(styles) <= set(RELATED)
        for n_operators, n, styles in zip(*(of[column].to_pylist() for column in columns), strict=True)
    ]
    rate = of["fdr_max"].to_numpy()
    return World(points, tuple(int((np.array(is_related) & (rate <= limit)).sum()) for limit in RATES))


def rows_of(name: str, worlds: Sequence[World]) -> list[tuple[str, ...]]:
    """Rows of the table: one per rate, over all worlds."""
    rows: list[tuple[str, ...]] = []
    for i, rate in enumerate(RATES):
        points = [world.points[i] for world in worlds]
        n = np.array([point.n_clusters for point in points])
        listed = [point for point in points if point.n_clusters]
        # A world in which nothing is listed has no false discovery.
        mean = sum(point.share_false for point in listed) / len(points)
        pooled = [
            100 * sum(getattr(point, share) * point.n_clusters for point in listed) / max(1, n.sum())
            for share in ("share_false", "share_with_stranger", "share_without_operator")
        ]
        rows.append(
            (
                name,
                f"{rate:.0%}",
                str(n.sum()),
                f"{sum(point.n_accounts for point in points):,}",
                f"{pooled[0]:.1f}",
                f"{100 * mean:.1f}",
                f"{pooled[1]:.1f}",
                f"{pooled[2]:.1f}",
                str(sum(world.n_related[i] for world in worlds)),
            )
        )
    return rows


def markdown(rows: list[tuple[str, ...]]) -> str:
    """The table in Markdown."""
    lines = [COLUMNS, tuple("---" for _ in COLUMNS), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main() -> None:
    """Print the table; progress goes to stderr."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.accuracy.discoveries")
    parser.add_argument("--accounts", type=int, default=3_000, help="accounts of each world")
    parser.add_argument("--background", type=int, nargs=2, default=(301, 320), help="first and last seed")
    parser.add_argument("--mixed", type=int, nargs=2, default=(321, 340), help="first and last seed")
    options = parser.parse_args()
    rows: list[tuple[str, ...]] = []
    for name, (first, last), dials in (
        ("pure background", options.background, Dials(farm_share=0.0)),
        ("mixed", options.mixed, Dials()),
    ):
        worlds = []
        for seed in range(first, last + 1):
            worlds.append(try_world(seed, options.accounts, dials))
            print(name, seed, worlds[-1].points[RATES.index(0.05)].to_dict(), file=sys.stderr, flush=True)
        rows.extend(rows_of(f"{len(worlds)} {name}", worlds))
    print(markdown(rows))


if __name__ == "__main__":
    main()
