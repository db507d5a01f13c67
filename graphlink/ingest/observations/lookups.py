"""Ids of accounts in other systems, such as customers of billing -> the accounts, by a lookup table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.core.errors import SettingsError
from graphlink.core.sql import quoted_text
from graphlink.ingest.observations.places import place_of
from graphlink.ingest.sources.place import ColumnSpec
from graphlink.ingest.sources.stage import stage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphlink.core.settings import Lookup, Source
    from graphlink.engine import Reader
    from graphlink.ingest.observations.intake import Intake
    from graphlink.ingest.sources.staged import Staged

UNKNOWN, SEVERAL = "no_account_for_id", "several_accounts_for_id"


def look_up_accounts(intake: Intake, staged: Staged, source: Source) -> None:
    """Replace the ids in the column `account` of a staged source by the accounts of its lookup table.

    An id that the table lacks, or of which it gives several accounts, rejects its rows: an account chosen
    among several would be accused of what others did.

    Raises:
        InputError: The table can't be read, or lacks a column.
        SettingsError: There is no lookup of this name.
    """
    if not source.lookup:
        return
    engine, table = intake.engine, f"{staged.table}_ids"
    found = _read(intake, _lookup_of(intake, source), f"{table}_read")
    staged.inputs = [*staged.inputs, *found.inputs]
    engine.make(
        table,
        "SELECT trim(id) AS id, min(account) AS account, count(DISTINCT account) AS n_accounts "
        f"FROM {found.table} WHERE fault IS NULL GROUP BY trim(id)",
    )
    engine.drop(found.table)
    made = {
        "account": "m.account",
        "fault": (
            "CASE WHEN s.fault IS NOT NULL THEN s.fault "
            f"WHEN m.id IS NULL THEN '{UNKNOWN}' WHEN m.n_accounts > 1 THEN '{SEVERAL}' END"
        ),
        "fault_column": (
            "CASE WHEN s.fault IS NOT NULL THEN s.fault_column "
            f"WHEN m.id IS NULL OR m.n_accounts > 1 THEN {quoted_text(source.account)} END"
        ),
        "raw_text": (
            "CASE WHEN s.fault IS NOT NULL THEN s.raw_text "
            "WHEN m.id IS NULL OR m.n_accounts > 1 THEN s.account END"
        ),
    }
    remake_staged(engine, staged, made, f"LEFT JOIN {table} m ON m.id = s.account")
    engine.drop(table)


def remake_staged(engine: Reader, staged: Staged, made: Mapping[str, str], join: str = "") -> None:
    """Replace a staged table by one with other cells; its rows keep their numbers.

    Args:
        engine: The engine.
        staged: The source.
        made: Column to SQL of its cells, in terms of the staged table `s` and of what is joined.
        join: What is joined, with at most one row for each of `s`.
    """
    columns = [name for name in engine.columns(staged.table) if name not in ("rowid", "row")]
    cells = [f"{made.get(name, f's.{name}')} AS {name}" for name in columns]
    remade = f"{staged.table}_remade"
    engine.make(remade, f"SELECT {', '.join(cells)}, s.{staged.row} AS row FROM {staged.table} s {join}")
    engine.drop(staged.table)
    engine.rename(remade, staged.table)
    staged.row = "row"


def _lookup_of(intake: Intake, source: Source) -> Lookup:
    named = {lookup.name: lookup for lookup in intake.settings.lookups}
    if source.lookup not in named:
        known = ", ".join(sorted(named)) or "none"
        raise SettingsError(f"lookup {source.lookup!r}: no such lookup; those of [[lookups]] are {known}")
    return named[source.lookup]


def _read(intake: Intake, lookup: Lookup, table: str) -> Staged:
    specs = [
        ColumnSpec("account", lookup.account, "account"),
        ColumnSpec("id", lookup.id, "needed_value"),
    ]
    staged = stage(intake.engine, place_of(lookup, None, intake.settings), specs, table)
    intake.warnings += staged.warnings
    return staged
