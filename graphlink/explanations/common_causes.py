"""Which accounts depend on the same identifier, so that they are wrong together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphlink.explanations.reweighing import items_of
from graphlink.explanations.stored import ENDS
from graphlink.storage.arrow_values import index_in, numbers_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphlink.explanations.readable import Readable

_COLUMNS = (*ENDS, "kind", "value", "facet", "contribution_bits")


def shared_causes(result: Readable, clusters: Mapping[str, str]) -> dict[str, str]:
    """Name, for accounts, the identifier or behaviour that most links each to others of its cluster.

    Args:
        result: A finished run.
        clusters: Account to its cluster; only evidence between accounts of one cluster counts.

    Returns:
        Account to a name of its strongest shared evidence, the same for accounts with the same one; accounts
        without any are missing.
    """
    if len(clusters) < 2:
        return {}
    names = sorted(clusters)
    rows = result.table("evidence", list(_COLUMNS), dict.fromkeys(ENDS, names))
    if not rows.num_rows:
        return {}
    ends = [numbers_of(index_in(rows[end], names), np.int32).astype(np.int64) for end in ENDS]
    cluster = np.unique([clusters[name] for name in names], return_inverse=True)[1]
    bits = numbers_of(rows["contribution_bits"], np.float64)
    item = items_of(rows)[2]
    kept = (cluster[ends[0]] == cluster[ends[1]]) & (bits > 0.0)
    account = np.concatenate([end[kept] for end in ends])
    held = np.unique(np.column_stack([account, np.tile(item[kept], 2)]), axis=0, return_inverse=True)
    keys, which = held[0], held[1].ravel()
    total = np.round(np.bincount(which, weights=np.tile(bits[kept], 2), minlength=len(keys)), 6)
    # The first of each account is its strongest; of equals the first by kind and value.
    order = np.lexsort((keys[:, 1], -total, keys[:, 0]))
    first = order[np.flatnonzero(np.diff(keys[order, 0], prepend=-1))]
    return {names[number]: f"{cluster[number]} {strongest}" for number, strongest in keys[first].tolist()}
