"""A step's view of the engine: its own tables, those it declares, and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from graphlink.core.columns import KIND_NO
from graphlink.core.errors import EngineError, TableError
from graphlink.core.stages import TableSpec
from graphlink.engine.duck import DuckEngine
from graphlink.engine.stage import CHECK, Step, step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graphlink.engine import Reader

TAKEN, MADE = (TableSpec(name, "kind", (KIND_NO,), ("kind_no",)) for name in ("taken", "made"))
ROWS = "SELECT 1::INTEGER AS kind_no"


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as opened:
        for name in ("taken", "hidden"):
            opened.make(name, ROWS)
        yield opened


def taking(function: Callable[[Reader], object]) -> Step[[]]:
    """A step that takes one table and makes another, which does something on the way."""

    @step("some", "do something", takes=(TAKEN,), makes=(MADE,))
    def some(engine: Reader) -> dict[str, object]:
        function(engine)
        if not engine.has("made"):
            engine.make("made", "SELECT kind_no FROM taken")
        return {"done": True}

    return some


def tables(engine: DuckEngine) -> list[str]:
    return [str(name) for (name,) in engine.rows("SELECT table_name FROM duckdb_tables() ORDER BY ALL")]


def test_a_step_keeps_what_it_makes_and_drops_its_temporaries(engine: DuckEngine) -> None:
    def work(stage: Reader) -> None:
        stage.make("mine", "SELECT * FROM taken")
        stage.load("loaded", pa.table({"x": [1]}))
        stage.define("named", "SELECT * FROM mine JOIN loaded ON true")
        stage.make("made", "SELECT kind_no FROM named")

    assert taking(work)(engine) == {"done": True}
    assert tables(engine) == ["hidden", "made", "taken"]
    assert not engine.has("named")


def test_temporaries_of_a_failed_step_are_dropped(engine: DuckEngine) -> None:
    def fail(stage: Reader) -> None:
        stage.make("mine", ROWS)
        raise EngineError("no memory")

    with pytest.raises(EngineError, match="no memory"):
        taking(fail)(engine)
    assert tables(engine) == ["hidden", "taken"]


def test_a_table_passed_on_by_a_step_has_its_new_name(engine: DuckEngine) -> None:
    taking(lambda stage: stage.rename("taken", "made"))(engine)
    assert tables(engine) == ["hidden", "made"]


WRONG: dict[str, tuple[Callable[[Reader], object], str]] = {
    "rows": (lambda stage: stage.rows("SELECT * FROM hidden"), "reads hidden, which it does not declare"),
    "arrow": (lambda stage: stage.arrow("SELECT * FROM hidden"), "reads hidden, which"),
    "make": (lambda stage: stage.make("mine", "SELECT * FROM taken, hidden"), "reads hidden, which"),
    "define": (lambda stage: stage.define("mine", "SELECT * FROM hidden"), "reads hidden, which"),
    "columns": (lambda stage: stage.columns("hidden"), "reads hidden, which"),
    "rename": (lambda stage: stage.rename("hidden", "made"), "reads hidden, which"),
    "overwrite": (lambda stage: stage.make("hidden", ROWS), "makes hidden, which is another's"),
    "taken": (lambda stage: stage.make("taken", ROWS), "makes taken, which is another's"),
    "append": (lambda stage: stage.append("taken", ROWS), "adds to taken, which it does not make"),
    "drop": (lambda stage: stage.drop("taken"), "drops taken, which is not its own"),
    "type": (
        lambda stage: stage.make("made", "SELECT 'a' AS kind_no"),
        "column kind_no: VARCHAR, not INTEGER",
    ),
    "key": (lambda stage: stage.make("made", f"{ROWS} UNION ALL {ROWS}"), "two rows with the key"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_step_that_does_what_it_does_not_declare_fails(engine: DuckEngine, name: str) -> None:
    function, actual = WRONG[name]
    with pytest.raises(TableError, match=actual):
        taking(function)(engine)


@pytest.mark.parametrize("member", ["close", "write_parquet", "write_stored", "version"])
def test_what_only_a_run_does_is_no_steps(engine: DuckEngine, member: str) -> None:
    with taking(lambda _: None).view(engine) as stage:
        assert not hasattr(stage, member)
        stage.make("made", ROWS)


def test_a_step_that_does_not_make_what_it_declares_fails(engine: DuckEngine) -> None:
    idle = Step(lambda _: {}, "idle", "do nothing", makes=(MADE,))
    with pytest.raises(TableError, match="idle did not make made"):
        idle(engine)


def test_without_the_variable_nothing_is_checked(engine: DuckEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(CHECK)
    taking(lambda stage: stage.rows("SELECT * FROM hidden"))(engine)
    assert tables(engine) == ["hidden", "made", "taken"]
