"""What speaks against that an account is an organisation's: labels, differences, harmless readings."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphlink.core.constraint_names import CANNOT_LINK
from graphlink.core.organisations import ONE_ORGANISATION
from graphlink.core.wording.figures import format_bits, format_probability
from graphlink.core.wording.vocabulary import HARMLESS, HYPOTHESIS_WORDS
from graphlink.kinds import shown
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphlink.storage.tables import Tables
    from graphlink.workspace.parameters import OrganisationRules
    from graphlink.workspace.paths import Step

_ENDS = ("account_id_l", "account_id_r")
_RIVALS = ("shared_intermediary", "shared_network")


@dataclass(frozen=True, slots=True)
class Objections:
    """What speaks against accounts.

    Attributes:
        sentences: Account to what speaks against it.
        excluded: Accounts that a label keeps apart from an account on their path: no path leads to them.
    """

    sentences: Mapping[str, tuple[str, ...]]
    excluded: frozenset[str]


def objections_of(
    result: Tables, paths: Mapping[str, Sequence[Step]], rules: OrganisationRules
) -> Objections:
    """State what speaks against each account that a path leads to.

    Args:
        result: A finished run.
        paths: Account to its path.
        rules: When a link rests on one identifier.
    """
    sentences: dict[str, list[str]] = defaultdict(list)
    excluded = set()
    names = sorted({name for account, path in paths.items() for name in (account, *_accounts_on(path))})
    apart = _labelled_apart(result, names)
    evidence = _evidence_among(result, names)
    doubts = _doubts_of_clusters(result, sorted(paths))
    for account, path in paths.items():
        for other in _accounts_on(path):
            if (min(account, other), max(account, other)) in apart:
                excluded.add(account)
                sentences[account].append(f"a label keeps it apart from {shown(other)}")
        for step in path:
            if step.how == "link" and step.start is not None and step.end == account:
                pair = (min(step.start, account), max(step.start, account))
                sentences[account] += _of_link(step.start, evidence.get(pair, ()), rules)
        if path:
            sentences[account] += doubts.get(account, ())
    return Objections({name: tuple(texts) for name, texts in sentences.items()}, frozenset(excluded))


def _accounts_on(path: Sequence[Step]) -> list[str]:
    return [step.start for step in path if step.start is not None]


def _labelled_apart(result: Tables, names: list[str]) -> set[tuple[str, str]]:
    columns = [*_ENDS, "constraint_type"]
    rows = rows_of(result.table("constraints", columns, dict.fromkeys(_ENDS, names)))
    return {
        (row["account_id_l"], row["account_id_r"]) for row in rows if row["constraint_type"] == CANNOT_LINK
    }


def _evidence_among(result: Tables, names: list[str]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    columns = [*_ENDS, "kind", "value", "contribution_bits"]
    made: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows_of(result.table("evidence", columns, dict.fromkeys(_ENDS, names))):
        made[row["account_id_l"], row["account_id_r"]].append(row)
    return made


def _of_link(start: str, rows: Sequence[dict[str, Any]], rules: OrganisationRules) -> list[str]:
    """What speaks against a link: kinds in which the two differ, and one identifier that carries it all."""
    sentences = [
        f"it differs from {shown(start)} in {row['kind'].replace('_', ' ')} "
        f"({format_bits(row['contribution_bits'])})"
        for row in sorted(rows, key=lambda row: (row["contribution_bits"], row["kind"]))
        if row["contribution_bits"] < 0
    ]
    positive = [row for row in rows if row["contribution_bits"] > 0]
    total = math.fsum(row["contribution_bits"] for row in positive)
    best = max(positive, key=lambda row: (row["contribution_bits"], row["kind"], row["value"]), default=None)
    if best is not None and best["contribution_bits"] >= rules.lone_evidence_share * total:
        words = f"{best['kind'].replace('_', ' ')} {shown(best['value'])}".strip()
        sentences.append(f"its link to {shown(start)} rests on {words} alone")
    return sentences


def _doubts_of_clusters(result: Tables, accounts: list[str]) -> dict[str, list[str]]:
    """What the clusters of accounts may be instead."""
    where = {"account_id": accounts}
    members = rows_of(result.table("membership", ["account_id", "cluster_id"], where))
    clusters = sorted({row["cluster_id"] for row in members if row["cluster_id"] is not None})
    rivals = {f"p_{name}": HYPOTHESIS_WORDS[name].about for name in _RIVALS}
    columns = ["cluster_id", *ONE_ORGANISATION, *rivals, "also_explained_by"]
    by_cluster = {}
    for row in rows_of(result.table("clusters", columns, {"cluster_id": clusters})):
        one = math.fsum(row[name] or 0.0 for name in ONE_ORGANISATION)
        sentences = [
            f"of the accounts of its cluster, {about} with probability {format_probability(row[name])}"
            for name, about in rivals.items()
            if (row[name] or 0.0) > one / 2.0
        ]
        if (reading := row["also_explained_by"]) is not None:
            sentences.append(f"its cluster has a harmless reading: {HARMLESS[reading].members}")
        by_cluster[row["cluster_id"]] = sentences
    return {row["account_id"]: by_cluster.get(row["cluster_id"], []) for row in members}
