"""A cluster in time: a lane per account, its sessions coloured by identifier, births and closings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphlink.explorer.cluster_rows import cluster_number
from graphlink.explorer.index.accounts import ROLES, Accounts
from graphlink.explorer.index.columns import NEVER, UNDATED, iso_time
from graphlink.explorer.index.identifiers import kinds_of
from graphlink.explorer.nodes import identifier_id
from graphlink.explorer.query import bad_request
from graphlink.render.bulk import bulk_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphlink.explorer.index.columns import Ints, Longs
    from graphlink.explorer.index.loading import Index
    from graphlink.explorer.index.observations import Observations
    from graphlink.explorer.query import Query

_MOST_SESSIONS = 20_000
_MOST_IDENTIFIERS = 200
_N_BINS = 120
_LEAST_GAP = 3_600


def draw_timeline(index: Index, query: Query) -> dict[str, Any]:
    """The lanes of a cluster."""
    number = cluster_number(index.clusters, query.needed("cluster_id"))
    members = index.clusters.members_of(number).astype(np.int64)
    o = index.observations
    rows, lane = o.rows_of(members)
    dated = o.at[rows] != UNDATED
    rows, lane = rows[dated], lane[dated]
    begin, end = _bounds(index, query, o.at[rows], o.n[rows])
    beyond = _beyond(index, o, rows, (begin, end))
    inside = (o.at[rows] >= begin) & (o.at[rows] <= end)
    rows, lane = rows[inside], lane[inside]
    kinds = _kinds(index, number, rows)
    kind = query.choice("kind", kinds) if kinds else ""
    gap, width = max((end - begin) // 240, _LEAST_GAP), max((end - begin) // _N_BINS, 1)
    mine = rows[kinds_of(o.identifier[rows], index.identifiers.kind) == _number_of(index.observations, kind)]
    identifiers = _identifiers(index.observations, mine)
    lanes = _lanes(index.accounts, members, query.integer("max_lanes", 200, 1, 1_000))
    counts = np.bincount(np.clip((o.at[rows] - begin) // width, 0, _N_BINS - 1), o.n[rows], _N_BINS)
    start = index.accounts.span[0]
    return {
        "cluster_id": index.clusters.names[number],
        "kind": kind,
        "kinds": kinds,
        "start": iso_time(start + begin),
        "end": iso_time(start + end),
        "gap": int(gap),
        "bin": int(width),
        **beyond,
        "activity": counts.astype(np.int64).tolist(),
        "n_left_out": len(members) - len(lanes),
        "identifiers": [
            {
                "id": identifier_id(index.identifiers, one),
                "kind": kind,
                "value": index.identifiers.names[one],
                "n": n,
            }
            for one, n in identifiers
        ],
        "lanes": _lane_rows(
            index, lanes, mine, {one: i for i, (one, _) in enumerate(identifiers)}, (begin, gap)
        ),
    }


def _beyond(index: Index, o: Observations, rows: Longs, shown: tuple[int, int]) -> dict[str, Any]:
    """How many observations lie beyond the span that is shown, and when the first and the last was."""
    at, n = o.at[rows], o.n[rows].astype(np.int64)
    start = index.accounts.span[0]
    return {
        "n_before": int(n[at < shown[0]].sum()),
        "n_after": int(n[at > shown[1]].sum()),
        "first": iso_time(start + int(at.min())) if len(at) else None,
        "last": iso_time(start + int(at.max())) if len(at) else None,
    }


def _bounds(index: Index, query: Query, at: Ints, n: NDArray[Any]) -> tuple[int, int]:
    """The span of time shown, in seconds from the start of the data: the bulk, unless more is asked for."""
    least, most = (int(at.min()), int(at.max())) if len(at) else (0, 0)
    if query.choice("span", ("bulk", "all")) == "bulk" and not query.text("from") and not query.text("to"):
        return bulk_of(at, n)
    start = index.accounts.span[0]
    wanted = query.moment("from"), query.moment("to")
    # What lies before or after all data is as far from it as need be: times are kept in 32 bits.
    begin = least if wanted[0] is None else min(max(wanted[0] - start, least), most + 1)
    end = most if wanted[1] is None else max(min(wanted[1] - start, most), least - 1)
    if end < begin and None not in wanted and (wanted[0] or 0) > (wanted[1] or 0):
        raise bad_request("from: is after to")
    return begin, max(begin, end)


def _kinds(index: Index, number: int, rows: Longs) -> list[str]:
    """The kinds that can colour sessions, the one that ties the cluster most first."""
    e, o, ids = index.evidence, index.observations, index.identifiers
    evidence = e.rows_of_cluster(number)
    identifier = e.identifier[evidence]
    named = identifier >= 0
    bits = np.bincount(ids.kind[identifier[named]], e.bits[evidence][named], len(o.kinds))
    seen = np.bincount(kinds_of(o.identifier[rows], ids.kind), minlength=len(o.kinds))
    present = np.flatnonzero(seen)
    return [o.kinds[i] for i in present[np.lexsort((present, -bits[present]))]]


def _number_of(observations: Observations, kind: str) -> int:
    kinds = observations.kinds
    return kinds.index(kind) if kind in kinds else -1


def _identifiers(observations: Observations, rows: Longs) -> list[tuple[int, int]]:
    """The shared identifiers of observations with how often they were seen, the most often first."""
    shared = rows[observations.identifier[rows] >= 0]
    numbers, place = np.unique(observations.identifier[shared], return_inverse=True)
    n = np.bincount(place, observations.n[shared], len(numbers)).astype(np.int64)
    order = np.lexsort((numbers, -n))[:_MOST_IDENTIFIERS]
    return list(zip(numbers[order].tolist(), n[order].tolist(), strict=True))


def _lanes(accounts: Accounts, members: Longs, most: int) -> Longs:
    """The surest members in the order in which they appeared."""
    surest = members[np.lexsort((members, -accounts.probability[members]))[:most]]
    return surest[np.lexsort((surest, accounts.first_seen[surest]))]


def _lane_rows(
    index: Index, lanes: Longs, rows: Longs, places: dict[int, int], at: tuple[int, int]
) -> list[dict[str, Any]]:
    a, o = index.accounts, index.observations
    begin, gap = at
    account = np.searchsorted(o.starts, rows, side="right") - 1
    sessions = _sessions(o.identifier[rows], o.at[rows] - begin, account, o.n[rows], gap)
    by_lane: dict[int, list[dict[str, Any]]] = {int(one): [] for one in lanes}
    for who, identifier, first, last, n in sessions:
        if who in by_lane:
            place = places.get(identifier, -1)
            by_lane[who].append({"from": first, "to": last, "identifier": place, "n": n})
    start = index.accounts.span[0] + begin
    return [
        {
            "id": f"a:{a.names[lane]}",
            "account_id": a.names[lane],
            "role": ROLES[a.role[lane]],
            "n": int(a.n[lane]),
            "born": _since(a.created_at[lane], start),
            "closed": _since(a.closed_at[lane], start),
            "status": a.statuses[a.status[lane]],
            "sessions": sorted(by_lane[lane], key=lambda session: (session["from"], session["identifier"])),
        }
        for lane in lanes.tolist()
    ]


def _sessions(
    identifier: Ints, at: Ints, account: Longs, n: Ints, gap: int
) -> list[tuple[int, int, int, int, int]]:
    """Account, identifier, first, last and count of runs of observations; of too many the first.

    What nobody else holds is one identifier here.
    """
    identifier = np.maximum(identifier, -1)
    order = np.lexsort((at, identifier, account))
    identifier, at, account, n = identifier[order], at[order], account[order], n[order]
    if not len(at):
        return []
    changes = (np.diff(account) != 0) | (np.diff(identifier) != 0) | (np.diff(at) > gap)
    starts = np.flatnonzero(np.concatenate([[True], changes]))
    ends = np.append(starts[1:], len(at)) - 1
    sums = np.add.reduceat(n.astype(np.int64), starts)
    columns = (account[starts], identifier[starts], at[starts], at[ends], sums)
    return list(zip(*(column[:_MOST_SESSIONS].tolist() for column in columns), strict=True))


def _since(moment: int, start: int) -> int | None:
    return None if moment == NEVER else int(moment - start)
