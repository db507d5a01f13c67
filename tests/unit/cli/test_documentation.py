"""`graphlink docs` opens the copy of the package, else that of the checkout, else says where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from graphlink.cli import commands, documentation
from graphlink.core.errors import GraphlinkError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "checkout" / "graphlink"
    folder.mkdir(parents=True)
    monkeypatch.setattr(documentation, "_PACKAGE", folder)
    return folder


def page_in(folder: Path) -> Path:
    folder.mkdir(parents=True)
    page = folder / "index.html"
    page.touch()
    return page


def test_the_copy_of_the_package_comes_before_that_of_the_checkout(package: Path) -> None:
    built = page_in(package.parent / "build" / "docs")
    assert documentation.find_site(package) == built
    shipped = page_in(package / "static" / "docs")
    assert documentation.find_site(package) == shipped


def test_a_checkout_without_a_copy_names_the_command_that_builds_it(package: Path) -> None:
    (package.parent / "docs").mkdir()
    (package.parent / "docs" / "conf.py").touch()
    with pytest.raises(GraphlinkError, match=r"not built: in .* run .*sphinx docs build/docs"):
        documentation.find_site(package)


def test_an_installation_without_a_copy_says_where_the_pages_are(package: Path) -> None:
    actual = CliRunner().invoke(commands, ["docs"])
    assert actual.exit_code == 1
    assert "source distribution" in actual.stderr


@pytest.mark.parametrize(("options", "n_opened"), [([], 1), (["--no-browser"], 0)])
def test_the_path_is_printed_and_opened_on_request(
    package: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], n_opened: int
) -> None:
    opened: list[str] = []

    def refuse(address: str) -> bool:
        opened.append(address)
        return False

    monkeypatch.setattr("webbrowser.open", refuse)
    page = page_in(package / "static" / "docs")
    actual = CliRunner().invoke(commands, ["docs", *options])
    assert actual.exit_code == 0
    assert actual.stdout.strip() == str(page)
    assert opened == [page.as_uri()][:n_opened]
    assert ("no browser" in actual.stderr) == bool(n_opened)
