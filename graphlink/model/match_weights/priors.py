"""What is known before the data: a prior per kind and bucket, and how often strangers agree by chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphlink.engine.typed_rows import Share, rows_as
from graphlink.model.match_weights.parameters import LN2, N_DEGREES, N_REPEATS, Floats

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphlink.core.parameters import Dependence
    from graphlink.engine import Sql


def prior_log_odds(p_exclusive: Floats, degree_exponent: Floats, declared: NDArray[np.bool_]) -> Floats:
    """Log odds before the data: a value's prior is shared out among its holders; meeting again adds a bit.

    Of d holders of a public value each has about the same number of accounts of its own among the others
    whatever d is, so the odds that a pair has one operator fall with 1 / (d - 1); see `Kind.spread` for the
    others.
    """
    holders = (np.arange(N_DEGREES) + 0.25 * (np.arange(N_DEGREES) > 0)) * LN2
    again = np.arange(N_REPEATS) * LN2
    odds = np.log(p_exclusive / (1.0 - p_exclusive))
    log_odds = (
        odds[:, None, None]
        - (degree_exponent[:, None] * holders)[:, :, None]
        + again[None, None, :] * declared[:, None, None]
    )
    return log_odds.reshape(len(p_exclusive), N_DEGREES * N_REPEATS)


def frequency_ceiling(
    n_accounts: Floats, declared: NDArray[np.bool_], prior_bits: float, largest_usual: float
) -> Floats:
    """Most log odds (nats) per kind and bucket that the frequency of a value allows.

    Two accounts of one operator share a value as often as one has it, two strangers as often as both have it:
    of a value that d of n accounts hold the likelihood ratio is at most n / d (Fellegi and Sunter 1969, with
    Winkler's frequencies). Below the size of the largest usual operator all holders may be one operator's,
    and count as fewer: by the square, for it is pairs that are counted. A stated kind has its prior instead.
    """
    holders = 2.0 ** np.arange(N_DEGREES) + 1.0
    few = np.maximum(1.0, largest_usual / holders) ** 2
    ceiling = prior_bits * LN2 + np.log(np.maximum(1.0, n_accounts[:, None] / holders[None, :]) * few)
    ceiling[declared] = np.inf
    return np.repeat(ceiling, N_REPEATS, axis=1)


def agreement_by_chance(engine: Sql, n_kinds: int) -> Floats:
    """Share of random pairs that agree on each kind without windows."""
    rows = rows_as(
        engine,
        "SELECT i.kind_no, "
        "least(1.0, sum(i.degree * (i.degree - 1.0)) / max(s.n_accounts * (s.n_accounts - 1.0))) "
        "FROM shared_identifiers i JOIN kind_sizes s USING (kind_no) JOIN kinds k USING (kind_no) "
        "WHERE k.window_s IS NULL GROUP BY i.kind_no",
        Share,
    )
    by_chance = np.full(n_kinds, 1e-6)
    for kind_no, share in rows:
        by_chance[kind_no] = max(1e-6, share)
    return by_chance


def agreement_in_time(engine: Sql, n_kinds: int, numbers: Dependence) -> Floats:
    """Share of the pairs seen in one window that agree on a common kind that may be weak evidence (a client).

    With few known pairs, the fit can't estimate what strangers have in common. Only accounts with a shared
    value are counted; where a kind is common these are nearly all.
    """
    rows = rows_as(
        engine,
        f"""
        WITH weak_kinds AS (
            SELECT kind_no FROM kinds
            WHERE window_s IS NOT NULL AND (most_bits < {numbers.weak_bits} OR NOT is_declared)
        ),
        present AS (
            SELECT kind_no, sum(n * (n - 1.0)) AS n_pairs
            FROM (SELECT i.kind_no, h.window_no, count(DISTINCT h.account_no) AS n
                  FROM window_incidence h JOIN shared_identifiers i ON i.identifier_no = h.identifier_no
                  WHERE i.kind_no IN (SELECT kind_no FROM weak_kinds)
                  GROUP BY i.kind_no, h.window_no)
            GROUP BY kind_no
        ),
        agreeing AS (
            SELECT i.kind_no, sum(c.degree * (c.degree - 1.0)) AS n_pairs
            FROM blocks c JOIN shared_identifiers i ON i.identifier_no = c.identifier_no
            GROUP BY i.kind_no
        )
        SELECT p.kind_no, least(1.0, a.n_pairs / p.n_pairs)
        FROM present p JOIN agreeing a ON a.kind_no = p.kind_no WHERE p.n_pairs > 0
        """,
        Share,
    )
    in_time = np.zeros(n_kinds)
    for kind_no, share in rows:
        in_time[kind_no] = share if share > numbers.background else 0.0
    return in_time
