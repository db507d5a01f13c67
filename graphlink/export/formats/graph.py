"""The networkx graph of a subgraph, with what every format of graphs can hold, and texts as XML can."""

from __future__ import annotations

import datetime
import math
from typing import TYPE_CHECKING, Any

import networkx as nx

from graphlink.render.escape import visible
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphlink.export.subgraph import Subgraph


def graph_of(subgraph: Subgraph, notes: Sequence[str] = ()) -> nx.Graph[str]:
    """Make the networkx graph of a subgraph, with attributes that every format can hold.

    Nodes are `account:NAME` and `identifier:KIND:VALUE`, with their `node_type`. An edge of `edge_type` holds
    goes from an account to an identifier; one of `edge_type` link joins two accounts, with the joint
    behaviours of the two in `behaviours`. A label from a reference list is `listed_as`. Times are ISO 8601.
    What was left out and made coarse, in `notes`, is an attribute of the graph.
    """
    graph: nx.Graph[str] = nx.Graph(name=subgraph.name, what=subgraph.what)
    if notes:
        graph.graph["notes"] = " ".join(notes)
    for row in subgraph.accounts:
        name = row["account_id"]
        graph.add_node(_node("account", name), **{**_attributes(row), "label": name, "node_type": "account"})
    for row in subgraph.identifiers:
        node = _node("identifier", row["kind"], row["value"])
        own = {"label": row["value"], "node_type": "identifier", "listed_as": row.get("label")}
        graph.add_node(node, **{**_attributes(row), **_attributes(own)})
    for row in rows_of(subgraph.edges):
        ends = _node("account", row.pop("account_id")), _node("identifier", row["kind"], row.pop("value"))
        graph.add_edge(*ends, edge_type="holds", **_attributes(row))
    for row in rows_of(subgraph.links):
        ends = _node("account", row.pop("account_id_l")), _node("account", row.pop("account_id_r"))
        graph.add_edge(*ends, edge_type="link", **_attributes(row))
    for row in rows_of(subgraph.ties):
        _add_behaviour(graph, row)
    return graph


def _node(*names: str) -> str:
    return ":".join(names)


def _attributes(row: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes that GraphML and GEXF know: no nulls, times as text."""
    return {
        name: value.isoformat() if isinstance(value, datetime.datetime | datetime.date) else value
        for name, value in row.items()
        if value is not None and not (isinstance(value, float) and not math.isfinite(value))
    }


def _add_behaviour(graph: nx.Graph[str], row: Mapping[str, Any]) -> None:
    ends = _node("account", row["account_id_l"]), _node("account", row["account_id_r"])
    known = graph.get_edge_data(*ends, default={})
    behaviours = [*filter(None, known.get("behaviours", "").split(",")), row["kind"]]
    graph.add_edge(*ends, edge_type="link", behaviours=",".join(behaviours))


def seen_graph(graph: nx.Graph[str]) -> nx.Graph[str]:
    """The graph with every text as XML can hold it."""
    seen: nx.Graph[str] = nx.Graph(**_seen_facts(graph.graph))
    # Two names may differ in what can't be seen only: `visible` shows it, so they stay two.
    names = {node: visible(node) for node in graph}
    for node, facts in graph.nodes(data=True):
        seen.add_node(names[node], **_seen_facts(facts))
    for left, right, facts in graph.edges(data=True):
        seen.add_edge(names[left], names[right], **_seen_facts(facts))
    return seen


def _seen_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes, whose names are columns of the input and may hold anything as well."""
    return {
        visible(name): visible(value) if isinstance(value, str) else value for name, value in facts.items()
    }
