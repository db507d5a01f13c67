"""What the kinds of a pair add up to, given that they depend on each other.

A kind counts in full when nothing else is shared, and up to what it still adds once others are known. Which
kind leads is no fact about the pair, so the one that gives the most does; for the rest the mean over all
orders is taken (Shapley 1953). So the sum is the same whatever the kinds are called, and moves by no more
than the bits of a kind move.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

COUNTED = pa.schema(
    [
        ("l", pa.int32()),
        ("r", pa.int32()),
        ("kind_no", pa.int32()),
        ("bits", pa.float64()),
        ("contribution_bits", pa.float64()),
    ]
)
"""The columns of `counted_kinds`."""


@dataclass(frozen=True, slots=True)
class Dependence:
    """What a kind adds once another is known, as matrices: given kind, kind.

    Attributes:
        bits: Most bits that it adds; 0 adds none whatever its rarity.
        share: Share of its own bits that it adds at most.
        rarity: Bits by which the rarity of a value may raise the most.
        log_degree: Per kind, mean log2 of the other holders of a shared value.
    """

    bits: Floats
    share: Floats
    rarity: Floats
    log_degree: Floats

    def added(self, given: Integers, kind: Integers, bits: Floats, degree: Floats) -> Floats:
        """Bits that kinds add, per row, once others are known."""
        rarer = self.log_degree[kind] - np.log2(np.maximum(degree - 1.0, 1.0))
        most = self.bits[given, kind]
        ceiling = np.where(most > 0, np.maximum(0.0, most + np.minimum(self.rarity[given, kind], rarer)), 0.0)
        return np.asarray(np.minimum(bits * self.share[given, kind], ceiling))


def counted_kinds(rows: pa.Table, *, dependence: Dependence) -> pa.Table:
    """Count the kinds of pairs: of each what it adds once those before it are known.

    Args:
        rows: l, r, kind_no, bits and degree of each kind of whole pairs, in any order.
        dependence: What kinds add once others are known.

    Returns:
        `COUNTED`.
    """
    columns = {name: rows[name].to_numpy() for name in rows.column_names}
    order = np.lexsort((columns["kind_no"], -columns["bits"], columns["r"], columns["l"]))
    columns = {name: column[order] for name, column in columns.items()}
    starts = np.flatnonzero(
        (np.diff(columns["l"], prepend=-1) != 0) | (np.diff(columns["r"], prepend=-1) != 0)
    )
    sizes = np.diff(np.append(starts, len(order)))
    contribution = np.zeros(len(order))
    for size in np.unique(sizes).tolist():
        pairs = starts[sizes == size]
        places = pairs[:, None] + np.arange(size)[None, :]
        kind, bits, degree = (columns[name][places] for name in ("kind_no", "bits", "degree"))
        contribution[places] = _with_best_leader(
            kind.astype(np.int64), bits.astype(np.float64), degree.astype(np.float64), dependence
        )
    return pa.table(
        [
            pa.array(column, field.type)
            for column, field in zip(
                (columns["l"], columns["r"], columns["kind_no"], columns["bits"], contribution),
                COUNTED,
                strict=True,
            )
        ],
        schema=COUNTED,
    )


def _with_best_leader(kind: Integers, bits: Floats, degree: Floats, dependence: Dependence) -> Floats:
    """Contributions of the kinds of pairs, a pair a row, led by the kind that gives the most."""
    n_pairs, size = bits.shape
    added = np.empty((size, size, n_pairs))
    for given in range(size):
        for one in range(size):
            added[given, one] = dependence.added(kind[:, given], kind[:, one], bits[:, one], degree[:, one])
    most, contribution = np.full(n_pairs, -np.inf), np.zeros_like(bits)
    for leader in range(size):
        counted = _led_by(leader, bits, added)
        total = counted.sum(axis=1)
        # Of leaders that give the same the first, which is the strongest kind.
        is_more = total > most + 1e-9
        most[is_more], contribution[is_more] = total[is_more], counted[is_more]
    return contribution


def _led_by(leader: int, bits: Floats, added: Floats) -> Floats:
    """Contributions with one kind first, and of the others the mean over all orders.

    Of what a kind adds given each of m others, a_1 <= ... <= a_m, the least of those before it counts. In an
    order drawn at random this is a_i with probability 1 / (i (i + 1)), and none of them with 1 / (m + 1).
    """
    size = bits.shape[1]
    contribution = np.empty_like(bits)
    contribution[:, leader] = bits[:, leader]
    others = [one for one in range(size) if one != leader]
    n = len(others) - 1
    chance = 1.0 / (np.arange(1.0, n + 1) * np.arange(2.0, n + 2))
    for one in others:
        first = np.minimum(bits[:, one], added[leader, one])
        given = np.sort(added[[k for k in others if k != one], one], axis=0)
        later = np.minimum(given, first)
        contribution[:, one] = (chance[:, None] * later).sum(axis=0) + first / (n + 1)
    return contribution
