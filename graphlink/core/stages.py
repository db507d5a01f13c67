"""Contracts of tables: columns with types and units, keys, order, and what the steps take and make of them.

Every table that crosses a step of a run is a `TableSpec`: those of a result in `graphlink.core.schema`, all
others in `graphlink.core.tables`. A step declares which of them it takes and makes, so that the graph of the
steps can be checked, drawn, and used to drop what no later step takes.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from graphlink.core.errors import TableError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    import pyarrow as pa

# Engines give whole numbers other widths, and sums of them are wider than what is summed.
_WHOLE = frozenset(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"))


class _Rows(Protocol):
    """The part of an engine that a check needs."""

    def columns(self, name: str) -> dict[str, str]: ...
    def rows(self, sql: str) -> list[tuple[object, ...]]: ...


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table and the rules of its single values.

    Attributes:
        name: Its name.
        type: Its DuckDB type.
        about: Its meaning, with the unit.
        is_required: Whether it is never null.
        bounds: Least and greatest number; infinite where there is none. What has bounds is finite.
        choices: The words that it may hold; empty for any.
    """

    name: str
    type: str
    about: str
    is_required: bool = False
    bounds: tuple[float, float] | None = None
    choices: tuple[str, ...] = ()

    @property
    def rules(self) -> tuple[str, ...]:
        """SQL conditions true of every value."""
        conditions = [f"{self.name} IS NOT NULL"] if self.is_required else []
        if self.choices:
            words = ", ".join(f"'{word}'" for word in self.choices)
            conditions.append(f"{self.name} IS NULL OR {self.name} IN ({words})")
        if self.bounds is not None:
            least, most = self.bounds
            limits = [f"{self.name} >= {least:g}"] if math.isfinite(least) else []
            limits += [f"{self.name} <= {most:g}"] if math.isfinite(most) else []
            limits += [f"isfinite({self.name})"] if self.type == "DOUBLE" else []
            conditions.append(f"{self.name} IS NULL OR ({' AND '.join(limits)})")
        return tuple(conditions)


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A table of the contract.

    Attributes:
        name: The table's name in the engine and, with `.parquet`, in a result folder.
        about: What one row is.
        columns: Its columns in order; a table may have no others unless it is open.
        key: The columns that identify a row.
        rules: SQL conditions true of every row.
        order: The columns whose order a run relies on numbers to follow; empty where there is none.
        is_open: Whether it may have further columns, as accounts have attributes.
    """

    name: str
    about: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    rules: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    is_open: bool = False

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns in order."""
        return tuple(column.name for column in self.columns)

    @property
    def arrow_schema(self) -> pa.Schema:
        """The columns as Arrow has them."""
        import pyarrow as pa

        types = {
            "TINYINT": pa.int8(),
            "INTEGER": pa.int32(),
            "BIGINT": pa.int64(),
            "DOUBLE": pa.float64(),
            "BOOLEAN": pa.bool_(),
            "VARCHAR": pa.string(),
            "TIMESTAMP WITH TIME ZONE": pa.timestamp("us", "UTC"),
        }
        return pa.schema([(column.name, types[column.type]) for column in self.columns])

    def arrow_table(self, columns: Mapping[str, object]) -> pa.Table:
        """Make a table of this contract from its columns: sequences, NumPy or Arrow arrays, by name.

        Raises:
            TableError: A column is missing or unknown.
        """
        import pyarrow as pa

        if wrong := set(self.column_names) ^ set(columns):
            raise TableError(f"table {self.name}: missing or unknown columns: {', '.join(sorted(wrong))}")
        return pa.table({name: columns[name] for name in self.column_names}).cast(self.arrow_schema)

    def project(self, name: str, about: str, columns: Collection[str]) -> TableSpec:
        """Make the contract of a table with some of the columns, without the rules between columns."""
        kept = tuple(column for column in self.columns if column.name in columns)
        return dataclasses.replace(self, name=name, about=about, columns=kept, rules=())

    def check_made(self, engine: _Rows) -> None:
        """Raise unless a step made the table as it is declared, whole numbers of any width.

        Raises:
            TableError: A column is missing, unknown or of another type.
        """
        found = engine.columns(self.name)
        for column in self.columns:
            kind = found.get(column.name, "no column")
            if kind != column.type and not {kind, column.type} <= _WHOLE:
                raise TableError(f"table {self.name}, column {column.name}: {kind}, not {column.type}")
        unknown = [name for name in found if name not in self.column_names]
        if unknown and not self.is_open:
            raise TableError(f"table {self.name} has undeclared columns: {', '.join(unknown)}")

    def check_columns(self, engine: _Rows, *, extra: bool = False) -> None:
        """Raise unless the table has these columns with these types.

        Args:
            engine: Where the table is.
            extra: Whether further columns are allowed (account attributes are).

        Raises:
            TableError: A column is missing, unknown or of another type.
        """
        found = engine.columns(self.name)
        for column in self.columns:
            if column.name not in found:
                raise TableError(f"table {self.name} lacks column {column.name}; it has {', '.join(found)}")
            if found[column.name] != column.type:
                raise TableError(
                    f"table {self.name}, column {column.name}: type {found[column.name]}, not {column.type}"
                )
        unknown = [name for name in found if name not in self.column_names]
        if unknown and not extra:
            raise TableError(f"table {self.name} has unknown columns: {', '.join(unknown)}")

    def check_rows(self, engine: _Rows) -> None:
        """Raise unless the key is unique, complete and every rule holds; reads the whole table.

        Raises:
            TableError: A key repeats or is null, or a row breaks a rule.
        """
        if self.key:
            keys = ", ".join(self.key)
            repeated = engine.rows(
                f"SELECT {keys} FROM {self.name} GROUP BY {keys} HAVING count(*) > 1 LIMIT 1"
            )
            if repeated:
                raise TableError(f"table {self.name} has two rows with the key {repeated[0]}")
        own = (rule for column in self.columns for rule in column.rules)
        rules = list(dict.fromkeys((*(f"{name} IS NOT NULL" for name in self.key), *own, *self.rules)))
        if not rules:
            return
        # One pass over the table for all rules.
        counts = ", ".join(f"count(*) FILTER (WHERE NOT coalesce({rule}, false))" for rule in rules)
        for rule, broken in zip(rules, engine.rows(f"SELECT {counts} FROM {self.name}")[0], strict=True):
            if broken:
                raise TableError(f"table {self.name}: {broken} rows break the rule {rule}")


class Declared(Protocol):
    """The declaration of a step."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def takes(self) -> tuple[TableSpec, ...]:
        """The tables it reads."""

    @property
    def makes(self) -> tuple[TableSpec, ...]:
        """The tables it makes."""

    @property
    def learns(self) -> tuple[TableSpec, ...]:
        """Those of them that it learns from data."""


def find_graph_faults(steps: Sequence[Declared], results: Collection[str]) -> list[str]:
    """Find what is wrong with the graph of the steps; nothing when it can run.

    Args:
        steps: The steps in order.
        results: Names of the tables that are taken after the last step.
    """
    return [*_faults_of_takes(steps), *_faults_of_makes(steps, results)]


def _faults_of_takes(steps: Sequence[Declared]) -> Iterator[str]:
    made: dict[str, TableSpec] = {}
    for step in steps:
        for spec in step.takes:
            if spec.name not in made:
                yield f"{step.name} takes {spec.name}, which no step before it makes"
            elif made[spec.name] != spec:
                yield f"{step.name} takes {spec.name} by another contract than it is made by"
        made |= {spec.name: spec for spec in step.makes}


def _faults_of_makes(steps: Sequence[Declared], results: Collection[str]) -> Iterator[str]:
    makers: dict[str, str] = {}
    for i, step in enumerate(steps):
        for spec in step.makes:
            if spec.name in makers:
                yield f"{step.name} makes {spec.name}, which {makers[spec.name]} makes already"
            makers[spec.name] = step.name
            later = (taken.name for after in steps[i + 1 :] for taken in after.takes)
            # What a step learns is taken into the model.
            if spec.name not in results and spec.name not in later and spec not in step.learns:
                yield f"{step.name} makes {spec.name}, which nothing takes"
    yield from (f"no step makes {name} of the result" for name in results if name not in makers)


def tables_done(steps: Sequence[Declared], results: Collection[str]) -> list[tuple[str, ...]]:
    """List after each step the tables that no later one takes, so that they can be dropped."""
    done: list[tuple[str, ...]] = []
    wanted = set(results)
    for step in reversed(steps):
        touched = dict.fromkeys(spec.name for spec in (*step.takes, *step.makes))
        done.append(tuple(name for name in touched if name not in wanted))
        wanted |= touched.keys()
    return done[::-1]
