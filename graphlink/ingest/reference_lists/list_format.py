"""What a format of reference lists is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphlink.ingest.reference_lists.read import ReadList


@dataclass(frozen=True, slots=True)
class ReferenceFormat:
    """A format of reference lists.

    Attributes:
        name: Its name.
        about: What files it reads, for people.
        matches: Whether a file is of this format, by its first 4,096 bytes and its name.
        read: Adds every line of the file to the list (`ReadList.add`), which rejects those it can't use.
    """

    name: str
    about: str
    matches: Callable[[bytes, str], bool]
    read: Callable[[ReadList, BinaryIO], None]
