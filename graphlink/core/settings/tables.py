"""Where a run reads from: sources, the table of accounts, reference lists and labels."""

from __future__ import annotations

import codecs
import re
import zoneinfo
from collections.abc import Mapping  # noqa: TC003 - the check of settings reads the type
from dataclasses import dataclass, field

from graphlink.core.credentials import redacted_repr
from graphlink.core.errors import SettingsError
from graphlink.core.ranges import check_fields, choice_field, path_field, shown
from graphlink.core.settings.checks import check_setting
from graphlink.core.settings.facts import check_fact_columns

PICKS = ("first", "last", "first_public", "last_public")
"""Which value of a list in a cell may be taken."""
LAKE_FORMATS = ("delta", "iceberg")
"""Formats of tables that are more than their files, and that are read by their own libraries."""
DEFAULT_ABUSE = ("banned", "suspended")
"""Words of the status column that mean "closed for abuse" where the settings name none."""


@dataclass(frozen=True, slots=True)
class KindColumn:
    """A column of identifiers whose cells hold lists, such as the addresses that proxies forward.

    Attributes:
        column: The column.
        pick: Which value of a list is taken: first, last, first_public or last_public (the first or last
            public address of it; if none is public, the first or last). A list is one of JSON, or its values
            stand between commas.
    """

    column: str = ""
    pick: str = ""

    def __post_init__(self) -> None:
        check_fields(self)
        check_setting("column", self.column, "a column", is_right=bool(self.column))
        check_setting("pick", self.pick, f"one of {', '.join(PICKS)}", is_right=self.pick in PICKS)


@dataclass(frozen=True, slots=True)
class Source:
    """A source of observations: files, a database table or query.

    A long source has one identifier per row (`kind` and `value` name its columns); a wide source has several
    (`kinds` maps each kind to its column). Columns inside others are named by dotted paths, such as user.id.

    Attributes:
        path: File, folder or glob (Parquet, CSV, JSON lines, also compressed), relative to the settings file,
            or a URL.
        records: Of JSON whose records are a list inside an object, the path to it, such as Records or
            resourceLogs[].scopeLogs[].logRecords.
        encoding: Encoding of text files that are not UTF-8, such as windows-1252.
        format: delta or iceberg, for a path that is the folder of such a table on this machine, the address
            of a Delta table, or with a catalog.
        version: Version of such a table, as text: of Delta its number, of Iceberg the id of a snapshot or the
            name of a branch or tag; or the moment at which it held (ISO 8601). If empty, the newest.
        catalog: Iceberg catalog that has the table, by its name in PyIceberg's configuration; the environment
            has its URI and keys (PYICEBERG_CATALOG__NAME__URI, __TOKEN).
        database: DuckDB or SQLite file, or the URL of a server (postgresql://, snowflake://, bigquery://,
            grpc+tls:// and others), libpq's `host=... dbname=...`, or a connection profile
            (profile://billing), instead of a path.
        table: Table of the database or catalog; without one, of Spark's catalog, as catalog.schema.table.
        query: Query of the database (without one, of Spark's catalog), instead of a table; or with a path a
            query over its files, which are `files` in it. One SELECT.
        joins: Name to file, folder or glob, relative to the settings file: further tables of a query over
            files, such as { customers = "customers.csv" }.
        name: Name in messages; for a frame, the name under which it is passed.
        account: Column with the account, or with an id that the lookup gives the account of.
        lookup: Name of the lookup that gives the account of each id in that column; empty for none.
        time: Column with the time; empty when the source has none.
        until: Column with the last time of a row that stands for several, from `time` to `until`; each then
            counts at least twice where the two differ. Such rows are a log folded by `graphlink fold`.
        moments: Column with the number of different times of such a row; if empty, two where `time` and
            `until` differ.
        time_format: strptime format, or epoch_s, epoch_ms, epoch_us, epoch_ns; empty for ISO 8601.
        time_zone: Time zone of times without one, such as Europe/Berlin.
        count: Column with the number of times; if empty each row counts once, except in a long source with
            a column n.
        kind: Column with the kind, in a long source.
        value: Column with the value, in a long source.
        kinds: Kind to column, in a wide source; of a column of lists
            { column = "forwarded_for", pick = "first_public" }.
        facts: Fact to column, such as { model = "model", tokens = "output_tokens" }: what describes calls and
            never links accounts. In a wide source, or with kind = "" in a source of facts only.
    """

    path: str = path_field()
    records: str = ""
    encoding: str = ""
    format: str = choice_field(*LAKE_FORMATS)
    version: str = ""
    catalog: str = ""
    database: str = path_field()
    table: str = ""
    query: str = ""
    joins: dict[str, str] = field(default_factory=dict)
    name: str = ""
    account: str = "account_id"
    lookup: str = ""
    time: str = "seen_at"
    until: str = ""
    moments: str = ""
    time_format: str = ""
    time_zone: str = "UTC"
    count: str = ""
    kind: str = "kind"
    value: str = "value"
    kinds: Mapping[str, str | KindColumn] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)

    __repr__ = redacted_repr

    def __post_init__(self) -> None:
        check_fields(self)
        _check_zone(self.time_zone)
        _check_records(self.records)
        _check_encoding(self.encoding)
        _check_query(self)
        _check_lake(self)
        check_setting(
            "until", self.until, "a column next to time", is_right=not self.until or bool(self.time)
        )
        is_folded = not self.moments or bool(self.until)
        check_setting("moments", self.moments, "a column next to until", is_right=is_folded)
        if self.until and self.facts:
            raise SettingsError("facts: a row with until stands for several calls; read facts from the log")
        identifying = {column: f"kinds.{kind}" for kind, column in self.columns.items()}
        check_fact_columns(self.facts, identifying | {self.account: "account"})
        if self.facts and not self.kinds and self.kind:
            raise SettingsError(
                "facts: expected a source with one row per call, found a long one, in which a call has "
                'several rows; map its identifiers by kinds, or set kind = "" for a source of facts only'
            )

    @property
    def is_located(self) -> bool:
        """Whether it names where it is: a path, a database, or a table or query of Spark's catalog."""
        return _is_located(self)

    @property
    def is_wide(self) -> bool:
        """Whether each kind has a column of its own, or a row describes a call."""
        return bool(self.kinds or self.facts)

    @property
    def count_column(self) -> str:
        """The column with how many requests a row stands for: n of a long source where none is named."""
        return self.count or ("" if self.is_wide else "n")

    @property
    def columns(self) -> dict[str, str]:
        """Kind to the name of its column, in a wide source."""
        named = self.kinds.items()
        return {kind: one.column if isinstance(one, KindColumn) else one for kind, one in named}

    @property
    def picks(self) -> dict[str, str]:
        """Kind to the value that is taken of a list in its cells, where its cells hold lists."""
        return {kind: one.pick for kind, one in self.kinds.items() if isinstance(one, KindColumn)}


@dataclass(frozen=True, slots=True)
class AccountSource:
    """The optional table of accounts.

    Attributes:
        path: File, folder or glob, relative to the settings file, or a URL.
        records: Of JSON whose records are a list inside an object, the path to it, such as Records.
        encoding: Encoding of text files that are not UTF-8, such as windows-1252.
        format: delta or iceberg, for a path that is the folder of such a table on this machine, the address
            of a Delta table, or with a catalog.
        version: Version of such a table, as text: of Delta its number, of Iceberg the id of a snapshot or the
            name of a branch or tag; or the moment at which it held (ISO 8601). If empty, the newest.
        catalog: Iceberg catalog that has the table, by its name in PyIceberg's configuration; the environment
            has its URI and keys (PYICEBERG_CATALOG__NAME__URI, __TOKEN).
        database: DuckDB or SQLite file, or the URL of a server (postgresql://, snowflake://, bigquery://,
            grpc+tls:// and others), libpq's `host=... dbname=...`, or a connection profile
            (profile://billing), instead of a path.
        table: Table of the database or catalog; without one, of Spark's catalog, as catalog.schema.table.
        query: Query of the database (without one, of Spark's catalog), instead of a table; or with a path a
            query over its files, which are `files` in it. One SELECT.
        joins: Name to file, folder or glob, relative to the settings file: further tables of a query over
            files, such as { customers = "customers.csv" }.
        name: Name in messages; for a frame, the name under which it is passed.
        account: Column with the account.
        created_at: Column with the time it was opened.
        closed_at: Column with the time it was closed or banned.
        status: Column with the status that the provider gives it.
        time_format: strptime format, or epoch_s, epoch_ms, epoch_us, epoch_ns; empty for ISO 8601.
        time_zone: Time zone of times without one.
        attributes: Further columns, copied to the result unchanged.
        abuse: Column to the values that mean "closed for abuse", such as
            { state = ["banned"], close_reason = ["tos", "fraud"] }; an account was closed for abuse when any
            of these columns has one of these values, in any case. If empty, "banned" and "suspended" in the
            column of the status.
    """

    path: str = path_field()
    records: str = ""
    encoding: str = ""
    format: str = choice_field(*LAKE_FORMATS)
    version: str = ""
    catalog: str = ""
    database: str = path_field()
    table: str = ""
    query: str = ""
    joins: dict[str, str] = field(default_factory=dict)
    name: str = ""
    account: str = "account_id"
    created_at: str = "created_at"
    closed_at: str = "closed_at"
    status: str = "status"
    time_format: str = ""
    time_zone: str = "UTC"
    attributes: tuple[str, ...] = ()
    abuse: dict[str, tuple[str, ...]] = field(default_factory=dict)

    __repr__ = redacted_repr

    def __post_init__(self) -> None:
        check_fields(self)
        _check_zone(self.time_zone)
        _check_records(self.records)
        _check_encoding(self.encoding)
        _check_query(self)
        _check_lake(self)
        for column, words in self.abuse.items():
            is_right = bool(words) and all(isinstance(word, str) and word.strip() for word in words)
            check_setting(
                f"abuse.{column}", words, 'words that mean abuse, such as ["banned"]', is_right=is_right
            )

    @property
    def is_located(self) -> bool:
        """Whether it names where it is: a path, a database, or a table or query of Spark's catalog."""
        return _is_located(self)

    @property
    def abuse_words(self) -> dict[str, tuple[str, ...]]:
        """Column to the values that mean "closed for abuse"; the default where none are set."""
        return self.abuse or {self.status: DEFAULT_ABUSE}


@dataclass(frozen=True, slots=True)
class Lookup:
    """A table that gives the account of each id of another kind, such as a customer of the billing system.

    Attributes:
        name: Name by which sources refer to it.
        path: File, folder or glob, relative to the settings file, or a URL.
        records: Of JSON whose records are a list inside an object, the path to it.
        id: Column with the id.
        account: Column with the account.
    """

    name: str = ""
    path: str = path_field()
    records: str = ""
    id: str = "id"
    account: str = "account_id"

    __repr__ = redacted_repr

    def __post_init__(self) -> None:
        check_fields(self)
        _check_records(self.records)
        check_setting("name", self.name, "a name, to which sources refer", is_right=bool(self.name))
        check_setting("path", self.path, "a file, a folder or a glob", is_right=bool(self.path))


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference list.

    Attributes:
        path: CSV of network (CIDR, address, range or ASN), label and type, or of flags such as is_vpn; JSON
            lines of such records (Spur, IPinfo); a list with one network a line (plain, .netset, ipset) or a
            cloud provider's JSON, with label and type here; or a MaxMind-format .mmdb file.
        label: Label of its networks, for a list without labels.
        type: Type of its networks, such as vpn or hosting.
    """

    path: str = path_field()
    label: str = ""
    type: str = ""

    def __post_init__(self) -> None:
        check_fields(self)

    __repr__ = redacted_repr


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels that analysts gave to pairs of accounts.

    Attributes:
        path: CSV or Parquet of account_id_l, account_id_r and verdict: yes (one operator), no or unsure.
        teach: Whether match weights are learned from the labels too; `graphlink fit` sets it.
        as_in_result: Whether accounts are named as in a result, where they may be hashed already; else they
            are named as in the sources.
    """

    path: str = path_field()
    teach: bool = False
    as_in_result: bool = False

    def __post_init__(self) -> None:
        check_fields(self)

    __repr__ = redacted_repr


def _is_located(source: Source | AccountSource) -> bool:
    return bool(source.path or source.database or source.table or source.query)


def _check_lake(source: Source | AccountSource) -> None:
    """Refuse a version of no lake table, and a lake table that is none of this machine's folders."""
    check_setting(
        "version", source.version, "a format beside it", is_right=bool(source.format) or not source.version
    )
    is_whole = source.format == "iceberg" and source.table and not (source.path or source.database)
    if source.catalog and (not is_whole or source.query):
        raise SettingsError(
            'catalog: expected format = "iceberg" and a table beside it, and no path or query'
        )
    is_name = not source.catalog or re.fullmatch(r"[A-Za-z0-9_-]{1,100}", source.catalog) is not None
    if not is_name:
        raise SettingsError(
            "catalog: expected the name of a catalog, such as lake, of which the environment has the URI and "
            "keys (PYICEBERG_CATALOG__LAKE__URI and others), or ~/.pyiceberg.yaml"
        )
    is_at_address = "://" in source.path
    if source.format == "iceberg" and is_at_address:
        raise SettingsError(
            "format: an Iceberg table at an address is read through its catalog; set catalog and table "
            "instead of the path"
        )
    if source.format and not source.catalog and (not source.path or source.query):
        raise SettingsError(
            f"format: {source.format} is read from a path that is a folder of this machine or the address of "
            "a Delta table, without a query, or from a catalog"
        )


def _check_query(source: Source | AccountSource) -> None:
    """Refuse joins without a query over files, names that SQL has no use for, and records in such a query."""
    is_over_files = bool(source.query and source.path)
    check_setting(
        "joins", source.joins, "a path and a query beside them", is_right=is_over_files or not source.joins
    )
    for name in source.joins:
        is_name = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,62}", name) is not None and name.lower() != "files"
        check_setting(f"joins.{name}", name, "a name of a-z, 0-9 and _, other than files", is_right=is_name)
        check_setting(f"joins.{name}", source.joins[name], "a path", is_right=bool(source.joins[name]))
    if is_over_files and source.records:
        raise SettingsError(
            "records: a query over files reads them itself, such as by unnest(record->'Records[*]')"
        )


def _check_records(path: str) -> None:
    is_path = not path or all(part.removesuffix("[]") for part in path.split("."))
    check_setting("records", path, "a path of keys, such as Records or data.items", is_right=is_path)


def _check_encoding(name: str) -> None:
    try:
        is_text = not name or codecs.lookup(name)._is_text_encoding
    except (LookupError, ValueError):
        is_text = False
    check_setting("encoding", name, "an encoding of text, such as windows-1252", is_right=is_text)


def _check_zone(name: str) -> None:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingsError(
            "time_zone: expected a zone of the tz database, such as UTC or Europe/Berlin, found "
            + shown(name)
        ) from None
