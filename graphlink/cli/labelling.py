"""Commands about labels: add, review, undo, list and conflicts."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphlink.cli.group import SubCommands
from graphlink.cli.options import commands, form_option, print_message
from graphlink.cli.workspaces import by_option, opened, seen_by_option, why_option, workspace_argument
from graphlink.render.terminal import Form, Sheet, write_sheets

if TYPE_CHECKING:
    from graphlink.workspace.labels import Label

_SHORT = ("label", "verdict", "subject", "by", "state", "why")  # within 80 columns
_LABEL = (*_SHORT, "at", "expires_at", "run_then", "bits_then", "probability_then")
_CONFLICT = ("label", "verdict", "subject", "by", "conflict", "detail")


@commands.group(name="label", cls=SubCommands)
def label_commands() -> None:
    """Label accounts and identifiers in a workspace; runs follow them."""


@label_commands.command(
    name="add", examples=('graphlink label add ws no ACCOUNT K-1 --why "Appeal upheld." --by cem',)
)
@workspace_argument
@click.argument("verdict", type=click.Choice(["yes", "no", "unsure"]))
@click.argument("account", required=False, default="")
@click.argument("other", metavar="[OTHER|K-417]", required=False, default="")
@click.option(
    "--identifier", nargs=2, default=("", ""), metavar="KIND VALUE", help="Label an identifier instead."
)
@click.option(
    "--until", default="", metavar="DATE", help="Last day on which it holds (default: by the policy)."
)
@click.option(
    "--second", is_flag=True, help="Have a second person review it, to whom the verdict is not shown before."
)
@why_option
@by_option
def add_command(  # noqa: PLR0913 - one per argument
    directory: Path,
    verdict: str,
    *,
    account: str,
    other: str,
    identifier: tuple[str, str],
    until: str,
    second: bool,
    why: str,
    by: str,
) -> None:
    """Label ACCOUNT and OTHER, or ACCOUNT and a lineage, in workspace DIR.

    yes: one operator (of an identifier: exclusive to one); no: not; unsure: noted only.
    """
    is_lineage = re.fullmatch(r"K-\d+", other) is not None
    with opened(directory, by) as workspace:
        number = workspace.labels.add(
            verdict,
            why=why,
            account=account,
            other="" if is_lineage else other,
            lineage=other if is_lineage else "",
            identifier=identifier,
            until=until,
            second=second,
        )
    print_message(f"label {number}; the next update obeys it" if verdict != "unsure" else f"label {number}")


@label_commands.command(
    name="review", examples=('graphlink label review ws 3 no --why "Two people." --by ben',)
)
@workspace_argument
@click.argument("number", type=int)
@click.argument("verdict", type=click.Choice(["yes", "no", "unsure"]))
@why_option
@by_option
def review_command(directory: Path, number: int, verdict: str, why: str, by: str) -> None:
    """Give your own verdict on label NUMBER of workspace DIR, as the second person.

    Then the first verdict is shown. Where the two differ, `label conflicts` lists the label.
    """
    with opened(directory, by) as workspace:
        workspace.labels.review(number, verdict, why)
        (first,) = (one for one in workspace.labels.all() if one.number == number)
    print_message(f"label {number}: {first.by} states {first.verdict}: {first.why}")


@label_commands.command(
    name="import", examples=('graphlink label import ws labels.csv --why "Reviewed." --by ana',)
)
@workspace_argument
@click.argument("file", type=click.Path(path_type=Path))
@why_option
@by_option
def import_command(directory: Path, file: Path, why: str, by: str) -> None:
    """Label the pairs of FILE in workspace DIR: account_id_l, account_id_r, verdict."""
    with opened(directory, by) as workspace:
        n_labels = workspace.labels.add_file(file, why)
    print_message(f"{n_labels:,} labels; the next update obeys them")


@label_commands.command(name="undo", examples=('graphlink label undo ws 3 --why "A mistake." --by ana',))
@workspace_argument
@click.argument("number", type=int)
@why_option
@by_option
def undo_command(directory: Path, number: int, why: str, by: str) -> None:
    """Withdraw label NUMBER of workspace DIR; a "yes" on accounts becomes a "no"."""
    with opened(directory, by) as workspace:
        opposite = workspace.labels.undo(number, why)
    print_message(f"label {number} is withdrawn" + (f"; label {opposite} states no" if opposite else ""))


@label_commands.command(name="list", examples=("graphlink label list ws",))
@workspace_argument
@seen_by_option
@form_option
def list_command(directory: Path, by: str, form: Form) -> None:
    """List the labels of workspace DIR."""
    with opened(directory, by) as workspace:
        labels, at = workspace.labels.all(), workspace.now()
        blind = workspace.blind().labels if by else frozenset()
    rows = [
        {
            "label": one.number,
            "verdict": one.verdict,
            "subject": str(one.subject),
            "by": one.by,
            "at": one.at,
            "expires_at": one.expires_at,
            "run_then": one.evidence.run_no,
            "bits_then": one.evidence.bits,
            "probability_then": one.evidence.probability,
            "state": _state(one, at),
            "why": one.why,
        }
        for one in labels
    ]
    for row in rows:
        if row["label"] in blind:
            # The evidence of then stays: whoever reviews has it too. The expiry depends on the verdict.
            row |= {"verdict": "", "why": "", "expires_at": "", "state": "waits for you"}
    columns = _SHORT if form == "table" else _LABEL
    write_sheets([Sheet("labels", columns, rows)], form, sys.stdout)


@label_commands.command(name="conflicts", examples=("graphlink label conflicts ws",))
@workspace_argument
@form_option
def conflicts_command(directory: Path, form: Form) -> None:
    """List the labels of workspace DIR that somebody should look at again."""
    with opened(directory) as workspace:
        conflicts = workspace.labels.conflicts()
    rows = [
        {
            "label": one.label.number,
            "verdict": one.label.verdict,
            "subject": str(one.label.subject),
            "by": one.label.by,
            "conflict": one.kind,
            "detail": one.detail,
        }
        for one in conflicts
    ]
    write_sheets([Sheet("conflicts", _CONFLICT, rows)], form, sys.stdout)


def _state(label: Label, at: str) -> str:
    """Whether a label is in force at a moment, and if not, why."""
    if label.withdrawn_by:
        return f"withdrawn by {label.withdrawn_by}"
    if label.is_in_force(at):
        return f"until {label.expires_at[:10]}"
    if at >= label.expires_at:
        return "expired"
    return "noted" if label.verdict == "unsure" else "account forgotten"
