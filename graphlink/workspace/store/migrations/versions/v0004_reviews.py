"""Second reviews of labels and decisions."""

from __future__ import annotations

from alembic import op

from graphlink.workspace.store.triggers import make_tables

revision = "0004"
down_revision = "0003"

_MADE = ("review_requests", "reviews")


def upgrade() -> None:
    """Make the tables, with their triggers."""
    make_tables(op.get_bind(), _MADE)
