"""The clusters in the order in which they want a decision, the totals of the run, and a map of all."""

from __future__ import annotations

import datetime
import math
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from graphlink.core.wording.clusters import cluster_words, definitions
from graphlink.core.wording.returns import ABOVE_CHANCE, SOON_AFTER, soon_after_figure, soon_after_sentence
from graphlink.core.wording.vocabulary import CLUSTER_STATUSES, NOTHING_ELSE, column_words
from graphlink.explorer.index.columns import NEVER, iso_time
from graphlink.explorer.index.observations import N_BINS
from graphlink.explorer.query import not_found
from graphlink.explorer.since import WEEK, words_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphlink.explorer.index.accounts import Accounts
    from graphlink.explorer.index.clusters import Clusters
    from graphlink.explorer.index.columns import Floats, Longs
    from graphlink.explorer.index.links import Links
    from graphlink.explorer.index.loading import Index
    from graphlink.explorer.query import Asked
    from graphlink.result.result import Result

_SORTS = (
    "priority", "n_accounts", "n_core", "score", "mean_bits", "weakest_cut", "n_new", "n_soon_after",
    "n_open", "n_routers", "first_seen", "last_seen", "cluster_id",
    "n_links", "density", "p_same_operator", "p_router_tenants",
    "p_shared_network", "chance", "fdr", "status",
)  # fmt: skip
_STATUSES = tuple(CLUSTER_STATUSES)
_GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))


def cluster_number(clusters: Clusters, cluster_id: str) -> int:
    """The number of a cluster.

    Raises:
        AskedError: There is none.
    """
    number = clusters.names.number(cluster_id)
    if number < 0:
        raise not_found("cluster", cluster_id)
    return number


def list_clusters(index: Index, asked: Asked) -> dict[str, Any]:
    """The queue: a page of clusters, filtered and sorted."""
    kept = np.flatnonzero(_filter(index, asked))
    ordered = _sorted(index, asked, kept)
    answer = asked.page(ordered, lambda numbers: [cluster_row(index, int(i)) for i in numbers])
    return {**answer, "counts": _counts(index.clusters, kept)}


def cluster_row(index: Index, number: int) -> dict[str, Any]:
    """A cluster as the queue tells it."""
    c = index.clusters
    has_evidence = index.has_evidence
    told = {
        **c.rows[number],
        "priority": round(float(c.priority[number]), 3),
        "n_open": int(c.n_open[number]),
        "status": _STATUSES[_status_codes(index.clusters)[number]],
        "n_new": int(c.n_new[number]),
        "n_soon_after": int(c.returns[number].n_soon_after),
        "n_soon_after_by_chance": c.returns[number].by_chance,
        "is_above_chance": c.returns[number].is_above_chance,
        "facets": _facets(index, number),
        "n_routers": int(index.evidence.n_routers[number]) if has_evidence else None,
        "activity": index.observations.activity[number].tolist() if index.has_observations else None,
    }
    return {name: _tidy(value) for name, value in told.items()} | {
        "words": cluster_words(c.rows[number]) | soon_after_words(index.clusters, number)
    }


def soon_after_words(clusters: Clusters, number: int) -> dict[str, str]:
    """What is said of the new accounts of a cluster that were opened soon after a closing."""
    one = clusters.returns[number]
    return {
        "soon_after": soon_after_figure(one.n_soon_after, one.by_chance),
        "soon_after_sentence": soon_after_sentence(
            one.lag_s, one.n_within, one.within_by_chance, is_above_chance=one.is_above_chance
        ),
    }


def summarize(index: Index, _: Asked) -> dict[str, Any]:
    """Totals of the run, the quality of its data, and what it left out."""
    c, a, ids = index.clusters, index.accounts, index.identifiers
    manifest = index.result.manifest
    rows = {name: int(told["rows"]) for name, told in manifest["tables"].items()}
    first, last = index.accounts.span
    hypotheses = sorted(set(c.hypothesis))
    sizes = np.diff(c.starts)
    hypothesis = np.array([hypotheses.index(name) for name in c.hypothesis], np.int64)
    settings = manifest.get("settings", {}).get("model", {})
    return {
        "n_accounts": rows["accounts"],
        "n_observations": rows["observations"],
        "n_identifiers": rows["identifiers"],
        "n_links": rows["links"],
        "n_clusters": rows["clusters"],
        "n_clustered_accounts": int((a.cluster >= 0).sum()),
        "first_seen": iso_time(first) if last else None,
        "last_seen": iso_time(last) if last else None,
        "new_since": _new_since(index),
        "core_probability": settings.get("core_probability"),
        "prior_bits": settings.get("prior_bits"),
        "kinds": [
            {
                "kind": kind,
                "facet": facet,
                "n_identifiers": int(stop - start),
                "n_hubs": int(ids.is_hub[start:stop].sum()),
            }
            for kind, facet, (start, stop) in zip(ids.kinds, ids.facets, ids.ranges.values(), strict=True)
        ],
        "hypotheses": [
            {
                "hypothesis": name,
                "n_clusters": int((hypothesis == i).sum()),
                "n_accounts": int(sizes[hypothesis == i].sum()),
            }
            for i, name in enumerate(hypotheses)
        ],
        **_left_out(index.result),
        "definitions": {
            **definitions(),
            "n_new": words_of(index.since),
            "n_soon_after": SOON_AFTER,
            "above_chance": ABOVE_CHANCE,
        },
        "vocabulary": column_words(),
        "activity": _activity(index),
    }


def _new_since(index: Index) -> str | None:
    """The moment from which accounts count as new; null where an earlier result says which are."""
    if isinstance(index.since, datetime.datetime):
        return iso_time(int(index.since.timestamp()))
    last = index.accounts.span[1]
    return iso_time(last - WEEK) if last and index.since is None else None


def draw_map(index: Index, asked: Asked) -> dict[str, Any]:
    """The whole result as a map: a node per cluster, an edge where links join two of them."""
    c = index.clusters
    order = np.lexsort((np.arange(len(c.rows)), -c.priority))
    kept = order[: asked.integer("limit", 2_000, 1, 5_000)]
    edges = _cluster_edges(index.accounts, index.clusters, index.links, kept)
    return {
        "nodes": [
            {
                "id": f"c:{c.names[int(i)]}",
                "cluster_id": c.names[int(i)],
                "n_accounts": c.rows[i]["n_accounts"],
                "score": c.rows[i]["score"],
                "hypothesis": c.hypothesis[i],
                "priority": round(float(c.priority[i]), 3),
                "facet": next(iter(str(c.rows[i]["facets"]).split(",")), None) or None,
                "x": x,
                "y": y,
            }
            for i, (x, y) in zip(kept.tolist(), _spiral(np.diff(c.starts)[kept]), strict=True)
        ],
        "edges": edges,
        "n_left_out": len(c.rows) - len(kept),
    }


def _filter(index: Index, asked: Asked) -> NDArray[np.bool_]:
    c = index.clusters
    size = np.diff(c.starts)
    score = _column(index.clusters, "score")
    kept = (size >= asked.integer("min_size", 0, 0, 1 << 40)) & (
        size <= asked.integer("max_size", 1 << 40, 0, 1 << 40)
    )
    kept &= (score >= asked.number("min_score", 0.0)) & (score <= asked.number("max_score", 1.0))
    kept &= c.n_new >= asked.integer("min_new", 0, 0, 1 << 40)
    kept &= c.n_soon_after >= asked.integer("min_soon_after", 0, 0, 1 << 40)
    if asked.integer("above_chance", 0, 0, 1):
        kept &= np.array([one.is_above_chance for one in c.returns], np.bool_)
    least_routers = asked.integer("min_routers", 0, 0, 1 << 40)
    if least_routers:
        kept &= index.evidence.n_routers >= least_routers
    kept &= _is_sure_enough(index.clusters, asked)
    kept &= _has_words(index.clusters, asked)
    text = asked.text("q").strip()
    return kept & _holds(index, text) if text else kept


def _is_sure_enough(clusters: Clusters, asked: Asked) -> NDArray[np.bool_]:
    """The clusters that keep the limits asked for; one of which the figure is not known keeps none."""
    kept = np.ones(len(clusters.rows), np.bool_)
    for name in ("fdr", "chance"):
        if asked.text(f"max_{name}"):
            kept &= _column(clusters, name) <= asked.number(f"max_{name}", 1.0)
    if asked.text("min_p_same_operator"):
        kept &= _column(clusters, "p_same_operator") >= asked.number("min_p_same_operator", 0.0)
    return kept


def _has_words(clusters: Clusters, asked: Asked) -> NDArray[np.bool_]:
    """The clusters of a hypothesis, a status, a harmless explanation and of all the facets asked for."""
    statuses = [_STATUSES[code] for code in _status_codes(clusters).tolist()]
    told = {"hypothesis": clusters.hypothesis, "status": statuses, "also_explained_by": _harmless(clusters)}
    kept = np.ones(len(clusters.rows), np.bool_)
    for name, values in told.items():
        wanted = set(asked.words(name))
        if wanted:
            kept &= np.array([value in wanted for value in values], np.bool_)
    facets = set(asked.words("facet"))
    if facets:
        kept &= np.array([facets <= set(str(row["facets"]).split(",")) for row in clusters.rows], np.bool_)
    return kept


def _status_codes(clusters: Clusters) -> Longs:
    """Of each cluster the place of its status: none of its accounts is closed, some are, all are."""
    return np.where(clusters.n_open == np.diff(clusters.starts), 0, np.where(clusters.n_open > 0, 1, 2))


def _harmless(clusters: Clusters) -> list[str]:
    return [row.get("also_explained_by") or NOTHING_ELSE for row in clusters.rows]


def _column(clusters: Clusters, name: str) -> Floats:
    """A column of the table of clusters; not a number where it is not known."""
    told = (row.get(name) for row in clusters.rows)
    return np.array([np.nan if value is None else value for value in told], np.float64)


def _holds(index: Index, text: str) -> NDArray[np.bool_]:
    """The clusters whose id, an account or an identifier among the evidence begins so."""
    c, a, ids = index.clusters, index.accounts, index.identifiers
    found = np.zeros(len(c.rows) + 1, np.bool_)  # the last is for accounts in no cluster
    found[list(c.names.prefixed(text))] = True
    accounts = a.names.prefixed(text)
    found[a.cluster[accounts.start : accounts.stop]] = True
    wanted = np.zeros(len(ids.kind), np.bool_)
    for start, stop in ids.ranges.values():
        hits = ids.names.prefixed(text, start, stop)
        wanted[hits.start : hits.stop] = True
    if wanted.any():
        e = index.evidence
        identifier = e.identifier[e.case_rows]
        rows = e.case_rows[(identifier >= 0) & wanted[np.maximum(identifier, 0)]]
        found[a.cluster[e.left[rows]]] = True
    return found[:-1]


def _sorted(index: Index, asked: Asked, kept: Longs) -> Longs:
    sort, order = asked.choice("sort", _SORTS), asked.choice("order", ("desc", "asc"))
    c = index.clusters
    columns: dict[str, Any] = {
        "priority": c.priority,
        "n_new": c.n_new,
        "n_soon_after": c.n_soon_after,
        "n_open": c.n_open,
    }
    key: NDArray[Any]
    if sort == "cluster_id":
        key = kept
    elif sort == "n_routers":
        key = index.evidence.n_routers[kept]
    elif sort == "status":
        key = _status_codes(index.clusters)[kept]
    elif sort in columns:
        key = columns[sort][kept]
    elif sort in {"first_seen", "last_seen"}:
        key = np.unique([str(c.rows[i][sort] or "") for i in kept], return_inverse=True)[1]
    else:
        key = _column(index.clusters, sort)[kept]
    # Of equals the first by id comes first, and what is not known last, whichever way the rest is sorted.
    is_unknown = np.isnan(key.astype(np.float64))
    return kept[np.lexsort((kept, -key if order == "desc" else key, is_unknown))]


def _facets(index: Index, number: int) -> list[dict[str, Any]]:
    names = [name for name in str(index.clusters.rows[number]["facets"]).split(",") if name]
    if not index.has_evidence:
        return [{"facet": name, "share": None} for name in names]
    bits = index.evidence.facet_bits[number]
    total = float(bits.sum()) or 1.0
    found = [
        (name, float(b) / total) for name, b in zip(index.evidence.facet_names, bits, strict=True) if b > 0
    ]
    return [
        {"facet": name, "share": round(share, 4)}
        for name, share in sorted(found, key=lambda one: (-one[1], one[0]))
    ]


def _counts(clusters: Clusters, kept: Longs) -> dict[str, Any]:
    """How many of the kept clusters are of each word that can be filtered by."""
    statuses, harmless, numbers = _status_codes(clusters), _harmless(clusters), kept.tolist()
    counts = {
        "hypothesis": Counter(clusters.hypothesis[i] for i in numbers),
        "facet": Counter(
            name for i in numbers for name in str(clusters.rows[i]["facets"]).split(",") if name
        ),
        "status": Counter(_STATUSES[statuses[i]] for i in numbers),
        "also_explained_by": Counter(harmless[i] for i in numbers),
    }
    plurals = {"hypothesis": "hypotheses", "facet": "facets", "status": "statuses"}
    return {
        plurals.get(word, word): [{word: name, "n": n} for name, n in sorted(found.items())]
        for word, found in counts.items()
    }


def _left_out(result: Result) -> dict[str, Any]:
    """What was set aside and what was capped, as the manifest tells it."""
    facts = {step["step"]: step.get("facts", {}) for step in result.manifest.get("steps", [])}
    told = facts.get("observations", {})
    reasons: dict[str, int] = dict(told.get("set_aside", {}))
    for name, n in (told.get("accounts_table") or {}).get("set_aside", {}).items():
        reasons[name] = reasons.get(name, 0) + n
    capped = facts.get("sharing", {}).get("capped", [])
    return {
        "set_aside": [{"reason": name, "n": n} for name, n in sorted(reasons.items())],
        "n_set_aside": int(result.manifest["tables"]["set_aside"]["rows"]),
        "capped": [
            {
                "kind": one["kind"],
                "n_pairs": one["pairs"],
                "largest": [
                    {"value": big["value"], "n_accounts": big["accounts_at_once"]} for big in one["largest"]
                ],
            }
            for one in capped
        ],
    }


def _activity(index: Index) -> dict[str, Any] | None:
    if not index.has_observations:
        return None
    first, last = index.accounts.span
    width = (last - first) / N_BINS
    starts = [iso_time(first + int(i * width)) for i in range(N_BINS)]
    return {"starts": starts, "n": index.observations.total_activity.tolist()}


def _cluster_edges(accounts: Accounts, clusters: Clusters, links: Links, kept: Longs) -> list[dict[str, Any]]:
    cluster = accounts.cluster
    left, right = cluster[links.left], cluster[links.right]
    n = len(clusters.rows)
    is_kept = np.zeros(n + 1, np.bool_)
    is_kept[kept] = True
    between = (left >= 0) & (right >= 0) & (left != right) & is_kept[left] & is_kept[right]
    ends = np.sort(np.stack([left[between], right[between]], axis=1), axis=1).astype(np.int64)
    pairs, place = np.unique(ends[:, 0] * n + ends[:, 1], return_inverse=True)
    counts = np.bincount(place, minlength=len(pairs))
    bits = np.bincount(place, links.bits[between], len(pairs))
    order = np.lexsort((pairs, -counts))[: 4 * len(kept)]
    names = clusters.names
    return [
        {
            "source": f"c:{names[int(pairs[i] // n)]}",
            "target": f"c:{names[int(pairs[i] % n)]}",
            "n_links": int(counts[i]),
            "bits": round(float(bits[i]), 3),
        }
        for i in order
    ]


def _spiral(sizes: Longs) -> list[tuple[float, float]]:
    """Places on a spiral from the middle outwards, each as far out as those before it need room."""
    areas = 1.0 + sizes / 10.0
    radius = np.sqrt((np.cumsum(areas) - areas / 2) / math.pi) * 1.3
    angle = np.arange(len(sizes)) * _GOLDEN_ANGLE
    x, y = np.round(radius * np.cos(angle), 3), np.round(radius * np.sin(angle), 3)
    return list(zip(x.tolist(), y.tolist(), strict=True))


def _tidy(value: Any) -> Any:
    """A value as JSON holds it."""
    if isinstance(value, float):
        return None if not math.isfinite(value) else value
    return None if isinstance(value, int) and value == NEVER else value
