"""Make and open the database of a workspace: its schema, its migrations, and how connections are set."""

from __future__ import annotations

import datetime  # noqa: TC003 - mypy reads it in a signature
import importlib.util
import os
import secrets
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from graphlink.core.credentials import redacted_address
from graphlink.core.errors import WorkspaceError
from graphlink.storage.atomic import left_names, writing
from graphlink.workspace.store.faults import translated
from graphlink.workspace.store.tables import MUTABLE, metadata
from graphlink.workspace.store.transactions import Store, utc_now
from graphlink.workspace.store.triggers import execute_all, trigger_statements

if TYPE_CHECKING:
    from collections.abc import Callable

_WAIT_SECONDS = 30  # for another writer
_MIGRATIONS = str(Path(__file__).parent / "migrations")


def create_database(place: Path | str) -> None:
    """Make the database of a workspace, or bring an older one up to date; a killed one is made again.

    Args:
        place: The file of SQLite, or the URL of a database of PostgreSQL.

    Raises:
        WorkspaceError: It can't be made, or its schema is of a later version.
    """
    if isinstance(place, str) or place.exists():
        _upgrade(place)
        return
    # Made under another name first: at its place a file is a whole database.
    partial, _ = left_names(place)
    with writing(place):
        place.parent.mkdir(parents=True, exist_ok=True)
        for leftover in (partial, *(partial.with_name(partial.name + end) for end in ("-wal", "-journal"))):
            leftover.unlink(missing_ok=True)
        # About people: for its owner only.
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        _upgrade(partial)
        with writing(place):
            partial.replace(place)
    finally:
        partial.unlink(missing_ok=True)


def open_store(place: Path | str, clock: Callable[[], datetime.datetime] = utc_now) -> Store:
    """Open the database of a workspace.

    Args:
        place: The file of SQLite, or the URL of a database of PostgreSQL.
        clock: Gives the present moment.

    Raises:
        WorkspaceError: There is none, or its schema is of another version.
    """
    name = _shown(place)
    if isinstance(place, Path) and not place.is_file():
        raise WorkspaceError(f"no database {name}; restore it from a backup")
    engine = _engine(place, is_partial=False)
    try:
        with translated(name), engine.connect() as connection:
            _check_version(name, MigrationContext.configure(connection).get_current_revision())
    except BaseException:  # also when interrupted: no connection stays open
        engine.dispose()
        raise
    return Store(engine, name, clock)


def _upgrade(place: Path | str) -> None:
    """Bring a database up to date in one transaction; an empty one gets the present schema at once."""
    name = _shown(place)
    engine = _engine(place, is_partial=True)
    try:
        with translated(name), engine.connect() as connection:
            connection.execution_options(graphlink_writes=True)
            with connection.begin():
                actual = MigrationContext.configure(connection).get_current_revision()
                config = Config()
                config.set_main_option("script_location", _MIGRATIONS.replace("%", "%%"))
                config.attributes["connection"] = connection
                if actual is None:
                    _make_schema(connection, name)
                    command.stamp(config, "head")
                elif actual not in _revisions():
                    _check_version(name, actual)
                else:
                    command.upgrade(config, "head")
    finally:
        engine.dispose()


def _make_schema(connection: sa.Connection, name: str) -> None:
    if occupied := sorted(set(sa.inspect(connection).get_table_names()) & set(metadata.tables)):
        raise WorkspaceError(
            f"{name} has tables that are not of a workspace: {', '.join(occupied[:3])}; name an empty "
            "database"
        )
    metadata.create_all(connection, checkfirst=False)
    columns = {table: list(actual.c.keys()) for table, actual in metadata.tables.items()}
    execute_all(connection, trigger_statements(connection.dialect.name, columns, MUTABLE))
    connection.execute(
        sa.insert(metadata.tables["meta"]),
        [{"name": "workspace", "value": str(uuid.uuid4())}, {"name": "key", "value": secrets.token_hex(32)}],
    )


def _check_version(name: str, actual: str | None) -> None:
    revisions = _revisions()
    if actual == revisions[0]:
        return
    if actual is None:
        raise WorkspaceError(f"{name} holds no workspace; `graphlink workspace init` makes one")
    if actual in revisions:
        raise WorkspaceError(
            f"{name} is of an earlier version of graphlink; back it up, then `graphlink workspace upgrade`"
        )
    raise WorkspaceError(f"{name} is of a later version of graphlink ({actual}); install that version")


def _revisions() -> list[str]:
    """The versions of the schema, the latest first."""
    return [script.revision for script in ScriptDirectory(_MIGRATIONS).walk_revisions()]


def _shown(place: Path | str) -> str:
    return str(place) if isinstance(place, Path) else redacted_address(place)


def _engine(place: Path | str, *, is_partial: bool) -> sa.Engine:
    if isinstance(place, str):
        if importlib.util.find_spec("psycopg") is None:
            raise WorkspaceError("PostgreSQL needs its driver: pip install 'graphlink[postgres]'")
        address = sa.make_url(place).set(drivername="postgresql+psycopg")
        return sa.create_engine(address, pool_pre_ping=True)
    options: dict[str, Any] = {"timeout": _WAIT_SECONDS}
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(place)), connect_args=options)
    sa.event.listen(engine, "connect", _set_partial if is_partial else _set_connection)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _set_connection(connection: Any, _record: object) -> None:
    _set_partial(connection, _record)
    # Readers and one writer at once, and a commit that is on the disk when it returns.
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")


def _set_partial(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver begins no transaction by itself
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")  # what is forgotten stays in no free page
    connection.execute("PRAGMA recursive_triggers = ON")  # INSERT OR REPLACE deletes, and is refused


def _begin(connection: sa.Connection) -> None:
    is_writing = connection.get_execution_options().get("graphlink_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")
