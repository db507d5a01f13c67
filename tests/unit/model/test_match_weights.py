"""How much a kind says: worlds of a few accounts made by hand."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

import graphlink
from graphlink import EngineSettings
from graphlink.engine.duck import DuckEngine
from tests.learned import bits, ceiling, learn, people, usual_odds

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


def test_differing_says_more_given_what_who_agrees_on_it_shares_as_well(engine: DuckEngine) -> None:
    """Two of one person share name and surname; strangers of one surname have a name each."""
    seen = []
    for i in range(300):
        for j in range(2):
            account, surname = f"p{i:03}-{j}", f"s{i // 2:03}"
            seen += [(account, "surname", surname), (account, "name", f"n{i:03} {surname}")]
            # One in ten is registered with another first name, and every second mail address is kept.
            if i % 10 == 0:
                seen[-1] = (account, "name", f"n{i:03}-{j} {surname}")
            seen.append((account, "mail", f"m{i:03}" if i % 2 else f"m{i:03}-{j}"))
    learn(engine, seen)
    rows = engine.rows(
        "SELECT g.kind, c.bits FROM conditional_disagreement c JOIN kinds k ON k.kind_no = c.kind_no "
        "JOIN kinds g ON g.kind_no = c.given_no WHERE k.kind = 'name'"
    )
    given = {str(kind): float(str(bits)) for kind, bits in rows}
    assert given["surname"] < -1.0
    assert given["surname"] == min(given.values())


def test_what_an_open_kind_says_is_held_down_by_the_frequency_of_its_values(engine: DuckEngine) -> None:
    """Two hundred badges of one operator each, and forty shades that each of them has one of.

    Whoever shares a shade shares a badge half of the time, and yet a shade of n of 800 accounts says no more
    than how rare it is: by the square below 32 holders, all of whom may be one operator's.
    """
    seen = [(f"p{i:03}-{j}", "badge", f"b{i}") for i in range(200) for j in range(4)]
    seen += [(f"p{i:03}-{j}", "shade", f"s{i % 40}") for i in range(200) for j in range(4)]
    learn(engine, seen)
    rows = engine.rows(
        "SELECT degree_bin, max(log_odds) FROM match_weights JOIN kinds USING (kind_no) "
        "WHERE kind = 'shade' GROUP BY degree_bin ORDER BY degree_bin"
    )
    ceilings = [
        -12 + math.log2(max(1, 800 / n)) + 2 * math.log2(max(1, 32 / n))
        for n in (2 ** int(str(row[0])) + 1 for row in rows)
    ]
    assert all(float(str(odds)) <= most + 1e-3 for (_, odds), most in zip(rows, ceilings, strict=True))
    said = bits(engine, "s7", "p", "p")
    assert len(said) == 20 * 19 / 2
    assert 0 < max(said) <= math.log2(800 / 20) + 2 * math.log2(32 / 20) + 1e-6


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
