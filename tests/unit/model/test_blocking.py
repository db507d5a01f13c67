"""Blocking: which values make candidate pairs, and what the manifest says of those that are too common."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphlink.core.settings import ModelSettings, Settings
from graphlink.core.tables.model import COPRESENCE_PAIRS
from graphlink.engine.duck import DuckEngine
from graphlink.model.blocking import find_copresence
from graphlink.model.identifiers import describe_identifiers
from tests.learned import observe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.learned import Seen

# Forty on one address, three on another, and a card of two of the forty.
CROWD: Seen = [(f"a{i:02}", "ip", "203.0.113.1") for i in range(40)]
FEW: Seen = [(f"b{i}", "ip", "203.0.113.2") for i in range(3)]
CARD: Seen = [("a00", "payment", "card-x"), ("a01", "payment", "card-x")]


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as opened:
        yield opened


def block(engine: DuckEngine, seen: Seen, **model: int) -> dict[str, object]:
    settings = Settings(model=ModelSettings(**model))
    observe(engine, seen)
    describe_identifiers(engine, settings)
    return find_copresence(engine, settings)


def pairs(engine: DuckEngine) -> list[tuple[str, str, str, bool]]:
    rows = engine.rows(
        "SELECT x.account_id, y.account_id, i.value, p.is_blocking_value FROM copresence_pairs p "
        "JOIN account_numbers x ON x.account_no = p.l JOIN account_numbers y ON y.account_no = p.r "
        "JOIN shared_identifiers i USING (identifier_no) ORDER BY ALL"
    )
    return [(str(a), str(b), str(value), bool(own)) for a, b, value, own in rows]


def test_a_rare_value_pairs_all_its_holders(engine: DuckEngine) -> None:
    block(engine, FEW)
    assert [pair[:2] for pair in pairs(engine) if pair[2] == "203.0.113.2"] == [
        ("b0", "b1"), ("b0", "b2"), ("b1", "b2"),
    ]  # fmt: skip


def test_a_block_beyond_the_largest_size_is_capped_and_counted(engine: DuckEngine) -> None:
    facts = block(engine, [*CROWD, *FEW], max_block_size=8)
    of_the_crowd = [pair for pair in pairs(engine) if pair[2] == "203.0.113.1"]
    assert len(of_the_crowd) < 40 * 39 // 2
    assert int(str(facts["blocks_capped"])) >= 1
    capped = facts["capped"]
    assert isinstance(capped, list)
    assert "203.0.113.1" in str(capped)


def test_a_common_value_is_scored_for_pairs_that_another_value_chose(engine: DuckEngine) -> None:
    block(engine, [*CROWD, *CARD], max_block_size=2)
    of_two = [pair for pair in pairs(engine) if pair[:2] == ("a00", "a01")]
    assert ("a00", "a01", "card-x", True) in of_two
    assert any(value == "203.0.113.1" for _, _, value, _ in of_two)


def test_the_table_is_as_declared(engine: DuckEngine) -> None:
    block(engine, [*CROWD, *FEW, *CARD])
    COPRESENCE_PAIRS.check_made(engine)
    COPRESENCE_PAIRS.check_rows(engine)
