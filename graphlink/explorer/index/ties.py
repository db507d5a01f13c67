"""The edges of a graph: accounts to identifiers, and accounts to accounts by joint behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from graphlink.explorer.index.runs import summed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphlink.explorer.index.columns import Floats, Ints, Longs
    from graphlink.explorer.index.evidence import Evidence

_MOST_DIRECT = 4_000  # edges between two accounts that are drawn; the strongest


@dataclass(frozen=True)
class Ties:
    """Edges of a bipartite graph, accounts to identifiers, and direct edges between accounts."""

    account: Longs
    identifier: Longs
    bits: Floats
    n: Longs
    left: Longs
    right: Longs
    direct_bits: Floats
    direct_kinds: list[str]
    direct_first: Longs
    direct_last: Longs


def ties_between(evidence: Evidence, rows: Ints | Longs, min_bits: float = 0.0) -> Ties:
    """The edges that some rows of evidence make, each of at least so many bits."""
    left, right = evidence.left[rows].astype(np.int64), evidence.right[rows].astype(np.int64)
    identifier, bits = evidence.identifier[rows].astype(np.int64), evidence.bits[rows].astype(np.float64)
    named = identifier >= 0
    width = np.int64(max(len(evidence.identifier_kinds), 1))
    keys = np.concatenate([left[named], right[named]]) * width + np.tile(identifier[named], 2)
    unique, place = np.unique(keys, return_inverse=True)
    sums = summed(place, np.tile(bits[named] / 2, 2), len(unique))
    counts = np.bincount(place, minlength=len(unique))
    kept = sums >= min_bits
    direct = ~named & (bits > 0)
    return Ties(
        unique[kept] // width, unique[kept] % width, sums[kept], counts[kept],
        *_direct(
            evidence, (left[direct], right[direct], identifier[direct], bits[direct]), rows[direct], min_bits
        ),
    )  # fmt: skip


def _direct(
    evidence: Evidence,
    chosen: tuple[Longs, Longs, Longs, Floats],
    rows: NDArray[Any],
    min_bits: float,
) -> tuple[Longs, Longs, Floats, list[str], Longs, Longs]:
    """Edges between two accounts: the strongest, with their kinds joined by commas."""
    left, right, identifier, bits = chosen
    n = np.int64(evidence.n_accounts)
    pairs, place = np.unique(left * n + right, return_inverse=True)
    sums = summed(place, bits, len(pairs))
    strongest = np.lexsort((pairs, -sums))[:_MOST_DIRECT]
    strongest = np.sort(strongest[sums[strongest] >= min_bits])
    kinds: list[set[str]] = [set() for _ in range(len(pairs))]
    is_kept = np.zeros(len(pairs), np.bool_)
    is_kept[strongest] = True
    for i in np.flatnonzero(is_kept[place]).tolist():
        kinds[place[i]].add(evidence.kinds[-1 - identifier[i]])
    first = np.full(len(pairs), np.iinfo(np.int64).max)
    last = np.full(len(pairs), np.iinfo(np.int64).min)
    np.minimum.at(first, place, evidence.first[rows])
    np.maximum.at(last, place, evidence.last[rows])
    names = [",".join(sorted(kinds[i])) for i in strongest.tolist()]
    kept = pairs[strongest]
    return kept // n, kept % n, sums[strongest], names, first[strongest], last[strongest]


def restrict_ties(ties: Ties, members: Longs, identifiers: Longs) -> Ties:
    """The edges between some accounts, and from them to some identifiers."""
    kept = np.isin(ties.account, members) & np.isin(ties.identifier, identifiers)
    direct = np.isin(ties.left, members) & np.isin(ties.right, members)
    return Ties(
        ties.account[kept], ties.identifier[kept], ties.bits[kept], ties.n[kept],
        ties.left[direct], ties.right[direct], ties.direct_bits[direct],
        [kind for kind, is_kept in zip(ties.direct_kinds, direct, strict=True) if is_kept],
        ties.direct_first[direct], ties.direct_last[direct],
    )  # fmt: skip
