"""SQL that folds a log in the warehouse where it is: one row per account, value and slot of time.

A folded row has the first and the last time of its slot, and how many rows and times it stands for. Read with
`until`, it becomes what was seen first and last. Slots are not longer than the silence after which the next
activity is a new start, and divide days: the starts, and who held what in which window, are those of the log
itself, and so are links and clusters. Facts of calls
in time (how regular they are) may differ.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from graphlink.core.errors import SettingsError
from graphlink.core.kind_names import EXPECTED, kind_name
from graphlink.core.parameters import Parameters
from graphlink.core.sql import quoted_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SLOT_S = Parameters().timing.silence_s
"""Seconds of a slot."""


class _Warehouse(NamedTuple):
    """How a warehouse spells what folding needs.

    Attributes:
        quote: The sign around names.
        text: Its type of text.
        epoch: SQL of the seconds from 1970 to a time.
        is_in_capitals: Whether names that are not quoted are in capitals, as most names there are.
    """

    quote: str
    text: str
    epoch: Callable[[str], str]
    is_in_capitals: bool = False


WAREHOUSES: Mapping[str, _Warehouse] = {
    "snowflake": _Warehouse('"', "VARCHAR", "DATE_PART(EPOCH_SECOND, {})".format, is_in_capitals=True),
    "bigquery": _Warehouse("`", "STRING", "UNIX_SECONDS({})".format),
    "databricks": _Warehouse("`", "STRING", "UNIX_SECONDS({})".format),
    "clickhouse": _Warehouse("`", "Nullable(String)", "toUnixTimestamp({})".format),
    "postgresql": _Warehouse('"', "TEXT", "EXTRACT(EPOCH FROM {})".format),
    "duckdb": _Warehouse('"', "VARCHAR", "EPOCH({})".format),
}
"""The warehouses by name."""


@dataclass(frozen=True, slots=True)
class Log:
    """A log in a warehouse.

    Attributes:
        table: Its table, such as security.requests.
        account: Column of accounts.
        time: Column of times, of a type of timestamp in UTC.
        kinds: Kind to column.
        count: Column of how often a row counts; empty where each counts once.
    """

    table: str
    account: str
    time: str
    kinds: Mapping[str, str]
    count: str = ""


def folding_sql(log: Log, warehouse: str) -> str:
    """The query that folds a log; its rows are account_id, kind, value, first_seen, last_seen, n and moments.

    Raises:
        SettingsError: The warehouse is not known, or a name can't be one of a column.
    """
    if warehouse not in WAREHOUSES:
        raise SettingsError(f"warehouse: expected one of {', '.join(WAREHOUSES)}, found {warehouse!r}")
    spelled = WAREHOUSES[warehouse]
    if not log.kinds or any(not kind_name(kind) for kind in log.kinds):
        raise SettingsError(f"kinds: {EXPECTED}, at least one")
    table = ".".join(_name(part, spelled) for part in log.table.split("."))
    account, time = _name(log.account, spelled), _name(log.time, spelled)
    n = _name(log.count, spelled) if log.count else "1"
    parts = [
        f"    SELECT CAST({account} AS {spelled.text}) AS account_id, {quoted_text(kind)} AS kind,\n"
        f"           CAST({_name(column, spelled)} AS {spelled.text}) AS value,\n"
        f"           {time} AS seen_at, {n} AS times\n"
        f"    FROM {table} WHERE {account} IS NOT NULL AND {_name(column, spelled)} IS NOT NULL"
        for kind, column in log.kinds.items()
    ]
    union = "\n    UNION ALL\n".join(parts)
    slot = f"FLOOR({spelled.epoch('seen_at')} / {SLOT_S})"
    return (
        "SELECT account_id, kind, value,\n"
        "       MIN(seen_at) AS first_seen, MAX(seen_at) AS last_seen, SUM(times) AS n,\n"
        "       COUNT(DISTINCT seen_at) AS moments\n"
        f"FROM (\n{union}\n) AS seen\n"
        f"GROUP BY account_id, kind, value, {slot}"
    )


def _name(name: str, spelled: _Warehouse) -> str:
    if not name or re.search(r"[\x00-\x1f\x7f]", name) or spelled.quote in name or "\\" in name:
        raise SettingsError(f"{name!r}: expected the name of a column or a table, without {spelled.quote}")
    if spelled.is_in_capitals and re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        name = name.upper()
    return f"{spelled.quote}{name}{spelled.quote}"
