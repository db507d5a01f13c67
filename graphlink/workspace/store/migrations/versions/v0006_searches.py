"""Saved searches."""

from __future__ import annotations

from alembic import op

from graphlink.workspace.store.triggers import make_tables

revision = "0006"
down_revision = "0005"

_MADE = ("searches",)


def upgrade() -> None:
    """Make the table, with its triggers."""
    make_tables(op.get_bind(), _MADE)
