"""Joins to the last row before, and joins by USING, as joins by ON."""

from __future__ import annotations

import sqlglot
from sqlglot import exp

from graphlink.core.errors import EngineError
from graphlink.engine.dialect.names import columns_of, source_of, sources_of
from graphlink.engine.dialect.nodes import Tables, duck_sql


def replace_asof(select: exp.Select) -> None:
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
    left, join = source_of(select), asof[0]
    condition = join.args["on"]
    conditions = list(condition.flatten()) if isinstance(condition, exp.And) else [condition]
    same = [part for part in conditions if isinstance(part, exp.EQ)]
    after = [part for part in conditions if isinstance(part, exp.GTE)]
    if len(after) != 1 or len(same) + 1 != len(conditions):
        raise EngineError("Spark joins to the last row before on >= and equalities only")
    groups = [_sided(part, left.alias_or_name) for part in same]
    k, f = after[0].this, after[0].expression
    of_left = ", ".join([*(f"{mine} AS g{i}" for i, (mine, _) in enumerate(groups)), f"{duck_sql(k)} AS k"])
    of_right = ", ".join([*(f"{its} AS g{i}" for i, (_, its) in enumerate(groups)), f"{duck_sql(f)} AS k"])
    names = "".join(f"g{i}, " for i in range(len(groups)))
    over = f"PARTITION BY {names[:-2]} ORDER BY k" if groups else "ORDER BY k"
    met = sqlglot.parse_one(
        f"SELECT DISTINCT {names}k, f FROM (SELECT {names}k, is_left, max(f) OVER ({over}) AS f FROM ("
        f"SELECT {of_left}, NULL AS f, true AS is_left FROM {duck_sql(left)} UNION ALL "
        f"SELECT {of_right}, {duck_sql(f)} AS f, false AS is_left FROM {duck_sql(join.this)})) WHERE is_left",
        read="duckdb",
    )
    side = join.args.get("side") or ""
    name = f"met_{join.this.alias_or_name}"
    on_left = " AND ".join(
        [f"{name}.k = {duck_sql(k)}", *(f"{name}.g{i} = {m}" for i, (m, _) in enumerate(groups))]
    )
    on_right = " AND ".join(
        [f"{duck_sql(f)} = {name}.f", *(f"{i} = {name}.g{n}" for n, (_, i) in enumerate(groups))]
    )
    found = exp.Join(
        this=exp.Subquery(this=met, alias=exp.TableAlias(this=exp.to_identifier(name))), side=side
    )
    found.set("on", sqlglot.condition(on_left, dialect="duckdb"))
    its = ", ".join([*(_named_last(its) for _, its in groups), _named_last(duck_sql(f))])
    one = sqlglot.parse_one(
        f"SELECT * FROM (SELECT *, "
        f"row_number() OVER (PARTITION BY {its} ORDER BY {_named_last(duck_sql(f))}) AS place "
        f"FROM {duck_sql(join.this)}) WHERE place = 1",
        read="duckdb",
    )
    table = exp.TableAlias(this=exp.to_identifier(join.this.alias_or_name))
    on = sqlglot.condition(on_right, dialect="duckdb")
    again = exp.Join(this=exp.Subquery(this=one, alias=table), side=side, on=on)
    select.set("joins", [found, again, *joins[1:]])


def _sided(equality: exp.EQ, left: str) -> tuple[str, str]:
    """The two sides of an equality, the left table's first."""
    sides = [equality.this, equality.expression]
    if sides[0].table != left:
        sides.reverse()
    return duck_sql(sides[0]), duck_sql(sides[1])


def _named_last(column: str) -> str:
    return column.rpartition(".")[2]


def place_keys(select: exp.Select, tables: Tables) -> None:
    """Say USING as ON, and what its columns then mean: those of the first table that has them."""
    joins = select.args.get("joins") or []
    if not any(join.args.get("using") for join in joins):
        return
    names = {
        source.alias_or_name: columns_of(select, source.alias_or_name, tables)
        for source in sources_of(select)
    }
    owners: dict[str, str] = {}
    seen = [source_of(select).alias_or_name]
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
    columns: list[exp.Expr] = []
    for part in select.expressions:
        is_star = isinstance(part, exp.Star)
        columns += [exp.column(name, table=of) for of in names for name in names[of]] if is_star else [part]
    select.set("expressions", columns)
