"""Estimates of the measures of a whole clustering where only a sample of it is labelled."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphlink.core.errors import InputError
from graphlink.evaluation.contingency import Cells, Clustering, Truth, read_clustering, read_truth
from graphlink.evaluation.representation import Representation

if TYPE_CHECKING:
    from graphlink.evaluation.columns import Codes, Floats

_Z = 1.959963984540054  # two-sided 95 %


@dataclass(frozen=True, slots=True, repr=False)
class Interval(Representation):
    """An estimate with its 95 % interval."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, repr=False)
class Estimates(Representation):
    """Measures of the whole clustering, estimated from a labelled sample; None where it can't be estimated.

    Attributes:
        design: What was sampled: operators or clusters.
        n_units: Operators or clusters in the sample.
        n_accounts: Labelled accounts.
        pair_precision: Of pairs in one cluster, the share of one operator.
        pair_recall: Of pairs of one operator, the share in one cluster.
        pair_f1: Their harmonic mean.
        bcubed_precision: Mean over accounts of the share of their cluster that is of their operator.
        bcubed_recall: Mean over accounts of the share of their operator that is in their cluster.
    """

    design: str
    n_units: int
    n_accounts: int
    pair_precision: Interval
    pair_recall: Interval | None
    pair_f1: Interval | None
    bcubed_precision: Interval
    bcubed_recall: Interval | None


def estimate_from_sample(
    membership: pa.Table, labels: pa.Table, *, design: Literal["operators", "clusters"] = "clusters"
) -> Estimates:
    """Estimate the measures of a whole clustering from a labelled sample of it.

    Each measure is a ratio of totals over operators (or clusters), estimated by the weighted ratio estimator
    over the sampled units, as in Binette, York, Hickerson, Baek, Madhavan and Jones (2022, "Estimating the
    performance of entity resolution algorithms"). The interval is Wilson's, at the effective sample size that
    the linearised variance of the ratio implies (Korn and Graubard 1998), never more than the number of
    sampled units that carry weight: a perfect sample of ten does not give an interval of no width.

    Args:
        membership: account_id, cluster_id (null: in no cluster) of every account.
        labels: account_id, operator_id (or operator), and optionally weight: one over the chance of the unit
            to be in the sample, the same for all its accounts; without it all units had the same chance.
        design: "clusters": predicted clusters were drawn and every account in them was labelled, which gives
            precision (B-cubed precision over clustered accounts). "operators": operators were drawn and
            every account of each is in the labels, which gives precision and recall.

    Raises:
        InputError: A column is missing, an account is labelled twice, a weight is not positive or differs
            within a unit, or (clusters) an account of a sampled cluster has no label.
    """
    reference = read_truth(labels)
    clustering = read_clustering(membership, reference)
    cells = Cells.made(clustering.cluster, reference.operator)
    weight = _weights(labels, reference)
    if design == "operators":
        return _from_operators(cells, clustering, weight)
    if design == "clusters":
        return _from_clusters(cells, clustering, weight)
    raise InputError(f"design {design!r}: operators or clusters")


def _weights(labels: pa.Table, reference: Truth) -> Floats:
    if "weight" not in labels.column_names:
        return np.ones(len(reference.operator))
    weight = np.asarray(
        pc.cast(labels.column("weight"), pa.float64()).to_numpy()[reference.rows], dtype=np.float64
    )
    if not (np.isfinite(weight) & (weight > 0)).all():
        raise InputError("labels: a weight is null or not positive")
    return weight


def _unit_weights(unit: Codes, weight: Floats) -> Floats:
    n = np.bincount(unit)
    mean = np.bincount(unit, weights=weight) / n
    if not np.allclose(mean[unit], weight):
        raise InputError("labels: weights differ within one sampled operator or cluster")
    return mean


def _from_operators(cells: Cells, clustering: Clustering, weight: Floats) -> Estimates:
    """Each pair across operators is claimed by two of them: either counts half of it."""
    operator = cells.operator[cells.cell_of]
    weights = _unit_weights(operator, weight)

    def total(values: Any) -> Floats:
        return np.asarray(np.bincount(operator, weights=values), dtype=np.float64)

    right = total((cells.shared - 1) / 2)
    claimed = right + total((clustering.full_size - cells.shared) / 2)
    true = total((cells.own_operator_size - 1) / 2)
    n = total(np.ones(len(operator)))
    return Estimates(
        design="operators",
        n_units=len(weights),
        n_accounts=len(operator),
        pair_precision=_ratio_interval(right, claimed, weights),
        pair_recall=_ratio_interval(right, true, weights),
        pair_f1=_ratio_interval(2 * right, claimed + true, weights),
        bcubed_precision=_ratio_interval(total(cells.shared / clustering.full_size), n, weights),
        bcubed_recall=_ratio_interval(total(cells.shared / cells.own_operator_size), n, weights),
    )


def _from_clusters(cells: Cells, clustering: Clustering, weight: Floats) -> Estimates:
    placed = clustering.is_placed
    if not placed.any():
        raise InputError("labels: no labelled account is in a cluster")
    if (cells.own_cluster_size != clustering.full_size)[placed].any():
        raise InputError("labels: an account of a sampled cluster has no label; label whole clusters")
    unit = np.unique(clustering.given[placed], return_inverse=True)[1]
    weights = _unit_weights(unit, weight[placed])
    shared, size = cells.shared[placed], clustering.full_size[placed]

    def total(values: Any) -> Floats:
        return np.asarray(np.bincount(unit, weights=values), dtype=np.float64)

    return Estimates(
        design="clusters",
        n_units=len(weights),
        n_accounts=len(unit),
        pair_precision=_ratio_interval(total((shared - 1) / 2), total((size - 1) / 2), weights),
        pair_recall=None,
        pair_f1=None,
        bcubed_precision=_ratio_interval(total(shared / size), total(np.ones(len(unit))), weights),
        bcubed_recall=None,
    )


def _ratio_interval(numerator: Floats, denominator: Floats, weight: Floats) -> Interval:
    """Ratio of weighted totals with its 95 % interval; NaN when the denominator is zero."""
    chosen = denominator > 0
    numerator, denominator, weight = numerator[chosen], denominator[chosen], weight[chosen]
    total = float((weight * denominator).sum())
    if not total:
        return Interval(math.nan, math.nan, math.nan)
    ratio = min(1.0, float((weight * numerator).sum()) / total)
    n = _effective_units(ratio, numerator, denominator, weight)
    centre = (ratio + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * math.sqrt(ratio * (1 - ratio) / n + _Z**2 / (4 * n * n))
    low, high = max(0.0, centre - half), min(1.0, centre + half)
    return Interval(ratio, min(low, ratio), max(high, ratio))  # rounding may put the bounds just inside


def _effective_units(ratio: float, numerator: Floats, denominator: Floats, weight: Floats) -> float:
    """Independent yes-or-no trials that would give the ratio this variance; at most Kish's number."""
    carried = weight * denominator
    kish = float(carried.sum() ** 2 / (carried**2).sum())
    n_units = len(numerator)
    spread = float(((weight * (numerator - ratio * denominator)) ** 2).sum()) / float(carried.sum()) ** 2
    if n_units < 2 or spread <= 0:
        return kish
    variance = spread * n_units / (n_units - 1)
    return max(1.0, min(kish, ratio * (1 - ratio) / variance))
