"""How sure the clusters of a report are, and what that rests on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from graphlink.core.wording.clusters import expected_words
from graphlink.core.wording.figures import at_most_percent
from graphlink.explanations import doubt_of
from graphlink.report.model import STRONG, Entry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphlink.report.pages import Context


def certainty_sentences(entries: Sequence[Entry], steps: Mapping[str, Any], context: Context) -> list[str]:
    """How sure the clusters shown are, in sentences; none without clusters."""
    if not entries:
        return []
    sentences = [
        _placed_sentence(entries, context.threshold),
        _rates_sentence(entries),
        _chance_sentence(entries),
        *(f"Calibration: {sentence}" for sentence in _calibration(steps)),
    ]
    return [sentence for sentence in sentences if sentence]


def _rates_sentence(entries: Sequence[Entry]) -> str:
    """The false discovery rates down the list; empty where none is known."""
    rates = [(entry.fdr, entry.lead == STRONG) for entry in entries if entry.fdr is not None]
    if not rates:
        return ""
    strong = [rate for rate, is_strong in rates if is_strong]
    first = (
        f"at most {at_most_percent(max(strong))} of the list down to the weakest strong lead, "
        if strong
        else ""
    )
    return (
        f"False leads: {first}at most {at_most_percent(max(rate for rate, _ in rates))} of the list to the "
        "last shown. Clusters that a harmless reading also explains count as false."
    )


def _chance_sentence(entries: Sequence[Entry]) -> str:
    """How many clusters as strong as the weakest chance gives; empty where that is not known."""
    strong = [entry for entry in entries if entry.lead == STRONG]
    chances = [
        entry.expected_by_chance for entry in strong or entries if entry.expected_by_chance is not None
    ]
    if not chances:
        return ""
    which = "strong lead" if strong else "cluster shown"
    return (
        f"By chance alone, {expected_words(max(chances))} clusters as large and as strong as the weakest "
        f"{which} are expected."
    )


def _placed_sentence(entries: Sequence[Entry], threshold: float) -> str:
    """How many of the accounts shown are expected to be in a wrong place, by the doubt that pages state."""
    sure = [entry for entry in entries if not entry.also_explained_by]
    wrong = math.fsum(
        (1.0 - (1.0 - doubt_of(entry.row)) * entry.row["score"]) * entry.n_accounts for entry in sure
    )
    n_harmless = sum(entry.n_accounts for entry in entries if entry.also_explained_by)
    sentences = []
    if sure:
        number = "fewer than 1" if wrong < 1.0 else f"{wrong:,.0f}"
        total = sum(entry.n_accounts for entry in sure)
        other = "other " if n_harmless else ""
        sentences.append(
            f"Of the {other}{total:,} accounts shown {number} {'is' if wrong < 1.5 else 'are'} expected to "
            "be wrongly included, counting that a whole cluster may be wrong."
        )
    if n_harmless:
        sentences.insert(
            0,
            f"{n_harmless:,} accounts shown are in clusters that a harmless reading also explains: for these "
            "no estimate is given.",
        )
    return " ".join([*sentences, f"Core members belong with a probability of {threshold} or more."])


def _calibration(steps: Mapping[str, Any]) -> list[str]:
    prior = steps.get("links", {}).get("prior_bits")
    sentence = "probabilities are estimated from these data without labels"
    if prior is not None:
        sentence += f", from a prior of one pair in {2**-prior:,.0f}"
    return [
        (
            f"{sentence}. They were checked on synthetic data with known truth, not on your decisions. "
            "To measure them against yours, run graphlink evaluate RESULT --truth FILE."
        )
    ]
