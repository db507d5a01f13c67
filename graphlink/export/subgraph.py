"""A subgraph of a result: what one export is about, cut to what can be viewed, with what was left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from graphlink.core.errors import ResultError
from graphlink.result.integrity import of_result
from graphlink.result.lookup import unknown_account
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from graphlink.result.result import Result

_ENDS = ("account_id_l", "account_id_r")
_MEMBERSHIP = ("cluster_id", "probability", "role", "constrained_by")
_CORE_SHARE = 0.8  # of the accounts of a subgraph; the rest is for the fringe linked to them


@dataclass(frozen=True, slots=True)
class Subgraph:
    """Some accounts of a result and their shared evidence.

    Attributes:
        what: cluster, neighbourhood, path or selection.
        name: The cluster or the accounts it is about.
        cluster: The row of `clusters` when it is about one.
        accounts: Rows of `accounts` with cluster_id, probability, role and constrained_by; the surest first.
        identifiers: Rows of `identifiers` with `bits` (over the links here) and `n_members` (accounts here
            that it links); the strongest first.
        edges: account_id, kind, value, bits, n, first_seen, last_seen: who holds what of those.
        ties: Evidence without an identifier, such as joint behaviour: rows of `evidence`.
        links: Rows of `links` between the accounts.
        evidence: Rows of `evidence` between the accounts.
        reasons: Rows of `reasons` of the cluster, in order of rank; none for what is no cluster.
        left_out: What the subgraph leaves out, in sentences.
    """

    what: str
    name: str
    cluster: dict[str, Any] | None
    accounts: list[dict[str, Any]]
    identifiers: list[dict[str, Any]]
    edges: pa.Table
    ties: pa.Table
    links: pa.Table
    evidence: pa.Table
    reasons: list[dict[str, Any]]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a subgraph may hold; None holds everything.

    Attributes:
        accounts: Most accounts.
        identifiers: Most identifiers.
        links: Most links.
    """

    accounts: int | None = None
    identifiers: int | None = None
    links: int | None = None


NO_LIMITS = Limits()


@of_result
def cluster_subgraph(result: Result, cluster_id: str, limits: Limits = NO_LIMITS) -> Subgraph:
    """Make the subgraph of a cluster.

    Of a cluster with more accounts than may be shown: the core accounts with the strongest links, and
    the fringe accounts linked to them.

    Raises:
        ResultError: There is no such cluster.
    """
    result.check_cluster(cluster_id)
    (cluster,) = rows_of(result.table("clusters", where={"cluster_id": [cluster_id]}))
    members = result.table("membership", where={"cluster_id": [cluster_id]})
    names = members["account_id"].to_pylist()
    chosen: list[str] = names
    left_out: tuple[str, ...] = ()
    if limits.accounts is not None and len(names) > limits.accounts:
        chosen, left_out = _core_and_frontier(result, members, limits.accounts)
    reasons = rows_of(result.table("reasons", where={"cluster_id": [cluster_id]}).sort_by("rank"))
    return _subgraph(result, ("cluster", cluster_id), chosen, limits, left_out, (cluster, reasons))


@of_result
def neighbourhood_subgraph(result: Result, account_id: str, limits: Limits = NO_LIMITS) -> Subgraph:
    """Make the subgraph of an account and the accounts it is linked to, the strongest links first.

    Raises:
        ResultError: There is no such account.
    """
    _check_accounts(result, [account_id])
    links = pa.concat_tables([result.table("links", where={end: [account_id]}) for end in _ENDS])
    links = links.sort_by([("bits", "descending"), *((end, "ascending") for end in _ENDS)])
    others = [
        right if left == account_id else left
        for left, right in zip(*(links[end].to_pylist() for end in _ENDS), strict=True)
    ]
    most = len(others) if limits.accounts is None else limits.accounts - 1
    left_out: tuple[str, ...] = ()
    if len(others) > most:
        left_out = (f"Of {len(others):,} linked accounts the {most:,} with the strongest links are shown.",)
    return _subgraph(result, ("neighbourhood", account_id), [account_id, *others[:most]], limits, left_out)


@of_result
def accounts_subgraph(
    result: Result, accounts: Sequence[str], limits: Limits = NO_LIMITS, what: str = "selection"
) -> Subgraph:
    """Make the subgraph of some accounts and the evidence between them.

    Raises:
        ResultError: An account is not in the result, or there are more than may be shown.
    """
    chosen = list(dict.fromkeys(accounts))
    _check_accounts(result, chosen)
    if limits.accounts is not None and len(chosen) > limits.accounts:
        raise ResultError(f"{len(chosen):,} accounts, at most {limits.accounts:,} can be drawn; choose fewer")
    name = ", ".join(chosen[:3]) + (f" and {len(chosen) - 3:,} more" if len(chosen) > 3 else "")
    return _subgraph(result, (what, name), chosen, limits, ())


def _subgraph(
    result: Result,
    subject: tuple[str, str],
    accounts: Collection[str],
    limits: Limits,
    left_out: tuple[str, ...],
    about: tuple[dict[str, Any] | None, list[dict[str, Any]]] = (None, []),
) -> Subgraph:
    among = {end: set(accounts) for end in _ENDS}
    evidence = result.table("evidence", where=among)
    is_tie = pc.equal(evidence["value"], "")
    edges = result.edges_of(evidence.filter(pc.invert(is_tie)))
    identifiers = _identifiers(result, edges)
    if limits.identifiers is not None and len(identifiers) > limits.identifiers:
        dropped = identifiers[limits.identifiers :]
        identifiers = identifiers[: limits.identifiers]
        share = sum(row["bits"] for row in dropped) / (sum(r["bits"] for r in [*identifiers, *dropped]) or 1)
        left_out = (
            *left_out,
            f"{len(dropped):,} further identifiers with {share:.1%} of the bits are not drawn.",
        )
        edges = _edges_to(edges, identifiers)
    links = result.table("links", where=among)
    if limits.links is not None and links.num_rows > limits.links:
        left_out = (*left_out, _links_sentence(links.num_rows, limits.links))
        links, evidence = _strongest(links, evidence, limits.links)
        is_tie = pc.equal(evidence["value"], "")
    return Subgraph(
        *subject,
        cluster=about[0],
        accounts=_accounts(result, accounts),
        identifiers=identifiers,
        edges=edges,
        ties=evidence.filter(is_tie),
        links=links,
        evidence=evidence,
        reasons=about[1],
        left_out=left_out,
    )


def _strongest(links: pa.Table, evidence: pa.Table, most: int) -> tuple[pa.Table, pa.Table]:
    """The links with the most bits and their evidence, both in the order they had."""
    order = [(end, "ascending") for end in _ENDS]
    kept = links.sort_by([("bits", "descending"), *order]).slice(0, most).sort_by(order)
    own = evidence.join(kept.select(list(_ENDS)), list(_ENDS), join_type="left semi")
    return kept, own.sort_by([*order, ("kind", "ascending"), ("value", "ascending")])


def _links_sentence(n_links: int, most: int) -> str:
    return (
        f"Of {n_links:,} links between these accounts the {most:,} with the most bits are listed, with their "
        "evidence; the bits of identifiers are over all of them."
    )


def _core_and_frontier(result: Result, members: pa.Table, most: int) -> tuple[list[str], tuple[str, ...]]:
    """The accounts of a large cluster that are shown, and what that leaves out."""
    names = members["account_id"].to_pylist()
    links = result.table("links", [*_ENDS, "bits"], {end: set(names) for end in _ENDS})
    core = set(members.filter(pc.equal(members["role"], "core"))["account_id"].to_pylist())
    strength = _strengths(links)
    ranked = sorted(core, key=lambda name: (-strength.get(name, 0.0), name))
    fringe_links = links.filter(
        pc.xor(*(pc.is_in(links[end], value_set=pa.array(sorted(core), pa.string())) for end in _ENDS))
    )
    n_fringe = min(len(names) - len(core), most - min(len(core), int(most * _CORE_SHARE)))
    inner = ranked[: most - n_fringe]
    frontier = _linked_to(fringe_links, set(inner), n_fringe)
    inner = ranked[: most - len(frontier)]
    chosen = [*inner, *frontier]
    inside = pc.and_(*(pc.is_in(links[end], value_set=pa.array(chosen, pa.string())) for end in _ENDS))
    n_links = pc.sum(inside.cast(pa.int64())).as_py() or 0
    n_outer = len(names) - len(core)
    shown = (
        f"The cluster has {len(names):,} accounts; {len(chosen):,} are shown: the {len(inner):,} of "
        f"{len(core):,} core accounts with the strongest links, and {len(frontier):,} of {n_outer:,} fringe "
        "accounts linked to them."
    )
    rest = (
        f"Of its {links.num_rows:,} links {n_links:,} are between accounts that are shown. Probabilities, "
        "reasons and counts of the cluster are those of all its accounts."
    )
    return chosen, (shown, rest)


def _linked_to(links: pa.Table, core: set[str], most: int) -> list[str]:
    """The accounts outside a core with the strongest links to it."""
    strength: dict[str, float] = {}
    for left, right, bits in zip(*(links[name].to_pylist() for name in (*_ENDS, "bits")), strict=True):
        for inside, outside in ((left, right), (right, left)):
            if inside in core and outside not in core:
                strength[outside] = strength.get(outside, 0.0) + bits
    return sorted(strength, key=lambda name: (-strength[name], name))[:most]


def _strengths(links: pa.Table) -> dict[str, float]:
    """Sum of the bits of each account's links that are likelier than not."""
    strong = links.filter(pc.greater(links["bits"], 0.0))
    halves = pa.concat_tables(pa.table({"account_id": strong[end], "bits": strong["bits"]}) for end in _ENDS)
    summed = halves.group_by("account_id", use_threads=False).aggregate([("bits", "sum")])
    return dict(zip(summed["account_id"].to_pylist(), summed["bits_sum"].to_pylist(), strict=True))


def _accounts(result: Result, accounts: Collection[str]) -> list[dict[str, Any]]:
    wanted = {"account_id": set(accounts)}
    membership = {row["account_id"]: row for row in rows_of(result.table("membership", where=wanted))}
    rows = [
        {
            "account_id": row["account_id"],
            **{name: membership[row["account_id"]][name] for name in _MEMBERSHIP},
            **{name: value for name, value in row.items() if name != "account_id"},
        }
        for row in rows_of(result.table("accounts", where=wanted))
    ]
    if len(rows) != len(wanted["account_id"]):
        raise ResultError(f"{result.path}: accounts.parquet lacks accounts of the other tables; run it again")
    return sorted(rows, key=lambda row: (-(row["probability"] or 0.0), row["account_id"]))


def _identifiers(result: Result, edges: pa.Table) -> list[dict[str, Any]]:
    """The identifiers of edges with their bits and how many accounts they link, the strongest first."""
    keys = ["kind", "value"]
    summed = edges.group_by(keys, use_threads=False).aggregate([("bits", "sum"), ("account_id", "count")])
    summed_by_key = {
        (row["kind"], row["value"]): {"bits": row["bits_sum"], "n_members": row["account_id_count"]}
        for row in rows_of(summed)
    }
    where = {"kind": {kind for kind, _ in summed_by_key}, "value": {value for _, value in summed_by_key}}
    known = {(row["kind"], row["value"]): row for row in rows_of(result.table("identifiers", where=where))}
    rows = [
        {**known.get(key, {"kind": key[0], "value": key[1]}), **numbers}
        for key, numbers in summed_by_key.items()
    ]
    return sorted(rows, key=lambda row: (-row["bits"], row["kind"], row["value"]))


def _edges_to(edges: pa.Table, identifiers: Iterable[dict[str, Any]]) -> pa.Table:
    kept = {(row["kind"], row["value"]) for row in identifiers}
    pairs = zip(edges["kind"].to_pylist(), edges["value"].to_pylist(), strict=True)
    return edges.filter(pa.array([pair in kept for pair in pairs], pa.bool_()))


def _check_accounts(result: Result, accounts: Sequence[str]) -> None:
    known = set(result.table("accounts", ["account_id"], {"account_id": accounts})["account_id"].to_pylist())
    for account in accounts:
        if account not in known:
            raise unknown_account(result, account)
