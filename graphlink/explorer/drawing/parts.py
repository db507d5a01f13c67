"""The part of each drawn node of a cluster once some of its evidence is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphlink.explorer.drawing.clusters import MOST_NODES, n_graph_nodes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphlink.explorer.index.loading import Index


def parts_of(index: Index, number: int, group: Mapping[str, str]) -> dict[str, int]:
    """Find the part that each node of a cluster's graph is in after a change.

    Args:
        index: The index.
        number: The cluster.
        group: Account to its group after, `after-1` and so on, the largest first.

    Returns:
        Id of a node to its part, from 0 for `after-1`; -1 for what is in none. A cluster that is drawn as
        groups has these too, each with the part that most of its accounts are in.
    """
    members = index.clusters.members_of(number)
    names = index.accounts.names.texts(members)
    part = np.array([int(group[name].rpartition("-")[2]) - 1 if name in group else -1 for name in names])
    parts: dict[str, int] = {}
    if len(members) <= MOST_NODES:
        parts = {f"a:{name}": int(one) for name, one in zip(names, part, strict=True)}
    if n_graph_nodes(index.clusters, index.evidence, number) <= MOST_NODES:
        return parts
    of_member = index.subcommunities_of(number).group
    # Of equal counts the first part; -1 is counted in place 0.
    counts = np.zeros((int(of_member.max(initial=0)) + 1, int(part.max(initial=-1)) + 2), np.int64)
    np.add.at(counts, (of_member, part + 1), 1)
    cluster = index.clusters.names[number]
    used = np.flatnonzero(counts.sum(axis=1)).tolist()
    return parts | {f"g:{cluster}:{one}": int(counts[one].argmax()) - 1 for one in used}
