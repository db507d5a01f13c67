"""What moves between two results of the same data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

import graphlink
from graphlink.core.settings import KindSettings, Settings
from graphlink.result.moves import find_moves

if TYPE_CHECKING:
    from graphlink.result.result import Result


def weighed(p_exclusive: float) -> Result:
    """Three groups of four with a card each, and pairs that share a desk, worth what is given."""
    rows = [(f"g{i}-{j}", "payment", f"card{i}") for i in range(3) for j in range(4)]
    rows += [(f"d{i}-{j}", "desk", f"desk{i}") for i in range(2) for j in range(2)]
    frame = pd.DataFrame(rows, columns=["account_id", "kind", "value"])
    return graphlink.run(frame, settings=Settings(kinds={"desk": KindSettings(p_exclusive=p_exclusive)}))


@pytest.fixture(scope="module")
def results() -> tuple[Result, Result]:
    return weighed(0.3), weighed(0.99)


def test_a_result_does_not_move_against_itself(results: tuple[Result, Result]) -> None:
    moves = find_moves(results[0], results[0])
    assert (moves.links, moves.clusters, moves.members) == ([], [], [])
    assert moves.counts["links: before"] == moves.counts["links: after"] == len(results[0].links)
    assert moves.counts["links: probability moves by 0.1 or more"] == 0


def test_links_clusters_and_members_that_move_are_counted_and_the_largest_listed(
    results: tuple[Result, Result],
) -> None:
    moves = find_moves(*results, most=3)
    assert moves.counts["links: probability moves by 0.1 or more"] == 2
    assert moves.counts["clusters: new"] == 2
    assert moves.counts["members: another role"] == 4
    assert [row["account_id_l"] for row in moves.links] == ["d0-0", "d1-0"]
    assert all(row["probability_after"] > row["probability_before"] + 0.1 for row in moves.links)
    assert [row["status"] for row in moves.clusters] == ["new", "new"]
    assert len(moves.members) == 3
    assert all(row["cluster_id_before"] is None for row in moves.members)


def test_the_other_way_round_clusters_are_gone(results: tuple[Result, Result]) -> None:
    moves = find_moves(*results[::-1])
    assert moves.counts["clusters: gone"] == 2
    assert {row["account_id"] for row in moves.members} == {"d0-0", "d0-1", "d1-0", "d1-1"}
