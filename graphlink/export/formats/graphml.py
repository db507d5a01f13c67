"""GraphML: XML can't hold every character, so what can't be seen is shown by its code."""

from __future__ import annotations

import io

from graphlink.export.formats.export_format import Export, ExportFormat


def graphml_bytes(export: Export) -> bytes:
    """Make the file."""
    import networkx as nx

    from graphlink.export.formats.graph import graph_of, seen_graph

    file = io.BytesIO()
    graph = seen_graph(graph_of(export.subgraph, export.notes))
    nx.write_graphml_xml(graph, file, infer_numeric_types=True)
    return file.getvalue() + b"\n"


GRAPHML = ExportFormat("graphml", ".graphml", "yEd, Gephi, Cytoscape, igraph, networkx", graphml_bytes)
