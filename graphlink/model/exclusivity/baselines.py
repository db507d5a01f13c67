"""What is known of a shared identifier by kind, size, meetings, reference lists and concentration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.kinds.contact import DOMAIN
from graphlink.kinds.facets import OWNED_FACETS, among_facets_sql
from graphlink.kinds.listed_types import ROUTER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphlink.core.parameters import Exclusivity

_PLACES = f"{2.0**30:.1f}"
# Of a row k of `kinds`, whether its values belong to somebody, as instruments, secrets and domains do.
IS_OWNED = f"k.is_declared AND {among_facets_sql('k.facet', OWNED_FACETS)}"
_MOST_NATS = 20.0  # beyond which a likelihood ratio is as good as certain


def exact(sql: str) -> str:
    """SQL of a number cut to thirty binary places: sums of such numbers are the same in any order."""
    return f"(round(({sql}) * {_PLACES}) / {_PLACES})"


def probability(log_odds: str) -> str:
    """SQL of the probability of log2 odds."""
    return f"(1.0 / (1.0 + pow(2.0, -({log_odds}))))"


def gathered(log_ratio: str, share: float) -> str:
    """SQL of the likelihood ratio of where an instrument's holders come from; absence counts little."""
    kept = f"greatest({-_MOST_NATS}, least({_MOST_NATS}, coalesce({log_ratio}, {-_MOST_NATS})))"
    return f"({share} * exp({kept}) + {1.0 - share})"


def frequency_bits(degree: str, n_accounts: str, largest_usual: float) -> str:
    """SQL of the most bits that the frequency of a value allows: see `frequency_ceiling`."""
    return (
        f"(log2(greatest(1.0, {n_accounts} / {degree}::DOUBLE)) "
        f"+ 2.0 * log2(greatest(1.0, {largest_usual} / {degree}::DOUBLE)))"
    )


def baselines_sql(prior: float, labels: Mapping[str, float], largest_usual: float) -> str:
    """Query of each shared identifier's log2 odds (`baseline`) by kind, size, meetings and reference list.

    Where a pair shares one value of a kind, what is known of the kind is known of the value. Whose a value is
    does not change from window to window: of a stated kind the mean over its pairs stands for all of them,
    and meeting again adds to it.
    """
    ceiling = f"{prior} + {frequency_bits('i.degree', 'z.n_accounts', largest_usual)}"
    return f"""
        WITH shared_values AS (
            SELECT l, r, only_no AS identifier_no, kind_no, degree_bin, repeat_bin
            FROM pair_kinds WHERE only_no IS NOT NULL
            UNION ALL
            SELECT s.l, s.r, s.identifier_no, s.kind_no,
                   least(floor(log2(s.degree - 1)), (SELECT max(degree_bin) FROM match_weights))::TINYINT,
                   p.repeat_bin
            FROM pair_kinds p
            JOIN copresence_pairs s ON s.l = p.l AND s.r = p.r AND s.kind_no = p.kind_no
            WHERE p.only_no IS NULL
        ),
        looked_up AS (
            SELECT s.l, s.r, s.identifier_no, s.kind_no, s.repeat_bin, k.is_declared,
                   CASE WHEN k.is_declared THEN t.log_odds - s.repeat_bin
                        ELSE least(t.log_odds, {ceiling}) END
                   + {_listed_bits("i.label_type", labels)}
                   - coalesce(o.less, 0.0) AS log_odds
            FROM shared_values s
            JOIN match_weights t ON t.kind_no = s.kind_no AND t.degree_bin = s.degree_bin
            AND t.repeat_bin = s.repeat_bin
            JOIN shared_identifiers i ON i.identifier_no = s.identifier_no
            JOIN kinds k ON k.kind_no = s.kind_no
            LEFT JOIN kind_sizes z ON z.kind_no = s.kind_no
            LEFT JOIN pools o ON o.identifier_no = s.identifier_no
        )
        SELECT l, r, identifier_no, kind_no,
               CASE WHEN is_declared
                    THEN avg({exact("log_odds")}) OVER (PARTITION BY identifier_no) + repeat_bin
                    ELSE log_odds END AS baseline
        FROM looked_up
    """


def listed_identifiers_sql(labels: Mapping[str, float]) -> str:
    """Query of each shared identifier with what its type says of whether one operator has it alone (`bits`).

    A reference list gives the type; who names a router says what it is.
    """
    label_type = f"CASE kind WHEN '{ROUTER.name}' THEN '{ROUTER.name}' ELSE label_type END"
    bits = f"({_listed_bits(label_type, labels)})::DOUBLE"
    return f"SELECT identifier_no, {bits} AS bits FROM shared_identifiers"


def _listed_bits(label_type: str, labels: Mapping[str, float]) -> str:
    """SQL of what the type of a reference list says, in bits."""
    listed = " ".join(f"WHEN '{name}' THEN {bits}" for name, bits in labels.items() if bits)
    return f"CASE {label_type} {listed or 'WHEN NULL THEN 0.0'} ELSE 0.0 END"


def mean_baselines_sql() -> str:
    """Query of each shared identifier's mean probability (`baseline`) over the pairs that share it."""
    return f"""
        SELECT identifier_no, avg({exact(probability("baseline"))}) AS baseline
        FROM baselines GROUP BY identifier_no
    """


def instrument_odds_sql(numbers: Exclusivity) -> str:
    """Query of the log2 odds of each shared instrument or secret, with the concentration of its holders."""
    return f"""
        SELECT u.l, u.r, u.identifier_no, u.kind_no,
               u.baseline + log2({gathered("c.log_ratio", numbers.gathered)}) AS odds
        FROM baselines u
        JOIN kinds k ON k.kind_no = u.kind_no
        LEFT JOIN concentration c ON c.identifier_no = u.identifier_no
        WHERE {IS_OWNED} AND k.kind <> '{DOMAIN}'
    """


def domain_odds_sql(numbers: Exclusivity) -> str:
    """Query of the log2 odds of each shared mail domain: as of an instrument, with its coverage by these."""
    return f"""
        SELECT u.l, u.r, u.identifier_no, u.kind_no,
               u.baseline + log2({gathered("c.log_ratio", numbers.gathered)} * d.ratio) AS odds
        FROM baselines u
        JOIN domain_ratios d ON d.identifier_no = u.identifier_no
        LEFT JOIN concentration c ON c.identifier_no = u.identifier_no
    """


def pools_sql() -> str:
    """Query of the addresses whose holders roam over their network, and how many bits less they say (`less`).

    Who roams over a pool of exits meets its other customers there as on one large address: how many holders
    an exit has is how often the pool is used, divided by its exits.
    """
    return f"""
        WITH visits AS (
            SELECT w.network_no, h.account_no, count(DISTINCT h.identifier_no) AS n
            FROM window_incidence h JOIN networks w ON w.identifier_no = h.identifier_no
            GROUP BY w.network_no, h.account_no
        ),
        roaming AS (
            SELECT w.identifier_no, w.network_no, avg({exact("1.0 - 1.0 / v.n")}) AS share
            FROM window_incidence h
            JOIN networks w ON w.identifier_no = h.identifier_no
            JOIN visits v ON v.network_no = w.network_no AND v.account_no = h.account_no
            GROUP BY w.identifier_no, w.network_no
        )
        SELECT r.identifier_no,
               r.share * log2(greatest(1.0, (n.degree - 1.0) / greatest(1.0, i.degree - 1.0))) AS less
        FROM roaming r
        JOIN shared_identifiers i ON i.identifier_no = r.identifier_no
        JOIN shared_identifiers n ON n.identifier_no = r.network_no
    """
