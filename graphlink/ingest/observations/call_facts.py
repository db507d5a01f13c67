"""Columns mapped as facts -> sums per account and hour or day; what can't be used is rejected cell by cell.

A fact describes calls and identifies nobody: its cells become no values, number no account, and a row with
an unusable fact keeps its identifiers. No table here has a row per call: a category keeps its most common
values.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pyarrow as pa

from graphlink.core.settings.facts import DEFAULT_THRESHOLD, type_of_fact
from graphlink.core.sql import quoted_text
from graphlink.core.tables.facts import FACT_CATEGORIES, FACT_DAYS, FACT_HOURS
from graphlink.engine.numbering import number_rows
from graphlink.ingest.observations.intake import FactCells, is_hashing_accounts
from graphlink.ingest.sources.place import ColumnSpec
from graphlink.ingest.sources.roles import UNREADABLE
from graphlink.ingest.sources.rows import rows_table
from graphlink.kinds import UncleanValue
from graphlink.kinds.cleaning import trimmed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphlink.core.settings import Source
    from graphlink.ingest.observations.intake import Intake, ReadSource
    from graphlink.ingest.sources.staged import Staged

MOST_CATEGORIES = 1_000  # of one fact; a column with more is no category, or somebody makes values up
LONGEST_CATEGORY = 128  # characters
MOST_AMOUNT = 10**12  # of one row; the sums stay exact
_NUMBER = "[+-]?([0-9]{1,30}([.][0-9]{0,30})?|[.][0-9]{1,30})([eE][+-]?[0-9]{1,3})?"
_PLAIN_NUMBER = "[0-9]{1,30}([.][0-9]{1,30})?"
_CLEANED = ("fact", "raw", "category", "reason", "remedy")


def fact_specs(source: Source) -> list[ColumnSpec]:
    """List the columns of a source that are facts."""
    return [ColumnSpec(f"f{i}", column, "fact") for i, column in enumerate(source.facts.values())]


def fact_cells(intake: Intake, staged: Staged, source: Source) -> tuple[FactCells, ...]:
    """List the facts of a staged source with the queries of their cells."""
    return tuple(
        FactCells(
            f"SELECT {staged.row} AS row, account, seen_at, n, f{i} AS raw FROM {staged.table} "
            f"WHERE fault IS NULL AND f{i} <> ''",
            name,
            column,
            type_of_fact(name, intake.settings.facts),
        )
        for i, (name, column) in enumerate(source.facts.items())
    )


def clean_facts(intake: Intake, reads: Sequence[ReadSource]) -> None:
    """Make `cleaned_categories` (fact, raw, category, reason, remedy) of the most common values of each.

    Common is what many accounts have, so that no account alone decides which values are kept.
    """
    cells = [one for read in reads for one in read.facts if one.type == "category"]
    rows: list[tuple[str, str, str | None, str | None, str | None]] = []
    for name in sorted({one.fact for one in cells}):
        union = " UNION ALL ".join(
            f"SELECT account, raw FROM ({one.sql})" for one in cells if one.fact == name
        )
        counted = f"SELECT raw, count(DISTINCT account) AS n, count(*) AS rows FROM ({union}) GROUP BY raw"
        kept = f"{counted} ORDER BY n DESC, rows DESC, raw LIMIT {MOST_CATEGORIES + 1}"
        raw = [str(value) for value in intake.engine.arrow(kept).column("raw").to_pylist()]
        if len(raw) > MOST_CATEGORIES:
            intake.warnings.append(
                f"facts.{name}: more than {MOST_CATEGORIES:,} different values; those of the most accounts "
                "are kept, and the others are left out of this fact"
            )
        rows += [(name, value, *_cleaned(value)) for value in raw[:MOST_CATEGORIES]]
    intake.engine.load("cleaned_categories", rows_table(_CLEANED, [pa.string()] * len(_CLEANED), rows))


def _cleaned(raw: str) -> tuple[str | None, str | None, str | None]:
    """The category of a cell, or the reason and the remedy."""
    try:
        value = trimmed(raw)
    except UncleanValue as error:
        return None, error.reason, error.remedy
    if UNREADABLE in value:
        return None, "invalid_utf8", None
    if value[0] in "{[":
        return None, "nested_value", None
    if len(value) > LONGEST_CATEGORY:
        return None, "too_long", f"expected a category of at most {LONGEST_CATEGORY} characters"
    if any(unicodedata.category(letter) == "Cc" for letter in value):
        return None, "control_character", "the value holds a control character; look for a broken export"
    return value, None, None


def rejected_facts_sql(intake: Intake, read: ReadSource) -> list[str]:
    """Queries of the cells of facts that can't be used, as `row_faults` has them."""
    queries = []
    for cells in read.facts:
        column = quoted_text(cells.column)
        if cells.type == "category":
            queries.append(
                f"SELECT c.row, {column}, m.reason, "
                f"CASE WHEN m.reason <> 'card_number' THEN left(c.raw, 300) END, m.remedy "
                f"FROM ({cells.sql}) c JOIN cleaned_categories m "
                f"ON m.fact = {quoted_text(cells.fact)} AND m.raw = c.raw "
                "WHERE m.reason IS NOT NULL AND m.reason <> 'empty'"
            )
            continue
        remedy = quoted_text(_expected(intake, cells))
        queries.append(
            f"SELECT row, {column}, 'bad_{cells.type}', left(raw, 300), {remedy} "
            f"FROM ({_numbers_sql(intake, cells)}) WHERE number IS NULL AND trim(raw) <> ''"
        )
    return queries


def _numbers_sql(intake: Intake, cells: FactCells) -> str:
    """Query of the cells with their `number`; null where it is none, or out of range."""
    # Engines take more for a number than people do, and most cells fit the simple pattern.
    parsed = (
        f"CASE WHEN regexp_full_match(raw, '{_PLAIN_NUMBER}') THEN TRY_CAST(raw AS DOUBLE) "
        f"WHEN regexp_full_match(trim(raw), '{_NUMBER}') THEN TRY_CAST(trim(raw) AS DOUBLE) END"
    )
    least, most = _range(intake, cells)
    number = f"CASE WHEN parsed BETWEEN {least!r} AND {most!r} THEN parsed END"
    return f"SELECT *, {number} AS number FROM (SELECT *, {parsed} AS parsed FROM ({cells.sql}))"


def _range(intake: Intake, cells: FactCells) -> tuple[float, float]:
    if cells.type == "amount":
        return 0.0, float(MOST_AMOUNT)
    return (0.0, 1.0) if _threshold(intake, cells.fact) is None else (-1e300, 1e300)


def _threshold(intake: Intake, fact: str) -> float | None:
    known = intake.settings.facts.get(fact)
    return known.threshold if known else None


def _expected(intake: Intake, cells: FactCells) -> str:
    if cells.type == "amount":
        return f"expected a number from 0 to {MOST_AMOUNT:,}"
    if _threshold(intake, cells.fact) is None:
        return f"expected a number from 0 to 1; set threshold in [facts.{cells.fact}] for another range"
    return "expected a number"


def gather_facts(intake: Intake, reads: Sequence[ReadSource]) -> None:
    """Make `fact_categories`, `fact_hours` and `fact_days` of the accounts that were observed."""
    cells = [one for read in reads for one in read.facts]
    by_type = {kind: [one for one in cells if (one.type == "category") == kind] for kind in (True, False)}
    _gather_categories(intake, by_type[True])
    _gather_numbers(intake, by_type[False])


def _gather_categories(intake: Intake, cells: list[FactCells]) -> None:
    engine = intake.engine
    if not cells:
        engine.load("fact_categories", FACT_CATEGORIES.arrow_schema.empty_table())
        engine.load("fact_hours", FACT_HOURS.arrow_schema.empty_table())
        return
    distinct = "SELECT DISTINCT fact, category FROM cleaned_categories WHERE category IS NOT NULL"
    number_rows(engine, "fact_categories", distinct, "category_no", ("fact", "category"))
    joins = " UNION ALL ".join(
        f"SELECT {_ACCOUNT}, k.category_no, c.seen_at, c.n FROM ({one.sql}) c "
        f"JOIN cleaned_categories m ON m.fact = {quoted_text(one.fact)} AND m.raw = c.raw "
        f"JOIN fact_categories k ON k.fact = m.fact AND k.category = m.category {_named(intake)}"
        for one in cells
    )
    engine.make(
        "fact_hours",
        "SELECT account_no, category_no, hour_no::INTEGER AS hour_no, sum(n)::BIGINT AS n, "
        "floor(epoch(min(seen_at)))::BIGINT AS first_s FROM ("
        f"SELECT *, floor(epoch(seen_at) / 3600) AS hour_no FROM ({joins})) "
        "GROUP BY account_no, category_no, hour_no",
    )


def _gather_numbers(intake: Intake, cells: list[FactCells]) -> None:
    if not cells:
        intake.engine.load("fact_days", FACT_DAYS.arrow_schema.empty_table())
        return
    parts = []
    for one in cells:
        threshold = _threshold(intake, one.fact)
        threshold = DEFAULT_THRESHOLD if threshold is None else threshold
        is_score = one.type == "score"
        # Decimals, so that a sum does not depend on the order of the rows.
        total = "0" if is_score else "number"
        above = f"CASE WHEN number >= {threshold!r} THEN n ELSE 0 END" if is_score else "0"
        parts.append(
            f"SELECT {_ACCOUNT}, {quoted_text(one.fact)} AS fact, c.seen_at, c.n, "
            f"({total})::DECIMAL(18, 3) AS total, ({above})::BIGINT AS n_above "
            f"FROM ({_numbers_sql(intake, one)}) c {_named(intake)} "
            "WHERE c.number IS NOT NULL"
        )
    intake.engine.make(
        "fact_days",
        "SELECT account_no, fact, day_no::INTEGER AS day_no, sum(n)::BIGINT AS n, "
        "sum(total)::DOUBLE AS total, sum(n_above)::BIGINT AS n_above FROM ("
        f"SELECT *, floor(epoch(seen_at) / 86400) AS day_no FROM ({' UNION ALL '.join(parts)})) "
        "GROUP BY account_no, fact, day_no",
    )


_ACCOUNT = "a.account_no"


def _named(intake: Intake) -> str:
    """Joins of the number of an account; one that was seen with no identifier has none."""
    if is_hashing_accounts(intake):
        return (
            "JOIN account_names h ON h.raw = c.account JOIN account_numbers a ON a.account_id = h.account_id"
        )
    return "JOIN account_numbers a ON a.account_id = c.account"


def describe_facts(intake: Intake) -> dict[str, dict[str, object]]:
    """Per fact its type, calls, accounts and, of a category, values; for the manifest and `check`."""
    rows = intake.engine.rows(
        "SELECT fact, sum(n)::BIGINT AS calls, count(DISTINCT account_no) AS accounts, "
        "count(DISTINCT category_no) AS categories FROM ("
        "SELECT k.fact, h.account_no, h.n, h.category_no FROM fact_hours h "
        "JOIN fact_categories k ON k.category_no = h.category_no UNION ALL "
        "SELECT fact, account_no, n, NULL::INTEGER FROM fact_days) GROUP BY fact ORDER BY fact"
    )
    known = {str(name): numbers for name, *numbers in rows}
    facts = {}
    for name in sorted({name for source in intake.settings.sources for name in source.facts}):
        kind = type_of_fact(name, intake.settings.facts)
        calls, accounts, categories = known.get(name, [0, 0, 0])
        facts[name] = {"type": kind, "calls": calls, "accounts": accounts}
        facts[name] |= {"values": categories} if kind == "category" else {}
    return facts
