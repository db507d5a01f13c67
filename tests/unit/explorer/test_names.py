"""Distinct texts by number: many looked up at once are those that each lookup finds."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from graphlink.explorer.index import names as names_module
from graphlink.explorer.index.names import Names

TEXTS = sorted([*(f"a{i:03}" for i in range(0, 900, 3)), "é", "日本", ""])
ASKED = ["a003", "a004", "a003", "é", "nobody", "", "\ud800", "日本", "a300", "a897"]


@pytest.mark.parametrize("few", [0, 10_000], ids=["all gone through", "each looked up"])
@pytest.mark.parametrize(("start", "stop"), [(0, None), (5, 200), (7, 7)])
def test_numbers_of_many_are_those_of_each(
    few: int, start: int, stop: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(names_module, "_FEW", few)
    # A slice, so that what is looked up does not begin where its buffers do.
    names = Names(pa.array(["before", *TEXTS]).slice(1))
    each = {names.number(text, start, stop) for text in ASKED} - {-1}
    assert np.array_equal(names.numbers(ASKED, start, stop), sorted(each))
    assert bool(each) == (stop != start)
    assert names.numbers([], start, stop).tolist() == []
