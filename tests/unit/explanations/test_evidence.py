"""Why a piece of evidence counts less than it says alone."""

from __future__ import annotations

from typing import Any

from graphlink.explanations.pair.evidence import _why_less


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
