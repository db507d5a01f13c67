"""An export format: DOT, which Graphviz draws."""

from __future__ import annotations

import json

from graphlink.export.formats import Export, ExportFormat


def dot_bytes(export: Export) -> bytes:
    """Make the file: a node per account, an edge per link."""
    nodes = [f"  {json.dumps(row['account_id'])};" for row in export.subgraph.accounts]
    edges = [
        f"  {json.dumps(row['account_id_l'])} -- {json.dumps(row['account_id_r'])};"
        for row in export.subgraph.links.to_pylist()
    ]
    return "\n".join(["graph {", *nodes, *edges, "}", ""]).encode()


DOT = ExportFormat("dot", ".dot", "Graphviz", dot_bytes)
