"""Databases of every sort, and what a staged table is made of."""

from __future__ import annotations

import contextlib
import sqlite3
import sys
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graphlink.core.errors import InputError, SettingsError
from graphlink.core.settings import AccountSource, Placeholders, Settings, Source
from graphlink.engine.duck import DuckEngine
from tests.collected import collect_observations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = "2026-01-01T00:00:00Z"
EXPECTED = [
    ("007", "client", "x", "2025-06-01 10:00:00", 1),
    ("007", "ip", "8.8.8.8", "2025-06-01 10:00:00", 1),
    ("8", "ip", "2001:4860:4860::8888", None, 1),
]
SOURCE: dict[str, Any] = {"account": "who", "time": "at", "kinds": {"ip": "addr", "client": "dev"}}


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(memory="1GB", threads=1) as made:
        yield made


def collect(engine: DuckEngine, *sources: Source, **told: Any) -> dict[str, Any]:
    return collect_observations(engine, Settings(now=NOW, sources=sources, **told))


def observed(engine: DuckEngine) -> list[tuple[object, ...]]:
    return engine.rows(
        "SELECT account_id, kind, value, strftime(seen_at, '%Y-%m-%d %H:%M:%S'), n FROM observations "
        "ORDER BY ALL"
    )


@pytest.fixture
def sqlite_file(tmp_path: Path) -> str:
    path = tmp_path / "it's.db"
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute('CREATE TABLE "request log" (who, at TEXT, addr, dev, "odd ""name""" REAL)')
        rows = [
            ("007", "2025-06-01T10:00:00Z", "8.8.8.8", "x", 1.5),
            (8, None, "2001:4860:4860:0::8888", "", None),
        ]
        connection.executemany('INSERT INTO "request log" VALUES (?, ?, ?, ?, ?)', rows)
    return str(path)


def test_what_the_name_of_a_folder_shows_is_a_column_that_no_file_has(
    engine: DuckEngine, tmp_path: Path
) -> None:
    for day, who in (("2025-06-01", "007"), ("2025-06-02", "8")):
        folder = tmp_path / f"day={day}" / "who=x"
        folder.mkdir(parents=True)
        rows = {"who": [who], "at": ["2025-06-01T10:00:00Z"], "addr": ["8.8.8.8"], "dev": ["x"]}
        pq.write_table(pa.table(rows), folder / "part-0.parquet")
    facts = collect(engine, Source(path=str(tmp_path), **SOURCE))
    assert [name["name"] for name in facts["sources"][0]["inputs"]] == [
        f"day={day}/who=x/part-0.parquet" for day in ("2025-06-01", "2025-06-02")
    ]
    assert {row[0] for row in observed(engine)} == {"007", "8"}
    collect(engine, Source(path=str(tmp_path), **{**SOURCE, "time": "day"}))
    assert {(row[0], row[3]) for row in observed(engine)} == {
        ("007", "2025-06-01 00:00:00"),
        ("8", "2025-06-02 00:00:00"),
    }


def test_a_table_of_sqlite(engine: DuckEngine, sqlite_file: str) -> None:
    facts = collect(engine, Source(database=sqlite_file, table="request log", **SOURCE))
    assert observed(engine) == EXPECTED
    assert facts["sources"][0]["name"] == "request log"
    assert len(facts["sources"][0]["inputs"][0]["sha256"]) == 64


def test_a_query_of_sqlite_in_order(engine: DuckEngine, sqlite_file: str) -> None:
    query = "SELECT who AS account_id, 'client' AS kind, dev AS value FROM \"request log\" ORDER BY who DESC"
    facts = collect(engine, Source(database=sqlite_file, query=query, time=""))
    assert observed(engine) == [("007", "client", "x", None, 1)]
    assert facts["sources"][0]["rejected_rows"] == {"null_value": 1}
    # Text comes after numbers, so the row of 8 is the second.
    assert engine.rows("SELECT source, row_number FROM rejected_rows") == [("query of the database", 2)]


def test_sqlite_is_only_read(engine: DuckEngine, sqlite_file: str) -> None:
    query = 'DELETE FROM "request log" RETURNING *'
    with pytest.raises(InputError, match="SQLite says"):
        collect(engine, Source(database=sqlite_file, query=query, **SOURCE))


@pytest.fixture
def duckdb_file(tmp_path: Path) -> str:
    path = tmp_path / "it's.duckdb"
    with DuckEngine() as maker:
        maker.rows(f"ATTACH '{str(path).replace(chr(39), chr(39) * 2)}' AS made")
        maker.rows("CREATE SCHEMA made.raw")
        maker.rows(
            "CREATE TABLE made.raw.log AS SELECT * FROM (VALUES "
            "('007', TIMESTAMP '2025-06-01 12:00:00', '8.8.8.8', 'x'), "
            "('8', NULL, '2001:4860:4860:0::8888', '')) t(who, \"at\", addr, dev)"
        )
        maker.rows("CREATE TABLE made.main.users AS SELECT 7 AS id, DATE '2025-01-01' AS born, ['a'] AS tags")
        maker.rows("DETACH made")
    return str(path)


def test_a_table_of_duckdb(engine: DuckEngine, duckdb_file: str) -> None:
    collect(engine, Source(database=duckdb_file, table="raw.log", time_zone="Europe/Berlin", **SOURCE))
    assert observed(engine) == EXPECTED


def test_a_query_of_duckdb_next_to_a_table_of_accounts(engine: DuckEngine, duckdb_file: str) -> None:
    accounts = AccountSource(database=duckdb_file, table="users", account="id", created_at="born")
    query = "SELECT * FROM raw.log WHERE dev <> ''"
    collect(engine, Source(database=duckdb_file, query=query, **SOURCE), accounts=accounts)
    rows = engine.rows("SELECT account_id, created_at::DATE::VARCHAR, n FROM accounts ORDER BY 1")
    assert rows == [("007", None, 2), ("7", "2025-01-01", 0)]


def test_duckdb_is_only_read_and_its_faults_are_reported(engine: DuckEngine, duckdb_file: str) -> None:
    with pytest.raises(InputError, match=r"log: .*Table with name log does not exist"):
        collect(engine, Source(database=duckdb_file, table="log", **SOURCE))
    # The engine works on after that.
    collect(engine, Source(database=duckdb_file, table="raw.log", **SOURCE))
    query = "SELECT id AS account_id, 'client' AS kind, tags AS value FROM users"
    with pytest.raises(InputError, match="holds no single text"):
        collect(engine, Source(database=duckdb_file, query=query, time=""))


def test_a_database_needs_a_table_or_a_query(engine: DuckEngine, sqlite_file: str) -> None:
    with pytest.raises(SettingsError, match="a table or a query"):
        collect(engine, Source(database=sqlite_file))


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"time_zone": "Mars/Olympus"}, "zone of the tz database, .*found 'Mars/Olympus'"),
        ({"time_zone": "../etc/passwd"}, "zone of the tz database"),
        ({"time_format": "%Q"}, "time_format '%Q'"),
        ({"time_format": "epoch"}, "use epoch_s"),
    ],
)
def test_settings_of_times_are_checked(
    engine: DuckEngine, sqlite_file: str, told: dict[str, Any], said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        collect(engine, Source(database=sqlite_file, table="request log", **SOURCE, **told))


# --- PostgreSQL --------------------------------------------------------------------------------------------


def test_a_table_and_a_query_of_postgresql(engine: DuckEngine, postgres: str) -> None:
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(postgres) as connection, connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE log (who numeric, at timestamptz, addr inet, dev uuid, net cidr, n int8)"
        )
        cursor.execute(
            "INSERT INTO log VALUES (7, '2025-06-01 12:00+02', '8.8.8.8', "
            "'11111111-2222-3333-4444-555555555555', '10.0.0.0/8', 3), "
            "(8, NULL, '2001:4860:4860::8888', NULL, NULL, 1), (9, 'infinity', '8.8.4.4', NULL, NULL, 1)"
        )
        connection.commit()
    facts = collect(engine, Source(database=postgres, table="public.log", count="n", **SOURCE))
    assert observed(engine) == [
        ("7", "client", "11111111-2222-3333-4444-555555555555", "2025-06-01 10:00:00", 3),
        ("7", "ip", "8.8.8.8", "2025-06-01 10:00:00", 3),
        ("8", "ip", "2001:4860:4860::8888", None, 1),
    ]
    assert facts["rejected_rows"] == {"unparsable_time": 1}
    assert "s3cret" not in str(facts)
    query = "SELECT who, at, addr, dev FROM log WHERE who = 8"
    collect(engine, Source(database=postgres, query=query, **SOURCE))
    assert [row[0] for row in observed(engine)] == ["8"]


def test_lists_of_postgresql_are_refused_where_they_are_requested_for(
    engine: DuckEngine, postgres: str
) -> None:
    """The text of a list, {a,b}, would be one value that nobody has."""
    query = "SELECT 7 AS who, ARRAY['a','b'] AS tags, now() AS at, '8.8.8.8'::inet AS addr"
    collect(engine, Source(database=postgres, query=query, account="who", time="", kinds={"ip": "addr"}))
    assert [row[2] for row in observed(engine)] == ["8.8.8.8"]
    with pytest.raises(InputError, match=r"column 'tags': type VARCHAR\[\] holds no single text"):
        collect(engine, Source(database=postgres, query=query, account="who", time="", kinds={"tag": "tags"}))


def test_faults_of_postgresql_are_reported_without_the_password(engine: DuckEngine, postgres: str) -> None:
    faults: list[dict[str, Any]] = [{"table": "nothing"}, {"query": "DELETE FROM log RETURNING *"}]
    for row in faults:
        with pytest.raises(InputError, match="PostgreSQL says") as caught:
            collect(engine, Source(database=postgres, **row, **SOURCE))
        assert "s3cret" not in str(caught.value)
    gone = postgres.replace(postgres.rsplit(":", 1)[1].split("/", maxsplit=1)[0], "1")
    with pytest.raises(InputError, match="PostgreSQL says") as caught:
        collect(engine, Source(database=gone, table="log", **SOURCE))
    assert "s3cret" not in str(caught.value)


def test_without_the_driver_the_extra_is_named(engine: DuckEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "adbc_driver_postgresql", None)
    with pytest.raises(InputError, match=r"pip install 'graphlink\[postgres\]'"):
        collect(engine, Source(database="postgresql://x@127.0.0.1:1/y", table="log", **SOURCE))


# --- row numbers -------------------------------------------------------------------------------------------

MANY_WORDS = tuple(f"nobody-{i}" for i in range(40))


@pytest.mark.slow
@pytest.mark.parametrize(
    "placeholders", [Placeholders(), Placeholders({"account": MANY_WORDS[:20]}, {"account": MANY_WORDS[20:]})]
)
def test_a_row_rejected_is_known_by_its_place_however_many_threads_read(
    tmp_path: Path, placeholders: Placeholders
) -> None:
    accounts = [None if i % 11 == 3 else f"account-{i}" for i in range(3_000)]
    table = pa.table({"who": accounts, "at": ["2025-06-01"] * 3_000, "dev": ["x"] * 3_000})
    pq.write_table(table, tmp_path / "log.parquet", row_group_size=7)
    closed = {"who": accounts, "status": ["banned" if i % 2 else "active" for i in range(3_000)]}
    pq.write_table(pa.table(closed), tmp_path / "accounts.parquet", row_group_size=7)
    source = Source(path=str(tmp_path / "log.parquet"), account="who", time="at", kinds={"client": "dev"})
    words = AccountSource(
        path=str(tmp_path / "accounts.parquet"), account="who", abuse={"status": MANY_WORDS}
    )
    with DuckEngine(memory="1GB", threads=2) as two:
        collect(two, source, accounts=words, placeholders=placeholders)
        aside = two.rows("SELECT source, row_number FROM rejected_rows ORDER BY ALL")
    empty = [i + 1 for i, account in enumerate(accounts) if account is None]
    assert aside == [(name, i) for name in ("accounts.parquet", "log.parquet") for i in empty]
