"""Distinct values -> the clean form of those that are not clean already, and the hashes of accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from graphlink.ingest.observations.intake import Intake, ReadSource, is_hashing_accounts
from graphlink.ingest.sources.rows import rows_table
from graphlink.kinds import UncleanValue, identifiers_of, pseudonym
from graphlink.kinds.placeholders import listed_sql
from graphlink.kinds.spelling import spelled

if TYPE_CHECKING:
    from graphlink.kinds import Kind

_AT_ONCE = 200_000  # values cleaned between two loads into the engine


_CLEANED = ("kind_no", "raw", "kind", "value", "reason", "remedy", "is_respelled")


_CLEANED_TYPES = (pa.int32(), *[pa.string()] * 5, pa.bool_())


def clean_cells(intake: Intake, reads: list[ReadSource]) -> None:
    """Make `raw_values`, the distinct values as they are, and `cleaned_values`: the clean form of the others.

    A value that can't be cleaned has a reason and a remedy there. Most values are clean already, which SQL
    checks; only the others are handed to Python, once each.
    """
    engine = intake.engine
    numbered = [(no, kind.name) for no, kind in enumerate(intake.kinds)]
    engine.load("kind_list", rows_table(("kind_no", "kind"), (pa.int32(), pa.string()), numbered))
    engine.load("cleaned_values", rows_table(_CLEANED, _CLEANED_TYPES, []))
    queries = [f"SELECT kind_no, value FROM ({c.sql})" for read in reads for c in read.cells]
    cells = " UNION ALL ".join(queries or ["SELECT 0::INTEGER AS kind_no, '' AS value WHERE false"])
    engine.make("raw_values", f"SELECT kind_no, value FROM ({cells}) GROUP BY kind_no, value")
    conditions = " ".join(
        f"WHEN {no} THEN {_is_clean_sql(intake, kind)}" for no, kind in enumerate(intake.kinds)
    )
    is_clean = f"CASE kind_no {conditions} END" if conditions else "false"
    # Outside of a CASE, where the engine looks a text up in a list by its hash.
    listed = f"SELECT kind_no, value, {listed_sql('value')} AS is_listed FROM raw_values"
    unclean = engine.arrow(
        f"SELECT kind_no, value FROM ({listed}) WHERE is_listed OR NOT coalesce({is_clean}, false)"
    )
    for batch in unclean.to_batches(max_chunksize=_AT_ONCE):
        numbers, values = (column.to_pylist() for column in batch.columns)
        rows = [
            row for no, value in zip(numbers, values, strict=True) for row in _clean_value(intake, no, value)
        ]
        engine.load("arrived", rows_table(_CLEANED, _CLEANED_TYPES, rows))
        engine.append("cleaned_values", "SELECT * FROM arrived")
        engine.drop("arrived")
        intake.unclean_kinds |= set(numbers)


def _is_clean_sql(intake: Intake, kind: Kind) -> str:
    is_hashed = kind.name in intake.hashed
    return "false" if is_hashed or kind.is_clean_sql is None else f"({kind.is_clean_sql})"


_CleanedRow = tuple[int, str, str | None, str | None, str | None, str | None, bool]


def _clean_value(intake: Intake, kind_no: int, raw: str) -> list[_CleanedRow]:
    kind = intake.kinds[kind_no]
    is_respelled = spelled(raw) != raw
    try:
        if kind.name not in intake.hashed:
            return [(kind_no, raw, kind.name, kind.clean(raw), None, None, is_respelled)]
        # Wider kinds can't be derived from a hash, so they are observed here.
        identifiers = identifiers_of(kind, raw, intake.key, intake.hashed)
        return [(kind_no, raw, name, value, None, None, is_respelled) for name, value in identifiers]
    except UncleanValue as error:
        return [(kind_no, raw, None, None, error.reason, error.remedy, False)]


def name_accounts(intake: Intake, tables: list[str]) -> None:
    """Make `account_names`: the hash of each account, when accounts are hashed."""
    if not is_hashing_accounts(intake):
        return
    queries = [f"SELECT account FROM {table} WHERE fault IS NULL" for table in tables]
    accounts = " UNION ALL ".join(queries or ["SELECT '' AS account WHERE false"])
    # Once each: what is joined to it would count several times.
    names = intake.engine.arrow(f"SELECT DISTINCT account FROM ({accounts})")
    raw = [str(name) for name in names.column(0).to_pylist()]
    key = intake.key or b""
    named = [(name, pseudonym(key, "account", name)) for name in raw]
    intake.engine.load("account_names", rows_table(("raw", "account_id"), (pa.string(), pa.string()), named))
