"""What a cluster depends on: the smallest set of evidence whose loss splits it or drops an account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from graphlink.core.errors import NotFoundError
from graphlink.core.wording.clusters import loss_sentence
from graphlink.core.wording.figures import counted
from graphlink.explanations.corroboration import along_words, dependants_of, with_dependants
from graphlink.explanations.cuts import Cut, components_without, least_drop, least_split, single_cuts
from graphlink.explanations.reweighing import EvidenceGraph, read_evidence_graph
from graphlink.explanations.stored import log_odds, members_of, settings_of
from graphlink.explanations.values import EvidenceItem, Explanation, Fragment, listed, named
from graphlink.kinds import shown
from graphlink.result.integrity import of_result

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from typing import Any

    from graphlink.explanations.readable import Readable

MOST_LINKS = 100_000
"""Links of a cluster up to which a page, a report and the note under a table search it.

The search has a limit of its own, and takes some 2 s of a processor in clusters of 5,000 to 76,000 links
(measured); beyond, reading the evidence takes longer. The command and the explorer, which examine one
cluster, search in any.
"""

_FEW_LINKS = 1_000  # of a cluster in which the search takes next to nothing
_MOST_SEARCHED = 60  # larger clusters that a report searches: two minutes of a processor

_LIKELIER_THAN_NOT = 0.5
_N_NAMED = 5
_N_ACCOUNTS = 200


@dataclass(frozen=True, slots=True)
class Failure:
    """A single point of failure.

    Attributes:
        kind: Kind of the identifier, or the behaviour.
        value: The identifier; empty for a behaviour.
        facet: Group of kinds that fail together.
        n_links: Links of the cluster that fall with it.
        n_accounts: Accounts that fall off.
        falls_off: What is cut off from the largest component, the largest first.
        takes_along: Addresses and clients that nothing else corroborates, which are lost with it.
    """

    kind: str
    value: str
    facet: str
    n_links: int
    n_accounts: int
    falls_off: tuple[Fragment, ...]
    takes_along: tuple[EvidenceItem, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Breaks(Explanation):
    """What would split a cluster, or drop one of its accounts.

    Attributes:
        cluster_id: The cluster.
        account_id: The account to be dropped; None when the whole cluster is examined.
        n_accounts: Accounts of the cluster.
        least_probability: A link holds while it is likelier than this.
        singles: Evidence items whose loss alone does it, those that cost most accounts first.
        smallest: The smallest known set whose loss together does it; empty when nothing holds already.
        is_exact: Whether no fewer do it; else the number is an upper bound.
        n_proved: All sets of so many items were tried, and none does it.
        n_links: Links that fall with the smallest set.
        falls_off: What is cut off from the largest component with it.
    """

    main: ClassVar[str] = "singles"
    cluster_id: str
    account_id: str | None
    n_accounts: int
    least_probability: float
    singles: tuple[Failure, ...]
    smallest: tuple[EvidenceItem, ...]
    is_exact: bool
    n_proved: int
    n_links: int
    falls_off: tuple[Fragment, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """The explanation in sentences."""
        what = "the cluster" if self.account_id is None else shown(self.account_id)
        if not self.smallest and self.account_id is None:
            connect = f"Links likelier than {self.least_probability:g} do not connect all of its accounts"
            return (f"{connect}: labels put some of them there, or its links are weaker.",)
        if not self.smallest:
            return (f"Nothing holds {what}: no link of it is likelier than {self.least_probability:g}.",)
        sentences = [_single_sentence(self, failure, what) for failure in self.singles[:_N_NAMED]]
        if len(self.singles) > _N_NAMED:
            sentences.append(f"{counted(len(self.singles) - _N_NAMED, 'other')} would do the same alone.")
        if not self.singles:
            sentences += ["There is no single point of failure.", _smallest_sentence(self)]
        return tuple(sentences)


def searched_clusters(clusters: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Choose the clusters of a report that are searched for what breaks them, so that it takes a few minutes.

    Args:
        clusters: Rows of the table `clusters`, the most wanted first.
    """
    rows = [row for row in clusters if row["n_links"] <= MOST_LINKS]
    few = [row for row in rows if row["n_links"] <= _FEW_LINKS]
    more = [row for row in rows if row["n_links"] > _FEW_LINKS][:_MOST_SEARCHED]
    return frozenset(str(row["cluster_id"]) for row in (*few, *more))


@of_result
def find_breaks(result: Readable, cluster_id: str, account_id: str | None = None) -> Breaks:
    """Find the smallest set of evidence whose loss splits a cluster, or drops one account from it.

    A cluster holds together by its links likelier than not. Sets of items are tried by size until one does
    it, or until 1,500 sets or 20 million links were examined; then the result is an upper bound and is
    marked as such. Links without an item are weighed by `graphlink.explanations.reweighing`; an address or
    client that only one card or secret corroborates is lost with it.

    Args:
        result: A finished run.
        cluster_id: The cluster.
        account_id: The account to drop; None to split the cluster.

    Returns:
        The smallest set that is known, whether no smaller one does it, and every item that does it alone.

    Raises:
        NotFoundError: There is no such cluster, or the account is not in it.
    """
    names = members_of(result, cluster_id)
    graph = _graph_of(result, names)
    if account_id is None:
        return _cluster_breaks(graph, cluster_id)
    if account_id not in names:
        raise NotFoundError(f"account {shown(account_id)!r} is not in cluster {cluster_id}")
    return _account_breaks(graph, cluster_id, account_id)


@of_result
def find_loss(result: Readable, cluster_id: str, kind: str, value: str) -> Failure | None:
    """Find what a cluster loses with one identifier, or behaviour (then `value` is empty), alone.

    The same as the `Failure` of `find_breaks` where its loss splits the cluster; None where nothing in the
    cluster is of it.

    Raises:
        NotFoundError: There is no such cluster.
    """
    names = members_of(result, cluster_id)
    graph = _graph_of(result, names)
    item = EvidenceItem(kind, value)
    if item not in graph.items:
        return None
    return _failure(graph, graph.items.index(item), log_odds(_LIKELIER_THAN_NOT))


def _graph_of(result: Readable, names: Collection[str]) -> EvidenceGraph:
    """The evidence of accounts, in which an identifier takes along what only it corroborates."""
    settings = settings_of(result)
    graph = read_evidence_graph(result, names, settings.model.prior_bits)
    return with_dependants(graph, settings.parameters.exclusivity.joining_odds)


def _cluster_breaks(graph: EvidenceGraph, cluster_id: str) -> Breaks:
    least = log_odds(_LIKELIER_THAN_NOT)
    singles = single_cuts(graph, least)
    failures = [(_failure(graph, item, least), item) for item in singles]
    failures.sort(key=lambda one: (-one[0].n_accounts, -one[0].n_links, one[0].kind, one[0].value))
    # Of several single points of failure the one that costs most.
    cut = Cut((failures[0][1],), 0) if failures else least_split(graph, least, singles)
    return Breaks(
        cluster_id=cluster_id,
        account_id=None,
        n_accounts=len(graph.accounts),
        least_probability=_LIKELIER_THAN_NOT,
        singles=tuple(failure for failure, _ in failures),
        smallest=tuple(graph.items[item] for item in cut.items),
        is_exact=cut.is_exact,
        n_proved=cut.n_proved,
        n_links=_n_fallen(graph, cut.items, least),
        falls_off=fragments_without(graph, cut.items, least),
    )


def _account_breaks(graph: EvidenceGraph, cluster_id: str, account_id: str) -> Breaks:
    place = graph.accounts.index(account_id)
    least = log_odds(_LIKELIER_THAN_NOT)
    cut = least_drop(graph, place, least)
    own = np.unique(graph.item[(graph.ends[graph.link] == place).any(axis=1)]).tolist()
    singles = [item for item in own if _is_dropped(graph, place, item, least)]
    off = (Fragment(1, (account_id,)),) if cut.items else ()
    return Breaks(
        cluster_id=cluster_id,
        account_id=account_id,
        n_accounts=len(graph.accounts),
        least_probability=_LIKELIER_THAN_NOT,
        singles=tuple(
            Failure(
                graph.items[item].kind,
                graph.items[item].value,
                graph.facets[item],
                _n_fallen(graph, (item,), least),
                1,
                off,
                _taken_along(graph, item),
            )
            for item in singles
        ),
        smallest=tuple(graph.items[item] for item in cut.items),
        is_exact=cut.is_exact,
        n_proved=cut.n_proved,
        n_links=_n_fallen(graph, cut.items, least),
        falls_off=off,
    )


def fragments_without(
    graph: EvidenceGraph, items: tuple[int, ...], least_bits: float
) -> tuple[Fragment, ...]:
    """What is cut off from the largest component when these items are gone, the largest first."""
    if not items:
        return ()
    components = components_without(graph, items, least_bits)
    names, sizes = np.unique(components, return_counts=True)
    largest = names[np.argmax(sizes)]
    fragments = []
    for name, size in zip(names.tolist(), sizes.tolist(), strict=True):
        if name != largest:
            members = np.flatnonzero(components == name)[:_N_ACCOUNTS].tolist()
            fragments.append(Fragment(size, tuple(graph.accounts[place] for place in members)))
    return tuple(sorted(fragments, key=lambda fragment: (-fragment.n_accounts, fragment.accounts)))


def removal_words(cut_items: tuple[EvidenceItem, ...]) -> str:
    """Items in words, the first few by name."""
    names = [named(item.kind, item.value) for item in cut_items[:_N_NAMED]]
    more = len(cut_items) - len(names)
    return listed([*names, f"{more:,} more"] if more else names)


def drop_of(graph: EvidenceGraph, account_id: str, least_bits: float) -> Cut:
    """The smallest set of items whose loss leaves an account without a link that holds."""
    return least_drop(graph, graph.accounts.index(account_id), least_bits)


def _single_sentence(breaks: Breaks, failure: Failure, what: str) -> str:
    name = " ".join(filter(None, (named(failure.kind, failure.value), along_words(failure.takes_along))))
    if breaks.account_id is None:
        return loss_sentence(name, failure.n_accounts, breaks.n_accounts)
    falls = f"{counted(failure.n_links, 'link')} {'falls' if failure.n_links == 1 else 'fall'}"
    return f"Losing {name} alone drops {what} ({falls})."


def _smallest_sentence(breaks: Breaks) -> str:
    n = len(breaks.smallest)
    does = "splits the cluster" if breaks.account_id is None else f"drops {shown(breaks.account_id)}"
    lost = counted(n, "evidence item")
    head = f"Losing {lost} {does}: {removal_words(breaks.smallest)}"
    if breaks.account_id is None:
        off = sum(fragment.n_accounts for fragment in breaks.falls_off)
        head += f"; {counted(off, 'account')} of {breaks.n_accounts:,} {'falls' if off == 1 else 'fall'} off"
    if breaks.is_exact:
        return f"{head}. No smaller set does that."
    items = "no single item does" if breaks.n_proved == 1 else f"no set of {breaks.n_proved:,} items does"
    proved = f" {items};" if breaks.n_proved else ""
    return f"{head}. This is an upper bound:{proved} fewer than {n:,} may be enough."


def _failure(graph: EvidenceGraph, item: int, least_bits: float) -> Failure:
    off = fragments_without(graph, (item,), least_bits)
    lost = graph.items[item]
    n_off = sum(fragment.n_accounts for fragment in off)
    return Failure(
        lost.kind,
        lost.value,
        graph.facets[item],
        _n_fallen(graph, (item,), least_bits),
        n_off,
        off,
        _taken_along(graph, item),
    )


def _taken_along(graph: EvidenceGraph, item: int) -> tuple[EvidenceItem, ...]:
    return tuple(graph.items[one] for one in dependants_of(graph, (item,)))


def _n_fallen(graph: EvidenceGraph, items: tuple[int, ...], least_bits: float) -> int:
    if not items:
        return 0
    links, bits = graph.bits_without_items(items)
    return int(((graph.bits[links] > least_bits) & (bits <= least_bits)).sum())


def _is_dropped(graph: EvidenceGraph, place: int, item: int, least_bits: float) -> bool:
    own = (graph.ends == place).any(axis=1) & (graph.bits > least_bits)
    links, bits = graph.bits_without_items((item,))
    own[links] &= bits > least_bits
    return not own.any()
