"""What ties a cluster: its identifiers and joint behaviours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphlink.explorer.cases import places_in_order
from graphlink.explorer.cluster_rows import cluster_number
from graphlink.explorer.index.columns import iso_time
from graphlink.explorer.index.runs import distinct, summed
from graphlink.explorer.nodes import identifier_facts
from graphlink.explorer.sightings import least_of_each

if TYPE_CHECKING:
    from graphlink.explorer.index.evidence import Evidence
    from graphlink.explorer.index.loading import Index
    from graphlink.explorer.query import Query

TIE_SORTS = (
    "bits", "n_members", "n_links", "degree", "p_exclusive", "first_seen", "last_seen", "kind", "value",
)  # fmt: skip


def list_evidence(index: Index, query: Query) -> dict[str, Any]:
    """A page of what ties a cluster: its identifiers and joint behaviours."""
    number = cluster_number(index.clusters, query.needed("cluster_id"))
    ties = ties_of(index, number)
    sort = query.choice("sort", TIE_SORTS)
    lowest: Any = "" if sort in {"kind", "value", "first_seen", "last_seen"} else -np.inf
    values = [lowest if tie[sort] is None else tie[sort] for tie in ties]
    key = np.unique(values, return_inverse=True)[1] if values else np.empty(0, np.int64)
    order = places_in_order(key, np.arange(len(ties)), query)
    return query.page([ties[i] for i in order.tolist() if _is_selected(ties[i], query)], list)


def _is_selected(tie: dict[str, Any], query: Query) -> bool:
    """Whether a tie has the kind, the facet and the text of the query."""
    kind, facet, text = query.text("kind"), query.text("facet"), query.text("q").strip()
    is_of_kind = not kind or tie["kind"] == kind
    is_of_facet = not facet or tie["facet"] == facet
    return is_of_kind and is_of_facet and any(text in one for one in (tie["value"], tie["label"] or ""))


def ties_of(index: Index, number: int) -> list[dict[str, Any]]:
    """What ties a cluster, one row per identifier or joint behaviour, the strongest first."""
    return index.of_cluster("evidence", number, lambda: _find_ties(index, number))


def _find_ties(index: Index, number: int) -> list[dict[str, Any]]:
    e = index.evidence
    rows = e.rows_of_cluster(number)
    # What has no identifier is numbered below 0: the kinds come first.
    identifiers, place = distinct(e.identifier[rows] + len(e.kinds), len(e.kinds) + len(e.identifier_kinds))
    identifiers -= len(e.kinds)
    n = len(identifiers)
    bits = summed(place, e.bits[rows], n)
    n_links = np.bincount(place, minlength=n)
    n_members = np.zeros(n, np.int64)
    held, n_held = np.unique(index.ties_of(number).identifier, return_counts=True)
    n_members[np.searchsorted(identifiers, held)] = n_held
    # What has no identifier, or only speaks against, is no edge.
    for i in np.flatnonzero(n_members == 0).tolist():
        mine = rows[place == i]
        n_members[i] = len(np.unique(np.concatenate([e.left[mine], e.right[mine]])))
    first = least_of_each(e.first[rows], place, n)
    last = -least_of_each(-np.maximum(e.last[rows], -np.iinfo(np.int32).max), place, n)
    start = index.accounts.span[0]
    total = float(bits[bits > 0.0].sum())
    ties = []
    for i in np.lexsort((identifiers, -bits)).tolist():
        joint = {
            "bits": round(float(bits[i]), 3), "share": max(0.0, float(bits[i])) / total if total else 0.0,
            "n_links": int(n_links[i]), "n_members": int(n_members[i]),
        }  # fmt: skip
        if identifiers[i] >= 0:
            facts = identifier_facts(index.identifiers, int(identifiers[i]))
        else:
            facts = _behaviour_facts(index.evidence, -1 - int(identifiers[i]))
            facts["first_seen"] = iso_time(start + int(first[i])) if first[i] > -(1 << 31) else None
            facts["last_seen"] = iso_time(start + int(last[i])) if last[i] > -(1 << 31) + 1 else None
        ties.append({**facts, **joint})
    return ties


def _behaviour_facts(evidence: Evidence, kind: int) -> dict[str, Any]:
    return {
        "id": None, "kind": evidence.kinds[kind], "value": "", "facet": evidence.facets[kind], "degree": None,
        "p_exclusive": None, "is_hub": False, "is_capped": False, "label": None,
        "label_type": None, "first_seen": None, "last_seen": None,
    }  # fmt: skip
