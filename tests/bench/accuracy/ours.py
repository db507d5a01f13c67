"""graphlink itself, through its own pipeline with nothing configured."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from graphlink import pipeline
from graphlink.core.settings import EngineSettings, read_settings
from graphlink.task import located

if TYPE_CHECKING:
    import pyarrow as pa

    from graphlink.result.result import Result
    from graphlink.samples import World


def graphlink(observations: pa.Table) -> pa.Table:
    """Membership of every account."""
    with tempfile.TemporaryDirectory() as folder:
        result = pipeline.run(observations, out=Path(folder) / "result")
        membership: pa.Table = result.table("membership")
        return membership


def graphlink_on_world(world: World, folder: Path, seed: int = 1) -> Result:
    """The result over all tables of a planted world, with its reference lists, by one seed of the algorithm.

    Args:
        world: The world.
        folder: Gets the world's tables and the result; should be empty.
        seed: The setting `seed`; the world stays the same.
    """
    file = world.write(folder / "world")
    settings = dataclasses.replace(read_settings(file), seed=seed)
    return pipeline.run(
        located(settings, file.parent),
        out=folder / "result",
        limits=EngineSettings(threads=1),
    )
