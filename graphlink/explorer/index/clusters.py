"""The clusters: rows of their table, members, priority, and accounts opened after closings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from graphlink.explanations.priority import Priority, ordered, prioritise
from graphlink.explanations.returns import LAGS_S, Returns, covered_shares, judge_returns
from graphlink.explorer.index.columns import NEVER, Ints, Longs, iso_time, seconds_of, text_of
from graphlink.explorer.index.names import Names
from graphlink.explorer.since import opened_after_closings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphlink.explorer.index.accounts import Accounts
    from graphlink.result.result import Result


@dataclass(frozen=True)
class Clusters:
    """The clusters: their table's rows, what follows from their members, and the members themselves."""

    names: Names
    rows: list[dict[str, Any]]
    hypothesis: list[str]
    n_open: Longs
    n_new: Longs
    n_soon_after: Longs
    returns: list[Returns]
    priorities: list[Priority]
    members: Ints
    starts: Longs

    def order_of(self, priorities: Iterable[Priority]) -> Longs:
        """The place of each cluster in the order of some priorities, from 0."""
        places = {one.cluster_id: place for place, one in enumerate(ordered(priorities))}
        return np.array([places[row["cluster_id"]] for row in self.rows], np.int64)

    def members_of(self, number: int) -> Ints:
        """The accounts of a cluster, in order."""
        return self.members[self.starts[number] : self.starts[number + 1]]


def _json_rows(table: pa.Table) -> list[dict[str, Any]]:
    """Rows as JSON values: times as text, what is no number as null."""
    columns = {}
    for name in table.column_names:
        column = table[name]
        if pa.types.is_timestamp(column.type):
            columns[name] = [iso_time(at) for at in seconds_of(column)]
        else:
            columns[name] = column.to_pylist()
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _judge_all_returns(a: Accounts, order: Ints, n: int, span: tuple[int, int]) -> list[Returns]:
    """Of each of `n` clusters, how many new accounts were opened soon after a closing, and by chance.

    Args:
        a: The accounts.
        order: Those in a cluster, by cluster.
        n: Number of clusters.
        span: First and last moment of the data.
    """
    cluster, closed = a.cluster[order].astype(np.int64), a.closed_at[order]
    born = np.where(a.created_at[order] == NEVER, a.first_seen[order], a.created_at[order])
    is_new = a.is_new[order]
    abuse_at = np.where(a.is_harmless[order], NEVER, closed)
    is_closing = abuse_at != NEVER
    n_opened = np.bincount(cluster, is_new & (born >= span[0]), n).astype(np.int64).tolist()
    counts, shares = [], []
    for lag_s in LAGS_S:
        is_after = opened_after_closings(cluster, born, abuse_at, NEVER, lag_s) & is_new
        counts.append(np.bincount(cluster, is_after, n).astype(np.int64).tolist())
        shares.append(covered_shares(cluster[is_closing], closed[is_closing], n, span, lag_s).tolist())
    return [
        judge_returns(*one)
        for one in zip(zip(*counts, strict=True), n_opened, zip(*shares, strict=True), strict=True)
    ]


def read_clusters(result: Result, a: Accounts) -> Clusters:
    """Read the clusters, and count what follows from their members `a`."""
    table = result.table("clusters")
    rows = _json_rows(table)
    n = len(rows)
    inside = np.flatnonzero(a.cluster >= 0)
    order = inside[np.argsort(a.cluster[inside], kind="stable")].astype(np.int32)
    cluster = a.cluster[order]
    is_open = (a.closed_at[order] == NEVER).astype(np.float64)
    is_new = a.is_new[order].astype(np.float64)
    is_back = a.is_new[order] & a.is_soon_after[order]
    n_soon_after = np.bincount(cluster, is_back, n).astype(np.int64)
    priorities = prioritise(result)
    return Clusters(
        names=Names(text_of(table["cluster_id"])),
        rows=rows,
        hypothesis=[str(row["hypothesis"]) for row in rows],
        n_open=np.bincount(cluster, is_open, n).astype(np.int64),
        n_new=np.bincount(cluster, is_new, n).astype(np.int64),
        n_soon_after=n_soon_after,
        returns=_judge_all_returns(a, order, n, a.span),
        priorities=[priorities[row["cluster_id"]] for row in rows],
        members=order,
        starts=np.searchsorted(cluster, np.arange(n + 1)).astype(np.int64),
    )
