"""Starts the real server over a result and measures it: `python -m tests.bench.explorer RESULT`.

Each figure is the median of several requests that nothing was remembered of; the queue's is that of as many
starts. Beside it stands what the explorer promises on two processors. Without RESULT one of a million
accounts and ten million observations is made first, which takes minutes; `--keep FOLDER` keeps it. With
`--crowd SECONDS` 50 clients ask at once for so long, and every answer must be 200.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx2

if TYPE_CHECKING:
    from collections.abc import Iterator

N_CLIENTS = 50
CASE_SIZE = 500  # accounts of the cluster that is opened
_TARGETS_MS = {"open": 500.0, "expand": 150.0, "search": 100.0}
_again = itertools.count()
_QUEUE_SECONDS, _MEMORY_MIB = 2.0, 1024.0


@dataclass(frozen=True)
class Server:
    """The explorer in a process of its own."""

    pid: int
    client: httpx2.Client
    base: str
    headers: dict[str, str]

    def get(self, path: str, **told: Any) -> Any:
        """The JSON of an answer."""
        return self.client.get(path, params=told).json()

    def memory(self, name: str) -> float:
        """`VmHWM` (the most it ever held) or `VmRSS` (what it holds) of the process, in MiB."""
        lines = Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8").splitlines()
        (actual,) = (line.split()[1] for line in lines if line.startswith(f"{name}:"))
        return int(actual) / 1024


@contextmanager
def served(result: str) -> Iterator[Server]:
    """The real server over a result; it is ended afterwards."""
    command = [sys.executable, "-m", "graphlink", "explore", result, "--no-browser", "--print-token"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            base = process.stdout.readline().partition("/?")[0] + "/api/v1"
            headers = {"Authorization": f"Bearer {process.stderr.readline().split()[-1]}"}
            with httpx2.Client(base_url=base, headers=headers, timeout=120) as client:
                yield Server(process.pid, client, base, headers)
        finally:
            process.terminate()


def measure(result: str, n_times: int, crowd_seconds: float) -> bool:
    """Print all figures; whether all that is promised is kept."""
    starts = [_time_start(result) for _ in range(n_times)]
    kept = [_tell("queue after the start", starts, "s", _QUEUE_SECONDS)]
    started = time.perf_counter()
    with served(result) as server:
        while server.get("/status")["state"] == "indexing":
            time.sleep(0.05)
        print(f"{time.perf_counter() - started:9.2f} s   index whole")
        kept += _time_requests(server, n_times)
        if crowd_seconds:
            kept.append(asyncio.run(_crowd(server, crowd_seconds)))
        kept.append(_tell("most memory held (VmHWM)", [server.memory("VmHWM")], "MiB", _MEMORY_MIB))
        print(f"{server.memory('VmRSS'):9.0f} MiB memory held now (VmRSS)")
    print(f"load {os.getloadavg()[0]:.2f} on {os.cpu_count()} processors")
    return all(kept)


def _time_start(result: str) -> float:
    started = time.perf_counter()
    with served(result) as server:
        assert server.get("/queue")["rows"]
        return time.perf_counter() - started


def _time_requests(server: Server, n_times: int) -> list[bool]:
    sizes = {"min_size": CASE_SIZE * 8 // 10, "max_size": CASE_SIZE * 12 // 10}
    rows = server.get("/queue", **sizes)["rows"] or server.get("/queue", sort="n_accounts")["rows"]
    case = rows[0]["cluster_id"]
    (largest,) = server.get("/queue", sort="n_accounts", limit=1)["rows"]
    members = [row["account_id"] for row in server.get(f"/clusters/{case}/members", limit=200)["rows"]]
    ties = server.get(f"/clusters/{case}/evidence", limit=50)["rows"]
    value = next(row["value"] for row in ties if row["value"])
    node = next(row["id"] for row in ties if row["id"])
    link = server.get(f"/clusters/{case}/links")["rows"][0]
    account, other = members[0], members[-1]
    print(f"the case has {rows[0]['n_accounts']:,} accounts, the largest cluster {largest['n_accounts']:,}")
    listed: list[tuple[str, str, dict[str, Any] | None]] = [
        ("open", f"/clusters/{case}", None),
        ("open", f"/clusters/{case}/graph", None),
        ("open", f"/clusters/{case}/timeline", None),
        ("open", f"/clusters/{case}/members", None),
        ("open", f"/clusters/{case}/joined", None),
        ("open", f"/clusters/{largest['cluster_id']}/graph", None),
        ("expand", f"/expand?node=c:{case}", None),
        ("expand", f"/expand?node=c:{largest['cluster_id']}", None),
        ("expand", f"/expand?node=a:{quote(account)}", None),
        ("expand", f"/expand?node={quote(node)}", None),
        ("search", f"/search?q={quote(account)}", None),
        ("search", f"/search?q={quote(account[:4])}", None),
        ("search", f"/search?q={quote(account[-5:])}", None),
        ("search", f"/search?q={quote(value)}", None),
        ("search", f"/search?q={quote(value[:5])}", None),
        ("search", "/search?q=203.0.0.0/19", None),
        ("search", "/search?q=nothing-is-called-so", None),
        ("", "/queue", None),
        ("", f"/queue?q={quote(account[:5])}&sort=n_new", None),
        ("", "/map", None),
        ("", f"/pair?l={quote(link['account_id_l'])}&r={quote(link['account_id_r'])}", None),
        ("", f"/pair?l={quote(account)}&r={quote(other)}", None),
        ("", f"/member?account={quote(account)}", None),
        ("", f"/clusters/{case}/explanation", None),
        ("", f"/break?cluster={case}", None),
        ("", f"/path?from=a:{quote(account)}&to=a:{quote(other)}", None),
        ("", "/collateral", {"accounts": members}),
        ("", "/what-if", {"cluster": case}),
        ("", "/what-if", {"cluster": case, "resolution_bits": 4.0}),
    ]
    return [_time_request(server, n_times, *one) for one in listed]


def _time_request(server: Server, n_times: int, what: str, path: str, body: dict[str, Any] | None) -> bool:
    """Ask several times, each with a parameter of its own that means nothing, so that none is remembered."""
    took = []
    for _ in range(n_times):
        url = f"{path}{'&' if '?' in path else '?'}again={next(_again)}"
        started = time.perf_counter()
        answer = server.client.get(url) if body is None else server.client.post(url, json=body)
        took.append((time.perf_counter() - started) * 1000)
        if answer.status_code != 200:  # such as a what-if where too many accounts hang together
            print(f"      refused {path}: {answer.json()['error']['message']}")
            return not what
    name = path.replace("/clusters/", "/").partition("?")[0] if not what else path
    return _tell(name if body is None else f"{path} {', '.join(body)}", took, "ms", _TARGETS_MS.get(what))


def _tell(name: str, took: list[float], unit: str, most: float | None) -> bool:
    middle = statistics.median(took)
    is_kept = most is None or middle < most
    verdict = "" if most is None else f" (promised: {most:g}; {'kept' if is_kept else 'BROKEN'})"
    spread = f" [{min(took):.1f} to {max(took):.1f}]" if len(took) > 1 else ""
    print(f"{middle:9.{2 if unit == 's' else 1}f} {unit:3} {name}{spread}{verdict}", flush=True)
    return is_kept


async def _crowd(server: Server, seconds: float) -> bool:
    """Ask as 50 clients for some time; print how many answers there were, and how long they took."""
    until = time.monotonic() + seconds
    codes: Counter[int] = Counter()
    took: list[float] = []

    async def one(number: int) -> None:
        async with httpx2.AsyncClient(base_url=server.base, headers=server.headers, timeout=120) as client:
            queue = (await client.get("/queue", params={"offset": 50 * number})).json()["rows"]
            queue = queue or (await client.get("/queue")).json()["rows"]
            while time.monotonic() < until:
                for row in queue:
                    cluster = f"/clusters/{row['cluster_id']}"
                    for path in ("/queue", "/summary", "/search?q=a-1", cluster, f"{cluster}/graph"):
                        started = time.perf_counter()
                        codes[(await client.get(path)).status_code] += 1
                        took.append(time.perf_counter() - started)
                    if time.monotonic() >= until:
                        return

    await asyncio.gather(*(one(number) for number in range(N_CLIENTS)))
    took.sort()
    middle, late = (took[int(len(took) * share)] * 1000 for share in (0.5, 0.99))
    print(f"{N_CLIENTS} clients at once for {seconds:g} s: {codes.total():,} answers, {dict(codes)};")
    print(f"  median {middle:.0f} ms, 99 % within {late:.0f} ms")
    return set(codes) == {200}


def main() -> None:
    """Measure the result that is named, or make one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("result", nargs="?")
    parser.add_argument("--accounts", type=int, default=1_000_000, help="of the result that is made")
    parser.add_argument("--keep", metavar="FOLDER", help="where the result that is made stays")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--crowd", type=float, default=0.0, metavar="SECONDS")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="graphlink-bench-") as folder:
        result = options.result
        if result is None:
            from tests.bench.explorer.world import make_result

            kept = Path(options.keep or folder)
            kept.mkdir(parents=True, exist_ok=True)
            print("making a result", flush=True)
            result = str(make_result(kept, options.accounts).path)
        if not measure(result, options.times, options.crowd):
            sys.exit(1)


if __name__ == "__main__":
    main()
