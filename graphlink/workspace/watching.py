"""What a finished run says of the watch list: its size, who came back, what others report, and return rates.

Nothing here writes: `graphlink.workspace.watch_rows` and `.return_rows` record it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from graphlink.workspace.holdings import Holding, holdings_of, holdings_on
from graphlink.workspace.indicators import watch_indicators
from graphlink.workspace.parameters import WatchParameters
from graphlink.workspace.returns import NAMED, POSSIBLE, Return, ReturnRate, find_returns, return_rates
from graphlink.workspace.watch import Hit, WatchList, combined_probability, hits_on, size_watch_list

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphlink.storage.tables import Tables
    from graphlink.workspace.decided import Known


class ReportedHit(NamedTuple):
    """An account that holds values that somebody reports.

    Attributes:
        account_id: The account.
        source: Who reports them.
        probability: Probability that the account is whom they report.
        state: `named` or `possible`, by the lines of the watch list.
        hits: The values, the weightiest first.
    """

    account_id: str
    source: str
    probability: float
    state: str
    hits: tuple[Hit, ...]


class Watching(NamedTuple):
    """The watch list in the light of one run.

    Attributes:
        known: What it was sized for.
        sized: The values of decisions.
        reported: Those of indicators.
        holdings: What decided accounts held of the values, in this result or when they were decided on.
        returns: Who came back.
        hits: Who holds what others report.
        rates: How much of each decision is back.
    """

    known: Known
    sized: WatchList
    reported: WatchList
    holdings: tuple[Holding, ...]
    returns: tuple[Return, ...] = ()
    hits: tuple[ReportedHit, ...] = ()
    rates: tuple[ReturnRate, ...] = ()


def watch_run(result: Tables, known: Known, parameters: WatchParameters | None = None) -> Watching:
    """Size the watch list from a run, and match its accounts.

    Args:
        result: The finished run.
        known: Decisions, what their accounts held, and indicators.
        parameters: The numbers of the watch list.
    """
    sized = size_run(result, known, parameters)
    returns = find_returns(result, sized.sized, known.decided, known.cleared)
    return sized._replace(
        returns=returns,
        hits=tuple(_reported_hits(result, sized.reported, {*known.accounts, *known.cleared})),
        rates=return_rates(result, known.decided, returns, known.back),
    )


def size_run(result: Tables, known: Known, parameters: WatchParameters | None = None) -> Watching:
    """Size the watch list from a run, and match nobody; see `watch_run`."""
    parameters = parameters or WatchParameters()
    sized = size_watch_list(result, known.decided, known.cleared, known.remembered, parameters)
    watched = {one.identifier for one in sized.entries}
    held = [*holdings_of(result, known.accounts), *known.remembered] if watched else []
    return Watching(
        known,
        sized,
        watch_indicators(result, known.indicators, parameters),
        tuple(one for one in held if one.identifier in watched),
    )


def _reported_hits(result: Tables, reported: WatchList, others: set[str]) -> Iterable[ReportedHit]:
    """Accounts that hold what others report, and are neither decided nor cleared; the surest first."""
    entries, rules = reported.by_identifier(), reported.rules
    by_account: dict[tuple[str, str], list[Hit]] = defaultdict(list)
    for hit in hits_on(entries, holdings_on(result, entries), rules.least_weight):
        if hit.account_id not in others:
            by_account[hit.account_id, hit.watched.lineage_id].append(hit)
    found = []
    for (account, source), hits in by_account.items():
        probability = combined_probability(hits)
        if probability >= rules.possible_at:
            state = NAMED if probability >= rules.named_at else POSSIBLE
            found.append(ReportedHit(account, source, probability, state, tuple(hits)))
    return sorted(found, key=lambda one: (-one.probability, one.account_id, one.source))
