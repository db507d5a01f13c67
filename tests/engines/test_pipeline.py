"""A whole run on each engine over one small planted world: every table of the result is the same."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from graphlink.core.schema import EXPLAINED_TABLES, TABLES
from graphlink.core.settings import EngineSettings
from graphlink.model.saved import load_model
from graphlink.pipeline import run
from graphlink.samples import draw_world
from graphlink.storage.result_folder.reading import read_table
from tests.engines.reading import alike, rows_of_table

if TYPE_CHECKING:
    from pathlib import Path

    from graphlink.result.result import Result

pytestmark = pytest.mark.filterwarnings(
    "ignore:PySpark does not yet:FutureWarning", "ignore::ResourceWarning"
)

LARGEST = 20
NAMES = [spec.name for spec in (*TABLES, *EXPLAINED_TABLES)]


@pytest.fixture(scope="module")
def both(sail: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Result]:
    folder = tmp_path_factory.mktemp("both")
    settings = draw_world(3, 300).write(folder / "world")
    on_duck = run(settings, out=folder / "duck", explain_all=True)
    # So that some components are solved by workers, and some are too large for them.
    temporary = str(folder / "temporary")
    limits = EngineSettings(name="spark", remote=sail, folder=temporary, largest_component=LARGEST)
    return on_duck, run(settings, out=folder / "spark", limits=limits, explain_all=True)


@pytest.mark.parametrize("name", NAMES)
def test_a_table_is_the_same(both: tuple[Result, Result], name: str) -> None:
    left, right = (rows_of_table(result, name) for result in both)
    assert len(left) == len(right)
    differing = [(x, y) for x, y in zip(left, right, strict=True) if not alike(x, y)]
    assert not differing[:3]


@pytest.mark.parametrize("name", NAMES)
def test_its_columns_have_the_same_types(both: tuple[Result, Result], name: str) -> None:
    left, right = (read_table(result.path, name).schema for result in both)
    assert [(field.name, field.type) for field in left] == [(field.name, field.type) for field in right]


def test_the_model_is_the_same_value(both: tuple[Result, Result]) -> None:
    left, right = (load_model(result.path) for result in both)
    assert dataclasses.replace(left, learned={}) == dataclasses.replace(right, learned={})
    for step, learned in left.learned.items():
        for name, columns in learned.tables.items():
            rows = zip(*columns.values(), strict=True)
            others = zip(*right.learned[step].tables[name].values(), strict=True)
            assert all(alike(x, y) for x, y in zip(rows, others, strict=True)), (step, name)


def test_a_saved_model_weighs_alike_on_each_engine(
    both: tuple[Result, Result], sail: str, tmp_path: Path
) -> None:
    settings = draw_world(3, 300).write(tmp_path / "world")
    limits = EngineSettings(name="spark", remote=sail, folder=str(tmp_path / "temporary"))
    under = run(settings, out=tmp_path / "result", limits=limits, model=both[0].path)
    assert (under.path / "model.json").read_bytes() == (both[0].path / "model.json").read_bytes()
    for name in ("links", "membership"):
        left, right = (rows_of_table(result, name) for result in (both[0], under))
        assert len(left) == len(right)
        assert all(alike(x, y) for x, y in zip(left, right, strict=True))


def test_the_manifest_shows_the_engine(both: tuple[Result, Result]) -> None:
    listed = [result.manifest["this_run"]["engine"] for result in both]
    assert [engine["name"] for engine in listed] == ["duckdb", "spark"]
    assert all(engine["version"] for engine in listed)
    assert not listed[1]["folder"]


def test_the_manifest_shows_the_same_rows_of_every_step(both: tuple[Result, Result]) -> None:
    left, right = ({step["step"]: step["rows"] for step in result.manifest["steps"]} for result in both)
    assert left == right


def test_the_manifest_names_the_components_that_no_worker_solved(both: tuple[Result, Result]) -> None:
    left, right = (
        next(step["facts"] for step in result.manifest["steps"] if step["step"] == "communities")
        for result in both
    )
    actual = right.pop("components_solved_on_one_machine")
    assert left == right
    assert 0 < len(actual) < right["components"]
    assert all(component["links"] > LARGEST for component in actual)
    accounts = {row["account_id"] for row in rows_of_table(both[0], "accounts")}
    assert {component["first_account"] for component in actual} <= accounts
