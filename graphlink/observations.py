"""Sources -> `observations`, `set_aside`, `accounts`: map, clean, and set aside what can't be used.

Nothing is guessed and nothing is lost in silence: every row of the input is kept, set aside with a reason, or
counted as empty. Values are hashed here where the settings ask for it, so that no later table holds them.

Names become numbers here, once: joins on integers are what makes a run fast. `observations` is a query of the
numbered `sightings`, `account_numbers` and `observed_values`, and stored nowhere until the result is written.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from graphlink.asides import FAULTS, MOST_SET_ASIDE, list_set_aside
from graphlink.closures import abuse_columns, abuse_sql, known_abuse_sql, unmatched_warning
from graphlink.credentials import redacted_address
from graphlink.engine import number
from graphlink.errors import InputError, SettingsError
from graphlink.kinds import (
    KINDS,
    UncleanValue,
    identifiers_of,
    kind_of,
    pseudonym,
    read_key,
)
from graphlink.numbering import number_rows
from graphlink.placeholders import listed_sql, lowered
from graphlink.pseudonyms import hashed_kinds
from graphlink.schema import ACCOUNTS, OBSERVATIONS, SET_ASIDE
from graphlink.settings import AccountSource, Source
from graphlink.sources.place import Place, Wanted
from graphlink.sources.rows import rows_table
from graphlink.sources.stage import stage
from graphlink.spelling import spelled
from graphlink.spellings import alike_accounts, alike_values, merged_accounts, merged_values
from graphlink.sql import quoted_name, quoted_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphlink.engine import Engine
    from graphlink.kinds import Kind
    from graphlink.settings import Settings
    from graphlink.sources.staged import Staged

MOST_KINDS = 1000  # distinct kinds of one run
ADDRESS_KIND = "ip"


@dataclass(frozen=True, slots=True)
class _Cells:
    """A query of cells: row, account, kind_no, value, seen_at, n; of one kind, or of several."""

    sql: str
    kind_no: int | None = None
    column: str = ""


@dataclass(frozen=True, slots=True)
class _Read:
    """A staged source, its cells, and the query of the rows whose kind can't be used (of a long source)."""

    staged: Staged
    cells: list[_Cells]
    bad_kinds: str = ""


@dataclass
class _Intake:
    """What is gathered while the sources are read."""

    engine: Engine
    settings: Settings
    key: bytes | None
    hashed: frozenset[str]
    kinds: list[Kind] = field(default_factory=list)
    mended: set[int] = field(default_factory=set)
    warnings: list[str] = field(default_factory=list)

    def number_of(self, name: str, where: str) -> int:
        """The number of a kind, which is added when it is new."""
        kind = kind_of(name, self.settings)
        names = [known.name for known in self.kinds]
        if kind.name in names:
            return names.index(kind.name)
        self.kinds.append(kind)
        if len(self.kinds) > MOST_KINDS:
            raise InputError(_told_too_many_kinds(len(self.kinds), where))
        return len(self.kinds) - 1


def collect_observations(
    engine: Engine, settings: Settings, frames: Mapping[str, object] | None = None
) -> dict[str, object]:
    """Make `observations`, `set_aside`, `accounts`, their numbered tables, and `addresses` from every source.

    The numbered tables follow the order of the names, so that nothing depends on the order of the input:

    - `account_numbers` (account_no, account_id), from 1;
    - `observed_values` (value_no, kind, value, place): place counts them in order of kind and value;
    - `sightings` (account_no, value_no, seen_at, n), one row per observation;
    - `held` (account_no, value_no, first_seen, last_seen, n, n_rows, n_timed): per account and value when it
      was seen, how many times, in how many sightings, and in how many with a time.

    `addresses(value)` holds each distinct address in the clear, for the reference lists; `add_routers` drops
    it.

    Args:
        engine: Where the tables are made.
        settings: The sources and what is done at the door.
        frames: pandas DataFrames or Arrow tables by name; one that no source names is taken as a long source.

    Returns:
        Facts for the manifest: per source rows read, kept and set aside by reason; per kind rows, accounts,
        values and time span; warnings.

    Raises:
        InputError: A source can't be read, or nothing in it can be used.
        SettingsError: The settings ask for what can't be done.
    """
    facts = check_input(engine, settings, frames)
    if not facts["n_observations"]:
        aside = facts["set_aside"]
        said = ", ".join(f"{n} {reason}" for reason, n in aside.items()) if isinstance(aside, dict) else ""
        raise InputError(
            f"no observation is left of {facts['rows_read']} rows"
            + (
                f"; set aside were {said}; `graphlink check` shows examples"
                if said
                else ": the sources are empty"
            )
        )
    return facts


def check_input(
    engine: Engine, settings: Settings, frames: Mapping[str, object] | None = None
) -> dict[str, object]:
    """Read everything as `collect_observations` does, and report; no usable row is no error here."""
    intake = _Intake(engine, settings, *_door(settings))
    empty = ", ".join(f"NULL::{column.type} AS {column.name}" for column in SET_ASIDE.columns)
    engine.make("set_aside", f"SELECT {empty} WHERE false")
    frames = dict(frames or {})
    accounts = _account_place(settings, frames)
    sources = _sources(settings, frames)
    if not sources:
        raise InputError("no source of observations; name files, or sources in graphlink.toml")
    reads = [_read(intake, i, *told) for i, told in enumerate(sources)]
    account_read = _read_accounts(intake, *accounts) if accounts else None
    _clean_cells(intake, reads)
    staged = [read.staged.table for read in reads] + ([account_read.staged.table] if account_read else [])
    intake.warnings += merged_values(engine, intake.hashed)
    intake.warnings += merged_accounts(engine, staged, is_hashed=_is_hashing_accounts(intake))
    _name_accounts(intake, staged)
    told = [_report(intake, read) for read in reads]
    account_facts = _report_accounts(intake, account_read) if account_read else None
    _number_names(intake, reads, account_read)
    _gather(intake, reads)
    _make_accounts(intake, account_read)
    _warn_of_kinds_not_hashed(intake)
    facts = _facts(intake, told, account_facts)
    engine.drop(
        *staged,
        *(f"{table}_kinds" for table in staged),
        "mended",
        "kind_list",
        "account_names",
        "account_rows",
    )
    return facts


def add_routers(engine: Engine, settings: Settings) -> dict[str, object]:
    """Add an observation of the router to each observation of an address that a reference list calls one.

    Takes `labels`; adds to `observations` and `accounts`. Autonomous systems and countries are added alike
    when the settings name these kinds: they are too weak to stand in every run. Where addresses are hashed,
    those in `labels` are replaced by their hashes. Drops `addresses`.

    Returns:
        Facts for the manifest: observations and accounts per kind added.
    """
    key, hashed = _door(settings)
    if engine.has("address_names"):
        others = ", ".join(f"l.{quoted_name(name)}" for name in engine.columns("labels") if name != "value")
        engine.make(
            "labels", f"SELECT a.value, {others} FROM labels l JOIN address_names a ON a.address = l.value"
        )
    engine.drop("addresses", "address_names")
    derived = [("router", "label", "label_type = 'router'")]
    derived += [(name, name, f"{name} IS NOT NULL") for name in ("asn", "country") if name in settings.kinds]
    facts: dict[str, object] = {}
    for name, column, condition in derived:
        raw = engine.rows(f"SELECT DISTINCT {column} FROM labels WHERE {condition} ORDER BY 1")
        if raw:
            _load_derived(engine, kind_of(name, settings), [str(row[0]) for row in raw], key, hashed)
            facts[name] = _add_derived(engine, name, column, condition)
    if facts:
        _count_again(engine)
    return facts


def _count_again(engine: Engine) -> None:
    """Let `accounts` count the observations that were added, and put the values in order anew."""
    number_rows(
        engine,
        "observed_values",
        "SELECT value_no, kind, value FROM observed_values",
        "place",
        ("kind", "value"),
    )
    _define_observations(engine)
    counted = ("first_seen", "last_seen", "n", "n_identifiers")
    columns = [
        f"coalesce(h.{name}, a.{name}) AS {name}" if name in counted else f"a.{quoted_name(name)}"
        for name in engine.columns("accounts")
    ]
    engine.make(
        "accounts",
        f"SELECT {', '.join(columns)} FROM accounts a LEFT JOIN ({_HELD_BY_ACCOUNT}) h USING (account_id)",
    )


def _load_derived(
    engine: Engine, kind: Kind, raw: list[str], key: bytes | None, hashed: frozenset[str]
) -> None:
    told = []
    for text in raw:
        try:
            told += [(text, *identifier) for identifier in identifiers_of(kind, text, key, hashed)[:1]]
        except UncleanValue:
            continue  # a label that is no name, such as "unknown", is no router
    columns = zip(*told, strict=True) if told else ((), (), ())
    arrays = [pa.array(list(column), pa.string()) for column in columns]
    engine.load("derived_names", pa.table(dict(zip(("raw", "kind", "value"), arrays, strict=True))))


def _add_derived(engine: Engine, name: str, column: str, condition: str) -> dict[str, object]:
    """Add observations of one kind, together with those of it that are there already."""
    labelled = (
        "FROM observed_values o JOIN labels l ON l.kind = o.kind AND l.value = o.value "
        f"JOIN derived_names d ON d.raw = l.{column} WHERE o.kind = '{ADDRESS_KIND}' AND l.{condition}"
    )
    engine.make(
        "new_values",
        f"SELECT DISTINCT d.kind, d.value {labelled} AND NOT EXISTS "
        "(SELECT 1 FROM observed_values k WHERE k.kind = d.kind AND k.value = d.value)",
    )
    engine.append(
        "observed_values",
        "SELECT 0, (x.last_no + row_number() OVER (ORDER BY n.kind, n.value))::INTEGER, n.kind, n.value "
        "FROM new_values n CROSS JOIN (SELECT max(value_no) AS last_no FROM observed_values) x",
    )
    engine.make(
        "derived_numbers",
        "SELECT r.value_no, v.value_no AS derived_no FROM "
        f"(SELECT o.value_no, d.kind, d.value {labelled}) r "
        "JOIN observed_values v ON v.kind = r.kind AND v.value = r.value",
    )
    of_kind = f"(SELECT value_no FROM observed_values WHERE kind = '{name}')"
    known = f"SELECT * FROM sightings WHERE value_no IN {of_kind}"
    is_known = number(engine, f"SELECT count(*) FROM ({known})") > 0
    engine.make(
        "derived",
        f"""
        SELECT account_no, value_no, seen_at, sum(n)::BIGINT AS n
        FROM (
            SELECT s.account_no, d.derived_no AS value_no, s.seen_at, s.n
            FROM sightings s JOIN derived_numbers d ON d.value_no = s.value_no
            {f"UNION ALL {known}" if is_known else ""}
        )
        GROUP BY ALL
        """,
    )
    if is_known:
        for table in ("sightings", "held"):
            engine.make(table, f"SELECT * FROM {table} WHERE value_no NOT IN {of_kind}")
    engine.append("sightings", "SELECT * FROM derived")
    engine.append("held", _held_sql("derived"))
    found = engine.rows("SELECT count(*), count(DISTINCT account_no), count(DISTINCT value_no) FROM derived")[
        0
    ]
    engine.drop("derived", "derived_names", "derived_numbers", "new_values")
    return dict(zip(("observations", "accounts", "values"), found, strict=True))


# --- the door ----------------------------------------------------------------------------------------------


def _door(settings: Settings) -> tuple[bytes | None, frozenset[str]]:
    """The key and the kinds that are hashed at the door."""
    told = settings.pseudonymize
    if not told.kinds:
        return None, frozenset()
    hashed = frozenset(told.kinds)
    for kind in KINDS.values():
        for wider, _ in kind.wider_sql:
            if wider in hashed and kind.name not in hashed:
                raise SettingsError(
                    f"pseudonymize.kinds: {wider} follows from {kind.name}, which is not; add {kind.name}"
                )
    if not told.key_file:
        raise SettingsError("pseudonymize: no key_file; name the file that holds the key")
    # What follows from a hashed kind is hashed too where a source has it by itself.
    return read_key(told.key_file), hashed_kinds(settings)


# --- reading -----------------------------------------------------------------------------------------------


def _sources(settings: Settings, frames: dict[str, object]) -> list[tuple[Source, object]]:
    """Every source with its frame, if it is one; a frame that no source names is long."""
    told: list[tuple[Source, object]] = []
    for source in settings.sources:
        if not (source.path or source.database) and source.name not in frames:
            raise SettingsError(f"source {source.name!r}: no path, no database and no frame of this name")
        told.append((source, None if source.path or source.database else frames.pop(source.name)))
    return told + [(Source(name=name), frame) for name, frame in frames.items()]


def _account_place(settings: Settings, frames: dict[str, object]) -> tuple[AccountSource, object] | None:
    source = settings.accounts
    if source is None:
        return (AccountSource(name="accounts"), frames.pop("accounts")) if "accounts" in frames else None
    if source.path or source.database:
        return source, None
    name = source.name or "accounts"
    if name not in frames:
        raise SettingsError(f"accounts: no path, no database and no frame named {name!r}")
    return source, frames.pop(name)


def _place(source: Source | AccountSource, frame: object, settings: Settings) -> Place:
    query = source.query
    if source.table and not query:
        query = "SELECT * FROM " + ".".join(quoted_name(part) for part in source.table.split("."))
    if source.database and not query:
        raise SettingsError(f"{source.name or 'source'}: a database needs a table or a query")
    # The address of a database may hold a password, and where a file is changes nothing: neither is told.
    name = source.name or Path(redacted_address(source.path)).name or source.table or "query of the database"
    return Place(
        name=name,
        path=source.path,
        database=source.database,
        query=query,
        frame=frame,
        time_format=source.time_format,
        time_zone=source.time_zone or "UTC",
        latest=_latest(settings),
        keep=_accounts_of(settings.placeholders.keep),
        reject=_accounts_of(settings.placeholders.reject),
    )


def _accounts_of(listed: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    """What the settings list for the accounts."""
    return lowered(
        text for name, texts in listed.items() if name.strip().lower() == "account" for text in texts
    )


def _latest(settings: Settings) -> str:
    """A day after now, since clocks differ; as text in UTC."""
    now = dt.datetime.fromisoformat(settings.now) if settings.now else dt.datetime.now(dt.UTC)
    now = now.astimezone(dt.UTC) if now.tzinfo else now.replace(tzinfo=dt.UTC)
    return (now + dt.timedelta(days=1)).isoformat(sep=" ")


def _read(intake: _Intake, number_: int, source: Source, frame: object) -> _Read:
    # The names seen_at and n are guesses unless they were told, so only told ones have to be there.
    wanted = [
        Wanted("account", source.account, "account"),
        Wanted("seen_at", source.time, "time", is_needed=source.time not in ("", "seen_at")),
        Wanted("n", source.count or ("" if source.kinds else "n"), "count", is_needed=bool(source.count)),
    ]
    if source.kinds:
        wanted += [Wanted(f"v{i}", column, "value") for i, column in enumerate(source.kinds.values())]
    else:
        wanted.append(Wanted("kind", source.kind, "needed_text"))
        wanted.append(Wanted("value", source.value, "needed_value"))
    place = _place(source, frame, intake.settings)
    staged = stage(intake.engine, place, wanted, f"staged_{number_}")
    intake.warnings += staged.warnings
    if source.time in staged.missing - {""}:
        intake.warnings.append(
            f"{staged.name}: no column {source.time!r}, so its observations have no time; name the column in "
            'graphlink.toml, or say time = "" when there is none'
        )
    return _wide_cells(intake, staged, source) if source.kinds else _long_cells(intake, staged, source)


def _wide_cells(intake: _Intake, staged: Staged, source: Source) -> _Read:
    cells = []
    for i, (name, column) in enumerate(source.kinds.items()):
        try:
            kind_no = intake.number_of(name, staged.name)
        except UncleanValue as error:
            raise SettingsError(f"{staged.name}: kinds.{name}: {error.mend}") from error
        sql = (
            f"SELECT {staged.row} AS row, account, {kind_no} AS kind_no, v{i} AS value, seen_at, n "
            f"FROM {staged.table} WHERE fault IS NULL AND v{i} <> ''"
        )
        cells.append(_Cells(sql, kind_no, column))
    return _Read(staged, cells)


def _long_cells(intake: _Intake, staged: Staged, source: Source) -> _Read:
    """Give each kind its number, which stands for its name in every statement."""
    engine, table = intake.engine, f"{staged.table}_kinds"
    where = f"{staged.name}, column {source.kind!r}"
    distinct = f"SELECT DISTINCT kind FROM {staged.table} WHERE fault IS NULL"
    told = engine.rows(f"{distinct} LIMIT {MOST_KINDS + 1}")
    if len(told) > MOST_KINDS:
        raise InputError(_told_too_many_kinds(number(engine, f"SELECT count(*) FROM ({distinct})"), where))
    names: list[tuple[str, int | None, str | None, str | None]] = []
    for raw in sorted(str(row[0]) for row in told):
        try:
            names.append((raw, intake.number_of(raw, where), None, None))
        except UncleanValue as error:
            names.append((raw, None, error.reason, error.mend))
    types = (pa.string(), pa.int32(), pa.string(), pa.string())
    engine.load(table, rows_table(("raw", "kind_no", "reason", "mend"), types, names))
    rows = f"FROM {staged.table} s JOIN {table} k ON k.raw = s.kind WHERE s.fault IS NULL"
    cells = f"SELECT s.{staged.row} AS row, s.account, k.kind_no, s.value, s.seen_at, s.n {rows}"
    cells += " AND k.reason IS NULL"
    bad_kinds = (
        f"SELECT s.{staged.row} AS row, {quoted_text(source.kind)} AS column_name, k.reason, "
        f"s.kind AS found, k.mend {rows} AND k.reason IS NOT NULL"
    )
    return _Read(staged, [_Cells(cells, column=source.value)], bad_kinds)


def _told_too_many_kinds(n_kinds: int, where: str) -> str:
    return (
        f"{where}: {n_kinds:,} kinds, at most {MOST_KINDS:,} are read; look whether the columns of kind and "
        "value are swapped, or whether the value is part of the kind's name"
    )


# --- cleaning ----------------------------------------------------------------------------------------------

_AT_ONCE = 200_000  # values cleaned between two loads into the engine
_MENDED = ("kind_no", "raw", "kind", "value", "reason", "mend", "is_respelled")
_MENDED_TYPES = (pa.int32(), *[pa.string()] * 5, pa.bool_())


def _clean_cells(intake: _Intake, reads: list[_Read]) -> None:
    """Make `raw_values`, the distinct values as they are, and `mended`: what stands for those not clean.

    Where nothing can, `mended` says why. Most values are clean already, which SQL can tell; only the others
    are handed to Python, once each.
    """
    engine = intake.engine
    numbered = [(no, kind.name) for no, kind in enumerate(intake.kinds)]
    engine.load("kind_list", rows_table(("kind_no", "kind"), (pa.int32(), pa.string()), numbered))
    engine.load("mended", rows_table(_MENDED, _MENDED_TYPES, []))
    cells = " UNION ALL ".join(f"SELECT kind_no, value FROM ({c.sql})" for read in reads for c in read.cells)
    engine.make("raw_values", f"SELECT kind_no, value FROM ({cells}) GROUP BY kind_no, value")
    conditions = " ".join(
        f"WHEN {no} THEN {_is_clean_sql(intake, kind)}" for no, kind in enumerate(intake.kinds)
    )
    is_clean = f"CASE kind_no {conditions} END" if conditions else "false"
    # Outside of a CASE, where the engine looks a text up in a list by its hash.
    listed = f"SELECT kind_no, value, {listed_sql('value')} AS is_listed FROM raw_values"
    unclean = engine.arrow(
        f"SELECT kind_no, value FROM ({listed}) WHERE is_listed OR NOT coalesce({is_clean}, false)"
    )
    for batch in unclean.to_batches(max_chunksize=_AT_ONCE):
        numbers, values = (column.to_pylist() for column in batch.columns)
        rows = [row for no, value in zip(numbers, values, strict=True) for row in _mended(intake, no, value)]
        engine.load("arrived", rows_table(_MENDED, _MENDED_TYPES, rows))
        engine.append("mended", "SELECT * FROM arrived")
        engine.drop("arrived")
        intake.mended |= set(numbers)


def _is_clean_sql(intake: _Intake, kind: Kind) -> str:
    is_hashed = kind.name in intake.hashed
    return "false" if is_hashed or kind.is_clean_sql is None else f"({kind.is_clean_sql})"


_Mended = tuple[int, str, str | None, str | None, str | None, str | None, bool]


def _mended(intake: _Intake, kind_no: int, raw: str) -> list[_Mended]:
    kind = intake.kinds[kind_no]
    is_respelled = spelled(raw) != raw
    try:
        if kind.name not in intake.hashed:
            return [(kind_no, raw, kind.name, kind.clean(raw), None, None, is_respelled)]
        # What follows from a value can't be told from its hash, so it is observed here.
        told = identifiers_of(kind, raw, intake.key, intake.hashed)
        return [(kind_no, raw, name, value, None, None, is_respelled) for name, value in told]
    except UncleanValue as error:
        return [(kind_no, raw, None, None, error.reason, error.mend, False)]


def _name_accounts(intake: _Intake, tables: list[str]) -> None:
    """Make `account_names`: the hash of each account, when accounts are hashed."""
    if not _is_hashing_accounts(intake):
        return
    asked = " UNION ".join(f"SELECT account FROM {table} WHERE fault IS NULL" for table in tables)
    raw = [str(name) for name in intake.engine.arrow(asked).column(0).to_pylist()]
    key = intake.key or b""
    named = [(name, pseudonym(key, "account", name)) for name in raw]
    intake.engine.load("account_names", rows_table(("raw", "account_id"), (pa.string(), pa.string()), named))


def _is_hashing_accounts(intake: _Intake) -> bool:
    return "account" in intake.hashed


# --- what is kept ------------------------------------------------------------------------------------------


def _number_names(intake: _Intake, reads: list[_Read], accounts: _AccountRead | None) -> None:
    """Make `account_numbers`, `observed_values`, and `raw_numbers` (kind_no, raw, value_no) of the values."""
    engine = intake.engine
    engine.make(
        "raw_names",
        "SELECT r.kind_no, r.value AS raw, coalesce(m.kind, k.kind) AS kind, "
        "coalesce(m.value, r.value) AS value FROM raw_values r JOIN kind_list k ON k.kind_no = r.kind_no "
        "LEFT JOIN mended m ON m.kind_no = r.kind_no AND m.raw = r.value WHERE m.reason IS NULL",
    )
    number_rows(
        engine, "placed_values", "SELECT DISTINCT kind, value FROM raw_names", "place", ("kind", "value")
    )
    engine.make("observed_values", "SELECT place, place AS value_no, kind, value FROM placed_values")
    engine.drop("placed_values")
    engine.make(
        "raw_numbers",
        "SELECT r.kind_no, r.raw, v.value_no FROM raw_names r "
        "JOIN observed_values v ON v.kind = r.kind AND v.value = r.value",
    )
    engine.drop("raw_values", "raw_names")
    if accounts is None:
        engine.make(
            "account_rows",
            "SELECT NULL::VARCHAR AS account_id, NULL::TIMESTAMPTZ AS created_at, "
            "NULL::TIMESTAMPTZ AS closed_at, NULL::VARCHAR AS status, NULL::BOOLEAN AS is_abuse WHERE false",
        )
    seen = " UNION ALL ".join(_accounts_seen(intake, cells) for read in reads for cells in read.cells)
    if _is_hashing_accounts(intake):
        seen = f"SELECT a.account_id FROM ({seen}) s JOIN account_names a ON a.raw = s.account_id"
    number_rows(
        engine,
        "account_numbers",
        f"SELECT DISTINCT account_id FROM ({seen} UNION ALL SELECT account_id FROM account_rows)",
        "account_no",
        ("account_id",),
    )


def _accounts_seen(intake: _Intake, cells: _Cells) -> str:
    """Query of the accounts of the cells that can be used."""
    told = f"SELECT account AS account_id, kind_no, value FROM ({cells.sql})"
    if cells.kind_no is None or cells.kind_no in intake.mended:
        unusable = "SELECT kind_no, raw FROM mended WHERE reason IS NOT NULL"
        told += f" c ANTI JOIN ({unusable}) m ON m.kind_no = c.kind_no AND m.raw = c.value"
    return f"SELECT DISTINCT account_id FROM ({told})"


def _gather(intake: _Intake, reads: list[_Read]) -> None:
    """Make `sightings`, `held`, `observations` and `addresses` from the cells of every source."""
    engine = intake.engine
    account, names = "a.account_id = c.account", ""
    if _is_hashing_accounts(intake):
        account, names = "a.account_id = n.account_id", "JOIN account_names n ON n.raw = c.account"
    # One heavy operator in a statement: what has to spill then needs memory for one.
    engine.make(
        "numbered_cells",
        " UNION ALL ".join(
            f"SELECT a.account_no, v.value_no, c.seen_at, c.n FROM ({cells.sql}) c "
            f"JOIN raw_numbers v ON v.kind_no = c.kind_no AND v.raw = c.value {names} "
            f"JOIN account_numbers a ON {account}"
            for read in reads
            for cells in read.cells
        ),
    )
    engine.make(
        "sightings",
        "SELECT account_no, value_no, seen_at, sum(n)::BIGINT AS n FROM numbered_cells "
        "GROUP BY account_no, value_no, seen_at",
    )
    engine.drop("numbered_cells", "raw_numbers")
    engine.make("held", _held_sql("sightings"))
    _define_observations(engine)
    OBSERVATIONS.check_columns(engine)
    _list_addresses(intake)


def _held_sql(sightings: str) -> str:
    return (
        "SELECT account_no, value_no, min(seen_at) AS first_seen, max(seen_at) AS last_seen, "
        "sum(n)::BIGINT AS n, count(*) AS n_rows, count(seen_at) AS n_timed "
        f"FROM {sightings} GROUP BY account_no, value_no"
    )


def _define_observations(engine: Engine) -> None:
    engine.define(
        "observations",
        "SELECT a.account_id, v.kind, v.value, s.seen_at, s.n FROM sightings s "
        "JOIN account_numbers a ON a.account_no = s.account_no "
        "JOIN observed_values v ON v.value_no = s.value_no",
    )


def _list_addresses(intake: _Intake) -> None:
    engine = intake.engine
    if ADDRESS_KIND not in intake.hashed:
        engine.make("addresses", f"SELECT value FROM observed_values WHERE kind = '{ADDRESS_KIND}'")
        return
    # The lists tell of addresses, not of their hashes; both tables are gone when routers have been added.
    names = [kind.name for kind in intake.kinds]
    kind_no = names.index(ADDRESS_KIND) if ADDRESS_KIND in names else -1
    found = engine.arrow(
        f"SELECT min(raw) AS raw, value FROM mended WHERE kind_no = {kind_no} AND kind = '{ADDRESS_KIND}' "
        "GROUP BY value"
    )
    raw, hashed = (column.to_pylist() for column in found.columns)
    named = [(KINDS[ADDRESS_KIND].clean(text), value) for text, value in zip(raw, hashed, strict=True)]
    engine.load("address_names", rows_table(("address", "value"), (pa.string(), pa.string()), named))
    engine.make("addresses", "SELECT address AS value FROM address_names")


# --- what is set aside -------------------------------------------------------------------------------------


def _report(intake: _Intake, read: _Read) -> dict[str, object]:
    """Add what a source had set aside to `set_aside`; give the facts of the source."""
    engine, staged = intake.engine, read.staged
    parts = [FAULTS.format(row=staged.row, table=staged.table)]
    parts += [read.bad_kinds] if read.bad_kinds else []
    hashed = ", ".join(str(no) for no, kind in enumerate(intake.kinds) if kind.name in intake.hashed) or "-1"
    for cells in read.cells:
        if cells.kind_no is None or cells.kind_no in intake.mended:
            # An empty cell of a wide row says nothing, so nothing is set aside.
            is_blank = "" if cells.kind_no is None else "AND m.reason <> 'empty'"
            parts.append(
                f"SELECT c.row, {quoted_text(cells.column)}, m.reason, "
                f"CASE WHEN m.reason <> 'card_number' AND c.kind_no NOT IN ({hashed}) "
                f"THEN left(c.value, 300) END, m.mend FROM ({cells.sql}) c "
                "JOIN mended m ON m.kind_no = c.kind_no AND m.raw = c.value "
                f"WHERE m.reason IS NOT NULL {is_blank}"
            )
    engine.make("aside", " UNION ALL ".join(parts))
    return _listed(intake, staged)


def _listed(intake: _Intake, staged: Staged) -> dict[str, object]:
    facts = list_set_aside(intake.engine, staged, shows_shapes=bool(intake.hashed))
    intake.warnings += facts.pop("warnings")
    return facts


# --- accounts ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _AccountRead:
    staged: Staged
    source: AccountSource

    @property
    def attributes(self) -> tuple[str, ...]:
        """Columns that are carried through as they are."""
        return self.source.attributes


def _read_accounts(intake: _Intake, source: AccountSource, frame: object) -> _AccountRead:
    clash = [name for name in source.attributes if name in ACCOUNTS.column_names]
    if clash:
        raise SettingsError(f"accounts.attributes: {clash[0]!r} is a column of its own; leave it out")
    wanted = [Wanted("account", source.account, "account")]
    for name in ("created_at", "closed_at", "status"):
        column = getattr(source, name)
        role = "text" if name == "status" else "any_time"
        wanted.append(Wanted(name, column, role, is_needed=column not in ("", name)))
    wanted += abuse_columns(source)
    wanted += [Wanted(f"a{i}", column, "text") for i, column in enumerate(source.attributes)]
    place = _place(source, frame, intake.settings)
    staged = stage(intake.engine, place, wanted, "staged_accounts")
    intake.warnings += staged.warnings
    return _AccountRead(staged, source)


def _report_accounts(intake: _Intake, read: _AccountRead) -> dict[str, object]:
    """Make `account_rows`, one row per account of the table of accounts; give its facts."""
    engine, staged = intake.engine, read.staged
    attributes = "".join(f", a{i}" for i in range(len(read.attributes)))
    account = "s.account"
    join = ""
    if _is_hashing_accounts(intake):
        account, join = "a.account_id", "JOIN account_names a ON a.raw = s.account"
    engine.make(
        "account_rows",
        f"""
        SELECT {account} AS account_id, s.created_at, s.closed_at, s.status,
            {abuse_sql(read.source, "s")} AS is_abuse{attributes}
        FROM {staged.table} s {join} WHERE s.fault IS NULL
        QUALIFY row_number() OVER (
            PARTITION BY s.account
            ORDER BY s.created_at NULLS LAST, s.closed_at NULLS LAST, s.status{attributes}
        ) = 1
        """,
    )
    engine.make("aside", FAULTS.format(row=staged.row, table=staged.table))
    n_usable = number(engine, f"SELECT count(*) FROM {staged.table} WHERE fault IS NULL")
    n_repeated = n_usable - number(engine, "SELECT count(*) FROM account_rows")
    if n_repeated:
        intake.warnings.append(
            f"{staged.name}: {n_repeated} rows repeat an account; of each the oldest was kept"
        )
    if unmatched := unmatched_warning(engine, read.source, staged.name):
        intake.warnings.append(unmatched)
    return _listed(intake, staged) | {"n_repeated": n_repeated}


def _make_accounts(intake: _Intake, read: _AccountRead | None) -> None:
    """Make `accounts`: every account that was observed or told."""
    engine = intake.engine
    attributes = read.attributes if read else ()
    further = "".join(f", r.a{i} AS {quoted_name(name)}" for i, name in enumerate(attributes))
    engine.make(
        "accounts",
        f"""
        SELECT coalesce(h.account_id, r.account_id) AS account_id, r.created_at, r.closed_at, r.status,
            {known_abuse_sql(engine, "r")} AS is_abuse, h.first_seen, h.last_seen, coalesce(h.n, 0) AS n,
            coalesce(h.n_identifiers, 0) AS n_identifiers{further}
        FROM ({_HELD_BY_ACCOUNT}) h FULL JOIN account_rows r ON r.account_id = h.account_id
        """,
    )
    ACCOUNTS.check_columns(engine, extra=True)
    if not _is_hashing_accounts(intake):
        intake.warnings += alike_accounts(engine)
    intake.warnings += alike_values(engine)


_HELD_BY_ACCOUNT = """
    SELECT a.account_id, h.first_seen, h.last_seen, h.n, h.n_identifiers
    FROM (
        SELECT account_no, min(first_seen) AS first_seen, max(last_seen) AS last_seen, sum(n)::BIGINT AS n,
               count(*) AS n_identifiers
        FROM held GROUP BY account_no
    ) h JOIN account_numbers a ON a.account_no = h.account_no
"""


def _warn_of_kinds_not_hashed(intake: _Intake) -> None:
    """Tell of kinds to be hashed that are not there: under another name they would be in the clear."""
    names = {kind.name for kind in intake.kinds}
    known = names.union({"account"}, *({name for name, _ in kind.wider_sql} for kind in intake.kinds))
    for name in sorted(set(intake.settings.pseudonymize.kinds) - known):
        intake.warnings.append(
            f"pseudonymize.kinds: no source has the kind {name!r}, so nothing of it was hashed; the kinds "
            f"are {', '.join(sorted(names)[:20])}"
        )


# --- facts -------------------------------------------------------------------------------------------------


def _facts(
    intake: _Intake, sources: list[dict[str, Any]], accounts: dict[str, Any] | None
) -> dict[str, object]:
    engine = intake.engine
    totals: dict[str, int] = {}
    for source in sources:
        for reason, n in source["set_aside"].items():
            totals[reason] = totals.get(reason, 0) + n
    return {
        "sources": sources,
        "accounts_table": accounts,
        "rows_read": sum(source["rows_read"] for source in sources),
        "rows_set_aside": sum(source["rows_set_aside"] for source in sources),
        "lines_set_aside": sum(source["lines_set_aside"] for source in sources),
        "set_aside": dict(sorted(totals.items())),
        "most_listed": MOST_SET_ASIDE,
        "kinds": _describe_kinds(engine),
        "n_observations": number(engine, "SELECT count(*) FROM sightings"),
        "n_accounts": number(engine, "SELECT count(*) FROM accounts"),
        "warnings": intake.warnings,
    }


def _describe_kinds(engine: Engine) -> dict[str, dict[str, object]]:
    """Rows, accounts, values and time span of each kind."""
    told = engine.rows(
        f"""
        SELECT kind, sum(n_rows)::BIGINT AS rows, count(DISTINCT account_no) AS accounts,
               count(DISTINCT value_no) AS values, {_iso("min(first_seen)")}, {_iso("max(last_seen)")}
        FROM held JOIN observed_values USING (value_no)
        GROUP BY kind ORDER BY kind
        """
    )
    names = ("rows", "accounts", "values", "first_seen", "last_seen")
    return {str(row[0]): dict(zip(names, row[1:], strict=True)) for row in told}


def _iso(time: str) -> str:
    return f"strftime({time}, '%Y-%m-%dT%H:%M:%SZ')"
