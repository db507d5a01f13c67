"""The row of a case: what its events make, without reading them, also after an upgrade and an erasure."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from graphlink.core.errors import WorkspaceError
from graphlink.workspace import case_states, cases
from graphlink.workspace.audit import forget_account, read_log
from graphlink.workspace.case_states import append_event, check_states, folded, rebuild_states
from graphlink.workspace.store import Store, create_database, open_store
from tests.workspaces import ANA, BEN, fresh, stock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from graphlink.workspace.store import Writing


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return fresh(tmp_path)


def work_on(rows: Writing, number: int, draw: random.Random) -> None:
    """Do one of the things that people, runs and decisions do with a case."""
    draw.choice(
        (
            lambda: cases.comment(rows, number, "seen"),
            lambda: cases.assign(rows, number, draw.choice(("ana", "ben", ""))),
            lambda: cases.set_priority(rows, number, draw.choice(cases.PRIORITIES)),
            lambda: cases.note_alert(rows, number, draw.choice(("born", "grown")), "news"),
            lambda: cases.link_cases(rows, number, draw.randint(7, 8), "alike"),
            lambda: cases.change_status(rows, number, "closed", "done", "honest"),
        )
    )()


@pytest.fixture
def store(place: Path) -> Iterator[Store]:
    """Eight cases on which two people did everything that there is to do, in an order of chance."""
    store = open_store(place)
    stock(store, 1, 8)
    draw = random.Random(21)
    with store.write(ANA) as rows:
        for number in range(1, 9):
            cases.open_case(rows, f"about K-{number}", (number,), draw.choice(cases.PRIORITIES))
    for _ in range(60):
        number = draw.randint(1, 6)
        with store.write(draw.choice((ANA, BEN))) as rows:
            work_on(rows, number, draw)
    with store.write(ANA) as rows:
        cases.merge_cases(rows, 8, 7, "one operator")
        cases.split_case(rows, 7, (8,), "the rest")
    yield store
    store.close()


def test_the_row_of_a_case_is_what_its_events_make(store: Store) -> None:
    with store.read() as rows:
        check_states(rows)
        for one in cases.read_cases(rows):
            made = folded(one.number, read_log(rows, f"case {one.number}"))
            assert (one.title, one.status, one.alerts, one.linked, one.last_seq) == (
                made.title,
                made.status,
                made.alerts,
                made.linked,
                made.last_seq,
            )
        assert {one.status for one in cases.read_cases(rows)} > {"closed"}


def test_a_list_of_cases_reads_no_history(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*_: object) -> None:
        raise AssertionError("the log is read")

    monkeypatch.setattr(case_states, "read_log", read)
    with store.write(ANA) as rows:
        assert len(cases.read_cases(rows)) == 9
        cases.comment(rows, 1, "seen", cases.read_cases(rows, (1,))[0].last_seq)


def test_a_row_that_was_changed_is_found(store: Store) -> None:
    with store.write(ANA) as rows:
        rows.append("noted", "test", {})
        rows.update("case_states", {"assignee": "eve"}, case_no=3)
    with store.read() as rows, pytest.raises(WorkspaceError, match="case 3 is not what its events make"):
        check_states(rows)


def test_a_case_that_is_not_there_has_no_events(store: Store) -> None:
    with store.write(ANA) as rows:
        rows.append("noted", "test", {})
        with pytest.raises(WorkspaceError, match="no case 99"):
            append_event(rows, 99, "case.comment", {"text": "seen"})


def test_a_name_that_was_forgotten_stands_in_no_row(store: Store) -> None:
    with store.write(ANA) as rows:
        cases.assign(rows, 2, "north-1")
        forget_account(rows, "north-1")
        rebuild_states(rows)
        check_states(rows)
        (case,) = cases.read_cases(rows, (2,))
    assert case.assignee == "(forgotten)"


def test_an_upgrade_writes_the_rows_from_the_events(store: Store, place: Path) -> None:
    with store.read() as rows:
        before = rows.rows("case_states")
    store.close()
    engine = sa.create_engine(f"sqlite:///{place}")
    with engine.begin() as connection:
        for later in ("searches", "case_states"):
            connection.exec_driver_sql(f"DROP TABLE {later}")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0004'")
    engine.dispose()
    create_database(place)
    opened = open_store(place)
    with opened.read() as rows:
        assert rows.rows("case_states") == before
    opened.close()
