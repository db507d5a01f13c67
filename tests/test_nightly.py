"""The scripts of the page about nightly runs are run as they are written, two nights each."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import graphlink
from graphlink.samples import draw_world

PAGE = Path(__file__).parent.parent / "docs" / "how-to" / "nightly.md"
SCRIPTS = [
    block
    for block in re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    if block.startswith("#!")
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as the page describes it: settings, input, and an environment with graphlink."""
    draw_world(3, 400).write(tmp_path)
    commands = tmp_path / ".venv" / "bin"
    commands.mkdir(parents=True)
    for name, line in (
        ("graphlink", f'exec "{sys.executable}" -m graphlink "$@"'),
        ("date", 'echo "$NIGHT"'),
    ):
        (commands / name).write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
        (commands / name).chmod(0o755)
    return tmp_path


def run_night(folder: Path, script: str, night: str) -> int:
    """The exit code of a script in a night."""
    assert "cd /srv/graphlink\n" in script
    done = subprocess.run(
        ["sh", "-c", script.replace("/srv/graphlink", str(folder))],
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "NIGHT": night},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 3), done.stderr
    assert "No such file" not in done.stderr
    return done.returncode


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="the scripts are those of a POSIX shell")
def test_a_night_with_a_workspace_and_one_without_news(folder: Path) -> None:
    assert [run_night(folder, SCRIPTS[0], night) for night in ("2026-03-29", "2026-03-30")] == [3, 0]
    workspace = graphlink.open_workspace(folder / "ws")
    assert max(len(one.stages) for one in workspace.lineages()) == 2
    assert len(list((folder / "ws" / "results").iterdir())) == 2
    assert json.loads((folder / "ws" / "update.json").read_text(encoding="utf-8"))["run"]


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="the scripts are those of a POSIX shell")
def test_a_night_without_a_workspace_reports_who_joined_since_the_last(folder: Path) -> None:
    whole = {path: pq.read_table(path) for path in (folder / "requests.parquet", folder / "payments.parquet")}
    account = surest_account(folder)
    for path, table in whole.items():
        pq.write_table(table.filter([name != account for name in table["account_id"].to_pylist()]), path)
    assert run_night(folder, SCRIPTS[1], "2026-03-29") == 3
    for path, table in whole.items():
        pq.write_table(table, path)
    assert run_night(folder, SCRIPTS[1], "2026-03-30") == 3
    assert account in (folder / "reports" / "2026-03-30" / "joined.csv").read_text(encoding="utf-8")
    assert run_night(folder, SCRIPTS[1], "2026-03-31") == 0
    assert run_night(folder, SCRIPTS[1], "2026-03-31") == 0, "a night that is run again"
    assert sorted(path.name for path in (folder / "results").iterdir()) == [
        "2026-03-29",
        "2026-03-30",
        "2026-03-31",
    ]


def surest_account(folder: Path) -> str:
    """The surest account of the first cluster of a run."""
    result = graphlink.run(folder / "graphlink.toml")
    return str(result.members(result.clusters["cluster_id"][0])["account_id"][0])
