"""The README matches the code: commands, options, settings, tables, columns, kinds, modules and examples.

Three of its parts and the JSON Schema of the settings are generated: `python tests/test_docs.py` writes them.
"""

from __future__ import annotations

import ast
import dataclasses
import json
import re
import tomllib
import typing
from pathlib import Path

import click
import pytest

import graphlink
from graphlink.cli import commands
from graphlink.cli.group import SECTIONS
from graphlink.core import settings as settings_module
from graphlink.core.ranges import range_of, setting_fields
from graphlink.core.schema import EXPLAINED_TABLES, TABLES
from graphlink.core.settings import Settings, settings_from, settings_schema
from graphlink.core.settings.schema import descriptions_of
from graphlink.kinds import KINDS

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
TEXT = README.read_text(encoding="utf-8")
WORKSPACE = (ROOT / "docs" / "workspace.md").read_text(encoding="utf-8")  # the commands of a workspace
SCHEMA = ROOT / "docs" / "graphlink.schema.json"


def leaves() -> dict[str, click.Command]:
    """The commands, those inside a group under both names."""
    listed: dict[str, click.Command] = {}
    for name, command in commands.commands.items():
        inner = command.commands if isinstance(command, click.Group) else {}
        listed |= {name: command, **{f"{name} {one}": leaf for one, leaf in inner.items()}}
    return listed


def settings_classes() -> dict[str, type]:
    """Settings and the classes inside it, under the name of their table in TOML."""
    hints = typing.get_type_hints(Settings)
    parts = {
        name: re.search(r"graphlink\.core\.settings\.\w+\.(\w+)", str(hint)) for name, hint in hints.items()
    }
    classes = {name: getattr(settings_module, part.group(1)) for name, part in parts.items() if part}
    written = {
        "sources": "[[sources]]",
        "references": "[[references]]",
        "kinds": "[kinds.NAME]",
        "facts": "[facts.NAME]",
        "overrides": "[[overrides]]",
    }
    return {"top level": Settings} | {written.get(name, f"[{name}]"): kind for name, kind in classes.items()}


def settings_text() -> str:
    parts = []
    for table, kind in settings_classes().items():
        described = descriptions_of(kind)
        rows = []
        for field in setting_fields(kind):
            default, limits = toml(field.default), range_of(field)
            rows.append(f"| `{field.name}` | {described[field.name]} | {default} | {limits or ''} |")
        head = "| setting | meaning | default | range |\n|---|---|---|---|\n"
        parts.append(f"### {table}\n{head}" + "\n".join(rows))
    return "\n\n".join(parts)


def toml(value: object) -> str:
    """A default as TOML writes it; empty when there is none, or a whole table."""
    if value is None or value is dataclasses.MISSING or dataclasses.is_dataclass(value):
        return ""
    text = {bool: str(value).lower(), str: f'"{value}"', tuple: "[]"}.get(type(value), str(value))
    return f"`{text}`"


def tables_text() -> str:
    parts = []
    for spec in (*TABLES, *EXPLAINED_TABLES):
        key = f"; key: {', '.join(spec.key)}" if spec.key else ""
        only = "" if spec in TABLES else " Only of a run with `--explain-all`."
        rows = "\n".join(f"| `{c.name}` | {c.type} | {c.about} |" for c in spec.columns)
        head = f"### {spec.name}\nOne row per {spec.about}{key}.{only}\n\n"
        parts.append(f"{head}| column | type | meaning |\n|---|---|---|\n{rows}")
    return "\n\n".join(parts)


def kinds_text() -> str:
    rows = [
        f"| `{kind.name}` | {kind.facet} | {window(kind.window_days)} | {kind.p_exclusive:g} | {kind.about} |"
        for kind in KINDS.values()
    ]
    return "| kind | facet | window | prior p_exclusive | about |\n|---|---|---|---|---|\n" + "\n".join(rows)


def window(days: float | None) -> str:
    if days is None:
        return "none"
    return "1 day" if days == 1 else f"{days:g} days"


def written(text: str) -> str:
    """The README with its three generated parts."""
    for name, part in (("tables", tables_text()), ("kinds", kinds_text()), ("settings", settings_text())):
        begin = f"<!-- {name}: written by tests/test_docs.py -->\n"
        before, _, rest = text.partition(begin)
        _, end, after = rest.partition("<!-- end -->")
        text = f"{before}{begin}{part}\n{end}{after}"
    return text


def fenced(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def test_tables_kinds_and_settings_are_generated() -> None:
    assert written(TEXT) == TEXT, "run: python tests/test_docs.py"
    assert TEXT.count("written by tests/test_docs.py") == 3


def schema_text() -> str:
    return json.dumps(settings_schema(), indent=1) + "\n"


def test_the_schema_of_the_settings_is_generated() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == schema_text(), "run: python tests/test_docs.py"


@pytest.mark.parametrize("kind", settings_classes().values(), ids=lambda kind: kind.__name__)
def test_every_setting_is_described(kind: type) -> None:
    assert list(descriptions_of(kind)) == [field.name for field in dataclasses.fields(kind)]


@pytest.mark.parametrize("name", leaves())
def test_every_command_is_described(name: str) -> None:
    assert f"| `graphlink {name}" in TEXT + WORKSPACE
    assert (leaves()[name].help or "").strip().endswith(".")


def test_help_lists_every_command_in_full_at_80_columns() -> None:
    listed = commands.get_help(click.Context(commands, info_name="graphlink", terminal_width=80))
    rows = re.findall(r"^  ([\w-]+)  +(\S.*)$", listed.partition("Start:\n")[2], re.MULTILINE)
    assert [name for name, _ in rows] == [name for section in SECTIONS for name in section.commands]
    assert {name for name, _ in rows} == set(commands.commands), "a command in no section of the help"
    assert [about for _, about in rows if not about.endswith(".") or about.endswith("...")] == []


@pytest.mark.parametrize(
    ("command", "option"),
    [
        (name, option)
        for name, command in leaves().items()
        for option in command.params
        if isinstance(option, click.Option)
    ],
)
def test_every_option_is_described(command: str, option: click.Option) -> None:
    assert option.help


def test_every_command_in_the_readme_exists() -> None:
    named = set(re.findall(r"graphlink (\w+)", " ".join(fenced("sh"))))
    assert named
    assert named <= set(commands.commands)


def test_every_option_in_the_readme_exists() -> None:
    known = {name for command in leaves().values() for option in command.params for name in option.opts}
    assert set(re.findall(r"`(--[\w-]+)", TEXT)) <= known


def test_every_file_in_the_readme_exists() -> None:
    named = re.findall(r"`((?:graphlink|tests|\.ci|data)/[\w./]+)`", TEXT)
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_settings_that_are_shown_can_be_read() -> None:
    (shown,) = fenced("toml")
    settings = settings_from(tomllib.loads(shown))
    assert len(settings.sources) == 3
    assert settings.pseudonymize.key_file == "key"


def test_the_python_that_is_shown_names_what_exists() -> None:
    (shown,) = fenced("python")
    for node in ast.walk(ast.parse(shown)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            home = graphlink if node.value.id == "graphlink" else graphlink.Result
            assert hasattr(home, node.attr), node.attr


def test_the_changelog_has_the_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "## [Unreleased]" in text or f"## [{project['version']}]" in text


def test_ci_runs_the_commands_of_the_readme() -> None:
    assert re.findall(r"<!-- ci: (\w+) -->\n```sh\n[^\n]+\n```", TEXT) == ["demo", "test"]
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert re.findall(r"readme_command (\w+)", script) == ["demo", "test"]


if __name__ == "__main__":
    README.write_text(written(TEXT), encoding="utf-8")
    SCHEMA.write_text(schema_text(), encoding="utf-8")
