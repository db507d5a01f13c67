"""The folder of a report, written whole or not at all, and its files."""

from __future__ import annotations

import dataclasses
import datetime as dt
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from graphlink.core.schema import CLUSTER_ID
from graphlink.explanations import searched_clusters
from graphlink.report.blocks import read_cluster_tables
from graphlink.report.choice import changes_of, choose_clusters, make_context, rank_clusters
from graphlink.report.pages import make_page
from graphlink.report.summary import make_summary
from graphlink.report.writers import Writers, member_columns
from graphlink.result.comparison import Change, moment_of
from graphlink.result.integrity import of_result
from graphlink.storage.atomic import whole_folder, writing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from graphlink.report.model import Entry
    from graphlink.result.result import Result

_MARK = "report.json"
_FILES = (
    _MARK, "index.html", "clusters.csv", "members.csv", "fringe.csv", "joined.csv", "report.md", "report.pdf",
    "report.schema.json", "report.xlsx",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Options:
    """What a report shows.

    Attributes:
        select: Selection of clusters, see `graphlink.report.selection`; empty for all.
        top: At most so many, the first in rank; None for all.
        since: An earlier result to compare with, or a moment: whoever was opened then or later joined since.
        weigh: Part of the order to points other than those of the run's settings.
        alert_probability: Least probability of what counts as an alert.
        pdf: Whether `report.pdf` is made as well.
        overwrite: Whether an earlier report at the same place is replaced.
        lineages: Cluster, as the result names it, to its lineage, such as K-4.
    """

    select: str = ""
    top: int | None = None
    since: Result | dt.datetime | None = None
    weigh: Mapping[str, float] = field(default_factory=dict)
    alert_probability: float = 0.9
    pdf: bool = False
    overwrite: bool = False
    lineages: Mapping[str, str] = field(default_factory=dict)


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
    out: str | Path,
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
    out, options = Path(out), options or Options()
    if isinstance(options.since, dt.datetime):
        options = dataclasses.replace(options, since=moment_of(options.since))
    for one in (result, options.since):
        if one is not None and not isinstance(one, dt.datetime):
            one.verify()
    changes = changes_of(result, options.since)
    context = make_context(result, changes, options.since, options.weigh)
    rows = rank_clusters(result, context)
    chosen = choose_clusters(rows, options.select, options.top, context)
    context = dataclasses.replace(context, searched=searched_clusters(chosen), lineages=options.lineages)
    with whole_folder(out, overwrite=options.overwrite, listed=report_files) as folder, writing(out):
        with ExitStack() as files:
            writers = Writers(folder, member_columns(result), files)
            entries, joined = [], []
            for rank, tables in enumerate(read_cluster_tables(result, chosen), 1):
                page = make_page(tables, rank, context)
                writers.add(page)
                entries.append(page.entry)
                joined += [(page.entry, one) for one in page.joined]
                (progress or _silent)(rank, len(chosen))
            choice = _choice_words(options)
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


def _choice_words(options: Options) -> str:
    return " and ".join(filter(None, (options.select, f"top {options.top}" if options.top else "")))


def _is_alert(entry: Entry, changes: dict[str, Change], options: Options) -> bool:
    if entry.probability < options.alert_probability:
        return False
    return not changes or entry.status in ("new", "merged") or entry.n_news > 0


def _silent(_: int, __: int) -> None:
    pass
