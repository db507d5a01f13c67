"""Settings of the documentation site: `python -m sphinx -W docs build/docs` builds it, without a network."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))  # docs.extension, and the package itself where it is not installed

_project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
project = "graphlink"
author = "The graphlink authors"
version = release = _project["version"]
html_title = f"graphlink {release}"
copyright = "the graphlink authors, GPL-3.0-or-later"  # noqa: A001 - Sphinx's name

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_click", "docs.extension"]
source_suffix = {".md": "myst-nb", ".notebook": "myst-nb"}
exclude_patterns = ["extension", "red-team/*.csv"]

html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_last_updated_fmt = None  # the same sources make the same pages

myst_enable_extensions = ["dollarmath", "amsmath", "deflist", "colon_fence"]
myst_heading_anchors = 3
html_math_renderer = "mathml"

nb_custom_formats = {".notebook": ["docs.extension.notebooks.read_named", {}]}
nb_execution_mode = "force"
nb_execution_timeout = 600
nb_execution_raise_on_error = True
nb_merge_streams = True
nb_ipywidgets_js: dict[str, dict[str, str]] = {}  # by default scripts from elsewhere

# Publishers answer a program with 403.
linkcheck_ignore = [r"https://doi\.org/"]

smartquotes = False  # or --data becomes a dash and data
default_role = "code"  # docstrings mark code by single backticks
add_module_names = False
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
