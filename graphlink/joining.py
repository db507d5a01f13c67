"""Joining and pruning of communities: which groups of accounts one operator's evidence holds together.

Both work on the links and what leads each of them, in memory, in rounds. A round looks only at groups that
the round before has changed: what two other groups say of each other is as it was.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from graphlink.components import components_of

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from graphlink.settings import ModelSettings

    Integers = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Truths = NDArray[np.bool_]

_ROUNDS = 30
_LEAST_GROUP = 4
# Honest people who share a line and a card are few; a member of a larger community may be in twice the doubt.
_LARGEST_HOUSEHOLD = 5
_LARGER_DOUBT = 3.0
# Share of an operator's pairs that share something at all, so what one sharing pair falls short of all pairs.
_REACH_BITS = 2.0


class Chief(NamedTuple):
    """Links in order of account, each with what leads it.

    Attributes:
        ends: Account numbers of each link, in two columns, the lesser one first.
        bits: Log2 odds of each.
        identifier: Number of the identifier that says most; -1: a behaviour.
        is_owned: Whether an instrument or a secret that belongs to somebody says enough.
        is_own: The same, or a joint behaviour.
    """

    ends: Integers
    bits: Floats
    identifier: Integers
    is_owned: Truths
    is_own: Truths

    @classmethod
    def read(cls, links: pa.Table) -> Chief:
        """From the columns l, r, bits, identifier_no, is_owned and is_own."""
        flags = (links[name].to_numpy(zero_copy_only=False).astype(bool) for name in ("is_owned", "is_own"))
        return cls(
            np.column_stack([links["l"].to_numpy(), links["r"].to_numpy()]).astype(np.int64),
            links["bits"].to_numpy().astype(np.float64),
            links["identifier_no"].to_numpy().astype(np.int64),
            *flags,
        )

    def where(self, is_kept: Truths) -> Chief:
        """Those of the links that are kept."""
        return Chief(
            self.ends[is_kept],
            self.bits[is_kept],
            self.identifier[is_kept],
            self.is_owned[is_kept],
            self.is_own[is_kept],
        )


class Contrary(NamedTuple):
    """Kinds in which an account has one value, and what it says against two accounts that theirs differ.

    Attributes:
        account: Account of each single value.
        kind: Its kind.
        value: Number of the value; two accounts with one number have one value.
        speaking: (kind, group, bits) of each kind that speaks against; of a group the most contrary counts.
    """

    account: Integers
    kind: Integers
    value: Integers
    speaking: list[tuple[int, int, float]]

    @classmethod
    def read(cls, singles: pa.Table, contrary: pa.Table) -> Contrary:
        """From the columns account_no, kind_no and identifier_no, and kind_no, group_no and bits."""
        account = singles["account_no"].to_numpy().astype(np.int64)
        # What only one account has is a value of its own, which no other can have.
        own = np.where(singles["identifier_no"].is_null().to_numpy(), -account, 0)
        value = singles["identifier_no"].fill_null(0).to_numpy().astype(np.int64) + own
        speaking = [
            *zip(*(contrary[name].to_pylist() for name in ("kind_no", "group_no", "bits")), strict=True)
        ]
        return cls(account, singles["kind_no"].to_numpy().astype(np.int64), value, speaking)


class _Balances(NamedTuple):
    """Pairs of groups a < b that would join, and by how many bits."""

    a: Integers
    b: Integers
    bits: Floats

    def where(self, is_kept: Truths) -> _Balances:
        return _Balances(self.a[is_kept], self.b[is_kept], self.bits[is_kept])

    def beside(self, others: _Balances) -> _Balances:
        return _Balances(
            np.concatenate([self.a, others.a]),
            np.concatenate([self.b, others.b]),
            np.concatenate([self.bits, others.bits]),
        )


def join_groups(chief: Chief, contrary: Contrary, group: Integers, model: ModelSettings) -> Integers:
    """Join groups whose evidence between them outweighs chance; mutual best pairs first, in rounds.

    Of the links between two groups each account on either side and each leading identifier counts once, with
    its strongest link: what one hub or one go-between ties many times is one observation. Only links by what
    belongs to somebody (instruments, secrets, behaviour) join two groups of some size: operators who rent
    exits from one seller meet there, and so do people with one interest in an open kind. Of a behaviour every
    pair across is one more chance to be wrong, so it says less the larger the groups are; an instrument is
    one instrument, whoever else is in the groups of its holders, and beside one places count as well. Kinds
    in which an account has one value speak against the groups, once per account of the lesser group, when
    most accounts of the one have one value and most of the other another.

    Args:
        chief: The links.
        contrary: What speaks against.
        group: Per account number, its group; a group's number is one of its accounts.
        model: Prior, and the least probability of a join.

    Returns:
        Per account number, its group.
    """
    start = model.prior_bits - math.log2(model.cluster_probability / (1 - model.cluster_probability))
    chief = chief.where(group[chief.ends[:, 0]] != group[chief.ends[:, 1]])
    chief = chief._replace(bits=chief.bits - model.prior_bits)
    none = np.zeros(0, dtype=np.int64)
    known, is_changed = _Balances(none, none, np.zeros(0)), np.ones(len(group), dtype=bool)
    for _ in range(_ROUNDS):
        ends = group[chief.ends]
        chief = chief.where(ends[:, 0] != ends[:, 1])
        ends = group[chief.ends]
        found = _balances(
            chief.where(is_changed[ends[:, 0]] | is_changed[ends[:, 1]]), contrary, group, start
        )
        is_kept = ~(is_changed[known.a] | is_changed[known.b])
        known = known.where(is_kept).beside(found)
        a, b = _best_of_both(known)
        if not len(a):
            break
        is_changed = np.zeros(len(group), dtype=bool)
        is_changed[a] = is_changed[b] = True
        target = np.arange(len(group))
        target[b] = a
        group = target[group]
    return group


def _balances(chief: Chief, contrary: Contrary, group: Integers, start: float) -> _Balances:
    """The pairs of groups between which there are links and whose balance is positive."""
    n_of = np.bincount(group, minlength=len(group))
    ends = group[chief.ends]
    is_turned = ends[:, 0] > ends[:, 1]
    a, b = np.sort(ends, axis=1).T
    of_a = np.where(is_turned, chief.ends[:, 1], chief.ends[:, 0])
    of_b = np.where(is_turned, chief.ends[:, 0], chief.ends[:, 1])
    pair = a * len(group) + b
    lead, worst = chief.identifier, -chief.bits
    is_once = (
        _is_first((pair, lead), (worst, of_a, of_b))
        & _is_first((pair, of_a), (worst, lead, of_b))
        & _is_first((pair, of_b), (worst, lead, of_a))
    )
    order = np.flatnonzero(is_once)[np.argsort(pair[is_once], kind="stable")]
    a, b, pair = a[order], b[order], pair[order]
    is_owned, is_own = chief.is_owned[order], chief.is_own[order]
    larger = np.maximum(0.0, np.log2(n_of[a] * n_of[b]) - _REACH_BITS)
    bits = np.where(is_owned, chief.bits[order], np.maximum(0.0, chief.bits[order] - larger))
    firsts = np.flatnonzero(np.diff(pair, prepend=-1))
    if not len(firsts):
        return _Balances(a, b, bits)
    n_lesser = np.minimum(n_of[a], n_of[b])[firsts]
    all_count = np.logical_or.reduceat(is_owned, firsts) | (n_lesser < _LEAST_GROUP)
    said = np.where(all_count, np.add.reduceat(bits, firsts), np.add.reduceat(bits * is_own, firsts))
    is_speaking = start + said > 0
    found = _Balances(a[firsts], b[firsts], start + said).where(is_speaking)
    n_lesser = n_lesser[is_speaking]
    against = np.where(n_lesser > 1, n_lesser * _against(contrary, group, found.a, found.b), 0.0)
    found = found._replace(bits=found.bits + against)
    return found.where(found.bits > 0)


def _is_first(within: tuple[Integers, ...], order: tuple[Floats | Integers, ...]) -> Truths:
    """Whether a row is the first of those with the same values of some columns, by order of others."""
    rows = np.lexsort((*reversed(order), *reversed(within)))
    is_new = np.zeros(len(rows), dtype=bool)
    is_new[:1] = True
    for column in within:
        is_new[1:] |= column[rows[1:]] != column[rows[:-1]]
    found = np.zeros(len(rows), dtype=bool)
    found[rows] = is_new
    return found


def _against(contrary: Contrary, group: Integers, a: Integers, b: Integers) -> Floats:
    """Bits, of nought or less, that differing single values say per account against each pair of groups."""
    said: dict[int, Floats] = {}
    is_asked = np.zeros(len(group), dtype=bool)
    is_asked[a] = is_asked[b] = True
    asked = is_asked[group[contrary.account]]
    for kind, of_group, bits in contrary.speaking:
        usual, has_usual = _usual(contrary, group, asked & (contrary.kind == kind))
        differs = has_usual[a] & has_usual[b] & (usual[a] != usual[b])
        told = said.setdefault(of_group, np.zeros(len(a)))
        said[of_group] = np.where(differs, np.minimum(told, bits), told)
    return sum((said[name] for name in sorted(said)), np.zeros(len(a)))


def _usual(contrary: Contrary, group: Integers, is_asked: Truths) -> tuple[Integers, Truths]:
    """Per group the value that most of its accounts have, of these the one of the least account."""
    account, value = contrary.account[is_asked], contrary.value[is_asked]
    of_group = group[account]
    order = np.lexsort((account, value, of_group))
    account, value, of_group = account[order], value[order], of_group[order]
    is_new = np.ones(len(order), dtype=bool)
    is_new[1:] = (value[1:] != value[:-1]) | (of_group[1:] != of_group[:-1])
    firsts = np.flatnonzero(is_new)
    n = np.diff(np.append(firsts, len(order)))
    # The last one written stays: the most frequent, of equals the one with the least account.
    rising = np.lexsort((-account[firsts], n))
    usual, has_usual = np.zeros(len(group), dtype=np.int64), np.zeros(len(group), dtype=bool)
    usual[of_group[firsts][rising]] = value[firsts][rising]
    has_usual[of_group[firsts]] = True
    return usual, has_usual


def _best_of_both(known: _Balances) -> tuple[Integers, Integers]:
    """The pairs in which each group is the other's best."""
    order = np.lexsort((known.b, known.a, -known.bits))[::-1]  # the best last, since the last written stays
    a, b = known.a[order], known.b[order]
    best = np.full(max(b.max(initial=0), a.max(initial=0)) + 1, -1)
    rank = np.arange(len(order))
    np.maximum.at(best, a, rank)
    np.maximum.at(best, b, rank)
    is_chosen = (best[a] == rank) & (best[b] == rank)
    chosen_a, chosen_b = a[is_chosen], b[is_chosen]
    rows = np.lexsort((chosen_b, chosen_a))
    return chosen_a[rows], chosen_b[rows]


def prune_groups(chief: Chief, group: Integers, least: float) -> Integers:
    """Take out accounts whose links into their group do not reach a probability, until none is left.

    In a group larger than a household three times the doubt is allowed to accounts with a link by what
    belongs to somebody: of those that meet others at places alone, a large group meets more by chance.

    The links of an account count as the chance that not all of them are false, each leading identifier and
    each other account once. What hangs together no longer is parted.

    Args:
        chief: The links.
        group: Per account number, its group; a group's number is one of its accounts.
        least: The probability.

    Returns:
        Per account number, the least account of its group.
    """
    ends = group[chief.ends]
    chief = chief.where((chief.bits > 0) & (ends[:, 0] == ends[:, 1]))
    doubt = -np.log1p(np.exp2(np.minimum(chief.bits, 30.0)))
    total, has_own = np.zeros(len(group)), np.zeros(len(group), dtype=bool)
    n_members = np.bincount(group, minlength=len(group))
    is_in, is_changed = np.ones(len(group), dtype=bool), np.ones(len(group), dtype=bool)
    for _ in range(_ROUNDS):
        rows = is_changed[group[chief.ends[:, 0]]] & is_in[chief.ends].all(axis=1)
        looked_at = is_changed[group] & is_in
        total[looked_at], has_own[looked_at] = 0.0, False
        said = _doubts(len(group), chief.ends[rows], chief.identifier[rows], doubt[rows])
        total[looked_at] = said[looked_at]
        has_own[chief.ends[rows & chief.is_own].ravel()] = True
        is_large = n_members[group] > _LARGEST_HOUSEHOLD
        most = np.where(is_large & has_own, _LARGER_DOUBT, 1.0) * (1.0 - least)
        weak = looked_at & (total > np.log(most)) & (n_members[group] > 1)
        if not weak.any():
            break
        is_in &= ~weak
        is_changed = np.zeros(len(group), dtype=bool)
        is_changed[group[weak]] = True
        n_members = np.bincount(group[is_in], minlength=len(group))
    return components_of(len(group), chief.ends[is_in[chief.ends].all(axis=1)])


def _doubts(n_accounts: int, ends: Integers, identifier: Integers, doubt: Floats) -> Floats:
    """Per account, the log of the chance that all its links are false: the best per leading identifier."""
    if not len(ends):
        return np.zeros(n_accounts)
    n_identifiers = identifier.max() + 2
    key = (ends * n_identifiers + identifier[:, None] + 1).T.ravel()
    order = np.argsort(key)
    key = key[order]
    firsts = np.flatnonzero(np.diff(key, prepend=-1))
    best = np.minimum.reduceat(np.tile(doubt, 2)[order], firsts)
    return np.bincount(key[firsts] // n_identifiers, weights=best, minlength=n_accounts).astype(np.float64)
