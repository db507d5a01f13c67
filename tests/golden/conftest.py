"""Golden texts: what a run wrote, without what every release of a library changes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import html5lib
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from graphlink.result.result import Result

FLOAT = re.compile(r"-?\d+\.\d{4,}(?:e[+-]?\d+)?")
# An address, a date or a version is no number.
FENCED = re.compile(rf"(?<![\w./~-]){FLOAT.pattern}(?![\w./~-])")
SILENT = frozenset({"script", "style"})


def stable_text(text: str, manifest: Mapping[str, Any]) -> str:
    """A text with six digits of each number, without versions, the run's fingerprint and its model."""
    versions = {**manifest["versions"], "graphlink": manifest["graphlink"]}
    for name, version in versions.items():
        text = re.sub(rf"\b({re.escape(name)}\W*){re.escape(version)}", r"\1VERSION", text)
    text = text.replace(manifest["fingerprint"], "FINGERPRINT").replace(manifest["model"]["sha256"], "MODEL")
    text = text.replace(f'"bytes": {manifest["model"]["bytes"]}', '"bytes": 0')
    return FENCED.sub(lambda actual: f"{float(actual[0]):.6g}", text)


def page_text(page: str) -> str:
    """What a page says: a line per text, its scripts and styles left out."""
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    for parent in list(tree.iter()):
        for child in list(parent):
            if child.tag in SILENT:
                parent.remove(child)
    lines = (" ".join(text.split()) for text in tree.itertext())
    return "\n".join(line for line in lines if line) + "\n"


@pytest.fixture
def check_golden(pytestconfig: pytest.Config) -> Callable[[Path, Result, Mapping[str, str]], None]:
    """Compare what was written of a result with the files of a folder, or rewrite these with --golden."""

    def check(folder: Path, result: Result, written: Mapping[str, str]) -> None:
        texts = {
            f"{name}.txt": stable_text(page_text(text) if name.endswith(".html") else text, result.manifest)
            for name, text in written.items()
        }
        if pytestconfig.getoption("--golden"):
            folder.mkdir(exist_ok=True)
            for path in folder.iterdir():
                path.unlink()
            for name, text in texts.items():
                (folder / name).write_text(text, encoding="utf-8", newline="\n")
            pytest.skip("the golden files were rewritten")
        assert {path.name for path in folder.iterdir()} == set(texts)
        for name, text in texts.items():
            golden = (folder / name).read_bytes().decode()
            assert text.split("\n") == golden.split("\n"), (
                f"{name}: if this is meant, rewrite it with `pytest tests/golden --golden`"
            )

    return check
