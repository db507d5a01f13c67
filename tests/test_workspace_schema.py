"""The routes of the workspace's API are declared once, and all that is made of them is current.

`python -m tests.test_workspace_schema` writes docs/workspace.openapi.json, frontend/src/team/types.ts and the
tables in docs/team.md.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from graphlink.explorer.answers.typescript import fields_of, typescript_of
from graphlink.team.openapi import rights_table, routes_table, workspace_document
from graphlink.team.routes import ROUTES
from graphlink.workspace.roles import RIGHTS

ROOT = Path(__file__).parent.parent
OPENAPI = ROOT / "docs" / "workspace.openapi.json"
TYPES = ROOT / "frontend" / "src" / "team" / "types.ts"
PAGE = ROOT / "docs" / "team.md"
REMEDY = "run: python -m tests.test_workspace_schema"
HEADING = (
    "// The answers and bodies of the workspace's API. Written from graphlink/team/answers by\n"
    "// `python -m tests.test_workspace_schema`: change those, not this file.\n"
)


def made() -> dict[Path, str]:
    """The files that are made of the declarations, with their content."""
    document = workspace_document()
    page = PAGE.read_text(encoding="utf-8")
    for name, table in (
        ("rights", rights_table()),
        ("routes", routes_table()),
        ("fields", fields_of(document)),
    ):
        begin, end = (
            f"<!-- {name}: written by tests/test_workspace_schema.py -->\n",
            f"<!-- end of {name} -->",
        )
        before, _, rest = page.partition(begin)
        page = f"{before}{begin}\n{table.rstrip()}\n\n{end}{rest.partition(end)[2]}"
    return {
        OPENAPI: json.dumps(document, indent=1) + "\n",
        TYPES: typescript_of(document, HEADING),
        PAGE: page,
    }


@pytest.mark.parametrize("path", [OPENAPI, TYPES, PAGE], ids=lambda path: path.name)
def test_what_is_made_of_the_routes_is_current(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == made()[path], REMEDY


def test_the_tables_are_in_the_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for table in (rights_table(), routes_table()):
        assert table in page


def test_every_reference_of_the_document_leads_somewhere() -> None:
    document = workspace_document()
    named = set(re.findall(r'"\$ref": "#/components/schemas/(\w+)"', json.dumps(document)))
    assert named == set(document["components"]["schemas"]) - {"Page"}
    assert {(path, method) for path, one in document["paths"].items() for method in one} == {
        (f"/api/v2{one.path}", one.method.lower()) for one in ROUTES
    }


def test_every_right_opens_a_route_and_every_route_needs_a_known_one() -> None:
    elsewhere = {"result.read", "values.plain"}  # of the explorer, and of what is shown
    assert {one.right for one in ROUTES} | elsewhere == set(RIGHTS)


def test_every_change_is_compared_with_what_was_read() -> None:
    free = {one.path for one in ROUTES if one.method == "POST" and one.version is None}
    assert free == {"/reveal"}, "it reads what is logged, and changes nothing"


def test_no_two_classes_have_one_name() -> None:
    waiting, names = [msgspec.Struct], Counter[str]()
    while waiting:
        for kind in waiting.pop().__subclasses__():
            if kind.__module__.startswith("graphlink.") and "[" not in kind.__name__:
                names[kind.__name__] += 1
            waiting.append(kind)
    assert [name for name, n in names.items() if n > 1] == []


if __name__ == "__main__":
    TYPES.parent.mkdir(exist_ok=True)
    for file, text in made().items():
        file.write_text(text, encoding="utf-8")
