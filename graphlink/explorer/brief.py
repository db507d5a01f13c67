"""What decides about a cluster, in sentences, and how its place in the order comes about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphlink.core.wording import brief as wording
from graphlink.core.wording.priority import PRIORITY_PARTS
from graphlink.explorer.cluster_rows import cluster_number
from graphlink.explorer.index.accounts import ROLES
from graphlink.explorer.index.columns import NEVER, UNDATED, iso_time
from graphlink.explorer.infrastructure import infrastructure_of, row_of

if TYPE_CHECKING:
    from graphlink.explorer.index.accounts import Accounts
    from graphlink.explorer.index.loading import Index
    from graphlink.explorer.query import Query

_MOST_NAMED = 4


def brief_cluster(index: Index, query: Query) -> dict[str, Any]:
    """What a cluster likely is, since when, through what, what came back, how sure, what else explains it."""
    number = cluster_number(index.clusters, query.needed("cluster_id"))
    c, a = index.clusters, index.accounts
    row, members = c.rows[number], c.members_of(number)
    first, last, is_core = _joint_span(index, number)
    infrastructure = infrastructure_of(index, number)
    back = members[a.is_soon_after[members]]
    n_back, is_dated = len(back), bool((a.created_at[back] != NEVER).all())
    n_new_back = int((a.is_soon_after & a.is_new)[members].sum())
    named = [row_of(index, number, infrastructure, i) for i in _leading(infrastructure.role)]
    return {
        "cluster_id": c.names[number],
        "what": wording.what_sentence(row),
        "accounts": wording.accounts_sentence(len(members), int(row["n_core"]), int(c.n_open[number])),
        "since": wording.since_sentence(first, last, _day(a.span[0]), is_core=is_core),
        "through": wording.through_sentence(infrastructure.words),
        "back": wording.back_sentence(
            n_back,
            _by_chance(index, number) if is_dated else None,
            int(c.n_new[number]),
            n_new_back,
            is_dated=is_dated,
            knows_reasons=a.knows_reasons,
        )
        or _nobody_back(a),
        "sure": wording.sure_sentence(row),
        "otherwise": wording.otherwise_sentence(row),
        "is_doubtful": wording.is_doubtful(row),
        "n_back": n_back,
        "named": named,
        "order": _order(index, number),
    }


def _nobody_back(accounts: Accounts) -> str:
    """What is stated where nobody came back, which only data with closings can show."""
    knows_closings = bool((accounts.closed_at != NEVER).any())
    return wording.NOBODY_BACK if knows_closings else wording.CLOSINGS_NOT_KNOWN


def _leading(roles: list[str]) -> list[int]:
    """The places of those to name: routers, own relays and listed exits, the most used of each."""
    places: list[int] = []
    for role in ("router", "relay", "own", "exit"):
        mine = [i for i, one in enumerate(roles) if one == role]
        places += mine[: 2 if role != "exit" else 1]
    return places[:_MOST_NAMED]


def _joint_span(index: Index, number: int) -> tuple[str | None, str | None, bool]:
    """The first and the last day on which two core accounts, or else any, shared an identifier; which.

    Joint behaviour dates nothing: a burst of sign-ups may be years before the first use.
    """
    e, a = index.evidence, index.accounts
    rows = e.rows_of_cluster(number)
    is_dated = (e.first[rows] > UNDATED) & (e.last[rows] > UNDATED)
    rows = rows[(e.identifier[rows] >= 0) & (e.bits[rows] > 0) & is_dated]
    is_core = a.role == ROLES.index("core")
    core = rows[is_core[e.left[rows]] & is_core[e.right[rows]]]
    rows = core if len(core) else rows
    if not len(rows):
        return None, None, False
    start = a.span[0]
    first, last = int(e.first[rows].min()), int(e.last[rows].max())
    return _day(start + first), _day(start + last), bool(len(core))


def _day(seconds: int) -> str | None:
    moment = iso_time(seconds)
    return None if moment is None else moment[:10]


def _by_chance(index: Index, number: int) -> float | None:
    """How many accounts the overall sign-up rate would open within three days after a closing."""
    where = {"cluster_id": [index.clusters.names[number]], "signal": ["successors_3d"]}
    values = index.result.table("signals", ["baseline"], where)["baseline"].to_pylist()
    return values[0] if values else None


def _order(index: Index, number: int) -> dict[str, Any]:
    """The place in the order: the points of each part, out of how many, and what they count."""
    one = index.clusters.priorities[number]
    points = one.points
    parts = [
        {
            "part": part,
            "title": PRIORITY_PARTS[part],
            "points": round(points[part], 3),
            "most": one.weights[part],
        }
        for part in sorted(points, key=lambda part: (-points[part], list(PRIORITY_PARTS).index(part)))
    ]
    return {
        "total": round(one.total, 3),
        "confidence": round(one.confidence, 6),
        "sentence": one.sentence,
        "parts": parts,
        "n_clusters": len(index.clusters.rows),
        "place": int(index.clusters.order_of(index.clusters.priorities)[number]) + 1,
    }
