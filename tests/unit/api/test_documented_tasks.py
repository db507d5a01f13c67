"""The tasks of docs/how-to/python.md run as they are written, each in fewer than ten lines."""

from __future__ import annotations

import ast
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

import graphlink

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "how-to" / "python.md").read_text(encoding="utf-8")
TASKS = re.findall(
    r"^## (.+?)\n\n.*?```python\n(.*?)^```",
    TEXT,
    re.MULTILINE | re.DOTALL,
)


def test_there_are_five_tasks_of_fewer_than_ten_lines() -> None:
    assert len(TASKS) == 5
    for title, code in TASKS:
        assert 0 < len([line for line in code.splitlines() if line]) < 10, title


@pytest.mark.slow
def test_the_tasks_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "data" / "sample", "sample")
    Path("key").write_text("k" * 40, encoding="utf-8")
    Path("key").chmod(0o600)
    names: dict[str, Any] = {}
    for title, code in TASKS:
        exec(compile(ast.parse(code), title, "exec"), names)  # our own documentation
    assert len(names["strong"]) >= 2
    assert names["cluster"] == names["strongest"]
    assert set(names["evidence"]) >= {"kind", "value", "bits"}
    assert names["comparison"].counts
    assert graphlink.read_result("stricter").clusters.equals(names["changed"].clusters)
    assert names["measured"].clusters.pairs.precision > 0.9
    assert len(names["hubs"]) == 5
    assert {path.name for path in tmp_path.iterdir()} >= {
        "cluster.gexf",
        "cluster.html",
        "report",
        "stricter",
    }
