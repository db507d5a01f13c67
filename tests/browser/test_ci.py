"""Where everything has to be there, it is: no test of a page is skipped unseen."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

import graphlink

pytestmark = pytest.mark.skipif(os.environ.get("CI") != "true", reason="a bare machine may lack them")
BUNDLE = Path(graphlink.__file__).parent / "static" / "explorer.js"


def test_there_is_a_browser() -> None:
    assert os.environ.get("CHROMIUM") or shutil.which("chromium")


@pytest.mark.parametrize("library", ["playwright", "axe_playwright_python"])
def test_there_is_what_drives_it(library: str) -> None:
    assert find_spec(library) is not None


def test_the_front_end_is_built() -> None:
    assert BUNDLE.is_file()
