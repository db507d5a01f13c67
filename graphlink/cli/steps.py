"""The steps command: the steps of a run with their tables."""

from __future__ import annotations

import shutil
import sys
import textwrap
from typing import TYPE_CHECKING, Any, Literal, cast

import click

from graphlink.cli.options import commands
from graphlink.render.terminal import Form, Sheet, write_sheets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphlink.engine.stage import Step

_COLUMNS = ("step", "about", "takes", "makes")
_FORMS = ("table", "json", "csv", "dot", "mermaid")


@commands.command(name="steps")
@click.option("--explain-all", is_flag=True, help="Include the step that explains every member and link.")
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMS),
    default="table",
    help="Output format: rows, or a graph as Graphviz dot or Mermaid.",
)
def print_steps(*, explain_all: bool, form: Literal[Form, "dot", "mermaid"]) -> None:
    """Print the steps of a run with the tables they take and make."""
    from graphlink.core.step_graph import draw_dot, draw_mermaid
    from graphlink.engine.plugin_steps import plugin_tables
    from graphlink.pipeline import result_names, steps

    listed = steps(explains_all=explain_all)
    own = (spec.name for spec in plugin_tables(listed))
    results = (*result_names(explains_all=explain_all), *own)
    if form in ("dot", "mermaid"):
        click.echo((draw_dot if form == "dot" else draw_mermaid)(listed, results), nl=False)
        return
    if form == "table":
        click.echo(outline(listed, shutil.get_terminal_size().columns), nl=False)
        return
    rows: list[dict[str, Any]] = [
        {
            "step": step.name,
            "about": step.about,
            "takes": [spec.name for spec in step.takes],
            "makes": [spec.name for spec in step.makes],
        }
        for step in listed
    ]
    if form != "json":
        rows = [row | {name: ", ".join(row[name]) for name in ("takes", "makes")} for row in rows]
    write_sheets([Sheet("steps", _COLUMNS, rows)], cast("Form", form), sys.stdout)


def outline(steps: Sequence[Step[...]], width: int) -> str:
    """Write each step as a paragraph, since a row of all its tables fits no terminal.

    Args:
        steps: The steps in order.
        width: Columns of the terminal.
    """
    lines = []
    for step in steps:
        lines.append(f"{step.name}: {step.about}")
        for label, specs in (("takes", step.takes), ("makes", step.makes)):
            names = ", ".join(spec.name for spec in specs)
            lines += textwrap.wrap(
                names,
                max(width, 40),
                initial_indent=f"  {label}  ",
                subsequent_indent=" " * (len(label) + 4),
            )
    return "\n".join(lines) + "\n"
