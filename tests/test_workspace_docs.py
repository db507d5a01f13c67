"""The page about workspaces: its story runs as it is written, and its table of numbers is that of the policy.

`python -m tests.test_workspace_docs` writes the table.
"""

from __future__ import annotations

import csv
import dataclasses
import inspect
import json
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

import graphlink
from graphlink.cli import commands
from graphlink.core.ranges import range_of
from graphlink.workspace.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parent.parent / "docs" / "workspace.md"
BEGIN, END = "<!-- policy: written by tests/test_workspace_docs.py -->\n", "<!-- end -->"


def story() -> Iterator[tuple[list[str], int]]:
    """The commands of the page and the exit code that each states."""
    text = PAGE.read_text(encoding="utf-8")
    for block in re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            command, _, remark = line.partition("  # exit ")
            words = shlex.split(command)
            assert words[0] == "graphlink"
            yield words[1:], int(remark or 0)


def with_table(text: str) -> str:
    """The page with the table of the policy."""
    about = inspect.getdoc(Policy).__str__().partition("Attributes:\n")[2]
    described = dict(re.findall(r"^    (\w+): (.*(?:\n {8,}.*)*)", about, re.MULTILINE))
    rows = [
        f"| `{part.name}` | {' '.join(described[part.name].split())} | {part.default:g} | {range_of(part)} |"
        for part in dataclasses.fields(Policy)
    ]
    table = "\n".join(["| number | meaning | default | range |", "|---|---|---|---|", *rows])
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}{table}\n{END}{rest.partition(END)[2]}"


def test_the_table_is_that_of_the_policy() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert with_table(text) == text, "run: python -m tests.test_workspace_docs"


@pytest.mark.slow
def test_the_story_runs_as_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    outputs = {}
    for words, code in story():
        done = CliRunner().invoke(commands, words)
        assert done.exit_code == code, (words, done.output)
        outputs[" ".join(words)] = done.output
    with (tmp_path / "close.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    account = "a-0vjmddr1f9j709"
    assert account in {row["account_id"] for row in rows}
    assert {(row["decision"], row["proposed_by"], row["approved_by"]) for row in rows} == {
        ("D-1", "ana", "ben")
    }
    workspace = graphlink.open_workspace("ws")
    changes = [(one.change, one.n_accounts) for one in workspace.lineage("K-1").stages]
    assert changes == [("born", 6), ("shrunk", 5)]
    assert workspace.cases.get(1).status == "closed"
    assert [one.decision for one in workspace.decisions.outcomes()] == [1]
    before, after = (graphlink.read_result(tmp_path / "ws" / "results" / name) for name in ("R-1", "R-2"))
    moved = before.membership.merge(after.membership, on="account_id")
    moved = moved[moved["cluster_id_x"].fillna("") != moved["cluster_id_y"].fillna("")]
    cluster = workspace.lineage("K-1").stages[0].cluster_id
    assert set(moved["cluster_id_x"]) == {cluster}, "outside of the labelled cluster nothing moves"
    summary = json.loads((tmp_path / "ws" / "update.json").read_text(encoding="utf-8"))
    assert (summary["run"], summary["state"], summary["labels"]["cannot_links_applied"]) == (
        "R-2",
        "accepted",
        2,
    )
    workspace.close()
    assert "second person" in outputs["decision approve ws D-1 --why I agree. --by ana"]


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
