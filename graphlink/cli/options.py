"""The group of commands, common options, messages."""

from __future__ import annotations

import datetime
import difflib
import functools
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graphlink.cli.group import DEFAULT_RESULT, RESULT_VARIABLE, Commands
from graphlink.core.errors import ResultError
from graphlink.render.terminal import View, folded, write_sheets

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphlink.render.terminal import Form, Sheet
    from graphlink.result.result import Result


form_option = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    help="Output format of the data.",
)


def view_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that choose what of a table is shown; the command gets them as one value, `view`."""

    @functools.wraps(command)
    def with_view(columns: str | None, *, wide: bool, **options: Any) -> None:
        names = tuple(filter(None, (name.strip() for name in (columns or "").split(","))))
        command(**options, view=View(names, wide))

    for option in (
        click.option("--wide", is_flag=True, help="Show every column, however long the lines are."),
        click.option("--columns", metavar="NAME,NAME", help="Show these columns only, in this order."),
    ):
        with_view = option(with_view)
    return with_view


def _weights(_context: click.Context, _option: click.Parameter, text: str | None) -> dict[str, float]:
    from graphlink.explanations.priority import parse_weights

    return parse_weights(text or "")


weigh_option = click.option(
    "--weigh",
    metavar="PART=POINTS,...",
    callback=_weights,
    help="Points of parts of the order, such as succession=5,volume=0.",
)
quiet_option = click.option("--quiet", is_flag=True, help="Suppress progress output and hints.")


def place(text: str) -> Path | str:
    """A path, or a URL unchanged: as a path it would lose slashes."""
    from graphlink.storage.files import address_of

    return address_of(text) or Path(text)


result_argument = click.argument("result", metavar="[RESULT]", type=click.Path(path_type=Path))
sources_argument = click.argument("sources", metavar="SOURCE...", nargs=-1, required=True, type=place)
settings_option = click.option(
    "--settings", type=click.Path(path_type=Path), help="Settings file, when SOURCE is data."
)


def engine_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that limit the engine; the command gets them as one value, `limits`."""

    @functools.wraps(command)
    def with_limits(memory: str | None, threads: int | None, temp: str | None, **options: Any) -> None:
        from graphlink.core.settings import EngineSettings

        places = {"name": "engine", "remote": "spark_remote", "warehouse": "spark_warehouse"}
        named: dict[str, Any] = {name: options.pop(option, None) or "" for name, option in places.items()}
        if named["remote"] and not named["name"]:
            named["name"] = "spark"
        command(**options, limits=EngineSettings(memory or "", threads or 0, temp or "", **named))

    for option in (
        click.option("--memory", metavar="SIZE", help="Memory limit of the engine, such as 4GB."),
        click.option(
            "--threads", type=click.IntRange(min=1), help="Threads of the engine (default: every core)."
        ),
        click.option("--temp", type=click.Path(), help="Folder for temporary files of the engine."),
    ):
        with_limits = option(with_limits)
    return with_limits


def renamed_option(
    old: str, new: str, said: str = "is now called"
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a decorator that refuses an option's earlier or likely name and names the present one."""

    def refuse(_context: click.Context, _option: click.Parameter, given: object) -> None:
        if given is not None:
            raise click.UsageError(f"{old} {said} {new}")

    return click.option(old, hidden=True, expose_value=False, callback=refuse, help=f"{old} {said} {new}.")


def spark_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that choose the engine; `engine_options` puts them into `limits`."""
    for option in (
        click.option(
            "--engine", type=click.Choice(["duckdb", "spark"]), help="Compute engine (default: duckdb)."
        ),
        click.option("--spark-remote", metavar="URL", help="Spark Connect server, such as sc://host:15002."),
        click.option(
            "--spark-warehouse",
            metavar="FOLDER",
            help="Folder for intermediate tables, on any path Spark can write.",
        ),
    ):
        command = option(command)
    return command


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=f"RESULT is the folder of a run. Left out, it is what {RESULT_VARIABLE} names, else "
    f"{DEFAULT_RESULT} in this folder. CLUSTER is an id, or the first characters of one.",
)
@click.version_option(None, "-V", "--version", package_name="graphlink")
def commands() -> None:
    """Find accounts likely operated by one organisation, with probabilities and evidence.

    A result is a lead, not a verdict: honest accounts share addresses, cards and routers too.
    """


@commands.command(name="help")
@click.argument("command", nargs=-1)
@click.pass_context
def print_help(ctx: click.Context, command: tuple[str, ...]) -> None:
    """Show the help of a COMMAND, or of all."""
    parent = ctx.find_root()
    for name in command:
        group = parent.command
        found = group.get_command(parent, name) if isinstance(group, click.Group) else None
        if found is None:
            raise click.UsageError(f"No such command {name!r}", parent)
        parent = click.Context(found, parent, name)
    click.echo(parent.get_help())


def print_message(text: str, *, quiet: bool = False) -> None:
    """Print a message to standard error, with invisible characters made visible."""
    if not quiet:
        click.echo(folded(text, sys.stderr), err=True)


def print_sheets(sheets: Sequence[Sheet], form: Form, view: View) -> None:
    """Print sheets to standard output, as `write_sheets` does.

    Raises:
        click.UsageError: The view names a column that a sheet does not have; names the nearest.
    """
    for sheet in sheets:
        for name in view.columns:
            if name not in sheet.known:
                near = difflib.get_close_matches(name, sheet.known, 1)
                meant = f"; did you mean {near[0]}?" if near else ""
                raise click.UsageError(f"no column {name!r}{meant} Columns: {', '.join(sheet.known)}")
    write_sheets(sheets, form, sys.stdout, view)


def read_since(
    since: str | None, view: Callable[[Result], Result] = lambda result: result
) -> Result | datetime.datetime | None:
    """An earlier result, or the moment that a date names; a folder named like a date is a result.

    Args:
        since: The value of `--since`.
        view: Makes the view of a result that readers may see.

    Raises:
        ResultError: It is neither.
    """
    from graphlink.result.comparison import moment_of
    from graphlink.result.result import read_result

    if since is None:
        return None
    if not since or (since[0].isdigit() and not Path(since).exists()):
        try:
            return moment_of(datetime.datetime.fromisoformat(since))
        except ValueError:
            raise ResultError(
                f"--since: {since!r} is neither the folder of an earlier result nor a date such as 2026-03-01"
            ) from None
    return view(read_result(since))
