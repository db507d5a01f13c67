"""Since when accounts of a cluster use the same identifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.explanations import find_joint_span
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from graphlink.result.result import Result


def test_the_span_is_that_of_identifiers_that_core_accounts_share(sample_result: Result) -> None:
    members = rows_of(sample_result.table("membership"))
    evidence = rows_of(sample_result.table("evidence"))
    n_spans = 0
    for cluster in sample_result.table("clusters")["cluster_id"].to_pylist():
        own = [row["account_id"] for row in members if row["cluster_id"] == cluster]
        core = {
            row["account_id"] for row in members if row["cluster_id"] == cluster and row["role"] == "core"
        }
        shared = [
            row
            for row in evidence
            if {row["account_id_l"], row["account_id_r"]} <= core
            and row["value"]
            and row["contribution_bits"] > 0
            and row["first_joint"] is not None
        ]
        if not shared:
            continue
        n_spans += 1
        expected = min(row["first_joint"] for row in shared), max(row["last_joint"] for row in shared)
        assert find_joint_span(sample_result, own) == (*expected, True)
    assert n_spans > 3


def test_accounts_that_share_nothing_have_no_span(sample_result: Result) -> None:
    evidence = rows_of(sample_result.table("evidence"))
    pairs = {(row["account_id_l"], row["account_id_r"]) for row in evidence}
    names = sorted(sample_result.table("accounts")["account_id"].to_pylist())
    apart = next((one, names[0]) for one in names[1:] if not {(names[0], one), (one, names[0])} & pairs)
    assert find_joint_span(sample_result, apart) == (None, None, False)
