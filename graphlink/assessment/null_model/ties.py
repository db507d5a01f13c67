"""Pairs tied by one kind, counted by the bits of the tie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from graphlink.engine import number
from graphlink.engine.shuffle import make_account_draws, shuffled_pair_sql
from graphlink.engine.typed_rows import Share, rows_as

if TYPE_CHECKING:
    from graphlink.assessment.null_model.bins import Floats
    from graphlink.core.settings import Settings
    from graphlink.engine import Sql

_PAIRS_DRAWN = 2_000_000  # rows of ties counted; more are drawn by a fixed hash and weighed up


@dataclass(frozen=True, slots=True)
class Ties:
    """Pairs tied by one kind, by the bits of the tie.

    Attributes:
        facet: Its facet.
        bits: Bits of the ties of a row.
        rarity: log2 of how much rarer their values are than the kind's usual one.
        n: How many pairs.
    """

    facet: str
    bits: Floats
    rarity: Floats
    n: Floats


def _drawn_sql(every: int, prefix: str = "") -> str:
    """Condition that keeps one in so many pairs, by a fixed hash of the names of their accounts."""
    if every == 1:
        return "true"
    draws = [f"(SELECT d.draw FROM account_draws d WHERE d.account_no = {prefix}{one})" for one in "lr"]
    return f"{shuffled_pair_sql(*draws)} % {every} = 0"


def count_ties(engine: Sql, facets: list[str], settings: Settings) -> list[Ties]:
    """Count the pairs of strangers that each kind ties."""
    prior, largest = settings.model.prior_bits, settings.parameters.blocking.largest_scored
    every = 1 + number(engine, "SELECT count(*) FROM exclusivity_bits") // _PAIRS_DRAWN
    make_account_draws(engine)
    engine.make(
        "common_identifiers",
        f"""
        SELECT c.identifier_no, i.kind_no, max(c.degree) AS degree
        FROM blocks c JOIN shared_identifiers i USING (identifier_no)
        JOIN block_limits p ON p.kind_no = i.kind_no
        WHERE c.degree > p.cap AND c.degree <= {largest}
        GROUP BY c.identifier_no, i.kind_no
        """,
    )
    rows = engine.arrow(_ties_sql(every, prior))
    engine.drop("common_identifiers")
    kind, half_bits, log_degree, n = (
        rows[name].to_numpy() for name in ("kind_no", "half_bits", "log_degree", "n")
    )
    baseline = np.zeros(len(facets))
    means = (
        f"SELECT kind_no, avg(log2(degree - 1)) FROM pair_kinds WHERE {_drawn_sql(every)} GROUP BY kind_no"
    )
    for kind_no, mean in rows_as(engine, means, Share):
        baseline[kind_no] = round(mean, 4)
    return [
        Ties(
            facet, half_bits[kind == k] / 2.0, baseline[k] - log_degree[kind == k], n[kind == k].astype(float)
        )
        for k, facet in enumerate(facets)
    ]


def _ties_sql(every: int, prior: float) -> str:
    """Query of how many pairs of strangers each kind ties (n), by bits and size of the value.

    Every tie counts as far as its two accounts are not likely one operator's. A common identifier has made
    only a sample of its pairs: all of them count, at its bits for two of its holders.
    """
    drawn = _drawn_sql(every)
    return f"""
        WITH strongest AS (
            SELECT s.l, s.r, s.kind_no, max(s.bits) AS bits
            FROM exclusivity_bits s
            WHERE s.bits > 0 AND {_drawn_sql(every, "s.")}
              AND s.identifier_no NOT IN (SELECT identifier_no FROM common_identifiers)
            GROUP BY s.l, s.r, s.kind_no
        ),
        tied AS (
            SELECT t.l, t.r, t.kind_no, t.bits, p.degree, {every} AS n
            FROM strongest t
            JOIN (SELECT * FROM pair_kinds WHERE {drawn}) p
                 ON p.l = t.l AND p.r = t.r AND p.kind_no = t.kind_no
            UNION ALL SELECT l, r, kind_no, bits, 2, 1 FROM numbered_behaviours
        ),
        strange AS (
            SELECT t.kind_no, t.bits, t.degree,
                   t.n * CASE WHEN k.l IS NULL THEN 1.0 ELSE 1.0 / (1.0 + pow(2.0, k.bits)) END AS n
            FROM tied t LEFT JOIN scored_pairs k ON k.l = t.l AND k.r = t.r
            UNION ALL
            SELECT c.kind_no, least(k.most_bits, log2(v.p_exclusive / (1.0 - v.p_exclusive)) - ({prior})),
            c.degree,
                   c.degree * (c.degree - 1) // 2 * (1.0 - v.p_exclusive)
            FROM common_identifiers c
            JOIN evidence_kinds k ON k.kind_no = c.kind_no
            JOIN exclusivity v ON v.identifier_no = c.identifier_no
        )
        SELECT kind_no, floor(2.0 * round(bits, 6) + 0.5)::INTEGER AS half_bits,
               floor(log2(greatest(1, degree - 1)))::INTEGER AS log_degree,
               sum(round(n, 6)::DECIMAL(24, 6))::DOUBLE AS n
        FROM strange WHERE bits >= 0.25 GROUP BY ALL ORDER BY ALL
    """
