"""DuckDB's SQL in Spark's words: the only module that imports sqlglot.

Most of it is a matter of words, which SQLGlot knows. What this module adds are the places where both engines
take the same words and give different answers: division by nought, whole numbers made of fractions,
logarithms of nought, seconds of times, the order inside an aggregate, what a dot means in a pattern. A
function that nobody compared is refused, so that a step can't come to mean something else on another engine.
"""

from __future__ import annotations

import copy
import math
import re
from typing import TYPE_CHECKING, Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError

from graphlink.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Tables = Mapping[str, Mapping[str, str]]

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
_WHOLE = frozenset({"TINYINT", "SMALLINT", "INT", "BIGINT"})
# Functions that give fractions, and those that give what they are given.
_FRACTIONAL = (
    exp.Div,
    exp.Avg,
    exp.Ceil,
    exp.Exp,
    exp.Floor,
    exp.Ln,
    exp.Log,
    exp.Median,
    exp.Pow,
    exp.Sqrt,
    exp.TimeToUnix,
)
_CARRYING = (
    exp.Abs,
    exp.Add,
    exp.AnyValue,
    exp.Coalesce,
    exp.Filter,
    exp.Greatest,
    exp.IgnoreNulls,
    exp.IntDiv,
    exp.Least,
    exp.Max,
    exp.Min,
    exp.Mod,
    exp.Mul,
    exp.Neg,
    exp.Nullif,
    exp.Paren,
    exp.Round,
    exp.Sub,
    exp.Sum,
    exp.Window,
)
_TIME_WORDS = {"%Y": "yyyy", "%m": "MM", "%d": "dd", "%H": "HH", "%M": "mm", "%S": "ss"}
_SPACES = r"\t\n\f\r "  # what DuckDB's patterns mean by \s; Spark's mean more


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
        query = query.transform(_without_gamma)
        # From the innermost out, since what is put around a part holds copies of it.
        for select in reversed(list(query.find_all(exp.Select))):
            _replace_asof(select)
            _place_windows(select)
            _place_lists(select)
            _name_stars(select, tables)
            _name_all(select)
            _place_keys(select, tables)
            _name_qualified(select)
            _name_having(select)
        return _said(query, _fractions(query, frozenset(fractions)))
    except SqlglotError as error:
        raise EngineError(f"a query can't be said on Spark: {error}") from error


def _said(query: exp.Expr, fractions: frozenset[str]) -> str:
    # From the leaves up, so that what is put around a part finds it said already.
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


def _fractions(query: exp.Expr, doubles: frozenset[str]) -> frozenset[str]:
    """Names of the columns that hold fractions, in the tables or by what the query puts into them."""
    found = doubles
    while True:
        more = {alias.alias for alias in query.find_all(exp.Alias) if _is_fraction(alias.this, found)} | found
        if more == found:
            return frozenset(found)
        found = frozenset(more)


def _is_fraction(node: exp.Expr, doubles: frozenset[str]) -> bool:
    if isinstance(node, exp.Column):
        return node.name in doubles
    if isinstance(node, exp.Cast):
        return node.to.this in (exp.DataType.Type.DOUBLE, exp.DataType.Type.FLOAT)
    if isinstance(node, exp.Literal):
        return not node.is_string and not node.is_int
    if isinstance(node, exp.Case):
        told = [branch.args["true"] for branch in node.args["ifs"]] + [node.args.get("default")]
        return any(_is_fraction(part, doubles) for part in told if part is not None)
    if isinstance(node, _CARRYING):
        parts = [node.this, node.args.get("expression"), *node.args.get("expressions", [])]
        return any(_is_fraction(part, doubles) for part in parts if isinstance(part, exp.Expr))
    return isinstance(node, _FRACTIONAL)


def _rewritten(node: exp.Expr, fractions: frozenset[str]) -> exp.Expr:
    if isinstance(node, exp.Anonymous):
        rewrite = _ANONYMOUS.get(node.name.lower())  # the others are Spark's, put there before
        return rewrite(node) if rewrite else node
    if isinstance(node, exp.Cast):
        return _rewritten_cast(node, fractions)
    if isinstance(node, exp.IntDiv):
        if _is_fraction(node.this, fractions) or _is_fraction(node.expression, fractions):
            return _quotient(exp.Div(this=node.this, expression=node.expression))
        return exp.IntDiv(this=node.this, expression=_not_nought(node.expression))
    for kind, rewrite in _REWRITES.items():
        if isinstance(node, kind):
            return rewrite(node)
    return node


def _rewritten_cast(node: exp.Cast, fractions: frozenset[str]) -> exp.Expr:
    # DuckDB rounds a fraction to the nearest whole number, halves to the even one; Spark cuts it.
    if node.to.this.value in _WHOLE and _is_fraction(node.this, fractions):
        return _cast(exp.func("rint", node.this), node.to.this.value)
    return node


def _rewritten_literal(node: exp.Literal) -> exp.Expr:
    # A literal with a point is a decimal on both, but products of decimals have other limits on each.
    if node.is_string or node.is_int or isinstance(node.parent, exp.Cast):
        return node
    return _cast(node.copy(), "DOUBLE")


def _quotient(node: exp.Div) -> exp.Expr:
    """Division of fractions that gives an infinity, or NaN, where Spark would stop."""
    over, under = _cast(node.this.copy(), "DOUBLE"), node.expression
    if isinstance(under.unnest(), exp.Literal) and float(under.unnest().name) != 0:
        return exp.Div(this=over, expression=_wrapped(under))
    nought = exp.Mul(this=over.copy(), expression=_double("Infinity"))
    divided = exp.Div(this=over, expression=_cast(under.copy(), "DOUBLE"))
    return (
        exp.Case()
        .when(exp.EQ(this=_wrapped(under.copy()), expression=exp.Literal.number(0)), nought)
        .else_(divided)
    )


def _rewritten_mod(node: exp.Mod) -> exp.Expr:
    return exp.Mod(this=node.this, expression=_not_nought(node.expression))


def _not_nought(under: exp.Expr) -> exp.Expr:
    """A divisor that gives null where it is nought, as DuckDB does for whole numbers."""
    if isinstance(under.unnest(), exp.Literal):
        return under
    return exp.Nullif(this=under.copy(), expression=exp.Literal.number(0))


def _rewritten_logarithm(node: exp.Expr) -> exp.Expr:
    """Logarithms as DuckDB gives them: of nought minus infinity, of less NaN; a lone one is to base ten."""
    of = node.expression or node.this if isinstance(node, exp.Log) else node.this
    of = of.copy()
    if isinstance(node, exp.Ln):
        told: exp.Expr = exp.func("ln", of)
    else:
        base = node.this.copy() if node.args.get("expression") else exp.Literal.number(10)
        told = (
            exp.Anonymous(this="LOG2", expressions=[of])
            if base.name == "2"
            else exp.Anonymous(this="LOG", expressions=[base, of])
        )
    edge = (
        exp.Case()
        .when(exp.EQ(this=_wrapped(of.copy()), expression=exp.Literal.number(0)), _double("-Infinity"))
        .when(exp.LT(this=_wrapped(of.copy()), expression=exp.Literal.number(0)), _double("NaN"))
    )
    return exp.Coalesce(this=told, expressions=[edge])


def _rewritten_rounding(node: exp.Expr) -> exp.Expr:
    """Floor and ceiling stay fractions on DuckDB and become whole numbers on Spark."""
    return (
        node
        if isinstance(node.parent, exp.Cast) and node.parent.to.this.value == "DOUBLE"
        else _cast(node.copy(), "DOUBLE")
    )


def _rewritten_seconds(node: exp.TimeToUnix) -> exp.Expr:
    """Seconds of a time with what is left of them; Spark's own cut that off."""
    return exp.Div(
        this=_cast(exp.Anonymous(this="UNIX_MICROS", expressions=[node.this.copy()]), "DOUBLE"),
        expression=_cast(exp.Literal.number(1_000_000), "DOUBLE"),
    )


def _rewritten_time(node: exp.TimeToStr) -> exp.Expr:
    told = node.args["format"].name
    parts = re.findall(r"%[A-Za-z]|[^%A-Za-z]+|[A-Za-z]+", told)
    if any(part[0] == "%" and part not in _TIME_WORDS for part in parts):
        raise EngineError(f"time format {told} is not known to mean the same on Spark")
    words = [_TIME_WORDS.get(part, f"'{part}'" if part.isalpha() else part) for part in parts]
    return exp.Anonymous(
        this="DATE_FORMAT", expressions=[node.this.copy(), exp.Literal.string("".join(words))]
    )


def _rewritten_format(node: exp.Format) -> exp.Expr:
    """Text with places ({} for anything, {:,} for a number with its thousands apart) as joined texts."""
    given = iter([part.copy() for part in node.expressions])
    told: list[exp.Expr] = []
    for part in re.split(r"(\{[^}]*\})", node.this.name):
        if part == "{:,}":
            told.append(exp.Anonymous(this="FORMAT_NUMBER", expressions=[next(given), exp.Literal.number(0)]))
        elif part == "{}":
            told.append(_cast(next(given), "TEXT"))
        elif part.startswith("{"):
            raise EngineError(f"format {part} is not known to mean the same on Spark")
        elif part:
            told.append(exp.Literal.string(part))
    return exp.Anonymous(this="CONCAT", expressions=told)


def _rewritten_first(node: exp.First) -> exp.Expr:
    if not isinstance(node.this, exp.Order):
        raise EngineError("the first of no order is not known to mean the same on Spark")
    return _value_of(exp.Anonymous(this="MIN", expressions=[_keyed(node.this)]))


def _rewritten_list(node: exp.Expr) -> exp.Expr:
    """A list (of an aggregate's rows, nulls too) or a joined text, in order."""
    inner = node.this
    order = inner if isinstance(inner, exp.Order) else exp.Order(this=inner.copy(), expressions=[])
    listed = exp.Anonymous(this="COLLECT_LIST", expressions=[_keyed(order)])
    if order.expressions:
        listed = exp.Anonymous(this="ARRAY_SORT", expressions=[listed])
    entry = exp.to_identifier("entry")
    values = exp.Anonymous(
        this="TRANSFORM",
        expressions=[listed, exp.Lambda(this=_value_of(exp.column("entry")), expressions=[entry])],
    )
    if isinstance(node, exp.ArrayAgg):
        return values
    return exp.Anonymous(this="ARRAY_JOIN", expressions=[values, node.args["separator"].copy()])


def _keyed(order: exp.Order) -> exp.Expr:
    """A struct that sorts as an order does (nulls last), with the value at its end."""
    fields: list[exp.Expr] = []
    for i, key in enumerate(order.expressions):
        by = key.this.copy()
        fields.append(exp.alias_(exp.Is(this=_wrapped(by.copy()), expression=exp.Null()), f"n{i}"))
        fields.append(exp.alias_(exp.Neg(this=_wrapped(by)) if key.args.get("desc") else by, f"k{i}"))
    fields.append(exp.alias_(order.this.copy(), "value"))
    return exp.Anonymous(this="STRUCT", expressions=fields)


def _value_of(struct: exp.Expr) -> exp.Expr:
    return exp.Dot(this=struct, expression=exp.to_identifier("value"))


def _rewritten_pattern(node: exp.Expr) -> exp.Expr:
    """Patterns mean what they mean to DuckDB: a dot is all but a new line, a dollar the very end."""
    node = node.copy()
    if not isinstance(node.expression, exp.Literal):
        raise EngineError("a pattern that is no literal is not known to mean the same on Spark")
    told = _portable_pattern(node.expression.name)
    if isinstance(node, exp.RegexpFullMatch):
        return exp.RegexpLike(this=node.this, expression=exp.Literal.string(f"^(?:{told})\\z"))
    node.set("expression", exp.Literal.string(told))
    if isinstance(node, exp.RegexpReplace):
        is_global = "g" in (node.args["modifiers"].name if node.args.get("modifiers") else "")
        if not is_global and not told.endswith(r"\z"):
            raise EngineError("Spark replaces every match of a pattern; say 'g', or end it with a dollar")
        return exp.Anonymous(
            this="REGEXP_REPLACE", expressions=[node.this, node.expression, node.args["replacement"]]
        )
    if isinstance(node, exp.RegexpExtract):
        group = node.args.get("group") or exp.Literal.number(0)
        return exp.Anonymous(this="REGEXP_EXTRACT", expressions=[node.this, node.expression, group])
    return node


def _portable_pattern(pattern: str) -> str:
    told, is_class = "", False
    for part in re.findall(r"\\.|.", pattern, re.DOTALL):
        if part in (r"\w", r"\W", r"\b", r"\D", r"\S"):
            raise EngineError(f"pattern {part} is not known to mean the same on Spark")
        if is_class:
            is_class = part != "]"
            told += {r"\s": _SPACES, r"\d": "0-9", "[": r"\["}.get(part, part)
        else:
            is_class = part == "["
            told += {r"\s": f"[{_SPACES}]", r"\d": "[0-9]", ".": r"[^\n]", "$": r"\z"}.get(part, part)
    return told


def _rewritten_length(node: exp.Length) -> exp.Expr:
    is_list = isinstance(node.this, exp.Anonymous) and node.this.name in ("SPLIT", "TRANSFORM")
    told = exp.Anonymous(this="SIZE", expressions=[node.this.copy()]) if is_list else node.copy()
    return _cast(told, "BIGINT")


def _rewritten_window(node: exp.Window) -> exp.Expr:
    """Places are long numbers, as DuckDB counts them."""
    is_place = isinstance(node.this, exp.RowNumber | exp.Rank | exp.DenseRank)
    return _cast(node.copy(), "BIGINT") if is_place else node


def _rewritten_split(node: exp.Split) -> exp.Expr:
    separator = exp.Literal.string(re.sub(r"([^\w\s])", r"[\1]", node.expression.name))
    return exp.Anonymous(this="SPLIT", expressions=[node.this.copy(), separator])


def _rewritten_slope(node: exp.Expr) -> exp.Expr:
    """The slope of a line through points that lie on one place is NaN on DuckDB, and null on Spark."""
    of, by = node.this, node.expression
    told = exp.Anonymous(this="REGR_SLOPE", expressions=[of.copy(), by.copy()])
    width = exp.Anonymous(this="REGR_SXX", expressions=[of.copy(), by.copy()])
    is_point = exp.EQ(this=width, expression=exp.Literal.number(0))
    return exp.Case().when(is_point, _double("NaN")).else_(told)


def _rewritten_nan(node: exp.IsNan) -> exp.Expr:
    is_there = exp.Not(this=exp.Is(this=_wrapped(node.this.copy()), expression=exp.Null()))
    return exp.Case().when(is_there, exp.Anonymous(this="ISNAN", expressions=[node.this.copy()]))


def _finite(node: exp.Anonymous) -> exp.Expr:
    return exp.LT(this=exp.Abs(this=node.expressions[0].copy()), expression=_double("Infinity"))


def _without_gamma(node: exp.Expr) -> exp.Expr:
    """Stirling's series for the logarithm of the gamma function, from seven on, with a product below."""
    if not (isinstance(node, exp.Anonymous) and node.name.lower() == "lgamma"):
        return node
    of = node.expressions[0].sql(dialect="duckdb")
    z = f"(({of}) + 7.0)"
    below = " * ".join(f"(({of}) + {i}.0)" for i in range(7))
    series = f"1.0 / (12.0 * {z}) - 1.0 / (360.0 * pow({z}, 3)) + 1.0 / (1260.0 * pow({z}, 5))"
    series = f"{series} - 1.0 / (1680.0 * pow({z}, 7))"
    told = f"({z} - 0.5) * ln({z}) - {z} + {0.5 * math.log(2 * math.pi)!r} + {series} - ln({below})"
    return exp.paren(sqlglot.parse_one(told, read="duckdb"))


def _replace_asof(select: exp.Select) -> None:
    """Say a join to the last row before as two joins by equality.

    `a ASOF JOIN b ON a.g = b.g AND a.k >= b.f`: first, for every g and k of a, the greatest f of b up to it
    (one sort of both together); then that f's row, any one where b has several.
    """
    joins = select.args.get("joins") or []
    asof = [join for join in joins if (join.args.get("method") or "").upper() == "ASOF"]
    if not asof:
        return
    if asof != joins[:1]:
        raise EngineError("Spark joins to the last row before only first, and once")
    left, join = _source(select), asof[0]
    told = join.args["on"]
    conditions = list(told.flatten()) if isinstance(told, exp.And) else [told]
    same = [part for part in conditions if isinstance(part, exp.EQ)]
    after = [part for part in conditions if isinstance(part, exp.GTE)]
    if len(after) != 1 or len(same) + 1 != len(conditions):
        raise EngineError("Spark joins to the last row before on >= and equalities only")
    groups = [_sided(part, left.alias_or_name) for part in same]
    k, f = after[0].this, after[0].expression
    of_left = ", ".join([*(f"{mine} AS g{i}" for i, (mine, _) in enumerate(groups)), f"{_duck(k)} AS k"])
    of_right = ", ".join([*(f"{its} AS g{i}" for i, (_, its) in enumerate(groups)), f"{_duck(f)} AS k"])
    names = "".join(f"g{i}, " for i in range(len(groups)))
    over = f"PARTITION BY {names[:-2]} ORDER BY k" if groups else "ORDER BY k"
    met = sqlglot.parse_one(
        f"SELECT DISTINCT {names}k, f FROM (SELECT {names}k, is_left, max(f) OVER ({over}) AS f FROM ("
        f"SELECT {of_left}, NULL AS f, true AS is_left FROM {_duck(left)} UNION ALL "
        f"SELECT {of_right}, {_duck(f)} AS f, false AS is_left FROM {_duck(join.this)})) WHERE is_left",
        read="duckdb",
    )
    side = join.args.get("side") or ""
    name = f"met_{join.this.alias_or_name}"
    on_left = " AND ".join(
        [f"{name}.k = {_duck(k)}", *(f"{name}.g{i} = {m}" for i, (m, _) in enumerate(groups))]
    )
    on_right = " AND ".join(
        [f"{_duck(f)} = {name}.f", *(f"{i} = {name}.g{n}" for n, (_, i) in enumerate(groups))]
    )
    found = exp.Join(
        this=exp.Subquery(this=met, alias=exp.TableAlias(this=exp.to_identifier(name))), side=side
    )
    found.set("on", sqlglot.condition(on_left, dialect="duckdb"))
    its = ", ".join([*(_named_last(its) for _, its in groups), _named_last(_duck(f))])
    one = sqlglot.parse_one(
        f"SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY {its} ORDER BY {_named_last(_duck(f))}) "
        f"AS place FROM {_duck(join.this)}) WHERE place = 1",
        read="duckdb",
    )
    table = exp.TableAlias(this=exp.to_identifier(join.this.alias_or_name))
    on = sqlglot.condition(on_right, dialect="duckdb")
    again = exp.Join(this=exp.Subquery(this=one, alias=table), side=side, on=on)
    select.set("joins", [found, again, *joins[1:]])


def _name_all(select: exp.Select) -> None:
    """Name what GROUP BY ALL and ORDER BY ALL mean."""
    group, order = select.args.get("group"), select.args.get("order")
    if group is not None and group.args.get("all"):
        told = [part.unalias() for part in select.expressions]
        keys = [
            part.copy() for part in told if not isinstance(part, exp.Literal) and not part.find(exp.AggFunc)
        ]
        select.set("group", exp.Group(expressions=keys))
    if order is not None and [key.this.name.upper() for key in order.expressions] == ["ALL"]:
        places = [exp.Literal.number(i) for i in range(1, len(select.expressions) + 1)]
        select.set("order", exp.Order(expressions=[exp.Ordered(this=i, nulls_first=False) for i in places]))


def _place_keys(select: exp.Select, tables: Tables) -> None:
    """Say USING as ON, and what its columns then mean: those of the first table that has them."""
    joins = select.args.get("joins") or []
    if not any(join.args.get("using") for join in joins):
        return
    names = {
        source.alias_or_name: _columns_of(select, source.alias_or_name, tables) for source in _sources(select)
    }
    owners: dict[str, str] = {}
    seen = [_source(select).alias_or_name]
    for join in joins:
        right = join.this.alias_or_name
        for column in join.args.get("using") or []:
            name = column.name
            owners.setdefault(name, next(left for left in seen if name in names[left]))
            equal = exp.EQ(
                this=exp.column(name, table=right), expression=exp.column(name, table=owners[name])
            )
            join.set("on", exp.and_(join.args["on"], equal) if join.args.get("on") else equal)
            names[right] = [other for other in names[right] if other != name]
        join.set("using", None)
        if join.kind in ("SEMI", "ANTI"):
            names[right] = []
        seen.append(right)
    for column in list(select.find_all(exp.Column)):
        if not column.table and column.name in owners and column.parent_select is select:
            column.set("table", exp.to_identifier(owners[column.name]))
    _name_joined(select, names)


def _name_joined(select: exp.Select, names: dict[str, list[str]]) -> None:
    """Name what a lone star means over joined tables: of columns they are joined by, one each."""
    told: list[exp.Expr] = []
    for part in select.expressions:
        is_star = isinstance(part, exp.Star)
        told += [exp.column(name, table=of) for of in names for name in names[of]] if is_star else [part]
    select.set("expressions", told)


def _place_windows(select: exp.Select) -> None:
    """Put windows that have a name where they are named; in one part of a union not all can give names."""
    named = {window.name: window for window in select.args.get("windows") or []}
    select.set("windows", None)
    for window in list(select.find_all(exp.Window)):
        told = named.get(window.alias)
        if told is not None and window.parent_select is select:
            parts = {name: told.args.get(name) for name in ("partition_by", "order", "spec")}
            window.replace(exp.Window(this=window.this.copy(), **_copied(parts)))


def _name_stars(select: exp.Select, tables: Tables) -> None:
    """Name what a star means that leaves columns out or replaces them, each in its place."""
    told: list[exp.Expr] = []
    for part in select.expressions:
        star = part.this if isinstance(part, exp.Column) else part
        if not isinstance(star, exp.Star) or not (star.args.get("except_") or star.args.get("replace")):
            told.append(part)
            continue
        of = part.table if isinstance(part, exp.Column) else ""
        left_out = {name.name for name in star.args.get("except_") or []}
        replaced = {new.alias: new for new in star.args.get("replace") or []}
        told.extend(
            replaced.get(name) or exp.column(name, table=of or None)
            for name in _columns_of(select, of, tables)
            if name not in left_out
        )
    select.set("expressions", told)


def _columns_of(select: exp.Select, of: str, tables: Tables) -> list[str]:
    """Names of the columns of one of the tables that a query reads, or of the only one."""
    sources = _sources(select)
    source = next((one for one in sources if of in ("", one.alias_or_name)), None)
    inner = source.this if isinstance(source, exp.Subquery) else None
    if isinstance(source, exp.Table):
        inner = next((cte.this for cte in select.root().find_all(exp.CTE) if cte.alias == source.name), None)
        if inner is None and source.name in tables:
            return list(tables[source.name])
    while isinstance(inner, exp.SetOperation | exp.Subquery):
        inner = inner.this
    if not isinstance(inner, exp.Select) or (of == "" and len(sources) > 1):
        raise EngineError(f"the columns of {of or 'a table'} are not known to Spark before it runs")
    names: list[str] = []
    for part in inner.expressions:
        is_star = isinstance(part, exp.Star) or (
            isinstance(part, exp.Column) and isinstance(part.this, exp.Star)
        )
        names += _columns_of(inner, getattr(part, "table", ""), tables) if is_star else [part.alias_or_name]
    return names


def _sources(select: exp.Select) -> list[exp.Expr]:
    return [_source(select), *(join.this for join in select.args.get("joins") or [])]


def _source(select: exp.Select) -> exp.Expr:
    found: exp.Expr = select.args["from_"].this
    return found


def _name_qualified(select: exp.Select) -> None:
    """Name the columns of QUALIFY as the query gives them out, for Spark looks at them from outside."""
    qualify = select.args.get("qualify")
    given = {part.unalias(): part.alias_or_name for part in select.expressions if part.alias_or_name}
    for column in list(qualify.find_all(exp.Column)) if qualify else []:
        if (
            column.table
            and column in given
            and column.parent_select is select
            and not column.find_ancestor(exp.Window)
        ):
            column.replace(exp.column(given[column]))


def _name_having(select: exp.Select) -> None:
    """Say that what HAVING adds up are columns of the table, not what the query calls its own sums."""
    having, sources = select.args.get("having"), _sources(select) if select.args.get("having") else []
    if having is None or len(sources) != 1:
        return
    if not sources[0].alias_or_name:
        sources[0].set("alias", exp.TableAlias(this=exp.to_identifier("summed")))
    of = sources[0].alias_or_name
    sums = [told for part in (having, *select.expressions) for told in part.find_all(exp.AggFunc)]
    for column in [column for told in sums for column in told.find_all(exp.Column)]:
        if not column.table and column.parent_select is select and not isinstance(column.this, exp.Star):
            column.set("table", exp.to_identifier(of))


def _place_lists(select: exp.Select) -> None:
    """Ask a list, where a column tells whether a value is among a query's: not all ask a query there."""
    for told in [found for part in select.expressions for found in part.find_all(exp.In)]:
        query = told.args.get("query")
        if query is None or told.parent_select is not select:
            continue
        listed = f"SELECT array_agg(DISTINCT listed) FROM ({_duck(query.unnest())}) AS one(listed)"
        listed_query = sqlglot.parse_one(f"({listed} WHERE listed IS NOT NULL)", read="duckdb")
        for of in listed_query.find_all(exp.ArrayAgg):
            of.replace(exp.Anonymous(this="COLLECT_SET", expressions=[exp.column("listed")]))
        is_in = exp.Anonymous(this="ARRAY_CONTAINS", expressions=[listed_query, told.this.copy()])
        is_there = exp.Not(this=exp.Is(this=_wrapped(told.this.copy()), expression=exp.Null()))
        told.replace(exp.Case().when(is_there, is_in))


def _copied(parts: dict[str, Any]) -> dict[str, Any]:
    return {name: copy.deepcopy(part) for name, part in parts.items() if part is not None}


def _sided(equality: exp.EQ, left: str) -> tuple[str, str]:
    """The two sides of an equality, the left table's first."""
    sides = [equality.this, equality.expression]
    if sides[0].table != left:
        sides.reverse()
    return _duck(sides[0]), _duck(sides[1])


def _named_last(column: str) -> str:
    return column.rpartition(".")[2]


def _duck(node: exp.Expr) -> str:
    return node.sql(dialect="duckdb")


def _time_of(node: exp.Anonymous) -> exp.Expr:
    return exp.Anonymous(this="TIMESTAMP_MICROS", expressions=[part.copy() for part in node.expressions])


def _cast(node: exp.Expr, kind: str) -> exp.Cast:
    return exp.cast(node, kind, dialect="duckdb")


def _double(name: str) -> exp.Expr:
    """A number that no literal says: Infinity, -Infinity or NaN."""
    return _cast(exp.Literal.string(name), "DOUBLE")


def _wrapped(node: exp.Expr) -> exp.Expr:
    return (
        exp.paren(node)
        if isinstance(node, exp.Binary | exp.Unary) and not isinstance(node, exp.Paren)
        else node
    )


_ANONYMOUS: dict[str, Callable[[exp.Anonymous], exp.Expr]] = {
    "isfinite": _finite,
    "make_timestamptz": _time_of,
}
_REWRITES: dict[type[exp.Expr], Callable[..., exp.Expr]] = {
    exp.ArrayAgg: _rewritten_list,
    exp.Ceil: _rewritten_rounding,
    exp.Div: _quotient,
    exp.First: _rewritten_first,
    exp.Floor: _rewritten_rounding,
    exp.Format: _rewritten_format,
    exp.GroupConcat: _rewritten_list,
    exp.IsNan: _rewritten_nan,
    exp.Length: _rewritten_length,
    exp.Literal: _rewritten_literal,
    exp.Ln: _rewritten_logarithm,
    exp.Log: _rewritten_logarithm,
    exp.Mod: _rewritten_mod,
    exp.RegexpExtract: _rewritten_pattern,
    exp.RegexpFullMatch: _rewritten_pattern,
    exp.RegexpLike: _rewritten_pattern,
    exp.RegexpReplace: _rewritten_pattern,
    exp.RegrSlope: _rewritten_slope,
    exp.Split: _rewritten_split,
    exp.TimeToStr: _rewritten_time,
    exp.TimeToUnix: _rewritten_seconds,
    exp.Window: _rewritten_window,
}
