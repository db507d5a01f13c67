"""Screening: what the watch list and the known lineages say of accounts that no run has seen yet.

An answer takes a look-up for each value, so a thousand accounts take well under a second. It is provisional:
it knows the values of the account and not its links, changes nobody's membership, and the next run decides.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphlink.core.wording.figures import format_probability
from graphlink.kinds import UncleanValue, shown
from graphlink.workspace.holdings import PLAIN, Holding, Identifier, data_end, widened
from graphlink.workspace.indicators import Indicator, watch_indicators
from graphlink.workspace.watch import (
    DecidedLineage,
    combined_probability,
    hits_on,
    size_watch_list,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from graphlink.storage.tables import Tables
    from graphlink.workspace.holdings import Moment, Spelling
    from graphlink.workspace.parameters import WatchParameters, WatchRules
    from graphlink.workspace.watch import Hit, Watched

WATCH_LIST, INDICATORS, KNOWN_LINEAGES = "watch_list", "indicators", "known_lineages"
LISTS = (WATCH_LIST, INDICATORS, KNOWN_LINEAGES)
"""The lists that accounts are screened against, the most urgent first."""

NAMED, POSSIBLE, KNOWN, CLEAR = "named", "possible", "known", "clear"
STATES = (NAMED, POSSIBLE, KNOWN, CLEAR)
"""States of an answer in the order of a list; an account that is in a lineage already is known."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """An account seen with a raw value.

    Attributes:
        account_id: The account.
        kind: Kind of the value.
        value: The value.
        seen_at: When; None where that is not known, then nothing fades.
    """

    account_id: str
    kind: str
    value: str
    seen_at: Moment = None


@dataclass(frozen=True, slots=True)
class Match:
    """What an account has in common with one entry of a list.

    Attributes:
        listed: Which list, one of LISTS.
        name: The lineage, or the source of the indicators.
        probability: Probability that the account is the lineage's, or what the source reports.
        hits: The values, the weightiest first.
    """

    listed: str
    name: str
    probability: float
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer for one account; provisional, whatever it says.

    Attributes:
        account_id: The account.
        state: One of STATES.
        matches: What it matches, the most probable first; nothing where it is known.
        lineage_id: The lineage that it is in already; None of another account.
        data_until: End of the data that the lists were sized from.
    """

    account_id: str
    state: str
    matches: tuple[Match, ...]
    lineage_id: str | None
    data_until: Moment

    @property
    def sentence(self) -> str:
        """The answer in words."""
        if self.lineage_id is not None:
            return f"{shown(self.account_id)}: already in {shown(self.lineage_id)}."
        if not self.matches:
            return f"{shown(self.account_id)}: nothing on the lists; provisional until the next run."
        best = self.matches[0]
        values = ", ".join(
            f"{hit.watched.identifier.kind.replace('_', ' ')} {shown(hit.watched.identifier.value)}"
            for hit in best.hits[:3]
        )
        likely = "likely" if self.state == NAMED else "possibly"
        return (
            f"{shown(self.account_id)}: {likely} {shown(best.name)}, probability "
            f"{format_probability(best.probability)}, by {values}; provisional until the next run."
        )


@dataclass(frozen=True, slots=True)
class RejectedSighting:
    """A sighting that can't be screened.

    Attributes:
        row_number: Its place among the sightings, from 1.
        reason: Why, and what to do; never the value.
    """

    row_number: int
    reason: str


@dataclass(frozen=True)
class Screened:
    """The answers for some accounts.

    Attributes:
        answers: One for each account that has a sighting, named ones first, each by probability.
        rejected: The sightings that can't be screened.
    """

    answers: tuple[Answer, ...]
    rejected: tuple[RejectedSighting, ...]


@dataclass(frozen=True)
class Screen:
    """Lists to screen accounts against, made once and used for many.

    Attributes:
        lists: Name of LISTS to the entries of each value.
        members: Account to the lineage that it is in already.
        rules: When a value names an account.
        spelling: How values are spelled in results.
        data_until: End of the data that the lists were sized from.
    """

    lists: Mapping[str, Mapping[Identifier, Sequence[Watched]]]
    members: Mapping[str, str]
    rules: WatchRules
    spelling: Spelling = PLAIN
    data_until: Moment = None

    def screen(self, sightings: Iterable[Sighting]) -> Screened:
        """Answer for every account among the sightings.

        Args:
            sightings: What the accounts were seen with, raw.
        """
        holdings: list[Holding] = []
        rejected: list[RejectedSighting] = []
        accounts: set[str] = set()
        for number, one in enumerate(sightings, 1):
            accounts.add(one.account_id)
            try:
                identifiers = self.spelling.identifiers(one.kind, one.value)
            except UncleanValue as error:
                rejected.append(RejectedSighting(number, str(error)))
                continue
            holdings += [Holding(one.account_id, each, one.seen_at, one.seen_at) for each in identifiers]
        matches = self._matches(widened(holdings))
        answers = [self._answer(account, matches.get(account, [])) for account in accounts]
        answers.sort(
            key=lambda one: (
                STATES.index(one.state),
                -max((m.probability for m in one.matches), default=0.0),
                one.account_id,
            )
        )
        return Screened(tuple(answers), tuple(rejected))

    def _matches(self, holdings: Sequence[Holding]) -> dict[str, list[Match]]:
        matches: dict[str, list[Match]] = defaultdict(list)
        for listed in LISTS:
            hits: dict[tuple[str, str], list[Hit]] = defaultdict(list)
            for hit in hits_on(self.lists.get(listed, {}), holdings, self.rules.least_weight):
                hits[hit.account_id, hit.watched.lineage_id].append(hit)
            for (account, name), own in hits.items():
                matches[account].append(Match(listed, name, combined_probability(own), tuple(own)))
        return matches

    def _answer(self, account: str, matches: Sequence[Match]) -> Answer:
        if (lineage := self.members.get(account)) is not None:
            return Answer(account, KNOWN, (), lineage, self.data_until)
        listed = sorted(
            (one for one in matches if one.probability >= self.rules.possible_at),
            key=lambda one: (-one.probability, LISTS.index(one.listed), one.name),
        )
        state = CLEAR if not listed else NAMED if listed[0].probability >= self.rules.named_at else POSSIBLE
        return Answer(account, state, tuple(listed), None, self.data_until)


def make_screen(  # noqa: PLR0913 - one per list, and who is left out of them
    result: Tables,
    decided: Sequence[DecidedLineage] = (),
    lineages: Mapping[str, Collection[str]] | None = None,
    indicators: Iterable[Indicator] = (),
    *,
    cleared: Collection[str] = (),
    remembered: Iterable[Holding] = (),
    spelling: Spelling = PLAIN,
    parameters: WatchParameters | None = None,
) -> Screen:
    """Make the lists to screen new accounts against.

    Args:
        result: The last accepted run.
        decided: The decided lineages: the watch list.
        lineages: Other lineages with their accounts: what is exclusive to one is listed as well.
        indicators: Indicators of partners.
        cleared: Accounts that are known to be honest, as in `size_watch_list`.
        remembered: What decided accounts held in earlier results, as in `size_watch_list`.
        spelling: How values are spelled in the result.
        parameters: The numbers of the watch list.
    """
    until = data_end(result)
    # Nobody was opened after the data end: all other holders of what a lineage has are others.
    end = (until or dt.datetime.now(dt.UTC)) + dt.timedelta(days=1)
    decided_names = {one.lineage_id for one in decided}
    known = [
        DecidedLineage(name, frozenset(accounts), end)
        for name, accounts in sorted((lineages or {}).items())
        if name not in decided_names
    ]
    watched = size_watch_list(result, decided, cleared, remembered, parameters)
    lists = {
        WATCH_LIST: watched,
        INDICATORS: watch_indicators(result, indicators, parameters),
        KNOWN_LINEAGES: size_watch_list(result, known, cleared, parameters=parameters),
    }
    members = {account: one.lineage_id for one in (*known, *decided) for account in sorted(one.accounts)}
    return Screen(
        {name: entries.by_identifier() for name, entries in lists.items()},
        members,
        watched.rules,
        spelling,
        until,
    )


def sightings_of(rows: Iterable[Mapping[str, Any]]) -> Iterable[Sighting]:
    """Make sightings of rows with account_id, kind, value and, where there is a time, seen_at."""
    for row in rows:
        yield Sighting(str(row["account_id"]), str(row["kind"]), str(row["value"]), row.get("seen_at"))
