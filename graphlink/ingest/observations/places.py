"""Settings and frames -> the sources to read, and where each is."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from graphlink.core.credentials import redacted_address
from graphlink.core.errors import SettingsError
from graphlink.core.settings import AccountSource, Lookup, Source
from graphlink.ingest.sources.databases.query import select_all
from graphlink.ingest.sources.place import Place
from graphlink.ingest.sources.schemes import source_reader
from graphlink.kinds.placeholders import lowered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphlink.core.settings import Settings


def sources_of(settings: Settings, frames: dict[str, object]) -> list[tuple[Source, object]]:
    """Every source with its frame, if it is one; a frame that no source names is long."""
    pairs: list[tuple[Source, object]] = []
    for source in settings.sources:
        if source.is_located:
            pairs.append((source, None))
            continue
        if source.name not in frames:
            raise SettingsError(f"source {source.name!r}: no path, no database and no frame of this name")
        pairs.append((source, frames.pop(source.name)))
    return pairs + [(Source(name=name), frame) for name, frame in frames.items()]


def accounts_source(settings: Settings, frames: dict[str, object]) -> tuple[AccountSource, object] | None:
    """The table of accounts with its frame, if it is one; None where there is none."""
    source = settings.accounts
    if source is None:
        return (AccountSource(name="accounts"), frames.pop("accounts")) if "accounts" in frames else None
    if source.is_located:
        return source, None
    name = source.name or "accounts"
    if name not in frames:
        raise SettingsError(f"accounts: no path, no database and no frame named {name!r}")
    return source, frames.pop(name)


def place_of(source: Source | AccountSource | Lookup, frame: object, settings: Settings) -> Place:
    """Where a source is, and how its cells are read."""
    accounts = _accounts_of(settings.placeholders.keep), _accounts_of(settings.placeholders.reject)
    if isinstance(source, Lookup):
        return Place(
            source.name, path=source.path, records=source.records, keep=accounts[0], reject=accounts[1]
        )
    query = source.query
    if source.table and not query:
        query = select_all(source.table)
    if source.database and not query and not _reads_all(source.database):
        raise SettingsError(f"{source.name or 'source'}: a database needs a table or a query")
    # The address of a database may hold a password, and the folder of a file is irrelevant: neither is shown.
    query_name = "query of the database" if source.database else "query of Spark's catalog"
    name = source.name or Path(redacted_address(source.path)).name or source.table or query_name
    return Place(
        name=name,
        path=source.path,
        database=source.database,
        table="" if source.query else source.table,
        query=query,
        joins=source.joins,
        frame=frame,
        records=source.records,
        encoding=source.encoding,
        format=source.format,
        version=source.version,
        catalog=source.catalog,
        time_format=source.time_format,
        time_zone=source.time_zone or "UTC",
        latest=_latest(settings),
        keep=accounts[0],
        reject=accounts[1],
    )


def _reads_all(database: str) -> bool:
    """Whether a plugin reads an address and needs no query for it."""
    reader = source_reader(database)
    return reader is not None and not reader.needs_query


def _accounts_of(listed: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    """The texts that the settings list for accounts."""
    return lowered(
        text for name, texts in listed.items() if name.strip().lower() == "account" for text in texts
    )


def _latest(settings: Settings) -> str:
    """A day after now, since clocks differ; as text in UTC."""
    now = dt.datetime.fromisoformat(settings.now) if settings.now else dt.datetime.now(dt.UTC)
    now = now.astimezone(dt.UTC) if now.tzinfo else now.replace(tzinfo=dt.UTC)
    return (now + dt.timedelta(days=1)).isoformat(sep=" ")
