"""Facts of the run on the page: numbers of rows, what was too common, and the manifest."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow.compute as pc

if TYPE_CHECKING:
    from graphlink.result.result import Result


def data_facts(result: Result) -> list[tuple[str, str]]:
    """Numbers of rows, and the kinds of which values were too common to compare all their holders."""
    tables = result.manifest["tables"]
    facts = [
        (name.replace("_", " "), f"{tables[name]['rows']:,}")
        for name in ("accounts", "observations", "identifiers", "links", "clusters")
    ]
    facts.append(("input rows rejected as bad", f"{tables['rejected_rows']['rows']:,}"))
    steps = {step["step"]: step.get("facts", {}) for step in result.manifest.get("steps", ())}
    for kind in steps.get("blocking", {}).get("capped", ()):
        largest = kind["largest"][0] if kind.get("largest") else None
        text = f"{kind['pairs']:,} pairs not compared"
        if largest is not None:
            text += (
                f"; the largest is {largest['value']} with {largest['accounts_at_once']:,} accounts at once"
            )
        facts.append((f"{kind['kind']}, too common", text))
    return facts


def first_day(result: Result) -> str | None:
    """The day of the first observation, in UTC; None where none has a time."""
    first = pc.min(result.table("accounts", ["first_seen"])["first_seen"]).as_py()
    return None if first is None else f"{first:%Y-%m-%d}"


def manifest_text(result: Result) -> str:
    """The manifest without times, steps and tables, as JSON."""
    kept = {
        name: fact for name, fact in result.manifest.items() if name not in ("this_run", "steps", "tables")
    }
    return json.dumps(kept, indent=1, sort_keys=True)
