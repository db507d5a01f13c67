"""Contracts of tables, and what is wrong with a graph of steps."""

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa
import pytest

from graphlink.core.columns import KIND_NO, real, text
from graphlink.core.errors import TableError
from graphlink.core.stages import TableSpec, find_graph_faults, tables_done
from graphlink.core.step_graph import draw_dot, draw_mermaid, list_flows
from graphlink.engine.duck import DuckEngine
from tests.tables import load, make, rows_of


class Declaration(NamedTuple):
    name: str
    takes: tuple[TableSpec, ...]
    makes: tuple[TableSpec, ...]
    learns: tuple[TableSpec, ...] = ()


def spec(name: str) -> TableSpec:
    return TableSpec(name, "kind", (KIND_NO, text("word", "A word."), real("bits", "Bits.")), ("kind_no",))


A, B, C = spec("a"), spec("b"), spec("c")
READ, MODEL, WRITE = (
    Declaration("read", (), (A, B)),
    Declaration("model", (A,), (C,)),
    Declaration("write", (C,), (spec("out"),)),
)


def test_a_right_graph_has_no_fault() -> None:
    assert find_graph_faults([READ, MODEL, WRITE], ["b", "out"]) == []


@pytest.mark.parametrize(
    ("steps", "results", "fault"),
    [
        pytest.param(
            [MODEL, READ, WRITE], ["a", "b", "out"], "model takes a, which no step before", id="order"
        ),
        pytest.param([READ, WRITE], ["a", "b", "out"], "write takes c, which no step before", id="missing"),
        pytest.param(
            [READ, MODEL._replace(makes=(C, B)), WRITE],
            ["b", "out"],
            "model makes b, which read makes",
            id="twice",
        ),
        pytest.param([READ, MODEL, WRITE], ["out"], "read makes b, which nothing takes", id="unused"),
        pytest.param([READ, MODEL, WRITE], ["b", "out", "d"], "no step makes d of the result", id="result"),
        pytest.param(
            [READ, MODEL._replace(takes=(A.project("a", "kind", ("kind_no",)),)), WRITE],
            ["b", "out"],
            "model takes a by another contract",
            id="contract",
        ),
    ],
)
def test_a_wrong_graph_is_detected(steps: list[Declaration], results: list[str], fault: str) -> None:
    (actual,) = find_graph_faults(steps, results)
    assert actual.startswith(fault)


def test_a_table_is_done_after_the_last_step_that_takes_it() -> None:
    done = tables_done([READ, MODEL, WRITE], ["b", "out"])
    assert [set(names) for names in done] == [set(), {"a"}, {"c"}]


def test_the_graph_is_drawn_with_its_tables() -> None:
    steps, results = [READ, MODEL, WRITE], ["b", "out"]
    assert list_flows(steps, results) == [
        ("read", "model", ("a",)),
        ("model", "write", ("c",)),
        ("read", "result", ("b",)),
        ("write", "result", ("out",)),
    ]
    assert '"read" -> "model" [label="a"];' in draw_dot(steps, results)
    assert "model -->|1| write" in draw_mermaid(steps, results)


def test_a_table_is_made_of_its_columns_with_the_declared_types() -> None:
    made = A.arrow_table({"bits": [1, 2], "kind_no": [3, 4], "word": ["x", None]})
    assert (
        made.schema
        == A.arrow_schema
        == pa.schema([("kind_no", pa.int32()), ("word", pa.string()), ("bits", pa.float64())])
    )
    with pytest.raises(TableError, match="missing or unknown columns: extra, word"):
        A.arrow_table({"bits": [1], "kind_no": [3], "extra": [1]})


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT 1::BIGINT AS kind_no, '' AS word, 1.5::DOUBLE AS bits", ""),
        ("SELECT 1::INTEGER AS kind_no, '' AS word, 1.5::FLOAT AS bits", "column bits: FLOAT, not DOUBLE"),
        ("SELECT 1::INTEGER AS kind_no, 1.5::DOUBLE AS bits", "column word: no column, not VARCHAR"),
        (
            "SELECT 1::INTEGER AS kind_no, '' AS word, 1.5::DOUBLE AS bits, 2 AS more",
            "undeclared columns: more",
        ),
    ],
)
def test_a_table_that_is_not_as_declared_is_named(sql: str, said: str) -> None:
    with DuckEngine(threads=1) as engine:
        engine.make("a", sql)
        if said:
            with pytest.raises(TableError, match=said):
                A.check_made(engine)
        else:
            A.check_made(engine)  # whole numbers may be of another width


def test_rows_of_a_test_need_only_the_columns_that_matter() -> None:
    table = rows_of(A, "kind_no bits", [(1, 2.5), (2, 3)])
    assert table.to_pylist() == [
        {"kind_no": 1, "word": "", "bits": 2.5},
        {"kind_no": 2, "word": "", "bits": 3.0},
    ]
    with pytest.raises(ValueError, match="a has no column nothing"):
        rows_of(A, "nothing", [])
    with DuckEngine(threads=1) as engine:
        load(engine, A, rows=[(1, "x", 0.0)])
        make(engine, B, "SELECT kind_no FROM a")
        assert engine.rows("SELECT * FROM b") == [(1, "", 0.0)]
        B.check_made(engine)
