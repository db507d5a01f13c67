"""What a finished run holds, read for explanations: rows of its tables, and the weighing of evidence anew.

Evidence is read once per question, with filters, and held as numpy arrays; rows are never walked one by one
where there can be many.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphlink.errors import ResultError
from graphlink.folder import rows_of
from graphlink.kinds import shown
from graphlink.settings import Settings, settings_from

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from graphlink.result import Result

ENDS = ("account_id_l", "account_id_r")


def settings_of(result: Result) -> Settings:
    """The settings that the run was made with."""
    return settings_from(result.manifest.get("settings", {}), "run.json")


def check_accounts(result: Result, accounts: Iterable[str]) -> None:
    """Raise unless the result knows all these accounts.

    Raises:
        ResultError: Names the first that it does not know.
    """
    wanted = list(dict.fromkeys(accounts))
    known = set(result.table("accounts", ["account_id"], {"account_id": wanted})["account_id"].to_pylist())
    for account in wanted:
        if account not in known:
            raise ResultError(
                f"no account {shown(account)!r} in {result.path}; names are taken to the letter"
            )


def check_identifiers(result: Result, identifiers: Iterable[tuple[str, str]]) -> None:
    """Raise unless at least two accounts hold each of these identifiers, or a reference list names it.

    Raises:
        ResultError: Names the first that is not there.
    """
    for kind, value in identifiers:
        found = result.table("identifiers", ["kind"], {"kind": [kind], "value": [value]})
        if not found.num_rows and not result.table("evidence", ["kind"], {"kind": [kind], "value": [value]}):
            raise ResultError(
                f"no two accounts of {result.path} hold {shown(kind)} {shown(value)!r}; "
                "name it by kind and by its cleaned value, as `show` prints them"
            )


def members_of(result: Result, cluster_id: str) -> list[dict[str, Any]]:
    """The rows of `membership` of a cluster, by account.

    Raises:
        ResultError: There is no such cluster.
    """
    result.check_cluster(cluster_id)
    rows = rows_of(result.table("membership", where={"cluster_id": [cluster_id]}))
    return sorted(rows, key=lambda row: str(row["account_id"]))


def membership_of(result: Result, accounts: Collection[str]) -> dict[str, dict[str, Any]]:
    """The rows of `membership` of some accounts."""
    rows = rows_of(result.table("membership", where={"account_id": accounts}))
    return {str(row["account_id"]): row for row in rows}


def identifiers_known(
    result: Result, pieces: Collection[tuple[str, str]]
) -> dict[tuple[str, str], dict[str, Any]]:
    """The rows of `identifiers` of these (kind, value)."""
    where = {"kind": {kind for kind, _ in pieces}, "value": {value for _, value in pieces}}
    rows = rows_of(result.table("identifiers", where=where))
    return {(row["kind"], row["value"]): row for row in rows if (row["kind"], row["value"]) in pieces}


def links_among(result: Result, accounts: Collection[str]) -> pa.Table:
    """The links between these accounts."""
    return result.table("links", where=dict.fromkeys(ENDS, accounts))


def links_of(result: Result, account_id: str, others: Collection[str] | None = None) -> pa.Table:
    """The links of an account, to these others or to any."""
    if others is not None:
        return _touching(links_among(result, {account_id, *others}), account_id)
    return _touching(result.table("links"), account_id)


def evidence_of(result: Result, account_id: str, others: Collection[str]) -> pa.Table:
    """The evidence between an account and these others."""
    return _touching(result.table("evidence", where={key: {account_id, *others} for key in ENDS}), account_id)


def first_holders(
    result: Result, pieces: Collection[tuple[str, str]], most: int = 8
) -> dict[tuple[str, str], list[str]]:
    """The first few accounts, by name, that were seen with each of these identifiers."""
    if not pieces:
        return {}
    where = {"kind": {kind for kind, _ in pieces}, "value": {value for _, value in pieces}}
    seen = result.table("observations", ["kind", "value", "account_id"], where)
    distinct = seen.group_by(seen.column_names, use_threads=False).aggregate([])
    found: dict[tuple[str, str], list[str]] = {piece: [] for piece in pieces}
    columns = (distinct[name].to_pylist() for name in ("kind", "value", "account_id"))
    for kind, value, account in sorted(zip(*columns, strict=True)):
        if (kind, value) in found and len(found[kind, value]) < most:
            found[kind, value].append(account)
    return found


def reach(result: Result, links: pa.Table, start: Collection[str], most: int) -> tuple[set[str], bool]:
    """Accounts that some hang together with over these links, and whether there were more than `most`.

    Names stay in Arrow on the way: making an array of them would import pandas, which takes a second.
    """
    near = result.table("accounts", ["account_id"], {"account_id": start})["account_id"]
    wave = near
    while len(wave):
        found = pa.chunked_array(
            [
                chunk
                for end, other in (ENDS, ENDS[::-1])
                for chunk in links.filter(pc.is_in(links[end], value_set=wave))[other].chunks
            ],
            pa.string(),
        )
        new = pc.unique(found)
        wave = pa.chunked_array([new.filter(pc.invert(pc.is_in(new, value_set=near)))], pa.string())
        if len(near) + len(wave) > most:
            return set(near.to_pylist()), True
        near = pa.chunked_array([*near.chunks, *wave.chunks], pa.string())
    return set(near.to_pylist()), False


def holders_of(result: Result, kind: str, value: str) -> list[str]:
    """The accounts that hold an identifier, by name, read from the observations.

    A wider identifier (the network of an address) is in no observation: then they are the accounts whose
    evidence names it.
    """
    where = {"kind": [kind], "value": [value]}
    seen = result.table("observations", ["account_id"], where)["account_id"]
    found = set(pc.unique(seen).to_pylist())
    if not found:
        evidence = result.table("evidence", list(ENDS), where)
        found = {name for end in ENDS for name in pc.unique(evidence[end]).to_pylist()}
    return sorted(found)


def _touching(table: pa.Table, account_id: str) -> pa.Table:
    return table.filter(pc.or_(*(pc.equal(table[end], account_id) for end in ENDS)))


def log_odds(probability: float) -> float:
    """Log2 odds of a probability."""
    return float(np.log2(probability / (1.0 - probability)))


def probability_of(bits: float) -> float:
    """Probability of log2 odds."""
    return float(1.0 / (1.0 + 2.0 ** -max(-60.0, min(60.0, bits))))
