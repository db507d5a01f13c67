"""Returns as rows: who came back, by which values, how likely; and return rates."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from graphlink.core.wording.figures import format_probability
from graphlink.kinds import shown
from graphlink.workspace.audit import forgotten_of
from graphlink.workspace.returns import (
    NAMED,
    POSSIBLE,
    ReturnRate,
    older_sentence,
    return_sentence,
)
from graphlink.workspace.store.transactions import time_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphlink.workspace.store import Reading, Row, Writing
    from graphlink.workspace.watch import Hit
    from graphlink.workspace.watching import Watching

INDICATORS = "indicators"
"""The road of an account that holds what others report."""


class Piece(NamedTuple):
    """A watched value that an account holds, with its weight, in words too."""

    kind: str
    value: str
    weight: float
    text: str


class Noticed(NamedTuple):
    """An account that may be a return, or that holds what others report, as the last run had it.

    Attributes:
        account_id: The account; empty where it was forgotten.
        source: `D-3`, or who reports its values.
        decision: The decision that it may be a return of; None of an indicator.
        lineage: The lineage of the decision.
        state: `named` or `possible`.
        road: How it was noticed: `run`, `watch_list`, `watch_list_cluster`, or `indicators`.
        probability: Probability that it is a return, or whom the source reports.
        is_older: Whether it was opened before the decision: never named.
        opened_at: When it was opened, ISO 8601; empty of an older account.
        cluster_id: Its cluster in the run; None outside one.
        pieces: What it holds of the watch list, the weightiest first.
    """

    account_id: str
    source: str
    decision: int | None
    lineage: int | None
    state: str
    road: str
    probability: float
    is_older: bool
    opened_at: str
    cluster_id: str | None
    pieces: tuple[Piece, ...]

    @property
    def is_named(self) -> bool:
        """Whether it is named."""
        return self.state == NAMED

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is said of it, and by what."""
        values = tuple(f"It {one.text}." for one in self.pieces)
        if self.decision is None:
            p = format_probability(self.probability)
            said = f"{shown(self.account_id)} holds what {shown(self.source)} reports, probability {p}."
            return (said, *values)
        first = return_sentence(self.account_id, f"K-{self.lineage} (D-{self.decision})", self)
        older = (older_sentence(self.account_id),) if self.is_older else ()
        return (first, *older, *values)


class Rate(NamedTuple):
    """The return rate of a decision within some days; see `graphlink.workspace.returns.ReturnRate`."""

    decision: int
    lineage: int
    rate: ReturnRate


def without_forgotten(rows: Reading, watching: Watching) -> Watching:
    """What a run says of the watch list, without forgotten accounts: the input may still have them."""
    named = {one.account_id for one in watching.returns} | {one.account_id for one in watching.hits}
    gone = forgotten_of(rows, named)
    return watching._replace(
        returns=tuple(one for one in watching.returns if one.account_id not in gone),
        hits=tuple(one for one in watching.hits if one.account_id not in gone),
    )


def record_returns(rows: Writing, run_no: int, watching: Watching) -> None:
    """Record who came back in a run, who holds what others report, and the return rates."""
    decisions = watching.known.decisions
    found: list[tuple[str, Row]] = [
        (
            one.account_id,
            {
                "source": f"D-{decisions[one.lineage_id].number}",
                "decision_no": decisions[one.lineage_id].number,
                "state": one.state,
                "road": one.road,
                "probability": one.probability,
                "is_older": int(one.is_older),
                "opened_at": time_text(one.opened_at) if one.opened_at else None,
                "cluster_id": one.cluster_id,
                "pieces": _pieces(one.hits),
            },
        )
        for one in watching.returns
    ]
    found += [
        (
            one.account_id,
            {
                "source": one.source,
                "decision_no": None,
                "state": one.state,
                "road": INDICATORS,
                "probability": one.probability,
                "is_older": 0,
                "opened_at": None,
                "cluster_id": None,
                "pieces": _pieces(one.hits),
            },
        )
        for one in watching.hits
    ]
    numbers = rows.account_numbers(account for account, _ in found)
    rows.insert("hits", *({"run_no": run_no, "account_no": numbers[account]} | row for account, row in found))
    rows.insert(
        "return_rates",
        *(
            {
                "run_no": run_no,
                "decision_no": decisions[one.lineage_id].number,
                "days": one.days,
                "n_decided": one.n_decided,
                "n_back": one.n_back,
                "volume_before": one.volume_before,
                "volume_back": one.volume_back,
                "is_over": int(one.is_over),
            }
            for one in watching.rates
        ),
    )


def _pieces(hits: Iterable[Hit]) -> str:
    return json.dumps(
        [[*hit.watched.identifier, round(hit.weight, 6), hit.sentence] for hit in hits], sort_keys=True
    )


def read_noticed(rows: Reading, run_no: int) -> list[Noticed]:
    """Read whom a run noticed: named ones first, then by probability."""
    lineages = {row["decision_no"]: row["lineage_no"] for row in rows.rows("decisions")}
    found = rows.rows("hits", run_no=run_no)
    names = rows.account_names({row["account_no"] for row in found})
    noticed = [
        Noticed(
            names[row["account_no"]],
            row["source"],
            row["decision_no"],
            lineages.get(row["decision_no"]),
            row["state"],
            row["road"],
            row["probability"],
            bool(row["is_older"]),
            row["opened_at"] or "",
            row["cluster_id"],
            tuple(Piece(*one) for one in json.loads(row["pieces"])),
        )
        for row in found
        if row["account_no"] in names
    ]
    return sorted(noticed, key=lambda one: (one.state == POSSIBLE, -one.probability, one.account_id))


def read_rates(rows: Reading, run_no: int) -> list[Rate]:
    """Read the return rates as a run had them, by decision and days."""
    lineages = {row["decision_no"]: row["lineage_no"] for row in rows.rows("decisions")}
    return [
        Rate(
            row["decision_no"],
            lineages[row["decision_no"]],
            ReturnRate(
                f"K-{lineages[row['decision_no']]} (D-{row['decision_no']})",
                row["days"],
                row["n_decided"],
                row["n_back"],
                row["volume_before"],
                row["volume_back"],
                bool(row["is_over"]),
            ),
        )
        for row in rows.rows("return_rates", run_no=run_no)
    ]


def plain_returns(noticed: Iterable[Noticed], rates: Iterable[Rate]) -> dict[str, object]:
    """Who came back and how much of each decision, as plain values."""
    return {
        "returns": [
            {
                "account_id": one.account_id,
                "lineage": f"K-{one.lineage}" if one.lineage is not None else None,
                "source": one.source,
                "state": one.state,
                "probability": one.probability,
                "road": one.road,
                "is_older": one.is_older,
                "opened_at": one.opened_at,
                "cluster_id": one.cluster_id,
                "by": [{"kind": by.kind, "value": by.value, "weight": by.weight} for by in one.pieces],
                "sentences": list(one.sentences),
            }
            for one in noticed
        ],
        "return_rates": [
            {
                "decision": f"D-{one.decision}",
                "lineage": f"K-{one.lineage}",
                "days": one.rate.days,
                "decided": one.rate.n_decided,
                "back": one.rate.n_back,
                "share_back": one.rate.share_back,
                "volume_share": one.rate.volume_share,
                "is_over": one.rate.is_over,
            }
            for one in rates
        ],
    }
