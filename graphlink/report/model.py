"""The contents of a report: plain frozen values that every format shows alike.

Nothing here is for one format: probabilities are probabilities, times are times, and texts are as the data
hold them. Each format escapes them itself.
"""

from __future__ import annotations

import dataclasses
import datetime
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphlink.explanations import Joined

STRONG, LOOK, WEAK, OPEN = "strong lead", "look closer", "weak lead", "openly one organisation"
LEADS = {
    STRONG: "probability at least {threshold}, two facets or more, nothing harmless known that explains it",
    LOOK: "as likely, but one facet only; or something harmless explains it as well as one operator does",
    WEAK: "probability below {threshold}, or rather customers of one router or users of one network",
    OPEN: "one organisation that conceals nothing: its own mail domain, or one billing parent",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A cluster in a line: what the index, the lists and the sheets show.

    Attributes:
        rank: Place in the report, from 1.
        cluster_id: Its id.
        lineage: Its lineage, such as K-4, which stays from run to run; empty outside a workspace.
        lead: How much to make of it: one of LEADS.
        priority: Points for concealment and harm, times the probability of one operator: the order of the
            report.
        why_first: The parts of the priority that count most, in words.
        status: What became of it since the earlier result; empty when there is none.
        probability: That one organisation operates it, according to the result.
        n_core: Accounts that surely belong.
        n_fringe: Accounts that may belong.
        n_joined: Accounts that joined since the earlier result.
        n_news: Those of them that are core and still open.
        n_soon_after: Those of them that were opened within 3 days after a member was closed for abuse.
        n_soon_after_by_chance: How many of them are expected to be by chance; None when not known.
        is_above_chance: Whether more are than by chance, so that somebody may have come back.
        returned: In short, how many more than by chance; empty where there are not.
        n_left: Accounts that left since then.
        also_explained_by: What harmless explains it as well; empty when nothing known does.
        expected_by_chance: Expected number by chance of clusters at least as large and as strong; None when
            not known.
        fdr: Of it and all at least as certain, the expected share of false leads; None when not known.
        facets: Share of each facet in its evidence, the strongest first.
        headline: Why, in one sentence.
        activity: Observations of its accounts per equal interval of the bulk of the data (1st to 99th
            percentile of all observations, with a margin).
        n_before: Observations of its accounts before that.
        row: Its row of the table `clusters`.
    """

    rank: int
    cluster_id: str
    lineage: str
    lead: str
    priority: float
    why_first: str
    status: str
    probability: float
    n_accounts: int
    n_core: int
    n_fringe: int
    n_links: int
    n_joined: int
    n_news: int
    n_soon_after: int
    n_soon_after_by_chance: float | None
    is_above_chance: bool
    returned: str
    n_left: int
    hypothesis: str
    also_explained_by: str
    expected_by_chance: float | None
    fdr: float | None
    facets: tuple[tuple[str, float], ...]
    headline: str
    first_seen: datetime.datetime | None
    last_seen: datetime.datetime | None
    activity: tuple[int, ...]
    n_before: int
    row: dict[str, Any]

    @property
    def name(self) -> str:
        """What people call it: its lineage, where it has one, and its id."""
        return f"{self.lineage} {self.cluster_id}".strip()

    @property
    def file(self) -> str:
        """Path of its page inside the report."""
        return f"clusters/{self.cluster_id}.html"


@dataclass(frozen=True, slots=True)
class Tie:
    """An identifier, or a joint behaviour, that links accounts of a cluster.

    Attributes:
        kind: Its kind.
        value: The identifier; empty for a joint behaviour.
        bits: Bits that it adds over all links.
        share: Its share of all evidence for the cluster.
        n_links: Links that it is evidence of.
        n_members: Members that it links; None for a joint behaviour.
        degree: Accounts that use it in total; None when not known.
        n_outside: Holders outside the cluster; None when not known.
        p_exclusive: Probability that it is exclusive to one operator.
        rarity: How rare it is, in words.
    """

    kind: str
    value: str
    facet: str
    bits: float
    share: float
    n_links: int
    n_members: int | None
    degree: int | None
    n_outside: int | None
    p_exclusive: float | None
    label: str
    label_type: str
    rarity: str
    first_joint: datetime.datetime | None
    last_joint: datetime.datetime | None


@dataclass(frozen=True, slots=True)
class Reason:
    """A step of the sum of bits: all of a cluster's reasons add up to the bits of its links."""

    rank: int
    reason: str
    kind: str
    value: str
    bits: float
    n_accounts: int | None
    detail: str


@dataclass(frozen=True, slots=True)
class Page:
    """Everything a report shows about one cluster.

    Attributes:
        entry: It in a line.
        claim: What is claimed.
        order: How its priority comes about, in a sentence.
        sure: How sure, in sentences.
        against: Evidence against it, or what explains it as well.
        breaks: The evidence that the conclusion depends on.
        collateral: Accounts that an action on it would hit, and how many of them wrongly.
        change: What changed since the earlier result, in sentences.
        core: Rows of the core members with their attributes, the surest first.
        fringe: Rows of the fringe.
        ties: Its shared evidence, the strongest first.
        n_ties_left_out: Further ones that are not listed.
        reasons: The sum of bits, step by step.
        signals: Rows of the signals of its accounts.
        facts: Rows of how its accounts call beside what is usual, the unusual first.
        joined: Accounts that joined since the earlier result: returns first, then the latest opened.
        moves: Rows of accounts that joined or left since the earlier result.
        days: Observations per day.
        graph: Its picture: nodes and edges, and what was left out.
    """

    entry: Entry
    claim: str
    order: str
    sure: tuple[str, ...]
    against: tuple[str, ...]
    breaks: tuple[str, ...]
    collateral: tuple[str, ...]
    change: tuple[str, ...]
    core: tuple[dict[str, Any], ...]
    fringe: tuple[dict[str, Any], ...]
    ties: tuple[Tie, ...]
    n_ties_left_out: int
    reasons: tuple[Reason, ...]
    signals: tuple[dict[str, Any], ...]
    facts: tuple[dict[str, Any], ...]
    joined: tuple[Joined, ...]
    moves: tuple[dict[str, Any], ...]
    days: tuple[tuple[datetime.date, int], ...]
    graph: Picture


@dataclass(frozen=True, slots=True)
class Picture:
    """A small graph: accounts and their shared evidence.

    Attributes:
        accounts: Accounts in it with their role.
        ties: Numbers of the ties in it, in the page's list.
        holds: Account number, tie number and bits.
        pairs: Account number, account number, kind and bits: joint behaviour.
        left_out: What is not drawn, in words; empty when all is.
    """

    accounts: tuple[tuple[str, str], ...] = ()
    ties: tuple[int, ...] = ()
    holds: tuple[tuple[int, int, float], ...] = ()
    pairs: tuple[tuple[int, int, str, float], ...] = ()
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """The first page without the list of clusters.

    Attributes:
        title: Name of the report.
        findings: The main results, in sentences.
        sure: How sure: expected errors, false discoveries, chance, calibration.
        changed: What is new, in sentences; empty without an earlier result.
        joined: Rows of accounts that joined since the earlier result, returns first.
        n_joined_left_out: Further ones that are not listed; `joined.csv` has all.
        todo: What to do next, each with the cluster to open, or none.
        totals: Named numbers.
        quality: Named facts about the data.
        capped: Rows: what was too common to compare.
        rejected: Rows: input that was rejected, and why.
        sources: Rows: what was read.
        kinds: Rows: what kinds of identifiers there were.
        hubs: Rows: the most common identifiers, which made no pairs.
        gone: Rows: earlier clusters that no cluster goes on from.
        statuses: How many clusters have each status.
        leads: How many clusters have each lead, and the rule in words.
        method: How it was made, in sentences.
        manifest: Named facts that identify the run.
        redacted: What was replaced or left out for this reader, in sentences.
    """

    title: str
    findings: tuple[str, ...]
    sure: tuple[str, ...]
    changed: tuple[str, ...]
    joined: tuple[dict[str, Any], ...]
    n_joined_left_out: int
    todo: tuple[tuple[str, str], ...]
    totals: dict[str, Any]
    quality: dict[str, Any]
    capped: tuple[dict[str, Any], ...]
    rejected: tuple[dict[str, Any], ...]
    sources: tuple[dict[str, Any], ...]
    kinds: tuple[dict[str, Any], ...]
    hubs: tuple[dict[str, Any], ...]
    gone: tuple[dict[str, Any], ...]
    statuses: dict[str, int]
    leads: tuple[tuple[str, int, str], ...]
    method: tuple[str, ...]
    manifest: dict[str, Any]
    redacted: tuple[str, ...]


def plain(value: Any) -> Any:
    """A value as JSON holds it: dataclasses as objects, tuples as lists, times in ISO 8601, nine decimals."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, tuple | list):
        return [plain(inner) for inner in value]
    return plain_cell(value)


def plain_cell(value: Any) -> Any:
    """A single value as JSON and CSV hold it."""
    if isinstance(value, float):
        return round(value, 9) if math.isfinite(value) else None
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value
