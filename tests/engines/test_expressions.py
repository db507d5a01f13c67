"""The same questions to every engine, where the same words could have other answers."""

# ruff: noqa: E501  # a question is one line

from __future__ import annotations

import datetime
import math
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from graphlink.core.cleanings import CLEANINGS
from graphlink.engine.duck import DuckEngine
from graphlink.engine.spark import SparkEngine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphlink.engine import Engine

pytestmark = pytest.mark.filterwarnings(
    "ignore:PySpark does not yet:FutureWarning", "ignore::ResourceWarning"
)

_START = datetime.datetime(2026, 3, 1, 23, 59, 59, 250_000, tzinfo=datetime.UTC)
THINGS = pa.table(
    {
        "no": pa.array([1, 2, 3, 4, 5, 6], pa.int32()),
        "g": pa.array([1, 1, 1, 2, 2, None], pa.int64()),
        "x": pa.array([1.6, -2.4, 0.0, None, 3.7, 7.3], pa.float64()),
        "s": pa.array(["ab.c", "a\nb", "", None, "Zoë@x.org", "a::b::c"], pa.string()),
        "seen": pa.array(
            [_START + datetime.timedelta(hours=7 * i) for i in range(6)], pa.timestamp("us", "UTC")
        ),
        "is_it": pa.array([True, False, None, True, True, False]),
    }
)
POINTS = pa.table(
    {"g": pa.array([1, 1, 2], pa.int64()), "f": pa.array([1, 4, 2], pa.int32()), "w": ["p", "q", "r"]}
)

TEXTS = pa.table(
    {"text": [" de 123 ", "DE123", "de123", "0", "00", "0x", "007", "A-1", "a b", "1 ", "~", "12"]}
)

COLUMNS = [
    "no // 4", "no % 4", "-no // 4", "-no % 4", "no / 4", "no / (no - 3)", "x / (no - 3)", "(no - 3) / (no - 3)",
    "x::INTEGER", "(x * 2)::BIGINT", "(no / 5)::INTEGER", "is_it::INTEGER", "x::DECIMAL(18, 9)::DOUBLE",
    "floor(x)", "floor(x) / 2", "round(x, 1)", "abs(x)", "sqrt(abs(x))", "pow(x, 2)", "exp(x)",
    "ln(x)", "ln(no)", "log2(no)", "log(2, x)", "lgamma(no + 2)", "isfinite(x)", "isnan(x)",
    "isfinite(ln(x))", "greatest(x, 0.5)", "least(x, NULL, no)", "coalesce(x, 0.0)", "nullif(no, 3)",
    "epoch(seen)", "epoch(seen)::BIGINT", "floor(epoch(seen) / 86400)::INTEGER", "(epoch(seen) // 86400)::INTEGER",
    "epoch(make_timestamptz(no * 1000000))", "strftime(seen, '%Y-%m-%dT%H:%M:%SZ')",
    "regexp_full_match(s, 'a.b')", "regexp_full_match(s, '[a-z.]+')", "regexp_matches(s, 'b$')", "regexp_matches(s, '^a')",
    r"regexp_replace(s, '[\s\p{Cf}]+', '-', 'g')", "regexp_extract(s, '@(.*)$', 1)", "regexp_extract(s, '^.*[.]')",
    "split_part(s, '::', 2)", "len(string_split(s, '::'))", "length(s)", "upper(s)", "lower(s)", "md5(s)", "strpos(s, 'b')", "strpos('0123456789abcdef', substr(md5(s), 3, 1)) - 1", "left(s, 2)",
    "contains(s, 'a')", "replace(s, 'a', 'e')", "lpad(left(s, 1), 3, '0')", "s || coalesce(s, '')", "trim(' ' || s)",
    "format('{:,} of {}', no * 1000, s)", "CASE WHEN x > 1 THEN 'big' END", "g IS NOT DISTINCT FROM NULL",
    "row_number() OVER (PARTITION BY g ORDER BY x DESC, no)", "(sum(no) OVER (ORDER BY g, no))::BIGINT", "lag(no) OVER (ORDER BY x, no)",
    "g IN (SELECT g FROM points)", "unnest([no, no + 1])",
]  # fmt: skip
AGGREGATES = [
    "count(*)", "count(x)", "count(DISTINCT s)", "sum(no)::BIGINT", "sum(x)", "avg(x)", "median(x)", "min(s)", "max(seen) = min(seen)",
    "count(*) FILTER (is_it)", "sum(x) FILTER (is_it)", "bool_or(is_it)", "bool_and(is_it)", "any_value(g)",
    "arg_max(s, (no, s))", "arg_min(no, no)", "first(s ORDER BY x DESC, no)", "first(no ORDER BY is_it::INTEGER DESC, no)",
    "string_agg(s, ',' ORDER BY no DESC)", "list(no ORDER BY no)", "list(s ORDER BY no)[1]", "regr_slope(no, x)", "regr_slope(no, g)",
    "sum(x::DECIMAL(18, 9))::DOUBLE",
]  # fmt: skip
QUERIES = [
    "SELECT g, count(*) FROM things GROUP BY ALL ORDER BY ALL",
    "SELECT no FROM things ORDER BY x DESC, no",
    "SELECT no FROM things ORDER BY x, no",
    "SELECT no, g FROM things QUALIFY row_number() OVER (PARTITION BY g ORDER BY no) = 1 ORDER BY no",
    ("WITH first AS (SELECT * FROM things QUALIFY row_number() OVER (PARTITION BY g ORDER BY no) <= 3) "
    "SELECT count(*) OVER () AS n, f.* FROM first f "
    "QUALIFY row_number() OVER (PARTITION BY g ORDER BY no DESC) = 1 ORDER BY no"),
    "SELECT * FROM things JOIN points USING (g) ORDER BY no, f",
    "SELECT t.no, p.g FROM things t LEFT JOIN points p USING (g) ORDER BY t.no, p.f",
    "SELECT no FROM things SEMI JOIN points USING (g) ORDER BY no",
    "SELECT t.no, p.w FROM things t ASOF JOIN points p ON p.g = t.g AND t.no >= p.f ORDER BY t.no",
    "SELECT t.no, p.w FROM things t ASOF LEFT JOIN points p ON p.g = t.g AND t.no >= p.f ORDER BY t.no",
    "SELECT * EXCLUDE (seen, s, x) FROM things ORDER BY no",
    "SELECT t.* REPLACE (g + 1 AS g) FROM things t ORDER BY no",
    "SELECT no, lead(no, 2) OVER w AS y FROM things WINDOW w AS (ORDER BY x, no) ORDER BY no",
    "WITH o AS (SELECT g, count(*) AS n FROM things GROUP BY g HAVING n > 1) SELECT * FROM o ORDER BY g",
]  # fmt: skip


@pytest.fixture(scope="module")
def duck() -> Iterator[Engine]:
    with DuckEngine() as engine:
        yield filled(engine)


@pytest.fixture(scope="module")
def spark(sail: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with SparkEngine(sail, folder=str(tmp_path_factory.mktemp("spark"))) as engine:
        yield filled(engine)


def filled(engine: Engine) -> Engine:
    engine.load("things", THINGS)
    engine.load("points", POINTS)
    engine.load("texts", TEXTS)
    return engine


def asked() -> list[str]:
    columns = [f"SELECT no, {column} AS told FROM things ORDER BY no, told" for column in COLUMNS]
    aggregates = [f"SELECT g, {row} AS told FROM things GROUP BY g ORDER BY g" for row in AGGREGATES]
    cleanings = [
        f"SELECT text, regexp_matches(text, '{cleaning.changes}') FROM texts ORDER BY text"
        for cleaning in CLEANINGS
    ]
    return columns + aggregates + cleanings + QUERIES


def same(left: object, right: object) -> bool:
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, float) and isinstance(right, float):
        both_nan = math.isnan(left) and math.isnan(right)
        return both_nan or math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-12)
    return type(left) is type(right) and left == right


def told(engine: Engine, sql: str) -> list[list[object]]:
    return [list(row.values()) for row in engine.arrow(sql).drop_columns(_times(engine, sql)).to_pylist()]


def _times(engine: Engine, sql: str) -> list[str]:
    schema = engine.arrow(sql).schema
    return [field.name for field in schema if pa.types.is_timestamp(field.type)]


@pytest.mark.parametrize("sql", asked())
def test_both_engines_give_the_same(duck: Engine, spark: Engine, sql: str) -> None:
    left, right = told(duck, sql), told(spark, sql)
    assert same(left, right), f"{left}\n{right}"


def test_a_table_can_be_made_of_itself_and_added_to(duck: Engine, spark: Engine) -> None:
    for engine in (duck, spark):
        engine.make("more", "SELECT no, x FROM things")
        engine.make("more", "SELECT no + 1 AS no, x FROM more WHERE no < 3")
        engine.append("more", "SELECT 9, NULL")
        assert engine.columns("more") == {"no": "INTEGER", "x": "DOUBLE"}
        assert engine.rows("SELECT no FROM more ORDER BY no") == [(2,), (3,), (9,)]
        engine.drop("more", "never_made")
        assert not engine.has("more")


def test_a_table_without_rows_keeps_its_columns(duck: Engine, spark: Engine) -> None:
    for engine in (duck, spark):
        engine.make("nothing", "SELECT no, s, seen FROM things WHERE no > 100")
        engine.load("empty", THINGS.slice(0, 0))
        assert engine.columns("nothing") == {
            "no": "INTEGER",
            "s": "VARCHAR",
            "seen": "TIMESTAMP WITH TIME ZONE",
        }
        assert engine.rows("SELECT count(*) FROM nothing, empty") == [(0,)]
