"""What the server keeps in memory: the tables of the result as columns of numbers, so that answers are quick.

Accounts, identifiers, clusters and kinds are numbered in the order of their tables. Text is kept once. Each
section of the index has a file; `loading` reads the sections one after another in a thread.

Memory is about 28 bytes per observation, 40 per row of evidence, 28 per link and 120 per account.
"""

from __future__ import annotations

from graphlink.explorer.index.loading import Index, IndexNotReadyError

__all__ = [
    "Index",
    "IndexNotReadyError",
]
