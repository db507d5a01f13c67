"""The floors that pyproject.toml declares for import-linter hold, and wrong trees break them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS = PROJECT["tool"]["importlinter"]["contracts"]
FLOORS = next(contract for contract in CONTRACTS if contract["type"] == "layers")["layers"]
HOMES = {
    name: contract
    for contract in CONTRACTS
    for name in contract.get("forbidden_modules", ())
    if not name.startswith("graphlink.")
}
MOST_LINES = 500
MOST_MEDIAN = 180
ANYWHERE = {"numpy", "pyarrow"}  # their values pass between modules


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter in a folder that holds `pyproject.toml` and the package."""
    command = Path(sys.executable).parent / "lint-imports"
    return subprocess.run(
        [command, "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(folder), "COLUMNS": "200"},
    )


def test_the_floors_hold() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


def test_every_library_has_a_home_and_is_declared() -> None:
    graph = grimp.build_graph("graphlink", include_external_packages=True, cache_dir=None)
    libraries = {name for name in graph.modules if graph.is_module_squashed(name)}
    libraries = {name.partition(".")[0] for name in libraries}
    strangers = libraries - set(sys.stdlib_module_names) - set(HOMES) - ANYWHERE - {"_typeshed"}
    assert strangers == set()
    extras = PROJECT["project"]["optional-dependencies"]
    declared = [
        *PROJECT["project"]["dependencies"],
        *(line for name in extras if name != "test" for line in extras[name]),
    ]
    names = {re.split(r"[\[<>=]", line)[0].replace("-", "_") for line in declared}
    assert (set(HOMES) | ANYWHERE) - names == set()


def test_every_module_stands_on_a_floor() -> None:
    standing = {name for floor in FLOORS for name in floor.split(" | ")}
    there = {
        path.stem if path.is_file() else path.name
        for path in (ROOT / "graphlink").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").is_file()
    }
    assert there - {"__init__"} == standing


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the package as it is, with its contracts."""
    shutil.copytree(
        ROOT / "graphlink", tmp_path / "graphlink", ignore=shutil.ignore_patterns("__pycache__", "static")
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("module", "text", "fault"),
    [
        ("core/errors", "import graphlink.kinds", "graphlink.core is not allowed to import graphlink.kinds"),
        ("model/links", "from graphlink.ingest import labels", "graphlink.model is not allowed to import"),
        ("model/links", "def f():\n    import duckdb", "Home of duckdb BROKEN"),
        (
            "model/links",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from rich.text import Text",
            "Home of rich BROKEN",
        ),
        ("export/stix", "import graphlink.pipeline\nimport graphlink.report", "is not allowed to import"),
        ("engine/spark", "import duckdb", "Home of duckdb BROKEN"),
        ("utilities", "", "utilities"),
        ("core/errors", "import graphlink.core.settings", "No cycles are allowed in graphlink.core"),
        (
            "explorer/query",
            "import graphlink.explorer.api",
            "No cycles are allowed in graphlink.explorer",
        ),
    ],
)
def test_a_wrong_tree_is_refused(tree: Path, module: str, text: str, fault: str) -> None:
    path = next(
        (
            row
            for row in (tree / f"graphlink/{module}.py", tree / f"graphlink/{module}/__init__.py")
            if row.exists()
        ),
        tree / f"graphlink/{module}.py",
    )
    old = path.read_text(encoding="utf-8") if path.exists() else '"""Nothing."""\n'
    path.write_text(f"{old}\n{text}\n", encoding="utf-8")
    done = lint(tree)
    assert done.returncode != 0
    assert fault in " ".join((done.stdout + done.stderr).split())


def lengths() -> dict[str, int]:
    package = ROOT / "graphlink"
    return {
        str(path.relative_to(package)): len(path.read_text(encoding="utf-8").splitlines())
        for path in sorted(package.rglob("*.py"))
    }


def test_files_are_short() -> None:
    assert {name: n for name, n in lengths().items() if n > MOST_LINES} == {}
    assert sorted(lengths().values())[len(lengths()) // 2] < MOST_MEDIAN


def test_no_banner_marks_a_second_subject_in_a_file() -> None:
    banner = re.compile(r"^\s*# ?[-=#*]{3,}", re.MULTILINE)
    package = ROOT / "graphlink"
    bannered = [
        str(path.relative_to(package))
        for path in sorted(package.rglob("*.py"))
        if banner.search(path.read_text(encoding="utf-8"))
    ]
    assert bannered == []
