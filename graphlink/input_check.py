"""What `check` reads besides the tables: reference lists, labels and overrides, by the steps of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphlink.core.credentials import redacted_address
from graphlink.engine import number
from graphlink.ingest.labels import read_labels
from graphlink.ingest.observations import add_routers, check_input, collect_observations
from graphlink.ingest.reference_lists import label_identifiers
from graphlink.model.identifiers import describe_identifiers
from graphlink.model.overrides import check_overrides
from graphlink.storage.files import address_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphlink.core.settings import Settings
    from graphlink.engine import Reader


def check_all(
    engine: Reader, settings: Settings, given: Settings, frames: Mapping[str, object] | None
) -> dict[str, object]:
    """Read all input of a run and report on it.

    Args:
        engine: The engine.
        settings: Settings with paths of this machine.
        given: The same with the URLs of copied files.
        frames: Frames of the input.

    Returns:
        Facts of the input: rows, columns, kinds, times, rejected rows; `references`, `labels` and
        `overrides`, each as a run would have it in its manifest; and the `warnings` of all.

    Raises:
        InputError: The input can't be read.
        SettingsError: A setting is wrong.
    """
    with collect_observations.view(engine) as stage:
        facts = check_input(stage, settings, frames, describes_columns=True)
    parts: dict[str, Any] = {"references": label_identifiers(engine, settings)}
    add_routers(engine, settings)
    parts["labels"] = read_labels(engine, settings)
    parts["overrides"] = {}
    if settings.overrides and number(engine, "SELECT count(*) FROM sightings"):
        describe_identifiers(engine, settings)
        parts["overrides"] = check_overrides(engine, settings)
    warnings = [warning for part in parts.values() for warning in part.pop("warnings", ())]
    known = facts.get("warnings", [])
    named: dict[str, Any] = _named({**parts, "warnings": warnings}, _copies(settings, given))
    return facts | named | {"warnings": [*(known if isinstance(known, list) else []), *named["warnings"]]}


def _copies(settings: Settings, given: Settings) -> dict[str, str]:
    """Paths of copies to the URLs of their originals."""
    copies = [*(one.path for one in settings.references), settings.labels.path]
    paths = [*(one.path for one in given.references), given.labels.path]
    pairs = zip(copies, paths, strict=True)
    return {copy: redacted_address(address_of(path)) for copy, path in pairs if copy != path}


def _named(facts: Any, copies: Mapping[str, str]) -> Any:
    """Facts that name URLs instead of copies."""
    if isinstance(facts, dict):
        return {name: _named(value, copies) for name, value in facts.items()}
    if isinstance(facts, list):
        return [_named(value, copies) for value in facts]
    if isinstance(facts, str):
        for copy, address in copies.items():
            facts = facts.replace(copy, address)
    return facts
