"""Weights of disagreement: evidence against a pair whose accounts have one value of a kind and differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphlink.core.tables.model import CONDITIONAL_DISAGREEMENT, DISAGREEMENT_WEIGHTS
from graphlink.model.match_weights.parameters import LN2, Floats, MatchWeights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphlink.engine import Sql


def agreement_nats(
    m_probability: Floats, u_probability: Floats, most_contrary: float
) -> tuple[Floats, Floats]:
    """Nats of agreeing on each kind, at least 0, and of differing, at most 0."""
    agree = np.maximum(0.0, np.log(m_probability / u_probability))
    differ = np.clip(
        np.log((1.0 - m_probability) / (1.0 - np.minimum(u_probability, 0.999))), -most_contrary, 0.0
    )
    return agree, differ


def load_disagreement_weights(
    engine: Sql, learned: MatchWeights, is_single: NDArray[np.bool_], most_contrary: float
) -> None:
    """Load `disagreement_weights` and `conditional_disagreement`, of kinds of which an account has one value.

    Who shares a surname and is one person mostly shares the full name as well, so that differing in it says
    far more of these than of any two.
    """
    _, differ = agreement_nats(learned.m_probability, learned.u_probability, most_contrary)
    chosen = np.flatnonzero(is_single & (differ < -0.01))
    columns = {
        "kind_no": chosen,
        "group_no": learned.group[chosen],
        "bits": (differ[chosen] / LN2).round(4),
    }
    engine.load("disagreement_weights", DISAGREEMENT_WEIGHTS.arrow_table(columns))
    _, given = agreement_nats(learned.m_given, learned.u_given, most_contrary)
    known, kind = np.nonzero(is_single[None, :] & (given < -0.01) & ~learned.implies)
    engine.load(
        "conditional_disagreement",
        CONDITIONAL_DISAGREEMENT.arrow_table(
            {"given_no": known, "kind_no": kind, "bits": (given[known, kind] / LN2).round(4)}
        ),
    )
