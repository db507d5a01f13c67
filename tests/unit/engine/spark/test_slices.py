from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graphlink.engine.spark.slices import slices_of, slices_of_file

if TYPE_CHECKING:
    from pathlib import Path

WIDE = pa.table({"no": list(range(1000)), "text": ["x" * (5000 if i % 100 == 0 else 5) for i in range(1000)]})


@pytest.mark.parametrize("most", [1, 4000, 20_000, 1 << 20])
def test_slices_have_so_many_bytes_at_most_and_all_rows_in_order(most: int) -> None:
    slices = list(slices_of(WIDE, most))
    assert pa.concat_tables(slices).equals(WIDE)
    assert all(one.nbytes <= most or len(one) == 1 for one in slices)
    assert (len(slices) == 1) == (most == 1 << 20)


def test_a_wide_row_does_not_make_all_slices_small() -> None:
    sizes = [len(one) for one in slices_of(WIDE, 6000)]
    assert max(sizes) > 50, "rows of 20 bytes go by the dozen beside one of 5,000"


def test_a_table_without_rows_is_one_slice(tmp_path: Path) -> None:
    empty = WIDE.slice(0, 0)
    assert [len(one) for one in slices_of(empty, 10)] == [0]
    pq.write_table(empty, tmp_path / "e.parquet")
    with pq.ParquetFile(tmp_path / "e.parquet") as file:
        assert [one.schema.names for one in slices_of_file(file)] == [["no", "text"]]


def test_a_file_is_sliced_by_bytes_whatever_its_row_groups(tmp_path: Path) -> None:
    pq.write_table(WIDE, tmp_path / "w.parquet", row_group_size=70)
    with pq.ParquetFile(tmp_path / "w.parquet") as file:
        slices = list(slices_of_file(file, 20_000))
    assert pa.concat_tables(slices).equals(WIDE)
    assert all(one.nbytes <= 20_000 for one in slices)
    assert 3 < len(slices) < 12, "batches are put together up to the size"
