"""Hubs: values that very many hold, and accounts that hold very many, finish in bounded memory and are named.

Each world also has one small pair of accounts that share a card, which has to be found beside the hub.
"""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from graphlink.result.result import read_result

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from graphlink.result.result import Result


class Bound(NamedTuple):
    """What a run may take: memory of the engine, and MiB of the process with all that is made outside it."""

    memory: str
    most_mib: int


REDUCED, FULL = Bound("512MB", 900), Bound("8GB", 9 * 1024)
START = 1_770_000_000
DAY = 86_400
_RUN = """
import sys
from graphlink import run
from graphlink.core.settings import EngineSettings
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


def joined(*parts: pa.Array | str) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")


def text_of(kind: str, values: np.ndarray[tuple[int], np.dtype[np.int64]]) -> pa.Array:
    def told(numbers: np.ndarray[tuple[int], np.dtype[np.int64]]) -> pa.Array:
        return pa.array(numbers).cast(pa.string())

    if kind == "ip":
        # Public addresses, one per block, so that no block joins what no address does.
        return joined(
            told(20 + values // 65536), ".", told(values // 256 % 256), ".", told(values % 256), ".9"
        )
    return joined(f"{kind}-value-", told(values))


def tables_of(seen: Seen, n_rows: int = 1 << 20) -> Iterator[pa.Table]:
    """The observations in pieces, so that fifty million of them need no memory here."""
    for at in range(0, len(seen.accounts), n_rows):
        accounts, values, moments = (column[at : at + n_rows] for column in seen[1:])
        numbers = pc.utf8_lpad(pa.array(accounts).cast(pa.string()), 7, "0")
        yield pa.table(
            {
                "account_id": joined("a", numbers),
                "kind": pa.repeat(seen.kind, len(accounts)),
                "value": text_of(seen.kind, values),
                "seen_at": pa.array((moments + START) * 1_000_000, pa.timestamp("us", tz="UTC")),
            }
        )


def run_bounded(folder: Path, bound: Bound, *told: Seen) -> Result:
    """Run over the observations in a process of its own, and hold its memory to the bound."""
    pair = Seen("payment", np.array([1, 2]), np.array([0, 0]), np.array([0, 60]))
    schema = next(tables_of(pair)).schema
    with pq.ParquetWriter(folder / "log.parquet", schema) as file:
        for seen in (pair, *told):
            for table in tables_of(seen):
                file.write_table(table)
    out = folder / "result"
    command = [
        sys.executable, "-c", _RUN,
        *map(str, (folder / "log.parquet", out, bound.memory, folder / "temp")),
    ]  # fmt: skip
    started = time.perf_counter()
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert not (folder / "temp").exists(), "what a run made it removes"
    result = read_result(out)
    mib = int(done.stdout) / 1024
    n_rows = sum(len(seen.accounts) for seen in told)
    print(f"{n_rows:,} observations: {time.perf_counter() - started:.1f} s, {mib:,.0f} MiB")
    assert mib < bound.most_mib
    linked = {(row["account_id_l"], row["account_id_r"]) for row in result.table("links").to_pylist()}
    assert ("a0000001", "a0000002") in linked
    return result


def capped_of(result: Result) -> dict[str, str]:
    """Per kind that was capped the largest value that was."""
    facts = {step["step"]: step["facts"] for step in result.manifest["steps"]}["blocking"]
    return {row["kind"]: row["largest"][0]["value"] for row in facts["capped"] if row["largest"]}


def marked(result: Result, kind: str) -> set[str]:
    """Values of a kind that the result marks as hubs or as capped."""
    rows = result.table("identifiers").to_pylist()
    return {row["value"] for row in rows if row["kind"] == kind and (row["is_hub"] or row["is_capped"])}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n_accounts", "bound"),
    [(20_000, REDUCED), pytest.param(200_000, FULL, marks=pytest.mark.bench)],
    ids=["reduced", "full"],
)
def test_a_router_with_very_many_accounts(tmp_path: Path, n_accounts: int, bound: Bound) -> None:
    accounts = range(10, 10 + n_accounts)
    result = run_bounded(tmp_path, bound, spread("router", accounts, [0] * n_accounts, days=1))
    assert capped_of(result)["router"] == "router-value-0"
    assert marked(result, "router") == {"router-value-0"}
    assert len(result.table("accounts")) == n_accounts + 2
    assert len(result.table("links")) < n_accounts


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n_accounts", "bound"),
    [(50_000, REDUCED), pytest.param(1_000_000, FULL, marks=pytest.mark.bench)],
    ids=["reduced", "full"],
)
def test_a_vpn_with_very_many_accounts_over_its_exits(tmp_path: Path, n_accounts: int, bound: Bound) -> None:
    accounts = range(10, 10 + n_accounts)
    result = run_bounded(tmp_path, bound, spread("ip", accounts, (n % 4 for n in accounts)))
    assert capped_of(result)["ip"] in {f"20.0.{n}.9" for n in range(4)}
    assert marked(result, "ip") == {f"20.0.{n}.9" for n in range(4)}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n_values", "bound"),
    [(50_000, REDUCED), pytest.param(500_000, FULL, marks=pytest.mark.bench)],
    ids=["reduced", "full"],
)
def test_an_account_with_very_many_addresses(tmp_path: Path, n_values: int, bound: Bound) -> None:
    # A second account meets it at a tenth of them: shared addresses are many, pairs of accounts are one.
    values = range(n_values)
    result = run_bounded(
        tmp_path,
        bound,
        spread("ip", [10] * n_values, values),
        spread("ip", [11] * (n_values // 10), values[::10]),
    )
    assert len(result.table("links")) <= 3
    counted = {row["account_id"]: row["n_identifiers"] for row in result.table("accounts").to_pylist()}
    assert counted["a0000010"] >= n_values


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n_accounts", "bound"),
    [(20_000, REDUCED), pytest.param(2_000_000, FULL, marks=pytest.mark.bench)],
    ids=["reduced", "full"],
)
def test_one_component_that_is_a_chain(tmp_path: Path, n_accounts: int, bound: Bound) -> None:
    # Each account shares a card with the next one: all hang together, and no end knows of the other.
    accounts = np.repeat(np.arange(10, 10 + n_accounts), 2)
    values = (np.arange(2 * n_accounts) + 1) // 2 + 1
    result = run_bounded(tmp_path, bound, spread("payment", accounts, values))
    assert len(result.table("links")) >= n_accounts - 1
    assert len(result.table("membership")) <= n_accounts + 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n_values", "bound"),
    [(500_000, REDUCED), pytest.param(50_000_000, FULL, marks=pytest.mark.bench)],
    ids=["reduced", "full"],
)
def test_a_kind_with_very_many_values(tmp_path: Path, n_values: int, bound: Bound) -> None:
    # Each value has one holder, but every hundredth has two.
    n_accounts = n_values // 10
    values = np.concatenate([np.arange(n_values), np.arange(0, n_values, 100)])
    accounts = 10 + np.concatenate(
        [np.arange(n_values) % n_accounts, (np.arange(0, n_values, 100) + 1) % n_accounts]
    )
    result = run_bounded(tmp_path, bound, spread("session", accounts, values))
    by_name = {step["step"]: step["facts"] for step in result.manifest["steps"]}
    assert by_name["identifiers"]["identifiers_shared"] == n_values // 100 + 1
