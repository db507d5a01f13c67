"""The one seam to a database: a small protocol that every step works through.

Steps hand it SQL in DuckDB's dialect and the explicit name of the table to make. There is no hidden cache:
`make` and `load` are the only things that create a table, and `define` names a query without storing it.
"""

from __future__ import annotations

from graphlink.engine.protocol import (
    ROWS_OF_FILE,
    Engine,
    FileSet,
    Reader,
    RejectedRow,
    Sql,
    Store,
    StoredFile,
    number,
    store_at,
)

__all__ = [
    "ROWS_OF_FILE",
    "Engine",
    "FileSet",
    "Reader",
    "RejectedRow",
    "Sql",
    "Store",
    "StoredFile",
    "number",
    "store_at",
]
