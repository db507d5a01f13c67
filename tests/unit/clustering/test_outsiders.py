"""Accounts that show another organisation than their community: from marks made by hand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from graphlink.clustering.communities.outsiders import read_outsiders
from graphlink.core.tables.model import MARKED_ACCOUNTS
from graphlink.engine.duck import DuckEngine
from tests.tables import load

if TYPE_CHECKING:
    from collections.abc import Iterator

N = 30
Marks = list[tuple[int, str | None, int | None]]  # account, value and its holders
FIRM = range(18)  # of community 0, all but two of it
# Others, with a mail at some provider.
OTHERS: Marks = [(account, f"mail{account % 9}.example", 60) for account in range(100, 600)]


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as opened:
        yield opened


def ratios(engine: DuckEngine, marks: Marks, second: int = 20) -> list[float]:
    """The likelihood ratios of accounts with these marks; a second community begins at account `second`."""
    rows = [("own_domain", *mark) for mark in (*marks, *OTHERS)]
    load(engine, MARKED_ACCOUNTS, "mark account_no value degree", rows)
    community = np.where(np.arange(N) < second, 0, second)
    return [math.exp(ratio) for ratio in read_outsiders(engine, community)]


def under(value: str, accounts: range, degree: int) -> Marks:
    return [(account, value, degree) for account in accounts]


def test_who_shows_another_domain_than_the_firm_is_hardly_of_it(engine: DuckEngine) -> None:
    """One of nineteen shows another, and all of the 500 others do."""
    found = ratios(engine, [*under("firm.example", FIRM, 18), (18, "other.example", 40)])
    assert found[18] == pytest.approx((1 + 1) / (19 + 2) / ((500 + 1) / (500 + 2)))
    assert [found[account] for account in FIRM] == [1.0] * 18


def test_a_mail_of_nobody_else_is_another_too(engine: DuckEngine) -> None:
    assert ratios(engine, [*under("firm.example", FIRM, 18), (18, None, None)])[18] < 0.1


def test_who_shows_nothing_is_not_judged(engine: DuckEngine) -> None:
    """Mail may be known of those alone who pay."""
    assert ratios(engine, under("firm.example", FIRM, 18)) == [1.0] * N


def test_who_has_the_domain_among_others_is_of_the_firm(engine: DuckEngine) -> None:
    found = ratios(engine, [*under("firm.example", FIRM, 18), (3, "other.example", 40)])
    assert found[3] == 1.0


def test_a_public_provider_is_nobodys_own(engine: DuckEngine) -> None:
    assert ratios(engine, [*under("post.example", FIRM, 900), (18, "other.example", 40)]) == [1.0] * N


def test_a_firm_of_two_communities_owns_its_domain(engine: DuckEngine) -> None:
    marks = [*under("firm.example", range(9), 28), *under("firm.example", range(10, 29), 28)]
    assert ratios(engine, [*marks, (9, None, None)], second=10)[9] < 0.2


def test_what_half_of_a_community_show_is_not_the_others_organisation(engine: DuckEngine) -> None:
    marks = [*under("firm.example", range(10), 10), *under("other.example", range(10, 20), 40)]
    assert ratios(engine, marks) == [1.0] * N
