"""The reference of sources: every refusal as it is worded, and the logs that `init` maps.

`python -m tests.test_refusals` writes both.
"""

from __future__ import annotations

from pathlib import Path

from tests.refusals import SECTIONS, page
from tests.schemas import SCHEMAS, table

REFERENCE = Path(__file__).parent.parent / "docs" / "reference"
PAGE, SOURCES = REFERENCE / "refusals.md", REFERENCE / "sources.md"
BEGIN, END = "<!-- schemas: written by python -m tests.test_refusals -->\n", "<!-- end of schemas -->"


def with_schemas(text: str) -> str:
    """The page of sources with the table of the schemas."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}{table()}\n{END}{rest.partition(END)[2]}"


def test_the_page_shows_every_refusal_as_it_is_worded() -> None:
    text = page()
    assert PAGE.read_text(encoding="utf-8") == text, "run: python -m tests.test_refusals"
    assert sum(map(len, SECTIONS.values())) >= 20
    assert ":secret" not in text, "the password of a URL"


def test_the_page_shows_the_logs_that_init_maps() -> None:
    text = SOURCES.read_text(encoding="utf-8")
    assert with_schemas(text) == text, "run: python -m tests.test_refusals"
    assert f"{len(SCHEMAS)} of {len(SCHEMAS)} on" in text


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    SOURCES.write_text(with_schemas(SOURCES.read_text(encoding="utf-8")), encoding="utf-8")
