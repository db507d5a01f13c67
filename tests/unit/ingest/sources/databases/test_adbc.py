"""Any database with a driver of ADBC is read in batches, and nothing shows what it was reached by."""

from __future__ import annotations

import contextlib
import sqlite3
import sys
import traceback
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

import graphlink
from graphlink.core.errors import GraphlinkError, InputError, SettingsError
from graphlink.engine.duck import DuckEngine
from graphlink.ingest.sources.databases.adbc import adbc_rows
from graphlink.ingest.sources.databases.drivers import BY_NAME, driver_of_address
from graphlink.ingest.sources.databases.load import load_batches
from graphlink.ingest.sources.databases.query import Database, select_all

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.flight_server import FlightSql

SECRET = "hunter2-of-the-tests"
SCHEMA = pa.schema(
    [("account_id", pa.string()), ("kind", pa.string()), ("value", pa.string()), ("n", pa.decimal256(40, 0))]
)


def batch(first: int, n: int = 1000) -> pa.RecordBatch:
    numbers = range(first, first + n)
    cells = [[f"a{i}" for i in numbers], ["client"] * n, [f"v{i % 7}" for i in numbers], [1] * n]
    return pa.record_batch(
        [pa.array(column, field.type) for column, field in zip(cells, SCHEMA, strict=True)], schema=SCHEMA
    )


class Server:
    """What the server of a test was asked and has handed out."""

    def __init__(self) -> None:
        self.n_batches = 50
        self.handed_out = 0
        self.fails_at = -1

    def answer(self, query: str) -> Iterator[pa.RecordBatch]:
        for i in range(self.n_batches):
            if i == self.fails_at:
                raise pa.ArrowInvalid(f"token={SECRET} row 17 is broken")
            self.handed_out += 1
            yield batch(i * 1000)


@pytest.fixture
def served() -> Iterator[tuple[Server, FlightSql]]:
    pytest.importorskip("adbc_driver_flightsql", reason="adbc-driver-flightsql is not installed")
    pytest.importorskip("pyarrow.flight", reason="this pyarrow has no Flight")
    from tests.flight_server import FlightSql

    server = Server()
    with FlightSql(server.answer, SCHEMA) as flight:
        yield server, flight


def loaded(database: Database) -> list[tuple[Any, ...]]:
    with DuckEngine(threads=2) as engine, adbc_rows(database) as rows:
        load_batches(engine, "arriving", rows.batches)
        return engine.rows("SELECT * FROM arriving ORDER BY rowid")


def shown(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


def test_a_query_comes_whole_and_in_order(served: tuple[Server, FlightSql]) -> None:
    _, flight = served
    rows = loaded(Database("log", flight.address, "SELECT * FROM log;"))
    assert [row[0] for row in rows] == [f"a{i}" for i in range(50_000)]
    assert rows[0][1:3] == ("client", "v0")
    loaded(Database("log", flight.address, "", table="main.log"))
    assert flight.queries == ["SELECT * FROM log", 'SELECT * FROM "main"."log"']


def test_rows_pass_in_batches_and_are_never_held_as_a_whole(served: tuple[Server, FlightSql]) -> None:
    server, flight = served
    server.n_batches = 2000  # some 60 MB, more than the buffers on the way take
    with adbc_rows(Database("log", flight.address, "SELECT 1")) as rows:
        assert next(rows.batches).num_rows == 0
        assert next(rows.batches).num_rows == 1000
        assert server.handed_out < 1000


@pytest.mark.slow
def test_a_run_reads_what_a_server_answers(served: tuple[Server, FlightSql], tmp_path: Path) -> None:
    server, flight = served
    server.n_batches = 3
    settings = tmp_path / "graphlink.toml"
    settings.write_text(
        f'[[sources]]\ndatabase = "{flight.address}"\ntable = "log"\ntime = ""\ncount = "n"\n',
        encoding="utf-8",
    )
    result = graphlink.run(settings)
    assert len(result.accounts) == 3000
    assert result.manifest["settings"]["sources"][0]["database"] == flight.address


def test_a_fault_amid_the_rows_is_the_input_s_and_shows_no_secret(served: tuple[Server, FlightSql]) -> None:
    server, flight = served
    server.fails_at = 20
    with pytest.raises(InputError, match=r"Flight SQL says: .*row 17 is broken") as caught:
        loaded(Database("log", flight.address, "SELECT 1"))
    assert SECRET not in shown(caught.value)


def test_a_query_that_writes_is_not_even_sent(served: tuple[Server, FlightSql]) -> None:
    _, flight = served
    with pytest.raises(InputError, match="the query is refused: it begins with 'DELETE'"):
        loaded(Database("log", flight.address, "DELETE FROM log"))
    assert flight.queries == []


def test_a_server_that_refuses_a_password_shows_no_part_of_the_address(
    served: tuple[Server, FlightSql],
) -> None:
    _, flight = served
    for address in (
        flight.address.replace("//", f"//svc:{SECRET}@"),
        flight.address.replace("//", f"//svc:{SECRET}@").replace("grpc:", "grpc+tcp:"),
    ):
        with pytest.raises(InputError, match="log: Flight SQL says: ") as caught:
            loaded(Database("log", address, "SELECT 1"))
        assert SECRET not in shown(caught.value)
        assert SECRET not in repr(Database("log", address, "SELECT 1"))


@pytest.mark.parametrize(
    ("address", "package"),
    [
        ("snowflake://svc:{secret}@acct/db", "adbc-driver-snowflake"),
        ("bigquery://project/data", "adbc-driver-bigquery"),
        ("grpc+tls://svc:{secret}@host:443", "adbc-driver-flightsql"),
    ],
)
def test_a_missing_driver_is_named_with_its_package(
    address: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("adbc_driver_manager", reason="graphlink[databases] is not installed")
    monkeypatch.setitem(sys.modules, package.replace("-", "_"), None)
    with pytest.raises(SettingsError, match=f"needs its ADBC driver: `pip install {package}`") as caught:
        loaded(Database("log", address.format(secret=SECRET), "SELECT 1"))
    assert SECRET not in shown(caught.value)


@pytest.mark.parametrize("scheme", ["mysql", "mariadb", "redshift", "trino", "sqlserver", "databricks"])
def test_a_driver_without_a_package_is_named_with_its_installer(scheme: str) -> None:
    pytest.importorskip("adbc_driver_manager", reason="graphlink[databases] is not installed")
    name = driver_of_address(f"{scheme}://h").name
    with pytest.raises(SettingsError, match=f"needs its ADBC driver: `.*dbc install {name}`") as caught:
        loaded(Database("log", f"{scheme}://svc:{SECRET}@127.0.0.1:1/db", "SELECT 1"))
    assert SECRET not in shown(caught.value)


@pytest.mark.slow
def test_the_driver_of_snowflake_loads_and_keeps_its_secret() -> None:
    pytest.importorskip("adbc_driver_snowflake", reason="adbc-driver-snowflake is not installed")
    address = f"snowflake://svc:{SECRET}@127.0.0.1:9/db?account=a&protocol=http&loginTimeout=1"
    with pytest.raises(InputError, match=r"Snowflake says: .*connection refused") as caught:
        loaded(Database("log", address, "SELECT 1"))
    assert SECRET not in shown(caught.value)


def test_the_driver_of_bigquery_loads_and_keeps_its_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("adbc_driver_bigquery", reason="adbc-driver-bigquery is not installed")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    with pytest.raises(InputError, match=r"BigQuery says: .*credentials"):
        loaded(Database("log", "bigquery://project/data", "SELECT 1"))


def test_names_are_quoted_as_the_database_does() -> None:
    assert select_all("a.b") == 'SELECT * FROM "a"."b"'
    assert select_all('a"; DROP') == 'SELECT * FROM "a""; DROP"'
    assert select_all("a.b`c", BY_NAME["bigquery"].quote) == "SELECT * FROM `a`.`b``c`"


def test_addresses_become_what_drivers_take() -> None:
    assert BY_NAME["bigquery"].options("bigquery://project/data") == {
        "adbc.bigquery.sql.project_id": "project",
        "adbc.bigquery.sql.dataset_id": "data",
    }
    assert BY_NAME["flightsql"].options(f"grpc+tls://svc:{SECRET}@host:443/x") == {
        "uri": "grpc+tls://host:443/x",
        "username": "svc",
        "password": SECRET,
    }
    assert BY_NAME["flightsql"].options("flightsql://host:443") == {"uri": "grpc+tls://host:443"}


# --- profiles ----------------------------------------------------------------------------------------------


@pytest.fixture
def profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "profiles"
    folder.mkdir()
    monkeypatch.setenv("ADBC_PROFILE_PATH", str(folder))
    monkeypatch.setenv("HOME", str(tmp_path))
    return folder


def profile(folder: Path, text: str, name: str = "billing", mode: int = 0o600) -> str:
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return f"profile://{name}"


@pytest.mark.slow
def test_a_run_reads_what_a_profile_names(
    profiles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("adbc_driver_sqlite", reason="graphlink[sqlite] is not installed")
    file = tmp_path / f"{SECRET}.sqlite"
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE log (account_id TEXT, kind TEXT, value TEXT, seen_at TEXT)")
        rows = [(f"a{i}", "client", f"v{i // 2}", "2026-03-01T10:00:00Z") for i in range(5000)]
        connection.executemany("INSERT INTO log VALUES (?, ?, ?, ?)", rows)
    monkeypatch.setenv("LOG_FILE", str(file))
    address = profile(
        profiles,
        'profile_version = 1\ndriver = "sqlite"\n[Options]\nuri = "file:{{ env_var(LOG_FILE) }}?mode=ro"\n',
    )
    settings = tmp_path / "graphlink.toml"
    source = f'[[sources]]\ndatabase = "{address}"\nquery = "SELECT * FROM log WHERE account_id <> \'a0\'"\n'
    settings.write_text(source, encoding="utf-8")
    result = graphlink.run(settings)
    assert len(result.accounts) == 4999
    assert result.manifest["settings"]["sources"][0]["database"] == "profile://billing"
    assert SECRET not in str(result.manifest)
    settings.write_text(source.replace("log WHERE", "gone WHERE"), encoding="utf-8")
    with pytest.raises(InputError, match=r"SQLite says: .*no such table: gone") as caught:
        graphlink.run(settings)
    assert SECRET not in shown(caught.value)


@pytest.mark.slow
def test_a_function_of_postgresql_that_writes_is_refused_by_the_server(profiles: Path, postgres: str) -> None:
    from adbc_driver_postgresql import dbapi

    text = 'profile_version = 1\ndriver = "postgresql"\n[Options]\nuri = "{}"\n'
    address = profile(profiles, text.format(postgres))
    with dbapi.connect(postgres, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE held AS SELECT i AS n, i::numeric AS d, now() AS t FROM generate_series(1, 9) i"
        )
        cursor.execute(
            "CREATE FUNCTION cleared() RETURNS int LANGUAGE plpgsql AS "
            "$$ BEGIN DELETE FROM held; RETURN 1; END $$"
        )
        try:
            for query in (
                "SELECT cleared() AS a",
                "SELECT set_config('transaction_read_only', 'off', false) AS a, cleared() AS b",
                "SELECT set_config('default_transaction_read_only', 'off', false) AS a, cleared() AS b",
            ):
                with pytest.raises(InputError, match="PostgreSQL says: "):
                    loaded(Database("log", address, query))
            rows = loaded(Database("log", address, "", table="public.held"))
            assert [row[0] for row in rows] == list(range(1, 10))
            assert str(rows[0][1]) == "1"
        finally:
            cursor.execute("DROP FUNCTION cleared")
            cursor.execute("DROP TABLE held")


@pytest.mark.parametrize(
    ("options", "driver"),
    [
        (f'password = "{SECRET}"\nuri = "file:/nowhere/{SECRET}"', "sqlite"),
        (f'"adbc.some.auth_credentials" = "{SECRET}"\nuri = "/nowhere/{SECRET}"', "sqlite"),
        (f'uri = "svc:{SECRET}@127.0.0.1:9/db?acco%unt=a"', "snowflake"),
        (f'uri = "grpc://127.0.0.1:9/{SECRET}"\npassword = "{SECRET}"', "flightsql"),
    ],
)
def test_no_error_of_a_profile_s_driver_shows_its_secrets(profiles: Path, options: str, driver: str) -> None:
    pytest.importorskip(f"adbc_driver_{driver}", reason=f"adbc-driver-{driver} is not installed")
    address = profile(profiles, f'profile_version = 1\ndriver = "{driver}"\n[Options]\n{options}\n')
    with pytest.raises(GraphlinkError) as caught:
        loaded(Database("log", address, "SELECT 1 AS a"))
    assert SECRET not in shown(caught.value)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
@pytest.mark.parametrize("mode", [0o644, 0o604, 0o620, 0o602])
def test_a_profile_that_others_can_read_or_change_is_refused(profiles: Path, mode: int) -> None:
    address = profile(profiles, 'driver = "sqlite"\n[Options]\nuri = ":memory:"\n', mode=mode)
    with pytest.raises(SettingsError, match=r"billing\.toml: other users can read or change it; `chmod 600`"):
        loaded(Database("log", address, "SELECT 1 AS a"))


@pytest.mark.parametrize(
    "address",
    [
        "profile:///etc/passwd",
        "profile://../billing",
        "profile://billing.toml",
        "profile://",
        "profile://a/b",
        "profile://svc:pw@billing",
    ],
)
def test_a_profile_is_named_without_a_path(profiles: Path, address: str) -> None:
    profile(profiles, 'driver = "sqlite"\n[Options]\nuri = ":memory:"\n')
    with pytest.raises(SettingsError, match="expected profile://NAME"):
        loaded(Database("log", address, "SELECT 1 AS a"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("= nothing", "it is no TOML"),
        ('profile_version = 2\ndriver = "sqlite"', "version 1"),
        ("[Options]\na = 1", "expected driver"),
        (
            'driver = "sqlite"\n[Options]\nuri = "{{ env_var(GRAPHLINK_TEST_UNSET) }}"',
            "no variable GRAPHLINK_TEST",
        ),
        ('driver = "/nowhere/libdriver.so"', "says: .*Could not load"),
    ],
)
def test_a_profile_that_says_nothing_usable_is_refused(profiles: Path, text: str, message: str) -> None:
    with pytest.raises(GraphlinkError, match=message):
        loaded(Database("log", profile(profiles, text), "SELECT 1 AS a"))


def test_a_profile_that_is_not_there_names_where_it_is_looked_for(profiles: Path) -> None:
    with pytest.raises(SettingsError, match=r"no profile 'none'; expected a file none\.toml in .*adbc"):
        loaded(Database("log", "profile://none", "SELECT 1 AS a"))


def test_options_may_be_tables_of_tables(profiles: Path) -> None:
    from graphlink.ingest.sources.databases.profiles import read_profile

    text = (
        'version = 1\ndriver = "adbc_driver_snowflake"\n[options]\nadbc.snowflake.sql.account = "a"\n'
        "keep_alive = true\nseconds = 30\n"
    )
    made = read_profile(profile(profiles, text), "log")
    assert made.driver.package == "adbc-driver-snowflake"
    assert made.options == {"adbc.snowflake.sql.account": "a", "keep_alive": "true", "seconds": "30"}
