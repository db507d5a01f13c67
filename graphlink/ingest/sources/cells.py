"""What a column of a source arrives as: the SQL that makes of its type something that cells are made of.

Not-a-number is an empty cell, as frames with gaps write it. Bytes are text where they are UTF-8, as Impala
and older versions of Hive and Spark write text to Parquet; where they are not, the row is at fault. A column
of JSON gives what is in it: the text of a text without its quotes, and no objects.
"""

from __future__ import annotations

from typing import NamedTuple

from graphlink.ingest.sources.times import FLOATING


class Arrived(NamedTuple):
    """A column as it is taken.

    Attributes:
        kind: The type of what `sql` gives.
        sql: The cell; null where it is empty.
        fault: Condition that the cell can't be read; empty where that can't be.
        reason: The reason code of the fault.
    """

    kind: str
    sql: str
    fault: str = ""
    reason: str = ""


def arrived(kind: str, sql: str, *, is_account: bool = False) -> Arrived:
    """What a column of a type arrives as.

    Args:
        kind: DuckDB's type of the column.
        sql: The column.
        is_account: Whether it names the account, which no infinite number does.
    """
    if kind in FLOATING:
        # Not by isnan: statistics of Parquet know no NaN, and by them the engine takes it for always false.
        is_infinite = "" if is_account else f" OR abs({sql}) = 'infinity'::{kind}"
        return Arrived(kind, f"CASE WHEN isfinite({sql}){is_infinite} THEN {sql} END")
    if kind == "BLOB":
        text = f"TRY(decode({sql}))"
        return Arrived("VARCHAR", text, f"{sql} IS NOT NULL AND {text} IS NULL", "invalid_utf8")
    if kind == "JSON":
        is_nested = f"coalesce(json_type({sql}) IN ('OBJECT', 'ARRAY'), false)"
        return Arrived("VARCHAR", f"json_extract_string({sql}, '$')", is_nested, "nested_value")
    return Arrived(kind, sql)
