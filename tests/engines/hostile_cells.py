"""Cells of every sort, clean and not, by type of column: what one reader makes of them, all others must."""

# ruff: noqa: E501  # cells of one sort are a line

from __future__ import annotations

import datetime
import decimal
from typing import Any

import pyarrow as pa

_DAY = datetime.datetime(2025, 6, 1, 10, 0, 0, 250_000)

ACCOUNTS = ["a", " a ", "a b", "e\u0301", "é", "", "  ", "\u200b", "x" * 512, "x" * 513, "é" * 600, "a\x07é", None, "~!#", "\ta\n"]  # fmt: skip
TIMES = [
    "2025-06-01T10:00:00Z", "2025-06-01 10:00:00", "2025-06-01", "2025-06-01T10:00", "2025-06-01T10:00Z",
    "2025-06-01 10:00:00.5", "2025-06-01 10:00:00.123456789", "2025-06-01 10:00:00+00", "2025-06-01 10:00:00+0530",
    "2025-06-01 10:00:00-11:30", "2025-06-01 10:00:00+15:00", "2025-06-01 24:00:00", "2025-06-01 10:60:00",
    "2025-02-29", "2025-6-1", "2025-06-01 9:05:00", " 2025-06-01 ", "2025-06-01T10:00:00 Europe/Berlin", "infinity",
    "epoch", "1970-01-01", "1989-12-31 23:59:59", "1990-01-01", "2999-01-01", "9999-12-31 23:59:59", "20250601", "soon",
    "", " ", None, "2025-03-30 02:30:00", "2025-10-26 02:30:00", "2025-10-26 03:00:00", "2025-06-01 10:00:00 UTC", "1749000000",
    "12025-06-01", "2025-06-01\n", "2025-06-01T10:00:00z", "0000-01-01", "2025-06-01 10:00:00.", "2025/06/01", "2025-06-01T",
    "2025-06-01 10:00:00,123", "2025-06-01T10:00:00,123456Z", "2025-06-01 10:00,5", "2025-06-01,10:00", "2025-06-01 10:00:00,1,2", "1749000000123",
]  # fmt: skip
COUNTS = ["1", "007", "0", "00", "-1", "1.5", " 3 ", "1e3", "999999999999", "1000000000000", "1000000000001", "x", "", None, "+4", "9" * 30]  # fmt: skip
VALUES = ["v1", "", " ", None, "V\x00", "4111 1111 1111 1111", "é", "v1"]
EPOCHS = ["1749000000", "1749000000.25", "0", "-5", "99999999999999", "1e9", " 1749000000", "", None, "x", "253402300800", "1749000000123456789", "9223372036854775807", "9223372036854775808", "1749000000000000000.5"]  # fmt: skip
GERMAN = ["01.06.2025 10:00", "1.6.2025 10:00", "31.02.2025 10:00", "01.06.2025 24:00", "01.06.1980 10:00", "01-06-2025 10:00", "", None, "26.10.2025 02:30", "01.06.2025 10:00 "]  # fmt: skip


def crossed(**columns: list[Any]) -> dict[str, list[Any]]:
    """Every cell of each column at least once, in rows that are otherwise sound."""
    sound = {name: cells[0] for name, cells in columns.items()}
    rows = [sound | {name: cell} for name, cells in columns.items() for cell in cells]
    pairs = list(columns)
    rows += [
        {name: cells[i % len(cells)] for name, cells in columns.items()} for i in range(60 * (len(pairs) > 1))
    ]
    return {name: [row[name] for row in rows] for name in columns}


def long_table() -> pa.Table:
    """A long table of texts."""
    actual = crossed(account_id=ACCOUNTS, kind=["client", "ip", "", None, "no kind!", "email"], value=VALUES, seen_at=TIMES, n=COUNTS)  # fmt: skip
    return pa.table({name: pa.array(cells, pa.string()) for name, cells in actual.items()})


def typed_tables() -> dict[str, pa.Table]:
    """Wide tables with columns of types: `who`, `at`, `n`, `dev`."""
    floats = [7.0, 7.5, None, float("nan"), float("inf"), 1e20, 0.1, 1e-7, 9007199254740993.0, 3.0]
    wholes = [7, -7, 0, None, 10**12, 10**12 + 1, 2**62]
    stamps = [
        _DAY,
        datetime.datetime(1980, 1, 1),
        datetime.datetime(2999, 1, 1),
        None,
        datetime.datetime(2025, 10, 26, 2, 30),
        datetime.datetime(2025, 3, 30, 2, 30),
    ]
    days = [datetime.date(2025, 6, 1), datetime.date(1980, 1, 1), None]
    decimals = [decimal.Decimal("7.00"), decimal.Decimal("7.25"), decimal.Decimal("-1.00"), None]
    kinds: dict[str, tuple[list[Any], pa.DataType]] = {
        "text": (["w", " w", None, "", "é"], pa.string()),
        "floats": (floats, pa.float64()),
        "small_floats": ([x for x in floats if x != 9007199254740993.0], pa.float32()),
        "wholes": (wholes, pa.int64()),
        "bytes": ([1, 0, -1, None, 127], pa.int8()),
        "unsigned": ([1, 0, None, 2**32 - 1], pa.uint32()),
        "decimals": (decimals, pa.decimal128(9, 2)),
        "flags": ([True, False, None], pa.bool_()),
        "days": (days, pa.date32()),
        "binary": ([b"w", b" w", b"\xff", b"", None, "é".encode()], pa.binary()),
    }
    times: dict[str, tuple[list[Any], pa.DataType]] = {
        "utc": (stamps, pa.timestamp("us", "UTC")),
        "local": (stamps, pa.timestamp("us")),
        "milliseconds": (stamps, pa.timestamp("ms")),
        "days": (days, pa.date32()),
    }
    made: dict[str, pa.Table] = {}
    for name, (cells, kind) in kinds.items():
        is_number = name not in ("text", "flags", "days", "binary")
        count = (cells, kind) if is_number else ([1, 2, None], pa.int32())
        made[f"accounts_{name}"] = _wide(who=(cells, kind), at=times["utc"], n=count, dev=(cells, kind))
    for name, actual in times.items():
        made[f"times_{name}"] = _wide(
            who=(["w"], pa.string()), at=actual, n=([1], pa.int16()), dev=([_DAY, None], pa.timestamp("us"))
        )
    return made


def epoch_tables() -> dict[str, pa.Table]:
    """Tables with seconds since 1970."""
    texts = [None if text is None else text for text in EPOCHS]
    return {
        "text": _wide(who=(["w"], pa.string()), at=(texts, pa.string()), n=([1], pa.int32()), dev=(["d"], pa.string())),
        "whole": _wide(who=(["w"], pa.string()), at=([1749000000, 0, -5, 10**15, None, 2**62, 1749000000123456789, 2**63 - 1], pa.int64()), n=([1], pa.int32()), dev=(["d"], pa.string())),
        "float": _wide(who=(["w"], pa.string()), at=([1749000000.0, 1749000000.25, -5.0, 1e15, None, float("nan"), 1749e15, 2.0**63], pa.float64()), n=([1], pa.int32()), dev=(["d"], pa.string())),
    }  # fmt: skip


def _wide(**columns: tuple[list[Any], pa.DataType]) -> pa.Table:
    actual = crossed(**{name: cells for name, (cells, _) in columns.items()})
    return pa.table({name: pa.array(actual[name], kind) for name, (_, kind) in columns.items()})
