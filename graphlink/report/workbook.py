"""The report as a workbook: every text a text, never a formula or link; the same report, the same bytes."""

from __future__ import annotations

import datetime
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from graphlink.render.escape import shortened
from graphlink.report.formats import CLUSTER_COLUMNS
from graphlink.report.joined import JOINED_COLUMNS
from graphlink.report.model import plain_cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from contextlib import ExitStack
    from pathlib import Path

    from graphlink.report.model import Page, Summary

_LONGEST = 32_000  # characters of a cell; the format allows 32,767
_MOST_ROWS = 1_048_000  # rows of a sheet; the format allows 1,048,576
_CREATED = datetime.datetime(2000, 1, 1)
_TIE = (
    "kind", "value", "facet", "bits", "n_links", "n_members", "degree", "n_outside", "p_exclusive", "label",
    "label_type", "rarity", "first_joint", "last_joint",
)  # fmt: skip
_WIDTHS = {
    "cluster_id": 15,
    "account_id": 26,
    "headline": 60,
    "value": 34,
    "rarity": 30,
    "what": 44,
    "how much": 60,
}


class Workbook:
    """Writes `report.xlsx`, a row at a time and in little memory.

    Args:
        path: The file.
        member_columns: The columns of members and fringe.
        files: Closes every file that is opened, also when the next can't be.
    """

    def __init__(self, path: Path, member_columns: Sequence[str], files: ExitStack) -> None:
        # Rows wait in files of the report's own folder: a report that fails leaves none of them elsewhere.
        options = {
            "constant_memory": True, "tmpdir": str(path.parent), "strings_to_formulas": False,
            "strings_to_urls": False,
        }  # fmt: skip
        self._book = xlsxwriter.Workbook(str(path), options)
        self._book.set_properties({"title": "Batch linkage report", "created": _CREATED})
        self._bold = self._book.add_format({"bold": True, "bottom": 1})
        self._time = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._columns = tuple(member_columns)
        self._rows: dict[str, int] = {}
        self._sheets: dict[str, Any] = {}
        files.callback(self._close)
        self._start("Summary", ("section", "what", "how much"))
        self._start("Clusters", CLUSTER_COLUMNS)
        self._start("Core members", ("cluster_id", *self._columns))
        self._start("Fringe", ("cluster_id", *self._columns))
        self._start("Evidence", ("cluster_id", *_TIE))
        self._start("Joined", ("cluster_id", *JOINED_COLUMNS))
        self._start("Moves", ("cluster_id", "account_id", "cluster_before", "cluster_after", "was_known"))

    def add(self, page: Page) -> None:
        """Write a cluster."""
        own = page.entry.cluster_id
        self._add("Clusters", [getattr(page.entry, name) for name in CLUSTER_COLUMNS])
        for sheet, rows in (("Core members", page.core), ("Fringe", page.fringe)):
            for row in rows:
                self._add(sheet, [own, *(row.get(name) for name in self._columns)])
        for tie in page.ties:
            self._add("Evidence", [own, *(getattr(tie, name) for name in _TIE)])
        for one in page.joined:
            self._add("Joined", [own, *(getattr(one, name) for name in JOINED_COLUMNS)])
        for move in page.moves:
            self._add("Moves", [own, *move.values()])

    def finish(self, summary: Summary) -> None:
        """Write what comes after all clusters, and close the file."""
        for section, sentences in (
            ("Findings", summary.findings),
            ("Confidence", summary.sure),
            ("What is new", summary.changed),
            ("What to decide", [f"{text} {cluster}".strip() for text, cluster in summary.todo]),
            ("Redacted", summary.redacted),
            ("Method", summary.method),
        ):
            for sentence in sentences:
                self._add("Summary", [section, sentence])
        for section, facts in (
            ("Totals", summary.totals),
            ("Data", summary.quality),
            ("Run", summary.manifest),
        ):
            for name, value in facts.items():
                self._add("Summary", [section, name, value])
        for section, rows in (("Too common to compare", summary.capped), ("Rejected rows", summary.rejected)):
            self._add_rows(section, rows)
        for sheet, n in self._rows.items():
            if n >= _MOST_ROWS:
                self._add("Summary", ["Cut", f"{sheet}: the sheet is full; the CSV files have every row"])
        try:
            self._book.close()
        except FileCreateError as error:
            raise error.args[0] from None  # the OSError of the disk

    def _close(self) -> None:
        # Release what is unfinished.
        self._book.fileclosed = 1
        for sheet in self._sheets.values():
            with suppress(OSError, ValueError):  # the disk is full, or the file is closed
                sheet.row_data_fh.close()

    def _add_rows(self, section: str, rows: Iterable[Mapping[str, Any]]) -> None:
        for row in rows:
            text = ", ".join(f"{name}: {plain_cell(value)}" for name, value in row.items())
            self._add("Summary", [section, text])

    def _start(self, name: str, columns: Sequence[str]) -> None:
        sheet = self._sheets[name] = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for i, column in enumerate(columns):
            sheet.set_column(i, i, _WIDTHS.get(column, 14))
            sheet.write_string(0, i, shortened(column, _LONGEST), self._bold)
        self._rows[name] = 1

    def _add(self, name: str, cells: Iterable[object]) -> None:
        row = self._rows[name]
        if row >= _MOST_ROWS and name != "Summary":
            return
        self._rows[name] = row + 1
        for i, cell in enumerate(cells):
            self._write(self._sheets[name], (row, i), cell)

    def _write(self, sheet: Any, place: tuple[int, int], cell: object) -> None:
        value = cell if isinstance(cell, datetime.datetime) else plain_cell(cell)
        if isinstance(value, datetime.datetime):
            sheet.write_datetime(*place, value.astimezone(datetime.UTC).replace(tzinfo=None), self._time)
        elif isinstance(value, bool):
            sheet.write_boolean(*place, value)
        elif isinstance(value, int | float):
            sheet.write_number(*place, value)
        elif value is not None and value != "":
            sheet.write_string(*place, shortened(str(value), _LONGEST))
