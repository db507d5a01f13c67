"""The watch list with who held a value, returns, return rates, and what organisations are known by.

The tables that it replaces were empty: no version wrote to them.
"""

from __future__ import annotations

from alembic import op

from graphlink.workspace.store.tables import MUTABLE, metadata
from graphlink.workspace.store.triggers import table_triggers

revision = "0002"
down_revision = "0001"

_REPLACED = ("organisation_facts", "hits", "watched")
_MADE = ("watched", "watch_holders", "hits", "return_rates", "organisation_facts")


def upgrade() -> None:
    """Make the tables, with their triggers."""
    for name in _REPLACED:
        op.drop_table(name)
    connection = op.get_bind()
    made = [metadata.tables[name] for name in _MADE]
    metadata.create_all(connection, made, checkfirst=False)
    columns = {table.name: list(table.c.keys()) for table in made}
    for statement in table_triggers(connection.dialect.name, columns, MUTABLE):
        connection.exec_driver_sql(
            statement.replace("%", "%%") if connection.dialect.name != "sqlite" else statement
        )
