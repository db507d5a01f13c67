"""Starts the real server over a result and measures it: `python -m tests.bench.explorer RESULT`.

With `--crowd SECONDS` 50 clients ask it at once for so long, and every answer must be 200.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import time
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2

if TYPE_CHECKING:
    from collections.abc import Callable


N_CLIENTS = 50


def measure(result: str, crowd_seconds: float) -> None:
    """Print the seconds to queue and index, the memory, and the milliseconds of each request."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "graphlink", "explore", result, "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stderr is not None
        try:
            base = server.stdout.readline().partition("/?")[0]
            token = server.stderr.readline().split()[-1]
            headers = {"Authorization": f"Bearer {token}"}
            with httpx2.Client(base_url=f"{base}/api/v1", headers=headers, timeout=120) as client:
                rows = client.get("/queue", params={"min_size": 400, "max_size": 600}).json()["rows"]
                print(f"queue after {time.perf_counter() - started:.2f} s")
                while client.get("/status").json()["state"] == "indexing":
                    time.sleep(0.05)
                print(f"index after {time.perf_counter() - started:.2f} s; {_memory(server.pid)}")
                cluster = rows[0] if rows else client.get("/queue").json()["rows"][0]
                _time_requests(client, cluster["cluster_id"])
                print(f"after the requests {_memory(server.pid)}")
            if crowd_seconds:
                asyncio.run(_crowd(f"{base}/api/v1", headers, crowd_seconds))
                print(f"after the crowd {_memory(server.pid)}")
        finally:
            server.terminate()
    print(f"load {os.getloadavg()[0]:.2f}")


def _time_requests(client: httpx2.Client, cluster: str) -> None:
    members = [row["account_id"] for row in client.get(f"/clusters/{cluster}/members").json()["rows"]]
    account = members[0]
    link = client.get(f"/clusters/{cluster}/links").json()["rows"][0]
    paths = [
        "/queue",
        f"/clusters/{cluster}",
        f"/clusters/{cluster}/graph",
        f"/clusters/{cluster}/timeline",
        f"/expand?node=a:{account}",
        f"/search?q={account}",
        f"/search?q={account[:4]}",
        f"/search?q={account[-5:]}",
        "/search?q=203.0.0.0/19",
        f"/pair?l={link['account_id_l']}&r={link['account_id_r']}",
        f"/pair?l={account}&r={members[-1]}",
        f"/member?account={account}",
        f"/clusters/{cluster}/explanation",
        f"/break?cluster={cluster}",
        f"/path?from=a:{account}&to=a:{members[-1]}",
    ]
    for path in paths:
        print(_timed(path, partial(client.get, path)))
    for name, body in (
        ("/collateral", {"accounts": members}),
        ("/what-if", {"cluster": cluster}),
        ("/what-if", {"cluster": cluster, "resolution_bits": 4.0}),
    ):
        print(_timed(name, partial(client.post, name, json=body)))


def _timed(name: str, ask: Callable[[], httpx2.Response]) -> str:
    started = time.perf_counter()
    status = ask().status_code
    return f"{(time.perf_counter() - started) * 1000:8.1f} ms  {status}  {name}"


async def _crowd(base: str, headers: dict[str, str], seconds: float) -> None:
    """Ask as 50 clients for some time; print how many answers there were, and how long they took."""
    until = time.monotonic() + seconds
    codes: Counter[int] = Counter()
    took: list[float] = []

    async def one(number: int) -> None:
        async with httpx2.AsyncClient(headers=headers, timeout=60) as client:
            queue = (await client.get(f"{base}/queue", params={"offset": 50 * number})).json()["rows"]
            while time.monotonic() < until:
                for row in queue:
                    cluster = f"clusters/{row['cluster_id']}"
                    for path in ("queue", "summary", "search?q=a-1", cluster, f"{cluster}/graph"):
                        started = time.perf_counter()
                        codes[(await client.get(f"{base}/{path}")).status_code] += 1
                        took.append(time.perf_counter() - started)
                    if time.monotonic() >= until:
                        return

    await asyncio.gather(*(one(number) for number in range(N_CLIENTS)))
    took.sort()
    middle, late = (took[int(len(took) * share)] * 1000 for share in (0.5, 0.99))
    print(f"{N_CLIENTS} clients: {dict(codes)}; median {middle:.0f} ms, 99 % within {late:.0f} ms")


def _memory(pid: int) -> str:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return ", ".join(line.replace("\t", " ") for line in lines if line.startswith(("VmHWM", "VmRSS")))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("result")
    parser.add_argument("--crowd", type=float, default=0.0, metavar="SECONDS")
    told = parser.parse_args()
    measure(told.result, told.crowd)
