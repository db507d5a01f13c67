"""Other methods of the field, each from sightings to a cluster code per account (-1: in none).

Each follows its paper's rule with the paper's figures where there are any; what a paper leaves to its own
data (message statistics, labels) has a stand-in named in the docstring. Wherever a method would make pairs
out of every holder of a value, the most common values are left out until the pairs fit a budget; the papers
cap or down-weight popular values too, and nothing else would end.
"""

from __future__ import annotations

import ipaddress
import random
from typing import TYPE_CHECKING

import igraph
import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

if TYPE_CHECKING:
    from tests.bench.accuracy.trials import Codes, Floats, Sightings

PAIR_BUDGET = 6_000_000


def link_nothing(sightings: Sightings) -> Codes:
    """The floor: no account is in a cluster."""
    return np.full(sightings.n_accounts, -1)


def components(sightings: Sightings, most_holders: int = 10) -> Codes:
    """Connected components over "share a value that at most ten accounts hold"."""
    held = _incidence(sightings.n_accounts, sightings.account, sightings.identifier)
    held = held[:, _degree(held) <= most_holders]
    graph = sparse.bmat([[None, held], [held.T, None]], format="csr")
    return _without_singles(csgraph.connected_components(graph, directed=False)[1][: sightings.n_accounts])


def idf_louvain(sightings: Sightings, most_holders: int = 50) -> Codes:
    """Projection weighted by inverse document frequency, of values of at most 50 holders; then Louvain."""
    held = _incidence(sightings.n_accounts, sightings.account, sightings.identifier)
    held = _within_budget(held[:, _degree(held) <= most_holders])
    return _louvain(_projected(held, np.log(sightings.n_accounts / np.maximum(_degree(held), 1))))


def evilcohort(sightings: Sightings, least_shared: int = 3) -> Codes:
    """EvilCohort (Stringhini et al., USENIX Security 2015): pairs of three shared addresses, Louvain."""
    chosen = _network_sightings(sightings)
    held = _within_budget(
        _incidence(sightings.n_accounts, sightings.account[chosen], sightings.identifier[chosen])
    )
    return _louvain(_at_least(_projected(held, np.ones(held.shape[1])), least_shared))


def botgraph(sightings: Sightings, least_density: float = 0.25, most_shared: int = 40) -> Codes:
    """BotGraph (Zhao et al., NSDI 2009): components of accounts that share T networks, for rising T.

    Networks (/24, /48) stand in for autonomous systems, which the observations do not name. The paper prunes
    its tree of components by message statistics; here a component stands when it is dense, as its argument
    from random graphs has it (chance sharing makes sparse components), and is cut at T + 1 otherwise.
    """
    held = _within_budget(_incidence(sightings.n_accounts, *_by_network(sightings)))
    shared = _projected(held, np.ones(held.shape[1]))
    actual = np.full(sightings.n_accounts, -1)
    members = np.arange(sightings.n_accounts)
    n_found = 0
    for threshold in range(2, most_shared + 1):
        graph = _at_least(shared, threshold)[members][:, members]
        label = csgraph.connected_components(graph, directed=False)[1]
        size = np.bincount(label)
        edges = np.bincount(label, weights=np.diff(graph.indptr)) / 2
        is_dense = edges >= least_density * size * (size - 1) / 2
        stands = (is_dense & (size >= 2))[label]
        actual[members[stands]] = n_found + label[stands]
        n_found += len(size)
        members = members[(~is_dense & (size >= 3))[label]]
        if not len(members):
            break
    return _without_singles(actual)


def synchrotrap(
    sightings: Sightings, window_hours: float = 1, least_jaccard: float = 0.5, least_matches: int = 2
) -> Codes:
    """SynchroTrap (Cao et al., CCS 2014): Jaccard of actions that match within a window, per kind of object.

    Two actions match when they touch the same value within the window; windows overlap by half, as in the
    paper. A pair is linked when for one kind its Jaccard is at least 0.5 over at least two matches, and
    single linkage at that threshold gives the components. Untimed values count as one window.
    """
    bins = [np.nan_to_num(np.floor(sightings.seconds / (3600 * window_hours) + shift)) for shift in (0, 0.5)]
    linked = sparse.csr_matrix((sightings.n_accounts, sightings.n_accounts))
    for kind in range(len(sightings.kinds)):
        chosen = sightings.kind_of[sightings.identifier] == kind
        account = sightings.account[chosen]
        keys = [np.stack([sightings.identifier[chosen], at[chosen]], axis=1) for at in bins]
        items = [np.unique(key, axis=0, return_inverse=True)[1].ravel() for key in keys]
        code = np.concatenate([items[0], items[1] + items[0].max(initial=-1) + 1])
        acted = _incidence(sightings.n_accounts, np.concatenate([account, account]), code)
        n_actions = np.asarray(acted.sum(axis=1)).ravel()
        both = _projected(_within_budget(acted, PAIR_BUDGET // 2), np.ones(acted.shape[1]))
        # either discretisation counts every action once, so both together count everything twice
        both = _at_least(both, 2 * least_matches)
        row, column = both.nonzero()
        shared = both.data
        keep = shared / (n_actions[row] + n_actions[column] - shared) >= least_jaccard
        linked += sparse.csr_matrix((shared[keep], (row[keep], column[keep])), shape=linked.shape)
    return _without_singles(csgraph.connected_components(linked, directed=False)[1])


def pacheco(sightings: Sightings, top_share: float = 0.005, least_actions: int = 10) -> Codes:
    """Pacheco et al. (ICWSM 2021): cosine of TF-IDF vectors, the top 0.5 % of pairs, connected components.

    Accounts of fewer than ten actions are left out as in the paper, or of fewer than the median where most
    accounts have fewer than ten.
    """
    n_actions = np.bincount(sightings.account, weights=sightings.n, minlength=sightings.n_accounts)
    active = n_actions >= min(least_actions, float(np.median(n_actions)))
    chosen = active[sightings.account]
    pairs, code = np.unique(
        np.stack([sightings.account[chosen], sightings.identifier[chosen]]), axis=1, return_inverse=True
    )
    counts = np.bincount(code.ravel(), weights=sightings.n[chosen])
    vectors = sparse.csr_matrix(
        (counts, (pairs[0], pairs[1])), shape=(sightings.n_accounts, len(sightings.values))
    )
    idf = np.log(active.sum() / np.maximum(_degree(vectors), 1))
    vectors = vectors @ sparse.diags(idf)
    norms = np.sqrt(np.asarray(vectors.multiply(vectors).sum(axis=1)).ravel())
    vectors = sparse.diags(1 / np.where(norms > 0, norms, 1)) @ vectors
    cosine = _projected(_within_budget(sparse.csr_matrix(vectors)), None)
    if not cosine.nnz:
        return link_nothing(sightings)
    similar = _at_least(cosine, float(np.quantile(cosine.data, 1 - top_share)))
    return _without_singles(csgraph.connected_components(similar, directed=False)[1])


def _incidence(n_accounts: int, account: Codes, identifier: Codes) -> sparse.csr_matrix:
    """Accounts by identifiers, 1 where the account holds it."""
    width = int(identifier.max(initial=-1)) + 1
    held = sparse.csr_matrix((np.ones(len(account)), (account, identifier)), shape=(n_accounts, width))
    held.data[:] = 1  # repeated sightings were summed
    return held


def _degree(held: sparse.csr_matrix) -> Codes:
    return np.bincount(held.indices, minlength=held.shape[1])


def _within_budget(held: sparse.csr_matrix, budget: int = PAIR_BUDGET) -> sparse.csr_matrix:
    """The columns that two accounts or more share, rarest first while their pairs fit; others empty."""
    degree = _degree(held).astype(np.int64)
    order = np.argsort(degree, kind="stable")
    is_kept = np.zeros(len(degree), bool)
    is_kept[order[np.cumsum(degree[order] * (degree[order] - 1) // 2) <= budget]] = True
    kept = held @ sparse.diags((is_kept & (degree >= 2)).astype(float))
    kept.eliminate_zeros()
    return sparse.csr_matrix(kept)


def _projected(held: sparse.csr_matrix, weight: Floats | None) -> sparse.csr_matrix:
    """Accounts by accounts, without the diagonal: the weights of what they share, or the inner product."""
    left = held if weight is None else held @ sparse.diags(weight)
    product = sparse.csr_matrix(left @ held.T)
    product.setdiag(0)
    product.eliminate_zeros()
    return product


def _at_least(graph: sparse.csr_matrix, least: float) -> sparse.csr_matrix:
    kept = graph.copy()
    kept.data[kept.data < least] = 0
    kept.eliminate_zeros()
    return kept


def _louvain(graph: sparse.csr_matrix) -> Codes:
    upper = sparse.triu(graph, k=1).tocoo()
    # the generator is per thread and must be seeded there
    igraph.set_random_number_generator(random.Random(1))
    network = igraph.Graph(graph.shape[0], edges=zip(upper.row.tolist(), upper.col.tolist(), strict=True))
    return _without_singles(np.array(network.community_multilevel(weights=upper.data).membership))


def _without_singles(label: Codes) -> Codes:
    size = np.bincount(label[label >= 0], minlength=1)
    return np.where((label >= 0) & (np.append(size, 0)[label] >= 2), label, -1)


def _network_sightings(sightings: Sightings) -> Codes:
    """Sightings of addresses; of every kind where the observations have no addresses."""
    chosen = sightings.of_kinds(["ip"])
    return np.flatnonzero(chosen if chosen.any() else np.ones(len(chosen), bool))


def _by_network(sightings: Sightings) -> tuple[Codes, Codes]:
    chosen = _network_sightings(sightings)
    identifiers, inverse = np.unique(sightings.identifier[chosen], return_inverse=True)
    names: dict[str, int] = {}
    network = [names.setdefault(_network(sightings.values[i]), len(names)) for i in identifiers.tolist()]
    return sightings.account[chosen], np.array(network, dtype=np.int64)[inverse.ravel()]


def _network(value: str) -> str:
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return value
    return str(ipaddress.ip_network((address, 24 if address.version == 4 else 48), strict=False))
