"""Signals: what an investigator looks at to distinguish an honest company from a suspicious operation.

Facts of each cluster with the usual value over all accounts: closures and who was opened after them,
volumes, routers, countries, age. They raise and lower no probability, and judge nothing. A signal whose
input is missing (no table of accounts, no times) has no row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.core.schema import ACCOUNTS, MEMBERSHIP, SIGNALS
from graphlink.core.sql import quoted_text
from graphlink.core.tables.ingest import (
    ACCOUNT_NUMBERS,
    IDENTIFIER_LABELS,
    INCIDENCE,
    OBSERVED_VALUES,
    SIGHTINGS,
)
from graphlink.engine.shuffle import draw_sql
from graphlink.engine.stage import step
from graphlink.kinds.listed_types import LISTED_TYPES

if TYPE_CHECKING:
    from graphlink.core.settings import Settings
    from graphlink.engine import Sql

SUCCESSION_S = {"successors_6h": 6 * 3_600, "successors_3d": 3 * 86_400}
"""Signal to how long after a closing an opening counts as following it, in seconds."""
_BURST_S = 86_400
_NEW_DAYS = 7
_EXITS = tuple(one.name for one in LISTED_TYPES if one.is_rented)
_SAMPLED = 10_000  # accounts, drawn by a fixed shuffle, that define what is usual


@step(
    "signals",
    "collect the signals of each cluster",
    takes=(MEMBERSHIP, ACCOUNTS, ACCOUNT_NUMBERS, SIGHTINGS, INCIDENCE, OBSERVED_VALUES, IDENTIFIER_LABELS),
    makes=(SIGNALS,),
    share=0.015,
)
def collect_signals(engine: Sql, settings: Settings) -> dict[str, object]:
    """Make `signals` from `membership`, `accounts`, `sightings` and `incidence`.

    Each row has the cluster's value and the usual one: the same measure over all accounts, or what is
    expected.

    Returns:
        Clusters that have each signal, for the manifest.
    """
    _describe_accounts(engine)
    _count_successors(engine)
    selects = [_medians_sql(), _shares_sql(), *(_succession_sql(name) for name in SUCCESSION_S), _burst_sql()]
    selects.append(_burners_sql(settings.parameters.priority.burner_outside))
    engine.make("signals", " UNION ALL ".join(selects))
    counts = engine.rows("SELECT signal, count(*) FROM signals GROUP BY signal ORDER BY signal")
    return {str(name): n for name, n in counts}


def _describe_accounts(engine: Sql) -> None:
    """Make `account_facts`: one row per account; null where the input has none. `placed`: in clusters."""
    engine.make(
        "described",
        f"""
        WITH sampled AS (
            SELECT account_id FROM account_numbers
            ORDER BY {draw_sql("account_id")}, account_no LIMIT {_SAMPLED}
        )
        SELECT a.account_id, m.cluster_id, s.account_id IS NOT NULL AS is_sampled
        FROM accounts a
        LEFT JOIN sampled s ON s.account_id = a.account_id
        LEFT JOIN membership m ON m.account_id = a.account_id
        WHERE s.account_id IS NOT NULL OR m.cluster_id IS NOT NULL
        """,
    )
    engine.make(
        "described_numbers",
        "SELECT a.account_no, a.account_id FROM account_numbers a "
        "SEMI JOIN described d ON d.account_id = a.account_id",
    )
    engine.make("account_volumes", _volumes_sql())
    engine.make("account_places", _places_sql())
    has_country = "country" in engine.columns("accounts")
    engine.make("account_facts", _account_facts_sql(has_country=has_country))
    engine.make(
        "placed",
        "SELECT * EXCLUDE (is_sampled) FROM account_facts WHERE cluster_id IS NOT NULL",
    )


def _volumes_sql() -> str:
    """Query of sightings per active day, by the kind that was seen most often."""
    return """
        WITH lead AS (
            SELECT kind FROM (
                SELECT v.kind, sum(h.n_timed) AS n_timed FROM incidence h
                JOIN observed_values v USING (value_no)
                GROUP BY v.kind)
            ORDER BY n_timed DESC, kind LIMIT 1
        )
        SELECT a.account_id, sum(s.n)::DOUBLE / count(DISTINCT floor(epoch(s.seen_at) / 86400)) AS volume
        FROM sightings s
        JOIN described_numbers a ON a.account_no = s.account_no
        SEMI JOIN (SELECT value_no FROM observed_values SEMI JOIN lead USING (kind)) l USING (value_no)
        WHERE s.seen_at IS NOT NULL GROUP BY a.account_id
    """


def _places_sql() -> str:
    """Query of the networks and countries of each account, and how much came through routers and exits."""
    exits = ", ".join(map(quoted_text, _EXITS))
    return f"""
        WITH places AS (
            SELECT a.account_id, v.kind, v.value, h.n, l.label_type FROM incidence h
            JOIN described_numbers a ON a.account_no = h.account_no
            JOIN observed_values v ON v.value_no = h.value_no
            LEFT JOIN identifier_labels l ON l.kind = v.kind AND l.value = v.value
            WHERE v.kind IN ('ip', 'asn', 'country', 'router')
        )
        SELECT account_id,
               count(DISTINCT coalesce(nullif(regexp_extract(value, '^.*[.]'), ''),
                   nullif(regexp_extract(value, '^([^:]*:){{1,3}}'), '')))
                   FILTER (kind = 'ip')::DOUBLE AS n_prefixes,
               count(*) FILTER (kind = 'asn')::DOUBLE AS n_asns,
               count(*) FILTER (kind = 'country')::DOUBLE AS n_countries,
               count(*) FILTER (kind = 'ip')::DOUBLE AS n_addresses,
               sum(n) FILTER (kind = 'ip')::DOUBLE AS n_ip,
               sum(n) FILTER (kind = 'router')::DOUBLE AS n_router,
               coalesce(sum(n) FILTER (label_type IN ({exits})), 0)::DOUBLE AS n_exit,
               arg_max(value, (n, value)) FILTER (kind = 'country') AS country
        FROM places GROUP BY account_id
    """


def _account_facts_sql(*, has_country: bool) -> str:
    exits = ", ".join(map(quoted_text, _EXITS))
    declared = "upper(trim(a.country::VARCHAR))" if has_country else "NULL::VARCHAR"
    return f"""
        WITH ended AS (
            SELECT min(epoch(first_seen)) AS begin_s, max(epoch(last_seen)) AS end_s FROM accounts)
        SELECT a.account_id, d.cluster_id, d.is_sampled,
               epoch(a.created_at)::BIGINT AS created_s,
               -- A closing that was not for abuse is followed by nobody in particular.
               CASE WHEN coalesce(a.is_abuse, true) THEN epoch(a.closed_at)::BIGINT END AS closed_s,
               v.volume, nullif(s.n_prefixes, 0) AS n_prefixes, nullif(s.n_asns, 0) AS n_asns,
               nullif(s.n_countries, 0) AS n_countries, nullif(s.n_addresses, 0) AS n_addresses,
               CASE WHEN s.n_ip > 0 AND (SELECT count(*) FROM observed_values WHERE kind = 'router') > 0
                    THEN least(1.0, coalesce(s.n_router, 0) / s.n_ip) END AS share_router,
               CASE WHEN s.n_ip > 0
                         AND (SELECT count(*) FROM identifier_labels WHERE label_type IN ({exits})) > 0
                    THEN s.n_exit / s.n_ip END AS share_exits,
               CASE WHEN {declared} IS NOT NULL AND s.country IS NOT NULL
                    THEN ({declared} <> s.country)::INTEGER::DOUBLE END AS share_abroad,
               -- Before the data begin, the first use of an account is not known.
               CASE WHEN epoch(a.created_at) >= e.begin_s
                    THEN greatest(0.0, epoch(a.first_seen) - epoch(a.created_at)) / 86400.0 END
                    AS days_to_first_use,
               CASE WHEN (SELECT count(*) FROM accounts WHERE status IS NOT NULL OR closed_at IS NOT NULL) > 0
                    THEN (a.closed_at IS NOT NULL)::INTEGER::DOUBLE END AS share_closed,
               a.is_abuse::INTEGER::DOUBLE AS share_closed_for_abuse,
               CASE WHEN a.created_at IS NOT NULL AND e.end_s IS NOT NULL
                    THEN (epoch(a.created_at) > e.end_s - {_NEW_DAYS} * 86400)::INTEGER::DOUBLE END
                    AS share_new
        FROM accounts a JOIN described d ON d.account_id = a.account_id
        LEFT JOIN account_places s ON s.account_id = a.account_id
        LEFT JOIN account_volumes v ON v.account_id = a.account_id CROSS JOIN ended e
    """


def _medians_sql() -> str:
    """Query of the medians over members, with the median over all accounts."""
    measures = {
        "volume": "sightings per account and active day (median)",
        "n_addresses": "addresses per account (median)",
        "n_prefixes": "address prefixes per account (median)",
        "n_asns": "autonomous systems per account (median)",
        "n_countries": "countries per account (median)",
        "days_to_first_use": "days from opening to first use (median)",
    }
    return _facts_sql(measures, "median")


def _shares_sql() -> str:
    measures = {
        "share_router": "share of sightings that came through routers (mean)",
        "share_exits": "share of sightings at listed VPNs, proxies, residential proxies and Tor (mean)",
        "share_abroad": "share of accounts whose country is not the one they are mostly seen in",
        "share_closed": "share of accounts that are closed",
        "share_closed_for_abuse": "share of accounts that were closed for abuse",
        "share_new": f"share of accounts opened in the last {_NEW_DAYS} days of the data",
    }
    return _facts_sql(measures, "avg")


def _facts_sql(measures: dict[str, str], of: str) -> str:
    return " UNION ALL ".join(
        f"SELECT cluster_id, '{name}' AS signal, {of}({name})::DOUBLE AS value, "
        f"(SELECT {of}({name}) FROM account_facts WHERE is_sampled)::DOUBLE AS baseline, "
        f"count({name})::BIGINT AS n_accounts, "
        f"'{about}' AS detail FROM placed GROUP BY cluster_id HAVING count({name}) > 0"
        for name, about in measures.items()
    )


def _count_successors(engine: Sql) -> None:
    """Make `successions`: per cluster and window, members opened within it after the last closing before.

    Of several closed at one second each counts as the last: a member follows those that are not itself.

    Expected are as many as the openings of all accounts give: the rate of openings over the time that their
    data cover, on the seconds of the window after each closing (those that overlap counted once).
    """
    windows = " UNION ALL ".join(
        f"SELECT '{name}' AS signal, {width} AS width" for name, width in SUCCESSION_S.items()
    )
    engine.make(
        "successions",
        f"""
        WITH closings AS (SELECT cluster_id, account_id, closed_s FROM placed WHERE closed_s IS NOT NULL),
        nexts AS (
            SELECT cluster_id, closed_s,
                   lead(closed_s) OVER (PARTITION BY cluster_id ORDER BY closed_s, account_id)
                       - closed_s AS gap
            FROM closings
        ),
        covered AS (
            SELECT n.cluster_id, w.signal, w.width, sum(least(w.width, coalesce(n.gap, w.width))) AS seconds
            FROM nexts n CROSS JOIN ({windows}) w GROUP BY n.cluster_id, w.signal, w.width
        ),
        span AS (
            SELECT min(epoch(closed_at)) FILTER (coalesce(is_abuse, true)) AS first_s,
                   max(epoch(last_seen)) AS last_s FROM accounts
        ),
        rate AS (
            SELECT count(*) FILTER (epoch(f.created_at) >= s.first_s)::DOUBLE
                   / nullif(count(*), 0) / nullif(any_value(s.last_s - s.first_s), 0) AS per_account_s
            FROM accounts f CROSS JOIN span s WHERE f.created_at IS NOT NULL
        ),
        moments AS (
            SELECT cluster_id, closed_s, min(account_id) AS first_id, max(account_id) AS last_id
            FROM closings GROUP BY cluster_id, closed_s
        ),
        opened AS (
            SELECT p.cluster_id, p.created_s - c.closed_s AS lag
            FROM placed p ASOF JOIN moments c ON c.cluster_id = p.cluster_id AND p.created_s >= c.closed_s
            WHERE p.created_s IS NOT NULL AND (p.account_id <> c.first_id OR p.account_id <> c.last_id)
        ),
        met AS (
            SELECT o.cluster_id, w.signal, count(*) AS n FROM opened o JOIN ({windows}) w ON o.lag <= w.width
            GROUP BY o.cluster_id, w.signal
        ),
        counted AS (SELECT cluster_id, count(created_s) AS n FROM placed GROUP BY cluster_id)
        SELECT v.cluster_id, v.signal, v.width, n.n AS n_accounts,
               coalesce(m.n, 0) AS n_observed, n.n * r.per_account_s * v.seconds AS expected
        FROM covered v JOIN counted n USING (cluster_id) CROSS JOIN rate r
        LEFT JOIN met m ON m.cluster_id = v.cluster_id AND m.signal = v.signal
        WHERE n.n > 0
        """,
    )


def _succession_sql(name: str) -> str:
    hours = SUCCESSION_S[name] // 3_600
    return (
        "SELECT cluster_id, signal, n_observed::DOUBLE AS value, expected::DOUBLE AS baseline, "
        "n_accounts::BIGINT, "
        f"'accounts opened within {hours} hours after another of the cluster was closed for abuse (for any "
        f"reason where none is known); usual: what the overall sign-up rate gives' AS detail "
        f"FROM successions WHERE signal = '{name}'"
    )


def _burst_sql() -> str:
    """Query of the largest share of members opened within a day; of two or less it is not defined."""
    return f"""
        SELECT cluster_id, 'opened_in_one_day' AS signal, max(n)::DOUBLE / any_value(n_accounts) AS value,
               NULL::DOUBLE AS baseline, any_value(n_accounts)::BIGINT AS n_accounts,
               'largest share of its accounts that were opened within one day' AS detail
        FROM (
            SELECT cluster_id, count(*) OVER (PARTITION BY cluster_id ORDER BY created_s
                       RANGE BETWEEN {_BURST_S} PRECEDING AND CURRENT ROW) AS n,
                   count(*) OVER (PARTITION BY cluster_id) AS n_accounts
            FROM placed WHERE created_s IS NOT NULL)
        GROUP BY cluster_id HAVING any_value(n_accounts) > 2
    """


def _burners_sql(outside: float) -> str:
    """Query of the mail domains of a cluster's own beyond the first: one is a company's, many are burners.

    Args:
        outside: Share of a domain's holders that may be outside the cluster.
    """
    return f"""
        SELECT cluster_id, 'share_burner_domains' AS signal,
               (coalesce(sum(n) FILTER (is_own), 0) - coalesce(max(n) FILTER (is_own), 0))::DOUBLE / sum(n)
                   AS value,
               NULL::DOUBLE AS baseline, sum(n)::BIGINT AS n_accounts,
               'share of its accounts under mail domains of its own beyond the most frequent one' AS detail
        FROM (
            WITH mail AS (
                SELECT DISTINCT h.account_no,
                       CASE WHEN v.kind = 'email_domain' THEN v.value
                            WHEN contains(v.value, '@') THEN regexp_extract(v.value, '@(.*)$', 1)
                       END AS domain
                FROM incidence h JOIN observed_values v ON v.value_no = h.value_no
                WHERE v.kind IN ('email', 'email_domain')
            ),
            reach AS (SELECT domain, count(*) AS n FROM mail WHERE domain IS NOT NULL GROUP BY domain)
            SELECT p.cluster_id, m.domain, count(*) AS n,
                   any_value(r.n) - count(*) <= {outside} * any_value(r.n) AS is_own
            FROM mail m JOIN reach r ON r.domain = m.domain
            JOIN described_numbers d ON d.account_no = m.account_no
            JOIN placed p ON p.account_id = d.account_id
            GROUP BY p.cluster_id, m.domain
        ) domains
        GROUP BY cluster_id
    """
