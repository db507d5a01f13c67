"""Clusters against a known truth: pairs, B-cubed, adjusted Rand, edits, wrongly flagged, review effort."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from graphlink.core.arguments import checked
from graphlink.core.errors import InputError
from graphlink.evaluation.contingency import (
    Cells,
    Clustering,
    Truth,
    cluster_values,
    read_clustering,
    read_truth,
)
from graphlink.evaluation.distance import entropy_cost, merge_distance, no_cost, unit_cost
from graphlink.evaluation.ratios import count_pairs, mean_of, ratio_of
from graphlink.evaluation.representation import Representation

if TYPE_CHECKING:
    from collections.abc import Collection

    import pyarrow as pa

    from graphlink.evaluation.columns import Codes, Flags, Floats

REVIEWED = (100, 1_000, 10_000)


@dataclass(frozen=True, slots=True, repr=False)
class Scores(Representation):
    """Precision, recall and their harmonic mean."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True, repr=False)
class StyleMeasures(Representation):
    """How the accounts of one style fared.

    Attributes:
        style: The truth's word for the kind of account.
        n_accounts: Accounts of the style.
        bcubed_precision: Mean over them of the share of their cluster that is of their operator.
        bcubed_recall: Mean over them of the share of their operator that is in their cluster.
        share_clustered: Share that is in a cluster of at least two accounts.
        share_with_stranger: Share that shares a cluster with an account of another operator.
    """

    style: str
    n_accounts: int
    bcubed_precision: float
    bcubed_recall: float
    share_clustered: float
    share_with_stranger: float


@dataclass(frozen=True, slots=True, repr=False)
class ReviewPoint(Representation):
    """What a reviewer has identified after some clusters, strongest first.

    Attributes:
        n_clusters: Clusters reviewed.
        n_reviewed: Known accounts in them.
        n_found: Accounts of the majority operator of their cluster, where it has at least two there.
        found_per_100: Accounts found per 100 reviewed.
    """

    n_clusters: int
    n_reviewed: int
    n_found: int
    found_per_100: float


@dataclass(frozen=True, slots=True, repr=False)
class Measures(Representation):
    """A clustering against the truth.

    Attributes:
        n_accounts: Accounts whose operator is known; all measures are over these.
        n_missing: Those of them that the membership lacks (each counts as in no cluster).
        n_unknown: Accounts of the membership that the truth does not know; left out.
        n_clusters: Clusters of at least two accounts, unknown accounts included.
        largest_cluster: Accounts in the largest, unknown accounts included.
        n_operators: Operators of at least two accounts.
        n_true_pairs: Pairs of accounts of one operator.
        n_claimed_pairs: Pairs of known accounts in one cluster.
        pairs: Over pairs of accounts.
        bcubed: Over accounts (Bagga and Baldwin 1998).
        bcubed_partnered: The same over accounts whose operator has another account.
        adjusted_rand: Adjusted Rand index (Hubert and Arabie 1985); 1 is the truth, 0 is chance.
        n_splits: Least number of splits, and
        n_merges: merges, that turn the clusters into the truth (generalized merge distance at unit cost).
        variation_of_information: Bits between the two (the same distance at entropy cost).
        n_honest: Honest accounts.
        n_wrongly_flagged: Honest accounts that share a cluster with an account of another operator.
        wrongly_flagged_rate: Share of honest accounts so flagged.
        review: Review effort, strongest cluster first.
        styles: One row per style, when the truth names styles.
    """

    n_accounts: int
    n_missing: int
    n_unknown: int
    n_clusters: int
    largest_cluster: int
    n_operators: int
    n_true_pairs: int
    n_claimed_pairs: int
    pairs: Scores
    bcubed: Scores
    bcubed_partnered: Scores
    adjusted_rand: float
    n_splits: int
    n_merges: int
    variation_of_information: float
    n_honest: int
    n_wrongly_flagged: int
    wrongly_flagged_rate: float
    review: tuple[ReviewPoint, ...]
    styles: tuple[StyleMeasures, ...]


@checked
def evaluate_clusters(
    membership: pa.Table,
    truth: pa.Table,
    *,
    clusters: pa.Table | None = None,
    honest_styles: Collection[str] | None = None,
) -> Measures:
    """Score clusters against the truth.

    Args:
        membership: account_id, cluster_id (null: in no cluster); one row per account.
        truth: account_id, operator_id (or operator), optionally style; one row per account.
        clusters: cluster_id, score: the order of review; None reviews the largest cluster first.
        honest_styles: Styles whose accounts are honest; None takes the only accounts of their operator.

    Returns:
        Precision and recall of pairs and by account (B-cubed), shares from 0 to 1, and honest accounts
        flagged.

    Raises:
        InputError: A column is missing, an account is there twice, no account of the truth is in the
            membership, or honest styles are named and the truth has no styles.
    """
    reference = read_truth(truth)
    clustering = read_clustering(membership, reference)
    cells = Cells.made(clustering.cluster, reference.operator)
    honest = _honest(reference, cells, honest_styles)
    flagged = honest & cells.is_mixed_cluster
    n_splits, n_merges = _edits(clustering.cluster, reference.operator)
    return Measures(
        n_accounts=len(reference.operator),
        n_missing=clustering.n_missing,
        n_unknown=clustering.n_unknown,
        n_clusters=int((clustering.sizes >= 2).sum()),
        largest_cluster=int(clustering.sizes[clustering.sizes >= 2].max(initial=0)),
        n_operators=int((cells.operator_sizes >= 2).sum()),
        n_true_pairs=count_pairs(cells.operator_sizes),
        n_claimed_pairs=count_pairs(cells.cluster_sizes),
        pairs=_pair_scores(cells),
        bcubed=_bcubed_scores(cells, np.ones(len(reference.operator), bool)),
        bcubed_partnered=_bcubed_scores(cells, cells.has_partner),
        adjusted_rand=_adjusted_rand(cells),
        n_splits=n_splits,
        n_merges=n_merges,
        variation_of_information=_variation_of_information(clustering.cluster, reference.operator),
        n_honest=int(honest.sum()),
        n_wrongly_flagged=int(flagged.sum()),
        wrongly_flagged_rate=ratio_of(flagged.sum(), honest.sum()),
        review=_review(cells, clustering, clusters),
        styles=_style_measures(reference, cells, clustering),
    )


def _honest(reference: Truth, cells: Cells, honest_styles: Collection[str] | None) -> Flags:
    if honest_styles is None:
        return ~cells.has_partner
    if reference.style is None:
        raise InputError("honest styles were named, but the truth has no column style")
    chosen = np.array([name in honest_styles for name in reference.style_names])
    return np.asarray(chosen[reference.style])


def _pair_scores(cells: Cells) -> Scores:
    right, claimed, true = (
        count_pairs(sizes) for sizes in (cells.size, cells.cluster_sizes, cells.operator_sizes)
    )
    return Scores(ratio_of(right, claimed), ratio_of(right, true), ratio_of(2 * right, claimed + true))


def _bcubed_scores(cells: Cells, chosen: Flags) -> Scores:
    precision = mean_of((cells.shared / cells.own_cluster_size)[chosen])
    recall = mean_of((cells.shared / cells.own_operator_size)[chosen])
    return Scores(precision, recall, ratio_of(2 * precision * recall, precision + recall))


def _adjusted_rand(cells: Cells) -> float:
    right, claimed, true = (
        count_pairs(sizes) for sizes in (cells.size, cells.cluster_sizes, cells.operator_sizes)
    )
    everything = count_pairs(np.array([cells.size.sum()]))
    if claimed == true and claimed in (0, everything):
        return 1.0  # both leave every account alone, or both put all in one group: the same partition
    chance = claimed * true / everything
    return (right - chance) / ((claimed + true) / 2 - chance)


def _edits(predicted: Codes, truth: Codes) -> tuple[int, int]:
    return (
        round(merge_distance(predicted, truth, unit_cost, no_cost)),
        round(merge_distance(predicted, truth, no_cost, unit_cost)),
    )


def _variation_of_information(predicted: Codes, truth: Codes) -> float:
    cost = entropy_cost(len(predicted))
    return merge_distance(predicted, truth, cost, cost)


def _style_measures(reference: Truth, cells: Cells, clustering: Clustering) -> tuple[StyleMeasures, ...]:
    if reference.style is None:
        return ()
    style = reference.style
    counts = np.bincount(style)

    def mean(values: Any) -> Floats:
        return np.bincount(style, weights=values) / counts

    columns = zip(
        reference.style_names,
        counts.tolist(),
        mean(cells.shared / cells.own_cluster_size).tolist(),
        mean(cells.shared / cells.own_operator_size).tolist(),
        mean(clustering.is_placed).tolist(),
        mean(cells.is_mixed_cluster).tolist(),
        strict=True,
    )
    return tuple(StyleMeasures(*row) for row in columns)


def _review(cells: Cells, clustering: Clustering, clusters: pa.Table | None) -> tuple[ReviewPoint, ...]:
    placed = clustering.is_placed
    code = clustering.given[placed]
    if not len(code):
        return ()
    n_reviewed = np.bincount(code, minlength=len(clustering.sizes))
    n_found = np.bincount(code, weights=cells.is_majority[placed], minlength=len(clustering.sizes))
    order = np.lexsort(
        (np.arange(len(clustering.sizes)), -clustering.sizes, -_cluster_scores(clustering, clusters))
    )
    order = order[n_reviewed[order] > 0]
    reviewed, hits = np.cumsum(n_reviewed[order]), np.cumsum(n_found[order])
    stops = [min(int(np.searchsorted(reviewed, limit)), len(order) - 1) for limit in REVIEWED]
    points = sorted({*stops, len(order) - 1})
    return tuple(
        ReviewPoint(i + 1, int(reviewed[i]), int(hits[i]), 100 * ratio_of(hits[i], reviewed[i]))
        for i in points
    )


def _cluster_scores(clustering: Clustering, clusters: pa.Table | None) -> Floats:
    """Score of each named cluster by code; zero for all without a table of clusters."""
    if clusters is None:
        return np.zeros(len(clustering.sizes))
    return cluster_values(clustering, clusters, "score", -math.inf)  # a cluster without a score comes last
