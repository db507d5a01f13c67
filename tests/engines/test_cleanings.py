"""Cleanings that settings declare give the same values on both engines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from graphlink.core.cleanings import CLEANINGS
from graphlink.core.settings import KindSettings, Settings
from graphlink.engine.duck import DuckEngine
from graphlink.engine.spark import SparkEngine
from tests.collected import check_input

if TYPE_CHECKING:
    from pathlib import Path

    from graphlink.engine import Engine

pytestmark = pytest.mark.filterwarnings(
    "ignore:PySpark does not yet:FutureWarning", "ignore::ResourceWarning"
)

TEXTS = (" de 123 456 ", "DE123456", "de-123-456", "0012", "12", "Zoë 7", "ﬁ-7", "a b", "AB", "٣", "0", "--")
KINDS = {f"by_{cleaning.name}": (cleaning.name,) for cleaning in CLEANINGS} | {
    "by_several": ("no_leading_zeros", "upper", "alphanumeric"),
}
ROWS = [(f"a{i}", kind, text) for kind in KINDS for i, text in enumerate(TEXTS)]
FRAME = pa.table(dict(zip(("account_id", "kind", "value"), map(list, zip(*ROWS, strict=True)), strict=True)))


def cleaned(engine: Engine) -> tuple[list[str], list[str]]:
    """Who holds what, and what was rejected."""
    settings = Settings(kinds={kind: KindSettings(clean=names) for kind, names in KINDS.items()})
    check_input(engine, settings, {"log": FRAME})
    held = engine.arrow("SELECT account_id, kind, value FROM observations").to_pylist()
    rejected = engine.arrow("SELECT column_name, reason, detail FROM rejected_rows").to_pylist()
    return sorted(map(repr, held)), sorted(map(repr, rejected))


def test_both_engines_clean_alike(sail: str, tmp_path: Path) -> None:
    with DuckEngine() as duck:
        here = cleaned(duck)
    with SparkEngine(sail, folder=str(tmp_path)) as spark:
        assert cleaned(spark) == here
    held = {row for row in here[0] if "'by_several'" in row and "'DE123456'" in row}
    assert len(held) == 3
    assert any("'nothing_left'" in row for row in here[1])
