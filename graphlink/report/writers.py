"""Every format of a report, written page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import ExitStack
    from pathlib import Path

    from graphlink.report.model import Entry, Page, Summary
    from graphlink.result.result import Result

_MEMBER = ("account_id", "probability", "role", "constrained_by")


class Writers:
    """Every format of a report, written page by page."""

    def __init__(self, folder: Path, member_columns: Sequence[str], files: ExitStack) -> None:
        from graphlink.report.formats import TextFormats
        from graphlink.report.html import HtmlPages
        from graphlink.report.workbook import Workbook

        self._folder = folder
        self._html = HtmlPages()
        self._texts = TextFormats(folder, member_columns, files)
        self._book = Workbook(folder / "report.xlsx", member_columns, files)

    def add(self, page: Page) -> None:
        """Write a cluster in every format."""
        # Only when there is a cluster: an empty folder would keep the report from being replaced.
        (self._folder / "clusters").mkdir(exist_ok=True)
        self._write(page.entry.file, self._html.cluster(page))
        self._texts.add(page)
        self._book.add(page)

    def finish(self, summary: Summary, entries: Sequence[Entry]) -> None:
        """Write the first page and what ends the other files."""
        self._write("index.html", self._html.index(summary, entries))
        self._texts.finish(summary, entries)
        self._book.finish(summary)

    def _write(self, name: str, text: str) -> None:
        (self._folder / name).write_text(text, encoding="utf-8", newline="\n")


def member_columns(result: Result) -> list[str]:
    """Columns of members in lists: their own first, then times and attributes of the accounts."""
    columns = result.table("accounts", where={"account_id": []}).column_names
    own = set(_MEMBER)
    attributes = [name for name in columns if name not in own and name != "n"]
    clashing = [f"{name} (attribute)" for name in columns if name in own - {"account_id"}]
    return [*_MEMBER, *attributes, *clashing]
