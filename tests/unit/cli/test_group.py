"""The order of the help, examples, the default RESULT, and hints on a miss."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner, Result

from graphlink.cli import commands
from graphlink.cli.group import Command
from tests.unit.cli.test_cli import EVIL, make_result

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_result(tmp_path_factory.mktemp("group") / "result")


def invoked(*arguments: object) -> Result:
    return CliRunner().invoke(commands, [str(one) for one in arguments], prog_name="graphlink")


def leaves(group: click.Group, before: str = "graphlink") -> dict[str, click.Command]:
    found: dict[str, click.Command] = {}
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found |= leaves(command, f"{before} {name}")
        else:
            found[f"{before} {name}"] = command
    return found


def test_without_a_command_the_help_is_printed_and_nothing_is_wrong() -> None:
    assert (invoked().exit_code, invoked().stdout) == (0, invoked("--help").stdout)


def test_the_help_of_a_command_is_that_of_its_option() -> None:
    assert invoked("help", "model", "show").stdout == invoked("model", "show", "--help").stdout
    assert invoked("help").stdout == invoked("--help").stdout
    assert invoked("help", "shov").exit_code == 2


def test_the_version_has_a_short_option() -> None:
    assert invoked("-V").stdout == invoked("--version").stdout != ""


def test_every_example_is_of_its_command_and_fits_80_columns() -> None:
    for name, command in leaves(commands).items():
        if name in {"graphlink help", "graphlink doctor", "graphlink steps"}:
            continue  # these have nothing to choose
        assert isinstance(command, Command)
        assert command.examples, name
        for example in command.examples:
            assert example == name or example.startswith(f"{name} ")
            assert len(example) <= 76
            parsed = re.sub(r"  *# .*", "", example).split()[len(name.split()) :]
            options = {word for word in parsed if word.startswith("--")}
            assert options <= {name for option in command.params for name in option.opts}, example
        assert command.examples[0] in invoked(*name.split()[1:], "--help").stdout


@pytest.mark.parametrize(
    ("word", "use"),
    [
        ("why-here", "why ACCOUNT"),
        ("why-cluster", "why CLUSTER"),
        ("ls", "clusters"),
        ("version", "--version"),
    ],
)
def test_an_earlier_or_usual_name_is_answered_with_the_present_one(word: str, use: str) -> None:
    done = invoked(word)
    assert done.exit_code == 2
    assert f"use: graphlink {use}" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("clusters",), ("show", "C-1"), ("why", "C-1"), ("why", "a"), ("why", "a", "b"),
        ("why-not", "a", "b"), ("break", "C-1"), ("collateral", "a"), ("path", "a", "b"),
        ("clusters", "--top", "1"), ("show", "--part", "members", "C-2"),
    ],
)  # fmt: skip
def test_the_result_may_be_left_out(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    given = invoked(arguments[0], folder, *arguments[1:])
    assert given.exit_code == 0, given.output
    monkeypatch.chdir(tmp_path)
    assert invoked(*arguments).exit_code == 2
    monkeypatch.setenv("GRAPHLINK_RESULT", str(folder))
    assert invoked(*arguments).stdout == given.stdout
    monkeypatch.delenv("GRAPHLINK_RESULT")
    (tmp_path / "graphlink-result").symlink_to(folder)
    assert invoked(*arguments).exit_code == 0


def test_what_is_missing_is_named_and_a_wrong_option_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "no RESULT: name a result folder, or set GRAPHLINK_RESULT" in invoked("show", "C-1").stderr
    assert "No such option '--tpo'" in invoked("show", "C-1", "--tpo", 3).stderr
    assert invoked("show", "--help").exit_code == 0
    monkeypatch.setenv("GRAPHLINK_RESULT", str(tmp_path / "gone"))
    assert "no folder" in invoked("show", "C-1").stderr


def test_a_result_that_is_named_wins_over_the_default(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHLINK_RESULT", "nowhere")
    assert invoked("why", folder, "a", "b").exit_code == 0
    assert "no folder nowhere" in invoked("why", "a", "b").stderr


def test_the_start_of_a_clusters_id_is_enough(folder: Path) -> None:
    several = invoked("show", folder, "C-")
    assert several.exit_code == 1
    assert "no cluster 'C-'" in several.stderr


def test_why_looks_at_its_arguments(folder: Path) -> None:
    assert invoked("why", folder, "C-1").stdout.startswith("C-1 has 2 accounts")
    assert invoked("why", folder, "a").stdout.startswith("a belongs to C-1")
    assert invoked("why", folder, "a", "b").stdout.startswith("a and b")
    assert "give a cluster, an account, or two accounts" in invoked("why", folder, "a", "b", "c").stderr
    assert "no cluster 'C-7'" in invoked("why", folder, "C-7").stderr
    assert "no account 'A'" in invoked("why", folder, "A").stderr
    assert "nearest: 'a'" in invoked("why", folder, "A").stderr


def test_columns_are_chosen_in_every_form_and_an_unknown_one_is_answered(folder: Path) -> None:
    chosen = invoked("clusters", folder, "--columns", "density, cluster_id", "--format", "csv").stdout
    assert chosen.splitlines()[:2] == ["density,cluster_id", "1.0,C-1"]
    assert invoked("why", folder, "a", "b", "--columns", "kind,bits").stdout.splitlines()[0].split() == [
        "kind",
        "bits",
    ]
    wrong = invoked("clusters", folder, "--columns", "n_acounts")
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert "no column 'n_acounts'; did you mean n_accounts?" in wrong.stderr
    assert "choose --part" in invoked("show", folder, "C-1", "--columns", "kind").stderr
    assert invoked("show", folder, "C-1", "--part", "reasons", "--columns", "kind").exit_code == 0


def test_names_that_an_operator_chose_move_no_terminal(folder: Path) -> None:
    done = invoked("why", folder, EVIL[:-2])
    assert "nearest: '=evil[red]" in done.stderr
    assert "\x1b" not in done.output
    assert "\u202e" not in done.output
