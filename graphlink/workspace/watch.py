"""The watch list: what was exclusive to decided lineages, sized by who else holds it, and fading with age.

An account that shows up with a watched value is the lineage's, or a stranger's who came to the value by
chance. Of the holders that such a value attracts, the members stand for the first, and count less the longer
ago they held it: after a half-life of its kind a holding counts half. The second are the honest holders that
there are, and those to be expected: by kind, by the exclusivity that the model gives the value, and for an
address by how many strangers its network has. The weight of a value is the members' share, the probability
that a new holder is the lineage's. A value of which members are less than half of all holders ever is not
watched.

The list is sized again from every result. Who came to a value since the decision may be a return; where more
came than the members can stand for, the rest count as honest, so that the watch of an address ends once it is
leased to others.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from graphlink.core.errors import QuestionError
from graphlink.core.wording.figures import counted, format_probability
from graphlink.kinds import ADDRESSES, shown
from graphlink.kinds.listed_types import LISTED_TYPES
from graphlink.workspace.holdings import (
    Holding,
    Identifier,
    Moment,
    data_end,
    holdings_of,
    holdings_on,
    identifier_rows,
    network_around,
    opened_since,
    root_of,
    widened,
)
from graphlink.workspace.parameters import WatchParameters, WatchRules

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from graphlink.storage.tables import Tables


CROWDED = "honest holders prevail"
FADED = "it was held too long ago"
HUB = "too many accounts hold it"
LISTED = "a reference list says that anybody may use it"
OVERRIDDEN = "the settings say that it is shared"

OPEN_TO_ALL = frozenset(one.name for one in LISTED_TYPES if one.bits < 0)
"""Types of a reference list whose addresses anybody may use."""
PLACES_OF_MANY = ("router", "ip_prefix", "asn", "country")  # kinds whose values have many customers
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class DecidedLineage:
    """A lineage that was decided on.

    Attributes:
        lineage_id: Its name, such as K-417.
        accounts: The accounts of the decision.
        decided_at: When; accounts opened later may be its returns.
    """

    lineage_id: str
    accounts: frozenset[str]
    decided_at: dt.datetime

    def __post_init__(self) -> None:
        if self.decided_at.tzinfo is None:
            raise QuestionError(f"{self.lineage_id}: decided_at has no time zone; give it in UTC")


@dataclass(frozen=True, slots=True)
class Watched:
    """A value on the watch list.

    Attributes:
        identifier: The value with its kind.
        lineage_id: Whose it was; of an indicator, its source.
        held_at: When each member of the lineage held it last; None where the data have no time.
        n_others: Other accounts that hold it, without those opened since that may be returns.
        honest: Honest holders that are there or to be expected.
        half_life_days: After how long a holding counts half.
        until: End of the watch; None without one.
        ceiling: The most that its weight can be, such as the confidence of an indicator.
    """

    identifier: Identifier
    lineage_id: str
    held_at: tuple[Moment, ...]
    n_others: int
    honest: float
    half_life_days: float
    until: Moment = None
    ceiling: float = 1.0

    @property
    def n_members(self) -> int:
        """Members of the lineage that held it."""
        return len(self.held_at)

    def weight(self, at: Moment) -> float:
        """The probability that an account that comes to hold it is the lineage's.

        Args:
            at: When the account came to hold it; None where the data have no time, then nothing fades.
        """
        if self.until is not None and at is not None and at >= self.until:
            return 0.0
        members = math.fsum(_faded(held, at, self.half_life_days) for held in self.held_at)
        return min(self.ceiling, members / (members + self.honest))


def _faded(held: Moment, at: Moment, half_life_days: float) -> float:
    if held is None or at is None:
        return 1.0
    return cast("float", 0.5 ** (max(0.0, (at - held).total_seconds()) / (half_life_days * _DAY_S)))


@dataclass(frozen=True, slots=True)
class Hit:
    """A watched value that an account holds.

    Attributes:
        account_id: The account.
        watched: The value on the watch list.
        seen_at: When the account held it first; None where the data have no time.
        weight: The probability that the account is the lineage's, by this value alone.
    """

    account_id: str
    watched: Watched
    seen_at: Moment
    weight: float

    @property
    def lag_days(self) -> float | None:
        """Days since a member held it last; None where the data have no time."""
        held = [at for at in self.watched.held_at if at is not None]
        if self.seen_at is None or not held:
            return None
        return (self.seen_at - max(held)).total_seconds() / _DAY_S

    @property
    def sentence(self) -> str:
        """The hit in words."""
        watched, lag = self.watched, self.lag_days
        kind, value = watched.identifier.kind.replace("_", " "), shown(watched.identifier.value)
        when = "" if lag is None else f", {max(lag, 0.0):.1f} days after one of them did"
        return (
            f"holds {kind} {value}, which {counted(watched.n_members, 'account')} of "
            f"{shown(watched.lineage_id)} held and {counted(watched.n_others, 'other')} held{when}: "
            f"probability {format_probability(self.weight)}"
        )


@dataclass(frozen=True)
class WatchList:
    """The values that are watched.

    Attributes:
        at: When it was sized: the end of the data; None where they have no time.
        entries: The values; one that was several lineages' is there for each.
        dropped: The lineages' values that are not watched, each with the reason.
        rules: When a value names an account.
    """

    at: Moment
    entries: tuple[Watched, ...]
    dropped: tuple[tuple[Watched, str], ...] = ()
    rules: WatchRules = field(default_factory=WatchRules)

    @property
    def not_watched(self) -> dict[str, int]:
        """Reason to the number of the lineages' values that are not watched for it."""
        return dict(sorted(Counter(reason for _, reason in self.dropped).items()))

    def by_identifier(self) -> dict[Identifier, list[Watched]]:
        """The entries of each value."""
        entries: dict[Identifier, list[Watched]] = defaultdict(list)
        for entry in self.entries:
            entries[entry.identifier].append(entry)
        return dict(entries)

    def joined(self, other: WatchList) -> WatchList:
        """The list with the entries of another one, such as of indicators."""
        return WatchList(
            self.at, (*self.entries, *other.entries), (*self.dropped, *other.dropped), self.rules
        )


def hits_on(
    entries: Mapping[Identifier, Sequence[Watched]], holdings: Iterable[Holding], least_weight: float
) -> list[Hit]:
    """The hits of what accounts hold, by account and then by weight, the greatest first.

    Args:
        entries: The watch list by value.
        holdings: What the accounts hold.
        least_weight: Weight below which a shared value is no hit.
    """
    hits = [
        Hit(one.account_id, entry, one.first_seen, weight)
        for one in holdings
        for entry in entries.get(one.identifier, ())
        if (weight := entry.weight(one.first_seen)) >= least_weight
    ]
    return sorted(hits, key=lambda hit: (hit.account_id, -hit.weight, hit.watched.identifier))


def combined_probability(hits: Iterable[Hit]) -> float:
    """The probability that an account is a lineage's, given its hits on that lineage.

    Hits of one root (the addresses of one network, a mailbox and its domain) fail together, so only the
    strongest counts; hits of different roots fail each by itself: 1 - product of (1 - weight).
    """
    strongest: dict[Identifier, float] = {}
    for hit in hits:
        root = root_of(hit.watched.identifier)
        strongest[root] = max(strongest.get(root, 0.0), hit.weight)
    return 1.0 - math.prod(1.0 - weight for weight in strongest.values())


def size_watch_list(
    result: Tables,
    decided: Sequence[DecidedLineage],
    cleared: Collection[str] = (),
    remembered: Iterable[Holding] = (),
    parameters: WatchParameters | None = None,
) -> WatchList:
    """Size the watch list of decided lineages from a result.

    Args:
        result: A finished run. What members held is read from it where it has them.
        decided: The lineages.
        cleared: Accounts that are known to be honest, such as after an appeal.
        remembered: What members held in earlier results, by `holdings_of`, where the data leave old rows out.
        parameters: Half-lives, honest holders to be expected, and when a value names an account.

    Raises:
        QuestionError: Two lineages have one name.
    """
    lineages = {one.lineage_id: one for one in decided}
    if len(lineages) < len(decided):
        raise QuestionError("two decided lineages have one name; join their accounts")
    parameters = parameters or WatchParameters()
    sizing, rules = _Sizing.of(result, decided, (cleared, remembered), parameters), parameters.rules
    entries: list[Watched] = []
    dropped: list[tuple[Watched, str]] = []
    for (name, identifier), mine in sorted(sizing.held.items()):
        entry = sizing.entry(lineages[name], identifier, mine, rules)
        reason = reason_against(entry, sizing.rows.get(identifier, {}), sizing.at, rules)
        if reason is None:
            entries.append(entry)
        else:
            dropped.append((entry, reason))
    return WatchList(sizing.at, tuple(entries), tuple(dropped), rules)


@dataclass(frozen=True)
class _Sizing:
    """What sizes the values of decided lineages.

    Attributes:
        at: The end of the data.
        held: Lineage and value to when each of its members held it last.
        n_members: Value, or network, to the members of any lineage that hold it in the result.
        n_holders: Value to all its holders in the result.
        newcomers: Value to when its holders that are no members were opened, of those opened since the first
            decision; network to the same of those on a value of a member.
        rows: Value, or network, to its row of `identifiers`.
        parameters: The numbers of the watch list.
    """

    at: Moment
    held: Mapping[tuple[str, Identifier], Sequence[Moment]]
    n_members: Mapping[Identifier, int]
    n_holders: Mapping[Identifier, int]
    newcomers: Mapping[Identifier, Sequence[dt.datetime]]
    rows: Mapping[Identifier, Mapping[str, Any]]
    parameters: WatchParameters

    @classmethod
    def of(
        cls,
        result: Tables,
        decided: Sequence[DecidedLineage],
        people: tuple[Collection[str], Iterable[Holding]],
        parameters: WatchParameters,
    ) -> _Sizing:
        lineages_of: dict[str, list[str]] = defaultdict(list)
        for lineage in decided:
            for account in lineage.accounts:
                lineages_of[account].append(lineage.lineage_id)
        cleared, remembered = people
        present = holdings_of(result, lineages_of)
        n_members = Counter(one.identifier for one in present)
        held: dict[tuple[str, Identifier], list[Moment]] = defaultdict(list)
        n_ever: Counter[Identifier] = Counter()
        for one in widened([*present, *(one for one in remembered if one.account_id in lineages_of)]):
            if one.identifier.kind not in PLACES_OF_MANY:
                n_ever[one.identifier] += 1
                for name in lineages_of[one.account_id]:
                    held[name, one.identifier].append(one.last_seen)
        networks = {network for one in n_ever if (network := network_around(one)) is not None}
        rows = identifier_rows(result, [*n_ever, *networks])
        # Of what so many hold that members can't be half of them, nobody is looked up: it may be a hub.
        most = 1.0 + parameters.rules.returns_per_member
        degrees = {one: int(str(rows.get(one, {}).get("degree", 0))) for one in n_ever}
        crowded = {one for one, degree in degrees.items() if degree > n_members[one] + most * n_ever[one]}
        others = set(cleared).union(lineages_of)
        n_holders, newcomers = _newcomers_on(result, decided, n_ever.keys() - crowded, others)
        n_holders.update({one: degrees[one] for one in crowded})
        return cls(data_end(result), held, n_members, n_holders, newcomers, rows, parameters)

    def entry(
        self, lineage: DecidedLineage, identifier: Identifier, held_at: Sequence[Moment], rules: WatchRules
    ) -> Watched:
        """The value as it would be watched."""
        row, holders = self.rows.get(identifier, {}), self.parameters.honest_holders
        half_lives = self.parameters.half_lives
        n_new = sum(at >= lineage.decided_at for at in self.newcomers.get(identifier, ()))
        may_be_returns = min(n_new, rules.returns_per_member * len(held_at))
        n_members = self.n_members.get(identifier, 0)  # of all lineages: none of them is honest
        n_others = max(0, math.ceil(self.n_holders.get(identifier, 0) - n_members - may_be_returns))
        exclusivity = row.get("p_exclusive")
        base = getattr(holders, identifier.kind, holders.open)
        expected = base if exclusivity is None else 2.0 * base * (1.0 - exclusivity)
        return Watched(
            identifier,
            lineage.lineage_id,
            tuple(held_at),
            n_others,
            n_others + expected + self._strangers_around(identifier, rules),
            getattr(half_lives, identifier.kind, half_lives.open),
        )

    def _strangers_around(self, identifier: Identifier, rules: WatchRules) -> float:
        """Honest holders that an address is to have by how many strangers its network has."""
        network = network_around(identifier)
        if network is None:
            return self.parameters.honest_holders.unknown_network if identifier.kind in ADDRESSES else 0.0
        n_members = self.n_members.get(network, 0)
        n_new = min(len(self.newcomers.get(network, ())), rules.returns_per_member * n_members)
        degree = self.rows.get(network, {}).get("degree", n_members)
        return float(max(0.0, degree - n_members - n_new) / rules.network_addresses)


def _newcomers_on(
    result: Tables, decided: Sequence[DecidedLineage], values: Collection[Identifier], others: Collection[str]
) -> tuple[Counter[Identifier], dict[Identifier, list[dt.datetime]]]:
    """How many hold each value, and when those of them were opened that were since the first decision.

    The second is stated of the networks of the values too.

    Args:
        result: A finished run.
        decided: The decided lineages.
        values: The values.
        others: Accounts that are no newcomers, whenever they were opened.
    """
    n_holders: Counter[Identifier] = Counter()
    newcomers: dict[Identifier, dict[str, dt.datetime]] = defaultdict(dict)
    if not decided:
        return n_holders, {}
    opened = opened_since(result, min(one.decided_at for one in decided))
    for one in holdings_on(result, values):
        n_holders[one.identifier] += 1
        at = None if one.account_id in others else opened.get(one.account_id)
        for identifier in (one.identifier, network_around(one.identifier)):
            if at is not None and identifier is not None:
                newcomers[identifier][one.account_id] = at
    return n_holders, {identifier: list(by_account.values()) for identifier, by_account in newcomers.items()}


def reason_against(entry: Watched, row: Mapping[str, Any], at: Moment, rules: WatchRules) -> str | None:
    """Why a value is not watched; None if it is.

    Args:
        entry: The value as it would be watched.
        row: Its row of `identifiers`; empty without one.
        at: The end of the data.
        rules: When a value names an account.
    """
    if row.get("label_type") in OPEN_TO_ALL:
        return LISTED
    if row.get("is_overridden") and (row.get("p_exclusive") or 0.0) < rules.shared_below:
        return OVERRIDDEN
    if row.get("is_hub"):
        return HUB
    if entry.n_members < entry.n_others:
        return CROWDED
    return FADED if entry.weight(at) < rules.least_weight else None
