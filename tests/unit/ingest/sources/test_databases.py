"""A query of a database reads that database and does nothing else, whatever it says."""

from __future__ import annotations

import contextlib
import sqlite3
import traceback
from typing import TYPE_CHECKING

import duckdb
import pytest

from graphlink.core.errors import InputError
from graphlink.engine.duck import DuckEngine
from graphlink.ingest.sources.databases.load import load_database
from graphlink.ingest.sources.databases.query import Database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=2) as made:
        yield made


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a secret of this machine, in which everything runs."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret.txt").write_text("of-this-machine", encoding="ascii")
    with duckdb.connect("other.duckdb") as connection:
        connection.execute("CREATE TABLE t AS SELECT 'of-this-machine' AS a")
    return tmp_path


def loaded(engine: DuckEngine, address: str, query: str) -> list[tuple[object, ...]]:
    load_database(engine, "arriving", Database("log", address, query))
    return engine.rows("SELECT * FROM arriving ORDER BY rowid")


def refused(engine: DuckEngine, address: str, query: str, home: Path) -> str:
    before = sorted(path.name for path in home.rglob("*"))
    with pytest.raises(InputError) as caught:
        loaded(engine, address, query)
    assert sorted(path.name for path in home.rglob("*")) == before
    text = "".join(traceback.format_exception(caught.value))
    assert "of-this-machine" not in text
    return str(caught.value)


# --- DuckDB ------------------------------------------------------------------------------------------------


@pytest.fixture
def handed(home: Path) -> str:
    path = home / "handed.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "CREATE TABLE log AS SELECT i AS n, 'a' || i AS a FROM range(300000) r(i) ORDER BY i DESC"
        )
        connection.execute("CREATE VIEW tail AS SELECT max(n) AS n FROM log")
        connection.execute("CREATE VIEW text AS SELECT content FROM read_text('secret.txt')")
        connection.execute("CREATE VIEW names AS SELECT * FROM glob('*')")
        connection.execute("CREATE MACRO text_of(f) AS (SELECT content FROM read_text(f))")
        connection.execute("CREATE SEQUENCE numbers")
    return str(path)


def test_a_query_of_duckdb_comes_whole_and_in_order(engine: DuckEngine, handed: str) -> None:
    rows = loaded(engine, handed, "SELECT n, a FROM log -- all of it")
    assert len(rows) == 300_000
    assert rows[0] == (299_999, "a299999")
    assert rows[-1] == (0, "a0")
    assert loaded(engine, handed, "FROM tail") == [(299_999,)]
    assert loaded(engine, handed, "WITH t AS (SELECT 1 AS a) SELECT * FROM t;") == [(1,)]


def test_types_of_duckdb_come_as_what_they_are(engine: DuckEngine, handed: str) -> None:
    query = (
        "SELECT 170141183460469231731687303715884105727::HUGEINT AS h, 1.50::DECIMAL(9, 2) AS d, "
        "'11111111-2222-3333-4444-555555555555'::UUID AS u, 'a'::ENUM('a', 'b') AS e, "
        "TIMESTAMPTZ '2026-01-02 03:04:05+00' AS t, TIMESTAMP_NS '2026-01-02 03:04:05' AS s, "
        "DATE '2026-01-02' AS y, 7::UTINYINT AS i, NULL AS n, [1, 2] AS l, 'x'::BLOB AS b"
    )
    loaded(engine, handed, query)
    assert engine.columns("arriving") == {
        "h": "HUGEINT",
        "d": "DECIMAL(9,2)",
        "u": "UUID",
        "e": "VARCHAR",
        "t": "TIMESTAMP WITH TIME ZONE",
        "s": "TIMESTAMP_NS",
        "y": "DATE",
        "i": "UTINYINT",
        "n": '"NULL"',
        "l": "INTEGER[]",
        "b": "BLOB",
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM text",
        "SELECT * FROM names",
        "SELECT text_of('secret.txt')",
        "SELECT * FROM read_csv('secret.txt')",
        "FROM 'secret.txt'",
        "FROM 'other.duckdb'",
        "SELECT * FROM read_duckdb('other.duckdb')",
        "SELECT * FROM query('FROM read_text(''secret.txt'')')",
        "SELECT nextval('numbers')",
        "SELECT * FROM engine",  # a variable of this program
        "WITH z AS (INSERT INTO log SELECT * FROM log RETURNING 1) SELECT * FROM z",
        "SELECT * FROM enable_logging('QueryLog', storage = 'file', storage_path = 'written')",
        "SELECT 1 AS a; COPY (SELECT 42) TO 'written.csv'",
        "SELECT 1 AS a; SELECT 2",
        "SELECT 1); COPY (SELECT 42) TO 'written.csv'; (SELECT 1",
        "COPY (SELECT 42) TO 'written.csv'",
        "EXPORT DATABASE 'written'",
        "ATTACH 'written.duckdb'",
        "ATTACH 'other.duckdb' AS other",
        "SET memory_limit = '100TB'",
        "SET enable_external_access = true",
        "RESET lock_configuration",
        "INSTALL httpfs",
        "LOAD httpfs",
        "CREATE TABLE more AS SELECT 1",
        "CREATE TEMP TABLE more AS SELECT 1",
        "DELETE FROM log RETURNING *",
        "PRAGMA database_list",
        "CALL pragma_version()",
        "USE memory",
        "CHECKPOINT",
        "EXPLAIN ANALYZE SELECT 1",
        "",
        "-- nothing",
    ],
)
def test_a_query_of_duckdb_can_do_nothing_else(
    engine: DuckEngine, handed: str, home: Path, query: str
) -> None:
    refused(engine, handed, query, home)
    assert loaded(engine, handed, "SELECT count(*) FROM log") == [(300_000,)]
    memory = engine.rows("SELECT current_setting('memory_limit')")[0][0]
    assert "TiB" not in str(memory)
    assert [
        row[0] for row in engine.rows("SELECT database_name FROM duckdb_databases() WHERE NOT internal")
    ] == [engine.rows("SELECT current_database()")[0][0]]


def test_a_fault_amid_the_rows_of_duckdb_is_the_input_s(engine: DuckEngine, handed: str, home: Path) -> None:
    query = "SELECT CASE WHEN n = 5 THEN error('stop') ELSE a END AS a FROM log"
    assert "stop" in refused(engine, handed, query, home)


# --- SQLite ------------------------------------------------------------------------------------------------


@pytest.fixture
def sqlite_file(home: Path) -> str:
    path = home / "log.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE log (n INTEGER, a TEXT)")
        connection.executemany("INSERT INTO log VALUES (?, ?)", [(i, f"a{i}") for i in range(120_000)])
        connection.execute("CREATE VIEW tail AS SELECT max(n) AS n FROM log")
        connection.execute("CREATE VIRTUAL TABLE texts USING fts5(body)")
        connection.execute("INSERT INTO texts VALUES ('of the log')")
    return str(path)


def test_a_query_of_sqlite_comes_whole_and_in_order(engine: DuckEngine, sqlite_file: str) -> None:
    rows = loaded(engine, sqlite_file, "SELECT * FROM log ORDER BY n DESC -- all of it")
    assert len(rows) == 120_000
    assert rows[0] == (b"119999", b"a119999")
    assert loaded(engine, sqlite_file, "SELECT * FROM tail") == [(b"119999",)]
    assert loaded(engine, sqlite_file, "SELECT body FROM texts WHERE texts MATCH 'log'") == [(b"of the log",)]
    query = "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 3) SELECT i FROM r"
    assert loaded(engine, sqlite_file, query) == [(b"1",), (b"2",), (b"3",)]
    assert loaded(engine, sqlite_file, "SELECT a FROM log WHERE false") == []
    assert loaded(engine, sqlite_file, "SELECT count(*) FROM log;\n") == [(b"120000",)]


@pytest.mark.slow
@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1; DELETE FROM log",
        "SELECT 1) ; DELETE FROM log; SELECT * FROM (SELECT 1",
        "DELETE FROM log RETURNING *",
        "ATTACH 'other.sqlite' AS other",
        "SELECT load_extension('other')",
        "SELECT writefile('written', 'x')",
        "PRAGMA table_info(log)",
        "SELECT * FROM pragma_database_list",
        "VACUUM INTO 'written.sqlite'",
        "CREATE TEMP TABLE more AS SELECT 1",
        "",
    ],
)
def test_a_query_of_sqlite_can_do_nothing_else(
    engine: DuckEngine, sqlite_file: str, home: Path, query: str
) -> None:
    assert "SQLite says" in refused(engine, sqlite_file, query, home)
    assert loaded(engine, sqlite_file, "SELECT count(*) FROM log") == [(b"120000",)]


def test_a_fault_amid_the_rows_of_sqlite_is_the_input_s(
    engine: DuckEngine, sqlite_file: str, home: Path
) -> None:
    query = "SELECT CASE WHEN n = 90000 THEN abs(-9223372036854775808) ELSE a END AS a FROM log"
    assert "SQLite says: integer overflow" in refused(engine, sqlite_file, query, home)


# --- PostgreSQL --------------------------------------------------------------------------------------------


@pytest.fixture
def server(postgres: str) -> Iterator[str]:
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(postgres, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept AS SELECT i AS n, 'a' || i AS a FROM generate_series(1, 120000) i")
        cursor.execute("CREATE SEQUENCE numbers")
        cursor.execute(
            "CREATE FUNCTION emptied() RETURNS int LANGUAGE plpgsql AS "
            "$$ BEGIN DELETE FROM kept; RETURN 1; END $$"
        )
        cursor.execute(
            "CREATE FUNCTION freed() RETURNS int LANGUAGE plpgsql AS "
            "$$ BEGIN PERFORM set_config('transaction_read_only', 'off', false); DELETE FROM kept; "
            "RETURN 1; END $$"
        )
        try:
            yield postgres
        finally:
            for what in ("FUNCTION emptied", "FUNCTION freed", "SEQUENCE numbers", "TABLE kept"):
                cursor.execute(f"DROP {what}")


@pytest.mark.slow
def test_a_query_of_postgresql_comes_whole_and_in_order(engine: DuckEngine, server: str) -> None:
    rows = loaded(engine, server, "SELECT * FROM kept ORDER BY n DESC -- all of it")
    assert len(rows) == 120_000
    assert rows[0] == ("120000", "a120000")
    port = server.rsplit(":", 1)[1].split("/", maxsplit=1)[0]
    libpq = f"host=127.0.0.1 port={port} user=linker password=s3cret-of-linker dbname=postgres"
    for address in (libpq, server.replace("postgresql:", "Postgresql+psycopg:")):
        assert loaded(engine, address, "SELECT count(*) AS n FROM kept;") == [("120000",)]


@pytest.mark.slow
@pytest.mark.parametrize(
    "query",
    [
        "SELECT emptied() AS a",
        "SELECT freed() AS a",
        "SELECT set_config('transaction_read_only', 'off', false) AS a, emptied() AS b",
        "SELECT nextval('numbers') AS a",
        "WITH gone AS (DELETE FROM kept RETURNING *) SELECT * FROM gone",
        "DELETE FROM kept RETURNING *",
        "SELECT 1 AS a; DELETE FROM kept",
        "SELECT 1 AS a) AS b; COMMIT; DELETE FROM kept; SELECT * FROM (SELECT 1 AS a",
        "SELECT 1 INTO more",
        "COPY kept TO STDOUT",
        "",
    ],
)
def test_a_query_of_postgresql_can_do_nothing_else(
    engine: DuckEngine, server: str, home: Path, query: str
) -> None:
    assert "PostgreSQL says" in refused(engine, server, query, home)
    assert loaded(engine, server, "SELECT count(*) AS n FROM kept") == [("120000",)]
    assert loaded(engine, server, "SELECT is_called AS a FROM numbers") == [("false",)]


def test_a_fault_amid_the_rows_of_postgresql_is_the_input_s(
    engine: DuckEngine, server: str, home: Path
) -> None:
    query = "SELECT CASE WHEN n = 90000 THEN n / (n - n) ELSE n END AS n FROM kept"
    assert "division by zero" in refused(engine, server, query, home)


@pytest.mark.parametrize(
    "wrong", ["wrong-one", "wro%6Eg-one", "wro/ng-one", "wro@ng-one", "wro%ng-one", "a?b=wrong-one"]
)
def test_a_password_that_the_server_or_driver_refuses_is_not_shown(
    engine: DuckEngine, postgres: str, home: Path, wrong: str
) -> None:
    port = postgres.rsplit(":", 1)[1].split("/", maxsplit=1)[0]
    for address in (
        postgres.replace("s3cret-of-linker", wrong),
        f"host=127.0.0.1 port={port} user=linker dbname=postgres password={wrong}",
        f"host=127.0.0.1 port={port} user=linker dbname=postgres password={wrong} {wrong}",
        f"postgresql://127.0.0.1:{port}/postgres?user=linker&password={wrong}",
    ):
        with pytest.raises(InputError) as caught:
            loaded(engine, address, "SELECT 1 AS a")
        text = "".join(traceback.format_exception(caught.value))
        assert not [part for part in ("wrong", "wro", "ng-one") if part in text]
