"""The scale of a drawing over time: where the bulk of the data lies, so that a few old rows do not set it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

TAIL = 0.01
"""Share of the weight that may lie before the scale, and behind it."""
_MARGIN = 0.1  # of the bulk's length, added at both ends: what is little longer than its bulk is drawn whole


def bulk_of(at: NDArray[Any], weight: NDArray[Any]) -> tuple[int, int]:
    """Find the span from the 1st to the 99th percentile of moments, with a margin, within all of them.

    Args:
        at: Moments, in seconds.
        weight: What each counts.

    Returns:
        The first and the last moment of the scale, in seconds; (0, 0) where there is no moment.
    """
    if not len(at):
        return 0, 0
    order = np.argsort(at, kind="stable")
    moments = at[order].astype(np.int64)
    reached = np.cumsum(weight[order].astype(np.float64))
    total = float(reached[-1])
    low = int(moments[np.searchsorted(reached, TAIL * total)])
    high = int(moments[min(int(np.searchsorted(reached, (1 - TAIL) * total)), len(moments) - 1)])
    margin = int(_MARGIN * (high - low))
    return max(int(moments[0]), low - margin), min(int(moments[-1]), high + margin)
