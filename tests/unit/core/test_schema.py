"""Table contracts: what a check lets pass and what it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphlink.core.errors import TableError
from graphlink.core.schema import EXPLAINED_TABLES, TABLES
from graphlink.core.stages import Column, TableSpec
from graphlink.engine.duck import DuckEngine

if TYPE_CHECKING:
    from collections.abc import Iterator

SPEC = TableSpec(
    "pairs",
    "pair",
    (Column("l", "VARCHAR", "Left."), Column("r", "VARCHAR", "Right."), Column("bits", "DOUBLE", "Bits.")),
    ("l", "r"),
    ("l < r", "isfinite(bits)"),
)


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as made:
        yield made


def make(engine: DuckEngine, values: str, columns: str = "l, r, bits") -> None:
    engine.make("pairs", f"SELECT * FROM (VALUES {values}) AS v({columns})")


def test_good_rows_pass(engine: DuckEngine) -> None:
    make(engine, "('a', 'b', 1::DOUBLE), ('a', 'c', 2)")
    SPEC.check_columns(engine)
    SPEC.check_rows(engine)


@pytest.mark.parametrize(
    ("values", "columns", "said"),
    [
        ("('a', 'b')", "l, r", "pairs lacks column bits; it has l, r"),
        ("('a', 'b', 1::BIGINT)", "l, r, bits", "column bits: type BIGINT, not DOUBLE"),
        ("('a', 'b', 1::DOUBLE, 2)", "l, r, bits, extra", "unknown columns: extra"),
    ],
)
def test_other_columns_are_named(engine: DuckEngine, values: str, columns: str, said: str) -> None:
    make(engine, values, columns)
    with pytest.raises(TableError, match=said):
        SPEC.check_columns(engine)


def test_extra_columns_pass_when_allowed(engine: DuckEngine) -> None:
    make(engine, "('a', 'b', 1::DOUBLE, 2)", "l, r, bits, extra")
    SPEC.check_columns(engine, extra=True)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ("('a', 'b', 1::DOUBLE), ('a', 'b', 2)", r"two rows with the key \('a', 'b'\)"),
        ("(NULL, 'b', 1::DOUBLE)", "1 rows break the rule l IS NOT NULL"),
        ("('b', 'a', 1::DOUBLE)", "1 rows break the rule l < r"),
        ("('a', 'b', NULL::DOUBLE)", r"break the rule isfinite\(bits\)"),
        ("('a', 'b', 'nan'::DOUBLE)", r"break the rule isfinite\(bits\)"),
    ],
)
def test_rows_that_break_a_rule_are_reported(engine: DuckEngine, values: str, said: str) -> None:
    make(engine, values)
    with pytest.raises(TableError, match=said):
        SPEC.check_rows(engine)


def test_a_table_without_a_key_may_repeat_its_rows(engine: DuckEngine) -> None:
    make(engine, "('a', 'b', 1::DOUBLE), ('a', 'b', 1)")
    TableSpec("pairs", "row", SPEC.columns, (), ("l < r",)).check_rows(engine)


@pytest.mark.parametrize("spec", [*TABLES, *EXPLAINED_TABLES], ids=lambda spec: spec.name)
def test_every_contract_can_be_checked_by_the_engine(engine: DuckEngine, spec: TableSpec) -> None:
    columns = ", ".join(f"NULL::{column.type} AS {column.name}" for column in spec.columns)
    engine.make(spec.name, f"SELECT {columns} WHERE false")
    spec.check_columns(engine)
    spec.check_rows(engine)


@pytest.mark.parametrize("spec", [*TABLES, *EXPLAINED_TABLES], ids=lambda spec: spec.name)
def test_every_contract_names_its_own_columns(spec: TableSpec) -> None:
    assert len(set(spec.column_names)) == len(spec.columns)
    assert set(spec.key) <= set(spec.column_names)
    assert all(column.about.endswith(".") for column in spec.columns)
