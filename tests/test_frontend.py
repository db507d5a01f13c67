"""The front end's modules import each other in one direction: no cycle, of types neither."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import graphlink
from graphlink.core.wording.glossary import GLOSSARY
from graphlink.explorer import server

SOURCES = Path(__file__).parent.parent / "frontend" / "src"
_IMPORT = re.compile(
    r"""\b(?:import|export)\b[^;"']*?["'](\.{1,2}/[^"']+)["']"""
    r"""|\bimport\(\s*["'](\.[^"']+)["']"""
)


def imports_of(path: Path, root: Path) -> set[str]:
    """Modules of the tree that a module imports, by their paths from its root without the suffix."""
    values = set()
    for match in _IMPORT.finditer(path.read_text(encoding="utf-8")):
        target = (path.parent / (match[1] or match[2])).resolve()
        for suffix in (".ts", ".tsx"):
            if target.with_name(target.name + suffix).is_file():
                values.add(target.relative_to(root.resolve()).as_posix())
    return values


def import_graph(root: Path) -> dict[str, set[str]]:
    """Per module of a tree of TypeScript the modules that it imports."""
    return {
        path.relative_to(root).with_suffix("").as_posix(): imports_of(path, root)
        for path in sorted(root.rglob("*.ts*"))
        if not path.name.endswith(".d.ts")
    }


def cycles(graph: dict[str, set[str]]) -> set[str]:
    """Modules that are part of a cycle of imports, or lead from one to another."""
    left = {module: set(targets) for module, targets in graph.items()}
    while True:
        used = {target for targets in left.values() for target in targets}
        ends = {module for module, targets in left.items() if not targets & left.keys() or module not in used}
        if not ends:
            return set(left)
        left = {module: targets - ends for module, targets in left.items() if module not in ends}


@pytest.mark.skipif(not SOURCES.is_dir(), reason="no checkout: the front end has no sources here")
def test_the_build_writes_where_the_package_looks() -> None:
    """The script, the hook that stamps its output, the wheel and the explorer name one folder."""
    script = (SOURCES.parent / "build.mjs").read_text(encoding="utf-8")
    hook = (SOURCES.parent.parent / "hatch_build.py").read_text(encoding="utf-8")
    assert 'path.join(here, "..", "graphlink", "static")' in script
    assert 'Path(self.root) / "graphlink" / "static"' in hook
    wheel = tomllib.loads((SOURCES.parent.parent / "pyproject.toml").read_text(encoding="utf-8"))
    artifacts = wheel["tool"]["hatch"]["build"]["targets"]["wheel"]["artifacts"]
    assert {path.rpartition("/")[0] for path in artifacts} == {"graphlink/static", "graphlink/static/docs"}
    assert server.STATIC.relative_to(Path(graphlink.__file__).parent).as_posix() == "static"


@pytest.mark.skipif(not SOURCES.is_dir(), reason="no checkout: the front end has no sources here")
def test_no_module_imports_itself_by_way_of_others() -> None:
    graph = import_graph(SOURCES)
    assert "case/store" in graph["case/explain"]
    assert sum(map(len, graph.values())) > 100
    assert cycles(graph) == set()


@pytest.mark.parametrize(
    "line",
    [
        'import { a } from "./a";',
        'import type { A } from "./a";',
        'import {\n  a,\n  b,\n} from "./a";',
        'export { a } from "./a";',
        'import "./a";',
        'const a = await import("./a");',
        'import { a } from "../case/a";',
    ],
    ids=["names", "types", "lines", "export", "effect", "dynamic", "folder"],
)
def test_a_cycle_is_seen_however_it_is_written(tmp_path: Path, line: str) -> None:
    folder = tmp_path / "case"
    folder.mkdir()
    (folder / "a.tsx").write_text('import { b } from "./b";\nimport { c } from "./c";\n')
    (folder / "b.ts").write_text('import { c } from "./c";\n')
    (folder / "c.ts").write_text('import { d } from "elsewhere";\n')
    (folder / "d.ts").write_text('import { a } from "./a";\n')
    assert cycles(import_graph(tmp_path)) == set()
    (folder / "b.ts").write_text('import { c } from "./c";\n' + line)
    assert cycles(import_graph(tmp_path)) == {"case/a", "case/b"}


def test_every_term_of_a_table_is_in_the_glossary() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in SOURCES.rglob("*.tsx"))
    terms = set(re.findall(r'\bterm: "([^"]+)"', sources))
    assert len(terms) >= 5
    assert terms <= {term.name for term in GLOSSARY}
