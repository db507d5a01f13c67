"""What Spark can't do is said in a line that a reader can act on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from graphlink.engine.spark import SparkEngine
from graphlink.errors import EngineError

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.filterwarnings(
    "ignore:PySpark does not yet:FutureWarning", "ignore::ResourceWarning"
)
NUMBERS = pa.table({"no": pa.array([1, 2, 2], pa.int32())})


def failing(rows: pa.Table) -> pa.Table:
    raise ZeroDivisionError(f"{len(rows)} rows")


def test_the_error_of_a_worker_is_told(sail: str, tmp_path: Path) -> None:
    with SparkEngine(sail, folder=str(tmp_path)) as engine:
        engine.load("numbers", NUMBERS)
        with pytest.raises(EngineError) as told:
            engine.make_by("parts", "SELECT no FROM numbers", "no", failing, NUMBERS.schema)
    assert "ZeroDivisionError: 3 rows" in str(told.value)
    assert "\n" not in str(told.value)
