"""How far a result hangs on the algorithm's own seed: the same world, several seeds.

    python -m tests.bench.accuracy.stability --accounts 20000 --worlds 601
    python -m tests.bench.accuracy.stability --accounts 6000 --worlds 601 602 603

Each world is run with the setting `seed` at 1 to 5 and once more at 1. Memberships are compared by the
adjusted Rand index; an account in no cluster is a cluster of its own.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphlink.evaluation import evaluate_clusters
from graphlink.samples import draw_world
from tests.bench.accuracy.ours import graphlink_on_world

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphlink.samples import World


@dataclass(frozen=True)
class Stability:
    """Memberships of one world by several seeds of the algorithm.

    Attributes:
        rand: Adjusted Rand index of every two seeds.
        changed: Per two seeds, the accounts whose set of cluster mates differs.
        n_clustered: Accounts in a cluster, at the first seed.
        is_same_bytes: Whether every table of the first seed, run twice, is the same file.
    """

    rand: tuple[float, ...]
    changed: tuple[int, ...]
    n_clustered: int
    is_same_bytes: bool


def adjusted_rand(one: pa.Table, other: pa.Table) -> float:
    """Adjusted Rand index of two memberships of the same accounts."""
    return evaluate_clusters(other, _as_truth(one)).adjusted_rand


def changed_accounts(one: pa.Table, other: pa.Table) -> int:
    """Accounts whose set of cluster mates is not the same in both memberships."""
    both = _as_truth(one).join(_as_truth(other), "account_id", right_suffix="_other")
    first, second = (
        pc.dictionary_encode(both[name].combine_chunks()).indices.to_numpy()
        for name in ("operator_id", "operator_id_other")
    )
    _, cell, n_both = np.unique(np.stack([first, second]), axis=1, return_inverse=True, return_counts=True)
    n_shared = n_both[cell.ravel()]
    is_same = (np.bincount(first)[first] == n_shared) & (np.bincount(second)[second] == n_shared)
    return int((~is_same).sum())


def _as_truth(membership: pa.Table) -> pa.Table:
    alone = pc.binary_join_element_wise(membership["account_id"], pa.scalar("alone"), pa.scalar(" "))
    return pa.table(
        {
            "account_id": membership["account_id"],
            "operator_id": pc.coalesce(membership["cluster_id"], alone),
        }
    )


def digests(folder: Path) -> dict[str, str]:
    """Digest of every table of a result folder."""
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.glob("*.parquet")}


def measure(world: World, seeds: Sequence[int] = (1, 2, 3, 4, 5)) -> Stability:
    """Run one world by each seed, and by the first seed again."""
    actual, same = [], []
    for seed in (*seeds, seeds[0]):
        with tempfile.TemporaryDirectory() as folder:
            actual.append(graphlink_on_world(world, Path(folder), seed).table("membership"))
            same.append(digests(Path(folder) / "result"))
    pairs = list(itertools.combinations(actual[:-1], 2))
    return Stability(
        tuple(adjusted_rand(*pair) for pair in pairs),
        tuple(changed_accounts(*pair) for pair in pairs),
        len(actual[0]) - actual[0]["cluster_id"].null_count,
        same[0] == same[-1],
    )


def main() -> None:
    """Print one line per world."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.accuracy.stability")
    parser.add_argument("--accounts", type=int, default=20_000, help="accounts of each world")
    parser.add_argument("--worlds", type=int, nargs="+", default=[601], help="seeds of the worlds")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5], help="of the algorithm")
    options = parser.parse_args()
    print("| world | accounts | in clusters | least ARI | mean ARI | most accounts changed | same bytes |")
    print("|---|---|---|---|---|---|---|")
    for seed in options.worlds:
        actual = measure(draw_world(seed, options.accounts), options.seeds)
        rand = f"{min(actual.rand):.4f} | {np.mean(actual.rand):.4f}"
        bytes_told = "yes" if actual.is_same_bytes else "NO"
        changed = f"{max(actual.changed):,}"
        print(
            f"| {seed} | {options.accounts:,} | {actual.n_clustered:,} | {rand} | {changed} | {bytes_told} |",
            flush=True,
        )
        print(actual, file=sys.stderr)


if __name__ == "__main__":
    main()
