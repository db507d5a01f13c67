"""Quotes that are opened and not closed: detected in a CSV file, and kept from swallowing the next rows.

To a reader of CSV everything after an open quote is one cell, up to the next quote or the end of the file:
200,000 good rows are lost in one record, and where a second stray quote happens to close the cell, they are
lost in a row that looks valid. So each record of several physical lines is checked: are the lines after the
first rows themselves? If they are, the quote is stray: its line is given up and the others are read one by
one. If none is, it is a cell with line ends. If only some are, the whole record is given up.
"""

from __future__ import annotations

import csv
import mmap
import re
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from graphlink.core.errors import EngineError, InputError
from graphlink.engine.remedies import OTHER_FOLDER
from graphlink.storage.files import COMPRESSED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LONGEST_RECORD = 32 << 20  # bytes; a quote that isn't closed within them is open
_MOSTLY, _HARDLY = 0.9, 0.1  # shares of the lines of a record that are rows: above it is none, below a cell
_EVIDENCE = 6  # delimiters in lines after the first, all where those of rows are, from which a cell is none
_CLOSED, _OPEN, _BROKEN = "closed", "open", "broken"  # quotes of a record; broken: text after one
_COMPARED = 10_000  # lines of a record that are looked at
_PIECE = 4 << 20  # bytes read at a time
_UNREADABLE = b"\xff"  # no text in UTF-8: what a line that is given up is overwritten with


class Lines(NamedTuple):
    """Physical lines of a text file; none are counted where it holds no quote, so that none can be open.

    Attributes:
        n_lines: All of them.
        n_blank: Those with nothing in them, at least: of several in a row some are not counted.
        has_quotes: Whether there is a quote in the file.
    """

    n_lines: int
    n_blank: int
    has_quotes: bool


class GivenUp(NamedTuple):
    """Lines that are not read: where they begin in the text, and how many they are."""

    at: int
    n_lines: int


def count_lines(path: Path) -> Lines:
    """Count the physical lines of a CSV file, compressed or not.

    Raises:
        InputError: The file can't be read.
    """
    if not any(b'"' in piece for piece in text_pieces(path)):
        return Lines(0, 0, has_quotes=False)
    n_lines, n_blank, last = 0, 0, b"\n"
    for piece in text_pieces(path):
        n_lines += piece.count(b"\n")
        n_blank += (last + piece).count(b"\n\n") + piece.count(b"\n\r\n")
        last = piece[-1:]
    return Lines(n_lines + (last != b"\n"), n_blank, has_quotes=True)


def blank_lines(path: Path, *, has_quotes: bool) -> list[int]:
    """The places of the blank lines of a text file, compressed or not, without those inside quotes.

    A reader counts them among the lines, and makes no rows of them.

    Args:
        path: The file.
        has_quotes: Whether a quote may hold line ends.

    Raises:
        InputError: The file can't be read.
    """
    places: list[int] = []
    before, at, is_inside = b"\n", -1, False  # the bytes before the piece, and the place of the first of them
    for piece in text_pieces(path):
        if at < 0 and piece.startswith(_MARK):
            piece, at = piece.removeprefix(_MARK), at + len(_MARK)  # noqa: PLW2901 - text begins behind it
        data, done = before + piece, len(before)
        if b"\n\n" in data or b"\n\r\n" in data:
            for blank in _BLANK_LINE.finditer(data):
                if blank.end() <= len(before):
                    continue
                is_inside ^= data.count(b'"', done, blank.start()) % 2 == 1
                done = max(done, blank.start())
                if not (has_quotes and is_inside):
                    places.append(at + blank.start())
        is_inside ^= data.count(b'"', done) % 2 == 1
        before = data[-2:]
        at += len(data) - len(before)
    return places


_MARK = b"\xef\xbb\xbf"  # the byte-order mark
_BLANK_LINE = re.compile(rb"(?<=\n)\r?\n")


def repair_quotes(path: Path, delimiter: str, n_columns: int, copy: Path) -> tuple[GivenUp, ...]:
    """Write a copy of a CSV file in which no stray quote swallows rows; none where there is no stray quote.

    Lines that are given up are overwritten in the copy, byte for byte, with bytes that are no text.

    Args:
        path: The file, compressed or not.
        delimiter: The delimiter between its cells.
        n_columns: How many cells a row has.
        copy: The file to write, not compressed; it is there afterwards only when something was given up.

    Raises:
        InputError: The file can't be read.
        EngineError: The disk is full.
    """
    is_packed = path.suffix.lower() in COMPRESSED
    if is_packed:
        _write(copy, text_pieces(path))
    with (
        (copy if is_packed else path).open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
    ):
        stray = list(_stray(data, delimiter.encode(), n_columns))
    if not stray:
        copy.unlink(missing_ok=True)
        return ()
    if not is_packed:
        _write(copy, text_pieces(path))
    with copy.open("r+b") as repaired:
        for start, end, _ in stray:
            repaired.seek(start)
            repaired.write(_UNREADABLE * (end - start))
    return tuple(GivenUp(start, n_lines) for start, _, n_lines in stray)


def _write(copy: Path, pieces: Iterator[bytes]) -> None:
    try:
        with copy.open("wb") as file:
            for piece in pieces:
                file.write(piece)
    except OSError as error:
        raise EngineError(f"disk: {error.strerror}; take {OTHER_FOLDER} on a disk with room") from error


def text_pieces(path: Path) -> Iterator[bytes]:
    """The bytes of a text file, compressed or not, in pieces.

    Raises:
        InputError: The file can't be read.
    """
    compression = COMPRESSED.get(path.suffix.lower())
    try:
        with path.open("rb") as raw, pa.input_stream(raw, compression=compression) as stream:
            while piece := stream.read(_PIECE):
                yield bytes(piece)
    except (OSError, pa.ArrowException) as error:
        reason = getattr(error, "strerror", None) or f"it is no whole {compression} file"
        raise InputError(f"{path}: {reason}; check that it was copied whole") from error


def _stray(data: mmap.mmap, delimiter: bytes, n_columns: int) -> Iterator[tuple[int, int, int]]:
    """The places to give up: first byte, end before the line end, physical lines."""
    cut = re.escape(delimiter)
    # Sound rows of one line each, as many as there are: nearly all of a file in one step.
    cell = rb'(?:"(?:[^"\n]++|"")*+"|[^"%b\n][^%b\n]*+)?+' % (cut, cut)
    sound = re.compile(rb"(?:%b(?:%b%b)*+\r?\n)*+" % (cell, cut, cell))
    at, size = 0, len(data)
    while at < size:
        sound_rows = sound.match(data, at)
        at = sound_rows.end() if sound_rows else at
        if at >= size:
            return
        end, state = _record_end(data, at, delimiter)
        line_end = _line_end(data, at)
        if end <= line_end:  # one line: sound but for the last line end, or the engine says what is wrong
            at = line_end + 1
            continue
        lines = data[at:end].split(b"\n")
        share = _share_of_rows(lines, delimiter, n_columns)
        # A cell of prose may have lines with as many delimiters as a row; it takes some to be sure.
        is_sure = state != _CLOSED or (len(lines) - 1) * (n_columns - 1) >= _EVIDENCE
        if state == _CLOSED and share < _HARDLY:
            at = end + 1
        elif state == _OPEN or (share >= _MOSTLY and is_sure):
            yield at, line_end, 1
            at = line_end + 1
        else:
            yield at, end, len(lines)
            at = end + 1


def _record_end(data: mmap.mmap, at: int, delimiter: bytes) -> tuple[int, str]:
    """Where a record ends: its line end, or the end of the file; and whether its quotes are closed there."""
    limit = min(len(data), at + LONGEST_RECORD)
    while at < limit:
        if data[at : at + 1] != b'"':
            line_end, end_of_cell = _line_end(data, at), data.find(delimiter, at, limit)
            if end_of_cell < 0 or line_end < end_of_cell:
                return line_end, _CLOSED
            at = end_of_cell + 1
            continue
        closed = _QUOTED.match(data, at, limit)
        if closed is None:
            return limit, _OPEN
        after = data[closed.end() : closed.end() + 2]
        if after[:1] in (b"\n", b"") or after == b"\r\n":
            return closed.end() + (after == b"\r\n"), _CLOSED
        if after[:1] != delimiter:  # another stray quote, which is no end of a cell
            return _line_end(data, closed.end()), _BROKEN
        at = closed.end() + 1
    return limit, _CLOSED


_QUOTED = re.compile(rb'"(?:[^"]++|"")*+"')


def _line_end(data: mmap.mmap, at: int) -> int:
    end = data.find(b"\n", at)
    return end if end >= 0 else len(data)


def _share_of_rows(lines: list[bytes], delimiter: bytes, n_columns: int) -> float:
    """The share of the lines after the first that are rows of the table, if the first could be one too."""
    if n_columns < 2 or lines[0].count(delimiter) < n_columns - 1:
        return 0.0
    later = [line for line in lines[1 : _COMPARED + 1] if line.strip()]
    return sum(_is_row(line, delimiter, n_columns) for line in later) / max(len(later), 1)


def _is_row(line: bytes, delimiter: bytes, n_columns: int) -> bool:
    if line.count(delimiter) == n_columns - 1:
        return True
    try:
        cells = next(csv.reader([line.decode(errors="replace")], delimiter=delimiter.decode(), strict=True))
    except (csv.Error, StopIteration):
        return False
    return len(cells) == n_columns
