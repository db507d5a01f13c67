"""What if, of a cluster too large to solve again while somebody waits: what its links still connect.

Weighing the links again takes a second; finding communities among millions of them takes minutes and
gigabytes. What the remaining probable links do not connect can be in no common group, whatever a run would
find: these parts are the most that a run would keep together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np

from graphlink.clustering.components import components_of
from graphlink.core.wording.figures import counted
from graphlink.explanations.reweighing import reweigh
from graphlink.explanations.values import Explanation, Fragment, listed
from graphlink.explanations.what_if.groups import N_ACCOUNTS, Group, Move

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Integers = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

_N_NAMED = 10  # groups whose size is in the sentence
_MOST_GROUPS = 200  # that are listed; the sentence counts the rest


@dataclass(frozen=True, slots=True)
class LinkedAccounts:
    """The links inside a cluster and their evidence, as arrays; accounts are counted from 0.

    Attributes:
        n_accounts: Accounts of the cluster.
        ends: Per link its two accounts.
        bits: Per link its log2 odds.
        prior_bits: Where every link starts.
        link: Per row of evidence its link, in rising order.
        kind: Per row the number of its kind.
        alone: Per row its standalone bits.
        counted: Per row its bits that count.
    """

    n_accounts: int
    ends: Integers
    bits: Floats
    prior_bits: float
    link: Integers
    kind: Integers
    alone: Floats
    counted: Floats


@dataclass(frozen=True, slots=True, repr=False)
class Connected(Explanation):
    """What the probable links of a large cluster still connect without some of its evidence.

    Attributes:
        cluster_id: The cluster.
        without: What was left out, in words.
        n_accounts: Accounts of the cluster.
        n_evidence: Rows of evidence inside it that were left out.
        n_links: Links likelier than not that fell.
        before: The cluster.
        after: What stays connected, the largest first; at most 200, as `n_after` counts more.
        n_after: How many groups of two accounts or more stay connected.
        moves: How many accounts are in each of them, and in none.
        falls_out: Accounts without a probable link.
        is_changed: Whether anything is separated.
    """

    main: ClassVar[str] = "after"
    cluster_id: str
    without: tuple[str, ...]
    n_accounts: int
    n_evidence: int
    n_links: int
    before: tuple[Group, ...]
    after: tuple[Group, ...]
    n_after: int
    moves: tuple[Move, ...]
    falls_out: Fragment
    is_changed: bool

    @property
    def sentences(self) -> tuple[str, ...]:
        """The explanation in sentences."""
        lost = (
            f"Without {listed(self.without)}, {self.cluster_id} loses {counted(self.n_evidence, 'row')} of "
            f"evidence and {counted(self.n_links, 'probable link')}."
        )
        sizes = listed([f"{group.n_accounts:,}" for group in self.after[:_N_NAMED]])
        n_more = self.n_after - _N_NAMED
        more = f", and {counted(n_more, 'smaller group')}" if n_more > 0 else ""
        if not self.is_changed:
            result = "The probable links that remain connect all of its accounts."
        elif not self.n_after:
            result = "It falls apart: no two of its accounts keep a probable link."
        elif self.n_after == 1:
            result = f"The probable links that remain connect {sizes} of its {self.n_accounts:,} accounts."
        else:
            result = f"It falls into {counted(self.n_after, 'group')} of {sizes} accounts{more}."
        n = self.falls_out.n_accounts
        alone = f"{counted(n, 'account')} {'keeps' if n == 1 else 'keep'} no probable link." if n else ""
        return tuple(
            filter(
                None,
                (
                    lost,
                    result,
                    alone,
                    (
                        "The cluster is too large to detect communities again while you wait: a run could "
                        "split these groups further, but not join them. The command what-if detects them."
                    ),
                ),
            )
        )


class Parts(NamedTuple):
    """What stays connected, and where each account is.

    Attributes:
        connected: The explanation.
        part: Per account its part, from 0 for the largest; -1 for an account without a probable link.
    """

    connected: Connected
    part: Integers


def find_connected(
    cluster_id: str,
    linked: LinkedAccounts,
    is_gone: Mask,
    without: tuple[str, ...],
    name_of: Callable[[Integers], list[str]],
) -> Parts:
    """Find what the probable links of a cluster connect once some rows of evidence are gone.

    Args:
        cluster_id: The cluster.
        linked: Its links and their evidence.
        is_gone: Per row of evidence whether it is left out.
        without: What is left out, in words.
        name_of: Gives the names of accounts by their numbers.
    """
    bits = _bits_without(linked, is_gone)
    component = components_of(linked.n_accounts, linked.ends[bits > 0])
    first, of_account, sizes = np.unique(component, return_inverse=True, return_counts=True)
    order = np.lexsort((first, -sizes))
    order = order[sizes[order] > 1]
    rank = np.full(len(sizes), -1)
    rank[order] = np.arange(len(order))
    part = rank[of_account]
    alone = np.flatnonzero(part < 0)
    n = linked.n_accounts
    after = tuple(
        _group(f"after-{i + 1}", np.flatnonzero(part == i), (cluster_id,), name_of)
        for i in range(min(len(order), _MOST_GROUPS))
    )
    moves = [Move(cluster_id, f"after-{i + 1}", int(sizes[one])) for i, one in enumerate(order.tolist())]
    if len(alone):
        moves.append(Move(cluster_id, "", len(alone)))
    connected = Connected(
        cluster_id=cluster_id,
        without=without,
        n_accounts=n,
        n_evidence=int(is_gone.sum()),
        n_links=int(((linked.bits > 0) & (bits <= 0)).sum()),
        before=(_group(cluster_id, np.arange(n), (), name_of),),
        after=after,
        n_after=len(order),
        moves=tuple(moves),
        falls_out=Fragment(len(alone), tuple(name_of(alone[:N_ACCOUNTS]))),
        is_changed=len(order) != 1 or len(alone) > 0,
    )
    return Parts(connected, part)


def _bits_without(linked: LinkedAccounts, is_gone: Mask) -> Floats:
    """The bits of all links; only those that lose evidence are weighed again."""
    bits = linked.bits.copy()
    is_touched = np.zeros(len(bits), np.bool_)
    is_touched[linked.link[is_gone]] = True
    links = np.flatnonzero(is_touched)
    if not len(links):
        return bits
    rows = np.flatnonzero(is_touched[linked.link])
    place = (np.cumsum(is_touched) - 1)[linked.link[rows]]
    counted_bits = reweigh(linked.kind[rows], place, linked.alone[rows], linked.counted[rows], is_gone[rows])
    bits[links] = linked.prior_bits + np.bincount(place, weights=counted_bits, minlength=len(links))
    return bits


def _group(
    name: str, accounts: Integers, sources: tuple[str, ...], name_of: Callable[[Integers], list[str]]
) -> Group:
    return Group(name, len(accounts), tuple(name_of(accounts[:N_ACCOUNTS])), sources, len(accounts))
