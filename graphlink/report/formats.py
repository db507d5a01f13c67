"""The report as CSV, JSON and Markdown: written page by page, so that size costs time and not memory."""

from __future__ import annotations

import csv
import json
from importlib import resources
from typing import TYPE_CHECKING, Any, TextIO

from graphlink.core.wording.figures import format_probability, percent
from graphlink.render.escape import guarded, shortened
from graphlink.report.joined import JOINED_COLUMNS
from graphlink.report.model import plain, plain_cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from contextlib import ExitStack
    from pathlib import Path

    from graphlink.report.model import Entry, Page, Summary

SCHEMA = "report.schema.json"
CLUSTER_COLUMNS = (
    "rank", "cluster_id", "lineage", "lead", "priority", "why_first", "status", "probability", "n_accounts",
    "n_core", "n_fringe", "n_links", "n_joined", "n_news", "n_soon_after", "n_soon_after_by_chance",
    "is_above_chance", "n_left", "hypothesis", "also_explained_by", "expected_by_chance", "fdr", "headline",
    "first_seen", "last_seen",
)  # fmt: skip
_MARKS = frozenset("\\`*_{}[]<>()#!|~&@:/$^")
_MOST_NAMED = 8  # evidence items per cluster in Markdown
_LONGEST = 400


class TextFormats:
    """Writes clusters.csv, members.csv, fringe.csv, joined.csv, report.json and report.md into a folder.

    Args:
        folder: The folder.
        member_columns: The columns of members and fringe.
        files: Closes every file that is opened, also when the next can't be.
    """

    def __init__(self, folder: Path, member_columns: Sequence[str], files: ExitStack) -> None:
        self._folder = folder
        self._files = files
        self._clusters = csv.writer(self._open("clusters.csv"), lineterminator="\n")
        self._lists = {
            role: csv.writer(self._open(f"{role}.csv"), lineterminator="\n") for role in ("members", "fringe")
        }
        self._joined = csv.writer(self._open("joined.csv"), lineterminator="\n")
        self._json = self._open("report.json")
        self._sections: list[str] = []
        self._columns = tuple(member_columns)
        self._n = 0
        _write_row(self._clusters, CLUSTER_COLUMNS)
        _write_row(self._joined, ("cluster_id", *JOINED_COLUMNS))
        for writer in self._lists.values():
            _write_row(writer, ("cluster_id", *self._columns))
        self._json.write('{\n"schema": "graphlink-report-1",\n"clusters": [')

    def add(self, page: Page) -> None:
        """Write a cluster."""
        entry = page.entry
        _write_row(self._clusters, [getattr(entry, name) for name in CLUSTER_COLUMNS])
        for name, rows in (("members", page.core), ("fringe", page.fringe)):
            for row in rows:
                _write_row(self._lists[name], [entry.cluster_id, *(row.get(one) for one in self._columns)])
        for one in page.joined:
            _write_row(self._joined, [entry.cluster_id, *(getattr(one, name) for name in JOINED_COLUMNS)])
        self._json.write(",\n" if self._n else "\n")
        self._json.write(_json(page))
        self._sections.append(_section(page))
        self._n += 1

    def finish(self, summary: Summary, entries: Sequence[Entry]) -> None:
        """Write what comes after all clusters."""
        self._json.write(f'\n],\n"summary": {_json(summary)}\n}}\n')
        markdown = self._open("report.md")
        markdown.write(_markdown(summary, entries))
        markdown.writelines(self._sections)
        schema = (resources.files("graphlink.report") / SCHEMA).read_text("utf-8")
        self._open(SCHEMA).write(schema)

    def _open(self, name: str) -> TextIO:
        return self._files.enter_context((self._folder / name).open("w", encoding="utf-8", newline=""))


def _json(value: Any) -> str:
    # ASCII, so that nothing in it can move a terminal's cursor.
    return json.dumps(plain(value), allow_nan=False, ensure_ascii=True).replace("\x7f", "\\u007f")


def _write_row(writer: Any, cells: Iterable[object]) -> None:
    plain_cells = (plain_cell(cell) for cell in cells)
    writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in plain_cells])


def markdown_text(text: object) -> str:
    """A text in Markdown that is only text: no link, markup, table cell or HTML begins in it."""
    shown = shortened(str(text), _LONGEST)
    escaped = "".join(f"\\{letter}" if letter in _MARKS else letter for letter in shown)
    return escaped.replace(".", "\\.") if "www" in shown.lower() else escaped


def _markdown(summary: Summary, entries: Sequence[Entry]) -> str:
    sections = [f"# {summary.title}\n"]
    for title, sentences in (
        ("Findings", summary.findings),
        ("Confidence", summary.sure),
        ("What is new", summary.changed),
        ("What to decide", [f"{text} {cluster}".strip() for text, cluster in summary.todo]),
        ("Redacted", summary.redacted),
    ):
        if sentences:
            sections.append(f"## {title}\n\n{_items(sentences)}")
    rows = [
        {
            "#": entry.rank,
            "cluster": entry.name,
            "lead": entry.lead,
            "priority": f"{entry.priority:.1f}",
            "change": entry.status,
            "core": entry.n_core,
            "fringe": entry.n_fringe,
            "probability": format_probability(entry.probability),
            "why": entry.headline,
        }
        for entry in entries
    ]
    tables = (
        ("Joined", summary.joined),
        ("Clusters", rows),
        ("Gone", summary.gone),
        ("Totals", [summary.totals]),
        ("What was read", summary.sources),
        ("Too common to compare", summary.capped),
        ("Rejected rows", summary.rejected),
    )
    sections += [f"## {title}\n\n{_table(table)}" for title, table in tables if table]
    sections.append(f"## Method\n\n{_items(summary.method)}")
    return "\n".join(sections)


def _section(page: Page) -> str:
    entry = page.entry
    head = (
        f"\n## {entry.rank}\\. {markdown_text(entry.name)}: {entry.lead}\n\n{page.claim} "
        f"Probability {format_probability(entry.probability)}, {entry.n_core:,} core accounts, "
        f"{entry.n_fringe:,} fringe. {markdown_text(page.order)}\n"
    )
    ties = [
        {
            "kind": tie.kind,
            "value": tie.value,
            "share of evidence": percent(tie.share),
            "members": tie.n_members,
            "holders": tie.degree,
            "how rare": tie.rarity,
        }
        for tie in page.ties[:_MOST_NAMED]
    ]
    lists = (
        ("Confidence", page.sure),
        ("Evidence against it", page.against),
        ("What it depends on", page.breaks),
        ("Collateral of an action", page.collateral),
        ("Change", page.change),
    )
    sections = [f"\n### {title}\n\n{_items(sentences)}" for title, sentences in lists if sentences]
    return head + "".join(sections) + f"\n### Evidence\n\n{_table(ties)}"


def _items(sentences: Iterable[str]) -> str:
    return "".join(f"- {markdown_text(sentence)}\n" for sentence in sentences)


def _table(rows: Sequence[Mapping[str, Any]]) -> str:
    if not rows:
        return "None.\n"
    head = " | ".join(markdown_text(name) for name in rows[0])
    lines = [f"| {head} |", "|" + "---|" * len(rows[0])]
    for row in rows:
        cells = ("" if value is None else markdown_text(plain_cell(value)) for value in row.values())
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
