"""Rows of a finished run's tables, read for explanations.

Evidence is read once per question, with filters, and held as numpy arrays; rows are never walked one by one
where there can be many.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphlink.core.errors import NotFoundError, ResultError
from graphlink.core.settings import Settings, settings_from
from graphlink.kinds import shown
from graphlink.result.lookup import unknown_account
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from graphlink.explanations.readable import Readable

ENDS = ("account_id_l", "account_id_r")
_IDENTIFIER = ("kind", "value", "degree", "n_joint_pairs", "is_hub", "p_exclusive", "label", "label_type")
LINK = (*ENDS, "bits")
WEIGHED = (*ENDS, "kind", "value", "facet", "bits", "contribution_bits", "first_joint", "last_joint")


def settings_of(result: Readable) -> Settings:
    """The settings that the run was made with."""
    return settings_from(result.manifest.get("settings", {}), "run.json")


def check_accounts(result: Readable, accounts: Iterable[str]) -> None:
    """Raise unless the result knows all these accounts.

    Raises:
        NotFoundError: Names the first that it does not know.
    """
    wanted = list(dict.fromkeys(accounts))
    known = set(result.table("accounts", ["account_id"], {"account_id": wanted})["account_id"].to_pylist())
    for account in wanted:
        if account not in known:
            raise unknown_account(result, account)


def check_identifiers(result: Readable, identifiers: Iterable[tuple[str, str]]) -> None:
    """Raise unless at least two accounts hold each of these identifiers, or a reference list names it.

    Raises:
        NotFoundError: Names the first that is not there.
    """
    for kind, value in identifiers:
        rows = result.table("identifiers", ["kind"], {"kind": [kind], "value": [value]})
        if not rows.num_rows and not result.table("evidence", ["kind"], {"kind": [kind], "value": [value]}):
            raise NotFoundError(
                f"no two accounts of {result.path} hold {shown(kind)} {shown(value)!r}; "
                "name it by kind and by its cleaned value, as `show` prints them"
            )


def members_of(result: Readable, cluster_id: str) -> list[str]:
    """The accounts of a cluster, by name.

    Raises:
        NotFoundError: There is no such cluster.
    """
    result.check_cluster(cluster_id)
    rows = result.table("membership", ["account_id"], {"cluster_id": [cluster_id]})
    return sorted(rows["account_id"].to_pylist())


def membership_of(result: Readable, accounts: Collection[str]) -> dict[str, dict[str, Any]]:
    """Cluster, probability, role and what moved some accounts."""
    columns = ["account_id", "cluster_id", "probability", "role", "constrained_by"]
    rows = rows_of(result.table("membership", columns, {"account_id": accounts}))
    return {str(row["account_id"]): row for row in rows}


def identifiers_known(
    result: Readable, identifiers: Collection[tuple[str, str]]
) -> dict[tuple[str, str], dict[str, Any]]:
    """What is known of these (kind, value): reach, privacy, label."""
    where = {"kind": {kind for kind, _ in identifiers}, "value": {value for _, value in identifiers}}
    rows = rows_of(result.table("identifiers", _IDENTIFIER, where))
    return {(row["kind"], row["value"]): row for row in rows if (row["kind"], row["value"]) in identifiers}


def links_among(result: Readable, accounts: Collection[str]) -> pa.Table:
    """The links between these accounts: both ends and bits."""
    return result.table("links", LINK, dict.fromkeys(ENDS, accounts))


def evidence_among(result: Readable, accounts: Collection[str]) -> pa.Table:
    """The evidence between these accounts, as it is weighed."""
    return result.table("evidence", WEIGHED, dict.fromkeys(ENDS, accounts))


def links_of(result: Readable, account_id: str, others: Collection[str] | None = None) -> pa.Table:
    """The links of an account, to these others or to any: both ends and bits."""
    return _touching(result, "links", LINK, account_id, others)


def evidence_of(result: Readable, account_id: str, others: Collection[str]) -> pa.Table:
    """The evidence between an account and these others, as it is weighed."""
    return _touching(result, "evidence", WEIGHED, account_id, others)


def first_holders(
    result: Readable, identifiers: Collection[tuple[str, str]], most: int = 8
) -> dict[tuple[str, str], list[str]]:
    """The first few accounts, by name, that were seen with each of these identifiers."""
    if not identifiers:
        return {}
    seen = result.holders(identifiers)
    holders: dict[tuple[str, str], list[str]] = {identifier: [] for identifier in identifiers}
    columns = (seen[name].to_pylist() for name in ("kind", "value", "account_id"))
    for kind, value, account in sorted(zip(*columns, strict=True)):
        if (kind, value) in holders and len(holders[kind, value]) < most:
            holders[kind, value].append(account)
    return holders


def holders_of(result: Readable, kind: str, value: str) -> list[str]:
    """The accounts that hold an identifier, by name, read from the observations.

    A wider identifier (the network of an address) is in no observation: then they are the accounts whose
    evidence names it.
    """
    holders = set(result.holders([(kind, value)])["account_id"].to_pylist())
    if not holders:
        evidence = result.table("evidence", list(ENDS), {"kind": [kind], "value": [value]})
        holders = {name for end in ENDS for name in pc.unique(evidence[end]).to_pylist()}
    return sorted(holders)


def _touching(
    result: Readable, name: str, columns: Sequence[str], account_id: str, others: Collection[str] | None
) -> pa.Table:
    """The rows of a table of pairs between an account and others, those where it is the lesser first."""
    halves = []
    for end, other in (ENDS, ENDS[::-1]):
        where: dict[str, Collection[str]] = {end: [account_id]}
        halves.append(result.table(name, columns, where if others is None else {**where, other: others}))
    return pa.concat_tables(halves)


def log_odds(probability: float) -> float:
    """Log2 odds of a probability."""
    return float(np.log2(probability / (1.0 - probability)))


def probability_of(bits: float) -> float:
    """Probability of log2 odds."""
    return float(1.0 / (1.0 + 2.0 ** -max(-60.0, min(60.0, bits))))


def rows_about(result: Readable, name: str, cluster_id: str) -> list[dict[str, Any]]:
    """The rows of a table that are about a cluster; none of a run before there was such a table."""
    try:
        return rows_of(result.table(name, where={"cluster_id": [cluster_id]}))
    except ResultError:
        return []
