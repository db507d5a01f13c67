"""Organisations that show themselves by mail domains of their own, and the sites that they share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from graphlink.clustering.components import components_of
from graphlink.engine import number
from graphlink.kinds.contact import DOMAIN
from graphlink.model.exclusivity.baselines import IS_OWNED, domain_odds_sql

if TYPE_CHECKING:
    from graphlink.core.parameters import Exclusivity
    from graphlink.engine import Sql


def make_organisations(engine: Sql, numbers: Exclusivity) -> None:
    """Make `own_domains` (account_no, domain_no) and `shared_sites` (identifier_no).

    `own_domains` has the accounts under one organisation's mail domain; of several domains of one
    organisation the lowest number stands for all. A shared site is an identifier on which two of them are.

    Args:
        engine: Where they are made; has the odds, ties and ratios of domains.
        numbers: The parameters.
    """
    engine.make("held_domains", _held_domains_sql(numbers))
    pairs = engine.arrow(_joined_sql(numbers))
    ends = np.column_stack([pairs["l"].to_numpy(), pairs["r"].to_numpy()])
    least = components_of(number(engine, "SELECT max(identifier_no) FROM shared_identifiers") + 1, ends)
    joined = np.unique(ends)
    columns = {"domain_no": joined, "least_no": least[joined]}
    engine.load("joined_domains", pa.table({name: pa.array(of, pa.int32()) for name, of in columns.items()}))
    engine.make(
        "own_domains",
        "SELECT d.account_no, coalesce(j.least_no, d.domain_no) AS domain_no "
        "FROM held_domains d LEFT JOIN joined_domains j ON j.domain_no = d.domain_no",
    )
    engine.make("shared_sites", _shared_sites_sql())
    engine.drop("held_domains", "joined_domains")


def _held_domains_sql(numbers: Exclusivity) -> str:
    """Query of the one mail domain of an account that is likelier an organisation's own than public.

    So is a domain whose holders instruments all join: a provider's few customers share its domain, no card.
    """
    return f"""
        WITH own AS (
            SELECT u.identifier_no
            FROM ({domain_odds_sql(numbers)}) u
            GROUP BY u.identifier_no HAVING max(u.odds) > 0
            UNION
            SELECT t.identifier_no
            FROM domain_holder_ties t
            JOIN shared_identifiers i ON i.identifier_no = t.identifier_no AND i.kind = '{DOMAIN}'
            WHERE t.is_tied
            GROUP BY t.identifier_no, i.degree
            HAVING count(*) = i.degree AND min(t.component) = max(t.component)
        )
        SELECT h.account_no, max(h.identifier_no) AS domain_no
        FROM own d JOIN window_incidence h ON h.identifier_no = d.identifier_no
        GROUP BY h.account_no HAVING count(DISTINCT h.identifier_no) = 1
    """


def _joined_sql(numbers: Exclusivity) -> str:
    """Query of pairs of domains that are one organisation's, since several instruments pay for both.

    A marketplace or a reseller pays for the accounts of many organisations, and each of these has it alone.
    """
    return f"""
        WITH paid AS (
            SELECT DISTINCT h.identifier_no, d.domain_no
            FROM held_domains d
            JOIN window_incidence h ON h.account_no = d.account_no
            JOIN shared_identifiers i ON i.identifier_no = h.identifier_no
            JOIN kinds k ON k.kind_no = i.kind_no
            WHERE {IS_OWNED} AND k.kind <> '{DOMAIN}'
        ),
        counted AS (SELECT *, count(*) OVER (PARTITION BY identifier_no) AS n_domains FROM paid)
        SELECT x.domain_no AS l, y.domain_no AS r
        FROM counted x
        JOIN counted y ON y.identifier_no = x.identifier_no AND y.domain_no > x.domain_no
        WHERE x.n_domains <= {numbers.instrument_domains}
        GROUP BY x.domain_no, y.domain_no HAVING count(*) >= {numbers.joint_instruments}
    """


def _shared_sites_sql() -> str:
    """Query of the identifiers on which two organisations are, each with a mail domain of its own."""
    return """
        SELECT identifier_no FROM (
            SELECT h.identifier_no, d.domain_no
            FROM window_incidence h JOIN own_domains d ON d.account_no = h.account_no
            GROUP BY h.identifier_no, d.domain_no HAVING count(DISTINCT h.account_no) > 1
        )
        GROUP BY identifier_no HAVING count(*) > 1
    """
