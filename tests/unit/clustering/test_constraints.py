"""Labels as must-link and cannot-link on a partition, from links made by hand."""

from __future__ import annotations

import functools
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphlink.clustering.communities.pruning import prune
from graphlink.clustering.components import components_of
from graphlink.clustering.constraints import Constrained, PairLabels, constrain
from graphlink.clustering.merging import Links
from graphlink.core.parameters import Parameters

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

Link = tuple[int, int, float]
Label = tuple[int, int, bool]  # whether the verdict is yes
YES, NO = True, False
A = (1, 2, 3, 4)
B = (5, 6, 7)


def ring(accounts: Sequence[int], bits: float = 20.0) -> list[Link]:
    return [(*pair, bits) for pair in combinations(accounts, 2)]


def links_of(rows: Iterable[Link]) -> Links:
    """Links, each by an identifier of its own that belongs to somebody."""
    rows = sorted(rows)
    l, r, bits = (np.array(column) for column in zip(*rows, strict=True)) if rows else (np.zeros(0, int),) * 3  # noqa: E741 - as the columns
    owned = np.ones(len(rows), dtype=bool)
    return Links(l, r, bits.astype(float), np.arange(len(rows)), owned, owned, ~owned)


def labels_of(rows: Iterable[Label]) -> PairLabels:
    rows = sorted((min(x, y), max(x, y), is_same) for x, y, is_same in rows)
    ends = np.array([row[:2] for row in rows], dtype=np.int64).reshape(-1, 2)
    return PairLabels(ends[:, 0], ends[:, 1], np.array([row[2] for row in rows], dtype=bool))


def transform(links: Sequence[Link], labels: Iterable[Label], n: int = 20) -> Constrained:
    """The partition into components of the links, after the labels."""
    community = components_of(n, np.array([row[:2] for row in links]).reshape(-1, 2))
    pruning = functools.partial(prune, least=0.9, parameters=Parameters(), outside=np.zeros(len(community)))
    return constrain(community, links_of(links), labels_of(labels), pruning)


def groups(community: NDArray[np.int64]) -> list[list[int]]:
    """The communities of several accounts."""
    by_community: dict[int, list[int]] = {}
    for account, one in enumerate(community.tolist()):
        by_community.setdefault(one, []).append(account)
    assert all(one == min(members) for one, members in by_community.items())
    return [members for members in by_community.values() if len(members) > 1]


def moved(actual: Constrained) -> dict[int, str]:
    return {account: one for account, one in enumerate(actual.constrained_by.tolist()) if one is not None}


def test_without_labels_nothing_moves() -> None:
    actual = transform([*ring(A), *ring(B)], [])
    assert groups(actual.community) == [[*A], [*B]]
    assert (moved(actual), actual.outcomes) == ({}, [])


def test_yes_makes_one_community_of_two_without_a_link() -> None:
    actual = transform([*ring(A), *ring(B)], [(1, 5, YES)])
    assert groups(actual.community) == [[*A, *B]]
    assert moved(actual) == dict.fromkeys(B, "must_link"), "the lesser community came to the larger one"
    assert actual.outcomes == ["applied"]


def test_yes_between_two_accounts_without_links_makes_a_community_by_labels_alone() -> None:
    actual = transform([], [(2, 9, YES)])
    assert groups(actual.community) == [[2, 9]]
    assert moved(actual) == {2: "must_link", 9: "must_link"}


def test_a_chain_of_yes_ties_its_ends() -> None:
    actual = transform([*ring(A), *ring(B)], [(1, 9, YES), (9, 5, YES)])
    assert groups(actual.community) == [[*A, *B, 9]]


def test_labels_that_the_evidence_agrees_with_change_nothing() -> None:
    actual = transform([*ring(A), *ring(B)], [(1, 2, YES), (1, 5, NO)])
    assert groups(actual.community) == [[*A], [*B]]
    assert (moved(actual), actual.outcomes) == ({}, ["agrees", "agrees"])
    assert not actual.is_changed.any()


def test_no_cuts_where_the_links_have_the_fewest_bits() -> None:
    bridges: list[Link] = [(4, 5, 9.0), (3, 6, 8.0)]
    actual = transform([*ring(A), *ring(B), *bridges], [(1, 7, NO)])
    assert groups(actual.community) == [[*A], [*B]]
    assert moved(actual) == dict.fromkeys(B, "cannot_link")
    assert actual.cut_bits.tolist() == [17.0]


def test_a_cut_leaves_accounts_that_labels_tie_together() -> None:
    """The weakest cut is between 4 and 5; when they are one node, it is between 5 and the rest."""
    links = [*ring(A), (5, 6, 10.0), (5, 7, 10.0), (6, 7, 20.0), (4, 5, 5.0)]
    assert groups(transform(links, [(1, 7, NO)]).community) == [[*A], [*B]]
    actual = transform(links, [(1, 7, NO), (4, 5, YES)])
    assert groups(actual.community) == [[*A, 5], [6, 7]]
    assert actual.cut_bits.tolist()[0] == 20.0


def test_of_equal_cuts_the_one_that_separates_fewer_accounts_is_taken() -> None:
    chain: list[Link] = [(i, i + 1, 10.0) for i in range(1, 6)]
    actual = transform(chain, [(1, 4, NO)])
    assert groups(actual.community) == [[2, 3, 4, 5, 6]], "1 leaves alone rather than with 2 and 3"
    assert moved(actual) == {1: "cannot_link"}


def test_several_no_in_one_community_separate_all_of_them() -> None:
    hub = [(10, i, bits) for i, bits in ((1, 30.0), (2, 20.0), (3, 10.0))]
    links = [(min(x, y), max(x, y), bits) for x, y, bits in hub]
    actual = transform(links, [(1, 2, NO), (1, 3, NO), (2, 3, NO)])
    assert groups(actual.community) == [[1, 10]]
    assert moved(actual) == {2: "cannot_link", 3: "cannot_link"}


def test_who_is_held_by_links_to_both_sides_is_pruned_when_one_side_does_not_hold() -> None:
    """Account 9 has two links of 2 bits: together they hold it, and each alone does not."""
    both: list[Link] = [(4, 9, 2.0), (5, 9, 2.1), (4, 5, 3.0)]
    actual = transform([*ring(A), *ring(B), *both], [(1, 7, NO)])
    assert groups(actual.community) == [[*A], [*B]]
    assert moved(actual)[9] == "cannot_link"


def test_pruning_does_not_undo_a_must_link() -> None:
    actual = transform([*ring(A), *ring(B), (4, 5, 9.0)], [(1, 7, NO), (2, 12, YES), (6, 13, YES)])
    assert groups(actual.community) == [[*A, 12], [*B, 13]]


def test_a_no_against_a_chain_of_yes_is_a_conflict_and_the_pair_stays_together() -> None:
    actual = transform(ring(A), [(1, 9, YES), (8, 9, YES), (1, 8, NO)])
    assert groups(actual.community) == [[*A, 8, 9]]
    assert dict(zip([(1, 8), (1, 9), (8, 9)], actual.outcomes, strict=True)) == {
        (1, 8): "conflict",
        (1, 9): "applied",
        (8, 9): "applied",
    }


def test_a_cut_of_two_halves_marks_both() -> None:
    actual = transform([(1, 2, 20.0)], [(1, 2, NO)])
    assert (groups(actual.community), moved(actual)) == ([], {1: "cannot_link", 2: "cannot_link"})


_PAIR = st.tuples(st.integers(1, 14), st.integers(1, 14)).filter(lambda pair: pair[0] < pair[1])
_LINKS = st.dictionaries(_PAIR, st.sampled_from([4.0, 8.0, 12.0]), max_size=30)
_LABELS = st.dictionaries(_PAIR, st.booleans(), max_size=8)


@settings(max_examples=200, deadline=None)
@given(_LINKS, _LABELS)
def test_every_label_is_obeyed_or_reported_and_nobody_else_moves(
    links: dict[tuple[int, int], float], labels: dict[tuple[int, int], bool]
) -> None:
    rows = [(*pair, bits) for pair, bits in links.items()]
    before = components_of(20, np.array([row[:2] for row in rows]).reshape(-1, 2))
    actual = transform(rows, [(*pair, is_same) for pair, is_same in labels.items()])
    for (pair, is_same), outcome in zip(sorted(labels.items()), actual.outcomes, strict=True):
        together = actual.community[pair[0]] == actual.community[pair[1]]
        assert together == (is_same or outcome == "conflict")
    touched = np.isin(before, before[[account for pair in labels for account in pair]])
    assert (actual.community == before)[~touched].all()
    assert set(moved(actual)) <= set(np.flatnonzero(actual.is_changed).tolist())
    again = transform(rows[::-1], [(*pair, is_same) for pair, is_same in reversed(labels.items())])
    assert again.community.tolist() == actual.community.tolist()


@pytest.mark.parametrize("n", [3, 40])
def test_the_order_of_names_turns_no_cut_that_is_unique(n: int) -> None:
    """Numbers follow names: under another numbering the same accounts are separated."""
    rng = np.random.default_rng(7)
    half = [(x, y, 20.0) for side in (range(n), range(n, 2 * n)) for x, y in combinations(side, 2)]
    links = [*half, (0, n, 3.0), (1, n + 1, 4.0)]
    for _ in range(3):
        name = rng.permutation(2 * n)
        named = [(min(name[x], name[y]), max(name[x], name[y]), bits) for x, y, bits in links]
        community = transform(named, [(name[2], name[n + 2], NO)], 2 * n).community
        assert len({community[name[i]] for i in range(n)}) == 1
        assert community[name[0]] != community[name[n]]
