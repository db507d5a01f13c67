"""Workbooks: every text a text, never a formula or link; the same sheets, the same bytes."""

from __future__ import annotations

import datetime
import math
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from graphlink.render.escape import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

_LONGEST = 32_000  # characters of a cell; the format allows 32,767
MOST_ROWS = 1_048_000
"""Rows of a sheet; the format allows 1,048,576."""
_CREATED = datetime.datetime(2000, 1, 1)
_WIDTH = 14


class Sheets:
    """Writes a workbook, sheet by sheet or row by row.

    Args:
        target: The file, written a row at a time and in little memory; or a stream, for which all of it is
            held in memory.
        title: The title in its properties.
        widths: Column to its width in characters; others have 14.
    """

    def __init__(self, target: Path | IO[bytes], title: str, widths: Mapping[str, int]) -> None:
        options: dict[str, Any] = {"strings_to_formulas": False, "strings_to_urls": False}
        if hasattr(target, "write"):
            self._book = xlsxwriter.Workbook(target, {**options, "in_memory": True})
        else:
            # Rows wait in files of the file's own folder: a book that fails leaves none of them elsewhere.
            waiting = {"constant_memory": True, "tmpdir": str(target.parent)}
            self._book = xlsxwriter.Workbook(str(target), {**options, **waiting})
        self._book.set_properties({"title": shortened(title, 200), "created": _CREATED})
        self._bold = self._book.add_format({"bold": True, "bottom": 1})
        self._time = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._widths = widths
        self._rows: dict[str, int] = {}
        self._sheets: dict[str, Any] = {}

    @property
    def full(self) -> list[str]:
        """The sheets that had no room for every row."""
        return [name for name, n in self._rows.items() if n > MOST_ROWS]

    def start(self, name: str, columns: Sequence[str]) -> None:
        """Add a sheet with its columns, which stay in view."""
        sheet = self._sheets[name] = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for i, column in enumerate(columns):
            sheet.set_column(i, i, self._widths.get(column, _WIDTH))
            sheet.write_string(0, i, shortened(column, _LONGEST), self._bold)
        self._rows[name] = 1

    def add(self, name: str, cells: Iterable[object]) -> None:
        """Add a row to a sheet; a full sheet takes no more."""
        row = self._rows[name]
        self._rows[name] = row + 1
        if row >= MOST_ROWS:
            return
        for i, cell in enumerate(cells):
            self._write(self._sheets[name], (row, i), cell)

    def close(self) -> None:
        """Finish the workbook.

        Raises:
            OSError: The disk refused.
        """
        try:
            self._book.close()
        except FileCreateError as error:
            raise error.args[0] from None  # the OSError of the disk

    def abandon(self) -> None:
        """Release what is unfinished; nothing after `close`."""
        self._book.fileclosed = 1
        for sheet in self._sheets.values():
            with suppress(AttributeError, OSError, ValueError):  # in memory, a full disk, or closed
                sheet.row_data_fh.close()

    def _write(self, sheet: Any, place: tuple[int, int], cell: object) -> None:
        if isinstance(cell, datetime.datetime):
            sheet.write_datetime(*place, cell.astimezone(datetime.UTC).replace(tzinfo=None), self._time)
        elif isinstance(cell, bool):
            sheet.write_boolean(*place, cell)
        elif isinstance(cell, int | float):
            if math.isfinite(cell):
                sheet.write_number(*place, cell)
        elif cell is not None and cell != "":
            sheet.write_string(*place, shortened(str(cell), _LONGEST))
