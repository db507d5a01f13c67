"""Known organisations as rows: facts with source and end, and accounts that are forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphlink.core.errors import NotFoundError, WorkspaceError
from graphlink.workspace.audit import forget_account, verify_chain
from graphlink.workspace.knowledge import Knowledge
from graphlink.workspace.organisation_rows import (
    KnownOrganisation,
    add_facts,
    end_fact,
    name_organisation,
    read_organisation,
    read_organisations,
)
from graphlink.workspace.store import Store, open_store
from tests.unit.workspace.small_results import day
from tests.unit.workspace.watched_runs import Clock
from tests.workspaces import ANA, fresh

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DOMAIN = Knowledge("email_domain", "acme.example", "registry", 0.9, day(60), "of the imprint")
ACCOUNT = Knowledge("account", "a-17", "case 4")
HINT = Knowledge("hint", "a-18", "public profile", 0.8, None, "a-18 works there")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    store = open_store(fresh(tmp_path), clock)
    with store.write(ANA) as rows:
        assert add_facts(rows, name_organisation(rows, " Acme "), [DOMAIN, ACCOUNT, HINT]) == [1, 2, 3]
    yield store
    verify_chain(store)
    store.close()


def acme(store: Store) -> KnownOrganisation:
    with store.read() as rows:
        return read_organisation(rows, "Acme")


def test_what_is_known_is_kept_with_source_end_and_note(store: Store) -> None:
    known = acme(store)
    assert [one.knowledge for one in known.facts] == [DOMAIN, ACCOUNT, HINT]
    assert {(one.by, one.at) for one in known.facts} == {("ana", "2026-03-30T00:00:00Z")}
    assert known.in_force("2026-04-30T00:00:00Z").known == (DOMAIN, ACCOUNT, HINT)
    assert known.in_force("2026-05-01T00:00:00Z").known == (ACCOUNT, HINT)  # day 60


def test_an_organisation_is_added_once_and_declared_when_stated(store: Store) -> None:
    with store.write(ANA) as rows:
        assert name_organisation(rows, "Acme", is_declared=True) == 1
        assert name_organisation(rows, "Acme") == 1
        assert name_organisation(rows, "Open Corp", is_declared=True) == 2
        with pytest.raises(WorkspaceError, match="an organisation needs a name"):
            name_organisation(rows, " ")
    with store.read() as rows:
        assert [(one.name, one.is_declared) for one in read_organisations(rows)] == [
            ("Acme", True),
            ("Open Corp", True),
        ]
        with pytest.raises(NotFoundError, match="no organisation 'Nobody'; `graphlink org list` lists them"):
            read_organisation(rows, "Nobody")


def test_a_fact_ends_once_with_a_reason(store: Store, clock: Clock) -> None:
    clock.day = 40
    with store.write(ANA) as rows:
        end_fact(rows, 2, "it was sold")
    assert [one.until_at for one in acme(store).facts][1] == "2026-04-11T00:00:00Z"
    for number, why, fault in ((2, "x", "ended already"), (9, "x", "no fact 9"), (1, " ", "needs a reason")):
        with pytest.raises(WorkspaceError, match=fault), store.write(ANA) as rows:
            end_fact(rows, number, why)


def test_an_account_that_is_forgotten_is_known_no_more(store: Store) -> None:
    with store.write(ANA) as rows:
        forget_account(rows, "a-18")
    assert [one.knowledge for one in acme(store).facts] == [DOMAIN, ACCOUNT]
    with store.read() as rows:
        assert all("a-18" not in row["content"] for row in rows.rows("payloads"))
