"""Second reviews of labels and decisions."""

from __future__ import annotations

from alembic import op

from graphlink.workspace.store.tables import MUTABLE, metadata
from graphlink.workspace.store.triggers import table_triggers

revision = "0004"
down_revision = "0003"

_MADE = ("review_requests", "reviews")


def upgrade() -> None:
    """Make the tables, with their triggers."""
    connection = op.get_bind()
    made = [metadata.tables[name] for name in _MADE]
    metadata.create_all(connection, made, checkfirst=False)
    columns = {table.name: list(table.c.keys()) for table in made}
    for statement in table_triggers(connection.dialect.name, columns, MUTABLE):
        connection.exec_driver_sql(
            statement.replace("%", "%%") if connection.dialect.name != "sqlite" else statement
        )
