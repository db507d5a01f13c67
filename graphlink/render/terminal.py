"""What a command prints: rows as a table, as JSON or as CSV.

Every value of the data goes through `graphlink.render.escape` and reaches rich as plain text, never as
markup.
"""

from __future__ import annotations

import csv
import datetime
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TextIO

from graphlink.render.escape import guarded, shortened, visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Form = Literal["table", "json", "csv"]

_PROBABILITIES = ("score", "probability", "p_exclusive")
_WIDEST_CELL = 120
_UNLIMITED = 10_000  # columns of a table that goes to a file or a pipe: nothing is folded there


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows to show under a title.

    Attributes:
        title: Its name; the key of its rows in JSON.
        columns: The columns in order.
        rows: One mapping per row; a column that is missing there shows as empty.
    """

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Mapping[str, object]]


def write_sheets(sheets: Sequence[Sheet], form: Form, file: TextIO) -> None:
    """Write sheets: as tables under their titles, as JSON, or (one sheet only) as CSV.

    One sheet is a JSON list of objects; several are an object of such lists. JSON has the exact values; CSV
    guards what a spreadsheet would run as a formula.
    """
    if form == "json":
        lists = {sheet.title: [_plain_row(sheet, row) for row in sheet.rows] for sheet in sheets}
        write_json(lists if len(sheets) > 1 else lists[sheets[0].title], file)
    elif form == "csv":
        (sheet,) = sheets
        _write_csv(sheet, file)
    else:
        _write_tables(sheets, file)


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


def _write_tables(sheets: Sequence[Sheet], file: TextIO) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    width = None if file.isatty() else _UNLIMITED
    console = Console(file=file, width=width, markup=False, highlight=False, emoji=False)
    for sheet in sheets:
        if len(sheets) > 1:
            console.print(Text(visible(sheet.title), style="bold"))
        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        for name in sheet.columns:
            is_number = any(isinstance(row.get(name), int | float) for row in sheet.rows)
            table.add_column(Text(visible(name)), justify="right" if is_number else "left", overflow="fold")
        for row in sheet.rows:
            table.add_row(*(Text(_shown(row.get(name), name)) for name in sheet.columns))
        console.print(table)


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
