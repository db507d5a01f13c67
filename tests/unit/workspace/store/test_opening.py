"""The database of a workspace: made whole or not at all, with the schema of the tables, and migrated."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from graphlink.core.errors import WorkspaceError
from graphlink.workspace.store import create_database, open_store
from graphlink.workspace.store import opening as opening_module
from graphlink.workspace.store.tables import MUTABLE, metadata

ADDED = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("cases", sa.Column("colour", sa.Text(), nullable=True))
    {more}
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    place = tmp_path / "workspace.db"
    create_database(place)
    return place


@pytest.fixture
def migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the migrations, to which a test adds one."""
    folder = tmp_path / "migrations"
    shutil.copytree(opening_module._MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(opening_module, "_MIGRATIONS", str(folder))
    return folder


def columns(place: Path, table: str) -> list[str]:
    with sqlite3.connect(place) as connection:
        rows = connection.execute(f"PRAGMA table_info({table})").fetchall()
    connection.close()
    return [row[1] for row in rows]


def different(connection: sa.Connection) -> list[object]:
    """Where the schema of a database differs from that of the tables."""
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


def test_every_table_states_which_columns_change() -> None:
    assert set(MUTABLE) == set(metadata.tables)
    for table, names in MUTABLE.items():
        assert set(names) <= set(metadata.tables[table].c.keys()), table


def test_a_database_has_the_schema_of_the_tables(place: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{place}")
    with engine.connect() as connection:
        assert different(connection) == []
    engine.dispose()
    assert place.stat().st_mode & 0o77 == 0


def test_the_schema_on_postgresql_is_that_of_the_tables(workspace_postgres: str) -> None:
    engine = sa.create_engine(sa.make_url(workspace_postgres).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        assert different(connection) == []
    engine.dispose()


def test_a_database_that_was_not_finished_is_made_again(tmp_path: Path) -> None:
    place = tmp_path / "workspace.db"
    (tmp_path / ".workspace.db.graphlink-partial").write_bytes(b"half a database")
    create_database(place)
    open_store(place).close()
    assert [path.name for path in tmp_path.iterdir() if "partial" in path.name] == []


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "workspace.db"
    place.write_text("a poem " * 1000, encoding="utf-8")
    with pytest.raises(WorkspaceError, match="not a workspace's database, or it is damaged"):
        open_store(place)


def test_a_database_of_somebody_else_is_refused_and_unchanged(tmp_path: Path) -> None:
    place = tmp_path / "workspace.db"
    with sqlite3.connect(place) as connection:
        connection.execute("CREATE TABLE events (name TEXT)")
    connection.close()
    with pytest.raises(WorkspaceError, match="has tables that are not of a workspace: events; name an empty"):
        create_database(place)
    assert columns(place, "events") == ["name"]
    with pytest.raises(WorkspaceError, match="holds no workspace; `graphlink workspace init` makes one"):
        open_store(place)


def test_an_earlier_schema_is_refused_until_it_is_upgraded(place: Path, migrations: Path) -> None:
    (migrations / "versions" / "v9999_colour.py").write_text(ADDED.format(more=""), encoding="utf-8")
    with pytest.raises(
        WorkspaceError, match="earlier version of graphlink; back it up, then `graphlink works"
    ):
        open_store(place)
    create_database(place)
    assert columns(place, "cases") == ["case_no", "seq", "colour"]
    open_store(place).close()


def to_first_schema(engine: sa.Engine) -> None:
    """Make of an empty database one of the first schema, whose tables of the watch list were others."""
    with engine.begin() as connection:
        later = ("searches", "case_states", "reviews", "review_requests", "deliveries", "webhooks", "tokens")
        for name in (*later, "watch_holders", "watched", "hits", "return_rates", "organisation_facts"):
            connection.exec_driver_sql(f"DROP TABLE {name}")
        for name in ("watched", "hits", "organisation_facts"):
            connection.exec_driver_sql(f"CREATE TABLE {name} (old TEXT)")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_first_schema_gets_the_tables_of_the_watch_list_with_their_triggers(
    tmp_path: Path, request: pytest.FixtureRequest, kind: str
) -> None:
    place: Path | str = tmp_path / "workspace.db"
    if kind == "postgresql":
        place = str(request.getfixturevalue("empty_postgres"))
    create_database(place)
    address = sa.make_url(f"sqlite:///{place}" if isinstance(place, Path) else place)
    engine = sa.create_engine(address if kind == "sqlite" else address.set(drivername="postgresql+psycopg"))
    to_first_schema(engine)
    create_database(place)
    names = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }
    with engine.connect() as connected:
        assert different(connected) == []
        triggers = set(connected.exec_driver_sql(names[kind]).scalars())
    engine.dispose()
    assert {f"{table}_no_{what}" for table in metadata.tables for what in ("update", "delete")} <= triggers


def test_a_migration_that_fails_changes_nothing(place: Path, migrations: Path) -> None:
    text = ADDED.format(more='op.execute("no SQL at all")')
    (migrations / "versions" / "v9999_colour.py").write_text(text, encoding="utf-8")
    with pytest.raises(WorkspaceError, match="the database"):
        create_database(place)
    assert columns(place, "cases") == ["case_no", "seq"]


def test_a_later_schema_is_refused(place: Path) -> None:
    with sqlite3.connect(place) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    for action in (open_store, create_database):
        with pytest.raises(WorkspaceError, match=r"later version of graphlink \(9999\)"):
            action(place)
