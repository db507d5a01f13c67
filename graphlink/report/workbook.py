"""The report as a workbook."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from graphlink.render.workbook import Sheets
from graphlink.report.formats import CLUSTER_COLUMNS
from graphlink.report.joined import JOINED_COLUMNS
from graphlink.report.model import plain_cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from contextlib import ExitStack
    from pathlib import Path

    from graphlink.report.model import Page, Summary

_TIE = (
    "kind", "value", "facet", "bits", "n_links", "n_members", "degree", "n_outside", "p_exclusive", "label",
    "label_type", "rarity", "first_joint", "last_joint",
)  # fmt: skip
_WIDTHS = {
    "cluster_id": 15,
    "lineage": 9,
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
        self._sheets = Sheets(path, "Batch linkage report", _WIDTHS)
        self._columns = tuple(member_columns)
        files.callback(self._sheets.abandon)
        start = self._sheets.start
        start("Summary", ("section", "what", "how much"))
        start("Clusters", CLUSTER_COLUMNS)
        start("Core members", ("cluster_id", *self._columns))
        start("Fringe", ("cluster_id", *self._columns))
        start("Evidence", ("cluster_id", *_TIE))
        start("Joined", ("cluster_id", *JOINED_COLUMNS))
        start("Moves", ("cluster_id", "account_id", "cluster_before", "cluster_after", "was_known"))

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
        for sheet in self._sheets.full:
            self._add("Summary", ["Cut", f"{sheet}: the sheet is full; the CSV files have every row"])
        self._sheets.close()

    def _add_rows(self, section: str, rows: Iterable[Mapping[str, Any]]) -> None:
        for row in rows:
            text = ", ".join(f"{name}: {plain_cell(value)}" for name, value in row.items())
            self._add("Summary", [section, text])

    def _add(self, name: str, cells: Iterable[object]) -> None:
        rounded = (cell if isinstance(cell, datetime.datetime) else plain_cell(cell) for cell in cells)
        self._sheets.add(name, rounded)
