"""What became of each column of a source: as what it was read, and how much of it could be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.ingest.observations.call_facts import fact_specs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphlink.core.settings import Source
    from graphlink.ingest.observations.intake import Cells, Intake, ReadSource

NOT_READ, COUNT = "not read", "count"
_NAMES = ("filled", "usable", "values", "accounts")


def report_columns(intake: Intake, read: ReadSource, source: Source) -> list[dict[str, object]]:
    """Describe each column of a source, those that were read first.

    Returns:
        Per column: source, column, read_as (account, time, until, count, moments, kind.NAME, kind, value,
        fact, or not read), and of those that identify and of the time: filled (rows with a value that was
        taken over), usable (of these), values (different ones that are usable), accounts (that have one).
    """
    engine, staged = intake.engine, read.staged
    described = [*_roles(read, source), *((spec.column, "fact", "") for spec in fact_specs(source))]
    named = {column for column, _, _ in described}
    # A column that is looked into is read by what is inside it.
    outer = {name[:i] for name in named for i, sign in enumerate(name) if sign in ".["}
    described += [(column, NOT_READ, "") for column in staged.columns if column not in named | outer]
    return [
        {"source": staged.name, "column": column, "read_as": read_as}
        | dict(zip(_NAMES, engine.rows(sql)[0] if sql else (None,) * len(_NAMES), strict=True))
        for column, read_as, sql in described
    ]


def _roles(read: ReadSource, source: Source) -> Iterator[tuple[str, str, str]]:
    """Each column that was read, as what, and the query of its counts; without a query nothing is counted."""
    table = read.staged.table
    is_kept, names = "FILTER (WHERE fault IS NULL)", "count(DISTINCT account)"
    counts = f"count(account), count(*) {is_kept}, {names} {is_kept}, {names} {is_kept}"
    yield source.account, "account", f"SELECT {counts} FROM {table}"
    if source.time and source.time not in read.staged.missing:
        timed = "FILTER (WHERE fault IS NULL AND seen_at IS NOT NULL)"
        counts = f"count(seen_at), count(*) {timed}, count(DISTINCT seen_at) {timed}, {names} {timed}"
        yield source.time, "time", f"SELECT {counts} FROM {table}"
    if source.until:
        yield source.until, "until", ""
    if source.count_column and source.count_column not in read.staged.missing:
        yield source.count_column, COUNT, ""
    if source.moments:
        yield source.moments, "moments", ""
    if source.columns:
        for (kind, column), cells in zip(source.columns.items(), read.cells, strict=True):
            yield column, f"kind.{kind}", _cells_sql(cells)
    elif read.cells:
        yield source.kind, "kind", ""
        yield source.value, "value", _cells_sql(read.cells[0])


def _cells_sql(cells: Cells) -> str:
    usable = "FILTER (WHERE m.reason IS NULL)"
    cleaned = "SELECT kind_no, raw, max(reason) AS reason FROM cleaned_values GROUP BY kind_no, raw"
    return (
        f"SELECT count(*), count(*) {usable}, count(DISTINCT c.value) {usable}, "
        f"count(DISTINCT c.account) {usable} FROM ({cells.sql}) c "
        f"LEFT JOIN ({cleaned}) m ON m.kind_no = c.kind_no AND m.raw = c.value"
    )
