"""The first rows that the suggested settings would reject, and further notes on a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.core.settings import Settings
from graphlink.ingest.sources.place import ColumnSpec
from graphlink.ingest.suggest_settings.nested import describe_nested, look_inside
from graphlink.ingest.suggest_settings.preview import SAMPLED, Table
from graphlink.ingest.suggest_settings.toml_text import listed, share_of
from graphlink.ingest.suggest_settings.trial import rows_rejected
from graphlink.kinds import UncleanValue, kind_of, shown

if TYPE_CHECKING:
    from graphlink.ingest.suggest_settings.choice import Choice


def source_trouble(table: Table, account: Choice, time: Choice, count: str) -> list[str]:
    """The notes on the first rows that the settings would reject."""
    if not table.rows:
        return ["it has no rows"]
    specs = [
        ColumnSpec("account", account.column, "account"),
        ColumnSpec("seen_at", time.column, "time", is_needed=bool(time.column)),
        ColumnSpec("n", count, "count", is_needed=bool(count)),
    ]
    reasons, refusal = rows_rejected(table, specs, time.time_format)
    if refusal:
        return [f"these settings are refused: {shown(refusal, 300)}"]
    if not reasons:
        return []
    return [f"of the first rows {counted_rows(reasons, table)} are rejected"]


def counted_rows(reasons: dict[str, int], table: Table) -> str:
    """How many of the first rows, and for which reasons."""
    counts = ", ".join(f"{n:,} {reason}" for reason, n in sorted(reasons.items()))
    return f"{share_of(sum(reasons.values()), len(table.rows))}, for {counts},"


def trouble_by_row(table: Table, kind: str, value: str) -> list[str]:
    """The note on the first rows without a kind, or without a clean value of it."""
    reasons: dict[str, int] = {}
    for row in table.rows:
        try:
            kind_of(row[kind], Settings()).clean(row[value])
        except KeyError:
            reasons["null_value"] = reasons.get("null_value", 0) + 1
        except UncleanValue as error:
            reasons[error.reason] = reasons.get(error.reason, 0) + 1
    if not reasons:
        return []
    return [f"of the first rows {counted_rows(reasons, table)} have no usable kind and value"]


def further_notes(table: Table, used: set[str]) -> list[str]:
    """Further notes on a table: nested columns, unused columns, and its own notes."""
    notes = list(table.notes)
    nested = look_inside(table)
    if nested:
        notes += [f"{describe_nested(nested)}, which are not read"]
        notes += [line for advice in nested.advice for line in advice.splitlines()]
    unused = [name for name in table.columns if name not in used]
    notes += [f"not used: {listed(unused, 60)}"] if unused else []
    return notes + ([f"looked at were the first {SAMPLED:,} rows"] if len(table.rows) >= SAMPLED else [])
