"""Commands about the watch list of a workspace: list it, screen accounts, add indicators, who came back."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graphlink.cli.group import SubCommands
from graphlink.cli.options import commands, form_option, print_message
from graphlink.cli.workspaces import by_option, opened, shown_time, workspace_argument
from graphlink.core.wording.figures import counted
from graphlink.render.terminal import Form, Sheet, write_sheets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from graphlink.workspace.return_rows import Noticed, Rate
    from graphlink.workspace.screening import Answer, Screened
    from graphlink.workspace.watch_rows import Entry

_SHORT_ENTRY = ("kind", "value", "for", "weight", "members", "others", "until")  # within 80 columns
_ENTRY = (*_SHORT_ENTRY, "source", "confidence", "from", "half_life_days", "watched", "not_watched")
_SHORT_ANSWER = ("account_id", "state", "of", "probability", "by")
_ANSWER = (*_SHORT_ANSWER, "list", "sentence")
_SHORT_RETURN = ("account_id", "of", "state", "probability", "by")
_RETURN = (*_SHORT_RETURN, "road", "is_older", "opened_at", "cluster_id", "lineage", "source", "sentences")
_RATE = ("of", "days", "decided", "back", "share_back", "volume_share", "is_over")
_MOST_REJECTED = 10  # lines on the terminal


@commands.group(name="watch", cls=SubCommands)
def watch_commands() -> None:
    """List the watch list, screen new accounts, add indicators."""


@watch_commands.command(name="list", examples=("graphlink watch list ws",))
@workspace_argument
@click.option("--all", "shows_all", is_flag=True, help="Include what is no longer watched, with the reason.")
@form_option
def list_command(directory: Path, form: Form, *, shows_all: bool) -> None:
    """List what workspace DIR watches: values of decided accounts and indicators, the weightiest first."""
    with opened(directory) as workspace:
        entries, at = workspace.watch.all(), workspace.now()
    listed = [one for one in entries if shows_all or one.is_watched(at)]
    columns = _ENTRY if shows_all or form != "table" else _SHORT_ENTRY
    write_sheets([Sheet("watched", columns, [_entry(one, at, form) for one in listed])], form, sys.stdout)
    if form == "table" and not shows_all:
        reasons = Counter(one.not_watched or "it ended" for one in entries if not one.is_watched(at))
        _print_reasons(reasons)


@watch_commands.command(name="screen", examples=("graphlink watch screen ws new-accounts.csv",))
@workspace_argument
@click.argument("file", type=click.Path(path_type=Path))
@form_option
def screen_command(directory: Path, file: Path, form: Form) -> None:
    """Screen the new accounts of FILE against workspace DIR; provisional until the next update.

    FILE is CSV or Parquet: account_id, kind, value and seen_at, or account_id, seen_at and a column for each
    kind, such as ip. Nobody's membership changes.
    """
    with opened(directory) as workspace:
        screened = workspace.watch.screen_file(file)
    columns = _SHORT_ANSWER if form == "table" else _ANSWER
    rows = [_answer(one) for one in screened.answers]
    if form == "table":
        rows = [row for row in rows if row["state"] != "clear"]
    write_sheets([Sheet("answers", columns, rows)], form, sys.stdout)
    _print_screened(screened)


@watch_commands.command(
    name="indicators", examples=("graphlink watch indicators ws bundle.json --source Partner --by ana",)
)
@workspace_argument
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--source", default="", metavar="NAME", help="Who reports them, where FILE does not say.")
@by_option
def indicators_command(directory: Path, file: Path, source: str, by: str) -> None:
    """Put the indicators of FILE on the watch list of workspace DIR: STIX 2.1, MISP or CSV.

    Each has a source, a confidence and an expiry; no value weighs more than its confidence, and one that many
    accounts hold is not watched.
    """
    with opened(directory, by) as workspace:
        taken = workspace.watch.add_indicators(file, source)
    known = f", {taken.n_known:,} known already" if taken.n_known else ""
    print_message(f"{counted(taken.n_new, 'indicator')} new or changed{known}")
    _print_reasons(taken.not_watched)
    _print_lines((f"rejected: {one.where}: {one.reason}" for one in taken.rejected), "rejected")


@commands.command(examples=("graphlink returns ws",))
@workspace_argument
@form_option
def returns(directory: Path, form: Form) -> None:
    """List who came back after decisions of workspace DIR.

    By which values, how likely, and how much of each decision was back, as the last update had it. In CSV the
    accounts only.
    """
    with opened(directory) as workspace:
        returned = workspace.returns()
    accounts = returns_sheet(returned.noticed, form)
    if form == "csv":
        write_sheets([accounts], form, sys.stdout)
        return
    rates = Sheet("rates", _RATE, [_rate(one) for one in returned.rates])
    write_sheets([accounts, rates], form, sys.stdout)


def returns_sheet(noticed: Iterable[Noticed], form: Form) -> Sheet:
    """Who came back, as a sheet."""
    columns = _SHORT_RETURN if form == "table" else _RETURN
    return Sheet("returns", columns, [_returned(one, form) for one in noticed], keep=_SHORT_RETURN)


def _entry(entry: Entry, at: str, form: Form) -> dict[str, object]:
    return {
        "kind": entry.kind,
        "value": entry.value,
        "for": entry.source if entry.lineage is None else f"K-{entry.lineage} ({entry.source})",
        "weight": round(entry.weight, 3) if form == "table" else entry.weight,
        "members": entry.n_members if entry.decision is not None else None,
        "others": entry.n_others,
        "until": shown_time(entry.until_at, form),
        "source": entry.source,
        "confidence": entry.confidence,
        "from": shown_time(entry.from_at, form),
        "half_life_days": entry.half_life_days,
        "watched": entry.is_watched(at),
        "not_watched": entry.not_watched,
    }


def _answer(answer: Answer) -> dict[str, Any]:
    best = answer.matches[0] if answer.matches else None
    return {
        "account_id": answer.account_id,
        "state": answer.state,
        "of": best.name if best else answer.lineage_id or "",
        "probability": best.probability if best else None,
        "by": _values((*hit.watched.identifier, hit.weight) for hit in best.hits) if best else "",
        "list": best.listed if best else "",
        "sentence": answer.sentence,
    }


def _returned(noticed: Noticed, form: Form) -> dict[str, object]:
    by = _values((one.kind, one.value, one.weight) for one in noticed.pieces)
    is_decided = noticed.decision is not None
    return {
        "account_id": noticed.account_id,
        "of": f"K-{noticed.lineage} ({noticed.source})" if is_decided else noticed.source,
        "state": noticed.state,
        "probability": noticed.probability,
        "by": by or f"cluster {noticed.cluster_id}",
        "road": noticed.road,
        "is_older": noticed.is_older,
        "opened_at": shown_time(noticed.opened_at, form),
        "cluster_id": noticed.cluster_id or "",
        "lineage": f"K-{noticed.lineage}" if is_decided else "",
        "source": noticed.source,
        "sentences": " ".join(noticed.sentences),
    }


def _rate(one: Rate) -> Mapping[str, object]:
    share, volume = one.rate.share_back, one.rate.volume_share
    return {
        "of": one.rate.lineage_id,
        "days": one.rate.days,
        "decided": one.rate.n_decided,
        "back": one.rate.n_back,
        "share_back": round(share, 3),
        "volume_share": None if volume is None else round(volume, 3),
        "is_over": one.rate.is_over,
    }


def _values(hits: Iterable[tuple[str, str, float]]) -> str:
    """Watched values in few words, the weightiest first."""
    listed = [f"{kind} {value}" for kind, value, _ in hits]
    return listed[0] + (f" and {len(listed) - 1:,} more" if len(listed) > 1 else "") if listed else ""


def _print_screened(screened: Screened) -> None:
    n = Counter(one.state for one in screened.answers)
    counts = ", ".join(f"{n[state]:,} {state}" for state in ("named", "possible", "known", "clear"))
    print_message(f"{counts}; provisional until the next update")
    _print_lines((f"rejected: row {one.row_number:,}: {one.reason}" for one in screened.rejected), "rejected")


def _print_reasons(reasons: Mapping[str, int]) -> None:
    for reason, n in sorted(reasons.items()):
        print_message(f"not watched: {n:,}, since {reason}")


def _print_lines(lines: Iterable[str], what: str) -> None:
    listed = list(lines)
    for line in listed[:_MOST_REJECTED]:
        print_message(line)
    if len(listed) > _MOST_REJECTED:
        print_message(f"{len(listed) - _MOST_REJECTED:,} more are {what}")
