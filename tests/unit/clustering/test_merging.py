"""Merging of groups: owned identifiers join them, places do not, and differing values keep them apart."""

from __future__ import annotations

import numpy as np

from graphlink.clustering.merging import Against, Disagreement, Links, Values, join_groups
from graphlink.core.parameters import Communities

# Two groups of six accounts: 0 to 5 and 6 to 11.
GROUP = np.array([0] * 6 + [6] * 6)
NO_VALUES = Values._make(np.zeros(0, dtype=np.int64) for _ in Values._fields)
START = -12.0


def links(*rows: tuple[int, int, float, int], is_owned: bool, is_own: bool) -> Links:
    """Links (lesser account, greater account, bits, identifier) by identifiers of one sort."""
    l_no, r_no, bits, identifier = (np.array(column) for column in zip(*rows, strict=True))
    flags = (np.full(len(rows), is_owned), np.full(len(rows), is_own))
    return Links(l_no, r_no, bits.astype(float), identifier, *flags)


def merged(ties: Links, values: Values = NO_VALUES, disagreements: tuple[Disagreement, ...] = ()) -> bool:
    group = join_groups(GROUP.copy(), ties, START, Against(values, list(disagreements)), Communities())
    return len(set(group.tolist())) == 1


CARDS = links((0, 6, 15.0, 1), (1, 7, 15.0, 2), is_owned=True, is_own=True)


def test_cards_of_both_groups_merge_them() -> None:
    assert merged(CARDS)


def test_places_alone_never_merge_two_groups() -> None:
    assert not merged(links(*((i, 6 + i, 30.0, i) for i in range(6)), is_owned=False, is_own=False))


def test_one_identifier_counts_once_however_many_pairs_it_ties() -> None:
    # Each alone is less than the start; only two identifiers together are more.
    assert not merged(links((0, 6, 10.0, 1), (1, 7, 10.0, 1), is_owned=True, is_own=True))
    assert merged(links((0, 6, 10.0, 1), (1, 7, 10.0, 2), is_owned=True, is_own=True))


def test_one_account_counts_once_however_many_it_is_tied_to() -> None:
    assert not merged(links((0, 6, 10.0, 1), (0, 7, 10.0, 2), is_owned=True, is_own=True))


def test_a_behaviour_states_less_the_larger_the_groups() -> None:
    # 36 pairs could show it: log2(36) - 2 = 3.2 bits less than the 14 that it says.
    assert not merged(links((0, 6, 14.0, -1), is_owned=False, is_own=True))
    assert merged(links((0, 6, 14.0, 1), is_owned=True, is_own=True))


def test_differing_values_keep_two_groups_apart() -> None:
    values = Values(np.arange(12), np.zeros(12, dtype=np.int64), np.array([100] * 6 + [200] * 6))
    assert not merged(CARDS, values, (Disagreement(kind=0, group=0, bits=-40.0),))
    same = values._replace(value=np.full(12, 100))
    assert merged(CARDS, same, (Disagreement(kind=0, group=0, bits=-40.0),))
