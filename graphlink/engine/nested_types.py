"""Types of columns that hold others, as DuckDB names them -> what is inside."""

from __future__ import annotations

import duckdb


def struct_fields(kind: str) -> dict[str, str]:
    """The types of the fields of a structure, or of key and value of a map, by name; none of other types."""
    if not kind.startswith(("STRUCT(", "MAP(")) or is_list(kind):
        return {}
    return {str(name): str(inner) for name, inner in duckdb.sqltype(kind).children}


def is_map(kind: str) -> bool:
    """Whether a type is a map from text."""
    return kind.startswith("MAP(VARCHAR,") and not is_list(kind)


def is_list(kind: str) -> bool:
    """Whether a type is a list."""
    return kind.endswith("[]")
