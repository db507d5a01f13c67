"""Graphs of accounts for networkx and igraph, with values that every writer of theirs takes."""

from __future__ import annotations

import datetime
import math
import re
from typing import TYPE_CHECKING, Any

from graphlink.core.schema import ACCOUNTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import igraph
    import networkx as nx

    Row = Mapping[str, Any]

# Attributes of nodes that mean something to a writer (GEXF, GML, Pajek, node-link JSON) or to pyvis.
_OWN = (
    "account_id",
    "key",
    "kind",
    "value",
    "node_type",
    "label",
    "listed_as",
    "facet",
    "degree",
    "p_exclusive",
)
_WRITERS = (
    "id",
    "name",
    "type",
    "source",
    "target",
    "start",
    "end",
    "pid",
    "viz",
    "spells",
    "slices",
    "weight",
)
_DRAWN = (
    "title", "weight", "size", "shape", "color", "group", "level", "mass", "hidden", "physics", "image", "x",
    "y", "z", "width", "font", "borderWidth", "scaling", "shadow", "fixed", "from", "to", "n_id", "self",
)  # fmt: skip
_RESERVED = frozenset((*_OWN, *_WRITERS, *_DRAWN))
_PLAIN_NAME = re.compile("[A-Za-z][0-9A-Za-z_]*")
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def evidence_graph(
    about: Mapping[str, Any],
    accounts: Iterable[Row],
    identifiers: Iterable[Row],
    edges: tuple[Iterable[Row], Iterable[Row]],
    *,
    weight: str | None = "bits",
    is_exact: bool = False,
) -> nx.Graph[Any]:
    """Make the networkx graph of accounts and the identifiers they share.

    Args:
        about: Attributes of the graph.
        accounts: Rows of `accounts` with what is known of their membership.
        identifiers: Rows of `identifiers`, or just kind and value.
        edges: account_id, kind, value, bits, n, first_seen and last_seen of who holds what; and rows of
            `evidence` without an identifier, which are edges between two accounts.
        weight: The attribute that `weight` is a copy of, never below zero; None for none.
        is_exact: Whether nodes are tuples and times are datetimes, which no writer takes; else text.
    """
    import networkx as nx

    graph: nx.Graph[Any] = nx.Graph()
    graph.graph.update(_values(about, is_exact=is_exact))
    for row in accounts:
        key = row["account_id"]
        own = {"node_type": "account", "key": key, "label": key, "account_id": key}
        _add_node(
            graph, _node("account", key, is_exact=is_exact), {**_attributes(row), **own}, is_exact=is_exact
        )
    for row in identifiers:
        node = _node("identifier", row["kind"], row["value"], is_exact=is_exact)
        own = {"node_type": "identifier", "key": row["value"], "label": row["value"]}
        _add_node(graph, node, {**row, **own, "listed_as": row.get("label")}, is_exact=is_exact)
    holdings, ties = edges
    for row in holdings:
        account = _node("account", row["account_id"], is_exact=is_exact)
        identifier = _node("identifier", row["kind"], row["value"], is_exact=is_exact)
        details = {name: row[name] for name in ("bits", "n", "first_seen", "last_seen")}
        _add_edge(graph, (account, identifier), {"edge_type": "holds", **details}, weight, is_exact=is_exact)
    for ends, details in _joined(ties).items():
        between = tuple(_node("account", end, is_exact=is_exact) for end in ends)
        _add_edge(graph, between, {"edge_type": "joint", **details}, weight, is_exact=is_exact)
    return graph


def links_graph(names: Sequence[str], members: Iterable[Row], links: Iterable[Row]) -> igraph.Graph:
    """Make the igraph graph of accounts and the links between them, in the order of both.

    Args:
        names: The accounts.
        members: Rows of `membership` of these accounts, in their order.
        links: Rows of `links` between them.
    """
    import igraph

    number = {name: i for i, name in enumerate(names)}
    rows, known = list(links), list(members)
    graph = igraph.Graph(
        n=len(names), edges=[(number[row["account_id_l"]], number[row["account_id_r"]]) for row in rows]
    )
    graph.vs["name"] = list(names)
    graph.vs["role"] = [row["role"] for row in known]
    graph.vs["membership"] = [row["probability"] for row in known]
    graph.es["weight"] = [max(row["bits"], 0.0) for row in rows]
    for name in ("bits", "probability"):
        graph.es[name] = [row[name] for row in rows]
    return graph


def _node(*components: str, is_exact: bool) -> Any:
    return components if is_exact else _text(":".join(components))


def _add_node(graph: nx.Graph[Any], node: Any, row: Row, *, is_exact: bool) -> None:
    graph.add_node(node)
    graph.nodes[node].update(_values(row, is_exact=is_exact))  # an attribute may have any name


def _add_edge(graph: nx.Graph[Any], ends: Any, row: Row, weight: str | None, *, is_exact: bool) -> None:
    # Algorithms take no weight below zero: evidence against a pair gets weight zero.
    weighed: dict[str, Any] = {} if weight is None else {"weight": max(row[weight] or 0.0, 0.0)}
    graph.add_edge(*ends)
    graph.edges[ends].update({**weighed, **_values(row, is_exact=is_exact)})


def _joined(ties: Iterable[Row]) -> dict[tuple[str, str], dict[str, Any]]:
    """Evidence without an identifier, of each pair in one: bits and windows added up, kinds joined."""
    joined: dict[tuple[str, str], dict[str, Any]] = {}
    for row in ties:
        edge = joined.setdefault(
            (row["account_id_l"], row["account_id_r"]),
            {"kind": "", "bits": 0.0, "n": 0, "first_seen": None, "last_seen": None},
        )
        edge["kind"] = ",".join(filter(None, (edge["kind"], row["kind"])))
        edge["bits"] += row["contribution_bits"]
        edge["n"] += row["n_windows"]
        for name, joint, of in (("first_seen", "first_joint", min), ("last_seen", "last_joint", max)):
            times = [time for time in (edge[name], row[joint]) if time is not None]
            edge[name] = of(times, default=None)
    return joined


def _attributes(row: Row) -> dict[str, Any]:
    """What is known of an account: attributes whose names a writer would take for its own get another one."""
    own = {*ACCOUNTS.column_names, "cluster_id", "probability", "role"} - {"account_id"}
    own_values: dict[str, Any] = {name: row[name] for name in row if name in own}
    for name, value in row.items():
        if name in own:
            continue
        plain = re.sub("[^0-9A-Za-z_]", "_", name)
        is_free = _PLAIN_NAME.fullmatch(plain) and plain not in _RESERVED
        plain = plain if is_free else f"attribute_{plain}"
        while plain in own_values:
            plain += "_"
        own_values[plain] = value
    return own_values


def _values(row: Row, *, is_exact: bool) -> dict[str, Any]:
    """Attributes without what is missing: no writer takes None, and few a number that is not finite."""
    values = {
        name: value
        for name, value in row.items()
        if value is not None and not (isinstance(value, float) and not math.isfinite(value))
    }
    return values if is_exact else {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime.datetime | datetime.date):
        return value.isoformat()
    if isinstance(value, bool | int | float):
        return value
    return _text(str(value))


def _text(text: str) -> str:
    """Text without characters that XML can't hold: their codes stand for them."""
    return _NO_XML.sub(lambda match: f"<U+{ord(match[0]):04X}>", text)
