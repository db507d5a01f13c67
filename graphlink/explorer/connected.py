"""What if, of a cluster whose links are too many to solve again while somebody waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphlink.core.errors import NotFoundError
from graphlink.explanations.stored import settings_of
from graphlink.explanations.what_if.changes import describe_left_out, moment_of
from graphlink.explanations.what_if.connected import LinkedAccounts, Parts, find_connected
from graphlink.explorer.cases import links_of
from graphlink.explorer.index.columns import UNDATED
from graphlink.explorer.query import bad_request
from graphlink.kinds import shown

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from graphlink.explorer.index.columns import Flags, Ints, Longs
    from graphlink.explorer.index.loading import Index
    from graphlink.explorer.query import Query

MOST_SOLVED = 200_000
"""Links inside a cluster up to which its communities are detected again; about five seconds."""


def n_links_inside(index: Index, number: int) -> int:
    """How many links a cluster has."""
    return int(index.clusters.rows[number]["n_links"])


def connected_without(
    index: Index, number: int, identifiers: Sequence[tuple[str, str]], kinds: Collection[str], query: Query
) -> tuple[dict[str, Any], dict[str, str]]:
    """Find what the probable links of a cluster still connect without some evidence.

    Returns:
        The explanation, and account to the name of its group after.

    Raises:
        NotFoundError: Nothing here is of an identifier or kind named.
        RequestError: A setting is to be moved, which needs communities.
    """
    if query.body.get("resolution_bits") is not None or query.body.get("cluster_probability") is not None:
        raise bad_request(
            f"a cluster of more than {MOST_SOLVED:,} links is not recomputed with other settings here; "
            "run graphlink what-if"
        )
    e = index.evidence
    rows = e.rows_of_cluster(number)
    since, until = query.body.get("since"), query.body.get("until")
    is_gone = _rows_of(index, rows, identifiers, kinds) | _rows_outside(index, rows, since, until)
    without = describe_left_out(identifiers, kinds, moment_of(since), moment_of(until))
    members = index.clusters.members_of(number).astype(np.int64)

    def name_of(places: Longs) -> list[str]:
        return list(index.accounts.names.texts(members[places]))

    cluster_id = index.clusters.names[number]
    found: Parts = find_connected(
        cluster_id, _linked(index, number, rows, members), is_gone, without, name_of
    )
    names = name_of(np.arange(len(members)))
    group = {
        name: f"after-{part + 1}" for name, part in zip(names, found.part.tolist(), strict=True) if part >= 0
    }
    return found.connected.as_dict(), group


def _linked(index: Index, number: int, rows: Ints, members: Longs) -> LinkedAccounts:
    """The links inside a cluster and their evidence; both lie in the order of their pairs."""
    k, e = index.links, index.evidence
    inside = links_of(index.accounts, index.clusters, k, number)
    n = np.int64(len(index.accounts.names))
    keys = k.left[inside] * n + k.right[inside]
    of_rows = np.searchsorted(keys, e.left[rows] * n + e.right[rows])
    place = np.zeros(int(n), np.int32)
    place[members] = np.arange(len(members), dtype=np.int32)
    return LinkedAccounts(
        n_accounts=len(members),
        ends=np.stack([place[k.left[inside]], place[k.right[inside]]], axis=1),
        bits=k.bits[inside],
        prior_bits=settings_of(index.result).model.prior_bits,
        link=of_rows,
        kind=e.kind_of(rows),
        alone=e.alone[rows],
        counted=e.bits[rows],
    )


def _rows_of(
    index: Index, rows: Ints, identifiers: Sequence[tuple[str, str]], kinds: Collection[str]
) -> Flags:
    """Which rows of evidence are of some identifiers and kinds."""
    e = index.evidence
    is_gone = np.zeros(len(rows), np.bool_)
    for kind, value in identifiers:
        mine = e.identifier[rows] == index.identifiers.number(kind, value)
        if not mine.any():
            raise NotFoundError(f"no evidence in this cluster is of {shown(kind)} {shown(value)!r}")
        is_gone |= mine
    of_row: NDArray[np.int64] = e.kind_of(rows) if kinds else np.empty(0, np.int64)
    for kind in sorted(kinds):
        mine = of_row == (e.kinds.index(kind) if kind in e.kinds else -1)
        if not mine.any():
            raise NotFoundError(f"no evidence in this cluster is of the kind {shown(kind)!r}")
        is_gone |= mine
    return is_gone


def _rows_outside(index: Index, rows: Ints, since: object, until: object) -> Flags:
    """Which rows of evidence at known times lie outside a span."""
    e, start = index.evidence, index.accounts.span[0]
    outside = np.zeros(len(rows), np.bool_)
    if isinstance(since, str) and (moment := moment_of(since)):
        outside |= e.last[rows] + start < moment.timestamp()
    if isinstance(until, str) and (moment := moment_of(until)):
        outside |= e.first[rows] + start >= moment.timestamp()
    return outside & (e.first[rows] > UNDATED)
