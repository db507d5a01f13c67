"""The watch list with who held a value, returns, return rates, and what organisations are known by.

The tables that it replaces were empty: no version wrote to them.
"""

from __future__ import annotations

from alembic import op

from graphlink.workspace.store.triggers import make_tables

revision = "0002"
down_revision = "0001"

_REPLACED = ("organisation_facts", "hits", "watched")
_MADE = ("watched", "watch_holders", "hits", "return_rates", "organisation_facts")


def upgrade() -> None:
    """Make the tables, with their triggers."""
    for name in _REPLACED:
        op.drop_table(name)
    make_tables(op.get_bind(), _MADE)
