"""Activity: what two share because each has much says little of who operates them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from graphlink.core.settings import Settings
from graphlink.engine.duck import DuckEngine
from graphlink.model.blocking import find_copresence
from graphlink.model.exclusivity.activity import activity_sql
from graphlink.model.identifiers import describe_identifiers
from tests.learned import observe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.learned import Seen

COUPLES: Seen = [(f"{i:03}{side}", "site", f"of-{i:03}") for i in range(100) for side in "ab"]
"""A hundred accounts on each side, of whom each two share one rare value and have nothing else."""


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as opened:
        yield opened


def most_bits(engine: DuckEngine, seen: Seen) -> dict[tuple[str, str, int], float]:
    """Most bits by the two accounts and the bin of holders."""
    observe(engine, seen)
    for step in (describe_identifiers, find_copresence):
        step(engine, Settings())
    rows = engine.rows(
        f"SELECT x.account_id, y.account_id, degree_bin, most_bits FROM ({activity_sql()}) a "
        "JOIN account_numbers x ON x.account_no = a.l JOIN account_numbers y ON y.account_no = a.r"
    )
    return {(str(one), str(other), int(str(n))): float(str(bits)) for one, other, n, bits in rows}


def with_others(name: str, n: int) -> Seen:
    """Rare values of an account, each shared with one account that has nothing else."""
    return [(who, "site", f"{name}-{i:02}") for i in range(n) for who in (name, f"{name}-only-{i:02}")]


def test_who_shares_all_that_each_has_met_by_no_activity(engine: DuckEngine) -> None:
    assert most_bits(engine, COUPLES) == {}


def test_the_bound_is_the_chance_of_sharing_one_under_the_margins(engine: DuckEngine) -> None:
    """Two with ten rare values besides: 10 * 10 * 2 * pairs / incidences ** 2 are expected to be shared."""
    seen = [*COUPLES, *with_others("x", 10), *with_others("y", 10), ("x", "site", "z"), ("y", "site", "z")]
    n_pairs = 100 + 10 + 10 + 1
    expected = 10 * 10 * 2 * n_pairs / (2 * n_pairs) ** 2
    bits = most_bits(engine, seen)
    assert bits == {("x", "y", 0): pytest.approx(-math.log2(1.0 - math.exp(-expected)), abs=1e-6)}


def test_the_more_each_has_besides_the_less_a_rare_value_says(engine: DuckEngine) -> None:
    joint: Seen = [("x", "site", "z"), ("y", "site", "z")]
    few, many = (
        most_bits(engine, [*COUPLES, *with_others("x", n), *with_others("y", n), *joint])["x", "y", 0]
        for n in (2, 40)
    )
    assert many < 1.0 < few


def test_common_values_do_not_bound_rare_ones(engine: DuckEngine) -> None:
    """Two who read what many read, and share one rare value besides: that one is no matter of activity."""
    common: Seen = [
        (who, "site", f"common-{i:02}")
        for i in range(20)
        for who in ("x", "y", *(f"{k:03}a" for k in range(i, i + 30)))
    ]
    bits = most_bits(engine, [*COUPLES, *common, ("x", "site", "z"), ("y", "site", "z")])
    assert ("x", "y", 0) not in bits
    assert bits["000a", "x", 4] < 2.0


def test_a_kind_whose_prior_is_stated_is_not_bounded(engine: DuckEngine) -> None:
    seen = [(who, "ip" if kind == "site" else kind, value) for who, kind, value in with_others("x", 9)]
    seen += [(who, "ip", value) for who, _, value in with_others("y", 9)]
    assert most_bits(engine, [*seen, ("x", "ip", "z"), ("y", "ip", "z")]) == {}
