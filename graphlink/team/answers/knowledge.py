"""Answers about what a team knows: labels, returns, the watch list, organisations, alerts."""

from __future__ import annotations

from graphlink.explorer.answers.base import Answer
from graphlink.team.answers.common import Part, ReviewRow


class LabelRow(Answer):
    """A label.

    Attributes:
        number: Its number.
        account: An account; empty for an identifier.
        other: The other account of a pair.
        lineage: The lineage that the account belongs to or not; empty for none.
        kind: The kind of an identifier.
        value: Its value.
        verdict: yes, no or unsure; empty while it waits for the reader's own.
        by: Who made it.
        at: When, ISO 8601 in UTC.
        why: The reason.
        expires_at: Until when it holds.
        is_in_force: Whether runs obey it now.
        withdrawn_by: Who withdrew it; empty while nobody did.
        is_blind: Whether it waits for the reader's own verdict, and shows neither verdict nor reason before.
        review: What a second person stated; null without one.
        version: For If-Match.
    """

    number: int
    account: str
    other: str
    lineage: str
    kind: str
    value: str
    verdict: str
    by: str
    at: str
    why: str
    expires_at: str
    is_in_force: bool
    withdrawn_by: str
    is_blind: bool
    review: ReviewRow | None
    version: int


class LabelList(Part[LabelRow]):
    """Labels, the newest first."""


class ConflictRow(Answer):
    """A label or decision that somebody should look at again.

    Attributes:
        about: label 3 or D-1.
        subject: What it is about, in words.
        kind: Why: contradicted, against the evidence, expired, reviewed differently, and others.
        detail: The same as a sentence.
        by: Who made or proposed it.
        account: The account of a label; empty for an identifier or a decision.
        other: The other account of a pair.
        case: The case of a decision; null of a label.
    """

    about: str
    subject: str
    kind: str
    detail: str
    by: str
    account: str
    other: str
    case: int | None


class ConflictList(Part[ConflictRow]):
    """What somebody should look at again: labels, then decisions, the oldest first."""


class NoticedRow(Answer):
    """An account that is or may be a return, or that holds reported values.

    Attributes:
        account_id: The account.
        source: The decision, such as D-3, or who reports its values.
        lineage: The lineage of the decision; empty of a report.
        state: named or possible.
        road: How it was noticed: run, watch_list, watch_list_cluster or indicators.
        probability: Probability that it is a return, or whom the source reports.
        opened_at: When it was opened; empty of an older account.
        cluster_id: Its cluster in the last accepted result.
        sentences: By what it was noticed.
    """

    account_id: str
    source: str
    lineage: str
    state: str
    road: str
    probability: float
    opened_at: str
    cluster_id: str | None
    sentences: list[str]


class RateRow(Answer):
    """How much of a decision is back within some days.

    Attributes:
        decision: The decision, such as D-3.
        days: Days since its approval that count.
        n_decided: Accounts of the decision.
        n_back: Accounts that came back.
        is_over: Whether the days are over.
    """

    decision: str
    days: int
    n_decided: int
    n_back: int
    is_over: bool


class ReturnsAnswer(Answer):
    """Who came back, as the last accepted run has it.

    Attributes:
        noticed: Accounts, named ones first.
        rates: Return rates of decisions.
    """

    noticed: list[NoticedRow]
    rates: list[RateRow]


class WatchRow(Answer):
    """A value on the watch list.

    Attributes:
        number: Its number.
        kind: Its kind.
        value: The value; empty where it was erased.
        source: The decision, such as D-3, or who reports it.
        weight: Probability that a new holder is whom it is watched for.
        n_members: Accounts of the decision that held it.
        n_others: Other accounts that hold it.
        from_at: When it was held last, or since when the report holds.
        until_at: When the watch ends; empty without an end.
        not_watched: Why it is not watched at present; empty while it is.
    """

    number: int
    kind: str
    value: str
    source: str
    weight: float
    n_members: int
    n_others: int
    from_at: str
    until_at: str
    not_watched: str


class FactRow(Answer):
    """What is known of an organisation.

    Attributes:
        number: Its number.
        what: account, network, hint, or a kind of identifier.
        value: The account, network or value.
        source: Who says so.
        confidence: Probability that it is right.
        until_at: From when on it no longer holds; empty without an end.
        note: What was seen.
        by: Who added it.
        at: When.
    """

    number: int
    what: str
    value: str
    source: str
    confidence: float
    until_at: str
    note: str
    by: str
    at: str


class OrganisationRow(Answer):
    """A known organisation.

    Attributes:
        name: Its name.
        is_declared: Whether it is openly a customer.
        facts: What is known of it, what holds no longer too.
        version: For If-Match.
    """

    name: str
    is_declared: bool
    facts: list[FactRow]
    version: int


class AlertRow(Answer):
    """An alert about a lineage.

    Attributes:
        number: Its number.
        rule: born, grown, regrown, merged or returned.
        lineage: The lineage; empty for none.
        first_run: The run that raised it first.
        last_run: The run that raised it last.
        n_raised: How often it was raised.
        n_accounts: Accounts when it was raised last.
        state: open, dismissed or closed.
        case: The case that it went into.
    """

    number: int
    rule: str
    lineage: str
    first_run: str
    last_run: str
    n_raised: int
    n_accounts: int
    state: str
    case: int | None


class Revealed(Answer):
    """A value behind its replaced name; the reading is logged.

    Attributes:
        kind: account, or a kind of identifier.
        name: The name under which it is shown.
        value: The value.
    """

    kind: str
    name: str
    value: str
