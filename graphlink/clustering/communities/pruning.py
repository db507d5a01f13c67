"""Accounts whose links into their community are too doubtful, taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphlink.clustering.components import components_of
from graphlink.clustering.merging import differs_from_last

if TYPE_CHECKING:
    from graphlink.clustering.communities.partitioning import Floats, Integers
    from graphlink.clustering.merging import Links
    from graphlink.core.parameters import Parameters

_ROUNDS = 30  # of taking out


def prune(
    community: Integers, links: Links, least: float, parameters: Parameters, outside: Floats
) -> Integers:
    """Take out accounts whose links into their community do not reach `least`, until none is left.

    In a community larger than a household several times the doubt is allowed to accounts with a link by what
    belongs to somebody: of those that meet others at places alone, a large community meets more by chance.
    Who meets nobody at a place is allowed the less of it, the more of the others are at one place: the owner
    of a stolen card shares it with a farm, and not its servers.

    The links of an account count as the chance that not all of them are false, each leading identifier and
    each other account once. What is no longer connected is split.

    Args:
        community: Per account its community.
        links: All links.
        least: Probability below which an account is taken out.
        parameters: Those of the method.
        outside: Per account the natural log likelihood ratio of belonging by what else is known of it.
    """
    links = links.only((links.bits > 0) & (community[links.l] == community[links.r]))
    rest, is_affected = links, np.ones(len(community), dtype=bool)
    household, larger_doubt = parameters.households.largest, parameters.communities.larger_doubt
    for _ in range(_ROUNDS):
        n_members = np.bincount(community[community >= 0], minlength=len(community))[np.maximum(community, 0)]
        has_own = np.zeros(len(community), dtype=bool)
        has_own[rest.l[rest.is_own]] = has_own[rest.r[rest.is_own]] = True
        is_allowed = (n_members > household) & has_own
        kept = 1.0 - _missed(community, n_members, rest)
        further = np.where(is_allowed, (larger_doubt - 1.0) * kept, 0.0)
        most = (1.0 + further) * (1.0 - least)
        doubts = _with_ratio(_doubts(len(community), rest), outside)
        weak = (doubts > np.log(most)) & is_affected & (community >= 0) & (n_members > 1)
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


def _missed(community: Integers, n_members: Integers, links: Links) -> Floats:
    """Per account that meets nobody at a place, the share of its community at the place where most are."""
    places = links.only(~links.is_own)
    account = np.concatenate([places.l, places.r]).astype(np.int64)
    place = np.tile(places.identifier, 2).astype(np.int64)
    order = np.lexsort((place, account))
    held = order[differs_from_last(account[order], place[order])]
    account, place = account[held], place[held]
    order = np.lexsort((place, community[account]))
    starts = np.flatnonzero(differs_from_last(community[account[order]], place[order]))
    largest = np.zeros(len(community))
    np.maximum.at(largest, community[account[order[starts]]], np.diff(starts, append=len(order)))
    is_there = np.zeros(len(community), dtype=bool)
    is_there[links.l[links.is_at_place]] = is_there[links.r[links.is_at_place]] = True
    is_there[account] = True
    share: Floats = np.where(is_there, 0.0, largest[np.maximum(community, 0)] / np.maximum(n_members, 1))
    return share


def _with_ratio(log_doubt: Floats, log_ratio: Floats) -> Floats:
    """The logs of doubts d after evidence of these likelihood ratios r: of d / (d + (1 - d) r)."""
    with np.errstate(divide="ignore"):  # of a doubt of 1 nothing is left
        log_rest = np.log(-np.expm1(log_doubt))
    total: Floats = np.logaddexp(log_doubt, log_rest + log_ratio)
    return log_doubt - total


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
