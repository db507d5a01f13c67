"""Probabilities of links without any truth: a facet is left out, and predicted from the rest.

A provider has no truth, but facets that do not determine each other predict each other. Links are stated
without a facet; then one looks how often their accounts meet in it (share something rare). Two rates anchor
that: how often pairs that are surely one operator meet, and how often two accounts meet by chance. What lies
between is a mixture of the two, and its share is the share of one operator.

Operators differ in what they share: one pays all with one card, another each account with its own. So what a
pair would meet if it were one operator's is taken from its own group, the accounts that the rest surely puts
with either of the two; from all groups only as far as its own has too few. A group that never meets weighs
nothing, for there the facet sees nothing. Intervals resample what is likely one operator as a whole.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from graphlink.core.arguments import checked
from graphlink.evaluation.calibration import probabilities_of
from graphlink.evaluation.columns import codes_of, column_of, positions_of, unique_accounts
from graphlink.evaluation.meetings import all_accounts, read_meetings
from graphlink.evaluation.ratios import mean_of, ratio_of
from graphlink.evaluation.representation import Representation

if TYPE_CHECKING:
    from typing import Any

    import pyarrow as pa

    from graphlink.evaluation.columns import Codes, Flags, Floats
    from graphlink.evaluation.meetings import Meetings

SURE = 0.95
"""Links from here on, within one cluster of the rest, are taken for one operator's: they anchor."""
EDGES = (0.1, 0.3, 0.5, 0.7, 0.9, SURE, 1.0)
FEWEST_GROUPS = 5
FEWEST_UNITS = 5
FEWEST_PAIRS = 30
LEAST_SEEN = 0.05
"""Of pairs of one operator this share has to meet more often than by chance, or the facet sees too little."""

_DRAWS, _CHANCE_PAIRS, _SEED = 400, 200_000, 1


@dataclass(frozen=True, slots=True, repr=False)
class LeftOutBin(Representation):
    """Links whose probability without the facet lies in [low, high), the last bin closed.

    Attributes:
        low: Least probability.
        high: Largest probability.
        n: Links of which both accounts have a value in the facet.
        n_units: What is likely one operator each, behind these: clusters of the result, accounts in none.
        mean_probability: What was stated.
        share_met: Of them, the share that meets in the facet.
        expected_met: The share that would meet if all were of one operator.
        implied: The share that is of one operator, which follows; NaN where it can't be judged.
        implied_low: Lower end of its 95 % interval.
        implied_high: Upper end of it.
    """

    low: float
    high: float
    n: int
    n_units: int
    mean_probability: float
    share_met: float
    expected_met: float
    implied: float
    implied_low: float
    implied_high: float


@dataclass(frozen=True, slots=True, repr=False)
class LeftOut(Representation):
    """Probabilities that were stated without a facet, against what that facet implies.

    Attributes:
        facet: The facet.
        n: Links of which both accounts have a value in it.
        n_missing: Links of which one has none; left out.
        n_groups: Groups of accounts that are surely one operator's by the rest, of which links meet or not.
        n_unseen: Those of them in which nobody meets.
        share_of_one: How often two accounts of such a group meet; mean over groups.
        share_by_chance: How often two accounts meet that are drawn at random.
        n_judged: Links in the bins that can be judged.
        expected_error: Mean over these of the distance of stated and implied; NaN where none can be judged.
        error_beyond_doubt: The same, but of how far the stated lies outside the interval.
        unseen: Clusters of the result that these groups are in, the largest group first.
        remarks: What can't be judged, and why.
        bins: The table.
    """

    facet: str
    n: int
    n_missing: int
    n_groups: int
    n_unseen: int
    share_of_one: float
    share_by_chance: float
    n_judged: int
    expected_error: float
    error_beyond_doubt: float
    unseen: tuple[str, ...]
    remarks: tuple[str, ...]
    bins: tuple[LeftOutBin, ...]


class _Pairs(NamedTuple):
    """Links that can meet: what was stated, whether they meet, and the group and unit of either end."""

    probability: Floats
    met: Flags
    ends: Codes  # 2 x n: accounts
    group: Codes  # 2 x n; -1 for none
    unit: Codes  # 2 x n

    def chosen(self, those: Flags) -> _Pairs:
        return _Pairs(
            self.probability[those],
            self.met[those],
            self.ends[:, those],
            self.group[:, those],
            self.unit[:, those],
        )


class _Groups(NamedTuple):
    """Groups that are surely one: of each how often it meets, and on how many accounts that rests."""

    met: Floats  # of the links within it
    weight: Floats  # accounts less one: links of one group are not independent
    unit: Codes
    mean: float
    evenness: float  # pseudo-accounts that say how even the rates are from group to group

    @property
    def rate(self) -> Floats:
        return (self.weight * self.met + self.evenness * self.mean) / (self.weight + self.evenness)


@checked
def evaluate_left_out(
    facet: str,
    links: pa.Table,
    membership: pa.Table,
    holdings: pa.Table,
    held: pa.Table,
    *,
    units: pa.Table | None = None,
) -> LeftOut:
    """Hold probabilities that were stated without a facet against that facet.

    Args:
        facet: Its name.
        links: account_id_l, account_id_r, probability; stated without it.
        membership: account_id, cluster_id (null: in none); found without it.
        holdings: account_id, identifier_no, window_no: who held what of it when.
        held: account_id, kind: who has any value of it.
        units: account_id, cluster_id of the whole result, which intervals resample; else `membership`.

    Returns:
        By stated probability the pairs that could meet in the facet and the share that does, with what that
        says of one operator, and an interval.

    Raises:
        InputError: A column is missing, an account is twice in a membership, or a probability is none.
    """
    sides = [column_of(links, "links", (name,)) for name in ("account_id_l", "account_id_r")]
    holders = column_of(held, "held", ("account_id",))
    accounts = all_accounts(*sides, unique_accounts(membership, "membership"), holders)
    ends = np.stack([positions_of(side, accounts) for side in sides])
    meetings = read_meetings(accounts, holdings, held)
    group, _ = _clusters(membership, accounts)
    unit, names = _clusters(membership if units is None else units, accounts)
    unit = np.where(unit < 0, len(names) + np.cumsum(unit < 0) - 1, unit)  # who is in none is a unit alone
    can_meet = meetings.have_both(ends[0], ends[1])
    ends = ends[:, can_meet]
    probability = probabilities_of(links, "links")[can_meet]
    pairs = _Pairs(probability, meetings.meet(ends[0], ends[1]), ends, group[ends], unit[ends])
    chance = _chance(meetings)
    groups, pairs = _surely_one(pairs)
    bins = _bins(pairs, groups, chance, int(unit.max(initial=0)) + 1)
    judged = [one for one in bins if not math.isnan(one.implied)]
    n_judged = sum(one.n for one in judged)
    unseen = [one for one in np.argsort(-groups.weight, kind="stable") if not groups.met[one]]
    clusters = [str(names[groups.unit[one]]) for one in unseen if groups.unit[one] < len(names)]
    return LeftOut(
        facet,
        len(pairs.met),
        int((~can_meet).sum()),
        len(groups.met),
        len(unseen),
        mean_of(groups.met),
        chance,
        n_judged,
        ratio_of(sum(one.n * abs(one.mean_probability - one.implied) for one in judged), n_judged),
        ratio_of(sum(one.n * _beyond(one) for one in judged), n_judged),
        tuple(dict.fromkeys(clusters)),
        tuple(_remarks(bins, groups, chance, len(unseen))),
        bins,
    )


def _beyond(one: LeftOutBin) -> float:
    return max(one.implied_low - one.mean_probability, one.mean_probability - one.implied_high, 0.0)


def _clusters(membership: pa.Table, accounts: Any) -> tuple[Codes, list[Any]]:
    """The cluster of each account as a code, -1 for none; and their names."""
    column = column_of(membership, "membership", ("cluster_id",))
    names = sorted({str(name) for name in column.to_pylist() if name is not None})
    code = np.full(len(accounts), -1, np.int64)
    place = positions_of(unique_accounts(membership, "membership"), accounts)
    code[place[place >= 0]] = codes_of(column)[place >= 0]
    return code, names


def _chance(meetings: Meetings) -> float:
    """How often two accounts drawn at random meet, of those that can."""
    n = len(meetings.kinds)
    if n < 2:
        return math.nan
    drawn = np.random.default_rng(_SEED).integers(0, n, (2, _CHANCE_PAIRS))
    drawn = drawn[:, (drawn[0] != drawn[1]) & meetings.have_both(drawn[0], drawn[1])]
    return mean_of(meetings.meet(drawn[0], drawn[1]))


def _surely_one(pairs: _Pairs) -> tuple[_Groups, _Pairs]:
    """The groups that anchor, and the pairs by the numbers of these; -1 where one anchors nothing."""
    sure = (pairs.probability >= SURE) & (pairs.group[0] == pairs.group[1]) & (pairs.group[0] >= 0)
    found, code = np.unique(pairs.group[0][sure], return_inverse=True)
    n_links = np.bincount(code, minlength=len(found))
    met: Floats = np.bincount(code, weights=pairs.met[sure], minlength=len(found)) / np.maximum(n_links, 1)
    member = np.unique(np.stack([np.tile(code, 2), pairs.ends[:, sure].ravel()]), axis=1)
    weight: Floats = np.bincount(member[0], minlength=len(found)) - np.ones(len(found))
    unit = np.zeros(len(found), np.int64)
    unit[code] = pairs.unit[0][sure]
    mean = mean_of(met)
    groups = _Groups(met, weight, unit, mean, _evenness(met, weight, mean))
    place = np.searchsorted(found, pairs.group)
    known = np.isin(pairs.group, found)
    return groups, pairs._replace(group=np.where(known, place, -1))


def _evenness(met: Floats, weight: Floats, mean: float) -> float:
    """How even the rates of groups are, in pseudo-accounts: a beta distribution by its moments."""
    if len(met) < 2:
        return 1.0
    spread = met.var(ddof=1) - mean_of(met * (1 - met) / np.maximum(weight, 1))
    return float(np.clip(mean * (1 - mean) / max(spread, 1e-3) - 1, 0.2, 20.0))


def _bins(pairs: _Pairs, groups: _Groups, chance: float, n_units: int) -> tuple[LeftOutBin, ...]:
    code = np.clip(np.searchsorted(EDGES, pairs.probability, side="right") - 1, 0, len(EDGES) - 2)
    rng = np.random.default_rng(_SEED)
    drawn = [_drawn(groups, n_units, rng) for _ in range(_DRAWS)] if len(groups.met) >= FEWEST_GROUPS else []
    return tuple(_bin(i, pairs.chosen(code == i), groups, chance, drawn) for i in range(len(EDGES) - 1))


class _Drawn(NamedTuple):
    """One resampling: weight of each unit, rate of each group, rate of a unit that has no group."""

    weight: Floats
    of_group: Floats
    of_unit: Floats


def _drawn(groups: _Groups, n_units: int, rng: np.random.Generator) -> _Drawn:
    weight = rng.exponential(size=n_units)
    of_groups = weight[groups.unit]
    mean = float(np.clip((of_groups * groups.met).sum() / of_groups.sum(), 1e-3, 1 - 1e-3))
    prior = groups.evenness * np.array([mean, 1 - mean])
    seen = groups.weight * np.stack([groups.met, 1 - groups.met])
    return _Drawn(
        weight,
        rng.beta(seen[0] + prior[0], seen[1] + prior[1]),
        rng.beta(prior[0], prior[1], n_units),
    )


def _bin(i: int, pairs: _Pairs, groups: _Groups, chance: float, drawn: list[_Drawn]) -> LeftOutBin:
    n, low, high = len(pairs.met), EDGES[i], EDGES[i + 1]
    expected = _expected(pairs, groups, groups.rate, None)
    shown = (mean_of(pairs.probability), mean_of(pairs.met), mean_of(expected))
    n_units = len(np.unique(pairs.unit))
    is_seen = bool(n) and shown[2] - chance >= LEAST_SEEN
    if n < FEWEST_PAIRS or n_units < FEWEST_UNITS or not drawn or not is_seen or low >= SURE:
        return LeftOutBin(low, high, n, n_units, *shown, math.nan, math.nan, math.nan)
    shares = [
        _share(pairs, _expected(pairs, groups, one.of_group, one.of_unit), chance, one) for one in drawn
    ]
    least, most = np.quantile(shares, (0.025, 0.975))
    if least > 1:  # no mixture meets more often than its larger part
        return LeftOutBin(low, high, n, n_units, *shown, math.nan, math.nan, math.nan)
    implied = _clipped((shown[1] - chance) / (shown[2] - chance))
    return LeftOutBin(
        low, high, n, n_units, *shown, implied, min(_clipped(least), implied), max(_clipped(most), implied)
    )


def _clipped(share: float) -> float:
    return min(max(float(share), 0.0), 1.0)


def _expected(pairs: _Pairs, groups: _Groups, of_group: Floats, of_unit: Floats | None) -> Floats:
    """How likely each pair is to meet if it is one operator's: by the groups of its ends, if any."""
    if not len(of_group):
        return np.full(len(pairs.met), math.nan)
    unknown = np.full(pairs.unit.shape, groups.mean) if of_unit is None else of_unit[pairs.unit]
    known = pairs.group >= 0
    rate = np.where(known, of_group[pairs.group], unknown)
    trust = np.where(known, groups.weight[pairs.group] / (groups.weight[pairs.group] + groups.evenness), 0.0)
    trust = np.where(known.any(axis=0), trust, 1.0)
    return np.asarray((trust * rate).sum(axis=0) / trust.sum(axis=0))


def _share(pairs: _Pairs, expected: Floats, chance: float, drawn: _Drawn) -> float:
    """The share of one operator of one resampling; above one where pairs meet more often than groups."""
    left, right = pairs.unit
    weight = drawn.weight[left] * np.where(left == right, 1.0, drawn.weight[right])
    of_one = (weight * (expected - chance)).sum()
    return float((weight * (pairs.met - chance)).sum() / of_one) if of_one > 0 else 1.0


def _remarks(bins: tuple[LeftOutBin, ...], groups: _Groups, chance: float, n_unseen: int) -> list[str]:
    """What can't be judged, and why."""
    n = len(groups.met)
    if n < FEWEST_GROUPS:
        found = f"{n} groups are surely one operator's by the rest and have values in the facet"
        return [f"too few data: {found}; {FEWEST_GROUPS} are needed"]
    bins = tuple(one for one in bins if one.low < SURE)
    few = [one for one in bins if one.n < FEWEST_PAIRS or one.n_units < FEWEST_UNITS]
    blind = [one for one in bins if one not in few and one.expected_met - chance < LEAST_SEEN]
    beyond = [one for one in bins if math.isnan(one.implied) and one not in (*few, *blind)]
    because = {
        "too few pairs or operators to judge": few,
        "the facet sees too little of operators like these to judge": blind,
        "pairs meet more often than those that are surely one, which can't stand for them": beyond,
    }
    remarks = [
        f"{reason}: {', '.join(f'{one.low:g} to {one.high:g}' for one in some)}"
        for reason, some in because.items()
        if some
    ]
    if n_unseen:
        remarks.append(
            f"{n_unseen} of {n} groups that are surely one operator's by the rest share nothing here: their "
            "accounts have values of their own, or they are not one; their pairs weigh nothing"
        )
    return remarks
