"""Reference lists that are text: CSV with a header, plain lines, ipset, Tor's exits, cloud providers' JSON.

What a line means is certain, or the line is rejected with its number and the reason; nothing is left out in
silence.
"""

from __future__ import annotations

import io
import itertools
from pathlib import Path
from typing import TYPE_CHECKING

from graphlink.core.errors import InputError
from graphlink.core.small_files import open_regular
from graphlink.ingest.reference_lists.csv_lists import add_rows, header_of
from graphlink.ingest.reference_lists.json_lists import LABEL_SETTINGS, read_json
from graphlink.ingest.reference_lists.plain_lists import add_plain
from graphlink.ingest.reference_lists.read import ReadList
from graphlink.kinds import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graphlink.core.settings import Reference

_COMMENTS = ("#", "//")


def read_list(reference: Reference, *, hides: bool = False) -> ReadList:
    """Read a list that is text.

    Args:
        reference: Its path, and the label and type of what has none of its own.
        hides: Whether messages keep addresses to themselves.

    Raises:
        InputError: The file can't be read, is no list, lacks a label or type that settings could give, or has
            rejected lines only.
    """
    path = Path(reference.path)
    told = ReadList(path, (reference.label, reference.type))
    with open_regular(path, f"reference list {path}") as raw:
        start = raw.read(4).removeprefix(b"\xef\xbb\xbf").lstrip()
        raw.seek(0)
        if start.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK")):
            raise InputError(f"reference list {path}: it is packed; unpack it and name what was in it")
        if start.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise InputError(f"reference list {path}: the text is UTF-16; export it as UTF-8")
        if start.startswith((b"{", b"[")):
            read_json(told)
        else:
            text = io.TextIOWrapper(raw, encoding="utf-8-sig", errors="surrogateescape")
            _read_text(told, text, hides=hides)
            text.detach()
    told.drop_faults()
    if told.n_rejected and told.n_rejected == told.n_lines:
        line, rejected = told.rejected[0]
        raise InputError(
            f"reference list {path}: no valid line; the first is {told.where(line)}: "
            f"{rejected.told(hides=hides)}"
        )
    return told


def _read_text(told: ReadList, text: Iterable[str], *, hides: bool) -> None:
    lines = _lines(text)
    first = next((line for line in lines if not line[1].startswith(";")), None)
    if first is None:
        if not all(told.default):
            raise InputError(
                f"reference list {told.path}: empty; the first line names network, label and type"
            )
        return
    columns, delimiter = header_of(first[1])
    has_type = "type" in columns or bool(told.default[1])
    if columns and has_type:
        if delimiter != ";":
            lines = (line for line in lines if not line[1].startswith(";"))
        add_rows(told, lines, delimiter, columns)
    elif not columns and all(told.default):
        add_plain(told, itertools.chain([first], lines))
    else:
        found = "" if hides else f"; found {shown(first[1])}"
        raise InputError(
            f"reference list {told.path}, line {first[0]}: expected a header with the columns network (or "
            f"cidr, address, asn), label and type{found}; of a list without, such as one network a line, say "
            f"what its networks are: {LABEL_SETTINGS}"
        )


def _lines(text: Iterable[str]) -> Iterator[tuple[int, str]]:
    # One physical line at a time: an unclosed quote spoils its own line and not the rest of the file.
    for number, line in enumerate(text, start=1):
        stripped = line.strip()
        if stripped and not stripped.startswith(_COMMENTS):
            yield number, stripped
