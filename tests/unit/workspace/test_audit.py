"""The audit log: tampering shows, and a person can be forgotten while the chain holds."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING

import pytest

from graphlink.core.errors import WorkspaceError
from graphlink.workspace.audit import FORGOTTEN, forget_account, read_log, read_newest, verify_chain
from graphlink.workspace.store import Actor, Store, open_store
from tests.workspaces import fresh

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ANA = Actor("ana")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return fresh(tmp_path)


@pytest.fixture
def store(place: Path) -> Iterator[Store]:
    store = open_store(place)
    with store.write(ANA) as rows:
        rows.account_numbers(["acct-77", "acct-8"])
        rows.append("case.opened", "case 1", {"title": "one"})
        rows.append(
            "case.comment", "case 1", {"text": "acct-77 pays for acct-8", "by_account": {"acct-77": 1}}
        )
        rows.append("case.comment", "case 2", {"text": "nothing"})
    yield store
    store.close()


def tamper(place: Path, *statements: str) -> None:
    """Change rows as one who owns the file: without the triggers."""
    with sqlite3.connect(place) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
    connection.close()


def test_a_log_that_was_not_changed_holds(store: Store) -> None:
    verified = verify_chain(store)
    assert (verified.n_events, verified.n_forgotten) == (3, 0)
    assert verify_chain(store, verified.last_hash) == verified
    with store.read() as rows:
        log = read_log(rows, "case 1")
    assert [one.event.action for one in log] == ["case.opened", "case.comment"]
    assert log[0].payload == {"title": "one"}


@pytest.mark.parametrize(
    ("offset", "limit", "seqs"), [(0, 2, [3, 2]), (1, 9, [2, 1]), (2, 1, [1]), (3, 5, []), (9, 5, [])]
)
def test_a_part_of_the_log_is_read_from_its_end(
    store: Store, offset: int, limit: int, seqs: list[int]
) -> None:
    with store.read() as rows:
        log, total = read_newest(rows, offset, limit)
        everything = read_log(rows)
    assert total == 3
    assert [one.event.seq for one in log] == seqs
    assert log == [one for one in reversed(everything) if one.event.seq in seqs]


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE events SET by = 'ben' WHERE seq = 2", "event 2 is not what was written"),
        ("UPDATE events SET at = '2020-01-01T00:00:00Z' WHERE seq = 1", "event 1 is not what was written"),
        ("DELETE FROM events WHERE seq = 2", "event 2 is missing"),
        ("DELETE FROM events WHERE seq = 3", "a payload without an event"),
        ("UPDATE payloads SET content = '{}' WHERE seq = 1", "the payload of event 1 was changed"),
        ("UPDATE payloads SET content = '{' WHERE seq = 1", "the payload of event 1 was changed"),
        ("DELETE FROM payloads WHERE seq = 3", "the payload of event 3 is missing"),
    ],
)
def test_tampering_shows(store: Store, place: Path, statement: str, fault: str) -> None:
    tamper(place, statement)
    with pytest.raises(WorkspaceError, match=fault):
        verify_chain(store)


def test_a_chain_that_was_made_again_shows_by_a_hash_kept_elsewhere(store: Store, place: Path) -> None:
    kept = verify_chain(store).last_hash
    tamper(place, "DELETE FROM payloads WHERE seq = 3", "DELETE FROM events WHERE seq = 3")
    assert verify_chain(store).n_events == 2
    with pytest.raises(WorkspaceError, match="it was made again since"):
        verify_chain(store, kept)


def test_a_person_is_forgotten_and_the_chain_holds(store: Store, place: Path) -> None:
    before = verify_chain(store)
    with store.write(ANA) as rows:
        assert forget_account(rows, "acct-77") == 1
    after = verify_chain(store, before.last_hash)
    assert (after.n_events, after.n_forgotten) == (4, 1)
    with store.read() as rows:
        assert read_log(rows)[1].payload == {
            "text": f"{FORGOTTEN} pays for acct-8",
            "by_account": {FORGOTTEN: 1},
        }
        assert read_log(rows)[1].is_forgotten
        assert rows.known_accounts(["acct-77", "acct-8"]) == {"acct-8": 2}
    with store.write(ANA) as rows:  # the same payload again, for the other one
        assert forget_account(rows, "acct-8") == 1
    verify_chain(store)
    store.close()
    content = b"".join(one.read_bytes() for one in place.parent.iterdir())
    assert b"acct-77" not in content
    assert b"acct-8" not in content


def test_an_account_that_is_unknown_is_forgotten_too(store: Store) -> None:
    for _ in range(2):
        with store.write(ANA) as rows:
            assert forget_account(rows, "never-met") == 0
            n = len(rows.rows("forgotten"))
        assert n == 1
    with store.read() as rows:
        assert json.dumps([one.payload for one in read_log(rows)]).count("never-met") == 0
