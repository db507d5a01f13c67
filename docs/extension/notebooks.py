"""Notebooks of the site: a page that names a script of `notebooks`, which is executed where it lies.

The scripts stay where they can be opened and run; a page of the suffix `.notebook` has the path of one.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import jupytext

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

# A live widget draws by scripts from elsewhere; without anywidget a cluster is shown as its page.
_FIRST_CELL = """# %% tags=["remove-cell"]
import os
import sys

os.chdir({folder!r})
sys.modules["anywidget"] = None

"""
ROOT = Path(__file__).parent.parent.parent
SUFFIX = ".notebook"


def read_named(text: str) -> NotebookNode:
    """The notebook that a page names, with a hidden cell that changes into its folder and hides anywidget.

    Args:
        text: Path of a percent notebook, from the root of the repository.
    """
    path = ROOT / text.strip()
    head, title, rest = re.split(
        r"^(?=# %%)", path.read_text(encoding="utf-8"), maxsplit=2, flags=re.MULTILINE
    )
    first = _FIRST_CELL.format(folder=str(path.parent))
    notebook: NotebookNode = jupytext.reads(f"{head}{title}{first}{rest}", fmt="py:percent")
    return notebook


def _outdated(_app: Sphinx, env: BuildEnvironment, *_: object) -> list[str]:
    """Notebooks are always read again: the page that names a script does not change with it."""
    return [name for name in env.found_docs if str(env.doc2path(name)).endswith(SUFFIX)]


def add_notebooks(app: Sphinx) -> None:
    """Register that notebooks are read again in each build."""
    app.connect("env-get-outdated", _outdated)
