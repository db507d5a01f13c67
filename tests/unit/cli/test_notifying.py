"""The commands of webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from graphlink.cli import commands
from graphlink.workspace.folder import init_workspace

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    init_workspace(tmp_path / "ws", by="ana")
    return tmp_path / "ws"


def call(*words: object) -> Result:
    names = [str(word) for word in ("workspace", "webhook", *words)]
    return CliRunner(env={"HOOK": "secret of it"}).invoke(commands, names)


def test_a_webhook_is_added_listed_and_removed(folder: Path) -> None:
    url = "https://hooks.example/graphlink"
    added = call("add", folder, url, "--secret-env", "HOOK", "--by", "ana")
    assert added.exit_code == 0, added.output
    listed = call("list", folder)
    assert url in listed.stdout
    assert "secret of it" not in listed.stdout
    assert call("deliveries", folder).exit_code == 0
    assert call("remove", folder, 1, "--by", "ana").exit_code == 0
    assert "removed" in call("list", folder).stdout


@pytest.mark.parametrize("words", [[], ["--secret-env", "HOOK", "--secret-file", __file__]])
def test_the_secret_is_named_in_one_way(folder: Path, words: list[str]) -> None:
    done = call("add", folder, "https://hooks.example/", *words)
    assert done.exit_code == 2
    assert "--secret-env NAME or --secret-file FILE" in done.stderr
