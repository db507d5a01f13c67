"""Reference lists: addresses -> labels (router, VPN, carrier NAT, ...), autonomous systems and countries.

The only module that imports maxminddb.
"""

from __future__ import annotations

import bisect
import csv
import hashlib
import ipaddress
import re
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import maxminddb
import pyarrow as pa

from graphlink.errors import InputError
from graphlink.files import refuse_lake_tables
from graphlink.kinds import CARRIERS_OF_V4, KINDS, UncleanValue, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from _typeshed import SupportsLenAndGetItem

    from graphlink.engine import Engine
    from graphlink.settings import Settings

TYPES = ("router", "vpn", "hosting", "carrier_nat", "campus", "corporate", "tor", "other")
N_NAMED = 20  # invalid lines that are named; the rest is counted

_COLUMNS = {
    **dict.fromkeys(("network", "cidr", "address", "ip", "asn"), "network"),
    **dict.fromkeys(("label", "name"), "label"),
    **dict.fromkeys(("type", "label_type"), "type"),
}
_LONGEST_LABEL = 200
_BITS = {4: 32, 6: 128}
_FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# A range of addresses as integers with the number of what it stands for.
_Range = tuple[int, int, int]
# First and last address, entry, AS number, country; what is not known is None.
_Segment = tuple[int, int, int | None, str | None, str | None]


@dataclass(slots=True)
class ReferenceLists:
    """What the reference lists of a run say.

    Attributes:
        entries: (label, type) that ranges and autonomous systems point to by position.
        ranges: Per IP version, the networks as (first address, last address, entry).
        asns: Autonomous systems, such as AS64500, to entry.
        databases: The .mmdb files.
        files: Facts about each file, for the manifest.
        invalid: "file:line: reason" of each line that was left out.
    """

    entries: list[tuple[str, str]] = field(default_factory=list)
    ranges: dict[int, list[_Range]] = field(default_factory=lambda: {4: [], 6: []})
    asns: dict[str, int] = field(default_factory=dict)
    databases: list[Path] = field(default_factory=list)
    files: list[dict[str, object]] = field(default_factory=list)
    invalid: list[str] = field(default_factory=list)
    _seen: dict[str, tuple[int, str]] = field(default_factory=dict)
    _numbers: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, line: _Line, where: str) -> None:
        """Add a line; the first one about a network stands.

        Raises:
            ValueError: An earlier line says something else of the same network.
        """
        entry = self._numbers.setdefault((line.label, line.type), len(self.entries))
        if entry == len(self.entries):
            self.entries.append((line.label, line.type))
        known, known_where = self._seen.setdefault(str(line.target), (entry, where))
        if known != entry:
            raise ValueError(f"{line.target} has another label or type in {known_where}, which stands")
        if known_where != where:
            return
        if isinstance(line.target, str):
            self.asns[line.target] = entry
        else:
            first, last = int(line.target.network_address), int(line.target.broadcast_address)
            self.ranges[line.target.version].append((first, last, entry))


@dataclass(frozen=True, slots=True)
class _Line:
    target: _Network | str
    label: str
    type: str


def read_reference_lists(settings: Settings) -> ReferenceLists:
    """Read every reference list of the settings; invalid lines are collected, not fatal.

    A list is a CSV file with a header: network (or cidr, address, ip, asn), label, type, in any order. Lines
    that start with # are comments. A network is CIDR, a single address, or an autonomous system (AS64500).

    Raises:
        InputError: A file can't be read, lacks a column, or has invalid lines only.
    """
    lists = ReferenceLists()
    for reference in settings.references:
        path = Path(reference.path)
        refuse_lake_tables([path])
        facts: dict[str, object] = {"path": reference.path, "sha256": _digest(path)}
        if path.suffix.lower() == ".mmdb":
            lists.databases.append(path)
            with _opened(path) as reader:
                facts["database_type"] = reader.metadata().database_type
        else:
            n_lines, n_invalid = _read_list(path, lists)
            facts |= {"lines": n_lines, "invalid_lines": n_invalid}
        lists.files.append(facts)
    return lists


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"reference list {path}: {error.strerror}; mend the path or the rights") from error


# --- CSV lists ---------------------------------------------------------------------------------------------


def _read_list(path: Path, lists: ReferenceLists) -> tuple[int, int]:
    """Add the lines of a CSV list; returns how many there were and how many of them were invalid."""
    n_lines = n_invalid = 0
    columns: dict[str, int] = {}
    delimiter = ","
    for line_number, text in _lines(path):
        if not columns:
            columns, delimiter = _header(path, line_number, text)
            continue
        n_lines += 1
        try:
            lists.add(_parsed(_cells(text, delimiter), columns), f"{path}:{line_number}")
        except (ValueError, csv.Error) as error:
            n_invalid += 1
            lists.invalid.append(f"{path}:{line_number}: {error}")
    if not columns:
        raise InputError(f"reference list {path}: empty; the first line names network, label and type")
    if n_invalid and n_invalid == n_lines:
        raise InputError(f"reference list {path}: no valid line; the first is {lists.invalid[-n_invalid]}")
    return n_lines, n_invalid


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    # One physical line at a time: an unclosed quote spoils its own line and not the rest of the file.
    with path.open(encoding="utf-8-sig", errors="surrogateescape") as file:
        for line_number, line in enumerate(file, start=1):
            text = line.strip()
            if text and not text.startswith("#"):
                yield line_number, text


def _header(path: Path, line_number: int, text: str) -> tuple[dict[str, int], str]:
    for delimiter in (",", ";", "\t"):
        try:
            names = [name.strip().lower() for name in _cells(text, delimiter)]
        except csv.Error:
            continue
        columns = [_COLUMNS.get(name, "") for name in names]
        if {"network", "label", "type"} <= set(columns):
            return {name: i for i, name in reversed(list(enumerate(columns))) if name}, delimiter
    raise InputError(
        f"reference list {path}, line {line_number}: expected a header with the columns network (or cidr, "
        f"address, asn), label and type; found {shown(text)}"
    )


def _cells(text: str, delimiter: str) -> list[str]:
    return next(csv.reader([text], strict=True, delimiter=delimiter, skipinitialspace=True))


def _parsed(cells: Sequence[str], columns: dict[str, int]) -> _Line:
    if len(cells) <= max(columns.values()):
        raise ValueError(f"{len(cells)} columns; expected at least {max(columns.values()) + 1}")
    network, label, told = (cells[columns[name]] for name in ("network", "label", "type"))
    kind = re.sub(r"[\s-]+", "_", told.strip().lower())
    if kind not in TYPES:
        raise ValueError(f"type '{shown(told)}'; known are {', '.join(TYPES)}")
    return _Line(_target(network.strip()), _label(label, kind), kind)


def _label(told: str, kind: str) -> str:
    """The label as it stands in the tables; a router's label is the value of its `router` identifier."""
    try:
        label = KINDS["router" if kind == "router" else "client"].clean(told)
    except UncleanValue as error:
        raise ValueError(f"label: {error.reason}; {error.mend}") from error
    if len(label) > _LONGEST_LABEL:
        raise ValueError(f"label of {len(label)} characters; at most {_LONGEST_LABEL} are of use")
    return label


def _target(told: str) -> _Network | str:
    if re.fullmatch(r"(?i)(AS ?)?[0-9]+", told):
        try:
            return KINDS["asn"].clean(told)
        except UncleanValue as error:
            raise ValueError(f"network '{shown(told)}': {error.mend}") from error
    try:
        network = ipaddress.ip_network(told, strict=False)
    except ValueError as error:
        raise ValueError(f"network '{shown(told)}' is no CIDR, address or AS number") from error
    # 203.0.113.7/8 is more often a slip for /28 than a wish to label 16 million addresses.
    if "/" in told and ipaddress.ip_interface(told).ip != network.network_address:
        raise ValueError(
            f"network {told} has bits set behind its length; write {network} or a single address"
        )
    if network.prefixlen == 0:
        raise ValueError(f"network {network} is every address; leave it out")
    return _as_cleaned(network)


def _as_cleaned(network: _Network) -> _Network:
    """The IPv4 network that an IPv6 network only carries, as the kind `ip` cleans addresses."""
    carrier = int(network.network_address) >> 32
    if network.version == 6 and network.prefixlen > 96 and carrier in CARRIERS_OF_V4:
        carried = int(network.network_address) & 0xFFFFFFFF
        return ipaddress.IPv4Network((carried, network.prefixlen - 96))
    return network


# --- nested ranges to disjoint segments --------------------------------------------------------------------


def flatten(ranges: Sequence[_Range]) -> list[_Range]:
    """Make disjoint segments of nested ranges: each address belongs to the narrowest range that holds it.

    Args:
        ranges: (first, last, number); any two are disjoint or one holds the other, and no two are equal.

    Returns:
        (first, last, number), in order.
    """
    segments: list[_Range] = []
    holding: list[_Range] = []  # ranges that hold the current place, widest first
    place = 0

    def close_until(end: int) -> None:
        nonlocal place
        while holding and holding[-1][1] < end:
            _, last, told = holding.pop()
            if place <= last:
                segments.append((place, last, told))
                place = last + 1

    for first, last, told in sorted(ranges, key=lambda spread: (spread[0], -spread[1])):
        close_until(first)
        if holding and place < first:
            segments.append((place, first - 1, holding[-1][2]))
        place = first
        holding.append((first, last, told))
    close_until(1 << 129)
    return segments


# --- MaxMind-format databases ------------------------------------------------------------------------------


def _opened(path: Path) -> maxminddb.Reader:
    try:
        return maxminddb.open_database(path)
    except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
        raise InputError(f"reference file {path}: not a MaxMind-format database ({error})") from error


def _networks_met(path: Path, version: int, keys: SupportsLenAndGetItem[int]) -> Iterator[_Segment]:
    """The networks of a database that hold at least one address, each looked up once.

    Args:
        path: The database.
        version: IP version of the addresses.
        keys: Addresses as integers, ascending.

    Yields:
        (first address, last address, None, AS number, country code).
    """
    with _opened(path) as reader:
        if version == 6 and reader.metadata().ip_version == 4:
            return
        at = 0
        while at < len(keys):
            address = int(keys[at])
            packed = address.to_bytes(_BITS[version] // 8, "big")
            try:
                record, length = reader.get_with_prefix_len(socket.inet_ntop(_FAMILY[version], packed))
            except (ValueError, maxminddb.InvalidDatabaseError) as error:
                raise InputError(f"reference file {path}: damaged ({error}); fetch it again") from error
            host_bits = _BITS[version] - max(length, 0)
            first = address >> host_bits << host_bits
            last = first | ((1 << host_bits) - 1)
            asn, country = _asn(record), _country(record)
            if asn is not None or country is not None:
                yield first, last, None, asn, country
            at = _place_past(keys, at, last)


def _place_past(keys: SupportsLenAndGetItem[int], at: int, last: int) -> int:
    """The place of the first key beyond `last`, searched in growing steps: it is most often near."""
    step = 1
    while at + step < len(keys) and keys[at + step] <= last:
        step *= 2
    return bisect.bisect_right(keys, last, at + step // 2, min(at + step, len(keys)))


def _asn(record: Any) -> str | None:
    told = record.get("autonomous_system_number", record.get("asn")) if isinstance(record, dict) else None
    try:
        return KINDS["asn"].clean(str(told)) if told is not None else None
    except UncleanValue:
        return None


def _country(record: Any) -> str | None:
    if not isinstance(record, dict):
        return None
    told = record.get("country") or record.get("registered_country") or record.get("country_code")
    code = told.get("iso_code") if isinstance(told, dict) else told
    try:
        return KINDS["country"].clean(str(code)) if code is not None else None
    except UncleanValue:
        return None


# --- the step ----------------------------------------------------------------------------------------------

# Addresses as something that sorts as they do: an integer for IPv4, 32 hexadecimal digits for IPv6.
_KEYS = {
    4: """
        SELECT value, part[1] * 16777216 + part[2] * 65536 + part[3] * 256 + part[4] AS key
        FROM (
            SELECT value, CAST(string_split(value, '.') AS BIGINT[]) AS part
            FROM addresses
            WHERE regexp_full_match(value, '[0-9]{1,3}([.][0-9]{1,3}){3}')
        )""",
    6: f"""
        SELECT value, {" || ".join(f"lpad(part[{i}], 4, '0')" for i in range(1, 9))} AS key
        FROM (
            SELECT value, string_split(
                replace(value, '::', repeat(':0', 9 - len(string_split(value, ':'))) || ':'), ':'
            ) AS part
            FROM addresses
            WHERE regexp_full_match(value, '[0-9a-f]{{1,4}}(:[0-9a-f]{{0,4}}){{2,7}}')
        )""",
}


def label_identifiers(engine: Engine, settings: Settings) -> dict[str, object]:
    """Make `labels` from `addresses` and the reference lists.

    Takes `addresses` (value VARCHAR: distinct addresses as the kind `ip` cleans them). Makes `labels` (kind
    VARCHAR, value, label, label_type, asn, country): one row per address of which a list or a database knows
    something; null is what is not known. Where ranges overlap the narrowest wins; a line about an autonomous
    system counts for addresses that no range holds.

    Nested ranges are flattened to disjoint segments once and then met in one sorted (as-of) join per IP
    version, so the time grows with addresses plus ranges and not with their product.

    Returns:
        Facts for the manifest: files with their hashes, ranges, invalid lines, addresses labelled by type.

    Raises:
        InputError: A reference file can't be read or has invalid lines only.
    """
    lists = read_reference_lists(settings)
    engine.load("reference_entries", _entries(lists))
    engine.load("reference_asns", _asns(lists))
    engine.make("labels", _labels_sql([_located_sql(engine, version, lists) for version in (4, 6)]))
    engine.drop("reference_entries", "reference_asns", *_SEGMENTS.values())
    engine.drop(*(f"{name}_{side}" for name in _LOCATED.values() for side in (0, 1)))
    return _facts(engine, lists)


_SEGMENTS = {4: "reference_segments_4", 6: "reference_segments_6"}
_LOCATED = {4: "located_4", 6: "located_6"}  # and _0 or _1, by turns


def _labels_sql(located: Sequence[str]) -> str:
    told = " UNION ALL ".join(f"SELECT value, entry, asn, country FROM ({query}) AS met" for query in located)
    return f"""
        SELECT 'ip' AS kind, located.value, entry.label, entry.label_type, located.asn, located.country
        FROM ({told}) AS located
        LEFT JOIN reference_asns AS listed ON listed.asn = located.asn
        LEFT JOIN reference_entries AS entry ON entry.entry = coalesce(located.entry, listed.entry)
        WHERE entry.entry IS NOT NULL OR located.asn IS NOT NULL OR located.country IS NOT NULL
    """


def _located_sql(engine: Engine, version: int, lists: ReferenceLists) -> str:
    """The query of value, key, entry of the narrowest range, asn and country of each address."""
    query = (
        "SELECT value, key, CAST(NULL AS BIGINT) AS entry, CAST(NULL AS VARCHAR) AS asn, "
        f"CAST(NULL AS VARCHAR) AS country FROM ({_KEYS[version]}) AS keyed"
    )
    listed = [(*segment, None, None) for segment in flatten(lists.ranges[version])]
    query = _met_sql(engine, version, query, listed)
    for i, path in enumerate(lists.databases):
        # One sorted join a statement keeps the memory that of one.
        table, spent = (f"{_LOCATED[version]}_{(i + side) % 2}" for side in (0, 1))
        engine.make(table, query)
        engine.drop(spent)
        keys = _Keys(engine.arrow(f"SELECT key FROM {table} ORDER BY key").column("key"))
        query = _met_sql(engine, version, f"SELECT * FROM {table}", list(_networks_met(path, version, keys)))
    return query


def _met_sql(engine: Engine, version: int, query: str, segments: Sequence[_Segment]) -> str:
    """The query that fills what another one leaves open from the segment that holds each address."""
    if not segments:
        return query
    first, last, entry, asn, country = zip(*segments, strict=True)
    columns = {
        "first": _key_column(version, first),
        "last": _key_column(version, last),
        "entry": pa.array(entry, pa.int64()),
        "asn": pa.array(asn, pa.string()),
        "country": pa.array(country, pa.string()),
    }
    engine.load(_SEGMENTS[version], pa.table(columns))
    told = ", ".join(
        f"coalesce(a.{name}, CASE WHEN a.key <= s.last THEN s.{name} END) AS {name}"
        for name in ("entry", "asn", "country")
    )
    return (
        f"SELECT a.value, a.key, {told} FROM ({query}) AS a "
        f"ASOF LEFT JOIN {_SEGMENTS[version]} AS s ON a.key >= s.first"
    )


def _key_column(version: int, keys: Sequence[int]) -> pa.Array:
    if version == 4:
        return pa.array(keys, pa.int64())
    return pa.array([f"{key:032x}" for key in keys], pa.string())


class _Keys:
    """Keys of addresses as integers, each made when it is looked at: most never are."""

    def __init__(self, keys: pa.ChunkedArray) -> None:
        self._keys = keys

    def __len__(self) -> int:
        return len(self._keys)

    def __getitem__(self, at: int) -> int:
        told = self._keys[at].as_py()
        return told if isinstance(told, int) else int(told, 16)


def _entries(lists: ReferenceLists) -> pa.Table:
    labels, types = [label for label, _ in lists.entries], [told for _, told in lists.entries]
    return pa.table(
        {
            "entry": pa.array(range(len(labels)), pa.int64()),
            "label": pa.array(labels, pa.string()),
            "label_type": pa.array(types, pa.string()),
        }
    )


def _asns(lists: ReferenceLists) -> pa.Table:
    return pa.table(
        {
            "asn": pa.array(lists.asns.keys(), pa.string()),
            "entry": pa.array(lists.asns.values(), pa.int64()),
        }
    )


def _facts(engine: Engine, lists: ReferenceLists) -> dict[str, object]:
    by_type = engine.rows(
        "SELECT label_type, count(*) FROM labels WHERE label_type IS NOT NULL GROUP BY ALL ORDER BY ALL"
    )
    known = engine.rows("SELECT count(*), count(label), count(asn), count(country) FROM labels")[0]
    return {
        "files": lists.files,
        "ranges": len(lists.ranges[4]) + len(lists.ranges[6]),
        "asns": len(lists.asns),
        "invalid_lines": {"count": len(lists.invalid), "first": lists.invalid[:N_NAMED]},
        "addresses": dict(zip(("known", "labelled", "with_asn", "with_country"), known, strict=True)),
        "labelled_by_type": {str(told): n for told, n in by_type},
    }
