"""Properties of lineages that hold for any clusters and any history."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from graphlink.workspace.lineage import (
    GONE,
    MERGED,
    PENDING,
    SAME,
    Assignment,
    Lineage,
    assign_lineages,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

Clusters = dict[str, frozenset[str]]


@st.composite
def partitions(draw: st.DrawFn) -> Clusters:
    """Clusters of two accounts or more, of at most 14 accounts in all."""
    places = draw(st.lists(st.integers(-1, 4), min_size=14, max_size=14))
    groups: dict[int, set[str]] = {}
    for account, place in enumerate(places):
        if place >= 0:
            groups.setdefault(place, set()).add(f"a{account:02}")
    return {f"C-{min(group)}": frozenset(group) for group in groups.values() if len(group) > 1}


histories = st.lists(partitions(), min_size=1, max_size=5)
few = settings(max_examples=60)


def replayed(history: Sequence[Clusters]) -> tuple[list[Assignment], list[dict[int, Lineage]]]:
    """Assign run after run, as an update does; gives the lineages after each run too."""
    known: dict[int, Lineage] = {}
    pending: list[frozenset[str]] = []
    number, runs, after = 1, [], []
    for clusters in history:
        done = assign_lineages(known.values(), clusters, number, pending)
        number = done.next_number
        merged = {event.lineage: event.other for event in done.events if event.kind == MERGED}
        placed = {one.lineage: one for one in done.placements if one.lineage is not None}
        known = {
            one: known[one]._replace(is_present=False, merged_into=merged.get(one, known[one].merged_into))
            for one in known
        }
        for one, placement in placed.items():
            known[one] = Lineage(one, clusters[placement.cluster_id])
        pending = [clusters[one.cluster_id] for one in done.placements if one.lineage is None]
        runs.append(done)
        after.append(known)
    return runs, after


@few
@given(histories)
def test_each_cluster_has_one_lineage_and_each_lineage_one_cluster(history: list[Clusters]) -> None:
    for clusters, done in zip(history, replayed(history)[0], strict=True):
        assert sorted(one.cluster_id for one in done.placements) == sorted(clusters)
        given_numbers = [one.lineage for one in done.placements if one.lineage is not None]
        assert len(set(given_numbers)) == len(given_numbers)


@few
@given(histories)
def test_numbers_are_never_reused_and_have_no_gaps(history: list[Clusters]) -> None:
    runs, after = replayed(history)
    seen: set[int] = set()
    for done, known in zip(runs, after, strict=True):
        fresh = {event.lineage for event in done.events if event.kind in ("born", "split")}
        assert fresh.isdisjoint(seen)
        seen |= fresh
        assert set(known) == seen == set(range(1, done.next_number))


@few
@given(histories, partitions())
def test_a_run_again_changes_nothing(history: list[Clusters], last: Clusters) -> None:
    runs, after = replayed([*history, last, last, last])
    assert {one.change for one in runs[-1].placements} <= {SAME}
    assert runs[-1].events == ()
    placed = [{one.cluster_id: one.lineage for one in done.placements} for done in runs[-2:]]
    assert placed[0] == placed[1]
    assert {n: one.members for n, one in after[-1].items()} == {
        n: one.members for n, one in after[-2].items()
    }


@few
@given(histories)
def test_a_lineage_that_was_there_is_placed_merged_or_gone(history: list[Clusters]) -> None:
    runs, after = replayed(history)
    for before, done in zip([{}, *after], runs, strict=False):
        placed = {one.lineage for one in done.placements}
        for number, lineage in before.items():
            kinds = {event.kind for event in done.events if event.lineage == number}
            if lineage.is_present and number not in placed:
                assert kinds in ({GONE}, {MERGED})
            else:
                assert GONE not in kinds


@few
@given(histories)
def test_two_accounts_are_pending_once(history: list[Clusters]) -> None:
    runs, _ = replayed(history)
    for clusters, done in zip(history, runs, strict=True):
        for one in done.placements:
            assert (one.change == PENDING) == (one.lineage is None)
            if one.change == PENDING:
                assert len(clusters[one.cluster_id]) == 2
    again, _ = replayed([*history, history[-1]])
    assert all(one.lineage is not None for one in again[-1].placements)


@few
@given(histories, st.integers(0, 2**32))
def test_the_order_of_clusters_and_lineages_is_no_matter(history: list[Clusters], seed: int) -> None:
    *earlier, last = history
    _, after = replayed(earlier)
    known = list(after[-1].values()) if after else []
    shuffled, items = known[:], list(last.items())
    random.Random(seed).shuffle(shuffled)
    random.Random(seed).shuffle(items)
    assert assign_lineages(known, last, 100) == assign_lineages(shuffled, dict(items), 100)


@few
@given(partitions(), st.integers(1, 4))
def test_a_lineage_without_a_cluster_forms_again_under_its_number(clusters: Clusters, n_empty: int) -> None:
    history = [clusters, clusters, *[Clusters()] * n_empty, clusters]
    runs, _ = replayed(history)
    assert {one.cluster_id: one.lineage for one in runs[-1].placements} == {
        one.cluster_id: one.lineage for one in runs[1].placements
    }
    assert {one.change for one in runs[-1].placements} <= {"re-formed"}


@few
@given(partitions(), partitions())
def test_what_is_counted_adds_up(first: Clusters, second: Clusters) -> None:
    runs, after = replayed([first, first, second])
    for one in runs[-1].placements:
        members = second[one.cluster_id]
        own = after[1].get(one.lineage or 0)
        assert one.n_accounts == len(members)
        assert one.n_shared == (len(members & own.members) if own else 0)
        assert 0 <= one.n_joined <= one.n_accounts - one.n_shared
        assert one.n_left <= (len(own.members) - one.n_shared if own else 0)
        assert (one.jaccard == 1) == (own is not None and own.members == members)
