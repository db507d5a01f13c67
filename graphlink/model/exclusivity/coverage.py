"""Coverage: which holders of an identifier are tied to another one by facets that it does not determine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from graphlink.clustering.components import components_of
from graphlink.engine import number
from graphlink.model.exclusivity.baselines import exact

if TYPE_CHECKING:
    from graphlink.engine import Sql


def make_coverage(
    engine: Sql, owned_sql: str, prior: float, joining_odds: float, of: str, prefix: str = ""
) -> None:
    """Make `holder_ties` and `coverage` from a query of the odds of each shared identifier that ties.

    `holder_ties`: per identifier and holder that is in a component, the component, and whether another holder
    of it was there. `coverage`: per identifier its holders, those tied, the share that chance ties, the share
    of those tied that are in parts larger than a couple, and the share of their pairs that are in one part.

    Args:
        engine: Where they are made.
        owned_sql: The query: l, r, kind_no and odds (log2).
        prior: Prior log2 odds of a pair.
        joining_odds: Log2 odds from which two accounts are tied.
        of: Condition on `k`, a row of `kinds`: the identifiers whose coverage is wanted.
        prefix: What the names of the two tables begin with.
    """
    engine.make("facet_bits", _facet_bits_sql(owned_sql, prior))
    _load_components(engine, prior, joining_odds)
    engine.make(f"{prefix}holder_ties", _holder_ties_sql(of))
    engine.make(f"{prefix}coverage", _coverage_sql(f"{prefix}holder_ties"))
    engine.drop("facet_bits", "owned_components")


def _facet_bits_sql(owned_sql: str, prior: float) -> str:
    """Query of the bits of each owned facet in which a pair shares something, the strongest once."""
    bits = exact(f"least(k.most_bits, greatest(0.0, u.odds - ({prior})))")
    return f"""
        SELECT u.l, u.r, k.facet, max({bits}) AS bits
        FROM ({owned_sql}) u JOIN kinds k ON k.kind_no = u.kind_no
        GROUP BY u.l, u.r, k.facet
    """


def _load_components(engine: Sql, prior: float, joining_odds: float) -> None:
    """Make `owned_components` (account_no, component, size): of pairs tied by instruments and secrets."""
    n_accounts = number(engine, "SELECT max(account_no) FROM account_numbers") + 1
    ties = engine.arrow(
        f"SELECT l, r FROM facet_bits GROUP BY l, r HAVING sum(bits) + ({prior}) > {joining_odds}"
    )
    component = components_of(n_accounts, np.column_stack([ties["l"].to_numpy(), ties["r"].to_numpy()]))
    size = np.bincount(component, minlength=n_accounts)[component]
    chosen = np.flatnonzero(size > 1)
    engine.load(
        "owned_components",
        pa.table(
            {
                "account_no": pa.array(chosen, pa.int32()),
                "component": pa.array(component[chosen], pa.int32()),
                "size": pa.array(size[chosen], pa.int32()),
            }
        ),
    )


def _holder_ties_sql(of: str) -> str:
    """Query per identifier and holder in a component: whether another of it was there in a window."""
    return f"""
        WITH placed AS (
            SELECT h.identifier_no, h.window_no, h.account_no, p.component, p.size
            FROM window_incidence h
            JOIN shared_identifiers i ON i.identifier_no = h.identifier_no
            JOIN kinds k ON k.kind_no = i.kind_no
            JOIN owned_components p ON p.account_no = h.account_no
            WHERE k.is_declared AND ({of})
        ),
        counted AS (
            SELECT *, count(*) OVER (PARTITION BY identifier_no, window_no, component) AS n_there FROM placed
        )
        SELECT identifier_no, account_no, min(component) AS component, max(n_there) > 1 AS is_tied,
               max(n_there) AS n_there, max(size) AS size
        FROM counted GROUP BY identifier_no, account_no
    """


def _coverage_sql(holder_ties: str) -> str:
    """Query per identifier of its holders, those tied, and those that chance would tie.

    By chance as large a share of a component is among an identifier's holders as of all accounts.
    """
    expected = exact("least(p.n, i.degree * p.size::DOUBLE / (SELECT count(*) FROM account_numbers))")
    return f"""
        WITH parts AS (
            SELECT p.*, {expected} AS expected
            FROM (SELECT identifier_no, component, count(*) AS n, max(size) AS size
                  FROM {holder_ties} WHERE is_tied GROUP BY identifier_no, component) p
            JOIN shared_identifiers i ON i.identifier_no = p.identifier_no
        ),
        evenness AS (
            SELECT identifier_no, sum(n)::BIGINT AS n_tied, sum(expected) AS expected,
                   coalesce(sum(n) FILTER (n > 2), 0) / sum(n)::DOUBLE AS in_parts,
                   sum(n * (n - 1.0)) / greatest(1.0, sum(n) * (sum(n) - 1.0)) AS in_one
            FROM parts GROUP BY identifier_no
        )
        SELECT i.identifier_no, i.kind_no, i.degree AS n_holders,
               coalesce(e.n_tied, 0) AS n_tied, coalesce(e.expected, 0.0) / i.degree AS by_chance,
               coalesce(e.in_parts, 0.0) AS in_parts, coalesce(e.in_one, 0.0) AS in_one
        FROM shared_identifiers i LEFT JOIN evenness e ON e.identifier_no = i.identifier_no
    """
