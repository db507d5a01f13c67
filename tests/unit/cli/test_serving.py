"""`graphlink serve` and the commands of tokens."""

from __future__ import annotations

import json
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
    return CliRunner().invoke(commands, [str(word) for word in words])


def test_a_token_is_printed_once_listed_without_its_secret_and_revoked(folder: Path) -> None:
    made = call(
        "workspace", "token", "add", folder, "nightly", "--role", "viewer", "--days", 7, "--by", "ana"
    )
    assert made.exit_code == 0, made.output
    token = made.stdout.strip()
    assert token.startswith("glt_1_")
    assert "not shown again" in made.stderr
    listed = call("workspace", "token", "list", folder)
    assert token not in listed.output
    assert all(len(line) <= 80 for line in listed.stdout.splitlines())
    (row,) = json.loads(call("workspace", "token", "list", folder, "--format", "json").stdout)
    assert (row["person"], row["role"], row["state"]) == ("ana", "viewer", "valid")
    assert call("workspace", "token", "revoke", folder, 1, "--by", "ana").exit_code == 0
    assert "revoked" in call("workspace", "token", "list", folder).stdout
    again = call("workspace", "token", "revoke", folder, 1, "--by", "ana")
    assert again.exit_code == 1
    assert "revoked already" in again.stderr


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["--user-header", "X-Forwarded-User"], "go together"),
        (["--socket", "s"], "go together"),
        (["--groups-header", "X-Forwarded-Groups"], "goes with --user-header"),
    ],
)
def test_a_header_without_a_socket_is_wrong_use(folder: Path, words: list[str], fault: str) -> None:
    done = call("serve", folder, *words)
    assert done.exit_code == 2
    assert fault in done.stderr


def test_a_proxy_without_a_name_is_refused(folder: Path, tmp_path: Path) -> None:
    done = call("serve", folder, "--socket", tmp_path / "s", "--user-header", "X-Forwarded-User")
    assert done.exit_code == 1
    assert "--allow-host NAME:443" in done.stderr


def test_what_is_no_workspace_is_not_served(tmp_path: Path) -> None:
    done = call("serve", tmp_path)
    assert done.exit_code == 1
    assert "is not a workspace" in done.stderr
