"""Record the digests of whole results of earlier versions: `python tests/golden/record_results.py FOLDER`.

Checks out 0.1.0 and the version before the package was divided into folders (commit f53f6f2) under
FOLDER, runs both on the same inputs with this interpreter and its libraries, and writes `results.json`: all
digests of the latter, and those of 0.1.0 that differ. The planted worlds are drawn once, by the code in this
checkout; both versions draw the same: `git diff --stat 09309ab f53f6f2 -- graphlink/samples` is empty.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from tests.golden.wholes import INPUTS, digest_input, digest_result, write_input

ROOT = Path(__file__).parents[2]
RECORD = Path(__file__).with_name("results.json")
OLDEST, BEFORE = "0.1.0", "f53f6f2"
COMMITS = {OLDEST: "09309ab", BEFORE: BEFORE}
LIBRARIES = ("duckdb", "numpy", "pyarrow", "igraph", "networkx")


def machine() -> dict[str, str]:
    """What the last digits of a number may depend on besides the code: libraries and processor."""
    extensions = " ".join(np.show_config(mode="dicts")["SIMD Extensions"]["found"])
    return {name: version(name) for name in LIBRARIES} | {"processor": f"{platform.machine()} {extensions}"}


def run_in(checkout: Path, settings: Path, out: Path) -> None:
    """Run the code of a checkout on an input."""
    command = [sys.executable, "-P", "-m", "graphlink", "run", str(settings), "--out", str(out)]
    subprocess.run(
        [*command, "--threads", "1", "--explain-all", "--quiet"],
        env=os.environ | {"PYTHONPATH": str(checkout)},
        check=True,
    )


def record(folder: Path) -> None:
    """Run both versions on every input and write their digests."""
    results: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in COMMITS}
    for name, commit in COMMITS.items():
        command = ["git", "-C", str(ROOT), "worktree", "add", "--force", "--detach"]
        subprocess.run([*command, str(folder / name), commit], check=True)
    inputs = {}
    for name in INPUTS:
        settings = write_input(name, folder / "inputs" / name)
        inputs[name] = digest_input(settings)
        for code, digests in results.items():
            out = folder / "results" / f"{code}-{name}"
            run_in(folder / code, settings, out)
            digests[name] = digest_result(out)
    differing = {
        name: {
            key: results[OLDEST][name].get(key)
            for key in sorted(results[OLDEST][name].keys() | results[BEFORE][name].keys())
            if results[OLDEST][name].get(key) != results[BEFORE][name].get(key)
        }
        for name in INPUTS
    }
    recorded = {
        "machine": machine(),
        "inputs": inputs,
        BEFORE: results[BEFORE],
        f"{OLDEST} where it differs": differing,
    }
    RECORD.write_text(json.dumps(recorded, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    record(Path(sys.argv[1]))
