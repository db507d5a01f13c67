"""How planted samples of several scenarios are judged: one row each, and recall by style.

    python -m tests.bench.accuracy.styles default:4000:21 gateway:3000:22 held_out:3000:79

Strangers are honest accounts in a cluster with somebody else's, of all honest ones, but for households with
one card and customers of one reseller, which the metadata do not separate. Calibration error: of links from
.5 on, the mean distance of their probability from how many are true, in bins. Last column: of the clusters
with `fdr` up to 5 %, those in which most pairs have two operators.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from graphlink.evaluation import evaluate_clusters
from graphlink.samples import draw_world
from graphlink.samples.dials import FARM_STYLES
from graphlink.samples.scenarios import scenarios
from tests.bench.accuracy.ours import graphlink_on_world

if TYPE_CHECKING:
    from graphlink.result.result import Result
    from graphlink.samples import World

OWN_ORGANISATION = ("company", "sso_firm")
INSEPARABLE = ("household", "reseller_customer")
MOST_FDR = 0.05
BINS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.01)


class Row(NamedTuple):
    """What is said of one sample; shares."""

    strangers: float
    precision: float
    recall: float
    f1: float
    bcubed: float
    calibration: float
    n_sure: int
    n_sure_false: int
    by_style: dict[str, float]
    wrong: dict[str, int]


def row_of(world: World, result: Result) -> Row:
    """The row of a sample and its result."""
    truth = world.truth.to_pydict()
    operator = dict(zip(truth["account_id"], truth["operator_id"], strict=True))
    style = dict(zip(truth["account_id"], truth["style"], strict=True))
    members = result.table("membership").to_pydict()
    cluster = {
        account: one
        for account, one in zip(members["account_id"], members["cluster_id"], strict=True)
        if one is not None
    }
    measured = evaluate_clusters(result.table("membership"), world.truth)
    wrong = _wrong(operator, style, cluster)
    n_honest = sum(one not in FARM_STYLES for one in style.values())
    n_strangers = sum(n for name, n in wrong.items() if name not in (*FARM_STYLES, *INSEPARABLE))
    return Row(
        n_strangers / n_honest,
        *(measured.pairs.precision, measured.pairs.recall, measured.pairs.f1),
        measured.bcubed_partnered.f1,
        calibration_error(result, operator),
        *_sure(result, operator, cluster),
        _recall(operator, style, cluster),
        wrong,
    )


def calibration_error(result: Result, operator: dict[str, str]) -> float:
    """The mean distance of the probabilities of links from how many are true, in bins."""
    links = result.table("links").to_pydict()
    probability = np.array(links["probability"])
    pairs = zip(links["account_id_l"], links["account_id_r"], strict=True)
    is_true = np.array([operator[x] == operator[y] for x, y in pairs], dtype=bool)
    of_bin = np.digitize(probability, BINS)
    total = 0.0
    for one in range(1, len(BINS)):
        inside = of_bin == one
        if inside.any():
            total += inside.sum() * abs(probability[inside].mean() - is_true[inside].mean())
    return float(total / max(int((of_bin > 0).sum()), 1))


def _sure(result: Result, operator: dict[str, str], cluster: dict[str, str]) -> tuple[int, int]:
    """The clusters with `fdr` up to 5 %, and those of them in which most pairs have two operators."""
    members = defaultdict(list)
    for account, one in cluster.items():
        members[one].append(operator[account])
    rows = result.table("clusters").to_pydict()
    sure = [
        one
        for one, fdr in zip(rows["cluster_id"], rows["fdr"], strict=True)
        if fdr is not None and fdr <= MOST_FDR
    ]
    return len(sure), sum(_share_of_pairs(members[one]) < 0.5 for one in sure)


def _share_of_pairs(operators: list[str]) -> float:
    """The share of pairs that have one operator."""
    n = len(operators)
    return sum(k * (k - 1) for k in Counter(operators).values()) / (n * (n - 1))


def _wrong(operator: dict[str, str], style: dict[str, str], cluster: dict[str, str]) -> dict[str, int]:
    """By style the accounts in a cluster with somebody else's."""
    operators = defaultdict(set)
    for account, one in cluster.items():
        operators[one].add(operator[account])
    return dict(Counter(style[account] for account, one in cluster.items() if len(operators[one]) > 1))


def _recall(operator: dict[str, str], style: dict[str, str], cluster: dict[str, str]) -> dict[str, float]:
    """B-cubed recall by style, over accounts of operators with several."""
    size = Counter(operator.values())
    together = Counter((operator[account], one) for account, one in cluster.items())
    found = defaultdict(list)
    for account, one in operator.items():
        if size[one] > 1 and style[account] in (*FARM_STYLES, *OWN_ORGANISATION):
            n = together[one, cluster[account]] if account in cluster else 1
            found[style[account]].append(n / size[one])
    return {name: float(np.mean(shares)) for name, shares in sorted(found.items())}


def main() -> None:
    """Print a row for each sample."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("samples", nargs="+", metavar="SCENARIO:ACCOUNTS:SEED")
    for sample in parser.parse_args().samples:
        name, n_accounts, seed = sample.split(":")
        world = draw_world(int(seed), int(n_accounts), scenarios[name])
        with tempfile.TemporaryDirectory() as folder:
            row = row_of(world, graphlink_on_world(world, Path(folder)))
        figures = " | ".join(f"{figure:.3f}" for figure in row[1:6])
        sure = f"{row.n_sure_false} of {row.n_sure}"
        print(
            f"| {name} ({n_accounts}, {seed}) | {100 * row.strangers:.2f} % | {figures} | {sure} |",
            flush=True,
        )
        print("   recall:", ", ".join(f"{one} {share:.2f}" for one, share in row.by_style.items()))
        print(
            "   in mixed clusters:",
            ", ".join(f"{one} {n}" for one, n in sorted(row.wrong.items())),
            flush=True,
        )


if __name__ == "__main__":
    main()
