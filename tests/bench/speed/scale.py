"""Numbers behind the plan for ten billion observations: `python -m tests.bench.speed.scale`.

Draws how many accounts hold a value from a power law, partitions the values by hash, and counts rows and
pairs per partition with and without a first stage that takes out hubs. Times follow from rates of one core.
"""

from __future__ import annotations

import argparse
from typing import NamedTuple

import numpy as np

N_OBSERVATIONS = 10_000_000_000
OBSERVATIONS_PER_HOLDING = 4.0  # rows that fold into one of account, kind and value
EXPONENT = 2.2  # of the number of holders: most values have one
MOST_HOLDERS = 50_000_000
CAP = 128  # holders in a window beyond which a value makes no pairs
# Fifty million rows took DuckDB 49 s and 38 million links 25 s on two cores; Spark took six times as long.
ROWS_PER_CORE = 85_000  # read and grouped a second
PAIRS_PER_CORE = 125_000  # made and added up a second
SHUFFLED = 60  # bytes of a row between machines
N_DRAWN = 20_000_000
SEED = 1


class Cluster(NamedTuple):
    """Machines, cores and network of each, and what a machine costs an hour."""

    n_machines: int
    n_cores: int
    gigabits: float
    dollars: float


class Share(NamedTuple):
    """What partitions hold: the mean, and how many times it the fullest has."""

    mean: float
    skew: float


def draw_holders(n: int, seed: int = SEED) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Numbers of holders of n values, by a power law."""
    draws = np.random.default_rng(seed).random(n)
    actual = np.floor(draws ** (-1 / (EXPONENT - 1)))
    return np.minimum(actual, MOST_HOLDERS).astype(np.int64)


def share_out(weights: np.ndarray[tuple[int], np.dtype[np.int64]], n_partitions: int, factor: float) -> Share:
    """Let values of these weights fall into partitions by hash."""
    partition = np.random.default_rng(SEED + 1).integers(0, n_partitions, len(weights))
    held = np.bincount(partition, weights, n_partitions)
    return Share(float(held.mean()) * factor, float(held.max() / held.mean()))


def main() -> None:
    """Print the plan's numbers."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.speed.scale")
    parser.add_argument("--machines", type=int, default=20)
    parser.add_argument("--cores", type=int, default=16)
    parser.add_argument("--gigabits", type=float, default=10)
    parser.add_argument("--dollars", type=float, default=0.8)
    parser.add_argument("--partitions", type=int, default=4096)
    options = parser.parse_args()
    cluster = Cluster(options.machines, options.cores, options.gigabits, options.dollars)
    holders = draw_holders(N_DRAWN)
    factor = N_OBSERVATIONS / OBSERVATIONS_PER_HOLDING / int(holders.sum())
    kept = np.where((holders > 1) & (holders <= CAP), holders, 0)
    every_pair = holders.astype(np.float64) * (holders - 1) / 2
    pairs = float((kept * (kept - 1) // 2).sum()) * factor
    shares = {
        "holdings, by hash of the value": share_out(holders, options.partitions, factor),
        "holdings below the cap": share_out(kept, options.partitions, factor),
        "pairs below the cap": share_out(kept * (kept - 1) // 2, options.partitions, factor),
    }
    print(f"holdings {holders.sum() * factor:.3g}, values {len(holders) * factor:.3g}")
    print(f"pairs of all values {every_pair.sum() * factor:.3g}, of values below the cap {pairs:.3g}")
    for name, share in shares.items():
        print(f"{name}: {share.mean:.3g} per partition, the fullest {share.skew:.2f} times that")
    n_cores = cluster.n_machines * cluster.n_cores
    seconds = {
        "group": N_OBSERVATIONS / ROWS_PER_CORE / n_cores,
        "pairs": pairs / PAIRS_PER_CORE / n_cores * shares["pairs below the cap"].skew,
        "shuffles": 3 * N_OBSERVATIONS / OBSERVATIONS_PER_HOLDING * SHUFFLED * 8
        / (cluster.n_machines * cluster.gigabits * 1e9)
        + 2 * pairs * SHUFFLED * 8 / (cluster.n_machines * cluster.gigabits * 1e9),
    }  # fmt: skip
    for name, taken in seconds.items():
        print(f"{name}: {taken / 60:.1f} min")
    hours = sum(seconds.values()) / 3600
    print(f"in all {hours:.2f} h, {hours * cluster.n_machines * cluster.dollars:.2f} dollars")


if __name__ == "__main__":
    main()
