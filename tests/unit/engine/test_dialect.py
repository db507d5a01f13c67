"""What DuckDB's words become for Spark; tests/engines asks both engines what they mean."""

# ruff: noqa: E501  # a question is one line

from __future__ import annotations

import pytest

from graphlink.core.errors import EngineError
from graphlink.engine.dialect import spark_sql

TABLES = {
    "t": {"k": "INTEGER", "x": "DOUBLE", "n": "BIGINT", "s": "VARCHAR", "at": "TIMESTAMP WITH TIME ZONE"},
    "u": {"k": "INTEGER", "y": "DOUBLE"},
}


def said(sql: str) -> str:
    return spark_sql(sql, TABLES).replace("`", "")


@pytest.mark.parametrize(
    ("duck", "spark"),
    [
        ("SELECT n::INTEGER FROM t", "SELECT CAST(n AS INT) FROM t"),
        ("SELECT x::INTEGER FROM t", "SELECT CAST(RINT(x) AS INT) FROM t"),
        ("SELECT n // 7 FROM t", "SELECT n DIV 7 FROM t"),
        ("SELECT n // k FROM t", "SELECT n DIV NULLIF(k, 0) FROM t"),
        ("SELECT n % 7 FROM t", "SELECT n % 7 FROM t"),
        ("SELECT epoch(at) FROM t", "SELECT CAST(UNIX_MICROS(at) AS DOUBLE) / CAST(1000000 AS DOUBLE) FROM t"),
        ("SELECT make_timestamptz(n) FROM t", "SELECT TIMESTAMP_MICROS(n) FROM t"),
        ("SELECT regexp_full_match(s, 'a.') FROM t", r"SELECT s RLIKE '^(?:a[^\\n])\\z' FROM t"),
        ("SELECT regexp_matches(s, '[.]$') FROM t", r"SELECT s RLIKE '[.]\\z' FROM t"),
        ("SELECT format('{:,} of {}', n, s) FROM t", "SELECT CONCAT(FORMAT_NUMBER(n, 0), ' of ', CAST(s AS STRING)) FROM t"),
        ("SELECT strftime(at, '%Y-%m-%dT%HZ') FROM t", r"SELECT DATE_FORMAT(at, 'yyyy-MM-dd\'T\'HH\'Z\'') FROM t"),
        ("SELECT k, count(*) FROM t GROUP BY ALL ORDER BY ALL", "SELECT k, COUNT(*) FROM t GROUP BY k ORDER BY 1 NULLS LAST, 2 NULLS LAST"),
        ("SELECT * EXCLUDE (x) FROM t", "SELECT k, n, s, at FROM t"),
        ("SELECT u.* REPLACE (1 AS y) FROM u", "SELECT u.k, 1 AS y FROM u"),
        ("SELECT * FROM t JOIN u USING (k)", "SELECT t.k, t.x, t.n, t.s, t.at, u.y FROM t JOIN u ON u.k = t.k"),
        ("SELECT k FROM t SEMI JOIN u USING (k)", "SELECT t.k FROM t SEMI JOIN u ON u.k = t.k"),
    ],
)  # fmt: skip
def test_what_is_reported_otherwise(duck: str, spark: str) -> None:
    assert said(duck) == spark


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT hash(s) FROM t",
        "SELECT date_diff('day', at, at) FROM t",
        "SELECT quantile_cont(x, 0.5) FROM t",
        "SELECT mode(k) FROM t",
        "SELECT first(k) FROM t",
        "SELECT format('{:.2f}', x) FROM t",
        "SELECT strftime(at, '%j') FROM t",
        r"SELECT regexp_matches(s, '\bx') FROM t",
        "SELECT regexp_replace(s, 'a', '') FROM t",
        "SELECT regexp_matches(s, s) FROM t",
        "SELECT * FROM t ASOF JOIN u ON t.k < u.k",
        "SELECT FROM WHERE",
    ],
)
def test_what_is_not_known_to_mean_the_same_is_refused(sql: str) -> None:
    with pytest.raises(EngineError, match="Spark"):
        spark_sql(sql, TABLES)


def test_a_join_to_the_last_row_before_is_two_joins_by_equality() -> None:
    actual = said("SELECT t.n, u.y FROM t ASOF LEFT JOIN u ON t.k = u.k AND t.x >= u.y")
    assert "ASOF" not in actual
    assert actual.count("LEFT JOIN") == 2


def test_a_division_by_zero_does_not_stop_the_run() -> None:
    assert "= 0 THEN" in said("SELECT n / k FROM t")
    assert "= 0 THEN" not in said("SELECT n / 2 FROM t")


def test_an_order_inside_an_aggregate_is_kept_with_nulls_last() -> None:
    actual = said("SELECT first(s ORDER BY x DESC, k) FROM t")
    assert (
        actual
        == "SELECT MIN(STRUCT(x IS NULL AS n0, -x AS k0, k IS NULL AS n1, k AS k1, s AS value)).value FROM t"
    )
