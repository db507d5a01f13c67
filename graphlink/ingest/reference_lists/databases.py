"""MaxMind-format databases, of MaxMind and of others: the networks that hold addresses of the input.

The only module that imports maxminddb.
"""

from __future__ import annotations

import bisect
import socket
from typing import TYPE_CHECKING, NamedTuple

import maxminddb

from graphlink.core.errors import InputError
from graphlink.core.small_files import MOST_LARGE, check_regular
from graphlink.ingest.reference_lists.networks import BITS
from graphlink.ingest.reference_lists.records import Known, fields_of, known_of
from graphlink.kinds import shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from _typeshed import SupportsLenAndGetItem

_FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}
_N_FIELDS = 12  # fields that a warning names


class Met(NamedTuple):
    """A network of a database that holds an address looked up."""

    first: int
    last: int
    known: Known


class Lookup(NamedTuple):
    """The networks and fields of a database that hold addresses of the input.

    Attributes:
        met: Networks of use, in order.
        fields: Names of the fields of records that were met.
    """

    met: list[Met]
    fields: dict[str, None]


def open_database(path: Path) -> maxminddb.Reader:
    """Open a database.

    Raises:
        InputError: The file can't be read, or is no database.
    """
    check_regular(path, f"reference file {path}", most_bytes=MOST_LARGE)
    try:
        return maxminddb.open_database(path)
    except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
        raise InputError(f"reference file {path}: not a MaxMind-format database ({error})") from error


def look_up(path: Path, version: int, keys: SupportsLenAndGetItem[int]) -> Lookup:
    """The networks of a database that hold at least one address, each looked up once.

    Args:
        path: The database.
        version: IP version of the addresses.
        keys: Addresses as integers, ascending.

    Raises:
        InputError: The database is damaged.
    """
    lookup = Lookup([], {})
    with open_database(path) as reader:
        if version == 6 and reader.metadata().ip_version == 4:
            return lookup
        at = 0
        while at < len(keys):
            address = int(keys[at])
            packed = address.to_bytes(BITS[version] // 8, "big")
            try:
                record, length = reader.get_with_prefix_len(socket.inet_ntop(_FAMILY[version], packed))
            except (ValueError, maxminddb.InvalidDatabaseError) as error:
                raise _damaged(path, error) from error
            host_bits = BITS[version] - max(length, 0)
            first = address >> host_bits << host_bits
            last = first | ((1 << host_bits) - 1)
            if record is not None:
                lookup.fields.update(dict.fromkeys(fields_of(record)))
            known = known_of(record)
            if any(known):
                lookup.met.append(Met(first, last, known))
            at = _place_past(keys, at, last)
    return lookup


def _damaged(path: Path, error: Exception) -> InputError:
    return InputError(f"reference file {path}: damaged ({error}); fetch it again")


def _place_past(keys: SupportsLenAndGetItem[int], at: int, last: int) -> int:
    """The place of the first key beyond `last`, searched in growing steps: it is most often near."""
    step = 1
    while at + step < len(keys) and keys[at + step] <= last:
        step *= 2
    return bisect.bisect_right(keys, last, at + step // 2, min(at + step, len(keys)))


def shown_fields(fields: Mapping[str, None]) -> str:
    """The names of fields for a message."""
    names = [shown(name) for name in sorted(fields)]
    more = len(names) - _N_FIELDS
    return ", ".join(names[:_N_FIELDS]) + (f" and {more} more" if more > 0 else "") or "none"
