"""Rhythm: what two accounts do together in time, as evidence in bits, beyond what shared habits would give.

Strangers share the hours of the day, the days of the week and the day of a launch; some share a schedule. Each
behaviour is therefore held against a null that keeps these: for lockstep the same two accounts, one of them shifted
in time by up to two hours (keeps hour, weekday and launch), by whole hours and by whole days (keeps schedules).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from graphlink.engine import number

if TYPE_CHECKING:
    from graphlink.engine import Engine
    from graphlink.settings import Settings

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_HOUR, _DAY = 3_600, 86_400

# --- lockstep ---
_SILENCE = 600  # seconds without activity after which the next is a new start
_SCALES = (10, 40, 160, 600)  # seconds by which two starts may differ and still coincide
_NEAR, _FAR = 1_800, 7_200  # shifts of the null within the hours around
_WIDTHS = (600, 300, 120, 60)  # seconds of the bins that candidates are looked for in
_SKETCH = 64  # bins of an account that take part in the search: those least by a hash all accounts share
_MOST_KEYS = 20_000_000  # pairs of bins held at a time
_LARGEST_GROUP = 24  # accounts on one pair of bins beyond which each is paired with a few others only
_NEIGHBOURS = 4
_LEAST_DAYS = 3  # coincidences must be on as many days
_HOUR_SHIFTS = tuple(h * _HOUR for h in (-6, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6))
_DAY_SHIFTS = tuple(d * _DAY for d in range(-14, 15) if d)
_SHARES = (0.03, 0.06, 0.12, 0.25, 0.5, 0.9)  # of an account's starts that are joint, under one operator
_LOCKSTEP_PRIOR = 0.1  # share of one operator's pairs that act in lockstep
_MOST_SIZE = 20.0  # size of the negative binomial null at most: counts spread wider than Poisson's
_FALSE_DISCOVERY = 0.01  # Benjamini-Hochberg's q, over all pairs that could have been found
_LOCKSTEP_CAP = 16.0

# --- succession ---
_LONGEST_DELAY = 72 * _HOUR
_DELAYS = (2 * _HOUR, 8 * _HOUR, 48 * _HOUR)  # mean delays of a replacement
_SUCCESSION_PRIOR = 0.3
_SUCCESSION_CAP = 5.0
_LARGEST_RESOURCE = 2_048


def find_rhythm(engine: Engine, settings: Settings) -> dict[str, object]:
    """Make `behaviours` from `observations`, `accounts`, `account_numbers`, `holdings` and `shared_identifiers`.

    `behaviours` has (l, r, behaviour, bits, n_events, chance, first_s, last_s): account numbers l < r; lockstep,
    succession, load_balancing or signup_burst; log2 of how much likelier it is under one operator than two; what
    was counted; its probability under the null; first and last second of it. Empty when the data have no time.

    Returns:
        Facts for the manifest: per behaviour the null, its parameters, pairs tested and found, what was capped.
    """
    engine.make(
        "behaviours",
        "SELECT 0::INTEGER AS l, 0::INTEGER AS r, '' AS behaviour, 0.0::DOUBLE AS bits, 0::BIGINT AS n_events, "
        "0.0::DOUBLE AS chance, 0::BIGINT AS first_s, 0::BIGINT AS last_s WHERE false",
    )
    engine.make(
        "moments",
        "SELECT DISTINCT a.account_no, epoch(o.seen_at)::BIGINT AS s FROM observations o "
        "JOIN account_numbers a ON a.account_id = o.account_id WHERE o.seen_at IS NOT NULL",
    )
    resolution = _resolution(engine)
    facts: dict[str, object] = {"resolution_s": resolution}
    if resolution:
        facts["lockstep"] = _find_lockstep(engine, settings, resolution)
        facts["succession"] = _find_succession(engine)
    engine.drop("moments")
    return facts


def _resolution(engine: Engine) -> int:
    """Seconds that nearly all times are multiples of: 1, a minute, an hour or a day; 0 without time."""
    found = engine.rows(
        "SELECT count(*), avg((s % 60 = 0)::INTEGER), avg((s % 3600 = 0)::INTEGER), avg((s % 86400 = 0)::INTEGER) "
        "FROM moments"
    )[0]
    if not found[0]:
        return 0
    shares = [float(str(share)) for share in found[1:]]
    return max([1] + [unit for unit, share in zip((60, _HOUR, _DAY), shares, strict=True) if share > 0.9])


def _columns(engine: Engine, sql: str) -> list[Ints]:
    return [column.to_numpy().astype(np.int64) for column in engine.arrow(sql).columns]


def _add(engine: Engine, behaviour: str, columns: dict[str, npt.NDArray[np.generic]]) -> None:
    """Add rows to `behaviours`; `columns` has l, r, bits, n_events, chance, first_s, last_s."""
    engine.load("arrived", pa.table({name: pa.array(column) for name, column in columns.items()}))
    engine.append(
        "behaviours",
        f"SELECT l::INTEGER, r::INTEGER, '{behaviour}', round(bits, 6), n_events::BIGINT, chance, first_s::BIGINT, "
        "last_s::BIGINT FROM arrived ORDER BY l, r",
    )
    engine.drop("arrived")


# --- lockstep ----------------------------------------------------------------------------------------------


def _find_lockstep(engine: Engine, settings: Settings, resolution: int) -> dict[str, object]:
    scales = [scale for scale in _SCALES if scale >= resolution]
    if not scales:
        return {"skipped": f"times are told to {resolution} seconds only"}
    engine.make(
        "starts",
        f"SELECT account_no, s FROM moments "
        f"QUALIFY coalesce(s - lag(s) OVER (PARTITION BY account_no ORDER BY s) >= {_SILENCE}, true)",
    )
    facts = _find_candidates(engine, settings, resolution)
    pairs = _count_coincidences(engine, scales)
    facts |= _judge(engine, pairs, scales, resolution)
    engine.drop("starts", "candidate_pairs", "near_lags")
    return facts


def _find_candidates(engine: Engine, settings: Settings, resolution: int) -> dict[str, object]:
    """Make `candidate_pairs` (pair_no, l, r): accounts that share at least two pairs of time bins, without all pairs.

    An account's pairs of bins are its keys, as rare values are: few strangers were active in the same two
    bins. Both the bins and the keys that take part are chosen by a hash that all accounts share, so that accounts
    that act alike choose alike.
    """
    budget = settings.model.pair_budget // 10
    width = _choose_width(engine, budget, resolution)
    mixed = f"((s // {width}) * 2654435761 + {settings.seed % 65_536} * 40503) % 4294967291"
    engine.make(
        "sketches",
        f"""
        SELECT account_no, (s - (SELECT min(s) FROM starts)) // {width} AS bin FROM starts
        QUALIFY row_number() OVER (PARTITION BY account_no ORDER BY {mixed}, s) <= {_SKETCH}
        """,
    )
    n_keys = number(
        engine,
        "SELECT sum(n * (n - 1) / 2)::BIGINT FROM (SELECT count(DISTINCT bin) AS n FROM sketches GROUP BY account_no)",
    )
    one_in = -(-n_keys // _MOST_KEYS) if n_keys else 1
    engine.make(
        "keys",
        f"""
        SELECT DISTINCT x.account_no, x.bin * 2147483648 + y.bin AS key
        FROM sketches x JOIN sketches y ON x.account_no = y.account_no AND x.bin < y.bin
        WHERE (x.bin * 40503 + y.bin * 30011) % {one_in} = 0
        """,
    )
    engine.make("key_sizes", "SELECT key, count(*) AS n FROM keys GROUP BY key HAVING count(*) > 1")
    engine.make("key_pairs", _key_pairs_sql())
    least = 3 if one_in == 1 else 1
    engine.make(
        "candidate_pairs",
        f"""
        SELECT row_number() OVER (ORDER BY l, r) - 1 AS pair_no, l, r FROM (
            SELECT l, r FROM key_pairs GROUP BY l, r HAVING count(*) >= {least}
            ORDER BY count(*) DESC, l, r LIMIT {budget})
        """,
    )
    found = number(engine, f"SELECT count(*) FROM (SELECT 1 FROM key_pairs GROUP BY l, r HAVING count(*) >= {least})")
    n_candidates = min(found, budget)
    engine.drop("sketches", "keys", "key_sizes", "key_pairs")
    return {
        "bin_s": width,
        "keys_one_in": one_in,
        "candidate_pairs": n_candidates,
        "candidate_pairs_capped": found - n_candidates,
    }


def _choose_width(engine: Engine, budget: int, resolution: int) -> int:
    """The widest bin at which strangers are expected to share two bins no more often than the budget allows."""
    total, squares = (
        float(str(value))
        for value in engine.rows(
            f"SELECT coalesce(sum(n), 0), coalesce(sum(least(n, {_SKETCH}) * least(n, {_SKETCH})), 0) "
            "FROM (SELECT count(*) AS n FROM starts GROUP BY account_no)"
        )[0]
    )
    widths = [width for width in _WIDTHS if width >= resolution]
    for width in widths:
        crowding = float(
            str(
                engine.rows(
                    f"SELECT coalesce(sum(n * n), 0)::DOUBLE FROM (SELECT count(*) AS n FROM starts GROUP BY s // {width})"
                )[0][0]
            )
        )
        if (squares * crowding / max(total, 1.0) ** 2) ** 2 / 4 <= budget:
            return width
    return widths[-1]


def _key_pairs_sql() -> str:
    """Query of the pairs of accounts on each key: all of a small group, of a large one each with its next few."""
    near = " UNION ALL ".join(
        f"SELECT key, account_no AS x, lead(account_no, {step}) OVER shuffle AS y FROM large "
        f"WINDOW shuffle AS (PARTITION BY key ORDER BY (account_no * 2654435761 + key) % 4294967291, account_no)"
        for step in range(1, _NEIGHBOURS + 1)
    )
    return f"""
        WITH small AS (SELECT k.key, k.account_no FROM keys k JOIN key_sizes n ON n.key = k.key AND n.n <= {_LARGEST_GROUP}),
        large AS (SELECT k.key, k.account_no FROM keys k JOIN key_sizes n ON n.key = k.key AND n.n > {_LARGEST_GROUP})
        SELECT x.account_no AS l, y.account_no AS r
        FROM small x JOIN small y ON x.key = y.key AND x.account_no < y.account_no
        UNION ALL SELECT least(x, y), greatest(x, y) FROM ({near}) WHERE y IS NOT NULL
    """


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Candidate pairs, column by column.

    Attributes:
        l: Lesser account.
        r: Greater account.
        n_l: Starts of the lesser account while both lived, and of the greater.
        n_r: Starts of the greater account while both lived.
        overlap: Seconds in which both lived.
        hits: Per scale, starts of the one that coincide with one of the other.
        n_near: Starts of the other within the null's shifts of up to two hours.
        n_days: Days with a coincidence at the widest scale.
        first_s: First coincidence.
        last_s: Last coincidence.
    """

    l: Ints
    r: Ints
    n_l: Ints
    n_r: Ints
    overlap: Ints
    hits: list[Ints]
    n_near: Ints
    n_days: Ints
    first_s: Ints
    last_s: Ints


def _count_coincidences(engine: Engine, scales: list[int]) -> _Pairs:
    """Count how the starts of each candidate pair lie to each other within two hours."""
    engine.make(
        "near_lags",
        f"""
        WITH around AS (
            SELECT account_no, s, s // {_FAR} + step AS slot
            FROM starts CROSS JOIN (SELECT unnest([-1, 0, 1]) AS step)
        )
        SELECT c.pair_no, x.s, y.s - x.s AS lag
        FROM candidate_pairs c
        JOIN starts x ON x.account_no = c.l
        JOIN around y ON y.account_no = c.r AND y.slot = x.s // {_FAR}
        WHERE abs(y.s - x.s) <= {_FAR}
        """,
    )
    engine.make(
        "lives", "SELECT account_no, min(s) AS first_s, max(s) AS last_s, count(*) AS n FROM starts GROUP BY account_no"
    )
    hits = ", ".join(f"count(DISTINCT s) FILTER (abs(lag) <= {scale})" for scale in scales)
    columns = _columns(
        engine,
        f"""
        WITH counted AS (
            SELECT pair_no, {hits}, count(*) FILTER (abs(lag) > {_NEAR}) AS n_near,
                   count(DISTINCT s // {_DAY}) FILTER (abs(lag) <= {scales[-1]}) AS n_days,
                   min(s) FILTER (abs(lag) <= {scales[-1]}) AS first_s, max(s) FILTER (abs(lag) <= {scales[-1]}) AS last_s
            FROM near_lags GROUP BY pair_no
        )
        SELECT c.l, c.r, x.n, y.n, greatest(1, least(x.last_s, y.last_s) - greatest(x.first_s, y.first_s)),
               n.* EXCLUDE (pair_no)
        FROM candidate_pairs c
        JOIN counted n ON n.pair_no = c.pair_no AND n.n_days >= {_LEAST_DAYS}
        JOIN lives x ON x.account_no = c.l
        JOIN lives y ON y.account_no = c.r
        ORDER BY c.l, c.r
        """,
    )
    engine.drop("lives")
    k = len(scales)
    return _Pairs(*columns[:5], columns[5 : 5 + k], *columns[5 + k :])


def _judge(engine: Engine, pairs: _Pairs, scales: list[int], resolution: int) -> dict[str, object]:
    """Add the pairs in lockstep to `behaviours`."""
    chance, bits = _against_hours(engine, pairs, scales, resolution)
    n_accounts = number(engine, "SELECT count(*) FROM (SELECT 1 FROM starts GROUP BY account_no HAVING count(*) >= 3)")
    n_tested = n_accounts * (n_accounts - 1) // 2
    rows = np.flatnonzero((bits > 0) & (chance < 1e-4))
    if len(rows):
        for shifts in (_HOUR_SHIFTS, _DAY_SHIFTS):
            shifted_chance, shifted_bits = _against_shifts(engine, pairs, rows, (shifts, scales, resolution))
            chance[rows] = np.maximum(chance[rows], shifted_chance)
            bits[rows] = np.minimum(bits[rows], shifted_bits)
    rows = rows[_discovered(chance[rows], n_tested) & (bits[rows] > 0)]
    widest = pairs.hits[-1]
    _add(
        engine,
        "lockstep",
        {
            "l": pairs.l[rows],
            "r": pairs.r[rows],
            "bits": np.minimum(bits[rows], _LOCKSTEP_CAP),
            "n_events": widest[rows],
            "chance": chance[rows],
            "first_s": pairs.first_s[rows],
            "last_s": pairs.last_s[rows],
        },
    )
    return {
        "null": "the same pair shifted by 30 to 120 minutes, by 1 to 6 hours and by 1 to 14 days; the likeliest counts",
        "false_discovery_rate": _FALSE_DISCOVERY,
        "pairs_tested": n_tested,
        "pairs_found": len(rows),
        "scales_s": scales,
        "most_bits": _LOCKSTEP_CAP,
    }


def _against_hours(engine: Engine, pairs: _Pairs, scales: list[int], resolution: int) -> tuple[Floats, Floats]:
    """Probability and bits of the coincidences, against the shifts of up to two hours."""
    crowding = float(
        str(
            engine.rows(
                f"SELECT sum(n * n)::DOUBLE / sum(n)::DOUBLE / sum(n)::DOUBLE FROM (SELECT count(*) AS n FROM starts GROUP BY s // {_HOUR})"
            )[0][0]
        )
    )
    # Coincidences per second of shift if both followed everybody's hours: what half a count of the pair's own weighs.
    usual = np.maximum(pairs.n_l * pairs.n_r * crowding / _HOUR, 1e-12)
    size = pairs.n_near + 0.5
    rate = size / (2.0 * (_FAR - _NEAR) + 0.5 / usual)
    return _weigh(pairs, np.arange(len(pairs.l)), (rate, size), scales, resolution)


def _against_shifts(
    engine: Engine, pairs: _Pairs, rows: Ints, null: tuple[tuple[int, ...], list[int], int]
) -> tuple[Floats, Floats]:
    """Probability and bits of the coincidences, against shifts by these whole hours or days, at each scale alone."""
    shifts, scales, resolution = null
    engine.load(
        "suspects", pa.table({"no": pa.array(np.arange(len(rows))), "l": pa.array(pairs.l[rows]), "r": pa.array(pairs.r[rows])})
    )
    engine.load("shifts", pa.table({"shift": pa.array(shifts, pa.int64())}))
    wide = scales[-1]
    counts = ", ".join(f"count(*) FILTER (abs(lag) <= {scale})" for scale in scales)
    no, *hits = _columns(
        engine,
        f"""
        WITH around AS (
            SELECT account_no, s, s // {wide} + step AS slot
            FROM starts SEMI JOIN suspects ON suspects.r = starts.account_no
            CROSS JOIN (SELECT unnest([-1, 0, 1]) AS step)
        ),
        lags AS (
            SELECT c.no, y.s - x.s - h.shift AS lag
            FROM suspects c CROSS JOIN shifts h
            JOIN starts x ON x.account_no = c.l
            JOIN around y ON y.account_no = c.r AND y.slot = (x.s + h.shift) // {wide}
        )
        SELECT no, {counts} FROM lags GROUP BY no ORDER BY no
        """,
    )
    engine.drop("suspects", "shifts")
    # Where lives overlap little, a shift leaves still less of them to coincide in.
    overlap = pairs.overlap[rows]
    shifted = np.abs(np.array(shifts))[:, None]
    n_shifts = np.maximum((1 - shifted / overlap[None, :]).clip(0).sum(axis=0), 1.0)
    chance, bits = np.zeros(len(rows)), np.full(len(rows), np.inf)
    worst_chance, worst_bits = np.ones(len(rows)), np.full(len(rows), -np.inf)
    for i, scale in enumerate(scales):
        found = np.zeros(len(rows))
        found[no] = hits[i]
        size = found + 0.5
        rate = size / n_shifts / (2 * scale + resolution)
        chance, bits = _weigh(pairs, rows, (rate, size), [scale], resolution, of=i)
        worst_chance = np.minimum(worst_chance, chance * len(scales))
        worst_bits = np.logaddexp2(worst_bits, bits)
    return np.minimum(worst_chance, 1.0), worst_bits - math.log2(len(scales))


def _weigh(
    pairs: _Pairs, rows: Ints, null: tuple[Floats, Floats], scales: list[int], resolution: int, of: int | None = None
) -> tuple[Floats, Floats]:
    """Probability under the null of as many coincidences, and log2 of how much likelier they are in lockstep.

    The null count is negative binomial: Poisson with a rate known from as many counts as `size`. Both are over all
    scales: the least probability times their number, the mean likelihood ratio.
    """
    rate, size = null
    size = np.minimum(size, _MOST_SIZE)
    fewer = np.minimum(pairs.n_l, pairs.n_r)[rows]
    chance, ratios = np.ones(len(rows)), []
    for i, scale in enumerate(scales):
        hits = pairs.hits[i if of is None else of][rows]
        mean = rate * (2 * scale + resolution)
        alone = _log_negative_binomial(hits, mean, size)
        chance = np.minimum(chance, len(scales) * _tail(alone, hits, mean, size))
        together = [_log_poisson(hits, mean + share * fewer) for share in _SHARES]
        joint = np.logaddexp.reduce(together, axis=0) - math.log(len(_SHARES)) + math.log(_LOCKSTEP_PRIOR)
        ratios.append(np.logaddexp(joint, alone + math.log(1 - _LOCKSTEP_PRIOR)) - alone)
    ratio = np.logaddexp.reduce(ratios, axis=0) - math.log(len(scales))
    return np.minimum(chance, 1.0), np.asarray(ratio / math.log(2))


_log_gamma = np.vectorize(math.lgamma, otypes=[np.float64])


def _log_poisson(n: Ints, mean: Floats) -> Floats:
    return np.asarray(n * np.log(mean) - mean - _log_gamma(n + 1.0))


def _log_negative_binomial(n: Ints, mean: Floats, size: Floats) -> Floats:
    more = np.log(mean) - np.log(mean + size)
    return np.asarray(
        _log_gamma(n + size) - _log_gamma(size) - _log_gamma(n + 1.0) + size * np.log1p(-np.exp(more)) + n * more
    )


def _tail(log_term: Floats, n: Ints, mean: Floats, size: Floats) -> Floats:
    """Upper bound of the negative binomial's tail from n on: its terms fall at least as fast as a geometric series."""
    more = mean / (mean + size)
    fall = np.maximum((n + size) / (n + 1.0), 1.0) * more
    tail = np.exp(log_term) / np.maximum(1 - fall, 1e-12)
    return np.asarray(np.where((fall < 1) & (n > 0), np.minimum(tail, 1.0), 1.0))


def _discovered(chance: Floats, n_tested: int) -> npt.NDArray[np.bool_]:
    """Benjamini and Hochberg's procedure over all pairs tested, of which those not given have no chance below 1."""
    order = np.argsort(chance, kind="stable")
    passes = chance[order] <= _FALSE_DISCOVERY * np.arange(1, len(order) + 1) / max(n_tested, 1)
    n_found = int(np.flatnonzero(passes)[-1]) + 1 if passes.any() else 0
    found = np.zeros(len(chance), bool)
    found[order[:n_found]] = True
    return found


# --- succession --------------------------------------------------------------------------------------------


def _find_succession(engine: Engine) -> dict[str, object]:
    """Add pairs of which one ended and, within days, the other began on a resource of the first.

    Ended means closed; when no account is told to be closed, silent for long before the data end. The chance of a
    hand-over is the rate at which accounts are born on the resource, times the delay.
    """
    engine.make("spans", _spans_sql(engine))
    engine.make(
        "stays",
        f"""
        SELECT h.identifier_no, h.account_no, min(h.first_s) AS first_s, max(h.last_s) AS last_s
        FROM holdings h JOIN shared_identifiers i USING (identifier_no)
        WHERE i.degree <= {_LARGEST_RESOURCE} AND h.first_s IS NOT NULL GROUP BY ALL
        """,
    )
    engine.make(
        "births",
        f"""
        SELECT t.identifier_no, t.account_no, p.birth_s FROM stays t JOIN spans p USING (account_no)
        WHERE t.first_s - p.birth_s BETWEEN -{_HOUR} AND {_LONGEST_DELAY}
        """,
    )
    l, r, delay, n_others, span, ended = _columns(engine, _hand_overs_sql())
    engine.drop("spans", "stays", "births")
    # Few births in a short time tell little of the rate, so no resource is taken as quieter than one in 30 days.
    rate = (n_others + 1.0) / np.clip(span, _DAY, 30 * _DAY)
    density = np.mean([np.exp(-delay / mean) / mean for mean in _DELAYS], axis=0)
    bits = np.log2(_SUCCESSION_PRIOR * density + (1 - _SUCCESSION_PRIOR) * rate) - np.log2(rate)
    chance = -np.expm1(-rate * np.maximum(delay, 1))
    best = np.lexsort((-bits, r, l))
    best = best[np.unique(l[best] << 32 | r[best], return_index=True)[1]]
    best = best[bits[best] >= 0.5]
    _add(
        engine,
        "succession",
        {
            "l": l[best],
            "r": r[best],
            "bits": np.minimum(bits[best], _SUCCESSION_CAP),
            "n_events": np.ones(len(best), np.int64),
            "chance": chance[best],
            "first_s": ended[best],
            "last_s": (ended + delay)[best],
        },
    )
    return {
        "null": "births on the resource at its own rate, of at least one in 30 days",
        "limit_hours": _LONGEST_DELAY // _HOUR,
        "pairs_tested": len(np.unique(l << 32 | r)),
        "pairs_found": len(best),
        "most_bits": _SUCCESSION_CAP,
    }


def _spans_sql(engine: Engine) -> str:
    """Query of the birth and the end of each account in seconds; null when before the data or not known."""
    told = number(engine, "SELECT count(closed_at) FROM accounts")
    end = (
        "epoch(c.closed_at)::BIGINT"
        if told
        else f"CASE WHEN last_s < (SELECT max(s) FROM moments) - 7 * {_DAY} - 5 * (last_s - first_s) / n THEN last_s END"
    )
    return f"""
        WITH seen AS (SELECT account_no, min(s) AS first_s, max(s) AS last_s, count(*) AS n FROM moments GROUP BY account_no),
        begun AS (SELECT min(s) AS s FROM moments)
        SELECT a.account_no, {end} AS end_s,
               CASE WHEN coalesce(epoch(c.created_at)::BIGINT, m.first_s - 3 * {_DAY}) >= begun.s
                    THEN coalesce(epoch(c.created_at)::BIGINT, m.first_s) END AS birth_s
        FROM seen m JOIN account_numbers a USING (account_no) JOIN accounts c ON c.account_id = a.account_id, begun
    """


def _hand_overs_sql() -> str:
    return f"""
        WITH resources AS (
            SELECT t.identifier_no, max(t.last_s) - min(t.first_s) AS span FROM stays t GROUP BY t.identifier_no
        ),
        sizes AS (SELECT identifier_no, count(*) AS n FROM births GROUP BY identifier_no)
        SELECT least(t.account_no, b.account_no) AS l, greatest(t.account_no, b.account_no) AS r,
               greatest(b.birth_s - p.end_s, 0) AS delay, n.n - 1 AS n_others, u.span, p.end_s
        FROM stays t
        JOIN spans p ON p.account_no = t.account_no AND p.end_s - t.last_s <= 30 * {_DAY}
        JOIN births b ON b.identifier_no = t.identifier_no AND b.account_no <> t.account_no
                     AND b.birth_s BETWEEN p.end_s - {_HOUR} AND p.end_s + {_LONGEST_DELAY}
        JOIN resources u ON u.identifier_no = t.identifier_no
        JOIN sizes n ON n.identifier_no = t.identifier_no
        ORDER BY l, r, t.identifier_no
    """
