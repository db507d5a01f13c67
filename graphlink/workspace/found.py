"""What a workspace takes from the result of a run: clusters, how sure they are, and lifetimes of accounts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow.compute as pc

from graphlink.storage.arrow_values import rows_of
from graphlink.workspace.chain import digest
from graphlink.workspace.lineage import Lifetimes

if TYPE_CHECKING:
    import datetime

    from graphlink.result.result import Result


class FoundCluster(NamedTuple):
    """A cluster of a result.

    Attributes:
        members: Its accounts.
        core: Those whose role is core, the most probable first.
        p_same_operator: Probability that one organisation operates its accounts, and not openly.
        fdr: Its false discovery rate; None where it was not estimated.
    """

    members: frozenset[str]
    core: tuple[str, ...]
    p_same_operator: float
    fdr: float | None


class FoundRun(NamedTuple):
    """What a run found.

    Attributes:
        clusters: The clusters by their id.
        lifetimes: When their accounts were opened, or first seen, and closed.
        data_from: The first observation of an account of a cluster; None without times.
        data_until: The last one.
        manifest_sha256: SHA-256 of its manifest without what differs between two runs of one input.
    """

    clusters: dict[str, FoundCluster]
    lifetimes: Lifetimes
    data_from: datetime.datetime | None
    data_until: datetime.datetime | None
    manifest_sha256: str

    @property
    def members(self) -> dict[str, frozenset[str]]:
        """The accounts of each cluster."""
        return {name: one.members for name, one in self.clusters.items()}


def found_in(result: Result) -> FoundRun:
    """Read what a run found.

    Raises:
        ResultError: A table can't be read.
    """
    membership = result.table("membership", ["account_id", "cluster_id", "role", "probability"])
    placed = rows_of(membership.filter(pc.is_valid(membership["cluster_id"])))
    members: dict[str, list[dict[str, Any]]] = {}
    for row in placed:
        members.setdefault(row["cluster_id"], []).append(row)
    clusters = {
        row["cluster_id"]: _cluster(row, members[row["cluster_id"]])
        for row in rows_of(result.table("clusters", ["cluster_id", "p_same_operator", "fdr"]))
    }
    accounts = result.table("accounts", ["account_id", "created_at", "first_seen", "closed_at", "last_seen"])
    is_placed = pc.is_in(
        accounts["account_id"],
        value_set=membership.filter(pc.is_valid(membership["cluster_id"]))["account_id"],
    )
    rows = rows_of(accounts.filter(is_placed))
    opened = {row["account_id"]: row["created_at"] or row["first_seen"] for row in rows}
    closed = {row["account_id"]: row["closed_at"] for row in rows if row["closed_at"] is not None}
    seen = [(row["first_seen"], row["last_seen"]) for row in rows if row["first_seen"] is not None]
    return FoundRun(
        clusters,
        Lifetimes({name: at for name, at in opened.items() if at is not None}, closed),
        min((first for first, _ in seen), default=None),
        max((last for _, last in seen), default=None),
        manifest_digest(result.manifest),
    )


def manifest_digest(manifest: dict[str, Any]) -> str:
    """SHA-256 of a manifest without what differs between two runs of one input."""
    kept = {name: value for name, value in manifest.items() if name != "this_run"}
    return digest(json.dumps(kept, sort_keys=True).encode())


def _cluster(row: dict[str, Any], members: list[dict[str, Any]]) -> FoundCluster:
    core = [one for one in members if one["role"] == "core"]
    ranked = sorted(core, key=lambda one: (-(one["probability"] or 0), one["account_id"]))
    return FoundCluster(
        frozenset(one["account_id"] for one in members),
        tuple(one["account_id"] for one in ranked),
        row["p_same_operator"],
        row["fdr"],
    )
