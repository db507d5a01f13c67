"""The group of commands, common options, messages."""

from __future__ import annotations

import datetime
import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graphlink.core.errors import GraphlinkError, ResultError
from graphlink.core.faults import guarded
from graphlink.render.terminal import message

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphlink.result.result import Result


# How click ends a command; a broken pipe, whose reader has enough, it ends in silence.
_ENDINGS = (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError)
# Errors name arguments of Python; on the command line these are options.
_OPTIONS = {"overwrite=True": "--overwrite", "explain_all=True": "--explain-all"}


def as_options(text: str) -> str:
    """The text of an error with arguments of Python replaced by options."""
    for argument, option in _OPTIONS.items():
        text = text.replace(argument, option)
    return text


class _Commands(click.Group):
    """The commands; errors that graphlink raises on purpose are printed without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with guarded("this command", passing=_ENDINGS):
                return super().invoke(ctx)
        except GraphlinkError as error:
            click.echo(message(f"graphlink: {as_options(str(error))}"), err=True)
            ctx.exit(1)
        except KeyboardInterrupt:
            click.echo("graphlink: interrupted; nothing was left behind", err=True)
            ctx.exit(130)


form_option = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    help="Output format of the data.",
)
quiet_option = click.option("--quiet", is_flag=True, help="Suppress progress output and hints.")


def place(text: str) -> Path | str:
    """A path, or a URL unchanged: as a path it would lose slashes."""
    from graphlink.storage.files import address_of

    return address_of(text) or Path(text)


result_argument = click.argument("result", type=click.Path(path_type=Path))
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


def renamed_option(old: str, new: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a decorator that refuses an option's earlier name with a message that gives its present one."""

    def refuse(_context: click.Context, _option: click.Parameter, given: object) -> None:
        if given is not None:
            raise click.UsageError(f"{old} is now called {new}")

    return click.option(old, hidden=True, expose_value=False, callback=refuse, help=f"Earlier name of {new}.")


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


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="graphlink")
def commands() -> None:
    """Find accounts likely operated by one organisation, with probabilities and evidence.

    A result is a lead, not a verdict: honest accounts share addresses, cards and routers too.
    """


def print_message(text: str, *, quiet: bool = False) -> None:
    """Print a message to standard error, with invisible characters made visible."""
    if not quiet:
        click.echo(message(text), err=True)


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
