"""Queries that people write for Spark's catalog: one SELECT over tables of a catalog, and nothing else."""

from __future__ import annotations

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import traverse_scope

from graphlink.core.errors import InputError

_COMMANDS = (exp.Command, exp.DDL, exp.DML, exp.Set, exp.Into)


def check_select(query: str, where: str) -> None:
    """Make sure that a query of Spark only reads, and reads tables by their schema.

    A name without a schema could be that of a table of the run itself, which is a view of the session.

    Args:
        query: In Spark's dialect.
        where: What the query is called in messages.

    Raises:
        InputError: It is not one SELECT, or names a table without its schema.
    """
    try:
        found = [one for one in sqlglot.parse(query, read="spark") if one is not None]
    except SqlglotError as error:
        reason = (str(error).splitlines() or [""])[0]
        raise InputError(f"{where}: the query can't be read as Spark's SQL: {reason}") from None
    is_query = len(found) == 1 and isinstance(found[0], exp.Query)
    if not is_query or any(found[0].find(kind) for kind in _COMMANDS):
        raise InputError(f"{where}: the query must be one SELECT")
    for scope in traverse_scope(found[0]):
        for table in scope.sources.values():
            if isinstance(table, exp.Table) and not table.db:
                raise InputError(
                    f"{where}: the query names the table {table.name!r} without its schema; "
                    f"write schema.{table.name} or catalog.schema.{table.name}"
                )
