"""A cluster's bits over time, by weeks or months."""

from __future__ import annotations

import datetime
import itertools
from dataclasses import dataclass

import numpy as np

from graphlink.explanations.reweighing import NEVER, EvidenceGraph

_WEEK = 7 * 86400
_MOST_WEEKS = 60
_MONDAY = 4 * 86400  # 1970-01-05, the first Monday, in seconds


@dataclass(frozen=True, slots=True)
class Span:
    """Bits by when the accounts were together: each evidence item spread evenly over its joint time.

    Attributes:
        start: Start of the span, a Monday or the first of a month; None for evidence without a time.
        bits: Counted bits.
    """

    start: str | None
    bits: float


def spans_of(graph: EvidenceGraph) -> tuple[Span, ...]:
    """The bits of the cluster by week or, of long data, by month."""
    timed = graph.first != NEVER
    spans: list[Span] = []
    if timed.any():
        first, last = graph.first[timed], graph.last[timed]
        weeks = int((last.max() - first.min()) // _WEEK) + 1
        starts = _weeks(first.min(), last.max()) if weeks <= _MOST_WEEKS else _months(first.min(), last.max())
        edges = np.array(starts, dtype=np.float64)
        # A moment counts as a second long, so that everything has some span to lie in.
        length = (last - first + 1).astype(np.float64)
        for start, stop in itertools.pairwise(edges):
            inside = np.clip(np.minimum(last + 1, stop) - np.maximum(first, start), 0.0, None)
            bits = float((graph.counted[timed] * inside / length).sum())
            spans.append(Span(f"{datetime.datetime.fromtimestamp(start, datetime.UTC):%Y-%m-%d}", bits))
    if not timed.all():
        spans.append(Span(None, float(graph.counted[~timed].sum())))
    return tuple(spans)


def _weeks(first: int, last: int) -> list[int]:
    start = (first - _MONDAY) // _WEEK * _WEEK + _MONDAY
    return list(range(start, last + _WEEK + 1, _WEEK))


def _months(first: int, last: int) -> list[int]:
    begin = datetime.datetime.fromtimestamp(first, datetime.UTC)
    year, month, starts = begin.year, begin.month, list[int]()
    while not starts or starts[-1] <= last:
        starts.append(int(datetime.datetime(year, month, 1, tzinfo=datetime.UTC).timestamp()))
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return starts
