"""What a step learns from data: read from its tables, kept by the names of kinds, and put back into tables.

A step declares the tables that it learns (`@step(..., learns=...)`); they are among those that it makes.
After a fit they are kept as a `Learned`, in which kinds go by name, since their numbers are those of one run.
A run with a saved model hands the step its `Learned` as the argument `saved`: the step then makes its tables
from priors alone, as if there were no data, and `use_saved` puts what was learned in their place.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa

from graphlink.core.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphlink.core.stages import TableSpec
    from graphlink.engine import Sql

Cell = str | int | float | bool
# Columns of numbers of kinds, and what they are called where kinds go by name.
KIND_COLUMNS = {"kind_no": "kind", "given_no": "given", "wider_no": "wider", "group_no": "group"}
# Kinds that count once have the number of the least of them, which need not be one of the run.
_GROUPS = ("group_no",)


@dataclass(frozen=True, slots=True)
class Learned:
    """What one step learned.

    Attributes:
        kinds: The kinds of the data that it was learned from.
        tables: Name of a table to its columns; kinds go by name.
        facts: What the step reported of it.
    """

    kinds: tuple[str, ...] = ()
    tables: Mapping[str, Mapping[str, tuple[Cell, ...]]] = field(default_factory=dict)
    facts: Mapping[str, object] = field(default_factory=dict)


def names_of(spec: TableSpec) -> tuple[str, ...]:
    """The columns of a table where kinds go by name."""
    return tuple(KIND_COLUMNS.get(name, name) for name in spec.column_names)


def read_learned(engine: Sql, specs: Sequence[TableSpec], facts: Mapping[str, object]) -> Learned:
    """Read what a step learned from the tables that it has just made.

    Args:
        engine: Where the tables are, `kinds` among them.
        specs: The tables that the step learns.
        facts: What it reported.
    """
    kinds = _kinds(engine)
    tables = {}
    for spec in specs:
        rows = engine.arrow(_all_sql(spec))
        columns = {}
        for name in spec.column_names:
            cells = rows[name].to_pylist()
            columns[KIND_COLUMNS.get(name, name)] = tuple(
                [kinds[cell] for cell in cells] if name in KIND_COLUMNS else cells
            )
        tables[spec.name] = columns
    kept = {name: value for name, value in facts.items() if name != "warnings"}
    return Learned(kinds, tables, kept)


def use_saved(engine: Sql, specs: Sequence[TableSpec], saved: Learned) -> dict[str, object]:
    """Put what was learned into tables that a step has made from priors alone.

    Rows of kinds that were not learned, and of pairs of kinds with one that was not, keep their priors.

    Args:
        engine: Where the tables are, `kinds` among them.
        specs: The tables that the step learns.
        saved: What was learned.

    Returns:
        Facts for the manifest: what was reported when it was learned, and a warning of kinds by their priors.
    """
    kinds = _kinds(engine)
    numbers = {name: number for number, name in enumerate(kinds)}
    known = {numbers[name] for name in saved.kinds if name in numbers}
    for spec in specs:
        of_kinds = [name for name in spec.key if name in KIND_COLUMNS]
        prior = engine.arrow(
            f"SELECT {', '.join(spec.column_names)} FROM {spec.name} ORDER BY ALL"
        ).to_pylist()
        rows = [tuple(row.values()) for row in prior if any(row[name] not in known for name in of_kinds)]
        rows += _rows(spec, saved.tables.get(spec.name, {}), numbers)
        columns = dict(zip(spec.column_names, zip(*sorted(rows), strict=True), strict=True)) if rows else {}
        engine.load(spec.name, spec.arrow_table({name: columns.get(name, ()) for name in spec.column_names}))
    strange = [name for name in kinds if name not in saved.kinds]
    return {**_facts_of(saved, kinds), "kinds_by_prior": strange, "warnings": _warnings(strange)}


def _all_sql(spec: TableSpec) -> str:
    return f"SELECT {', '.join(spec.column_names)} FROM {spec.name} ORDER BY ALL"


def _kinds(engine: Sql) -> tuple[str, ...]:
    return tuple(str(row[0]) for row in engine.rows("SELECT kind FROM kinds ORDER BY kind_no"))


def _rows(
    spec: TableSpec, columns: Mapping[str, tuple[Cell, ...]], numbers: Mapping[str, int]
) -> list[tuple[Cell, ...]]:
    """The learned rows of a table whose kinds are all there, by the numbers of this run."""
    rows = []
    cells = [columns.get(name, ()) for name in names_of(spec)]
    for row in zip(*cells, strict=True):
        named = dict(zip(spec.column_names, row, strict=True))
        members = [name for name in named if name in KIND_COLUMNS and name not in _GROUPS]
        if all(named[name] in numbers for name in members):
            rows.append(
                {name: numbers[str(named[name])] if name in members else named[name] for name in named}
            )
    for group in set(_GROUPS) & set(spec.column_names):
        least: dict[Cell, Cell] = {}
        for made in rows:
            number = numbers.get(str(made[group]), made["kind_no"])
            least[made[group]] = min(least.get(made[group], number), number)
        rows = [{**made, group: least[made[group]]} for made in rows]
    return [tuple(made.values()) for made in rows]


def _facts_of(saved: Learned, kinds: Sequence[str]) -> dict[str, object]:
    """What was reported when it was learned, of the kinds that are there."""
    facts = dict(saved.facts)
    rows = facts.get("kinds")
    if isinstance(rows, list):
        facts["kinds"] = [row for row in rows if isinstance(row, dict) and row.get("kind") in kinds]
    return facts


def _warnings(strange: Sequence[str]) -> list[str]:
    if not strange:
        return []
    return [f"model: it does not know {', '.join(strange)}; their priors are used: fit again to learn them"]


def check_table(spec: TableSpec, columns: object, where: str) -> dict[str, tuple[Cell, ...]]:
    """Check a learned table as it was read, strictly.

    Args:
        spec: The contract of the table.
        columns: Its columns.
        where: What names it in errors.

    Returns:
        The columns in order.

    Raises:
        SettingsError: Names the column, and the row where one is wrong.
    """
    if not isinstance(columns, dict):
        raise SettingsError(f"{where}: expected columns")
    expected = names_of(spec)
    if set(columns) != set(expected):
        wrong = min(set(columns) ^ set(expected))
        is_missing = "is missing" if wrong in expected else "is unknown"
        raise SettingsError(f"{where}: column {wrong} {is_missing}; expected {', '.join(expected)}")
    checked = {}
    for name, column in zip(expected, spec.columns, strict=True):
        cells = columns[name]
        if not isinstance(cells, list):
            raise SettingsError(f"{where}: {name}: expected a list")
        is_text = name != column.name or column.type == "VARCHAR"
        for row, cell in enumerate(cells, 1):
            _check_cell(cell, "VARCHAR" if is_text else column.type, f"{where}: {name}: row {row}")
        checked[name] = tuple(cells)
    if len({len(cells) for cells in checked.values()}) > 1:
        raise SettingsError(f"{where}: its columns are of different lengths")
    return checked


def _check_cell(cell: object, kind: str, where: str) -> None:
    wanted: dict[str, tuple[type, ...]] = {"VARCHAR": (str,), "BOOLEAN": (bool,), "DOUBLE": (float, int)}
    types = wanted.get(kind, (int,))
    is_right = isinstance(cell, types) and (bool in types or not isinstance(cell, bool))
    if not is_right or (isinstance(cell, float) and not math.isfinite(cell)):
        raise SettingsError(f"{where}: expected {kind}, found {type(cell).__name__}")


def as_arrow(learned: Learned, name: str) -> pa.Table:
    """Make a learned table as Arrow, kinds by name."""
    return pa.table({column: list(cells) for column, cells in learned.tables[name].items()})
