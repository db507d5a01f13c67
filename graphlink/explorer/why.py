"""The explanations of `graphlink.explanations`, by request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphlink import explanations
from graphlink.explorer.cluster_rows import cluster_number
from graphlink.explorer.connected import MOST_SOLVED, connected_without, n_links_inside
from graphlink.explorer.drawing.parts import parts_of
from graphlink.explorer.index.columns import iso_time
from graphlink.explorer.nodes import account_number, identifier_number, kind_and_value, split_id
from graphlink.explorer.query import bad_request, identifiers_of, not_found, seconds_of, texts_of
from graphlink.explorer.reading import IndexedResult

if TYPE_CHECKING:
    from graphlink.explorer.index.loading import Index
    from graphlink.explorer.query import Query

_MOST_ACCOUNTS = 50_000  # as many as may be connected with a cluster
_MOST_IDENTIFIERS = 200


def explain_cluster(index: Index, query: Query) -> dict[str, Any]:
    """Why this cluster."""
    cluster = query.needed("cluster_id")
    cluster_number(index.clusters, cluster)
    return explanations.explain_cluster(IndexedResult(index, query.work), cluster).as_dict()


def explain_pair(index: Index, query: Query) -> dict[str, Any]:
    """Why, or why not, two accounts are linked."""
    left, right = _account(index, query, "l"), _account(index, query, "r")
    if left == right:
        raise bad_request("l and r: give two different accounts")
    return explanations.explain_pair(IndexedResult(index, query.work), left, right).as_dict()


def explain_member(index: Index, query: Query) -> dict[str, Any]:
    """Why an account is in its cluster."""
    return explanations.explain_member(
        IndexedResult(index, query.work), _account(index, query, "account")
    ).as_dict()


def find_breaks(index: Index, query: Query) -> dict[str, Any]:
    """What would split a cluster, or drop an account from it."""
    cluster = query.needed("cluster")
    number = cluster_number(index.clusters, cluster)
    account = _account(index, query, "account") if query.text("account") else None
    if account is not None and index.accounts.cluster[account_number(index.accounts, account)] != number:
        raise not_found("member of this cluster", account)
    return explanations.find_breaks(IndexedResult(index, query.work), cluster, account).as_dict()


def find_paths(index: Index, query: Query) -> dict[str, Any]:
    """How two nodes are connected."""
    start, end = _end(index, query, "from"), _end(index, query, "to")
    if start == end:
        raise bad_request("from and to: give two different nodes")
    k = query.integer("k", 3, 1, 10)
    skip_direct = query.choice("skip_direct", ("0", "1")) == "1"
    return explanations.find_paths(
        IndexedResult(index, query.work), start, end, k, skip_direct=skip_direct
    ).as_dict()


def estimate_collateral(index: Index, query: Query) -> dict[str, Any]:
    """Accounts that closing accounts and blocking identifiers would hit."""
    accounts = texts_of(query.body, "accounts", _MOST_ACCOUNTS)
    identifiers = identifiers_of(query.body, "identifiers", _MOST_IDENTIFIERS)
    if not accounts and not identifiers:
        raise bad_request("give accounts or identifiers")
    for account in accounts:
        account_number(index.accounts, account)
    _check_identifiers(index, identifiers)
    return explanations.estimate_collateral(IndexedResult(index, query.work), accounts, identifiers).as_dict()


def try_without(index: Index, query: Query) -> dict[str, Any]:
    """A cluster's component solved again without some of its evidence, with the part of each node drawn."""
    cluster = query.body.get("cluster")
    if not isinstance(cluster, str):
        raise bad_request("cluster is missing")
    number = cluster_number(index.clusters, cluster)
    identifiers = identifiers_of(query.body, "identifiers", _MOST_IDENTIFIERS)
    _check_identifiers(index, identifiers)
    since, until = _moment(query, "since"), _moment(query, "until")
    if n_links_inside(index, number) > MOST_SOLVED:
        kinds = texts_of(query.body, "kinds", _MOST_IDENTIFIERS)
        outcome, group = connected_without(index, number, identifiers, kinds, query)
        return {**outcome, "parts": parts_of(index, number, group)}
    reader = IndexedResult(index, query.work)
    what_if, group = explanations.solve_without(
        reader,
        cluster,
        identifiers,
        texts_of(query.body, "kinds", _MOST_IDENTIFIERS),
        since=since,
        until=until,
        resolution_bits=_number(query, "resolution_bits", 0.0, 100.0),
        cluster_probability=_number(query, "cluster_probability", 0.5, 0.999999),
        surroundings=index.recall(cluster, lambda: explanations.read_surroundings(reader, cluster)),
    )
    return {**what_if.as_dict(), "parts": parts_of(index, number, group)}


def _account(index: Index, query: Query, name: str) -> str:
    account = query.needed(name)
    account_number(index.accounts, account)
    return account


def _end(index: Index, query: Query, name: str) -> str | tuple[str, str]:
    kind, rest = split_id(query.needed(name))
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


def _moment(query: Query, name: str) -> str | None:
    text = query.body.get(name)
    if text is None:
        return None
    if not isinstance(text, str):
        raise bad_request(f"{name}: expected a time such as 2026-03-02T09:30:00Z")
    return iso_time(seconds_of(name, text))


def _number(query: Query, name: str, least: float, most: float) -> float | None:
    number = query.body.get(name)
    if number is None:
        return None
    if isinstance(number, bool) or not isinstance(number, int | float) or not least <= number <= most:
        raise bad_request(f"{name}: expected a number from {least:g} to {most:g}")
    return float(number)
