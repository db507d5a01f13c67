"""The command that prints the steps of a run."""

from __future__ import annotations

import json

from click.testing import CliRunner

from graphlink.cli import commands
from graphlink.cli.steps import outline
from graphlink.pipeline import steps


def printed(*args: str) -> str:
    given = CliRunner().invoke(commands, ["steps", *args])
    assert given.exit_code == 0
    return given.output


def test_steps_are_printed_in_order_with_their_tables() -> None:
    rows = json.loads(printed("--format", "json"))
    assert [row["step"] for row in rows] == [step.name for step in steps()]
    assert all(row["makes"] for row in rows)
    assert rows[1]["takes"] == ["addresses"], "the labels take the addresses"
    assert len(json.loads(printed("--explain-all", "--format", "json"))) == len(rows) + 1
    assert printed("--format", "csv").splitlines()[0] == "step,about,takes,makes"
    assert "find communities" in printed()


def test_the_outline_fits_the_terminal_and_names_every_table() -> None:
    text = outline(steps(), 80)
    assert max(map(len, text.splitlines())) <= 80
    words = set(text.replace(",", " ").split())
    assert {spec.name for step in steps() for spec in (*step.takes, *step.makes)} <= words


def test_the_graph_is_printed_to_be_drawn() -> None:
    assert printed("--format", "dot").startswith("digraph steps {\n")
    assert '"communities" -> "clusters"' in printed("--format", "dot")
    assert printed("--format", "mermaid").startswith("flowchart TD\n")
