"""Communities whose parts only a doubtful place joins, taken apart."""

from __future__ import annotations

import numpy as np
import pytest

from graphlink.clustering.communities.dividing import doubt_between, take_apart
from graphlink.clustering.merging import Links
from graphlink.core.parameters import Parameters

CARD, SERVER = 100, 1_000


def links(rows: list[tuple[int, int, float, int]]) -> Links:
    """Links of account, account, bits and leading identifier: below `SERVER` a card, from there a place."""
    l_no, r_no, bits, identifier = (np.array(column) for column in zip(*rows, strict=True))
    is_card = identifier < SERVER
    return Links(l_no, r_no, bits.astype(float), identifier, is_card, is_card, ~is_card)


def on_cards(n: int, size: int) -> list[tuple[int, int, float, int]]:
    """Accounts of which so many each pay with one card, all of those tied to each other."""
    return [
        (i, j, 6.0, CARD + i // size)
        for i in range(n)
        for j in range(i + 1, n)
        if i // size == j // size
    ]  # fmt: skip


def divided(n: int, rows: list[tuple[int, int, float, int]]) -> list[int]:
    """The sizes of the parts of one community of n."""
    parts = take_apart(np.zeros(n, dtype=np.int64), links(rows), 0.9, 0.1, 1, Parameters().communities)
    return sorted(np.unique(parts, return_counts=True)[1].tolist())


def test_who_meet_at_many_exits_now_and_then_stay_apart() -> None:
    """Two groups of ten, of whom three pairs meet, each at an exit that says four to one."""
    met = [(i, 10 + i, 2.0, SERVER + i) for i in range(3)]
    assert divided(20, on_cards(20, 10) + met) == [10, 10]


def test_one_exit_that_says_enough_joins_two_groups() -> None:
    assert divided(20, [*on_cards(20, 10), (0, 10, 4.0, SERVER)]) == [20]


@pytest.mark.parametrize(("share", "parts"), [(1.0, [20]), (0.5, [10, 10])])
def test_places_where_nearly_all_meet_count_each(share: float, parts: list[int]) -> None:
    """On two servers, each of which says four to one; of the pairs across all meet there, or every second."""
    across = [(i, j) for i in range(10) for j in range(10, 20) if share == 1.0 or (i + j) % 2]
    met = [(i, j, 2.0, SERVER + (i + j) // 2 % 2) for i, j in across]
    assert divided(20, on_cards(20, 10) + met) == parts


def test_the_doubt_of_two_groups_counts_each_identifier_once() -> None:
    group = np.array([0] * 10 + [10] * 10)
    communities = Parameters().communities
    even = [(0, 10, 0.0, CARD), (1, 11, 0.0, CARD)]  # each as likely as not
    assert doubt_between(group, links(even), communities) == pytest.approx(0.5)
    two = [*even, (2, 12, 0.0, CARD + 1)]
    assert doubt_between(group, links(two), communities) == pytest.approx(0.25)
    inside = [(0, 1, 9.0, CARD)]
    assert doubt_between(group, links(inside), communities) == 1.0
