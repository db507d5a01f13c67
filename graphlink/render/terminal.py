"""What a command prints: rows as a table, as JSON or as CSV.

Every value of the data goes through `graphlink.render.escape` and reaches rich as plain text, never as
markup.
"""

from __future__ import annotations

import csv
import datetime
import json
import math
import os
import shutil
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TextIO

from graphlink.render.escape import guarded, shortened, visible
from graphlink.render.fitting import GAP, Column, broken_header, fit_columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

Form = Literal["table", "json", "csv"]

_PROBABILITIES = ("score", "probability", "p_exclusive")
_WIDEST_CELL = 200
_UNLIMITED = 10_000  # characters of a line in a file or a pipe: nothing is folded or dropped there
_SHORT_TEXT = 24  # text up to this length is not folded


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows to show under a title.

    Attributes:
        title: Its name; the key of its rows in JSON.
        columns: The columns in order.
        rows: One mapping per row; a column that is missing there shows as empty.
        keep: The columns that a narrow terminal shows longest, the most important first.
    """

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Mapping[str, object]]
    keep: tuple[str, ...] = ()

    @property
    def known(self) -> tuple[str, ...]:
        """The columns that may be chosen: its own, and what else its rows have."""
        return tuple(dict.fromkeys([*self.columns, *(self.rows[0] if self.rows else ())]))


@dataclass(frozen=True, slots=True)
class View:
    """How much of a table to show.

    Attributes:
        columns: The columns to show, in this order; those of the sheet if empty.
        is_wide: Whether to show every column in full, however long the lines are.
    """

    columns: tuple[str, ...] = ()
    is_wide: bool = False


def write_sheets(sheets: Sequence[Sheet], form: Form, file: TextIO, view: View | None = None) -> None:
    """Write sheets: as tables under their titles, as JSON, or (one sheet only) as CSV.

    One sheet is a JSON list of objects; several are an object of such lists. JSON has the exact values; CSV
    guards what a spreadsheet would run as a formula. Tables fit the width of the terminal, or what COLUMNS
    says: columns that do not fit are named below the table. In a pipe without COLUMNS nothing is left out.
    """
    if view is not None and view.columns:
        sheets = [Sheet(sheet.title, view.columns, sheet.rows, view.columns) for sheet in sheets]
    if form == "json":
        lists = {sheet.title: [_plain_row(sheet, row) for row in sheet.rows] for sheet in sheets}
        write_json(lists if len(sheets) > 1 else lists[sheets[0].title], file)
    elif form == "csv":
        (sheet,) = sheets
        _write_csv(sheet, file)
    else:
        _write_tables(sheets, file, view)


def write_facts(facts: Mapping[str, object], form: Form, file: TextIO) -> None:
    """Write named values: as two columns, or as one JSON object."""
    if form == "json":
        write_json({name: _plain(value) for name, value in facts.items()}, file)
    else:
        rows = [{"what": name, "value": value} for name, value in facts.items()]
        write_sheets([Sheet("facts", ("what", "value"), rows)], form, file)


def write_json(value: object, file: TextIO) -> None:
    """Write JSON in ASCII, so that nothing in it can move a terminal's cursor."""
    file.write(json.dumps(value, indent=1, allow_nan=False).replace("\x7f", "\\u007f") + "\n")


def message(text: str) -> str:
    """A message for the terminal, which may quote the data: safe to print, its own line breaks kept."""
    return "\n".join(visible(line) for line in text.splitlines())


def folded(text: str, file: TextIO) -> str:
    """A message as `message` makes it, folded between words to the width of a terminal."""
    width = _width(file)
    lines = []
    for line in message(text).splitlines():
        indent = " " * (len(line) - len(line.lstrip()) + 2)
        folds = textwrap.wrap(
            line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        )
        lines += folds if len(line) > width else [line]
    return "\n".join(lines)


def _write_csv(sheet: Sheet, file: TextIO) -> None:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(sheet.columns)
    for row in sheet.rows:
        cells = [_plain(row.get(name)) for name in sheet.columns]
        writer.writerow([_csv_cell(cell, is_shown=file.isatty()) for cell in cells])


def _csv_cell(cell: object, *, is_shown: bool) -> object:
    if not isinstance(cell, str):
        return cell
    return guarded(visible(cell) if is_shown else cell)


def _width(file: TextIO) -> int:
    """Characters of a line: those of COLUMNS or of the terminal, and no limit in a file or a pipe."""
    if file.isatty():
        return shutil.get_terminal_size().columns
    given = os.environ.get("COLUMNS", "")
    return int(given) if given.isdecimal() and int(given) > 0 else _UNLIMITED


def _write_tables(sheets: Sequence[Sheet], file: TextIO, view: View | None) -> None:
    from rich.console import Console
    from rich.text import Text

    width = _UNLIMITED if view is not None and view.is_wide else _width(file)
    console = Console(file=file, width=width, markup=False, highlight=False, emoji=False)
    for place, sheet in enumerate(sheets):
        if place:
            console.print()
        if len(sheets) > 1:
            console.print(Text(visible(sheet.title), style="bold"))
        dropped = _write_table(console, sheet, drops=not (view and view.columns))
        if not sheet.rows:
            console.print(Text("none", style="dim"))
        if dropped:
            remedy = "" if view is None else "; --wide shows all, --columns chooses"
            names = ", ".join(map(visible, dropped))
            console.print(Text(f"not shown for lack of width: {names}{remedy}", style="dim"))


def _write_table(console: Console, sheet: Sheet, *, drops: bool) -> tuple[str, ...]:
    """Write a table that fits the console, and return the names of the columns that do not."""
    from rich.box import SIMPLE_HEAD
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    cells = {name: [_shown(row.get(name), name) for row in sheet.rows] for name in sheet.columns}
    columns = []
    for name, texts in cells.items():
        natural = max(map(cell_len, texts), default=0)
        is_text = natural > _SHORT_TEXT and not name.endswith("_id") and "_id_" not in name
        columns.append(Column(visible(name), natural, is_text))
    fit = fit_columns(columns, tuple(map(visible, sheet.keep)), console.width, drops=drops)
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, GAP - 1, 0, 0))
    shown = [name for name in sheet.columns if visible(name) in fit.widths]
    for name in shown:
        width = fit.widths[visible(name)]
        is_number = any(isinstance(row.get(name), int | float) for row in sheet.rows)
        header = Text(broken_header(visible(name), width))
        table.add_column(header, justify="right" if is_number else "left", width=width, overflow="fold")
    for line in zip(*(cells[name] for name in shown), strict=True):
        table.add_row(*map(Text, line))
    console.print(table)
    return fit.dropped


def _shown(value: object, column: str = "") -> str:
    """A value as a person reads it in a cell; no probability is shown as certain."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return _number(value, is_probability=column in _PROBABILITIES)
    if isinstance(value, datetime.datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return shortened(str(value), _WIDEST_CELL)


def _number(value: float, *, is_probability: bool) -> str:
    if is_probability and value > 0.9994:
        return ">0.999"
    return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def _plain_row(sheet: Sheet, row: Mapping[str, object]) -> dict[str, object]:
    return {name: _plain(row.get(name)) for name in sheet.columns}


def _plain(value: object) -> object:
    """A value as JSON and CSV hold it: times in ISO 8601, nothing for what is not a number."""
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
