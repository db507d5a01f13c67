"""Numbers and times made coarse, so that no row of an export points at one account by how often or when.

Counts are rounded up to 1, 2, 5, 10, 20, 50 and so on, and lags up to a moment that people know: what is
rounded up never makes a tie look rarer or closer than it is, and keeps the order of what is compared.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

COUNTS = frozenset({"n", "n_identifiers", "degree", "n_pairs", "n_joint_pairs", "n_windows", "window_degree"})
"""The columns that count what one account, identifier or pair did."""
LAG = "lag_seconds"
_DIGITS = 2  # of sums and shares of few accounts' calls

COUNT_BANDS: tuple[int, ...] = tuple(digit * 10**power for power in range(18) for digit in (1, 2, 5))
"""What a count is rounded up to; zero stays."""
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
LAG_BANDS = (
    _MINUTE, 10 * _MINUTE, _HOUR, 6 * _HOUR, _DAY, 7 * _DAY, 30 * _DAY, 90 * _DAY, 365 * _DAY, 3_650 * _DAY,
)  # fmt: skip
"""What a lag in seconds is rounded up to."""
_TIME = pa.timestamp("us", "UTC")
_NAIVE = pa.timestamp("us")


def band_counts(counts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Round counts up to `COUNT_BANDS`; null stays null, and zero zero."""
    return _rounded_up(counts, (0, *COUNT_BANDS))


def band_lags(lags: pa.ChunkedArray) -> pa.ChunkedArray:
    """Round lags in seconds up to `LAG_BANDS`; null stays null."""
    return _rounded_up(lags, LAG_BANDS)


def band_figures(figures: pa.ChunkedArray) -> pa.ChunkedArray:
    """Round real numbers to two digits; null stays null."""
    rounded = [None if one is None else float(f"{one:.{_DIGITS}g}") for one in figures.to_pylist()]
    return pa.chunked_array([pa.array(rounded, pa.float64())])


def band_count(count: int) -> int:
    """Round one count up to `COUNT_BANDS`."""
    return next((band for band in (0, *COUNT_BANDS) if band >= count), COUNT_BANDS[-1])


def cut_times(times: pa.ChunkedArray, unit: str) -> pa.ChunkedArray:
    """Cut times to the start of their day or month, in UTC; null stays null."""
    return pc.floor_temporal(times.cast(_TIME).cast(_NAIVE), unit=unit).cast(_TIME)


def _rounded_up(values: pa.ChunkedArray, bands: tuple[int, ...]) -> pa.ChunkedArray:
    known = np.array(bands, np.int64)
    whole = values.combine_chunks().cast(pa.int64())
    numbers = whole.fill_null(0).to_numpy(zero_copy_only=False)
    places = np.minimum(np.searchsorted(known, numbers), len(known) - 1)
    rounded = pa.array(known[places], pa.int64(), mask=whole.is_null().to_numpy(zero_copy_only=False))
    return pa.chunked_array([rounded])
