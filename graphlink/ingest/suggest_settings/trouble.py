"""The first rows that the suggested settings would reject, and further notes on a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.core.settings import Settings
from graphlink.ingest.sources.place import ColumnSpec
from graphlink.ingest.suggest_settings.preview import SAMPLED, Table
from graphlink.ingest.suggest_settings.toml_text import listed, share_of
from graphlink.ingest.suggest_settings.trial import rows_rejected
from graphlink.kinds import UncleanValue, kind_of, shown

if TYPE_CHECKING:
    from collections.abc import Collection

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


_COARSE = 5  # accounts per value from which on a value says little about who is who


def coarse_kinds(table: Table, account: str, kinds: dict[str, Choice]) -> list[str]:
    """Notes on columns of identifiers of which many accounts share each value."""
    notes = []
    for kind, choice in kinds.items():
        held = {
            (row[account], row[choice.column])
            for row in table.rows
            if account in row and choice.column in row
        }
        n_accounts, n_values = len({one for one, _ in held}), len({value for _, value in held})
        if n_accounts >= 2 * _COARSE and len(held) >= _COARSE * n_values:
            notes.append(
                f"{shown(kind)} is coarse: {n_accounts:,} accounts share {n_values:,} values, so it links "
                "hardly anybody"
            )
    return notes


def nested_columns(table: Table, used: Collection[str] = ()) -> str:
    """The columns that hold lists or objects and are not used, in one line; empty without any."""
    columns = [name for name, column in table.columns.items() if column.is_nested and name not in used]
    return f"{listed(columns)} hold{'s' if len(columns) == 1 else ''} nested values" if columns else ""


def further_notes(table: Table, used: set[str]) -> list[str]:
    """Further notes on a table: nested columns, unused columns, and its own notes."""
    notes = list(table.notes)
    nested = nested_columns(table, used)
    notes += [f"{nested}, which are not read"] if nested else []
    unused = [name for name in table.columns if name not in used]
    notes += [f"not used: {listed(unused, 60)}"] if unused else []
    return notes + ([f"looked at were the first {SAMPLED:,} rows"] if len(table.rows) >= SAMPLED else [])
