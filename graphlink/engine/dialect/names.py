"""What stars, ALL, named windows, QUALIFY and HAVING refer to, written out."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from graphlink.core.errors import EngineError

if TYPE_CHECKING:
    from graphlink.engine.dialect.nodes import Tables


def name_all(select: exp.Select) -> None:
    """Name what GROUP BY ALL and ORDER BY ALL mean."""
    group, order = select.args.get("group"), select.args.get("order")
    if group is not None and group.args.get("all"):
        columns = [part.unalias() for part in select.expressions]
        keys = [
            part.copy()
            for part in columns
            if not isinstance(part, exp.Literal) and not part.find(exp.AggFunc)
        ]
        select.set("group", exp.Group(expressions=keys))
    if order is not None and [key.this.name.upper() for key in order.expressions] == ["ALL"]:
        places = [exp.Literal.number(i) for i in range(1, len(select.expressions) + 1)]
        select.set("order", exp.Order(expressions=[exp.Ordered(this=i, nulls_first=False) for i in places]))


def place_windows(select: exp.Select) -> None:
    """Put windows that have a name where they are named; in one part of a union not all can give names."""
    named = {window.name: window for window in select.args.get("windows") or []}
    select.set("windows", None)
    for window in list(select.find_all(exp.Window)):
        definition = named.get(window.alias)
        if definition is not None and window.parent_select is select:
            parts = {name: definition.args.get(name) for name in ("partition_by", "order", "spec")}
            window.replace(exp.Window(this=window.this.copy(), **_copied(parts)))


def _copied(parts: dict[str, Any]) -> dict[str, Any]:
    return {name: copy.deepcopy(part) for name, part in parts.items() if part is not None}


def name_stars(select: exp.Select, tables: Tables) -> None:
    """Name what a star means that leaves columns out or replaces them, each in its place.

    With QUALIFY every star is named: Spark has no such clause, and the window that stands for it is a column
    of its own that a star around it would give out as well.
    """
    columns: list[exp.Expr] = []
    for part in select.expressions:
        star = part.this if isinstance(part, exp.Column) else part
        is_star = isinstance(star, exp.Star)
        if not is_star or not (
            select.args.get("qualify") or star.args.get("except_") or star.args.get("replace")
        ):
            columns.append(part)
            continue
        of = part.table if isinstance(part, exp.Column) else ""
        left_out = {name.name for name in star.args.get("except_") or []}
        replaced = {new.alias: new for new in star.args.get("replace") or []}
        columns.extend(
            replaced.get(name) or exp.column(name, table=of or None)
            for name in columns_of(select, of, tables)
            if name not in left_out
        )
    select.set("expressions", columns)


def columns_of(select: exp.Select, of: str, tables: Tables) -> list[str]:
    """Names of the columns of one of the tables that a query reads, or of the only one."""
    sources = sources_of(select)
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
        names += columns_of(inner, getattr(part, "table", ""), tables) if is_star else [part.alias_or_name]
    return names


def sources_of(select: exp.Select) -> list[exp.Expr]:
    """The tables and queries that a query reads."""
    return [source_of(select), *(join.this for join in select.args.get("joins") or [])]


def source_of(select: exp.Select) -> exp.Expr:
    """The first of them, which the others are joined to."""
    found: exp.Expr = select.args["from_"].this
    return found


def name_qualified(select: exp.Select) -> None:
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


def name_having(select: exp.Select) -> None:
    """Say that what HAVING adds up are columns of the table, not what the query calls its own sums."""
    having, sources = select.args.get("having"), sources_of(select) if select.args.get("having") else []
    if having is None or len(sources) != 1:
        return
    if not sources[0].alias_or_name:
        sources[0].set("alias", exp.TableAlias(this=exp.to_identifier("summed")))
    of = sources[0].alias_or_name
    sums = [total for part in (having, *select.expressions) for total in part.find_all(exp.AggFunc)]
    for column in [column for total in sums for column in total.find_all(exp.Column)]:
        if not column.table and column.parent_select is select and not isinstance(column.this, exp.Star):
            column.set("table", exp.to_identifier(of))
