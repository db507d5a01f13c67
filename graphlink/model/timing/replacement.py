"""Replacement: accounts of one place at which what is closed is replaced, time and again.

A hand-over ties two accounts, one closed and one opened soon after it. Where openings follow closings time
and again somebody replaces what is closed at the place (`turnover`), and then the accounts closed for abuse
there are that operator's, whether or not one of them followed the other: strangers are closed there no more
often than anywhere, which bounds their share by how many are closed there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from graphlink.core.sql import quoted_text
from graphlink.engine import number
from graphlink.kinds.facets import NETWORK, is_facet_sql
from graphlink.kinds.ip import NETWORK as WIDE
from graphlink.model.timing.starts import runs
from graphlink.model.timing.tables import add_behaviours, best_of_each, has_time, read_columns

if TYPE_CHECKING:
    from graphlink.core.parameters import Succession
    from graphlink.core.settings import Settings
    from graphlink.engine import Sql
    from graphlink.model.timing.parameters import Floats, Ints
    from graphlink.model.timing.turnover import Replaced

_MOST_PAIRED = 400  # accounts of a place beyond which the likeliest of the operator's are paired
_IS_BANNED = "(c.closed_at IS NOT NULL AND coalesce(c.is_abuse, true))"


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
    places, p_replaces = _places(births[0], replaced, succession)
    engine.load("replaced_places", pa.table({"identifier_no": places}))
    identifier, account, is_banned, closed_s = read_columns(engine, _stays_sql())
    engine.drop("replaced_places")
    n_banned = number(engine, f"SELECT count(*) FROM accounts c WHERE {_IS_BANNED}")
    share_banned = n_banned / max(number(engine, "SELECT count(*) FROM accounts"), 1)
    kept, of = np.unique(identifier, return_inverse=True)
    is_theirs = _banned_share(of, is_banned, share_banned)
    # Who is opened after closings for other reasons is not what is looked for.
    of_abuse = _mean_of_closed(of, is_banned, closed_s)
    is_theirs = np.maximum(is_theirs, of_abuse * _replacing_share(identifier, account, births, replaced))
    p_place = p_replaces[np.searchsorted(places, kept)]
    one, other = _paired(of, account, is_theirs)
    p_same = p_place[of[one]] * is_theirs[one] * is_theirs[other]
    rows = np.flatnonzero(p_same > 0.5)  # below it somebody else is the likelier one
    one, other, p_same = one[rows], other[rows], p_same[rows]
    l, r = np.minimum(account[one], account[other]), np.maximum(account[one], account[other])
    best = best_of_each(l, r, p_same)
    n_at, first_s, last_s = _closings(of, is_banned, closed_s, len(kept))
    place = of[one[best]]
    columns: dict[str, Floats | Ints] = {
        "bits": np.log2(p_same / (1 - p_same))[best] - settings.model.prior_bits,
        "n_events": n_at[place],
        "p_value": 1 - p_place[place],
        "first_s": first_s[place],
        "last_s": last_s[place],
    }
    add_behaviours(engine, "replacement", (l[best], r[best]), columns)
    return {**facts, "places": len(np.unique(place)), "pairs_found": len(best), "share_banned": share_banned}


def _places(identifier: Ints, replaced: Replaced, succession: Succession) -> tuple[Ints, Floats]:
    """Resources at which one operator is likelier than not to replace, ascending, and how likely it is."""
    names, first = np.unique(identifier, return_index=True)
    odds = np.exp2(replaced.chain[first]) * succession.replaced_places / (1 - succession.replaced_places)
    p_one = (1 - succession.returning_strangers) * odds / (1 + odds)
    return names[p_one > 0.5], p_one[p_one > 0.5]


def _stays_sql() -> str:
    """Query of all who stayed at the places, whether they were closed for abuse, and when."""
    return f"""
        SELECT t.identifier_no, t.account_no, {_IS_BANNED}::INTEGER AS is_banned,
               coalesce(epoch(c.closed_at)::BIGINT, 0) AS closed_s
        FROM stays t
        JOIN replaced_places p ON p.identifier_no = t.identifier_no
        JOIN shared_identifiers i ON i.identifier_no = t.identifier_no AND i.kind <> {quoted_text(WIDE)}
        JOIN kinds k ON k.kind_no = i.kind_no AND {is_facet_sql("k.facet", NETWORK)}
        JOIN account_numbers a ON a.account_no = t.account_no
        JOIN accounts c ON c.account_id = a.account_id
        ORDER BY t.identifier_no, t.account_no
    """


def _banned_share(of: Ints, is_banned: Ints, share_banned: float) -> Floats:
    """Per stay of a banned account the share of those there that no stranger makes up; 0 of others.

    Strangers are banned as often as all accounts are, so that of n at a place at most n times that are.
    """
    n, n_banned = np.bincount(of, minlength=1), np.bincount(of, is_banned, minlength=1)
    share = np.clip(1 - share_banned * n / np.maximum(n_banned, 1), 0.0, 1.0)
    return np.asarray(share[of] * is_banned)


def _mean_of_closed(of: Ints, is_banned: Ints, closed_s: Ints) -> Floats:
    """Per stay the share of the accounts closed there that were closed for abuse."""
    n_closed = np.bincount(of, closed_s > 0, minlength=1)
    return np.asarray((np.bincount(of, is_banned, minlength=1) / np.maximum(n_closed, 1))[of])


def _replacing_share(
    identifier: Ints, account: Ints, births: tuple[Ints, Ints], replaced: Replaced
) -> Floats:
    """Per stay the probability that the account's birth there replaced one that was closed."""
    base = 1 + int(max(account.max(initial=0), births[1].max(initial=0)))
    key = births[0] * base + births[1]
    order = np.argsort(key)
    wanted = identifier * base + account
    place = np.append(order, 0)[np.searchsorted(key[order], wanted)]
    is_born = key[place] == wanted if len(key) else np.zeros(len(wanted), bool)
    return np.where(is_born, 1 - replaced.left[place], 0.0) if len(key) else np.zeros(len(wanted))


def _paired(of: Ints, account: Ints, is_theirs: Floats) -> tuple[Ints, Ints]:
    """Pairs of stays at one place; of a large one those that are likeliest the operator's."""
    order = np.lexsort((account, -is_theirs, of))
    place = of[order]
    rank = np.arange(len(order)) - np.searchsorted(place, place)
    order = order[(rank < _MOST_PAIRED) & (is_theirs[order] > 0.5)]
    n = np.bincount(of[order], minlength=1)[of[order]]
    first = np.searchsorted(of[order], of[order])
    at = np.arange(len(order))
    one, other = runs(at + 1, first + n - at - 1)
    return order[one], order[other]


def _closings(of: Ints, is_banned: Ints, closed_s: Ints, n: int) -> tuple[Ints, Ints, Ints]:
    """Per place how many were closed for abuse, and when the first and the last of them."""
    first, last = np.full(n, np.iinfo(np.int64).max), np.zeros(n, np.int64)
    rows = np.flatnonzero(is_banned)
    np.minimum.at(first, of[rows], closed_s[rows])
    np.maximum.at(last, of[rows], closed_s[rows])
    return np.bincount(of[rows], minlength=n), first, last
