"""Modules import only floors below their own, and each outside library only in its home.

Read with `ast` from the files, so that imports inside functions and for types count too.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(__file__).parent.parent / "graphlink"

STEPS = """
observations references guess identifiers sharing telling privacy evidence links communities clusters
hypotheses overrides reasons judgements chance signals evaluation rhythm forecast
"""

# From the ground up. A package (engine, samples, view) counts as one module. `__init__` stands on top: it
# names what the package offers.
FLOORS: tuple[frozenset[str], ...] = tuple(
    frozenset(names.split())
    for names in (
        "credentials sql",
        "errors kind_names",
        "core",
        "arguments regular faults",
        "ranges",
        "settings atomic cards spelling wording",
        "placeholders",
        "schema kinds profiles",
        "coarse contract",
        "engine",
        "components numbering lake",
        "joining leiden",
        "nested",
        "files time_formats",
        "addresses",
        "folder brought",
        "graphs wholeness",
        "inputs result samples sources",
        "pseudonyms",
        "redaction",
        STEPS,
        "explanations checking",
        "pipeline view",
        "cli",
        "__init__ __main__",
    )
)

# Library -> the modules that may import it; ANY for those whose values pass between modules.
ANY = frozenset({"*"})
HOMES: dict[str, frozenset[str]] = {
    "adbc_driver_postgresql": frozenset({"sources.databases.postgres"}),
    "anywidget": frozenset({"view.live"}),
    "anyio": frozenset({"view.explorer.api"}),
    "click": frozenset({"cli.*"}),
    "duckdb": frozenset({"engine.duck", "engine.faults", "engine.handed"}),
    "igraph": frozenset(
        {
            "components",
            "clusters",
            "explanations.cuts",
            "explanations.paths",
            "graphs",
            "hypotheses",
            "leiden",
            "result",
            "view.explorer.index.subcommunities",
            "view.layout",
        }
    ),
    "jinja2": frozenset({"view.page.network", "view.report.html"}),
    "maxminddb": frozenset({"references.databases"}),
    "networkx": frozenset({"graphs", "result", "view.formats"}),
    "numpy": ANY,
    "pandas": frozenset({"result"}),
    "pyarrow": ANY,
    "pyvis": frozenset({"view.page.network"}),
    "pyspark": frozenset({"engine.spark.*"}),
    "rich": frozenset({"view.terminal"}),
    "sqlglot": frozenset({"engine.dialect.*"}),
    "starlette": frozenset({"view.explorer.api", "view.explorer.guard", "view.explorer.server"}),
    "traitlets": frozenset({"view.live"}),
    "typst": frozenset({"view.report.pdf"}),
    "uvicorn": frozenset({"view.explorer.connections", "view.explorer.server"}),
    "stix2": frozenset({"view.stix"}),
    "xlsxwriter": frozenset({"view.report.workbook"}),
}


def module_of(path: Path, package: Path) -> str:
    parts = path.relative_to(package).with_suffix("").parts
    return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever it does so, also by `import_module` with a plain name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                yield "." * node.level
            elif node.module == "graphlink":
                yield from (f"graphlink.{alias.name}" for alias in node.names)
            else:
                yield str(node.module)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            yield from (str(part.value) for part in node.args if isinstance(part, ast.Constant))


def floor_of(name: str) -> int:
    return next((i for i, floor in enumerate(FLOORS) if name in floor), -1)


def fault_of(module: str, imported: str) -> str:
    """What is wrong with a module's import; empty when nothing is."""
    root, _, rest = imported.partition(".")
    if imported.startswith("."):
        return "imports relatively"
    if root == "graphlink":
        return floor_fault_of(module.partition(".")[0], rest.partition(".")[0])
    if root in sys.stdlib_module_names or root == "_typeshed":  # the latter is for types only
        return ""
    if root not in HOMES:
        return f"imports {root}, which has no home"
    parts = module.split(".")
    packages = {".".join([*parts[:i], "*"]) for i in range(1, len(parts) + 1)}
    homes = {"*", module, *packages}  # any, this module, all of a package that it is or is in
    return "" if HOMES[root] & homes else f"imports {root} outside its home"


def floor_fault_of(own: str, other: str) -> str:
    if floor_of(other) < 0:
        return f"imports graphlink.{other}, which has no floor"
    return (
        "" if own == other or floor_of(other) < floor_of(own) else f"imports {other}, which is not below it"
    )


def faults_of(package: Path) -> list[str]:
    faults = []
    for path in sorted(package.rglob("*.py")):
        module = module_of(path, package)
        if floor_of(module.partition(".")[0]) < 0:
            faults.append(f"{module} has no floor")
            continue
        found = {fault_of(module, imported) for imported in imports_of(path)}
        faults.extend(f"{module} {fault}" for fault in sorted(found - {""}))
    return faults


def test_every_import_points_down_and_every_library_is_at_home() -> None:
    assert faults_of(PACKAGE) == []


@pytest.mark.parametrize("library", HOMES)
def test_every_library_with_a_home_is_declared(library: str) -> None:
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    told = [*project["dependencies"], *(line for name in extras if name != "test" for line in extras[name])]
    assert [line for line in told if line.startswith(library.replace("_", "-"))]


@pytest.mark.parametrize(
    ("module", "text", "fault"),
    [
        ("errors", "import graphlink.settings", "errors imports settings, which is not below it"),
        ("links", "from graphlink.evidence import x", "links imports evidence, which is not below it"),
        ("links", "from graphlink import clusters", "links imports clusters, which is not below it"),
        ("links", "def f():\n    import duckdb", "links imports duckdb outside its home"),
        ("links", "if TYPE_CHECKING:\n    from rich.text import Text", "links imports rich outside its home"),
        (
            "links",
            "import importlib\nimportlib.import_module('igraph')",
            "links imports igraph outside its home",
        ),
        ("links", "from .evidence import x", "links imports relatively"),
        ("links", "import requests", "links imports requests, which has no home"),
        ("links", "import graphlink.utils", "links imports graphlink.utils, which has no floor"),
        ("view.page", "import graphlink.pipeline", "view.page imports pipeline, which is not below it"),
        ("engine.spark", "import duckdb", "engine.spark imports duckdb outside its home"),
        ("utils", "", "utils has no floor"),
    ],
)
def test_a_wrong_tree_is_found_out(tmp_path: Path, module: str, text: str, fault: str) -> None:
    path = tmp_path / f"{module.replace('.', '/')}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    assert faults_of(tmp_path) == [fault]


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("links", "import numpy as np, json\nfrom graphlink.schema import LINKS"),
        ("engine.duck", "import duckdb\nfrom graphlink.engine import Engine"),
        ("engine.__init__", "import pyarrow"),
        ("cli", "def f():\n    from graphlink.pipeline import run\nimport click"),
    ],
)
def test_a_right_tree_passes(tmp_path: Path, module: str, text: str) -> None:
    path = tmp_path / f"{module.replace('.', '/')}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    assert faults_of(tmp_path) == []
