"""The starts of activity of every account, and how they are looked up and expanded."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

import numpy as np

from graphlink.engine import number
from graphlink.model.timing.parameters import DAY, Ints
from graphlink.model.timing.tables import read_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graphlink.engine import Sql

T = TypeVar("T")

_AT_ONCE = 100_000  # rows worked on at a time, so that they stay in the processor's cache
_APART = 15 * DAY  # more than any shift and what is looked for around it


@dataclass(frozen=True, slots=True)
class Starts:
    """The starts of activity of every account, in order of account and time.

    Attributes:
        first: Where each account's starts begin; one more than there are account numbers.
        s: Seconds.
        key: Account and seconds in one number, in the same order, and one more key, of no account. Accounts
            are further apart in it than the nulls shift and look: what is near in it is one account's.
        span: What an account adds to the key.
        begin: Second of the first start of all.
        n_threads: How many slices of a list are looked up at the same time.
    """

    first: Ints
    s: Ints
    key: Ints
    span: int
    begin: int
    n_threads: int = 1

    def place(self, account: Ints, s: Ints, side: Literal["left", "right"] = "left") -> Ints:
        """Where in each account's starts a second falls, as an index into all starts."""
        wanted = account * self.span + (s - self.begin)
        # Looked up in order, what is read for one is in the processor's cache for the next.
        order = np.argsort(wanted)
        places = np.empty_like(wanted)
        places[order] = np.searchsorted(self.key, wanted[order], side)
        return places

    def count(self, account: Ints) -> Ints:
        """Number of starts of each account."""
        return np.asarray(self.first[account + 1] - self.first[account])

    def bounds(self, account: Ints) -> tuple[Ints, Ints]:
        """Seconds of the first and the last start of each account."""
        return self.s[self.first[account]], self.s[self.first[account + 1] - 1]


def read_starts(engine: Sql) -> Starts:
    """Read the starts of all accounts, those without any included."""
    account, s = read_columns(engine, "SELECT account_no, s FROM starts")
    begin = int(s.min())
    span = int(s.max()) - begin + _APART
    n = number(engine, "SELECT max(account_no) FROM account_numbers")
    key = np.append(account * span + (s - begin), (n + 2) * span)
    key.sort()
    first = np.searchsorted(key, np.arange(n + 2) * span)
    return Starts(first, key[:-1] % span + begin, key, span, begin, engine.n_threads)


def distances(key: Ints, wanted: Ints, after: Ints) -> tuple[Ints, Ints]:
    """How far what is wanted is from the key after it and from the one before.

    Before the first is, by numpy's way of counting, the last, which is of no account.
    """
    return key[after] - wanted, np.abs(wanted - key[after - 1])


def expanded(starts: Starts, probe: Ints) -> tuple[Ints, Ints]:
    """One row per start of each account given: the account's place in the list, and the start's index."""
    return runs(starts.first[probe], starts.count(probe))


def runs(first: Ints, n: Ints) -> tuple[Ints, Ints]:
    """One row per member of runs of whole numbers: the run's place in the list, and the number."""
    row = np.repeat(np.arange(len(n)), n)
    return row, np.arange(len(row)) + np.repeat(first - (np.cumsum(n) - n), n)


def slices(sizes: Ints) -> Iterator[slice]:
    """Slices of a list, each of which expands to about _AT_ONCE rows."""
    total = np.cumsum(sizes)
    begin = 0
    while begin < len(sizes):
        done = total[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(total, done + _AT_ONCE, "right")))
        yield slice(begin, end)
        begin = end


def in_slices(starts: Starts, sizes: Ints, work: Callable[[slice], T]) -> list[T]:
    """What a function makes of each slice of a list (see `slices`), in their order.

    NumPy lets go of the interpreter while it works, so that threads work on several slices at a time.
    """
    parts = list(slices(sizes))
    if min(starts.n_threads, len(parts)) < 2:
        return [work(part) for part in parts]
    with ThreadPoolExecutor(starts.n_threads) as threads:
        return list(threads.map(work, parts))


def alive_at_once(starts: Starts, l: Ints, r: Ints) -> tuple[Ints, Ints]:
    """Starts of each of two accounts between the later beginning and the earlier end of theirs."""
    (first_l, last_l), (first_r, last_r) = starts.bounds(l), starts.bounds(r)
    r_begins, r_ends = first_l < first_r, last_r < last_l
    # The one of the two that begins it or ends it does so with its first or last; the other is looked up.
    begin = starts.place(np.where(r_begins, l, r), np.maximum(first_l, first_r))
    end = starts.place(np.where(r_ends, l, r), np.minimum(last_l, last_r), "right")
    n_l = np.where(r_ends, end, starts.first[l + 1]) - np.where(r_begins, begin, starts.first[l])
    n_r = np.where(r_ends, starts.first[r + 1], end) - np.where(r_begins, starts.first[r], begin)
    return np.maximum(n_l, 0), np.maximum(n_r, 0)
