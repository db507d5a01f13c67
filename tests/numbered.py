"""The numbered tables that steps take, made of observations and accounts that a test wrote down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.core.schema import ACCOUNTS
from graphlink.core.tables.ingest import (
    ACCOUNT_NUMBERS,
    IDENTIFIER_LABELS,
    INCIDENCE,
    OBSERVED_VALUES,
    SIGHTINGS,
)
from tests.tables import load, make

if TYPE_CHECKING:
    from graphlink.engine import Engine


def number_observations(engine: Engine) -> None:
    """Make what ingest makes of `observations`, and `accounts` and `identifier_labels` where missing."""
    if not engine.has("accounts"):
        make(engine, ACCOUNTS, "SELECT DISTINCT account_id FROM observations")
    if not engine.has("identifier_labels"):
        load(engine, IDENTIFIER_LABELS)
    make(
        engine,
        ACCOUNT_NUMBERS,
        "SELECT row_number() OVER (ORDER BY account_id) AS account_no, account_id FROM accounts",
    )
    number = "row_number() OVER (ORDER BY kind, value)"
    make(
        engine,
        OBSERVED_VALUES,
        f"SELECT {number} AS place, {number} AS value_no, kind, value "
        "FROM (SELECT DISTINCT kind, value FROM observations)",
    )
    make(
        engine,
        SIGHTINGS,
        "SELECT a.account_no, v.value_no, o.seen_at, sum(o.n) AS n FROM observations o "
        "JOIN account_numbers a ON a.account_id = o.account_id "
        "JOIN observed_values v ON v.kind = o.kind AND v.value = o.value "
        "GROUP BY a.account_no, v.value_no, o.seen_at",
    )
    make(
        engine,
        INCIDENCE,
        "SELECT account_no, value_no, min(seen_at) AS first_seen, max(seen_at) AS last_seen, sum(n) AS n, "
        "count(*) AS n_rows, count(seen_at) AS n_timed FROM sightings GROUP BY account_no, value_no",
    )
