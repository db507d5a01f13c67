"""The tables of many clusters, read a block of clusters at a time and cut by cluster.

A page per cluster must not cost a reading of every file: the tables are sorted by account, so the rows of one
cluster are all over them. A block of clusters is read in one pass, sorted by cluster and sliced. A block ends
when it has so many accounts that its tables could outgrow memory; a large cluster is a block of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphlink.core.organisations import ONE_ORGANISATION
from graphlink.result.queries import TableQueries

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from graphlink.explanations.readable import Readable
    from graphlink.result.result import Result

_MOST_ACCOUNTS = 20_000
_ENDS = ("account_id_l", "account_id_r")
_TIE = ("place", "kind", "value", "facet")
_KNOWN = ("kind", "value", "degree", "p_exclusive", "label", "label_type", "is_hub", "is_capped")
_TIME = pa.timestamp("us", "UTC")
_DAY = 24 * 60 * 60 * 1_000_000


@dataclass(frozen=True, slots=True)
class ClusterTables:
    """The rows of one cluster in each table, as Arrow.

    Attributes:
        cluster: Its row of `clusters`.
        view: A result of this cluster alone, for explanations: accounts (names only), membership, links and
            evidence inside it.
        members: Its accounts with role, probability and attributes, the surest first.
        ties: The evidence of its pairs, one row per identifier or joint behaviour, the strongest first.
        holds: Which account is linked by which identifier, with half of the bits of its pairs.
        joint: Evidence without an identifier (joint behaviour), the strongest first.
        reasons: Its rows of `reasons` in order of rank.
        signals: Its rows of `signals`.
        facts: Its rows of `facts`.
        hypotheses: Its rows of `hypotheses`: what separates one operator from other explanations.
        days: Observations of its accounts per day (counted since 1970), in order.
    """

    cluster: dict[str, Any]
    view: Readable
    members: pa.Table
    ties: pa.Table
    holds: pa.Table
    joint: pa.Table
    reasons: pa.Table
    signals: pa.Table
    facts: pa.Table
    hypotheses: pa.Table
    days: pa.Table


def read_cluster_tables(
    result: Result, clusters: Sequence[dict[str, Any]], most_accounts: int = _MOST_ACCOUNTS
) -> Iterator[ClusterTables]:
    """Read the tables of clusters, in the order of the clusters.

    Args:
        result: A finished run.
        clusters: Rows of the table clusters.
        most_accounts: Accounts of a block, unless one cluster alone has more.
    """
    block: list[dict[str, Any]] = []
    n_accounts = 0
    for cluster in clusters:
        if block and n_accounts + cluster["n_accounts"] > most_accounts:
            yield from _read_block(result, block)
            block, n_accounts = [], 0
        block.append(cluster)
        n_accounts += cluster["n_accounts"]
    if block:
        yield from _read_block(result, block)


def _read_block(result: Result, block: list[dict[str, Any]]) -> Iterator[ClusterTables]:
    ids = [cluster["cluster_id"] for cluster in block]
    membership = _placed(result.table("membership", where={"cluster_id": ids}), ids)
    accounts = membership["account_id"].to_pylist()
    of_account = membership.select(["account_id", "place"])
    evidence = _inside(result.table("evidence", where=dict.fromkeys(_ENDS, accounts)), of_account)
    links = _inside(result.table("links", where=dict.fromkeys(_ENDS, accounts)), of_account)
    holds = _holds(evidence)
    joint = evidence.filter(pc.equal(evidence["value"], ""))
    key = [("kind", "ascending"), ("value", "ascending")]
    sliced = {
        "membership": _Slices(membership, [("account_id", "ascending")]),
        "links": _Slices(links, [(end, "ascending") for end in _ENDS]),
        "evidence": _Slices(evidence, [(end, "ascending") for end in _ENDS] + key),
        "members": _Slices(
            _members(result, membership), [("probability", "descending"), ("account_id", "ascending")]
        ),
        "ties": _Slices(_ties(result, evidence, holds), [("bits", "descending"), *key]),
        "holds": _Slices(holds, [("bits", "descending"), *key, ("account_id", "ascending")]),
        "joint": _Slices(
            joint, [("contribution_bits", "descending"), *((end, "ascending") for end in _ENDS), *key]
        ),
        "reasons": _Slices(
            _placed(result.table("reasons", where={"cluster_id": ids}), ids), [("rank", "ascending")]
        ),
        "signals": _Slices(
            _placed(result.table("signals", where={"cluster_id": ids}), ids), [("signal", "ascending")]
        ),
        "facts": _Slices(
            _placed(result.table("facts", where={"cluster_id": ids}), ids),
            [(name, "ascending") for name in ("measure", "fact", "category")],
        ),
        "hypotheses": _Slices(
            _placed(result.table("hypotheses", where={"cluster_id": ids}), ids), [("evidence", "ascending")]
        ),
        "days": _Slices(_days(result, accounts, of_account), [("day", "ascending")]),
    }
    for place, cluster in enumerate(block):
        tables = {name: slices.at(place) for name, slices in sliced.items()}
        inside = {name: tables.pop(name) for name in ("membership", "links", "evidence")}
        yield ClusterTables(cluster, _View(result, cluster, inside), **tables)


class _View(TableQueries):
    """A result of which the rows of one cluster are in memory; the rest is not needed."""

    def __init__(self, result: Result, cluster: dict[str, Any], tables: dict[str, pa.Table]) -> None:
        self.path = result.path
        self.manifest = result.manifest
        self.check_whole = result.check_whole
        self._tables = {
            **tables,
            "accounts": tables["membership"].select(["account_id"]),
            "clusters": pa.table(
                {
                    "cluster_id": pa.array([cluster["cluster_id"]], pa.string()),
                    **{
                        name: pa.array([cluster.get(name)], pa.float64())
                        for name in (*ONE_ORGANISATION, "fdr")
                    },
                    "also_explained_by": pa.array([cluster.get("also_explained_by")], pa.string()),
                }
            ),
        }

    def table(
        self,
        name: str,
        columns: Sequence[str] | None = None,
        where: Mapping[str, Collection[str]] | None = None,
    ) -> pa.Table:
        """The rows of the cluster; see `Result.table`."""
        rows = self._tables[name]
        for column, values in (where or {}).items():
            rows = rows.filter(pc.is_in(rows[column], value_set=pa.array(sorted(set(values)), pa.string())))
        return rows if columns is None else rows.select(list(columns))


def _placed(table: pa.Table, ids: list[str]) -> pa.Table:
    places = pc.index_in(table["cluster_id"], value_set=pa.array(ids, pa.string()))
    return table.append_column("place", places)


def _members(result: Result, membership: pa.Table) -> pa.Table:
    accounts = result.table("accounts", where={"account_id": membership["account_id"].to_pylist()})
    own = set(membership.column_names) - {"account_id"}
    # An attribute of the accounts may have the name of a column of ours.
    accounts = accounts.rename_columns(
        [f"{name} (attribute)" if name in own else name for name in accounts.column_names]
    )
    return membership.drop_columns(["cluster_id", "component_id"]).join(accounts, "account_id")


class _Slices:
    """A table sorted by place, of which the rows of one place are a slice."""

    def __init__(self, table: pa.Table, order: list[tuple[str, str]]) -> None:
        table = table.sort_by([("place", "ascending"), *order])
        self._places = table["place"].to_numpy()
        self._table = table.drop_columns(["place"]).combine_chunks()

    def at(self, place: int) -> pa.Table:
        start, stop = np.searchsorted(self._places, [place, place + 1])
        return self._table.slice(int(start), int(stop - start))


def _inside(pairs: pa.Table, of_account: pa.Table) -> pa.Table:
    """The pairs whose accounts are in one cluster, with its place."""
    left, right = (_place_of(pairs[end], of_account) for end in _ENDS)
    return pairs.append_column("place", left).filter(pc.equal(left, right))


def _place_of(accounts: pa.ChunkedArray, of_account: pa.Table) -> pa.ChunkedArray:
    rows = pc.index_in(accounts, value_set=of_account["account_id"].combine_chunks())
    return of_account["place"].take(rows)


def _holds(evidence: pa.Table) -> pa.Table:
    """One row per cluster, identifier and account that it links: half of the bits of its pairs."""
    named = evidence.filter(pc.not_equal(evidence["value"], ""))
    halves = pa.concat_tables(
        pa.table(
            {
                **{name: named[name] for name in _TIE},
                "account_id": named[end],
                "bits": pc.divide(named["contribution_bits"], 2.0),
            }
        )
        for end in _ENDS
    )
    return _grouped(halves, [*_TIE, "account_id"], {"bits": ("bits", "sum")})


def _ties(result: Result, evidence: pa.Table, holds: pa.Table) -> pa.Table:
    """One row per cluster and identifier or joint behaviour: bits, links, members, times, what is known."""
    times = [pc.cast(evidence[name], pa.int64()) for name in ("first_joint", "last_joint")]
    timed = evidence.append_column("first_at", pc.min_element_wise(*times).cast(_TIME)).append_column(
        "last_at", pc.max_element_wise(*times).cast(_TIME)
    )
    made = {
        "bits": ("contribution_bits", "sum"),
        "n_links": ("contribution_bits", "count"),
        "n_meetings": ("n_windows", "sum"),
        "least_crowd": ("window_degree", "min"),
        "first_joint": ("first_at", "min"),
        "last_joint": ("last_at", "max"),
    }
    ties = _grouped(timed, list(_TIE), made)
    n_members = _grouped(holds, list(_TIE), {"n_members": ("account_id", "count")})
    known = result.table("identifiers", _KNOWN, {"value": ties["value"].unique().to_pylist()})
    return ties.join(n_members, list(_TIE)).join(known, ["kind", "value"])


def _grouped(table: pa.Table, keys: list[str], made: dict[str, tuple[str, str]]) -> pa.Table:
    """Aggregates per key, each as (column, function) under a new name, in the order of the rows."""
    grouped = table.group_by(keys, use_threads=False).aggregate(list(made.values()))
    columns = {name: grouped[f"{column}_{function}"] for name, (column, function) in made.items()}
    return pa.table({key: grouped[key] for key in keys} | columns)


def _days(result: Result, accounts: list[str], of_account: pa.Table) -> pa.Table:
    """Observations of each cluster per day: place, day (since 1970) and n, counted with their n."""
    seen = result.table("observations", ["account_id", "seen_at", "n"], {"account_id": accounts})
    seen = seen.filter(pc.is_valid(seen["seen_at"]))
    day = pc.floor(pc.divide(seen["seen_at"].cast(pa.int64()).cast(pa.float64()), float(_DAY)))
    table = pa.table(
        {"place": _place_of(seen["account_id"], of_account), "day": day.cast(pa.int32()), "n": seen["n"]}
    )
    return _grouped(table, ["place", "day"], {"n": ("n", "sum")})
