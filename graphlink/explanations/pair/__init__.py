"""Why these two accounts, or why not."""

from __future__ import annotations

from graphlink.explanations.pair.evidence import Evidence
from graphlink.explanations.pair.explained import PairExplanation, explain_pair

__all__ = [
    "Evidence",
    "PairExplanation",
    "explain_pair",
]
