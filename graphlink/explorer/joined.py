"""Who is new in a cluster: what ties each account, and after whose closing it was opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphlink.core.wording.returns import CAME_BACK
from graphlink.explanations.joined import JOINED_RULE, find_joined
from graphlink.explorer.cluster_rows import cluster_number, soon_after_words
from graphlink.explorer.index.columns import NEVER
from graphlink.explorer.nodes import account_id_of
from graphlink.explorer.reading import IndexedResult
from graphlink.explorer.since import words_of

if TYPE_CHECKING:
    import datetime as dt

    from graphlink.explanations.joined import Joined
    from graphlink.explorer.index.accounts import Accounts
    from graphlink.explorer.index.clusters import Clusters
    from graphlink.explorer.index.columns import Longs
    from graphlink.explorer.index.loading import Index
    from graphlink.explorer.query import Query


def list_joined(index: Index, query: Query) -> dict[str, Any]:
    """A page of the new accounts of a cluster, or of all that were opened soon after a closing.

    Opened soon after a closing come first, then the latest opened.
    """
    number = cluster_number(index.clusters, query.needed("cluster_id"))
    is_back = query.choice("which", ("new", "back")) == "back"
    joined = _joined_of(index.accounts, index.clusters, number, is_back=is_back)
    page = query.page(joined, lambda wanted: _rows(index, number, joined, wanted))
    n_soon_after = int(index.clusters.n_soon_after[number])
    words = soon_after_words(index.clusters, number)
    return {
        **page,
        "n_soon_after": n_soon_after,
        "words": words,
        "what": CAME_BACK if is_back else words_of(index.since),
        "rule": JOINED_RULE,
    }


def _joined_of(accounts: Accounts, clusters: Clusters, number: int, *, is_back: bool) -> Longs:
    """The accounts of a cluster that are new, or that came soon after a closing, in the order of the list."""
    members = clusters.members_of(number).astype(np.int64)
    joined = members[(accounts.is_soon_after if is_back else accounts.is_new)[members]]
    opened = np.where(
        accounts.created_at[joined] == NEVER, accounts.first_seen[joined], accounts.created_at[joined]
    )
    order = np.lexsort((joined, -opened.astype(np.float64), ~accounts.is_soon_after[joined]))
    return joined[order]


def _rows(index: Index, number: int, joined: Longs, wanted: Longs) -> list[dict[str, Any]]:
    """The rows of some of the new accounts; only the evidence that touches them is read."""
    a, e = index.accounts, index.evidence
    reader = IndexedResult(index)
    is_wanted = np.zeros(len(a.names), np.bool_)
    is_wanted[wanted] = True
    rows = e.rows_of_cluster(number).astype(np.int64)
    rows = rows[is_wanted[e.left[rows]] | is_wanted[e.right[rows]]]
    names = a.names.texts(wanted)
    described = find_joined(
        reader.dated_members(number),
        reader.evidence_at(rows, ("account_id_l", "account_id_r", "kind", "value", "contribution_bits")),
        a.names.texts(joined),
        names,
    )
    by_account = {one.account_id: one for one in described}
    return [
        _row(by_account[name], account_id_of(index.accounts, account))
        for name, account in zip(names, wanted.tolist(), strict=True)
    ]


def _row(one: Joined, node: str) -> dict[str, Any]:
    return {
        "id": node,
        "account_id": one.account_id,
        "opened": _time(one.opened),
        "is_open": one.is_open,
        "role": one.role,
        "probability": round(one.probability, 6),
        "tie_kind": one.tie_kind,
        "tie_value": one.tie_value,
        "n_tied": one.n_tied,
        "tied_by": one.tied_by,
        "after": one.after,
        "after_closed_at": _time(one.after_closed_at),
        "lag": one.lag,
        "is_soon_after": one.is_soon_after,
    }


def _time(moment: dt.datetime | None) -> str | None:
    return None if moment is None else f"{moment:%Y-%m-%dT%H:%M:%SZ}"
