"""Saved models: where a model is read from, what a run hands its steps, and what it was learned from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphlink.core.arguments import checked
from graphlink.core.credentials import redacted_address
from graphlink.core.errors import SettingsError
from graphlink.core.small_files import read_regular
from graphlink.model.parameters import Model, Provenance, read_model
from graphlink.storage.files import address_of
from graphlink.storage.remote import place_of_result
from graphlink.storage.result_folder.layout import model_file, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from graphlink.core.settings import Settings
    from graphlink.engine.stage import Step
    from graphlink.model.learned import Learned

_MOST_BYTES = 256 << 20  # of a model: tens of thousands of kinds
_REMEDY = "`graphlink fit` makes one, and every result keeps its own"


@checked
def load_model(path: str | Path) -> Model:
    """Load a model: from its file, or from a result, which keeps its own.

    Args:
        path: A path or an address of either.

    Returns:
        The model, every number of it checked against its range.

    Raises:
        SettingsError: It can't be read, or is no model; names the file and the field.
        ResultError: The address can't be reached.
    """
    folder = place_of_result(path, address_of(path))
    file = model_file(folder) if folder.is_dir() else folder
    if isinstance(file, Path):
        content = read_regular(file, most_bytes=_MOST_BYTES, error=SettingsError, remedy=_REMEDY)
    elif file.exists():
        content = text_of(file).encode()
    else:
        raise SettingsError(f"{redacted_address(str(file))}: no such file; {_REMEDY}")
    return read_model(content, redacted_address(str(file)))


def saved_for(model: Model | None, step: Step[Any]) -> dict[str, Learned]:
    """Make the argument that hands a step what a model has learned for it; none where there is no model.

    Raises:
        SettingsError: The model has not all that the step learns.
    """
    if model is None or not step.learns:
        return {}
    learned = model.learned.get(step.name)
    missing = [spec.name for spec in step.learns if learned is None or spec.name not in learned.tables]
    if learned is None or missing:
        raise SettingsError(f"model: {step.name}: {missing[0]} is missing; fit it again with this version")
    return {"saved": learned}


def provenance_of(
    version: str, settings: Settings, facts: Mapping[str, Mapping[str, Any]], rows: Mapping[str, int]
) -> Provenance:
    """Make the provenance of a fit from what its steps reported.

    Args:
        version: The version of graphlink.
        settings: The settings as given.
        facts: Name of a step to its facts.
        rows: Name of a table to its rows.
    """
    read = facts.get("observations", {})
    tables = [*read.get("sources", ()), read.get("accounts_table") or {}]
    inputs = [one for table in tables for one in table.get("inputs", ())]
    kinds = list(read.get("kinds", {}).values())
    seen = [[str(kind[name]) for kind in kinds if kind.get(name)] for name in ("first_seen", "last_seen")]
    return Provenance(
        version,
        _digests(inputs),
        rows.get("observations", 0),
        rows.get("accounts", 0),
        facts.get("labels", {}).get("pairs_used", 0) if settings.labels.teach else 0,
        min(seen[0], default=""),
        max(seen[1], default=""),
        settings.fingerprint(),
    )


def _digests(inputs: Iterable[Mapping[str, object]]) -> dict[str, str]:
    """Names, those of equal names counted, to the digests."""
    digests: dict[str, str] = {}
    for one in sorted(inputs, key=lambda one: (str(one["name"]), str(one.get("sha256")))):
        name = str(one["name"])
        if one.get("sha256") and one["sha256"] not in (digests.get(name), None):
            count = sum(known.partition(" (")[0] == name for known in digests)
            digests[f"{name} ({count + 1})" if count else name] = str(one["sha256"])
    return digests
