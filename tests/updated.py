"""Updates of results in tests: runs that only read, logs on disk, and what two results have in common."""

from __future__ import annotations

import csv
import json
import random
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from graphlink import pipeline
from graphlink.core.schema import TABLES
from graphlink.engine.stage import Step
from graphlink.ingest.observations import add_routers, collect_observations
from graphlink.ingest.reference_lists import label_identifiers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from graphlink.core.settings import Settings
    from graphlink.engine import Reader
    from graphlink.result.result import Result

COLUMNS = ("account_id", "kind", "value", "seen_at", "n")
Row = tuple[str, ...]

_OWN = ("observations", "accounts", "rejected_rows")
_ACCOUNTS = (" acc1", "ann\u00e9", "anne\u0301", "None", "", "x" * 600, "a\u009bb")
_VALUES = {
    "ip": ("192.0.2.1", " 192.0.2.1", "::ffff:192.0.2.1", "999.1.1.1", "10.0.0.8", ""),
    "email": ("A@Example.com", "a@example.com ", "no mail", "N/A"),
    "thing": ("v1", "V1", " v1 ", 'say "hi"', "two\nlines"),
    "4111111111111111": ("x",),
}
_TIMES = ("2026-03-01 10:00:00.25", "", "soon", "1970-01-01", "2999-01-01")


@contextmanager
def reading_only() -> Iterator[None]:
    """Let runs read and write, and take no step in between: what an update replaces is reading alone."""

    def rest(engine: Reader, settings: Settings) -> dict[str, object]:
        del settings
        for spec in TABLES:
            columns = ", ".join(f"NULL::{column.type} AS {column.name}" for column in spec.columns)
            if spec.name not in _OWN:
                engine.make(spec.name, f"SELECT {columns} WHERE false")
        return {}

    makes = tuple(spec for spec in TABLES if spec.name not in _OWN)
    steps = (
        *(collect_observations, label_identifiers, add_routers),
        Step(rest, "rest", "make the other tables without rows", makes=makes),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "own_steps", lambda **_: steps)
        yield


def drawn_rows(seed: int, n: int, kinds: Sequence[str] = ("ip", "email", "thing")) -> list[Row]:
    """Draw rows of a long log: a third have a cell that is spelled oddly or can't be used."""
    draw = random.Random(seed)
    rows: list[Row] = []
    for _ in range(n):
        kind = draw.choice(kinds)
        account, value = f"acc{draw.randrange(12)}", f"{draw.randrange(30)}"
        value = {"ip": f"203.0.113.{value}", "email": f"p{value}@example.org"}.get(kind, f"v{value}")
        time, count = f"2026-03-{draw.randrange(1, 29):02}T10:00:00Z", "1"
        odd = draw.randrange(12)
        if odd == 0:
            account = draw.choice(_ACCOUNTS)
        elif odd == 1:
            kind = draw.choice([*kinds, "4111111111111111"])
            value = draw.choice(_VALUES.get(kind, ("r",)))
        elif odd == 2:
            time = draw.choice(_TIMES)
        elif odd == 3:
            count = draw.choice(("3", "0", "-1", "many", ""))
        rows.append((account, kind, value, time, count))
    return rows


def write_log(path: Path, rows: Sequence[Row], columns: Sequence[str] = COLUMNS) -> Path:
    """Write rows as CSV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([columns, *rows])
    return path


def tables_of(result: Result) -> dict[str, bytes]:
    """Every file of a result but `run.json`, by name."""
    return {path.name: path.read_bytes() for path in result.path.iterdir() if path.name != "run.json"}


def manifest_of(result: Result) -> dict[str, Any]:
    """What `run.json` states of a run, without what may differ and without warnings of spellings."""
    manifest: dict[str, Any] = json.loads((result.path / "run.json").read_text(encoding="utf-8"))
    del manifest["this_run"]
    for step in manifest["steps"]:
        step["facts"].pop("warnings", None)
    return manifest


def fallback_of(result: Result) -> str:
    """Why an update read all files; empty when it did not."""
    return str(result.manifest["this_run"]["update"].get("fallback", ""))


def assert_equal(actual: Result, expected: Result) -> None:
    """Compare two results byte for byte, and what their manifests state."""
    first, second = tables_of(actual), tables_of(expected)
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []
    assert manifest_of(actual) == manifest_of(expected)
