"""The hypotheses of a cluster and the evidence that separates them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphlink.core import wording
from graphlink.core.wording.figures import format_bits, format_probability
from graphlink.explanations.stored import rows_about
from graphlink.explanations.values import listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphlink.explanations.readable import Readable

N_NAMED = 3
_LEAST_NAMED = 0.5  # bits between two hypotheses from which a sentence names the evidence


@dataclass(frozen=True, slots=True)
class Rival:
    """A hypothesis of what links a cluster, and its probability (None when the result does not have it)."""

    hypothesis: str
    probability: float | None


@dataclass(frozen=True, slots=True)
class HypothesisEvidence:
    """How an evidence item separates the hypotheses.

    Attributes:
        evidence: Its name, such as payment or time_at_shared_places.
        n_ties: Ties that show it; None when it is no count.
        n_possible: Ties that could show it.
        bits_same_operator: log2 of its likelihood under one operator.
        bits_shared_intermediary: The same under customers of one router.
        bits_shared_network: The same under people on one network.
        bits_openly_one_organisation: The same under openly one organisation.
        bits: Bits for the likeliest hypothesis against the next.
        detail: A sentence.
    """

    evidence: str
    n_ties: int | None
    n_possible: int | None
    bits_same_operator: float
    bits_shared_intermediary: float
    bits_shared_network: float
    bits_openly_one_organisation: float
    bits: float
    detail: str


def hypothesis_evidence_of(result: Readable, cluster: dict[str, Any]) -> tuple[HypothesisEvidence, ...]:
    """What separates the likeliest hypothesis from the next; nothing where the result names no rival."""
    likeliest, rival = cluster["hypothesis"], cluster.get("rival")
    if rival is None:
        return ()
    rows = rows_about(result, "hypotheses", cluster["cluster_id"])
    evidence = [
        HypothesisEvidence(
            row["evidence"],
            row["n_ties"],
            row["n_possible"],
            row["bits_same_operator"],
            row["bits_shared_intermediary"],
            row["bits_shared_network"],
            row["bits_openly_one_organisation"],
            bits=row[f"bits_{likeliest}"] - row[f"bits_{rival}"],
            detail=row["detail"] or "",
        )
        for row in rows
    ]
    return tuple(sorted(evidence, key=lambda one: (-abs(one.bits), one.evidence)))


def hypothesis_sentence(hypothesis: str, rivals: Sequence[Rival], also_explained_by: str | None) -> str:
    """The likeliest hypothesis, or that it is undecided, and the probability of each."""
    p_operator = next((one.probability for one in rivals if one.hypothesis == "same_operator"), None)
    found = wording.finding(hypothesis, p_operator, also_explained_by)
    lead = f"Undecided: {found.about}" if found.is_undecided else f"Likeliest: {found.name}"
    probabilities = [
        f"{wording.hypothesis_name(rival.hypothesis)} {format_probability(rival.probability)}"
        for rival in rivals
        if rival.probability is not None
    ]
    return f"{lead}{f' ({listed(probabilities)})' if probabilities else ''}."


def separating_sentences(evidence: Sequence[HypothesisEvidence]) -> tuple[str, ...]:
    """The strongest evidence for and against the likeliest hypothesis, compared with the next."""
    sentences = []
    for sign, word in ((1.0, "For"), (-1.0, "Against")):
        strongest = [one for one in evidence if sign * one.bits >= _LEAST_NAMED][:N_NAMED]
        if strongest:
            names = listed(
                [f"{wording.evidence_name(one.evidence)} ({format_bits(one.bits)})" for one in strongest]
            )
            sentences.append(f"{word} it rather than the next likeliest: {names}.")
    return tuple(sentences)
