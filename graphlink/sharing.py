"""Sharing: one row per pair of accounts and identifier that both held in one window of time.

Only values that few held at a time make candidate pairs; a router with 20,000 tenants would make 2e8. Common
values are looked up afterwards for the pairs that are candidates already (design: never materialise a hub).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.engine import number

if TYPE_CHECKING:
    from graphlink.engine import Engine
    from graphlink.settings import Settings

# Beyond this many holders a common value says less than one bit about a candidate pair.
_LARGEST_SCORED = 2_048
# A value too common to pair all its holders still pairs each with a few others, so that a large private value
# (the server of a large farm) can be recognised and does not fall apart.
_NEIGHBOURS = 4
_N_NAMED = 10  # largest capped values named per kind in the manifest; all are marked in `identifiers`


def find_sharing(engine: Engine, settings: Settings) -> dict[str, object]:
    """Make `shared` from `holdings` and `cells`.

    `shared` has (l, r, identifier_no, kind_no, n_windows, degree, lag_s, first_s, last_s, is_own): account
    numbers l < r, the least degree of the windows in which both held the value, and the least time between
    their sightings. `is_own` says that the value itself chose the pair; a common value that other values
    chose the pair for is no fair draw of the pairs that share it. Also makes `caps` (kind_no, cap, n_cells,
    n_pairs): per kind the largest cell that made pairs, and what was left out.

    Returns:
        Counts for the manifest.
    """
    _choose_caps(engine, settings)
    engine.make("shared_rare", _pairs_sql())
    _sample_common(engine)
    engine.make(
        "candidates",
        "SELECT DISTINCT l, r FROM (SELECT l, r FROM shared_rare UNION ALL SELECT l, r FROM shared_sampled)",
    )
    _score_common(engine)
    engine.make(
        "shared",
        """
        SELECT s.l, s.r, s.identifier_no, i.kind_no, sum(s.n_windows)::BIGINT AS n_windows, min(s.degree)
               AS degree,
               min(s.lag_s) AS lag_s, min(s.first_s) AS first_s, max(s.last_s) AS last_s, bool_or(s.is_own)
               AS is_own
        FROM (SELECT *, true AS is_own FROM shared_rare UNION ALL
              SELECT c.*, d.l IS NOT NULL FROM shared_common c
              LEFT JOIN shared_sampled d ON d.l = c.l AND d.r = c.r AND d.identifier_no = c.identifier_no) s
        JOIN shared_identifiers i ON i.identifier_no = s.identifier_no
        GROUP BY s.l, s.r, s.identifier_no, i.kind_no
        """,
    )
    engine.drop("shared_rare", "shared_sampled", "shared_common")
    return {
        "candidate_pairs": number(engine, "SELECT count(*) FROM candidates"),
        "shared": number(engine, "SELECT count(*) FROM shared"),
        "cells_capped": number(engine, "SELECT sum(n_cells_capped)::BIGINT FROM caps"),
        "pairs_capped": number(engine, "SELECT sum(n_pairs_capped)::BIGINT FROM caps"),
        "capped": _capped(engine),
    }


def _capped(engine: Engine) -> list[dict[str, object]]:
    """What made no candidate pairs, per kind: cap, cells and pairs left out, and the largest values."""
    kinds = engine.rows(
        "SELECT k.kind, c.kind_no, c.cap, c.n_cells_capped, c.n_pairs_capped "
        "FROM caps c JOIN kinds k USING (kind_no) WHERE c.n_cells_capped > 0 ORDER BY k.kind"
    )
    return [
        {
            "kind": kind,
            "largest_paired": cap,
            "cells": n_cells,
            "pairs": n_pairs,
            "largest": [
                {"value": value, "accounts_at_once": degree}
                for value, degree in engine.rows(
                    "SELECT i.value, max(c.degree) AS degree "
                    "FROM cells c JOIN shared_identifiers i USING (identifier_no) "
                    f"WHERE i.kind_no = {kind_no} AND c.degree > {cap} GROUP BY i.value "
                    f"ORDER BY degree DESC, i.value LIMIT {_N_NAMED}"
                )
            ],
        }
        for kind, kind_no, cap, n_cells, n_pairs in kinds
    ]


def _choose_caps(engine: Engine, settings: Settings) -> None:
    """Make `caps`: per kind the largest degree whose cells, with all smaller ones, keep to its budget."""
    engine.make(
        "cell_costs",
        "SELECT i.kind_no, c.degree, count(*) AS n_cells, "
        "(count(*) * c.degree * (c.degree - 1) / 2)::DOUBLE AS n_pairs "
        "FROM cells c JOIN shared_identifiers i USING (identifier_no) GROUP BY i.kind_no, c.degree",
    )
    model = settings.model
    engine.make(
        "caps",
        f"""
        WITH costs AS (
            SELECT *, sum(n_pairs) OVER (PARTITION BY kind_no ORDER BY degree) <=
                          {model.pair_budget} / (SELECT count(DISTINCT kind_no) FROM cell_costs)
                      AND degree <= {model.largest_cell}
                      AND private >= (degree - 1) * {model.candidate_probability} AS is_within
            FROM cell_costs JOIN kinds USING (kind_no)
        )
        SELECT kind_no, coalesce(max(degree) FILTER (is_within), 1) AS cap,
               coalesce(sum(n_cells) FILTER (NOT is_within), 0)::BIGINT AS n_cells_capped,
               coalesce(sum(n_pairs) FILTER (NOT is_within), 0)::BIGINT AS n_pairs_capped
        FROM costs GROUP BY kind_no
        """,
    )
    engine.drop("cell_costs")


def _pairs_sql() -> str:
    """Query of every pair in every cell within its kind's cap."""
    return """
        WITH paired AS (
            SELECT h.identifier_no, h.window_no, h.account_no, h.first_s, h.last_s, c.degree
            FROM holdings h
            JOIN cells c USING (identifier_no, window_no)
            JOIN shared_identifiers i USING (identifier_no)
            JOIN caps p ON p.kind_no = i.kind_no AND c.degree <= p.cap
        )
        SELECT x.account_no AS l, y.account_no AS r, x.identifier_no, count(*) AS n_windows, min(x.degree)
               AS degree,
               min(greatest(0, x.first_s - y.last_s, y.first_s - x.last_s)) AS lag_s,
               min(greatest(x.first_s, y.first_s)) AS first_s, max(least(x.last_s, y.last_s)) AS last_s
        FROM paired x
        JOIN paired y ON x.identifier_no = y.identifier_no AND x.window_no = y.window_no
                     AND x.account_no < y.account_no
        GROUP BY x.account_no, y.account_no, x.identifier_no
    """


def _sample_common(engine: Engine) -> None:
    """Make `shared_sampled`: pairs of each holder of a capped cell with its next few in a fixed shuffle.

    The windows in which most met stand for the others: one cell per capped identifier.
    """
    engine.make(
        "capped_cells",
        f"""
        SELECT c.identifier_no, arg_max(c.window_no, c.degree * 100000.0 + c.window_no % 100000) AS window_no,
               max(c.degree) AS degree
        FROM cells c JOIN shared_identifiers i USING (identifier_no) JOIN caps p ON p.kind_no = i.kind_no
        WHERE c.degree > p.cap AND c.degree <= {_LARGEST_SCORED}
        GROUP BY c.identifier_no
        """,
    )
    steps = ", ".join(
        f"lead(account_no, {step}) OVER shuffle AS near_{step}" for step in range(1, _NEIGHBOURS + 1)
    )
    engine.make(
        "shuffled",
        f"""
        SELECT identifier_no, account_no, {steps} FROM holdings JOIN capped_cells USING (identifier_no,
               window_no)
        WINDOW shuffle AS (PARTITION BY identifier_no ORDER BY (account_no::BIGINT * 2654435761) % 4294967291,
        account_no)
        """,
    )
    near = " UNION ALL ".join(
        f"SELECT identifier_no, account_no AS x, near_{step} AS y FROM shuffled"
        for step in range(1, _NEIGHBOURS + 1)
    )
    engine.make(
        "shared_sampled",
        "SELECT DISTINCT least(x, y) AS l, greatest(x, y) AS r, identifier_no "
        f"FROM ({near}) WHERE y IS NOT NULL",
    )
    engine.drop("shuffled")
    engine.drop("capped_cells")


def _score_common(engine: Engine) -> None:
    """Make `shared_common`: for candidate pairs, the windows of capped cells in which both were."""
    engine.make(
        "common_holdings",
        f"""
        SELECT h.identifier_no, h.window_no, h.account_no, h.first_s, h.last_s, c.degree
        FROM holdings h
        JOIN cells c USING (identifier_no, window_no)
        JOIN shared_identifiers i USING (identifier_no)
        JOIN caps p ON p.kind_no = i.kind_no
        WHERE c.degree > p.cap AND c.degree <= {_LARGEST_SCORED}
        """,
    )
    engine.make(
        "shared_common",
        """
        SELECT c.l, c.r, x.identifier_no, count(*) AS n_windows, min(x.degree) AS degree,
               min(greatest(0, x.first_s - y.last_s, y.first_s - x.last_s)) AS lag_s,
               min(greatest(x.first_s, y.first_s)) AS first_s, max(least(x.last_s, y.last_s)) AS last_s
        FROM candidates c
        JOIN common_holdings x ON x.account_no = c.l
        JOIN common_holdings y ON y.account_no = c.r AND y.identifier_no = x.identifier_no
                              AND y.window_no = x.window_no
        GROUP BY c.l, c.r, x.identifier_no
        """,
    )
    engine.drop("common_holdings")
