"""Reasons against a pair: differing values, public identifiers, and why what it shares is too little."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphlink.core.wording.figures import counted, format_bits, format_probability
from graphlink.explanations.pair.evidence import Evidence, Holding, holdings_of
from graphlink.explanations.stored import identifiers_known
from graphlink.explanations.values import named
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from graphlink.explanations.readable import Readable

_PUBLIC = 0.1  # an identifier at most this likely to be exclusive is called public
_DAY = 86400


@dataclass(frozen=True, slots=True)
class Against:
    """A reason against: evidence against one operator, or what keeps evidence from counting.

    Attributes:
        reason: differing_values, public_identifier or counted_once; of a pair without a link hub,
            not_together or too_weak.
        kind: Kind it is about; empty when it is about none.
        value: Identifier it is about; empty when it is about none.
        bits: Bits that it takes away; None where that is not known.
        detail: A sentence.
    """

    reason: str
    kind: str
    value: str
    bits: float | None
    detail: str

    @property
    def sentence(self) -> str:
        """The reason in a sentence: evidence already counted elsewhere is not evidence against."""
        label = "Partly counted" if self.reason == "counted_once" else "Against"
        return f"{label}: {self.detail}"


def reasons_against(
    result: Readable, pair: tuple[str, str], steps: tuple[Evidence, ...], *, is_linked: bool
) -> tuple[Against, ...]:
    """The reasons against a pair, those that cost most first."""
    reasons = [reason for step in steps for reason in _against_step(step)]
    if not is_linked:
        reasons += _unlinked(result, pair)
    reasons.sort(key=lambda reason: (reason.bits is None, reason.bits or 0.0, reason.kind, reason.value))
    return tuple(reasons)


def _against_step(step: Evidence) -> list[Against]:
    name = named(step.kind, step.value)
    reasons = []
    if step.counts == "against":
        detail = f"the two differ in {name}: {format_bits(step.contribution_bits)}."
        reasons.append(Against("differing_values", step.kind, step.value, step.contribution_bits, detail))
    if step.p_exclusive is not None and step.p_exclusive < _PUBLIC and step.degree is not None:
        p_exclusive = format_probability(step.p_exclusive)
        detail = (
            f"{name} is public rather than exclusive: {_holders(step.degree)}, p(exclusive) = {p_exclusive}."
        )
        reasons.append(Against("public_identifier", step.kind, step.value, None, detail))
    lost = step.contribution_bits - step.bits
    if step.why_less and lost < -1.0:
        bits = f"{format_bits(step.bits)}, of which {format_bits(step.contribution_bits)} count"
        detail = f"{name} alone is worth {bits}: {step.why_less}."
        reasons.append(Against("counted_once", step.kind, step.value, lost, detail))
    return reasons


def _unlinked(result: Readable, pair: tuple[str, str]) -> list[Against]:
    """What two accounts without a link share, and why it was too little."""
    seen = rows_of(result.table("observations", where={"account_id": pair}))
    held: dict[str, set[tuple[str, str]]] = {name: set() for name in pair}
    for row in seen:
        held[row["account_id"]].add((row["kind"], row["value"]))
    shared = held[pair[0]] & held[pair[1]]
    known = identifiers_known(result, shared)
    times = holdings_of(seen, pair, shared)
    reasons = []
    for identifier in sorted(shared, key=lambda held: (known.get(held, {}).get("degree", 0), held)):
        about = known.get(identifier, {})
        degree = int(about.get("degree", 2))
        p_exclusive = about.get("p_exclusive")
        is_hub = bool(about.get("is_hub"))
        reason = "hub" if is_hub else "too_weak"
        why = "too common to compare all its accounts" if is_hub else "too little for a link"
        if not is_hub and not about.get("n_joint_pairs", 1):
            reason, why = "not_together", "no two accounts held it within its kind's window of time"
        exclusivity = "" if p_exclusive is None else f", p(exclusive) = {format_probability(p_exclusive)}"
        gap = _gap(times.get(identifier, ()))
        detail = f"both held {named(*identifier)}{gap}; {_holders(degree)}{exclusivity}: {why}."
        reasons.append(Against(reason, *identifier, None, detail))
    return reasons


def _holders(degree: int) -> str:
    return counted(degree, "account holds", "accounts hold") + " it"


def _gap(holding: tuple[Holding, ...]) -> str:
    """How long after one was last seen on an identifier the other came; empty when they overlap."""
    spans = sorted((h.first_seen, h.last_seen) for h in holding if h.first_seen and h.last_seen)
    if len(spans) < 2 or spans[1][0] <= spans[0][1]:
        return ""
    apart = datetime.datetime.fromisoformat(spans[1][0]) - datetime.datetime.fromisoformat(spans[0][1])
    days = int(apart.total_seconds() // _DAY)
    return f", {counted(days, 'day')} apart" if days else ", within a day of each other"
