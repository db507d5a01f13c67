"""The rows of a workspace: one schema for SQLite and PostgreSQL, and the home of SQLAlchemy and alembic."""

from graphlink.workspace.store.opening import create_database, open_store
from graphlink.workspace.store.transactions import Actor, Choice, Reading, Row, Store, Writing

__all__ = ["Actor", "Choice", "Reading", "Row", "Store", "Writing", "create_database", "open_store"]
