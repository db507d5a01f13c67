"""Accounts whose links into their community are too doubtful."""

from __future__ import annotations

import numpy as np

from graphlink.clustering.communities.pruning import prune
from graphlink.clustering.merging import Links
from graphlink.core.parameters import Parameters

CARD, PLACE = 100, 1_000
FARM = range(20)
Rows = list[tuple[int, int, float, int]]


def kept(
    rows: Rows, n: int, is_at_place: list[bool] | None = None, outside: dict[int, float] | None = None
) -> set[int]:
    """The accounts that stay in one community with account 0; places are identifiers from `PLACE` on."""
    l_no, r_no, bits, identifier = (np.array(column) for column in zip(*rows, strict=True))
    is_card = identifier < PLACE
    links = Links(
        l_no,
        r_no,
        bits.astype(float),
        identifier,
        is_card,
        is_card,
        ~is_card if is_at_place is None else np.array(is_at_place),
    )
    ratio = np.zeros(n)
    for account, r in (outside or {}).items():
        ratio[account] = np.log(r)
    community = prune(np.zeros(n, dtype=np.int64), links, 0.9, Parameters(), ratio)
    return set(np.flatnonzero(community == community[0]).tolist())


def at(places: int) -> Rows:
    """A farm on so many places of its own, each account at the place of its number and at the next one."""
    return [
        (i, j, 4.0, PLACE + place)
        for place in range(places)
        for i in FARM
        for j in FARM
        if i < j and {i % places, (i + 1) % places} & {place} and {j % places, (j + 1) % places} & {place}
    ]


def card(owner: int, bits: float) -> Rows:
    """A card of five of the farm, and of one more account."""
    return [(i, owner, bits, CARD) for i in range(5)]


def test_the_owner_of_a_stolen_card_is_none_of_the_farm() -> None:
    """Four to one by the card; all of the farm are on two servers, and the owner is on none."""
    assert kept(at(2) + card(20, 2.0), 21) == set(FARM)


def test_who_pays_with_a_card_of_accounts_that_are_everywhere_stays() -> None:
    """The same card, where each place has a few of them: who is at another is no exception."""
    assert kept(at(20) + card(20, 2.0), 21) == {*FARM, 20}


def test_who_is_there_once_stays() -> None:
    assert kept([*at(2), *card(20, 2.0), (7, 20, 1.0, PLACE)], 21) == {*FARM, 20}


def test_a_card_that_leaves_little_doubt_is_enough() -> None:
    assert kept(at(2) + card(20, 4.0), 21) == {*FARM, 20}


def test_who_shares_the_place_beside_the_card_is_there() -> None:
    """The card leads, and the two share a server as well."""
    rows = [*at(2), *card(20, 2.0)]
    assert kept(rows, 21, is_at_place=[*(row[3] >= PLACE for row in at(2)), *[True] * 5]) == {*FARM, 20}


def test_what_else_speaks_against_an_account_counts_beside_its_links() -> None:
    """Two places leave a doubt of 1/289: beside a ratio of 1/20 it is one in 15, of 1/40 one in 8."""
    assert kept(at(2), 20, outside={19: 1 / 20}) == set(FARM)
    assert kept(at(2), 20, outside={19: 1 / 40}) == set(FARM) - {19}
