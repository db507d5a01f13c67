"""Which columns and expressions of a query hold fractions."""

from __future__ import annotations

from sqlglot import exp

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


def fractional_columns(query: exp.Expr, doubles: frozenset[str]) -> frozenset[str]:
    """Names of the columns that hold fractions, in the tables or by what the query puts into them."""
    found = doubles
    while True:
        more = {alias.alias for alias in query.find_all(exp.Alias) if is_fraction(alias.this, found)} | found
        if more == found:
            return frozenset(found)
        found = frozenset(more)


def is_fraction(node: exp.Expr, doubles: frozenset[str]) -> bool:
    """Whether an expression gives a fraction, where these columns hold fractions."""
    if isinstance(node, exp.Column):
        return node.name in doubles
    if isinstance(node, exp.Cast):
        return node.to.this in (exp.DataType.Type.DOUBLE, exp.DataType.Type.FLOAT)
    if isinstance(node, exp.Literal):
        return not node.is_string and not node.is_int
    if isinstance(node, exp.Case):
        branches = [branch.args["true"] for branch in node.args["ifs"]] + [node.args.get("default")]
        return any(is_fraction(part, doubles) for part in branches if part is not None)
    if isinstance(node, _CARRYING):
        parts = [node.this, node.args.get("expression"), *node.args.get("expressions", [])]
        return any(is_fraction(part, doubles) for part in parts if isinstance(part, exp.Expr))
    return isinstance(node, _FRACTIONAL)
