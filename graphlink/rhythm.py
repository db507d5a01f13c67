"""Rhythm: what two accounts do together in time, as evidence in bits, beyond what shared habits would give.

Strangers share the hours of the day, the days of the week and the day of a launch; some share a schedule.
Each behaviour is held against a null that keeps these. For lockstep that is the pair itself, one of the two
shifted by up to two hours (keeps hour, weekday and launch), and each account against itself, shifted by whole
hours and whole days (keeps schedules). The likeliest of the three counts, so that an honest job at a full
hour explains itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from graphlink.engine import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphlink.engine import Engine
    from graphlink.settings import Settings

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_HOUR, _DAY = 3_600, 86_400
_AT_ONCE = 100_000  # rows worked on at a time, so that they stay in the processor's cache

# --- lockstep
_SILENCE = 600  # seconds without activity after which the next is a new start
_SCALES = (10, 40, 160, 600)  # seconds by which two starts may differ and still coincide
_NEAR, _FAR = 1_800, 7_200  # shifts of the null within the hours around
_WIDTHS = (600, 300, 120, 60)  # seconds of the bins that candidates are looked for in
_SKETCH = 64  # bins of an account that take part in the search: those least by a hash all accounts share
_MOST_KEYS = 10_000_000  # pairs of bins held at a time
_LARGEST_GROUP = 24  # accounts on one pair of bins beyond which each is paired with a few others only
_NEIGHBOURS = 4
_LOCKSTEP_PART = 40  # one in so many of the run's pairs may be candidates
_PROMISING = (
    1e-3  # chance of the bins two candidates share, by everybody's hours, below which they are tested
)
_LEAST_DAYS = 3  # coincidences must be on as many days
_SCHEDULES = (tuple(h * _HOUR for h in range(1, 7)), tuple(d * _DAY for d in range(1, 15)))
_APART = 15 * _DAY  # more than any shift and what is looked for around it
_SHARES = (0.03, 0.06, 0.12, 0.25, 0.5, 0.9)  # of an account's starts that are joint, under one operator
_LOCKSTEP_PRIOR = 0.1  # share of one operator's pairs that act in lockstep
_PRIOR_COUNT = 4.0  # coincidences that what two daily profiles would give weighs as much as
_NO_SCHEDULE = 0.05  # chance, by the hours, below which meeting itself at shifts is a schedule
_MOST_SIZE = 20.0  # size of the negative binomial null at most: counts spread wider than Poisson's
_FALSE_DISCOVERY = 0.05  # Benjamini and Hochberg's q, over all pairs that could have been found
_CLOCK_GAPS, _LEAST_GAPS, _CLOCK_SHARE = 3, 8, 0.8  # evenly stepped times leave three gaps (Steinhaus)
_BITS_EACH = 4.0  # what one coincidence says at most: something outside may have set both off
_LOCKSTEP_CAP = 18.0  # what lockstep by a habit that no null here knows leaves

# --- succession
_LONGEST_DELAY = 72 * _HOUR
_DELAYS = (2 * _HOUR, 8 * _HOUR, 48 * _HOUR)  # mean delays of a replacement
_SUCCESSION_PRIOR = 0.3  # share of one operator's pairs, one ended and one begun on a resource, that replace
_SILENT_PRIOR = 0.05  # the same where no account is told to be closed, so that an end is mere silence
_SUCCESSION_CAP = 5.0
_LARGEST_RESOURCE = 2_048
_LEAST_BITS = 0.5  # behaviours that say less are not told

# --- load balancing
_SHIFTS = tuple(d * _DAY for d in (-7, -6, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6, 7))
_RESOURCE_PART = 20  # one in so many of the run's pairs may be pairs on one resource
_LEAST_TURNS = 12  # starts of each of the two while both lived
_BREAKS = (0.005, 0.03, 0.08, 0.15)  # share of starts that follow one's own, when calls go round
_BALANCING_PRIOR = 0.1
_BALANCING_CAP = 10.0

# --- sign-up bursts
_LONGEST_GAP = 3 * _DAY  # between two sign-ups of one burst
_LEAST_BURST = 3  # accounts
_BURST_CAP = 3.0  # members of a household sign up together, too


def find_rhythm(engine: Engine, settings: Settings) -> dict[str, object]:
    """Make `behaviours` from the observations and who held what.

    Takes `sightings`, `accounts`, `account_numbers`, `holdings`, `cells` and `shared_identifiers`.
    `behaviours` has (l, r, behaviour, bits, n_events, chance, first_s, last_s): account numbers l < r;
    lockstep, succession, load_balancing or signup_burst; log2 of how much likelier it is under one operator
    than two; what was counted; its probability under the null; first and last second of it. It is empty when
    the data have no time.

    Returns:
        Facts for the manifest: per behaviour the null, its parameters, pairs tested, found and left out.
    """
    engine.make(
        "behaviours",
        "SELECT 0::INTEGER AS l, 0::INTEGER AS r, '' AS behaviour, 0.0::DOUBLE AS bits, "
        "0::BIGINT AS n_events, 0.0::DOUBLE AS chance, 0::BIGINT AS first_s, 0::BIGINT AS last_s WHERE false",
    )
    engine.make(
        "moments",
        "SELECT DISTINCT account_no, epoch(seen_at)::BIGINT AS s FROM sightings WHERE seen_at IS NOT NULL",
    )
    resolution = _resolution(engine)
    facts: dict[str, object] = {"resolution_s": resolution}
    if resolution:
        engine.make(
            "starts",
            f"SELECT account_no, s FROM moments "
            f"QUALIFY coalesce(s - lag(s) OVER (PARTITION BY account_no ORDER BY s) >= {_SILENCE}, true)",
        )
        starts = _read_starts(engine)
        facts["lockstep"] = _find_lockstep(engine, settings, starts, resolution)
        _make_spans(engine)
        facts["succession"] = _find_succession(engine)
        _make_resource_pairs(engine, settings)
        facts["load_balancing"] = _find_balancing(engine, starts, resolution)
        facts["signup_burst"] = _find_bursts(engine)
        engine.drop("starts", "spans", "stays", "resource_pairs")
    engine.drop("moments")
    return facts


def _resolution(engine: Engine) -> int:
    """Seconds that nearly all times are multiples of: 1, a minute, an hour or a day; 0 without time."""
    units = (60, _HOUR, _DAY)
    shares = ", ".join(f"avg((s % {unit} = 0)::INTEGER)::DOUBLE" for unit in units)
    n, *found = (_float(value) for value in engine.rows(f"SELECT count(*), {shares} FROM moments")[0])
    if not n:
        return 0
    return max([1] + [unit for unit, share in zip(units, found, strict=True) if share > 0.9])


def _float(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _columns(engine: Engine, sql: str) -> list[Ints]:
    return [column.to_numpy().astype(np.int64, copy=False) for column in engine.arrow(sql).columns]


def _add(engine: Engine, behaviour: str, pairs: tuple[Ints, Ints], told: dict[str, Floats | Ints]) -> None:
    """Add rows to `behaviours`: lesser and greater accounts, and bits, n_events, chance, first_s, last_s."""
    columns = {"l": pairs[0], "r": pairs[1], **told}
    engine.load("arrived", pa.table({name: pa.array(column) for name, column in columns.items()}))
    engine.append(
        "behaviours",
        f"SELECT l::INTEGER, r::INTEGER, '{behaviour}', round(bits, 6), n_events::BIGINT, chance, "
        "first_s::BIGINT, last_s::BIGINT FROM arrived ORDER BY l, r",
    )
    engine.drop("arrived")


@dataclass(frozen=True, slots=True)
class _Starts:
    """The starts of activity of every account, in order of account and time.

    Attributes:
        first: Where each account's starts begin; one more than there are account numbers.
        s: Seconds.
        key: Account and seconds in one number, in the same order, and one more key, of no account. Accounts
            are further apart in it than the nulls shift and look: what is near in it is one account's.
        span: What an account adds to the key.
        begin: Second of the first start of all.
    """

    first: Ints
    s: Ints
    key: Ints
    span: int
    begin: int

    def place(self, account: Ints, s: Ints, side: Literal["left", "right"] = "left") -> Ints:
        """Where in each account's starts a second falls, as an index into all starts."""
        wanted = account * self.span + (s - self.begin)
        # Looked up in order, what is read for one is in the processor's cache for the next.
        order = np.argsort(wanted)
        found = np.empty_like(wanted)
        found[order] = np.searchsorted(self.key, wanted[order], side)
        return found

    def count(self, account: Ints) -> Ints:
        """Number of starts of each account."""
        return np.asarray(self.first[account + 1] - self.first[account])

    def bounds(self, account: Ints) -> tuple[Ints, Ints]:
        """Seconds of the first and the last start of each account."""
        return self.s[self.first[account]], self.s[self.first[account + 1] - 1]


def _read_starts(engine: Engine) -> _Starts:
    account, s = _columns(engine, "SELECT account_no, s FROM starts")
    begin = int(s.min())
    span = int(s.max()) - begin + _APART
    n = number(engine, "SELECT max(account_no) FROM account_numbers")
    key = np.append(account * span + (s - begin), (n + 2) * span)
    key.sort()
    first = np.searchsorted(key, np.arange(n + 2) * span)
    return _Starts(first, key[:-1] % span + begin, key, span, begin)


def _distances(key: Ints, wanted: Ints, after: Ints) -> tuple[Ints, Ints]:
    """How far what is wanted is from the key after it and from the one before.

    Before the first is, by numpy's way of counting, the last, which is of no account.
    """
    return key[after] - wanted, np.abs(wanted - key[after - 1])


def _expanded(starts: _Starts, probe: Ints) -> tuple[Ints, Ints]:
    """One row per start of each account given: the account's place in the list, and the start's index."""
    return _runs(starts.first[probe], starts.count(probe))


def _runs(first: Ints, n: Ints) -> tuple[Ints, Ints]:
    """One row per member of runs of whole numbers: the run's place in the list, and the number."""
    row = np.repeat(np.arange(len(n)), n)
    return row, np.arange(len(row)) + np.repeat(first - (np.cumsum(n) - n), n)


def _parts(sizes: Ints) -> Iterator[slice]:
    """Slices of a list, each of which expands to about _AT_ONCE rows."""
    total = np.cumsum(sizes)
    begin = 0
    while begin < len(sizes):
        done = total[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(total, done + _AT_ONCE, "right")))
        yield slice(begin, end)
        begin = end


# --- lockstep ----------------------------------------------------------------------------------------------


def _find_lockstep(engine: Engine, settings: Settings, starts: _Starts, resolution: int) -> dict[str, object]:
    """Add the pairs whose starts coincide more often than any of the nulls would have it."""
    scales = [scale for scale in _SCALES if scale >= resolution]
    if not scales:
        return {"skipped": f"times are told to {resolution} seconds only"}
    facts = _find_candidates(engine, settings, starts, resolution)
    l, r = _columns(engine, "SELECT l, r FROM candidate_pairs")
    engine.drop("candidate_pairs")
    pairs = _coinciding(starts, l, r, scales)
    n_accounts = int((np.diff(starts.first) >= _LEAST_DAYS).sum())
    n_tested = n_accounts * (n_accounts - 1) // 2
    windows = [2 * scale + resolution for scale in scales]
    by_hours = _rate_by_hours(starts, pairs)
    bits, chance = _weigh(pairs, by_hours, windows)
    # A chance that is too large by the hours alone is never discovered, nor changes what else is.
    rows = np.flatnonzero(chance <= _FALSE_DISCOVERY * len(chance) / max(n_tested, 1))
    pairs, by_hours, bits, chance = pairs.at(rows), by_hours.at(rows), bits[rows], chance[rows]
    for shifts in _SCHEDULES:
        rows, rates = _rate_by_schedule(starts, pairs, by_hours, (shifts, scales, windows))
        told, likely = _weigh(pairs.at(rows), rates, windows)
        bits[rows], chance[rows] = np.minimum(bits[rows], told), np.maximum(chance[rows], likely)
    bits = np.minimum(bits, np.minimum(_BITS_EACH * pairs.hits[-1], _LOCKSTEP_CAP))
    rows = np.flatnonzero(_discovered(chance, n_tested) & (bits >= _LEAST_BITS))
    are_clocks = _are_clocks(starts, pairs.l[rows], pairs.r[rows])
    rows = rows[~are_clocks]
    told_of = {
        "bits": bits[rows],
        "n_events": pairs.hits[-1][rows],
        "chance": chance[rows],
        "first_s": pairs.first_s[rows],
        "last_s": pairs.last_s[rows],
    }
    _add(engine, "lockstep", (pairs.l[rows], pairs.r[rows]), told_of)
    return {
        "null": "the pair with one shifted by 30 to 120 minutes; each account against itself shifted by "
        "1 to 6 hours, and by 1 to 14 days; whichever makes the coincidences likeliest",
        "false_discovery_rate": _FALSE_DISCOVERY,
        "pairs_tested": n_tested,
        "pairs_found": len(rows),
        "pairs_of_two_clocks": int(are_clocks.sum()),
        "scales_s": scales,
        "most_bits": _LOCKSTEP_CAP,
        **facts,
    }


def _are_clocks(starts: _Starts, l: Ints, r: Ints) -> Bools:
    """Whether both run by the clock: two clocks tell nothing of each other, they meet as long as they run."""
    return np.asarray(_is_clock(starts, l) & _is_clock(starts, r))


def _is_clock(starts: _Starts, account: Ints) -> Bools:
    """Whether three gaps, told in minutes, are nearly all of an account's gaps between starts.

    A step taken again and again, also round a day or a month, leaves at most three different gaps (the
    three-distance theorem, Sos 1958).
    """
    names, place = np.unique(account, return_inverse=True)
    is_clock = np.zeros(len(names), bool)
    for part in _parts(starts.count(names)):
        row, at = _expanded(starts, names[part])
        same = row[1:] == row[:-1]
        of, minutes = row[1:][same], (np.diff(starts.s[at])[same] + 30) // 60
        gap, n = np.unique(of * (1 << 32) + minutes, return_counts=True)
        of = gap >> 32
        order = np.lexsort((-n, of))
        of, n = of[order], n[order]
        rank = np.arange(len(of)) - np.searchsorted(of, of)
        n_gaps = starts.count(names[part]) - 1
        most = np.bincount(of, n * (rank < _CLOCK_GAPS), minlength=len(n_gaps))
        is_clock[part] = (n_gaps >= _LEAST_GAPS) & (most >= _CLOCK_SHARE * n_gaps)
    return np.asarray(is_clock[place])


def _find_candidates(
    engine: Engine, settings: Settings, starts: _Starts, resolution: int
) -> dict[str, object]:
    """Make `candidate_pairs` (l, r): accounts that share more time bins than usual, found without all pairs.

    An account's pairs of bins are its keys, as rare values are: few strangers were active in the same two
    bins. Bins and keys that take part are chosen by a hash that all accounts share, so that those that act
    alike choose alike (as in min-wise hashing).
    """
    budget = settings.model.pair_budget // _LOCKSTEP_PART
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
    engine.make("promising_pairs", _promising_sql(crowding, one_in))
    found = number(engine, "SELECT count(*) FROM promising_pairs")
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
        "candidate_pairs": min(found, budget),
        "candidate_pairs_capped": max(0, found - budget),
    }


def _shared_keys(starts: _Starts, width: int, one_in: int, seed: int) -> tuple[npt.NDArray[np.int32], Ints]:
    """Accounts and their keys, of the keys that take part those of more than one account."""
    parts = [_keys(starts, part, width, one_in, seed) for part in _parts(np.diff(starts.first))]
    account, key = (np.concatenate(column) for column in zip(*parts, strict=True))
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


_COARSE = 24  # bits


def _coarse(key: Ints) -> Ints:
    return key * 0x1E3779B97F4A7C15 >> 40 & (1 << _COARSE) - 1


def _keys(
    starts: _Starts, accounts: slice, width: int, one_in: int, seed: int
) -> tuple[npt.NDArray[np.int32], Ints]:
    """The keys of some accounts, one in so many.

    Whether a key takes part is a matter of what its two bins leave when divided by that, so that for the
    earlier bin the later ones are looked up by what they leave.
    """
    first = starts.first[accounts.start : accounts.stop + 1]
    row = np.repeat(np.arange(len(first) - 1), np.diff(first))
    time_bin = (starts.s[first[0] : first[-1]] - starts.begin) // width
    rows = _sketched(row, (time_bin * 2_654_435_761 + seed * 40_503) % 4_294_967_291)
    row, time_bin = row[rows], time_bin[rows]
    beyond = time_bin.max(initial=0) + 1
    leaves, needs = time_bin * 30_011 % one_in, -time_bin * 40_503 % one_in
    place = (row * one_in + leaves) * beyond + time_bin
    order = np.argsort(place)
    place = place[order]
    sought = (row * one_in + needs) * beyond
    begin = np.searchsorted(place, sought + time_bin, "right")
    earlier, at = _runs(begin, np.searchsorted(place, sought + beyond) - begin)
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


def _crowding(engine: Engine, width: int) -> float:
    """Probability that two starts drawn at random fall into one bin of this width."""
    sql = f"SELECT count(*) AS n FROM starts GROUP BY s // {width}"
    return _float(engine.rows(f"SELECT sum(n * n)::DOUBLE / pow(sum(n)::DOUBLE, 2) FROM ({sql})")[0][0])


def _choose_width(engine: Engine, budget: int, squares: int, resolution: int) -> tuple[int, float]:
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
    near = " UNION ALL ".join(
        f"SELECT key, account_no AS x, lead(account_no, {step}) OVER shuffle AS y FROM large "
        "WINDOW shuffle AS (PARTITION BY key ORDER BY "
        "(account_no * 2654435761 + key % 4294967291) % 4294967291, account_no)"
        for step in range(1, _NEIGHBOURS + 1)
    )
    return f"""
        WITH small AS ({sized} <= {_LARGEST_GROUP}), large AS ({sized} > {_LARGEST_GROUP})
        SELECT x.account_no AS l, y.account_no AS r
        FROM small x JOIN small y ON x.key = y.key AND x.account_no < y.account_no
        UNION ALL SELECT least(x, y), greatest(x, y) FROM ({near}) WHERE y IS NOT NULL
    """


def _promising_sql(crowding: float, one_in: int) -> str:
    """Query of the pairs that share more bins than everybody's hours would likely give.

    Pairs with b bins in common have b (b - 1) / 2 keys in common, of which one in so many takes part; where
    not all do, two more are granted. The chance is Poisson's first term times what bounds its tail.
    """
    keys = "n_keys" if one_in == 1 else f"((n_keys + 2) * {one_in})"
    return f"""
        WITH shared AS (SELECT l, r, count(*) AS n_keys FROM key_pairs GROUP BY l, r),
        counted AS (
            SELECT s.l, s.r, s.n_keys, x.n * y.n * {crowding!r} AS mean,
                   floor((1 + sqrt(1 + 8 * {keys})) / 2) AS n
            FROM shared s JOIN sketch_sizes x ON x.account_no = s.l JOIN sketch_sizes y ON y.account_no = s.r
        )
        SELECT l, r, n_keys FROM counted
        WHERE n >= {_LEAST_DAYS} AND n > mean
          AND n * ln(mean) - mean - lgamma(n + 1) - ln(1 - mean / (n + 1)) < {math.log(_PROMISING)}
    """


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Pairs whose starts coincide, column by column.

    Attributes:
        l: Lesser account.
        r: Greater account.
        n_l: Starts of the lesser while both lived.
        n_r: Starts of the greater while both lived.
        hits: Per scale, starts of the one that coincide with a start of the other.
        n_near: Starts of the other 30 to 120 minutes away from those of the one.
        first_s: First coincidence.
        last_s: Last coincidence.
    """

    l: Ints
    r: Ints
    n_l: Ints
    n_r: Ints
    hits: Ints
    n_near: Ints
    first_s: Ints
    last_s: Ints

    def at(self, rows: Ints) -> _Pairs:
        """Some of the pairs."""
        l, r, n_l, n_r = (one[rows] for one in (self.l, self.r, self.n_l, self.n_r))
        n_near, first_s, last_s = (one[rows] for one in (self.n_near, self.first_s, self.last_s))
        return _Pairs(l, r, n_l, n_r, self.hits[:, rows], n_near, first_s, last_s)


def _coinciding(starts: _Starts, l: Ints, r: Ints, scales: list[int]) -> _Pairs:
    """The pairs that coincide on enough days, with their counts."""
    swaps = starts.count(l) > starts.count(r)
    probe, other = np.where(swaps, r, l), np.where(swaps, l, r)
    # Pairs looked up in one account's starts stand together: the search is some times as fast.
    order = np.lexsort((probe, other))
    l, r, probe, other = l[order], r[order], probe[order], other[order]
    parts = list(_parts(starts.count(probe))) or [slice(0)]
    found = [_coinciding_part(starts, probe[part], other[part], scales) for part in parts]
    n_near, n_days, first_s, last_s = (
        np.concatenate(one) for one in zip(*(a for a, _ in found), strict=True)
    )
    hits = np.concatenate([one for _, one in found], axis=1)
    keep = np.flatnonzero(n_days >= _LEAST_DAYS)
    l, r = l[keep], r[keep]
    n_l, n_r = _alive_together(starts, l, r)
    return _Pairs(l, r, n_l, n_r, hits[:, keep], n_near[keep], first_s[keep], last_s[keep])


def _coinciding_part(
    starts: _Starts, probe: Ints, other: Ints, scales: list[int]
) -> tuple[tuple[Ints, Ints, Ints, Ints], Ints]:
    """Of each pair the starts near, the days with a coincidence, the first and the last; hits per scale."""
    n = len(probe)
    row, at = _expanded(starts, probe)
    wanted = starts.key[at] + np.repeat((other - probe) * starts.span, starts.count(probe))
    # Only the starts of the other accounts are searched: the pairs are in order of these.
    lowest, highest = (starts.first[other[0]], starts.first[other[-1] + 1]) if n else (0, 0)
    after = lowest + np.searchsorted(starts.key[lowest:highest], wanted)
    later, earlier = _distances(starts.key, wanted, after)
    n_near = _count_near(starts, (row, wanted, after, later), 1, n)
    n_near += _count_near(starts, (row, wanted, after - 1, earlier), -1, n)
    distance = np.minimum(later, earlier)
    joint = np.flatnonzero(distance <= scales[-1])
    row, s = row[joint], starts.s[at[joint]]
    day, is_new = s // _DAY, np.ones(len(row), bool)
    is_new[1:] = (row[1:] != row[:-1]) | (day[1:] != day[:-1])
    first_s, last_s = np.zeros(n, np.int64), np.zeros(n, np.int64)
    last_s[row] = s
    first_s[row[::-1]] = s[::-1]
    found = (n_near, np.bincount(row[is_new], minlength=n), first_s, last_s)
    return found, _count_hits(row, distance[joint], scales, n)


def _count_hits(row: Ints, distance: Ints, scales: list[int], n: int) -> Ints:
    """Per scale and row, how often the distance is within it; none is beyond the last."""
    of_scale = row * len(scales) + np.searchsorted(scales, distance)
    found = np.bincount(of_scale, minlength=n * len(scales)).reshape(n, len(scales))
    return np.cumsum(found, axis=1).T


def _count_near(starts: _Starts, found: tuple[Ints, Ints, Ints, Ints], step: int, n: int) -> Ints:
    """Per row the starts 30 to 120 minutes from those wanted, on one side.

    Starts are no closer than the silence before them, so that a dozen steps are the most.

    Args:
        starts: Everybody's starts.
        found: Rows, keys wanted, and for each the nearest start on that side and how far it is.
        step: Where the side is: 1 or -1.
        n: Number of rows.
    """
    row, wanted, at, distance = found
    n_near = np.zeros(n, np.int64)
    while len(row):
        near = np.flatnonzero(distance <= _FAR)
        row, wanted, at, distance = row[near], wanted[near], at[near], distance[near]
        n_near += np.bincount(row[distance > _NEAR], minlength=n)
        at = at + step
        distance = np.abs(starts.key[at] - wanted)
    return n_near


def _alive_together(starts: _Starts, l: Ints, r: Ints) -> tuple[Ints, Ints]:
    """Starts of each of two accounts between the later beginning and the earlier end of theirs."""
    (first_l, last_l), (first_r, last_r) = starts.bounds(l), starts.bounds(r)
    r_begins, r_ends = first_l < first_r, last_r < last_l
    # The one of the two that begins it or ends it does so with its first or last; the other is looked up.
    begin = starts.place(np.where(r_begins, l, r), np.maximum(first_l, first_r))
    end = starts.place(np.where(r_ends, l, r), np.minimum(last_l, last_r), "right")
    n_l = np.where(r_ends, end, starts.first[l + 1]) - np.where(r_begins, begin, starts.first[l])
    n_r = np.where(r_ends, starts.first[r + 1], end) - np.where(r_begins, starts.first[r], begin)
    return np.maximum(n_l, 0), np.maximum(n_r, 0)


@dataclass(frozen=True, slots=True)
class _Rates:
    """What a null expects, per scale: coincidences per second of window, and how well that is known."""

    per_second: list[Floats]
    size: list[Floats]

    def at(self, rows: Ints) -> _Rates:
        """The rates of some of the pairs."""
        return _Rates([one[rows] for one in self.per_second], [one[rows] for one in self.size])


def _rate_by_hours(starts: _Starts, pairs: _Pairs) -> _Rates:
    """The null of the hours around: starts of the other 30 to 120 minutes away."""
    size = pairs.n_near + _PRIOR_COUNT
    rate = size / (2.0 * (_FAR - _NEAR) + _PRIOR_COUNT / _rate_by_profile(starts, pairs))
    return _Rates([np.asarray(rate)] * len(pairs.hits), [np.asarray(size)] * len(pairs.hits))


def _rate_by_profile(starts: _Starts, pairs: _Pairs) -> Floats:
    """Coincidences per second of window if each kept its hours of the day and all days were alike."""
    accounts, of_l, of_r = _accounts(starts, pairs)
    row, at = _expanded(starts, accounts)
    hour = starts.s[at] // _HOUR % 24
    profile = np.bincount(row * 24 + hour, minlength=len(accounts) * 24).reshape(-1, 24).astype(np.float64)
    profile = (np.roll(profile, 1, 1) + 2 * profile + np.roll(profile, -1, 1)) / 4
    met = np.zeros(len(pairs.l))
    for part in _parts(np.full(len(pairs.l), 24)):
        met[part] = np.einsum("ij,ij->i", profile[of_l[part]], profile[of_r[part]])
    first, last = starts.bounds(accounts)
    days = np.maximum((last - first) / _DAY, 1.0)
    return np.asarray(np.maximum(met, 0.01) / np.maximum(days[of_l], days[of_r]) / _HOUR)


def _accounts(starts: _Starts, pairs: _Pairs) -> tuple[Ints, Ints, Ints]:
    """The accounts that are in pairs, in order, and the place in them of each pair's two."""
    is_there = np.zeros(len(starts.first), bool)
    is_there[pairs.l] = is_there[pairs.r] = True
    place = np.cumsum(is_there) - 1
    return np.flatnonzero(is_there), place[pairs.l], place[pairs.r]


def _rate_by_schedule(
    starts: _Starts, pairs: _Pairs, by_hours: _Rates, null: tuple[tuple[int, ...], list[int], list[int]]
) -> tuple[Ints, _Rates]:
    """The null of schedules: each account's coincidences with itself, shifted by whole hours or days.

    Two strangers on one schedule meet as often as each meets itself on other days, so the rate of the pair is
    the geometric mean of the two. Where that is no more than the hours give, there is no schedule and the
    hours stand.

    Args:
        starts: Everybody's starts.
        pairs: The pairs.
        by_hours: Their rates by the hours around.
        null: Shifts, scales and windows in seconds.

    Returns:
        The pairs on a schedule, as indices, and the rates of these.
    """
    shifts, scales, windows = null
    accounts, of_l, of_r = _accounts(starts, pairs)
    met = _meeting_itself(starts, accounts, shifts, scales)
    first, last = starts.bounds(accounts)
    life = np.maximum(last - first, 1)
    n_shifts = np.maximum((1 - np.array(shifts)[:, None] / life).clip(0).sum(axis=0), 1.0)
    seconds = np.sqrt(n_shifts[of_l] * n_shifts[of_r])
    joint = [np.sqrt(one[of_l] * one[of_r]) for one in met]
    on_schedule = np.zeros(len(pairs.l), bool)
    for n, window, rate in zip(joint, windows, by_hours.per_second, strict=True):
        mean = rate * (seconds * window)
        more = np.flatnonzero(n > mean)
        on_schedule[more] |= _log_tail(n[more], mean[more]) < math.log(_NO_SCHEDULE)
    rows = np.flatnonzero(on_schedule)
    sizes = [n[rows] + 0.5 for n in joint]
    rates = [size / (seconds[rows] * window) for size, window in zip(sizes, windows, strict=True)]
    return rows, _Rates(rates, sizes)


def _meeting_itself(starts: _Starts, account: Ints, shifts: tuple[int, ...], scales: list[int]) -> Ints:
    """Per scale, how often each account coincides with itself over all shifts."""
    met = np.zeros((len(scales), len(account)), np.int64)
    for part in _parts(starts.count(account)):
        row, at = _expanded(starts, account[part])
        key = np.append(starts.key[at], starts.key[-1])
        for shift in shifts:
            wanted = key[:-1] + shift
            distance = np.minimum(*_distances(key, wanted, np.searchsorted(key, wanted)))
            joint = np.flatnonzero(distance <= scales[-1])
            met[:, part] += _count_hits(row[joint], distance[joint], scales, len(account[part]))
    return met


def _weigh(pairs: _Pairs, null: _Rates, windows: list[int]) -> tuple[Floats, Floats]:
    """Bits of the coincidences, and their probability under the null.

    The null count is negative binomial: Poisson's with a rate known from as many counts as `size`. Under one
    operator in lockstep a share of the starts is joint. Both are over all scales: the mean likelihood ratio,
    and the least probability times their number.
    """
    fewer = np.minimum(pairs.n_l, pairs.n_r)
    chance, ratios = np.ones(len(pairs.l)), []
    for i, window in enumerate(windows):
        mean, size = null.per_second[i] * window, np.minimum(null.size[i], _MOST_SIZE)
        alone = _log_negative_binomial(pairs.hits[i], mean, size)
        chance = np.minimum(chance, len(windows) * _tail(alone, pairs.hits[i], mean, size))
        together = [_log_poisson(pairs.hits[i], mean + share * fewer) for share in _SHARES]
        joint = np.logaddexp.reduce(together, axis=0) - math.log(len(_SHARES)) + math.log(_LOCKSTEP_PRIOR)
        ratios.append(np.logaddexp(joint - alone, math.log(1 - _LOCKSTEP_PRIOR)))
    ratio = np.logaddexp.reduce(ratios, axis=0) - math.log(len(windows))
    return np.asarray(ratio / math.log(2)), np.minimum(chance, 1.0)


def _log_gamma(x: Floats) -> Floats:
    """Log of the gamma function: from a table for whole numbers, which most are."""
    found, is_whole = np.empty(len(x)), x == np.floor(x)
    whole = x[is_whole].astype(np.int64)
    found[is_whole] = np.array([0.0, *map(math.lgamma, range(1, whole.max(initial=0) + 1))])[whole]
    found[~is_whole] = [math.lgamma(one) for one in x[~is_whole].tolist()]
    return found


def _log_factorial(n: Ints) -> Floats:
    table = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n.max(initial=0) + 1)))])
    return np.asarray(table[n])


def _log_poisson(n: Ints, mean: Floats) -> Floats:
    return np.asarray(n * np.log(mean) - mean - _log_factorial(n))


def _log_tail(n: Ints | Floats, mean: Floats) -> Floats:
    """Chernoff's bound of the log of Poisson's tail from n on, where n is above the mean."""
    return np.asarray(n - mean - n * np.log(np.maximum(n, 1e-9) / mean))


def _log_negative_binomial(n: Ints, mean: Floats, size: Floats) -> Floats:
    more, less = np.log(mean / (mean + size)), np.log(size / (mean + size))
    return np.asarray(_log_gamma(n + size) - _log_gamma(size) - _log_factorial(n) + size * less + n * more)


def _tail(log_term: Floats, n: Ints, mean: Floats, size: Floats) -> Floats:
    """Upper bound of the negative binomial's tail from n on: its terms fall as a geometric series does."""
    fall = np.maximum((n + size) / (n + 1.0), 1.0) * mean / (mean + size)
    tail = np.exp(log_term) / np.maximum(1 - fall, 1e-12)
    return np.asarray(np.where((fall < 1) & (n > 0), np.minimum(tail, 1.0), 1.0))


def _discovered(chance: Floats, n_tested: int) -> Bools:
    """Benjamini and Hochberg's procedure; pairs that were tested and are not given have no small chance."""
    order = np.argsort(chance, kind="stable")
    passes = chance[order] <= _FALSE_DISCOVERY * np.arange(1, len(order) + 1) / max(n_tested, 1)
    n_found = int(np.flatnonzero(passes)[-1]) + 1 if passes.any() else 0
    found = np.zeros(len(chance), bool)
    found[order[:n_found]] = True
    return found


# --- succession --------------------------------------------------------------------------------------------


def _make_spans(engine: Engine) -> None:
    """Make `spans` (account_no, birth_s, told_birth_s, end_s) and `stays` (identifier_no, account_no, ...).

    A birth is the creation, or the first activity when that is not at the beginning of the data; an end is
    the closing, or, when no account is told to be closed, the last activity when that is long before the
    data's end. `told_birth_s` may lie before the data begin, `birth_s` may not.
    """
    end = "epoch(c.closed_at)::BIGINT"
    if not _tells(engine, "closed_at"):
        late = f"(SELECT max(s) FROM moments) - {7 * _DAY} - 5 * (m.last_s - m.first_s) / m.n"
        end = f"CASE WHEN m.last_s < {late} THEN m.last_s END"
    seen = "SELECT account_no, min(s) AS first_s, max(s) AS last_s, count(*) AS n FROM moments GROUP BY ALL"
    engine.make(
        "spans",
        f"""
        WITH born AS (
            SELECT a.account_no, {end} AS end_s,
                   coalesce(epoch(c.created_at)::BIGINT,
                            CASE WHEN m.first_s > b.s + {3 * _DAY} THEN m.first_s END) AS told_birth_s,
                   b.s AS begin_s
            FROM ({seen}) m
            JOIN account_numbers a ON a.account_no = m.account_no
            JOIN accounts c ON c.account_id = a.account_id
            CROSS JOIN (SELECT min(s) AS s FROM moments) b
        )
        SELECT account_no, end_s, told_birth_s,
               CASE WHEN told_birth_s >= begin_s THEN told_birth_s END AS birth_s
        FROM born
        """,
    )
    engine.make(
        "stays",
        f"""
        SELECT h.identifier_no, h.account_no, min(h.first_s) AS first_s, max(h.last_s) AS last_s
        FROM holdings h JOIN shared_identifiers i ON i.identifier_no = h.identifier_no
        WHERE i.degree <= {_LARGEST_RESOURCE} AND h.first_s IS NOT NULL
        GROUP BY h.identifier_no, h.account_no
        """,
    )


def _find_succession(engine: Engine) -> dict[str, object]:
    """Add pairs of which one ended and the other soon began on a resource of the first.

    The chance of a hand-over is the rate at which accounts are born on the resource, times the delay.
    """
    engine.make(
        "births",
        "SELECT t.identifier_no, t.account_no, p.birth_s FROM stays t "
        f"JOIN spans p ON p.account_no = t.account_no "
        f"WHERE t.first_s - p.birth_s BETWEEN {-_HOUR} AND {_LONGEST_DELAY}",
    )
    l, r, delay, n_others, span, ended = _columns(engine, _hand_overs_sql())
    engine.drop("births")
    # Few births in a short time tell little of the rate: no resource is taken as quieter than one in 30 days.
    rate = (n_others + 1.0) / np.clip(span, _DAY, 30 * _DAY)
    prior = _SUCCESSION_PRIOR if _tells(engine, "closed_at") else _SILENT_PRIOR
    density = np.mean([np.exp(-delay / mean) / mean for mean in _DELAYS], axis=0)
    bits = np.log2(prior * density / rate + (1 - prior))
    best = _best_of_each(l, r, bits)
    rows = best[bits[best] >= _LEAST_BITS]
    told = {
        "bits": np.minimum(bits[rows], _SUCCESSION_CAP),
        "n_events": np.ones(len(rows), np.int64),
        "chance": -np.expm1(-rate * np.maximum(delay, 1))[rows],
        "first_s": ended[rows],
        "last_s": (ended + delay)[rows],
    }
    _add(engine, "succession", (l[rows], r[rows]), told)
    return {
        "null": "births on the resource at its own rate, taken as at least one in 30 days",
        "longest_delay_hours": _LONGEST_DELAY // _HOUR,
        "pairs_tested": len(best),
        "pairs_found": len(rows),
        "most_bits": _SUCCESSION_CAP,
    }


def _tells(engine: Engine, column: str) -> bool:
    """Whether any account has this time."""
    return number(engine, f"SELECT count({column}) FROM accounts") > 0


def _best_of_each(l: Ints, r: Ints, bits: Floats) -> Ints:
    """Of each pair the row with the most bits."""
    order = np.lexsort((-bits, r, l))
    return order[np.flatnonzero(np.diff(l[order] << 32 | r[order], prepend=-1))]


def _hand_overs_sql() -> str:
    return f"""
        WITH resources AS (
            SELECT identifier_no, max(last_s) - min(first_s) AS span FROM stays GROUP BY identifier_no
        ),
        sizes AS (SELECT identifier_no, count(*) AS n FROM births GROUP BY identifier_no)
        SELECT least(t.account_no, b.account_no) AS l, greatest(t.account_no, b.account_no) AS r,
               greatest(b.birth_s - p.end_s, 0) AS delay, n.n - 1 AS n_others, u.span, p.end_s
        FROM stays t
        JOIN spans p ON p.account_no = t.account_no AND p.end_s - t.last_s <= {30 * _DAY}
        JOIN resources u ON u.identifier_no = t.identifier_no
        JOIN sizes n ON n.identifier_no = t.identifier_no AND n.n * {_DAY} <= greatest(u.span, {_DAY}) * 4
        JOIN births b ON b.identifier_no = t.identifier_no AND b.account_no <> t.account_no
                     AND b.birth_s BETWEEN p.end_s - {_HOUR} AND p.end_s + {_LONGEST_DELAY}
        ORDER BY l, r, t.identifier_no
    """


# --- load balancing ----------------------------------------------------------------------------------------


def _make_resource_pairs(engine: Engine, settings: Settings) -> None:
    """Make `resource_pairs` (l, r, identifier_no): pairs and the rarest resource they share, in a budget."""
    engine.make(
        "resource_costs",
        f"""
        SELECT identifier_no, degree FROM (
            SELECT i.identifier_no, i.degree,
                   sum(i.degree * (i.degree - 1) / 2) OVER (ORDER BY i.degree, i.identifier_no) AS n_pairs
            FROM shared_identifiers i SEMI JOIN stays t ON t.identifier_no = i.identifier_no
            WHERE i.degree <= {settings.model.largest_cell}
        ) WHERE n_pairs <= {settings.model.pair_budget // _RESOURCE_PART}
        """,
    )
    engine.make(
        "resource_pairs",
        """
        SELECT x.account_no AS l, y.account_no AS r,
               arg_min(x.identifier_no, c.degree * 4294967296 + x.identifier_no) AS identifier_no
        FROM stays x JOIN resource_costs c ON c.identifier_no = x.identifier_no
        JOIN stays y ON y.identifier_no = x.identifier_no AND x.account_no < y.account_no
        GROUP BY x.account_no, y.account_no
        """,
    )
    engine.drop("resource_costs")


def _find_balancing(engine: Engine, starts: _Starts, resolution: int) -> dict[str, object]:
    """Add pairs on one resource that take turns: as many starts each, and hardly two in a row.

    When calls go round over accounts, each has its turn before any has the next. The null is the pair with
    one of them shifted by whole days: accounts that are merely regular take turns then, too.
    """
    if resolution >= _DAY:
        return {"skipped": f"times are told to {resolution} seconds only"}
    l, r = _columns(engine, "SELECT l, r FROM resource_pairs ORDER BY l, r")
    rows = np.flatnonzero(np.minimum(starts.count(l), starts.count(r)) >= _LEAST_TURNS)
    l, r = l[rows], r[rows]
    n_l, n_r = _alive_together(starts, l, r)
    is_equal = np.abs(n_l - n_r) <= np.sqrt(n_l + n_r)
    rows = np.flatnonzero((np.minimum(n_l, n_r) >= _LEAST_TURNS) & is_equal)
    l, r = l[rows], r[rows]
    n_tested = len(rows)
    n_turns, n_breaks = _turns(starts, l, r, 0)
    rows = np.flatnonzero((n_turns >= 2 * _LEAST_TURNS) & (n_breaks <= 0.2 * n_turns))
    l, r, n_turns, n_breaks = l[rows], r[rows], n_turns[rows], n_breaks[rows]
    shifted = [_turns(starts, l, r, shift) for shift in _SHIFTS]
    usual = (sum(one[1] for one in shifted) + 0.5) / (sum(one[0] for one in shifted) + 1.0)
    bits, chance = _weigh_turns(n_turns, n_breaks, np.asarray(usual))
    rows = np.flatnonzero(_discovered(chance, n_tested) & (bits >= _LEAST_BITS))
    are_clocks = _are_clocks(starts, l[rows], r[rows])
    rows = rows[~are_clocks]
    (first_l, last_l), (first_r, last_r) = starts.bounds(l), starts.bounds(r)
    told = {
        "bits": np.minimum(bits[rows], _BALANCING_CAP),
        "n_events": n_turns[rows],
        "chance": chance[rows],
        "first_s": np.maximum(first_l, first_r)[rows],
        "last_s": np.minimum(last_l, last_r)[rows],
    }
    _add(engine, "load_balancing", (l[rows], r[rows]), told)
    return {
        "null": "the pair with one shifted by 1 to 7 days",
        "false_discovery_rate": _FALSE_DISCOVERY,
        "pairs_tested": n_tested,
        "pairs_found": len(rows),
        "pairs_of_two_clocks": int(are_clocks.sum()),
        "most_bits": _BALANCING_CAP,
    }


def _turns(starts: _Starts, l: Ints, r: Ints, shift: int) -> tuple[Ints, Ints]:
    """Starts of both between the greater account's first and last, and how many of them follow one's own."""
    n_turns, n_breaks = np.zeros(len(l), np.int64), np.zeros(len(l), np.int64)
    (first_l, last_l), (first_r, last_r) = starts.bounds(l), starts.bounds(r)
    begin, end = np.maximum(first_l, first_r + shift), np.minimum(last_l, last_r + shift)
    for part in _parts(starts.count(r)):
        row, at = _expanded(starts, r[part])
        s = starts.s[at] + shift
        inside = (s >= begin[part][row]) & (s <= end[part][row])
        row, s = row[inside], s[inside]
        between = np.diff(np.searchsorted(starts.key, l[part][row] * starts.span + (s - starts.begin)))
        is_same = row[1:] == row[:-1]
        of, between = row[1:][is_same], between[is_same]
        n_turns[part] = np.bincount(of, between + 1, minlength=len(l[part]))
        n_breaks[part] = np.bincount(of, np.abs(between - 1), minlength=len(l[part]))
    return n_turns, n_breaks


def _weigh_turns(n_turns: Ints, n_breaks: Ints, usual: Floats) -> tuple[Floats, Floats]:
    """Bits and probability of so few breaks, binomial with the share that the shifted pair has."""
    usual = np.clip(usual, 1e-6, 0.5)
    alone = n_breaks * np.log(usual) + (n_turns - n_breaks) * np.log1p(-usual)
    rounds = [n_breaks * math.log(share) + (n_turns - n_breaks) * math.log1p(-share) for share in _BREAKS]
    joint = np.logaddexp.reduce(rounds, axis=0) - math.log(len(_BREAKS)) + math.log(_BALANCING_PRIOR)
    bits = np.logaddexp(joint - alone, math.log(1 - _BALANCING_PRIOR)) / math.log(2)
    # Chernoff's bound of the binomial's lower tail.
    share = np.clip(n_breaks / np.maximum(n_turns, 1), 1e-9, 1 - 1e-9)
    divergence = share * np.log(share / usual) + (1 - share) * np.log((1 - share) / (1 - usual))
    chance = np.where(share < usual, np.exp(-n_turns * divergence), 1.0)
    return np.asarray(bits), np.asarray(chance)


# --- sign-up bursts ----------------------------------------------------------------------------------------


def _find_bursts(engine: Engine) -> dict[str, object]:
    """Add pairs on one resource that were created within days of each other, among more than there would be.

    The null gives the resource's accounts everybody's days of sign-up. With one pair on each, its rarest,
    resource.
    """
    if not _tells(engine, "created_at"):
        return {"skipped": "no account is told when it was created"}
    l, r, gap, born, n_usual, n_all, n_there, n_accounts = _columns(engine, _bursts_sql())
    usual = n_accounts * n_usual / np.maximum(n_all, 1)
    # One more is granted to chance.
    bits = np.log2((n_there + 1.0) / (usual + 1.0))
    rows = np.flatnonzero((bits >= _LEAST_BITS) & (n_there >= _LEAST_BURST - 1))
    told = {
        "bits": np.minimum(bits[rows], _BURST_CAP),
        "n_events": n_there[rows] + 1,
        "chance": np.exp(np.minimum(_log_tail(n_there, usual), 0.0))[rows],
        "first_s": born[rows],
        "last_s": (born + gap)[rows],
    }
    _add(engine, "signup_burst", (l[rows], r[rows]), told)
    return {
        "null": "the resource's accounts signed up when everybody did, within 7 days",
        "pairs_tested": len(l),
        "pairs_found": len(rows),
        "most_bits": _BURST_CAP,
    }


def _bursts_sql() -> str:
    """Query of pairs with their gap, and the sign-ups within 7 days: everybody's and on the resource."""
    return f"""
        WITH days AS (SELECT told_birth_s // {_DAY} AS day, count(*) AS n FROM spans
                      WHERE told_birth_s IS NOT NULL GROUP BY ALL),
        weeks AS (SELECT x.day, sum(y.n) AS n FROM days x JOIN days y ON y.day BETWEEN x.day - 7 AND x.day + 6
                  GROUP BY x.day),
        born AS (SELECT t.identifier_no, t.account_no, p.told_birth_s AS s FROM stays t
                 JOIN spans p ON p.account_no = t.account_no AND p.told_birth_s IS NOT NULL
                 SEMI JOIN resource_pairs u ON u.identifier_no = t.identifier_no),
        there AS (SELECT x.identifier_no, x.account_no, count(*) AS n FROM born x
                  JOIN born y ON y.identifier_no = x.identifier_no AND abs(y.s - x.s) <= {7 * _DAY}
                  GROUP BY ALL),
        sizes AS (SELECT identifier_no, count(*) AS n FROM born GROUP BY identifier_no)
        SELECT u.l, u.r, abs(x.s - y.s) AS gap, least(x.s, y.s) AS born, w.n AS n_usual,
               (SELECT sum(n) FROM days) AS n_all, t.n - 1 AS n_there, z.n - 1 AS n_accounts
        FROM resource_pairs u
        JOIN born x ON x.account_no = u.l AND x.identifier_no = u.identifier_no
        JOIN born y ON y.account_no = u.r AND y.identifier_no = u.identifier_no
                   AND abs(x.s - y.s) <= {_LONGEST_GAP}
        JOIN there t ON t.account_no = u.l AND t.identifier_no = u.identifier_no
        JOIN sizes z ON z.identifier_no = u.identifier_no
        JOIN weeks w ON w.day = x.s // {_DAY}
        ORDER BY u.l, u.r
    """
