"""Pairs that may be in lockstep, by the time bins they share, without comparing all pairs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from graphlink.engine import number
from graphlink.engine.shuffle import MODULUS, shuffled, shuffled_sql
from graphlink.model.timing.starts import Starts, in_slices, runs
from graphlink.model.timing.tables import as_float

if TYPE_CHECKING:
    from graphlink.core.parameters import Parameters
    from graphlink.core.settings import Settings
    from graphlink.engine import Sql
    from graphlink.model.timing.parameters import Ints

_WIDTHS = (600, 300, 120, 60)  # seconds of the bins that candidates are looked for in
_SKETCH = 64  # bins of an account that the search uses: those least by a hash all accounts share
_MOST_KEYS = 10_000_000  # pairs of bins held at a time
_LARGEST_GROUP = 24  # accounts on one pair of bins beyond which each is paired with a few others only
_NEIGHBOURS = 4
_LOCKSTEP_SHARE = 40  # one in so many of the run's pairs may be candidates
_COARSE = 24  # bits


def find_candidates(engine: Sql, settings: Settings, starts: Starts, resolution: int) -> dict[str, object]:
    """Make `candidate_pairs` (l, r): accounts that share more time bins than usual, without comparing all.

    An account's pairs of bins are its keys, as rare values are: few strangers were active in the same two
    bins. Sampled bins and keys are chosen by a hash that all accounts share, so that those that act
    alike choose alike (as in min-wise hashing).
    """
    budget = settings.model.pair_budget // _LOCKSTEP_SHARE
    accounts = np.flatnonzero(np.diff(starts.first))
    # Starts are further apart than bins are wide: each is in another bin.
    n = np.minimum(starts.count(accounts), _SKETCH)
    width, crowding = _choose_width(engine, budget, int((n * n).sum()), resolution)
    one_in = max(1, -(-int((n * (n - 1) // 2).sum()) // _MOST_KEYS))
    engine.load("sketch_sizes", pa.table({"account_no": accounts.astype(np.int32), "n": n}))
    account, key = _shared_keys(starts, width, one_in, settings.seed % 65_536)
    engine.load("keys", pa.table({"account_no": account, "key": key}))
    engine.make("key_sizes", "SELECT key, count(*) AS n FROM keys GROUP BY key")
    engine.make("key_pairs", _key_pairs_sql())
    engine.make("promising_pairs", _promising_sql(settings.parameters, crowding, one_in))
    n_promising = number(engine, "SELECT count(*) FROM promising_pairs")
    # Past the budget each account keeps the pairs in which it shares most, rather than some accounts all
    # theirs.
    engine.make(
        "candidate_pairs",
        f"""
        SELECT l, r FROM (
            SELECT l, r, least(row_number() OVER (PARTITION BY l ORDER BY n_keys DESC, r),
                               row_number() OVER (PARTITION BY r ORDER BY n_keys DESC, l)) AS place
            FROM promising_pairs
        ) ORDER BY place, l, r LIMIT {budget}
        """,
    )
    engine.drop("sketch_sizes", "keys", "key_sizes", "key_pairs", "promising_pairs")
    return {
        "bin_s": width,
        "keys_one_in": one_in,
        "candidate_pairs": min(n_promising, budget),
        "candidate_pairs_capped": max(0, n_promising - budget),
    }


def _shared_keys(starts: Starts, width: int, one_in: int, seed: int) -> tuple[npt.NDArray[np.int32], Ints]:
    """Accounts and their keys, of the sampled keys those of more than one account."""

    def make(batch: slice) -> tuple[npt.NDArray[np.int32], Ints]:
        return _keys(starts, batch, width, one_in, seed)

    batches = in_slices(starts, np.diff(starts.first), make)
    account, key = (np.concatenate(column) for column in zip(*batches, strict=True))
    ordered = np.sort(key)
    shared = ordered[1:][ordered[1:] == ordered[:-1]]
    del ordered
    # Nearly all keys are one account's; most of these fall where no shared one does.
    is_there = np.zeros(1 << _COARSE, bool)
    is_there[_coarse(shared)] = True
    rows = np.flatnonzero(is_there[_coarse(key)])
    place = np.searchsorted(shared, key[rows])
    rows = rows[shared.take(place, mode="clip") == key[rows]] if len(shared) else rows
    return account[rows], key[rows]


def _coarse(key: Ints) -> Ints:
    return key * 0x1E3779B97F4A7C15 >> 40 & (1 << _COARSE) - 1


def _keys(
    starts: Starts, accounts: slice, width: int, one_in: int, seed: int
) -> tuple[npt.NDArray[np.int32], Ints]:
    """The keys of some accounts, one in so many.

    Whether a key is sampled is a matter of what its two bins leave when divided by that, so that for the
    earlier bin the later ones are looked up by what they leave.
    """
    first = starts.first[accounts.start : accounts.stop + 1]
    row = np.repeat(np.arange(len(first) - 1), np.diff(first))
    time_bin = (starts.s[first[0] : first[-1]] - starts.begin) // width
    rows = _sketched(row, shuffled(time_bin, seed))
    row, time_bin = row[rows], time_bin[rows]
    beyond = time_bin.max(initial=0) + 1
    leaves, needs = time_bin * 30_011 % one_in, -time_bin * 40_503 % one_in
    place = (row * one_in + leaves) * beyond + time_bin
    order = np.argsort(place)
    place = place[order]
    sought = (row * one_in + needs) * beyond
    begin = np.searchsorted(place, sought + time_bin, "right")
    earlier, at = runs(begin, np.searchsorted(place, sought + beyond) - begin)
    key = time_bin[earlier] * (1 << 31) + time_bin[order[at]]
    return (row[earlier] + accounts.start).astype(np.int32), key


def _sketched(row: Ints, mixed: Ints) -> Ints:
    """Which bins are in the sketch of their account: those least by the hash."""
    n, is_in = np.bincount(row), np.ones(len(row), bool)
    rows = np.flatnonzero(n[row] > _SKETCH)
    rows = rows[np.lexsort((mixed[rows], row[rows]))]
    rank = np.arange(len(rows)) - np.searchsorted(row[rows], row[rows])
    is_in[rows[rank >= _SKETCH]] = False
    return np.flatnonzero(is_in)


def _crowding(engine: Sql, width: int) -> float:
    """Probability that two starts drawn at random fall into one bin of this width."""
    sql = f"SELECT count(*) AS n FROM starts GROUP BY s // {width}"
    return as_float(engine.rows(f"SELECT sum(n * n)::DOUBLE / pow(sum(n)::DOUBLE, 2) FROM ({sql})")[0][0])


def _choose_width(engine: Sql, budget: int, squares: int, resolution: int) -> tuple[int, float]:
    """The widest bin in which strangers are expected to share two within the budget, and its crowding."""
    widths = [width for width in _WIDTHS if width >= resolution]
    for width in widths[:-1]:
        crowding = _crowding(engine, width)
        if (squares * crowding) ** 2 / 4 <= budget:
            return width, crowding
    return widths[-1], _crowding(engine, widths[-1])


def _key_pairs_sql() -> str:
    """Query of the pairs of accounts on each key: all of a small group, of a large one each with a few."""
    sized = "SELECT k.key, k.account_no FROM keys k JOIN key_sizes n ON n.key = k.key AND n.n"
    shuffle = shuffled_sql("account_no", f"key % {MODULUS}")
    near = " UNION ALL ".join(
        f"SELECT key, account_no AS x, lead(account_no, {step}) OVER shuffle AS y FROM large "
        f"WINDOW shuffle AS (PARTITION BY key ORDER BY {shuffle}, account_no)"
        for step in range(1, _NEIGHBOURS + 1)
    )
    return f"""
        WITH small AS ({sized} <= {_LARGEST_GROUP}), large AS ({sized} > {_LARGEST_GROUP})
        SELECT x.account_no AS l, y.account_no AS r
        FROM small x JOIN small y ON x.key = y.key AND x.account_no < y.account_no
        UNION ALL SELECT least(x, y), greatest(x, y) FROM ({near}) WHERE y IS NOT NULL
    """


def _promising_sql(parameters: Parameters, crowding: float, one_in: int) -> str:
    """Query of the pairs that share more bins than everybody's hours would likely give.

    Pairs with b bins in common have b (b - 1) / 2 keys in common, of which one in so many is sampled; where
    not all do, two more are granted. The chance is Poisson's first term times what bounds its tail.
    """
    least_days, promising = parameters.timing.least_days, math.log(parameters.lockstep.promising)
    keys = "n_keys" if one_in == 1 else f"((n_keys + 2) * {one_in})"
    return f"""
        WITH shared AS (SELECT l, r, count(*) AS n_keys FROM key_pairs GROUP BY l, r),
        counted AS (
            SELECT s.l, s.r, s.n_keys, x.n * y.n * {crowding!r} AS mean,
                   floor((1 + sqrt(1 + 8 * {keys})) / 2) AS n
            FROM shared s JOIN sketch_sizes x ON x.account_no = s.l JOIN sketch_sizes y ON y.account_no = s.r
        )
        SELECT l, r, n_keys FROM counted
        WHERE n >= {least_days} AND n > mean
          AND n * ln(mean) - mean - lgamma(n + 1) - ln(1 - mean / (n + 1)) < {promising}
    """
