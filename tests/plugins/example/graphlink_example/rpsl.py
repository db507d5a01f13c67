"""A format of reference lists: `route:` objects of a routing registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from graphlink.ingest.reference_lists.list_format import ReferenceFormat
from graphlink.ingest.reference_lists.read import Lines

if TYPE_CHECKING:
    from graphlink.ingest.reference_lists.read import ReadList


def is_rpsl(start: bytes, _: str) -> bool:
    """Whether a file begins with a route."""
    return start.startswith((b"route:", b"route6:"))


def read_rpsl(target: ReadList, file: BinaryIO) -> None:
    """Add the network of each route; label and type are those of the settings."""
    for number, line in enumerate(file, start=1):
        name, _, value = line.decode("utf-8", "replace").partition(":")
        if name in ("route", "route6"):
            target.add(Lines([number], [value.strip()], [""], [""]))


RPSL = ReferenceFormat("rpsl", "Routes of a routing registry", is_rpsl, read_rpsl)
