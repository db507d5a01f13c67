"""Who joined since the earlier result, or since a date: of each cluster, and over all on the first page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphlink.explanations import Joined, find_joined
from graphlink.explanations.joined import closings_of
from graphlink.explanations.returns import Returns, returns_among
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from graphlink.report.blocks import ClusterTables
    from graphlink.report.model import Entry
    from graphlink.result.comparison import Change

MOST_LISTED = 200  # accounts on the first page; `joined.csv` has all
JOINED_COLUMNS = (
    "account_id", "opened", "is_open", "role", "probability", "tie_kind", "tie_value", "n_tied",
    "after", "after_closed_at", "is_soon_after",
)  # fmt: skip


def joined_of(tables: ClusterTables, change: Change | None) -> tuple[Joined, ...]:
    """The accounts that joined a cluster; none where nothing is compared."""
    if change is None or not change.joined:
        return ()
    return find_joined(
        tables.members, tables.view.table("evidence"), [move.account_id for move in change.joined]
    )


def returns_of(
    tables: ClusterTables, joined: Sequence[Joined], span: tuple[dt.datetime | None, dt.datetime | None]
) -> Returns:
    """How many of the accounts that joined were opened soon after a closing, and what chance gives.

    Args:
        tables: The tables of the cluster.
        joined: Its accounts that joined.
        span: First and last moment of the data.
    """
    closings = closings_of(rows_of(tables.members)) if joined else []
    opened = [one.opened for one in joined if one.opened is not None]
    lags = [
        one.opened - one.after_closed_at
        for one in joined
        if one.opened is not None and one.after_closed_at is not None
    ]
    return returns_among(opened, lags, [at for at, _ in closings], span)


def joined_row(one: Joined, cluster_id: str) -> dict[str, Any]:
    """An account that joined as the first page shows it."""
    return {
        "account": one.account_id,
        "cluster": cluster_id,
        "opened": one.opened,
        "state": "open" if one.is_open else "closed",
        "role": one.role,
        "tied by": one.tied_by,
        "after the closing of": one.after,
        "closed": one.after_closed_at,
        "how long after": one.lag,
        "soon after a closing": "yes" if one.is_soon_after else "",
    }


def joined_over_all(pages: Sequence[tuple[Entry, Joined]]) -> tuple[tuple[dict[str, Any], ...], int]:
    """The rows of the first page, and how many are left out.

    First those opened soon after a closing in clusters that have more of them than by chance, then open core
    accounts, then the rest; each by rank of cluster.
    """
    ordered = sorted(
        pages,
        key=lambda ranked: (
            not (ranked[1].is_soon_after and ranked[0].is_above_chance),
            not ranked[1].is_news,
            ranked[0].rank,
        ),
    )
    rows = tuple(joined_row(one, entry.cluster_id) for entry, one in ordered[:MOST_LISTED])
    return rows, max(0, len(ordered) - MOST_LISTED)


def since_words(since: dt.datetime | None) -> str:
    """What "since" means on the page."""
    return "the earlier result" if since is None else f"{since:%Y-%m-%d %H:%M} UTC"
