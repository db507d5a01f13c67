"""What a facet that was left out implies of the links that the rest states."""

from __future__ import annotations

import math
import random
from typing import NamedTuple

import pyarrow as pa
import pytest

from graphlink.core.errors import InputError
from graphlink.evaluation import LeftOut, evaluate_left_out
from graphlink.evaluation.meetings import all_accounts, read_meetings

SIZE = 12  # accounts of an operator
DOUBTED = 0.6  # what links that may be false are stated


class Planted(NamedTuple):
    """Links with what they state, clusters of the rest, and who holds which card."""

    links: list[tuple[str, str, float]]
    clusters: dict[str, str | None]
    cards: dict[str, str]

    def evaluated(self) -> LeftOut:
        left, right, probability = zip(*self.links, strict=True)
        links = pa.table({"account_id_l": left, "account_id_r": right, "probability": probability})
        membership = pa.table({"account_id": list(self.clusters), "cluster_id": list(self.clusters.values())})
        numbers = {card: i for i, card in enumerate(sorted(set(self.cards.values())))}
        holdings = pa.table(
            {
                "account_id": list(self.cards),
                "identifier_no": [numbers[card] for card in self.cards.values()],
                "window_no": [0] * len(self.cards),
            }
        )
        held = pa.table({"account_id": list(self.cards), "kind": ["payment"] * len(self.cards)})
        return evaluate_left_out("payment", links, membership, holdings, held)


def planted(share_true: float, n_cards: int = 3, *, n_operators: int = 12, own: int = 0) -> Planted:
    """Operators with some cards each; of further links of their accounts this share is true.

    Half of each operator is surely one by the rest. `own` operators have a card for each account.
    """
    draws = random.Random(7)
    cards: dict[str, str] = {}
    clusters: dict[str, str | None] = {}
    links: list[tuple[str, str, float]] = []
    of = [[f"o{operator:02}-{i:02}" for i in range(SIZE)] for operator in range(n_operators)]
    for operator, accounts in enumerate(of):
        for account in accounts:
            is_own = operator < own
            cards[account] = f"{account}" if is_own else f"{operator}-{draws.randrange(n_cards)}"
        sure = accounts[: SIZE // 2]
        clusters.update((account, f"C-{operator:010}") for account in sure)
        links += [(x, y, 0.99) for x in sure for y in sure if x < y]
    for operator, accounts in enumerate(of):
        for account in accounts[SIZE // 2 :]:
            for _ in range(6):
                is_true = draws.random() < share_true
                other = operator if is_true else (operator + draws.randrange(1, n_operators)) % n_operators
                links.append((account, draws.choice(of[other][: SIZE // 2]), DOUBTED))
    for i in range(400):  # strangers
        cards[f"s{i:03}"] = f"own-{i}"
    clusters |= {account: None for account in cards if account not in clusters}
    return Planted(links, clusters, cards)


def doubted(found: LeftOut) -> tuple[float, float, float]:
    (one,) = [one for one in found.bins if one.low <= DOUBTED < one.high]
    return one.implied, one.implied_low, one.implied_high


@pytest.mark.parametrize("share", [0.15, 0.6, 0.95])
def test_the_share_of_one_operator_follows_from_how_often_links_meet(share: float) -> None:
    implied, low, high = doubted(planted(share, n_operators=30).evaluated())
    assert implied == pytest.approx(share, abs=0.12)
    assert low <= share <= high
    assert high - low < 0.6, "an interval that holds everything says nothing"


def test_links_that_state_too_much_have_an_error_beyond_doubt() -> None:
    found = planted(0.1).evaluated()
    assert found.expected_error == pytest.approx(0.5, abs=0.12)
    assert found.error_beyond_doubt > 0.2
    assert planted(DOUBTED).evaluated().error_beyond_doubt == 0


def test_operators_with_a_card_an_account_do_not_make_others_links_look_false() -> None:
    found = planted(0.9, own=4).evaluated()
    assert found.n_unseen == 4
    assert set(found.unseen) == {f"C-{i:010}" for i in range(4)}
    assert any("4 of 12 groups" in remark and "values of their own" in remark for remark in found.remarks)
    assert doubted(found)[0] > 0.75


def test_where_every_account_has_a_card_of_its_own_nothing_is_judged() -> None:
    found = planted(0.9, own=12).evaluated()
    assert found.n_unseen == found.n_groups == 12
    assert found.n_judged == 0
    assert math.isnan(found.expected_error)
    assert any("sees too little of operators like these to judge: 0.5 to 0.7" in one for one in found.remarks)


def test_pairs_without_a_value_are_not_counted() -> None:
    world = planted(0.6)
    before = world.evaluated()
    gone = {account for account in world.cards if account.endswith("-11")}
    cards = {account: card for account, card in world.cards.items() if account not in gone}
    after = world._replace(cards=cards).evaluated()
    n_gone = sum(left in gone or right in gone for left, right, _ in world.links)
    assert (before.n_missing, after.n_missing) == (0, n_gone)
    assert after.n == before.n - n_gone
    assert doubted(after)[0] == pytest.approx(doubted(before)[0], abs=0.1)


def test_few_groups_are_too_few_data() -> None:
    found = planted(0.6, n_operators=4).evaluated()
    assert found.n_judged == 0
    assert found.remarks[0].startswith("too few data: 4 groups are surely one operator's")


def test_pairs_that_meet_more_often_than_the_surely_one_are_not_judged() -> None:
    world = planted(1.0)
    cards = dict(world.cards)
    for operator in range(12):
        for i in range(SIZE):  # of the surely one two in six meet; the doubted ones always
            cards[f"o{operator:02}-{i:02}"] = f"{operator}-{i // 2 if i < SIZE // 2 else 0}"
    links = [one for one in world.links if one[2] > 0.9]
    links += [
        (f"o{o:02}-{i:02}", f"o{o:02}-0{j}", DOUBTED) for o in range(12) for i in (6, 7, 8) for j in (0, 1)
    ]
    found = Planted(links, world.clusters, cards).evaluated()
    assert math.isnan(doubted(found)[0])
    assert any("meet more often than those that are surely one" in remark for remark in found.remarks)


def test_the_order_of_rows_changes_nothing() -> None:
    world = planted(0.6)
    shuffled = Planted(
        world.links[::-1], dict(reversed(world.clusters.items())), dict(reversed(world.cards.items()))
    )
    assert repr(world.evaluated()) == repr(shuffled.evaluated())


def test_a_probability_that_is_none_is_named() -> None:
    world = planted(0.6)
    with pytest.raises(InputError, match="probability is null or not in"):
        world._replace(links=[("o00-00", "o00-01", 1.5)]).evaluated()


def test_accounts_meet_in_one_window_on_a_value_that_few_hold() -> None:
    names = [f"a{i:03}" for i in range(200)]
    rows = [("a000", 1, 0), ("a001", 1, 0), ("a002", 1, 1)] + [(name, 2, 0) for name in names]
    holdings = pa.table(
        dict(zip(("account_id", "identifier_no", "window_no"), zip(*rows, strict=True), strict=True))
    )
    held = pa.table({"account_id": [*names, "a000"], "kind": ["ip"] * 199 + ["card"] + ["card"]})
    accounts = all_accounts(pa.array(names))
    meetings = read_meetings(accounts, holdings, held)
    left, right = (pa.array(side).to_numpy() for side in ([0, 0, 1, 3], [1, 2, 2, 4]))
    assert meetings.meet(left, right).tolist() == [True, False, False, False], (
        "200 of 200 hold the other value"
    )
    assert meetings.have_both(left, right).tolist() == [True] * 4
    ends = [pa.array(side).to_numpy() for side in ([0, 1], [199, 199])]
    assert meetings.have_both(*ends).tolist() == [True, False], "a199 has a card only, as a000 does"
