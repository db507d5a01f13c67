"""Starts the real server over a result and measures it: `python -m tests.bench.explorer RESULT`."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import httpx2


def measure(result: str) -> None:
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
        finally:
            server.terminate()
    print(f"load {os.getloadavg()[0]:.2f}")


def _time_requests(client: httpx2.Client, cluster: str) -> None:
    account = client.get(f"/clusters/{cluster}/members").json()["rows"][0]["account_id"]
    for path in (
        "/queue",
        f"/clusters/{cluster}",
        f"/clusters/{cluster}/graph",
        f"/clusters/{cluster}/timeline",
        f"/expand?node=a:{account}",
        f"/search?q={account}",
        f"/search?q={account[:4]}",
        "/search?q=203.0.0.0/19",
    ):
        started = time.perf_counter()
        status = client.get(path).status_code
        print(f"{(time.perf_counter() - started) * 1000:8.1f} ms  {status}  {path}")


def _memory(pid: int) -> str:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return ", ".join(line.replace("\t", " ") for line in lines if line.startswith(("VmHWM", "VmRSS")))


if __name__ == "__main__":
    measure(sys.argv[1])
