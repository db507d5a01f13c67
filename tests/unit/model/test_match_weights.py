"""How much a kind says: worlds of a few accounts made by hand."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

import graphlink
from graphlink import EngineSettings
from graphlink.engine.duck import DuckEngine
from tests.learned import ceiling, learn, people, usual_odds

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as opened:
        yield opened


def test_an_open_kind_that_agrees_with_others_is_telling_and_one_drawn_by_lot_is_not(
    engine: DuckEngine,
) -> None:
    learn(engine, people())
    assert usual_odds(engine, "badge") > 2
    assert usual_odds(engine, "lot") < usual_odds(engine, "badge") - 4


def test_an_open_kind_alone_stays_at_its_prior(engine: DuckEngine) -> None:
    learn(engine, [(f"p{i:03}-{j}", "badge", f"b{i}") for i in range(60) for j in range(2)])
    assert usual_odds(engine, "badge") == pytest.approx(-2.0, abs=1.0)  # one in five, about


def test_kinds_that_imply_one_another_count_once(engine: DuckEngine) -> None:
    learn(engine, people())
    assert ceiling(engine, "badge", "desk") == 0
    assert ceiling(engine, "desk", "badge") == 0


def test_a_background_adds_nothing_next_to_another(engine: DuckEngine) -> None:
    rng = random.Random(1)
    seen = people() + [
        (f"p{pair:04}-{member}", "tongue", ("x", "y", "z")[rng.randrange(3)])
        for pair in range(300)
        for member in range(2)
    ]
    learn(engine, seen)
    assert ceiling(engine, "town", "tongue") == 0
    assert ceiling(engine, "tongue", "town") == 0


def test_a_second_kind_of_a_facet_counts_a_quarter() -> None:
    """A key and a mail address are both identities: the stronger counts in full."""
    shared = (("email", "crew@crew.example"), ("api_key", "key-of-the-crew"))
    rows = [(account, *identifier) for account in "ab" for identifier in shared]
    rows += [(f"s{i}", kind, f"{value}-{i}") for i in range(20) for kind, value in shared]
    columns = zip(*rows, strict=True)
    table = dict(zip(("account_id", "kind", "value"), map(list, columns), strict=True))
    seen_at = ["2026-03-02T10:00:00Z"] * len(rows)
    result = graphlink.run(pa.table({**table, "seen_at": seen_at}), limits=EngineSettings(threads=1))
    evidence = [(row["bits"], row["contribution_bits"]) for row in result.table("evidence").to_pylist()]
    (weaker, counted), (stronger, whole) = sorted(evidence)
    assert whole == stronger > weaker > 10
    assert counted == pytest.approx(0.25 * weaker, abs=1e-6)
