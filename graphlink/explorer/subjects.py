"""What is known of one account or one identifier, and who holds what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphlink.core.wording.pairs import reach_sentence
from graphlink.explorer.attributes import attributes_of
from graphlink.explorer.index.columns import Longs, iso_time
from graphlink.explorer.nodes import account_facts, account_number, identifier_facts, identifier_number
from graphlink.explorer.sightings import sightings

if TYPE_CHECKING:
    from graphlink.explorer.index.loading import Index
    from graphlink.explorer.query import Query

_MOST_SHOWN = 200


def describe_account(index: Index, query: Query) -> dict[str, Any]:
    """What is known of one account, and the identifiers it holds."""
    number = account_number(index.accounts, query.needed("id"))
    k = index.links
    n_links = int((k.left == number).sum() + (k.right == number).sum())
    held = _held(index, number)
    return {
        **account_facts(index.accounts, index.clusters, number),
        "attributes": attributes_of(index, np.array([number]))[0],
        "n_links": n_links,
        "identifiers": held[:_MOST_SHOWN],
        "n_left_out": max(len(held) - _MOST_SHOWN, 0),
    }


def describe_identifier(index: Index, query: Query) -> dict[str, Any]:
    """What is known of one identifier, the clusters of its holders and the holders."""
    number = identifier_number(index.identifiers, query.needed("kind"), query.parameters.get("value", ""))
    a, ids = index.accounts, index.identifiers
    holders = index.holders.of(number)
    cluster = a.cluster[holders]
    order = np.lexsort((holders, -a.probability[holders], cluster < 0))
    clusters, counts = np.unique(cluster[cluster >= 0], return_counts=True)
    widest = np.lexsort((clusters, -counts))[:_MOST_SHOWN]
    return {
        **identifier_facts(index.identifiers, number),
        "n_pairs": int(ids.n_pairs[number]),
        "n_joint_pairs": int(ids.n_joint_pairs[number]),
        "reach": reach_sentence(
            bool(ids.is_hub[number]),
            bool(ids.is_capped[number]),
            int(ids.n_joint_pairs[number]),
            int(ids.n_pairs[number]),
        ),
        "n_clustered": int((cluster >= 0).sum()),
        "clusters": [
            {
                "cluster_id": index.clusters.names[int(clusters[i])],
                "n_holders": int(counts[i]),
                "n_accounts": int(index.clusters.rows[clusters[i]]["n_accounts"]),
            }
            for i in widest
        ],
        "holders": query.page(holders[order], lambda accounts: _holder_rows(index, number, accounts)),
    }


def _holder_rows(index: Index, identifier: int, accounts: Longs) -> list[dict[str, Any]]:
    n, first, last = sightings(index.observations, accounts, np.full(len(accounts), identifier))
    start = index.accounts.span[0]
    wanted = ("id", "account_id", "cluster_id", "role", "probability", "status")
    return [
        {name: facts[name] for name in wanted}
        | {
            "n": int(n[i]),
            "first_seen": iso_time(start + int(first[i])) if n[i] else None,
            "last_seen": iso_time(start + int(last[i])) if n[i] else None,
        }
        for i, facts in enumerate(
            account_facts(index.accounts, index.clusters, int(account)) for account in accounts
        )
    ]


def _held(index: Index, number: int) -> list[dict[str, Any]]:
    """The identifiers of an account, those shared by the fewest first."""
    o = index.observations
    held = np.unique(o.identifier[o.starts[number] : o.starts[number + 1]])
    e = index.evidence
    tied = np.concatenate([e.identifier[e.left == number], e.identifier[e.right == number]])
    held = np.unique(np.concatenate([held, tied]))
    held = held[held >= 0].astype(np.int64)
    degree = index.identifiers.degree[held]
    held = held[np.lexsort((held, degree))]
    n, first, last = sightings(index.observations, np.full(len(held), number), held)
    start = index.accounts.span[0]
    wanted = ("id", "kind", "value", "degree", "p_exclusive", "label")
    return [
        {name: facts[name] for name in wanted}
        | {
            "n": int(n[i]),
            "first_seen": iso_time(start + int(first[i])) if n[i] else facts["first_seen"],
            "last_seen": iso_time(start + int(last[i])) if n[i] else facts["last_seen"],
        }
        for i, facts in enumerate(identifier_facts(index.identifiers, int(one)) for one in held)
    ]
