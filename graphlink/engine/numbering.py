"""Numbers of rows in the order of names, without one machine that has to sort them all.

An engine of several machines takes a window without parts to one of them. There the rows are cut into parts
by how their names begin, numbered in each, and the parts before are added.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.engine import number

if TYPE_CHECKING:
    from graphlink.engine import Sql

_AT_ONCE = 1 << 20  # rows that one machine sorts in a second or two
_PREFIXES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)  # characters


def number_rows(engine: Sql, name: str, sql: str, column: str, order: tuple[str, ...]) -> None:
    """Make a table of the rows of a query with their numbers, from 1, as its first column.

    Args:
        engine: Where the table is made.
        name: The table.
        sql: The query; no two of its rows are equal in all columns of the order.
        column: What the numbers are called.
        order: Columns that the numbers follow, none of them null; the last is text, those before it have few
            values.
    """
    at_once = f"SELECT (row_number() OVER (ORDER BY {', '.join(order)}))::INTEGER AS {column}, * FROM"
    if not engine.is_distributed:
        engine.make(name, f"{at_once} ({sql})")
        return
    engine.make("unnumbered", sql)
    keys = _parts(engine, order)
    if keys is None:
        engine.make(name, f"{at_once} unnumbered")
    else:
        names = [f"part_{i}" for i in range(len(keys))]
        aliased = ", ".join(f"{key} AS {part}" for key, part in zip(keys, names, strict=True))
        by = ", ".join(names)
        engine.make(
            "part_starts",
            f"SELECT {by}, (sum(n) OVER (ORDER BY {by}) - n)::BIGINT AS n_before FROM "
            f"(SELECT {by}, count(*) AS n FROM (SELECT {aliased} FROM unnumbered) GROUP BY {by})",
        )
        parts = ", ".join(f"p.{part}" for part in names)
        columns = ", ".join(f"u.{one}" for one in engine.columns("unnumbered"))
        same = " AND ".join(f"p.{part} = u.{part}" for part in names)
        engine.make(
            name,
            f"SELECT (p.n_before + row_number() OVER (PARTITION BY {parts} ORDER BY "
            f"{', '.join(f'u.{one}' for one in order)}))::INTEGER AS {column}, {columns} "
            f"FROM (SELECT *, {aliased} FROM unnumbered) u JOIN part_starts p ON {same}",
        )
        engine.drop("part_starts")
    engine.drop("unnumbered")


def _parts(engine: Sql, order: tuple[str, ...]) -> list[str] | None:
    """Expressions by which rows go into parts that one machine sorts; None where one can sort them all."""
    *others, text = order
    if number(engine, "SELECT count(*) FROM unnumbered") <= _AT_ONCE:
        return None
    keys = []
    for length in _PREFIXES:
        keys = [*others, f"left({text}, {length})"]
        largest = f"SELECT count(*) AS n FROM unnumbered GROUP BY {', '.join(keys)}"
        if number(engine, f"SELECT max(n) FROM ({largest})") <= _AT_ONCE:
            break
    return keys
