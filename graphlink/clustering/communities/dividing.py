"""Communities whose parts only a doubtful place joins, taken apart."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from graphlink.clustering.components import components_of
from graphlink.clustering.leiden import partition
from graphlink.clustering.merging import chance_bits, differs_from_last

if TYPE_CHECKING:
    from graphlink.clustering.communities.partitioning import Floats, Integers
    from graphlink.clustering.merging import Flags, Links
    from graphlink.core.parameters import Communities

_DIGITS = 9  # what is equal must not be distinguished by the last digits of a sum
_MOST_BITS = 30.0  # of a link: beyond, a doubt is zero to the precision of a float


class _Doubts(NamedTuple):
    """Pairs of groups with links between them.

    Attributes:
        a: The lesser group.
        b: The greater group.
        doubt: The log of the chance that all links between them are false.
        has_own: Whether one of them is by what belongs to somebody.
    """

    a: Integers
    b: Integers
    doubt: Floats
    has_own: Flags


def take_apart(
    community: Integers, links: Links, least: float, resolution: float, seed: int, communities: Communities
) -> Integers:
    """Take apart the communities that fall into groups which their links do not join.

    A partition by pairs takes every pair as evidence of its own: two operators at one router, each with its
    own cards, are merged by some hundred links that all rest on that router. So each community is divided by
    the links of what belongs to somebody, and its parts are weighed as accounts are when they are taken out
    (`pruning`): the links between two parts count as the chance that not all of them are false, each leading
    identifier once. Parts that reach `least` stay together, and those that share what belongs to somebody if
    one operator is likelier than not. Where two or more groups of some size are left, these are communities,
    and each smaller one goes to the group that most ties it.

    Args:
        community: Per account the least account of its community.
        links: The links with their leading identifiers.
        least: Probability from which two parts stay together.
        resolution: Mean bits per pair of accounts that merge two parts.
        seed: Of the partition.
        communities: The parameters.

    Returns:
        Per account the least account of its community.
    """
    links = links.only((links.bits > 0) & (community[links.l] == community[links.r]))
    own = links.only(links.is_own)
    ends = np.column_stack([own.l, own.r]).astype(np.int64)
    weights = np.minimum(own.bits, communities.most_link_bits)
    part = partition(community, ends, weights, resolution, seed)
    if not (candidates := _holds_several(part, community, communities.least_group)).any():
        return community
    links = links.only(candidates[links.l])
    doubts = _doubts(part, links, communities)
    joins = doubts.doubt <= np.where(doubts.has_own, np.log(0.5), np.log1p(-least))
    unit = components_of(len(part), np.column_stack([doubts.a[joins], doubts.b[joins]]))[part]
    is_divided = _holds_several(unit, community, communities.least_group)
    links = links.only(is_divided[links.l])
    n_members = np.bincount(unit, minlength=len(unit))
    unit = _attached(unit, n_members >= communities.least_group, _doubts(unit, links, communities))
    return np.where(is_divided, unit, community)


def doubt_between(group: Integers, links: Links, communities: Communities) -> float:
    """The chance that all links between two groups are false, weighed as in `take_apart`; 1 without any.

    Args:
        group: Per account the least account of its group; there are two groups.
        links: The links with their leading identifiers. Those that are unlikely count too, as little as
            they are worth; `take_apart` counts only what is likelier than not.
        communities: The parameters.
    """
    doubts = _doubts(group, links, communities)
    return float(np.exp(doubts.doubt[0])) if len(doubts.doubt) else 1.0


def _holds_several(group: Integers, community: Integers, least_group: int) -> Flags:
    """Per account, whether its community holds two or more groups of some size."""
    names, first, n = np.unique(group, return_index=True, return_counts=True)
    large = first[(n >= least_group) & (names >= 0)]
    n_large = np.bincount(community[large], minlength=len(community))
    return n_large[community] > 1


def _doubts(group: Integers, links: Links, communities: Communities) -> _Doubts:
    """The doubt of each two groups with links between them, the lesser group first.

    Of a behaviour every pair across is one more chance to be wrong (as in `merging`). Who rents from one
    seller meets at several of its exits: places beyond the best count as far as they link more than half of
    the pairs across.
    """
    x, y = group[links.l], group[links.r]
    crosses = x != y
    links, x, y = links.only(crosses), x[crosses], y[crosses]
    n_members = np.bincount(group, minlength=len(group))
    a, b = np.minimum(x, y), np.maximum(x, y)
    chance = chance_bits(n_members[a] * n_members[b], communities)
    bits = np.where(links.is_own & ~links.is_owned, links.bits - chance, links.bits)
    log_doubt = -np.log1p(np.exp2(np.minimum(bits, _MOST_BITS)))
    order = np.lexsort((log_doubt, links.identifier, b, a))
    a, b, log_doubt = a[order], b[order], log_doubt[order]
    identifier, is_own = links.identifier[order].astype(np.int64), links.is_own[order]
    is_new = differs_from_last(a, b)
    pair, n_pairs = np.cumsum(is_new) - 1, int(is_new.sum())
    of_pair = functools.partial(np.bincount, pair, minlength=n_pairs)
    best: Floats = np.where(differs_from_last(a, b, identifier), log_doubt, 0.0)
    own, places = of_pair(weights=best * is_own), of_pair(weights=best * ~is_own)
    one = np.zeros(n_pairs)
    np.minimum.at(one, pair[~is_own], log_doubt[~is_own])
    density = of_pair(weights=~is_own) / (n_members[a[is_new]] * n_members[b[is_new]])
    beyond_half = np.clip(2.0 * density - 1.0, 0.0, 1.0)
    doubt: Floats = (own + one + (places - one) * beyond_half).round(_DIGITS)
    has_own = of_pair(weights=is_own) > 0
    return _Doubts(a[is_new], b[is_new], doubt, has_own)


def _attached(unit: Integers, is_settled: Flags, doubts: _Doubts) -> Integers:
    """The units with each small one in the settled one that most ties it to, from near to far."""
    target = np.arange(len(unit))
    is_settled = is_settled.copy()
    ends = np.concatenate([doubts.a, doubts.b]), np.concatenate([doubts.b, doubts.a])
    doubt = np.tile(doubts.doubt, 2)
    while True:
        rows = np.flatnonzero(~is_settled[ends[0]] & is_settled[ends[1]])
        if not len(rows):
            return target[unit]
        small, large = ends[0][rows], target[ends[1][rows]]
        order = np.lexsort((large, doubt[rows], small))
        first = order[differs_from_last(small[order])]
        target[small[first]] = large[first]
        is_settled[small[first]] = True
