"""Every measure against a slow plain-Python twin that looks at all pairs."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphlink.evaluation import (
    entropy_cost,
    estimate_from_sample,
    evaluate_clusters,
    evaluate_links,
    evaluate_membership,
    merge_distance,
    no_cost,
    pair_cost,
    unit_cost,
)

if TYPE_CHECKING:
    import random

Row: TypeAlias = tuple[int | None, int | None, bool]

labels = st.integers(0, 4)
# one account each: its cluster (or none), its operator (or unknown), whether the membership has it
rows = st.lists(st.tuples(st.none() | labels, st.none() | labels, st.booleans()), min_size=1, max_size=16)


def tables(told: list[Row]) -> tuple[pa.Table, pa.Table]:
    there = [(f"a{i}", c) for i, (c, _, is_there) in enumerate(told) if is_there]
    membership = pa.table(
        {
            "account_id": pa.array([account for account, _ in there], pa.string()),
            "cluster_id": pa.array([None if c is None else f"C{c}" for _, c in there], pa.string()),
        }
    )
    truth = pa.table(
        {
            "account_id": [f"a{i}" for i in range(len(told))],
            "operator": pa.array([None if o is None else f"o{o}" for _, o, _ in told], pa.string()),
        }
    )
    return membership, truth


def partitions(told: list[Row]) -> tuple[dict[int, object], dict[int, int]]:
    """Cluster and operator of each known account; an account in no cluster is its own."""
    known = {i: o for i, (_, o, _) in enumerate(told) if o is not None}
    cluster = {i: (told[i][0] if told[i][2] and told[i][0] is not None else ("alone", i)) for i in known}
    return dict(cluster), known


def scored(told: list[Row]) -> bool:
    return any(is_there and o is not None for _, o, is_there in told)


def ratio(part: float, whole: float) -> float:
    return part / whole if whole else math.nan


@given(rows.filter(scored))
def test_clusters_against_all_pairs(told: list[Row]) -> None:
    cluster, operator = partitions(told)
    pairs = list(itertools.combinations(cluster, 2))
    claimed = {p for p in pairs if cluster[p[0]] == cluster[p[1]]}
    true = {p for p in pairs if operator[p[0]] == operator[p[1]]}
    measures = evaluate_clusters(*tables(told))
    assert (measures.n_claimed_pairs, measures.n_true_pairs) == (len(claimed), len(true))
    precision, recall = ratio(len(claimed & true), len(claimed)), ratio(len(claimed & true), len(true))
    assert [measures.pairs.precision, measures.pairs.recall] == pytest.approx(
        [precision, recall], nan_ok=True
    )

    def mates(of: dict[int, object] | dict[int, int], i: int) -> set[int]:
        return {j for j in cluster if of[j] == of[i]}

    both = {i: len(mates(cluster, i) & mates(operator, i)) for i in cluster}
    partnered = [i for i in cluster if len(mates(operator, i)) > 1]
    for chosen, actual in ((list(cluster), measures.bcubed), (partnered, measures.bcubed_partnered)):
        p = ratio(sum(both[i] / len(mates(cluster, i)) for i in chosen), len(chosen))
        r = ratio(sum(both[i] / len(mates(operator, i)) for i in chosen), len(chosen))
        assert [actual.precision, actual.recall] == pytest.approx([p, r], nan_ok=True)
    honest = [i for i in cluster if len(mates(operator, i)) == 1]
    assert measures.n_honest == len(honest)
    assert measures.n_wrongly_flagged == sum(len(mates(cluster, i)) > 1 for i in honest)


@given(rows.filter(scored))
def test_adjusted_rand_against_the_mean_over_pairs(told: list[Row]) -> None:
    cluster, operator = partitions(told)
    pairs = list(itertools.combinations(cluster, 2))
    a = [cluster[i] == cluster[j] for i, j in pairs]
    b = [operator[i] == operator[j] for i, j in pairs]
    actual = evaluate_clusters(*tables(told)).adjusted_rand
    if a == b:
        assert actual == pytest.approx(1)
    else:
        chance = sum(a) * sum(b) / len(pairs)
        top = sum(x and y for x, y in zip(a, b, strict=True))
        assert actual == pytest.approx((top - chance) / ((sum(a) + sum(b)) / 2 - chance))


def slow_distance(found: list[int], truth: list[int]) -> tuple[int, int]:
    """Each found cluster is cut into its slices, and each true group is put together from its own."""
    splits = sum(len({t for f, t in zip(found, truth, strict=True) if f == c}) - 1 for c in set(found))
    merges = sum(len({f for f, t in zip(found, truth, strict=True) if t == g}) - 1 for g in set(truth))
    return splits, merges


def entropy(values: list[object]) -> float:
    return -sum(n / len(values) * math.log2(n / len(values)) for n in Counter(values).values())


partition_pairs = st.lists(st.tuples(labels, labels), min_size=1, max_size=20).map(
    lambda both: list(zip(*both, strict=True))
)


@given(partition_pairs)
def test_merge_distance_against_what_each_cost_must_give(both: list[tuple[int, ...]]) -> None:
    actual, truth = list(both[0]), list(both[1])
    codes = np.array(actual), np.array(truth)
    splits, merges = slow_distance(actual, truth)
    assert merge_distance(*codes, unit_cost, no_cost) == splits
    assert merge_distance(*codes, no_cost, unit_cost) == merges
    pairs = list(itertools.combinations(range(len(actual)), 2))
    wrong = sum(actual[i] == actual[j] and truth[i] != truth[j] for i, j in pairs)
    missed = sum(actual[i] != actual[j] and truth[i] == truth[j] for i, j in pairs)
    assert merge_distance(*codes, pair_cost, no_cost) == wrong
    assert merge_distance(*codes, no_cost, pair_cost) == missed
    cost = entropy_cost(len(actual))
    joint = entropy(list(zip(actual, truth, strict=True)))
    information = 2 * joint - entropy(list(actual)) - entropy(list(truth))
    assert merge_distance(*codes, cost, cost) == pytest.approx(information, abs=1e-9)
    assert merge_distance(*codes[::-1], cost, cost) == pytest.approx(information, abs=1e-9)


@given(rows.filter(scored), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_the_names_of_clusters_change_nothing(
    told: list[Row], chance: random.Random
) -> None:
    membership, truth = tables(told)
    names = [f"other {i}" for i in range(5)]
    chance.shuffle(names)
    renamed = [None if c is None else names[int(c[1:])] for c in membership["cluster_id"].to_pylist()]
    shuffled = membership.set_column(1, "cluster_id", pa.array(renamed, pa.string()))
    mixed = [table.take(chance.sample(range(len(table)), len(table))) for table in (shuffled, truth)]
    ours, theirs = evaluate_clusters(membership, truth).to_dict(), evaluate_clusters(*mixed).to_dict()
    for name in (
        "n_claimed_pairs",
        "n_wrongly_flagged",
        "n_splits",
        "n_merges",
        "n_clusters",
        "n_unknown",
        "n_missing",
    ):
        assert ours[name] == theirs[name]
    assert ours["bcubed"]["f1"] == pytest.approx(theirs["bcubed"]["f1"])
    if ours["review"]:
        assert ours["review"][-1] == theirs["review"][-1]


@given(rows.filter(scored), st.data())
def test_links_against_a_loop(told: list[Row], data: st.DataObject) -> None:
    _, truth = tables(told)
    pairs = list(itertools.combinations(range(len(told) + 1), 2))  # the last account is not in the truth
    chosen = data.draw(st.lists(st.sampled_from(pairs), unique=True))
    outcome = data.draw(st.lists(st.floats(0, 1), min_size=len(chosen), max_size=len(chosen)))
    links = pa.table(
        {
            "account_id_l": pa.array([f"a{i}" for i, _ in chosen], pa.string()),
            "account_id_r": pa.array([f"a{j}" for _, j in chosen], pa.string()),
            "probability": pa.array(outcome, pa.float64()),
        }
    )
    operator = {i: o for i, (_, o, _) in enumerate(told) if o is not None}
    judged = [
        (p, operator[i] == operator[j])
        for (i, j), p in zip(chosen, outcome, strict=True)
        if {i, j} <= set(operator)
    ]
    actual = evaluate_links(links, truth)
    assert (actual.n, actual.n_unknown) == (len(judged), len(chosen) - len(judged))
    assert actual.n_true == sum(is_true for _, is_true in judged)
    error = 0.0
    for one in actual.bins:
        inside = [(p, t) for p, t in judged if one.low <= p < one.high or p == one.high == 1]
        assert one.n == len(inside)
        error += abs(sum(p - t for p, t in inside))
    assert actual.expected_error == pytest.approx(ratio(error, len(judged)), nan_ok=True, abs=1e-12)
    assert actual.brier == pytest.approx(
        ratio(sum((p - t) ** 2 for p, t in judged), len(judged)), nan_ok=True
    )
    for point in actual.thresholds:
        above = [t for p, t in judged if p >= point.threshold]
        assert point.n == len(above)
        assert point.precision == pytest.approx(ratio(sum(above), len(above)), nan_ok=True)


@given(rows.filter(scored))
def test_members_against_a_loop(told: list[Row]) -> None:
    membership, truth = tables(told)
    actual = evaluate_membership(
        membership.append_column("probability", pa.array([0.5] * len(membership))), truth
    )
    n = right = 0
    for c in range(5):
        operators = Counter(o for cluster, o, is_there in told if is_there and cluster == c and o is not None)
        if operators.total() >= 2:
            n += operators.total()
            most = max(operators.values())
            right += most if most >= 2 else 0
    assert (actual.n, actual.n_true) == (n, right)


@given(rows.filter(scored))
def test_a_sample_of_everything_is_the_measure(told: list[Row]) -> None:
    told = [(c, o, True) for c, o, _ in told if o is not None]
    membership, truth = tables(told)
    exact, estimates = (
        evaluate_clusters(membership, truth),
        estimate_from_sample(membership, truth, design="operators"),
    )
    assert estimates.pair_recall is not None
    assert estimates.bcubed_recall is not None
    estimate = (
        estimates.pair_precision,
        estimates.pair_recall,
        estimates.bcubed_precision,
        estimates.bcubed_recall,
    )
    wanted = [exact.pairs.precision, exact.pairs.recall, exact.bcubed.precision, exact.bcubed.recall]
    assert [one.estimate for one in estimate] == pytest.approx(wanted, nan_ok=True)
    for one in estimate:
        assert math.isnan(one.estimate) or 0 <= one.low <= one.estimate <= one.high <= 1
