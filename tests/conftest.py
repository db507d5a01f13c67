"""Options of the suite, and a finished result that many tests read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from graphlink import run
from tests.markers import markers_of
from tests.workspaces import stocked_workspace

if TYPE_CHECKING:
    from graphlink.result.result import Result

# A busy machine fails no test by being slow.
hypothesis.settings.register_profile("graphlink", deadline=None)
hypothesis.settings.load_profile("graphlink")

# Every step of every run is held against what it declares.
os.environ["GRAPHLINK_CHECK"] = "1"
# Workers of xdist inherit a width: what commands print would be folded to it. readline, which pytest imports,
# sets one where Python does not see it and processes that a test starts do.
os.environ.pop("COLUMNS", None)
os.unsetenv("COLUMNS")

SAMPLE = Path(__file__).parent.parent / "data" / "sample"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="rewrite the golden files with what comes out now")
    parser.addoption("--bench", action="store_true", help="run what is marked bench too: it takes minutes")


# Before pytest itself selects by markers.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        for name in markers_of(item.path, getattr(item, "fixturenames", ())):
            item.add_marker(name)
        if item.get_closest_marker("bench") and not config.getoption("--bench"):
            item.add_marker(pytest.mark.skip(reason="only with --bench"))


@pytest.fixture(scope="session")
def sample_result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """The result of the committed sample; read only."""
    return run(SAMPLE / "graphlink.toml", out=tmp_path_factory.mktemp("sample") / "result")


@pytest.fixture(scope="session")
def stocked_folder(sample_result: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a workspace with one accepted run, the sample's result; copy it to write."""
    return stocked_workspace(sample_result, tmp_path_factory.mktemp("stocked") / "ws")


@pytest.fixture(scope="session")
def explained_sample(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """The same, with every member and link explained in advance; read only."""
    out = tmp_path_factory.mktemp("explained") / "result"
    return run(SAMPLE / "graphlink.toml", out=out, explain_all=True)
