"""The clusters in the order in which they want a decision, filtered and sorted by the query."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from graphlink.core.errors import SettingsError
from graphlink.core.wording.priority import PRIORITY_PARTS
from graphlink.core.wording.vocabulary import NOTHING_ELSE
from graphlink.explanations.priority import parse_weights, weights_with
from graphlink.explanations.stored import settings_of
from graphlink.explorer.cluster_rows import STATUSES, cluster_row, status_codes
from graphlink.explorer.query import bad_request

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphlink.explanations.priority import Priority
    from graphlink.explorer.index.clusters import Clusters
    from graphlink.explorer.index.columns import Floats, Longs
    from graphlink.explorer.index.loading import Index
    from graphlink.explorer.query import Query

QUEUE_SORTS = (
    "priority", "n_accounts", "n_core", "score", "mean_bits", "weakest_cut", "n_new", "n_soon_after",
    "n_open", "n_routers", "first_seen", "last_seen", "cluster_id",
    "n_links", "density", "p_same_operator", "p_shared_intermediary",
    "p_shared_network", "p_openly_one_organisation", "expected_by_chance", "fdr", "status",
)  # fmt: skip


def list_clusters(index: Index, query: Query) -> dict[str, Any]:
    """The queue: a page of clusters, filtered and sorted; what is openly one organisation is a list apart."""
    priorities, weights = _priorities(index, query)
    passing = np.flatnonzero(_filter(index, query))
    is_openly = np.array([one.is_openly for one in priorities], np.bool_)[passing]
    apart = query.choice("openly", ("", "0", "1"))
    kept = passing if not apart else passing[is_openly == (apart == "1")]
    ordered = _sorted(index, query, kept, priorities)
    answer = query.page(ordered, lambda rows: [cluster_row(index, int(i), priorities[i]) for i in rows])
    order = [{"part": part, "title": PRIORITY_PARTS[part], "points": n} for part, n in weights.items()]
    tabs = {"n_openly": int(is_openly.sum()), "n_others": int((~is_openly).sum())}
    return {**answer, "counts": _counts(index.clusters, kept), "order": order, **tabs}


def _priorities(index: Index, query: Query) -> tuple[list[Priority], dict[str, float]]:
    """The priorities of all clusters by the points of the query, and those points."""
    numbers = settings_of(index.result).parameters.priority
    try:
        weights = weights_with(numbers, parse_weights(query.text("weigh")))
    except SettingsError as error:
        raise bad_request(f"weigh: {error}") from None
    if not query.text("weigh"):
        return index.clusters.priorities, weights
    return [one.weighed(weights) for one in index.clusters.priorities], weights


def _filter(index: Index, query: Query) -> NDArray[np.bool_]:
    c = index.clusters
    size = np.diff(c.starts)
    score = _column(index.clusters, "score")
    kept = (size >= query.integer("min_size", 0, 0, 1 << 40)) & (
        size <= query.integer("max_size", 1 << 40, 0, 1 << 40)
    )
    kept &= (score >= query.number("min_score", 0.0)) & (score <= query.number("max_score", 1.0))
    kept &= c.n_new >= query.integer("min_new", 0, 0, 1 << 40)
    kept &= c.n_soon_after >= query.integer("min_soon_after", 0, 0, 1 << 40)
    if query.integer("above_chance", 0, 0, 1):
        kept &= np.array([one.is_above_chance for one in c.returns], np.bool_)
    least_routers = query.integer("min_routers", 0, 0, 1 << 40)
    if least_routers:
        kept &= index.evidence.n_routers >= least_routers
    kept &= _is_sure_enough(index.clusters, query)
    kept &= _has_words(index.clusters, query)
    text = query.text("q").strip()
    return kept & _holds(index, text) if text else kept


def _is_sure_enough(clusters: Clusters, query: Query) -> NDArray[np.bool_]:
    """The clusters within the limits of the query; one of which the figure is not known is within none."""
    kept = np.ones(len(clusters.rows), np.bool_)
    for name, column in (("max_fdr", "fdr"), ("max_chance", "expected_by_chance")):
        if query.text(name):
            kept &= _column(clusters, column) <= query.number(name, 1.0)
    if query.text("min_p_same_operator"):
        kept &= _column(clusters, "p_same_operator") >= query.number("min_p_same_operator", 0.0)
    return kept


def _has_words(clusters: Clusters, query: Query) -> NDArray[np.bool_]:
    """The clusters of a hypothesis, a status, a harmless explanation and of all the facets of the query."""
    statuses = [STATUSES[code] for code in status_codes(clusters).tolist()]
    words_by_name = {
        "hypothesis": clusters.hypothesis,
        "status": statuses,
        "also_explained_by": _harmless(clusters),
    }
    kept = np.ones(len(clusters.rows), np.bool_)
    for name, values in words_by_name.items():
        wanted = set(query.words(name))
        if wanted:
            kept &= np.array([value in wanted for value in values], np.bool_)
    facets = set(query.words("facet"))
    if facets:
        kept &= np.array([facets <= set(str(row["facets"]).split(",")) for row in clusters.rows], np.bool_)
    return kept


def _harmless(clusters: Clusters) -> list[str]:
    return [row.get("also_explained_by") or NOTHING_ELSE for row in clusters.rows]


def _column(clusters: Clusters, name: str) -> Floats:
    """A column of the table of clusters; not a number where it is not known."""
    values = (row.get(name) for row in clusters.rows)
    return np.array([np.nan if value is None else value for value in values], np.float64)


def _holds(index: Index, text: str) -> NDArray[np.bool_]:
    """The clusters whose id, an account or an identifier among the evidence begins so."""
    c, a, ids = index.clusters, index.accounts, index.identifiers
    holds = np.zeros(len(c.rows) + 1, np.bool_)  # the last is for accounts in no cluster
    holds[list(c.names.prefixed(text))] = True
    accounts = a.names.prefixed(text)
    holds[a.cluster[accounts.start : accounts.stop]] = True
    wanted = np.zeros(len(ids.kind), np.bool_)
    for start, stop in ids.ranges.values():
        hits = ids.names.prefixed(text, start, stop)
        wanted[hits.start : hits.stop] = True
    if wanted.any():
        e = index.evidence
        identifier = e.identifier[e.case_rows]
        rows = e.case_rows[(identifier >= 0) & wanted[np.maximum(identifier, 0)]]
        holds[a.cluster[e.left[rows]]] = True
    return holds[:-1]


def _sorted(index: Index, query: Query, kept: Longs, priorities: list[Priority]) -> Longs:
    sort, order = query.choice("sort", QUEUE_SORTS), query.choice("order", ("desc", "asc"))
    c = index.clusters
    columns: dict[str, Any] = {
        "n_new": c.n_new,
        "n_soon_after": c.n_soon_after,
        "n_open": c.n_open,
    }
    key: NDArray[Any]
    if sort == "cluster_id":
        key = kept
    elif sort == "priority":
        key = -c.order_of(priorities)[kept]
    elif sort == "n_routers":
        key = index.evidence.n_routers[kept]
    elif sort == "status":
        key = status_codes(index.clusters)[kept]
    elif sort in columns:
        key = columns[sort][kept]
    elif sort in {"first_seen", "last_seen"}:
        key = np.unique([str(c.rows[i][sort] or "") for i in kept], return_inverse=True)[1]
    else:
        key = _column(index.clusters, sort)[kept]
    # Of equals the first by id comes first, and what is not known last, whichever way the rest is sorted.
    is_unknown = np.isnan(key.astype(np.float64))
    return kept[np.lexsort((kept, -key if order == "desc" else key, is_unknown))]


def _counts(clusters: Clusters, kept: Longs) -> dict[str, Any]:
    """How many of the kept clusters are of each word that can be filtered by."""
    statuses, harmless, numbers = status_codes(clusters), _harmless(clusters), kept.tolist()
    counts = {
        "hypothesis": Counter(clusters.hypothesis[i] for i in numbers),
        "facet": Counter(
            name for i in numbers for name in str(clusters.rows[i]["facets"]).split(",") if name
        ),
        "status": Counter(STATUSES[statuses[i]] for i in numbers),
        "also_explained_by": Counter(harmless[i] for i in numbers),
    }
    plurals = {"hypothesis": "hypotheses", "facet": "facets", "status": "statuses"}
    return {
        plurals.get(word, word): [{word: name, "n": n} for name, n in sorted(n_by_name.items())]
        for word, n_by_name in counts.items()
    }
