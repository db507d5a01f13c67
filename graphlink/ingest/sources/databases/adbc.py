"""Queries of any database that ADBC has a driver for -> rows in batches, few of them held at a time."""

from __future__ import annotations

import contextlib
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

from graphlink.core.credentials import HIDDEN, database_kind, redacted_text
from graphlink.core.errors import GraphlinkError, InputError, SettingsError
from graphlink.ingest.sources.databases.drivers import PROFILE, Driver, driver_of_address
from graphlink.ingest.sources.databases.profiles import read_profile
from graphlink.ingest.sources.databases.query import select_all
from graphlink.ingest.sources.databases.statements import checked_query
from graphlink.ingest.sources.streams import Rows, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphlink.ingest.sources.databases.query import Database

_READ_ONLY = {"adbc.connection.readonly": "true"}


class _Reached(NamedTuple):
    """What an address leads to: a driver, its options, and what of them no message shows."""

    driver: Driver
    options: dict[str, str]
    secrets: tuple[str, ...]


@contextlib.contextmanager
def adbc_rows(database: Database) -> Iterator[Rows]:
    """Give the rows of a query, as long as the block lasts.

    Raises:
        SettingsError: The driver is not installed, or the profile can't be used; the message says what to
            install or change.
        InputError: The query is not one statement that only reads, or the database can't be reached or
            refuses it. No message holds a secret of the address or of the profile.
    """
    reached = _reached(database)
    query = (
        select_all(database.table, reached.driver.quote)
        if database.table
        else checked_query(database.query, database.name)
    )
    library, dbapi = _loaded(reached.driver, database.name)

    @contextlib.contextmanager
    def naming() -> Iterator[None]:
        try:
            yield
        except GraphlinkError:
            raise
        except Exception as error:  # noqa: BLE001 - a driver raises errors of its own, of Arrow and of the system
            raise _error_of(error, database, reached) from None

    with contextlib.ExitStack() as held:
        with naming():
            cursor = held.enter_context(_cursor(dbapi, library, reached))
            cursor.execute(query)
            stream = cursor.fetch_record_batch()
        yield rows_of(stream, database.name, naming)


def _reached(database: Database) -> _Reached:
    if database_kind(database.address) == PROFILE:
        profile = read_profile(database.address, database.name)
        return _Reached(profile.driver, profile.options, profile.secrets)
    driver = driver_of_address(database.address)
    return _Reached(driver, driver.options(database.address), ())


def _loaded(driver: Driver, name: str) -> tuple[str, Any]:
    try:
        from adbc_driver_manager import dbapi

        return driver.library(), dbapi
    except ImportError:
        raise SettingsError(f"{name}: {driver.title} needs its ADBC driver: `{driver.remedy}`") from None


@contextlib.contextmanager
def _cursor(dbapi: Any, library: str, reached: _Reached) -> Iterator[Any]:
    """A cursor of a connection that only reads, where its driver has a setting for that."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a database has no transactions
        connection = dbapi.connect(driver=library, db_kwargs=reached.options, autocommit=True)
    try:
        _set_options(connection.adbc_connection, _READ_ONLY)
        cursor = connection.cursor()
        try:
            _set_options(cursor.adbc_statement, dict(reached.driver.statement))
            for statement in reached.driver.first:
                cursor.execute(statement)
            yield cursor
        finally:
            _close(cursor)
    finally:
        _close(connection)


def _close(what: Any) -> None:
    with contextlib.suppress(Exception):  # what was read is right, and the first error is the one to see
        what.close()


def _set_options(owner: Any, options: dict[str, str]) -> None:
    for name, value in options.items():
        with contextlib.suppress(Exception):  # a driver without this option does without it
            owner.set_options(**{name: value})


def _error_of(error: Exception, database: Database, reached: _Reached) -> GraphlinkError:
    reason = redacted_text(str(error), database.address, *reached.options.values())
    for secret in sorted(reached.secrets, key=len, reverse=True):
        reason = reason.replace(secret, HIDDEN) if secret else reason
    title = reached.driver.title
    if "Could not load" in reason and not reached.driver.package and "/" not in reached.driver.name:
        return SettingsError(f"{database.name}: {title} needs its ADBC driver: `{reached.driver.remedy}`")
    lines = reason.strip().splitlines() or [type(error).__name__]
    return InputError(
        f"{database.name}: {title} says: {lines[0][:300]}; check the address or profile, and the table or "
        "query, which is one SELECT"
    )
