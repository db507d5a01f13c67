"""The front end's modules import each other in one direction: no cycle, of types neither."""

from __future__ import annotations

import math
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


# How each form of colour blindness sees linear red, green and blue (Machado, Oliveira and Fernandes 2009).
_SEEN = {
    "all colours": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "without red": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "without green": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "without blue": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
_LEAST_DISTANCE = 10.0  # CIE 1976; about four times what can just be seen (2.3)


def _linear(colour: str) -> list[float]:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]


def _lab(rgb: list[float]) -> tuple[float, float, float]:
    matrix = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    white = (0.95047, 1.0, 1.08883)
    xyz = [
        sum(a * b for a, b in zip(row, rgb, strict=True)) / w for row, w in zip(matrix, white, strict=True)
    ]
    x, y, z = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _contrast(one: str, other: str) -> float:
    lights = sorted(
        sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), _linear(x), strict=True)) for x in (one, other)
    )
    return (lights[1] + 0.05) / (lights[0] + 0.05)


@pytest.mark.parametrize(
    ("name", "ground"),
    [
        ("CLASSES_LIGHT", "#ffffff"),
        ("CLASSES_DARK", "#10161d"),
        ("STEPS_LIGHT", "#ffffff"),
        ("STEPS_DARK", "#10161d"),
    ],
)
def test_classes_of_accounts_differ_for_every_eye(name: str, ground: str) -> None:
    source = (SOURCES / "theme.ts").read_text(encoding="utf-8")
    found = re.search(rf"const {name} = \[([^\]]*)\]", source)
    assert found is not None
    colours = re.findall(r'"(#[0-9a-f]{6})"', found[1])
    assert len(colours) == (7 if name.startswith("CLASSES") else 5)
    assert min(_contrast(one, ground) for one in colours) >= 4.5, (
        "a letter in the colour of the ground is read"
    )
    for eye, matrix in _SEEN.items():
        seen = [
            _lab(
                [
                    min(1.0, max(0.0, sum(a * b for a, b in zip(row, _linear(one), strict=True))))
                    for row in matrix
                ]
            )
            for one in colours
        ]
        for i, one in enumerate(seen):
            for j in range(i):
                assert math.dist(one, seen[j]) >= _LEAST_DISTANCE, f"{eye}: {colours[j]} and {colours[i]}"
    if name.startswith("STEPS"):
        lightness = [_lab(_linear(one))[0] for one in colours]
        assert lightness == sorted(lightness, reverse=name == "STEPS_LIGHT"), "steps go from faint to strong"
