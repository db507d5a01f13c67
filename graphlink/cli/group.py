"""What every command has: help in the order of work with examples, a default RESULT, and hints on a miss."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from graphlink.core.errors import GraphlinkError
from graphlink.core.faults import guarded
from graphlink.render.terminal import folded

if TYPE_CHECKING:
    from collections.abc import Sequence

RESULT_VARIABLE = "GRAPHLINK_RESULT"
DEFAULT_RESULT = "graphlink-result"


class Section(NamedTuple):
    """Commands that belong together, in the order in which people need them.

    Attributes:
        title: The heading of the help.
        commands: Their names.
    """

    title: str
    commands: tuple[str, ...]


SECTIONS = (
    Section("Start", ("demo", "init", "check", "fold", "run")),
    Section("Read a result", ("clusters", "show", "explore", "report")),
    Section("Explain", ("why", "why-not", "break", "collateral", "path", "what-if")),
    Section("Hand over", ("export", "verify")),
    Section(
        "Work as a team, day after day",
        (
            "workspace",
            "update",
            "serve",
            "lineage",
            "returns",
            "watch",
            "org",
            "case",
            "judge",
            "label",
            "decision",
            "audit",
            "forget",
        ),
    ),
    Section("Measure and fit", ("evaluate", "fit", "model")),
    Section("About this installation", ("docs", "doctor", "steps", "help")),
)
"""The commands in order of work. One that is in none of these is listed below them all."""

# How click ends a command; a broken pipe, whose reader has enough, it ends in silence.
_ENDINGS = (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError)
# Errors name arguments of Python; on the command line these are options.
_OPTIONS = {"overwrite=True": "--overwrite", "explain_all=True": "--explain-all"}
# Earlier names, and what other programs call it.
_MEANT = {
    "why-here": "why ACCOUNT",
    "why-cluster": "why CLUSTER",
    "list": "clusters",
    "ls": "clusters",
    "version": "--version",
}


def as_options(text: str) -> str:
    """The text of an error with arguments of Python replaced by options."""
    for argument, option in _OPTIONS.items():
        text = text.replace(argument, option)
    return text


class Command(click.Command):
    """A command with examples, whose RESULT may be left out.

    RESULT is the first argument if it is a result (a folder with a run.json, or a URL), or if no argument is
    left over without it. Else it is what GRAPHLINK_RESULT names, else `graphlink-result`.
    """

    def __init__(self, *given: Any, examples: Sequence[str] = (), **options: Any) -> None:
        super().__init__(*given, **options)
        self.examples = tuple(examples)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the description, then the examples."""
        super().format_help_text(ctx, formatter)
        if self.examples:
            with formatter.section("Examples"):
                formatter.write("".join(f"{'':>{formatter.current_indent}}{one}\n" for one in self.examples))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments, with the default RESULT in front where none is given."""
        arguments = [one for one in self.params if isinstance(one, click.Argument)]
        takes_result = bool(arguments) and arguments[0].name == "result" and not ctx.resilient_parsing
        if not takes_result or _has_result(self._positional(ctx, list(args)), arguments):
            return super().parse_args(ctx, args)
        named = os.environ.get(RESULT_VARIABLE, "")
        rest = super().parse_args(ctx, [named or DEFAULT_RESULT, *args])
        if not named and not (Path(DEFAULT_RESULT) / "run.json").exists():
            raise click.UsageError(
                f"no RESULT: name a result folder, or set {RESULT_VARIABLE}; "
                f"this folder has no {DEFAULT_RESULT}",
                ctx,
            )
        return rest

    def _positional(self, ctx: click.Context, args: list[str]) -> tuple[str, ...]:
        """What is given without an option's name, in order."""
        options = [one for one in self.params if isinstance(one, click.Option)]
        rest = click.Argument(["given"], nargs=-1)
        probe = click.Command(self.name, params=[*options, rest])
        parsed = probe.make_context(self.name, args, parent=ctx.parent, resilient_parsing=True)
        return tuple(parsed.params.get("given") or ())


def _has_result(given: Sequence[str], arguments: Sequence[click.Argument]) -> bool:
    """Whether the first of the given arguments is the RESULT; see `Command`."""
    if not given:
        return False
    if "://" in given[0] or (Path(given[0]) / "run.json").exists():
        return True
    if any(one.nargs < 0 for one in arguments):
        # As many as one likes: then only what looks like a path can be meant as one.
        return os.sep in given[0]
    return len(given) >= len(arguments)


class SubCommands(click.Group):
    """Commands below a command."""

    command_class = Command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - of click
        """Write the commands with whole descriptions."""
        visible = {name: command for name, command in self.commands.items() if not command.hidden}
        with formatter.section("Commands"):
            formatter.write_dl([(name, _whole(command)) for name, command in sorted(visible.items())])


def _whole(command: click.Command) -> str:
    """The first sentence of a command's help, not cut."""
    return command.get_short_help_str(limit=1_000)


class Commands(click.Group):
    """The commands; errors that graphlink raises on purpose are printed without a traceback."""

    command_class = Command

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; see the exit codes of `graphlink.cli`."""
        try:
            with guarded("this command", passing=_ENDINGS):
                return super().invoke(ctx)
        except GraphlinkError as error:
            click.echo(folded(f"graphlink: {as_options(str(error))}", sys.stderr), err=True)
            ctx.exit(1)
        except KeyboardInterrupt:
            click.echo("graphlink: interrupted; nothing was left behind", err=True)
            ctx.exit(130)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments; without any, print the help: whoever looks for it has done nothing wrong."""
        if not args and not ctx.resilient_parsing:
            click.echo(ctx.get_help())
            ctx.exit(0)
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say what an earlier or a usual name is called here."""
        if args and args[0] in _MEANT and args[0] not in self.commands and not ctx.resilient_parsing:
            ctx.fail(f"No such command {args[0]!r}; use: graphlink {_MEANT[args[0]]}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - of click
        """Write the commands by section, with whole descriptions."""
        visible = {name: command for name, command in self.commands.items() if not command.hidden}
        listed = {name for section in SECTIONS for name in section.commands}
        rest = Section("Further commands", tuple(sorted(set(visible) - listed)))
        width = max(map(len, visible))
        for section in (*SECTIONS, rest):
            rows = [
                (name.ljust(width), _whole(visible[name])) for name in section.commands if name in visible
            ]
            if rows:
                with formatter.section(section.title):
                    formatter.write_dl(rows)
