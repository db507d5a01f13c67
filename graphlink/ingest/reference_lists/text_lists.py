"""Reference lists of lines: CSV with a header, or one network a line."""

from __future__ import annotations

import io
import itertools
from typing import TYPE_CHECKING, BinaryIO

from graphlink.core.errors import InputError
from graphlink.ingest.reference_lists.csv_lists import BATCH, add_rows, header_of, names_in
from graphlink.ingest.reference_lists.json_lists import LABEL_SETTINGS
from graphlink.ingest.reference_lists.list_format import ReferenceFormat
from graphlink.ingest.reference_lists.plain_lists import add_plain
from graphlink.ingest.reference_lists.record_lists import add_flagged_rows
from graphlink.ingest.reference_lists.records import is_labelling
from graphlink.kinds import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graphlink.ingest.reference_lists.read import ReadList

_COMMENTS = ("#", "//")


def read_text(target: ReadList, file: BinaryIO) -> None:
    """Add every line.

    Raises:
        InputError: The lines name no label or type, and the settings give none.
    """
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape")
    try:
        _read_lines(target, text)
    finally:
        text.detach()


def _read_lines(target: ReadList, text: Iterable[str]) -> None:
    lines = _lines(text)
    first = next((line for line in lines if not line[1].startswith(";")), None)
    if first is None:
        if not all(target.default):
            raise InputError(
                f"reference list {target.path}: empty; the first line names network, label and type"
            )
        return
    columns, delimiter = header_of(first[1])
    has_type = "type" in columns or bool(target.default[1])
    names = names_in(first[1], delimiter) if columns else []
    if columns and "type" not in columns and any(map(is_labelling, names)):
        add_flagged_rows(target, lines, delimiter, names)
    elif columns and has_type:
        add_rows(target, lines, delimiter, columns)
    elif not columns and all(target.default):
        add_plain(target, itertools.chain([first], lines))
    else:
        line = "" if target.hides else f"; found {shown(first[1])}"
        raise InputError(
            f"reference list {target.path}, line {first[0]}: expected a header with the columns network (or "
            f"cidr, address, asn), label and type{line}; for a list without, such as one network a line, set "
            f"{LABEL_SETTINGS}"
        )


def _lines(text: Iterable[str]) -> Iterator[tuple[int, str]]:
    # Physical lines: an unclosed quote spoils its own line and not the rest of the file.
    rest = iter(text)
    batches = iter(lambda: list(itertools.islice(rest, BATCH)), [])
    return itertools.chain.from_iterable(map(_with_content, itertools.count(1, BATCH), batches))


def _with_content(first: int, lines: list[str]) -> Iterable[tuple[int, str]]:
    """The lines with content, stripped, with their numbers."""
    stripped = [line.strip() for line in lines]
    if all(stripped) and "\n#" not in (joined := "\n" + "\n".join(stripped)) and "\n//" not in joined:
        return enumerate(stripped, first)
    return [
        (number, line)
        for number, line in enumerate(stripped, first)
        if line and not line.startswith(_COMMENTS)
    ]


TEXT = ReferenceFormat(
    "text", "CSV with a header, or one network a line (plain, ipset, Tor's exits)", lambda *_: True, read_text
)
