"""Record the digests of whole results of this checkout: `python -m tests.golden.record_results`.

Run it when a change of the judgement is meant to change results, and say so in the commit; what is meant to
change none, such as a new layout or a faster query, has to leave the record as it is.
"""

from __future__ import annotations

import json
import platform
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

import graphlink
from graphlink import EngineSettings
from tests.golden.wholes import INPUTS, digest_input, digest_result, write_input

RECORD = Path(__file__).with_name("results.json")
LIBRARIES = ("duckdb", "numpy", "pyarrow", "igraph", "networkx")


def machine() -> dict[str, str]:
    """What the last digits of a number may depend on besides the code: libraries and processor."""
    extensions = " ".join(np.show_config(mode="dicts")["SIMD Extensions"]["found"])
    return {name: version(name) for name in LIBRARIES} | {"processor": f"{platform.machine()} {extensions}"}


def record(folder: Path) -> None:
    """Run every input and write the digests of its result."""
    inputs: dict[str, Any] = {}
    results: dict[str, Any] = {}
    for name in INPUTS:
        settings = write_input(name, folder / name)
        inputs[name] = digest_input(settings)
        out = folder / f"{name}-result"
        graphlink.run(settings, out=out, limits=EngineSettings(threads=1), explain_all=True)
        results[name] = digest_result(out)
    recorded = {"machine": machine(), "inputs": inputs, "results": results}
    RECORD.write_text(json.dumps(recorded, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        record(Path(folder))
