"""Commands about decisions: propose, review, approve, reject, withdraw, list, show, export, and others."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphlink.cli.group import SubCommands
from graphlink.cli.options import commands, form_option, print_message
from graphlink.cli.workspaces import by_option, opened, seen_by_option, why_option, workspace_argument
from graphlink.core.errors import WorkspaceError
from graphlink.render.terminal import Form, Sheet, write_facts, write_sheets

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphlink.workspace.decisions import Decision

_SHORT = ("decision", "state", "action", "lineage", "accounts", "proposed_by", "decided_by")  # 80 columns
_DECISION = (*_SHORT, "case", "exports", "proposed_at", "decided_at", "why", "decided_why", "snapshot_sha256")
_ACCOUNT = ("account_id", "role", "probability")


def _number(_context: click.Context, _parameter: click.Parameter, text: str) -> int:
    digits = text.removeprefix("D-")
    if not (digits.isascii() and digits.isdecimal()):
        raise click.BadParameter("expected a decision such as D-3")
    return int(digits)


decision_argument = click.argument("number", metavar="D-3", callback=_number)


@commands.group(name="decision", cls=SubCommands)
def decision_commands() -> None:
    """Propose, approve and export decisions; each takes two people."""


@decision_commands.command(
    name="propose", examples=('graphlink decision propose ws 1 close --why "One server." --by ana',)
)
@workspace_argument
@click.argument("case", type=int)
@click.argument("action", type=click.Choice(["close", "suspend", "restrict", "verify"]))
@click.option("--lineage", default="", metavar="K-417", help="Which, where the case is about several.")
@click.option("--fringe", multiple=True, metavar="ACCOUNT", help="Take this fringe member too.")
@click.option("--leave-out", multiple=True, metavar="ACCOUNT", help="Leave this member out.")
@why_option
@by_option
def propose_command(  # noqa: PLR0913 - one per option
    directory: Path,
    case: int,
    action: str,
    *,
    lineage: str,
    fringe: tuple[str, ...],
    leave_out: tuple[str, ...],
    why: str,
    by: str,
) -> None:
    """Propose ACTION on the core of the lineage of CASE in workspace DIR, with a snapshot of the evidence."""
    with opened(directory, by) as workspace:
        number = workspace.decisions.propose(
            case, action, why, lineage=lineage, fringe=fringe, leave_out=leave_out
        )
        n_accounts = len(workspace.decisions.get(number).proposal.accounts)
        collateral = workspace.decisions.evidence(number)["collateral"]
    print_message(f"D-{number}: {action} {n_accounts:,} accounts; a second person approves it")
    print_message("\n".join(collateral))


def _deciding(name: str, state: str, about: str) -> Callable[..., None]:
    """The command that brings a decision into a state."""
    example = f'graphlink decision {name} ws D-1 --why "It holds." --by ben'

    @decision_commands.command(name=name, help=about, examples=(example,))
    @workspace_argument
    @decision_argument
    @why_option
    @by_option
    def decide(directory: Path, number: int, why: str, by: str) -> None:
        with opened(directory, by) as workspace:
            changes = workspace.decisions.changes_since(number)
            workspace.decisions.decide(number, state, why)
        print_message(f"D-{number} is {state}")
        for sentence in changes:
            print_message(f"since it was proposed: {sentence}")

    return decide


@decision_commands.command(
    name="review", examples=('graphlink decision review ws D-1 close --why "One server." --by ben',)
)
@workspace_argument
@decision_argument
@click.argument("action", type=click.Choice(["close", "suspend", "restrict", "verify", "nothing"]))
@why_option
@by_option
def review_command(directory: Path, number: int, action: str, why: str, by: str) -> None:
    """State which ACTION you would take on D-3 of workspace DIR, as the second person.

    Then the proposal is shown. Where the two differ, `decision conflicts` lists it.
    """
    with opened(directory, by) as workspace:
        workspace.decisions.review(number, action, why)
        first = workspace.decisions.get(number)
    print_message(
        f"D-{number}: {first.proposed_by} proposes to {first.proposal.action}: {first.proposal.why}"
    )


@decision_commands.command(name="conflicts", examples=("graphlink decision conflicts ws",))
@workspace_argument
@seen_by_option
@form_option
def conflicts_command(directory: Path, by: str, form: Form) -> None:
    """List the decisions of workspace DIR that a second person would have made otherwise."""
    with opened(directory, by) as workspace:
        blind = workspace.blind().decisions if by else frozenset()
        rows = [
            {
                "decision": one.decision.name,
                "state": one.decision.state,
                "by": one.review.by,
                "detail": f"{one.detail} {one.review.why}",
            }
            for one in workspace.decisions.conflicts()
            if one.decision.number not in blind
        ]
    write_sheets([Sheet("conflicts", ("decision", "state", "by", "detail"), rows)], form, sys.stdout)


approve_command = _deciding(
    "approve", "approved", "Approve D-3 of workspace DIR as a second person, after `decision review`."
)
reject_command = _deciding(
    "reject", "rejected", "Reject D-3 of workspace DIR as a second person, after `decision review`."
)
withdraw_command = _deciding(
    "withdraw", "withdrawn", "Withdraw D-3 of workspace DIR, a proposal of your own."
)


@decision_commands.command(name="list", examples=("graphlink decision list ws",))
@workspace_argument
@seen_by_option
@form_option
def list_command(directory: Path, by: str, form: Form) -> None:
    """List the decisions of workspace DIR."""
    with opened(directory, by) as workspace:
        blind = workspace.blind().decisions if by else frozenset()
        rows = [_row(one, is_blind=one.number in blind) for one in workspace.decisions.all()]
    columns = _SHORT if form == "table" else _DECISION
    write_sheets([Sheet("decisions", columns, rows)], form, sys.stdout)


@decision_commands.command(name="show", examples=("graphlink decision show ws D-1",))
@workspace_argument
@decision_argument
@seen_by_option
@form_option
def show_command(directory: Path, number: int, by: str, form: Form) -> None:
    """Show D-3 of workspace DIR: its accounts, collateral, and what changed since."""
    with opened(directory, by) as workspace:
        is_blind = bool(by) and number in workspace.blind().decisions
        decision = workspace.decisions.get(number)
        evidence = workspace.decisions.evidence(number)
        changes = workspace.decisions.changes_since(number)
    accounts = Sheet("accounts", _ACCOUNT, [one._asdict() for one in decision.proposal.accounts])
    if form == "csv":
        write_sheets([accounts], form, sys.stdout)
        return
    columns = _SHORT if form == "table" else _DECISION
    write_sheets(
        [Sheet("decision", columns, [_row(decision, is_blind=is_blind)]), accounts], form, sys.stdout
    )
    why = "shown after your own verdict (graphlink decision review)" if is_blind else decision.proposal.why
    print_message(f"why: {why}")
    print_message("\n".join(evidence["collateral"]))
    for sentence in changes:
        print_message(f"since it was proposed: {sentence}")


@decision_commands.command(
    name="export", examples=("graphlink decision export ws D-1 --as csv --out close.csv --by ben",)
)
@workspace_argument
@decision_argument
@click.option(
    "--as", "kind", type=click.Choice(["csv", "json", "stix"]), default="csv", help="Format of the file."
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="File to write.")
@by_option
def export_command(directory: Path, number: int, kind: str, out: Path, by: str) -> None:
    """Write an approved decision of workspace DIR to a file, for those who act on it."""
    from graphlink.storage.atomic import write_whole_file

    if out.exists():
        raise WorkspaceError(f"{out} is there already; name another file")
    with opened(directory, by) as workspace:
        content = workspace.decisions.export(number, kind)
        n_exports = workspace.decisions.get(number).n_exports
    write_whole_file(out, content, overwrite=False)
    print_message(f"wrote {out}" + (f", export {n_exports} of D-{number}" if n_exports > 1 else ""))


@decision_commands.command(name="profile", examples=("graphlink decision profile ws D-1 ACCOUNT --by cem",))
@workspace_argument
@decision_argument
@click.argument("account")
@by_option
@form_option
def profile_command(directory: Path, number: int, account: str, by: str, form: Form) -> None:
    """Show what the evidence of D-3 states of ACCOUNT, for an appeal; this is logged."""
    with opened(directory, by) as workspace:
        profile = workspace.decisions.profile(number, account)
    facts = {name: value for name, value in profile._asdict().items() if name not in ("facts", "against")}
    if form == "json":
        write_facts(profile._asdict(), form, sys.stdout)
        return
    write_facts(facts, form, sys.stdout)
    for title, sentences in (("for it", profile.facts), ("against it", profile.against)):
        print_message("\n".join([f"{title}:", *(f"  {sentence}" for sentence in sentences)]))


@decision_commands.command(
    name="outcome", examples=("graphlink decision outcome ws D-1 ACCOUNT upheld --by cem",)
)
@workspace_argument
@decision_argument
@click.argument("account")
@click.argument("outcome", type=click.Choice(["upheld", "overturned"]))
@why_option
@by_option
def outcome_command(directory: Path, number: int, account: str, outcome: str, why: str, by: str) -> None:
    """Record what became of the appeal of ACCOUNT: the decision was upheld, or overturned."""
    with opened(directory, by) as workspace:
        workspace.decisions.record_outcome(number, account, outcome, why)


def _row(decision: Decision, *, is_blind: bool = False) -> dict[str, object]:
    return {
        "decision": decision.name,
        "state": decision.state,
        "action": "" if is_blind else decision.proposal.action,
        "case": decision.proposal.case,
        "lineage": f"K-{decision.proposal.lineage}",
        "accounts": len(decision.proposal.accounts),
        "proposed_by": decision.proposed_by,
        "decided_by": decision.decided_by,
        "exports": decision.n_exports,
        "proposed_at": decision.proposed_at,
        "decided_at": decision.decided_at,
        "why": "" if is_blind else decision.proposal.why,
        "decided_why": decision.decided_why,
        "snapshot_sha256": decision.proposal.snapshot_sha256,
    }
