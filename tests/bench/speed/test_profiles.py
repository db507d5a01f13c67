"""The profiler of a run accounts for all of its time."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from graphlink.pipeline import own_steps
from tests.bench.speed.works import draw

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of memory is read from /proc")
def test_a_profile_has_every_step_and_the_statements_of_the_engine(tmp_path: Path) -> None:
    log, settings = tmp_path / "log.parquet", tmp_path / "log.toml"
    draw("200", str(log), str(settings))
    command = [sys.executable, "-m", "tests.bench.speed.profiles", str(log), str(tmp_path / "result")]
    printed = subprocess.run(
        [*command, "--settings", str(settings), "--python", "exclusivity"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    steps, statements, functions = printed.split("\n\n", 2)
    names = [line.split()[0] for line in steps.splitlines()[1:]]
    assert names == [*(step.name for step in own_steps()), "write", "whole"]
    assert "exclusivity make standalone" in statements
    assert "estimate_exclusivity" in functions
