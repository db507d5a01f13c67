"""Tokens: shown once, kept as a hash, each with an end."""

from __future__ import annotations

import datetime
import hashlib
from typing import TYPE_CHECKING

import pytest

from graphlink.core.errors import WorkspaceError
from graphlink.workspace.store import open_store
from graphlink.workspace.tokens import make_token, read_tokens, revoke_token, token_of
from tests.workspaces import ANA, fresh

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from graphlink.workspace.store import Store

NOON = datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.UTC)


class Clock:
    """A clock that a test sets."""

    now = NOON

    def __call__(self) -> datetime.datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    opened = open_store(fresh(tmp_path), clock)
    yield opened
    opened.close()


def made(store: Store, days: int = 30) -> str:
    with store.write(ANA) as rows:
        return make_token(rows, "nightly", "ben", "viewer", days)


def test_a_token_is_kept_as_its_hash_alone(store: Store, tmp_path: Path) -> None:
    token = made(store)
    with store.read() as rows:
        assert rows.rows("tokens")[0]["token_sha256"] == hashlib.sha256(token.encode()).hexdigest()
        found = token_of(rows, token)
    assert found is not None
    assert (found.person, found.role, found.made_by) == ("ben", "viewer", "ana")
    assert found.expires_at == "2026-04-01T12:00:00Z"
    store.close()
    secret = token.rpartition("_")[2].encode()
    assert all(secret not in path.read_bytes() for path in tmp_path.iterdir())


def test_an_expired_or_revoked_token_opens_nothing(store: Store, clock: Clock) -> None:
    token = made(store, 1)
    clock.now = NOON + datetime.timedelta(hours=23, minutes=59)
    with store.read() as rows:
        assert token_of(rows, token) is not None
    clock.now = NOON + datetime.timedelta(days=1)
    with store.read() as rows:
        assert token_of(rows, token) is None
    clock.now = NOON
    with store.write(ANA) as rows:
        revoke_token(rows, 1)
    with store.read() as rows:
        assert token_of(rows, token) is None
        assert read_tokens(rows)[0].revoked_at == "2026-03-02T12:00:00Z"
    with pytest.raises(WorkspaceError, match="revoked already"), store.write(ANA) as rows:
        revoke_token(rows, 1)


@pytest.mark.parametrize(
    "given",
    ["", "glt_", "glt_1_", "glt_2_" + "A" * 43, "glt_1_" + "A" * 43, "x" * 10_000, "glt_1_é" + "A" * 42],
)
def test_what_is_no_token_opens_nothing(store: Store, given: str) -> None:
    made(store)
    with store.read() as rows:
        assert token_of(rows, given) is None


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"title": " "}, "a title"),
        ({"person": ""}, "a person"),
        ({"role": "root"}, "role: expected viewer"),
        ({"role": "local"}, "role: expected viewer"),
        ({"days": 0}, "days: expected 1"),
        ({"days": 3_651}, "days: expected 1"),
    ],
)
def test_a_token_needs_a_person_a_role_and_an_end(
    store: Store, change: dict[str, object], fault: str
) -> None:
    given = {"title": "nightly", "person": "ben", "role": "viewer", "days": 1} | change
    with pytest.raises(WorkspaceError, match=fault), store.write(ANA) as rows:
        make_token(rows, **given)  # type: ignore[arg-type]  # wrong on purpose
    with store.read() as rows:
        assert read_tokens(rows) == []
