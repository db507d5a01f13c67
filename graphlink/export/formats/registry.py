"""The export formats: built in, and of plugins. A new one is a file here and its name in `FORMATS`."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from graphlink.core.errors import PluginError, SettingsError
from graphlink.core.plugins import load_plugin, plugin_names
from graphlink.export.formats.appeal import APPEAL
from graphlink.export.formats.csv_folder import CSV
from graphlink.export.formats.export_format import Export, ExportFormat
from graphlink.export.formats.gexf import GEXF
from graphlink.export.formats.graphml import GRAPHML
from graphlink.export.formats.html import HTML
from graphlink.export.formats.json_file import JSON
from graphlink.export.formats.misp_file import MISP
from graphlink.export.formats.neo4j_folder import NEO4J
from graphlink.export.formats.parquet_folder import PARQUET
from graphlink.export.formats.stix_file import STIX
from graphlink.export.formats.workbook import XLSX

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphlink.export.subgraph import Subgraph

GROUP = "graphlink.formats"
FORMATS = (HTML, GRAPHML, GEXF, CSV, XLSX, JSON, PARQUET, NEO4J, STIX, MISP, APPEAL)
"""The formats that are built in, in the order in which they are listed."""
_BUILT_IN = {form.name: form for form in FORMATS}


def format_names() -> tuple[str, ...]:
    """The names of all formats; nothing of a plugin is imported."""
    return tuple(dict.fromkeys((*_BUILT_IN, *plugin_names(GROUP))))


def format_of(name: str) -> ExportFormat:
    """The format of a name.

    Raises:
        SettingsError: There is none.
        PluginError: It is of a plugin that can't be used.
    """
    form = load_plugin(GROUP, name, ExportFormat, _BUILT_IN) or _BUILT_IN.get(name)
    if form is None:
        raise SettingsError(f"no export format {name!r}; known are {', '.join(format_names())}")
    return form


def export_formats() -> tuple[ExportFormat, ...]:
    """All formats.

    Raises:
        PluginError: One is of a plugin that can't be used.
    """
    return tuple(format_of(name) for name in format_names())


def describe_formats() -> list[dict[str, object]]:
    """All formats that can be used, for people and programs; those of broken plugins are left out."""
    described: list[dict[str, object]] = []
    for name in format_names():
        with contextlib.suppress(PluginError):  # `graphlink doctor` names broken plugins
            form = format_of(name)
            described.append(
                {
                    "name": name,
                    "suffix": form.suffix,
                    "about": form.about,
                    "is_folder": form.is_folder,
                    "is_built_in": name in _BUILT_IN,
                }
            )
    return described


def subgraph_bytes(subgraph: Subgraph, manifest: Mapping[str, Any], name: str) -> bytes:
    """The file of a subgraph in a format that is one file, and needs no more than the subgraph.

    Raises:
        SettingsError: There is no such format, or its library is not installed.
        ResultError: The format needs the result.
    """
    return format_of(name).content(Export(subgraph, manifest))
