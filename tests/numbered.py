"""The numbered tables that steps take, made of observations and accounts that a test wrote down."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphlink.engine import Engine


def number_observations(engine: Engine) -> None:
    """Make `account_numbers`, `observed_values`, `sightings` and `held` of `observations` and `accounts`."""
    engine.make(
        "account_numbers",
        "SELECT (row_number() OVER (ORDER BY account_id))::INTEGER AS account_no, account_id FROM accounts",
    )
    engine.make(
        "observed_values",
        "SELECT (row_number() OVER (ORDER BY kind, value))::INTEGER AS place, "
        "(row_number() OVER (ORDER BY kind, value))::INTEGER AS value_no, kind, value "
        "FROM (SELECT DISTINCT kind, value FROM observations)",
    )
    engine.make(
        "sightings",
        "SELECT a.account_no, v.value_no, o.seen_at, sum(o.n)::BIGINT AS n FROM observations o "
        "JOIN account_numbers a ON a.account_id = o.account_id "
        "JOIN observed_values v ON v.kind = o.kind AND v.value = o.value "
        "GROUP BY a.account_no, v.value_no, o.seen_at",
    )
    engine.make(
        "held",
        "SELECT account_no, value_no, min(seen_at) AS first_seen, max(seen_at) AS last_seen, "
        "sum(n)::BIGINT AS n, count(*) AS n_rows, count(seen_at) AS n_timed "
        "FROM sightings GROUP BY account_no, value_no",
    )
