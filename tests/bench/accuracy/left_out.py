"""Does a facet left out imply the share of links that is true? And would links be better for it?

    python -m tests.bench.accuracy.left_out --samples default:4000:902 gateway:3000:902
    python -m tests.bench.accuracy.left_out --folders SET...

A folder holds a result in `result`, and truth.parquet (account_id, operator_id). For each sample and facet
the bins that can be judged: what was stated without the facet, what the facet implies, and what is true. Then
how often intervals hold the truth. Last, the links of the whole result before and after a mapping with two
numbers (logit p -> a + b logit p, shrunk to none) that is fitted to what its owned facets imply, without the
truth: their calibration error, and the false ones that are stated .5 and .9 or more.
"""

from __future__ import annotations

import argparse
import math
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from graphlink.api.rerun import facets_of, settings_of, weigh_without
from graphlink.evaluation import evaluate_left_out, evaluate_links
from graphlink.evaluation.left_out import EDGES, SURE
from graphlink.kinds.facets import NETWORK, OWNED_FACETS
from graphlink.result.result import read_result
from tests.bench.accuracy.ours import graphlink_on_world
from tests.bench.accuracy.trials import sample_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphlink.api.rerun import Reweighed
    from graphlink.evaluation import LeftOut
    from graphlink.evaluation.columns import Codes, Floats
    from graphlink.result.result import Result

_OWNED = tuple(facet.name for facet in OWNED_FACETS)
FACETS = (*_OWNED, NETWORK.name)
_SPREAD_A, _SPREAD_B = 1.0, 0.5  # of the shrinking prior of the mapping, in logits


class Judged(NamedTuple):
    """A bin that the facet can judge, beside the truth."""

    facet: str
    stated: float
    implied: float
    low: float
    high: float
    true: float
    n: int
    n_units: int

    @property
    def is_held(self) -> bool:
        return self.low - 1e-9 <= self.true <= self.high + 1e-9


def judged(result: Result, truth: pa.Table) -> tuple[list[LeftOut], list[Judged]]:
    """What every facet of a result implies, and the bins that can be judged beside the truth."""
    facets = facets_of(result, settings_of(result)[0])
    units = result.table("membership", ["account_id", "cluster_id"])
    operator = dict(zip(truth["account_id"].to_pylist(), truth["operator_id"].to_pylist(), strict=True))
    found, rows = [], []
    for facet in FACETS:
        if facet not in facets:
            continue
        rest = weigh_without(result, facets[facet])
        one = evaluate_left_out(facet, rest.links, rest.membership, rest.holdings, rest.held, units=units)
        found.append(one)
        true = _true_shares(rest, operator)
        rows += [
            Judged(facet, b.mean_probability, b.implied, b.implied_low, b.implied_high, share, b.n, b.n_units)
            for b, share in zip(one.bins, true, strict=True)
            if not math.isnan(b.implied)
        ]
    return found, rows


def _true_shares(rest: Reweighed, operator: Mapping[str, str]) -> list[float]:
    """Of each bin the share of links of one operator, of those that can meet."""
    ends = [rest.links[name].to_pylist() for name in ("account_id_l", "account_id_r")]
    kinds: dict[str, set[str]] = {}
    for account, kind in zip(*(rest.held[name].to_pylist() for name in ("account_id", "kind")), strict=True):
        kinds.setdefault(account, set()).add(kind)
    nothing: set[str] = set()
    can = np.array([bool(kinds.get(x, nothing) & kinds.get(y, nothing)) for x, y in zip(*ends, strict=True)])
    true = np.array([operator[x] == operator[y] for x, y in zip(*ends, strict=True)])
    code = _codes(rest.links["probability"].to_numpy())
    return [
        float(true[can & (code == i)].mean()) if (can & (code == i)).any() else math.nan
        for i in range(len(EDGES) - 1)
    ]


def _codes(probability: Floats) -> Codes:
    return np.clip(np.searchsorted(EDGES, probability, side="right") - 1, 0, len(EDGES) - 2)


def mapping_of(rows: Sequence[Judged]) -> tuple[float, float]:
    """The two numbers of the mapping, by what owned facets imply; (0, 1) changes nothing."""
    rows = [row for row in rows if row.facet in _OWNED]
    x = np.array([math.log(row.stated / (1 - row.stated)) for row in rows])
    implied = np.array([row.implied for row in rows])
    weight = np.array([float(row.n_units) for row in rows])  # units, not links: they are what is independent
    best, found = math.inf, (0.0, 1.0)
    for a in np.linspace(-4, 4, 81):
        for b in np.linspace(0, 2, 41):
            p = np.clip(1 / (1 + np.exp(-(a + b * x))), 1e-6, 1 - 1e-6)
            misfit = -(weight * (implied * np.log(p) + (1 - implied) * np.log(1 - p))).sum()
            misfit += a * a / (2 * _SPREAD_A**2) + (b - 1) ** 2 / (2 * _SPREAD_B**2)
            if misfit < best:
                best, found = misfit, (float(a), float(b))
    return found


def mapped(links: pa.Table, a: float, b: float) -> pa.Table:
    """The links with probabilities mapped; what is surely one, on which the mapping rests, stays so."""
    p = np.clip(links["probability"].to_numpy(), 1e-9, 1 - 1e-9)
    after = 1 / (1 + np.exp(-(a + b * np.log(p / (1 - p)))))
    after = np.where(p >= SURE, p, np.minimum(after, SURE))
    place = links.column_names.index("probability")
    return links.set_column(place, "probability", pa.array(after))


def _figures(links: pa.Table, truth: pa.Table) -> str:
    measured = evaluate_links(links, truth)
    n_false = []
    for limit in (0.5, 0.9):
        chosen = links.filter(pc.greater_equal(links["probability"], limit))
        kept = evaluate_links(chosen, truth)
        n_false.append(f"{kept.n - kept.n_true} of {kept.n}")
    return (
        f"error {measured.expected_error:.3f}, above .5 {measured.expected_error_above_half:.3f}; "
        f"false from .5 on {n_false[0]}, from .9 on {n_false[1]}"
    )


def report(name: str, result: Result, truth: pa.Table) -> list[Judged]:
    """Print what is found of one result."""
    found, rows = judged(result, truth)
    for one in found:
        print(
            f"{name} {one.facet}: {one.n} links, {one.n_missing} without a value; "
            f"{one.n_groups} groups surely one, {one.n_unseen} unseen; "
            f"meet {one.share_of_one:.2f}, by chance {one.share_by_chance:.4f}; "
            f"error {one.expected_error:.3f}, beyond doubt {one.error_beyond_doubt:.3f}"
        )
        for remark in one.remarks:
            print(f"   {remark}")
        for row in rows:
            if row.facet == one.facet:
                print(
                    f"   {row.n} links of {row.n_units}: stated {row.stated:.2f}, implied {row.implied:.2f} "
                    f"({row.low:.2f} to {row.high:.2f}), true {row.true:.2f}{'' if row.is_held else ' OUT'}"
                )
    a, b = mapping_of(rows)
    links = result.table("links")
    print(f"   before: {_figures(links, truth)}")
    print(f"   after a {a:.1f}, b {b:.2f}: {_figures(mapped(links, a, b), truth)}", flush=True)
    return rows


def main() -> None:
    """Print what is found of each sample and folder, and of all how often intervals hold the truth."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.accuracy.left_out")
    parser.add_argument("--samples", nargs="*", default=[], metavar="SCENARIO:ACCOUNTS:SEED")
    parser.add_argument("--folders", nargs="*", type=Path, default=[])
    options = parser.parse_args()
    rows: list[Judged] = []
    for text in options.samples:
        world = sample_of(text)
        with tempfile.TemporaryDirectory() as folder:
            rows += report(text, graphlink_on_world(world, Path(folder)), world.truth)
    for folder in options.folders:
        truth = pq.read_table(folder / "truth.parquet")
        rows += report(folder.name, read_result(folder / "result"), truth)
    for facet in FACETS:
        of = [row for row in rows if row.facet == facet]
        if of:
            n = sum(row.n for row in of)
            stated, implied = (
                sum(row.n * abs(getattr(row, name) - row.true) for row in of) / n
                for name in ("stated", "implied")
            )
            print(
                f"{facet}: {sum(row.is_held for row in of)} of {len(of)} intervals hold the truth; "
                f"distance to it, of what is stated {stated:.3f}, of what is implied {implied:.3f}"
            )


if __name__ == "__main__":
    main()
