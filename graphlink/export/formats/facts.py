"""What an export says of itself: what it is an excerpt of, what was left out, and of which run."""

from __future__ import annotations

import datetime
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphlink.export.formats.export_format import Export

FACTS = "export.json"
"""Beside the tables of a folder: what they are an excerpt of, and what was left out."""


def export_facts(export: Export) -> dict[str, Any]:
    """What an export says of itself."""
    manifest, excerpt = export.manifest, export.excerpt
    run = {name: fact for name, fact in manifest.items() if name not in ("this_run", "steps", "tables")}
    return {
        "graphlink": manifest.get("graphlink"),
        "what": excerpt.what,
        "name": excerpt.name,
        "left_out": list(excerpt.left_out),
        "run": run,
    }


def plain(value: Any) -> Any:
    """A value as JSON knows it: times as text, no number that is none."""
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, datetime.datetime | datetime.date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
