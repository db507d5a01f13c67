"""Worlds by name: each is drawn, deterministic, and free of styles that are held out."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphlink.samples import (
    DEFAULT_STYLES,
    FARM_STYLES,
    HELD_OUT_STYLES,
    HONEST_STYLES,
    OPEN_STYLES,
    STYLES,
    Dials,
    draw_world,
)
from graphlink.samples.scenarios import scenarios
from tests.unit.samples.frames import frame


def weights(dials: Dials) -> dict[str, float]:
    return {
        **{style: getattr(dials.honest, style) for style in HONEST_STYLES},
        **{style: getattr(dials.farms, style) for style in FARM_STYLES},
    }


@pytest.mark.parametrize("name", scenarios)
def test_a_scenario_has_the_styles_that_it_weighs(name: str) -> None:
    world = draw_world(2, 1500, scenarios[name])
    assert set(frame(world.truth)["style"]) == {
        style for style, weight in weights(scenarios[name]).items() if weight
    }
    assert len(world.truth) == 1500
    assert set(frame(world.requests)["account_id"]) == set(frame(world.truth)["account_id"])
    assert world.observations().equals(draw_world(2, 1500, scenarios[name]).observations())


def test_only_held_out_has_styles_that_are_held_out() -> None:
    for name, dials in scenarios.items():
        planted = {style for style, weight in weights(dials).items() if weight}
        if name == "held_out":
            assert set(HELD_OUT_STYLES) <= planted
        else:
            assert not planted & set(HELD_OUT_STYLES), name


def test_every_style_is_open_or_held_out() -> None:
    assert set(OPEN_STYLES) | set(HELD_OUT_STYLES) == set(STYLES)
    assert not set(OPEN_STYLES) & set(HELD_OUT_STYLES)
    assert set(DEFAULT_STYLES) <= set(OPEN_STYLES)


def test_the_default_scenario_is_the_default_world() -> None:
    assert scenarios["default"] == Dials()


def test_the_page_on_worlds_names_every_style_and_scenario() -> None:
    text = (Path(__file__).parents[3] / "docs" / "planted-worlds.md").read_text(encoding="utf-8")
    status = {name: row[-1] for row in _rows(text) for name in row[0].split(", ")}
    for style in STYLES:
        held_out = "held out" if style in HELD_OUT_STYLES else "open"
        assert status[style] == ("default" if style in DEFAULT_STYLES else held_out), style
    assert set(scenarios) <= set(status)


def _rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
