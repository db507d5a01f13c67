"""Alerts: raised once for each lineage and rule, and again when enough has changed."""

from __future__ import annotations

import pytest

from graphlink.workspace.alerts import Alert, Standing, raise_alerts
from graphlink.workspace.policy import Policy


def raised(*standings: Standing, **earlier: dict[str, int]) -> list[tuple[str, int]]:
    had = {int(name.removeprefix("k")): rules for name, rules in earlier.items()}
    return [(one.rule, one.lineage) for one in raise_alerts(standings, had, Policy())]


def standing(
    n: int = 10, p: float = 0.95, fdr: float | None = 0.01, change: str = "grown", lineage: int = 1
) -> Standing:
    return Standing(lineage, change, n, p, fdr)


@pytest.mark.parametrize(
    ("p", "fdr", "expected"),
    [(0.9, 0.05, True), (0.89, 0.01, False), (0.95, 0.06, False), (0.95, None, True)],
)
def test_a_lineage_is_news_above_the_line(p: float, fdr: float | None, expected: bool) -> None:
    assert raised(standing(p=p, fdr=fdr)) == ([("born", 1)] if expected else [])


@pytest.mark.parametrize(("n", "expected"), [(12, False), (13, True), (10, False), (3, False)])
def test_it_is_news_again_when_enough_accounts_joined(n: int, expected: bool) -> None:
    assert raised(standing(n), k1={"born": 10}) == ([("grown", 1)] if expected else [])


def test_a_large_one_has_to_grow_by_its_share() -> None:
    assert raised(standing(124), k1={"born": 100}) == []
    assert raised(standing(125), k1={"born": 100}) == [("grown", 1)]
    assert raised(standing(130), k1={"born": 100, "grown": 125}) == []


def test_one_that_had_an_alert_is_followed_down_to_a_lower_line() -> None:
    assert raised(standing(20, p=0.8, fdr=0.1), k1={"born": 10}) == [("grown", 1)]
    assert raised(standing(20, p=0.79, fdr=0.1), k1={"born": 10}) == []
    assert raised(standing(20, p=0.8, fdr=0.11), k1={"born": 10}) == []


def test_a_return_is_news_as_it_grows_and_a_merger_each_time() -> None:
    assert raised(standing(change="regrown"), k1={"born": 10}) == [("regrown", 1)]
    assert raised(standing(12, change="regrown"), k1={"born": 9, "regrown": 10}) == []
    assert raised(standing(13, change="regrown"), k1={"born": 9, "regrown": 10}) == [("regrown", 1)]
    assert raised(standing(change="merged"), k1={"born": 10}) == [("merged", 1)]
    assert raised(standing(change="merged")) == [("merged", 1)]


def test_the_most_urgent_come_first() -> None:
    rows = (standing(lineage=1), standing(lineage=3, change="regrown"), standing(lineage=2))
    assert raise_alerts(rows, {3: {"born": 10}}, Policy()) == (
        Alert("regrown", 3, 10),
        Alert("born", 1, 10),
        Alert("born", 2, 10),
    )
