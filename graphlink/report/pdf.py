"""The report as PDF, by typst: the data come in as JSON, so nothing in them is read as markup."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from graphlink.core.errors import ResultError
from graphlink.render.escape import visible

if TYPE_CHECKING:
    from pathlib import Path

_TEMPLATE = "report.typ"


def write_pdf(folder: Path) -> None:
    """Make `report.pdf` from the `report.json` of a folder.

    Letters that typst's own fonts lack are shown by their code, as `<U+4E2D>`: they would be empty boxes.

    Raises:
        ResultError: The extra is not installed, or typst could not make the file.
    """
    try:
        import typst
    except ImportError as error:
        raise ResultError("a PDF needs typst: pip install 'graphlink[pdf]'") from error
    source, data = folder / _TEMPLATE, folder / "report-shown.json"
    source.write_text((resources.files("graphlink.report") / _TEMPLATE).read_text("utf-8"), "utf-8")
    data.write_text(_drawable((folder / "report.json").read_text("utf-8")), "utf-8")
    try:
        # No moment of creation: the same report gives the same bytes.
        typst.compile(str(source), output=str(folder / "report.pdf"), timestamp=0, ignore_system_fonts=True)
    except RuntimeError as error:
        raise ResultError(f"typst could not make the PDF: {visible(str(error))}") from error
    finally:
        source.unlink()
        data.unlink()


def _drawable(text: str) -> str:
    """JSON in ASCII with escapes of letters beyond Latin made visible."""
    chunks = text.split("\\u")
    return chunks[0] + "".join(_shown(chunk) for chunk in chunks[1:])


def _shown(escape: str) -> str:
    code, rest = escape[:4], escape[4:]
    is_latin = 0xA0 <= int(code, 16) < 0x250 and code.lower() != "00ad"
    return f"\\u{code}{rest}" if is_latin else f"<U+{code.upper()}>{rest}"
