"""A cluster as tables: its header, its members and the links inside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphlink.core.wording.clusters import evidence_share, reason_detail
from graphlink.explorer.attributes import attributes_of
from graphlink.explorer.cluster_rows import cluster_number, cluster_row
from graphlink.explorer.index.accounts import ROLES, Accounts
from graphlink.explorer.index.columns import NEVER, Floats, Ints, Longs
from graphlink.explorer.index.runs import summed
from graphlink.explorer.nodes import account_facts, account_number
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphlink.explorer.index.clusters import Clusters
    from graphlink.explorer.index.links import Links
    from graphlink.explorer.index.loading import Index
    from graphlink.explorer.query import Query

MEMBER_SORTS = (
    "probability", "bits", "account_id", "created_at", "closed_at", "first_seen", "last_seen", "n",
    "n_identifiers", "degree",
)  # fmt: skip


def describe_cluster(index: Index, query: Query) -> dict[str, Any]:
    """A cluster's row, its reasons and the states of its accounts."""
    number = cluster_number(index.clusters, query.needed("cluster_id"))
    name = index.clusters.names[number]
    reasons = rows_of(index.result.table("reasons", where={"cluster_id": [name]}))
    members = index.clusters.members_of(number)
    statuses, counts = np.unique(index.accounts.status[members], return_counts=True)
    ordered = sorted(reasons, key=lambda row: int(row["rank"]))
    bits = [row["bits"] for row in reasons]
    return {
        "cluster": cluster_row(index, number),
        "reasons": [
            {key: value for key, value in row.items() if key not in ("cluster_id", "at_kind", "at_value")}
            | {"share": evidence_share(row["bits"], bits), "detail": reason_detail(row)}
            for row in ordered
        ],
        "statuses": [
            {"status": index.accounts.statuses[status], "n": int(n)}
            for status, n in zip(statuses, counts, strict=True)
        ],
    }


def list_members(index: Index, query: Query) -> dict[str, Any]:
    """A page of the members of a cluster."""
    number = cluster_number(index.clusters, query.needed("cluster_id"))
    a = index.accounts
    members = index.clusters.members_of(number)
    degree, bits = _ties_of_members(index.accounts, index.clusters, index.links, number)
    keys: dict[str, Any] = {
        "probability": a.probability[members], "bits": bits, "account_id": members, "degree": degree,
        "n": a.n[members], "n_identifiers": a.n_identifiers[members],
    }  # fmt: skip
    sort = query.choice("sort", MEMBER_SORTS)
    key = keys[sort] if sort in keys else getattr(a, sort)[members]
    order = places_in_order(key, members, query)
    role, text = query.choice("role", ("", *ROLES)), query.text("q").strip()
    if role:
        order = order[a.role[members[order]] == ROLES.index(role)]
    if text:
        names = a.names.texts(members[order])
        order = order[np.array([text in name for name in names], np.bool_)]
    return query.page(
        order, lambda places: _member_rows(index, members[places], degree[places], bits[places])
    )


def list_links(index: Index, query: Query) -> dict[str, Any]:
    """A page of the links inside a cluster."""
    number = cluster_number(index.clusters, query.needed("cluster_id"))
    rows = links_of(index.accounts, index.clusters, index.links, number)
    k = index.links
    account = query.text("account")
    if account:
        wanted = account_number(index.accounts, account)
        rows = rows[(k.left[rows] == wanted) | (k.right[rows] == wanted)]
    rows = rows[np.lexsort((rows, -k.bits[rows]))]
    names = index.accounts.names
    return query.page(
        rows,
        lambda places: [
            {
                "account_id_l": left,
                "account_id_r": right,
                "bits": round(float(k.bits[i]), 3),
                "probability": round(float(k.probability[i]), 6),
                "n_evidence": int(k.n_evidence[i]),
                "n_facets": int(k.n_facets[i]),
            }
            for i, left, right in zip(
                places, names.texts(k.left[places]), names.texts(k.right[places]), strict=True
            )
        ],
    )


def links_of(accounts: Accounts, clusters: Clusters, links: Links, number: int) -> Longs:
    """The rows of the links inside a cluster."""
    members = clusters.members_of(number)
    # Links are sorted by their left account, so those of the members lie together.
    starts = np.searchsorted(links.left, np.append(members, members + 1)).astype(np.int64)
    bounds = np.stack([starts[: len(members)], starts[len(members) :]], axis=1)
    rows = np.concatenate([np.arange(a, b) for a, b in bounds]) if len(bounds) else np.empty(0, np.int64)
    inside: Longs = rows[accounts.cluster[links.right[rows]] == number]
    return inside


def _member_rows(index: Index, members: Ints, degree: Longs, bits: Floats) -> list[dict[str, Any]]:
    attributes = attributes_of(index, members)
    rows = []
    for i, member in enumerate(members.tolist()):
        facts = account_facts(index.accounts, index.clusters, member)
        del facts["cluster_id"]
        ties = {"degree": int(degree[i]), "bits": round(float(bits[i]), 3)}
        rows.append({**facts, **ties, "attributes": attributes[i]})
    return rows


def _ties_of_members(
    accounts: Accounts, clusters: Clusters, links: Links, number: int
) -> tuple[Longs, Floats]:
    """Links and bits of each member inside its cluster."""
    rows = links_of(accounts, clusters, links, number)
    members = clusters.members_of(number)
    ends = np.concatenate([links.left[rows], links.right[rows]])
    place = np.searchsorted(members, ends)
    bits = summed(place, np.tile(links.bits[rows], 2), len(members))
    return np.bincount(place, minlength=len(members)), bits


def places_in_order(key: NDArray[Any], numbers: NDArray[Any], query: Query) -> Longs:
    """Places in the order of the query; unknown times last, of equals the first first."""
    is_unknown = key == NEVER
    values = key.astype(np.float64)
    falling = query.choice("order", ("desc", "asc")) == "desc"
    return np.lexsort((numbers, -values if falling else values, is_unknown))
