"""Numbers as people read them: counts, bits, probabilities, shares and means."""

from __future__ import annotations

import math

_LEAST_PERCENT = 0.001


def counted(n: int, one: str, many: str = "") -> str:
    """A number with its noun: `1 account`, `2 accounts`."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def format_bits(bits: float) -> str:
    """Bits with their sign and noun."""
    return f"{round(bits, 1) + 0.0:+,.1f} bits"


def format_probability(probability: float) -> str:
    """A probability for people: none is shown as certain."""
    if probability > 0.9994:
        return ">0.999"
    if 0 < probability < 0.0006:
        return "<0.001"
    return f"{probability:.3f}"


def mean_words(mean: float) -> str:
    """An expected number of accounts, to tenths; none but nothing is shown as zero."""
    return "fewer than 0.1" if 0.0 < mean < 0.05 else f"{mean:,.1f}"


def percent(share: float) -> str:
    """A share in percent: whole percents from a tenth, tenths below; none but nothing is shown as zero."""
    if 0.0 < share < _LEAST_PERCENT:
        return f"<{_LEAST_PERCENT:.1%}"
    return f"{share:.1%}" if 0.0 < share < 0.1 else f"{share:.0%}"


def at_most_percent(share: float) -> str:
    """A share in percent, rounded up, so that `at most` stays true."""
    step = 1000 if share < 0.1 else 100
    up = math.ceil(round(share * step, 6)) / step
    up = max(up, _LEAST_PERCENT) if share > 0.0 else _LEAST_PERCENT
    return f"{up:.1%}" if up < 0.1 else f"{up:.0%}"


def tenths_percent(share: float) -> str:
    """A share in percent to tenths; none but nothing is shown as zero."""
    return f"<{_LEAST_PERCENT:.1%}" if 0.0 < share < _LEAST_PERCENT else f"{share:.1%}"


def floor_percent(share: float) -> str:
    """A share in percent, rounded down to tenths, so that shares of one whole add up to 100% at most."""
    return f"{math.floor(round(share * 1000, 6)) / 1000:.1%}"
