"""The SQL of every step, in DuckDB's words and in Spark's: a change of any statement is seen and meant.

`pytest tests/golden --golden` rewrites the snapshots in `sql/`; look at the difference before you commit it.
"""

from __future__ import annotations

import inspect
import re
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlglot

import graphlink
from graphlink import EngineSettings
from graphlink.engine.dialect import spark_sql
from graphlink.engine.duck import DuckEngine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.slow

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
SNAPSHOTS = Path(__file__).parent / "sql"
RECORDED = ("make", "make_by", "define", "append", "rows", "arrow")
# Reading files is DuckDB's own on either engine, and what was learned differs in its last digits by machine.
READING = ("observations", "reference_lists")
LEARNED = re.compile(r"\d+\.\d{5,}(?:e[+-]?\d+)?|\d+(?:\.\d+)?e[+-]?\d+")


class Statements:
    """The statements of a run by step: what each is for, its SQL, and the columns of the tables it reads."""

    def __init__(self) -> None:
        self.step = ""
        self.of_step: dict[str, list[tuple[str, str, dict[str, dict[str, str]]]]] = defaultdict(list)

    @contextmanager
    def paused(self) -> Iterator[str]:
        """The step that is recorded, empty where none is; within it none is."""
        step, self.step = self.step, ""
        try:
            yield step
        finally:
            self.step = step

    def record(self, step: str, what: str, sql: str, engine: DuckEngine) -> None:
        words = set(re.findall(r"\w+", sql))
        tables = {word: engine.columns(word) for word in words if engine.has(word)}
        self.of_step[step].append((what, sql, tables))


def listening(statements: Statements, method: str) -> Callable[..., Any]:
    """A method of the engine that records its query before it runs it; not the queries within itself."""
    original = getattr(DuckEngine, method)
    signature = inspect.signature(original)

    def call(engine: DuckEngine, *args: Any, **kwargs: Any) -> Any:
        given = signature.bind(engine, *args, **kwargs).arguments
        with statements.paused() as step:  # an engine's method may use another one
            if step and "FROM duckdb_" not in given["sql"]:  # that is how the engine itself looks
                what = f"{method} {given.get('name', '')}".strip()
                statements.record(step, what, given["sql"], engine)
            return original(engine, *args, **kwargs)

    return call


@pytest.fixture(scope="module")
def statements(tmp_path_factory: pytest.TempPathFactory) -> Statements:
    recorded = Statements()

    def follow(progress: Any) -> None:
        recorded.step = progress.step.name if progress.seconds is None else ""

    with pytest.MonkeyPatch.context() as patch:
        for method in RECORDED:
            patch.setattr(DuckEngine, method, listening(recorded, method))
        graphlink.run(
            SAMPLE / "graphlink.toml",
            out=tmp_path_factory.mktemp("sql") / "result",
            limits=EngineSettings(threads=1),
            explain_all=True,
            progress=follow,
        )
    return recorded


def stable(sql: str) -> str:
    """SQL without what differs from machine to machine: learned numbers, and folders."""
    sql = LEARNED.sub("0.#", inspect.cleandoc(sql)).replace(str(SAMPLE), "SAMPLE")
    return "\n".join(line.rstrip() for line in sql.splitlines())


def in_duckdb(sql: str, _tables: dict[str, dict[str, str]]) -> str:
    return sql


def in_spark(sql: str, tables: dict[str, dict[str, str]]) -> str:
    return sqlglot.parse_one(spark_sql(sql, tables), read="spark").sql(dialect="spark", pretty=True)


def snapshots(
    statements: Statements, words: Callable[[str, dict[str, dict[str, str]]], str]
) -> dict[str, str]:
    """Per step one text: each statement under a comment that names what it makes."""
    return {
        f"{step}.sql": "\n\n".join(
            f"-- {what}\n{stable(words(sql, tables))}" for what, sql, tables in statements.of_step[step]
        )
        + "\n"
        for step in statements.of_step
        if step not in READING
    }


@pytest.mark.parametrize(("dialect", "words"), [("duckdb", in_duckdb), ("spark", in_spark)])
def test_the_sql_of_every_step_is_the_golden_one(
    dialect: str,
    words: Callable[[str, dict[str, dict[str, str]]], str],
    statements: Statements,
    pytestconfig: pytest.Config,
) -> None:
    texts = snapshots(statements, words)
    folder = SNAPSHOTS / dialect
    if pytestconfig.getoption("--golden"):
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.glob("*.sql"):
            path.unlink()
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
        pytest.skip("the snapshots were rewritten")
    assert {path.name for path in folder.glob("*.sql")} == set(texts)
    for name, text in texts.items():
        golden = (folder / name).read_text(encoding="utf-8")
        assert text.split("\n") == golden.split("\n"), (
            f"{dialect}/{name}: if this is meant, rewrite it with `pytest tests/golden --golden`"
        )


def test_every_step_with_sql_has_a_snapshot(statements: Statements) -> None:
    from graphlink.pipeline import steps

    names = {step.name for step in steps(explains_all=True)} - set(READING)
    assert names - set(statements.of_step) == set()
