"""Planted worlds: same seed same tables, and each holds what its truth says."""

from __future__ import annotations

import pytest

from graphlink.errors import SettingsError
from graphlink.samples import STYLES, Dials, draw_world


def test_the_same_seed_draws_the_same_world_and_another_seed_another() -> None:
    first, again, other = draw_world(7, 400), draw_world(7, 400), draw_world(8, 400)
    for name in ("accounts", "requests", "payments", "references", "truth"):
        assert getattr(first, name).equals(getattr(again, name)), name
        assert not getattr(first, name).equals(getattr(other, name)), name


def test_every_style_is_there() -> None:
    assert set(draw_world(3, 2000).truth["style"].to_pylist()) == set(STYLES)


def test_a_dial_out_of_range_is_refused() -> None:
    with pytest.raises(SettingsError, match="dial mixing"):
        Dials(mixing=1.2)
