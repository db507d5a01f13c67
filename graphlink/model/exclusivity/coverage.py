"""Coverage: which holders of an identifier are tied to another one by facets that it does not determine."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from graphlink.clustering.components import components_of
from graphlink.engine import number
from graphlink.model.exclusivity.baselines import IS_OWNED, exact

if TYPE_CHECKING:
    from graphlink.engine import Sql

_LEAST_HIDDEN = 1e-9  # so that the logarithm is finite


class Joining(NamedTuple):
    """From which log2 odds accounts are tied, and those from which they may be one part (`loose_odds`)."""

    prior: float
    odds: float
    loose_odds: float


def make_coverage(engine: Sql, owned_sql: str, joining: Joining, of: str, prefix: str = "") -> None:
    """Make `holder_ties` and `coverage` from a query of the odds of each shared identifier that ties.

    `holder_ties`: per identifier and holder that is in a component, the component, and whether another holder
    of it was there. `untied_holders`: per identifier on which somebody is tied and further holder, how likely
    a tie to one operator's would show (`shows`). `coverage`: per identifier its holders, those tied and those
    on whom a tie would show, the share of these that chance ties, the parts larger than a couple that share
    nothing, the share of those tied that are in components larger than a couple, and the share of their pairs
    that are in one component.

    Args:
        engine: Where they are made.
        owned_sql: The query: l, r, kind_no and odds (log2).
        joining: Who is tied.
        of: Condition on `k`, a row of `kinds`: the identifiers whose coverage is wanted.
        prefix: What the names of the three tables begin with.
    """
    engine.make("facet_bits", _facet_bits_sql(owned_sql, joining.prior))
    _load_components(engine, joining)
    engine.make("tying_kinds", _tying_kinds_sql(owned_sql, joining.prior))
    engine.make(f"{prefix}holder_ties", _holder_ties_sql(of))
    engine.make(f"{prefix}untied_holders", _untied_holders_sql(f"{prefix}holder_ties"))
    engine.make(f"{prefix}coverage", _coverage_sql(prefix, of))
    engine.drop("facet_bits", "owned_components", "tying_kinds")


def _facet_bits_sql(owned_sql: str, prior: float) -> str:
    """Query of the bits of each owned facet in which a pair shares something, the strongest once."""
    bits = exact(f"least(k.most_bits, greatest(0.0, u.odds - ({prior})))")
    return f"""
        SELECT u.l, u.r, k.facet, max({bits}) AS bits
        FROM ({owned_sql}) u JOIN kinds k ON k.kind_no = u.kind_no
        GROUP BY u.l, u.r, k.facet
    """


def _load_components(engine: Sql, joining: Joining) -> None:
    """Make `owned_components` (account_no, component, size, part) of pairs tied by what is owned."""
    n_accounts = number(engine, "SELECT max(account_no) FROM account_numbers") + 1
    rows = engine.arrow(
        f"SELECT l, r, sum(bits) + ({joining.prior}) AS odds FROM facet_bits GROUP BY l, r "
        f"HAVING sum(bits) + ({joining.prior}) > {min(joining.odds, joining.loose_odds)}"
    )
    ends, odds = np.column_stack([rows["l"].to_numpy(), rows["r"].to_numpy()]), rows["odds"].to_numpy()
    component, part = (
        components_of(n_accounts, ends[odds > least]) for least in (joining.odds, joining.loose_odds)
    )
    size = np.bincount(component, minlength=n_accounts)[component]
    chosen = np.flatnonzero(size > 1)
    columns = {
        "account_no": chosen,
        "component": component[chosen],
        "size": size[chosen],
        "part": part[chosen],
    }
    engine.load(
        "owned_components", pa.table({name: pa.array(of, pa.int32()) for name, of in columns.items()})
    )


def _holder_ties_sql(of: str) -> str:
    """Query per identifier and holder in a component: whether another of it was there in a window."""
    return f"""
        WITH placed AS (
            SELECT h.identifier_no, h.window_no, h.account_no, p.component, p.size, p.part
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
               max(n_there) AS n_there, max(size) AS size, min(part) AS part
        FROM counted GROUP BY identifier_no, account_no
    """


def _tying_kinds_sql(owned_sql: str, prior: float) -> str:
    """Query of the kinds of owned identifiers by which accounts of a component are tied."""
    return f"""
        WITH ties AS (
            SELECT u.l, u.r, u.kind_no
            FROM ({owned_sql}) u
            JOIN owned_components x ON x.account_no = u.l
            JOIN owned_components y ON y.account_no = u.r AND y.component = x.component
            WHERE u.odds > {prior}
        )
        SELECT DISTINCT unnest([l, r]) AS account_no, kind_no FROM ties
    """


def _untied_holders_sql(holder_ties: str) -> str:
    """Query per identifier with ties and holder without of the probability that a tie would show.

    Absence is missing and not contrary: a holder of whom no card is known can't be tied by one. For each
    kind of owned identifiers that he has, the tied holders who have it show how often it ties. How many of
    those who show nothing are strangers follows from the strangers who do show something, one more than were
    seen, and from how many of all accounts do. Who is tied to those there, but came in another window, is
    neither.
    """
    hidden = "CASE WHEN o.kind_no IS NULL THEN 1.0 ELSE 1.0 - coalesce(r.share, 1.0) END"
    shown = exact(f"ln(greatest({_LEAST_HIDDEN}, {hidden}))")
    hidden_usually = exact(f"ln(greatest({_LEAST_HIDDEN}, 1.0 - r.share * z.n_accounts / n.n))")
    n_shown, n_hidden = f"sum({exact('shows')}) OVER each", f"sum({exact('1.0 - shows')}) OVER each"
    return f"""
        WITH owned AS (
            SELECT a.account_no, a.kind_no
            FROM account_kinds a JOIN kinds k ON k.kind_no = a.kind_no WHERE {IS_OWNED}
        ),
        rates AS (
            SELECT t.identifier_no, o.kind_no, (count(y.kind_no) + 1.0) / (count(*) + 1.0) AS share
            FROM {holder_ties} t
            JOIN owned o ON o.account_no = t.account_no
            LEFT JOIN tying_kinds y ON y.account_no = t.account_no AND y.kind_no = o.kind_no
            WHERE t.is_tied GROUP BY t.identifier_no, o.kind_no
        ),
        usual AS (
            SELECT r.identifier_no, exp(sum({hidden_usually})) AS hidden
            FROM rates r
            JOIN kind_sizes z ON z.kind_no = r.kind_no
            CROSS JOIN (SELECT count(*)::DOUBLE AS n FROM account_numbers) n
            GROUP BY r.identifier_no
        ),
        parts AS (
            SELECT DISTINCT identifier_no, component FROM {holder_ties} WHERE is_tied
        ),
        untied AS (
            SELECT DISTINCT h.identifier_no, h.account_no
            FROM window_incidence h
            JOIN usual d ON d.identifier_no = h.identifier_no
            LEFT JOIN {holder_ties} t ON t.identifier_no = h.identifier_no AND t.account_no = h.account_no
            LEFT JOIN parts p ON p.identifier_no = h.identifier_no AND p.component = t.component
            WHERE p.component IS NULL
        ),
        weighed AS (
            SELECT u.identifier_no, u.account_no, 1.0 - exp(sum({shown})) AS shows
            FROM untied u
            LEFT JOIN owned o ON o.account_no = u.account_no
            LEFT JOIN rates r ON r.identifier_no = u.identifier_no AND r.kind_no = o.kind_no
            GROUP BY u.identifier_no, u.account_no
        ),
        counted AS (
            SELECT identifier_no, account_no, shows, {n_shown} AS n_shown, {n_hidden} AS n_hidden
            FROM weighed WINDOW each AS (PARTITION BY identifier_no)
        )
        SELECT c.identifier_no, c.account_no,
               c.shows + (1.0 - c.shows) * least(1.0, (c.n_shown + 1.0) * u.hidden
                   / greatest({_LEAST_HIDDEN}, (1.0 - u.hidden) * c.n_hidden)) AS shows
        FROM counted c JOIN usual u ON u.identifier_no = c.identifier_no
    """


def _coverage_sql(prefix: str, of: str) -> str:
    """Query per identifier of its holders, those tied, and those that chance would tie.

    By chance as large a share of a component is among an identifier's holders as of all accounts. Where
    nobody is tied, a tie would show on those who have anything that ties.
    """
    holder_ties = f"{prefix}holder_ties"
    expected = exact("least(p.n, i.degree * p.size::DOUBLE / (SELECT count(*) FROM account_numbers))")
    return f"""
        WITH owners AS (
            SELECT a.account_no
            FROM account_kinds a JOIN kinds k ON k.kind_no = a.kind_no WHERE {IS_OWNED}
        ),
        parts AS (
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
        ),
        separate AS (
            SELECT identifier_no, count(*) AS n
            FROM (SELECT identifier_no FROM {holder_ties} WHERE is_tied
                  GROUP BY identifier_no, part HAVING count(*) > 2)
            GROUP BY identifier_no
        ),
        further AS (
            SELECT identifier_no, sum({exact("shows")}) AS n
            FROM {prefix}untied_holders GROUP BY identifier_no
            UNION ALL
            SELECT h.identifier_no, count(DISTINCT h.account_no)
            FROM window_incidence h
            JOIN shared_identifiers i ON i.identifier_no = h.identifier_no
            JOIN kinds k ON k.kind_no = i.kind_no
            WHERE ({of}) AND h.account_no IN (SELECT account_no FROM owners)
                AND h.identifier_no NOT IN (SELECT identifier_no FROM evenness)
            GROUP BY h.identifier_no
        ),
        counted AS (
            SELECT i.identifier_no, i.kind_no, i.degree AS n_holders,
                   coalesce(e.n_tied, 0) AS n_tied, coalesce(e.n_tied, 0) + coalesce(f.n, 0) AS n_shown,
                   coalesce(e.expected, 0.0) AS expected,
                   coalesce(e.in_parts, 0.0) AS in_parts, coalesce(s.n, 0) AS n_parts,
                   coalesce(e.in_one, 0.0) AS in_one
            FROM shared_identifiers i
            LEFT JOIN evenness e ON e.identifier_no = i.identifier_no
            LEFT JOIN separate s ON s.identifier_no = i.identifier_no
            LEFT JOIN further f ON f.identifier_no = i.identifier_no
        )
        SELECT *, expected / greatest(1.0, n_shown) AS by_chance FROM counted
    """
