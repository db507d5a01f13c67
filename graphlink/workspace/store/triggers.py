"""Triggers that keep rows as they were written: the statements, for SQLite and PostgreSQL.

They refuse mistakes and careless scripts. Whoever owns the database can drop them; the hash chain shows that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.workspace.store.tables import MUTABLE, metadata

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import sqlalchemy as sa

_FUNCTION = """
CREATE OR REPLACE FUNCTION graphlink_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'graphlink: rows of % are never changed or deleted', TG_TABLE_NAME; END $$
"""
_REWRITTEN = "NEW.salt IS NOT NULL"


def trigger_statements(
    dialect: str, columns: Mapping[str, Sequence[str]], mutable: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    """Give the statements that make the triggers of a whole database.

    Args:
        dialect: `sqlite` or `postgresql`.
        columns: The columns of each table.
        mutable: Of each table the columns that may be updated.
    """
    if dialect == "postgresql":
        yield _FUNCTION
    yield from table_triggers(dialect, columns, mutable)
    # A payload may be erased, and not rewritten.
    yield _trigger(dialect, "payloads", "rewrite", "UPDATE", _REWRITTEN)


def table_triggers(
    dialect: str, columns: Mapping[str, Sequence[str]], mutable: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    """Give the statements that make the triggers of some tables; see `trigger_statements`."""
    for table, names in columns.items():
        fixed = ", ".join(f'"{name}"' for name in names if name not in mutable[table])
        yield _trigger(dialect, table, "update", f"UPDATE OF {fixed}")
        yield _trigger(dialect, table, "delete", "DELETE")
        if dialect == "postgresql":
            yield (
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION graphlink_refuse()"
            )


def make_tables(connection: sa.Connection, names: Sequence[str]) -> None:
    """Make some tables of the schema, with their triggers, as a migration does."""
    made = [metadata.tables[name] for name in names]
    metadata.create_all(connection, made, checkfirst=False)
    columns = {table.name: list(table.c.keys()) for table in made}
    execute_all(connection, table_triggers(connection.dialect.name, columns, MUTABLE))


def execute_all(connection: sa.Connection, statements: Iterable[str]) -> None:
    """Execute statements as they are: the driver of PostgreSQL takes a single % for a parameter."""
    for statement in statements:
        connection.exec_driver_sql(
            statement.replace("%", "%%") if connection.dialect.name != "sqlite" else statement
        )


def _trigger(dialect: str, table: str, name: str, event: str, condition: str = "") -> str:
    head = f"CREATE TRIGGER {table}_no_{name} BEFORE {event} ON {table} FOR EACH ROW"
    when = f" WHEN ({condition})" if condition else ""
    if dialect == "postgresql":
        return f"{head}{when} EXECUTE FUNCTION graphlink_refuse()"
    refusal = f"graphlink: rows of {table} are never changed or deleted"
    return f"{head}{when} BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
