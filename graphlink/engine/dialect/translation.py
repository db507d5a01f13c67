"""The translation of a whole query, and the functions that may be in one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError

from graphlink.core.errors import EngineError
from graphlink.engine.dialect.fractions import fractional_columns, is_fraction
from graphlink.engine.dialect.joins import place_keys, replace_asof
from graphlink.engine.dialect.lists import place_lists, rewritten_first, rewritten_list
from graphlink.engine.dialect.names import name_all, name_having, name_qualified, name_stars, place_windows
from graphlink.engine.dialect.numbers import (
    is_finite,
    not_zero,
    quotient,
    rewritten_cast,
    rewritten_literal,
    rewritten_logarithm,
    rewritten_mod,
    rewritten_nan,
    rewritten_rounding,
    rewritten_slope,
    rewritten_window,
    without_gamma,
)
from graphlink.engine.dialect.texts import (
    rewritten_format,
    rewritten_length,
    rewritten_pattern,
    rewritten_seconds,
    rewritten_split,
    rewritten_time,
    time_of_micros,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphlink.engine.dialect.nodes import Tables

# What tests/engines compares on both engines; nothing else passes.
_SAME = frozenset(
    [
        "abs",
        "and",
        "any_value",
        "arg_max",
        "arg_min",
        "array",
        "array_agg",
        "array_sort",
        "avg",
        "case",
        "cast",
        "ceil",
        "coalesce",
        "contains",
        "count",
        "dense_rank",
        "exists",
        "exp",
        "explode",
        "first",
        "floor",
        "format",
        "greatest",
        "group_concat",
        "if",
        "isfinite",
        "is_nan",
        "lag",
        "lead",
        "least",
        "left",
        "length",
        "lgamma",
        "ln",
        "log",
        "logical_and",
        "logical_or",
        "lower",
        "make_timestamptz",
        "max",
        "md5",
        "median",
        "min",
        "nullif",
        "or",
        "pad",
        "power",
        "rank",
        "regexp_extract",
        "regexp_full_match",
        "regexp_like",
        "regexp_replace",
        "regr_intercept",
        "regr_slope",
        "repeat",
        "replace",
        "round",
        "row_number",
        "split",
        "split_part",
        "sqrt",
        "str_position",
        "struct",
        "substring",
        "sum",
        "time_to_str",
        "time_to_unix",
        "trim",
        "try_cast",
        "upper",
        "concat",
    ]
)


def spark_sql(sql: str, tables: Tables) -> str:
    """A query of DuckDB's in Spark's words, with DuckDB's meaning.

    Args:
        sql: The query.
        tables: The columns of the tables that there are, in order, with their DuckDB types.

    Raises:
        EngineError: The query holds what isn't known to mean the same on Spark.
    """
    words = set(re.findall(r"\w+", sql))
    fractions = {
        column
        for name in words & tables.keys()
        for column, kind in tables[name].items()
        if kind in ("DOUBLE", "FLOAT")
    }
    try:
        query = sqlglot.parse_one(sql, read="duckdb")
        _check(query)
        query = query.transform(without_gamma)
        # From the innermost out, since what is put around a part holds copies of it.
        for select in reversed(list(query.find_all(exp.Select))):
            replace_asof(select)
            place_windows(select)
            place_lists(select)
            name_stars(select, tables)
            name_all(select)
            place_keys(select, tables)
            name_qualified(select)
            name_having(select)
        return _said(query, fractional_columns(query, frozenset(fractions)))
    except SqlglotError as error:
        raise EngineError(f"a query can't be written for Spark: {error}") from error


def _said(query: exp.Expr, fractions: frozenset[str]) -> str:
    # From the leaves up, so that what is put around a part finds it translated.
    for node in reversed(list(query.dfs())):
        new = _rewritten(node, fractions)
        if new is not node:
            node.replace(new)
    return query.sql(dialect="spark", identify=True, comments=False, unsupported_level=ErrorLevel.RAISE)


def _check(query: exp.Expr) -> None:
    for function in query.find_all(exp.Func):
        is_unknown = isinstance(function, exp.Anonymous)
        name = function.name.lower() if is_unknown else function.sql_name().lower()
        if name not in _SAME:
            raise EngineError(f"function {name} is not known to mean the same on Spark")


def _rewritten(node: exp.Expr, fractions: frozenset[str]) -> exp.Expr:
    if isinstance(node, exp.Anonymous):
        rewrite = _ANONYMOUS.get(node.name.lower())  # the others are Spark's, put there before
        return rewrite(node) if rewrite else node
    if isinstance(node, exp.Cast):
        return rewritten_cast(node, fractions)
    if isinstance(node, exp.IntDiv):
        if is_fraction(node.this, fractions) or is_fraction(node.expression, fractions):
            return quotient(exp.Div(this=node.this, expression=node.expression))
        return exp.IntDiv(this=node.this, expression=not_zero(node.expression))
    for kind, rewrite in _REWRITES.items():
        if isinstance(node, kind):
            return rewrite(node)
    return node


_ANONYMOUS: dict[str, Callable[[exp.Anonymous], exp.Expr]] = {
    "isfinite": is_finite,
    "make_timestamptz": time_of_micros,
}
_REWRITES: dict[type[exp.Expr], Callable[..., exp.Expr]] = {
    exp.ArrayAgg: rewritten_list,
    exp.Ceil: rewritten_rounding,
    exp.Div: quotient,
    exp.First: rewritten_first,
    exp.Floor: rewritten_rounding,
    exp.Format: rewritten_format,
    exp.GroupConcat: rewritten_list,
    exp.IsNan: rewritten_nan,
    exp.Length: rewritten_length,
    exp.Literal: rewritten_literal,
    exp.Ln: rewritten_logarithm,
    exp.Log: rewritten_logarithm,
    exp.Mod: rewritten_mod,
    exp.RegexpExtract: rewritten_pattern,
    exp.RegexpFullMatch: rewritten_pattern,
    exp.RegexpLike: rewritten_pattern,
    exp.RegexpReplace: rewritten_pattern,
    exp.RegrSlope: rewritten_slope,
    exp.Split: rewritten_split,
    exp.TimeToStr: rewritten_time,
    exp.TimeToUnix: rewritten_seconds,
    exp.Window: rewritten_window,
}
