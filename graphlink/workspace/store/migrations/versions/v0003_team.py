"""Tokens of scripts, webhooks, and what was delivered to them."""

from __future__ import annotations

from alembic import op

from graphlink.workspace.store.triggers import make_tables

revision = "0003"
down_revision = "0002"

_MADE = ("tokens", "webhooks", "deliveries")


def upgrade() -> None:
    """Make the tables, with their triggers."""
    make_tables(op.get_bind(), _MADE)
