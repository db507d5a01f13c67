from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from graphlink.core.errors import InputError
from graphlink.evaluation import (
    Measures,
    entropy_cost,
    estimate_from_sample,
    evaluate_clusters,
    evaluate_discoveries,
    evaluate_links,
    evaluate_membership,
    merge_distance,
    no_cost,
    pair_cost,
    unit_cost,
)


def membership(**cluster_of: str | None) -> pa.Table:
    return pa.table(
        {
            "account_id": pa.array(list(cluster_of), pa.string()),
            "cluster_id": pa.array(list(cluster_of.values()), pa.string()),
        }
    )


def truth(**operator_of: str | None) -> pa.Table:
    return pa.table(
        {
            "account_id": pa.array(list(operator_of), pa.string()),
            "operator_id": pa.array(list(operator_of.values()), pa.string()),
        }
    )


FOUND = membership(a="C1", b="C1", c="C1", d="C2", e="C2", f=None)
TRUTH = truth(a="x", b="x", c="y", d="y", e="y", f="z")


@pytest.fixture(scope="module")
def measures() -> Measures:
    return evaluate_clusters(FOUND, TRUTH)


def test_pairs_by_hand(measures: Measures) -> None:
    # claimed ab ac bc de; true ab cd ce de; both ab de
    assert (measures.n_claimed_pairs, measures.n_true_pairs) == (4, 4)
    assert measures.pairs.precision == measures.pairs.recall == measures.pairs.f1 == 0.5


def test_bcubed_by_hand(measures: Measures) -> None:
    precision = (2 / 3 + 2 / 3 + 1 / 3 + 1 + 1 + 1) / 6
    recall = (1 + 1 + 1 / 3 + 2 / 3 + 2 / 3 + 1) / 6
    assert measures.bcubed.precision == pytest.approx(precision)
    assert measures.bcubed.recall == pytest.approx(recall)
    assert measures.bcubed.f1 == pytest.approx(2 * precision * recall / (precision + recall))
    assert measures.bcubed_partnered.precision == pytest.approx((6 * precision - 1) / 5)
    assert measures.bcubed_partnered.recall == pytest.approx((6 * recall - 1) / 5)


def test_adjusted_rand_by_hand(measures: Measures) -> None:
    chance = 4 * 4 / 15
    assert measures.adjusted_rand == pytest.approx((2 - chance) / (4 - chance))


def test_edits_by_hand(measures: Measures) -> None:
    # c leaves C1 and joins C2
    assert (measures.n_splits, measures.n_merges) == (1, 1)


def test_counts_of_clusters(measures: Measures) -> None:
    assert (measures.n_clusters, measures.largest_cluster, measures.n_operators) == (2, 3, 2)


def test_only_honest_accounts_with_strangers_are_accused() -> None:
    outcome = membership(a="C1", b="C1", c="C1", d=None, e="C2", f="C2", g="C3")
    actual = truth(a="x", b="x", c="honest c", d="honest d", e="honest e", f="honest f", g="honest g")
    measures = evaluate_clusters(outcome, actual)
    assert (measures.n_honest, measures.n_wrongly_flagged) == (5, 3)
    assert measures.wrongly_flagged_rate == pytest.approx(3 / 5)


def test_honest_styles_may_have_partners() -> None:
    actual = TRUTH.append_column("style", pa.array(["home", "home", "farm", "farm", "farm", "home"]))
    measures = evaluate_clusters(FOUND, actual, honest_styles={"home"})
    assert (measures.n_honest, measures.n_wrongly_flagged) == (3, 2)


def test_styles_by_hand() -> None:
    actual = TRUTH.append_column("style", pa.array(["home", "home", "farm", "farm", "farm", "home"]))
    farm, home = evaluate_clusters(FOUND, actual).styles
    assert (farm.style, farm.n_accounts, home.style, home.n_accounts) == ("farm", 3, "home", 3)
    assert farm.bcubed_precision == pytest.approx((1 / 3 + 1 + 1) / 3)
    assert farm.bcubed_recall == pytest.approx((1 / 3 + 2 / 3 + 2 / 3) / 3)
    assert (farm.share_clustered, home.share_clustered) == pytest.approx((1, 2 / 3))
    assert (farm.share_with_stranger, home.share_with_stranger) == pytest.approx((1 / 3, 2 / 3))


def test_accounts_missing_from_the_membership_are_in_no_cluster() -> None:
    actual = truth(a="x", b="x", c="y", d="y", e="y", f="z", g="x", h="w")
    short = evaluate_clusters(FOUND, actual)
    spelled = evaluate_clusters(
        membership(a="C1", b="C1", c="C1", d="C2", e="C2", f=None, g=None, h=None), actual
    )
    assert (short.n_missing, spelled.n_missing) == (2, 0)
    assert {**short.to_dict(), "n_missing": 0} == spelled.to_dict()


def test_accounts_the_truth_does_not_know_are_left_out_and_counted(measures: Measures) -> None:
    actual = membership(a="C1", b="C1", c="C1", d="C2", e="C2", f=None, g="C1", h="C3", i="C3")
    known = evaluate_clusters(actual, TRUTH)
    assert known.n_unknown == 3
    assert (known.pairs, known.bcubed) == (measures.pairs, measures.bcubed)
    assert (known.n_clusters, known.largest_cluster) == (3, 4)


def test_a_null_operator_is_unknown() -> None:
    actual = truth(a="x", b="x", c=None, d=None)
    measures = evaluate_clusters(membership(a="C1", b="C1", c="C1", d=None), actual)
    assert (measures.n_accounts, measures.n_unknown, measures.pairs.precision) == (2, 2, 1.0)


def test_the_truth_scores_one() -> None:
    measures = evaluate_clusters(membership(a="1", b="1", c="2", d=None), truth(a="x", b="x", c="y", d="z"))
    assert measures.pairs.f1 == measures.bcubed.f1 == measures.adjusted_rand == 1
    assert measures.n_splits == measures.n_merges == measures.variation_of_information == 0
    assert measures.wrongly_flagged_rate == 0


def test_linking_nothing_has_no_precision_and_no_recall() -> None:
    measures = evaluate_clusters(membership(a=None, b=None), truth(a="x", b="x"))
    assert math.isnan(measures.pairs.precision)
    assert (measures.pairs.recall, measures.pairs.f1) == (0, 0)
    assert (measures.bcubed.precision, measures.bcubed.recall, measures.adjusted_rand) == (1, 0.5, 0)
    assert (measures.largest_cluster, measures.review) == (0, ())
    assert math.isnan(measures.wrongly_flagged_rate)  # nobody is honest
    assert measures.to_dict()["pairs"]["precision"] is None


def test_review_takes_the_largest_cluster_first_unless_scores_state_otherwise() -> None:
    cluster_of = {f"a{i}": "big" for i in range(120)} | {f"b{i}": "small" for i in range(40)}
    operator_of = {f"a{i}": f"x{i}" for i in range(120)} | {f"b{i}": "y" for i in range(40)}
    outcome, actual = membership(**cluster_of), truth(**operator_of)
    by_size = evaluate_clusters(outcome, actual).review
    scores = pa.table({"cluster_id": ["small", "big"], "score": [0.9, 0.2]})
    by_score = evaluate_clusters(outcome, actual, clusters=scores).review
    assert [(p.n_clusters, p.n_reviewed, p.n_found) for p in by_size] == [(1, 120, 0), (2, 160, 40)]
    assert [(p.n_clusters, p.n_reviewed, p.n_found) for p in by_score] == [(2, 160, 40)]
    only_small = pa.table({"cluster_id": ["small", "other"], "score": [0.1, 0.2]})
    unscored_last = evaluate_clusters(outcome, actual, clusters=only_small).review
    assert unscored_last == by_score
    assert by_size[-1].found_per_100 == pytest.approx(25)


def test_merge_distance_of_the_paper() -> None:
    # Menestrina, Whang, Garcia-Molina: {a b d} {c e f g h}... here: two clusters cut across two groups
    outcome, actual = np.array([0, 0, 0, 1, 1]), np.array([0, 0, 1, 1, 1])
    assert merge_distance(outcome, actual, unit_cost, unit_cost) == 2
    assert merge_distance(outcome, actual, pair_cost, no_cost) == 2  # ac, bc are wrong
    assert merge_distance(outcome, actual, no_cost, pair_cost) == 2  # cd, ce are missed


def test_merge_distance_at_entropy_cost_of_independent_halves() -> None:
    # two independent fair bits: H(X|Y) + H(Y|X) = 2
    outcome, actual = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    assert merge_distance(outcome, actual, entropy_cost(4), entropy_cost(4)) == pytest.approx(2)


def links(*rows: tuple[str, str, float | None]) -> pa.Table:
    left, right, probability = zip(*rows, strict=True)
    return pa.table(
        {"account_id_l": left, "account_id_r": right, "probability": pa.array(probability, pa.float64())}
    )


def test_calibration_by_hand() -> None:
    actual = evaluate_links(
        links(("a", "b", 0.9), ("a", "c", 0.95), ("d", "e", 0.4), ("a", "who", 1.0)), TRUTH
    )
    assert (actual.n, actual.n_unknown, actual.n_true, actual.n_true_all) == (3, 1, 2, 4)
    assert actual.bins[9].n == 2
    assert actual.bins[9].share_true == 0.5
    assert actual.bins[9].mean_probability == pytest.approx(0.925)
    assert actual.bins[4].n == 1
    assert actual.expected_error == pytest.approx((2 * 0.425 + 0.6) / 3)
    assert actual.expected_error_above_half == pytest.approx(0.425)
    assert actual.brier == pytest.approx((0.1**2 + 0.95**2 + 0.6**2) / 3)
    at_95 = next(point for point in actual.thresholds if point.threshold == 0.95)
    assert (at_95.n, at_95.precision, at_95.recall) == (1, 0, 0)
    at_half = actual.thresholds[0]
    assert (at_half.n, at_half.precision, at_half.recall) == (2, 0.5, 0.25)


@pytest.mark.parametrize(("probability", "expected"), [(0.0, 0), (0.1, 1), (0.3, 3), (0.7, 7), (1.0, 9)])
def test_a_probability_on_an_edge_is_in_the_upper_bin(probability: float, expected: int) -> None:
    actual = evaluate_links(links(("a", "b", probability)), TRUTH)
    assert [one.n for one in actual.bins].index(1) == expected


def test_no_links_is_no_error() -> None:
    actual = evaluate_links(links(("a", "b", 0.5)).slice(0, 0), TRUTH)
    assert (actual.n, actual.n_true_all) == (0, 4)
    assert math.isnan(actual.expected_error)


@pytest.mark.parametrize("probability", [None, -0.1, 1.5, math.nan])
def test_a_probability_outside_its_range_is_an_error(probability: float | None) -> None:
    with pytest.raises(InputError, match="links: a probability is null or not in"):
        evaluate_links(links(("a", "b", probability)), TRUTH)


def test_membership_calibration_by_hand() -> None:
    outcome = FOUND.append_column("probability", pa.array([0.9, 0.8, 0.7, 0.6, 0.55, None]))
    actual = evaluate_membership(outcome, TRUTH)
    assert (actual.n, actual.n_unknown, actual.n_true) == (5, 0, 4)  # c stands among x
    assert actual.bins[7].share_true == 0


def test_members_of_a_cluster_of_strangers_are_all_wrong() -> None:
    outcome = membership(a="C1", b="C1", c="C2", d="C2").append_column("probability", pa.array([0.9] * 4))
    actual = evaluate_membership(outcome, truth(a="x", b="y", c="z"))
    assert (actual.n, actual.n_unknown, actual.n_true) == (2, 2, 0)


def wide_sample() -> tuple[pa.Table, pa.Table]:
    """Forty clusters of five; in each fourth, one account is of another operator."""
    cluster_of = {f"a{i}-{j}": f"C{i}" for i in range(40) for j in range(5)}
    operator_of = {
        f"a{i}-{j}": f"stranger {i}" if i % 4 == 0 and j == 0 else f"o{i}"
        for i in range(40)
        for j in range(5)
    }
    return membership(**cluster_of), truth(**operator_of)


def test_a_full_sample_of_clusters_gives_the_precision() -> None:
    outcome, actual = wide_sample()
    exact, estimates = evaluate_clusters(outcome, actual), estimate_from_sample(outcome, actual)
    assert estimates.n_units == 40
    assert estimates.pair_precision.estimate == pytest.approx(exact.pairs.precision)
    assert estimates.bcubed_precision.estimate == pytest.approx(exact.bcubed.precision)
    assert estimates.pair_recall is estimates.pair_f1 is estimates.bcubed_recall is None
    assert estimates.pair_precision.low < exact.pairs.precision < estimates.pair_precision.high


def test_a_full_sample_of_operators_gives_everything() -> None:
    exact, estimates = evaluate_clusters(FOUND, TRUTH), estimate_from_sample(FOUND, TRUTH, design="operators")
    assert estimates.pair_precision.estimate == pytest.approx(exact.pairs.precision)
    assert estimates.pair_recall is not None
    assert estimates.pair_recall.estimate == pytest.approx(exact.pairs.recall)
    assert estimates.pair_f1 is not None
    assert estimates.pair_f1.estimate == pytest.approx(exact.pairs.f1)
    assert estimates.bcubed_precision.estimate == pytest.approx(exact.bcubed.precision)
    assert estimates.bcubed_recall is not None
    assert estimates.bcubed_recall.estimate == pytest.approx(exact.bcubed.recall)


def test_weights_undo_an_uneven_draw() -> None:
    outcome, actual = wide_sample()
    number = [int(str(account).split("-")[0][1:]) for account in actual["account_id"].to_pylist()]
    # every cluster with a stranger, and one in three of the others, which then stands for three
    is_drawn = [i % 4 == 0 or i % 4 == 1 for i in number]
    weight = pa.array([1.0 if i % 4 == 0 else 3.0 for i in number])
    drawn = actual.append_column("weight", weight).filter(pa.array(is_drawn))
    exact = evaluate_clusters(outcome, actual).pairs.precision
    assert estimate_from_sample(outcome, drawn).pair_precision.estimate == pytest.approx(exact)
    assert estimate_from_sample(outcome, drawn.drop_columns("weight")).pair_precision.estimate < exact


def test_a_perfect_sample_still_has_a_width() -> None:
    outcome = membership(**{f"a{i}": f"C{i // 2}" for i in range(20)})
    actual = truth(**{f"a{i}": f"o{i // 2}" for i in range(20)})
    precision = estimate_from_sample(outcome, actual).pair_precision
    assert (precision.estimate, precision.high) == (1, 1)
    assert 0.6 < precision.low < 0.8  # ten of ten


def test_intervals_cover_the_truth_about_as_often_as_they_state() -> None:
    random = np.random.default_rng(20)
    sizes = random.geometric(0.3, 400) + 1
    cluster = np.repeat(np.arange(400), sizes)
    is_stranger = random.random(len(cluster)) < np.repeat(random.beta(0.3, 2, 400), sizes)
    operator = np.where(is_stranger, 1000 + np.arange(len(cluster)), cluster)
    names = np.array([f"a{i}" for i in range(len(cluster))])
    outcome = pa.table({"account_id": pa.array(names), "cluster_id": pa.array(cluster)})
    actual = pa.table({"account_id": pa.array(names), "operator_id": pa.array(operator)})
    exact = evaluate_clusters(outcome, actual).pairs.precision
    covered = 0
    for _ in range(150):
        drawn = np.isin(cluster, random.choice(400, 40, replace=False))
        interval = estimate_from_sample(outcome, actual.filter(pa.array(drawn))).pair_precision
        covered += interval.low <= exact <= interval.high
    assert covered >= 0.88 * 150


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": truth(a="x", b="x", d="y", e="y")}, "an account of a sampled cluster has no label"),
        ({"labels": truth(f="z")}, "no labelled account is in a cluster"),
        (
            {"labels": TRUTH.append_column("weight", pa.array([1.0, 2, 1, 1, 1, 1]))},
            "weights differ within one",
        ),
        (
            {"labels": TRUTH.append_column("weight", pa.array([1.0, 0, 1, 1, 1, 1]))},
            "a weight is null or not",
        ),
        ({"design": "guesses"}, "design 'guesses': operators or clusters"),
    ],
)
def test_samples_that_can_not_show(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        estimate_from_sample(FOUND, **{"labels": TRUTH, **change})


@pytest.mark.parametrize(
    ("found", "told", "message"),
    [
        (FOUND.drop_columns("cluster_id"), TRUTH, "membership: no column cluster_id; it has account_id"),
        (
            FOUND,
            TRUTH.drop_columns("operator_id"),
            "truth: no column operator_id or operator; it has account_id",
        ),
        (pa.concat_tables([FOUND, FOUND]), TRUTH, "membership: account 'a' is there 2 times"),
        (FOUND, pa.concat_tables([TRUTH, TRUTH.slice(2, 1)]), "truth: account 'c' is there 2 times"),
        (FOUND, truth(q="x"), "no account of the truth is in the membership"),
        (FOUND, truth(a=None), "truth: no account with an operator"),
        (
            pa.table({"account_id": pa.array([None, "a"]), "cluster_id": ["C", "C"]}),
            TRUTH,
            "account_id is null in 1",
        ),
    ],
)
def test_bad_tables_are_named(found: pa.Table, told: pa.Table, message: str) -> None:
    with pytest.raises(InputError, match=message):
        evaluate_clusters(found, told)


def test_honest_styles_need_styles() -> None:
    with pytest.raises(InputError, match="the truth has no column style"):
        evaluate_clusters(FOUND, TRUTH, honest_styles=["home"])


def test_number_ids_and_other_column_types_are_taken() -> None:
    outcome = pa.table({"account_id": [1, 2, 3], "cluster_id": [7, 7, None]})
    actual = pa.table({"account_id": ["1", "2", "3"], "operator": pa.array([5, 5, 6]).dictionary_encode()})
    assert evaluate_clusters(outcome, actual).pairs.f1 == 1


def test_measures_are_written_for_people_and_programs(measures: Measures) -> None:
    text = repr(measures)
    assert text.splitlines()[0] == "Measures"
    assert "precision 0.5000" in text
    assert json.loads(json.dumps(measures.to_dict(), allow_nan=False))["pairs"]["f1"] == 0.5


def test_hostile_style_names_stay_text() -> None:
    name = "<script>\u202e\x1b[31m"
    actual = TRUTH.append_column("style", pa.array([name] * 6))
    measures = evaluate_clusters(FOUND, actual)
    assert measures.styles[0].style == name
    assert "<script>" not in measures._repr_html_()
    assert not {"\u202e", "\x1b"} & set(repr(measures) + measures._repr_html_())


def test_discoveries_by_hand() -> None:
    outcome = membership(
        a="C1", b="C1", c="C1", d="C1", e="C2", f="C2", g="C3", h="C3", i="C4", j="C4", k=None
    )
    # C1 has one stranger, C2 is strangers only, C3 is right, C4 has one account that the truth knows.
    actual = truth(a="x", b="x", c="x", d="y", e="y", f="z", g="z", h="z", i="x", k="x")
    clusters = pa.table({"cluster_id": ["C1", "C2", "C3", "C4"], "fdr": [0.04, 0.2, 0.01, 0.01]})
    low, middle, high = evaluate_discoveries(outcome, clusters, actual, rates=(0.01, 0.05, 0.2))
    assert (low.n_clusters, low.n_accounts, low.share_false) == (1, 2, 0.0)
    assert (middle.n_clusters, middle.n_accounts) == (2, 6)
    assert middle.share_false == pytest.approx(0.25 / 2)
    assert (middle.share_with_stranger, middle.share_without_operator) == (0.5, 0.0)
    assert high.share_false == pytest.approx((0.25 + 1) / 3)
    assert high.share_with_stranger == pytest.approx(2 / 3)
    assert high.share_without_operator == pytest.approx(1 / 3)


def test_clusters_without_a_rate_are_on_no_list() -> None:
    clusters = pa.table({"cluster_id": ["C1", "C2"], "fdr": pa.array([None, None], pa.float64())})
    (point,) = evaluate_discoveries(FOUND, clusters, TRUTH, rates=(1.0,))
    assert point.n_clusters == 0
    assert math.isnan(point.share_false)
