"""Saved searches: whose they are, who sees them, and that nothing but a view of the explorer is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphlink.core.errors import WorkspaceError
from graphlink.workspace.audit import FORGOTTEN, forget_account, read_log
from graphlink.workspace.searches import (
    Search,
    delete_search,
    read_search,
    read_searches,
    save_search,
    share_search,
)
from graphlink.workspace.store import open_store
from tests.workspaces import ANA, BEN, fresh

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from graphlink.workspace.store import Actor, Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(fresh(tmp_path))
    yield opened
    opened.close()


def save(
    store: Store,
    name: str = "Growing",
    query: Mapping[str, str] | None = None,
    *,
    by: Actor = ANA,
    profile: str = "",
) -> int:
    with store.write(by) as rows:
        return save_search(rows, name, "queue", "", query or {"min_new": "1"}, profile)


def share(store: Store, number: int, *, by: Actor = ANA, is_shared: bool = True) -> None:
    with store.write(by) as rows:
        share_search(rows, number, is_shared=is_shared)


def delete(store: Store, number: int, by: Actor = ANA) -> None:
    with store.write(by) as rows:
        delete_search(rows, number)


def seen(store: Store, person: str, profile: str = "") -> list[str]:
    with store.read() as rows:
        return [one.name for one in read_searches(rows, person, profile)]


def test_a_search_is_its_owners_until_it_is_shared(store: Store) -> None:
    number = save(store, " Growing ")
    with store.read() as rows:
        found = read_search(rows, number, "ana")
        assert found == Search(
            1, "Growing", "queue", "", {"min_new": "1"}, "ana", rows.rows("events")[0]["at"], False, ""
        )
    assert seen(store, "ben") == []
    share(store, number)
    assert seen(store, "ben") == ["Growing"]
    share(store, number, is_shared=False)
    assert (seen(store, "ben"), seen(store, " ANA")) == ([], ["Growing"]), "blanks and case make nobody else"


def test_lists_are_by_name_in_any_case(store: Store) -> None:
    for name in ("routers", "Zero", "Back again"):
        save(store, name)
    assert seen(store, "ana") == ["Back again", "routers", "Zero"]


def test_only_its_owner_shares_and_deletes_it(store: Store) -> None:
    number = save(store)
    with pytest.raises(WorkspaceError, match="no search 1"):
        share(store, number, by=BEN)
    share(store, number)
    with pytest.raises(WorkspaceError, match="search 1 is ana's; save one of your own"):
        share(store, number, by=BEN, is_shared=False)
    with pytest.raises(WorkspaceError, match="search 1 is ana's; save one of your own"):
        delete(store, number, BEN)
    with pytest.raises(WorkspaceError, match="search 1 is shared already"):
        share(store, number)


def test_what_is_deleted_is_off_the_lists_and_in_the_log(store: Store) -> None:
    number = save(store)
    share(store, number)
    delete(store, number)
    assert (seen(store, "ana"), seen(store, "ben")) == ([], [])
    with pytest.raises(WorkspaceError, match="no search 1"):
        delete(store, number)
    with store.read() as rows:
        log = read_log(rows, "search 1")
    assert [one.event.action for one in log] == ["search.saved", "search.shared", "search.deleted"]
    assert log[0].payload["name"] == "Growing"
    assert save(store) == 2, "its name is free again, its number is not"


def test_a_name_stands_for_one_search_of_a_person(store: Store) -> None:
    save(store)
    with pytest.raises(WorkspaceError, match="you have a search of this name"):
        save(store, "Growing ", {"min_new": "2"})
    assert save(store, by=BEN) == 2


def test_a_search_is_shown_to_those_who_see_names_as_its_owner(store: Store) -> None:
    """What an investigator looks for names accounts, and replaced names mean nothing to him."""
    share(store, save(store, "acct-17 and others", {"q": "acct-17"}))
    save(store, "Replaced", {"q": "account-0007"}, profile="legal")
    assert seen(store, "ana") == ["acct-17 and others"]
    assert seen(store, "ana", "legal") == ["Replaced"]
    assert seen(store, "vic", "legal") == []


def test_an_account_is_forgotten_in_names_and_filters(store: Store) -> None:
    save(store, "acct-17 and others", {"q": "acct-17"})
    with store.write(ANA) as rows:
        forget_account(rows, "acct-17")
    with store.read() as rows:
        found = read_search(rows, 1, "ana")
    assert (found.name, found.query) == (f"{FORGOTTEN} and others", {"q": FORGOTTEN})


@pytest.mark.parametrize(
    ("view", "subject", "query", "message"),
    [
        ("javascript:alert(1)", "", {}, "view: expected queue, .*, found 'javascript"),
        ("//evil.example", "", {}, "view: expected"),
        ("list", "", {}, "view: expected"),
        ("queue", "", {"on click": "1"}, "a word such as min_new, found 'on click'"),
        ("queue", "", {"q\n": "1"}, "a word such as min_new"),
        ("queue", "", {"q": "x" * 2_001}, "at most 2,000 characters"),
        ("cluster", "x" * 2_001, {}, "at most 2,000 characters"),
        ("queue", "", {f"p{i}": "" for i in range(51)}, "at most 50 parameters, found 51"),
    ],
)
def test_only_a_view_of_the_explorer_is_saved(
    store: Store, view: str, subject: str, query: dict[str, str], message: str
) -> None:
    with pytest.raises(WorkspaceError, match=message), store.write(ANA) as rows:
        save_search(rows, "It", view, subject, query)
    with store.read() as rows:
        assert rows.last_event() is None


@pytest.mark.parametrize("name", ["", " \t", "x" * 201])
def test_a_search_has_a_name_that_fits_a_list(store: Store, name: str) -> None:
    with pytest.raises(WorkspaceError, match="a name of at most 200 characters"):
        save(store, name)


def test_nobody_fills_the_lists(store: Store) -> None:
    with store.write(ANA) as rows:
        for number in range(200):
            save_search(rows, f"search {number}", "queue", "", {})
    with pytest.raises(WorkspaceError, match="you have 200 searches; delete one first"):
        save(store, "one more")
    delete(store, 1)
    save(store, "one more")
