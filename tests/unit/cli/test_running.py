"""`graphlink run --update`: what it says of files that it did not read, and of why it read them all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from graphlink.cli import commands
from graphlink.pipeline import run
from graphlink.result.result import read_result
from tests.updated import assert_equal, drawn_rows, fallback_of, reading_only, write_log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result as Done


@pytest.fixture(autouse=True)
def _reading_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    with reading_only():
        yield


def invoked(*arguments: str) -> Done:
    return CliRunner().invoke(commands, [*arguments, "--threads", "1"], prog_name="graphlink")


def rows(seed: int) -> list[tuple[str, ...]]:
    """Rows of which none is of the future."""
    return [row for row in drawn_rows(seed, 20) if not row[3].startswith("2999")]


def test_an_update_says_how_many_files_it_did_not_read(tmp_path: Path) -> None:
    write_log(tmp_path / "a.csv", rows(1))
    write_log(tmp_path / "b.csv", rows(2))
    first = run("a.csv", out="r")
    done = invoked("run", "--update", "r", "b.csv", "--out", "u")
    assert done.exit_code == 0, done.output
    assert "update: 1 file of the earlier result was not read again" in done.stderr
    assert "pairs" not in done.stderr  # the estimate would be of the new file alone
    assert_equal(read_result("u"), run(["a.csv", "b.csv"], model=first.path, out="w"))


def test_an_update_that_reads_all_files_says_why_even_if_quiet(tmp_path: Path) -> None:
    (tmp_path / "graphlink.toml").write_text('[[sources]]\npath = "a.csv"\n', encoding="utf-8")
    write_log(tmp_path / "a.csv", rows(1))
    run("graphlink.toml", out="r")
    write_log(tmp_path / "a.csv", rows(3))
    done = invoked("run", "graphlink.toml", "--update", "r", "--out", "u", "--quiet")
    assert done.exit_code == 0, done.output
    assert "warning: all files were read: a.csv of the source 'a.csv' has changed" in done.stderr
    assert "has changed" in fallback_of(read_result("u"))


def test_an_update_that_is_refused_makes_nothing_and_names_the_remedy(tmp_path: Path) -> None:
    write_log(tmp_path / "a.csv", rows(1))
    run("a.csv", out="r")
    done = invoked("run", "--update", "r", "a.csv", "--out", "u")
    assert done.exit_code == 1
    assert "leave it out" in done.stderr
    assert not (tmp_path / "u").exists()
