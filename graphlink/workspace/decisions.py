"""Decisions: what is to be done about accounts, proposed by one person and approved by another.

A decision holds the evidence of the moment it was proposed, as a snapshot. The store itself refuses one who
approves what he proposed. What leaves the workspace names the decision, and a second export is marked as one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from graphlink.core.errors import WorkspaceError
from graphlink.workspace import cases
from graphlink.workspace.audit import FORGOTTEN
from graphlink.workspace.case_states import CLOSED
from graphlink.workspace.chain import canonical, digest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphlink.workspace.store import Reading, Row, Writing

ACTIONS = ("close", "suspend", "restrict", "verify")
PROPOSED, APPROVED, REJECTED, WITHDRAWN = "proposed", "approved", "rejected", "withdrawn"
UPHELD, OVERTURNED = "upheld", "overturned"
OUTCOMES = (UPHELD, OVERTURNED)


class Listed(NamedTuple):
    """An account of a decision: its role in the cluster and the probability that it belongs to it."""

    account_id: str
    role: str
    probability: float | None


class Proposal(NamedTuple):
    """What is proposed.

    Attributes:
        case: The case.
        lineage: The lineage that the accounts are of.
        run_no: The run whose evidence it rests on.
        action: One of ACTIONS.
        accounts: The accounts, in order of their names.
        why: The reason.
        snapshot_sha256: The evidence.
    """

    case: int
    lineage: int
    run_no: int
    action: str
    accounts: tuple[Listed, ...]
    why: str
    snapshot_sha256: str


class Decision(NamedTuple):
    """A decision.

    Attributes:
        number: Its number, the 3 of D-3.
        proposal: What was proposed; an account that was forgotten is named so.
        accounts_sha256: SHA-256 of the names of the accounts as proposed.
        state: `proposed`, `approved`, `rejected` or `withdrawn`.
        proposed_by: Who proposed it.
        proposed_at: When, ISO 8601 in UTC.
        decided_by: Who approved or rejected it; empty before.
        decided_at: When.
        decided_why: The reason of that.
        n_exports: How often it was exported.
    """

    number: int
    proposal: Proposal
    accounts_sha256: str
    state: str
    proposed_by: str
    proposed_at: str
    decided_by: str
    decided_at: str
    decided_why: str
    n_exports: int

    @property
    def name(self) -> str:
        """How people and exports name it, such as D-3."""
        return f"D-{self.number}"


class Outcome(NamedTuple):
    """What became of an appeal of an account: the decision stood (`upheld`) or fell (`overturned`)."""

    decision: int
    account_id: str
    outcome: str
    at: str
    by: str
    why: str


def propose(rows: Writing, proposal: Proposal) -> int:
    """Propose a decision and return its number.

    Raises:
        WorkspaceError: The action is unknown, it has no account or reason, or the case has one in progress.
    """
    if proposal.action not in ACTIONS:
        raise WorkspaceError(f"action {proposal.action!r}: expected {', '.join(ACTIONS)}")
    if not proposal.accounts:
        raise WorkspaceError("a decision is about accounts; name some (--account ID), or take the core")
    _check_reason(proposal.why)
    (case,) = cases.read_cases(rows, (proposal.case,))
    if case.status in (cases.PROPOSED, cases.APPROVED, CLOSED):
        raise WorkspaceError(f"case {case.number} is {case.status}; end that first")
    if proposal.lineage not in case.lineages:
        raise WorkspaceError(f"case {case.number} is not about K-{proposal.lineage}")
    number = rows.number("decision")
    names = sorted(one.account_id for one in proposal.accounts)
    seq = rows.append("decision.proposed", _subject(number), {"why": proposal.why, "action": proposal.action})
    if rows.row("snapshots", sha256=proposal.snapshot_sha256) is None:
        row = {"sha256": proposal.snapshot_sha256, "replaced_by": None, "seq": seq}
        rows.insert("snapshots", row)
    rows.insert(
        "decisions",
        {
            "decision_no": number,
            "case_no": proposal.case,
            "lineage_no": proposal.lineage,
            "run_no": proposal.run_no,
            "action": proposal.action,
            "accounts_sha256": digest(canonical(names)),
            "snapshot_sha256": proposal.snapshot_sha256,
            "proposed_by": rows.actor.name,
            "seq": seq,
            "state": PROPOSED,
            "decided_by": None,
            "decided_seq": None,
        },
    )
    numbers = rows.account_numbers(names)
    rows.insert(
        "decision_accounts",
        *(
            {
                "decision_no": number,
                "account_no": numbers[one.account_id],
                "role": one.role,
                "probability": one.probability,
            }
            for one in proposal.accounts
        ),
    )
    cases.change_status(rows, proposal.case, cases.PROPOSED, f"D-{number}: {proposal.why}")
    return number


def decide(rows: Writing, number: int, state: str, why: str) -> None:
    """Approve or reject a decision as a second person, or withdraw it as the one who proposed it.

    Args:
        rows: The transaction.
        number: The decision.
        state: `approved`, `rejected` or `withdrawn`.
        why: The reason.

    Raises:
        WorkspaceError: It is decided already, the person is not the right one, or there is no reason.
    """
    if state not in (APPROVED, REJECTED, WITHDRAWN):
        raise WorkspaceError(f"state {state!r}: expected {APPROVED}, {REJECTED} or {WITHDRAWN}")
    _check_reason(why)
    decision = read_decision(rows, number)
    if decision.state != PROPOSED:
        raise WorkspaceError(f"{decision.name} is {decision.state} already")
    is_own = is_same_person(rows.actor.name, decision.proposed_by)
    if is_own and state != WITHDRAWN:
        raise WorkspaceError(
            f"{decision.name} was proposed by {decision.proposed_by}; a second person decides it"
        )
    if not is_own and state == WITHDRAWN:
        raise WorkspaceError(f"{decision.name} was proposed by {decision.proposed_by}, who may withdraw it")
    seq = rows.append(f"decision.{state}", _subject(number), {"why": why})
    changes = {"state": state, "decided_by": rows.actor.name, "decided_seq": seq}
    rows.update("decisions", changes, decision_no=number)
    status = cases.APPROVED if state == APPROVED else cases.OPEN
    cases.change_status(rows, decision.proposal.case, status, f"{decision.name} {state}: {why}")


def record_export(rows: Writing, number: int, form: str, content_sha256: str) -> int:
    """Record that a decision was exported, and return the number of this export.

    Raises:
        WorkspaceError: It is not approved.
    """
    decision = read_decision(rows, number)
    check_approved(decision)
    n = decision.n_exports + 1
    payload = {"format": form, "sha256": content_sha256, "export": n}
    seq = rows.append("decision.exported", _subject(number), payload)
    row = {"decision_no": number, "export_no": n, "form": form, "sha256": content_sha256, "seq": seq}
    rows.insert("exports", row)
    (case,) = cases.read_cases(rows, (decision.proposal.case,))
    if case.status == cases.APPROVED:
        cases.change_status(rows, case.number, cases.EXPORTED, f"{decision.name} was exported")
    return n


def check_approved(decision: Decision) -> None:
    """Raise unless a decision may leave the workspace.

    Raises:
        WorkspaceError: It is not approved.
    """
    if decision.state != APPROVED:
        raise WorkspaceError(f"{decision.name} is {decision.state}; only what is approved is exported")


def record_outcome(rows: Writing, number: int, account_id: str, outcome: str, why: str) -> None:
    """Record what became of an appeal of an account of a decision.

    Raises:
        WorkspaceError: The account is not of the decision, the outcome is unknown, or no reason is given.
    """
    if outcome not in OUTCOMES:
        raise WorkspaceError(f"outcome {outcome!r}: expected {', '.join(OUTCOMES)}")
    _check_reason(why)
    decision = read_decision(rows, number)
    check_approved(decision)
    if account_id not in {one.account_id for one in decision.proposal.accounts}:
        raise WorkspaceError(f"{decision.name} is not about account {account_id!r}")
    account_no = rows.known_accounts([account_id])[account_id]
    seq = rows.append("appeal.decided", _subject(number), {"why": why, "outcome": outcome})
    row = {"decision_no": number, "account_no": account_no, "seq": seq, "outcome": outcome}
    rows.insert("outcomes", row)


def read_outcomes(rows: Reading) -> list[Outcome]:
    """Read the outcomes of all appeals, in order."""
    found = sorted(rows.rows("outcomes"), key=lambda row: int(row["seq"]))
    seqs = [row["seq"] for row in found]
    events = {row["seq"]: row for row in rows.rows_of("events", "seq", seqs)}
    payloads = rows.payloads(seqs)
    names = rows.account_names({row["account_no"] for row in found})
    return [
        Outcome(
            row["decision_no"],
            names.get(row["account_no"], FORGOTTEN),
            row["outcome"],
            events[row["seq"]]["at"],
            events[row["seq"]]["by"],
            str(payloads[row["seq"]].get("why", "")),
        )
        for row in found
    ]


def read_decision(rows: Reading, number: int) -> Decision:
    """Read a decision.

    Raises:
        WorkspaceError: There is none.
    """
    row = rows.row("decisions", decision_no=number)
    if row is None:
        raise WorkspaceError(f"no decision D-{number}; `graphlink decision list` lists them")
    return decision_of_row(rows, row)


def read_decisions(rows: Reading, **equal: object) -> list[Decision]:
    """Read decisions, in order: all, or those whose columns equal."""
    return [decision_of_row(rows, row) for row in rows.rows("decisions", order=(), **equal)]


def changes_since(decision: Decision, members: Mapping[str, float | None]) -> list[str]:
    """What is different of a lineage since a decision was proposed, in sentences.

    Args:
        decision: The decision.
        members: The present accounts of its lineage, with the probability that they belong to it.
    """
    listed = {one.account_id: one.probability for one in decision.proposal.accounts}
    gone = sorted(set(listed) - set(members))
    weaker = [
        name
        for name, p in listed.items()
        if p is not None and (now := members.get(name)) is not None and now < p - _NOTABLE
    ]
    sentences = []
    if gone:
        sentences.append(f"No longer in K-{decision.proposal.lineage}: {', '.join(gone)}.")
    if weaker:
        sentences.append(f"Less probable by more than {_NOTABLE:g}: {', '.join(sorted(weaker))}.")
    return sentences


_NOTABLE = 0.1  # of a probability of membership


def decision_of_row(rows: Reading, row: Row) -> Decision:
    """The decision of a row of its table."""
    number = row["decision_no"]
    listed = rows.rows("decision_accounts", decision_no=number)
    names = rows.account_names({one["account_no"] for one in listed})
    accounts = sorted(
        Listed(names.get(one["account_no"], FORGOTTEN), one["role"], one["probability"]) for one in listed
    )
    seqs = [row["seq"], *([row["decided_seq"]] if row["decided_seq"] is not None else [])]
    events = {one["seq"]: one for one in rows.rows_of("events", "seq", seqs)}
    payloads: dict[int, dict[str, Any]] = rows.payloads(seqs)
    decided = events.get(row["decided_seq"], {})
    return Decision(
        number,
        Proposal(
            row["case_no"],
            row["lineage_no"],
            row["run_no"],
            row["action"],
            tuple(accounts),
            str(payloads[row["seq"]].get("why", "")),
            row["snapshot_sha256"],
        ),
        row["accounts_sha256"],
        row["state"],
        row["proposed_by"],
        events[row["seq"]]["at"],
        row["decided_by"] or "",
        decided.get("at", ""),
        str(payloads.get(row["decided_seq"], {}).get("why", "")),
        len(rows.rows("exports", decision_no=number)),
    )


def is_same_person(a: str, b: str) -> bool:
    """Whether two names are one person's: case and blanks do not keep people apart."""
    return a.strip().casefold() == b.strip().casefold()


def _check_reason(why: str) -> None:
    if not why.strip():
        raise WorkspaceError("why? A decision needs a reason (--why TEXT)")


def _subject(number: int) -> str:
    return f"decision {number}"


def chosen_accounts(
    membership: Sequence[Mapping[str, Any]], fringe: Sequence[str] = (), left_out: Sequence[str] = ()
) -> tuple[Listed, ...]:
    """The accounts of a proposal: the core, the fringe that is named, without those that are left out.

    Args:
        membership: Rows of the table `membership` of one cluster.
        fringe: Fringe members to take too.
        left_out: Members to leave out.

    Raises:
        WorkspaceError: One that is named is not in the cluster.
    """
    known = {row["account_id"]: row for row in membership}
    if unknown := [name for name in (*fringe, *left_out) if name not in known]:
        raise WorkspaceError(f"account {unknown[0]!r} is not in the cluster")
    taken = ({name for name, row in known.items() if row["role"] == "core"} | set(fringe)) - set(left_out)
    return tuple(Listed(name, known[name]["role"], known[name]["probability"]) for name in sorted(taken))
