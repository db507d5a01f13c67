"""Excerpts in the formats of other tools: GraphML, GEXF, CSV, JSON, Parquet and STIX 2.1.

JSON, Parquet and STIX hold values exactly. XML can't hold every character, so GraphML and GEXF show what
can't be seen by its code; CSV guards what a spreadsheet would run.
"""

from __future__ import annotations

import datetime
import io
import json
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload
from xml.etree import ElementTree

import networkx as nx
import pyarrow as pa
import pyarrow.parquet as pq

from graphlink.core.schema import TABLES
from graphlink.render.escape import visible
from graphlink.render.layout import place_nodes
from graphlink.render.terminal import Sheet, write_sheets
from graphlink.storage.result_folder import rows_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from graphlink.export.subgraph import Excerpt

FILE_FORMATS = ("graphml", "gexf", "json", "stix")
FOLDER_FORMATS = ("csv", "parquet")
FACTS = "export.json"
"""Beside the tables of a folder: what they are an excerpt of, and what was left out."""

TABLE_NAMES = ("clusters", "reasons", "accounts", "identifiers", "edges", "links", "evidence")
"""The tables of an export."""

_LARGEST_PLACED = 5000  # nodes up to which GEXF carries positions
_SCALE = 60.0
_TYPES = {
    "VARCHAR": pa.string(),
    "DOUBLE": pa.float64(),
    "BIGINT": pa.int64(),
    "BOOLEAN": pa.bool_(),
    "TIMESTAMP WITH TIME ZONE": pa.timestamp("us", "UTC"),
}
_COLUMN_TYPES = {column.name: _TYPES[column.type] for spec in TABLES for column in spec.columns}


def graph_of(excerpt: Excerpt, notes: Sequence[str] = ()) -> nx.Graph[str]:
    """Make the networkx graph of an excerpt, with attributes that every format can hold.

    Nodes are `account:NAME` and `identifier:KIND:VALUE`, with their `node_type`. An edge of `edge_type` holds
    goes from an account to an identifier; one of `edge_type` link joins two accounts, with the joint
    behaviours of the two in `behaviours`. A label from a reference list is `listed_as`. Times are ISO 8601.
    What was left out and made coarse, in `notes`, is an attribute of the graph.
    """
    graph: nx.Graph[str] = nx.Graph(name=excerpt.name, what=excerpt.what)
    if notes:
        graph.graph["notes"] = " ".join(notes)
    for row in excerpt.accounts:
        name = row["account_id"]
        graph.add_node(_node("account", name), **{**_told(row), "label": name, "node_type": "account"})
    for row in excerpt.identifiers:
        node = _node("identifier", row["kind"], row["value"])
        own = {"label": row["value"], "node_type": "identifier", "listed_as": row.get("label")}
        graph.add_node(node, **{**_told(row), **_told(own)})
    for row in rows_of(excerpt.edges):
        ends = _node("account", row.pop("account_id")), _node("identifier", row["kind"], row.pop("value"))
        graph.add_edge(*ends, edge_type="holds", **_told(row))
    for row in rows_of(excerpt.links):
        ends = _node("account", row.pop("account_id_l")), _node("account", row.pop("account_id_r"))
        graph.add_edge(*ends, edge_type="link", **_told(row))
    for row in rows_of(excerpt.ties):
        _add_behaviour(graph, row)
    return graph


def excerpt_bytes(excerpt: Excerpt, manifest: Mapping[str, Any], form: str) -> bytes:
    """Make the file of an excerpt in one of `FILE_FORMATS`.

    Raises:
        SettingsError: The format's library is not installed.
    """
    notes = (*manifest.get("redacted", {}).get("what", ()), *excerpt.left_out)
    if form == "graphml":
        return _graphml(graph_of(excerpt, notes))
    if form == "gexf":
        return _gexf(graph_of(excerpt, notes))
    if form == "stix":
        from graphlink.export.stix import bundle_text

        return bundle_text(excerpt, notes).encode()
    tables = {
        name: rows_of(rows) if isinstance(rows, pa.Table) else rows for name, rows in _tables(excerpt).items()
    }
    told = {**_facts(excerpt, manifest), **tables}
    return (json.dumps(_plain(told), indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def write_folder(excerpt: Excerpt, manifest: Mapping[str, Any], form: str, folder: Path) -> None:
    """Write an excerpt as tables, one file each, in one of `FOLDER_FORMATS`, beside `export.json`."""
    for name, told in _tables(excerpt).items():
        path = folder / f"{name}.{form}"
        if form == "parquet":
            pq.write_table(_nullable(told) if isinstance(told, pa.Table) else _arrow(name, told), path)
            continue
        rows = _TableRows(told) if isinstance(told, pa.Table) else told
        with path.open("w", encoding="utf-8", newline="") as file:
            write_sheets([Sheet(name, tuple(_columns(name, told)), rows)], "csv", file)
    facts = json.dumps(_plain(_facts(excerpt, manifest)), indent=1, ensure_ascii=False, allow_nan=False)
    (folder / FACTS).write_text(facts + "\n", encoding="utf-8")


def export_files(folder: Path) -> tuple[str, ...]:
    """The files of a folder that `write_folder` wrote, by its own `export.json`; none where it wrote none."""
    try:
        facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return ()
    if not (isinstance(facts, dict) and {"graphlink", "what"} <= set(facts)):
        return ()
    forms = [form for form in FOLDER_FORMATS if (folder / f"accounts.{form}").exists()]
    return (FACTS, *(f"{name}.{form}" for name in TABLE_NAMES for form in forms))


def _facts(excerpt: Excerpt, manifest: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: fact for name, fact in manifest.items() if name not in ("this_run", "steps", "tables")}
    return {
        "graphlink": manifest.get("graphlink"),
        "what": excerpt.what,
        "name": excerpt.name,
        "left_out": list(excerpt.left_out),
        "run": told,
    }


class _TableRows(Sequence[dict[str, Any]]):
    """The rows of a table, made in pieces as they are read, so that a large table takes no memory."""

    _N_ROWS = 50_000

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __len__(self) -> int:
        n: int = self._table.num_rows
        return n

    @overload
    def __getitem__(self, at: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, at: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, at: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        return rows_of(self._table)[at]

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for start in range(0, len(self), self._N_ROWS):
            yield from rows_of(self._table.slice(start, self._N_ROWS))


def _tables(excerpt: Excerpt) -> dict[str, list[dict[str, Any]] | pa.Table]:
    told = {name: getattr(excerpt, name) for name in TABLE_NAMES if name != "clusters"}
    return {"clusters": [excerpt.cluster] if excerpt.cluster else [], **told}


def _columns(name: str, told: list[dict[str, Any]] | pa.Table) -> list[str]:
    if isinstance(told, pa.Table):
        return list(told.column_names)
    if told:
        return list(told[0])
    return next(
        (list(spec.column_names) for spec in TABLES if spec.name == name), ["account_id", "kind", "value"]
    )


def _nullable(table: pa.Table) -> pa.Table:
    """The table with columns that may be null, whichever of them are: the same types for every excerpt."""
    return table.cast(pa.schema([column.with_nullable(True) for column in table.schema]))


def _arrow(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    columns = _columns(name, rows)
    values = {column: [row.get(column) for row in rows] for column in columns}
    return pa.table({column: pa.array(told, _COLUMN_TYPES.get(column)) for column, told in values.items()})


def _node(*parts: str) -> str:
    return ":".join(parts)


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
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


def _seen(graph: nx.Graph[str]) -> nx.Graph[str]:
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


def _graphml(graph: nx.Graph[str]) -> bytes:
    file = io.BytesIO()
    nx.write_graphml_xml(_seen(graph), file, infer_numeric_types=True)
    return file.getvalue() + b"\n"


def _gexf(graph: nx.Graph[str]) -> bytes:
    seen = _seen(graph)
    nodes = list(seen)
    if len(nodes) <= _LARGEST_PLACED:
        number = {node: i for i, node in enumerate(nodes)}
        places = place_nodes(len(nodes), [(number[left], number[right]) for left, right in seen.edges])
        for node, (x, y) in zip(nodes, places.tolist(), strict=True):
            # Gephi's y axis points up.
            seen.nodes[node]["viz"] = {"position": {"x": x * _SCALE, "y": -y * _SCALE, "z": 0.0}}
    writer = nx.readwrite.gexf.GEXFWriter(version="1.2draft", prettyprint=True)
    writer.add_graph(seen)
    for meta in writer.xml.iter("meta"):
        meta.attrib.pop("lastmodifieddate", None)  # the same excerpt gives the same bytes
        if "notes" in seen.graph:
            ElementTree.SubElement(meta, "description").text = seen.graph["notes"]
    text = ElementTree.tostring(writer.xml, encoding="unicode")
    return f"<?xml version='1.0' encoding='utf-8'?>\n{text}\n".encode()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, datetime.datetime | datetime.date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
