"""How measures are shown: a mapping of plain values, a text table and an HTML table."""

from __future__ import annotations

import dataclasses
import html
import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, repr=False)
class Representation:
    """Representations shared by the measures: a mapping, a text table and an HTML table."""

    def to_dict(self) -> dict[str, Any]:
        """The measures as plain numbers, lists and mappings; NaN becomes None."""
        return {field.name: _plain(getattr(self, field.name)) for field in dataclasses.fields(self)}

    def __repr__(self) -> str:
        rows = [(name, _written(value)) for name, value in _flat(self)]
        width = max(len(name) for name, _ in rows)
        return "\n".join([type(self).__name__, *(f"  {name:<{width}}  {value}" for name, value in rows)])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th>{html.escape(name)}</th><td>{html.escape(_written(value))}</td></tr>"
            for name, value in _flat(self)
        )
        return f"<table><caption>{type(self).__name__}</caption>{rows}</table>"


def _plain(value: Any) -> Any:
    if isinstance(value, Representation):
        return value.to_dict()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _flat(reference: Representation) -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for field in dataclasses.fields(reference):
        value = getattr(reference, field.name)
        if isinstance(value, tuple):
            rows.extend((field.name if not i else "", item) for i, item in enumerate(value))
        else:
            rows.append((field.name, value))
    return rows


def _written(value: Any) -> str:
    if isinstance(value, Representation):
        return "  ".join(
            f"{field.name} {_written(getattr(value, field.name))}" for field in dataclasses.fields(value)
        )
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, int):
        return f"{value:,}"
    # Names come from data: what does not print is written as its escape.
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in str(value)
    )
