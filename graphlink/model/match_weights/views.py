"""The sampled pairs that the mixture is fitted to, one view per kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphlink.engine.shuffle import make_account_draws, shuffled_pair_sql
from graphlink.model.match_weights.parameters import N_REPEATS, View

if TYPE_CHECKING:
    from graphlink.engine import Sql

_PAIRS_PER_BUCKET = 4_000  # sampled from each kind, bucket of degree and bucket of meetings
_SLICE = 1 << 22  # of the shuffle, which goes to 2 ** 32: a thousand slices


def no_views(n_kinds: int) -> list[View]:
    """Make views of no pairs, from which a fit learns nothing but its priors."""
    rows, states, count = np.zeros(0, np.int64), np.zeros((0, n_kinds), np.int8), np.zeros(0)
    return [View(rows, states, count, rows.astype(np.int8)) for _ in range(n_kinds)]


def draw_views(engine: Sql, n_kinds: int, labelled_pairs: float, *, teaches: bool) -> list[View]:
    """Draw pairs for each kind, by a fixed shuffle of them, and find on which kinds they agree.

    Args:
        engine: Where the pairs are.
        n_kinds: Number of kinds.
        labelled_pairs: Pairs that a labelled one counts for.
        teaches: Whether labelled pairs are drawn first and count as what they are labelled.
    """
    make_account_draws(engine)
    engine.make("views", _views_sql(teaches=teaches))
    engine.make("viewed", "SELECT DISTINCT l, r FROM views")
    engine.make("patterns", _patterns_sql(engine, n_kinds))
    columns = ", ".join(f"s{k}" for k in range(n_kinds))
    table = engine.arrow(
        f"SELECT v.kind_no, v.degree_bin * {N_REPEATS} + v.repeat_bin AS bucket, v.verdict, {columns}, "
        "count(*) AS n "
        f"FROM views v JOIN patterns p USING (l, r) GROUP BY ALL ORDER BY ALL"
    )
    engine.drop("views", "viewed", "patterns", "account_draws")
    kind_no = table["kind_no"].to_numpy()
    states_of = np.column_stack([table[f"s{k}"].to_numpy() for k in range(n_kinds)]).astype(np.int8)
    bucket, verdict = table["bucket"].to_numpy().astype(np.int64), table["verdict"].to_numpy()
    count = table["n"].to_numpy() * np.where(verdict >= 0, labelled_pairs, 1.0)
    return [
        View(*(column[kind_no == k] for column in (bucket, states_of, count, verdict)))
        for k in range(n_kinds)
    ]


def _views_sql(*, teaches: bool) -> str:
    """Query of the pairs drawn from each bucket: labelled ones, then by a fixed shuffle.

    To order every pair would take longest, so the shuffle is cut into slices, and of each bucket only those
    are ordered that its first pairs are in.
    """
    shuffle, only = shuffled_pair_sql("x.draw", "y.draw"), "" if teaches else " AND false"
    pairs = f"""
        SELECT p.l, p.r, p.kind_no, p.degree_bin, p.repeat_bin, j.is_same, ({shuffle}) AS shuffle,
               CASE WHEN j.l IS NULL THEN ({shuffle}) // {_SLICE} ELSE -1 END AS slice
        FROM pair_kinds p
        JOIN account_draws x ON x.account_no = p.l
        JOIN account_draws y ON y.account_no = p.r
        LEFT JOIN pair_labels j ON j.l = p.l AND j.r = p.r{only}
        WHERE p.is_blocking_value OR j.l IS NOT NULL
    """
    return f"""
        WITH slices AS (
            SELECT kind_no, degree_bin, repeat_bin, slice, count(*) AS n
            FROM ({pairs}) GROUP BY kind_no, degree_bin, repeat_bin, slice
        ),
        before AS (
            SELECT kind_no, degree_bin, repeat_bin, slice,
                   sum(n) OVER (PARTITION BY kind_no, degree_bin, repeat_bin ORDER BY slice) - n AS n_before
            FROM slices
        ),
        lasts AS (
            SELECT kind_no, degree_bin, repeat_bin, max(slice) AS slice
            FROM before WHERE n_before < {_PAIRS_PER_BUCKET} GROUP BY kind_no, degree_bin, repeat_bin
        )
        SELECT p.l, p.r, p.kind_no, p.degree_bin, p.repeat_bin, coalesce(p.is_same::TINYINT, -1) AS verdict
        FROM ({pairs}) p
        JOIN lasts t ON t.kind_no = p.kind_no AND t.degree_bin = p.degree_bin AND t.repeat_bin = p.repeat_bin
                    AND p.slice <= t.slice
        QUALIFY row_number() OVER (PARTITION BY p.kind_no, p.degree_bin, p.repeat_bin
                                   ORDER BY p.is_same IS NULL, p.shuffle, p.l, p.r) <= {_PAIRS_PER_BUCKET}
    """


def _patterns_sql(engine: Sql, n_kinds: int) -> str:
    """Query of how the viewed pairs stand on each kind: 1 both agree, 0 both have it and differ, -1 neither.

    What they agree on is shared, or of a cell too large to be looked up for pairs. A kind that no account was
    seen with itself is had by those who agree on it.
    """
    had = {int(str(row[0])) for row in engine.rows("SELECT DISTINCT kind_no FROM account_kinds")}
    has = ", ".join(f"bool_or(kind_no = {k}) AS has{k}" for k in range(n_kinds))
    agrees = ", ".join(f"bool_or(kind_no = {k}) AS agrees{k}" for k in range(n_kinds))
    states = ", ".join(
        (
            f"CASE WHEN x.has{k} AND y.has{k} THEN a.agrees{k}::TINYINT ELSE -1 END"
            if k in had
            else f"CASE WHEN a.agrees{k} THEN 1 ELSE -1 END"
        )
        + f"::TINYINT AS s{k}"
        for k in range(n_kinds)
    )
    return f"""
        WITH in_hubs AS (
            SELECT h.identifier_no, h.window_no, h.account_no, i.kind_no
            FROM window_incidence h
            JOIN blocks c ON c.identifier_no = h.identifier_no AND c.window_no = h.window_no
            JOIN shared_identifiers i ON i.identifier_no = h.identifier_no
            JOIN block_limits p ON p.kind_no = i.kind_no
            WHERE c.degree > p.most_scored
        ),
        agreements AS (
            SELECT v.l, v.r, s.kind_no FROM viewed v JOIN copresence_pairs s ON s.l = v.l AND s.r = v.r
            UNION ALL
            SELECT v.l, v.r, x.kind_no
            FROM viewed v
            JOIN in_hubs x ON x.account_no = v.l
            JOIN in_hubs y ON y.account_no = v.r AND y.identifier_no = x.identifier_no
                          AND y.window_no = x.window_no
        ),
        agreed AS (SELECT l, r, {agrees} FROM agreements GROUP BY l, r),
        seen AS (SELECT account_no, {has} FROM account_kinds GROUP BY account_no)
        SELECT a.l, a.r, {states}
        FROM agreed a JOIN seen x ON x.account_no = a.l JOIN seen y ON y.account_no = a.r
    """
