"""Reference lists that are CSV with a header, many lines at a time."""

from __future__ import annotations

import csv
import itertools
from typing import TYPE_CHECKING

from graphlink.ingest.reference_lists.read import Lines, ReadList, without_comment
from graphlink.ingest.reference_lists.types import Rejected

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_COLUMNS = {
    **dict.fromkeys(("network", "cidr", "address", "ip", "asn", "prefix", "range"), "network"),
    **dict.fromkeys(("start", "start_ip", "range_start", "first"), "start"),
    **dict.fromkeys(("end", "end_ip", "range_end", "last"), "end"),
    **dict.fromkeys(("label", "name", "service", "provider_name"), "label"),
    **dict.fromkeys(("type", "label_type"), "type"),
}


BATCH = 1 << 12  # lines that are split at a time


_LONGEST_LINE = 10_000  # characters; longer ones are split one by one, since csv has a limit for cells


def header_of(text: str) -> tuple[dict[str, int], str]:
    """The columns of a header and its delimiter; no columns when it is none."""
    for delimiter in (",", ";", "\t"):
        try:
            names = names_in(text, delimiter)
        except csv.Error:
            continue
        known = columns_by_name(names)
        if "network" in known or {"start", "end"} <= set(known):
            return {role: names.index(name) for role, name in known.items()}, delimiter
    return {}, ","


def names_in(text: str, delimiter: str) -> list[str]:
    """The names in a header.

    Raises:
        csv.Error: It can't be split.
    """
    return [name.strip().lower() for name in _cells(text, delimiter)]


def columns_by_name(names: Iterable[str]) -> dict[str, str]:
    """What columns are for (network, start, end, label, type), each with the first that is named so.

    An autonomous system is the network only where there is no narrower one.
    """
    roles: dict[str, str] = {}
    for name in sorted(names, key=lambda name: name.lower() == "asn"):
        role = _COLUMNS.get(name.lower())
        if role and not (name.lower() == "asn" and {"start", "end"} <= set(roles)):
            roles.setdefault(role, name)
    return roles


def _cells(text: str, delimiter: str) -> list[str]:
    return next(csv.reader([text], strict=True, delimiter=delimiter, skipinitialspace=True))


def add_rows(
    target: ReadList, lines: Iterator[tuple[int, str]], delimiter: str, columns: dict[str, int]
) -> None:
    """Add the rows of a CSV list, many lines at a time; those without quotes are split together."""
    n_needed = max(columns.values()) + 1
    while batch := list(itertools.islice(lines, BATCH)):
        if delimiter != ";":
            batch = [line for line in batch if not line[1].startswith(";")]
        numbers, texts = [number for number, _ in batch], [text for _, text in batch]
        if cells := _even_cells(texts, delimiter, columns):
            target.add(_lines_of(numbers, cells))
            continue
        if '"' in "".join(texts) or max(map(len, texts), default=0) > _LONGEST_LINE:
            rows = [cells_or_fault(text, delimiter) for text in texts]
        else:
            rows = list(csv.reader(texts, delimiter=delimiter, skipinitialspace=True))
        wrong = [i for i, row in enumerate(rows) if len(row) < n_needed]
        for i in wrong:
            target.reject(numbers[i], _fault_of(rows[i], n_needed))
        if wrong:
            target.n_lines += len(wrong)
            numbers = [number for number, row in zip(numbers, rows, strict=True) if len(row) >= n_needed]
            rows = [row for row in rows if len(row) >= n_needed]
        target.add(_lines_of(numbers, {role: [row[at] for row in rows] for role, at in columns.items()}))


def _even_cells(texts: list[str], delimiter: str, columns: dict[str, int]) -> dict[str, list[str]] | None:
    """The cells of lines without quotes that have as many each, by what their columns are for; else None.

    Without a list for each row: a million of them keep the collector of garbage busy.
    """
    joined = "\n".join(texts)
    n_columns = texts[0].count(delimiter) + 1 if texts else 0
    if n_columns <= max(columns.values()) or '"' in joined or max(map(len, texts)) > _LONGEST_LINE:
        return None
    if any(text.count(delimiter) != n_columns - 1 for text in texts):
        return None
    cells = joined.replace("\n", delimiter).split(delimiter)
    return {role: cells[at::n_columns] for role, at in columns.items()}


def _lines_of(numbers: list[int], cells: dict[str, list[str]]) -> Lines:
    """Lines from their cells by what their columns are for."""
    if "network" in cells:
        networks = [text.strip() for text in cells["network"]]
    else:
        edges = zip(cells["start"], cells["end"], strict=True)
        networks = [f"{first.strip()}-{last.strip()}" for first, last in edges]
    if any("#" in text for text in networks):
        networks = [without_comment(text) for text in networks]
    nothing = [""] * len(numbers)
    return Lines(numbers, networks, cells.get("label", nothing), cells.get("type", nothing))


def cells_or_fault(text: str, delimiter: str) -> list[str]:
    """The cells of a line; none of a broken line (other lines have at least one)."""
    try:
        return _cells(text, delimiter)
    except csv.Error:
        return []


def _fault_of(cells: list[str], n_needed: int) -> Rejected:
    if not cells:
        return Rejected("a quote is not closed or not doubled, or a cell is longer than 131,072 characters")
    return Rejected(f"{len(cells)} columns; expected at least {n_needed}")
