"""Returns by two roads, and how much of a lineage was back."""

from __future__ import annotations

import pytest

from graphlink.workspace.returns import (
    BY_WATCH_LIST,
    IN_THE_RUN,
    THROUGH_CLUSTER,
    Return,
    find_returns,
    return_rates,
)
from graphlink.workspace.watch import DecidedLineage, size_watch_list
from tests.unit.workspace.small_results import Seen, SmallResult, day

DECIDED = DecidedLineage("K-1", frozenset({"m1", "m2", "m3"}), day(28))
SERVER = "203.0.113.7"


def on(value: str, at: float, *names: str, kind: str = "ip") -> list[Seen]:
    return [(name, kind, value, at) for name in names]


MEMBERS = on(SERVER, 27, "m1", "m2", "m3")


def returns_of(result: SmallResult, cleared: tuple[str, ...] = ()) -> dict[str, Return]:
    watch_list = size_watch_list(result, [DECIDED], cleared)
    return {one.account_id: one for one in find_returns(result, watch_list, [DECIDED], cleared)}


def test_a_new_account_on_an_old_server_is_named_by_the_watch_list() -> None:
    actual = returns_of(SmallResult(MEMBERS + on(SERVER, 30, "n1")))
    assert set(actual) == {"n1"}
    assert (actual["n1"].is_named, actual["n1"].road, actual["n1"].cluster_id) == (True, BY_WATCH_LIST, None)
    assert [hit.watched.identifier.value for hit in actual["n1"].hits] == [SERVER]
    assert actual["n1"].opened_at == day(30)


def test_a_return_is_stated_in_sentences() -> None:
    actual = returns_of(SmallResult(MEMBERS + on(SERVER, 30, "n\x1b1", "old"), opened={"old": 5}))
    first, hit = actual["n\x1b1"].sentences
    assert first.startswith("n\\x1b1 is possibly a return of K-1, probability 0.")
    assert first.endswith(": it holds what was exclusive to the decision.")
    assert hit.startswith(
        f"It holds ip {SERVER}, which 3 accounts of K-1 held and 1 other held, 3.0 days after"
    )
    assert "it may be bought or missed" in actual["old"].sentences[1]


def test_one_hit_on_what_a_single_member_held_does_not_name_and_two_do() -> None:
    """A bought account has its owner's card and address; the owner's next account is no return."""
    one = on("card-1", 20, "m1", kind="payment")
    two = on("198.51.100.9", 27, "m2")
    new = on("card-1", 30, "n1", "n2", kind="payment") + on("198.51.100.9", 30, "n2")
    actual = returns_of(SmallResult(MEMBERS + one + two + new))
    assert (actual["n1"].is_named, actual["n2"].is_named) == (False, True)


def test_older_accounts_that_come_to_a_watched_value_are_listed_and_never_named() -> None:
    """They may be bought; those that held it before the decision are other holders."""
    seen = MEMBERS + on(SERVER, 30, "old", "new") + on(SERVER, 20, "there")
    actual = returns_of(SmallResult(seen, opened={"old": 5}))
    assert set(actual) == {"old", "new"}
    assert (actual["old"].is_older, actual["old"].state, actual["old"].opened_at) == (True, "possible", None)
    assert (actual["new"].is_older, actual["new"].opened_at) == (False, day(30))
    assert actual["old"].hits[0].watched.n_others == 2


def test_cleared_accounts_are_not_named() -> None:
    result = SmallResult(MEMBERS + on(SERVER, 30, "n1", "n2"))
    assert set(returns_of(result, ("n1",))) == {"n2"}


def test_a_new_account_in_a_cluster_with_decided_ones_is_named_in_the_run() -> None:
    seen = MEMBERS + on("198.51.100.9", 30, "n1")
    actual = returns_of(SmallResult(seen, clusters={"C-1": ["m1", "m2", "n1"]}))
    assert (actual["n1"].is_named, actual["n1"].road, actual["n1"].hits) == (True, IN_THE_RUN, ())


def test_a_cluster_in_which_decided_accounts_are_few_names_nobody() -> None:
    seen = MEMBERS + on("198.51.100.9", 30, "n1") + on("198.51.100.9", 20, "x", "y")
    assert returns_of(SmallResult(seen, clusters={"C-1": ["m1", "x", "y", "n1"]})) == {}
    assert set(returns_of(SmallResult(seen, clusters={"C-1": ["m1", "m2", "x", "y", "n1"]}))) == {"n1"}


def test_a_cluster_that_is_no_operator_s_names_nobody() -> None:
    seen = MEMBERS + on("198.51.100.9", 30, "n1") + on("198.51.100.8", 20, "x", "y")
    result = SmallResult(seen, clusters={"C-1": ["m1", "m2", "x", "y", "n1"]}, one={"C-1": 0.1})
    assert not any(one.is_named for one in returns_of(result).values())


def test_a_new_account_in_a_cluster_with_one_that_came_back_is_named_through_it() -> None:
    seen = MEMBERS + on(SERVER, 30, "n1") + on("198.51.100.9", 30, "n2")
    actual = returns_of(SmallResult(seen, clusters={"C-1": ["n1", "n2"]}))
    assert (actual["n1"].road, actual["n2"].road) == (BY_WATCH_LIST, THROUGH_CLUSTER)
    assert actual["n2"].is_named
    assert actual["n2"].probability < actual["n1"].probability
    doubted = returns_of(SmallResult(seen, clusters={"C-1": ["n1", "n2"]}, one={"C-1": 0.0}))
    # Where no one organisation has the cluster, a neighbour is a return as often as the other is one.
    assert doubted["n2"].probability == pytest.approx(doubted["n1"].probability ** 2)


def test_of_two_lineages_an_account_is_the_likelier_one_s() -> None:
    other = DecidedLineage("K-2", frozenset({"o1"}), day(28))
    result = SmallResult(MEMBERS + on(SERVER, 27, "o1") + on(SERVER, 30, "n1"))
    decided = [other, DECIDED]
    (one,) = find_returns(result, size_watch_list(result, decided), decided)
    assert one.lineage_id == "K-1"


def test_a_mail_domain_and_a_64_are_watched_by_what_is_below_them() -> None:
    mail = on("jo@own.example", 20, "m1", kind="email") + on("al@own.example", 20, "m2", kind="email")
    v6 = on("2001:db8:1:2::a", 27, "m1", "m2", "m3")
    new = on("bo@own.example", 30, "n1", kind="email") + on("2001:db8:1:2::b", 30, "n2")
    actual = returns_of(SmallResult([*mail, *v6, *new]))
    assert {name: one.hits[0].watched.identifier.kind for name, one in actual.items()} == {
        "n1": "email_domain",
        "n2": "ip_64",
    }


def test_rates_count_what_was_back_within_each_time_and_say_when_it_is_not_over() -> None:
    seen = MEMBERS + on(SERVER, 30, "n1") + on(SERVER, 40, "n2") + on(SERVER, 50, "n1")
    result = SmallResult(seen)
    returns = find_returns(result, size_watch_list(result, [DECIDED]), [DECIDED])
    assert all(one.is_named for one in returns)
    week, month, quarter = return_rates(result, [DECIDED], returns)
    assert [rate.days for rate in (week, month, quarter)] == [7, 30, 90]
    assert [rate.n_back for rate in (week, month, quarter)] == [1, 2, 2]
    assert [rate.is_over for rate in (week, month, quarter)] == [True, False, False]
    assert week.share_back == pytest.approx(1 / 3)
    # m1 to m3 are seen once each on the day before; n1 on days 30 and 50, n2 on day 40.
    assert [(rate.volume_before, rate.volume_back) for rate in (week, month)] == [(3, 1), (3, 3)]
    assert week.volume_share == pytest.approx(1 / 3)


def test_without_a_volume_before_there_is_no_share_of_it() -> None:
    late = DecidedLineage("K-1", DECIDED.accounts, day(60))
    (week, *_) = return_rates(SmallResult(MEMBERS), [late], ())
    assert (week.volume_before, week.volume_share, week.n_back, week.is_over) == (0, None, 0, False)


def test_no_decision_finds_nothing() -> None:
    result = SmallResult(MEMBERS)
    assert find_returns(result, size_watch_list(result, []), []) == ()
