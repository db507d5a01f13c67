"""graphlink itself, through its own pipeline with nothing configured."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from graphlink import pipeline

if TYPE_CHECKING:
    import pyarrow as pa


def graphlink(observations: pa.Table) -> pa.Table:
    """Membership of every account."""
    with tempfile.TemporaryDirectory() as folder:
        result = pipeline.run(observations, out=Path(folder) / "result")
        membership: pa.Table = result.table("membership")
        return membership
