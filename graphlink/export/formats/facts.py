"""The description of an export: what it is a subgraph of, what was left out, and of which run."""

from __future__ import annotations

import datetime
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphlink.export.formats.export_format import Export

FACTS = "export.json"
"""The file next to the tables of a folder: what they are a subgraph of, and what was left out."""


def export_facts(export: Export) -> dict[str, Any]:
    """The description of an export."""
    manifest, subgraph = export.manifest, export.subgraph
    run = {name: fact for name, fact in manifest.items() if name not in ("this_run", "steps", "tables")}
    return {
        "graphlink": manifest.get("graphlink"),
        "what": subgraph.what,
        "name": subgraph.name,
        "left_out": list(subgraph.left_out),
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
