"""The command that states what to ask next: the questions, and how to answer the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.cli.test_workspaces import done, place, rows

if TYPE_CHECKING:
    from pathlib import Path

assert place  # a fixture


def test_the_best_question_comes_with_the_command_that_answers_it(place: Path) -> None:
    done("update", place, "--quiet", code=3)
    questions = rows("judge", "next", place, "--most", 100)
    moves = [float(str(row["moves"])) for row in questions]
    assert moves == sorted(moves, reverse=True)
    assert all(move > 0 for move in moves)
    first = questions[0]
    printed = " ".join(done("judge", "next", place).split())
    assert str(first["question"]) in printed
    assert f"answer: graphlink label add {place} yes|no" in printed
    subject = str(first["subject"]).split(" ", 1)
    option = ["--identifier"] if first["about"] == "identifier" else []
    done("label", "add", place, "unsure", *option, *subject, "--why", "not known yet")
    assert first["subject"] not in {row["subject"] for row in rows("judge", "next", place, "--most", 100)}


def test_without_a_run_there_is_nothing_to_ask(place: Path) -> None:
    assert "has no accepted run yet" in done("judge", "next", place, code=1)
