"""Evidence weighed again: the bits of links without some of their evidence.

The bits of a link follow from its evidence as in a run (`graphlink.model.evidence`): of each kind the
strongest identifier counts, the leading kind in full, and every other as much as it adds to the others, in
the mean over their orders. How much that is was learned from all the data and is not kept in a result, so
what a kind counted among others stands for it: it keeps that limit while another leads, and counts in full
once it leads itself. This is exact for links of two kinds; else it is near, and rather too little than too
much. Reference lists, corroboration by others and the learned weights are taken unchanged.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from graphlink.core.rules import SAME_FACET
from graphlink.explanations.stored import ENDS, evidence_among, links_among
from graphlink.explanations.values import EvidenceItem
from graphlink.storage.arrow_values import index_in, numbers_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from graphlink.explanations.readable import Readable

    Integers = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

NEVER = np.iinfo(np.int64).min
"""A time that is not known."""


@dataclass(frozen=True, slots=True)
class EvidenceGraph:
    """Links and the evidence they rest on, as arrays; rows of evidence are sorted by link and kind.

    Attributes:
        accounts: The accounts, sorted; the arrays count them from 0.
        ends: Per link its two accounts, the lesser first.
        bits: Per link its log2 odds.
        prior_bits: Where every link starts.
        items: The evidence items, sorted by kind and value.
        facets: Per item its facet.
        link: Per row of evidence its link.
        item: Per row its item.
        alone: Per row its standalone bits.
        counted: Per row its bits that count.
        first: Per row when both first held it, in seconds since 1970; `NEVER` when not known.
        last: Per row when both last held it.
        kind: Per row the number of its kind.
        link_starts: Per link its first row, and the number of rows.
        by_item: The rows ordered by item.
        item_starts: Per item its first place there, and the number of rows.
        dependants: Per item those that are lost with it (`graphlink.explanations.corroboration`).
    """

    accounts: tuple[str, ...]
    ends: Integers
    bits: Floats
    prior_bits: float
    items: tuple[EvidenceItem, ...]
    facets: tuple[str, ...]
    link: Integers
    item: Integers
    alone: Floats
    counted: Floats
    first: Integers
    last: Integers
    kind: Integers
    link_starts: Integers
    by_item: Integers
    item_starts: Integers
    dependants: Mapping[int, tuple[int, ...]] = field(default_factory=dict)

    @property
    def n_items(self) -> int:
        """How many evidence items there are."""
        return len(self.items)

    def bits_without(self, is_gone: Mask) -> Floats:
        """Bits of every link when these rows of evidence are gone; see the head of the module."""
        bits = self.bits.copy()
        links = np.unique(self.link[is_gone])
        bits[links] = self._reweighed(links, is_gone)
        return bits

    def bits_without_items(self, items: Sequence[int]) -> tuple[Integers, Floats]:
        """The links that rest on any of these items, and their bits without them and their dependants."""
        lost = {one for item in items for one in (item, *self.dependants.get(item, ()))}
        rows = np.concatenate([self.rows_of_item(item) for item in sorted(lost)])
        is_gone = np.zeros(len(self.link), dtype=bool)
        is_gone[rows] = True
        links = np.unique(self.link[rows])
        return links, self._reweighed(links, is_gone)

    def rows_of_item(self, item: int) -> Integers:
        """The rows of an evidence item."""
        return self.by_item[self.item_starts[item] : self.item_starts[item + 1]]

    def _reweighed(self, links: Integers, is_gone: Mask) -> Floats:
        if not len(links):
            return np.zeros(0)
        lengths = self.link_starts[links + 1] - self.link_starts[links]
        ends = np.cumsum(lengths)
        rows = np.arange(ends[-1]) + np.repeat(self.link_starts[links] - (ends - lengths), lengths)
        place = np.repeat(np.arange(len(links)), lengths)
        counted = reweigh(self.kind[rows], place, self.alone[rows], self.counted[rows], is_gone[rows])
        sums = np.bincount(place, weights=counted, minlength=len(links))
        return np.asarray(self.prior_bits + sums, dtype=np.float64)


def reweigh(kind: Integers, link: Integers, alone: Floats, counted: Floats, is_gone: Mask) -> Floats:
    """Weigh the evidence of links again once some rows are gone.

    Args:
        kind: Per row the number of its kind.
        link: Per row its link; rows are sorted by link and kind.
        alone: Per row its standalone bits.
        counted: Per row its bits that count.
        is_gone: Per row whether it is left out.

    Returns:
        Per row the bits that count; those of a kind stand at its first row.
    """
    starts = np.flatnonzero((np.diff(kind, prepend=-1) != 0) | (np.diff(link, prepend=-1) != 0))
    most = np.maximum.reduceat(alone, starts)
    total = np.add.reduceat(counted, starts)
    left = np.maximum.reduceat(np.where(is_gone, -np.inf, alone), starts)
    of_link = link[starts]
    # The leading kind counted in full, and leads as long as nothing of it is gone.
    was_first = _firsts(of_link, np.where(total >= most - 1e-4, most, -np.inf))
    is_first = _firsts(of_link, np.where(was_first & (left == most), np.inf, left))
    positive = np.maximum(left, 0.0)
    # A kind that counted a quarter was held down by another of its facet; the rest had a fixed ceiling.
    is_quarter = np.isclose(total, SAME_FACET * most, atol=1e-5)
    discounted = np.where(is_quarter, SAME_FACET * positive, np.minimum(positive, total))
    # What was first and is no longer counts as the new first counted with it.
    share = np.ones(of_link.max(initial=-1) + 1)
    share[of_link[is_first]] = np.clip(total[is_first] / np.maximum(most[is_first], 1e-9), 0.0, 1.0)
    discounted = np.where(was_first, positive * share[of_link], discounted)
    now = np.where(is_first, positive, discounted)
    now = np.where(left == most, np.where(is_first, most, total), now)
    now = np.where(np.isneginf(left), 0.0, np.where(most < 0, total, now))
    rows = np.zeros(len(alone))
    rows[starts] = now
    return rows


def _firsts(link: Integers, bits: Floats) -> Mask:
    """The strongest kind of each link; of equals the first."""
    order = np.lexsort((np.arange(len(link)), -bits, link))
    is_first = np.zeros(len(link), dtype=bool)
    is_first[order[np.flatnonzero(np.diff(link[order], prepend=-1))]] = True
    return is_first


def read_evidence_graph(result: Readable, accounts: Collection[str], prior_bits: float) -> EvidenceGraph:
    """Read the links between these accounts and their evidence."""
    names = sorted(accounts)
    links = links_among(result, names)
    return make_evidence_graph(names, links, evidence_among(result, names), prior_bits)


def make_evidence_graph(
    names: list[str], links: pa.Table, rows: pa.Table, prior_bits: float
) -> EvidenceGraph:
    """Make the graph of links and evidence; both tables are sorted by key, as in a result."""
    ends = _numbers(links, names)
    keys = ends[:, 0] * len(names) + ends[:, 1]
    order = np.argsort(keys, kind="stable")
    of_rows = _numbers(rows, names)
    link = np.searchsorted(keys[order], of_rows[:, 0] * len(names) + of_rows[:, 1])
    items, facets, item = items_of(rows)
    first, last = _seconds(rows["first_joint"]), _seconds(rows["last_joint"])
    in_order = np.lexsort((item, link))
    link, item = link[in_order], item[in_order]
    kind_names = sorted({one.kind for one in items})
    kinds = np.array([kind_names.index(one.kind) for one in items], dtype=np.int64)
    by_item = np.argsort(item, kind="stable")
    return EvidenceGraph(
        accounts=tuple(names),
        ends=ends[order],
        bits=numbers_of(links["bits"], np.float64)[order],
        prior_bits=prior_bits,
        items=items,
        facets=facets,
        link=link,
        item=item,
        alone=numbers_of(rows["bits"], np.float64)[in_order],
        counted=numbers_of(rows["contribution_bits"], np.float64)[in_order],
        first=np.minimum(first, last)[in_order],
        last=np.maximum(first, last)[in_order],
        kind=kinds[item],
        link_starts=np.searchsorted(link, np.arange(len(keys) + 1)),
        by_item=by_item,
        item_starts=np.searchsorted(item[by_item], np.arange(len(items) + 1)),
    )


def _numbers(table: pa.Table, accounts: list[str]) -> Integers:
    numbers = [numbers_of(index_in(table[end], accounts), np.int32) for end in ENDS]
    return np.column_stack(numbers).astype(np.int64)


def items_of(rows: pa.Table) -> tuple[tuple[EvidenceItem, ...], tuple[str, ...], Integers]:
    """The items of rows of evidence, sorted by kind and value, their facets, and the item of each row."""
    # By codes rather than by Arrow's groups, which import pandas, and that takes a second.
    kind_codes, value_codes = (_codes(rows[name]) for name in ("kind", "value"))
    _, first, inverse = np.unique(
        kind_codes * (value_codes.max(initial=0) + 1) + value_codes, return_index=True, return_inverse=True
    )
    places = pa.Array.from_buffers(pa.int64(), len(first), [None, pa.py_buffer(first.astype(np.int64))])
    columns = (rows[name].take(places).to_pylist() for name in ("kind", "value", "facet"))
    named = list(zip(*columns, strict=True))
    order = sorted(range(len(named)), key=named.__getitem__)
    rank = np.empty(len(named), dtype=np.int64)
    rank[order] = np.arange(len(named))
    items = tuple(EvidenceItem(named[i][0], named[i][1]) for i in order)
    return items, tuple(named[i][2] for i in order), rank[inverse]


def _codes(column: pa.ChunkedArray) -> Integers:
    indices = column.combine_chunks().dictionary_encode().indices
    return numbers_of(indices, np.int32).astype(np.int64)


def _seconds(column: pa.ChunkedArray) -> Integers:
    micros = numbers_of(column.cast(pa.int64()), np.int64)
    is_known = numbers_of(column.is_valid().cast(pa.uint8()), np.uint8) == 1
    return np.where(is_known, micros // 1_000_000, NEVER)
