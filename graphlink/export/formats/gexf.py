"""GEXF with positions, as Gephi draws it; XML can't hold every character, so some are shown by their code."""

from __future__ import annotations

from xml.etree import ElementTree

from graphlink.export.formats.export_format import Export, ExportFormat

_LARGEST_PLACED = 5000  # nodes up to which GEXF carries positions
_SCALE = 60.0


def gexf_bytes(export: Export) -> bytes:
    """Make the file."""
    import networkx as nx

    from graphlink.export.formats.graph import graph_of, seen_graph
    from graphlink.render.layout import place_nodes

    seen = seen_graph(graph_of(export.subgraph, export.notes))
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
        meta.attrib.pop("lastmodifieddate", None)  # the same subgraph gives the same bytes
        if "notes" in seen.graph:
            ElementTree.SubElement(meta, "description").text = seen.graph["notes"]
    text = ElementTree.tostring(writer.xml, encoding="unicode")
    return f"<?xml version='1.0' encoding='utf-8'?>\n{text}\n".encode()


GEXF = ExportFormat("gexf", ".gexf", "Gephi, with positions", gexf_bytes)
