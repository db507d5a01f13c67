"""A Markdown table of methods over trials, each in its own process with a limit of time and of memory.

    python -m tests.bench.accuracy --planted 20000 --seeds 1 2 3 --methods graphlink components
    python -m tests.bench.accuracy --samples gateway:3000:771 --folders SET...

A folder holds observations.parquet (account_id, kind, value, seen_at, n) and truth.parquet (account_id,
operator_id or operator, optionally style). Needs the dependency group `bench`.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import multiprocessing.connection
import resource
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from graphlink.evaluation import Measures, evaluate_clusters
from tests.bench.accuracy.trials import Trial, draw_trial, read_trial, sample_trial

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

PEERS = (
    "link_nothing", "components", "idf_louvain", "evilcohort", "botgraph", "synchrotrap", "pacheco",
    "splink", "splink_strict",
)  # fmt: skip
METHODS = ("graphlink", *PEERS)
COLUMNS = (
    "trial", "method", "clusters", "largest", "pair P", "pair R", "pair F1", "B3 P", "B3 R", "B3 F1",
    "B3 F1 partnered", "ARI", "wrongly flagged %", "s", "MB",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One method on one trial: what it scored and cost, or why it did not finish."""

    trial: str
    family: str
    method: str
    numbers: tuple[float, ...] = ()
    failure: str = ""

    def cells(self) -> tuple[str, ...]:
        if self.failure:
            return (self.trial, self.method, self.failure, *[""] * (len(COLUMNS) - 3))
        clusters, largest, *scores, seconds, megabytes = self.numbers
        shown = ["" if math.isnan(score) else f"{score:.3f}" for score in scores]
        return (
            self.trial,
            self.method,
            f"{clusters:.0f}",
            f"{largest:.0f}",
            *shown,
            f"{seconds:.1f}",
            f"{megabytes:.0f}",
        )


def find_membership(method: str, trial: Trial) -> pa.Table:
    """The membership a method finds."""
    if method == "graphlink":
        from tests.bench.accuracy.ours import graphlink

        return graphlink(trial.observations)
    label = _peer(method)(trial.sightings)
    return pa.table(
        {
            "account_id": pa.array(trial.sightings.accounts, pa.string()),
            "cluster_id": pa.array(label, pa.int64(), mask=label < 0),
        }
    )


def _peer(method: str) -> Callable[..., np.ndarray]:
    from tests.bench.accuracy import peers, splink_peer

    ours = {"splink": splink_peer.fellegi_sunter, "splink_strict": splink_peer.strict_fellegi_sunter}
    actual: Callable[..., np.ndarray] = ours.get(method) or getattr(peers, method)
    return actual


def score(method: str, trial: Trial) -> Row:
    """Run one method on one trial, here."""
    start = time.perf_counter()
    membership = find_membership(method, trial)
    seconds = time.perf_counter() - start
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Row(
        trial.name,
        trial.family,
        method,
        (*_numbers(evaluate_clusters(membership, trial.truth)), seconds, megabytes),
    )


def _numbers(measures: Measures) -> tuple[float, ...]:
    pairs, bcubed = measures.pairs, measures.bcubed
    return (
        measures.n_clusters,
        measures.largest_cluster,
        pairs.precision,
        pairs.recall,
        pairs.f1,
        bcubed.precision,
        bcubed.recall,
        bcubed.f1,
        measures.bcubed_partnered.f1,
        measures.adjusted_rand,
        100 * measures.wrongly_flagged_rate,
    )


def score_apart(method: str, trial: Trial, seconds: float, gigabytes: float) -> Row:
    """Run one method on one trial in a process of its own that may not take more than this."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_score_into, args=(theirs, method, trial, gigabytes))
    process.start()
    theirs.close()
    ready = multiprocessing.connection.wait([ours, process.sentinel], seconds)
    failure = "its process died" if ready else f"over {seconds:.0f} s"
    try:
        if ours in ready:
            actual: Row = ours.recv()
            return actual
    except EOFError:
        failure = "its process died"
    finally:
        process.kill()
        process.join()
    return Row(trial.name, trial.family, method, failure=failure)


def _score_into(pipe: Connection, method: str, trial: Trial, gigabytes: float) -> None:
    limit = int(gigabytes * 2**30)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    try:
        row = score(method, trial)
    except MemoryError:
        row = Row(trial.name, trial.family, method, failure=f"over {gigabytes:g} GB")
    except Exception as error:  # noqa: BLE001  (a method that fails is a row of the table)
        row = Row(trial.name, trial.family, method, failure=f"{type(error).__name__}: {error}"[:80])
    pipe.send(row)


def means(rows: list[Row]) -> list[Row]:
    """Mean per family and method, where a family has several trials and all were finished."""
    grouped: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row.family, row.method].append(row)
    return [
        Row(
            f"{family}, mean of {len(some)}",
            family,
            method,
            tuple(np.mean([row.numbers for row in some], axis=0)),
        )
        for (family, method), some in grouped.items()
        if len(some) > 1 and not any(row.failure for row in some)
    ]


def markdown(rows: list[Row]) -> str:
    lines = [COLUMNS, tuple("---" for _ in COLUMNS), *(row.cells() for row in rows)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def main() -> None:
    """Print the table; progress goes to stderr."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.accuracy")
    parser.add_argument(
        "--folders", nargs="*", type=Path, default=[], help="folders with observations and truth"
    )
    parser.add_argument(
        "--planted", nargs="*", type=int, default=[], help="sizes of planted worlds, in accounts"
    )
    parser.add_argument(
        "--samples",
        nargs="*",
        default=[],
        metavar="SCENARIO:ACCOUNTS:SEED",
        help="planted samples by scenario",
    )
    parser.add_argument("--seeds", nargs="*", type=int, default=[1], help="seeds of the planted worlds")
    parser.add_argument("--methods", nargs="*", choices=METHODS, default=METHODS)
    parser.add_argument("--seconds", type=float, default=600, help="limit per method and trial")
    parser.add_argument("--gigabytes", type=float, default=8, help="limit per method and trial")
    options = parser.parse_args()
    trials = [partial(read_trial, folder) for folder in options.folders]
    worlds = [partial(draw_trial, n, seed) for n in options.planted for seed in options.seeds]
    rows = []
    samples = [partial(sample_trial, text) for text in options.samples]
    for make in (*trials, *worlds, *samples):
        trial = make()
        for method in options.methods:
            rows.append(score_apart(method, trial, options.seconds, options.gigabytes))
            print(" | ".join(rows[-1].cells()), file=sys.stderr, flush=True)
    print(markdown(rows + means(rows)))
