"""Replacement: accounts of one place at which what is closed is replaced, time and again.

A hand-over ties two accounts, one closed and one opened soon after it. Where openings follow closings time
and again somebody replaces what is closed at the place (`turnover`), and then the accounts closed for abuse
there are that operator's, whether or not one of them followed the other: strangers are closed there no more
often than anywhere, which bounds their share by how many are closed there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from graphlink.core.sql import quoted_text
from graphlink.engine import number
from graphlink.kinds.facets import CLIENT, NETWORK, among_facets_sql
from graphlink.kinds.ip import NETWORK as WIDE
from graphlink.model.timing.starts import runs
from graphlink.model.timing.tables import add_behaviours, best_of_each, has_time, read_columns

if TYPE_CHECKING:
    from graphlink.core.parameters import Succession
    from graphlink.core.settings import Settings
    from graphlink.engine import Sql
    from graphlink.model.timing.parameters import Bools, Floats, Ints
    from graphlink.model.timing.turnover import Replaced

_MOST_PAIRED = 400  # accounts of a place beyond which the likeliest of the operator's are paired
_IS_BANNED = "(c.closed_at IS NOT NULL AND coalesce(c.is_abuse, true))"


class _Stays(NamedTuple):
    """Who stayed at the places, in order of place and account.

    Attributes:
        identifier: Number of the identifier that is the place.
        place: The place, counted from 0.
        account: Who stayed there.
        is_banned: 1 where the account was closed for abuse.
        closed_s: When it was closed; 0 where it was not.
    """

    identifier: Ints
    place: Ints
    account: Ints
    is_banned: Ints
    closed_s: Ints

    def n_of(self, those: Ints | Bools | None = None) -> Ints:
        """Stays of each place, or those of them that are marked."""
        return np.bincount(self.place, those, minlength=1).astype(np.int64)


def find_replacement(
    engine: Sql, settings: Settings, births: tuple[Ints, Ints], replaced: Replaced
) -> dict[str, object]:
    """Add pairs of accounts at a place where somebody replaces what is closed, if both are likely that one's.

    Args:
        engine: Where the stays at places are.
        settings: Parameters and the prior of a pair.
        births: Identifier and account of each birth, in the order of `replaced`.
        replaced: What the births and closings of each resource say of whether somebody replaces there.

    Returns:
        Facts for the manifest.
    """
    succession = settings.parameters.succession
    facts: dict[str, object] = {
        "null": "births at the place that replace none; those closed for abuse there as often as anywhere",
        "returning_strangers": succession.returning_strangers,
    }
    if not has_time(engine, "closed_at"):
        return {**facts, "skipped": "no account has a time of closing"}
    identifier, chain, p_replaces = _places(births[0], replaced, succession)
    stays = _read_stays(engine, identifier)
    n_banned = number(engine, f"SELECT count(*) FROM accounts c WHERE {_IS_BANNED}")
    share_banned = n_banned / max(number(engine, "SELECT count(*) FROM accounts"), 1)
    p_theirs = _theirs(stays, share_banned, _replacing(stays, births, replaced))
    at = np.searchsorted(identifier, np.unique(stays.identifier))
    chain, p_place = chain[at], p_replaces[at]
    one, other = _paired(stays, p_theirs)
    p_same = p_place[stays.place[one]] * p_theirs[one] * p_theirs[other]
    likely = np.flatnonzero(p_same > 0.5)  # below it somebody else is the likelier one
    l, r = np.sort(np.stack([stays.account[one[likely]], stays.account[other[likely]]]), axis=0)
    best = best_of_each(l, r, p_same[likely])
    place, p_best = stays.place[one[likely[best]]], p_same[likely[best]]
    first_s, last_s = _first_and_last(stays, len(p_place))
    columns: dict[str, Floats | Ints] = {
        "bits": np.log2(p_best / (1 - p_best)) - settings.model.prior_bits,
        "n_events": stays.n_of(stays.is_banned)[place],
        "p_value": np.exp2(-chain[place]),  # chance seldom gives a ratio so large (Markov's inequality)
        "first_s": first_s[place],
        "last_s": last_s[place],
        "at_no": np.unique(stays.identifier)[place],
    }
    add_behaviours(engine, "replacement", (l[best], r[best]), columns)
    return {**facts, "places": len(np.unique(place)), "pairs_found": len(best), "share_banned": share_banned}


def _places(identifier: Ints, replaced: Replaced, succession: Succession) -> tuple[Ints, Floats, Floats]:
    """Resources at which one operator is likelier than not to replace, ascending; chain, and how likely."""
    names, first = np.unique(identifier, return_index=True)
    chain = replaced.chain[first]
    odds = np.exp2(chain) * succession.replaced_places / (1 - succession.replaced_places)
    p_one = (1 - succession.returning_strangers) * odds / (1 + odds)
    is_likely = p_one > 0.5
    return names[is_likely], chain[is_likely], p_one[is_likely]


def _read_stays(engine: Sql, identifier: Ints) -> _Stays:
    """Read who stayed at those of some resources that are places."""
    engine.load("replaced_places", pa.table({"identifier_no": identifier}))
    found, account, is_banned, closed_s = read_columns(
        engine,
        f"""
        SELECT t.identifier_no, t.account_no, {_IS_BANNED}::INTEGER AS is_banned,
               coalesce(epoch(c.closed_at)::BIGINT, 0) AS closed_s
        FROM stays t
        JOIN replaced_places p ON p.identifier_no = t.identifier_no
        JOIN shared_identifiers i ON i.identifier_no = t.identifier_no AND i.kind <> {quoted_text(WIDE)}
        JOIN kinds k ON k.kind_no = i.kind_no AND {among_facets_sql("k.facet", (NETWORK, CLIENT))}
        JOIN account_numbers a ON a.account_no = t.account_no
        JOIN accounts c ON c.account_id = a.account_id
        ORDER BY t.identifier_no, t.account_no
    """,
    )
    engine.drop("replaced_places")
    return _Stays(found, np.unique(found, return_inverse=True)[1], account, is_banned, closed_s)


def _theirs(stays: _Stays, share_banned: float, replacing: Floats) -> Floats:
    """Per stay how likely the account is of who replaces there.

    Strangers are banned as often as all accounts are, so that they make up at most that share of all who
    stayed there among the banned. Who is not banned is theirs as far as it replaces one that is: who is
    opened after closings for other reasons is not what is looked for.
    """
    n, n_banned, n_closed = stays.n_of(), stays.n_of(stays.is_banned), stays.n_of(stays.closed_s > 0)
    banned = np.clip(1 - share_banned * n / np.maximum(n_banned, 1), 0.0, 1.0)[stays.place] * stays.is_banned
    of_abuse = (n_banned / np.maximum(n_closed, 1))[stays.place]
    return np.asarray(np.maximum(banned, of_abuse * replacing))


def _replacing(stays: _Stays, births: tuple[Ints, Ints], replaced: Replaced) -> Floats:
    """Per stay the probability that the account's birth there replaced one that was closed; 0 without one."""
    base = 1 + int(births[1].max(initial=0))
    # One more key, of no account, so that whatever is looked up has a place.
    key = np.append(births[0] * base + births[1], np.iinfo(np.int64).max)
    order = np.argsort(key)
    wanted = np.where(stays.account < base, stays.identifier * base + stays.account, -1)
    birth = order[np.searchsorted(key[order], wanted)]
    return np.where(key[birth] == wanted, 1 - np.append(replaced.left, 1.0)[birth], 0.0)


def _paired(stays: _Stays, p_theirs: Floats) -> tuple[Ints, Ints]:
    """Pairs of stays at one place; of a large one those that are likeliest the operator's."""
    order = np.lexsort((stays.account, -p_theirs, stays.place))
    place = stays.place[order]
    rank = np.arange(len(order)) - np.searchsorted(place, place)
    order = order[(rank < _MOST_PAIRED) & (p_theirs[order] > 0.5)]
    place, at = stays.place[order], np.arange(len(order))
    one, other = runs(at + 1, np.searchsorted(place, place, "right") - at - 1)
    return order[one], order[other]


def _first_and_last(stays: _Stays, n: int) -> tuple[Ints, Ints]:
    """When the first and the last at each place was closed for abuse."""
    first, last = np.full(n, np.iinfo(np.int64).max), np.zeros(n, np.int64)
    rows = np.flatnonzero(stays.is_banned)
    np.minimum.at(first, stays.place[rows], stays.closed_s[rows])
    np.maximum.at(last, stays.place[rows], stays.closed_s[rows])
    return first, last
