"""Which clusters a report shows, in what order, and what it compares them with."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from graphlink.core.schema import CLUSTERS, check_cluster_id
from graphlink.explanations.priority import prioritise
from graphlink.render.bulk import bulk_of
from graphlink.report.pages import Context, lead_of, probability_of
from graphlink.report.selection import parse_selection
from graphlink.result.comparison import Change, caveats_of, changes_since, compare_clusters
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphlink.result.result import Result

_DEFAULT_THRESHOLD = 0.9
_MOST_SCALED = 20_000_000  # rows whose times are read at once; of more, small drawings span all the data


def make_context(
    result: Result,
    changes: dict[str, Change],
    since: Result | dt.datetime | None,
    weigh: Mapping[str, float] | None = None,
) -> Context:
    """Make what is the same for every page.

    Args:
        result: A finished run.
        changes: Cluster to what became of it.
        since: What `changes` are since.
        weigh: Parts of the order to other points; see `prioritise`.
    """
    model = result.manifest.get("settings", {}).get("model", {})
    times = result.table("accounts", ["first_seen", "last_seen"])
    ends = times.group_by([]).aggregate([("first_seen", "min"), ("last_seen", "max")])
    first, last = (rows_of(ends)[0][name] for name in ("first_seen_min", "last_seen_max"))
    moment = since if isinstance(since, dt.datetime) else None
    threshold = float(model.get("core_probability", _DEFAULT_THRESHOLD))
    caveats = () if since is None or isinstance(since, dt.datetime) else caveats_of(result, since)
    priorities = prioritise(result, weigh)
    return Context(
        threshold, first, last, changes, since=moment, caveats=caveats, priorities=priorities,
        scale=None if first is None else _scale_of(result),
    )  # fmt: skip


def _scale_of(result: Result) -> tuple[dt.date, dt.date] | None:
    """The first and the last day of the bulk of the data; None where that is not known, or takes too long."""
    if result.manifest["tables"]["observations"]["rows"] > _MOST_SCALED:
        return None
    seen = result.table("observations", ["seen_at", "n"])
    seen = seen.filter(pc.is_valid(seen["seen_at"]))
    if not len(seen):
        return None
    seconds = seen["seen_at"].cast("int64").to_numpy() // 1_000_000
    ends = bulk_of(seconds, seen["n"].to_numpy())
    first, last = (dt.datetime.fromtimestamp(at, dt.UTC).date() for at in ends)
    return first, last


def changes_of(result: Result, since: Result | dt.datetime | None) -> dict[str, Change]:
    """What became of each cluster since an earlier result or a moment; nothing without one."""
    if since is None:
        return {}
    columns = ["account_id", "cluster_id"]
    membership = result.table("membership", columns)
    if not isinstance(since, dt.datetime):
        return compare_clusters(since.table("membership", columns), membership)
    accounts = result.table("accounts", ["account_id", "created_at", "first_seen"])
    opened = pc.coalesce(accounts["created_at"], accounts["first_seen"]).to_pylist()
    moments = dict(zip(accounts["account_id"].to_pylist(), opened, strict=True))
    return changes_since(membership, moments, since)


def rank_clusters(result: Result, context: Context) -> list[dict[str, Any]]:
    """The clusters in the order to review them: by priority, openly one organisation last."""
    rows = {row["cluster_id"]: row for row in rows_of(result.table("clusters"))}
    for cluster_id in rows:
        check_cluster_id(cluster_id)
    return [rows[cluster_id] for cluster_id in context.priorities]


def choose_clusters(
    rows: list[dict[str, Any]], select: str, top: int | None, context: Context
) -> list[dict[str, Any]]:
    """The clusters that are selected, at most `top` of them."""

    def selectable(row: dict[str, Any]) -> dict[str, Any]:
        change = context.changes.get(row["cluster_id"])
        return {
            **row,
            "probability": probability_of(row),
            "n_fringe": row["n_accounts"] - row["n_core"],
            "lead": lead_of(row, context.threshold),
            "priority": context.priorities[row["cluster_id"]].total,
            "status": change.status if change else "",
        }

    if select:
        own = list(rows[0]) if rows else list(CLUSTERS.column_names)
        columns = [*own, "probability", "n_fringe", "lead", "priority", "status"]
        selection = parse_selection(select, columns)
        rows = [row for row in rows if selection.matches(selectable(row))]
    return rows[:top]
