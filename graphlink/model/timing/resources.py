"""Lives of accounts, their stays on identifiers, and pairs on one identifier (a resource)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.model.timing.parameters import DAY
from graphlink.model.timing.tables import has_time

if TYPE_CHECKING:
    from graphlink.core.parameters import Parameters
    from graphlink.core.settings import Settings
    from graphlink.engine import Sql

_RESOURCE_SHARE = 20  # one in so many of the run's pairs may be pairs on one resource


def make_spans(engine: Sql, parameters: Parameters) -> None:
    """Make `spans` (account_no, birth_s, given_birth_s, end_s) and `stays` (identifier_no, account_no, ...).

    A birth is the creation, or the first activity when that is not at the beginning of the data; an end is
    the closing, or, when no account has a time of closing, the last activity when that is long before the
    data's end. `given_birth_s` may lie before the data begin, `birth_s` may not.
    """
    lives, largest = parameters.lives, parameters.blocking.largest_scored
    unseen = lives.unseen_days * DAY
    end = "epoch(c.closed_at)::BIGINT"
    if not has_time(engine, "closed_at"):
        gaps = f"{lives.silent_gaps} * (m.last_s - m.first_s) / m.n"
        late = f"(SELECT max(s) FROM moments) - {lives.silent_days * DAY} - {gaps}"
        end = f"CASE WHEN m.last_s < {late} THEN m.last_s END"
    seen = "SELECT account_no, min(s) AS first_s, max(s) AS last_s, count(*) AS n FROM moments GROUP BY ALL"
    engine.make(
        "spans",
        f"""
        WITH born AS (
            SELECT a.account_no, {end} AS end_s,
                   coalesce(epoch(c.created_at)::BIGINT,
                            CASE WHEN m.first_s > b.s + {unseen} THEN m.first_s END) AS given_birth_s,
                   b.s AS begin_s
            FROM ({seen}) m
            JOIN account_numbers a ON a.account_no = m.account_no
            JOIN accounts c ON c.account_id = a.account_id
            CROSS JOIN (SELECT min(s) AS s FROM moments) b
        )
        SELECT account_no, end_s, given_birth_s,
               CASE WHEN given_birth_s >= begin_s THEN given_birth_s END AS birth_s
        FROM born
        """,
    )
    engine.make(
        "stays",
        f"""
        SELECT h.identifier_no, h.account_no, min(h.first_s) AS first_s, max(h.last_s) AS last_s
        FROM window_incidence h JOIN shared_identifiers i ON i.identifier_no = h.identifier_no
        WHERE i.degree <= {largest} AND h.first_s IS NOT NULL
        GROUP BY h.identifier_no, h.account_no
        """,
    )


def make_resource_pairs(engine: Sql, settings: Settings) -> None:
    """Make `resource_pairs` (l, r, identifier_no): pairs and the rarest resource they share, in a budget."""
    engine.make(
        "resource_costs",
        f"""
        SELECT identifier_no, degree FROM (
            SELECT i.identifier_no, i.degree,
                   sum(i.degree * (i.degree - 1) / 2) OVER (ORDER BY i.degree, i.identifier_no) AS n_pairs
            FROM shared_identifiers i SEMI JOIN stays t ON t.identifier_no = i.identifier_no
            WHERE i.degree <= {settings.model.max_block_size}
        ) WHERE n_pairs <= {settings.model.pair_budget // _RESOURCE_SHARE}
        """,
    )
    engine.make(
        "resource_pairs",
        """
        SELECT x.account_no AS l, y.account_no AS r,
               arg_min(x.identifier_no, c.degree * 4294967296 + x.identifier_no) AS identifier_no
        FROM stays x JOIN resource_costs c ON c.identifier_no = x.identifier_no
        JOIN stays y ON y.identifier_no = x.identifier_no AND x.account_no < y.account_no
        GROUP BY x.account_no, y.account_no
        """,
    )
    engine.drop("resource_costs")
