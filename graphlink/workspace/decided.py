"""What a workspace knows when it looks for returns: decisions, what their accounts held, and indicators."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from graphlink.workspace.audit import FORGOTTEN
from graphlink.workspace.cases import HONEST, read_cases
from graphlink.workspace.decisions import APPROVED, OVERTURNED, read_decisions, read_outcomes
from graphlink.workspace.holdings import Holding, Identifier
from graphlink.workspace.indicators import Indicator
from graphlink.workspace.labels import NO, read_labels
from graphlink.workspace.lineage_names import resolve
from graphlink.workspace.returns import NAMED, Back
from graphlink.workspace.store.transactions import moment_of_text
from graphlink.workspace.watch import DecidedLineage

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from graphlink.workspace.decisions import Decision
    from graphlink.workspace.store import Reading

WATCHED_ACTIONS = ("close", "suspend", "restrict")
"""Actions after which accounts may be replaced; to verify somebody closes nothing."""


class DecisionOf(NamedTuple):
    """The decision behind a decided lineage: its number, and the number of the lineage."""

    number: int
    lineage: int

    @property
    def name(self) -> str:
        """How returns and the watch list name it, such as K-1 (D-3)."""
        return f"K-{self.lineage} (D-{self.number})"


class Known(NamedTuple):
    """What returns are looked for by.

    Attributes:
        decided: The accounts of each decision in force, without those that were cleared.
        decisions: Name of each decided lineage to its decision.
        cleared: Accounts that are known to be honest: an appeal was overturned, or a label keeps them apart.
        remembered: What the accounts held when they were decided on.
        back: Accounts of a decision that were named as returns of an earlier one.
        indicators: What others report, until it ends.
    """

    decided: tuple[DecidedLineage, ...] = ()
    decisions: dict[str, DecisionOf] = {}  # noqa: RUF012 - a NamedTuple, whose default nobody changes
    cleared: frozenset[str] = frozenset()
    remembered: tuple[Holding, ...] = ()
    back: tuple[Back, ...] = ()
    indicators: tuple[Indicator, ...] = ()

    @property
    def accounts(self) -> set[str]:
        """The accounts of all decisions."""
        return {account for one in self.decided for account in one.accounts}


def read_known(rows: Reading, approving: int | None = None) -> Known:
    """Read what returns are looked for by.

    Args:
        rows: The transaction.
        approving: A proposed decision to take as approved; None for none.
    """
    found = [
        one
        for one in read_decisions(rows)
        if (one.state == APPROVED or one.number == approving) and one.proposal.action in WATCHED_ACTIONS
    ]
    resolutions = {one.number: one.resolution for one in read_cases(rows)} if found else {}
    found = [one for one in found if resolutions[one.proposal.case] != HONEST]
    overturned = _overturned(rows) if found else set()
    apart = _kept_apart(rows) if found else {}
    decided, decisions, cleared = [], {}, {account for _, account in overturned}
    for one in found:
        listed = {row.account_id for row in one.proposal.accounts}
        honest = {account for number, account in overturned if number == one.number}
        honest |= apart.get(resolve(rows, one.proposal.lineage), set())
        cleared |= honest
        if accounts := frozenset(listed - honest - {FORGOTTEN}):
            named = DecisionOf(one.number, one.proposal.lineage)
            decided.append(DecidedLineage(named.name, accounts, decided_at(rows, one)))
            decisions[named.name] = named
    accounts_now = {account for one in decided for account in one.accounts}
    return Known(
        tuple(decided),
        decisions,
        frozenset(cleared - accounts_now),
        tuple(_remembered(rows, {one.number for one in decisions.values()})),
        tuple(_back(rows, decisions.values(), accounts_now)),
        tuple(_indicators(rows)),
    )


def decided_at(rows: Reading, decision: Decision) -> dt.datetime:
    """Since when accounts count as new to a decision: what those who approved it could not have seen.

    That is the end of the data of the last run before the approval, and at most the approval itself.
    """
    row = rows.row("decisions", decision_no=decision.number) or {}
    approved = moment_of_text(decision.decided_at)
    before = [
        one["data_until"]
        for one in rows.rows("runs", state="accepted")
        if row["decided_seq"] is None or one["seq"] < row["decided_seq"]
    ]
    until = moment_of_text(before[-1]) if before else None
    known = [at for at in (approved, until) if at is not None]
    return min(known) if known else rows.now


def read_truth(rows: Reading) -> pa.Table:
    """Read which accounts have one operator, as far as people decided it.

    The accounts of all decisions in force on one lineage are one operator's; whoever was cleared of them, by
    an appeal or a label, is another. It is what people found, and mostly after a result had said so: it
    measures where a result errs against them, and not whom nobody looked at.

    Args:
        rows: The transaction.

    Returns:
        account_id and operator_id, a row per account, in order.
    """
    known = read_known(rows)
    operator = {
        account: f"K-{resolve(rows, known.decisions[one.lineage_id].lineage)}"
        for one in known.decided
        for account in sorted(one.accounts)
    }
    operator |= {account: f"cleared: {account}" for account in known.cleared}
    names = sorted(operator)
    return pa.table({
        "account_id": pa.array(names, pa.string()),
        "operator_id": pa.array([operator[name] for name in names], pa.string()),
    })  # fmt: skip


def _overturned(rows: Reading) -> set[tuple[int, str]]:
    """The accounts whose appeal was decided last, and in their favour, with the decision."""
    last = {(one.decision, one.account_id): one.outcome for one in read_outcomes(rows)}
    return {key for key, outcome in last.items() if outcome == OVERTURNED}


def _kept_apart(rows: Reading) -> dict[int, set[str]]:
    """Of each lineage the accounts that a label in force keeps out of it, or out of what merged into it."""
    apart: dict[int, set[str]] = {}
    for one in read_labels(rows):
        if one.verdict == NO and one.subject.lineage is not None and one.is_in_force(rows.at):
            apart.setdefault(resolve(rows, one.subject.lineage), set()).add(one.subject.account)
    return apart


def _remembered(rows: Reading, decisions: set[int]) -> Iterable[Holding]:
    watched = {
        row["watch_no"]: Identifier(row["kind"], row["value"])
        for row in rows.rows_of("watched", "decision_no", sorted(decisions))
        if row["value"] is not None
    }
    held = rows.rows_of("watch_holders", "watch_no", sorted(watched))
    names = rows.account_names({row["account_no"] for row in held})
    for row in held:
        if row["account_no"] in names:
            times = moment_of_text(row["first_seen"]), moment_of_text(row["last_seen"])
            yield Holding(names[row["account_no"]], watched[row["watch_no"]], *times)


def _back(rows: Reading, decisions: Iterable[DecisionOf], accounts: set[str]) -> Iterable[Back]:
    named = {one.number: one.name for one in decisions}
    numbers = set(rows.known_accounts(accounts).values())
    hits = [
        row
        for row in rows.rows_of("hits", "account_no", sorted(numbers))
        if row["state"] == NAMED and row["decision_no"] in named
    ]
    names = rows.account_names({row["account_no"] for row in hits})
    found = {(row["account_no"], row["decision_no"]): row["opened_at"] for row in hits}
    for (account, decision), opened_at in found.items():
        yield Back(names[account], named[decision], moment_of_text(opened_at))


def _indicators(rows: Reading) -> Iterable[Indicator]:
    reported = [row for row in rows.rows("watched", decision_no=None) if row["value"] is not None]
    notes = rows.payloads({row["seq"] for row in reported})
    for row in reported:
        until = moment_of_text(row["until_at"])
        if until is not None and until > rows.now:
            yield Indicator(
                Identifier(row["kind"], row["value"]),
                row["source"],
                row["confidence"],
                moment_of_text(row["from_at"]),
                until,
                str(notes[row["seq"]].get("why", "")),
            )
