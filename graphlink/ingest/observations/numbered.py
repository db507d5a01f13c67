"""Cells -> the numbered tables: accounts, values, sightings, and what each account held."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from graphlink.core.tables.ingest import INCIDENCE
from graphlink.engine.numbering import number_rows
from graphlink.ingest.observations.earlier import (
    drop_earlier,
    earlier_accounts_sql,
    earlier_cells_sql,
    earlier_values_sql,
)
from graphlink.ingest.observations.intake import Cells, Intake, ReadSource, is_hashing_accounts
from graphlink.ingest.sources.rows import rows_table
from graphlink.kinds import KINDS

if TYPE_CHECKING:
    from graphlink.engine import Sql
    from graphlink.ingest.observations.accounts import ReadAccounts

ADDRESS_KIND = "ip"


def number_names(intake: Intake, reads: list[ReadSource], accounts: ReadAccounts | None) -> None:
    """Make `account_numbers`, `input_values`, and `raw_numbers` (kind_no, raw, value_no) of the values."""
    engine = intake.engine
    engine.make(
        "raw_names",
        "SELECT r.kind_no, r.value AS raw, coalesce(m.kind, k.kind) AS kind, "
        "coalesce(m.value, r.value) AS value FROM raw_values r JOIN kind_list k ON k.kind_no = r.kind_no "
        "LEFT JOIN cleaned_values m ON m.kind_no = r.kind_no AND m.raw = r.value WHERE m.reason IS NULL",
    )
    names = f"SELECT kind, value FROM raw_names{earlier_values_sql(intake.earlier)}"
    number_rows(
        engine,
        "placed_values",
        f"SELECT DISTINCT kind, value FROM ({names})",
        "place",
        ("kind", "value"),
    )
    engine.make("input_values", "SELECT place, place AS value_no, kind, value FROM placed_values")
    engine.drop("placed_values")
    engine.make(
        "raw_numbers",
        "SELECT r.kind_no, r.raw, v.value_no FROM raw_names r "
        "JOIN input_values v ON v.kind = r.kind AND v.value = r.value",
    )
    engine.drop("raw_values", "raw_names")
    if accounts is None:
        engine.make(
            "account_rows",
            "SELECT NULL::VARCHAR AS account_id, NULL::TIMESTAMPTZ AS created_at, "
            "NULL::TIMESTAMPTZ AS closed_at, NULL::VARCHAR AS status, NULL::BOOLEAN AS is_abuse WHERE false",
        )
    queries = [_accounts_seen(intake, cells) for read in reads for cells in read.cells]
    seen = " UNION ALL ".join(queries or ["SELECT account_id FROM account_rows WHERE false"])
    if is_hashing_accounts(intake):
        seen = f"SELECT a.account_id FROM ({seen}) s JOIN account_names a ON a.raw = s.account_id"
    number_rows(
        engine,
        "account_numbers",
        f"SELECT DISTINCT account_id FROM ({seen} UNION ALL SELECT account_id FROM account_rows"
        f"{earlier_accounts_sql(intake.earlier)})",
        "account_no",
        ("account_id",),
    )


def _accounts_seen(intake: Intake, cells: Cells) -> str:
    """Query of the accounts of the cells that can be used."""
    usable = f"SELECT account AS account_id, kind_no, value FROM ({cells.sql})"
    if cells.kind_no is None or cells.kind_no in intake.unclean_kinds:
        unusable = "SELECT kind_no, raw FROM cleaned_values WHERE reason IS NOT NULL"
        usable += f" c ANTI JOIN ({unusable}) m ON m.kind_no = c.kind_no AND m.raw = c.value"
    return f"SELECT DISTINCT account_id FROM ({usable})"


def gather_cells(intake: Intake, reads: list[ReadSource]) -> None:
    """Make `input_sightings`, `input_incidence` and the addresses from the cells of every source."""
    engine = intake.engine
    account, names = "a.account_id = c.account", ""
    if is_hashing_accounts(intake):
        account, names = "a.account_id = n.account_id", "JOIN account_names n ON n.raw = c.account"
    # One heavy operator in a statement: only one then needs memory before it spills.
    folds = any(cells.later for read in reads for cells in read.cells)
    queries = [
        f"SELECT a.account_no, v.value_no, c.seen_at, c.n"
        f"{f', {_between(cells)} AS n_between' if folds else ''} FROM ({sql}) c "
        f"JOIN raw_numbers v ON v.kind_no = c.kind_no AND v.raw = c.value {names} "
        f"JOIN account_numbers a ON {account}"
        for read in reads
        for cells in read.cells
        for sql in (cells.sql, cells.later)
        if sql
    ]
    queries += earlier_cells_sql(intake.earlier, folds=folds)
    engine.make("numbered_blocks", " UNION ALL ".join(queries))
    drop_earlier(engine)
    engine.make(
        "input_sightings",
        "SELECT account_no, value_no, seen_at, sum(n)::BIGINT AS n FROM numbered_blocks "
        "GROUP BY account_no, value_no, seen_at",
    )
    engine.make("input_incidence", held_sql("input_sightings"))
    if folds:
        _add_moments(engine)
    engine.drop("numbered_blocks", "raw_numbers")
    _list_addresses(intake)


def _between(cells: Cells) -> str:
    return "c.n_between" if cells.later else "0::BIGINT"


def _add_moments(engine: Sql) -> None:
    """Count in `input_incidence` the moments between first and last of rows that stand for several."""
    counted = {name: f"h.{name} + coalesce(b.n_between, 0)" for name in ("n_rows", "n_timed")}
    columns = [f"{counted.get(name, f'h.{name}')} AS {name}" for name in INCIDENCE.column_names]
    engine.make(
        "counted_incidence",
        f"SELECT {', '.join(columns)} FROM input_incidence h LEFT JOIN ("
        "SELECT account_no, value_no, sum(n_between)::BIGINT AS n_between FROM numbered_blocks "
        "GROUP BY account_no, value_no) b ON b.account_no = h.account_no AND b.value_no = h.value_no",
    )
    engine.drop("input_incidence")
    engine.rename("counted_incidence", "input_incidence")


def held_sql(sightings: str) -> str:
    """The query of `incidence` from a table like `sightings`."""
    return (
        "SELECT account_no, value_no, min(seen_at) AS first_seen, max(seen_at) AS last_seen, "
        "sum(n)::BIGINT AS n, count(*) AS n_rows, count(seen_at) AS n_timed "
        f"FROM {sightings} GROUP BY account_no, value_no"
    )


def define_observations(engine: Sql) -> None:
    """Define `observations` as a query of the numbered tables."""
    engine.define(
        "observations",
        "SELECT a.account_id, v.kind, v.value, s.seen_at, s.n FROM sightings s "
        "JOIN account_numbers a ON a.account_no = s.account_no "
        "JOIN observed_values v ON v.value_no = s.value_no",
    )


def _list_addresses(intake: Intake) -> None:
    engine = intake.engine
    types = (pa.string(), pa.string())
    if ADDRESS_KIND not in intake.hashed:
        engine.load("address_names", rows_table(("address", "value"), types, []))
        engine.make("addresses", f"SELECT value FROM input_values WHERE kind = '{ADDRESS_KIND}'")
        return
    # The lists name addresses, not their hashes; both tables are dropped when routers have been added.
    names = [kind.name for kind in intake.kinds]
    kind_no = names.index(ADDRESS_KIND) if ADDRESS_KIND in names else -1
    names_of_hashes = engine.arrow(
        "SELECT min(raw) AS raw, value FROM cleaned_values "
        f"WHERE kind_no = {kind_no} AND kind = '{ADDRESS_KIND}' GROUP BY value"
    )
    raw, hashed = (column.to_pylist() for column in names_of_hashes.columns)
    named = [(KINDS[ADDRESS_KIND].clean(text), value) for text, value in zip(raw, hashed, strict=True)]
    engine.load("address_names", rows_table(("address", "value"), types, named))
    engine.make("addresses", "SELECT address AS value FROM address_names")
