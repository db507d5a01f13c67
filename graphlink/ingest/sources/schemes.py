"""Sources that plugins read, by the scheme of their addresses, such as `bigquery://project/data.table`."""

from __future__ import annotations

import contextlib
import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import pyarrow as pa

from graphlink.core.credentials import POSTGRES, database_kind, redacted_text
from graphlink.core.errors import GraphlinkError, InputError
from graphlink.core.plugins import find_plugin, plugin_names
from graphlink.ingest.sources.streams import Rows, rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graphlink.core.settings import AccountSource, Settings, Source

    Located = TypeVar("Located", Source, AccountSource)

GROUP = "graphlink.sources"
BUILT_IN = (POSTGRES, "postgres", "file", "s3", "s3a", "gs", "abfss", "hdfs")
"""Schemes that graphlink reads by itself."""


@dataclass(frozen=True, slots=True)
class SourceReader:
    """What reads sources of a scheme.

    Attributes:
        name: The scheme, in small letters.
        about: What it reads, for people.
        read: Gives the rows of an address and a query as any object with the Arrow C stream, such as a
            RecordBatchReader; the query is empty where the settings name none. Its errors are shown without
            the secrets of the address.
        needs_query: Whether the settings have to name a table or a query.
    """

    name: str
    about: str
    read: Callable[[str, str], object]
    needs_query: bool = False


def with_schemes(settings: Settings) -> Settings:
    """Settings in which a path whose scheme a plugin reads is a database: it is no file anywhere."""
    schemes = frozenset(plugin_names(GROUP))
    if not schemes:
        return settings
    accounts = settings.accounts and _by_scheme(settings.accounts, schemes)
    return dataclasses.replace(
        settings, sources=tuple(_by_scheme(source, schemes) for source in settings.sources), accounts=accounts
    )


def _by_scheme(source: Located, schemes: frozenset[str]) -> Located:
    if source.database or database_kind(source.path) not in schemes:
        return source
    return dataclasses.replace(source, path="", database=source.path)


def source_reader(database: str) -> SourceReader | None:
    """What reads an address; None where no plugin does.

    Raises:
        PluginError: It is of a plugin that can't be used.
    """
    plugin = find_plugin(GROUP, database_kind(database), BUILT_IN)
    return None if plugin is None else plugin.use(SourceReader)


def read_scheme(reader: SourceReader, name: str, database: str, query: str) -> Rows:
    """Begin to read an address.

    Raises:
        InputError: The plugin could not read it, now or while its rows are read; the message holds no secret
            of the address.
    """
    with _named(reader, name, database):
        stream = pa.RecordBatchReader.from_stream(reader.read(database, query))
    return rows_of(stream, name, lambda: _named(reader, name, database))


@contextlib.contextmanager
def _named(reader: SourceReader, name: str, database: str) -> Iterator[None]:
    """Name the source and the plugin in any error of a reader, without the secrets in it."""
    try:
        yield
    except GraphlinkError:
        raise
    except Exception as error:  # noqa: BLE001 - any error of a plugin or its driver
        lines = str(error).strip().splitlines() or [""]
        reason = redacted_text(f"{type(error).__name__}: {lines[0]}"[:300], database)
        raise InputError(
            f"{name}: the plugin for {reader.name}:// could not read it: {reason}; check the address, and "
            "the table or query"
        ) from None
