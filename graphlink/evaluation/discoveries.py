"""False discovery rates of clusters against a known truth."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from graphlink.evaluation.contingency import Cells, cluster_values, read_clustering, read_truth
from graphlink.evaluation.ratios import mean_of
from graphlink.evaluation.representation import Representation

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from graphlink.evaluation.columns import Floats

RATES = (0.01, 0.05, 0.1, 0.2)


@dataclass(frozen=True, slots=True, repr=False)
class DiscoveryPoint(Representation):
    """Clusters listed up to a false discovery rate: the estimated and the true rate.

    Attributes:
        rate: The clusters are those whose `fdr` is at most this.
        n_clusters: How many.
        n_accounts: Known accounts in them.
        share_false: Mean over them of the share of accounts that are not of their majority operator.
        share_with_stranger: Share of them that hold accounts of two operators.
        share_without_operator: Share of them in which no two accounts have one operator.
    """

    rate: float
    n_clusters: int
    n_accounts: int
    share_false: float
    share_with_stranger: float
    share_without_operator: float


def evaluate_discoveries(
    membership: pa.Table, clusters: pa.Table, truth: pa.Table, *, rates: Sequence[float] = RATES
) -> tuple[DiscoveryPoint, ...]:
    """Hold the false discovery rates of clusters against the truth.

    What is false of a cluster is the share of its accounts that are not of its majority operator (one with at
    least two known accounts there), so all of a cluster of strangers. Each cluster counts alike, whatever its
    size. Clusters with one known account, or without a rate, are left out.

    Args:
        membership: account_id, cluster_id (null: in no cluster).
        clusters: cluster_id, fdr.
        truth: account_id, operator_id (or operator); one row per account.
        rates: The rates to list clusters up to.

    Returns:
        A point per rate: the clusters listed up to it, and the mean share of their accounts that is false.

    Raises:
        InputError: As for `evaluate_clusters`.
    """
    reference = read_truth(truth)
    clustering = read_clustering(membership, reference)
    cells = Cells.made(clustering.cluster, reference.operator)
    estimated = cluster_values(clustering, clusters, "fdr", math.nan)
    known = (clustering.given >= 0) & (cells.own_cluster_size >= 2)
    code = clustering.given[known]

    def mean(values: Any) -> Floats:
        n = np.bincount(code, minlength=len(estimated))
        return np.bincount(code, weights=values[known], minlength=len(estimated)) / np.maximum(n, 1)

    n_known = np.bincount(code, minlength=len(estimated))
    false, mixed = mean(~cells.is_majority), mean(cells.is_mixed_cluster)
    points = []
    for rate in rates:
        listed = (estimated <= rate) & (n_known > 0)
        shares = (false[listed], mixed[listed], false[listed] == 1.0)
        points.append(
            DiscoveryPoint(rate, int(listed.sum()), int(n_known[listed].sum()), *(mean_of(s) for s in shares))
        )
    return tuple(points)
