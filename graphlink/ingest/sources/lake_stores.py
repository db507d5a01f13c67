"""Lake tables of a catalog or at an address, read by their own libraries with the environment's credentials.

Who hands over a table must not choose what else is read: its files lie below its own location, and no class
that its properties name is loaded.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pyarrow as pa

from graphlink.core.errors import InputError, SettingsError
from graphlink.ingest.sources.lake_snapshots import Snapshot, iceberg_snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable

_VARIABLE = "PYICEBERG_CATALOG__"


def delta_at(address: str, version: str) -> Snapshot:
    """Open a Delta table at an address of a store.

    Args:
        address: Such as s3://bucket/table; keys come from the environment, as the library reads them.
        version: Number or moment of a version; empty for the newest.

    Raises:
        InputError: The log names files elsewhere.
    """
    import deltalake

    table = deltalake.DeltaTable(address)
    if version:
        table.load_as_version(int(version) if version.isdecimal() else version)
    added = pa.table(table.get_add_actions(flatten=True))
    paths = [unquote(path) for path in added.column("path").to_pylist()]
    for path in paths:
        if urlsplit(path).scheme or path.startswith("/") or ".." in PurePosixPath(path).parts:
            raise _outside(address, path)
    files = dict(zip(paths, added.column("size_bytes").to_pylist(), strict=True))
    name = PurePosixPath(urlsplit(address).path).name or urlsplit(address).netloc
    return Snapshot(name, str(table.version()), files, table.scan)


def iceberg_of_catalog(catalog_name: str, table_name: str, version: str) -> Snapshot:
    """Open a table of an Iceberg catalog.

    Args:
        catalog_name: A catalog of PyIceberg's configuration: its file, or PYICEBERG_CATALOG__NAME__URI and
            others of the environment.
        table_name: Namespace and table, such as security.requests.
        version: Snapshot, branch, tag or moment; empty for the newest.

    Raises:
        SettingsError: There is no such catalog.
        InputError: The table names files elsewhere.
    """
    catalog = _catalog(catalog_name)
    table = catalog.load_table(table_name)
    snapshot = iceberg_snapshot(table, version)
    if snapshot is None:
        return Snapshot(table_name, "empty", {}, table.scan().to_arrow_batch_reader)
    at = table.snapshot_by_id(snapshot)
    root = table.location().rstrip("/") + "/"
    _check_below(root, [at.manifest_list])
    _check_below(root, [one.manifest_path for one in at.manifests(table.io)])
    scan = table.scan(snapshot_id=snapshot)
    files = {
        file.file_path: int(file.file_size_in_bytes)
        for task in scan.plan_files()
        for file in (task.file, *task.delete_files)
    }
    _check_below(root, files)
    sizes = {path.removeprefix(root): size for path, size in files.items()}
    return Snapshot(table_name, str(snapshot), sizes, scan.to_arrow_batch_reader)


def _catalog(name: str) -> Any:
    """A catalog of PyIceberg's that loads no class of a table's properties."""
    from pyiceberg.catalog import load_catalog
    from pyiceberg.io.pyarrow import PyArrowFileIO

    try:
        catalog = load_catalog(name)
    except ValueError:
        raise SettingsError(
            f"catalog: no Iceberg catalog {name!r} is configured; set {_VARIABLE}{name.upper()}__URI "
            "(https://host/api for a REST catalog, with __TOKEN or __CREDENTIAL; sqlite:////path/catalog.db "
            "for a file), or write it into ~/.pyiceberg.yaml"
        ) from None

    def load_file_io(properties: dict[str, str] | None = None, _: str | None = None) -> PyArrowFileIO:
        kept = {**catalog.properties, **(properties or {})}
        return PyArrowFileIO({key: value for key, value in kept.items() if key != "py-io-impl"})

    catalog._load_file_io = load_file_io
    return catalog


def _check_below(root: str, paths: Iterable[str]) -> None:
    for path in paths:
        is_below = path.startswith(root) and ".." not in PurePosixPath(path.removeprefix(root)).parts
        if not is_below or any(sign in path for sign in "?#\\\0"):
            raise _outside(root, path)


def _outside(root: str, path: str) -> InputError:
    return InputError(
        f"the table at {root} names the file {path!r}, which is not below it; copy the table as a whole"
    )
