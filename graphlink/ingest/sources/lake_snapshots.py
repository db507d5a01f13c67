"""A version of a lake table: what it is called, which files it has, and its rows."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, NamedTuple

from graphlink.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable


class Snapshot(NamedTuple):
    """A version of a table.

    Attributes:
        name: The table's name in the manifest.
        version: What the version is called.
        files: Name below the table and bytes of each file.
        scan: Gives the rows as an Arrow stream.
    """

    name: str
    version: str
    files: dict[str, int]
    scan: Callable[[], Any]


def iceberg_snapshot(table: Any, version: str) -> int | None:
    """The snapshot of a version: its number, the name of a branch or tag, or the moment it held at.

    Raises:
        InputError: The table has no such snapshot.
    """
    if not version:
        current = table.current_snapshot()
        return None if current is None else int(current.snapshot_id)
    if version.isdecimal():
        found = table.snapshot_by_id(int(version))
    elif version in table.refs():
        found = table.snapshot_by_name(version)
    else:
        moment = dt.datetime.fromisoformat(version)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
        found = table.snapshot_as_of_timestamp(int(moment.timestamp() * 1000))
    if found is None:
        raise InputError(f"the Iceberg table has no snapshot {version!r}; name one of its history")
    return int(found.snapshot_id)
