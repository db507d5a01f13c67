"""The identifiers: numbered by kind and value, with degree, label and exclusivity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from graphlink.core.errors import ResultError
from graphlink.explorer.index.arrow import arrow_ints
from graphlink.explorer.index.columns import (
    Flags,
    Floats,
    Ints,
    Longs,
    coded,
    filled_numbers,
    flags_of,
    numbers_in,
    seconds_of,
    text_of,
)
from graphlink.explorer.index.names import Names

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from graphlink.result.result import Result


ADDRESS_KIND = "ip"
"""The kind whose values are single addresses."""


@dataclass(frozen=True)
class Identifiers:
    """The identifiers: number to what is known. Sorted by kind, and by value within a kind."""

    names: Names
    kind: NDArray[np.int16]
    kinds: list[str]
    facets: list[str]
    ranges: dict[str, tuple[int, int]]
    degree: Longs
    n_pairs: Longs
    n_joint_pairs: Longs
    is_hub: Flags
    is_capped: Flags
    p_exclusive: Floats
    label: Ints
    label_type: Ints
    labels: list[str | None]
    label_types: list[str | None]
    first_seen: Longs
    last_seen: Longs

    @property
    def values(self) -> pa.Array:
        """The values as Arrow."""
        return self.names.values

    def number(self, kind: str, value: str) -> int:
        """The number of an identifier; -1 when it is not there."""
        start, stop = self.ranges.get(kind, (0, 0))
        return self.names.number(value, start, stop) if stop > start else -1


class Numbering:
    """Numbers identifiers by kind and value; kinds are numbered as they are met, the known ones first."""

    def __init__(self, identifiers: Identifiers) -> None:
        self.identifiers = identifiers
        self.kinds = list(identifiers.kinds)

    def numbers(self, kind: pa.Array, value: pa.Array) -> Ints:
        """The numbers of identifiers; -1 - number of the kind for those that are in no table."""
        codes, names = coded(kind)
        self.kinds.extend(str(name) for name in names if name not in self.kinds)
        into = np.empty(len(kind), np.int32)
        for code, name in enumerate(names):
            mine = np.flatnonzero(codes == code)
            start, stop = self.identifiers.ranges.get(str(name), (0, 0))
            places = np.full(len(mine), -1, np.int32)
            if stop > start:
                values = value.take(arrow_ints(mine))
                places = numbers_in(values, self.identifiers.values.slice(start, stop - start))
            into[mine] = np.where(places >= 0, places + start, -1 - self.kinds.index(str(name)))
        return into


def kinds_of(identifier: Ints, identifier_kinds: NDArray[np.int16]) -> Longs:
    """The number of the kind of each identifier, or of what has none."""
    kinds = identifier_kinds[np.maximum(identifier, 0)] if len(identifier_kinds) else 0
    numbers: Longs = np.where(identifier >= 0, kinds, -1 - identifier).astype(np.int64)
    return numbers


def read_identifiers(result: Result) -> Identifiers:
    """Read the identifiers.

    Raises:
        ResultError: They are not sorted by kind.
    """
    table = result.table("identifiers")
    kind, kinds = coded(table["kind"])
    facet, facets = coded(table["facet"])
    bounds = np.searchsorted(kind, np.arange(len(kinds) + 1))
    # A table sorted by kind numbers the kinds in order when they are met.
    if len(kind) and (np.diff(kind) < 0).any():
        raise ResultError("identifiers are not sorted by kind; run it again")
    label, labels = coded(table["label"])
    label_type, label_types = coded(table["label_type"])
    return Identifiers(
        names=Names(text_of(table["value"])),
        kind=kind.astype(np.int16),
        kinds=[str(name) for name in kinds],
        facets=[str(facets[facet[bounds[i]]]) for i in range(len(kinds))],
        ranges={str(name): (int(bounds[i]), int(bounds[i + 1])) for i, name in enumerate(kinds)},
        degree=filled_numbers(table["degree"], np.int64),
        n_pairs=filled_numbers(table["n_pairs"], np.int64),
        n_joint_pairs=filled_numbers(table["n_joint_pairs"], np.int64),
        is_hub=flags_of(table["is_hub"]),
        is_capped=flags_of(table["is_capped"]),
        p_exclusive=filled_numbers(table["p_exclusive"], np.float64, np.nan),
        label=label,
        label_type=label_type,
        labels=labels,
        label_types=label_types,
        first_seen=seconds_of(table["first_seen"]),
        last_seen=seconds_of(table["last_seen"]),
    )
