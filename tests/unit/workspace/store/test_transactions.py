"""Transactions: whole or nothing, one writer at a time, rows that stay, on both databases."""

from __future__ import annotations

import datetime
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from graphlink.core.errors import WorkspaceError
from graphlink.workspace.audit import read_log, verify_chain
from graphlink.workspace.cases import comment, open_case
from graphlink.workspace.store import Actor, Store, create_database, open_store
from tests.disks import fill, mounted
from tests.workspaces import fresh

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ANA = Actor("ana")
NOON = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """A database of each kind."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("workspace_postgres"))
    return fresh(tmp_path)


@pytest.fixture
def store(place: Path | str) -> Iterator[Store]:
    store = open_store(place, lambda: NOON)
    yield store
    store.close()


def test_a_transaction_that_raises_leaves_nothing(store: Store) -> None:

    def fail() -> None:
        with store.write(ANA) as rows:
            rows.append("case.opened", "case 1", {})
            rows.number("case")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with store.read() as rows:
        assert rows.last_event() is None
        assert rows.rows("counters") == []


def test_rows_without_an_event_are_refused(store: Store) -> None:
    with pytest.raises(WorkspaceError, match="rows without an event"), store.write(ANA) as rows:
        rows.insert("counters", {"name": "case", "value": 1})
    with store.read() as rows:
        assert rows.rows("counters") == []


def test_numbers_and_accounts_are_given_once(store: Store) -> None:
    for _ in range(2):
        with store.write(ANA) as rows:
            rows.append("test", "case 1", {})
            rows.number("case")
            numbers = rows.account_numbers(["b", "a", "b"])
    with store.read() as rows:
        assert rows.row("counters", name="case") == {"name": "case", "value": 2}
        assert numbers == {"a": 1, "b": 2}
        assert rows.account_names([1, 2, 3]) == {1: "a", 2: "b"}
        assert rows.at == "2026-03-01T12:00:00Z"


def test_nobody_writes_without_a_name(store: Store) -> None:
    with pytest.raises(WorkspaceError, match=r"Name a person"), store.write(Actor(" ")):
        pass


def raw(place: Path | str) -> sa.Engine:
    """A connection that knows nothing of graphlink."""
    if isinstance(place, str):
        return sa.create_engine(sa.make_url(place).set(drivername="postgresql+psycopg"))
    return sa.create_engine(f"sqlite:///{place}")


FORBIDDEN = (
    "UPDATE events SET action = 'nothing'",
    "DELETE FROM events",
    "DELETE FROM payloads",
    "UPDATE payloads SET content = '{}'",
    "UPDATE payloads SET salt = 'other'",
    "DELETE FROM cases",
    "UPDATE cases SET seq = 7",
    "DELETE FROM counters",
)


def test_rows_stay_as_they_were_written(store: Store, place: Path | str) -> None:
    with store.write(ANA) as rows:
        seq = rows.append("case.opened", "case 1", {"title": "a"})
        rows.insert("cases", {"case_no": rows.number("case"), "seq": seq})
    engine = raw(place)
    for statement in FORBIDDEN:
        with pytest.raises(sa.exc.DBAPIError, match="never changed or deleted"), engine.begin() as connection:
            connection.exec_driver_sql(statement)
    engine.dispose()
    with store.read() as rows:
        assert rows.payloads([seq]) == {seq: {"title": "a"}}


def test_a_refusal_names_the_table_and_quotes_nothing(store: Store) -> None:
    with store.write(ANA) as rows:
        rows.append("secret.action", "case 1", {})
    with pytest.raises(WorkspaceError, match="rows of events are never") as caught, store.write(ANA) as rows:
        rows.update("events", {"action": "x"}, seq=1)
    assert "secret" not in str(caught.value)


def test_two_connections_share_no_number_and_no_place_in_the_chain(place: Path | str, store: Store) -> None:
    other = open_store(place)
    for i, one in enumerate((store, other, store), 1):
        with one.write(ANA) as rows:
            assert rows.append("case.opened", f"case {i}", {}) == i
            assert rows.number("case") == i
    other.close()


def test_what_contradicts_is_refused_whole(store: Store) -> None:
    with store.write(ANA) as rows:
        seq = rows.append("case.opened", "case 1", {})
        rows.insert("cases", {"case_no": 1, "seq": seq})
    with pytest.raises(WorkspaceError, match="contradicts what is there"), store.write(ANA) as rows:
        rows.insert("cases", {"case_no": 2, "seq": seq}, {"case_no": 1, "seq": seq})
    with store.read() as rows:
        assert [row["case_no"] for row in rows.rows("cases")] == [1]


_WRITER = """
import itertools
import sys
from pathlib import Path
from graphlink.workspace.store import Actor, open_store
place, name, n = sys.argv[1:]
store = open_store(Path(place) if place.startswith("/") else place)
for _ in range(int(n)) if int(n) else itertools.count():
    with store.write(Actor(name)) as rows:
        number = rows.number("case")
        seq = rows.append("case.opened", f"case {number}", {})
        rows.insert("cases", {"case_no": number, "seq": seq})
        print(number, flush=True)
"""


def writer(place: Path | str, name: str, n: int) -> subprocess.Popen[str]:
    """A process that opens cases, each a row and an event; without end if `n` is 0."""
    command = [sys.executable, "-c", _WRITER, str(place), name, str(n)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_writers_at_once_lose_nothing(place: Path | str, store: Store) -> None:
    writers = [writer(place, name, 15) for name in ("ana", "ben")]
    assert [one.communicate()[0] != "" and one.returncode for one in writers] == [0, 0]
    with store.read() as rows:
        assert [row["case_no"] for row in rows.rows("cases")] == list(range(1, 31))
        assert sorted(row["by"] for row in rows.rows("events")) == ["ana"] * 15 + ["ben"] * 15
    assert verify_chain(store).n_events == 30


@pytest.mark.slow
def test_fifty_clients_at_once_lose_nothing(place: Path | str, store: Store) -> None:
    with store.write(ANA) as opening:
        assert open_case(opening, "a farm", ()) == 1

    def work(number: int) -> None:
        client = open_store(place)
        for i in range(2):
            with client.write(Actor(f"user {number}")) as writing:
                comment(writing, 1, f"{number}.{i}")
        client.close()

    with ThreadPoolExecutor(50) as pool:
        list(pool.map(work, range(50)))
    with store.read() as rows:
        texts = [one.payload.get("text") for one in read_log(rows, "case 1")]
    assert sorted(map(str, texts[1:])) == sorted(f"{number}.{i}" for number in range(50) for i in range(2))
    assert verify_chain(store).n_events == 101


@pytest.mark.slow
def test_a_writer_that_is_killed_leaves_whole_events(place: Path | str, store: Store) -> None:
    draws = random.Random(3)
    for _ in range(2):
        with writer(place, "ana", 0) as endless:
            assert endless.stdout is not None
            for _ in range(draws.randint(1, 30)):  # how far it comes before it is killed
                endless.stdout.readline()
            os.kill(endless.pid, signal.SIGKILL)
        with store.write(ANA) as rows:
            seq = rows.append("checked", "workspace", {})
        with store.read() as rows:
            events = {row["seq"]: row for row in rows.rows("events")}
            cases = rows.rows("cases")
            n_checks = sum(row["action"] == "checked" for row in events.values())
            assert {row["seq"] for row in rows.rows("payloads")} == set(events) == set(range(1, seq + 1))
            assert len(cases) == len(events) - n_checks == cases[-1]["case_no"]
            assert all(events[row["seq"]]["subject"] == f"case {row['case_no']}" for row in cases)
        assert verify_chain(store).n_events == seq


def test_a_full_disk_is_blamed_and_nothing_is_half_written(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", 4) as disk:
        create_database(disk / "workspace.db")
        store = open_store(disk / "workspace.db")
        with store.write(ANA) as rows:
            rows.append("case.opened", "case 1", {})
        fill(disk, 16)
        with pytest.raises(WorkspaceError, match="no room left on its disk"), store.write(ANA) as rows:
            rows.append("case.opened", "case 2", {"text": "x" * 500_000})
        (disk / "filling").unlink()
        assert verify_chain(store).n_events == 1
        with store.write(ANA) as rows:
            assert rows.append("case.opened", "case 2", {"text": "x" * 500_000}) == 2
        store.close()


def test_readers_see_one_moment(store: Store) -> None:
    with store.write(ANA) as rows:
        rows.append("one", "case 1", {})
    with store.read() as before:
        assert before.last_event() is not None
        with store.write(ANA) as rows:
            rows.append("two", "case 1", {})
        last = before.last_event()
        assert last is not None
        assert last.seq == 1


def test_a_database_that_is_held_too_long_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graphlink.workspace.store.opening._WAIT_SECONDS", 0.05)
    store = open_store(fresh(tmp_path))
    holder = sqlite3.connect(tmp_path / "workspace.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    started = time.monotonic()
    with pytest.raises(WorkspaceError, match="others are writing; nothing was changed"), store.write(ANA):
        pass
    assert time.monotonic() - started < 25, "it waited for less than the 30 s that it waits otherwise"
    holder.close()
    store.close()
