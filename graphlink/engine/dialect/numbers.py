"""Numbers: division, remainders, logarithms, rounding and casts with DuckDB's meaning."""

from __future__ import annotations

import math

import sqlglot
from sqlglot import exp

from graphlink.engine.dialect.fractions import is_fraction
from graphlink.engine.dialect.nodes import cast, double, wrapped

_WHOLE = frozenset({"TINYINT", "SMALLINT", "INT", "BIGINT"})


def rewritten_cast(node: exp.Cast, fractions: frozenset[str]) -> exp.Expr:
    """A cast of a fraction to a whole number, rounded first."""
    # DuckDB rounds a fraction to the nearest whole number, halves to the even one; Spark cuts it.
    if node.to.this.value in _WHOLE and is_fraction(node.this, fractions):
        return cast(exp.func("rint", node.this), node.to.this.value)
    return node


def rewritten_literal(node: exp.Literal) -> exp.Expr:
    """A number with a point as a double."""
    # A literal with a point is a decimal on both, but products of decimals have other limits on each.
    if node.is_string or node.is_int or isinstance(node.parent, exp.Cast):
        return node
    return cast(node.copy(), "DOUBLE")


def quotient(node: exp.Div) -> exp.Expr:
    """Division of fractions that gives an infinity, or NaN, where Spark would stop."""
    over, under = cast(node.this.copy(), "DOUBLE"), node.expression
    if isinstance(under.unnest(), exp.Literal) and float(under.unnest().name) != 0:
        return exp.Div(this=over, expression=wrapped(under))
    infinity = exp.Mul(this=over.copy(), expression=double("Infinity"))
    divided = exp.Div(this=over, expression=cast(under.copy(), "DOUBLE"))
    return (
        exp.Case()
        .when(exp.EQ(this=wrapped(under.copy()), expression=exp.Literal.number(0)), infinity)
        .else_(divided)
    )


def rewritten_mod(node: exp.Mod) -> exp.Expr:
    """A remainder that is null where the divisor is zero."""
    return exp.Mod(this=node.this, expression=not_zero(node.expression))


def not_zero(under: exp.Expr) -> exp.Expr:
    """A divisor that gives null where it is zero, as DuckDB does for whole numbers."""
    if isinstance(under.unnest(), exp.Literal):
        return under
    return exp.Nullif(this=under.copy(), expression=exp.Literal.number(0))


def rewritten_logarithm(node: exp.Expr) -> exp.Expr:
    """Logarithms as DuckDB gives them: of zero minus infinity, of less NaN; a lone one is to base ten."""
    of = node.expression or node.this if isinstance(node, exp.Log) else node.this
    of = of.copy()
    if isinstance(node, exp.Ln):
        logarithm: exp.Expr = exp.func("ln", of)
    else:
        base = node.this.copy() if node.args.get("expression") else exp.Literal.number(10)
        logarithm = (
            exp.Anonymous(this="LOG2", expressions=[of])
            if base.name == "2"
            else exp.Anonymous(this="LOG", expressions=[base, of])
        )
    edge = (
        exp.Case()
        .when(exp.EQ(this=wrapped(of.copy()), expression=exp.Literal.number(0)), double("-Infinity"))
        .when(exp.LT(this=wrapped(of.copy()), expression=exp.Literal.number(0)), double("NaN"))
    )
    return exp.Coalesce(this=logarithm, expressions=[edge])


def rewritten_rounding(node: exp.Expr) -> exp.Expr:
    """Floor and ceiling stay fractions on DuckDB and become whole numbers on Spark."""
    return (
        node
        if isinstance(node.parent, exp.Cast) and node.parent.to.this.value == "DOUBLE"
        else cast(node.copy(), "DOUBLE")
    )


def rewritten_window(node: exp.Window) -> exp.Expr:
    """Places are long numbers, as DuckDB counts them."""
    is_place = isinstance(node.this, exp.RowNumber | exp.Rank | exp.DenseRank)
    return cast(node.copy(), "BIGINT") if is_place else node


def rewritten_slope(node: exp.Expr) -> exp.Expr:
    """The slope of a line through points that lie on one place is NaN on DuckDB, and null on Spark."""
    of, by = node.this, node.expression
    slope = exp.Anonymous(this="REGR_SLOPE", expressions=[of.copy(), by.copy()])
    width = exp.Anonymous(this="REGR_SXX", expressions=[of.copy(), by.copy()])
    is_point = exp.EQ(this=width, expression=exp.Literal.number(0))
    return exp.Case().when(is_point, double("NaN")).else_(slope)


def rewritten_nan(node: exp.IsNan) -> exp.Expr:
    """Whether a number is NaN; null where there is none."""
    is_there = exp.Not(this=exp.Is(this=wrapped(node.this.copy()), expression=exp.Null()))
    return exp.Case().when(is_there, exp.Anonymous(this="ISNAN", expressions=[node.this.copy()]))


def is_finite(node: exp.Anonymous) -> exp.Expr:
    """Whether a number is finite; NaN is not."""
    return exp.LT(this=exp.Abs(this=node.expressions[0].copy()), expression=double("Infinity"))


def without_gamma(node: exp.Expr) -> exp.Expr:
    """Stirling's series for the logarithm of the gamma function, from seven on, with a product below."""
    if not (isinstance(node, exp.Anonymous) and node.name.lower() == "lgamma"):
        return node
    of = node.expressions[0].sql(dialect="duckdb")
    z = f"(({of}) + 7.0)"
    below = " * ".join(f"(({of}) + {i}.0)" for i in range(7))
    series = f"1.0 / (12.0 * {z}) - 1.0 / (360.0 * pow({z}, 3)) + 1.0 / (1260.0 * pow({z}, 5))"
    series = f"{series} - 1.0 / (1680.0 * pow({z}, 7))"
    sql = f"({z} - 0.5) * ln({z}) - {z} + {0.5 * math.log(2 * math.pi)!r} + {series} - ln({below})"
    return exp.paren(sqlglot.parse_one(sql, read="duckdb"))
