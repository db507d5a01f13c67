"""Files of the root of the repository as pages of the site."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

PAGES = {
    "CONTRIBUTING.md": "/contributing/guide.md",
    "SECURITY.md": "/contributing/security.md",
    "CHANGELOG.md": "/contributing/changelog.md",
    "data/README.md": "/evidence/sample.md",
}
"""The page that shows a file, from the root of the site."""


def root_text(name: str) -> str:
    """The text of a file of the root, with its links as links of the site.

    Args:
        name: One of `PAGES`.

    Raises:
        KeyError: The site does not show this file.
    """
    if name not in PAGES:
        raise KeyError(f"{name}: neither a generated part nor one of {', '.join(PAGES)}")
    folder = (ROOT / name).parent

    def linked(link: re.Match[str]) -> str:
        path, _, anchor = link[1].partition("#")
        target = (folder / path).resolve().relative_to(ROOT.resolve()).as_posix()
        page = PAGES.get(target, target.removeprefix("docs"))
        return f"]({page}{'#' if anchor else ''}{anchor})"

    text = (ROOT / name).read_text(encoding="utf-8")
    return re.sub(r"\]\((?!https?:|mailto:|#)([^)\s]+)\)", linked, text)
