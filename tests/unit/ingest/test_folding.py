"""Logs folded in a warehouse: the SQL of each, and rows that stand for several times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pytest
import sqlglot
from click.testing import CliRunner

import graphlink
from graphlink.cli import commands
from graphlink.core.errors import SettingsError
from graphlink.core.settings import Settings, Source
from graphlink.engine.duck import DuckEngine
from graphlink.ingest.folding import SLOT_S, WAREHOUSES, Log, folding_sql
from graphlink.samples import draw_world
from tests.collected import collect_observations

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = "2026-06-01T00:00:00Z"
KINDS = {"ip": "ip", "client": "client", "api_key": "api_key"}
DIALECTS = {name: "postgres" if name == "postgresql" else name for name in WAREHOUSES}


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(memory="1GB", threads=1) as made:
        yield made


def busy(requests: pa.Table) -> pa.Table:
    """The log with each request six times, some seconds apart."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("requests", requests)
        return connection.sql(
            'SELECT account_id, "at" + to_seconds((i * (7 + hash(account_id, i) % 30))::INTEGER) AS "at", '
            "ip, client, api_key, n FROM requests, range(6) times(i)"
        ).to_arrow_table()


def folded(requests: pa.Table, sql: str) -> pa.Table:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("requests", requests)
        connection.execute("CREATE MACRO toUnixTimestamp(moment) AS epoch(moment)")  # of ClickHouse
        return connection.sql(sql).to_arrow_table()


def test_the_sql_of_every_warehouse_gives_the_same_rows() -> None:
    requests = busy(draw_world(5, 100).requests)
    log = Log("requests", "account_id", "at", KINDS, "n")
    expected = sorted(map(str, folded(requests, folding_sql(log, "duckdb")).to_pylist()))
    assert 3 * len(expected) < 3 * len(requests)
    for warehouse, dialect in DIALECTS.items():
        (sql,) = sqlglot.transpile(folding_sql(log, warehouse), read=dialect, write="duckdb")
        assert sorted(map(str, folded(requests, sql).to_pylist())) == expected, warehouse


def test_slots_are_no_longer_than_a_silence_and_divide_days() -> None:
    log = pa.table(
        {
            "account_id": ["a"] * 4,
            "at": pa.array([0, SLOT_S - 1, SLOT_S, 86_400], pa.timestamp("s", "UTC")),
            "ip": ["x"] * 4,
        }
    )
    rows = folded(log, folding_sql(Log("requests", "account_id", "at", {"ip": "ip"}), "duckdb")).to_pylist()
    spans = sorted((row["first_seen"].timestamp(), row["last_seen"].timestamp(), row["n"]) for row in rows)
    assert spans == [(0, SLOT_S - 1, 2), (SLOT_S, SLOT_S, 1), (86_400, 86_400, 1)]
    assert 86_400 % SLOT_S == 0


@pytest.mark.slow
def test_a_run_over_a_folded_log_is_the_run_over_the_log() -> None:
    world = draw_world(5, 250)
    requests = busy(world.requests)
    other = {"payments": world.payments, "accounts": world.accounts}
    log: dict[str, Any] = {"account": "account_id", "time": "at", "kinds": KINDS, "count": "n"}
    paid = Source(name="payments", time="at", kinds={"payment": "card", "email": "email"})

    def run(frame: pa.Table, **source: Any) -> graphlink.Result:
        settings = Settings(now=world.end.isoformat(), sources=(Source(name="log", **source), paid))
        return graphlink.run({"log": frame, **other}, settings=settings)

    rows = folded(requests, folding_sql(Log("requests", "account_id", "at", KINDS, "n"), "duckdb"))
    assert 3 * len(rows) < len(requests) * len(KINDS)
    expected = run(requests, **log)
    actual = run(rows, time="first_seen", until="last_seen", count="n", moments="moments")
    for name in ("accounts", "identifiers", "evidence", "links", "membership", "clusters", "hypotheses"):
        assert len(actual.table(name))
        assert actual.table(name).equals(expected.table(name)), name


def observed(engine: DuckEngine) -> list[tuple[object, ...]]:
    return engine.rows(
        "SELECT account_id, value, strftime(seen_at, '%H:%M'), n FROM observations ORDER BY ALL NULLS LAST"
    )


def test_a_row_that_stands_for_several_is_seen_first_and_last(engine: DuckEngine) -> None:
    day = "2026-03-01T"
    frame = pa.table(
        {
            "who": ["a", "b", "c", "d", "e"],
            "first": [f"{day}10:00", f"{day}10:00", f"{day}10:00", None, f"{day}10:05"],
            "last": [f"{day}10:09", f"{day}10:00", None, f"{day}10:07", f"{day}10:04"],
            "n": [5, 5, 5, 5, 5],
            "dev": ["x"] * 5,
        }
    )
    source = Source(name="log", account="who", time="first", until="last", count="n", kinds={"client": "dev"})
    facts = collect_observations(engine, Settings(now=NOW, sources=(source,)), {"log": frame})
    assert observed(engine) == [
        ("a", "x", "10:00", 4),
        ("a", "x", "10:09", 1),
        ("b", "x", "10:00", 5),
        ("c", "x", "10:00", 5),
        ("d", "x", "10:07", 5),
    ]
    assert facts["rejected_rows"] == {"until_before_time": 1}
    assert engine.rows("SELECT row_number, column_name FROM rejected_rows") == [(5, "last")]


def test_a_folded_row_without_a_count_stands_for_two(engine: DuckEngine) -> None:
    frame = pa.table(
        {
            "account_id": ["a"],
            "kind": ["client"],
            "value": ["x"],
            "seen_at": ["2026-03-01T10:00"],
            "until": ["2026-03-01T10:09"],
        }
    )
    source = Source(name="log", until="until")
    collect_observations(engine, Settings(now=NOW, sources=(source,)), {"log": frame})
    assert observed(engine) == [("a", "x", "10:00", 1), ("a", "x", "10:09", 1)]


def test_facts_are_not_read_from_folded_rows() -> None:
    with pytest.raises(SettingsError, match="a row with until stands for several calls"):
        Source(name="log", until="last", kinds={"ip": "ip"}, facts={"model": "model"})
    with pytest.raises(SettingsError, match="until: expected a column next to time"):
        Source(name="log", time="", until="last")


@pytest.mark.parametrize("name", ["", 'a"b', "a\nb", "a\\b"])
def test_a_name_can_not_break_out_of_the_sql(name: str) -> None:
    for table, account, column in ((name, "a", "i"), ("l", name, "i"), ("l", "a", name)):
        with pytest.raises(SettingsError, match="expected the name of a column or a table"):
            folding_sql(Log(table, account, "t", {"ip": column}), "duckdb")
    with pytest.raises(SettingsError, match="name a kind with"):
        folding_sql(Log("l", "a", "t", {"i'p": "i"}), "duckdb")


def test_the_command_prints_sql_and_how_to_read_its_rows() -> None:
    options = ["--warehouse", "bigquery", "--account", "user id", "--time", "at", "--kind", "ip=client_ip"]
    printed = CliRunner().invoke(commands, ["fold", "logs.requests", *options])
    assert printed.exit_code == 0
    assert 'until = "last_seen"' in printed.output
    assert "FROM `logs`.`requests` WHERE `user id` IS NOT NULL" in printed.output
    failed = CliRunner().invoke(commands, ["fold", "logs.requests", *options[:-1], "ip"])
    assert failed.exit_code != 0
