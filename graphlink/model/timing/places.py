"""Beats that a place sets: accounts that start together at an address because one caller there calls for all.

A service that calls with its customers' keys decides when they start: all of them are in lockstep, at its
addresses. Whoever makes the calls sets their times, so that the lockstep of two who share such an address
depends on it, and adds nothing to it. Two things distinguish a service from an operator. Nearly all who start
there keep the beat, where a crew is a part of the customers of a router. And its customers also start
elsewhere, each alone, where an operator's accounts start at places of several of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from graphlink.kinds.facets import NETWORK, is_facet_sql
from graphlink.model.timing.parameters import DAY
from graphlink.model.timing.starts import Starts, distances, expanded, in_slices, runs
from graphlink.model.timing.tables import distinct_rows, read_columns

if TYPE_CHECKING:
    from graphlink.core.parameters import CrewBeats, Parameters
    from graphlink.engine import Sql
    from graphlink.model.timing.parameters import Ints
    from graphlink.model.timing.tables import Ties


_ALONE = -1  # for a place: where no other account in lockstep starts


@dataclass(frozen=True, slots=True)
class Places:
    """Starts of activity and the addresses and routers they were made at, in order of start.

    Attributes:
        at: Index of the start among all.
        account: Whose it is.
        place: Number of the value; _ALONE where no other account in lockstep starts.
    """

    at: Ints
    account: Ints
    place: Ints


def read_places(engine: Sql, starts: Starts, ties: tuple[Ties, Ties]) -> Places:
    """Read where starts were made: at places of several accounts in lockstep, or of these alone elsewhere."""
    accounts = np.unique(np.concatenate([np.stack([one.l, one.r]) for one in ties], axis=1))
    engine.load("in_lockstep", pa.table({"account_no": accounts}))
    account, s, place = read_columns(
        engine,
        f"""
        WITH seen AS (
            SELECT s.account_no, epoch(s.seen_at)::BIGINT AS s, s.value_no
            FROM sightings s
            JOIN observed_values v ON v.value_no = s.value_no
            JOIN kinds k ON k.kind = v.kind AND {is_facet_sql("k.facet", NETWORK)}
            WHERE s.seen_at IS NOT NULL
        ),
        kept AS (
            SELECT e.value_no FROM seen e SEMI JOIN in_lockstep l ON l.account_no = e.account_no
            GROUP BY e.value_no HAVING count(DISTINCT e.account_no) >= 2
        )
        SELECT e.account_no, e.s, e.place FROM (
            SELECT DISTINCT e.account_no, e.s, e.value_no,
                   coalesce(k.value_no, {_ALONE})::BIGINT AS place
            FROM seen e
            JOIN starts t ON t.account_no = e.account_no AND t.s = e.s
            LEFT JOIN kept k ON k.value_no = e.value_no
            LEFT JOIN in_lockstep l ON l.account_no = e.account_no
            WHERE k.value_no IS NOT NULL OR l.account_no IS NOT NULL
        ) e
        ORDER BY e.account_no, e.s, place
        """,
    )
    engine.drop("in_lockstep")
    return Places(starts.place(account, s), account, place)


def places_with_beats(
    starts: Starts, ties: tuple[Ties, Ties], places: Places, widest: int, parameters: Parameters
) -> Ints:
    """The places that set a beat: nearly all who start there often do so together, and elsewhere alone.

    A pair starts together at places if at least half of its joint starts are made where both start.

    Args:
        starts: Everybody's starts.
        ties: The pairs in lockstep, and those on the beat of a crew.
        places: Where starts were made.
        widest: Seconds by which joint starts differ at most.
        parameters: How many accounts at a place make a beat its own.

    Returns:
        Numbers of values, ascending.
    """
    l, r = (np.concatenate([getattr(one, name) for one in ties]) for name in ("l", "r"))
    numbers = parameters.crews
    keepers = accounts_in_step(starts, (l, r), places, widest)
    often = _often(starts, places, parameters.timing.least_days)
    has_own = np.isin(keepers[:, 1], often[often[:, 0] == _ALONE, 1])
    base = int(places.account.max(initial=0)) + 1
    others = often[~np.isin(often @ [base, 1], keepers @ [base, 1]), 0]
    names, of = np.unique(keepers[:, 0], return_inverse=True)
    n_keep, n_own = np.bincount(of, minlength=len(names)), np.bincount(of, has_own, minlength=len(names))
    n_others = np.searchsorted(np.sort(others), names, "right") - np.searchsorted(np.sort(others), names)
    is_set = (n_keep >= numbers.least_others) & (n_keep > numbers.set_share * (n_keep + n_others))
    return np.asarray(names[is_set & (n_own >= numbers.own_share * n_keep)])


def _often(starts: Starts, places: Places, least_days: int) -> Ints:
    """Places and the accounts that start there on enough days; two columns."""
    days, _, _ = distinct_rows(places.place, places.account, starts.s[places.at] // DAY)
    of, _, row = distinct_rows(*days[:2])
    return np.stack(of, axis=1)[np.bincount(row, minlength=len(of[0])) >= least_days]


def accounts_in_step(starts: Starts, pairs: tuple[Ints, Ints], places: Places, widest: int) -> Ints:
    """Places and the accounts that start there together with another account there; two columns.

    Who starts where is looked up for every joint start of every pair. The rows are in order of pair, so that
    one account's places, which are adjacent, serve the rows of a pair.
    """
    l, r = pairs
    pair, of_l, of_r = joint_starts(starts, pairs, widest)
    shared = np.flatnonzero(places.place != _ALONE)
    place, width = places.place[shared], int(places.place.max(initial=0)) + 1
    # Of each account the places where it starts, and for each row which of these it is.
    known, own = np.unique(places.account[shared] * width + place, return_inverse=True)
    known = np.append(known, np.iinfo(np.int64).max)
    begin = np.searchsorted(places.at[shared], np.arange(len(starts.s) + 1))

    def seen_there(at: Ints, partner: Ints) -> tuple[Ints, Ints]:
        """Starts, by place in the list, and the rows of where they were made, if the partner is there."""
        of, seen = runs(begin[at], begin[at + 1] - begin[at])
        wanted = partner[of] * width + place[seen]
        is_known = known[np.searchsorted(known, wanted)] == wanted
        return of[is_known], seen[is_known]

    of_one, seen_l = seen_there(of_l, r[pair])
    of_other, seen_r = seen_there(of_r, l[pair])
    is_there = np.bincount(of_one, minlength=len(pair)) > 0
    is_there &= np.bincount(of_other, minlength=len(pair)) > 0
    n, n_there = (np.bincount(rows, minlength=len(l)) for rows in (pair, pair[is_there]))
    counts = is_there & (2 * n_there >= n)[pair]
    keeps = np.zeros(len(known), bool)
    keeps[own[seen_l[counts[of_one]]]] = True
    keeps[own[seen_r[counts[of_other]]]] = True
    account, kept = np.divmod(known[keeps], width)
    return np.stack([kept, account], axis=1)


def joint_starts(starts: Starts, pairs: tuple[Ints, Ints], widest: int) -> tuple[Ints, Ints, Ints]:
    """One row per joint start of pairs: the pair, and the starts of its two."""
    l, r = pairs

    def look_up(batch: slice) -> tuple[Ints, Ints, Ints]:
        row, at = expanded(starts, l[batch])
        wanted = starts.key[at] + (r - l)[batch][row] * starts.span
        after = np.searchsorted(starts.key, wanted)
        later, earlier = distances(starts.key, wanted, after)
        joint = np.flatnonzero(np.minimum(later, earlier) <= widest)
        of_r = np.where(later <= earlier, after, after - 1)
        return row[joint] + batch.start, at[joint], of_r[joint]

    parts = in_slices(starts, starts.count(l), look_up) or [(l, l, l)]
    pair, of_l, of_r = (np.concatenate(one) for one in zip(*parts, strict=True))
    return pair, of_l, of_r


def without_starts_at(starts: Starts, places: Places, named: Ints, numbers: CrewBeats) -> Starts:
    """The starts that places do not set: not made there, nor elsewhere when several start there.

    Args:
        starts: Everybody's starts.
        places: Where starts were made.
        named: The places, ascending.
        numbers: What a moment is: how many accounts start within how many seconds.
    """
    is_kept, is_there = np.ones(len(starts.s), bool), np.isin(places.place, named)
    is_kept[places.at[is_there]] = False
    place = np.searchsorted(named, places.place[is_there])
    ordered = np.sort(place * starts.span + starts.s[places.at[is_there]] - starts.begin)
    (account, place), _, _ = distinct_rows(places.account[is_there], place)
    row, at = expanded(starts, account)
    wanted = place[row] * starts.span + starts.s[at] - starts.begin
    n_there = np.searchsorted(ordered, wanted + numbers.moment_s, "right")
    n_there -= np.searchsorted(ordered, wanted - numbers.moment_s)
    is_kept[at[n_there >= numbers.least_members]] = False
    n_before = np.concatenate([[0], np.cumsum(is_kept)])
    key = np.concatenate([starts.key[:-1][is_kept], starts.key[-1:]])
    first, s = n_before[starts.first], starts.s[is_kept]
    return Starts(first, s, key, starts.span, starts.begin, starts.n_threads)
