"""Builders of expressions that the translations share."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

Tables = Mapping[str, Mapping[str, str]]


def cast(node: exp.Expr, kind: str) -> exp.Cast:
    """A cast to one of DuckDB's types."""
    return exp.cast(node, kind, dialect="duckdb")


def double(name: str) -> exp.Expr:
    """A number that no literal says: Infinity, -Infinity or NaN."""
    return cast(exp.Literal.string(name), "DOUBLE")


def wrapped(node: exp.Expr) -> exp.Expr:
    """An operation in parentheses; anything else as it is."""
    return (
        exp.paren(node)
        if isinstance(node, exp.Binary | exp.Unary) and not isinstance(node, exp.Paren)
        else node
    )


def duck_sql(node: exp.Expr) -> str:
    """An expression in DuckDB's words."""
    return node.sql(dialect="duckdb")
