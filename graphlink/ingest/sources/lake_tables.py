"""Lake tables, whose rows are those that a log lists: Delta Lake and Iceberg, by their own libraries.

The files of such a table also hold rows that were deleted or overwritten. Its log may name files anywhere;
those outside the table's folder are refused, since who hands over a folder must not choose what else is read.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

import pyarrow as pa

from graphlink.core.credentials import redacted_address, redacted_text
from graphlink.core.errors import GraphlinkError, InputError, SettingsError
from graphlink.ingest.sources.lake_snapshots import Snapshot, iceberg_snapshot
from graphlink.ingest.sources.lake_stores import delta_at, iceberg_of_catalog
from graphlink.ingest.sources.streams import Rows, rows_of
from graphlink.storage.files import address_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from graphlink.ingest.sources.place import Place

_METADATA = re.compile(r"v?(\d+)(?:-[0-9a-f-]+)?(?:\.gz)?\.metadata\.json(?:\.gz)?")


# Signs that the libraries read as those of an address: the file that they open is another one.
_ODD = re.compile(r"[\\?#\x00-\x1f]|^\s|\s$|^(?!file:/)[A-Za-z][A-Za-z0-9+.-]*:")


class _Read(NamedTuple):
    """A version of a table: what it is called, its files, and its rows when they are asked for."""

    version: str
    files: list[Path]
    scan: Callable[[], Any]


def lake_rows(place: Place) -> tuple[Rows, list[dict[str, object]]]:
    """Begin to read a lake table in the version that the settings name; the newest where they name none.

    Returns:
        The rows, in no order, and what the manifest states: name and version, bytes of the files, and a
        digest of their names and sizes, which are written once.

    Raises:
        SettingsError: The library is not installed.
        InputError: There is no such table or version, it can't be read, or it names files elsewhere.
    """
    with _named(place):
        snapshot = _snapshot_of(place)
        stream = pa.RecordBatchReader.from_stream(snapshot.scan())
    return rows_of(stream, place.name, lambda: _named(place)), _inputs(snapshot)


def _snapshot_of(place: Place) -> Snapshot:
    """The version of a table of a catalog, at an address, or in a folder of this machine."""
    if place.catalog:
        return iceberg_of_catalog(place.catalog, place.table, place.version)
    if address := address_of(place.path):
        return delta_at(address, place.version)
    folder = Path(place.path)
    read = _READERS[place.format](folder, place.version)
    root = (folder if folder.is_dir() else folder.parent.parent).resolve()
    for file in read.files:
        if not file.resolve().is_relative_to(root):
            raise InputError(
                f"{place.path}: the table names the file {file}, which is not in its folder; copy the "
                "table as a whole, such as by its own writer, and name the copy"
            )
    sizes = {file.resolve().relative_to(root).as_posix(): file.stat().st_size for file in read.files}
    return Snapshot(root.name, read.version, sizes, read.scan)


def _inputs(snapshot: Snapshot) -> list[dict[str, object]]:
    sizes, name = snapshot.files, f"{snapshot.name}@{snapshot.version}"
    digest = hashlib.sha256("".join(f"{path} {size}\n" for path, size in sorted(sizes.items())).encode())
    return [{"name": name, "bytes": sum(sizes.values()), "sha256": digest.hexdigest()}]


@contextlib.contextmanager
def _named(place: Place) -> Iterator[None]:
    """Name the table in any error of its library."""
    title, extra = _TITLES[place.format]
    try:
        yield
    except GraphlinkError:
        raise
    except ImportError:
        raise SettingsError(
            f"{place.name}: {title} needs its library: `pip install 'graphlink[{extra}]'`"
        ) from None
    except Exception as error:  # noqa: BLE001 - any error of a library that reads what somebody handed over
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
        version = f", version {place.version!r}" if place.version else ""
        where = f"{redacted_address(place.catalog)}, {place.table}" if place.catalog else place.path
        remedy = _REMEDIES[bool(place.catalog or address_of(place.path))]
        reason = redacted_text(reason, place.catalog, place.path)
        raise InputError(
            f"{redacted_address(where)}{version}: {title} could not be read: {reason}; {remedy}"
        ) from None


def _delta(folder: Path, version: str) -> _Read:
    import deltalake

    table = deltalake.DeltaTable(folder)
    if version:
        table.load_as_version(int(version) if version.isdecimal() else version)
    # As the log has them: the library shows paths that are absolute as if they were in the folder.
    paths = pa.table(table.get_add_actions(flatten=True)).column("path").to_pylist()
    return _Read(str(table.version()), [folder / unquote(str(_local(path))) for path in paths], table.scan)


def _iceberg(folder: Path, version: str) -> _Read:
    from pyiceberg.catalog.noop import NoopCatalog
    from pyiceberg.io.pyarrow import PyArrowFileIO
    from pyiceberg.serializers import FromInputFile
    from pyiceberg.table import StaticTable

    path = str(_newest_metadata(folder) if folder.is_dir() else folder)
    # Not by the table's own properties: they may name a class to load.
    files = PyArrowFileIO()
    metadata = FromInputFile.table_metadata(files.new_input(path))
    table = StaticTable(("table",), metadata, path, files, NoopCatalog("table"))
    snapshot = iceberg_snapshot(table, version)
    if snapshot is None:
        return _Read("empty", [], table.scan().to_arrow_batch_reader)
    scan = table.scan(snapshot_id=snapshot)
    at = table.snapshot_by_id(snapshot)
    _refuse_outside(folder, [at.manifest_list])
    _refuse_outside(folder, [one.manifest_path for one in at.manifests(files)])
    tasks = list(scan.plan_files())
    named = [file.file_path for task in tasks for file in (task.file, *task.delete_files)]
    return _Read(str(snapshot), [_local(uri) for uri in dict.fromkeys(named)], scan.to_arrow_batch_reader)


def _newest_metadata(folder: Path) -> Path:
    """The metadata of a table's folder: that of its version hint, else the one with the highest number."""
    found: dict[int, list[Path]] = {}
    for path in (folder / "metadata").glob("*.metadata.json*"):
        if match := _METADATA.fullmatch(path.name):
            found.setdefault(int(match[1]), []).append(path)
    if not found:
        raise InputError(f"{folder}: no Iceberg table: it has no metadata/*.metadata.json")
    hint = folder / "metadata" / "version-hint.text"
    number = max(found)
    if hint.is_file() and (text := hint.read_text("ascii", errors="replace").strip()).isdecimal():
        number = int(text) if int(text) in found else number
    if len(found[number]) > 1:
        names = ", ".join(sorted(path.name for path in found[number]))
        raise InputError(
            f"{folder}: two writers made version {number} ({names}), and only the catalog knows which one "
            "holds; name that metadata file as the path"
        )
    return found[number][0]


def _refuse_outside(folder: Path, uris: Iterable[str]) -> None:
    root = (folder if folder.is_dir() else folder.parent.parent).resolve()
    for uri in uris:
        if not _local(uri).resolve().is_relative_to(root):
            raise InputError(f"{folder}: the table names {uri!r}, which is not in its folder")


def _local(uri: str) -> Path:
    """The path of a file of this machine; an address elsewhere stays what it is, and so lies outside."""
    if _ODD.search(uri):
        raise InputError(f"the table names the file {uri!r}; names with such signs are not read")
    return Path(re.sub("^file:(//)?(?=/)", "", uri))


_REMEDIES = (
    "check that the folder is a whole table and has this version",
    "check the name, the version, and the keys that the environment has for it",
)
_READERS = {"delta": _delta, "iceberg": _iceberg}
_TITLES = {"delta": ("Delta Lake", "delta"), "iceberg": ("Apache Iceberg", "iceberg")}
