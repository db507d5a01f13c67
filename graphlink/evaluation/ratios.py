"""Ratios, means and numbers of pairs; NaN where there is nothing to divide by."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphlink.evaluation.columns import Codes


def count_pairs(sizes: Codes) -> int:
    """Pairs of accounts within groups of these sizes."""
    return int((sizes * (sizes - 1) // 2).sum())


def ratio_of(numerator: Any, denominator: Any) -> float:
    """The ratio of two numbers; NaN when the denominator is zero."""
    return float(numerator) / float(denominator) if denominator else math.nan


def mean_of(values: Any) -> float:
    """The mean of values; NaN when there are none."""
    return float(values.mean()) if len(values) else math.nan
