"""Facts beside identifiers: what is comparable, and from how many accounts and calls something is known."""

from __future__ import annotations

from dataclasses import dataclass

from graphlink.core.parameters.parameter import chosen, elicited, parameter
from graphlink.core.ranges import check_fields


@dataclass(frozen=True, slots=True)
class Facts:
    """How the calls of a cluster are compared with what is usual.

    Attributes:
        comparable_factor: Accounts whose calls differ by no more than this factor are comparable.
        least_comparable: Accounts as active as one, from which they say what is usual for it.
        groups: Groups of comparable accounts that are drawn.
        resamples: Repetitions of the accounts of a cluster.
        least_resampled: Members from which an interval is made by resampling them.
        night_hours: Hours in a row of the day in which an account calls least.
        busy_day: A day counts at most as many times the median day of its account.
        least_gaps: Gaps between the calls of an account, from which their variation is known.
        moved_hours: Hours from a release in which moving to it counts.
        least_callers: Accounts that call a model before its first call counts as its release.
        least_movers: Members that moved, from which they moved alike or not.
    """

    comparable_factor: float = parameter(
        2.0, 1.01, 100.0, "(factor)", chosen("rates of calls differ by powers of ten; an octave is as active")
    )
    least_comparable: int = parameter(
        10, 2, 100_000, "accounts", chosen("the range of fewer is that of single accounts")
    )
    groups: int = parameter(
        400, 40, 100_000, "groups", chosen("ten groups lie beyond each end of the range of 95 %")
    )
    resamples: int = parameter(
        400, 40, 100_000, "repetitions", chosen("ten lie beyond each end of the interval of 95 %")
    )
    least_resampled: int = parameter(
        5, 2, 1_000, "accounts", chosen("fewer give but a handful of different resamplings")
    )
    night_hours: int = parameter(8, 1, 23, "hours", elicited("people sleep about eight hours a day"))
    busy_day: float = parameter(
        4.0, 1.0, 1_000.0, "(factor)", chosen("a burst of one day is no growth of half the data")
    )
    least_gaps: int = parameter(10, 2, 100_000, "gaps", chosen("the variation of fewer is mostly chance"))
    moved_hours: int = parameter(
        24, 1, 720, "hours", elicited("providers report moves to a new model within a day")
    )
    least_callers: int = parameter(
        10, 1, 1_000_000, "accounts", chosen("a name that few accounts call may be made up")
    )
    least_movers: int = parameter(3, 2, 1_000, "accounts", chosen("two are alike by chance too often"))

    def __post_init__(self) -> None:
        check_fields(self)
