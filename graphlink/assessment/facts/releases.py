"""Who moved to a new model, how fast, and how alike the members of a cluster did."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from graphlink.assessment.facts.measures import Measure, Median, Name, Ratio
from graphlink.core.settings.facts import RELEASED_FACT
from graphlink.core.sql import quoted_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphlink.assessment.facts.accounts import Called
    from graphlink.core.settings import Settings
    from graphlink.engine import Sql

_HOUR = 3_600
_MOST_RELEASES = 20  # of one fact, those of the most accounts


class Release(NamedTuple):
    """A release: the fact, the category with its number, and the second of it from 1970."""

    fact: str
    category: str
    category_no: int
    released_s: float


def find_releases(engine: Sql, settings: Settings) -> list[Release]:
    """List the releases in the data: declared, or of the fact `model` inferred from the first call.

    What was called before the data cover a day was there before.
    """
    rows = engine.rows(
        "SELECT k.fact, k.category, k.category_no, min(h.first_s), "
        "count(DISTINCT h.account_no) AS n_accounts FROM fact_hours h "
        "JOIN fact_categories k ON k.category_no = h.category_no "
        "WHERE h.first_s IS NOT NULL GROUP BY k.fact, k.category, k.category_no "
        "ORDER BY n_accounts DESC, k.fact, k.category"
    )
    rules = settings.parameters.facts
    found: list[Release] = []
    known = [(str(f), str(c), int(str(no)), float(str(s)), int(str(n))) for f, c, no, s, n in rows]
    begins = {fact: min(s for f, _, _, s, _ in known if f == fact) for fact in {row[0] for row in known}}
    for fact, category, category_no, first_s, n_accounts in known:
        declared = settings.facts[fact].released_s if fact in settings.facts else {}
        if category in declared:
            released_s = declared[category]
        elif fact == RELEASED_FACT and n_accounts >= rules.least_callers:
            released_s = first_s
        else:
            continue
        earliest = begins[fact] + (0 if category in declared else rules.moved_hours * _HOUR)
        of_fact = sum(one.fact == fact for one in found)
        if released_s >= earliest and of_fact < _MOST_RELEASES:
            found.append(Release(fact, category, category_no, released_s))
    return found


def release_measures(engine: Sql, settings: Settings, called: Called) -> Iterator[Measure]:
    """List the measures of each release: shares of calls and accounts that moved, spread of first calls."""
    rules = settings.parameters.facts
    for release in find_releases(engine, settings):
        first_hour = int(release.released_s // _HOUR)
        last_hour = first_hour + rules.moved_hours
        rows = engine.arrow(
            f"""
            SELECT h.account_no, min(h.first_s) AS first_s,
                   min(CASE WHEN h.category_no = {release.category_no} THEN h.first_s END) AS moved_s,
                   sum(CASE WHEN h.hour_no >= {first_hour} AND h.hour_no < {last_hour}
                       THEN h.n ELSE 0 END)::BIGINT AS n,
                   sum(CASE WHEN h.hour_no >= {first_hour} AND h.hour_no < {last_hour}
                       AND h.category_no = {release.category_no} THEN h.n ELSE 0 END)::BIGINT AS n_moved
            FROM fact_hours h JOIN fact_categories k ON k.category_no = h.category_no
            JOIN compared c ON c.account_no = h.account_no
            WHERE k.fact = {quoted_text(release.fact)} AND h.first_s IS NOT NULL GROUP BY h.account_no
            """
        )
        has_moved = rows.filter(rows.column("moved_s").is_valid())
        n, n_moved = called.spread(rows, "n"), called.spread(rows, "n_moved")
        # An account that is opened later has nothing to move from.
        was_there = np.zeros(len(called.numbers), bool)
        first_s = called.spread(rows, "first_s")
        was_there[called.places(rows)] = True
        was_there &= first_s < release.released_s
        lag = np.full(len(called.numbers), np.nan)
        lag[called.places(has_moved)] = called.spread(has_moved, "moved_s")[called.places(has_moved)]
        lag = (lag - release.released_s) / _HOUR
        yield Ratio(
            name=Name(
                "moved_share", release.fact, release.category,
                f"share of the calls in the {rules.moved_hours} hours from its release that went to it",
            ),
            called=called, known=was_there & (n > 0), above=n_moved, below=n, has_ratio=True,
        )  # fmt: skip
        yield Ratio(
            name=Name(
                "moved_accounts", release.fact, release.category,
                f"share of its accounts that called it in the {rules.moved_hours} hours from its release, "
                "of those that called anything then",
            ),
            called=called, known=was_there & (n > 0), above=(n_moved > 0).astype(float),
            below=np.ones(len(n)), has_ratio=True, is_of_accounts=True,
        )  # fmt: skip
        yield Median(
            name=Name(
                "move_spread", release.fact, release.category,
                "hours from the median at which an account called it first (median)",
            ),
            called=called, known=was_there & ~np.isnan(lag), least=rules.least_movers, values=lag,
            is_spread=True,
        )  # fmt: skip
