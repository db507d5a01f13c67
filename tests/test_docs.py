"""README and the pages of the site match the code: commands, options, settings, files and examples.

The JSON Schema of the settings is generated: `python tests/test_docs.py` writes it.
"""

from __future__ import annotations

import ast
import dataclasses
import json
import re
import tomllib
from pathlib import Path

import click
import pytest

import graphlink
from docs.extension import with_generated_parts
from docs.extension.reference import (
    commands_text,
    kinds_text,
    leaf_commands,
    settings_classes,
    settings_text,
    tables_text,
)
from graphlink.cli import commands
from graphlink.cli.group import SECTIONS
from graphlink.core.parameters import Parameters
from graphlink.core.ranges import setting_fields
from graphlink.core.schema import EXPLAINED_TABLES, TABLES
from graphlink.core.settings import settings_from, settings_schema
from graphlink.core.settings.schema import descriptions_of
from graphlink.kinds import KINDS
from graphlink.workspace.team_settings import team_from

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
README = ROOT / "README.md"
TEXT = README.read_text(encoding="utf-8")
SCHEMA = ROOT / "docs" / "graphlink.schema.json"
PAGES = sorted(path for path in DOCS.rglob("*.md") if path.parent.name != "decisions")
TEXTS = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in (README, *PAGES)}
# Files that examples of extensions make.
_EXAMPLES = ("docs/extending.md",)


def fenced(language: str, text: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def test_the_readme_is_a_start_page() -> None:
    assert len(TEXT.splitlines()) <= 160
    assert "![" in TEXT


def schema_text() -> str:
    return json.dumps(settings_schema(), indent=1) + "\n"


def test_the_schema_of_the_settings_is_generated() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == schema_text(), "run: python tests/test_docs.py"


@pytest.mark.parametrize("kind", settings_classes().values(), ids=lambda kind: kind.__name__)
def test_every_setting_is_described(kind: type) -> None:
    assert list(descriptions_of(kind)) == [field.name for field in dataclasses.fields(kind)]
    names = [field.name for field in setting_fields(kind)]
    assert all(f"| `{name}` | {descriptions_of(kind)[name]}" in settings_text() for name in names)


def test_the_reference_has_every_table_column_kind_and_command() -> None:
    text = with_generated_parts("".join(TEXTS.values()))
    for part in (tables_text(), kinds_text(), settings_text(), commands_text()):
        assert part in text
    for spec in (*TABLES, *EXPLAINED_TABLES):
        assert f"## {spec.name}\n" in text
        assert all(f"| `{column.name}` | {column.type} | {column.about} |" in text for column in spec.columns)
    assert all(f"| `{name}` |" in text for name in KINDS)
    assert all(f"`graphlink {name}" in text for name, one in leaf_commands().items() if not one.hidden)


def test_a_block_that_names_nothing_is_refused() -> None:
    with pytest.raises(KeyError, match="nothing"):
        with_generated_parts("```{generated} nothing\n```")


@pytest.mark.parametrize("name", leaf_commands())
def test_every_command_is_described(name: str) -> None:
    assert (leaf_commands()[name].help or "").strip().endswith(".")


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
        for name, command in leaf_commands().items()
        for option in command.params
        if isinstance(option, click.Option)
    ],
)
def test_every_option_is_described(command: str, option: click.Option) -> None:
    assert option.help


@pytest.mark.parametrize("page", TEXTS)
def test_every_command_that_a_page_shows_exists(page: str) -> None:
    shown = "".join(fenced("sh", TEXTS[page]))
    named = set(re.findall(r"(?:^|[/ (])graphlink (\w[\w-]*)", shown, re.MULTILINE))
    assert named <= set(commands.commands) - {"install"}


def test_pages_show_commands() -> None:
    assert "graphlink run" in "".join(fenced("sh", TEXT))


@pytest.mark.parametrize("page", TEXTS)
def test_every_option_of_a_command_that_a_page_shows_is_one_of_it(page: str) -> None:
    shown = "\n".join(fenced("sh", TEXTS[page]) + re.findall(r"`(graphlink [^`]+)`", TEXTS[page]))
    for line in shown.splitlines():
        used = re.search(r"(?:^|[/ ])graphlink (\w.*)", line.partition(" #")[0])
        if used is None:
            continue
        named = [name for name in leaf_commands() if f"{used[1]} ".startswith(f"{name} ")]
        known = {name for one in named for option in leaf_commands()[one].params for name in option.opts}
        assert set(re.findall(r"(?<=\s)(--?[a-z][\w-]*)", used[1])) <= known | {"--help"}, line


@pytest.mark.parametrize("page", TEXTS)
def test_every_option_that_a_page_names_exists(page: str) -> None:
    known = {
        name for command in leaf_commands().values() for option in command.params for name in option.opts
    }
    others = {"--bench", "--golden", "--absences", "--kept"}  # options of pytest here, and of a bench
    assert set(re.findall(r"`(--[a-z][\w-]*)", TEXTS[page])) <= known | others


@pytest.mark.parametrize("page", [page for page in TEXTS if page not in _EXAMPLES])
def test_every_file_that_a_page_names_exists(page: str) -> None:
    named = re.findall(r"`((?:graphlink|tests|\.ci|data|docs|notebooks)/[\w./]+)`", TEXTS[page])
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_link_of_the_readme_leads_to_a_file() -> None:
    linked = re.findall(r"\]\(([^)#:\s]+)\)", TEXT)
    assert len(linked) > 20
    assert [link for link in linked if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("page", [page for page in TEXTS if fenced("toml", TEXTS[page])])
def test_settings_that_are_shown_can_be_read(page: str) -> None:
    if page in _EXAMPLES:
        pytest.skip("settings of an extension, which tests/plugins reads")
    for shown in fenced("toml", TEXTS[page]):
        given = tomllib.loads(shown)
        if "team" in given:  # of workspace.toml
            team_from(given["team"], ROOT / "workspace.toml")
        else:
            settings_from(given)


def test_the_example_of_settings_shows_two_sources_and_pseudonyms() -> None:
    (shown,) = fenced("toml", TEXTS["docs/how-to/your-data.md"])[:1]
    settings = settings_from(tomllib.loads(shown))
    assert len(settings.sources) == 3
    assert settings.pseudonymize.key_file == "key"


@pytest.mark.parametrize("page", [page for page in TEXTS if "import graphlink\n" in TEXTS[page]])
def test_python_that_is_shown_names_what_exists(page: str) -> None:
    for shown in fenced("python", TEXTS[page]):
        for node in ast.walk(ast.parse(shown)):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                home = {"graphlink": graphlink, "result": graphlink.Result}.get(node.value.id)
                assert home is None or hasattr(home, node.attr), node.attr


def test_every_public_name_is_in_the_reference_of_python() -> None:
    shown = re.findall(r"^\.\. auto\w+:: graphlink\.(\w+)$", TEXTS["docs/reference/python.md"], re.MULTILINE)
    assert sorted(shown) == sorted(graphlink.__all__)


def test_the_changelog_has_the_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    released = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)$", text, re.MULTILINE)
    assert released[0][0] == project["version"]
    assert released == sorted(
        released, key=lambda one: [int(part) for part in one[0].split(".")], reverse=True
    )
    assert [day for _, day in released] == sorted((day for _, day in released), reverse=True)
    assert text.index("## [Unreleased]") < text.index(f"## [{released[0][0]}]")


def test_ci_runs_the_commands_of_the_readme_and_builds_the_site() -> None:
    assert re.findall(r"<!-- ci: (\w+) -->\n```sh\n[^\n]+\n```", TEXT) == ["demo", "test"]
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert re.findall(r"readme_command (\w+)", script) == ["demo", "test"]
    assert re.search(r"python -m sphinx -W .*docs \"\$work/site/pages\"$", script, re.MULTILINE)


METHOD = sorted((DOCS / "method").glob("*.md"))
SOURCES = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "graphlink").rglob("*.py"))


@pytest.mark.parametrize("path", METHOD, ids=lambda path: path.stem)
def test_names_in_formulas_are_names_of_the_code(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    named = {name.replace("\\_", "_") for name in re.findall(r"\\mathtt\{([^}]+)\}", text)}
    words = {word for name in named for word in name.split(".")} - {"balance", "one"}  # of the page alone
    assert [word for word in sorted(words) if not re.search(rf"\b{word}\b", SOURCES)] == []


@pytest.mark.parametrize("path", METHOD, ids=lambda path: path.stem)
def test_parameters_and_columns_on_a_page_of_the_method_exist(path: Path) -> None:
    columns = {spec.name: set(spec.column_names) for spec in (*TABLES, *EXPLAINED_TABLES)}
    groups = {
        group.name: {field.name for field in dataclasses.fields(getattr(Parameters(), group.name))}
        for group in dataclasses.fields(Parameters)
    }
    for owner, name in re.findall(r"`(\w+)\.(\w+)`", path.read_text(encoding="utf-8")):
        if owner in columns or owner in groups:
            assert name in columns.get(owner, set()) | groups.get(owner, set()), f"{owner}.{name}"


if __name__ == "__main__":
    SCHEMA.write_text(schema_text(), encoding="utf-8")
