"""A cluster as tables: members, evidence, links; its header; and the facts of one account or identifier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphlink.core.wording.clusters import evidence_share
from graphlink.core.wording.pairs import reach_sentence
from graphlink.explorer.index.accounts import ROLES, Accounts
from graphlink.explorer.index.columns import NEVER, UNDATED, iso_time
from graphlink.explorer.index.runs import summed
from graphlink.explorer.nodes import (
    account_facts,
    account_number,
    identifier_facts,
    identifier_number,
)
from graphlink.explorer.queue import cluster_number, cluster_row
from graphlink.storage.result_folder import rows_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphlink.explorer.index.clusters import Clusters
    from graphlink.explorer.index.columns import Floats, Ints, Longs
    from graphlink.explorer.index.evidence import Evidence
    from graphlink.explorer.index.links import Links
    from graphlink.explorer.index.loading import Index
    from graphlink.explorer.index.observations import Observations
    from graphlink.explorer.query import Asked

_MEMBER_SORTS = (
    "probability", "bits", "account_id", "created_at", "closed_at", "first_seen", "last_seen", "n",
    "n_identifiers", "degree",
)  # fmt: skip
_TIE_SORTS = (
    "bits", "n_members", "n_links", "degree", "private", "first_seen", "last_seen", "kind", "value",
)  # fmt: skip
_MOST_TOLD = 200


def tell_cluster(index: Index, asked: Asked) -> dict[str, Any]:
    """A cluster's row, its reasons and the states of its accounts."""
    number = cluster_number(index.clusters, asked.needed("cluster_id"))
    name = index.clusters.names[number]
    reasons = rows_of(index.result.table("reasons", where={"cluster_id": [name]}))
    members = index.clusters.members_of(number)
    statuses, counts = np.unique(index.accounts.status[members], return_counts=True)
    ordered = sorted(reasons, key=lambda row: int(row["rank"]))
    bits = [row["bits"] for row in reasons]
    return {
        "cluster": cluster_row(index, number),
        "reasons": [
            {key: value for key, value in row.items() if key != "cluster_id"}
            | {"share": evidence_share(row["bits"], bits)}
            for row in ordered
        ],
        "statuses": [
            {"status": index.accounts.statuses[status], "n": int(n)}
            for status, n in zip(statuses, counts, strict=True)
        ],
    }


def list_members(index: Index, asked: Asked) -> dict[str, Any]:
    """A page of the members of a cluster."""
    number = cluster_number(index.clusters, asked.needed("cluster_id"))
    a = index.accounts
    members = index.clusters.members_of(number)
    degree, bits = _ties_of_members(index.accounts, index.clusters, index.links, number)
    keys: dict[str, Any] = {
        "probability": a.probability[members], "bits": bits, "account_id": members, "degree": degree,
        "n": a.n[members], "n_identifiers": a.n_identifiers[members],
    }  # fmt: skip
    sort = asked.choice("sort", _MEMBER_SORTS)
    key = keys[sort] if sort in keys else getattr(a, sort)[members]
    order = _order(key, members, asked)
    role, text = asked.choice("role", ("", *ROLES)), asked.text("q").strip()
    if role:
        order = order[a.role[members[order]] == ROLES.index(role)]
    if text:
        names = a.names.texts(members[order])
        order = order[np.array([text in name for name in names], np.bool_)]
    return asked.page(
        order, lambda places: _member_rows(index, members[places], degree[places], bits[places])
    )


def list_evidence(index: Index, asked: Asked) -> dict[str, Any]:
    """A page of what ties a cluster: its identifiers and joint behaviours."""
    number = cluster_number(index.clusters, asked.needed("cluster_id"))
    ties = ties_of(index, number)
    sort = asked.choice("sort", _TIE_SORTS)
    keys = {name: [tie[name] for tie in ties] for name in _TIE_SORTS}
    lowest: Any = "" if sort in {"kind", "value", "first_seen", "last_seen"} else -np.inf
    told = [lowest if value is None else value for value in keys[sort]]
    key = np.unique(told, return_inverse=True)[1] if told else np.empty(0, np.int64)
    order = _order(key, np.arange(len(ties)), asked)
    kind, facet, text = asked.text("kind"), asked.text("facet"), asked.text("q").strip()
    kept = [
        ties[i]
        for i in order.tolist()
        if (not kind or ties[i]["kind"] == kind)
        and (not facet or ties[i]["facet"] == facet)
        and (not text or text in ties[i]["value"] or text in (ties[i]["label"] or ""))
    ]
    return asked.page(kept, list)


def ties_of(index: Index, number: int) -> list[dict[str, Any]]:
    """What ties a cluster, one row per identifier or joint behaviour, the strongest first."""
    e, a = index.evidence, index.accounts
    rows = e.rows_of_cluster(number)
    identifiers, place = np.unique(e.identifier[rows], return_inverse=True)
    n = len(identifiers)
    bits = summed(place, e.bits[rows], n)
    n_links = np.bincount(place, minlength=n)
    n_members = _distinct_members(e.left[rows], e.right[rows], place, n, len(a.names))
    first = _least(e.first[rows], place, n)
    last = -_least(-np.maximum(e.last[rows], -np.iinfo(np.int32).max), place, n)
    start = index.accounts.span[0]
    found = []
    for i in np.lexsort((identifiers, -bits)).tolist():
        joint = {
            "bits": round(float(bits[i]), 3), "n_links": int(n_links[i]), "n_members": int(n_members[i]),
        }  # fmt: skip
        if identifiers[i] >= 0:
            facts = identifier_facts(index.identifiers, int(identifiers[i]))
        else:
            facts = _behaviour_facts(index.evidence, -1 - int(identifiers[i]))
            facts["first_seen"] = iso_time(start + int(first[i])) if first[i] > -(1 << 31) else None
            facts["last_seen"] = iso_time(start + int(last[i])) if last[i] > -(1 << 31) + 1 else None
        found.append({**facts, **joint})
    return found


def list_links(index: Index, asked: Asked) -> dict[str, Any]:
    """A page of the links inside a cluster."""
    number = cluster_number(index.clusters, asked.needed("cluster_id"))
    rows = links_of(index.accounts, index.clusters, index.links, number)
    k = index.links
    account = asked.text("account")
    if account:
        wanted = account_number(index.accounts, account)
        rows = rows[(k.left[rows] == wanted) | (k.right[rows] == wanted)]
    rows = rows[np.lexsort((rows, -k.bits[rows]))]
    names = index.accounts.names
    return asked.page(
        rows,
        lambda part: [
            {
                "account_id_l": left,
                "account_id_r": right,
                "bits": round(float(k.bits[i]), 3),
                "probability": round(float(k.probability[i]), 6),
                "n_evidence": int(k.n_evidence[i]),
                "n_facets": int(k.n_facets[i]),
            }
            for i, left, right in zip(
                part, names.texts(k.left[part]), names.texts(k.right[part]), strict=True
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
    found: Longs = rows[accounts.cluster[links.right[rows]] == number]
    return found


def tell_account(index: Index, asked: Asked) -> dict[str, Any]:
    """What is known of one account, and the identifiers it holds."""
    number = account_number(index.accounts, asked.needed("id"))
    k = index.links
    n_links = int((k.left == number).sum() + (k.right == number).sum())
    held = _held(index, number)
    return {
        **account_facts(index.accounts, index.clusters, number),
        "attributes": _attributes(index, np.array([number]))[0],
        "n_links": n_links,
        "identifiers": held[:_MOST_TOLD],
        "n_left_out": max(len(held) - _MOST_TOLD, 0),
    }


def tell_identifier(index: Index, asked: Asked) -> dict[str, Any]:
    """What is known of one identifier, the clusters of its holders and the holders."""
    number = identifier_number(index.identifiers, asked.needed("kind"), asked.told.get("value", ""))
    a, ids = index.accounts, index.identifiers
    holders = index.holders.of(number)
    cluster = a.cluster[holders]
    order = np.lexsort((holders, -a.probability[holders], cluster < 0))
    clusters, counts = np.unique(cluster[cluster >= 0], return_counts=True)
    widest = np.lexsort((clusters, -counts))[:_MOST_TOLD]
    return {
        **identifier_facts(index.identifiers, number),
        "n_pairs": int(ids.n_pairs[number]),
        "n_joint_pairs": int(ids.n_joint_pairs[number]),
        "reach": reach_sentence(
            bool(ids.is_hub[number]),
            bool(ids.is_capped[number]),
            int(ids.n_joint_pairs[number]),
            int(ids.n_pairs[number]),
        ),
        "n_clustered": int((cluster >= 0).sum()),
        "clusters": [
            {
                "cluster_id": index.clusters.names[int(clusters[i])],
                "n_holders": int(counts[i]),
                "n_accounts": int(index.clusters.rows[clusters[i]]["n_accounts"]),
            }
            for i in widest
        ],
        "holders": asked.page(holders[order], lambda part: _holder_rows(index, number, part)),
    }


def _holder_rows(index: Index, identifier: int, accounts: Longs) -> list[dict[str, Any]]:
    n, first, last = sightings(index.observations, accounts, np.full(len(accounts), identifier))
    start = index.accounts.span[0]
    wanted = ("id", "account_id", "cluster_id", "role", "probability", "status")
    return [
        {name: facts[name] for name in wanted}
        | {
            "n": int(n[i]),
            "first_seen": iso_time(start + int(first[i])) if n[i] else None,
            "last_seen": iso_time(start + int(last[i])) if n[i] else None,
        }
        for i, facts in enumerate(
            account_facts(index.accounts, index.clusters, int(account)) for account in accounts
        )
    ]


def sightings(
    observations: Observations, accounts: NDArray[Any], identifiers: NDArray[Any]
) -> tuple[Longs, Longs, Longs]:
    """Of each pair of account and identifier: how often seen; first and last, in seconds from the start."""
    whole = np.unique(accounts)
    rows, place = observations.rows_of(whole)
    dated = observations.at[rows] != UNDATED
    rows, place = rows[dated], place[dated]
    width = np.int64(observations.n_identifiers + 1)
    keys, group = np.unique(
        whole[place] * width + np.maximum(observations.identifier[rows], -1) + 1, return_inverse=True
    )
    n = summed(group, observations.n[rows], len(keys)).astype(np.int64)
    first, last = (
        _least(observations.at[rows], group, len(keys)),
        -_least(-observations.at[rows].astype(np.int64), group, len(keys)),
    )
    wanted = accounts.astype(np.int64) * width + identifiers + 1
    if not len(keys):
        nothing = np.zeros(len(wanted), np.int64)
        return nothing, nothing, nothing
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    there = (keys[at] == wanted) & (identifiers >= 0)
    return np.where(there, n[at], 0), np.where(there, first[at], 0), np.where(there, last[at], 0)


def _held(index: Index, number: int) -> list[dict[str, Any]]:
    """The identifiers of an account, those shared by the fewest first."""
    o = index.observations
    held = np.unique(o.identifier[o.starts[number] : o.starts[number + 1]])
    e = index.evidence
    tied = np.concatenate([e.identifier[e.left == number], e.identifier[e.right == number]])
    held = np.unique(np.concatenate([held, tied]))
    held = held[held >= 0].astype(np.int64)
    degree = index.identifiers.degree[held]
    held = held[np.lexsort((held, degree))]
    n, first, last = sightings(index.observations, np.full(len(held), number), held)
    start = index.accounts.span[0]
    wanted = ("id", "kind", "value", "degree", "private", "label")
    return [
        {name: facts[name] for name in wanted}
        | {
            "n": int(n[i]),
            "first_seen": iso_time(start + int(first[i])) if n[i] else facts["first_seen"],
            "last_seen": iso_time(start + int(last[i])) if n[i] else facts["last_seen"],
        }
        for i, facts in enumerate(identifier_facts(index.identifiers, int(one)) for one in held)
    ]


def _member_rows(index: Index, members: Ints, degree: Longs, bits: Floats) -> list[dict[str, Any]]:
    attributes = _attributes(index, members)
    found = []
    for i, member in enumerate(members.tolist()):
        facts = account_facts(index.accounts, index.clusters, member)
        del facts["cluster_id"]
        ties = {"degree": int(degree[i]), "bits": round(float(bits[i]), 3)}
        found.append({**facts, **ties, "attributes": attributes[i]})
    return found


def _attributes(index: Index, members: NDArray[Any]) -> list[list[dict[str, Any]]]:
    """The further columns of the table of accounts, read for these accounts."""
    names = index.attribute_names
    if not names:
        return [[] for _ in members]
    accounts = index.accounts.names.texts(members)
    rows = rows_of(index.result.table("accounts", ["account_id", *names], {"account_id": accounts}))
    told = {row["account_id"]: row for row in rows}
    return [
        [{"name": name, "value": _as_json(told[account][name])} for name in names] for account in accounts
    ]


def _as_json(value: Any) -> Any:
    is_plain = value is None or isinstance(value, str | int | bool)
    is_finite = isinstance(value, float) and np.isfinite(value)
    return value if is_plain or is_finite else str(value)


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


def _order(key: NDArray[Any], numbers: NDArray[Any], asked: Asked) -> Longs:
    """Places in the order that is asked for; unknown times last, of equals the first first."""
    is_unknown = key == NEVER
    told = key.astype(np.float64)
    falling = asked.choice("order", ("desc", "asc")) == "desc"
    return np.lexsort((numbers, -told if falling else told, is_unknown))


def _distinct_members(left: Ints, right: Ints, place: Longs, n: int, n_accounts: int) -> Longs:
    keys = np.unique(np.tile(place, 2) * n_accounts + np.concatenate([left, right]))
    return np.bincount(keys // n_accounts, minlength=n)


def _least(values: NDArray[Any], place: Longs, n: int) -> Longs:
    least = np.full(n, np.iinfo(np.int64).max)
    np.minimum.at(least, place, values)
    return least


def _behaviour_facts(evidence: Evidence, kind: int) -> dict[str, Any]:
    return {
        "id": None, "kind": evidence.kinds[kind], "value": "", "facet": evidence.facets[kind], "degree": None,
        "private": None, "is_hub": False, "is_capped": False, "label": None,
        "label_type": None, "first_seen": None, "last_seen": None,
    }  # fmt: skip
