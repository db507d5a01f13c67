"""Frames of every library give the same run, and what is no frame is refused with what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pytest

from graphlink.core.errors import InputError
from graphlink.core.settings import Settings
from graphlink.engine.duck import DuckEngine
from graphlink.ingest.cost_estimate import estimate_run
from graphlink.ingest.sources.frames import arrow_of, taken_frame
from graphlink.pipeline import check, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COLUMNS = {
    "account_id": ["a", "b", "b"],
    "kind": ["ip", "ip", "client"],
    "value": ["20.1.2.3", "20.1.2.3", "x"],
    "seen_at": [pd.Timestamp("2025-06-01T10:00:00Z"), pd.Timestamp("2025-06-01T11:00:00Z"), pd.NaT],
}
TABLE = pa.Table.from_pandas(pd.DataFrame(COLUMNS), preserve_index=False)


class Capsule:
    """All that a library has to have."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)


def of_polars(_: pa.Table) -> Any:
    polars = pytest.importorskip("polars", reason="polars (180 MB) is not installed; pip install polars")
    return polars.DataFrame(TABLE)


def of_narwhals(_: pa.Table) -> Any:
    narwhals = pytest.importorskip("narwhals", reason="narwhals is not installed; pip install narwhals")
    return narwhals.from_native(TABLE)


def of_duckdb(table: pa.Table) -> Any:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    return connection.from_arrow(table)


FRAMES: dict[str, Callable[[pa.Table], Any]] = {
    "pandas": lambda table: table.to_pandas(),
    "pandas with text of Arrow": lambda table: table.to_pandas(types_mapper=pd.ArrowDtype),
    "a subclass of pandas": lambda table: type("Geo", (pd.DataFrame,), {})(table.to_pandas()),
    "pyarrow batch": lambda table: table.to_batches()[0],
    "pyarrow reader": lambda table: table.to_reader(),
    "text views": lambda table: table.set_column(2, "value", table["value"].cast(pa.string_view())),
    "only the capsule": Capsule,
    "capsule in chunks": lambda table: Capsule(pa.concat_tables([table.slice(0, 1), table.slice(1)])),
    "DuckDB": of_duckdb,
    "polars": of_polars,
    "narwhals": of_narwhals,
}


@pytest.mark.slow
@pytest.mark.parametrize("library", FRAMES)
def test_a_frame_of_any_library_is_taken(library: str) -> None:
    facts: Any = check(FRAMES[library](TABLE))
    expected: Any = check(TABLE)
    assert facts["n_observations"] == 3
    assert facts["kinds"] == expected["kinds"]
    assert facts["sources"][0]["rejected_rows"] == {}


def test_a_stream_that_can_be_read_once_serves_forecast_and_run() -> None:
    frames = {"observations": taken_frame(TABLE.to_reader(), "observations")}
    with DuckEngine(threads=1) as engine:
        assert estimate_run(engine, Settings(), frames).rows == 3
        assert estimate_run(engine, Settings(), frames).rows == 3


class Broken:
    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        raise AttributeError("no cursor\nrow 7 is 'secret'")


class Distant:
    """As a Spark DataFrame before it had the capsule."""

    columns = ("account_id", "kind", "value")

    def toArrow(self) -> None:  # noqa: N802 - Spark's own name
        raise AssertionError


class Lazy:
    columns = ("account_id", "kind", "value")

    def collect_schema(self) -> None:
        raise AssertionError


def rows() -> Iterator[dict[str, str]]:
    yield {"account_id": "a"}


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        ([{"account_id": "a"}], "found list; .*from_pylist"),
        ([("a", "ip", "x")], r"found list; .*columns=\[\.\.\.\]"),
        ({"account_id": ["a"], "kind": ["ip"]}, r"account_id: .*found list; .*pyarrow\.table"),
        (pd.Series(["a"]), "found pandas Series; a single column"),
        (pa.chunked_array([["a"]]), "found pyarrow ChunkedArray"),
        (rows(), r"found generator; .*DataFrame\(\.\.\.\)"),
        (ds.dataset(TABLE), r"found pyarrow InMemoryDataset; hand over \.scanner\(\)\.to_reader\(\)"),
        (Distant(), r"Distant; hand over \.toArrow\(\)"),
        (Lazy(), r"Lazy; call \.collect\(\)"),
        (Broken(), "could not hand over its rows: no cursor; hand over a pyarrow Table"),
        (Capsule, "found type"),
        (pd.DataFrame, "found type"),
        (7, "found int"),
        (object(), "found object"),
    ],
)
def test_what_is_no_frame_is_refused_with_what_to_do(frame: object, said: str) -> None:
    for row in (check, run):
        with pytest.raises(InputError, match=said) as caught:
            row(frame)
        assert "secret" not in str(caught.value)


def test_a_lazy_frame_of_polars_is_reported_to_be_collected() -> None:
    polars = pytest.importorskip("polars", reason="polars (180 MB) is not installed; pip install polars")
    for frame, actual in ((polars.LazyFrame(TABLE), "collect"), (polars.Series(["a"]), "a single column")):
        with pytest.raises(InputError, match=actual):
            arrow_of(frame, "observations")
