"""What to ask next: the question whose answer is expected to move most accounts across the line of alerts.

Two kinds of answers are labels: whether an identifier is exclusive to one operator, and whether an account
belongs to a lineage. Of each the accounts are counted that "no" would take out of a cluster above the line,
and those that "yes" would bring above it with their cluster. Accounts that are closed or decided already
count for nothing: there is nothing left to decide about them. The value of a question is

    probability of "yes" x accounts that come in + probability of "no" x accounts that go out

What "no" takes out by an identifier is computed on the links of the cluster for the best of them, and bounded
by its holders for the rest; what "yes" brings in is estimated from the evidence. "Unsure" costs nothing.

Whether two clusters are one operator's is not asked: the run has weighed that and kept them apart, and on
planted data the answer was no throughout (docs/workspace.md).
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import pyarrow.compute as pc

from graphlink.core.organisations import OPENLY
from graphlink.core.settings.checks import LEAST, MOST
from graphlink.core.wording.figures import counted, format_probability
from graphlink.kinds import shown
from graphlink.storage.arrow_values import rows_of
from graphlink.workspace.holdings import Identifier
from graphlink.workspace.parameters import QuestionRules

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from graphlink.storage.tables import Tables
    from graphlink.workspace.policy import Policy

    Loss = Callable[[str, Identifier], int]
    """Accounts that fall off a cluster without an identifier."""

IDENTIFIER, ACCOUNT = "identifier", "account"
ABOUT = (IDENTIFIER, ACCOUNT)
"""What a question may be about; of two that are worth the same the first is asked."""
_ENDS = ("account_id_l", "account_id_r")
_LIKELY = 0.5  # likelier than not


class Question(NamedTuple):
    """A question to an analyst.

    Attributes:
        about: One of ABOUT.
        subject: Kind and value; or account and lineage.
        probability: Probability that the answer is "yes".
        n_in: Accounts that "yes" would bring into a cluster above the line of alerts.
        n_out: Accounts that "no" would take out of one.
        is_bound: Whether `n_out` is a bound: the links of the cluster were not tried.
        lineages: The lineages it concerns, by name; clusters without one by their id.
    """

    about: str
    subject: tuple[str, str]
    probability: float
    n_in: int
    n_out: int
    is_bound: bool
    lineages: tuple[str, ...]

    @property
    def value(self) -> float:
        """Accounts whose decision is expected to change."""
        return self.probability * self.n_in + (1.0 - self.probability) * self.n_out

    @property
    def text(self) -> str:
        """The question in words."""
        one, other = map(shown, self.subject)
        if self.about == IDENTIFIER:
            return f"Is {one.replace('_', ' ')} {other} exclusive to one operator?"
        return f"Does {one} belong to {other}?"

    @property
    def why(self) -> str:
        """What the answer changes, in words."""
        p = format_probability(self.probability)
        most = "at most " if self.is_bound else ""
        comes = f"brings in {counted(self.n_in, 'account')}" if self.n_in else "changes nothing"
        goes = f"takes out {most}{counted(self.n_out, 'account')}" if self.n_out else "changes nothing"
        return f"Yes (probability {p}) {comes}, no {goes}."


@dataclass(frozen=True)
class Standing:
    """Where accounts stand in a run.

    Attributes:
        cluster_of: Account to its cluster, of accounts in one.
        members: Cluster to its accounts.
        above: Clusters above the line of alerts.
        doubtful: Clusters below it that may rise above: none by chance, and none openly one organisation's.
        lineage_of: Cluster to the name of its lineage.
        settled: Accounts about which there is nothing left to decide: closed, decided or cleared.
        asked: Subjects that a label is about already.
    """

    cluster_of: Mapping[str, str]
    members: Mapping[str, Collection[str]]
    above: frozenset[str]
    doubtful: frozenset[str]
    lineage_of: Mapping[str, str]
    settled: Collection[str]
    asked: Collection[tuple[str, str]]

    def is_above(self, account: str) -> bool:
        """Whether an account is in a cluster above the line."""
        return self.cluster_of.get(account) in self.above

    def is_open(self, account: str) -> bool:
        """Whether there is something to decide about an account."""
        return account not in self.settled

    def names(self, clusters: Iterable[str]) -> tuple[str, ...]:
        """The lineages of clusters by name."""
        return tuple(sorted({self.lineage_of.get(one, one) for one in clusters}))


def standing_of(
    result: Tables,
    lineage_of: Mapping[str, str],
    left_out: tuple[Collection[str], Collection[tuple[str, str]]],
    policy: Policy,
) -> Standing:
    """Read where accounts stand in a run.

    Args:
        result: The run.
        lineage_of: Cluster to the name of its lineage.
        left_out: Accounts that were decided or cleared, and subjects that a label is about.
        policy: The line of alerts.
    """
    openly = f"p_{OPENLY}"
    clusters = [
        row
        for row in rows_of(result.table("clusters", ["cluster_id", "p_same_operator", openly, "fdr"]))
        if row["fdr"] is None or row["fdr"] <= policy.alert_fdr
    ]
    above = frozenset(
        row["cluster_id"] for row in clusters if row["p_same_operator"] >= policy.alert_probability
    )
    doubtful = frozenset(row["cluster_id"] for row in clusters if (row[openly] or 0.0) < _LIKELY) - above
    membership = result.table("membership", ["account_id", "cluster_id"])
    placed = rows_of(membership.filter(pc.is_valid(membership["cluster_id"])))
    accounts = result.table("accounts", ["account_id", "closed_at"])
    closed = accounts.filter(pc.is_valid(accounts["closed_at"]))["account_id"].to_pylist()
    decided, asked = left_out
    members: dict[str, list[str]] = defaultdict(list)
    for row in placed:
        members[row["cluster_id"]].append(row["account_id"])
    return Standing(
        {row["account_id"]: row["cluster_id"] for row in placed},
        members,
        above,
        doubtful,
        lineage_of,
        {*closed, *decided},
        frozenset(asked),
    )


def next_questions(
    result: Tables,
    standing: Standing,
    loss: Loss,
    policy: Policy,
    n: int,
    rules: QuestionRules | None = None,
) -> list[Question]:
    """The questions that move most, the best first; those that move nobody are left out.

    Args:
        result: The run.
        standing: Where its accounts stand.
        loss: What a cluster loses without an identifier.
        policy: The line of alerts, and what "yes" makes of an identifier.
        n: How many.
        rules: Which are weighed.
    """
    rules = rules or QuestionRules()
    found = [
        *_exact(_about_identifiers(result, standing, policy, rules), standing, loss, rules.most_exact),
        *_about_accounts(result, standing),
    ]
    worth = [one for one in found if one.value > 0.0 and one.subject not in standing.asked]
    return sorted(worth, key=lambda one: (-one.value, ABOUT.index(one.about), one.subject))[:n]


class _Held(NamedTuple):
    """An identifier in doubt, its exclusivity, and the pairs it supports, with log2 odds of their links."""

    identifier: Identifier
    exclusivity: float
    pairs: list[tuple[str, str, float]]


def _about_identifiers(
    result: Tables, standing: Standing, policy: Policy, rules: QuestionRules
) -> list[Question]:
    """Questions about identifiers, with what "no" takes out as a bound."""
    questions = []
    for held in _in_doubt(result, rules):
        holders = {account for *pair, _ in held.pairs for account in pair}
        clusters = {standing.cluster_of[one] for one in holders if one in standing.cluster_of}
        n_out = sum(standing.is_above(one) and standing.is_open(one) for one in holders)
        questions.append(
            Question(
                IDENTIFIER,
                (held.identifier.kind, held.identifier.value),
                held.exclusivity,
                len(_coming_in(held, standing, policy)),
                n_out,
                True,
                standing.names(clusters & standing.above),
            )
        )
    return questions


def _in_doubt(result: Tables, rules: QuestionRules) -> list[_Held]:
    """The identifiers that may or may not be one operator's, with the pairs they support."""
    columns = ["kind", "value", "p_exclusive", "is_overridden"]
    identifiers = result.table("identifiers", columns)
    p = identifiers["p_exclusive"]
    is_in_doubt = pc.and_(
        pc.and_(pc.greater_equal(p, rules.doubt_from), pc.less_equal(p, rules.doubt_to)),
        pc.invert(pc.fill_null(identifiers["is_overridden"], False)),
    )
    doubt = {
        Identifier(row["kind"], row["value"]): float(row["p_exclusive"])
        for row in rows_of(identifiers.filter(pc.fill_null(is_in_doubt, False)))
    }
    if not doubt:
        return []
    where = {name: sorted({getattr(one, name) for one in doubt}) for name in ("kind", "value")}
    seen = result.table("evidence", [*_ENDS, "kind", "value"], where)
    pairs: dict[Identifier, list[tuple[str, str]]] = defaultdict(list)
    for row in rows_of(seen):
        if (key := Identifier(row["kind"], row["value"])) in doubt:
            pairs[key].append((row[_ENDS[0]], row[_ENDS[1]]))
    bits = _bits_of(result, {pair for them in pairs.values() for pair in them})
    return [
        _Held(one, doubt[one], [(*pair, bits[pair]) for pair in them if pair in bits])
        for one, them in sorted(pairs.items())
    ]


def _bits_of(result: Tables, pairs: Collection[tuple[str, str]]) -> dict[tuple[str, str], float]:
    """The log2 odds of the links of pairs."""
    names = sorted({name for pair in pairs for name in pair})
    links = rows_of(result.table("links", [*_ENDS, "bits"], dict.fromkeys(_ENDS, names)))
    found = {(row[_ENDS[0]], row[_ENDS[1]]): float(row["bits"]) for row in links}
    return {pair: found[pair] for pair in pairs if pair in found}


def _coming_in(held: _Held, standing: Standing, policy: Policy) -> set[str]:
    """Open accounts of clusters in doubt of which the identifier, if it is exclusive, ties at least half.

    Its evidence then weighs more by the log odds that its exclusivity gains, and ties whom it links as surely
    as the line of alerts asks for.
    """
    gain = _log_odds(policy.exclusive_yes) - _log_odds(held.exclusivity)
    least = _log_odds(policy.alert_probability)
    tied: dict[str, set[str]] = defaultdict(set)
    for *pair, bits in held.pairs:
        one, other = (standing.cluster_of.get(account) for account in pair)
        if one is not None and one == other and one in standing.doubtful and bits + max(0.0, gain) >= least:
            tied[one].update(pair)
    coming: set[str] = set()
    for cluster, accounts in tied.items():
        members = standing.members[cluster]
        if 2 * len(accounts) >= len(members):
            coming.update(members)
    return {one for one in coming if standing.is_open(one)}


def _exact(questions: Iterable[Question], standing: Standing, loss: Loss, most: int) -> list[Question]:
    """The questions, of which the best state what "no" takes out: exactly, where all accounts are open."""
    ranked = sorted(questions, key=lambda one: (-one.value, one.subject))
    clusters = {name: cluster for cluster, name in standing.lineage_of.items()}
    exact = []
    for place, one in enumerate(ranked):
        if place >= most or not one.lineages or not one.n_out:
            exact.append(one)
            continue
        members = [standing.members[clusters.get(name, name)] for name in one.lineages]
        n_open = sum(standing.is_open(account) for them in members for account in them)
        n_out = sum(loss(clusters.get(name, name), Identifier(*one.subject)) for name in one.lineages)
        # The loss counts settled accounts too, and which it takes is not known.
        is_bound = n_open < sum(map(len, members))
        exact.append(one._replace(n_out=min(n_out, n_open), is_bound=is_bound))
    return exact


def _about_accounts(result: Tables, standing: Standing) -> list[Question]:
    """Questions whether an account belongs to its cluster above the line; "no" takes it out."""
    columns = ["account_id", "cluster_id", "probability"]
    table = result.table("membership", columns, {"cluster_id": sorted(standing.above)})
    questions = []
    for row in rows_of(table):
        name = standing.lineage_of.get(row["cluster_id"])
        if name is not None and standing.is_open(row["account_id"]):
            subject, p = (row["account_id"], name), float(row["probability"])
            questions.append(Question(ACCOUNT, subject, p, 0, 1, False, (name,)))
    return questions


def _log_odds(p: float) -> float:
    p = min(max(p, LEAST), MOST)
    return math.log2(p / (1.0 - p))
