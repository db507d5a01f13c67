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
    of it was at its site. `untied_holders`: per identifier on which somebody is tied and further holder, how
    likely a tie to one operator's would show (`shows`). `coverage`: per identifier its holders, those of its
    site that are tied and those on whom a tie would show, the share of these that chance ties, the parts
    larger than a couple that share nothing, the share of those tied that are in components larger than a
    couple, and the share of their pairs that are in one component.

    Args:
        engine: Where they are made; has `sites`.
        owned_sql: The query: l, r, kind_no and odds (log2).
        joining: Who is tied.
        of: Condition on `k`, a row of `kinds`: the identifiers whose coverage is wanted.
        prefix: What the names of the three tables begin with.
    """
    engine.make("facet_bits", _facet_bits_sql(owned_sql, joining.prior))
    _load_components(engine, joining)
    engine.make("tying_kinds", _tying_kinds_sql(owned_sql, joining.loose_odds))
    engine.make("site_holdings", _holdings_sql(of))
    engine.make("site_holders", "SELECT DISTINCT site_no, window_no, account_no FROM site_holdings")
    engine.make("site_ties", _site_ties_sql())
    engine.make("site_untied", _site_untied_sql())
    engine.make("site_coverage", _site_coverage_sql())
    for name, of_site in (("holder_ties", "site_ties"), ("untied_holders", "site_untied")):
        engine.make(f"{prefix}{name}", _of_members_sql(of_site))
    engine.make(f"{prefix}coverage", _coverage_sql(f"{prefix}holder_ties"))
    engine.drop("facet_bits", "owned_components", "tying_kinds")
    engine.drop("site_holdings", "site_holders", "site_ties", "site_untied", "site_coverage")


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


def _holdings_sql(of: str) -> str:
    """Query of who held each identifier in which window, and of its site."""
    return f"""
        SELECT h.identifier_no, s.site_no, h.window_no, h.account_no
        FROM window_incidence h
        JOIN sites s ON s.identifier_no = h.identifier_no
        JOIN shared_identifiers i ON i.identifier_no = h.identifier_no
        JOIN kinds k ON k.kind_no = i.kind_no
        WHERE ({of})
    """


def _of_members_sql(of_site: str) -> str:
    """Query of what is known of the holders of sites, for each identifier that they hold."""
    return f"""
        SELECT m.identifier_no, t.* EXCLUDE (site_no)
        FROM (SELECT DISTINCT identifier_no, site_no, account_no FROM site_holdings) m
        JOIN {of_site} t ON t.site_no = m.site_no AND t.account_no = m.account_no
    """


def _site_ties_sql() -> str:
    """Query per site and holder in a component: whether another of it was there in a window."""
    return """
        WITH placed AS (
            SELECT h.site_no, h.window_no, h.account_no, p.component, p.size, p.part
            FROM site_holders h JOIN owned_components p ON p.account_no = h.account_no
            WHERE h.site_no IN (SELECT s.site_no FROM sites s
                JOIN shared_identifiers i ON i.identifier_no = s.identifier_no
                JOIN kinds k ON k.kind_no = i.kind_no WHERE k.is_declared)
        ),
        counted AS (
            SELECT *, count(*) OVER (PARTITION BY site_no, window_no, component) AS n_there FROM placed
        )
        SELECT site_no, account_no, min(component) AS component, max(n_there) > 1 AS is_tied,
               max(n_there) AS n_there, max(size) AS size, min(part) AS part
        FROM counted GROUP BY site_no, account_no
    """


def _tying_kinds_sql(owned_sql: str, loose_odds: float) -> str:
    """Query of the kinds of owned identifiers by which accounts of a component are tied.

    A public mail provider adds half a bit to a card and ties nobody: who has no card would not show a tie.
    """
    return f"""
        WITH ties AS (
            SELECT u.l, u.r, u.kind_no
            FROM ({owned_sql}) u
            JOIN owned_components x ON x.account_no = u.l
            JOIN owned_components y ON y.account_no = u.r AND y.component = x.component
            WHERE u.odds > {loose_odds}
        )
        SELECT DISTINCT unnest([l, r]) AS account_no, kind_no FROM ties
    """


def _site_untied_sql() -> str:
    """Query per site with ties and holder without of the probability that a tie would show.

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
            SELECT t.site_no, o.kind_no, (count(y.kind_no) + 1.0) / (count(*) + 1.0) AS share
            FROM site_ties t
            JOIN owned o ON o.account_no = t.account_no
            LEFT JOIN tying_kinds y ON y.account_no = t.account_no AND y.kind_no = o.kind_no
            WHERE t.is_tied GROUP BY t.site_no, o.kind_no
        ),
        usual AS (
            SELECT r.site_no, exp(sum({hidden_usually})) AS hidden
            FROM rates r
            JOIN kind_sizes z ON z.kind_no = r.kind_no
            CROSS JOIN (SELECT count(*)::DOUBLE AS n FROM account_numbers) n
            GROUP BY r.site_no
        ),
        parts AS (
            SELECT DISTINCT site_no, component FROM site_ties WHERE is_tied
        ),
        untied AS (
            SELECT DISTINCT h.site_no, h.account_no
            FROM site_holders h
            JOIN usual d ON d.site_no = h.site_no
            LEFT JOIN site_ties t ON t.site_no = h.site_no AND t.account_no = h.account_no
            LEFT JOIN parts p ON p.site_no = h.site_no AND p.component = t.component
            WHERE p.component IS NULL
        ),
        weighed AS (
            SELECT u.site_no, u.account_no, 1.0 - exp(sum({shown})) AS shows
            FROM untied u
            LEFT JOIN owned o ON o.account_no = u.account_no
            LEFT JOIN rates r ON r.site_no = u.site_no AND r.kind_no = o.kind_no
            GROUP BY u.site_no, u.account_no
        ),
        counted AS (
            SELECT site_no, account_no, shows, {n_shown} AS n_shown, {n_hidden} AS n_hidden
            FROM weighed WINDOW each AS (PARTITION BY site_no)
        )
        SELECT c.site_no, c.account_no,
               c.shows + (1.0 - c.shows) * least(1.0, (c.n_shown + 1.0) * u.hidden
                   / greatest({_LEAST_HIDDEN}, (1.0 - u.hidden) * c.n_hidden)) AS shows
        FROM counted c JOIN usual u ON u.site_no = c.site_no
    """


def _site_coverage_sql() -> str:
    """Query per site of its holders, those tied, and those that chance would tie.

    By chance as large a share of a component is among a site's holders as of all accounts. Where nobody is
    tied, a tie would show on those who have anything that ties.
    """
    expected = exact("least(p.n, d.degree * p.size::DOUBLE / (SELECT count(*) FROM account_numbers))")
    return f"""
        WITH owners AS (
            SELECT a.account_no
            FROM account_kinds a JOIN kinds k ON k.kind_no = a.kind_no WHERE {IS_OWNED}
        ),
        degrees AS (
            SELECT site_no, count(DISTINCT account_no) AS degree FROM site_holders GROUP BY site_no
        ),
        parts AS (
            SELECT p.*, {expected} AS expected
            FROM (SELECT site_no, component, count(*) AS n, max(size) AS size
                  FROM site_ties WHERE is_tied GROUP BY site_no, component) p
            JOIN degrees d ON d.site_no = p.site_no
        ),
        tied AS (
            SELECT site_no, sum(n)::BIGINT AS n, sum(expected) AS expected FROM parts GROUP BY site_no
        ),
        further AS (
            SELECT site_no, sum({exact("shows")}) AS n FROM site_untied GROUP BY site_no
            UNION ALL
            SELECT site_no, count(DISTINCT account_no) FROM site_holders
            WHERE account_no IN (SELECT account_no FROM owners)
                AND site_no NOT IN (SELECT site_no FROM tied)
            GROUP BY site_no
        )
        SELECT d.site_no, coalesce(t.n, 0) AS n_tied, coalesce(t.n, 0) + coalesce(f.n, 0) AS n_shown,
               coalesce(t.expected, 0.0) AS expected
        FROM degrees d
        LEFT JOIN tied t ON t.site_no = d.site_no
        LEFT JOIN further f ON f.site_no = d.site_no
    """


def _coverage_sql(holder_ties: str) -> str:
    """Query per identifier of its holders, of the coverage of its site, and of the parts of its own."""
    return f"""
        WITH parts AS (
            SELECT identifier_no, component, count(*) AS n
            FROM {holder_ties} WHERE is_tied GROUP BY identifier_no, component
        ),
        evenness AS (
            SELECT identifier_no, coalesce(sum(n) FILTER (n > 2), 0) / sum(n)::DOUBLE AS in_parts,
                   sum(n * (n - 1.0)) / greatest(1.0, sum(n) * (sum(n) - 1.0)) AS in_one
            FROM parts GROUP BY identifier_no
        ),
        separate AS (
            SELECT identifier_no, count(*) AS n
            FROM (SELECT identifier_no FROM {holder_ties} WHERE is_tied
                  GROUP BY identifier_no, part HAVING count(*) > 2)
            GROUP BY identifier_no
        ),
        counted AS (
            SELECT i.identifier_no, i.kind_no, i.degree AS n_holders, coalesce(c.n_tied, 0) AS n_tied,
                   coalesce(c.n_shown, 0) AS n_shown, coalesce(c.expected, 0.0) AS expected,
                   coalesce(e.in_parts, 0.0) AS in_parts, coalesce(p.n, 0) AS n_parts,
                   coalesce(e.in_one, 0.0) AS in_one
            FROM shared_identifiers i
            JOIN sites s ON s.identifier_no = i.identifier_no
            LEFT JOIN site_coverage c ON c.site_no = s.site_no
            LEFT JOIN evenness e ON e.identifier_no = i.identifier_no
            LEFT JOIN separate p ON p.identifier_no = i.identifier_no
        )
        SELECT *, expected / greatest(1.0, n_shown) AS by_chance FROM counted
    """
