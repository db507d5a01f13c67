"""Answers about cases and decisions."""

from __future__ import annotations

from graphlink.explorer.answers.base import Answer
from graphlink.team.answers.common import Activity, LineageName, Part, ReviewRow


class CaseRow(Answer):
    """A case.

    Attributes:
        number: Its number.
        title: Its title.
        status: new, open, proposed, approved, exported, watching or closed.
        resolution: Why it was closed: acted, honest, too little or duplicate; empty while it is not.
        assignee: Who works on it; empty for nobody.
        priority: high, normal or low.
        lineages: What it is about.
        alerts: The rules that were raised about it, in order.
        merged_into: The case that goes on with it.
        linked: Other cases that it has to do with.
        n_comments: Comments.
        opened_at: When it was opened, ISO 8601 in UTC.
        changed_at: When it was changed last.
        version: For If-Match.
    """

    number: int
    title: str
    status: str
    resolution: str
    assignee: str
    priority: str
    lineages: list[LineageName]
    alerts: list[str]
    merged_into: int | None
    linked: list[int]
    n_comments: int
    opened_at: str
    changed_at: str
    version: int


class CaseList(Part[CaseRow]):
    """Cases."""


class LineageRow(Answer):
    """A lineage that the last accepted run has.

    Attributes:
        name: Such as K-417.
        cluster_id: Its cluster.
        case: The case about it; null for none.
    """

    name: str
    cluster_id: str
    case: int | None


class DecisionRow(Answer):
    """A decision.

    Attributes:
        number: Its number, the 3 of D-3.
        case: The case.
        lineage: The lineage that its accounts are of.
        action: close, suspend, restrict or verify; empty while it waits for the reader's own verdict.
        state: proposed, approved, rejected or withdrawn.
        n_accounts: Accounts that it is about.
        why: The reason of the proposal.
        proposed_by: Who proposed it.
        proposed_at: When, ISO 8601 in UTC.
        decided_by: Who approved, rejected or withdrew it; empty before.
        decided_at: When.
        decided_why: The reason of that.
        n_exports: How often it was exported.
        is_blind: Whether it waits for the reader's own verdict, and shows neither action nor reason before.
        version: For If-Match.
    """

    number: int
    case: int
    lineage: str
    action: str
    state: str
    n_accounts: int
    why: str
    proposed_by: str
    proposed_at: str
    decided_by: str
    decided_at: str
    decided_why: str
    n_exports: int
    is_blind: bool
    version: int


class DecisionList(Part[DecisionRow]):
    """Decisions, the newest first."""


class DecisionAccount(Answer):
    """An account of a decision.

    Attributes:
        account_id: The account.
        role: core or fringe.
        probability: Probability that it belongs to the cluster.
    """

    account_id: str
    role: str
    probability: float | None


class DecisionAnswer(Answer):
    """A decision with its evidence in short.

    Attributes:
        decision: The decision.
        accounts: Its accounts.
        collateral: What else it hits, in sentences, as of the proposal.
        changes: What changed of its accounts since the proposal, in sentences.
        may_review: Whether the reader is to state an own verdict before the proposal is shown.
        may_decide: Whether the reader may approve or reject it now.
        reviews: What second persons stated before they saw the proposal.
    """

    decision: DecisionRow
    accounts: list[DecisionAccount]
    collateral: list[str]
    changes: list[str]
    may_review: bool
    may_decide: bool
    reviews: list[ReviewRow]


class CaseAnswer(Answer):
    """A case with what was done about it.

    Attributes:
        case: The case.
        activity: What was done about it, in order: the newest events, up to 100.
        earlier: What `after` is for the events before these; null where there are none.
        decisions: Its decisions.
        next_statuses: Statuses that people may set now.
        last_own: The reader's own last event about it; 0 without one. What follows is news to the reader.
        n_news: Events of others since that one.
    """

    case: CaseRow
    activity: list[Activity]
    earlier: str | None
    decisions: list[DecisionRow]
    next_statuses: list[str]
    last_own: int
    n_news: int


class ExportAnswer(Answer):
    """The file of an approved decision.

    Attributes:
        name: A name for the file.
        content: Its text.
        sha256: SHA-256 of the text in UTF-8.
        n_exports: Which export it is; from the second on, somebody may have acted on it already.
        version: The version of the decision now.
    """

    name: str
    content: str
    sha256: str
    n_exports: int
    version: int


class ProfileAnswer(Answer):
    """The facts about one account of a decision, for an appeal.

    Attributes:
        decision: The decision, such as D-3.
        account_id: The account.
        role: core or fringe.
        probability: Probability that it belonged to the cluster.
        facts: What the evidence was, in sentences.
        against: What speaks against it.
        version: The version of the decision now; the reading is logged.
    """

    decision: str
    account_id: str
    role: str
    probability: float | None
    facts: list[str]
    against: list[str]
    version: int
