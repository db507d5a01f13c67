"""The graph of the steps, and `docs/pipeline.md`, which is written from what the steps declare.

`python -m tests.test_pipeline_docs` writes it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import graphlink
from graphlink.core.stages import find_graph_faults
from graphlink.core.step_graph import draw_mermaid
from graphlink.engine.stage_view import StageView
from graphlink.pipeline import result_names, steps
from tests.conftest import SAMPLE

if TYPE_CHECKING:
    import pytest

    from graphlink.core.stages import TableSpec

PAGE = Path(__file__).parent.parent / "docs" / "pipeline.md"
HEAD = """# The steps of a run

Written from the declarations of the steps by `python -m tests.test_pipeline_docs`; a test fails when it is
stale. `graphlink steps` prints the same; `graphlink steps --format dot` names the tables on each arrow.

A step is an imported function with the tables that it takes and makes (`graphlink/pipeline.py`). It sees the
engine through a `StageView` (`graphlink/engine/stage.py`): what it makes and does not declare is its own, and
dropped when it is done. No table is made twice. What no later step takes is dropped by the pipeline. With
`GRAPHLINK_CHECK=1` in the environment a step that reads or makes what it does not declare fails, and so does
one whose tables break their contract: columns and types, and on DuckDB keys and rules. The tests run so.

To add a step: declare its tables in `graphlink/core/tables`, decorate its function with `@step`, and list it
in `pipeline.steps`.
"""


def steps_text() -> str:
    rows = [
        f"| `{step.name}` | {step.about} | {named(step.takes)} | {named(step.makes)} |"
        for step in steps(explains_all=True)
    ]
    return "| step | what it does | takes | makes |\n|---|---|---|---|\n" + "\n".join(rows)


def named(specs: tuple[TableSpec, ...]) -> str:
    return ", ".join(f"`{spec.name}`" for spec in specs)


def tables_text() -> str:
    listed = steps(explains_all=True)
    results = result_names(explains_all=True)
    rows = []
    for maker in listed:
        for spec in maker.makes:
            takers = [step.name for step in listed if spec in step.takes]
            takers += ["result"] if spec.name in results else []
            columns = ", ".join(f"`{column.name}`" for column in spec.columns)
            key = ", ".join(f"`{name}`" for name in spec.key)
            rows.append(
                f"| `{spec.name}` | {spec.about} | {columns} | {key} | {maker.name} | {', '.join(takers)} |"
            )
    head = "| table | one row per | columns | key | made by | taken by |\n|---|---|---|---|---|---|\n"
    return head + "\n".join(rows)


def page() -> str:
    graph = draw_mermaid(steps(explains_all=True), result_names(explains_all=True))
    return (
        f"{HEAD}\n## Graph\n\nThe number on an arrow, or its width, is that of the tables it stands for.\n\n"
        f"```mermaid\n{graph}```\n\n## Steps\n\n{steps_text()}\n\n## Tables\n\n"
        "Columns with types, units and meaning are in `graphlink/core/tables` and, for tables of the result, "
        f"in [the result](reference/result.md).\n\n{tables_text()}\n"
    )


def test_the_page_is_as_the_steps_declare() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.test_pipeline_docs"


def test_the_graph_of_the_steps_has_no_fault() -> None:
    for explains_all in (False, True):
        listed, results = steps(explains_all=explains_all), result_names(explains_all=explains_all)
        assert find_graph_faults(listed, results) == []


CONDITIONAL = {
    ("harmless_readings", "communities"): "read where labels moved accounts",
    ("organisation_marks", "account_numbers"): "read where an attribute names an organisation",
    ("routers", "address_names"): "read where addresses are hashed",
    ("routers", "input_accounts"): "read where observations are added",
    ("overrides", "kinds"): "read where there are overrides",
    ("overrides", "shared_identifiers"): "read where there are overrides",
}


def test_no_step_takes_a_table_that_it_does_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    see, seen = StageView._see, set()

    def noted(stage: StageView, name: str) -> None:
        seen.add((stage._step.name, name))
        see(stage, name)

    monkeypatch.setattr(StageView, "_see", noted)
    graphlink.run(SAMPLE / "graphlink.toml", out=tmp_path / "result", explain_all=True)
    taken = {(step.name, spec.name) for step in steps(explains_all=True) for spec in step.takes}
    assert taken - seen - CONDITIONAL.keys() == set()


def test_every_column_of_a_table_between_steps_has_a_meaning() -> None:
    specs = {spec.name: spec for step in steps(explains_all=True) for spec in step.makes}
    assert len(specs) > 50
    for spec in specs.values():
        assert spec.about
        assert not spec.about.endswith(".")
        assert set(spec.key) <= set(spec.column_names)
        assert all(column.about.endswith(".") for column in spec.columns)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
