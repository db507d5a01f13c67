"""Succession: one account ends and another soon begins on a resource of the first.

A resource is a place, an instrument, an identity or a client, such as a device; what so many have that
somebody is always born soon is none. It is weighed first as a whole (`turnover`): where an account begins
after nearly every closing, time and again, somebody replaces what is closed there, and each hand-over is more
than a coincidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphlink.core.sql import quoted_text
from graphlink.kinds.facets import CLIENT, TYING_FACETS, among_facets_sql
from graphlink.kinds.ip import NETWORK as WIDE
from graphlink.model.timing.parameters import DAY, HOUR
from graphlink.model.timing.replacement import find_replacement
from graphlink.model.timing.tables import add_behaviours, best_of_each, has_time, read_columns
from graphlink.model.timing.turnover import Births, HandOvers, replacing

if TYPE_CHECKING:
    from graphlink.core.parameters import Succession
    from graphlink.core.settings import Settings
    from graphlink.engine import Sql


def find_succession(engine: Sql, settings: Settings) -> tuple[dict[str, object], dict[str, object]]:
    """Add pairs of which one ended and the other soon began on a resource of the first, and replacement.

    The chance of a hand-over is the rate at which accounts that replace none are born on the resource.

    Returns:
        Facts for the manifest: of succession, and of replacement.
    """
    parameters = settings.parameters
    succession = parameters.succession
    longest = succession.longest_delay_h * HOUR
    engine.make(
        "births",
        "SELECT t.identifier_no, t.account_no, p.birth_s FROM stays t "
        f"JOIN spans p ON p.account_no = t.account_no "
        f"JOIN shared_identifiers i ON i.identifier_no = t.identifier_no "
        f"JOIN kinds k ON k.kind_no = i.kind_no AND {among_facets_sql('k.facet', (*TYING_FACETS, CLIENT))} "
        f"WHERE t.first_s - p.birth_s BETWEEN {-succession.early_h * HOUR} AND {longest}",
    )
    engine.make("replaced_births", _replaced_births_sql(succession))
    ended, born, delay, end_s, is_abuse, birth = read_columns(engine, _hand_overs_sql(succession))
    born_account, *of_births = read_columns(
        engine,
        "SELECT account_no, identifier_no, birth_s, span, n_ended, is_wide FROM replaced_births "
        "ORDER BY birth",
    )
    births = Births(*of_births)
    engine.drop("births", "replaced_births")
    is_known = has_time(engine, "closed_at")
    prior = np.where(is_known & (is_abuse > 0), succession.prior, succession.silent_prior)
    everybody = read_columns(engine, "SELECT birth_s FROM spans WHERE birth_s IS NOT NULL")[0]
    made = HandOvers(birth, end_s, delay, prior)
    replaced = replacing(births, made, everybody, succession)
    bits, rate = replaced.bits, replaced.rate
    l, r = np.minimum(ended, born), np.maximum(ended, born)
    best = best_of_each(l, r, bits)
    rows = best[bits[best] >= parameters.timing.least_bits]
    columns = {
        "bits": bits[rows],
        "n_events": np.ones(len(rows), np.int64),
        "p_value": -np.expm1(-rate * np.maximum(delay, 1))[rows],
        "first_s": end_s[rows],
        "last_s": (end_s + delay)[rows],
        "at_no": births.resource[birth[rows]],
    }
    add_behaviours(engine, "succession", (l[rows], r[rows]), columns)
    of_replacement = find_replacement(engine, settings, (births.resource, born_account), replaced)
    return {
        "null": "births on the resource that replace none, at its own rate and that of the days around, with "
        f"everybody's hours and days, taken as at least one in {succession.quietest_days} days",
        "longest_delay_hours": succession.longest_delay_h,
        "pairs_tested": len(best),
        "pairs_found": len(rows),
        "most_bits": succession.most_bits,
    }, of_replacement


def _ended_sql(succession: Succession) -> str:
    """Condition that an account ended on a resource: it did not leave it long before."""
    return f"p.end_s - t.last_s <= {succession.left_days * DAY}"


def _replaced_births_sql(succession: Succession) -> str:
    """Query of the births where an account ended, if not so busy that somebody always follows."""
    return f"""
        WITH resources AS (
            SELECT t.identifier_no, max(t.last_s) - min(t.first_s) AS span,
                   count(DISTINCT p.end_s) FILTER (WHERE {_ended_sql(succession)}) AS n_ended
            FROM stays t JOIN spans p ON p.account_no = t.account_no
            GROUP BY t.identifier_no
            HAVING count(p.end_s) FILTER (WHERE {_ended_sql(succession)}) > 0
        ),
        sizes AS (SELECT identifier_no, count(*) AS n FROM births GROUP BY identifier_no)
        SELECT row_number() OVER (ORDER BY b.identifier_no, b.birth_s, b.account_no) - 1 AS birth,
               b.identifier_no, b.account_no, b.birth_s, u.span, u.n_ended,
               (i.kind = {quoted_text(WIDE)})::INTEGER AS is_wide
        FROM births b
        JOIN shared_identifiers i ON i.identifier_no = b.identifier_no
        JOIN resources u ON u.identifier_no = b.identifier_no
        JOIN sizes n ON n.identifier_no = b.identifier_no
                    AND n.n * {DAY} <= greatest(u.span, {DAY}) * {succession.most_births}
    """


def _hand_overs_sql(succession: Succession) -> str:
    """Query of the accounts that ended, and those born soon on a resource of theirs."""
    longest, early = succession.longest_delay_h * HOUR, succession.early_h * HOUR
    return f"""
        SELECT t.account_no AS ended, b.account_no AS born, greatest(b.birth_s - p.end_s, 0) AS delay,
               p.end_s, coalesce(c.is_abuse, true)::INTEGER AS is_abuse, b.birth
        FROM stays t
        JOIN spans p ON p.account_no = t.account_no AND {_ended_sql(succession)}
        JOIN account_numbers a ON a.account_no = t.account_no
        JOIN accounts c ON c.account_id = a.account_id
        JOIN replaced_births b ON b.identifier_no = t.identifier_no AND b.account_no <> t.account_no
                              AND b.birth_s BETWEEN p.end_s - {early} AND p.end_s + {longest}
        ORDER BY b.birth, t.account_no
    """
