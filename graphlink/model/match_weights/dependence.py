"""Which kinds imply one another, and how far a kind counts when another is shared as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphlink.core.tables.model import DEPENDENCE_CAPS
from graphlink.model.match_weights.parameters import LN2, Floats, Integers, MatchWeights, Prior

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphlink.engine import Sql

_UNLIMITED = 1e6  # bits, more than anything says


def implications(agreed: Floats, prior: Prior) -> NDArray[np.bool_]:
    """Per kind shared and kind, whether sharing the one means sharing the other.

    Between kinds whose facets were stated that is no dependence: the accounts of a tidy operator share all of
    them.
    """
    either_open = ~(prior.is_declared[:, None] & prior.is_declared[None, :])
    implies = (agreed >= prior.dependence.implies) & either_open
    # An address implies its network. Kinds that follow from others are never seen to differ, so how often
    # strangers agree on them can't be learned, and within a facet they would only repeat what is known.
    implies |= prior.is_derived[None, :] & (prior.facet[:, None] == prior.facet[None, :])
    return np.asarray(implies | np.eye(len(agreed), dtype=bool))


def groups(implies: NDArray[np.bool_], prior: Prior) -> Integers:
    """Per kind, the least of those that count once: a facet, kinds that imply one another, backgrounds."""
    is_background = prior.by_chance > prior.dependence.background
    tied = (
        implies
        | (is_background[:, None] & is_background[None, :])
        | (prior.facet[:, None] == prior.facet[None, :])
    )
    group = np.arange(len(implies))
    for k, j in np.argwhere(tied):
        low, high = sorted((group[k], group[j]))
        group[group == high] = low
    return group


def load_dependence_caps(engine: Sql, learned: MatchWeights, prior: Prior) -> None:
    """Load `dependence_caps`: the most bits, and share of its own, that a kind adds given another."""
    n_kinds, numbers = len(learned.m_probability), prior.dependence
    bits = np.maximum(0.0, np.log(learned.m_probability[None, :] / learned.u_given)) / LN2
    is_stated = prior.is_declared[:, None] & prior.is_declared[None, :]
    is_facet = prior.facet[:, None] == prior.facet[None, :]
    is_background = prior.by_chance > prior.dependence.background
    # Instruments and secrets of two facets are not set by one another; how often strangers share both can't
    # be learned where only one operator has them.
    is_owned = prior.is_owned[:, None] & prior.is_owned[None, :]
    bits[is_owned & ~is_facet] = _UNLIMITED
    # What is common to all counts once.
    bits[learned.implies | (is_background[:, None] & is_background[None, :])] = 0.0
    share = np.where(is_stated & is_facet, numbers.same_facet, 1.0)
    columns = {
        "given_no": np.repeat(np.arange(n_kinds), n_kinds),
        "kind_no": np.tile(np.arange(n_kinds), n_kinds),
        "bits": bits.ravel().round(4),
        "share": share.ravel(),
        # In full between stated facets, little where dependence may be why the value agrees.
        "rarity": np.where(is_stated, numbers.rarity_stated, numbers.rarity_open).ravel(),
    }
    engine.load("dependence_caps", DEPENDENCE_CAPS.arrow_table(columns))
