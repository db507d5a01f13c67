"""A source: `rows://HOST/PATH`, which a program would ask of a warehouse, and this one makes up."""

from __future__ import annotations

import pyarrow as pa

from graphlink.ingest.sources.schemes import SourceReader

N_ACCOUNTS = 6


def read_rows(address: str, query: str) -> pa.RecordBatchReader:
    """Read the rows of an address in batches.

    Args:
        address: The address, with whatever password the settings have in it.
        query: The table or query of the settings; empty where they name none.
    """
    if address.endswith("/nothing"):
        raise ConnectionError(f"no rows at {address}")
    schema = pa.schema([("account_id", pa.string()), ("kind", pa.string()), ("value", pa.string())])
    batches = (
        pa.record_batch([[f"a{i}"], ["tax_id"], [f"de 12{i // 3} 456"]], schema=schema)
        for i in range(N_ACCOUNTS)
    )
    return pa.RecordBatchReader.from_batches(schema, batches)


ROWS = SourceReader("rows", "Rows of an example warehouse", read_rows)
