"""Why a piece of evidence counts less than it says alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from graphlink.core.wording import reason_detail
from graphlink.explanations import explain_cluster, explain_pair
from graphlink.explanations.cluster.shares import identifier_sentence
from graphlink.explanations.pair.evidence import _why_less

if TYPE_CHECKING:
    import pyarrow as pa

    from graphlink.result.result import Result


def row(kind: str, facet: str, bits: float, counted: float) -> dict[str, Any]:
    return {"kind": kind, "value": f"{kind}-x", "facet": facet, "bits": bits, "contribution_bits": counted}


def test_a_strong_kind_that_a_weaker_one_leads_is_explained_too() -> None:
    rows = [row("payment", "payment", 8.0, 7.0), row("ip", "network", 6.0, 6.0)]
    assert "counts what it adds to" in _why_less(rows[0], rows)
    assert _why_less(rows[1], rows) == ""


def test_kinds_that_count_for_nothing_are_not_named() -> None:
    rows = [
        row("ip", "network", 9.0, 9.0),
        row("client", "client", 4.0, 2.0),
        row("badge", "badge", 3.0, 0.0),
    ]
    assert _why_less(rows[1], rows) == "counts what it adds to ip"


def test_a_second_kind_of_a_facet_counts_a_quarter() -> None:
    rows = [row("email", "identity", 12.0, 12.0), row("api_key", "identity", 8.0, 2.0)]
    assert "a quarter" in _why_less(rows[1], rows)


class Older:
    """A result of a version that did not tell where a behaviour was."""

    def __init__(self, result: Result) -> None:
        self._result = result
        self.manifest = result.manifest

    def table(self, name: str, *arguments: Any, **named: Any) -> pa.Table:
        table = self._result.table(name, *arguments, **named)
        return table.drop_columns(
            [column for column in ("at_kind", "at_value") if column in table.column_names]
        )

    def __getattr__(self, name: str) -> Any:
        return getattr(self._result, name)


@pytest.mark.parametrize("is_older", [False, True])
def test_a_behaviour_names_where_it_was_if_the_result_tells(sample_result: Result, is_older: bool) -> None:
    result: Any = Older(sample_result) if is_older else sample_result
    rows = sample_result.table("evidence").to_pylist()
    row = next(row for row in rows if row["kind"] == "replacement")
    pair = explain_pair(result, row["account_id_l"], row["account_id_r"])
    (sentence,) = (one for one in pair.sentences if one.startswith("They used a place"))
    place = f"are replaced ({row['at_kind']} {row['at_value']}):"
    assert ("are replaced:" if is_older else place) in sentence
    reasons = [one for one in sample_result.table("reasons").to_pylist() if one["at_value"]]
    reason = next(one for one in reasons if one["kind"] == "replacement")
    (share,) = (
        one for one in explain_cluster(result, reason["cluster_id"]).identifiers if one.kind == "replacement"
    )
    sentence = identifier_sentence(share, 9)
    assert sentence.startswith("Using a place where accounts closed for abuse are replaced")
    assert (f"(mostly {reason['at_kind']} {reason['at_value']})" in sentence) != is_older


def test_the_sentence_of_a_reason_ends_with_its_place() -> None:
    row = {"detail": "3 pairs taking turns", "at_kind": "ip_prefix", "at_value": "192.0.2.0/24"}
    assert reason_detail(row) == "3 pairs taking turns; mostly at ip prefix 192.0.2.0/24"
    assert reason_detail({"detail": "3 pairs taking turns"}) == "3 pairs taking turns"
    assert reason_detail({"detail": None, "at_kind": None, "at_value": None}) == ""
