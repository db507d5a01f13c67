"""The ids and facts of nodes, and the accounts and identifiers that requests name."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from graphlink.explorer.index.accounts import ROLES, Accounts
from graphlink.explorer.index.columns import iso_time
from graphlink.explorer.query import bad_request, not_found

if TYPE_CHECKING:
    from graphlink.explorer.index.clusters import Clusters
    from graphlink.explorer.index.identifiers import Identifiers


def account_id_of(accounts: Accounts, number: int) -> str:
    """The id of an account's node."""
    return f"a:{accounts.names[number]}"


def cluster_id_of(clusters: Clusters, number: int) -> str:
    """The id of a cluster's node."""
    return f"c:{clusters.names[number]}"


def node_id(kind: str, value: str) -> str:
    """The id of an identifier's node; a colon in its kind is written %3A."""
    return f"i:{kind.replace('%', '%25').replace(':', '%3A')}:{value}"


def identifier_id(identifiers: Identifiers, number: int) -> str:
    """The id of an identifier's node."""
    return node_id(identifiers.kinds[identifiers.kind[number]], identifiers.names[number])


def split_id(node_id: str) -> tuple[str, str]:
    """The type of a node, one of a, i, g, c, and the rest of its id.

    Raises:
        RequestError: It is no node's id.
    """
    kind, colon, rest = node_id.partition(":")
    if not colon or kind not in {"a", "i", "g", "c"} or not rest:
        raise bad_request("node: expected an id such as a:ACCOUNT, i:KIND:VALUE, g:CLUSTER:N or c:CLUSTER")
    return kind, rest


def kind_and_value(rest: str) -> tuple[str, str]:
    """Kind and value of an identifier, from its node's id without the `i:`."""
    kind, _, value = rest.partition(":")
    return unquote(kind), value


def account_number(accounts: Accounts, account: str) -> int:
    """The number of an account.

    Raises:
        RequestError: There is none.
    """
    number = accounts.names.number(account)
    if number < 0:
        raise not_found("account", account)
    return number


def identifier_number(identifiers: Identifiers, kind: str, value: str) -> int:
    """The number of an identifier.

    Raises:
        RequestError: There is none that two accounts hold.
    """
    number = identifiers.number(kind, value)
    if number < 0:
        raise not_found(f"{kind[:40]} shared by two accounts or more:", value)
    return number


def account_facts(accounts: Accounts, clusters: Clusters, number: int) -> dict[str, Any]:
    """What is known of an account."""
    cluster = int(accounts.cluster[number])
    return {
        "id": account_id_of(accounts, number),
        "account_id": accounts.names[number],
        "cluster_id": clusters.names[cluster] if cluster >= 0 else None,
        "probability": round(float(accounts.probability[number]), 6) if cluster >= 0 else None,
        "role": ROLES[accounts.role[number]],
        "status": accounts.statuses[accounts.status[number]],
        "created_at": iso_time(accounts.created_at[number]),
        "closed_at": iso_time(accounts.closed_at[number]),
        "first_seen": iso_time(accounts.first_seen[number]),
        "last_seen": iso_time(accounts.last_seen[number]),
        "n": int(accounts.n[number]),
        "n_identifiers": int(accounts.n_identifiers[number]),
        "is_new": bool(accounts.is_new[number]),
    }


def identifier_facts(identifiers: Identifiers, number: int) -> dict[str, Any]:
    """What is known of an identifier."""
    kind = int(identifiers.kind[number])
    return {
        "id": identifier_id(identifiers, number),
        "kind": identifiers.kinds[kind],
        "value": identifiers.names[number],
        "facet": identifiers.facets[kind],
        "degree": int(identifiers.degree[number]),
        "p_exclusive": number_or_none(identifiers.p_exclusive[number]),
        "is_hub": bool(identifiers.is_hub[number]),
        "is_capped": bool(identifiers.is_capped[number]),
        "label": identifiers.labels[identifiers.label[number]],
        "label_type": identifiers.label_types[identifiers.label_type[number]],
        "first_seen": iso_time(identifiers.first_seen[number]),
        "last_seen": iso_time(identifiers.last_seen[number]),
    }


def number_or_none(value: float) -> float | None:
    """A number rounded for JSON; None for what is not known."""
    number = float(value)
    return None if math.isnan(number) else round(number, 6)
