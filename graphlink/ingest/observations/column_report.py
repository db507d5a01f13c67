"""What became of each column of a source: as what it was read, and how much of it could be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.ingest.observations.call_facts import fact_specs

if TYPE_CHECKING:
    from graphlink.core.settings import Source
    from graphlink.ingest.observations.intake import Cells, Intake, ReadSource

NOT_READ = "not read"
_NAMES = ("filled", "usable", "values", "accounts")


def report_columns(intake: Intake, read: ReadSource, source: Source) -> list[dict[str, object]]:
    """Describe each column of a source, those that were read first.

    Returns:
        Per column: source, column, read_as (account, time, count, kind.NAME, fact.NAME, kind, value, or not
        read), and of those that identify and of the time: filled (rows with a value that was taken over),
        usable (of these), values (different ones that are usable), accounts (that have one).
    """
    engine, staged = intake.engine, read.staged
    rows: list[dict[str, object]] = []

    def add(column: str, read_as: str, sql: str = "") -> None:
        counts = engine.rows(sql)[0] if sql else (None,) * len(_NAMES)
        about = {"source": staged.name, "column": column, "read_as": read_as}
        rows.append(about | dict(zip(_NAMES, counts, strict=True)))

    is_kept, names = "FILTER (WHERE fault IS NULL)", "count(DISTINCT account)"
    add(
        source.account,
        "account",
        f"SELECT count(account), count(*) {is_kept}, {names} {is_kept}, {names} {is_kept} "
        f"FROM {staged.table}",
    )
    if source.time and source.time not in staged.missing:
        times = "FILTER (WHERE fault IS NULL AND seen_at IS NOT NULL)"
        add(
            source.time,
            "time",
            f"SELECT count(seen_at), count(*) {times}, count(DISTINCT seen_at) {times}, {names} {times} "
            f"FROM {staged.table}",
        )
    if source.count:
        add(source.count, "count")
    if source.columns:
        for (kind, column), cells in zip(source.columns.items(), read.cells, strict=True):
            add(column, f"kind.{kind}", _cells_sql(cells))
    elif read.cells:
        add(source.kind, "kind")
        add(source.value, "value", _cells_sql(read.cells[0]))
    for spec in fact_specs(source):
        add(spec.column, "fact")
    named = {str(row["column"]) for row in rows}
    # A column that is looked into is read by what is inside it.
    outer = {name[:i] for name in named for i, sign in enumerate(name) if sign in ".["}
    for column in staged.columns:
        if column not in named | outer:
            add(column, NOT_READ)
    return rows


def _cells_sql(cells: Cells) -> str:
    usable = "FILTER (WHERE m.reason IS NULL)"
    cleaned = "SELECT kind_no, raw, max(reason) AS reason FROM cleaned_values GROUP BY kind_no, raw"
    return (
        f"SELECT count(*), count(*) {usable}, count(DISTINCT c.value) {usable}, "
        f"count(DISTINCT c.account) {usable} FROM ({cells.sql}) c "
        f"LEFT JOIN ({cleaned}) m ON m.kind_no = c.kind_no AND m.raw = c.value"
    )
