"""The answers of the explorer are declared once, and all that is made of the declarations is current.

`python -m tests.test_explorer_schema` writes docs/explorer.openapi.json, frontend/src/types.ts and the fields
and parameters in docs/explorer-api.md.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("msgspec", reason="graphlink[docs] is not installed")

from graphlink.explorer import api
from graphlink.explorer.answers import routes
from graphlink.explorer.answers.openapi import openapi_document
from graphlink.explorer.answers.typescript import (
    fields_of,
    parameters_of,
    query_parameters,
    type_of,
    typescript_of,
)

ROOT = Path(__file__).parent.parent
OPENAPI = ROOT / "docs" / "explorer.openapi.json"
TYPES = ROOT / "frontend" / "src" / "types.ts"
PAGE = ROOT / "docs" / "explorer-api.md"
REMEDY = "run: python -m tests.test_explorer_schema"
HEADING = (
    "// The answers of the explorer's API. Written from graphlink/explorer/answers by\n"
    "// `python -m tests.test_explorer_schema`: change those, not this file.\n"
)
_FIELDS = re.compile(r"(?<=<!-- fields -->\n).*(?=<!-- end of fields -->)", re.DOTALL)


_PARAMETERS = re.compile(
    r"(?<=^<!-- parameters of )(\S+)( -->\n).*?(?=^<!-- end of parameters -->)", re.DOTALL | re.MULTILINE
)


def made() -> dict[Path, str]:
    """The files that are made of the declarations, with their content."""
    document = openapi_document()
    queries = query_parameters(document)
    page = _PARAMETERS.sub(
        lambda found: f"{found[1]}{found[2]}\n{parameters_of(queries[found[1]])}\n\n",
        PAGE.read_text(encoding="utf-8"),
    )
    return {
        OPENAPI: json.dumps(document, indent=1) + "\n",
        TYPES: typescript_of(document, HEADING),
        PAGE: _FIELDS.sub(lambda _: "\n" + fields_of(document) + "\n", page),
    }


def test_every_route_has_an_answer() -> None:
    assert routes.GET.keys() == api.GET.keys()
    assert routes.POST.keys() == api.POST.keys()


def test_the_page_has_the_parameters_of_every_route_below_its_heading() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for path in query_parameters(openapi_document()):
        section = page.partition(f"### GET {path}\n")[2].partition("\n### ")[0]
        assert f"<!-- parameters of {path} -->" in section, path


@pytest.mark.parametrize("path", [OPENAPI, TYPES, PAGE], ids=lambda path: path.name)
def test_what_is_made_of_the_answers_is_current(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == made()[path], REMEDY
    if path == PAGE:
        assert "| `cluster_id` |" in path.read_text(encoding="utf-8")


def test_every_reference_of_the_document_leads_somewhere() -> None:
    document = openapi_document()
    named = set(re.findall(r'"\$ref": "#/components/schemas/(\w+)"', json.dumps(document)))
    assert named == set(document["components"]["schemas"]) - {"Page"}
    assert document["paths"].keys() == {f"/api/v1{path}" for path in (*api.GET, *api.POST)}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "integer"}, "number"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string | null"),
        ({"type": "array", "items": {"anyOf": [{"type": "number"}, {"type": "null"}]}}, "(number | null)[]"),
        ({"type": "object", "additionalProperties": {"type": "string"}}, "Record<string, string>"),
        ({"type": "object"}, "Record<string, unknown>"),
        ({"$ref": "#/components/schemas/Page_Link_"}, "Page<Link>"),
        ({"enum": ["a", "b"]}, '"a" | "b"'),
    ],
)
def test_types_are_those_of_typescript(schema: dict[str, Any], expected: str) -> None:
    assert type_of(schema) == expected


@pytest.mark.slow
def test_the_front_end_fits_the_types() -> None:
    npx = shutil.which("npx")
    if npx is None or not (ROOT / "frontend" / "node_modules" / "typescript").is_dir():
        pytest.skip("TypeScript is not installed in frontend")
    done = subprocess.run(
        [npx, "tsc", "--noEmit"], cwd=ROOT / "frontend", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


if __name__ == "__main__":
    for file, text in made().items():
        file.write_text(text, encoding="utf-8")
