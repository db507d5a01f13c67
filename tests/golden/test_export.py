"""The exports of a small cluster of the committed sample: a change of any format is seen and meant.

`pytest tests/golden --golden` rewrites the golden files; look at their difference before it is committed.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from graphlink.export.formats import subgraph_bytes
from graphlink.export.page import review_page
from graphlink.export.subgraph import cluster_subgraph
from tests.exported import FILE_FORMATS, FOLDER_FORMATS, text_of, write_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from graphlink.result.result import Result

GOLDEN = Path(__file__).parent / "export"
POSITION = re.compile(r"<viz:position [^>]*>")  # a drawing, which follows the release of igraph


def written(result: Result, folder: Path) -> dict[str, str]:
    order = [("n_accounts", "ascending"), ("cluster_id", "ascending")]
    cluster = result.table("clusters").sort_by(order)["cluster_id"][0].as_py()
    subgraph = cluster_subgraph(result, cluster)
    text = {
        f"cluster.{form}": text_of(form, subgraph_bytes(subgraph, result.manifest, form))
        for form in FILE_FORMATS
    }
    text["cluster.gexf"] = POSITION.sub("<viz:position/>", text["cluster.gexf"])
    text["review.html"] = review_page(result, subgraph).decode()
    for form in FOLDER_FORMATS:
        (folder / form).mkdir()
        write_folder(subgraph, result.manifest, form, folder / form)
    for path in sorted((folder / "csv").iterdir()):
        text[path.name] = path.read_bytes().decode()
    for path in sorted((folder / "neo4j").iterdir()):
        text[f"neo4j.{path.name}"] = path.read_bytes().decode()
    for path in sorted((folder / "parquet").glob("*.parquet")):
        table = pq.read_table(path)
        text[path.name] = f"{table.schema.to_string(show_schema_metadata=False)}\n{table.num_rows} rows\n"
    return text


@pytest.mark.slow
def test_a_small_cluster_gives_the_golden_exports(
    sample_result: Result,
    tmp_path: Path,
    check_golden: Callable[[Path, Result, Mapping[str, str]], None],
) -> None:
    check_golden(GOLDEN, sample_result, written(sample_result, tmp_path))


@pytest.mark.parametrize("form", FILE_FORMATS)
def test_the_golden_exports_show_the_members(form: str) -> None:
    accounts = (GOLDEN / "accounts.csv.txt").read_text(encoding="utf-8").splitlines()[1:]
    text = (GOLDEN / f"cluster.{form}.txt").read_text(encoding="utf-8")
    assert len(accounts) > 1
    assert not [row for row in accounts if row.partition(",")[0] not in text]
