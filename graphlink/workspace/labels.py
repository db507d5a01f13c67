"""Labels: what analysts state of pairs of accounts, of an account and a lineage, or of an identifier.

Each has who, when and why, the evidence of that moment, and an expiry. Runs obey those in force as
constraints (`graphlink.clustering.constraints`). Labels of pairs are transitive: what two chains of "yes" and
a "no" would contradict is refused with the chain. To undo a label is an event; to undo a "yes" writes a "no",
so that the next run does not make it again.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, NamedTuple

from graphlink.core.errors import WorkspaceError
from graphlink.workspace.audit import FORGOTTEN
from graphlink.workspace.chain import canonical, digest
from graphlink.workspace.store.transactions import Choice, time_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from graphlink.workspace.policy import Policy
    from graphlink.workspace.store import Reading, Row, Writing

YES, NO, UNSURE = "yes", "no", "unsure"
VERDICTS = (YES, NO, UNSURE)


class Subject(NamedTuple):
    """What a label is about: two accounts, an account and a lineage, or an identifier.

    Attributes:
        account: An account; empty for an identifier.
        other: The other account of a pair.
        lineage: The lineage that an account belongs to or not.
        kind: The kind of an identifier: "yes" is exclusive to one operator, "no" is not.
        value: Its value.
    """

    account: str = ""
    other: str = ""
    lineage: int | None = None
    kind: str = ""
    value: str = ""

    def __str__(self) -> str:
        if self.kind:
            return f"{self.kind} {self.value}"
        first = self.account or FORGOTTEN
        return f"{first} and {f'K-{self.lineage}' if self.lineage is not None else self.other or FORGOTTEN}"

    def check(self) -> None:
        """Raise unless it is one of the three.

        Raises:
            WorkspaceError: It is none, or a pair of one account.
        """
        pair, lineage = bool(self.account and self.other), bool(self.account and self.lineage is not None)
        if pair + lineage + bool(self.kind and self.value) != 1 or (self.kind and self.account):
            raise WorkspaceError("a label is about two accounts, an account and a lineage, or an identifier")
        if pair and self.account == self.other:
            raise WorkspaceError("a label is about two different accounts")


class Evidence(NamedTuple):
    """What the evidence stated of a pair when a label was made; None where there was no link.

    Attributes:
        run_no: The run; None before the first.
        bits: The bits of its link.
        probability: The probability of its link.
    """

    run_no: int | None = None
    bits: float | None = None
    probability: float | None = None


class Label(NamedTuple):
    """A label.

    Attributes:
        number: Its number.
        subject: What it is about; an account that was forgotten has an empty name.
        verdict: `yes`, `no` or `unsure`.
        by: Who made it.
        at: When, ISO 8601 in UTC.
        why: The reason given.
        expires_at: Until when it holds.
        evidence: The evidence of that moment.
        withdrawn_by: Who undid it; empty while nobody did.
    """

    number: int
    subject: Subject
    verdict: str
    by: str
    at: str
    why: str
    expires_at: str
    evidence: Evidence
    withdrawn_by: str

    def is_in_force(self, at: str) -> bool:
        """Whether runs at a moment obey it."""
        is_known = bool(self.subject.account or self.subject.kind)
        return is_known and not self.withdrawn_by and at < self.expires_at and self.verdict != UNSURE


class Chain(NamedTuple):
    """Labelled pairs that tie two accounts, in order, by their numbers."""

    accounts: tuple[str, ...]
    labels: tuple[int, ...]


class Statement(NamedTuple):
    """What somebody states by a label.

    Attributes:
        subject: What it is about.
        verdict: `yes`, `no` or `unsure`.
        why: The reason; a label without one helps nobody later.
        evidence: What the evidence states now.
        until: Until when it holds, ISO 8601; empty takes the policy's days.
        second: Whether a second person is to review it who has not seen the verdict.
    """

    subject: Subject
    verdict: str
    why: str
    evidence: Evidence = Evidence()
    until: str = ""
    second: bool = False


def make_label(rows: Writing, stated: Statement, policy: Policy) -> int:
    """Make a label and return its number; see `make_labels`."""
    return make_labels(rows, [stated], policy)[0]


def make_labels(rows: Writing, statements: Sequence[Statement], policy: Policy) -> list[int]:
    """Make labels, all of them or none, and return their numbers.

    Args:
        rows: The transaction.
        statements: What is stated.
        policy: How long they hold.

    Raises:
        WorkspaceError: A verdict is unknown, a reason is missing, or labels in force contradict one; names
            the chain, and of several the first that is at fault.
    """
    held = [one for one in read_labels(rows) if one.is_in_force(rows.at)]
    numbers = []
    for at, stated in enumerate(statements, 1):
        try:
            label = _made(rows, stated, policy, held)
        except WorkspaceError as error:
            raise WorkspaceError(f"row {at}: {error}" if len(statements) > 1 else str(error)) from None
        numbers.append(label.number)
        if label.is_in_force(rows.at):
            held.append(label)
    return numbers


def _made(rows: Writing, stated: Statement, policy: Policy, held: list[Label]) -> Label:
    subject, verdict, why, evidence, until, second = stated
    subject.check()
    if verdict not in VERDICTS:
        raise WorkspaceError(f"verdict {verdict!r}: expected {', '.join(VERDICTS)}")
    if not why.strip():
        raise WorkspaceError("why? A label needs a reason (--why TEXT)")
    if subject.lineage is not None and rows.row("lineages", lineage_no=subject.lineage) is None:
        raise WorkspaceError(f"no lineage K-{subject.lineage}; `graphlink lineage` lists them")
    _check_contradiction(held, subject, verdict)
    days = {YES: policy.yes_days, NO: policy.no_days, UNSURE: policy.unsure_days}[verdict]
    expires = until or time_text(rows.now + datetime.timedelta(days=days))
    number = rows.number("label")
    numbers = rows.account_numbers(name for name in (subject.account, subject.other) if name)
    seq = rows.append("label.made", f"label {number}", {"verdict": verdict, "why": why})
    rows.insert(
        "labels",
        {
            "label_no": number,
            "seq": seq,
            "account_l": numbers.get(subject.account),
            "account_r": numbers.get(subject.other),
            "lineage_no": subject.lineage,
            "kind": subject.kind or None,
            "value": subject.value or None,
            "verdict": verdict,
            "expires_at": expires,
            "bits_then": evidence.bits,
            "probability_then": evidence.probability,
            "run_then": evidence.run_no,
            "withdrawn_seq": None,
        },
    )
    if second:
        rows.insert("review_requests", {"label_no": number, "seq": seq})
    return Label(number, subject, verdict, rows.actor.name, rows.at, why, expires, evidence, "")


def undo_label(rows: Writing, number: int, why: str, policy: Policy) -> int | None:
    """Withdraw a label; of a "yes" on accounts a "no" takes its place, so that no run makes it again.

    Returns:
        The number of that "no", if there is one.

    Raises:
        WorkspaceError: There is no such label, it is withdrawn already, or no reason is given.
    """
    if not why.strip():
        raise WorkspaceError("why? To undo a label needs a reason (--why TEXT)")
    label = next(iter(read_labels(rows, [number])), None)
    if label is None:
        raise WorkspaceError(f"no label {number}; `graphlink label list` lists them")
    if label.withdrawn_by:
        raise WorkspaceError(f"label {number} was withdrawn by {label.withdrawn_by}")
    seq = rows.append("label.withdrawn", f"label {number}", {"why": why})
    rows.update("labels", {"withdrawn_seq": seq}, label_no=number)
    is_replaced = label.verdict == YES and bool(label.subject.account) and label.is_in_force(rows.at)
    if not is_replaced:
        return None
    opposite = Statement(label.subject, NO, f"label {number} was undone: {why}", label.evidence)
    return make_label(rows, opposite, policy)


def read_labels(rows: Reading, numbers: Collection[int] | None = None) -> list[Label]:
    """Read labels by their numbers, or all, withdrawn and expired ones too; in order of their numbers."""
    found = rows.rows("labels") if numbers is None else rows.rows_of("labels", "label_no", sorted(numbers))
    return labels_of_rows(rows, found)


def read_labels_about(rows: Reading, subject: Subject) -> list[Label]:
    """Read the labels about the same accounts, in either order, or the same identifier; withdrawn too."""
    if not (subject.account or subject.kind):
        return []
    return labels_of_rows(
        rows, rows.part("labels", "label_no", None, is_newest_first=False, of=choices_about(rows, subject))
    )


def choices_about(rows: Reading, subject: Subject) -> list[Choice]:
    """Which rows are of labels about a subject, its accounts in either order; none of unknown accounts."""
    known = rows.known_accounts([name for name in (subject.account, subject.other) if name])
    if any(name and name not in known for name in (subject.account, subject.other)):
        return [Choice(among={"label_no": ()})]
    pair = (known.get(subject.account), known.get(subject.other))
    about = {"lineage_no": subject.lineage, "kind": subject.kind or None, "value": subject.value or None}
    turned = (pair, pair[::-1]) if subject.other else (pair,)
    return [Choice({"account_l": left, "account_r": right, **about}) for left, right in turned]


def labels_of_rows(rows: Reading, found: Sequence[Row]) -> list[Label]:
    """The labels of rows of their table."""
    seqs = {seq for row in found for seq in (row["seq"], row["withdrawn_seq"]) if seq is not None}
    events = {row["seq"]: row for row in rows.rows_of("events", "seq", seqs)}
    payloads = rows.payloads(seqs)
    numbers = {row[name] for row in found for name in ("account_l", "account_r") if row[name] is not None}
    names = rows.account_names(numbers)
    return [_label(row, events, payloads, names) for row in found]


def labels_digest(labels: Iterable[Label], at: str) -> str:
    """SHA-256 of the labels in force at a moment."""
    return digest(canonical([[one.number, one.verdict] for one in labels if one.is_in_force(at)]))


def chain_of(labels: Iterable[Label], start: str, end: str) -> Chain | None:
    """The shortest chain of labels "yes" that ties two accounts; None where none does."""
    came = _reached(labels, start)
    if end not in came:
        return None
    accounts, numbers = [end], []
    while (step := came[accounts[-1]]) is not None:
        accounts.append(step[0])
        numbers.append(step[1])
    return Chain(tuple(reversed(accounts)), tuple(reversed(numbers)))


class Identifier(NamedTuple):
    """What a label states of an identifier."""

    kind: str
    value: str
    is_exclusive: bool


class Constraints(NamedTuple):
    """What a run obeys: pairs as (account, account, verdict), and identifiers."""

    pairs: tuple[tuple[str, str, str], ...]
    identifiers: tuple[Identifier, ...]


def constraints_of(labels: Iterable[Label], at: str, cores: Mapping[int, tuple[str, ...]]) -> Constraints:
    """What the labels in force at a moment mean for a run.

    A "yes" on an account and a lineage ties it to the surest account of the lineage, a "no" keeps it apart
    from each account of its core.

    Args:
        labels: The labels.
        at: The moment, ISO 8601 in UTC.
        cores: The core of each lineage that a label names, the most probable account first.
    """
    pairs: set[tuple[str, str, str]] = set()
    identifiers: set[Identifier] = set()
    for label in labels:
        one = label.subject
        if not label.is_in_force(at):
            continue
        if one.kind:
            identifiers.add(Identifier(one.kind, one.value, label.verdict == YES))
        elif one.other:
            pairs.add((*_ordered(one.account, one.other), label.verdict))
        elif one.lineage is not None:
            core = [name for name in cores.get(one.lineage, ()) if name != one.account]
            taken = core[:1] if label.verdict == YES else core
            pairs.update((*_ordered(one.account, name), label.verdict) for name in taken)
    return Constraints(tuple(sorted(pairs)), tuple(sorted(identifiers)))


def _ordered(a: str, b: str) -> tuple[str, str]:
    return (a, b) if a < b else (b, a)


def _check_contradiction(held: Sequence[Label], subject: Subject, verdict: str) -> None:
    """Raise where labels in force contradict a new one."""
    if verdict == UNSURE:
        return
    if not subject.other:
        same = [one for one in held if one.subject == subject and one.verdict != verdict]
        if same:
            raise WorkspaceError(
                f"label {same[0].number} of {same[0].by} states {same[0].verdict} of {subject}; undo it first"
            )
        return
    if verdict == NO:
        chain = chain_of(held, subject.account, subject.other)
        if chain is not None:
            raise WorkspaceError(
                f"labels {', '.join(map(str, chain.labels))} tie {' = '.join(chain.accounts)}; undo one "
                "of them first"
            )
        return
    refused = [one for one in held if one.verdict == NO and one.subject.other]
    if not refused:
        return
    tied = [*held, Label(0, subject, YES, "", "", "", "", Evidence(), "")]
    together = set(_reached(tied, subject.account))
    for one in refused:
        if {one.subject.account, one.subject.other} <= together:
            chain = chain_of(tied, one.subject.account, one.subject.other)
            named = " = ".join(chain.accounts if chain else together)
            raise WorkspaceError(
                f"with it {named}, but label {one.number} of {one.by} states no of {one.subject}; undo "
                "one of them first"
            )


def _ties(labels: Iterable[Label]) -> dict[str, list[tuple[str, int]]]:
    """Of each account those that a label "yes" ties to it, with the label."""
    ties: dict[str, list[tuple[str, int]]] = {}
    for one in labels:
        if one.verdict == YES and one.subject.other:
            for a, b in ((one.subject.account, one.subject.other), (one.subject.other, one.subject.account)):
                ties.setdefault(a, []).append((b, one.number))
    return ties


def _reached(labels: Iterable[Label], start: str) -> dict[str, tuple[str, int] | None]:
    """The accounts that labels tie to one, each with the account and label that it was reached by."""
    ties, queue = _ties(labels), [start]
    came: dict[str, tuple[str, int] | None] = {start: None}
    for account in queue:
        for other, number in sorted(ties.get(account, ())):
            if other not in came:
                came[other] = (account, number)
                queue.append(other)
    return came


def _label(
    row: Row, events: Mapping[int, Row], payloads: Mapping[int, Row], names: Mapping[int, str]
) -> Label:
    withdrawn = events[row["withdrawn_seq"]]["by"] if row["withdrawn_seq"] is not None else ""
    is_forgotten = any(
        row[name] is not None and row[name] not in names for name in ("account_l", "account_r")
    )
    account, other = ("" if is_forgotten else names.get(row[name], "") for name in ("account_l", "account_r"))
    return Label(
        row["label_no"],
        Subject(account, other, row["lineage_no"], row["kind"] or "", row["value"] or ""),
        row["verdict"],
        events[row["seq"]]["by"],
        events[row["seq"]]["at"],
        str(payloads.get(row["seq"], {}).get("why", "")),
        row["expires_at"],
        Evidence(row["run_then"], row["bits_then"], row["probability_then"]),
        withdrawn,
    )
