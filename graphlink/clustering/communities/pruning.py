"""Accounts whose links into their community are too doubtful, taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphlink.clustering.components import components_of

if TYPE_CHECKING:
    from graphlink.clustering.communities.partitioning import Floats, Integers
    from graphlink.clustering.merging import Links
    from graphlink.core.parameters import Parameters

_ROUNDS = 30  # of taking out


def prune(community: Integers, links: Links, least: float, parameters: Parameters) -> Integers:
    """Take out accounts whose links into their community do not reach `least`, until none is left.

    In a community larger than a household several times the doubt is allowed to accounts with a link by what
    belongs to somebody: of those that meet others at places alone, a large community meets more by chance.

    The links of an account count as the chance that not all of them are false, each leading identifier and
    each other account once. What is no longer connected is split.
    """
    links = links.only((links.bits > 0) & (community[links.l] == community[links.r]))
    rest, is_affected = links, np.ones(len(community), dtype=bool)
    household, larger_doubt = parameters.households.largest, parameters.communities.larger_doubt
    for _ in range(_ROUNDS):
        n_members = np.bincount(community[community >= 0], minlength=len(community))[np.maximum(community, 0)]
        has_own = np.zeros(len(community), dtype=bool)
        has_own[rest.l[rest.is_own]] = has_own[rest.r[rest.is_own]] = True
        most = np.where((n_members > household) & has_own, larger_doubt, 1.0) * (1.0 - least)
        weak = (
            (_doubts(len(community), rest) > np.log(most)) & is_affected & (community >= 0) & (n_members > 1)
        )
        if not weak.any():
            break
        # Where nobody was taken out nothing is otherwise, and nobody will be.
        has_lost = np.zeros(len(community), dtype=bool)
        has_lost[community[weak]] = True
        is_affected = (community >= 0) & has_lost[community]
        community = np.where(weak, -1, community)
        rest = rest.only(is_affected[rest.l] & ~weak[rest.l] & ~weak[rest.r])
    inside = (community[links.l] >= 0) & (community[links.r] >= 0)
    return components_of(len(community), np.column_stack([links.l[inside], links.r[inside]]))


def _doubts(n_accounts: int, links: Links) -> Floats:
    """Per account, the log of the chance that all its links are false: the best per leading identifier."""
    account = np.concatenate([links.l, links.r]).astype(np.int64)
    log_doubt = np.tile(-np.log1p(np.exp2(np.minimum(links.bits, 30.0))), 2)
    key = (account << 32) + np.tile(links.identifier, 2)
    order = np.argsort(key)
    starts = np.flatnonzero(np.diff(key[order], prepend=np.iinfo(np.int64).min))
    if not len(starts):
        return np.zeros(n_accounts)
    best = np.minimum.reduceat(log_doubt[order], starts)
    return np.bincount(account[order[starts]], weights=best, minlength=n_accounts).astype(np.float64)
