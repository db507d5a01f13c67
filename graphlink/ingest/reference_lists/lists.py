"""Reference lists that are text: CSV with a header, plain lines, ipset, Tor's exits, cloud providers' JSON.

The meaning of a line is certain, or the line is rejected with its number and the reason; no line is dropped
in silence.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from graphlink.core.errors import InputError
from graphlink.core.small_files import open_regular
from graphlink.ingest.reference_lists.formats import format_of
from graphlink.ingest.reference_lists.read import ReadList

if TYPE_CHECKING:
    from graphlink.core.settings import Reference

_SNIFFED = 4096  # bytes by which a format is known


def read_list(reference: Reference, *, hides: bool = False) -> ReadList:
    """Read a list that is text.

    Args:
        reference: Its path, and the label and type of lines without.
        hides: Whether messages hide addresses.

    Raises:
        InputError: The file can't be read, is no list, lacks a label or type that settings could give, or has
            rejected lines only.
    """
    path = Path(reference.path)
    read = ReadList(path, (reference.label, reference.type), hides=hides)
    with open_regular(path, f"reference list {path}") as raw:
        start = raw.read(_SNIFFED)
        raw.seek(0)
        if start[:4].lstrip().startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK")):
            raise InputError(f"reference list {path}: it is packed; unpack it and name the file in it")
        if start.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise InputError(f"reference list {path}: the text is UTF-16; export it as UTF-8")
        format_of(start.removeprefix(b"\xef\xbb\xbf"), path.name).read(read, raw)
    read.drop_faults()
    if read.n_rejected and read.n_rejected == read.n_lines:
        line, rejected = read.rejected[0]
        raise InputError(
            f"reference list {path}: no valid line; the first is {read.where(line)}: "
            f"{rejected.message(hides=hides)}"
        )
    return read
