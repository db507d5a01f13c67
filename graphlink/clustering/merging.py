"""Joining of communities: groups are weighed against each other as accounts are, in rounds.

In a round the balance of every two groups is computed; those that are each the other's best merge.
Only what touches a group that changed is weighed again, so a round costs what it changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from graphlink.core.parameters import Communities

    Integers = NDArray[np.int64] | NDArray[np.int32]
    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

_ROUNDS = 1_000  # of a large operator one group joins in each; a round costs what it changes
# Two groups that stand alike with a third must not be distinguished by the last digits of a sum.
_DIGITS = 9
_BITS = 63  # of a number that is sorted
_KEYS_PER_ROW = 16  # of rows whose keys are looked up in a table; where keys are sparser, they are sorted


class Links(NamedTuple):
    """Links, column by column.

    Attributes:
        l: Lesser account.
        r: Greater account.
        bits: Their bits.
        identifier: The strongest identifier; -1: a behaviour.
        is_owned: Whether one is by an instrument or a secret.
        is_own: Whether one is by what belongs to somebody, behaviour included.
        is_at_place: Whether the two share a place that says something, whatever leads.
    """

    l: Integers
    r: Integers
    bits: Floats
    identifier: Integers
    is_owned: Flags
    is_own: Flags
    is_at_place: Flags

    def only(self, rows: Flags | Integers) -> Links:
        """Some of the links."""
        return Links._make(column[rows] for column in self)


class Values(NamedTuple):
    """The one value of each account in kinds in which differing speaks against two groups."""

    account: Integers
    kind: Integers
    value: Integers


class Disagreement(NamedTuple):
    """Bits of differing in a kind; of the kinds of a group only the strongest counts."""

    kind: int
    group: int
    bits: float


class Against(NamedTuple):
    """What speaks against two groups.

    Attributes:
        values: Single values of accounts that may be in a group of several.
        disagreements: Bits of differing in the kinds of these.
    """

    values: Values
    disagreements: list[Disagreement]


class _Ranked(NamedTuple):
    """Links with their place among all, strongest first, then by identifier and the account on one side.

    Attributes:
        row: Row of the link.
        l: The lesser account.
        r: The greater account.
        identifier: Number of the strongest identifier, counted from 0 among those of the links.
        of_l_first: Place with the account l as the first side.
        of_r_first: Place with the account r as the first side.
    """

    row: Integers
    l: Integers
    r: Integers
    identifier: Integers
    of_l_first: Integers
    of_r_first: Integers

    def only(self, rows: Flags | Integers) -> _Ranked:
        return _Ranked._make(column[rows] for column in self)


class _Pairs(NamedTuple):
    """Pairs of groups, the lesser first, and their balance."""

    a: Integers
    b: Integers
    balance: Floats

    def only(self, rows: Flags) -> _Pairs:
        return _Pairs._make(column[rows] for column in self)


def join_groups(
    group: NDArray[np.int64], links: Links, start: float, against: Against, communities: Communities
) -> NDArray[np.int64]:
    """Join groups whose evidence between them outweighs chance; mutual best pairs first, in rounds.

    Args:
        group: Per account the least account of its group.
        links: Links, of which those between two groups count; bits are beyond the prior.
        start: Bits that two groups have before any evidence.
        against: What speaks against two groups.
        communities: The parameters.

    Returns:
        Per account the least account of its group.
    """
    n_members = np.bincount(group, minlength=len(group))
    has_changed = np.ones(len(group), dtype=bool)
    links = links.only(group[links.l] != group[links.r])
    ranked = _rank(links)
    pairs = _Pairs._make(np.zeros(0, dtype=kind) for kind in (np.int64, np.int64, np.float64))
    for _ in range(_ROUNDS):
        x, y = group[ranked.l], group[ranked.r]
        is_kept = x != y
        rows = np.flatnonzero(is_kept & (has_changed[x] | has_changed[y]))
        counted = _count_once(ranked.only(rows), x[rows], y[rows])
        is_kept[rows] = counted.may_count
        ranked = ranked.only(is_kept)
        updated = _balances(counted, links, n_members, start, communities)
        updated = _less_disagreement(updated, group, n_members, against)
        pairs = pairs.only(~(has_changed[pairs.a] | has_changed[pairs.b]))
        pairs = _Pairs._make(map(np.concatenate, zip(pairs, updated, strict=True)))
        a, b = _mutual_best(pairs, len(group))
        if not len(a):
            break
        # The pairs are distinct, so one pass is enough.
        target = np.arange(len(group))
        target[b] = a
        group = target[group]
        n_members[a] += n_members[b]
        has_changed = np.zeros(len(group), dtype=bool)
        has_changed[a] = has_changed[b] = True
    return group


class Weighed(NamedTuple):
    """Two groups weighed against each other.

    Attributes:
        rows: Rows of the links that count, the strongest first.
        bits: What each of them adds.
        against: What differing values add, zero or less.
        balance: The start, what the links add, and what speaks against.
    """

    rows: Integers
    bits: Floats
    against: float
    balance: float


def weigh_two_groups(
    group: NDArray[np.int64], links: Links, start: float, against: Against, communities: Communities
) -> Weighed:
    """Weigh two groups against each other as a round of `join_groups` does.

    Args:
        group: Per account the least account of its group; there are two groups.
        links: Links, of which those between the groups count; bits are beyond the prior.
        start: Bits that two groups have before any evidence.
        against: What speaks against two groups.
        communities: The parameters.
    """
    rows = np.flatnonzero(group[links.l] != group[links.r])
    n_members = np.bincount(group, minlength=len(group))
    a, b = np.unique(group)
    if len(rows):
        crossing = links.only(rows)
        counted = _count_once(_rank(crossing), group[crossing.l], group[crossing.r])
        counting, bits = counted.row, _counting_bits(counted, crossing, n_members, communities)
    else:
        counting, bits = rows, np.zeros(0)
    pair = _Pairs(np.array([a]), np.array([b]), np.array([start + bits.sum()]))
    balance = float(_with_disagreement(pair, group, n_members, against).balance[0])
    return Weighed(rows[counting], bits, balance - float(pair.balance[0]), round(balance, _DIGITS))


class _Counted(NamedTuple):
    """The links between groups that count, in the order of the pairs and of their places.

    Attributes:
        a: Lesser group of each pair of groups.
        b: Its greater group.
        pair: Per link that counts, the row of its pair.
        row: Per link that counts, its row.
        may_count: Per link that was looked at, whether it counts or keeps others from it, now or later.
    """

    a: Integers
    b: Integers
    pair: Integers
    row: Integers
    may_count: Flags


def _count_once(links: _Ranked, x: Integers, y: Integers) -> _Counted:
    """Choose the links between the groups x and y that count.

    Of the links between two groups each account on either side and each leading identifier counts once, with
    its strongest link: what one hub or one go-between ties many times is one observation. A link that is the
    first of none of the three is never again, since groups only grow; of an identifier that holds for both
    sides, which may be turned around.
    """
    is_turned = x > y
    group, number = _numbered(np.concatenate([x, y]))
    n, x, y = len(group), number[: len(x)], number[len(x) :]
    (a, b), (of_a, of_b), (place, turned) = (
        (np.where(is_turned, other, one), np.where(is_turned, one, other))
        for one, other in ((x, y), (links.l, links.r), (links.of_l_first, links.of_r_first))
    )
    names, pair = _numbered(a * n + b)
    of_identifier = pair * (int(links.identifier.max(initial=0)) + 1) + links.identifier
    is_first_of_a = _is_first_of(of_a * n + b, place)
    is_first_of_b = _is_first_of(of_b * n + a, place)
    is_first = _is_first_of(of_identifier, place)
    # Among the links of one account both places are in the order of the other account.
    may_count = is_first_of_a | is_first_of_b | is_first | _is_first_of(of_identifier, turned)
    rows = np.flatnonzero(is_first & is_first_of_a & is_first_of_b)
    rows = rows[np.lexsort((place[rows], pair[rows]))]
    return _Counted(
        group[names // max(n, 1)], group[names % max(n, 1)], pair[rows], links.row[rows], may_count
    )


def _balances(
    counted: _Counted, links: Links, n_members: Integers, start: float, communities: Communities
) -> _Pairs:
    """The pairs of groups with a positive balance of the links that count."""
    bits = _counting_bits(counted, links, n_members, communities)
    sums = np.bincount(counted.pair, weights=bits, minlength=len(counted.a))
    balance = np.round(start + sums, _DIGITS)
    return _Pairs(counted.a, counted.b, balance).only(balance > 0)


def _counting_bits(counted: _Counted, links: Links, n_members: Integers, communities: Communities) -> Floats:
    """What each link that counts adds to the balance of its two groups.

    Only links by what belongs to somebody (instruments, secrets, behaviour) join two groups of some size:
    operators who rent exits from one seller meet there, and so do people with one interest in an open kind.
    Of a behaviour every pair across is one more chance to be wrong, so it is weaker the larger the groups
    are; an instrument is one instrument, whoever else is in the groups of its holders, and with one places
    count as well.
    """
    a, b, pair = counted.a, counted.b, counted.pair
    product, lesser = n_members[a] * n_members[b], np.minimum(n_members[a], n_members[b])
    links = links.only(counted.row)
    chance = chance_bits(product, communities)[pair]
    bits = np.where(links.is_owned, links.bits, np.maximum(0.0, links.bits - chance))
    takes_all = lesser < communities.least_group
    takes_all[pair[links.is_owned]] = True
    bits[~(takes_all[pair] | links.is_own)] = 0.0
    return bits


def chance_bits(n_pairs: Integers, communities: Communities) -> Floats:
    """Bits that a link between two groups loses: each pair of their accounts could have met by chance."""
    return np.asarray(np.maximum(0.0, np.log2(n_pairs) - communities.reach_bits))


def _rank(links: Links) -> _Ranked:
    """Rank the links once for all rounds, with either account as the first side."""
    lesser, greater = links.l.astype(np.int64), links.r.astype(np.int64)
    _, identifier = _numbered(links.identifier.astype(np.int64) + 1)  # a behaviour is -1
    order = np.lexsort((identifier, -links.bits))
    strength = np.empty(len(order), np.int64)
    strength[order] = np.cumsum(differs_from_last(links.bits[order], identifier[order])) - 1
    # Each twice: what is on one side of two groups is l of some links and r of others.
    strength, one, other = (
        np.concatenate(both) for both in ((strength, strength), (lesser, greater), (greater, lesser))
    )
    width = int(one.max(initial=0)).bit_length()
    if int(strength.max(initial=0)).bit_length() + 2 * width <= _BITS:  # sorted as one number
        order = np.argsort((strength << 2 * width) | (one << width) | other)
    else:
        order = np.lexsort((other, one, strength))
    place = np.empty(len(order), np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    places = place[: len(lesser)], place[len(lesser) :]
    return _Ranked(np.arange(len(lesser)), lesser, greater, identifier, *places)


def _is_first_of(key: Integers, place: NDArray[np.int32]) -> Flags:
    """Whether no row with the same key has a lesser place; places differ."""
    if int(key.max(initial=0)) >= _KEYS_PER_ROW * len(key):
        width = int(place.max(initial=0)).bit_length()
        if int(key.max(initial=0)).bit_length() + width <= _BITS:  # sorted as one number
            packed = np.sort((key << width) | place)
            is_place = np.zeros(1 << width, dtype=bool)
            is_place[packed[differs_from_last(packed >> width)] & ((1 << width) - 1)] = True
            return is_place[place]
        _, key = _numbered(key)
    least = np.full(int(key.max(initial=0)) + 1, np.iinfo(np.int32).max, dtype=np.int32)
    np.minimum.at(least, key, place)
    is_first: Flags = least[key] == place
    return is_first


def _numbered(key: Integers) -> tuple[Integers, Integers]:
    """The distinct keys in order, and per row the number of its key among them."""
    n_keys = int(key.max(initial=0)) + 1
    if n_keys > _KEYS_PER_ROW * len(key):
        names = key.copy()
        names.sort()
        names = names[differs_from_last(names)]
        return names, np.searchsorted(names, key)
    is_used = np.zeros(n_keys, dtype=bool)
    is_used[key] = True
    return np.flatnonzero(is_used), (np.cumsum(is_used) - 1)[key]


def differs_from_last(*columns: NDArray[np.generic]) -> Flags:
    """Whether a row differs from the one before it."""
    differs = np.ones(len(columns[0]), dtype=bool)
    differs[1:] = np.any([column[1:] != column[:-1] for column in columns], axis=0)
    return differs


def _less_disagreement(pairs: _Pairs, group: Integers, n_members: Integers, against: Against) -> _Pairs:
    """The pairs whose balance is still positive after what speaks against them."""
    pairs = _with_disagreement(pairs, group, n_members, against)
    return pairs.only(pairs.balance > 0)


def _with_disagreement(pairs: _Pairs, group: Integers, n_members: Integers, against: Against) -> _Pairs:
    """The pairs with what speaks against them in their balance.

    Kinds in which an account has one value speak against two groups, once per account of the lesser, when
    most accounts of the one have one value and most of the other another.
    """
    lesser = np.minimum(n_members[pairs.a], n_members[pairs.b])
    rows = np.flatnonzero(lesser > 1)
    if not len(rows) or not len(against.values.account):
        return pairs
    a, b = pairs.a[rows], pairs.b[rows]
    is_affected = np.zeros(len(group), dtype=bool)
    is_affected[a] = is_affected[b] = True
    baseline = _usual_values(
        Values(*(column[is_affected[group[against.values.account]]] for column in against.values)), group
    )
    contrary: dict[int, Floats] = {}
    for disagreement in against.disagreements:
        has_one, value = np.zeros(len(group), dtype=bool), np.zeros(len(group), dtype=np.int64)
        of_kind, one = baseline.get(disagreement.kind, (np.zeros(0, dtype=np.int64),) * 2)
        has_one[of_kind], value[of_kind] = True, one
        differs = has_one[a] & has_one[b] & (value[a] != value[b])
        most = contrary.setdefault(disagreement.group, np.full(len(rows), np.inf))
        most[differs] = np.minimum(most[differs], disagreement.bits)
    balance = pairs.balance.copy()
    for _, bits in sorted(contrary.items()):
        balance[rows] += lesser[rows] * np.where(np.isinf(bits), 0.0, bits)
    return pairs._replace(balance=np.round(balance, _DIGITS))


def _usual_values(values: Values, group: Integers) -> Mapping[int, tuple[Integers, Integers]]:
    """Per kind the groups that have values in it, and the value that most accounts of each have."""
    group_of = group[values.account]
    order = np.lexsort((values.account, values.value, values.kind, group_of))
    group_of, account, kind, value = (column[order] for column in (group_of, *values))
    starts = np.flatnonzero(differs_from_last(group_of, kind, value))
    n = np.diff(starts, append=len(order))
    group_of, account, kind, value = (column[starts] for column in (group_of, account, kind, value))
    order = np.lexsort((account, -n, kind, group_of))
    best = order[differs_from_last(group_of[order], kind[order])]
    return {
        int(one): (group_of[best][kind[best] == one], value[best][kind[best] == one])
        for one in np.unique(kind[best])
    }


def _mutual_best(pairs: _Pairs, n: int) -> tuple[Integers, Integers]:
    """The pairs of groups each of which is the other's best; of equals the one of the least groups."""
    most = np.zeros(n)
    key = (pairs.a.astype(np.int64) << 32) | pairs.b
    choice = np.full(n, np.iinfo(np.int64).max)
    for side in (pairs.a, pairs.b):
        np.maximum.at(most, side, pairs.balance)
    for side in (pairs.a, pairs.b):
        is_best = pairs.balance == most[side]
        np.minimum.at(choice, side[is_best], key[is_best])
    chosen = (choice[pairs.a] == key) & (choice[pairs.b] == key)
    return pairs.a[chosen], pairs.b[chosen]
