"""The accounts that are compared, and how each calls: summed up in the engine to one row per account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from graphlink.engine.shuffle import draw_sql

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from graphlink.core.parameters import Facts
    from graphlink.engine import Sql

    Floats = NDArray[np.float64]
    Numbers = NDArray[np.int64]

MOST_COMPARED = 10_000  # accounts outside clusters, drawn by a hash of their names
_HOURS = 168  # of a week


@dataclass(frozen=True, slots=True)
class Called:
    """How accounts call, an element or row each: those outside clusters by activity, then those of clusters.

    Attributes:
        numbers: The accounts.
        n_pool: How many of them are outside clusters.
        clusters: The clusters, in order, with where their members begin and end.
        calls: Calls with a time.
        first_half: Calls in the first half of the time that the data cover.
        last_half: Those in the last half.
        hours: Whether it called in each hour of the week.
        night: Calls in the hours in a row of the day in which it calls least.
        gap_variation: Coefficient of variation of the seconds between its calls; NaN of too few.
        days: Days that the data cover.
        all_calls: Calls of all accounts.
        rules: What is comparable, and from what on something is known.
    """

    numbers: Numbers
    n_pool: int
    clusters: tuple[tuple[str, int, int], ...]
    calls: Floats
    first_half: Floats
    last_half: Floats
    hours: NDArray[np.bool_]
    night: Floats
    gap_variation: Floats
    days: float
    all_calls: float
    rules: Facts

    def spread(self, table: pa.Table, column: str) -> Floats:
        """Spread a column of a table with account_no over the accounts; zero where it has no row."""
        values = np.zeros(len(self.numbers))
        values[self.places(table)] = _floats(table, column)
        return values

    def places(self, table: pa.Table) -> Numbers:
        """Find the accounts of a table with account_no."""
        order = np.argsort(self.numbers)
        return order[np.searchsorted(self.numbers, _whole(table, "account_no"), sorter=order)]


def describe_calls(engine: Sql, rules: Facts) -> Called:
    """Describe the accounts of clusters, and a sample of those outside, from their sightings.

    A call is a sighting of the kind that is seen most often. Makes `compared` (account_no, cluster_id, draw).
    """
    engine.make("compared", _COMPARED)
    engine.make("lead_values", _LEAD_VALUES)
    engine.make("lead_span", _LEAD_SPAN)
    engine.make("timed_calls", _TIMED_CALLS)
    begin, end, all_calls = (
        0.0 if value is None else float(str(value))
        for value in engine.rows("SELECT begin_s, end_s, n FROM lead_span")[0]
    )
    middle = int((begin + end) // 2)
    accounts = engine.arrow(
        "SELECT c.account_no, coalesce(c.cluster_id, '') AS cluster_id, c.draw, coalesce(t.n, 0) AS n "
        "FROM compared c LEFT JOIN ("
        "SELECT account_no, sum(n)::BIGINT AS n FROM timed_calls GROUP BY account_no) t "
        "ON t.account_no = c.account_no"
    )
    numbers, n_pool, clusters, calls = _ordered(accounts)
    nothing = np.zeros(len(numbers))
    called = Called(
        numbers, n_pool, clusters, calls, nothing, nothing, np.zeros((0, 0), bool), nothing, nothing,
        (end - begin) / 86_400, all_calls, rules,
    )  # fmt: skip
    return _with_times(engine, called, middle)


_COMPARED = f"""
    WITH members AS (
        SELECT a.account_no, a.account_id, m.cluster_id FROM account_numbers a
        LEFT JOIN membership m ON m.account_id = a.account_id
    )
    SELECT account_no, cluster_id, 0::BIGINT AS draw FROM members WHERE cluster_id IS NOT NULL
    UNION ALL
    SELECT account_no, cluster_id, draw FROM (
        SELECT account_no, cluster_id, {draw_sql("account_id")} AS draw FROM members WHERE cluster_id IS NULL
        ORDER BY draw, account_no LIMIT {MOST_COMPARED}
    )
"""

_LEAD_VALUES = """
    WITH lead AS (
        SELECT kind FROM (
            SELECT v.kind, sum(h.n_timed) AS n_timed FROM incidence h
            JOIN observed_values v ON v.value_no = h.value_no GROUP BY v.kind)
        WHERE n_timed > 0 ORDER BY n_timed DESC, kind LIMIT 1
    )
    SELECT v.value_no FROM observed_values v JOIN lead l ON l.kind = v.kind
"""

_LEAD_SPAN = """
    SELECT min(floor(epoch(h.first_seen))) AS begin_s, max(floor(epoch(h.last_seen))) AS end_s,
           sum(h.n)::BIGINT AS n
    FROM incidence h JOIN lead_values v ON v.value_no = h.value_no WHERE h.n_timed > 0
"""

_TIMED_CALLS = """
    SELECT s.account_no, floor(epoch(s.seen_at))::BIGINT AS at_s, sum(s.n)::BIGINT AS n
    FROM sightings s JOIN compared c ON c.account_no = s.account_no
    JOIN lead_values v ON v.value_no = s.value_no
    WHERE s.seen_at IS NOT NULL GROUP BY s.account_no, floor(epoch(s.seen_at))
"""

_GAPS = """
    SELECT account_no, count(gap) AS n_gaps, sum(gap)::DOUBLE AS total, sum(gap * gap)::DOUBLE AS squares
    FROM (SELECT account_no, at_s - lag(at_s) OVER (PARTITION BY account_no ORDER BY at_s) AS gap
          FROM timed_calls)
    GROUP BY account_no
"""


def _halves_sql(middle: int, busy_day: float) -> str:
    return f"""
        WITH days AS (
            SELECT account_no, day_no, sum(n)::BIGINT AS n FROM (
                SELECT account_no, floor((at_s - {middle}) / 86400.0) AS day_no, n FROM timed_calls)
            GROUP BY account_no, day_no
        ),
        usual AS (SELECT account_no, median(n) AS n FROM days GROUP BY account_no)
        SELECT d.account_no,
               sum(CASE WHEN d.day_no < 0 THEN least(d.n, {busy_day!r} * u.n) ELSE 0.0 END) AS first_half,
               sum(CASE WHEN d.day_no < 0 THEN 0.0 ELSE least(d.n, {busy_day!r} * u.n) END) AS last_half
        FROM days d JOIN usual u ON u.account_no = d.account_no GROUP BY d.account_no
    """


def _ordered(table: pa.Table) -> tuple[Numbers, int, tuple[tuple[str, int, int], ...], Floats]:
    """Order the accounts: outside clusters by activity, then by cluster; within both by a fixed order."""
    numbers, calls = _whole(table, "account_no"), _floats(table, "n")
    names, draws = np.array(table.column("cluster_id").to_pylist(), str), _whole(table, "draw")
    is_pool = names == ""
    order = np.lexsort((numbers, draws, np.where(is_pool, calls, 0.0), names))
    names, n_pool = names[order], int(is_pool.sum())
    begins = [n_pool + i for i, name in enumerate(names[n_pool:]) if i == 0 or name != names[n_pool + i - 1]]
    ends = [*begins[1:], len(names)] if begins else []
    clusters = tuple((str(names[i]), i, j) for i, j in zip(begins, ends, strict=True))
    return numbers[order], n_pool, clusters, calls[order]


def _with_times(engine: Sql, called: Called, middle: int) -> Called:
    halves, gaps = engine.arrow(_halves_sql(middle, called.rules.busy_day)), engine.arrow(_GAPS)
    hours = engine.arrow(
        f"SELECT account_no, hour, sum(n)::BIGINT AS n FROM ("
        f"SELECT account_no, (floor(at_s / 3600.0)::BIGINT % {_HOURS})::INTEGER AS hour, n FROM timed_calls) "
        "GROUP BY account_no, hour"
    )
    of_week = np.zeros((len(called.numbers), _HOURS), bool)
    of_day = np.zeros((len(called.numbers), 24))
    places, hour = called.places(hours), _whole(hours, "hour")
    of_week[places, hour] = True
    np.add.at(of_day, (places, hour % 24), _floats(hours, "n"))
    return Called(
        called.numbers, called.n_pool, called.clusters, called.calls,
        called.spread(halves, "first_half"), called.spread(halves, "last_half"),
        of_week, _quietest(of_day, called.rules.night_hours), _variation(called, gaps),
        called.days, called.all_calls, called.rules,
    )  # fmt: skip


def _quietest(of_day: Floats, n_hours: int) -> Floats:
    """Sum up the quietest hours in a row of each account's day."""
    around = np.concatenate((of_day, of_day[:, : n_hours - 1]), axis=1)
    sums = np.lib.stride_tricks.sliding_window_view(around, n_hours, axis=1).sum(axis=2)
    return np.asarray(sums.min(axis=1))


def _variation(called: Called, gaps: pa.Table) -> Floats:
    n, total, squares = (called.spread(gaps, name) for name in ("n_gaps", "total", "squares"))
    result = np.full(len(n), np.nan)
    known = (n >= called.rules.least_gaps) & (total > 0)
    mean = total[known] / n[known]
    result[known] = np.sqrt(np.maximum(squares[known] / n[known] - mean**2, 0.0)) / mean
    return result


def _whole(table: pa.Table, column: str) -> Numbers:
    return np.asarray(table.column(column).to_numpy().astype(np.int64))


def _floats(table: pa.Table, column: str) -> Floats:
    return np.asarray(table.column(column).to_numpy().astype(np.float64))
