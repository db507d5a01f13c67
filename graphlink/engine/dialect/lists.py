"""Lists and joined texts in order, the first of an order, and lists of what a query gives."""

from __future__ import annotations

import sqlglot
from sqlglot import exp

from graphlink.core.errors import EngineError
from graphlink.engine.dialect.nodes import duck_sql, wrapped


def rewritten_first(node: exp.First) -> exp.Expr:
    """The first value of an order, as the least of structs that sort as it does."""
    if not isinstance(node.this, exp.Order):
        raise EngineError("the first of no order is not known to mean the same on Spark")
    return _value_of(exp.Anonymous(this="MIN", expressions=[_keyed(node.this)]))


def rewritten_list(node: exp.Expr) -> exp.Expr:
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
        fields.append(exp.alias_(exp.Is(this=wrapped(by.copy()), expression=exp.Null()), f"n{i}"))
        fields.append(exp.alias_(exp.Neg(this=wrapped(by)) if key.args.get("desc") else by, f"k{i}"))
    fields.append(exp.alias_(order.this.copy(), "value"))
    return exp.Anonymous(this="STRUCT", expressions=fields)


def _value_of(struct: exp.Expr) -> exp.Expr:
    return exp.Dot(this=struct, expression=exp.to_identifier("value"))


def place_lists(select: exp.Select) -> None:
    """Ask a list, where a column tells whether a value is among a query's: not all ask a query there."""
    for test in [found for part in select.expressions for found in part.find_all(exp.In)]:
        query = test.args.get("query")
        if query is None or test.parent_select is not select:
            continue
        listed = f"SELECT array_agg(DISTINCT listed) FROM ({duck_sql(query.unnest())}) AS one(listed)"
        listed_query = sqlglot.parse_one(f"({listed} WHERE listed IS NOT NULL)", read="duckdb")
        for of in listed_query.find_all(exp.ArrayAgg):
            of.replace(exp.Anonymous(this="COLLECT_SET", expressions=[exp.column("listed")]))
        is_in = exp.Anonymous(this="ARRAY_CONTAINS", expressions=[listed_query, test.this.copy()])
        is_there = exp.Not(this=exp.Is(this=wrapped(test.this.copy()), expression=exp.Null()))
        test.replace(exp.Case().when(is_there, is_in))
