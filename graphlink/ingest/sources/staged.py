"""A source that was read: its table, its files, and the rows that could not be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Lost(NamedTuple):
    """A row that could not be read: its file, its number there, the reason, its lines."""

    file: int
    row: int
    reason: str
    n_lines: int = 1


@dataclass
class Staged:
    """A source that was read.

    Attributes:
        table: The staged table.
        name: The source's name in messages.
        files: The files of the source, or its frame or table, in order, by name.
        inputs: Per file: name, bytes and sha256 (at an address, when it changed), for the manifest.
        rejected: Rows that could not be read.
        skipped: Files that hold no table, with the reason.
        missing: Columns that are not there and are not needed.
        warnings: Warnings about how it was read.
        row: The column of the staged table that counts its rows in order, from 0 in its first file.
        is_numbered: Whether it does; where the engine doesn't know the numbers it only distinguishes rows.
        partitions: Per file, the columns that the names of its folders give, with their values.
        columns: The columns that the source shows, in order; also those that are not read.
        n_rows: Rows read, rejected ones not counted.
    """

    table: str
    name: str
    files: list[str] = field(default_factory=list)
    inputs: list[dict[str, object]] = field(default_factory=list)
    rejected: list[Lost] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)
    warnings: list[str] = field(default_factory=list)
    row: str = "rowid"
    is_numbered: bool = True
    partitions: list[dict[str, str | None]] = field(default_factory=list)
    columns: dict[str, None] = field(default_factory=dict)
    n_rows: int = 0
