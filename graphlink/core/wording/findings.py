"""What a cluster is called: its likeliest hypothesis, or undecided where that is neither sure nor alone.

A badge, its colour and the claim beside it are one finding. No face calls a cluster "one operator" that is
as likely harmless.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphlink.core.wording.vocabulary import HYPOTHESIS_WORDS, plain_words

if TYPE_CHECKING:
    from collections.abc import Mapping

LIKELY_OPERATOR = 0.9  # from which one organisation is said to operate a cluster probably
UNDECIDED = "undecided"
"""The finding, and class of its colour, where one operator is the likeliest but not shown."""
_UNSETTLED = "One organisation may operate these accounts; the evidence does not settle it."


@dataclass(frozen=True, slots=True)
class Finding:
    """What is claimed of a cluster: no more than its probability, and what explains it too, allow.

    Attributes:
        value: The likeliest hypothesis, or `undecided`: faces choose the colour by it.
        name: In a table, a badge or a list.
        about: What is so about "them", its accounts.
        claim: A sentence about it.
    """

    value: str
    name: str
    about: str
    claim: str

    @property
    def is_undecided(self) -> bool:
        """Whether one operator is the likeliest, and neither probable enough nor the only explanation."""
        return self.value == UNDECIDED


_HARMLESS = Finding(
    UNDECIDED,
    "could be harmless",
    "one organisation may operate them, or something harmless may tie them",
    _UNSETTLED,
)
_UNSURE = Finding(UNDECIDED, "undecided", "one organisation may operate them", _UNSETTLED)


def finding(hypothesis: str, p_same_operator: float | None, also_explained_by: str | None) -> Finding:
    """What a cluster is called.

    Args:
        hypothesis: Its likeliest hypothesis.
        p_same_operator: The probability of one concealed operator; None where it is not known.
        also_explained_by: The harmless reading that explains it too; None where none is known.
    """
    if hypothesis == "same_operator":
        if also_explained_by:
            return _HARMLESS
        if p_same_operator is not None and p_same_operator < LIKELY_OPERATOR:
            return _UNSURE
    known = HYPOTHESIS_WORDS.get(hypothesis)
    if known is None:
        words = plain_words(hypothesis)
        return Finding(hypothesis, words, words, "These accounts belong together.")
    return Finding(hypothesis, known.name, known.about, known.claim)


def finding_of(row: Mapping[str, Any]) -> Finding:
    """What a row of the table `clusters` is called."""
    return finding(row["hypothesis"], row.get("p_same_operator"), row.get("also_explained_by"))
