"""Which tables a query reads, by the parser of DuckDB: names of columns, aliases and CTEs are no tables."""

from __future__ import annotations

import functools
import json
from typing import Any

import duckdb

from graphlink.core.errors import EngineError


@functools.lru_cache(maxsize=1 << 14)
def tables_of(sql: str) -> frozenset[str]:
    """Find the tables that a query in DuckDB's dialect reads.

    Raises:
        EngineError: It is no query.
    """
    row = _parser().execute("SELECT json_serialize_sql(?)", [sql]).fetchone()
    tree: dict[str, Any] = json.loads(row[0]) if row else {}
    if tree.get("error", True):
        raise EngineError(f"the tables of a query can't be read: {tree.get('error_message')}: {sql}")
    found: set[str] = set()
    _collect(tree["statements"], frozenset(), found)
    return frozenset(found)


@functools.cache
def _parser() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def _collect(node: Any, ctes: frozenset[str], found: set[str]) -> None:
    """Add the tables below a node of the syntax tree, where these names stand for CTEs."""
    if isinstance(node, list):
        for inner in node:
            _collect(inner, ctes, found)
    elif isinstance(node, dict):
        # A CTE sees those before it, and a table of its own name rather than itself.
        for cte in (node.get("cte_map") or {}).get("map", ()):
            _collect(cte["value"], ctes, found)
            ctes |= {cte["key"]}
        if node.get("type") == "BASE_TABLE" and node["table_name"] not in ctes:
            found.add(node["table_name"])
        for name, inner in node.items():
            if name != "cte_map":
                _collect(inner, ctes, found)
