"""The batch linkage report: one folder with the same values as HTML, Markdown, CSV, JSON and a workbook."""

from __future__ import annotations

import dataclasses
import datetime as dt
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from graphlink.core.schema import CLUSTER_ID, CLUSTERS, check_cluster_id
from graphlink.explanations import searched_clusters
from graphlink.report.blocks import read_parts
from graphlink.report.model import LEADS
from graphlink.report.pages import Context, lead_of, make_page, probability_of
from graphlink.report.selection import parse_selection
from graphlink.report.summary import make_summary
from graphlink.result.comparison import caveats_of, changes_since, compare_clusters, moment_of
from graphlink.result.integrity import of_result
from graphlink.result.result import CLUSTER_ORDER
from graphlink.storage.arrow_values import rows_of
from graphlink.storage.atomic import whole_folder, writing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from graphlink.report.model import Entry, Page, Summary
    from graphlink.result.comparison import Change
    from graphlink.result.result import Result

__all__ = ["Options", "Report", "write_report"]

_MARK = "report.json"
_FILES = (
    _MARK, "index.html", "clusters.csv", "members.csv", "fringe.csv", "joined.csv", "report.md", "report.pdf",
    "report.schema.json", "report.xlsx",
)  # fmt: skip
_DEFAULT_THRESHOLD = 0.9
_MEMBER = ("account_id", "probability", "role")


@dataclass(frozen=True, slots=True)
class Options:
    """What a report shows.

    Attributes:
        select: Selection of clusters, see `graphlink.report.selection`; empty for all.
        top: At most so many, the first in rank; None for all.
        since: An earlier result to compare with, or a moment: whoever was opened then or later joined since.
        alert_probability: Least probability of what counts as an alert.
        pdf: Whether `report.pdf` is made as well.
        overwrite: Whether an earlier report at the same place is replaced.
    """

    select: str = ""
    top: int | None = None
    since: Result | dt.datetime | None = None
    alert_probability: float = 0.9
    pdf: bool = False
    overwrite: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """A written report.

    Attributes:
        folder: Where it is.
        entries: The clusters in it, in order.
        alerts: Those that are new or merged, or that open core accounts joined, at the alert's probability or
            above; of a report that compares with nothing every cluster is new.
    """

    folder: Path
    entries: tuple[Entry, ...]
    alerts: tuple[Entry, ...] = field(default=())


@of_result
def write_report(
    result: Result,
    out: Path,
    options: Options | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Write a report as a folder that appears whole or not at all.

    The same result and options give the same bytes: there is no clock in it.

    Args:
        result: A finished run, or a redacted view of one; what is read from it is shown as it is.
        out: The folder to make.
        options: What to show.
        progress: Called with the clusters done and all of them.

    Raises:
        SettingsError: The selection can't be read.
        ResultError: The folder can't be written, a table is not what its run wrote, or a cluster has an id
            that can't be a file's name.
    """
    options = options or Options()
    if isinstance(options.since, dt.datetime):
        options = dataclasses.replace(options, since=moment_of(options.since))
    for one in (result, options.since):
        if one is not None and not isinstance(one, dt.datetime):
            one.verify()
    changes = _changes(result, options.since)
    context = _context(result, changes, options.since)
    rows = _ranked(result, context)
    chosen = _chosen(rows, options, context)
    context = dataclasses.replace(context, searched=searched_clusters(chosen))
    with whole_folder(out, overwrite=options.overwrite, listed=report_files) as folder, writing(out):
        with ExitStack() as files:
            writers = _Writers(folder, _member_columns(result), files)
            entries, joined = [], []
            for rank, part in enumerate(read_parts(result, chosen), 1):
                page = make_page(part, rank, context)
                writers.add(page)
                entries.append(page.entry)
                joined += [(page.entry, one) for one in page.joined]
                (progress or _silent)(rank, len(chosen))
            choice = _told_choice(options)
            writers.finish(make_summary(result, (entries, joined), len(rows), choice, context), entries)
        if options.pdf:
            from graphlink.report.pdf import write_pdf

            write_pdf(folder)
    alerts = tuple(entry for entry in entries if _is_alert(entry, changes, options))
    return Report(out, tuple(entries), alerts)


def report_files(folder: Path) -> tuple[str, ...]:
    """The files of a folder that `write_report` wrote; none where there is no report."""
    try:
        with (folder / _MARK).open(encoding="utf-8") as file:
            is_report = "graphlink-report" in file.read(200)
    except (OSError, UnicodeDecodeError):
        return ()
    if not is_report:
        return ()
    pages = (path for path in (folder / "clusters").glob("*.html") if CLUSTER_ID.fullmatch(path.stem))
    return (*_FILES, *(f"clusters/{path.name}" for path in pages))


class _Writers:
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
        # Only where there is one: an empty folder would be nobody's, and keep the report from being replaced.
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


def _told_choice(options: Options) -> str:
    return " and ".join(filter(None, (options.select, f"top {options.top}" if options.top else "")))


def _member_columns(result: Result) -> list[str]:
    """Columns of members in lists: their own first, then times and attributes of the accounts."""
    told = result.table("accounts", where={"account_id": []}).column_names
    own = set(_MEMBER)
    attributes = [name for name in told if name not in own and name != "n"]
    clashing = [f"{name} (attribute)" for name in told if name in own - {"account_id"}]
    return [*_MEMBER, *attributes, *clashing]


def _context(result: Result, changes: dict[str, Change], since: Result | dt.datetime | None) -> Context:
    model = result.manifest.get("settings", {}).get("model", {})
    times = result.table("accounts", ["first_seen", "last_seen"])
    ends = times.group_by([]).aggregate([("first_seen", "min"), ("last_seen", "max")])
    first, last = (rows_of(ends)[0][name] for name in ("first_seen_min", "last_seen_max"))
    moment = since if isinstance(since, dt.datetime) else None
    threshold = float(model.get("core_probability", _DEFAULT_THRESHOLD))
    caveats = () if since is None or isinstance(since, dt.datetime) else caveats_of(result, since)
    return Context(threshold, first, last, changes, since=moment, caveats=caveats)


def _changes(result: Result, since: Result | dt.datetime | None) -> dict[str, Change]:
    if since is None:
        return {}
    columns = ["account_id", "cluster_id"]
    membership = result.table("membership", columns)
    if not isinstance(since, dt.datetime):
        return compare_clusters(since.table("membership", columns), membership)
    accounts = result.table("accounts", ["account_id", "created_at", "first_seen"])
    opened = pc.coalesce(accounts["created_at"], accounts["first_seen"]).to_pylist()
    moments = dict(zip(accounts["account_id"].to_pylist(), opened, strict=True))
    return changes_since(membership, moments, since)


def _ranked(result: Result, context: Context) -> list[dict[str, Any]]:
    """The clusters by lead, those with the most core accounts first; each with what a selection may name."""
    rows = rows_of(result.table("clusters").sort_by(list(CLUSTER_ORDER)))
    order = list(LEADS)
    for row in rows:
        check_cluster_id(row["cluster_id"])
    return sorted(rows, key=lambda row: order.index(lead_of(row, context.threshold)))


def _chosen(rows: list[dict[str, Any]], options: Options, context: Context) -> list[dict[str, Any]]:
    def told(row: dict[str, Any]) -> dict[str, Any]:
        change = context.changes.get(row["cluster_id"])
        return {
            **row,
            "probability": probability_of(row),
            "n_fringe": row["n_accounts"] - row["n_core"],
            "lead": lead_of(row, context.threshold),
            "status": change.status if change else "",
        }

    if options.select:
        own = list(rows[0]) if rows else list(CLUSTERS.column_names)
        columns = [*own, "probability", "n_fringe", "lead", "status"]
        selection = parse_selection(options.select, columns)
        rows = [row for row in rows if selection.matches(told(row))]
    return rows[: options.top]


def _is_alert(entry: Entry, changes: dict[str, Change], options: Options) -> bool:
    if entry.probability < options.alert_probability:
        return False
    return not changes or entry.status in ("new", "merged") or entry.n_news > 0


def _silent(_: int, __: int) -> None:
    pass
