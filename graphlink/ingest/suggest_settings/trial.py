"""Suggested settings -> the first rows that they would reject, tried in the engine that will read them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pyarrow as pa

from graphlink.core.errors import GraphlinkError
from graphlink.engine.duck import DuckEngine
from graphlink.ingest.sources.place import ColumnSpec, Place
from graphlink.ingest.sources.stage import stage

if TYPE_CHECKING:
    from graphlink.ingest.suggest_settings.preview import Table


def rows_rejected(table: Table, specs: list[ColumnSpec], time_format: str) -> tuple[dict[str, int], str]:
    """How many of the first rows would be rejected, by reason; and the error that refuses them all.

    Args:
        table: The table.
        specs: The columns, as a run would read them.
        time_format: Of its times.
    """
    columns = {spec.column for spec in specs if spec.column}
    sample = pa.table(
        {name: pa.array([row.get(name) for row in table.rows], pa.string()) for name in sorted(columns)}
    )
    try:
        with DuckEngine(threads=1) as engine:
            place = Place(table.path, time_format=time_format, latest=_latest(), frame=sample)
            stage(engine, place, specs, "tried")
            counted = engine.rows(
                "SELECT fault, count(*) FROM tried WHERE fault IS NOT NULL GROUP BY fault ORDER BY fault"
            )
    except GraphlinkError as error:
        return {}, str(error)
    return {str(reason): int(str(n)) for reason, n in counted}, ""


def _latest() -> str:
    """A day after now, as a run has it whose settings name no moment."""
    return (dt.datetime.now(dt.UTC) + dt.timedelta(days=1)).isoformat(sep=" ")
