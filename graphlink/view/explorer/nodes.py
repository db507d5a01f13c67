"""The ids of nodes, what a node tells, and the accounts and identifiers that requests name."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from graphlink.view.explorer.asking import bad_request, not_found
from graphlink.view.explorer.index.accounts import ROLES
from graphlink.view.explorer.index.columns import iso_time

if TYPE_CHECKING:
    from graphlink.view.explorer.index.loading import Index


def account_id_of(index: Index, number: int) -> str:
    """The id of an account's node."""
    return f"a:{index.accounts.names[number]}"


def cluster_id_of(index: Index, number: int) -> str:
    """The id of a cluster's node."""
    return f"c:{index.clusters.names[number]}"


def node_id(kind: str, value: str) -> str:
    """The id of an identifier's node; a colon in its kind is written %3A."""
    return f"i:{kind.replace('%', '%25').replace(':', '%3A')}:{value}"


def identifier_id(index: Index, number: int) -> str:
    """The id of an identifier's node."""
    ids = index.identifiers
    return node_id(ids.kinds[ids.kind[number]], ids.names[number])


def split_id(told: str) -> tuple[str, str]:
    """The type of a node, one of a, i, g, c, and the rest of its id.

    Raises:
        AskedError: It is no node's id.
    """
    kind, colon, rest = told.partition(":")
    if not colon or kind not in {"a", "i", "g", "c"} or not rest:
        raise bad_request("node: expected an id such as a:ACCOUNT, i:KIND:VALUE, g:CLUSTER:N or c:CLUSTER")
    return kind, rest


def kind_and_value(rest: str) -> tuple[str, str]:
    """Kind and value of an identifier, from its node's id without the `i:`."""
    kind, _, value = rest.partition(":")
    return unquote(kind), value


def account_number(index: Index, account: str) -> int:
    """The number of an account.

    Raises:
        AskedError: There is none.
    """
    number = index.accounts.names.number(account)
    if number < 0:
        raise not_found("account", account)
    return number


def identifier_number(index: Index, kind: str, value: str) -> int:
    """The number of an identifier.

    Raises:
        AskedError: There is none that two accounts hold.
    """
    number = index.identifiers.number(kind, value)
    if number < 0:
        raise not_found(f"{kind[:40]} shared by two accounts or more:", value)
    return number


def account_facts(index: Index, number: int) -> dict[str, Any]:
    """What is known of an account."""
    a = index.accounts
    cluster = int(a.cluster[number])
    return {
        "id": account_id_of(index, number),
        "account_id": a.names[number],
        "cluster_id": index.clusters.names[cluster] if cluster >= 0 else None,
        "probability": round(float(a.probability[number]), 6) if cluster >= 0 else None,
        "role": ROLES[a.role[number]],
        "status": a.statuses[a.status[number]],
        "created_at": iso_time(a.created_at[number]),
        "closed_at": iso_time(a.closed_at[number]),
        "first_seen": iso_time(a.first_seen[number]),
        "last_seen": iso_time(a.last_seen[number]),
        "n": int(a.n[number]),
        "n_identifiers": int(a.n_identifiers[number]),
        "is_new": bool(a.is_new[number]),
    }


def identifier_facts(index: Index, number: int) -> dict[str, Any]:
    """What is known of an identifier."""
    ids = index.identifiers
    kind = int(ids.kind[number])
    return {
        "id": identifier_id(index, number),
        "kind": ids.kinds[kind],
        "value": ids.names[number],
        "facet": ids.facets[kind],
        "degree": int(ids.degree[number]),
        "private": number_or_none(ids.private[number]),
        "is_hub": bool(ids.is_hub[number]),
        "is_capped": bool(ids.is_capped[number]),
        "label": ids.labels[ids.label[number]],
        "label_type": ids.label_types[ids.label_type[number]],
        "first_seen": iso_time(ids.first_seen[number]),
        "last_seen": iso_time(ids.last_seen[number]),
    }


def number_or_none(value: float) -> float | None:
    """A number rounded for JSON; None for what is not known."""
    number = float(value)
    return None if math.isnan(number) else round(number, 6)
