"""Settings from TOML and mappings: names and types are checked, faults are named."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from graphlink.errors import SettingsError
from graphlink.settings import (
    AccountSource,
    EngineSettings,
    KindSettings,
    ModelSettings,
    Pseudonymize,
    Reference,
    Settings,
    Source,
    read_settings,
    settings_from,
)

if TYPE_CHECKING:
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
        ({"seed": "1"}, "seed: expected int, found '1'"),
        ({"seed": 1.5}, "seed: expected int, found 1.5"),
        ({"seed": True}, "seed: expected int, found True"),
        ({"model": {"prior_bits": True}}, "prior_bits: expected float, found True"),
        ({"kinds": {"ip": {"ignore": 1}}}, "ignore: expected bool, found 1"),
        ({"sources": {"path": "a"}}, "sources: expected a list, found"),
        ({"sources": ["a.csv"]}, r"sources\[1\]: expected a table of settings, found 'a.csv'"),
        ({"kinds": ["ip"]}, "kinds: expected a table, found"),
        ({"accounts": "a.csv"}, "accounts: expected a table of settings, found 'a.csv'"),
        ({"engine": {"threads": "2"}}, "engine: threads: expected int, found '2'"),
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


def test_a_missing_file_says_what_writes_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no settings file .*none\.toml; `graphlink init FILES"):
        read_settings(tmp_path / "none.toml")


def test_a_folder_is_no_settings_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="directory"):
        read_settings(tmp_path)


@pytest.mark.parametrize(
    "changed",
    [
        Settings(seed=2),
        Settings(now="2026-01-01"),
        Settings(sources=(Source("a.csv"),)),
        Settings(kinds={"ip": KindSettings(private=0.5)}),
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
        ({"model": {"min_probability": 0}}, "min_probability: expected a probability above 0 and below 1"),
        ({"model": {"cluster_probability": 1.0}}, "cluster_probability: .* found 1.0"),
        ({"model": {"core_probability": 1.5}}, "core_probability: .* found 1.5"),
        ({"model": {"candidate_probability": float("nan")}}, "candidate_probability: .* found nan"),
        ({"model": {"prior_bits": 3}}, "prior_bits: expected a number below 0, such as -12.0, found 3.0"),
        ({"model": {"prior_bits": float("-inf")}}, "prior_bits: .* found -inf"),
        ({"model": {"resolution_bits": -0.1}}, "resolution_bits: .* found -0.1"),
        ({"model": {"pair_budget": 0}}, "pair_budget: expected a whole number above 0, found 0"),
        ({"model": {"largest_cell": 1}}, "largest_cell: expected a whole number above 1, found 1"),
        ({"engine": {"threads": -1}}, "threads: expected a whole number, or 0 for every core, found -1"),
        ({"engine": {"memory": "lots"}}, "memory: expected a size such as 4GB, 500MB or 80%, found 'lots'"),
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


def test_ranges_hold_for_settings_made_in_python_too() -> None:
    with pytest.raises(SettingsError, match=r"^pair_budget: "):
        ModelSettings(pair_budget=-1)
    with pytest.raises(SettingsError, match=r"^time_zone: "):
        Source(time_zone="Nowhere")
