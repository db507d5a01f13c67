"""Types, buckets and parameters that several modules of the learning use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from graphlink.core.parameters import Dependence, Mixture

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
N_DEGREES = 11  # buckets of degree - 1 by powers of two: 2, 3-4, 5-8, ... 1026 and more
N_REPEATS = 3  # buckets of meetings: 1, 2-3, 4 and more
LN2 = float(np.log(2.0))


@dataclass(frozen=True, slots=True)
class View:
    """Patterns of the sampled pairs that share a value of one kind.

    Attributes:
        bucket: Bucket of degree and meetings, as degree_bin * N_REPEATS + repeat_bin.
        states: Per pattern and kind: 1 both agree, 0 both have it and differ, -1 one lacks it.
        count: Pairs with the pattern.
        verdict: Analysts' verdict on them: 1 one operator, 0 two, -1 not labelled.
    """

    bucket: Integers
    states: NDArray[np.int8]
    count: Floats
    verdict: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Prior:
    """What is known before the data.

    Attributes:
        log_odds: Log odds (nats) per kind and bucket: the kind's prior shared out among the holders.
        is_declared: Per kind, whether its prior was stated rather than assumed.
        is_derived: Per kind, whether no account was seen with it itself: it follows from another kind.
        is_owned: Per kind, whether its values are instruments or secrets that accounts were seen with.
        facet: Per kind, the least kind of its facet.
        by_chance: Per kind, share of random pairs that agree on it.
        in_time: Per common kind with a window, the share of pairs of one window that agree on it.
        ceiling: Most log odds (nats) per kind and bucket: of a kind of one's own what its frequency allows.
        mixture: How shares are learned.
        dependence: How kinds depend on each other.
    """

    log_odds: Floats
    is_declared: NDArray[np.bool_]
    is_derived: NDArray[np.bool_]
    is_owned: NDArray[np.bool_]
    facet: Integers
    by_chance: Floats
    in_time: Floats
    ceiling: Floats
    mixture: Mixture
    dependence: Dependence


@dataclass(frozen=True, slots=True)
class MatchWeights:
    """What was learned.

    Attributes:
        share: Per kind and bucket, share of pairs with one operator.
        m_probability: Per kind, how often one operator's pairs agree on it.
        u_probability: Per kind, how often strangers' pairs that share something else agree on it.
        m_given: How often one operator's pairs agree, per kind that is shared and kind.
        u_given: How often strangers' pairs agree, per kind that is shared and kind.
        implies: Per kind that is shared and kind, whether the one implies the other.
        group: Per kind, the least kind of those that count once.
    """

    share: Floats
    m_probability: Floats
    u_probability: Floats
    m_given: Floats
    u_given: Floats
    implies: NDArray[np.bool_]
    group: Integers
