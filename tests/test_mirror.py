"""Unit tests mirror the package: a folder per package, a file per module of model, clustering, assessment."""

from __future__ import annotations

from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / "graphlink"
COMPUTING = ("model", "clustering", "assessment")  # every module of these has a test file of its name


def modules_of(folder: Path) -> set[str]:
    """The modules and packages in a folder of the package."""
    packages = {path.parent.name for path in folder.glob("*/__init__.py")}
    return packages | {path.stem for path in folder.glob("*.py") if path.stem != "__init__"}


def strays(unit: Path, package: Path) -> list[str]:
    """Folders of unit tests that are no package."""
    folders = {path.parent.relative_to(unit) for path in unit.rglob("test_*.py")}
    return sorted(str(folder) for folder in folders if not (package / folder / "__init__.py").is_file())


def untested(unit: Path, package: Path, names: tuple[str, ...]) -> list[str]:
    """Modules of these packages without a test file of their name.

    A package within one has a test file too, or a folder with one for each of its modules.
    """
    missing = []
    for name in names:
        for module in sorted(modules_of(package / name)):
            if (unit / name / module).is_dir():
                missing += untested(unit, package, (f"{name}/{module}",))
            elif not (unit / name / f"test_{module}.py").is_file():
                missing.append(f"{name}/{module}")
    return missing


def test_unit_tests_stand_in_folders_of_the_package() -> None:
    assert strays(TESTS / "unit", PACKAGE) == []


def test_every_package_has_unit_tests() -> None:
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert {name for name in packages if not list((TESTS / "unit" / name).rglob("test_*.py"))} == set()


def test_every_computing_module_has_a_test_file() -> None:
    assert untested(TESTS / "unit", PACKAGE, COMPUTING) == []


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("model/test_links.py", []),
        ("model/test_other.py", ["model/links"]),
        ("modal/test_links.py", ["model/links"]),
    ],
)
def test_a_missing_test_file_is_reported(tmp_path: Path, test: str, expected: list[str]) -> None:
    for path in ("graphlink/model/__init__.py", "graphlink/model/links.py", f"unit/{test}"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    assert untested(tmp_path / "unit", tmp_path / "graphlink", ("model",)) == expected
    assert strays(tmp_path / "unit", tmp_path / "graphlink") == (["modal"] if "modal" in test else [])


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("model/test_timing.py", []),
        ("model/timing/test_clocks.py", []),
        ("model/timing/test_other.py", ["model/timing/clocks"]),
    ],
)
def test_a_package_has_one_file_or_one_for_each_module(
    tmp_path: Path, test: str, expected: list[str]
) -> None:
    for path in ("graphlink/model/timing/__init__.py", "graphlink/model/timing/clocks.py", f"unit/{test}"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    (tmp_path / "graphlink/model/__init__.py").touch()
    assert untested(tmp_path / "unit", tmp_path / "graphlink", ("model",)) == expected
