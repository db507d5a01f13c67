"""Commands about cases: list, show, open, comment, assign, status, merge and split."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from graphlink.cli.group import SubCommands
from graphlink.cli.options import commands, form_option, print_message
from graphlink.cli.workspaces import by_option, opened, shown_time, why_option, workspace_argument
from graphlink.render.terminal import Form, Sheet, write_sheets

if TYPE_CHECKING:
    from pathlib import Path

    from graphlink.workspace.case_states import Case

_SHORT = ("case", "status", "priority", "assignee", "title", "lineages", "changed_at")  # within 80 columns
_CASE = (*_SHORT[:-1], "resolution", "alerts", "comments", "opened_at", "changed_at", "last_event")
_ACTIVITY = ("seq", "at", "by", "action", "what")
numbers_argument = click.argument("numbers", metavar="CASE...", type=int, nargs=-1, required=True)
if_match_option = click.option(
    "--if-match", type=int, metavar="EVENT", help="Only if this is still the last event of the case."
)


@commands.group(name="case", cls=SubCommands)
def case_commands() -> None:
    """List, open and work on the cases of a workspace."""


@case_commands.command(name="list", examples=("graphlink case list ws --by ana",))
@workspace_argument
@click.option("--all", "shows_all", is_flag=True, help="All cases; without it those to work on, mine first.")
@by_option
@form_option
def list_command(directory: Path, by: str, form: Form, *, shows_all: bool) -> None:
    """List the cases of workspace DIR: mine and open first."""
    with opened(directory, by) as workspace:
        cases = workspace.cases.all() if shows_all else workspace.cases.queue()
    write_sheets([_sheet("cases", cases, form)], form, sys.stdout)


@case_commands.command(name="show", examples=("graphlink case show ws 1",))
@workspace_argument
@click.argument("number", metavar="CASE", type=int)
@form_option
def show_command(directory: Path, number: int, form: Form) -> None:
    """Show CASE of workspace DIR with its activity."""
    with opened(directory) as workspace:
        case, activity = workspace.cases.get(number), workspace.cases.activity(number)
    rows = [
        {
            "seq": one.event.seq,
            "at": shown_time(one.event.at, form),
            "by": one.event.by,
            "action": one.event.action.removeprefix("case."),
            "what": str(
                one.payload.get("text") or ", ".join(str(value) for value in one.payload.values() if value)
            ),
        }
        for one in activity
    ]
    if form == "csv":
        write_sheets([Sheet("activity", _ACTIVITY, rows)], form, sys.stdout)
        return
    write_sheets([_sheet("case", [case], form), Sheet("activity", _ACTIVITY, rows)], form, sys.stdout)
    if form == "table" and case.alerts:
        print_message(f"alerts: {', '.join(case.alerts)}")


@case_commands.command(name="open", examples=('graphlink case open ws K-4 --title "Resold" --by ana',))
@workspace_argument
@click.argument("lineages", metavar="[K-417...]", nargs=-1)
@click.option("--title", required=True, metavar="TEXT", help="Its title.")
@click.option(
    "--priority", type=click.Choice(["high", "normal", "low"]), default="normal", help="Its priority."
)
@by_option
def open_command(directory: Path, lineages: tuple[str, ...], title: str, priority: str, by: str) -> None:
    """Open a case about lineages of workspace DIR."""
    with opened(directory, by) as workspace:
        print_message(f"case {workspace.cases.open(title, lineages, priority)}")


@case_commands.command(name="comment", examples=('graphlink case comment ws 1 "One client." --by ana',))
@workspace_argument
@click.argument("number", metavar="CASE", type=int)
@click.argument("text")
@if_match_option
@by_option
def comment_command(directory: Path, number: int, text: str, if_match: int | None, by: str) -> None:
    """Comment on CASE of workspace DIR."""
    with opened(directory, by) as workspace:
        workspace.cases.comment(number, text, if_match)


@case_commands.command(name="assign", examples=("graphlink case assign ws 1 2 --to ana --by ben",))
@workspace_argument
@numbers_argument
@click.option("--to", required=True, metavar="NAME", help='To whom; "" for nobody.')
@if_match_option
@by_option
def assign_command(directory: Path, numbers: tuple[int, ...], to: str, if_match: int | None, by: str) -> None:
    """Assign each CASE of workspace DIR to somebody."""
    with opened(directory, by) as workspace:
        workspace.cases.assign(numbers, to, if_match)


@case_commands.command(name="priority", examples=("graphlink case priority ws 1 --to high --by ana",))
@workspace_argument
@numbers_argument
@click.option(
    "--to", "priority", type=click.Choice(["high", "normal", "low"]), required=True, help="The new priority."
)
@if_match_option
@by_option
def priority_command(
    directory: Path, numbers: tuple[int, ...], priority: str, if_match: int | None, by: str
) -> None:
    """Set the priority of each CASE of workspace DIR."""
    with opened(directory, by) as workspace:
        workspace.cases.set_priority(numbers, priority, if_match)


@case_commands.command(
    name="status", examples=('graphlink case status ws 1 --to closed --resolution acted --why "Done."',)
)
@workspace_argument
@numbers_argument
@click.option(
    "--to", "status", type=click.Choice(["open", "watching", "closed"]), required=True, help="The new status."
)
@click.option(
    "--resolution",
    type=click.Choice(["acted", "honest", "too little", "duplicate"]),
    help="Why it is closed.",
)
@why_option
@if_match_option
@by_option
def status_command(  # noqa: PLR0913 - one per option
    directory: Path,
    numbers: tuple[int, ...],
    *,
    status: str,
    resolution: str | None,
    why: str,
    if_match: int | None,
    by: str,
) -> None:
    """Set the status of each CASE of workspace DIR; decisions set further ones."""
    with opened(directory, by) as workspace:
        workspace.cases.set_status(numbers, status, why, resolution or "", if_match)


@case_commands.command(name="merge", examples=('graphlink case merge ws 2 1 --why "One operator." --by ana',))
@workspace_argument
@click.argument("number", metavar="CASE", type=int)
@click.argument("into", metavar="INTO", type=int)
@why_option
@by_option
def merge_command(directory: Path, number: int, into: int, why: str, by: str) -> None:
    """Merge CASE of workspace DIR into another."""
    with opened(directory, by) as workspace:
        workspace.cases.merge(number, into, why)


@case_commands.command(name="split", examples=('graphlink case split ws 1 K-4 --title "Rest" --by ana',))
@workspace_argument
@click.argument("number", metavar="CASE", type=int)
@click.argument("lineages", metavar="K-417...", nargs=-1, required=True)
@click.option("--title", required=True, metavar="TEXT", help="Title of the new case.")
@by_option
def split_command(directory: Path, number: int, lineages: tuple[str, ...], title: str, by: str) -> None:
    """Split lineages off CASE of workspace DIR into a new one."""
    with opened(directory, by) as workspace:
        print_message(f"case {workspace.cases.split(number, lineages, title)}")


def _sheet(title: str, cases: list[Case], form: Form) -> Sheet:
    return Sheet(title, _SHORT if form == "table" else _CASE, [_row(one, form) for one in cases])


def _row(case: Case, form: Form) -> dict[str, object]:
    return {
        "case": case.number,
        "status": case.status,
        "resolution": case.resolution,
        "priority": case.priority,
        "assignee": case.assignee,
        "title": case.title,
        "lineages": ", ".join(f"K-{one}" for one in case.lineages),
        "alerts": ", ".join(case.alerts),
        "comments": case.n_comments,
        "opened_at": case.opened_at,
        "changed_at": shown_time(case.changed_at, form),
        "last_event": case.last_seq,
    }
