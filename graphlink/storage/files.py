"""Files of tables: which ones a path names, what form and columns they have, and their digests."""

from __future__ import annotations

import contextlib
import csv
import glob
import hashlib
import io
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from graphlink.core.errors import InputError, TableFormatError
from graphlink.storage import columnar
from graphlink.storage.access_logs import COLUMNS as ACCESS_COLUMNS
from graphlink.storage.access_logs import is_access_log, parse_line
from graphlink.storage.lake import lake_table_among, lake_table_of
from graphlink.storage.nested import nested_paths, records_inside, start_of_records
from graphlink.storage.unpacked import UNPACKED, decoded, is_packed, opened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import PurePath

FORMS = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "lines",
    ".ndjson": "lines",
    ".json": "json",
    ".log": "lines",  # lines of JSON, or an access log
    **columnar.FORMS,
}
BINARY = ("parquet", *dict.fromkeys(columnar.FORMS.values()))
"""Forms that are no text."""
COMPRESSED = {".gz": "gzip", ".zst": "zstd"}
KNOWN = (
    "Parquet (.parquet, .pq), ORC (.orc), Arrow (.feather, .arrow), CSV (.csv, .tsv), JSON lines (.jsonl "
    ".ndjson .json), access logs (.log); text also .gz, .zst, .bz2, .xz, .zip"
)
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(//?)(.*)", re.DOTALL)  # one letter is a drive of Windows
_LONGEST_HEADER = 1 << 20
_LINE_END = re.compile("\r\n|\r|\n")
_COMPARED = 20  # rows that a delimiter is tried on
_PEEKED = 1000  # records in which the keys of JSON lines are looked for


@dataclass(frozen=True, slots=True)
class FoundFiles:
    """The files that a path names.

    Attributes:
        paths: Files with tables, in order of their names.
        skipped: Files that hold no table, each with the reason.
    """

    paths: tuple[Path, ...]
    skipped: tuple[tuple[str, str], ...]


def address_of(path: str | Path) -> str:
    """The address of a store elsewhere, such as s3://bucket/folder, that a path is; empty when it is none."""
    match = _ADDRESS.fullmatch(str(path))
    if not match:
        return ""
    # As a path it has lost slashes.
    return str(path) if match[2] == "//" else f"{match[1]}:{'///' if match[1] == 'file' else '//'}{match[3]}"


def find_files(path: str) -> FoundFiles:
    """Find the files that a file, folder or glob names; a folder is searched to its depth.

    Raises:
        InputError: There is no such file, none of the files holds a table, or the files are those of a
            table that is more than its files, such as Delta Lake's.
    """
    if Path(path).is_dir():
        everything = [file for file in sorted(Path(path).rglob("*")) if file.is_file()]
        refuse_lake_tables([Path(path)], everything)
        files = [file for file in everything if not _is_hidden(file, path)]
    elif Path(path).exists():
        files = [Path(path)]
    else:
        named = glob.glob(path, recursive=True)  # noqa: PTH207 - Path.glob takes no absolute pattern
        files = sorted(Path(file) for file in named if Path(file).is_file())
        if not files and address_of(path):
            raise InputError(
                f"{address_of(path)}: files are looked at on this machine; copy it here, or mount the store "
                "as a folder, and name that; `run` and `check` copy it themselves"
            )
        if not files:
            raise InputError(f"{path}: no such file; name a file, a folder or a glob")
    refuse_lake_tables(files)
    is_alone = len(files) == 1
    skipped = [(file, reason) for file in files if (reason := _reason_to_skip(file, is_alone=is_alone))]
    left = tuple(file for file in files if file not in dict(skipped))
    if not left:
        file, reason = skipped[0] if skipped else (Path(path), "the folder is empty")
        raise InputError(f"{file}: {reason}; expected {KNOWN}")
    return FoundFiles(left, tuple((str(file), reason) for file, reason in skipped))


def refuse_lake_tables(named: Sequence[Path], below: Sequence[Path] = ()) -> None:
    """Refuse files of this machine that belong to a table which is more than its files.

    Args:
        named: Files or folders; also looked at are all folders that they are in.
        below: Files in the folders named, hidden ones too.

    Raises:
        TableFormatError: Names the format, the folder of the table, and what to do.
    """
    table = lake_table_among(file.as_posix() for file in below) or lake_table_of(named)
    if table:
        raise TableFormatError(table.refusal())


def _is_hidden(file: Path, folder: str) -> bool:
    """Whether a file is some program's own: .git, _SUCCESS, _temporary."""
    return any(name.startswith((".", "_")) for name in file.relative_to(folder).parts)


def reason_to_skip(file: PurePath, n_bytes: int) -> str:
    """Why a file of this name and size holds no table; nothing when it may hold one."""
    if form_of(file) == "":
        return _NOT_READ.get(file.suffix.lower(), "no table by its name")
    return "" if n_bytes else "the file is empty"


def _reason_to_skip(file: Path, *, is_alone: bool) -> str:
    reason = reason_to_skip(file, _size(file))
    if reason or is_alone or not is_log(file):
        return reason
    # A program's own log beside its data; named alone, it is refused with what to do.
    try:
        peek_file(file)
    except InputError as error:
        return str(error).removeprefix(f"{file}: ")
    return ""


_NOT_READ = {
    ".avro": "Avro is not read; write it as Parquet, such as by Spark or DuckDB, or by fastavro and pyarrow",
    ".xlsx": "a workbook is not read; save its sheet as CSV",
    ".xls": "a workbook is not read; save its sheet as CSV",
    **dict.fromkeys((".tar", ".tgz", ".7z", ".rar", ".zip"), "an archive; unpack it and name its folder"),
}


def is_log(path: PurePath) -> bool:
    """Whether a file is a log by its name, also a rotated one: access.log.1, access.log-20260301.gz."""
    return _LOG.search(path.name) is not None


_LOG = re.compile(r"\.log([.-]\d{1,14})*(\.(gz|zst|bz2|xz|zip))?$", re.IGNORECASE)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}; name a file that you can read") from None


def form_of(path: PurePath) -> str:
    """The form of a file by its name: csv, lines, json, parquet, arrow, orc, or nothing."""
    suffixes = [".log"] if is_log(path) else [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in (*COMPRESSED, *UNPACKED):
        form = FORMS.get(suffixes[-2], "") if len(suffixes) > 1 else ""
        return "" if form in BINARY else form
    return FORMS.get(suffixes[-1], "") if suffixes else ""


@dataclass(frozen=True, slots=True)
class TextFile:
    """The form and the columns of a CSV or JSON file, by its first rows.

    Attributes:
        form: csv, lines, json or access (an access log), by its content.
        columns: Its columns in order; of JSON the keys of the first thousand objects.
        delimiter: Of a csv.
        nested: Of JSON, dotted paths of what is inside other keys, such as user.id.
        n_before: Of a csv, blank lines before the header.
    """

    form: str
    columns: tuple[str, ...]
    delimiter: str = ","
    nested: tuple[str, ...] = ()
    n_before: int = 0


def peek_file(path: Path, records: str = "", encoding: str = "") -> TextFile:
    """Look at the head of a CSV or JSON file.

    Args:
        path: The file.
        records: Of JSON, the path to the records inside a document.
        encoding: Of the text; empty for UTF-8, or UTF-16 where it is marked so.

    Raises:
        InputError: The file can't be read, or has no header.
    """
    head = head_of(path, encoding)
    if form_of(path) == "csv":
        return _peek_csv(path, head)
    if is_log(path):
        if is_access_log(head):
            return TextFile("access", ACCESS_COLUMNS)
        if not any(_is_json(line) for line in head.splitlines()[:_COMPARED]):
            raise InputError(
                f"{path}: its lines are neither JSON nor in the combined format of nginx and Apache; write "
                "what they hold as JSON lines or CSV, one row per line"
            )
    return _peek_json(path, head, records)


def read_sample(path: Path, n: int, records: str = "") -> tuple[tuple[str, ...], list[dict[str, str]]]:
    """Read the columns and the first rows of a file, as text by column; what is empty is left out.

    Args:
        path: The file.
        n: How many rows.
        records: Of JSON, the path to the records inside a document.

    Raises:
        InputError: The file can't be read.
    """
    if form_of(path) == "parquet":
        return _parquet_sample(path, n)
    if form_of(path) in BINARY:
        with columnar.batches_of(path) as (schema, batches):
            return tuple(schema.names), _rows_of(schema.names, next(batches, None), n)
    peeked, head = peek_file(path, records), head_of(path)
    if peeked.form == "csv":
        rows = _readable_rows(head, peeked.delimiter)
        next(rows, None)
        found = [dict(zip(peeked.columns, row, strict=False)) for row, _ in zip(rows, range(n), strict=False)]
    elif peeked.form == "access":
        found = [row for line in head.splitlines() if (row := parse_line(line))][:n]
    else:
        objects = _records_of(head, peeked.form, records)
        found = [record for record in objects if isinstance(record, dict)][:n]
    return peeked.columns, [_texts(record) for record in found]


def _readable_rows(head: str, delimiter: str) -> Iterator[list[str]]:
    """The rows of a CSV file's head, without those with a cell beyond csv's limit of 131,072 characters."""
    rows = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:
            continue
        yield from [row] if row else []


def parquet_columns(path: Path) -> tuple[str, ...]:
    """The names of a Parquet file's columns as they are written in it, repeated ones too.

    Raises:
        InputError: The file is not Parquet, or broken.
    """
    with _whole_parquet(path) as file:
        return tuple(file.schema_arrow.names)


@contextlib.contextmanager
def _whole_parquet(path: Path) -> Iterator[pq.ParquetFile]:
    try:
        with pq.ParquetFile(path) as file:
            yield file
    except (OSError, pa.ArrowException):
        raise InputError(f"{path}: it is no whole Parquet file; check that it was copied whole") from None


def _parquet_sample(path: Path, n: int) -> tuple[tuple[str, ...], list[dict[str, str]]]:
    with _whole_parquet(path) as file:
        names = tuple(file.schema_arrow.names)
        return names, _rows_of(names, next(file.iter_batches(batch_size=n), None), n)


def _rows_of(names: Sequence[str], batch: pa.RecordBatch | None, n: int) -> list[dict[str, str]]:
    if batch is None:
        return []
    columns = [_cells(column) for column in batch.slice(0, n).columns]
    return [_texts(dict(zip(names, row, strict=True))) for row in zip(*columns, strict=True)]


def _cells(column: pa.Array) -> list[str | None]:
    """The cells of a column as text; nested ones as JSON, and empty what Python has no value for."""
    try:
        cells = column.to_pylist()
    except (OverflowError, ValueError, pa.ArrowException):  # as of a time beyond the years 1 to 9999
        cells = [_cell(cell) for cell in column]
    return [_cell_text(cell) for cell in cells]


def _cell(cell: pa.Scalar) -> object:
    try:
        return cell.as_py()
    except (OverflowError, ValueError, pa.ArrowException):
        return None


def _cell_text(cell: object) -> str | None:
    if cell is None:
        return None
    if isinstance(cell, bytes):
        return cell.decode(errors="replace")
    return json.dumps(cell, default=str) if isinstance(cell, dict | list) else str(cell)


def _texts(record: Mapping[str, object]) -> dict[str, str]:
    return {key: _text(value) for key, value in record.items() if value not in (None, "")}


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def head_of(path: Path, encoding: str = "") -> str:
    """The beginning of a text file, at most a MB of it, also of a compressed one.

    Raises:
        InputError: The file can't be read.
    """
    compression = COMPRESSED.get(path.suffix.lower())
    if is_packed(path):
        with opened(path) as unpacked:
            return decoded(unpacked.read(_LONGEST_HEADER), encoding)
    try:
        with path.open("rb") as raw, pa.input_stream(raw, compression=compression) as stream:
            head = stream.read(_LONGEST_HEADER)
    except (OSError, pa.ArrowException) as error:
        reason = getattr(error, "strerror", None) or f"it is no whole {compression} file"
        raise InputError(
            f"{path}: {reason}; check that it was copied whole and that you can read it"
        ) from None
    return decoded(bytes(head), encoding)


def _peek_csv(path: Path, head: str) -> TextFile:
    if not head.strip():
        raise InputError(f"{path}: the file is empty; expected a header and rows")
    tried = {delimiter: _first_rows(head, delimiter) for delimiter in ("\t,;|" if _is_tsv(path) else ",;\t|")}
    delimiter = max(tried, key=lambda name: _likeness(tried[name]))
    if not tried[delimiter]:
        raise InputError(f"{path}, row 1: the header can't be read; look for an open quote")
    n_before = _count_before(path, head)
    return TextFile("csv", tuple(name.strip() for name in tried[delimiter][0]), delimiter, n_before=n_before)


def _count_before(path: Path, head: str) -> int:
    """The blank lines before the header."""
    text = head.lstrip("\r\n")
    ends = _LINE_END.findall(head[: len(head) - len(text)])
    first = _LINE_END.search(text)
    if ends and first and {first[0]} != set(ends):
        raise InputError(
            f"{path}, row 1: blank lines before the header end in another way than it does; remove them"
        )
    return len(ends)


def _is_tsv(path: Path) -> bool:
    return ".tsv" in (suffix.lower() for suffix in path.suffixes)


def _first_rows(head: str, delimiter: str) -> list[list[str]]:
    """The header and some rows as a delimiter cuts them; the last may be cut short by the head's end."""
    rows: list[list[str]] = []
    with contextlib.suppress(csv.Error):  # a cell beyond csv's limit: the rows before it are enough
        for row in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter):
            rows += [row] if row else []
            if len(rows) == _COMPARED:
                break
    return rows


def _likeness(rows: list[list[str]]) -> tuple[bool, float, int]:
    """How well rows fit their header: whether it is cut at all, the share as long as it, its length."""
    if not rows:
        return False, 0.0, 0
    n_columns = len(rows[0])
    return n_columns > 1, sum(len(row) == n_columns for row in rows) / len(rows), n_columns


def _peek_json(path: Path, head: str, records: str) -> TextFile:
    stripped = head.lstrip()
    form = "lines"
    if stripped.startswith("[") or (form_of(path) == "json" and not _is_json(stripped.split("\n", 1)[0])):
        form = "json"
    form = "json" if records else form
    keys: dict[str, None] = {}
    found = _records_of(head, form, records)
    for record in found:
        if isinstance(record, dict):
            keys.update(dict.fromkeys(record))
    return TextFile(form, tuple(keys), nested=nested_paths(found))


def _records_of(head: str, form: str, records: str) -> list[object]:
    """The first records of a file, also where its head ends inside the document that holds them."""
    if not records:
        return list(_objects(head, form))
    documents = list(_objects(head, "json"))
    if documents:
        return [one for document in documents for one in records_inside(document, records)][:_PEEKED]
    at = start_of_records(head, records)
    return list(_objects(head[at:], "json")) if at >= 0 else []


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _objects(head: str, form: str) -> Iterator[object]:
    if form == "lines":
        lines = head.splitlines()[:_PEEKED]
        yield from (json.loads(line) for line in lines if _is_json(line))
        return
    # Objects of an array, or one after another; the head may end inside one.
    decoder, at, n = json.JSONDecoder(), 0, 0
    while n < _PEEKED:
        while at < len(head) and head[at] in " \t\r\n,[":
            at += 1
        try:
            record, at = decoder.raw_decode(head, at)
        except ValueError:
            return
        yield record
        n += 1


def change_of(before: int | None, after: int | None, otherwise: str = "was written to") -> str:
    """What became of a file, from its bytes before and after; None where there was no file."""
    if before is None:
        return "appeared"
    if after is None:
        return "disappeared"
    return f"went from {before:,} to {after:,} bytes" if before != after else otherwise


def changed_input(path: object, change: str) -> InputError:
    """The error of a file that changed while it was read."""
    return InputError(
        f"{path} {change} while it was read, so what was read may be neither the old nor the new; nothing "
        "of this run was kept, an earlier result is as it was: run again once nobody writes to the input, or "
        "over a copy of it"
    )


def digest_file(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal.

    Raises:
        InputError: The file can't be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; name a file that you can read") from None
