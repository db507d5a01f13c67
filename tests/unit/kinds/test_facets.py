"""Facets and the types of reference lists: tables that every layer reads."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import pytest

from graphlink.core.parameters import Intermediaries
from graphlink.engine.duck import DuckEngine
from graphlink.kinds import KINDS
from graphlink.kinds.facets import (
    BEHAVIOUR,
    FACETS,
    OWNED_FACETS,
    Facet,
    among_facets_sql,
    is_facet_sql,
    is_ground_sql,
)
from graphlink.kinds.listed_types import LISTED_TYPES

NAMES = [*(facet.name for facet in FACETS), "shift_pattern"]


def where(condition: str) -> set[str]:
    """The facets, one of a user's own among them, for which a condition on `facet` holds."""
    values = ", ".join(f"('{name}')" for name in NAMES)
    with DuckEngine() as engine:
        rows = engine.rows(f"SELECT facet FROM (VALUES {values}) f(facet) WHERE {condition}")
    return {str(name) for (name,) in rows}


def test_conditions_on_facets() -> None:
    assert where(is_facet_sql("facet", BEHAVIOUR)) == {"behaviour"}
    assert where(among_facets_sql("facet", OWNED_FACETS)) == {"payment", "identity"}
    assert where(is_ground_sql("facet")) == {"payment", "identity", "behaviour", "shift_pattern"}


def test_every_built_in_kind_is_of_a_facet_in_the_table() -> None:
    assert {kind.facet for kind in KINDS.values()} == set(NAMES) - {"behaviour", "shift_pattern"}


@pytest.mark.parametrize("facet", FACETS, ids=lambda facet: facet.name)
def test_style_sheets_colour_facets_as_the_table_does(facet: Facet) -> None:
    charts = (resources.files("graphlink.render") / "charts.css").read_text("utf-8")
    report = (resources.files("graphlink.report") / "report.css").read_text("utf-8")
    for colour in (facet.colour, facet.dark_colour):
        assert f"--g-{facet.name}: {colour};" in charts
        assert f".f-{facet.name} {{ background: {colour}; }}" in report


def test_the_explorer_knows_the_same_facets() -> None:
    looks = (Path(__file__).parents[3] / "frontend/src/graph/looks.ts").read_text("utf-8")
    body = re.search(r"FACET_SHAPES: Record<string, Look> = {(.*?)};", looks, re.DOTALL)
    assert body is not None
    assert re.findall(r"^  (\w+): look", body.group(1), re.MULTILINE) == [facet.name for facet in FACETS]


def test_what_the_public_shares_is_no_operators_and_a_companys_exit_may_be() -> None:
    bits = {one.name: one.bits for one in LISTED_TYPES}
    assert bits.pop("corporate") > 0
    assert bits.pop("hosting") == bits.pop("other") == 0
    assert all(row < 0 for row in bits.values())


def test_only_a_router_has_mostly_an_intermediarys_customers() -> None:
    share = {one.name: one.intermediary for one in LISTED_TYPES}
    assert share.pop("router") > 0.9
    assert share.pop("hosting") == 0.5
    assert all(row <= Intermediaries().unlisted for row in share.values())
