"""What is watched, how much it weighs, and how it fades."""

from __future__ import annotations

import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphlink.core.errors import QuestionError
from graphlink.workspace import watch
from graphlink.workspace.holdings import Identifier, holdings_of, root_of, wider
from graphlink.workspace.parameters import HalfLives, HonestHolders, WatchRules
from graphlink.workspace.watch import (
    DecidedLineage,
    Hit,
    Watched,
    WatchList,
    combined_probability,
    hits_on,
    size_watch_list,
)
from tests.unit.workspace.small_results import Seen, SmallResult, day

SERVER, OTHER_SERVER = "203.0.113.7", "198.51.100.9"
DECIDED = DecidedLineage("K-1", frozenset({"m1", "m2", "m3"}), day(28))


def seen_by(names: str, value: str = SERVER, at: float = 20, kind: str = "ip") -> list[Seen]:
    return [(name, kind, value, at) for name in names.split()]


def weights(watch_list: WatchList) -> dict[str, float]:
    return {entry.identifier.value: entry.weight(watch_list.at) for entry in watch_list.entries}


def test_what_members_hold_alone_is_watched_and_what_others_hold_more_is_not() -> None:
    seen = seen_by("m1 m2 m3") + seen_by("m1 x y", "card-of-more", kind="payment")
    watch_list = size_watch_list(SmallResult(seen), [DECIDED])
    assert [entry.identifier for entry in watch_list.entries] == [("ip", SERVER)]
    assert watch_list.not_watched == {watch.CROWDED: 1}


def test_members_have_to_be_half_of_all_holders_ever() -> None:
    half = size_watch_list(SmallResult(seen_by("m1 m2 m3 x y z", "card-1", kind="payment")), [DECIDED])
    fewer = size_watch_list(SmallResult(seen_by("m1 m2 m3 x y z u", "card-1", kind="payment")), [DECIDED])
    assert len(half.entries) == 1
    assert half.entries[0].n_others == 3
    assert fewer.entries == ()


@pytest.mark.parametrize("label", ["vpn", "carrier_nat", "router", "residential_proxy", "campus", "tor"])
def test_what_a_list_says_anybody_may_use_is_never_watched(label: str) -> None:
    result = SmallResult(seen_by("m1 m2 m3"), labels={SERVER: label})
    assert size_watch_list(result, [DECIDED]).not_watched == {watch.LISTED: 1}


def test_places_of_many_are_never_watched() -> None:
    seen = seen_by("m1 m2 m3", "AS64500", kind="asn") + seen_by("m1 m2", "IS", kind="country")
    assert size_watch_list(SmallResult(seen), [DECIDED]).entries == ()


def test_a_holding_counts_half_after_a_half_life() -> None:
    entry = Watched(Identifier("ip", SERVER), "K-1", (day(0),), 0, 1.0, 14.0)
    assert entry.weight(day(0)) == pytest.approx(1 / 2)
    assert entry.weight(day(14)) == pytest.approx(0.5 / 1.5)
    assert entry.weight(day(28)) == pytest.approx(0.25 / 1.25)
    assert entry.weight(None) == entry.weight(day(-3)) == pytest.approx(1 / 2)


def test_addresses_fade_and_cards_do_not() -> None:
    seen = seen_by("m1 m2 m3", at=0) + seen_by("m1 m2 m3", "card-1", at=0, kind="payment")
    seen += [("x", "ip", OTHER_SERVER, 70)]  # the data go on
    watch_list = size_watch_list(SmallResult(seen), [DECIDED])
    fresh = size_watch_list(SmallResult([one for one in seen if one[0] != "x"]), [DECIDED])
    assert weights(watch_list)["card-1"] == pytest.approx(weights(fresh)["card-1"], abs=1e-3)
    assert weights(watch_list)[SERVER] < 0.55
    assert weights(fresh)[SERVER] > 0.9


def test_a_value_that_faded_is_watched_no_longer() -> None:
    result = SmallResult([*seen_by("m1", at=0), ("x", "ip", OTHER_SERVER, 100)])
    assert size_watch_list(result, [DECIDED]).not_watched == {watch.FADED: 1}


def test_strangers_in_the_network_make_an_address_weigh_less() -> None:
    alone = SmallResult(seen_by("m1"))
    among = SmallResult(
        seen_by("m1") + [(f"x{n}", "ip", f"203.0.113.{100 + n % 100}", 20) for n in range(128)]
    )
    entry = size_watch_list(among, [DECIDED]).entries[0]
    assert entry.honest - size_watch_list(alone, [DECIDED]).entries[0].honest == pytest.approx(128 / 256)


def test_an_address_whose_network_is_not_known_is_taken_for_a_home() -> None:
    pseudonym = "mfrggzdfmztwq2lknnwg23tpoa"
    (entry,) = size_watch_list(SmallResult(seen_by("m1", pseudonym)), [DECIDED]).entries
    assert entry.honest == pytest.approx(HonestHolders().ip + HonestHolders().unknown_network)
    assert root_of(entry.identifier) == entry.identifier
    assert wider(entry.identifier) == ()


def test_exclusivity_of_the_model_moves_what_is_to_be_expected() -> None:
    def honest(p: float) -> float:
        result = SmallResult(seen_by("m1 m2 m3", "card-1", kind="payment"), exclusivity={"card-1": p})
        return size_watch_list(result, [DECIDED]).entries[0].honest

    assert honest(0.5) == pytest.approx(HonestHolders().payment)
    assert honest(0.99) == pytest.approx(0.02 * HonestHolders().payment)
    assert honest(0.01) == pytest.approx(1.98 * HonestHolders().payment)


def test_those_that_come_back_to_a_value_do_not_end_its_watch() -> None:
    new = seen_by(" ".join(f"n{i}" for i in range(9)), at=30)
    (entry,) = size_watch_list(SmallResult(seen_by("m1 m2 m3") + new), [DECIDED]).entries
    assert entry.n_others == 0


def test_more_newcomers_than_members_stand_for_end_the_watch_of_an_address() -> None:
    new = seen_by(" ".join(f"n{i:02}" for i in range(13)), at=30)
    assert size_watch_list(SmallResult(seen_by("m1 m2 m3") + new), [DECIDED]).not_watched == {
        watch.CROWDED: 1
    }


def test_cleared_newcomers_are_honest_holders() -> None:
    result = SmallResult(seen_by("m1 m2 m3") + seen_by("n1 n2", at=30))
    (entry,) = size_watch_list(result, [DECIDED], {"n1"}).entries
    assert entry.n_others == 1


def test_members_of_another_decided_lineage_are_no_honest_holders() -> None:
    other = DecidedLineage("K-2", frozenset({"o1", "o2"}), day(28))
    result = SmallResult(seen_by("m1 m2 m3 o1 o2"))
    entries = size_watch_list(result, [DECIDED, other]).entries
    assert [(entry.lineage_id, entry.n_members, entry.n_others) for entry in entries] == [
        ("K-1", 3, 0),
        ("K-2", 2, 0),
    ]


def test_what_members_held_is_remembered_when_the_data_leave_them_out() -> None:
    before = SmallResult(seen_by("m1 m2 m3") + seen_by("m1 x y", "card-1", kind="payment"))
    remembered = holdings_of(before, DECIDED.accounts)
    after = SmallResult(seen_by("n1", at=30) + seen_by("z", "198.51.100.1", at=31), opened={"n1": 30})
    (server, card) = size_watch_list(after, [DECIDED], remembered=remembered).entries
    assert (server.identifier.value, server.n_members, server.n_others) == (SERVER, 3, 0)
    assert (card.identifier.value, card.n_members, card.n_others) == ("card-1", 1, 0)
    assert size_watch_list(after, [DECIDED]).entries == ()
    alone = SmallResult([*seen_by("old", at=30)], opened={"old": 5})
    (server, _) = size_watch_list(alone, [DECIDED], remembered=remembered).entries
    assert server.n_others == 1
    strangers = holdings_of(before, ["x"])
    assert size_watch_list(after, [DECIDED], remembered=strangers).entries == ()


def test_hits_of_one_network_count_once_and_of_two_by_each() -> None:
    def hit(value: str, kind: str = "ip", weight: float = 0.6) -> Hit:
        entry = Watched(Identifier(kind, value), "K-1", (day(0),), 0, 1.0, 14.0)
        return Hit("n1", entry, day(1), weight)

    neighbours = [hit("203.0.113.7"), hit("203.0.113.9")]
    assert combined_probability(neighbours) == pytest.approx(0.6)
    assert combined_probability([*neighbours, hit("198.51.100.1")]) == pytest.approx(0.84)
    mail = [hit("a@own.example", "email"), hit("own.example", "email_domain")]
    assert combined_probability(mail) == pytest.approx(0.6)
    assert combined_probability([hit("go/1.2", "client"), hit("py/3.4", "client")]) == pytest.approx(0.6)
    assert combined_probability([]) == 0.0


@given(st.lists(st.floats(0, 1), max_size=6), st.floats(0, 1))
def test_a_further_hit_never_lowers_the_probability(others: list[float], more: float) -> None:
    def hits(values: list[float]) -> list[Hit]:
        return [
            Hit("n", Watched(Identifier("payment", f"c{i}"), "K", (None,), 0, 1.0, 1.0), None, value)
            for i, value in enumerate(values)
        ]

    before, after = combined_probability(hits(others)), combined_probability(hits([*others, more]))
    assert 0 <= before <= after + 1e-12 <= 1 + 1e-9
    assert after >= more - 1e-12


@given(st.integers(1, 30), st.integers(0, 30), st.floats(0.01, 20), st.floats(0, 400), st.floats(0.1, 36_500))
def test_a_weight_is_a_probability_that_falls_with_age_and_with_others(
    n: int, n_others: int, expected: float, age: float, half_life: float
) -> None:
    held = (day(0),) * n
    entry = Watched(Identifier("ip", SERVER), "K-1", held, n_others, n_others + expected, half_life)
    crowded = dataclasses.replace(entry, honest=entry.honest + 1)
    assert 0 <= entry.weight(day(age)) <= entry.weight(day(0)) < 1
    assert crowded.weight(day(age)) <= entry.weight(day(age))


def test_a_watch_ends_and_has_a_ceiling() -> None:
    entry = Watched(Identifier("ip", SERVER), "K-1", (day(0),), 0, 0.01, 14.0, until=day(5), ceiling=0.4)
    assert entry.weight(day(1)) == 0.4
    assert entry.weight(day(5)) == 0.0


def test_a_hit_states_how_long_after_the_last_holding_it_came() -> None:
    result = SmallResult(seen_by("m1", at=4) + seen_by("m2", at=20) + seen_by("n1", at=31.5))
    watch_list = size_watch_list(result, [DECIDED])
    (hit,) = hits_on(watch_list.by_identifier(), holdings_of(result, ["n1"]), 0.2)
    assert hit.lag_days == pytest.approx(11.5)
    assert hit.weight < watch_list.entries[0].weight(day(20))


def test_a_lineage_has_one_name_and_a_moment_with_a_zone() -> None:
    with pytest.raises(QuestionError, match="two decided lineages have one name"):
        size_watch_list(SmallResult(seen_by("m1")), [DECIDED, DECIDED])
    with pytest.raises(QuestionError, match="K-9: decided_at has no time zone"):
        DecidedLineage("K-9", frozenset(), day(1).replace(tzinfo=None))


def test_no_lineage_watches_nothing() -> None:
    assert size_watch_list(SmallResult(seen_by("m1")), []).entries == ()


def test_row_order_changes_nothing() -> None:
    seen = seen_by("m1 m2 m3") + seen_by("m1 x", "card-1", kind="payment") + seen_by("n1", at=30)
    assert size_watch_list(SmallResult(seen), [DECIDED]) == size_watch_list(
        SmallResult(seen[::-1]), [DECIDED]
    )


def test_one_strong_hit_or_two_of_middle_weight_name() -> None:
    """What the threshold means: 1 - (1 - .56)^2 is enough, a single .56 is not."""
    rules = WatchRules()
    assert 1 - (1 - 0.56) ** 2 >= rules.named_at > 0.56
    assert rules.least_weight < rules.possible_at < rules.named_at
    assert math.isclose(HalfLives().ip, 14.0)


@pytest.mark.parametrize("name", ["a0", "zz"])
def test_an_unrelated_account_changes_nothing(name: str) -> None:
    seen = seen_by("m1 m2 m3") + seen_by("m1 x", "card-1", kind="payment") + seen_by("n1", at=30)
    stranger = [(name, "ip", "192.0.2.77", 25.0), (name, "payment", "card-of-nobody", 25.0)]
    before, after = (size_watch_list(SmallResult(rows), [DECIDED]) for rows in (seen, [*stranger, *seen]))
    assert before == after


def test_in_data_that_begin_after_the_decision_who_was_first_seen_in_them_is_not_new() -> None:
    before = SmallResult(seen_by("m1 m2 m3"))
    remembered = holdings_of(before, DECIDED.accounts)
    later = SmallResult(seen_by("old", at=50))
    (server,) = size_watch_list(later, [DECIDED], remembered=remembered).entries
    assert server.n_others == 1
    newcomer = SmallResult(seen_by("new", at=50), opened={"new": 49})
    (server,) = size_watch_list(newcomer, [DECIDED], remembered=remembered).entries
    assert server.n_others == 0
