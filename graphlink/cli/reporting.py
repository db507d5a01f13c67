"""The report command: a folder with pages and tables of all clusters."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graphlink.cli.options import (
    commands,
    print_message,
    quiet_option,
    read_since,
    result_argument,
    weigh_option,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphlink.report.folder import Report
    from graphlink.result.result import Result

_EVERY = 100  # clusters between two lines of progress in a file


@commands.command(
    examples=(
        "graphlink report --out report",
        "graphlink report /data/april --out report --since /data/march",
        "graphlink report --out partner --profile partner --key-file key",
    )
)
@result_argument
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder to write the report to.")
@click.option(
    "--since", metavar="RESULT|DATE", help="Show who joined since an earlier result, or a date (2026-03-01)."
)
@click.option(
    "--select",
    default="",
    metavar="EXPR",
    help='Filter clusters, such as "probability > 0.9 and n_accounts >= 10".',
)
@click.option("--top", type=click.IntRange(min=1), metavar="N", help="Include the first N clusters.")
@weigh_option
@click.option(
    "--profile",
    default="investigator",
    metavar="NAME|FILE",
    help="Redaction profile: investigator, legal, partner, or a TOML file.",
)
@click.option("--key-file", type=click.Path(path_type=Path), help="Key file for pseudonyms.")
@click.option(
    "--alert-probability",
    type=click.FloatRange(0, 1),
    help="Exit with 3 if accounts joined a cluster of at least this probability (with --since: 0.9).",
)
@click.option("--pdf", is_flag=True, help="Also write report.pdf (needs the extra: graphlink[pdf]).")
@click.option("--overwrite", is_flag=True, help="Replace an earlier report, once the new one is complete.")
@quiet_option
def report(result: Path, **given: Any) -> None:
    """Write a report: pages, CSV, JSON, Markdown and a workbook."""
    from graphlink.core.wording.figures import counted
    from graphlink.report.folder import Options, write_report
    from graphlink.result.result import read_result
    from graphlink.workspace.lineage_names import lineages_shown

    view = _viewer(given["profile"], given["key_file"])
    opened = read_result(result)
    shown = view(opened)
    since, alert, quiet = given["since"], given["alert_probability"], given["quiet"]
    options = Options(
        select=given["select"],
        top=given["top"],
        weigh=given["weigh"],
        since=read_since(since, view),
        alert_probability=0.9 if alert is None else alert,
        pdf=given["pdf"],
        overwrite=given["overwrite"],
        lineages=lineages_shown(opened, shown),
    )
    progress = None if quiet else _print_progress
    written = write_report(shown, given["out"], options, progress)
    print_message(
        f"{counted(len(written.entries), 'cluster')}; open {given['out'] / 'index.html'}", quiet=quiet
    )
    if since is not None or alert is not None:
        _print_alerts(written, options.alert_probability, quiet=quiet)


def _print_alerts(written: Report, least: float, *, quiet: bool) -> None:
    from graphlink.core.wording.figures import counted

    if not written.alerts:
        return
    named = ", ".join(entry.cluster_id for entry in written.alerts[:5])
    more = len(written.alerts) - 5
    rest = f" and {more:,} more" if more > 0 else ""
    joined = sum(entry.n_news for entry in written.alerts)
    returned = [entry for entry in written.alerts if entry.is_above_chance]
    back = f", {counted(len(returned), 'cluster')} may have come back" if returned else ""
    news = f"{joined:,} open core accounts joined{back}: " if joined else ""
    print_message(f"new or joined, with a probability of at least {least}: {news}{named}{rest}", quiet=quiet)
    sys.exit(3)


def _viewer(name: str, key_file: Path | None) -> Callable[[Result], Result]:
    """A function that makes the view of a result that a profile allows."""
    from graphlink.kinds import read_key
    from graphlink.result.redaction import read_profile, redact

    profile = read_profile(name)
    key = None if key_file is None else read_key(key_file, "--key-file")
    return lambda result: redact(result, profile, key)


def _print_progress(done: int, total: int) -> None:
    from graphlink.core.wording.figures import counted

    if sys.stderr.isatty():
        end = "\n" if done == total else ""
        sys.stderr.write(f"\r\x1b[K{done:,} of {counted(total, 'cluster')}{end}")
        sys.stderr.flush()
    elif done % _EVERY == 0 or done == total:
        sys.stderr.write(f"{done:,} of {counted(total, 'cluster')}\n")
        sys.stderr.flush()
