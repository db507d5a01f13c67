"""Files of Arrow and ORC are read as Parquet of the same rows is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import feather, orc

from graphlink.core.errors import InputError
from graphlink.core.settings import Settings, Source
from graphlink.engine.duck import DuckEngine
from graphlink.ingest.suggest_settings import suggest_settings
from tests.collected import collect_observations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROWS = pa.table({"who": ["a", "b", "b"], "ip": ["20.1.2.3", "20.1.2.4", "20.1.2.5"], "n": [1, 2, 3]})
READ = [("a", "20.1.2.3", 1), ("b", "20.1.2.4", 2), ("b", "20.1.2.5", 3)]
FORMS = ("parquet", "feather", "arrow", "ipc", "orc")


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(memory="1GB", threads=1) as made:
        yield made


def written(path: Path) -> Path:
    form = path.suffix[1:]
    if form == "parquet":
        pq.write_table(ROWS, path)
    elif form == "orc":
        orc.write_table(ROWS, path)
    elif form == "feather":
        feather.write_feather(ROWS, path)
    else:
        new = pa.ipc.new_file if form == "arrow" else pa.ipc.new_stream
        with new(path, ROWS.schema) as writer:
            writer.write_table(ROWS, max_chunksize=2)
    return path


@pytest.mark.parametrize("form", FORMS)
def test_a_file_of_columns_is_read(engine: DuckEngine, tmp_path: Path, form: str) -> None:
    path = written(tmp_path / f"log.{form}")
    source = Source(path=str(path), account="who", time="", count="n", kinds={"ip": "ip"})
    facts = collect_observations(engine, Settings(sources=(source,)))
    assert engine.rows("SELECT account_id, value, n FROM observations ORDER BY ALL") == READ
    assert facts["sources"][0]["inputs"][0]["name"] == path.name
    assert 'account = "who"' in suggest_settings([path])


@pytest.mark.parametrize("form", ["feather", "orc"])
def test_a_file_that_is_not_whole_is_named(engine: DuckEngine, tmp_path: Path, form: str) -> None:
    path = written(tmp_path / f"log.{form}")
    path.write_bytes(path.read_bytes()[:100])
    source = Source(path=str(path), account="who", time="", kinds={"ip": "ip"})
    with pytest.raises(InputError, match=rf"log\.{form}: it is no whole (Arrow|Orc) file"):
        collect_observations(engine, Settings(sources=(source,)))
