"""Every notebook runs top to bottom on the sample, draws plots that explain themselves, and has no outputs.

A percent notebook is a Python script, so no kernel is needed.
"""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import pandas as pd
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.py"))


def cells(text: str) -> list[tuple[str, str]]:
    """The cells of a percent notebook: the rest of the marker's line, and what follows."""
    actual = re.split(r"^# %%(.*)\n", text, flags=re.MULTILINE)[1:]
    return [(mark.strip(), body) for mark, body in zip(actual[::2], actual[1::2], strict=True)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder beside a copy of the sample, as `notebooks` is; temporary files go beside it too."""
    shutil.copytree(ROOT / "data" / "sample", tmp_path / "data" / "sample")
    for name in ("notebooks", "temporary"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr("tempfile.tempdir", os.fspath(tmp_path / "temporary"))
    monkeypatch.chdir(tmp_path / "notebooks")
    with pd.option_context("display.html.use_mathjax", True, "display.float_format", None):  # set back after
        yield tmp_path / "notebooks"


def test_there_are_six_notebooks_and_nothing_with_outputs() -> None:
    assert [path.name[:2] for path in NOTEBOOKS] == ["01", "02", "03", "04", "05", "06"]
    assert "*.ipynb" in (ROOT / "notebooks" / ".gitignore").read_text(encoding="utf-8").splitlines()


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_its_plots_state_what_they_are(path: Path, folder: Path) -> None:
    with mpl.rc_context({"figure.max_open_warning": 0}):
        mpl.use("Agg")
        from matplotlib import pyplot as plt

        plt.close("all")
        runpy.run_path(str(path))
        figures = [plt.figure(number) for number in plt.get_fignums()]
        plt.close("all")
    assert figures
    for figure in figures:
        figure.canvas.draw()
        for axes in figure.axes:
            assert axes.get_xlabel()
            assert axes.get_ylabel()
            assert axes.get_title()
            assert axes.has_data()
    assert list(folder.iterdir()) == []  # nothing is left where the notebooks are


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_bare_and_explains_itself(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"""["'`\s](/|~/|[A-Za-z]:\\)[\w.-]""", text)  # no absolute path
    assert "data:image" not in text
    actual = cells(text)
    assert actual[0][0] == "[markdown]"
    assert "**Outputs contain account data" in actual[0][1]
    code = [body for mark, body in actual if not mark]
    assert not any(re.search(r"^# (Out|In) ?\[", body, re.MULTILINE) for body in code)
    # Names in the data are chosen by the people under investigation.
    assert '"text.parse_math"] = False' in code[0]
    assert '"display.html.use_mathjax", False' in code[0]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_sentence_follows_every_plot(path: Path) -> None:
    text = cells(path.read_text(encoding="utf-8"))
    plots = [i for i, (mark, body) in enumerate(text) if not mark and "plt.subplots" in body]
    assert plots
    for i in plots:
        mark, body = text[i + 1]
        assert mark == "[markdown]"
        assert re.match(r"# [A-Z].*(show|is|are|falls)", body), body


def test_the_engine_starts_in_jupyter_without_its_widgets() -> None:
    """There DuckDB refuses to set anything about its progress bar, even to turn it off."""
    in_jupyter = """
import sys, types
ipython = types.ModuleType("IPython")
ipython.get_ipython = lambda: types.SimpleNamespace(config={"IPKernelApp": {}})
sys.modules |= {"IPython": ipython, "ipywidgets": None}
import duckdb
try:
    duckdb.connect().execute("SET enable_progress_bar = false")
except duckdb.InvalidInputException:
    print("refused")
from graphlink.engine.duck import DuckEngine
with DuckEngine() as engine:
    print(engine.rows("SELECT 1"))
"""
    done = subprocess.run(
        [sys.executable, "-c", in_jupyter], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.stdout.splitlines() == ["refused", "[(1,)]"], done.stderr
