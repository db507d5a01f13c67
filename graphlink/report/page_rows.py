"""Rows of the tables of a page: reasons, ties, members, signals and facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphlink.core import wording
from graphlink.core.wording.facts import fact_words
from graphlink.report.model import Reason, Tie

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_HIDDEN = ("n",)


def reason_row(row: Mapping[str, Any]) -> Reason:
    """A reason from its row."""
    return Reason(
        row["rank"],
        row["reason"],
        row["kind"] or "",
        row["value"] or "",
        round(row["bits"], 6),
        row["n_accounts"],
        wording.reason_detail(row),
    )


def tie_row(row: Mapping[str, Any], bits_of_all: Sequence[float]) -> Tie:
    """A tie from its row, with its share of all evidence for the cluster."""
    degree, n_members = row["degree"], row["n_members"]
    outside = None if degree is None or n_members is None else max(0, degree - n_members)
    return Tie(
        row["kind"],
        row["value"],
        row["facet"],
        round(row["bits"], 6),
        round(wording.evidence_share(row["bits"], bits_of_all), 6),
        row["n_links"],
        n_members,
        degree,
        outside,
        row["p_exclusive"],
        row["label"] or "",
        row["label_type"] or "",
        _rarity(row, outside),
        row["first_joint"],
        row["last_joint"],
    )


def _rarity(row: Mapping[str, Any], outside: int | None) -> str:
    if not row["value"]:
        return wording.behaviour_name(row["kind"], "acting together")
    if outside is None:
        return "how common it is was not counted"
    crowd = row["least_crowd"]
    rarity = "used by nobody else" if outside == 0 else f"used by {outside:,} others outside"
    if crowd and crowd < row["degree"]:
        rarity += f"; as few as {crowd:,} at a time"
    return rarity + ("; too common to compare every pair" if row["is_hub"] or row["is_capped"] else "")


def member_row(row: Mapping[str, Any], *, is_constrained: bool) -> dict[str, Any]:
    """An account as a row, what identifies it and its role first.

    Args:
        row: What is known of it.
        is_constrained: Whether labels moved accounts of its cluster; else their column is left out.
    """
    first = ("account_id", "probability", "role", "status")
    hidden = _HIDDEN if is_constrained else (*_HIDDEN, "constrained_by")
    rest = [name for name in row if name not in first and name not in hidden]
    return {name: row[name] for name in (*first, *rest) if name in row}


def signal_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A signal as a row."""
    figures = {"signal": row["signal"], "value": row["value"], "baseline": row["baseline"]}
    return {**figures, "accounts": row["n_accounts"], "in words": row["detail"]}


def fact_rows(rows: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], ...]:
    """The facts as rows, the unusual ones first."""
    said = [(fact_words(row), row) for row in rows]
    said.sort(key=lambda one: not one[0].is_unusual)
    return tuple(
        {
            "fact": words.name,
            "here": words.value,
            "usual": words.usual,
            "ratio": words.ratio,
            "unusual": "unusual" if words.is_unusual else "",
            "accounts": row["n_accounts"],
            "in words": row["detail"],
        }
        for words, row in said
    )
