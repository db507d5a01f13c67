"""Closed for abuse is what the settings say it is: words and columns, never a guess."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from graphlink.core.errors import InputError, SettingsError
from graphlink.core.settings import AccountSource, Settings, settings_from
from graphlink.engine.duck import DuckEngine
from tests.collected import collect_observations

if TYPE_CHECKING:
    from collections.abc import Iterator

OPEN: dict[str, Any] = {"status": "active", "closed_at": None}


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as opened:
        yield opened


def collected(
    engine: DuckEngine, rows: list[dict[str, Any]], **source: Any
) -> tuple[dict[str, bool | None], list[str]]:
    """`is_abuse` by account, and the warnings; the accounts are a, b, c, ... in the order of the rows."""
    names = [chr(ord("a") + i) for i in range(len(rows))]
    seen = pd.DataFrame({"account_id": names, "kind": "client", "value": "x", "seen_at": "2026-01-01"})
    accounts = pd.DataFrame(rows).assign(account_id=names)
    settings = Settings(now="2026-06-01T00:00:00Z", accounts=AccountSource(name="accounts", **source))
    facts: Any = collect_observations(engine, settings, {"obs": seen, "accounts": accounts})
    actual = engine.rows("SELECT account_id, is_abuse FROM accounts ORDER BY account_id")
    text = {str(name): None if is_abuse is None else bool(is_abuse) for name, is_abuse in actual}
    return text, facts["warnings"]


def closed(status: str | None, **more: Any) -> dict[str, Any]:
    return {"status": status, "closed_at": "2026-03-01", **more}


def test_without_settings_banned_and_suspended_mean_abuse_whatever_their_case(engine: DuckEngine) -> None:
    actual, warnings = collected(engine, [closed(" Banned "), closed("SUSPENDED"), closed("left"), OPEN])
    assert actual == {"a": True, "b": True, "c": False, "d": False}
    assert warnings == []


def test_the_words_may_stand_in_any_column(engine: DuckEngine) -> None:
    rows: list[dict[str, Any]] = [
        closed("closed", why="Fraud"),
        closed("closed", why="unpaid"),
        closed("locked", why=None),
        OPEN,
    ]
    actual, warnings = collected(engine, rows, abuse={"why": ("fraud", "tos"), "status": ("locked",)})
    assert actual == {"a": True, "b": False, "c": True, "d": False}
    assert warnings == []


def test_the_default_reads_the_column_that_is_mapped_to_the_status(engine: DuckEngine) -> None:
    rows: list[dict[str, Any]] = [
        {"state": "banned", "closed_at": "2026-03-01"},
        {"state": "active", "closed_at": None},
    ]
    assert collected(engine, rows, status="state")[0] == {"a": True, "b": False}


def test_closings_without_a_known_word_are_unknown_and_reported_to_be(engine: DuckEngine) -> None:
    actual, warnings = collected(engine, [closed("terminated"), closed("terminated"), closed("moved"), OPEN])
    assert set(actual.values()) == {None}, "which of them were for abuse is not known"
    assert len(warnings) == 1
    assert "3 accounts are closed" in warnings[0]
    assert "[accounts] abuse" in warnings[0]
    assert "'terminated' (2), 'moved' (1)" in warnings[0]


def test_accounts_that_are_all_open_were_not_closed_for_abuse(engine: DuckEngine) -> None:
    assert collected(engine, [OPEN, OPEN]) == ({"a": False, "b": False}, [])


def test_without_any_state_nothing_is_known(engine: DuckEngine) -> None:
    assert collected(engine, [{"plan": "pro"}]) == ({"a": None}, [])


def test_a_column_of_the_settings_has_to_be_there(engine: DuckEngine) -> None:
    with pytest.raises(InputError, match="no column 'why'"):
        collected(engine, [OPEN], abuse={"why": ("fraud",)})


@pytest.mark.parametrize("words", [[], [""], [" "]])
def test_words_are_words(words: list[str]) -> None:
    with pytest.raises(SettingsError, match=r"abuse\.status"):
        settings_from({"accounts": {"path": "x.csv", "abuse": {"status": words}}})


def test_words_are_text_in_sql(engine: DuckEngine) -> None:
    assert collected(engine, [closed("it's"), OPEN], abuse={"status": ("it's",)})[0] == {
        "a": True,
        "b": False,
    }
