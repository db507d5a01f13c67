"""Subgraphs in the built-in formats that need no result beside them, as tests write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphlink.export.formats import Export, format_of
from graphlink.export.formats.folders import write_export_folder
from graphlink.export.formats.registry import FORMATS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from graphlink.export.subgraph import Subgraph

FILE_FORMATS = tuple(form.name for form in FORMATS if not form.is_folder and form.name != "html")


def write_folder(subgraph: Subgraph, manifest: Mapping[str, Any], name: str, folder: Path) -> None:
    """Write a subgraph in a format that is a folder."""
    write_export_folder(Export(subgraph, manifest), format_of(name), folder)
