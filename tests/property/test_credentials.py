"""No secret of an address is in what graphlink prints, writes or raises, however the address is spelled."""

from __future__ import annotations

import time
import traceback
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphlink
from graphlink.core.credentials import (
    database_kind,
    postgres_address,
    redacted_address,
    redacted_text,
    shown_database,
)
from graphlink.core.errors import GraphlinkError, InputError, SettingsError
from graphlink.core.settings import AccountSource, EngineSettings, Settings, Source, settings_from
from graphlink.pipeline import check
from graphlink.result.profiles import read_profile

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# Long, and of characters that no message has beside each other.
SECRETS = st.text(alphabet="QZXJ79", min_size=8, max_size=16)
ODD = st.sampled_from(("", "@", "/", ":", "%40", "/@", ":/", "=", "+", "!"))
PASSWORDS = st.builds(lambda a, odd, b: f"{a}{odd}{b}", SECRETS, ODD, SECRETS)
DATABASE_SCHEMES = (
    "postgresql",
    "postgres",
    "Postgresql",
    "POSTGRES",
    "postgresql+psycopg",
    "jdbc:postgresql",
    "mysql",
    "mysql+pymysql",
    "snowflake",
    "bigquery",
    "databricks+connector",
    "mssql+pyodbc",
    "redshift",
    "clickhouse",
    "jdbc:sqlserver",
    "sqlite",
    "duckdb",
)
STORES = ("s3", "s3a", "gs", "hdfs", "abfss", "wasbs", "http", "https", "ftp")
PARAMETERS = (
    "password",
    "sslpassword",
    "token",
    "sig",
    "access_token",
    "secret_key",
    "X-Amz-Signature",
    "private_key_passphrase",
)

DATABASES = st.one_of(
    st.builds(lambda s, p: f"{s}://svc:{p}@127.0.0.1:1/db", st.sampled_from(DATABASE_SCHEMES), PASSWORDS),
    st.builds(
        lambda s, n, p: f"{s}://127.0.0.1:1/db?sslmode=disable&{n}={p}",
        st.sampled_from(DATABASE_SCHEMES),
        st.sampled_from(PARAMETERS),
        SECRETS,
    ),
    st.builds("host=127.0.0.1 port=1 user=svc password={}".format, PASSWORDS),
    st.builds("password='{0} {0}' host=127.0.0.1 port=1".format, SECRETS),
    st.builds("user=svc host=127.0.0.1 port=1 password={0} {0}".format, SECRETS),
    st.builds("Driver={{ODBC}};Server=x;UID=svc;PWD={}".format, SECRETS),
    st.builds("svc/{}@host:1521/service".format, SECRETS),
    st.builds("mysql:svc:{}@host/db".format, SECRETS),
)
ADDRESSES = st.one_of(
    st.builds("{}://AKIA:{}@bucket/log".format, st.sampled_from(STORES), PASSWORDS),
    st.builds(
        lambda s, n, p: f"{s}://bucket/log?x=1&{n}={p}",
        st.sampled_from(STORES),
        st.sampled_from(PARAMETERS),
        SECRETS,
    ),
)
REMOTES = st.one_of(
    st.builds("sc://host:15002/;token={}".format, SECRETS),
    st.builds("sc://host;user_id=me;x-header={}".format, SECRETS),
    st.builds("sc://me:{}@host:15002".format, PASSWORDS),
)


def secret_runs(address: str) -> list[str]:
    """The runs of characters in an address that only its secrets have."""
    runs, run = [], ""
    for c in address + " ":
        if c in "QZXJ79":
            run += c
        else:
            runs += [run] if len(run) >= 8 else []
            run = ""
    assert runs
    return runs


def has_secret(text: str, address: str) -> list[str]:
    return [run for run in secret_runs(address) if run in text]


def _remote(address: str) -> object:
    """The settings of an engine there, or what is answered to an address with a secret."""
    try:
        return EngineSettings(name="spark", remote=address)
    except SettingsError as refused:
        return str(refused)


@given(DATABASES | ADDRESSES | REMOTES)
def test_no_repr_shows_a_secret(address: str) -> None:
    shown = [
        Source(database=address, table="t"),
        AccountSource(database=address),
        Settings(sources=(Source(database=address),)),
    ]
    shown += [Source(path=address)] if "://" in address else []  # all else is the path of a file
    shown += [_remote(address)] if address.startswith("sc://") else []
    assert not has_secret(repr(shown), address)
    assert not has_secret(shown_database(address), address)


@given(ADDRESSES | REMOTES | DATABASES.filter(lambda actual: database_kind(actual) != ""))
def test_no_message_shows_a_secret_of_an_address_that_is_known(address: str) -> None:
    outcome = f'failed: "{address}": no route to {redacted_address(address)}'
    assert not has_secret(redacted_text(outcome, address), address)


@given(ADDRESSES | REMOTES)
def test_no_error_shows_a_secret_even_of_an_address_that_nobody_names(address: str) -> None:
    for row in (address, f"{address}: no such file", f"expected x, found {address!r}", f"({address})"):
        assert not has_secret(str(InputError(row)), address)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("s3://bucket/a@b/x", "s3://bucket/a@b/x"),
        ("s3://bucket:9000/a@b", "s3://bucket:9000/a@b"),
        ("s3://bucket/part-?.parquet", "s3://bucket/part-?.parquet"),
        ("abfss://box@store.example/log", "abfss://box@store.example/log"),
        ("postgresql://ann:pw@db.example:5432/logs?sslmode=require", "postgresql://db.example:5432/logs"),
        ("host=db.example user=ann password='a b' dbname=logs", "host=db.example dbname=logs"),
        ("a folder/log.duckdb", "a folder/log.duckdb"),
        ("C:/log.duckdb", "C:/log.duckdb"),
        ("sc://host:15002/;token=abc", "sc://host:15002/"),
    ],
)
def test_what_is_no_secret_stays(address: str, shown: str) -> None:
    assert redacted_address(address) == shown
    assert redacted_text(f"{address}: nothing is there", address) == f"{shown}: nothing is there"


def test_ordinary_messages_stay_as_they_are() -> None:
    for text in (
        "log.csv: no column 'token'; the columns are account_id, token; name the column in graphlink.toml",
        "settings: unknown setting 'secret_key'; known are a, b",
        "found 'x@y.example'; expected a time",
        "postgresql://db.example:5432/logs: PostgreSQL says: no route; ask admin@db.example",
        "no identifier email:ann@post.example in the result",
        "hdfs://name.example:8020/user@x/log: no such file",
        "7 rows at 12:00:01, see https://example.org/page?x",
    ):
        assert str(InputError(text)) == text


def test_the_spellings_of_postgresql() -> None:
    for row in ("postgres://a/b", "Postgresql://a/b", "postgresql+psycopg://a/b", "jdbc:postgresql://a/b"):
        assert database_kind(row) == "postgresql"
        assert postgres_address(row) == "postgresql://a/b"
    assert database_kind("host=a dbname=b") == database_kind(" DBNAME = b") == "postgresql"
    assert database_kind("a=b/log.duckdb") == database_kind("C:/log.duckdb") == database_kind("a.db") == ""


def _whole(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


def _checked(call: Callable[[], object], address: str) -> None:
    with pytest.raises(GraphlinkError) as caught:
        call()
    assert not has_secret(_whole(caught.value), address)


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(DATABASES)
def test_no_traceback_of_a_database_shows_a_secret(address: str) -> None:
    actual = Settings(sources=(Source(database=address, query="SELECT 1"),))
    _checked(lambda: check(actual), address)


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(ADDRESSES.filter(lambda actual: not actual.startswith(("s3", "gs", "hdfs", "abfss", "wasbs"))))
def test_no_traceback_of_a_store_shows_a_secret(address: str) -> None:
    _checked(lambda: check(Settings(sources=(Source(path=address),))), address)
    _checked(lambda: check(address), address)


@given(DATABASES.filter(lambda row: database_kind(row) != "") | ADDRESSES | REMOTES)
def test_no_setting_out_of_place_is_echoed_with_its_secret(address: str) -> None:
    for row in (
        {"sources": address},
        {"sources": [address]},
        {"seed": address},
        {"engine": {"remote": address, "name": "duckdb"}},
        {"engine": {"memory": address}},
        {"engine": {"name": address}},
    ):
        with pytest.raises(GraphlinkError) as caught:
            settings_from(row)
        secrets = has_secret(_whole(caught.value), address)
        assert not secrets, row


def test_a_database_nobody_has_a_driver_for_is_named_by_its_scheme() -> None:
    actual = Settings(sources=(Source(database="clickhouse://svc:hunter2@host/db", query="SELECT 1"),))
    with pytest.raises(
        InputError, match=r"no driver for clickhouse: a database is one of PostgreSQL"
    ) as caught:
        check(actual)
    assert "hunter2" not in str(caught.value)
    missing = Settings(sources=(Source(database="nowhere/log.duckdb", query="SELECT 1"),))
    with pytest.raises(InputError, match=r"nowhere/log\.duckdb: No such file"):
        check(missing)


@pytest.mark.slow
def test_the_manifest_has_no_secret_of_an_address_or_query(tmp_path: Path) -> None:
    import duckdb

    file = tmp_path / "log.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            "CREATE TABLE log AS SELECT 'a' || i AS account_id, 'c' AS kind, 'v' AS value FROM range(3) r(i)"
        )
    query = "SELECT *, 'password=QZQZQZQZQZ' AS note FROM log"
    text = Settings(sources=(Source(database=str(file), query=query, time=""),))
    graphlink.run(text, out=tmp_path / "r")
    assert "QZQZQZQZQZ" not in (tmp_path / "r" / "run.json").read_text(encoding="utf-8")


DATABASE_NAMES = (
    "postgresql",
    "Postgres",
    "postgresql+psycopg",
    "mysql",
    "snowflake",
    "jdbc:sqlserver",
    "redshift",
)
# What people type in haste: a slash or the @ left out, a space too much, a password that a URL can't hold.
MISSPELLED = st.one_of(
    st.builds("{}:{}:{}@host/db".format, st.sampled_from(DATABASE_NAMES), st.just("svc"), PASSWORDS),
    st.builds("{}//svc:{}@host/db".format, st.sampled_from(DATABASE_NAMES), PASSWORDS),
    st.builds("{} ://svc:{}@host/db".format, st.sampled_from(DATABASE_NAMES), PASSWORDS),
    st.builds("//svc:{}@host/db".format, PASSWORDS),
    st.builds("{}://svc:80/{}@host/db".format, st.sampled_from(DATABASE_NAMES), SECRETS),
    st.builds("{}://svc:{} {}@host/db".format, st.sampled_from(DATABASE_NAMES), SECRETS, SECRETS),
    st.builds("{}://svc:{}".format, st.sampled_from(DATABASE_NAMES), SECRETS),
    st.builds("jdbc:sqlserver://host:1433;user=svc;password={};encrypt=true".format, SECRETS),
    st.builds("jdbc:oracle:thin:svc/{}@host:1521:x".format, SECRETS),
    st.builds("https://host/log.csv#access_token={}".format, SECRETS),
)


@given(MISSPELLED)
def test_no_misspelled_address_is_shown_with_its_secret(address: str) -> None:
    assert not has_secret(redacted_address(address), address)
    assert not has_secret(shown_database(address), address)
    for row in (f"{address}: no such file", f"expected x, found {address!r}", f"({address})"):
        assert not has_secret(str(InputError(row)), address)


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(MISSPELLED | DATABASES.filter(lambda actual: "://" in actual))
def test_no_traceback_of_a_path_shows_a_secret(address: str) -> None:
    for call in (
        lambda: check(address),
        lambda: check(Settings(sources=(Source(path=address),))),
        lambda: check(Settings(sources=(Source(database=address, query="SELECT 1"),))),
        lambda: graphlink.read_settings(address),
        lambda: graphlink.read_result(address),
        lambda: read_profile(address),
    ):
        _checked(call, address)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ('{"password": "hunter2"}', '{"password": "***"}'),
        ("Authorization: Bearer hunter2.x", "Authorization: Bearer ***"),
        ("passcode=hunter2", "passcode=***"),
    ],
)
def test_other_spellings_of_secrets(said: str, shown: str) -> None:
    assert redacted_text(said) == shown


@pytest.mark.parametrize("piece", ["x", "postgresql:", "a://b:c", "sc://", " //u:", "'password':"])
def test_a_long_text_takes_no_long_time(piece: str) -> None:
    before = time.process_time()
    redacted_text(piece * (20_000 // len(piece)))
    assert time.process_time() - before < 5  # minutes, where each place is compared with each other one
