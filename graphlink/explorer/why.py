"""The explanations of `graphlink.explanations`, asked for by request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphlink import explanations
from graphlink.explorer.cluster_rows import cluster_number
from graphlink.explorer.index.columns import iso_time
from graphlink.explorer.nodes import account_number, identifier_number, kind_and_value, split_id
from graphlink.explorer.query import bad_request, identifiers_of, not_found, seconds_told, texts_of
from graphlink.explorer.reading import IndexedResult

if TYPE_CHECKING:
    from graphlink.explorer.index.loading import Index
    from graphlink.explorer.query import Query

_MOST_ACCOUNTS = 10_000
_MOST_IDENTIFIERS = 200


def explain_cluster(index: Index, asked: Query) -> dict[str, Any]:
    """Why this cluster."""
    cluster = asked.needed("cluster_id")
    cluster_number(index.clusters, cluster)
    return explanations.explain_cluster(IndexedResult(index, asked.work), cluster).as_dict()


def explain_pair(index: Index, asked: Query) -> dict[str, Any]:
    """Why, or why not, two accounts are linked."""
    left, right = _account(index, asked, "l"), _account(index, asked, "r")
    if left == right:
        raise bad_request("l and r: give two different accounts")
    return explanations.explain_pair(IndexedResult(index, asked.work), left, right).as_dict()


def explain_member(index: Index, asked: Query) -> dict[str, Any]:
    """Why an account is in its cluster."""
    return explanations.explain_member(
        IndexedResult(index, asked.work), _account(index, asked, "account")
    ).as_dict()


def find_breaks(index: Index, asked: Query) -> dict[str, Any]:
    """What would split a cluster, or drop an account from it."""
    cluster = asked.needed("cluster")
    number = cluster_number(index.clusters, cluster)
    account = _account(index, asked, "account") if asked.text("account") else None
    if account is not None and index.accounts.cluster[account_number(index.accounts, account)] != number:
        raise not_found("member of this cluster", account)
    return explanations.find_breaks(IndexedResult(index, asked.work), cluster, account).as_dict()


def find_paths(index: Index, asked: Query) -> dict[str, Any]:
    """How two nodes hang together."""
    start, end = _end(index, asked, "from"), _end(index, asked, "to")
    if start == end:
        raise bad_request("from and to: give two different nodes")
    k = asked.integer("k", 3, 1, 10)
    skip_direct = asked.choice("skip_direct", ("0", "1")) == "1"
    return explanations.find_paths(
        IndexedResult(index, asked.work), start, end, k, skip_direct=skip_direct
    ).as_dict()


def estimate_collateral(index: Index, asked: Query) -> dict[str, Any]:
    """Whom closing accounts and blocking identifiers would hit."""
    accounts = texts_of(asked.body, "accounts", _MOST_ACCOUNTS)
    identifiers = identifiers_of(asked.body, "identifiers", _MOST_IDENTIFIERS)
    if not accounts and not identifiers:
        raise bad_request("give accounts or identifiers")
    for account in accounts:
        account_number(index.accounts, account)
    _check_identifiers(index, identifiers)
    return explanations.estimate_collateral(IndexedResult(index, asked.work), accounts, identifiers).as_dict()


def try_without(index: Index, asked: Query) -> dict[str, Any]:
    """A cluster's component solved again without some of its evidence."""
    cluster = asked.body.get("cluster")
    if not isinstance(cluster, str):
        raise bad_request("cluster is missing")
    cluster_number(index.clusters, cluster)
    identifiers = identifiers_of(asked.body, "identifiers", _MOST_IDENTIFIERS)
    _check_identifiers(index, identifiers)
    reader = IndexedResult(index, asked.work)
    found = explanations.try_without(
        reader,
        cluster,
        identifiers,
        texts_of(asked.body, "kinds", _MOST_IDENTIFIERS),
        since=_moment(asked, "since"),
        until=_moment(asked, "until"),
        resolution_bits=_number(asked, "resolution_bits", 0.0, 100.0),
        cluster_probability=_number(asked, "cluster_probability", 0.5, 0.999999),
        surroundings=index.recall(cluster, lambda: explanations.read_surroundings(reader, cluster)),
    )
    return found.as_dict()


def _account(index: Index, asked: Query, name: str) -> str:
    account = asked.needed(name)
    account_number(index.accounts, account)
    return account


def _end(index: Index, asked: Query, name: str) -> str | tuple[str, str]:
    kind, rest = split_id(asked.needed(name))
    if kind == "a":
        account_number(index.accounts, rest)
        return rest
    if kind != "i":
        raise bad_request(f"{name}: expected an account or an identifier")
    pair = kind_and_value(rest)
    identifier_number(index.identifiers, *pair)
    return pair


def _check_identifiers(index: Index, identifiers: list[tuple[str, str]]) -> None:
    for kind, value in identifiers:
        identifier_number(index.identifiers, kind, value)


def _moment(asked: Query, name: str) -> str | None:
    told = asked.body.get(name)
    if told is None:
        return None
    if not isinstance(told, str):
        raise bad_request(f"{name}: expected a time such as 2026-03-02T09:30:00Z")
    return iso_time(seconds_told(name, told))


def _number(asked: Query, name: str, least: float, most: float) -> float | None:
    told = asked.body.get(name)
    if told is None:
        return None
    if isinstance(told, bool) or not isinstance(told, int | float) or not least <= told <= most:
        raise bad_request(f"{name}: expected a number from {least:g} to {most:g}")
    return float(told)
