"""The columns to read from a source, and where the source is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from graphlink.core.credentials import redacted_repr
from graphlink.ingest.sources.roles import Reading

if TYPE_CHECKING:
    from collections.abc import Mapping


class ColumnSpec(NamedTuple):
    """A column to read from a source.

    Attributes:
        name: The column of the staged table.
        column: The column of the source.
        role: What the cells are for (see `graphlink.ingest.roles`).
        is_needed: Whether the source has to have it; it is null where it need not and does not.
        pick: Which value of a list in a cell is taken; empty where cells hold single values.
    """

    name: str
    column: str
    role: str
    is_needed: bool = True
    pick: str = ""


@dataclass(frozen=True, slots=True)
class Place(Reading):
    """Where a source is, and how its times are read; common to Source and AccountSource.

    `left_out` are names of files that an earlier run has read.
    """

    path: str = ""
    database: str = ""
    table: str = ""
    query: str = ""
    joins: Mapping[str, str] = field(default_factory=dict)
    frame: object = None
    records: str = ""
    encoding: str = ""
    format: str = ""
    version: str = ""
    catalog: str = ""
    left_out: frozenset[str] = frozenset()

    __repr__ = redacted_repr
