"""What moves between two results of the same data: links, clusters and members, by counts and the largest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphlink.result.comparison import compare_clusters, counts_of

if TYPE_CHECKING:
    import pyarrow as pa

    from graphlink.result.result import Result

_ENDS = ["account_id_l", "account_id_r"]
_MOVED = 0.1  # change of a probability that is counted


@dataclass(frozen=True, slots=True)
class Moves:
    """What moves between two results.

    Attributes:
        counts: What is counted, in words, to how many.
        links: The links whose probability moves most, with both; 0 where a result has none.
        clusters: The clusters that change, those with the most accounts that move first.
        members: The accounts whose probability of membership moves most, with both clusters.
    """

    counts: dict[str, int]
    links: list[dict[str, Any]]
    clusters: list[dict[str, Any]]
    members: list[dict[str, Any]]


def find_moves(before: Result, after: Result, *, most: int = 10) -> Moves:
    """Compare two results of the same data.

    Args:
        before: The one.
        after: The other.
        most: Rows of each list of the largest moves.
    """
    counts: dict[str, int] = {}
    links = _joined(before, after, "links", _ENDS, ("probability", "bits"))
    counts |= _counts("links", links)
    changes = compare_clusters(before.table("membership"), after.table("membership"))
    counts |= {f"clusters: {status}": n for status, n in counts_of(changes.values()).items()}
    rows: list[dict[str, Any]] = [
        {
            "cluster_id": change.cluster_id,
            "status": change.status,
            "before": ", ".join(change.before),
            "n_joined": change.n_joined,
            "n_left": change.n_left,
        }
        for change in changes.values()
        if change.status != "same"
    ]
    members = _joined(before, after, "membership", ["account_id"], ("probability", "cluster_id", "role"))
    placed = [one for one in members if one["cluster_id_before"] or one["cluster_id_after"]]
    counts |= _counts("members", placed)
    counts["members: another role"] = sum(one["role_before"] != one["role_after"] for one in placed)
    return Moves(
        counts,
        _largest(links, most, _ENDS),
        sorted(rows, key=lambda row: (-row["n_joined"] - row["n_left"], row["cluster_id"]))[:most],
        _largest(members, most, ["account_id"]),
    )


def _counts(what: str, rows: list[dict[str, Any]]) -> dict[str, int]:
    before = [row for row in rows if row["probability_before"] is not None]
    after = [row for row in rows if row["probability_after"] is not None]
    shifts = [abs(_shift(row)) for row in rows]
    return {
        f"{what}: before": len(before),
        f"{what}: after": len(after),
        f"{what}: probability moves by {_MOVED} or more": sum(shift >= _MOVED for shift in shifts),
    }


def _shift(row: dict[str, Any]) -> float:
    return (row["probability_after"] or 0.0) - (row["probability_before"] or 0.0)


def _largest(rows: list[dict[str, Any]], most: int, key: list[str]) -> list[dict[str, Any]]:
    moved = [row for row in rows if _shift(row)]
    return sorted(moved, key=lambda row: (-abs(_shift(row)), *(row[name] for name in key)))[:most]


def _joined(
    before: Result, after: Result, table: str, key: list[str], values: tuple[str, ...]
) -> list[dict[str, Any]]:
    """The rows of a table in either result, with the values in both; None where one has no such row."""
    sides = [_keyed(one.table(table, [*key, *values]), key, values) for one in (before, after)]
    empty = dict.fromkeys(values)
    return [
        {
            **dict(zip(key, name, strict=True)),
            **{f"{value}_before": sides[0].get(name, empty)[value] for value in values},
            **{f"{value}_after": sides[1].get(name, empty)[value] for value in values},
        }
        for name in sorted({*sides[0], *sides[1]})
    ]


def _keyed(rows: pa.Table, key: list[str], values: tuple[str, ...]) -> dict[tuple[str, ...], dict[str, Any]]:
    columns = {name: rows[name].to_pylist() for name in (*key, *values)}
    names = zip(*(columns[name] for name in key), strict=True)
    return {name: {value: columns[value][i] for value in values} for i, name in enumerate(names)}
