"""What reading makes of an input, by path and by address."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from graphlink.core.settings import Settings, Source
from graphlink.storage.result_folder.reading import read_table
from tests.collected import check_input
from tests.engines.hostile_cells import long_table, typed_tables

if TYPE_CHECKING:
    from pathlib import Path

    from graphlink.engine import Engine
    from graphlink.result.result import Result

TABLES = ("observations", "accounts", "rejected_rows")
WIDE: dict[str, Any] = {"account": "who", "time": "at", "count": "n", "kinds": {"client": "dev"}}


def told(engine: Engine, settings: Settings) -> dict[str, Any]:
    """Everything that reading makes, in an order that says nothing."""
    facts: dict[str, Any] = check_input(engine, settings)
    for source in filter(None, [*facts["sources"], facts["accounts_table"]]):
        for read in source["inputs"]:
            read.pop("sha256", None)
            read.pop("changed", None)
    rows = {name: engine.arrow(f"SELECT * FROM {name}").to_pylist() for name in TABLES}
    numbers = [row.pop("row_number") for row in rows["rejected_rows"]]
    aside = sorted(zip(map(repr, rows["rejected_rows"]), map(repr, numbers), strict=True))
    engine.drop(*TABLES)
    by_name: dict[str, Any] = {name: sorted(map(repr, rows[name])) for name in TABLES}
    return {"facts": facts, **by_name, "numbers": [number for _, number in aside]}


def elsewhere(settings: Settings) -> Settings:
    """The settings with addresses for the paths of tables and lists."""
    sources = tuple(replace(source, path=uri(source.path)) for source in settings.sources)
    accounts = settings.accounts and replace(settings.accounts, path=uri(settings.accounts.path))
    references = tuple(replace(one, path=uri(one.path)) for one in settings.references)
    return replace(settings, sources=sources, accounts=accounts, references=references)


def uri(path: str) -> str:
    return f"file://{path}"


def written(table: pa.Table, path: Path, **told: Any) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, **told)
    return str(path)


def folder_of_logs(folder: Path) -> Path:
    """Files with columns of several sorts, and files that are none."""
    rows = {"account_id": ["a", "b c", None], "kind": ["client"] * 3, "value": ["v1", "v2", "v1"]}
    later = {**rows, "seen_at": ["2025-06-01", "soon", None], "n": [1, 2, 0]}
    written(pa.table(rows), folder / "day=1" / "part-0.snappy.parquet")
    written(pa.table(later), folder / "day=2" / "part 0.parquet")
    written(pa.table(later), folder / "day=2" / "part-1.pq")
    written(pa.table(rows).slice(0, 0), folder / "day=3" / "none.parquet")
    (folder / "_SUCCESS").touch()
    written(pa.table({"x": [1]}), folder / "_old" / "x.parquet")
    (folder / "day=1" / "README.txt").write_text("not a table", encoding="utf-8")
    return folder


def everything(folder: Path) -> Settings:
    """An input of files of every sort in a folder."""
    path = written(long_table(), folder / "log.parquet", row_group_size=7)
    sources = [Source(path=path, time_zone="America/St_Johns")]
    sources += [
        Source(path=written(typed_tables()[name], folder / f"{name}.parquet"), **WIDE)
        for name in ("accounts_floats", "accounts_unsigned")
    ]
    sources.append(Source(path=str(folder_of_logs(folder / "log")), name="folder"))
    return Settings(now="2026-01-01T00:00:00Z", sources=tuple(sources))


def rows_of_table(result: Result, name: str) -> list[dict[str, Any]]:
    """The rows of a table of a result in an order that both engines give."""
    rows: list[dict[str, Any]] = read_table(result.path, name).to_pylist()
    whole = [column for column in (rows[0] if rows else {}) if not isinstance(rows[0][column], float)]
    return sorted(rows, key=lambda row: [str(row[column]) for column in whole])


def alike(left: object, right: object) -> bool:
    """Whether two values are equal but for the last digits of fractions."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(alike(left[name], right[name]) for name in left)
    if isinstance(left, float) and isinstance(right, float):
        return math.isclose(left, right, rel_tol=1e-6, abs_tol=2e-6)  # the last digits are rounded at the end
    return left == right
