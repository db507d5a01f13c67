"""The JSON Schema of the settings accepts what graphlink reads, and refuses what it refuses."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping  # noqa: TC003 - read as a type hint
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from graphlink.core.errors import SettingsError
from graphlink.core.ranges import setting_fields
from graphlink.core.settings import Settings, schema, settings_from, settings_schema
from graphlink.core.settings.changes import with_changes

SCHEMA = settings_schema()
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)
SAMPLE = Path(__file__).parents[3] / "data" / "sample" / "graphlink.toml"


def test_the_schema_is_one_and_has_every_setting() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    assert list(SCHEMA["properties"]) == [part.name for part in setting_fields(Settings)]
    assert "folder" not in SCHEMA["properties"]


def test_every_setting_is_described_and_every_number_has_its_range() -> None:
    for table in (SCHEMA, *SCHEMA["definitions"].values()):
        for name, value in table["properties"].items():
            assert value["description"], name
            if value.get("type") in ("integer", "number"):
                assert value["minimum"] < value["maximum"], name


def test_the_sample_is_valid() -> None:
    VALIDATOR.validate(tomllib.loads(SAMPLE.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "values",
    [
        {"sede": 1},
        {"seed": "x"},
        {"seed": -1},
        {"engine": {"name": "sparc"}},
        {"facts": {"plan": {"type": "word"}}},
        {"model": {"cluster_probability": 1.5}},
        {"kinds": {"ip": {"window": 3}}},
        {"sources": [{"pth": "a.csv"}]},
        {"sources": {"path": "a.csv"}},
        {"parameters": {"households": {"largest": "six"}}},
    ],
)
def test_both_refuse_the_same(values: dict[str, Any]) -> None:
    assert not VALIDATOR.is_valid(values)
    with pytest.raises(SettingsError):
        settings_from(values)


@pytest.mark.parametrize(
    "values",
    [
        {"seed": 2, "now": "2026-01-31T00:00:00Z"},
        {"kinds": {"ip": {"window_days": 2}, "badge": {"clean": ["upper"]}}},
        {"parameters": {"households": {"largest": 7}}},
        {"placeholders": {"keep": {"badge": ["0"]}}},
    ],
)
def test_both_accept_the_same(values: dict[str, Any]) -> None:
    VALIDATOR.validate(values)
    settings_from(values)


@dataclasses.dataclass(frozen=True)
class Picked:
    """A column of lists."""

    column: str = ""


@dataclasses.dataclass(frozen=True)
class Mapped:
    """Kinds to columns, of which some are tables."""

    kinds: Mapping[str, str | Picked] = dataclasses.field(default_factory=dict)
    picked: Picked | None = None


def test_a_setting_may_be_a_text_or_a_table() -> None:
    tables: dict[str, Any] = {}
    made = schema._table(Mapped, tables)
    validator = jsonschema.Draft7Validator({**made, "definitions": tables})
    validator.validate({"kinds": {"ip": "client_ip", "card": {"column": "cards"}}})
    assert not validator.is_valid({"kinds": {"ip": {"colum": "x"}}})
    assert not validator.is_valid({"kinds": {"ip": 1}})
    changed = with_changes(Mapped({"ip": "a"}), {"kinds__ip__column": "b", "picked__column": "c"})
    assert changed == Mapped({"ip": Picked("b")}, Picked("c"))


def test_no_two_tables_share_a_name() -> None:
    # A definition is named by its class; `Source` of a parameter is no settings table.
    assert SCHEMA["definitions"]["Source"]["properties"]["path"]["type"] == "string"
    assert SCHEMA["definitions"]["Facts"] != SCHEMA["definitions"]["FactSettings"]
