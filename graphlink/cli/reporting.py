"""The command that reports: a folder for the morning meeting and for the file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graphlink.cli.options import commands, quiet_option, read_since, result_argument, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphlink.report.folder import Report
    from graphlink.result.result import Result

_EVERY = 100  # clusters between two lines of progress in a file


@commands.command()
@result_argument
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the report.")
@click.option(
    "--since", metavar="RESULT|DATE", help="Show who joined since an earlier result, or a date (2026-03-01)."
)
@click.option("--select", default="", metavar="EXPR", help='As "probability > 0.9 and n_accounts >= 10".')
@click.option("--top", type=click.IntRange(min=1), metavar="N", help="At most the first N clusters.")
@click.option(
    "--profile", default="investigator", metavar="NAME", help="investigator, legal, partner or TOML."
)
@click.option("--key-file", type=click.Path(path_type=Path), help="Key of the profile's pseudonyms.")
@click.option(
    "--alert-probability",
    type=click.FloatRange(0, 1),
    help="Exit with 3 if accounts joined a cluster at least that likely (default with --since: 0.9).",
)
@click.option("--pdf", is_flag=True, help="Make report.pdf too (needs the extra: graphlink[pdf]).")
@click.option("--overwrite", is_flag=True, help="Replace an earlier report, once the new one is complete.")
@quiet_option
def report(result: Path, **told: Any) -> None:
    """Write a report of RESULT: a first page, a page per cluster, CSV, JSON, Markdown and a workbook."""
    from graphlink.core.wording.figures import counted
    from graphlink.report.folder import Options, write_report
    from graphlink.result.result import read_result

    view = _viewer(told["profile"], told["key_file"])
    since, alert, quiet = told["since"], told["alert_probability"], told["quiet"]
    options = Options(
        select=told["select"],
        top=told["top"],
        since=read_since(since, view),
        alert_probability=0.9 if alert is None else alert,
        pdf=told["pdf"],
        overwrite=told["overwrite"],
    )
    progress = None if quiet else _print_progress
    written = write_report(view(read_result(result)), told["out"], options, progress)
    say(f"{counted(len(written.entries), 'cluster')}; open {told['out'] / 'index.html'}", quiet=quiet)
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
    say(f"new or joined, with a probability of at least {least}: {news}{named}{rest}", quiet=quiet)
    sys.exit(3)


def _viewer(name: str, key_file: Path | None) -> Callable[[Result], Result]:
    """What makes of a result the view that a profile allows."""
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
