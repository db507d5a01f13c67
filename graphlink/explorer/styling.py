"""What the accounts of a drawn cluster are coloured by: an attribute, and its values as few classes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from graphlink.explorer.attributes import attributes_of
from graphlink.explorer.cluster_rows import cluster_number
from graphlink.explorer.drawing.clusters import MOST_NODES, n_graph_nodes
from graphlink.explorer.index.accounts import ROLES
from graphlink.explorer.index.columns import NEVER, iso_time
from graphlink.explorer.query import bad_request

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphlink.explorer.index.columns import Longs
    from graphlink.explorer.index.loading import Index
    from graphlink.explorer.query import Query

MOST_CLASSES = 7
"""Classes that colours and letters distinguish; further values are one more, "other"."""
_N_STEPS = 5  # of an attribute in order
_OF_ACCOUNTS = {
    "state": "open or closed",
    "status": "status",
    "is_new": "new or not",
    "role": "core or fringe",
    "created_at": "opened",
    "closed_at": "closed",
    "first_seen": "first seen",
    "last_seen": "last seen",
    "n": "observations",
}
"""What every account has, in words."""
_TIMES = ("created_at", "closed_at", "first_seen", "last_seen")
_UNKNOWN, _OTHER = -1, -2


def style_accounts(index: Index, query: Query) -> dict[str, Any]:
    """Classes of the accounts of a cluster by an attribute, and the class of each drawn node."""
    number = cluster_number(index.clusters, query.needed("cluster_id"))
    offered = {**_OF_ACCOUNTS, **{f"column:{name}": name for name in index.attribute_names}}
    name = query.text("by")
    listed = [{"name": one, "title": title} for one, title in offered.items()]
    if not name:
        return {"by": None, "title": "", "is_ordered": False, "offered": listed, "classes": [], "of": {}}
    if name not in offered:
        raise bad_request(f"by: expected one of {', '.join(offered)}"[:500])
    members = index.clusters.members_of(number).astype(np.int64)
    values = _values(index, members, name)
    is_ordered = all(
        isinstance(one, int | float) and not isinstance(one, bool) for one in values if one is not None
    )
    is_ordered = is_ordered and any(one is not None for one in values)
    titles, place = _steps(values, is_time=name in _TIMES) if is_ordered else _categories(values)
    return {
        "by": name,
        "title": offered[name],
        "is_ordered": is_ordered,
        "offered": listed,
        "classes": [
            {"place": one, "title": title, "n": int((place == one).sum())} for one, title in titles.items()
        ],
        "of": _of_nodes(index, number, members, place),
    }


def _values(index: Index, members: Longs, name: str) -> list[Any]:
    """The value of each member: a number where it has an order, else a text; None where not known."""
    a = index.accounts
    column = name.partition(":")[2]
    if column:
        rows = attributes_of(index, members)
        return [_text_or_number(next(one["value"] for one in row if one["name"] == column)) for row in rows]
    if name in _TIMES:
        return [None if one == NEVER else one for one in getattr(a, name)[members].tolist()]
    read: dict[str, Callable[[], list[Any]]] = {
        "n": lambda: list(a.n[members].tolist()),
        "status": lambda: [a.statuses[one] for one in a.status[members]],
        "role": lambda: [ROLES[one] for one in a.role[members]],
        "is_new": lambda: ["new" if one else "not new" for one in a.is_new[members]],
        "state": lambda: ["open" if one == NEVER else "closed" for one in a.closed_at[members]],
    }
    return read[name]()


def _text_or_number(value: Any) -> Any:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


def _categories(values: Sequence[Any]) -> tuple[dict[int, str], Longs]:
    """The most frequent values as classes, the rest as one, and the class of each; of equals by name."""
    texts = [None if one is None else str(one) for one in values]
    known = [one for one in texts if one is not None]
    counts = Counter(known)
    order = sorted(counts, key=lambda one: (-counts[one], one))
    kept = {one: rank for rank, one in enumerate(order[:MOST_CLASSES])}
    place = np.array([_UNKNOWN if one is None else kept.get(one, _OTHER) for one in texts], np.int64)
    titles = {rank: name for name, rank in kept.items()}
    return _with_rest(titles, place, f"other ({len(order) - len(kept):,} values)"), place


def _steps(values: Sequence[Any], *, is_time: bool) -> tuple[dict[int, str], Longs]:
    """Steps of about equally many accounts, from the least value up, and the step of each."""
    numbers = np.array([np.nan if one is None else float(one) for one in values])
    known = numbers[~np.isnan(numbers)]
    distinct = np.unique(known)
    if len(distinct) <= _N_STEPS:
        bounds = distinct
    else:
        bounds = np.unique(np.quantile(known, np.arange(_N_STEPS) / _N_STEPS, method="inverted_cdf"))
    place = np.searchsorted(bounds, numbers, side="right") - 1
    place[np.isnan(numbers)] = _UNKNOWN
    titles = {}
    for step in range(len(bounds)):
        mine = numbers[place == step]
        least, most = (_figure(one, is_time=is_time) for one in (mine.min(), mine.max()))
        titles[step] = least if least == most else f"{least} to {most}"
    return _with_rest(titles, place, ""), place


def _figure(value: float, *, is_time: bool) -> str:
    if is_time:
        return (iso_time(value) or "")[:10]
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.4g}"


def _with_rest(titles: dict[int, str], place: Longs, other: str) -> dict[int, str]:
    """The classes with those of further values and of none, where an account is in them."""
    rest = {_OTHER: other, _UNKNOWN: "not known"}
    return titles | {one: title for one, title in rest.items() if (place == one).any()}


def _of_nodes(index: Index, number: int, members: Longs, place: Longs) -> dict[str, int]:
    """Node to its class; a group has the class of more than half of its accounts, and else none."""
    of: dict[str, int] = {}
    if len(members) <= MOST_NODES:
        of = {
            f"a:{name}": int(one)
            for name, one in zip(index.accounts.names.texts(members), place, strict=True)
        }
    if n_graph_nodes(index.clusters, index.evidence, number) <= MOST_NODES:
        return of
    group = index.subcommunities_of(number).group
    counts = np.zeros((int(group.max(initial=0)) + 1, int(place.max(initial=0)) + 3), np.int64)
    np.add.at(counts, (group, place + 2), 1)
    cluster = index.clusters.names[number]
    for one in np.flatnonzero(2 * counts.max(axis=1) > counts.sum(axis=1)).tolist():
        of[f"g:{cluster}:{one}"] = int(counts[one].argmax()) - 2
    return of
