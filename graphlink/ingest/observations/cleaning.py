"""Distinct values -> what stands for those that are not clean already, and the hashes of accounts."""

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


_MENDED = ("kind_no", "raw", "kind", "value", "reason", "mend", "is_respelled")


_MENDED_TYPES = (pa.int32(), *[pa.string()] * 5, pa.bool_())


def clean_cells(intake: Intake, reads: list[ReadSource]) -> None:
    """Make `raw_values`, the distinct values as they are, and `mended`: what stands for those not clean.

    Where nothing can, `mended` says why. Most values are clean already, which SQL can tell; only the others
    are handed to Python, once each.
    """
    engine = intake.engine
    numbered = [(no, kind.name) for no, kind in enumerate(intake.kinds)]
    engine.load("kind_list", rows_table(("kind_no", "kind"), (pa.int32(), pa.string()), numbered))
    engine.load("mended", rows_table(_MENDED, _MENDED_TYPES, []))
    cells = " UNION ALL ".join(f"SELECT kind_no, value FROM ({c.sql})" for read in reads for c in read.cells)
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
        rows = [row for no, value in zip(numbers, values, strict=True) for row in _mended(intake, no, value)]
        engine.load("arrived", rows_table(_MENDED, _MENDED_TYPES, rows))
        engine.append("mended", "SELECT * FROM arrived")
        engine.drop("arrived")
        intake.mended |= set(numbers)


def _is_clean_sql(intake: Intake, kind: Kind) -> str:
    is_hashed = kind.name in intake.hashed
    return "false" if is_hashed or kind.is_clean_sql is None else f"({kind.is_clean_sql})"


_Mended = tuple[int, str, str | None, str | None, str | None, str | None, bool]


def _mended(intake: Intake, kind_no: int, raw: str) -> list[_Mended]:
    kind = intake.kinds[kind_no]
    is_respelled = spelled(raw) != raw
    try:
        if kind.name not in intake.hashed:
            return [(kind_no, raw, kind.name, kind.clean(raw), None, None, is_respelled)]
        # What follows from a value can't be told from its hash, so it is observed here.
        told = identifiers_of(kind, raw, intake.key, intake.hashed)
        return [(kind_no, raw, name, value, None, None, is_respelled) for name, value in told]
    except UncleanValue as error:
        return [(kind_no, raw, None, None, error.reason, error.mend, False)]


def name_accounts(intake: Intake, tables: list[str]) -> None:
    """Make `account_names`: the hash of each account, when accounts are hashed."""
    if not is_hashing_accounts(intake):
        return
    asked = " UNION ".join(f"SELECT account FROM {table} WHERE fault IS NULL" for table in tables)
    raw = [str(name) for name in intake.engine.arrow(asked).column(0).to_pylist()]
    key = intake.key or b""
    named = [(name, pseudonym(key, "account", name)) for name in raw]
    intake.engine.load("account_names", rows_table(("raw", "account_id"), (pa.string(), pa.string()), named))
