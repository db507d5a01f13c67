"""Overrides: what the settings say of an identifier enters the bits of all who share it, and is told."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

import graphlink
from graphlink import EngineSettings
from graphlink.core.settings import Override, Pseudonymize, Settings, settings_from

if TYPE_CHECKING:
    from pathlib import Path

    from graphlink import Result

ACCOUNTS = ("a", "b", "c")


def observed() -> pa.Table:
    """Three accounts on one card, two others on one address, and strangers on their own."""
    rows = [(account, "payment", "card-of-a-crew") for account in ACCOUNTS]
    rows += [(account, "ip", "203.0.113.7") for account in ("d", "e")]
    rows += [(f"s{i}", "ip", f"198.51.100.{i}") for i in range(20)]
    columns = zip(*rows, strict=True)
    table: dict[str, Any] = dict(zip(("account_id", "kind", "value"), map(list, columns), strict=True))
    return pa.table(table | {"seen_at": ["2026-03-02T10:00:00Z"] * len(rows)})


def ran(*overrides: Override, settings: Settings | None = None) -> Result:
    settings = dataclasses.replace(settings or Settings(), overrides=overrides)
    return graphlink.run(observed(), settings=settings, limits=EngineSettings(threads=1))


def linked(result: Result, account_l: str, account_r: str) -> float:
    """Bits of the link of two accounts; none is far below nought."""
    rows = result.table("links", where={"account_id_l": [account_l], "account_id_r": [account_r]})
    return float(rows["bits"][0].as_py()) if rows.num_rows else -99.0


def facts(result: Result) -> dict[str, Any]:
    return next(step["facts"] for step in result.manifest["steps"] if step["step"] == "overrides")


def clusters(result: Result) -> set[str]:
    members = result.table("membership").to_pylist()
    return {row["account_id"] for row in members if row["cluster_id"] is not None}


@pytest.mark.slow
def test_a_card_stated_to_be_public_no_longer_ties_a_cluster() -> None:
    assert linked(ran(), "a", "b") > 0
    assert clusters(ran(Override("payment", "card-of-a-crew", 0.99))) == set(ACCOUNTS)
    result = ran(Override("payment", "card-of-a-crew", 0.01))
    assert clusters(result) == set()
    assert facts(result) == {"overrides": 1, "identifiers_overridden": 1, "unused": [], "warnings": []}
    rows = {(row["kind"], row["value"]): row for row in result.table("identifiers").to_pylist()}
    assert rows["payment", "card-of-a-crew"]["p_exclusive"] == 0.01
    assert rows["payment", "card-of-a-crew"]["is_overridden"]
    assert not rows["ip", "203.0.113.7"]["is_overridden"]


@pytest.mark.slow
def test_an_address_stated_to_be_private_ties_those_who_share_it() -> None:
    assert linked(ran(), "d", "e") < 0
    result = ran(Override("ip", "203.0.113.7", 0.99, "the lab"))
    assert linked(result, "d", "e") == pytest.approx(6.63, abs=0.5)
    assert {"d", "e"} <= clusters(result)
    assert "the lab" in result.table("identifiers")["label"].to_pylist()


@pytest.mark.slow
@pytest.mark.parametrize("order", [1, -1])
def test_of_several_blocks_the_narrowest_stands(order: int) -> None:
    blocks = [Override("ip", "203.0.113.0/24", 0.99), Override("ip", "203.0.0.0/16", 0.01)]
    result = ran(*blocks[::order])
    assert linked(result, "d", "e") > 3
    result = ran(*[*blocks, Override("ip", "203.0.113.7", 0.02)][::order])
    assert linked(result, "d", "e") < 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("203.0.113.0/24", "203.0.113.0/24"),
        ("203.0.113.0/24", "203.0.113.77/24"),
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.7", "203.0.113.7/32"),
    ],
    ids=["same_block", "block_by_another_address", "same_address", "address_as_block"],
)
@pytest.mark.parametrize("p_exclusive", [0.99, 0.01])
def test_of_equally_narrow_overrides_the_last_stands(first: str, last: str, p_exclusive: float) -> None:
    result = ran(Override("ip", first, 1 - p_exclusive, "first"), Override("ip", last, p_exclusive, "last"))
    rows = {row["value"]: row for row in result.table("identifiers").to_pylist()}
    assert (rows["203.0.113.7"]["p_exclusive"], rows["203.0.113.7"]["label"]) == (p_exclusive, "last")
    assert (linked(result, "d", "e") > 0) == (p_exclusive > 0.5)


@pytest.mark.slow
def test_what_reaches_nothing_is_reported() -> None:
    actual = facts(
        ran(Override("fax", "1", 0.5), Override("ip", "192.0.2.1", 0.5), Override("ip", "::/3", 0.5))
    )
    assert [one["override"] for one in actual["unused"]] == [1, 2, 3]
    assert "fax" in actual["unused"][0]["reason"]


@pytest.mark.slow
def test_values_of_hashed_kinds_are_hashed_alike_and_reported_nowhere(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("0123456789abcdef0123456789abcdef")
    key.chmod(0o600)
    hashing = Settings(pseudonymize=Pseudonymize(("payment",), str(key)))
    result = ran(Override("payment", "card-of-a-crew", 0.01), settings=hashing)
    assert clusters(result) == set()
    assert "card-of-a-crew" not in (result.path / "run.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "told",
    [
        {"kind": "ip", "value": "203.0.113.7"},
        {"kind": "ip", "value": "203.0.113.7", "p_exclusive": 1.0},
        {"kind": "ip", "p_exclusive": 0.5},
        {"value": "x", "p_exclusive": 0.5},
    ],
)
def test_half_an_override_is_named(told: dict[str, Any]) -> None:
    with pytest.raises(graphlink.GraphlinkError, match=r"overrides\[1\]"):
        settings_from({"overrides": [told]})


def test_a_value_that_is_none_of_its_kind_is_named() -> None:
    with pytest.raises(graphlink.GraphlinkError, match=r"overrides\[1\].*not_an_address"):
        ran(Override("ip", "here", 0.5))
