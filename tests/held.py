"""Who holds what, numbered as a run has it: what the modules of exclusivity take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.core.settings import Settings
from graphlink.model.exclusivity.sites import make_sites
from graphlink.model.identifiers import describe_identifiers
from tests.learned import observe

if TYPE_CHECKING:
    from graphlink.engine.duck import DuckEngine
    from tests.learned import Seen


NO_ODDS = "SELECT 0 AS l, 0 AS r, 0 AS identifier_no, 0 AS kind_no, 0.0 AS odds WHERE false"
"""Query of no pairs that share an instrument."""


def hold(engine: DuckEngine, seen: Seen, n_strangers: int = 0, instruments_sql: str = NO_ODDS) -> None:
    """Number accounts and identifiers, and join addresses to sites; so many strangers share nothing."""
    strangers = [(f"stranger{i:04}", "payment", f"strangers-{i:04}") for i in range(n_strangers)]
    observe(engine, [*seen, *strangers])
    describe_identifiers(engine, Settings())
    make_sites(engine, instruments_sql, Settings().parameters.exclusivity)


def odds_sql(kind: str, odds: float) -> str:
    """Query of pairs that share a value of a kind, each with these odds (log2)."""
    return (
        f"SELECT x.account_no AS l, y.account_no AS r, x.identifier_no, k.kind_no, {odds} AS odds "
        "FROM window_incidence x JOIN window_incidence y ON y.identifier_no = x.identifier_no "
        "AND y.account_no > x.account_no JOIN shared_identifiers i ON i.identifier_no = x.identifier_no "
        f"JOIN kinds k ON k.kind_no = i.kind_no WHERE k.kind = '{kind}'"
    )


def of_value(engine: DuckEngine, table: str, value: str, columns: str) -> dict[str, float]:
    """Columns of the row of a table that has an identifier; empty where it has none."""
    rows = engine.rows(
        f"SELECT {columns} FROM {table} t JOIN shared_identifiers i ON i.identifier_no = t.identifier_no "
        f"WHERE i.value = '{value}'"
    )
    assert len(rows) <= 1
    names = [name.strip() for name in columns.replace("t.", "").split(",")]
    return {name: float(str(cell)) for row in rows for name, cell in zip(names, row, strict=True)}
