"""What chance gives for each cluster, and the false discovery rate of the list of clusters."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from graphlink.assessment.null_model.bins import Floats, Integers, bin_of, significant_all
from graphlink.assessment.null_model.discoveries import false_discovery_rates
from graphlink.core.organisations import ONE_ORGANISATION
from graphlink.core.schema import CLUSTERS

if TYPE_CHECKING:
    from graphlink.engine import Sql

_FURTHER_SIZES = 200  # sizes beyond its own that a chance cluster is summed over


def rate_clusters(engine: Sql, expected: Floats) -> float:
    """Make `clusters`; gives how many equally active accounts would meet as these do."""
    n_active = _n_active(engine)
    rows = engine.arrow(
        "SELECT c.cluster_id, c.n_accounts, round(c.mean_bits, 6) AS mean_bits, round(c.score, 6) AS score, "
        f"round({' + '.join(f'h.{name}' for name in ONE_ORGANISATION)}, 6) AS p_one, e.also_explained_by "
        "FROM cluster_scores c JOIN cluster_hypotheses h USING (cluster_id) "
        "JOIN cluster_names USING (cluster_id) "
        "LEFT JOIN explained e USING (community_no) ORDER BY c.cluster_id"
    )
    size = rows["n_accounts"].to_numpy()
    # What connects a cluster is links likelier than not, whatever its weaker ones are.
    strength = np.maximum(0.0, rows["mean_bits"].to_numpy())
    expected_by_chance = _clusters_by_chance(expected, size, strength, n_active)
    is_explained = rows["also_explained_by"].is_valid().to_numpy()
    certain = np.minimum(rows["score"].to_numpy(), rows["p_one"].to_numpy())
    doubt = np.where(is_explained, 1.0, 1.0 - certain)
    doubt = np.maximum(doubt, np.minimum(1.0, expected_by_chance / _n_at_least(size, strength)))
    engine.load(
        "cluster_chances",
        pa.table(
            {
                "cluster_id": rows["cluster_id"],
                "expected_by_chance": pa.array(expected_by_chance, pa.float64()),
                "fdr": pa.array(false_discovery_rates(doubt), pa.float64()),
                "also_explained_by": rows["also_explained_by"],
            }
        ),
    )
    engine.make(
        "clusters",
        f"SELECT {', '.join(CLUSTERS.column_names)} FROM cluster_scores "
        "JOIN cluster_hypotheses USING (cluster_id) JOIN cluster_chances USING (cluster_id)",
    )
    return n_active


def _n_active(engine: Sql) -> float:
    """Number of accounts that, equally active, would meet as often by chance as these do."""
    total, squares = engine.rows(
        "SELECT sum(n)::DOUBLE, sum(n * n)::DOUBLE FROM ("
        "SELECT count(*) AS n FROM window_incidence GROUP BY account_no)"
    )[0]
    return float(str(total)) ** 2 / float(str(squares)) if squares else 0.0


def _clusters_by_chance(expected: Floats, size: Integers, strength: Floats, n_active: float) -> Floats:
    """Expected number of clusters of at least that many accounts, held by links at least that strong.

    Coincidences fall like the edges of a random graph (Erdős and Rényi 1960), whose small components are
    trees: of k of N accounts there are N k^(k-2) c^(k-1) exp(-ck) / k!, where c is the mean number of links
    of one.
    """
    kinds, which = np.unique(np.column_stack([expected[bin_of(strength)], size]), axis=0, return_inverse=True)
    links, n_accounts = kinds.T
    mean_links = np.maximum(2.0 * links / max(1.0, n_active), 1e-300)
    k = n_accounts[:, None] + np.arange(_FURTHER_SIZES)[None, :]
    log_factorial = np.cumsum(np.log(np.arange(1, k.max(initial=1) + 1)))[k.astype(np.int64) - 1]
    c = np.minimum(mean_links, 1.0)[:, None]
    log_n = math.log(max(1.0, n_active)) + (k - 2) * np.log(k) + (k - 1) * np.log(c) - c * k - log_factorial
    trees = np.exp(np.minimum(log_n, 700.0)).sum(axis=1)
    # With more links than accounts one component holds most of them, and the null distinguishes nothing.
    made = np.where(mean_links >= 1.0, n_active / n_accounts, np.minimum(trees, n_active / n_accounts))
    return significant_all(np.where(links > 0, made, 0.0)[which.ravel()])


def _n_at_least(size: Integers, strength: Floats) -> Integers:
    """Per cluster, how many have at least its accounts and its strength, itself among them."""
    n = np.zeros(len(size), dtype=np.int64)
    for least in np.unique(size):
        larger = np.sort(strength[size >= least])
        chosen = size == least
        n[chosen] = len(larger) - np.searchsorted(larger, strength[chosen], side="left")
    return n
