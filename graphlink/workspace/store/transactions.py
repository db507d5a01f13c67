"""Transactions on the rows of a workspace: any number read, one writes, and all it writes stands or nothing.

A transaction that writes holds the database's lock from its start, so numbers have no gaps and the hash chain
has one end. Each appends at least one event; rows without an event are refused.
"""

from __future__ import annotations

import datetime
import json
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from graphlink.core.errors import WorkspaceError
from graphlink.workspace.chain import GENESIS, Event, canonical, chained, payload_digest
from graphlink.workspace.store.faults import translated
from graphlink.workspace.store.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

Row = dict[str, Any]
_LOCK = 0x67726C6B  # of PostgreSQL's advisory locks: one writer at a time
_AT_ONCE = 10_000  # values of one statement; SQLite takes 32,766


class Actor(NamedTuple):
    """Who does something, and in which role.

    Attributes:
        name: The name of the person or program.
        role: The role; `local` without a sign-in.
    """

    name: str
    role: str = "local"


class Choice(NamedTuple):
    """Which rows of a table, by their columns.

    Attributes:
        equal: What a column equals; None for null.
        among: Of what a column is one.
        without: Of what a column is none.
        known_to: A column of this table to a table and its column, one of whose values it is.
    """

    equal: Mapping[str, object] = {}
    among: Mapping[str, Collection[object]] = {}
    without: Mapping[str, Collection[object]] = {}
    known_to: Mapping[str, tuple[str, str]] = {}


def utc_now() -> datetime.datetime:
    """The present moment in UTC."""
    return datetime.datetime.now(datetime.UTC)


class Reading:
    """Reads rows as of one moment."""

    def __init__(self, connection: sa.Connection, now: datetime.datetime) -> None:
        self._connection = connection
        self.now = now

    @property
    def at(self) -> str:
        """The moment of the transaction as the tables hold it: ISO 8601 in UTC, to the second."""
        return time_text(self.now)

    def rows(self, table: str, *, order: Sequence[str] = (), **equal: object) -> list[Row]:
        """Read rows.

        Args:
            table: The table.
            order: Columns to sort by; the key where none is named.
            equal: What columns must equal; None for null.
        """
        actual = metadata.tables[table]
        by = [actual.c[name] for name in order] or list(actual.primary_key)
        query = sa.select(actual).where(*_conditions(actual, equal)).order_by(*by)
        return [dict(row) for row in self._connection.execute(query).mappings()]

    def row(self, table: str, **equal: object) -> Row | None:
        """Read the one row, or None."""
        rows = self.rows(table, order=(), **equal)
        return rows[0] if rows else None

    def rows_of(self, table: str, column: str, values: Collection[object]) -> list[Row]:
        """Read the rows whose column has one of some values, in order of their key."""
        actual, listed = metadata.tables[table], list(values)
        query = sa.select(actual).order_by(*actual.primary_key)
        return [
            dict(row)
            for start in range(0, len(listed), _AT_ONCE)
            for row in self._connection.execute(
                query.where(actual.c[column].in_(listed[start : start + _AT_ONCE]))
            ).mappings()
        ]

    def part(
        self,
        table: str,
        key: str,
        limit: int | None,
        *,
        after: int | None = None,
        is_newest_first: bool = True,
        of: Sequence[Choice] = (),
    ) -> list[Row]:
        """Read the next rows of a list, and no others.

        Args:
            table: The table.
            key: The column of numbers that the list is in order of.
            limit: How many at most; None for all.
            after: The key of the row that the part follows on; None for the first part.
            is_newest_first: Whether the highest key comes first.
            of: Which rows, by any of these; all without one.
        """
        actual = metadata.tables[table]
        column = actual.c[key]
        query = sa.select(actual).where(_any_of(actual, of)).limit(limit)
        query = query.order_by(column.desc() if is_newest_first else column)
        if after is not None:
            query = query.where(column < after if is_newest_first else column > after)
        return [dict(row) for row in self._connection.execute(query).mappings()]

    def count(self, table: str, *of: Choice, above: tuple[str, int] | None = None) -> int:
        """Count the rows of a table.

        Args:
            table: The table.
            of: Which rows, by any of these; all without one.
            above: A column and the number that it is above.
        """
        actual = metadata.tables[table]
        query = sa.select(sa.func.count()).select_from(actual).where(_any_of(actual, of))
        if above is not None:
            query = query.where(actual.c[above[0]] > above[1])
        return int(self._connection.execute(query).scalar_one())

    def last_event(self, subject: str | None = None) -> Event | None:
        """The last event, of a subject or of all; None without one."""
        events = metadata.tables["events"]
        query = sa.select(events).order_by(events.c.seq.desc()).limit(1)
        if subject is not None:
            query = query.where(events.c.subject == subject)
        row = self._connection.execute(query).mappings().first()
        return Event(**row) if row is not None else None

    def payloads(self, seqs: Collection[int]) -> dict[int, dict[str, Any]]:
        """The payloads of some events; what was erased of them is missing."""
        return {row["seq"]: json.loads(row["content"]) for row in self.rows_of("payloads", "seq", seqs)}

    def account_names(self, numbers: Collection[int]) -> dict[int, str]:
        """The names of accounts by their number; those that were forgotten are missing."""
        rows = self.rows_of("accounts", "account_no", sorted(set(numbers)))
        return {row["account_no"]: row["account_id"] for row in rows if row["account_id"] is not None}

    def known_accounts(self, names: Collection[str]) -> dict[str, int]:
        """The numbers of accounts that the workspace has met, by their name."""
        rows = self.rows_of("accounts", "account_id", sorted(set(names)))
        return {row["account_id"]: row["account_no"] for row in rows}


class Writing(Reading):
    """Writes rows and appends events; all of it stands when the transaction ends, or none.

    Attributes:
        actor: Who writes.
        last_seq: The last event that it appended; 0 before the first.
        appended: Of each subject the last event that it appended.
    """

    def __init__(self, connection: sa.Connection, now: datetime.datetime, actor: Actor) -> None:
        super().__init__(connection, now)
        self.actor = actor
        self.last_seq = 0
        self.appended: dict[str, int] = {}

    def append(self, action: str, subject: str, payload: Mapping[str, object]) -> int:
        """Append an event and return its number.

        Args:
            action: What is done.
            subject: To what; never the name of an account.
            payload: What people wrote and chose, as plain JSON; may be erased later.
        """
        try:
            content = canonical(dict(payload)).decode()
        except ValueError as error:
            raise WorkspaceError(f"a text or number can't be kept as it is: {type(error).__name__}") from None
        last = self.last_event()
        salt = secrets.token_hex(16)
        event = chained(
            Event(
                (last.seq if last else 0) + 1,
                self.at,
                self.actor.name,
                self.actor.role,
                action,
                subject,
                payload_digest(salt, payload),
                last.hash if last else GENESIS,
                "",
            )
        )
        self.insert("events", event._asdict())
        self.insert("payloads", {"seq": event.seq, "salt": salt, "content": content, "forgotten_at": None})
        self.last_seq = self.appended[subject] = event.seq
        return event.seq

    def insert(self, table: str, *rows: Mapping[str, object]) -> None:
        """Insert rows."""
        for start in range(0, len(rows), _AT_ONCE):
            self._connection.execute(
                sa.insert(metadata.tables[table]), [dict(row) for row in rows[start : start + _AT_ONCE]]
            )

    def update(self, table: str, changes: Mapping[str, object], **equal: object) -> int:
        """Change columns of the rows that equal, and return how many there are."""
        actual = metadata.tables[table]
        query = sa.update(actual).where(*_conditions(actual, equal)).values(**changes)
        return int(self._connection.execute(query).rowcount)

    def update_of(
        self,
        table: str,
        column: str,
        values: Collection[object],
        changes: Mapping[str, object],
        **equal: object,
    ) -> None:
        """Change columns of the rows that equal and whose column has one of some values."""
        actual, listed = metadata.tables[table], list(values)
        query = sa.update(actual).where(*_conditions(actual, equal)).values(**changes)
        for start in range(0, len(listed), _AT_ONCE):
            self._connection.execute(query.where(actual.c[column].in_(listed[start : start + _AT_ONCE])))

    def number(self, series: str, n: int = 1) -> int:
        """Take the next number of a series, or the first of the next `n`; none is ever given again."""
        if not self.update("counters", {"value": metadata.tables["counters"].c.value + n}, name=series):
            self.insert("counters", {"name": series, "value": n})
        return int((self.row("counters", name=series) or {})["value"]) - n + 1

    def account_numbers(self, names: Iterable[str]) -> dict[str, int]:
        """The numbers of accounts by their name; those met for the first time get one."""
        wanted = sorted(set(names))
        known = self.known_accounts(wanted)
        fresh = [name for name in wanted if name not in known]
        if fresh:
            first = self.number("account", len(fresh))
            numbered = {name: first + i for i, name in enumerate(fresh)}
            rows = [{"account_no": number, "account_id": name} for name, number in numbered.items()]
            self.insert("accounts", *rows)
            known |= numbered
        return known


class Store:
    """The rows of one workspace.

    Attributes:
        name: How messages name it: a file, or an address without secrets.
    """

    def __init__(
        self, engine: sa.Engine, name: str, clock: Callable[[], datetime.datetime] = utc_now
    ) -> None:
        self._engine = engine
        self._clock = clock
        self.name = name

    @contextmanager
    def read(self) -> Iterator[Reading]:
        """Read as of one moment.

        Raises:
            WorkspaceError: The database can't be read.
        """
        with translated(self.name), self._engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield Reading(connection, self._clock())

    @contextmanager
    def write(self, actor: Actor) -> Iterator[Writing]:
        """Write; nothing of it stands if the block raises, the process dies or the disk is full.

        Raises:
            WorkspaceError: The database can't be written, or other writers hold it too long.
        """
        if not actor.name.strip():
            raise WorkspaceError("who does this? Name a person (--by NAME)")
        with translated(self.name), self._engine.connect() as connection:
            connection.execution_options(graphlink_writes=True)
            with connection.begin():
                if connection.dialect.name == "postgresql":
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
                writing = Writing(connection, self._clock(), actor)
                yield writing
                if not writing.last_seq:
                    raise WorkspaceError("rows without an event; this is a fault in graphlink")

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def time_text(moment: datetime.datetime) -> str:
    """A moment as the tables hold it: ISO 8601 in UTC, to the second."""
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_of_text(text: str | None) -> datetime.datetime | None:
    """A moment that the tables hold; None without one."""
    return datetime.datetime.fromisoformat(text) if text else None


def _conditions(table: sa.Table, equal: Mapping[str, object]) -> list[sa.ColumnElement[bool]]:
    return [
        table.c[name].is_(None) if value is None else table.c[name] == value for name, value in equal.items()
    ]


def _any_of(table: sa.Table, choices: Sequence[Choice]) -> sa.ColumnElement[bool]:
    return sa.or_(*(_chosen(table, one) for one in choices)) if choices else sa.true()


def _chosen(table: sa.Table, choice: Choice) -> sa.ColumnElement[bool]:
    known = {name: metadata.tables[of].c[column] for name, (of, column) in choice.known_to.items()}
    return sa.and_(
        sa.true(),
        *_conditions(table, choice.equal),
        *(table.c[name].in_(list(values)) for name, values in choice.among.items()),
        *(table.c[name].not_in(list(values)) for name, values in choice.without.items()),
        *(table.c[name].in_(sa.select(column)) for name, column in known.items()),
    )
