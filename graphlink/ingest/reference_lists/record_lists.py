"""Reference lists whose lines are records with flags: JSON lines, and CSV of MaxMind and IPinfo."""

from __future__ import annotations

import io
import itertools
import json
from typing import TYPE_CHECKING, Any, BinaryIO

from graphlink.ingest.reference_lists.csv_lists import BATCH, cells_or_fault, columns_by_name
from graphlink.ingest.reference_lists.list_format import ReferenceFormat
from graphlink.ingest.reference_lists.read import Lines, ReadList
from graphlink.ingest.reference_lists.records import known_of
from graphlink.ingest.reference_lists.types import Rejected

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_NOTHING = "says nothing of who is behind the network; set type in [[references]] for lines without"


def add_records(target: ReadList, records: Iterable[tuple[int, Mapping[str, Any] | Rejected]]) -> None:
    """Add the networks of records, each with its line or the reason why the line is none."""
    waiting = iter(records)
    while batch := list(itertools.islice(waiting, BATCH)):
        lines: list[tuple[int, str, str, str]] = []
        for line, record in batch:
            try:
                lines.append((line, *_line_of(record, has_default=bool(target.default[1]))))
            except Rejected as rejected:
                target.n_lines += 1
                target.reject(line, rejected)
        columns = list(zip(*lines, strict=True)) or [(), (), (), ()]
        target.add(Lines(columns[0], columns[1], columns[2], columns[3]))


def _line_of(record: Mapping[str, Any] | Rejected, *, has_default: bool) -> tuple[str, str, str]:
    """The network, label and type of a record.

    Raises:
        Rejected: It names no network, or no type where the settings give none.
    """
    if isinstance(record, Rejected):
        raise record
    named = columns_by_name(record)
    network = str(record[named["network"]]) if "network" in named else ""
    if not network and {"start", "end"} <= set(named):
        network = f"{record[named['start']]}-{record[named['end']]}"
    if not network:
        raise Rejected("names no network; expected such as ip, network or cidr")
    known = known_of(record)
    label, kind = known.label or "", known.label_type or ""
    for name in ("label", "type"):
        given = record.get(named.get(name, ""))
        if not kind and isinstance(given, str):
            label, kind = (given, kind) if name == "label" else (label, given)
    if not kind and not has_default:
        raise Rejected(_NOTHING)
    return network, label, kind


def add_flagged_rows(
    target: ReadList, lines: Iterator[tuple[int, str]], delimiter: str, names: list[str]
) -> None:
    """Add the rows of a CSV file whose columns are flags."""
    add_records(target, ((number, _row_of(text, delimiter, names)) for number, text in lines))


def _row_of(text: str, delimiter: str, names: list[str]) -> Mapping[str, Any] | Rejected:
    cells = cells_or_fault(text, delimiter)
    if len(cells) < len(names):
        return Rejected(f"{len(cells)} columns; expected {len(names)}")
    return dict(zip(names, cells, strict=False))


def read_json_lines(target: ReadList, file: BinaryIO) -> None:
    """Add every line, each a record of JSON."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape")
    try:
        add_records(target, ((n, _parsed(line)) for n, line in enumerate(text, start=1) if line.strip()))
    finally:
        text.detach()


def _parsed(line: str) -> Mapping[str, Any] | Rejected:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return Rejected("is no JSON")
    return record if isinstance(record, dict) else Rejected("is no object of JSON")


def _is_json_lines(start: bytes, _: str) -> bool:
    """Whether the first line is a record about one network; of a document it is not, or not a whole one."""
    first = start.lstrip().partition(b"\n")[0]
    if not first.startswith(b"{"):
        return False
    record = _parsed(first.decode("utf-8", errors="replace"))
    if isinstance(record, Rejected):
        return False
    named = columns_by_name(record)
    return isinstance(record.get(named.get("network", "")), str) or {"start", "end"} <= set(named)


JSON_LINES = ReferenceFormat(
    "json_lines",
    "JSON lines, each about one network, such as feeds of Spur and IPinfo",
    _is_json_lines,
    read_json_lines,
)
