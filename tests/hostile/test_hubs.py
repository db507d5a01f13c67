"""Hubs: values that very many hold, and accounts that hold very many, finish in bounded memory and are named.

Each world also has one small pair of accounts that share a card, which has to be found beside the hub.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graphlink.result import read_result

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from graphlink.result import Result

MEMORY = "512MB"  # of the engine
MOST_MIB = 900  # of the process, with the libraries and what is made outside the engine
START = 1_770_000_000
DAY = 86_400
_RUN = """
import sys
from graphlink import run
from graphlink.settings import EngineSettings
run(sys.argv[1], out=sys.argv[2], limits=EngineSettings(memory=sys.argv[3], threads=1, folder=sys.argv[4]))
# Not ru_maxrss, which begins with that of the process that started this one.
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory from /proc")


class Seen(NamedTuple):
    """Observations of one kind: numbers of accounts and of values, and seconds from the start."""

    kind: str
    accounts: np.ndarray[tuple[int], np.dtype[np.int64]]
    values: np.ndarray[tuple[int], np.dtype[np.int64]]
    at: np.ndarray[tuple[int], np.dtype[np.int64]]


def spread(kind: str, accounts: Iterable[int], values: Iterable[int], days: int = 30) -> Seen:
    """Observations at moments drawn from some days, so that no two accounts keep step."""
    a, v = np.fromiter(accounts, np.int64), np.fromiter(values, np.int64)
    return Seen(kind, a, v, np.random.default_rng(7).integers(0, days * DAY, len(a)))


def text_of(seen: Seen) -> pa.Array:
    if seen.kind == "ip":
        # Public addresses, one per block, so that no block joins what no address does.
        return pa.array([f"{20 + n // 65536}.{n // 256 % 256}.{n % 256}.9" for n in seen.values.tolist()])
    return pa.array([f"{seen.kind}-value-{n}" for n in seen.values.tolist()])


def run_bounded(folder: Path, *told: Seen) -> Result:
    """Run over the observations in a process of its own, and hold its memory to the bound."""
    pair = Seen("payment", np.array([1, 2]), np.array([0, 0]), np.array([0, 60]))
    parts = [
        pa.table(
            {
                "account_id": pa.array([f"a{n:07}" for n in seen.accounts.tolist()]),
                "kind": pa.repeat(seen.kind, len(seen.accounts)),
                "value": text_of(seen),
                "seen_at": pa.array((seen.at + START) * 1_000_000, pa.timestamp("us", tz="UTC")),
            }
        )
        for seen in (pair, *told)
    ]
    pq.write_table(pa.concat_tables(parts), folder / "log.parquet")
    out = folder / "result"
    command = [sys.executable, "-c", _RUN, *map(str, (folder / "log.parquet", out, MEMORY, folder / "temp"))]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert list((folder / "temp").iterdir()) == []
    result = read_result(out)
    assert int(done.stdout) / 1024 < MOST_MIB
    linked = {(row["account_id_l"], row["account_id_r"]) for row in result.table("links").to_pylist()}
    assert ("a0000001", "a0000002") in linked
    return result


def capped_of(result: Result) -> dict[str, str]:
    """Per kind that was capped the largest value that was."""
    facts = {step["step"]: step["facts"] for step in result.manifest["steps"]}["sharing"]
    return {told["kind"]: told["largest"][0]["value"] for told in facts["capped"] if told["largest"]}


def marked(result: Result, kind: str) -> set[str]:
    """Values of a kind that the result marks as hubs or as capped."""
    rows = result.table("identifiers").to_pylist()
    return {row["value"] for row in rows if row["kind"] == kind and (row["is_hub"] or row["is_capped"])}


@pytest.mark.parametrize(
    "n_accounts", [20_000, pytest.param(200_000, marks=pytest.mark.bench)], ids=["reduced", "full"]
)
def test_a_router_with_very_many_accounts(tmp_path: Path, n_accounts: int) -> None:
    accounts = range(10, 10 + n_accounts)
    result = run_bounded(tmp_path, spread("router", accounts, [0] * n_accounts, days=1))
    assert capped_of(result)["router"] == "router-value-0"
    assert marked(result, "router") == {"router-value-0"}
    assert len(result.table("accounts")) == n_accounts + 2
    assert len(result.table("links")) < n_accounts


@pytest.mark.parametrize(
    "n_accounts", [50_000, pytest.param(1_000_000, marks=pytest.mark.bench)], ids=["reduced", "full"]
)
def test_a_vpn_with_very_many_accounts_over_its_exits(tmp_path: Path, n_accounts: int) -> None:
    accounts = range(10, 10 + n_accounts)
    result = run_bounded(tmp_path, spread("ip", accounts, (n % 4 for n in accounts)))
    assert capped_of(result)["ip"] in {f"20.0.{n}.9" for n in range(4)}
    assert marked(result, "ip") == {f"20.0.{n}.9" for n in range(4)}


@pytest.mark.parametrize(
    "n_values", [50_000, pytest.param(500_000, marks=pytest.mark.bench)], ids=["reduced", "full"]
)
def test_an_account_with_very_many_addresses(tmp_path: Path, n_values: int) -> None:
    # A second account meets it at a tenth of them: shared addresses are many, pairs of accounts are one.
    values = range(n_values)
    result = run_bounded(
        tmp_path, spread("ip", [10] * n_values, values), spread("ip", [11] * (n_values // 10), values[::10])
    )
    assert len(result.table("links")) <= 3
    counted = {row["account_id"]: row["n_identifiers"] for row in result.table("accounts").to_pylist()}
    assert counted["a0000010"] >= n_values


@pytest.mark.parametrize(
    "n_accounts", [20_000, pytest.param(2_000_000, marks=pytest.mark.bench)], ids=["reduced", "full"]
)
def test_one_component_that_is_a_chain(tmp_path: Path, n_accounts: int) -> None:
    # Each account shares a card with the next one: all hang together, and no end knows of the other.
    accounts = np.repeat(np.arange(10, 10 + n_accounts), 2)
    values = (np.arange(2 * n_accounts) + 1) // 2 + 1
    result = run_bounded(tmp_path, spread("payment", accounts, values))
    assert len(result.table("links")) >= n_accounts - 1
    assert len(result.table("membership")) <= n_accounts + 2


@pytest.mark.parametrize(
    "n_values", [500_000, pytest.param(50_000_000, marks=pytest.mark.bench)], ids=["reduced", "full"]
)
def test_a_kind_with_very_many_values(tmp_path: Path, n_values: int) -> None:
    # Each value has one holder, but every hundredth has two.
    n_accounts = n_values // 10
    values = np.concatenate([np.arange(n_values), np.arange(0, n_values, 100)])
    accounts = 10 + np.concatenate(
        [np.arange(n_values) % n_accounts, (np.arange(0, n_values, 100) + 1) % n_accounts]
    )
    result = run_bounded(tmp_path, spread("session", accounts, values))
    told = {step["step"]: step["facts"] for step in result.manifest["steps"]}
    assert told["identifiers"]["identifiers_shared"] == n_values // 100 + 1
