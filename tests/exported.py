"""Subgraphs in the built-in formats that need no result beside them, as tests write them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import openpyxl

from graphlink.export.formats import Export, format_of
from graphlink.export.formats.folders import write_export_folder
from graphlink.export.formats.registry import FORMATS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from graphlink.export.subgraph import Subgraph

_PAGES = ("html", "appeal")  # which need the result, the second one account
FILE_FORMATS = tuple(form.name for form in FORMATS if not form.is_folder and form.name not in _PAGES)
FOLDER_FORMATS = tuple(form.name for form in FORMATS if form.is_folder)


def write_folder(subgraph: Subgraph, manifest: Mapping[str, Any], name: str, folder: Path) -> None:
    """Write a subgraph in a format that is a folder."""
    write_export_folder(Export(subgraph, manifest), format_of(name), folder)


def text_of(form: str, content: bytes) -> str:
    """The text that a reader of a format sees: of a workbook its cells, a row a line."""
    if form != "xlsx":
        return content.decode("utf-8", errors="replace")
    book = openpyxl.load_workbook(io.BytesIO(content))
    rows = (
        "\t".join("" if cell is None else str(cell) for cell in row)
        for sheet in book.worksheets
        for row in ((sheet.title,), *sheet.iter_rows(values_only=True))
    )
    return "\n".join([str(book.properties.title), *rows]) + "\n"
