"""The report of the smallest clusters of the committed sample: a change of any file is seen and meant.

`pytest tests/golden --golden` rewrites the golden files; look at their difference before it is committed.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pypdf

from graphlink.report import Options, write_report

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from graphlink.result.result import Result

GOLDEN = Path(__file__).parent / "report"


def cells_of(path: Path) -> str:
    """The workbook as text: a line per row, the sheets one after the other."""
    lines = []
    for sheet in openpyxl.load_workbook(path):
        lines.append(f"[{sheet.title}]")
        lines += ["\t".join("" if cell is None else str(cell) for cell in row) for row in sheet.values]
    return "\n".join(lines) + "\n"


def words_of(path: Path) -> str:
    """The PDF as text: a word per line, so that it does not follow where lines and pages break."""
    pages = pypdf.PdfReader(path).pages
    return "\n".join("\n".join(page.extract_text().split()) for page in pages) + "\n"


def written(folder: Path) -> dict[str, str]:
    read = {".xlsx": cells_of, ".pdf": words_of}
    return {
        "cluster.html" if path.parent != folder else path.name: read.get(
            path.suffix, lambda one: one.read_bytes().decode()
        )(path)
        for path in sorted(folder.rglob("*.*"))
        if path.name != "report.schema.json"
    }


def test_a_small_cluster_gives_the_golden_report(
    sample_result: Result,
    tmp_path: Path,
    check_golden: Callable[[Path, Result, Mapping[str, str]], None],
) -> None:
    fewest = min(sample_result.table("clusters")["n_accounts"].to_pylist())
    options = Options(select=f"n_accounts <= {fewest}", top=1, pdf=True)
    report = write_report(sample_result, tmp_path / "report", options)
    assert len(report.entries) == 1
    actual = written(tmp_path / "report")
    assert set(actual) == {
        *("index.html", "cluster.html", "clusters.csv", "members.csv", "fringe.csv", "joined.csv"),
        *("report.json", "report.md", "report.xlsx", "report.pdf"),
    }
    check_golden(GOLDEN, sample_result, actual)
