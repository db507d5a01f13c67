"""Starts of accounts that tests draw: people, jobs and lessons, as the behaviours read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphlink.model.timing.starts import Starts
from graphlink.model.timing.tables import Ties

if TYPE_CHECKING:
    from graphlink.model.timing.parameters import Ints

DAY, HOUR, SILENCE = 86_400, 3_600, 600
BEGIN = 1_772_409_600  # a Monday, midnight UTC
DAYS = 60


def starts_of(moments: list[Ints]) -> Starts:
    """The starts of accounts 1, 2, ... by their moments in seconds; those within a silence are left out."""
    kept = []
    for one in moments:
        ordered = np.unique(np.asarray(one, np.int64))
        kept.append(ordered[np.diff(ordered, prepend=-(10**9)) >= SILENCE] + BEGIN)
    n = [0, *map(len, kept)]
    s = np.concatenate(kept)
    begin = int(s.min())
    span = int(s.max()) - begin + 15 * DAY
    account = np.repeat(np.arange(len(n)), n)
    key = np.append(account * span + (s - begin), (len(n) + 1) * span)
    return Starts(np.concatenate([[0], np.cumsum(n)]), s, key, span, begin)


def pairs_of(pairs: list[tuple[int, int]], bits: float = 12.0) -> Ties:
    """Pairs in lockstep."""
    lesser, other = np.array(pairs, np.int64).reshape(-1, 2).T
    none = np.zeros(len(lesser), np.int64)
    return Ties(lesser, other, np.full(len(lesser), bits), none, np.zeros(len(lesser)), none, none)


def awake(rng: np.random.Generator, n: int, begin: int = 8, end: int = 22) -> Ints:
    """Moments between two hours of the day."""
    return rng.integers(DAYS, size=n) * DAY + rng.integers(begin * HOUR, end * HOUR, n)


def people(rng: np.random.Generator, n: int, moments: int = 30) -> list[Ints]:
    """Strangers awake from 8 to 22 o'clock."""
    return [awake(rng, moments) for _ in range(n)]


def crew(
    rng: np.random.Generator, n: int, at: Ints, share: float, *, own: int = 0, jitter: float = 60.0
) -> list[Ints]:
    """Accounts that each take a share of the jobs at these seconds, beside moments of their own."""
    return [
        np.concatenate([
            (at + rng.normal(0, jitter, len(at)).astype(np.int64))[rng.random(len(at)) < share],
            awake(rng, own),
        ])
        for _ in range(n)
    ]  # fmt: skip
