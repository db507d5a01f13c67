"""Cuts of evidence: the least pieces of it whose loss parts accounts that hang together.

A link holds while its bits are above a limit. Losing a piece never strengthens a link, so a set of pieces
parts a cluster only if it fells a link of any tree that spans it: the search branches on the pieces of one
such tree, the one that rests on the fewest, and tries all sets of one piece, then of two, and so on. What it
could not finish is bounded by a minimum vertex cut between accounts and pieces (Even and Tarjan 1975), made
minimal.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from graphlink.explanations.reweighing import Web

    Integers = NDArray[np.int64]
    Mask = NDArray[np.bool_]

_WORK = 20_000_000  # links looked at, over all sets tried, before the search gives up
_MOST_SETS = 1_500
_MOST_SINKS = 24  # accounts that a minimum cut is found for: those that rest on the fewest pieces
_LARGEST_SET = 8


@dataclass(frozen=True, slots=True)
class Cut:
    """Pieces whose loss parts accounts.

    Attributes:
        pieces: The least found, by number; empty when the accounts do not hang together without any loss.
        n_proved: No set of so many pieces or fewer does it: all were tried.
    """

    pieces: tuple[int, ...]
    n_proved: int

    @property
    def is_exact(self) -> bool:
        """Whether there is no smaller set."""
        return len(self.pieces) <= self.n_proved + 1


def parts_of(n: int, ends: Integers) -> Integers:
    """Per vertex the least vertex of its connected part."""
    label = np.arange(n)
    while True:
        least = np.minimum(label[ends[:, 0]], label[ends[:, 1]])
        before = label.copy()
        np.minimum.at(label, before[ends[:, 0]], least)
        np.minimum.at(label, before[ends[:, 1]], least)
        label = label[label]
        if np.array_equal(label, before):
            return label


def parts_without(web: Web, pieces: tuple[int, ...], least_bits: float) -> Integers:
    """Per account the least account of its part when these pieces are gone."""
    return parts_of(len(web.accounts), web.ends[_holding_without(web, pieces, least_bits)])


def single_cuts(web: Web, least_bits: float) -> list[int]:
    """Every piece whose loss alone parts the accounts."""
    holds = web.bits > least_bits
    fallen = {piece: _fallen(web, piece, holds, least_bits) for piece in range(web.n_pieces)}
    fallen = {piece: links for piece, links in fallen.items() if len(links)}
    is_fragile = np.zeros(len(holds), dtype=bool)
    for links in fallen.values():
        is_fragile[links] = True
    # What never falls by one loss is one vertex; only links between such vertices are looked at again.
    groups = parts_of(len(web.accounts), web.ends[holds & ~is_fragile])
    names, group = np.unique(groups, return_inverse=True)
    if len(names) == 1:
        return []
    fragile = np.flatnonzero(is_fragile)
    ends = group[web.ends[fragile]]
    n_parts = len(np.unique(parts_of(len(names), ends)))
    found = []
    for piece, links in fallen.items():
        left = ends[~np.isin(fragile, links)]
        if len(np.unique(parts_of(len(names), left))) > n_parts:
            found.append(piece)
    return found


def least_split(web: Web, least_bits: float) -> Cut:
    """The fewest pieces whose loss parts the accounts of a web."""
    if _is_split(web, (), least_bits):
        return Cut((), 0)
    singles = single_cuts(web, least_bits)
    if singles:
        n_lost = {piece: _n_parted(web, (piece,), least_bits) for piece in singles}
        return Cut((max(singles, key=lambda piece: (n_lost[piece], -piece)),), 0)
    bound = _bound(web, least_bits)
    budget = _Budget(min(_MOST_SETS, _WORK // max(1, len(web.bits))))
    for size in range(2, min(len(bound), _LARGEST_SET)):
        found = _search(web, (), size, least_bits, budget)
        if found:
            return Cut(found, size - 1)
        if budget.is_spent:
            return Cut(bound, size - 1)
    return Cut(bound, min(len(bound), _LARGEST_SET) - 1)


def least_drop(web: Web, account: int, least_bits: float) -> Cut:
    """The fewest pieces whose loss leaves an account of a web without a link that holds."""
    if not len(_own_links(web, account, (), least_bits)):
        return Cut((), 0)
    bound = _greedy_drop(web, account, least_bits)
    budget = _Budget(_MOST_SETS)
    for size in range(1, min(len(bound), _LARGEST_SET)):
        found = _search_drop(web, account, (), size, least_bits, budget)
        if found:
            return Cut(found, size - 1)
        if budget.is_spent:
            return Cut(bound, size - 1)
    return Cut(bound, min(len(bound), _LARGEST_SET) - 1)


class _Budget:
    """How many more sets may be tried, and which were."""

    def __init__(self, n: int) -> None:
        self._left = n
        self._seen: set[tuple[int, ...]] = set()

    @property
    def is_spent(self) -> bool:
        return self._left <= 0

    def takes(self, pieces: tuple[int, ...], depth: int) -> bool:
        """Whether a set is new at this depth and may be tried."""
        key = (depth, *sorted(pieces))
        if key in self._seen or self.is_spent:
            return False
        self._seen.add(key)
        self._left -= 1
        return True


def _holding_without(web: Web, pieces: tuple[int, ...], least_bits: float) -> Mask:
    holds = web.bits > least_bits
    if pieces:
        links, bits = web.bits_without_pieces(pieces)
        holds[links] &= bits > least_bits
    return np.asarray(holds)


def _fallen(web: Web, piece: int, holds: Mask, least_bits: float) -> Integers:
    links, bits = web.bits_without_pieces((piece,))
    return links[holds[links] & (bits <= least_bits)]


def _is_split(web: Web, pieces: tuple[int, ...], least_bits: float) -> bool:
    return bool(parts_without(web, pieces, least_bits).any())


def _n_parted(web: Web, pieces: tuple[int, ...], least_bits: float) -> int:
    """Accounts outside the largest part."""
    parts = parts_without(web, pieces, least_bits)
    return len(parts) - int(np.bincount(parts).max())


def _search(
    web: Web, pieces: tuple[int, ...], depth: int, least_bits: float, budget: _Budget
) -> tuple[int, ...]:
    """A set of `depth` more pieces that splits the web; empty when there is none, or the budget is spent."""
    if pieces and not budget.takes(pieces, depth):
        return ()
    holds = _holding_without(web, pieces, least_bits)
    if parts_of(len(web.accounts), web.ends[holds]).any():
        return tuple(sorted(pieces))
    if depth == 0:
        return ()
    for piece in _tree_pieces(web, holds):
        if piece not in pieces:
            found = _search(web, (*pieces, piece), depth - 1, least_bits, budget)
            if found:
                return found
    return ()


def _tree_pieces(web: Web, holds: Mask) -> list[int]:
    """The pieces of a spanning tree of the links that hold, one that rests on few; most used first."""
    rows = np.flatnonzero(holds[web.link] & (web.alone > 0))
    n_links = np.bincount(web.piece[rows], minlength=web.n_pieces)
    rank = np.empty(web.n_pieces, dtype=np.int64)
    rank[np.argsort(-n_links, kind="stable")] = np.arange(web.n_pieces)
    rarest = np.zeros(len(holds), dtype=np.int64)
    np.maximum.at(rarest, web.link[rows], rank[web.piece[rows]])
    import igraph

    links = np.flatnonzero(holds)
    graph = igraph.Graph(n=len(web.accounts), edges=web.ends[links].tolist())
    tree = links[graph.spanning_tree(weights=rarest[links].tolist(), return_tree=False)]
    is_tree = np.zeros(len(holds), dtype=bool)
    is_tree[tree] = True
    found = Counter(web.piece[rows[is_tree[web.link[rows]]]].tolist())
    return [piece for piece, _ in sorted(found.items(), key=lambda told: (-told[1], told[0]))]


def _bound(web: Web, least_bits: float) -> tuple[int, ...]:
    """A small set of pieces that splits the web, minimal but perhaps not the smallest."""
    holds = web.bits > least_bits
    rows = np.flatnonzero(holds[web.link] & (web.alone > 0))
    pairs = np.unique(
        np.concatenate(
            [np.column_stack([web.ends[web.link[rows], side], web.piece[rows]]) for side in (0, 1)]
        ),
        axis=0,
    )
    cuts = list(_vertex_cuts(len(web.accounts), web.n_pieces, pairs))
    best = min(cuts, key=lambda cut: (len(cut), cut))
    return _made_minimal(web, best, least_bits)


def _vertex_cuts(n_accounts: int, n_pieces: int, pairs: Integers) -> Iterator[tuple[int, ...]]:
    """Minimum sets of pieces between the account with the most pieces and those with the fewest."""
    import igraph

    enter, leave = n_accounts, n_accounts + n_pieces
    through = np.arange(n_pieces)
    edges = np.concatenate(
        [
            np.column_stack([pairs[:, 0], enter + pairs[:, 1]]),
            np.column_stack([leave + pairs[:, 1], pairs[:, 0]]),
            np.column_stack([enter + through, leave + through]),
        ]
    )
    capacity = [float(n_pieces + 1)] * (2 * len(pairs)) + [1.0] * n_pieces
    graph = igraph.Graph(n=n_accounts + 2 * n_pieces, edges=edges.tolist(), directed=True)
    order = np.argsort(np.bincount(pairs[:, 0], minlength=n_accounts), kind="stable")
    source = int(order[-1])
    for sink in order[: min(_MOST_SINKS, n_accounts - 1)].tolist():
        cut = graph.maxflow(source, sink, capacity=capacity)
        near = np.zeros(graph.vcount(), dtype=bool)
        near[cut.partition[0]] = True
        yield tuple(np.flatnonzero(near[enter:leave] & ~near[leave:]).tolist())


def _made_minimal(web: Web, pieces: tuple[int, ...], least_bits: float) -> tuple[int, ...]:
    """The set without the pieces it does not need, those of few links kept first."""
    kept = pieces
    for piece in sorted(pieces, key=lambda piece: (-len(web.rows_of_piece(piece)), piece)):
        without = tuple(other for other in kept if other != piece)
        if without and _is_split(web, without, least_bits):
            kept = without
    return tuple(sorted(kept))


def _own_links(web: Web, account: int, pieces: tuple[int, ...], least_bits: float) -> Integers:
    own = (web.ends == account).any(axis=1)
    return np.flatnonzero(own & _holding_without(web, pieces, least_bits))


def _search_drop(
    web: Web, account: int, pieces: tuple[int, ...], depth: int, least_bits: float, budget: _Budget
) -> tuple[int, ...]:
    """As `_search`, for one account: each link that holds must lose one of its pieces."""
    if pieces and not budget.takes(pieces, depth):
        return ()
    left = _own_links(web, account, pieces, least_bits)
    if not len(left):
        return tuple(sorted(pieces))
    if depth == 0:
        return ()
    choices = min((_pieces_of(web, link, pieces) for link in left.tolist()), key=len)
    for piece in choices:
        found = _search_drop(web, account, (*pieces, piece), depth - 1, least_bits, budget)
        if found:
            return found
    return ()


def _greedy_drop(web: Web, account: int, least_bits: float) -> tuple[int, ...]:
    pieces: tuple[int, ...] = ()
    while len(left := _own_links(web, account, pieces, least_bits)):
        n_links = Counter(piece for link in left.tolist() for piece in _pieces_of(web, link, pieces))
        pieces = (*pieces, min(n_links, key=lambda piece: (-n_links[piece], piece)))
    for piece in pieces:
        without = tuple(other for other in pieces if other != piece)
        if without and not len(_own_links(web, account, without, least_bits)):
            pieces = without
    return tuple(sorted(pieces))


def _pieces_of(web: Web, link: int, but: tuple[int, ...]) -> list[int]:
    rows = slice(web.link_starts[link], web.link_starts[link + 1])
    told = zip(web.piece[rows].tolist(), web.alone[rows].tolist(), strict=True)
    return [piece for piece, alone in told if alone > 0 and piece not in but]
