"""Reference pages from declarations: settings, tables of a result, kinds. Each is Markdown."""

from __future__ import annotations

import dataclasses
import re
import typing

import click

from graphlink.cli import commands
from graphlink.core import settings as settings_module
from graphlink.core.ranges import range_of, setting_fields
from graphlink.core.schema import EXPLAINED_TABLES, TABLES
from graphlink.core.settings import Settings
from graphlink.core.settings.schema import descriptions_of
from graphlink.kinds import KINDS

_TABLES_OF_TOML = {
    "sources": "[[sources]]",
    "lookups": "[[lookups]]",
    "references": "[[references]]",
    "kinds": "[kinds.NAME]",
    "facts": "[facts.NAME]",
    "overrides": "[[overrides]]",
}


def settings_classes() -> dict[str, type]:
    """Settings and the classes inside it, under the name of their table in TOML."""
    hints = typing.get_type_hints(Settings)
    parts = {
        name: re.search(r"graphlink\.core\.settings\.\w+\.(\w+)", str(hint)) for name, hint in hints.items()
    }
    classes = {name: getattr(settings_module, part.group(1)) for name, part in parts.items() if part}
    named = {_TABLES_OF_TOML.get(name, f"[{name}]"): kind for name, kind in classes.items()}
    return {"Top level": Settings} | named


def settings_text() -> str:
    """A section per table of the settings, a row per setting."""
    parts = []
    for table, kind in settings_classes().items():
        described = descriptions_of(kind)
        rows = []
        for field in setting_fields(kind):
            default, limits = _toml(field.default), range_of(field)
            rows.append(f"| `{field.name}` | {described[field.name]} | {default} | {limits or ''} |")
        head = "| setting | meaning | default | range |\n|---|---|---|---|\n"
        parts.append(f"## {_title(table)}\n{head}" + "\n".join(rows))
    return "\n\n".join(parts)


def _title(table: str) -> str:
    return f"`{table}`" if table.startswith("[") else table


def _toml(value: object) -> str:
    """A default as TOML writes it; empty when there is none, or a whole table."""
    if value is None or value is dataclasses.MISSING or dataclasses.is_dataclass(value):
        return ""
    text = {bool: str(value).lower(), str: f'"{value}"', tuple: "[]"}.get(type(value), str(value))
    return f"`{text}`"


def leaf_commands(group: click.Group = commands, prefix: str = "") -> dict[str, click.Command]:
    """The commands of a group by name, groups among them, and those inside these under both names."""
    listed: dict[str, click.Command] = {}
    for name, command in sorted(group.commands.items()):
        listed[f"{prefix}{name}"] = command
        if isinstance(command, click.Group):
            listed |= leaf_commands(command, f"{prefix}{name} ")
    return listed


def commands_text() -> str:
    """A row per command: its name and arguments, and the first sentence of its help."""
    rows = []
    for name, command in leaf_commands().items():
        if isinstance(command, click.Group) or command.hidden:
            continue
        context = click.Context(command)
        arguments = [one.make_metavar(context) for one in command.params if isinstance(one, click.Argument)]
        about = command.get_short_help_str(limit=500).rstrip(".")
        rows.append(f"| `{' '.join(['graphlink', name, *arguments])}` | {about} |")
    return "| command | what it does |\n|---|---|\n" + "\n".join(rows)


def tables_text() -> str:
    """A section per table of a result, a row per column."""
    parts = []
    for spec in (*TABLES, *EXPLAINED_TABLES):
        key = f"; key: {', '.join(f'`{name}`' for name in spec.key)}" if spec.key else ""
        only = "" if spec in TABLES else " Only of a run with `--explain-all`."
        rows = "\n".join(f"| `{c.name}` | {c.type} | {c.about} |" for c in spec.columns)
        head = f"## {spec.name}\nOne row per {spec.about}{key}.{only}\n\n"
        parts.append(f"{head}| column | type | meaning |\n|---|---|---|\n{rows}")
    return "\n\n".join(parts)


def kinds_text() -> str:
    """A row per built-in kind."""
    rows = [
        f"| `{one.name}` | {one.facet} | {_window(one.window_days)} | {one.p_exclusive:g} | {one.about} |"
        for one in KINDS.values()
    ]
    return "| kind | facet | window | prior p_exclusive | about |\n|---|---|---|---|---|\n" + "\n".join(rows)


def _window(days: float | None) -> str:
    if days is None:
        return "none"
    return "1 day" if days == 1 else f"{days:g} days"
