"""Slices of lists of starts: what is made of them is the same in any number of threads."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest

from graphlink.engine.duck import DuckEngine
from graphlink.model.timing import starts as starts_module
from graphlink.model.timing.starts import Starts, in_slices
from tests.unit.model.test_timing import behaviours, strangers
from tests.unit.model.test_timing_places import callers, events

if TYPE_CHECKING:
    from graphlink.model.timing.parameters import Ints


def starts_in(n_threads: int) -> Starts:
    none = np.zeros(0, np.int64)
    return Starts(none, none, none, 1, 0, n_threads)


@pytest.mark.parametrize("n_threads", [1, 3])
@pytest.mark.parametrize("n", [0, 1, 7])
def test_slices_come_back_in_their_order(n: int, n_threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starts_module, "_AT_ONCE", 2)
    parts = in_slices(starts_in(n_threads), np.ones(n, np.int64), lambda part: np.arange(n)[part])
    assert np.array_equal(np.concatenate([np.zeros(0, np.int64), *parts]), np.arange(n))


def test_slices_are_worked_on_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starts_module, "_AT_ONCE", 1)
    both = threading.Barrier(2, timeout=30)  # one alone would wait for the other until it breaks
    assert in_slices(starts_in(2), np.ones(2, np.int64), lambda _: both.wait() in (0, 1)) == [True, True]


def test_a_fault_in_a_slice_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starts_module, "_AT_ONCE", 1)

    def fail(part: slice) -> Ints:
        raise MemoryError(str(part.start))

    with pytest.raises(MemoryError, match="0"):
        in_slices(starts_in(2), np.ones(3, np.int64), fail)


def test_behaviours_are_the_same_in_any_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starts_module, "_AT_ONCE", 60)
    found = []
    for n_threads in (1, 4):
        rng = np.random.default_rng(5)
        jobs, served = events(rng), [f"c{i:02}" for i in range(14)]
        ring = [(name, kind, f"own-{name}", s) for name, kind, _, s in callers(
            rng, [f"o{i}" for i in range(9)], jobs, home=0, places=("10.7.0.1",))]  # fmt: skip
        with DuckEngine(threads=n_threads) as engine:
            assert engine.n_threads == n_threads
            seen = strangers(rng, 60) + ring + callers(rng, served, events(rng), home=12)
            found.append(behaviours(engine, seen))
    assert found[0]
    assert found[0] == found[1]
