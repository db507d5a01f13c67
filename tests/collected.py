"""The first steps of a run as one: what reading an input makes, without reference lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphlink.core.tables.ingest import ADDRESS_LABELS
from graphlink.ingest import observations
from graphlink.ingest.observations import add_routers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphlink.core.settings import Settings
    from graphlink.engine import Engine


def collect_observations(
    engine: Engine, settings: Settings, frames: Mapping[str, object] | None = None
) -> dict[str, Any]:
    """Read an input; give the facts of the first step."""
    facts = observations.collect_observations(engine, settings, frames)
    _finish(engine, settings)
    return facts


def check_input(
    engine: Engine, settings: Settings, frames: Mapping[str, object] | None = None
) -> dict[str, Any]:
    """The same, where an input of which nothing is left is no error."""
    with observations.collect_observations.view(engine) as stage:
        facts = observations.check_input(stage, settings, frames)
    _finish(engine, settings)
    return facts


def _finish(engine: Engine, settings: Settings) -> None:
    engine.drop("addresses", *(spec.name for spec in add_routers.makes))
    engine.load("address_labels", ADDRESS_LABELS.arrow_schema.empty_table())
    add_routers(engine, settings)
