"""What to ask next: the command `judge next`."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING

import click

from graphlink.cli.group import SubCommands
from graphlink.cli.options import commands, form_option, print_message
from graphlink.cli.workspaces import opened, workspace_argument
from graphlink.render.terminal import Form, Sheet, write_sheets

if TYPE_CHECKING:
    from pathlib import Path

    from graphlink.workspace.questions import Question

_SHORT = ("about", "subject", "probability", "in", "out", "moves", "lineages")  # within 80 columns
_QUESTION = (*_SHORT, "question", "why", "is_bound")


@commands.group(name="judge", cls=SubCommands)
def judge_commands() -> None:
    """Show the questions whose answers change most decisions."""


@judge_commands.command(name="next", examples=("graphlink judge next ws", "graphlink judge next ws --most 1"))
@workspace_argument
@click.option("--most", type=click.IntRange(1), default=10, help="Maximum number of questions (default: 10).")
@form_option
def next_command(directory: Path, most: int, form: Form) -> None:
    """List the questions of workspace DIR whose answers change most decisions, the best first.

    in: accounts that "yes" brings into a cluster above the line of alerts; out: those that "no" takes out of
    one; moves: what is expected of the answer. A label answers.
    """
    with opened(directory) as workspace:
        questions = workspace.judge.next(most)
    rows = [_row(one, form) for one in questions]
    write_sheets([Sheet("questions", _SHORT if form == "table" else _QUESTION, rows)], form, sys.stdout)
    if form != "table":
        return
    if not questions:
        print_message("no answer would change a decision")
        return
    first = questions[0]
    print_message(f"{first.text} {first.why}")
    print_message(f"answer: {_answer(directory, first)}")


def _row(question: Question, form: Form) -> dict[str, object]:
    return {
        "about": question.about,
        "subject": " ".join(question.subject),
        "probability": question.probability,
        "in": question.n_in,
        "out": question.n_out,
        "moves": round(question.value, 2) if form == "table" else question.value,
        "lineages": ", ".join(question.lineages),
        "question": question.text,
        "why": question.why,
        "is_bound": question.is_bound,
    }


def _answer(directory: Path, question: Question) -> str:
    """The command that answers a question."""
    from graphlink.workspace.questions import IDENTIFIER

    subject = [*(["--identifier"] if question.about == IDENTIFIER else []), *question.subject]
    return f'graphlink label add {shlex.quote(str(directory))} yes|no {shlex.join(subject)} --why "..."'
