"""Probabilities of links and members against a known truth."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphlink.core.arguments import checked
from graphlink.core.errors import InputError
from graphlink.evaluation.columns import (
    Flags,
    Floats,
    codes_of,
    column_of,
    positions_of,
    unique_accounts,
)
from graphlink.evaluation.contingency import Cells, read_truth
from graphlink.evaluation.ratios import count_pairs, mean_of, ratio_of
from graphlink.evaluation.representation import Representation
from graphlink.storage.arrow_values import one_array

if TYPE_CHECKING:
    from collections.abc import Iterable

N_BINS = 10
THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)


@dataclass(frozen=True, slots=True, repr=False)
class CalibrationBin(Representation):
    """Claims whose probability lies in [low, high), the last bin closed, and the share that is true."""

    low: float
    high: float
    n: int
    mean_probability: float
    share_true: float


@dataclass(frozen=True, slots=True, repr=False)
class ThresholdPoint(Representation):
    """Claims of at least this probability: how many, how many of them true, and of all that is true."""

    threshold: float
    n: int
    precision: float
    recall: float


@dataclass(frozen=True, slots=True, repr=False)
class Calibration(Representation):
    """Probabilities against the truth.

    Attributes:
        n: Claims (links, or members) that the truth can judge.
        n_unknown: Claims it can't; left out.
        n_true: Claims that are true.
        n_true_all: True pairs in the whole truth, linked or not; for members, the same as `n_true`.
        expected_error: Expected calibration error: mean over claims of |claimed - true| of their bin.
        expected_error_above_half: The same over claims above 0.5.
        brier: Mean squared difference of probability and truth.
        bins: The reliability table.
        thresholds: Precision and recall above thresholds.
    """

    n: int
    n_unknown: int
    n_true: int
    n_true_all: int
    expected_error: float
    expected_error_above_half: float
    brier: float
    bins: tuple[CalibrationBin, ...]
    thresholds: tuple[ThresholdPoint, ...]


@checked
def evaluate_links(links: pa.Table, truth: pa.Table) -> Calibration:
    """Hold the probabilities of links against the truth.

    Args:
        links: account_id_l, account_id_r, probability; one row per pair.
        truth: account_id, operator_id (or operator); one row per account.

    Returns:
        The expected calibration error, and bins of the probability with the share that is true in each.

    Raises:
        InputError: A column is missing, a probability is not in [0, 1], or an account is twice in the truth.
    """
    reference = read_truth(truth)
    left, right = (
        positions_of(column_of(links, "links", (name,)), reference.accounts)
        for name in ("account_id_l", "account_id_r")
    )
    known = (left >= 0) & (right >= 0)
    is_true = reference.operator[left[known]] == reference.operator[right[known]]
    n_true_all = count_pairs(np.bincount(reference.operator))
    return _calibration(probabilities_of(links, "links")[known], is_true, int((~known).sum()), n_true_all)


def evaluate_membership(membership: pa.Table, truth: pa.Table) -> Calibration:
    """Hold the probabilities of members against the truth.

    A member is right when its operator is its cluster's majority operator: the one with most known accounts
    there, at least two (of equals, the one that sorts first). A member alone among strangers, or among
    accounts the truth does not know, proves nothing of a cluster: clusters with one known account count as
    unknown, and in a cluster of strangers nobody is right.

    Args:
        membership: account_id, cluster_id (null: in no cluster, left out), probability.
        truth: account_id, operator_id (or operator); one row per account.

    Raises:
        InputError: As for `evaluate_clusters`, or a probability of a member is not in [0, 1].
    """
    reference = read_truth(truth)
    members = membership.filter(pc.is_valid(column_of(membership, "membership", ("cluster_id",))))
    position = positions_of(unique_accounts(members, "membership"), reference.accounts)
    cluster = codes_of(column_of(members, "membership", ("cluster_id",)))
    known = position >= 0
    known &= np.bincount(cluster[known], minlength=len(cluster))[cluster] >= 2
    cells = Cells.made(cluster[known], reference.operator[position[known]])
    probability = probabilities_of(members, "membership")[known]
    n_true = int(cells.is_majority.sum())
    return _calibration(probability, cells.is_majority, int((~known).sum()), n_true)


def probabilities_of(table: pa.Table, what: str) -> Floats:
    """The column probability of a table; an error when one is null or not in [0, 1]."""
    column = one_array(column_of(table, what, ("probability",)))
    values = np.asarray(pc.cast(column, pa.float64()).fill_null(math.nan).to_numpy(zero_copy_only=False))
    if not ((values >= 0) & (values <= 1)).all():
        raise InputError(f"{what}: a probability is null or not in [0, 1]")
    return values


def _calibration(probability: Floats, is_true: Flags, n_unknown: int, n_true_all: int) -> Calibration:
    bins = _bins(probability, is_true)
    high = probability > 0.5
    return Calibration(
        n=len(probability),
        n_unknown=n_unknown,
        n_true=int(is_true.sum()),
        n_true_all=n_true_all,
        expected_error=_expected_error(bins),
        expected_error_above_half=_expected_error(_bins(probability[high], is_true[high])),
        brier=mean_of((probability - is_true) ** 2),
        bins=bins,
        thresholds=tuple(_threshold(limit, probability, is_true, n_true_all) for limit in THRESHOLDS),
    )


def _bins(probability: Floats, is_true: Flags) -> tuple[CalibrationBin, ...]:
    edges = np.arange(N_BINS + 1) / N_BINS
    code = np.minimum(np.searchsorted(edges, probability, side="right") - 1, N_BINS - 1)
    n = np.bincount(code, minlength=N_BINS)
    claimed = np.bincount(code, weights=probability, minlength=N_BINS)
    true = np.bincount(code, weights=is_true, minlength=N_BINS)
    return tuple(
        CalibrationBin(
            float(edges[i]),
            float(edges[i + 1]),
            int(n[i]),
            ratio_of(claimed[i], n[i]),
            ratio_of(true[i], n[i]),
        )
        for i in range(N_BINS)
    )


def _expected_error(bins: Iterable[CalibrationBin]) -> float:
    filled = [one for one in bins if one.n]
    return ratio_of(
        sum(one.n * abs(one.mean_probability - one.share_true) for one in filled), sum(b.n for b in filled)
    )


def _threshold(limit: float, probability: Floats, is_true: Flags, n_true_all: int) -> ThresholdPoint:
    chosen = probability >= limit
    right = is_true[chosen].sum()
    return ThresholdPoint(
        limit, int(chosen.sum()), ratio_of(right, chosen.sum()), ratio_of(right, n_true_all)
    )
