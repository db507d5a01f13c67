"""The cost of a run before it starts: rows, pairs, memory and time, from a sample of its input.

Nothing here decides a result. Rows come from the metadata of Parquet files and from the sizes of others;
pairs from a sample of rows, drawn at places spread over the files, and from how the pairs of the sample grow
with its size; memory and time from rates that were measured once.
"""

from __future__ import annotations

from graphlink.ingest.cost_estimate.estimate import BASIS, CostEstimate, estimate_run

__all__ = [
    "BASIS",
    "CostEstimate",
    "estimate_run",
]
