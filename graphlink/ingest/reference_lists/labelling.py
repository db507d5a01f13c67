"""The step that labels addresses: sorted joins with the reference lists and databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from graphlink.core.tables.ingest import ADDRESS_LABELS, ADDRESSES
from graphlink.engine.stage import step
from graphlink.ingest.reference_lists.collected import ReferenceLists, read_reference_lists
from graphlink.ingest.reference_lists.databases import Lookup, look_up
from graphlink.ingest.reference_lists.facts import labelling_facts
from graphlink.ingest.reference_lists.networks import Segments, flatten
from graphlink.kinds.pseudonyms import without_raw_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphlink.core.settings import Settings
    from graphlink.engine import Sql

# Addresses as something that sorts as they do: an integer for IPv4, 32 hexadecimal digits for IPv6.
_KEYS = {
    4: """
        SELECT value, field[1] * 16777216 + field[2] * 65536 + field[3] * 256 + field[4] AS key
        FROM (
            SELECT value, CAST(string_split(value, '.') AS BIGINT[]) AS field
            FROM addresses
            WHERE regexp_full_match(value, '[0-9]{1,3}([.][0-9]{1,3}){3}')
        )""",
    6: f"""
        SELECT value, {" || ".join(f"lpad(field[{i}], 4, '0')" for i in range(1, 9))} AS key
        FROM (
            SELECT value, string_split(
                replace(value, '::', repeat(':0', 9 - len(string_split(value, ':'))) || ':'), ':'
            ) AS field
            FROM addresses
            WHERE regexp_full_match(value, '[0-9a-f]{{1,4}}(:[0-9a-f]{{0,4}}){{2,7}}')
        )""",
}


_SEGMENTS = {4: "reference_segments_4", 6: "reference_segments_6"}


_LOCATED = {4: "located_4", 6: "located_6"}  # and _0 or _1, by turns


@step(
    "reference_lists",
    "look addresses up in reference lists",
    takes=(ADDRESSES,),
    makes=(ADDRESS_LABELS,),
    share=0.01,
)
def label_identifiers(engine: Sql, settings: Settings) -> dict[str, object]:
    """Make `address_labels` from `addresses` and the reference lists.

    Where networks overlap the narrowest wins. A database labels addresses that no list holds, and a line
    about an autonomous system those that neither labels.

    Nested networks are flattened to disjoint segments once and then joined in one sorted (as-of) join per IP
    version, so the time grows with addresses plus networks and not with their product.

    Returns:
        Facts for the manifest: per file what was read and labelled, invalid lines, conflicts, addresses
        labelled by type, and warnings.

    Raises:
        InputError: A reference file can't be read, is no list, or has invalid lines only.
        SettingsError: The settings give an unknown type.
    """
    lists = read_reference_lists(settings)
    lookups: dict[int, list[Lookup]] = {}
    located = [_located_sql(engine, version, lists, lookups) for version in (4, 6)]
    engine.load("reference_entries", _entries(lists))
    engine.load("reference_asns", _asns(lists))
    engine.make("labelled", _labelled_sql(located))
    engine.make("address_labels", _LABELS_SQL)
    facts = labelling_facts(engine, lists, lookups)
    if "ip" not in settings.pseudonymize.kinds:
        return facts
    hidden = without_raw_values(facts)  # the lines about single addresses
    return hidden if isinstance(hidden, dict) else {}


_LABELS_SQL = """
    SELECT 'ip' AS kind, labelled.value, entry.label, entry.label_type, labelled.asn, labelled.country
    FROM labelled LEFT JOIN reference_entries AS entry ON entry.entry = labelled.entry
"""


def _labelled_sql(located: Sequence[str]) -> str:
    queries = " UNION ALL ".join(
        f"SELECT value, entry, asn, country FROM ({query}) AS met" for query in located
    )
    return f"""
        SELECT located.value, coalesce(located.entry, listed.entry) AS entry, located.asn, located.country
        FROM ({queries}) AS located
        LEFT JOIN reference_asns AS listed ON listed.asn = located.asn
        WHERE located.entry IS NOT NULL OR located.asn IS NOT NULL OR located.country IS NOT NULL
    """


def _located_sql(engine: Sql, version: int, lists: ReferenceLists, lookups: dict[int, list[Lookup]]) -> str:
    """The query of value, key, entry, asn and country of each address; adds the lookups in the databases."""
    query = (
        "SELECT value, key, CAST(NULL AS BIGINT) AS entry, CAST(NULL AS VARCHAR) AS asn, "
        f"CAST(NULL AS VARCHAR) AS country FROM ({_KEYS[version]}) AS keyed"
    )
    if len(lists.piles[version]):
        query = _met_sql(engine, version, query, _listed(version, flatten(lists.piles[version])))
    for i, (owner, path) in enumerate(lists.databases):
        # One sorted join a statement keeps the memory that of one.
        table, spent = (f"{_LOCATED[version]}_{(i + side) % 2}" for side in (0, 1))
        engine.make(table, query)
        engine.drop(spent)
        keys = _Keys(engine.arrow(f"SELECT key FROM {table} ORDER BY key").column("key"))
        lookup = look_up(path, version, keys)
        lookups.setdefault(owner, []).append(lookup)
        query = f"SELECT * FROM {table}"
        if lookup.met:
            query = _met_sql(engine, version, query, _segments_of(version, lookup, owner, lists))
    return query


def _met_sql(engine: Sql, version: int, query: str, segments: pa.Table) -> str:
    """The query that fills the nulls of another one from the segment that holds each address."""
    engine.load(_SEGMENTS[version], segments)
    columns = ", ".join(
        f"coalesce(a.{name}, CASE WHEN a.key <= s.last THEN s.{name} END) AS {name}"
        for name in ("entry", "asn", "country")
    )
    return (
        f"SELECT a.value, a.key, {columns} FROM ({query}) AS a "
        f"ASOF LEFT JOIN {_SEGMENTS[version]} AS s ON a.key >= s.first"
    )


def _listed(version: int, segments: Segments) -> pa.Table:
    n = len(segments.entries)
    return pa.table(
        {
            "first": _key_column(version, *segments.first),
            "last": _key_column(version, *segments.last),
            "entry": pa.array(segments.entries, pa.int64()),
            "asn": pa.nulls(n, pa.string()),
            "country": pa.nulls(n, pa.string()),
        }
    )


def _segments_of(version: int, lookup: Lookup, owner: int, lists: ReferenceLists) -> pa.Table:
    """The networks of a database as segments; its labels become entries of the lists."""
    numbers: dict[tuple[str, str], int] = {}
    entries: list[int | None] = []
    for _, _, known in lookup.met:
        if known.label is None or known.label_type is None:
            entries.append(None)
            continue
        labelled = known.label, known.label_type
        if labelled not in numbers:
            numbers[labelled] = lists.entry_of(*labelled, owner)
        entries.append(numbers[labelled])
    first, last = ([getattr(one, name) for one in lookup.met] for name in ("first", "last"))
    return pa.table(
        {
            "first": _key_column(version, *_halves(first)),
            "last": _key_column(version, *_halves(last)),
            "entry": pa.array(entries, pa.int64()),
            "asn": pa.array([one.known.asn for one in lookup.met], pa.string()),
            "country": pa.array([one.known.country for one in lookup.met], pa.string()),
        }
    )


def _halves(addresses: list[int]) -> tuple[np.ndarray, np.ndarray]:
    low = (1 << 64) - 1
    return (
        np.array([address >> 64 for address in addresses], np.uint64),
        np.array([address & low for address in addresses], np.uint64),
    )


def _key_column(version: int, high: np.ndarray, low: np.ndarray) -> pa.Array:
    """Addresses as `_KEYS` has them."""
    if version == 4:
        return pa.array(low.astype(np.int64))
    both = np.stack([high, low], axis=1).astype(">u8")
    offsets = np.arange(len(high) + 1, dtype=np.int32) * np.int32(32)
    digits = both.tobytes().hex().encode("ascii")
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(digits)]
    return pa.Array.from_buffers(pa.string(), len(high), buffers)


class _Keys:
    """Keys of addresses as integers, each converted on access: most never are."""

    def __init__(self, keys: pa.ChunkedArray) -> None:
        self._keys = keys

    def __len__(self) -> int:
        return len(self._keys)

    def __getitem__(self, at: int) -> int:
        key = self._keys[at].as_py()
        return key if isinstance(key, int) else int(key, 16)


def _entries(lists: ReferenceLists) -> pa.Table:
    labels, types = [label for label, _ in lists.entries], [label_type for _, label_type in lists.entries]
    return pa.table(
        {
            "entry": pa.array(range(len(labels)), pa.int64()),
            "label": pa.array(labels, pa.string()),
            "label_type": pa.array(types, pa.string()),
            "owner": pa.array(lists.owners, pa.int64()),
        }
    )


def _asns(lists: ReferenceLists) -> pa.Table:
    return pa.table(
        {
            "asn": pa.array(lists.asns.keys(), pa.string()),
            "entry": pa.array(lists.asns.values(), pa.int64()),
        }
    )
