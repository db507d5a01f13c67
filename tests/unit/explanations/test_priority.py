"""The order of clusters: what each part counts, and that the probability alone orders nothing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from graphlink.core.errors import SettingsError
from graphlink.core.parameters import Priority as Numbers
from graphlink.core.wording.priority import PRIORITY_PARTS
from graphlink.explanations.priority import (
    Priority,
    ordered,
    parse_weights,
    prioritise,
    prioritise_cluster,
    weights_with,
)

if TYPE_CHECKING:
    from graphlink.result.result import Result

NUMBERS = Numbers()


def signal(value: float, baseline: float | None = None, n_accounts: int = 10) -> dict[str, Any]:
    return {"value": value, "baseline": baseline, "n_accounts": n_accounts}


def place(cluster: dict[str, Any] | None = None, **signals: dict[str, Any]) -> Priority:
    """The place of a cluster of one account (whose size counts nothing) with these signals."""
    row = {
        "cluster_id": "C-1", "n_accounts": 1, "score": 0.9, "p_same_operator": 1.0, "also_explained_by": None,
        "hypothesis": "same_operator", **(cluster or {}),
    }  # fmt: skip
    return prioritise_cluster(row, signals, NUMBERS)


@pytest.mark.parametrize(
    ("part", "signals", "level"),
    [
        ("burner_domains", {"share_burner_domains": signal(0.75)}, 0.75),
        ("routers", {"share_router": signal(0.6, 0.2)}, 0.5),
        ("routers", {"share_router": signal(0.1, 0.2)}, 0.0),
        ("exits", {"share_exits": signal(1.0, 0.5)}, 1.0),
        ("addresses", {"n_addresses": signal(8.0, 2.0)}, math.log2(4) / math.log2(8)),
        ("addresses", {"n_addresses": signal(2.0, 2.0), "n_prefixes": signal(900.0, 3.0)}, 1.0),
        ("succession", {"successors_3d": signal(4.5, 0.5)}, 0.6),
        ("succession", {"successors_6h": signal(6.0, 0.0), "successors_3d": signal(6.0, 3.0)}, 1.0),
        ("closures", {"share_closed_for_abuse": signal(0.55, 0.1)}, 0.5),
        ("volume", {"volume": signal(16.0, 10.0)}, 0.5),
        ("growth", {"share_new": signal(1.0, 0.05)}, 1.0),
    ],
)
def test_a_part_counts_what_is_above_the_usual(part: str, signals: dict[str, Any], level: float) -> None:
    made = place(**signals)
    assert made.levels[part] == pytest.approx(level)
    assert made.points[part] == pytest.approx(level * getattr(NUMBERS, part))
    assert made.total == pytest.approx(level * getattr(NUMBERS, part))


def test_one_replacement_may_be_chance_and_counts_nothing() -> None:
    assert place(successors_3d=signal(1.0, 0.0, n_accounts=2)).levels["succession"] == 0


def test_size_counts_by_doublings_up_to_the_largest() -> None:
    sizes = [place({"n_accounts": n}).levels["size"] for n in (1, 2, 16, 256, 10_000)]
    assert sizes == pytest.approx([0, 0.125, 0.5, 1, 1])


def test_without_signals_only_size_counts() -> None:
    made = place({"n_accounts": 16})
    assert {part for part, level in made.levels.items() if level} == {"size"}
    assert set(made.levels) == set(PRIORITY_PARTS)


@pytest.mark.parametrize("broken", [{}, {"share_router": signal(1.0)}, {"n_addresses": signal(5.0, 0.0)}])
def test_what_is_usual_may_be_unknown(broken: dict[str, Any]) -> None:
    assert all(0 <= level <= 1 for level in place(**broken).levels.values())


def test_the_points_count_as_far_as_it_is_one_concealed_operator() -> None:
    signals = {"share_new": signal(1.0, 0.0)}
    assert place({"p_same_operator": 0.4}, **signals).total == pytest.approx(0.4)
    closed = place(**signals, share_closed=signal(1.0, 0.1))
    assert closed.total == pytest.approx(NUMBERS.closed_factor)
    assert place(**signals, share_closed=signal(0.9, 0.1)).total == pytest.approx(1.0)


def test_a_harmless_reading_counts_once_by_the_probability_that_it_bounds() -> None:
    """The run gives such a cluster even odds at most; the order does not discount it a second time."""
    signals = {"share_new": signal(1.0, 0.0)}
    explained = place({"p_same_operator": 0.49, "also_explained_by": "place"}, **signals)
    assert explained.total == pytest.approx(0.49)
    assert explained == place({"p_same_operator": 0.49}, **signals)


def test_a_concealed_operator_comes_before_a_surer_company() -> None:
    company = place(
        {"cluster_id": "C-0", "hypothesis": "openly_one_organisation"}, share_new=signal(1.0, 0.0)
    )
    operator = place({"p_same_operator": 0.5}, successors_3d=signal(5.0, 0.0))
    usual = place({"cluster_id": "C-2"})
    assert [one.cluster_id for one in ordered([company, usual, operator])] == ["C-1", "C-2", "C-0"]


def test_weights_are_parsed_and_checked() -> None:
    assert parse_weights(" succession=5, volume = 0 ,") == {"succession": 5.0, "volume": 0.0}
    assert weights_with(NUMBERS, {"volume": 0.0}) == {
        part: 0.0 if part == "volume" else getattr(NUMBERS, part) for part in PRIORITY_PARTS
    }
    for wrong, said in (("volume", "no PART=POINTS"), ("volume=much", "no PART=POINTS")):
        with pytest.raises(SettingsError, match=said):
            parse_weights(wrong)
    for name, points, said in (
        ("mass", 1.0, "no part 'mass'"),
        ("size", 101.0, "0 to 100"),
        ("size", -1.0, "0 to"),
    ):
        with pytest.raises(SettingsError, match=said):
            weights_with(NUMBERS, {name: points})


def test_the_sentence_adds_up() -> None:
    made = place(successors_3d=signal(6.0, 0.0), share_new=signal(0.5, 0.0))
    assert made.phrase == "opened after closures 3.0, growth 0.5"
    assert made.sentence == (
        "Priority 3.5 = 1.00 (probability of one operator, less once all accounts are closed) x points: "
        "opened after closures 3.0, growth 0.5."
    )
    assert place().sentence.endswith("points: nothing above the usual.")


def test_the_order_of_a_result_is_by_total_and_can_be_weighed(sample_result: Result) -> None:
    plain = list(prioritise(sample_result).values())
    assert {one.cluster_id for one in plain} == set(sample_result.table("clusters")["cluster_id"].to_pylist())
    concealed = [one.total for one in plain if not one.is_openly]
    assert concealed == sorted(concealed, reverse=True)
    assert [one.is_openly for one in plain] == sorted(one.is_openly for one in plain)
    only_size = prioritise(sample_result, {part: float(part == "size") for part in PRIORITY_PARTS})
    for one in only_size.values():
        assert one.total == pytest.approx(one.confidence * one.levels["size"])
