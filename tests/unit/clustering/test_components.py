"""Components, spanning forests and renumbering of small graphs given as pairs of numbers."""

from __future__ import annotations

import numpy as np

from graphlink.clustering.components import components_of, least_member, renumbered, spanning_forest

# Two components of three and two nodes, and one node alone.
ENDS = np.array([[0, 1], [1, 2], [0, 2], [3, 4]])


def test_nodes_tied_through_others_are_in_one_component() -> None:
    component = components_of(6, ENDS)
    assert component[0] == component[1] == component[2]
    assert component[3] == component[4]
    assert len(set(component.tolist())) == 3


def test_a_forest_has_the_earliest_ties_and_no_circle() -> None:
    rows = spanning_forest(6, ENDS)
    assert sorted(np.asarray(rows).tolist()) == [0, 1, 3]


def test_numbers_are_made_dense_in_their_order() -> None:
    n, numbers = renumbered(np.array([7, 3, 7, 9]))
    assert n == 3
    assert np.asarray(numbers).tolist() == [1, 0, 1, 2]


def test_a_group_is_named_by_its_first_member() -> None:
    assert least_member(np.array([2, 1, 2, 1, 0])).tolist() == [0, 1, 0, 1, 4]
