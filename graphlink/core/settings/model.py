"""What decides how sharing becomes links and clusters."""

from __future__ import annotations

from dataclasses import dataclass

from graphlink.core.parameters import chosen, elicited, parameter
from graphlink.core.ranges import check_fields
from graphlink.core.settings.checks import LEAST, MOST


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Parameters of the model: from co-presence to links and clusters.

    Attributes:
        prior_bits: log2 odds that two accounts drawn at random have one operator; a constant, so that
            unrelated accounts change nothing. -12 is one pair in 4,096.
        pair_budget: Maximum number of pairs (of accounts, per identifier and window) in a run, or two for
            each holder in a window where that is more; beyond it the largest blocks make none.
        max_block_size: Maximum number of accounts on a value in one window that make candidate pairs.
        candidate_probability: Minimum probability of a candidate pair: the prior of the kind divided among
            the accounts.
        min_probability: Minimum probability of a reported link.
        cluster_probability: Minimum probability of links, and of merges of groups, that form clusters.
        resolution_bits: Resolution of community detection: mean bits per pair of accounts that keep two
            groups together.
        core_probability: Minimum membership probability of core members; others are fringe.
    """

    prior_bits: float = parameter(
        -12.0, -64, -0.001, "bits", elicited("of 4,096 accounts each has about one partner")
    )
    pair_budget: int = parameter(20_000_000, 1, 10**12, "pairs", chosen("what a few gigabytes hold"))
    max_block_size: int = parameter(128, 2, 100_000, "accounts", chosen("pairs grow with the square of it"))
    candidate_probability: float = parameter(
        0.005, LEAST, MOST, "(probability)", chosen("less needs more evidence than accounts have")
    )
    min_probability: float = parameter(0.1, LEAST, MOST, "(probability)", chosen("weaker links are noise"))
    cluster_probability: float = parameter(
        0.9, LEAST, MOST, "(probability)", chosen("a wrong accusation is worse than a missed operator")
    )
    resolution_bits: float = parameter(
        0.1, 0.001, 1000, "bits", chosen("low, so that groups part where evidence does")
    )
    core_probability: float = parameter(
        0.9, LEAST, MOST, "(probability)", chosen("as sure as a link that forms clusters")
    )

    def __post_init__(self) -> None:
        check_fields(self)
