"""Settings from TOML and mappings: names and types are checked, faults are named."""

from __future__ import annotations

import dataclasses
import os
import typing
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphlink.core.errors import SettingsError
from graphlink.core.ranges import range_of
from graphlink.core.settings import (
    AccountSource,
    EngineSettings,
    KindSettings,
    ModelSettings,
    Override,
    Pseudonymize,
    Reference,
    Settings,
    Source,
    read_settings,
    settings_from,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TOML = """
seed = 3
now = "2026-01-31T00:00:00Z"

[[sources]]
path = "logs/*.parquet"
time = "at"
kinds = { ip = "client_ip", payment = "card" }

[accounts]
path = "accounts.csv"
attributes = ["country"]

[[references]]
path = "lists.csv"

[pseudonymize]
kinds = ["payment"]
key_file = "key"

[kinds.ip]
window_days = 2

[model]
prior_bits = -14

[engine]
memory = "4GB"
threads = 2
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "graphlink.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    assert read_settings(written(tmp_path, TOML)) == Settings(
        sources=(Source("logs/*.parquet", time="at", kinds={"ip": "client_ip", "payment": "card"}),),
        accounts=AccountSource("accounts.csv", attributes=("country",)),
        references=(Reference("lists.csv"),),
        pseudonymize=Pseudonymize(("payment",), "key"),
        kinds={"ip": KindSettings(window_days=2.0)},
        model=ModelSettings(prior_bits=-14.0),
        engine=EngineSettings("4GB", 2),
        seed=3,
        now="2026-01-31T00:00:00Z",
    )


def test_an_empty_file_is_the_defaults(tmp_path: Path) -> None:
    assert read_settings(written(tmp_path, "")) == Settings()


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    assert read_settings(written(tmp_path, "\ufeffseed = 2\n")).seed == 2


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"sede": 1}, "unknown setting 'sede'; known are accounts, engine"),
        (
            {"sources": [{"path": "a"}, {"pth": "b"}]},
            r"sources\[2\]: unknown setting 'pth'; known are account,",
        ),
        ({"kinds": {"ip": {"window": 3}}}, r"kinds\.ip: unknown setting 'window'"),
        # Settings of 0.1.0 that were renamed.
        ({"judgements": {"path": "x.csv"}}, "judgements is now called labels; rename it"),
        ({"kinds": {"ip": {"private": 0.5}}}, r"kinds\.ip: private is now called p_exclusive; rename it"),
        ({"overrides": [{"kind": "ip", "private": 0.5}]}, "private is now called p_exclusive; rename it"),
        ({"model": {"largest_cell": 64}}, "model: largest_cell is now called max_block_size; rename it"),
        ({"seed": "1"}, "seed: expected a whole number, found '1'"),
        ({"seed": 1.5}, "seed: expected a whole number, found 1.5"),
        ({"seed": True}, "seed: expected a whole number, found True"),
        ({"model": {"prior_bits": True}}, "prior_bits: expected a number, found True"),
        ({"kinds": {"ip": {"ignore": 1}}}, "ignore: expected true or false, found 1"),
        ({"sources": {"path": "a"}}, "sources: expected a list, found"),
        ({"sources": ["a.csv"]}, r"sources\[1\]: expected a table of settings, found 'a.csv'"),
        ({"kinds": ["ip"]}, "kinds: expected a table, found"),
        ({"accounts": "a.csv"}, "accounts: expected a table of settings, found 'a.csv'"),
        ({"engine": {"threads": "2"}}, "engine: threads: expected a whole number, found '2'"),
        ({"pseudonymize": {"kinds": "ip"}}, "kinds: expected a list, found 'ip'"),
    ],
)
def test_a_fault_is_named_with_what_would_do(told: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        settings_from(told)


@pytest.mark.parametrize("text", ["seed = ", "seed = 1\nseed = 2", "[sources", "\x00"])
def test_what_is_no_toml_names_the_file(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match=r"graphlink\.toml: "):
        read_settings(written(tmp_path, text))


def test_bytes_that_are_no_text_name_the_file(tmp_path: Path) -> None:
    (tmp_path / "graphlink.toml").write_bytes(b"seed = '\xff'")
    with pytest.raises(SettingsError, match=r"graphlink\.toml: .*utf-8"):
        read_settings(tmp_path / "graphlink.toml")


def test_a_missing_file_states_what_writes_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml: no such file; `graphlink init FILES"):
        read_settings(tmp_path / "none.toml")


def test_a_folder_is_no_settings_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="it is a folder"):
        read_settings(tmp_path)


@pytest.mark.parametrize(
    "changed",
    [
        Settings(seed=2),
        Settings(now="2026-01-01"),
        Settings(sources=(Source("a.csv"),)),
        Settings(kinds={"ip": KindSettings(p_exclusive=0.5)}),
        Settings(model=ModelSettings(prior_bits=-10.0)),
    ],
)
def test_the_fingerprint_follows_what_decides_a_result(changed: Settings) -> None:
    assert changed.fingerprint() != Settings().fingerprint()


def test_the_fingerprint_ignores_the_machine() -> None:
    assert Settings(engine=EngineSettings("1GB", 1, "/tmp/x")).fingerprint() == Settings().fingerprint()


def test_the_fingerprint_is_the_same_in_every_process() -> None:
    one = Settings(kinds={"ip": KindSettings(), "payment": KindSettings(ignore=True)})
    two = Settings(kinds={"payment": KindSettings(ignore=True), "ip": KindSettings()})
    assert one.fingerprint() == two.fingerprint()


def test_settings_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().seed = 2  # type: ignore[misc]  # that it is frozen is what is tested


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (
            {"model": {"min_probability": 0}},
            "min_probability: expected a number from 1e-09 to .* found 0.0",
        ),
        ({"model": {"cluster_probability": 1.0}}, "cluster_probability: .* found 1.0"),
        ({"model": {"core_probability": 1.5}}, "core_probability: .* found 1.5"),
        ({"model": {"candidate_probability": float("nan")}}, "candidate_probability: .* found nan"),
        ({"model": {"prior_bits": 3}}, "prior_bits: expected a number from -64 to -0.001 bits, found 3.0"),
        ({"model": {"prior_bits": float("-inf")}}, "prior_bits: .* found -inf"),
        ({"model": {"resolution_bits": -0.1}}, "resolution_bits: .* found -0.1"),
        (
            {"model": {"pair_budget": 0}},
            "pair_budget: expected a whole number from 1 to .* pairs, found 0",
        ),
        (
            {"model": {"max_block_size": 1}},
            "max_block_size: expected a whole number from 2 to .* found 1",
        ),
        (
            {"engine": {"threads": -1}},
            "threads: .* 0 to 1,024 threads; 0 for every core, found -1",
        ),
        (
            {"engine": {"memory": "lots"}},
            "memory: expected a size such as 4GB, .* or 1MB to 1000TB, found 'lots'",
        ),
        ({"engine": {"memory": "0GB"}}, "memory: .* found '0GB'"),
        ({"engine": {"memory": "-4GB"}}, "memory: .* found '-4GB'"),
        ({"sources": [{"time_zone": "Mars/Base"}]}, r"sources\[1\]: time_zone: .* found 'Mars/Base'"),
        ({"sources": [{"time_zone": "../etc"}]}, r"sources\[1\]: time_zone: .* found '../etc'"),
        ({"accounts": {"time_zone": ""}}, "accounts: time_zone: .* found ''"),
    ],
)
def test_what_is_out_of_range_is_named_with_what_would_do(told: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        settings_from(told)


@pytest.mark.parametrize("memory", ["", "4GB", "500 MB", "1.5GiB", "80%", "2gb"])
def test_memory_as_the_engine_takes_it(memory: str) -> None:
    assert EngineSettings(memory=memory).memory == memory


@pytest.mark.parametrize(
    ("kind", "told", "said"),
    [
        (ModelSettings, {"pair_budget": -1}, "^pair_budget: "),
        (ModelSettings, {"pair_budget": 10**30}, "^pair_budget: .* found 1000000"),
        (ModelSettings, {"max_block_size": 10**400}, "^max_block_size: .* found a number of 1329 bits"),
        (ModelSettings, {"prior_bits": -1e308}, "^prior_bits: .* found -1e.308"),
        (ModelSettings, {"prior_bits": -(10**400)}, "^prior_bits: expected a number, found a number of"),
        (ModelSettings, {"resolution_bits": 1e308}, "^resolution_bits: "),
        (Source, {"time_zone": "Nowhere"}, "^time_zone: "),
        (
            Source,
            {"path": "a" * 5000},
            "^path: expected a path of at most 4,096 bytes",
        ),
        (Source, {"path": "a\0b"}, "^path: expected text without NUL characters"),
        (Settings, {"seed": -5}, "^seed: expected a whole number from 0 to 2,147,483,647, found -5"),
        (Settings, {"seed": 2**70}, "^seed: "),
        (Settings, {"seed": "1"}, "^seed: expected a whole number, found '1'"),
        (Settings, {"model": 3}, "^model: expected a table of settings, found 3"),
        (Settings, {"model": {"prior_bits": 1}}, "^model: prior_bits: "),
        (Settings, {"sources": "a.csv"}, "^sources: expected a list, found 'a.csv'"),
        (Settings, {"sources": [3]}, r"^sources\[1\]: expected a table of settings, found 3"),
        (Settings, {"kinds": {"ip": 3}}, r"^kinds\.ip: expected a table of settings"),
        (Settings, {"now": "9999-12-31T00:00:00Z"}, "^now: expected a time in ISO 8601 from 1970 to 2200"),
        (Settings, {"now": "0001-01-01T00:00:00+14:00"}, "^now: "),
        (Settings, {"now": "soon"}, "^now: .* found 'soon'"),
        (KindSettings, {"window_days": 1e-300}, "^window_days: expected 0 for no window, or 0.001 days"),
        (KindSettings, {"window_days": -1}, "^window_days: "),
        (KindSettings, {"p_exclusive": 1e-320}, "^p_exclusive: "),
        (KindSettings, {"p_exclusive": 1.0}, "^p_exclusive: "),
        (KindSettings, {"p_exclusive": float("nan")}, "^p_exclusive: .* found nan"),
        (EngineSettings, {"memory": "5000%"}, "^memory: "),
        (EngineSettings, {"memory": "101%"}, "^memory: "),
        (EngineSettings, {"memory": "0.5%"}, "^memory: "),
        (EngineSettings, {"memory": "999999TB"}, "^memory: "),
        (EngineSettings, {"memory": "100KB"}, "^memory: "),
        (EngineSettings, {"threads": 10**9}, "^threads: "),
        (EngineSettings, {"largest_component": 2**31}, "^largest_component: "),
    ],
)
def test_ranges_and_types_hold_for_settings_made_in_python_too(
    kind: Callable[..., object], told: dict[str, Any], said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        kind(**told)


def test_a_settings_value_has_one_form_however_it_was_made() -> None:
    loose: Any = {
        "sources": [Source("a.csv")],
        "model": {"prior_bits": -10},
        "kinds": {"ip": {"window_days": 2}},
    }
    made = Settings(**loose)
    assert made == settings_from({**loose, "sources": [{"path": "a.csv"}]})
    assert made.sources == (Source("a.csv"),)
    assert repr(made.model.prior_bits) == "-10.0"
    assert made.kinds["ip"] == KindSettings(window_days=2.0)


@pytest.mark.parametrize("found", ["sc://host:15002/;token=hush", ["sc://host/;token=hush"], {"a": "hush"}])
@pytest.mark.parametrize("name", ["remote", "memory", "threads", "hush" * 99])
def test_no_error_shows_what_may_be_a_secret(name: str, found: object) -> None:
    with pytest.raises(SettingsError) as caught:
        settings_from({"engine": {name: found}})
    assert "token" not in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = " + "[" * 5000 + "]" * 5000, "nested too deep"),
        ("seed = " + "9" * 5000, "graphlink.toml: "),
        ('[[sources]]\npath = "' + "a" * 5000 + '"', r"sources\[1\]: path: expected a path of at most 4,096"),
        ('[[sources]]\npath = "a\\u0000b"', r"sources\[1\]: path: expected text without NUL"),
    ],
    ids=["deep", "digits", "long", "nul"],
)
def test_hostile_files_are_refused_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        read_settings(written(tmp_path, text))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes there")
def test_a_pipe_or_a_device_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "zero.toml").symlink_to("/dev/zero")
    with pytest.raises(SettingsError, match="it is a named pipe"):
        read_settings(tmp_path / "pipe.toml")
    with pytest.raises(SettingsError, match="it is a device"):
        read_settings(tmp_path / "zero.toml")


@pytest.mark.parametrize("kind", [Settings, ModelSettings, EngineSettings, KindSettings, Override])
def test_every_number_has_a_range_that_holds_its_default(kind: type) -> None:
    hints = typing.get_type_hints(kind)
    for field in dataclasses.fields(kind):
        if hints[field.name] in (int, float, int | None, float | None):
            limits = range_of(field)
            assert limits is not None, field.name
            default: Any = field.default
            assert default is None or limits.holds(default)


@given(kind=st.sampled_from([Settings, ModelSettings, EngineSettings, KindSettings]), data=st.data())
def test_a_number_is_taken_within_its_range_and_refused_beyond(kind: type, data: st.DataObject) -> None:
    ranged = [(field, limits) for field in dataclasses.fields(kind) if (limits := range_of(field))]
    field, limits = data.draw(st.sampled_from(ranged))
    is_whole = "int" in str(field.type)
    value = data.draw(st.integers() if is_whole else st.floats())
    if limits.holds(value) and (field.name != "window_days" or value == 0 or value >= 0.001):
        assert getattr(kind(**{field.name: value}), field.name) == value
    else:
        with pytest.raises(SettingsError, match=f"^{field.name}: expected "):
            kind(**{field.name: value})
