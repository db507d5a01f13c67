"""What openly shows that accounts are one organisation's: its own mail domain, one billing parent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.core.kind_names import kind_name
from graphlink.core.schema import ACCOUNTS
from graphlink.core.sql import quoted_name, quoted_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphlink.engine import Sql

OWN_DOMAIN, ONE_PARENT = "own_domain", "one_billing_parent"
_MAIL = ("email_domain", "email")  # of either a domain is known


def make_openness(engine: Sql, organisation_names: tuple[str, ...]) -> None:
    """Make `cluster_marks` and `cluster_closures`.

    Args:
        engine: Where the tables are.
        organisation_names: Kinds and attributes of accounts that name an organisation.
    """
    engine.make("members", _members_sql())
    engine.make("marked_accounts", _marked_sql(engine, organisation_names))
    engine.make("cluster_marks", _marks_sql())
    engine.make("cluster_closures", _closures_sql())


def _members_sql() -> str:
    return """
        SELECT n.account_no, m.account_id, m.cluster_id
        FROM membership m JOIN account_numbers n ON n.account_id = m.account_id
        WHERE m.cluster_id IS NOT NULL
    """


def _marked_sql(engine: Sql, organisation_names: tuple[str, ...]) -> str:
    """Query of the accounts with a mark: its value (null where nobody else has it) and all its holders."""
    kinds = sorted({kind_name(name) or name for name in organisation_names})
    attributes = set(engine.columns("accounts")) - set(ACCOUNTS.column_names)
    parts = [_of_kinds(OWN_DOMAIN, ("email_domain",), _MAIL), _of_kinds(ONE_PARENT, kinds, kinds)]
    parts += [
        f"""
        SELECT '{ONE_PARENT}' AS mark, n.account_no, {quoted_text(name + "=")} || a.text AS value,
               count(*) OVER (PARTITION BY a.text) AS degree
        FROM (SELECT account_id, trim({quoted_name(name)}::VARCHAR) AS text FROM accounts) a
        JOIN account_numbers n ON n.account_id = a.account_id
        WHERE a.text <> ''
        """
        for name in organisation_names
        if name in attributes
    ]
    return " UNION ALL ".join(f"SELECT * FROM ({part})" for part in parts)


def _of_kinds(mark: str, kinds: Iterable[str], able: Iterable[str]) -> str:
    """Query of the accounts with a value of some kinds, shared or not."""
    of, known = (", ".join(map(quoted_text, names)) or "NULL" for names in (kinds, able))
    return f"""
        SELECT '{mark}' AS mark, h.account_no, i.value, i.degree
        FROM (SELECT DISTINCT w.account_no, w.identifier_no FROM window_incidence w
              JOIN (SELECT identifier_no FROM shared_identifiers WHERE kind IN ({of})) s
                   ON s.identifier_no = w.identifier_no) h
        JOIN shared_identifiers i ON i.identifier_no = h.identifier_no
        UNION ALL
        SELECT '{mark}', a.account_no, NULL, NULL
        FROM account_kinds a JOIN evidence_kinds k ON k.kind_no = a.kind_no
        WHERE k.kind IN ({known})
    """


def _marks_sql() -> str:
    """Query of the marks of each cluster: members that could show one value, and those that do.

    The value is the one that most members hold, weighed by the share of its holders that are members: that of
    a public mail provider is hardly anything. A large organisation may be several communities: where they are
    all under the value, the accounts of all of them count. `shown` counts the ties of the value so weighed.
    """
    return f"""
        WITH able AS ({_counted_sql("members", "cluster_id", by_value=False)}),
        per_value AS ({_counted_sql("members", "cluster_id", by_value=True)}),
        over_all AS (
            SELECT p.mark, p.value, sum((p.n * p.n / a.n)::DECIMAL(24, 6))::DOUBLE AS n
            FROM ({_counted_sql("evidence_communities", "community_no", by_value=True)}) p
            JOIN ({_counted_sql("evidence_communities", "community_no", by_value=False)}) a
                 ON a.community_no = p.community_no AND a.mark = p.mark
            GROUP BY p.mark, p.value
        ),
        weighed AS (
            SELECT p.cluster_id, p.mark, p.value, p.n,
                   (p.n - 1) * least(1.0, greatest(p.n, coalesce(o.n, 0.0)) / p.degree) AS shown
            FROM per_value p LEFT JOIN over_all o ON o.mark = p.mark AND o.value = p.value
        ),
        best AS (
            SELECT * FROM weighed
            QUALIFY row_number() OVER (PARTITION BY cluster_id, mark ORDER BY shown DESC, value) = 1
        )
        SELECT a.cluster_id, a.mark, a.n AS n_able, coalesce(b.n, 0) AS n_members,
               coalesce(b.shown, 0.0)::DOUBLE AS shown
        FROM able a LEFT JOIN best b ON b.cluster_id = a.cluster_id AND b.mark = a.mark
    """


def _counted_sql(groups: str, group: str, *, by_value: bool) -> str:
    """Query of the accounts of each group that hold each value, or any."""
    columns = f"g.{group}, m.mark" + (", m.value" if by_value else "")
    return f"""
        SELECT {columns}, count(DISTINCT m.account_no) AS n, max(m.degree) AS degree
        FROM marked_accounts m JOIN {groups} g ON g.account_no = m.account_no
        {"WHERE m.value IS NOT NULL" if by_value else ""} GROUP BY {columns}
    """


def _closures_sql() -> str:
    """Query of the members of each cluster that were closed for abuse, among those of which it is known."""
    return """
        SELECT m.cluster_id, count(a.is_abuse) AS n_known, count(*) FILTER (a.is_abuse) AS n_closed
        FROM members m JOIN accounts a ON a.account_id = m.account_id GROUP BY m.cluster_id
    """
