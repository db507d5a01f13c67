"""Sharing: one row per pair of accounts and identifier that both held in one window of time.

Only values that few held at a time make candidate pairs; a router with 20,000 tenants would make 2e8. Common
values are looked up afterwards for the pairs that are candidates already (design: never materialise a hub).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.core.tables.ingest import ACCOUNT_NUMBERS, BLOCKS, KINDS, SHARED_IDENTIFIERS, WINDOW_INCIDENCE
from graphlink.core.tables.model import BLOCK_LIMITS, COPRESENCE_PAIRS
from graphlink.engine import number
from graphlink.engine.shuffle import draw_sql, make_account_draws, shuffled_pair_sql
from graphlink.engine.stage import step

if TYPE_CHECKING:
    from graphlink.core.settings import Settings
    from graphlink.engine import Sql

# The budget grows with the input, so that rows of strangers take no pairs from others: pairs for each holder
# of a value in a window.
_PAIRS_PER_HOLDER = 2
# Seconds between the sightings of two accounts x and y in one window.
_LAG = "greatest(0, x.first_s - y.last_s, y.first_s - x.last_s)"
_N_NAMED = 10  # largest capped values named per kind in the manifest; all are marked in `identifiers`


@step(
    "blocking",
    "find co-present pairs of accounts",
    takes=(WINDOW_INCIDENCE, BLOCKS, SHARED_IDENTIFIERS, KINDS, ACCOUNT_NUMBERS),
    makes=(COPRESENCE_PAIRS, BLOCK_LIMITS),
    share=0.12,
)
def find_copresence(engine: Sql, settings: Settings) -> dict[str, object]:
    """Make `copresence_pairs` from who held what when, and `block_limits`: the largest blocks that do.

    A common value that other values made a pair a candidate for is no fair draw of the pairs that share it,
    so `copresence_pairs.is_blocking_value` marks those that made theirs.

    Returns:
        Counts for the manifest.
    """
    _choose_caps(engine, settings)
    start, seconds = _seconds(engine)
    engine.make("copresence", _meetings_sql(start, seconds))
    _sample_common(engine, settings.parameters.blocking.neighbours)
    engine.make("candidates", _candidates_sql())
    engine.make("copresence_pairs", _shared_sql(start))
    engine.drop("copresence", "shared_sampled")
    facts: dict[str, object] = {
        "candidate_pairs": number(engine, "SELECT count(*) FROM candidates"),
        "copresence_pairs": number(engine, "SELECT count(*) FROM copresence_pairs"),
        "blocks_capped": number(engine, "SELECT sum(n_blocks_capped)::BIGINT FROM block_limits"),
        "pairs_capped": number(engine, "SELECT sum(n_pairs_capped)::BIGINT FROM block_limits"),
        "capped": _capped(engine),
    }
    return facts


def _capped(engine: Sql) -> list[dict[str, object]]:
    """What made no candidate pairs, per kind: cap, cells and pairs left out, and the largest values."""
    kinds = engine.rows(
        "SELECT k.kind, c.kind_no, c.cap, c.n_blocks_capped, c.n_pairs_capped "
        "FROM block_limits c JOIN kinds k USING (kind_no) WHERE c.n_blocks_capped > 0 ORDER BY k.kind"
    )
    return [
        {
            "kind": kind,
            "largest_paired": cap,
            "blocks": n_cells,
            "pairs": n_pairs,
            "largest": [
                {"value": value, "accounts_at_once": degree}
                for value, degree in engine.rows(
                    "SELECT i.value, max(c.degree) AS degree "
                    "FROM blocks c JOIN shared_identifiers i USING (identifier_no) "
                    f"WHERE i.kind_no = {kind_no} AND c.degree > {cap} GROUP BY i.value "
                    f"ORDER BY degree DESC, i.value LIMIT {_N_NAMED}"
                )
            ],
        }
        for kind, kind_no, cap, n_cells, n_pairs in kinds
    ]


def _choose_caps(engine: Sql, settings: Settings) -> None:
    """Make `block_limits`: per kind the largest degree whose blocks, with all smaller, keep to its budget."""
    engine.make(
        "cell_costs",
        "SELECT i.kind_no, c.degree, count(*) AS n_cells, "
        "(count(*) * c.degree * (c.degree - 1) / 2)::DOUBLE AS n_pairs "
        "FROM blocks c JOIN shared_identifiers i USING (identifier_no) GROUP BY i.kind_no, c.degree",
    )
    model, largest = settings.model, settings.parameters.blocking.largest_scored
    engine.make(
        "block_limits",
        f"""
        WITH costs AS (
            SELECT *, sum(n_pairs) OVER (PARTITION BY kind_no ORDER BY degree) <= greatest(
                          {model.pair_budget} / (SELECT count(DISTINCT kind_no) FROM cell_costs),
                          {_PAIRS_PER_HOLDER} * sum(n_cells * degree) OVER (PARTITION BY kind_no))
                      AND degree <= {model.max_block_size}
                      AND p_exclusive >= (degree - 1) * {model.candidate_probability} AS is_within
            FROM cell_costs JOIN kinds USING (kind_no)
        )
        SELECT kind_no, coalesce(max(degree) FILTER (is_within), 1) AS cap,
               greatest({largest}, coalesce(max(degree) FILTER (is_within), 1)) AS most_scored,
               coalesce(sum(n_cells) FILTER (NOT is_within), 0)::BIGINT AS n_blocks_capped,
               coalesce(sum(n_pairs) FILTER (NOT is_within), 0)::BIGINT AS n_pairs_capped
        FROM costs GROUP BY kind_no
        """,
    )
    engine.drop("cell_costs")


def _seconds(engine: Sql) -> tuple[int, str]:
    """The first second of all, and the type that holds every second counted from it.

    Half as wide as seconds since 1970, and what the pairs share is the largest table of a run.
    """
    start, span = engine.rows(
        "SELECT coalesce(min(first_s), 0), coalesce(max(last_s) - min(first_s), 0) FROM window_incidence"
    )[0]
    return int(str(start)), "INTEGER" if int(str(span)) < 2**31 else "BIGINT"


def _meetings_sql(start: int, seconds: str) -> str:
    """Query of who was in the cells that are looked at, those beyond their kind's cap marked as common."""
    return f"""
        WITH looked_at AS (
            SELECT c.identifier_no, c.window_no, c.degree::INTEGER AS degree, c.degree > p.cap AS is_common
            FROM blocks c
            JOIN shared_identifiers i ON i.identifier_no = c.identifier_no
            JOIN block_limits p ON p.kind_no = i.kind_no
            WHERE c.degree <= p.most_scored
        )
        SELECT h.identifier_no, h.window_no, h.account_no, c.degree, c.is_common,
               (h.first_s - {start})::{seconds} AS first_s, (h.last_s - {start})::{seconds} AS last_s
        FROM window_incidence h
        JOIN looked_at c ON c.identifier_no = h.identifier_no AND c.window_no = h.window_no
    """


def _sample_common(engine: Sql, neighbours: int) -> None:
    """Make `shared_sampled`: pairs of each holder of a capped cell with its next few in a fixed shuffle.

    The windows in which most met stand for the others: one cell per capped identifier.
    """
    make_account_draws(engine)
    engine.make(
        "capped_blocks",
        f"""
        SELECT c.identifier_no, arg_max(c.window_no, c.degree * 100000.0 + c.window_no % 100000) AS window_no,
               any_value({draw_sql("i.value")}) AS draw
        FROM blocks c JOIN shared_identifiers i USING (identifier_no)
        JOIN block_limits p ON p.kind_no = i.kind_no
        WHERE c.degree > p.cap AND c.degree <= p.most_scored
        GROUP BY c.identifier_no
        """,
    )
    steps = ", ".join(
        f"lead(c.account_no, {step}) OVER shuffle AS near_{step}" for step in range(1, neighbours + 1)
    )
    engine.make(
        "shuffled",
        f"""
        SELECT c.identifier_no, c.account_no, {steps}
        FROM copresence c
        JOIN capped_blocks b ON b.identifier_no = c.identifier_no AND b.window_no = c.window_no
        JOIN account_draws d ON d.account_no = c.account_no
        WINDOW shuffle AS (PARTITION BY c.identifier_no ORDER BY {shuffled_pair_sql("d.draw", "b.draw")},
                           c.account_no)
        """,
    )
    near = " UNION ALL ".join(
        f"SELECT identifier_no, account_no AS x, near_{step} AS y FROM shuffled"
        for step in range(1, neighbours + 1)
    )
    engine.make(
        "shared_sampled",
        "SELECT DISTINCT least(x, y) AS l, greatest(x, y) AS r, identifier_no "
        f"FROM ({near}) WHERE y IS NOT NULL",
    )
    engine.drop("shuffled", "capped_blocks", "account_draws")


def _candidates_sql() -> str:
    """Query of the pairs that some value chose, each once."""
    return """
        SELECT DISTINCT l, r FROM (
            SELECT x.account_no AS l, y.account_no AS r
            FROM copresence x
            JOIN copresence y ON y.identifier_no = x.identifier_no AND y.window_no = x.window_no
                           AND y.account_no > x.account_no
            WHERE NOT x.is_common AND NOT y.is_common
            UNION ALL SELECT l, r FROM shared_sampled)
    """


def _shared_sql(start: int) -> str:
    """Query of what each candidate pair shares: the cells in which both were, grouped by identifier.

    For common cells the pairs are gone through by the one account of the two that was in fewer of them. Rows
    without a degree are no cells: they mark that the pair was drawn from a capped one.
    """
    return f"""
        WITH n_common AS (
            SELECT account_no, count(*) AS n FROM copresence WHERE is_common GROUP BY account_no
        ),
        turned AS (
            SELECT CASE WHEN x.n <= y.n THEN c.l ELSE c.r END AS few,
                   CASE WHEN x.n <= y.n THEN c.r ELSE c.l END AS many
            FROM candidates c
            JOIN n_common x ON x.account_no = c.l
            JOIN n_common y ON y.account_no = c.r
        ),
        met AS (
            SELECT x.account_no AS l, y.account_no AS r, x.identifier_no, x.degree, {_LAG} AS lag_s,
                   greatest(x.first_s, y.first_s) AS first_s, least(x.last_s, y.last_s) AS last_s
            FROM copresence x
            JOIN copresence y ON y.identifier_no = x.identifier_no AND y.window_no = x.window_no
                           AND y.account_no > x.account_no
            WHERE NOT x.is_common AND NOT y.is_common
            UNION ALL
            SELECT least(c.few, c.many), greatest(c.few, c.many), x.identifier_no, x.degree, {_LAG},
                   greatest(x.first_s, y.first_s), least(x.last_s, y.last_s)
            FROM turned c
            JOIN copresence x ON x.account_no = c.few
            JOIN copresence y
              ON {_key("y.account_no", "y.identifier_no")} = {_key("c.many", "x.identifier_no")}
                           AND y.window_no = x.window_no
            WHERE x.is_common AND y.is_common
            UNION ALL SELECT l, r, identifier_no, NULL, NULL, NULL, NULL FROM shared_sampled
        ),
        copresence AS (
            SELECT l, r, identifier_no, count(*) AS n, count(degree) AS n_windows, min(degree) AS degree,
                   min(lag_s) AS lag_s, min(first_s) AS first_s, max(last_s) AS last_s
            FROM met GROUP BY l, r, identifier_no
        )
        SELECT t.l, t.r, t.identifier_no, i.kind_no, t.n_windows::INTEGER AS n_windows, t.degree, t.lag_s,
               t.first_s + {start}::BIGINT AS first_s, t.last_s + {start}::BIGINT AS last_s,
               t.degree <= p.cap OR t.n > t.n_windows AS is_blocking_value
        FROM copresence t
        JOIN shared_identifiers i ON i.identifier_no = t.identifier_no
        JOIN block_limits p ON p.kind_no = i.kind_no
    """


def _key(account: str, identifier: str) -> str:
    """SQL of one number for both, so that no engine comes to join the holders of common cells first."""
    return f"{account}::BIGINT * 2147483648 + {identifier}"
