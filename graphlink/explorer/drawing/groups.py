"""A large cluster as groups of accounts and the identifiers that tie several groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphlink.explorer.drawing.elements import identifier_node, make_node
from graphlink.explorer.index.runs import summed
from graphlink.explorer.placing import place_by_force

if TYPE_CHECKING:
    from graphlink.explorer.index.columns import Floats, Ints, Longs
    from graphlink.explorer.index.loading import Index
    from graphlink.explorer.index.ties import Ties

_MOST_BRIDGES = 120
_MOST_GROUP_EDGES = 6  # of each group in the map of a large cluster; more are a tangle


def groups_of(index: Index, number: int, ties: Ties) -> tuple[Longs, Ints, Longs, float]:
    """The members of a cluster, the group of each, what each group is named after, and the resolution.

    Groups are the sub-communities, and last the rest. Each is named after the identifier that ties most of
    its accounts, of equals the strongest; -1 where there is none.
    """
    members = index.clusters.members_of(number).astype(np.int64)
    subcommunities = index.subcommunities_of(number)
    group = subcommunities.group
    width = np.int64(max(len(index.identifiers.kind), 1))
    of_tie = group[np.searchsorted(members, ties.account)].astype(np.int64)
    keys, place = np.unique(of_tie * width + ties.identifier, return_inverse=True)
    held, bits = np.bincount(place, minlength=len(keys)), summed(place, ties.bits, len(keys))
    named_after = np.full(subcommunities.n_groups + 1, -1)
    # The last that is written stays: the identifier that ties most.
    order = np.lexsort((-keys, bits, held))
    named_after[keys[order] // width] = keys[order] % width
    named_after[-1] = -1
    return members, group, named_after, subcommunities.resolution_bits


def draw_groups(index: Index, number: int, ties: Ties) -> dict[str, Any]:
    """A large cluster as groups of accounts and the identifiers that tie several groups."""
    members, group, named_after, resolution_bits = groups_of(index, number, ties)
    identifier, of_group, bits, n = _bridges(ties, group[np.searchsorted(members, ties.account)])
    name = index.clusters.names[number]
    used = np.flatnonzero(np.bincount(group)).tolist()
    nodes = [_group_node(index, (name, i), int(named_after[i]), members[group == i]) for i in used]
    shown, at, n_edges = np.unique(identifier, return_inverse=True, return_counts=True)
    strength = summed(at, bits, len(shown))
    nodes += [
        identifier_node(index.identifiers, one, int(n_edges[i]), float(strength[i]))
        for i, one in enumerate(shown.tolist())
    ]
    of_shown = nodes[len(used) :]
    edges = [
        {
            "id": f"e:{i}", "source": f"g:{name}:{of_group[i]}", "target": of_shown[at[i]]["id"],
            **{key: of_shown[at[i]][key] for key in ("kind", "facet", "first_seen", "last_seen")},
            "bits": round(float(bits[i]), 3), "n": int(n[i]),
        }
        for i in range(len(identifier))
    ]  # fmt: skip
    place_by_force(nodes, edges)
    return {
        "n_left_out": len(np.unique(ties.identifier)) - len(shown),
        "resolution_bits": round(resolution_bits, 6), "nodes": nodes, "edges": edges,
    }  # fmt: skip


def _bridges(ties: Ties, group: Ints) -> tuple[Longs, Longs, Floats, Longs]:
    """Per edge of the map its identifier, its group, its bits and how many accounts it stands for.

    Of the identifiers that tie several groups the strongest, of each group its strongest edges to them.
    """
    width = np.int64(group.max(initial=0) + 1)
    keys, place = np.unique(ties.identifier * width + group, return_inverse=True)
    bits, n = summed(place, ties.bits, len(keys)), np.bincount(place, minlength=len(keys))
    identifiers, at, n_groups = np.unique(keys // width, return_inverse=True, return_counts=True)
    strength = np.where(n_groups > 1, summed(at, bits, len(identifiers)), -np.inf)
    order = np.lexsort((identifiers, -strength))[:_MOST_BRIDGES]
    is_bridge = np.zeros(len(identifiers), np.bool_)
    is_bridge[order[np.isfinite(strength[order])]] = True
    kept = np.flatnonzero(is_bridge[at])
    kept = kept[np.lexsort((keys[kept], -bits[kept], keys[kept] % width))]
    sizes = np.unique(keys[kept] % width, return_counts=True)[1]
    rank = np.arange(len(kept)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    kept = np.sort(kept[rank < _MOST_GROUP_EDGES])
    return keys[kept] // width, keys[kept] % width, bits[kept], n[kept]


def _group_node(index: Index, group: tuple[str, int], named_after: int, members: Longs) -> dict[str, Any]:
    """A group of a cluster as a node, named after an identifier; below 0 it is the rest."""
    accounts, identifiers = index.accounts, index.identifiers
    name: dict[str, Any] = {"label": "the rest"}
    if named_after >= 0:
        kind = identifiers.kind[named_after]
        name = {
            "label": identifiers.names[named_after],
            "kind": identifiers.kinds[kind],
            "facet": identifiers.facets[kind],
        }
    return make_node(
        id=f"g:{group[0]}:{group[1]}", type="group", cluster_id=group[0], n_accounts=len(members),
        degree=len(members),
        probability=round(float(accounts.probability[members].mean()), 6),
        is_new=bool(accounts.is_new[members].any()), **name,
    )  # fmt: skip
