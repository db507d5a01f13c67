"""Plugins that can't be used: each error names the distribution, the entry point and what is wrong."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from click.testing import CliRunner

from graphlink import PluginError, Settings, TableError, run
from graphlink.cli import commands
from graphlink.core.plugins import plugin_names
from graphlink.core.settings import Reference, Source
from graphlink.export.formats import format_of
from graphlink.ingest.reference_lists import read_reference_lists
from graphlink.kinds import kind_of
from graphlink.pipeline import check, steps
from tests.plugins.conftest import install

if TYPE_CHECKING:
    from pathlib import Path

MODULE = """
from graphlink.kinds import Kind

def shout(value):
    raise RuntimeError(value)

def kind(name="tax_id", facet="payment", exclusive=0.5, clean=str):
    return Kind(name, facet, "A kind", None, exclusive, clean)

GOOD = kind()
OTHER_NAME = kind("vat")
NO_FACET = kind(facet="of my own!")
NO_PRIOR = kind(exclusive=1.5)
SHOUTING = kind(clean=shout)
"""


def broken(site: Path, group: str, name: str, value: str, distribution: str = "tax-ids") -> None:
    """Install a distribution with one entry point."""
    (site / "tax_ids.py").write_text(MODULE, encoding="utf-8")
    (site / "raising.py").write_text("raise OSError('no licence')", encoding="utf-8")
    install(site, distribution, "2.0", {group: {name: value}})


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("tax_id", "nowhere:KIND", "'nowhere:KIND' can't be imported (ModuleNotFoundError: No module named"),
        (
            "tax_id",
            "raising:KIND",
            "'raising:KIND' can't be imported (OSError: no licence); update or ",
        ),
        ("tax_id", "tax_ids:NOTHING", "'tax_ids:NOTHING' can't be imported (AttributeError: "),
        (
            "tax_id",
            "tax_ids:shout",
            "'tax_ids:shout' is of type function; expected graphlink.kinds.kind.",
        ),
        ("tax_id", "tax_ids:OTHER_NAME", "the name of 'tax_ids:OTHER_NAME' is 'vat'; the two have to be the"),
        ("tax_id", "tax_ids:NO_FACET", "facet: expected a name of a-z 0-9 _ . -, found 'of my own!'"),
        ("tax_id", "tax_ids:NO_PRIOR", "expected a probability between 0 and 1, found 1.5"),
        ("ip", "tax_ids:GOOD", "the name is built in; rename the entry point, or uninstall it"),
    ],
)
def test_a_broken_kind_is_named(site: Path, name: str, value: str, message: str) -> None:
    broken(site, "graphlink.kinds", name, value)
    start = f"plugin tax-ids 2.0, entry point '{name}' of graphlink.kinds: "
    with pytest.raises(PluginError, match=re.escape(start) + ".*" + re.escape(message)):
        kind_of(name, Settings())


def test_two_plugins_of_one_name_are_named(site: Path) -> None:
    broken(site, "graphlink.kinds", "tax_id", "tax_ids:GOOD")
    broken(site, "graphlink.kinds", "tax_id", "tax_ids:GOOD", "vat-ids")
    with pytest.raises(PluginError, match=r"plugin tax-ids 2\.0, .*: vat-ids 2\.0 has the same name"):
        kind_of("tax_id", Settings())


def test_cleaning_that_raises_is_named_without_the_value(site: Path) -> None:
    broken(site, "graphlink.kinds", "tax_id", "tax_ids:SHOUTING")
    frame = pa.table({"account_id": ["a"], "kind": ["tax_id"], "value": ["DE123"]})
    with pytest.raises(PluginError, match=r"entry point 'tax_id' .*: clean raised RuntimeError") as raised:
        run(frame)
    assert "DE123" not in str(raised.value)


def test_a_broken_plugin_troubles_nobody_who_does_not_use_it(site: Path, tmp_path: Path) -> None:
    for group in ("kinds", "sources", "formats", "reference_formats"):
        broken(site, f"graphlink.{group}", "mine", "raising:VALUE", f"my-{group}")
    frame = pa.table({"account_id": ["a", "b"], "kind": ["ip"] * 2, "value": ["203.0.113.7"] * 2})
    result = run(frame, out=tmp_path / "result")
    assert "plugins" not in result.manifest
    arguments = ["export", str(result.path), "--account", "a", "--format", "json", "--out", "-"]
    assert CliRunner().invoke(commands, arguments).exit_code == 0
    outcome = CliRunner().invoke(commands, ["doctor"])
    assert outcome.exit_code == 0
    assert "can't be used" in outcome.output


@pytest.mark.parametrize("arguments", [["--help"], ["export", "--help"], ["run", "--help"]])
def test_no_plugin_breaks_the_help(site: Path, arguments: list[str]) -> None:
    for group in ("kinds", "sources", "formats", "reference_formats", "steps"):
        broken(site, f"graphlink.{group}", "mine", "raising:VALUE", f"my-{group}")
    malformed = site / "other-1.0.dist-info"
    malformed.mkdir()
    (malformed / "METADATA").write_text("Name: other\n")
    (malformed / "entry_points.txt").write_bytes(b"[graphlink.formats\n\xff no sign of equality\n")
    done = subprocess.run(
        [sys.executable, "-m", "graphlink", *arguments],
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_broken_format_source_and_reference_format_are_named(site: Path, tmp_path: Path) -> None:
    for group in ("sources", "formats", "reference_formats"):
        broken(site, f"graphlink.{group}", "mine", "raising:VALUE", f"my-{group}")
    assert plugin_names("graphlink.formats") == ("mine",)
    with pytest.raises(PluginError, match=r"my-formats 2\.0, entry point 'mine' .*no licence"):
        format_of("mine")
    with pytest.raises(PluginError, match=r"my-sources 2\.0, entry point 'mine' .*no licence"):
        check(Settings(sources=(Source(name="log", database="mine://host/log"),)))
    path = tmp_path / "list.txt"
    path.write_text("203.0.113.0/24\n")
    with pytest.raises(PluginError, match=r"my-reference_formats 2\.0, entry point 'mine' .*no licence"):
        read_reference_lists(Settings(references=(Reference(str(path), "vpn", "vpn"),)))


STEPS = """
from graphlink.core.columns import ACCOUNT_NO, whole
from graphlink.core.schema import CLUSTERS, LINKS
from graphlink.core.stages import TableSpec
from graphlink.engine.stage import step

MINE = TableSpec("mine", "account", (ACCOUNT_NO,), ("account_no",))
YOURS = TableSpec("yours", "account", (ACCOUNT_NO,), ("account_no",))
OTHER_LINKS = TableSpec("links", "account", (ACCOUNT_NO,), ("account_no",))

def declared(takes, makes, function=lambda engine, settings: {}):
    return step("mine", "mine", takes=takes, makes=makes)(function)

def raising(engine, settings):
    raise RuntimeError("a17")

MISSING = declared((YOURS,), (MINE,))
TWICE = declared((), (CLUSTERS,))
OTHER = declared((OTHER_LINKS,), (MINE,))
CIRCLE = declared((MINE,), (MINE,))
RAISING = declared((), (MINE,), raising)
NOT_MADE = declared((), (MINE,))
UNDECLARED = declared((), (MINE,), lambda engine, settings: engine.make("mine", "SELECT 1 FROM links") or {})
"""


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("MISSING", "it takes yours, which no step makes"),
        ("TWICE", "it makes clusters, which another step makes already"),
        ("OTHER", "it takes links by another contract than it is made by"),
        ("CIRCLE", "it takes what follows from what it makes"),
    ],
)
def test_a_step_that_can_not_be_placed_is_named(site: Path, name: str, message: str) -> None:
    broken(site, "graphlink.steps", "mine", f"my_steps:{name}")
    (site / "my_steps.py").write_text(STEPS, encoding="utf-8")
    with pytest.raises(PluginError, match=rf"entry point 'mine' of graphlink\.steps: {message}"):
        steps()


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("RAISING", PluginError, "entry point 'mine' of graphlink.steps: it raised RuntimeError; report it"),
        ("NOT_MADE", TableError, "mine"),
        ("UNDECLARED", TableError, "links"),
    ],
)
def test_a_step_is_held_to_what_it_declares(
    site: Path, monkeypatch: pytest.MonkeyPatch, name: str, error: type[Exception], message: str
) -> None:
    monkeypatch.delenv("GRAPHLINK_CHECK", raising=False)
    broken(site, "graphlink.steps", "mine", f"my_steps:{name}")
    (site / "my_steps.py").write_text(STEPS, encoding="utf-8")
    frame = pa.table({"account_id": ["a", "b"], "kind": ["ip"] * 2, "value": ["203.0.113.7"] * 2})
    with pytest.raises(error, match=re.escape(message)) as raised:
        run(frame)
    assert "a17" not in str(raised.value)
