"""What the build of the site adds to Sphinx: generated parts, notebooks from their scripts, formulas offline.

A page names a generated part by a block that GitHub shows as code:

    ```{generated} kinds
    ```
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pygments.lexers.special import TextLexer

from docs.extension.formulas import add_formulas
from docs.extension.notebooks import add_notebooks
from docs.extension.reference import commands_text, kinds_text, settings_text, tables_text
from docs.extension.root_files import root_text
from docs.extension.step_graph import draw_mermaid_graph

if TYPE_CHECKING:
    from collections.abc import Callable

    from sphinx.application import Sphinx

_BLOCK = re.compile(r"^```\{generated\} (\S+)\n```$", re.MULTILINE)
_MERMAID = re.compile(r"^```mermaid\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PARTS: dict[str, Callable[[], str]] = {
    "commands": commands_text,
    "kinds": kinds_text,
    "settings": settings_text,
    "tables": tables_text,
}


def with_generated_parts(text: str) -> str:
    """The text of a page in which each generated block is replaced by what it names, and graphs are drawn.

    Raises:
        KeyError: A block names no part, or a file that the site does not show.
    """
    text = _BLOCK.sub(lambda block: (_PARTS.get(block[1]) or (lambda: root_text(block[1])))(), text)
    return _MERMAID.sub(lambda graph: f"```{{raw}} html\n{draw_mermaid_graph(graph[1])}\n```", text)


def _read_source(_app: Sphinx, _name: str, source: list[str]) -> None:
    source[0] = with_generated_parts(source[0])


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension; Sphinx calls it."""
    add_formulas(app)
    add_notebooks(app)
    app.add_lexer("csv", TextLexer)
    app.connect("source-read", _read_source)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
