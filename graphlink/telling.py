"""How telling each kind of identifier is, learned from how the kinds agree with each other. No labels.

Of the pairs of accounts that share a value of one kind, some have one operator and some do not; a pair's
other kinds tell which, since one operator's accounts agree on them too and strangers' do so by chance. A
two-class mixture with one view per kind (the pairs that share a value of that kind) gives for each kind, size
of value and number of meetings the share of pairs with one operator. It is Fellegi and Sunter's model (1969)
fitted by expectation maximisation (Winkler 1988), with these differences, each because the plain model fails
without it:

- kinds that imply each other (a full name and its surname) count once, and what a kind adds once another is
  shared is learned per pair of kinds, so that dependent kinds are not added up;
- common backgrounds (time zone, country, mail provider) count once between them;
- where a kind has a stated prior the data may move it only part of the way, because an operator who evades
  shares one facet only, and absence of the others is missing rather than contrary.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphlink.engine import Engine
    from graphlink.settings import Settings

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

N_DEGREES = 11  # buckets of degree - 1 by powers of two: 2, 3-4, 5-8, ... 1026 and more
N_REPEATS = 3  # buckets of meetings: 1, 2-3, 4 and more
_PAIRS_PER_BUCKET = 4_000  # sampled from each kind, bucket of degree and bucket of meetings
_JUDGED = 10.0  # so many pairs a judged one counts for: of the others it is guessed what they are
_SLICE = 1 << 22  # of the shuffle, which goes to 2 ** 32: a thousand slices
_ITERATIONS = 200
_IMPLIES = 0.97  # a kind implies another when that share of its pairs agree on the other as well
_BACKGROUND = 0.05  # a kind on which that share of random pairs agree says where people are, not who
_PSEUDO_PAIRS = 10.0  # weight of a kind's own law against a bucket's data
_MOST_CONTRARY = 3.0  # nats that one group of kinds may speak against a pair while learning
# The rarity of a value against the usual one of its kind moves a learned ceiling by so many bits at most: in
# full between stated facets, little where dependence between open kinds may be why the value agrees.
_RARITY_STATED, _RARITY_OPEN = 12.0, 2.0
_SAME_FACET = 0.25  # what a kind adds when another of its facet is shared as well
# A stated prior is lowered by half of what the data say (an operator who shares one facet only looks like
# strangers here), and by less where there are fewer than 17 holders, who may well share nothing else.
_ABSENCE = 0.5 * np.minimum(1.0, np.repeat(np.arange(N_DEGREES), N_REPEATS) / 4.0)
_MUCH = 12.0  # bits; a kind that may say less can link no pair at the prior of one in 4,096
_LN2 = float(np.log(2.0))

_BUCKETS_SQL = (
    f"least(floor(log2(degree - 1)), {N_DEGREES - 1})::TINYINT AS degree_no, "
    "(CASE WHEN n_meetings >= 4 THEN 2 WHEN n_meetings >= 2 THEN 1 ELSE 0 END)::TINYINT AS repeat_no"
)


@dataclass(frozen=True, slots=True)
class _View:
    """Patterns of the sampled pairs that share a value of one kind.

    Attributes:
        bucket: Bucket of degree and meetings, as degree_no * N_REPEATS + repeat_no.
        states: Per pattern and kind: 1 both agree, 0 both have it and differ, -1 one lacks it.
        count: Pairs with the pattern.
        verdict: What analysts found of them: 1 one operator, 0 two, -1 not judged.
    """

    bucket: Integers
    states: NDArray[np.int8]
    count: Floats
    verdict: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class _Prior:
    """What is known before the data.

    Attributes:
        law: Log odds (nats) per kind and bucket: the kind's prior shared out among the holders.
        is_declared: Per kind, whether its prior was stated rather than assumed.
        is_derived: Per kind, whether no account was seen with it itself: it follows from another kind.
        facet: Per kind, the least kind of its facet.
        by_chance: Per kind, share of random pairs that agree on it.
        in_time: Per common kind that is told by windows, the share of pairs of one window that agree on it.
    """

    law: Floats
    is_declared: NDArray[np.bool_]
    is_derived: NDArray[np.bool_]
    facet: Integers
    by_chance: Floats
    in_time: Floats


@dataclass(frozen=True, slots=True)
class _Telling:
    """What was learned.

    Attributes:
        share: Per kind and bucket, share of pairs with one operator.
        same: Per kind, how often one operator's pairs agree on it.
        chance: Per kind, how often strangers' pairs that share something else agree on it.
        chance_given: The same per kind that is shared and kind.
        implies: Per kind that is shared and kind, whether the one implies the other.
        group: Per kind, the least kind of those that count once.
    """

    share: Floats
    same: Floats
    chance: Floats
    chance_given: Floats
    implies: NDArray[np.bool_]
    group: Integers


def learn_telling(engine: Engine, _: Settings) -> dict[str, object]:
    """Make `telling`, `ceilings` and `contrary` from `shared`, `account_kinds` and `judged`.

    - `telling` (kind_no, degree_no, repeat_no, log_odds): log2 odds that a pair that shares a value of that
      kind, size and number of meetings has one operator;
    - `ceilings` (given_no, kind_no, bits, share, rarity): the most that a kind adds, and the share of its own
      bits that counts, when the given kind is shared too;
    - `contrary` (kind_no, group_no, bits): what it says, at most 0, when both accounts have one value and
      differ.

    Returns:
        What was learned of each kind, for the manifest.
    """
    kinds = engine.rows(
        "SELECT k.kind, k.private, coalesce(s.n_accounts, 0), coalesce(s.n_single, 0), "
        "min(k.kind_no) OVER (PARTITION BY k.facet), k.spread, k.is_declared "
        "FROM kinds k LEFT JOIN kind_sizes s USING (kind_no) ORDER BY kind_no"
    )
    names = [str(row[0]) for row in kinds]
    private, spread = (np.array([row[i] for row in kinds], dtype=float) for i in (1, 5))
    declared = np.array([row[6] for row in kinds], dtype=bool)
    prior = _Prior(
        _law(private, spread, declared),
        declared,
        np.array([row[2] == 0 for row in kinds], dtype=bool),
        np.array([row[4] for row in kinds], dtype=np.int64),
        _agreement_by_chance(engine, len(names)),
        _agreement_in_time(engine, len(names)),
    )
    engine.make("pair_kinds", _pair_kinds_sql())
    engine.make("many_kinds", "SELECT l, r FROM pair_kinds GROUP BY l, r HAVING count(*) > 1")
    learned = _fit(_draw_views(engine, len(names)), prior)
    n_accounts, n_single = (np.array([row[i] for row in kinds], dtype=float) for i in (2, 3))
    is_single = (n_single >= 0.95 * n_accounts) & ~declared
    _load_telling(engine, learned)
    _load_ceilings(engine, learned, prior)
    _load_contrary(engine, learned, is_single)
    return {"kinds": _facts(names, learned)}


def _pair_kinds_sql() -> str:
    """Query of what each pair shares per kind: the rarest value and how often they met.

    A wider identifier is evidence only for pairs that do not share the narrower one that it follows from:
    accounts on one address are on one network, and that says nothing more.
    """
    return f"""
        WITH per_kind AS (
            SELECT l, r, kind_no, min(degree) AS degree, sum(n_windows)::BIGINT AS n_meetings,
                   bool_or(is_own) AS is_own, CASE WHEN count(*) = 1 THEN min(identifier_no) END AS only_no
            FROM shared s
            WHERE NOT EXISTS (SELECT 1 FROM widenings w JOIN shared n ON n.kind_no = w.kind_no
                              WHERE w.wider_no = s.kind_no AND n.l = s.l AND n.r = s.r)
            GROUP BY l, r, kind_no
        )
        SELECT l, r, kind_no, degree, is_own, only_no, {_BUCKETS_SQL} FROM per_kind
    """


def _law(private: Floats, spread: Floats, declared: NDArray[np.bool_]) -> Floats:
    """Log odds before the data: a value's prior is shared out among its holders; meeting again adds a bit.

    Of d holders of a public value each has about the same number of accounts of its own among the others
    whatever d is, so the odds that a pair has one operator fall with 1 / (d - 1); see `Kind.spread` for the
    others.
    """
    holders = (np.arange(N_DEGREES) + 0.25 * (np.arange(N_DEGREES) > 0)) * _LN2
    again = np.arange(N_REPEATS) * _LN2
    odds = np.log(private / (1.0 - private))
    law = (
        odds[:, None, None]
        - (spread[:, None] * holders)[:, :, None]
        + again[None, None, :] * declared[:, None, None]
    )
    return law.reshape(len(private), N_DEGREES * N_REPEATS)


def _agreement_by_chance(engine: Engine, n_kinds: int) -> Floats:
    rows = engine.rows(
        "SELECT i.kind_no, "
        "least(1.0, sum(i.degree * (i.degree - 1.0)) / max(s.n_accounts * (s.n_accounts - 1.0))) "
        "FROM shared_identifiers i JOIN kind_sizes s USING (kind_no) JOIN kinds k USING (kind_no) "
        "WHERE k.window_s IS NULL GROUP BY i.kind_no"
    )
    by_chance = np.full(n_kinds, 1e-6)
    for kind_no, share in rows:
        by_chance[int(str(kind_no))] = max(1e-6, float(str(share)))
    return by_chance


def _agreement_in_time(engine: Engine, n_kinds: int) -> Floats:
    """Share of the pairs seen in one window that agree on a common kind that may say little (a client).

    Where few pairs are known, the fit can't tell what strangers have in common. Only accounts with a shared
    value are counted; where a kind is common these are nearly all.
    """
    rows = engine.rows(
        f"""
        WITH asked AS (
            SELECT kind_no FROM kinds
            WHERE window_s IS NOT NULL AND (most_bits < {_MUCH} OR NOT is_declared)
        ),
        present AS (
            SELECT kind_no, sum(n * (n - 1.0)) AS n_pairs
            FROM (SELECT i.kind_no, h.window_no, count(DISTINCT h.account_no) AS n
                  FROM holdings h JOIN shared_identifiers i ON i.identifier_no = h.identifier_no
                  WHERE i.kind_no IN (SELECT kind_no FROM asked)
                  GROUP BY i.kind_no, h.window_no)
            GROUP BY kind_no
        ),
        agreeing AS (
            SELECT i.kind_no, sum(c.degree * (c.degree - 1.0)) AS n_pairs
            FROM cells c JOIN shared_identifiers i ON i.identifier_no = c.identifier_no
            GROUP BY i.kind_no
        )
        SELECT p.kind_no, least(1.0, a.n_pairs / p.n_pairs)
        FROM present p JOIN agreeing a ON a.kind_no = p.kind_no WHERE p.n_pairs > 0
        """
    )
    in_time = np.zeros(n_kinds)
    for kind_no, share in rows:
        in_time[int(str(kind_no))] = float(str(share)) if float(str(share)) > _BACKGROUND else 0.0
    return in_time


def _draw_views(engine: Engine, n_kinds: int) -> list[_View]:
    """Draw pairs for each kind, by a fixed shuffle of them, and find on which kinds they agree."""
    engine.make("views", _views_sql())
    engine.make("viewed", "SELECT DISTINCT l, r FROM views")
    engine.make("patterns", _patterns_sql(engine, n_kinds))
    columns = ", ".join(f"s{k}" for k in range(n_kinds))
    table = engine.arrow(
        f"SELECT v.kind_no, v.degree_no * {N_REPEATS} + v.repeat_no AS bucket, v.verdict, {columns}, "
        "count(*) AS n "
        f"FROM views v JOIN patterns p USING (l, r) GROUP BY ALL ORDER BY ALL"
    )
    engine.drop("views", "viewed", "patterns")
    kind_no = table["kind_no"].to_numpy()
    states_of = np.column_stack([table[f"s{k}"].to_numpy() for k in range(n_kinds)]).astype(np.int8)
    bucket, verdict = table["bucket"].to_numpy().astype(np.int64), table["verdict"].to_numpy()
    count = table["n"].to_numpy() * np.where(verdict >= 0, _JUDGED, 1.0)
    return [
        _View(*(column[kind_no == k] for column in (bucket, states_of, count, verdict)))
        for k in range(n_kinds)
    ]


def _views_sql() -> str:
    """Query of the pairs drawn from each bucket: judged ones, then by a fixed shuffle.

    To order every pair would take longest, so the shuffle is cut into slices, and of each bucket only those
    are ordered that its first pairs are in.
    """
    shuffle = "(p.l::BIGINT * 2654435761 + p.r::BIGINT * 40503) % 4294967291"
    pairs = f"""
        SELECT p.l, p.r, p.kind_no, p.degree_no, p.repeat_no, j.is_same,
               CASE WHEN j.l IS NULL THEN ({shuffle}) // {_SLICE} ELSE -1 END AS slice
        FROM pair_kinds p LEFT JOIN judged j ON j.l = p.l AND j.r = p.r
        WHERE p.is_own OR j.l IS NOT NULL
    """
    return f"""
        WITH slices AS (
            SELECT kind_no, degree_no, repeat_no, slice, count(*) AS n
            FROM ({pairs}) GROUP BY kind_no, degree_no, repeat_no, slice
        ),
        before AS (
            SELECT kind_no, degree_no, repeat_no, slice,
                   sum(n) OVER (PARTITION BY kind_no, degree_no, repeat_no ORDER BY slice) - n AS n_before
            FROM slices
        ),
        lasts AS (
            SELECT kind_no, degree_no, repeat_no, max(slice) AS slice
            FROM before WHERE n_before < {_PAIRS_PER_BUCKET} GROUP BY kind_no, degree_no, repeat_no
        )
        SELECT p.l, p.r, p.kind_no, p.degree_no, p.repeat_no, coalesce(p.is_same::TINYINT, -1) AS verdict
        FROM ({pairs}) p
        JOIN lasts t ON t.kind_no = p.kind_no AND t.degree_no = p.degree_no AND t.repeat_no = p.repeat_no
                    AND p.slice <= t.slice
        QUALIFY row_number() OVER (PARTITION BY p.kind_no, p.degree_no, p.repeat_no
                                   ORDER BY p.is_same IS NULL, {shuffle}, p.l, p.r) <= {_PAIRS_PER_BUCKET}
    """


def _patterns_sql(engine: Engine, n_kinds: int) -> str:
    """Query of how the viewed pairs stand on each kind: 1 both agree, 0 both have it and differ, -1 neither.

    What they agree on is shared, or of a cell too large to be looked up for pairs. A kind that no account was
    seen with itself is had by those who agree on it.
    """
    had = {int(str(row[0])) for row in engine.rows("SELECT DISTINCT kind_no FROM account_kinds")}
    has = ", ".join(f"bool_or(kind_no = {k}) AS has{k}" for k in range(n_kinds))
    agrees = ", ".join(f"bool_or(kind_no = {k}) AS agrees{k}" for k in range(n_kinds))
    states = ", ".join(
        (
            f"CASE WHEN x.has{k} AND y.has{k} THEN a.agrees{k}::TINYINT ELSE -1 END"
            if k in had
            else f"CASE WHEN a.agrees{k} THEN 1 ELSE -1 END"
        )
        + f"::TINYINT AS s{k}"
        for k in range(n_kinds)
    )
    return f"""
        WITH in_hubs AS (
            SELECT h.identifier_no, h.window_no, h.account_no, i.kind_no
            FROM holdings h
            JOIN cells c ON c.identifier_no = h.identifier_no AND c.window_no = h.window_no
            JOIN shared_identifiers i ON i.identifier_no = h.identifier_no
            JOIN caps p ON p.kind_no = i.kind_no
            WHERE c.degree > p.most_scored
        ),
        agreements AS (
            SELECT v.l, v.r, s.kind_no FROM viewed v JOIN shared s ON s.l = v.l AND s.r = v.r
            UNION ALL
            SELECT v.l, v.r, x.kind_no
            FROM viewed v
            JOIN in_hubs x ON x.account_no = v.l
            JOIN in_hubs y ON y.account_no = v.r AND y.identifier_no = x.identifier_no
                          AND y.window_no = x.window_no
        ),
        agreed AS (SELECT l, r, {agrees} FROM agreements GROUP BY l, r),
        seen AS (SELECT account_no, {has} FROM account_kinds GROUP BY account_no)
        SELECT a.l, a.r, {states}
        FROM agreed a JOIN seen x ON x.account_no = a.l JOIN seen y ON y.account_no = a.r
    """


def _fit(views: list[_View], prior: _Prior) -> _Telling:
    n_kinds = len(views)
    agreed, high = _agreement_rates(views)
    implies = _implications(agreed, prior)
    group = _groups(implies, prior)
    chance = np.array(
        [
            _first_chance(high[~implies[:, j], j], max(prior.by_chance[j], prior.in_time[j]))
            for j in range(n_kinds)
        ]
    )
    law = prior.law.copy()
    learned = _Telling(
        _share(law), np.full(n_kinds, 0.5), chance, np.tile(chance, (n_kinds, 1)), implies, group
    )
    for _ in range(_ITERATIONS):
        following = _improve(views, prior, learned)
        moved = float(np.abs(following.share - learned.share).max())
        learned = following
        if moved < 1e-4:
            break
    return learned


def _agreement_rates(views: list[_View]) -> tuple[Floats, Floats]:
    """Per kind shared and kind, the share of pairs that agree: of all, and on common values (NaN: few)."""
    n_kinds = len(views)
    agreed, high = np.zeros((n_kinds, n_kinds)), np.full((n_kinds, n_kinds), np.nan)
    for k, view in enumerate(views):
        known = (view.states >= 0) * view.count[:, None]
        both = (view.states == 1) * view.count[:, None]
        is_common = (view.bucket // N_REPEATS >= 4)[:, None]
        for table, chosen, least in ((agreed, 1, 20), (high, is_common, 100)):
            n = (known * chosen).sum(axis=0)
            rate = (both * chosen).sum(axis=0) / np.maximum(n, 1)
            table[k] = np.where(n >= least, rate, table[k])
    return agreed, high


def _first_chance(rates: Floats, by_chance: float) -> float:
    known = rates[~np.isnan(rates)]
    return float(max(by_chance, 1e-5, np.median(known) if len(known) else 3 * by_chance))


def _implications(agreed: Floats, prior: _Prior) -> NDArray[np.bool_]:
    """Per kind shared and kind, whether sharing the one means sharing the other.

    Between kinds whose facets were stated that is no dependence: the accounts of a tidy operator share all of
    them.
    """
    either_open = ~(prior.is_declared[:, None] & prior.is_declared[None, :])
    implies = (agreed >= _IMPLIES) & either_open
    # An address implies its network. Kinds that follow from others are never seen to differ, so how often
    # strangers agree on them can't be learned, and within a facet they would only say again what is known.
    implies |= prior.is_derived[None, :] & (prior.facet[:, None] == prior.facet[None, :])
    return np.asarray(implies | np.eye(len(agreed), dtype=bool))


def _groups(implies: NDArray[np.bool_], prior: _Prior) -> Integers:
    """Per kind, the least of those that count once: a facet, kinds that imply one another, backgrounds."""
    is_background = prior.by_chance > _BACKGROUND
    tied = (
        implies
        | (is_background[:, None] & is_background[None, :])
        | (prior.facet[:, None] == prior.facet[None, :])
    )
    group = np.arange(len(implies))
    for k, j in np.argwhere(tied):
        low, high = sorted((group[k], group[j]))
        group[group == high] = low
    return group


def _improve(views: list[_View], prior: _Prior, now: _Telling) -> _Telling:
    """One step of expectation maximisation."""
    n_kinds = len(views)
    share = now.share.copy()
    same_n, same_of, strange_n, strange_of = (np.zeros((n_kinds, n_kinds)) for _ in range(4))
    total = np.array([max(view.count.sum(), 1.0) for view in views])
    for k, view in enumerate(views):
        if view.count.sum() < _PSEUDO_PAIRS:
            share[k] = _share(prior.law[k])
            continue
        posterior = _posterior(view, k, now)
        share[k] = _share_given(view, posterior, prior, k)
        known, both = view.states >= 0, view.states == 1
        weight, rest = (view.count * posterior)[:, None], (view.count * (1 - posterior))[:, None]
        same_n[k], same_of[k] = (both * weight).sum(axis=0), (known * weight).sum(axis=0)
        strange_n[k], strange_of[k] = (both * rest).sum(axis=0), (known * rest).sum(axis=0)
    free = ~now.implies
    # Views count by the root of their size, so that one common kind does not speak for all.
    scale = free / np.sqrt(np.maximum(total, 100.0))[:, None]
    same = ((same_n * scale).sum(axis=0) + 0.01) / ((same_of * scale).sum(axis=0) + 0.02)
    chance = np.array(
        [
            _typical(strange_n[:, j], strange_of[:, j], free[:, j], max(prior.by_chance[j], prior.in_time[j]))
            for j in range(n_kinds)
        ]
    )
    pseudo = 0.1 * total[:, None] + _PSEUDO_PAIRS
    chance_given = (strange_n + pseudo * chance) / (strange_of + pseudo)
    return _Telling(
        share, np.clip(same, 0.02, 0.98), chance, np.clip(chance_given, 1e-6, 0.999), now.implies, now.group
    )


def _typical(n: Floats, of: Floats, free: NDArray[np.bool_], by_chance: float) -> float:
    """Median over views of how often strangers agree; a kind that few views know keeps its random rate."""
    enough = free & (of > 50)
    return (
        float(max(1e-5, by_chance, np.median(n[enough] / of[enough])))
        if enough.any()
        else max(1e-3, by_chance)
    )


def _posterior(view: _View, k: int, now: _Telling) -> Floats:
    """Probability of one operator per pattern of a view; of a group of kinds the strongest word counts."""
    odds = np.log(now.share[k, view.bucket]) - np.log1p(-now.share[k, view.bucket])
    agree, differ = _words(now.same, now.chance_given[k])
    heard = ~now.implies[k]
    for group in np.unique(now.group):
        members = (now.group == group) & heard
        if members.any():
            states = view.states[:, members]
            odds += np.where(states == 1, agree[members], 0.0).max(axis=1)
            odds += np.where(states == 0, differ[members], 0.0).min(axis=1)
    guessed = 1.0 / (1.0 + np.exp(-np.clip(odds, -30.0, 30.0)))
    return np.where(view.verdict >= 0, view.verdict, guessed)


def _words(same: Floats, chance: Floats) -> tuple[Floats, Floats]:
    """Nats that agreeing on each kind says, at least 0, and that differing says, at most 0."""
    agree = np.maximum(0.0, np.log(same / chance))
    differ = np.clip(np.log((1.0 - same) / (1.0 - np.minimum(chance, 0.999))), -_MOST_CONTRARY, 0.0)
    return agree, differ


def _share_given(view: _View, posterior: Floats, prior: _Prior, k: int) -> Floats:
    """Share of pairs with one operator per bucket: the kind's law moved to the data, then its own data."""
    size = N_DEGREES * N_REPEATS
    n = np.bincount(view.bucket, weights=view.count, minlength=size)
    found = np.bincount(view.bucket, weights=view.count * posterior, minlength=size)
    law = prior.law[k]
    # Buckets count alike up to 200 pairs, so that a kind's common values do not rule its rare ones.
    weight = np.minimum(n, 200.0) / np.maximum(n, 1.0)
    moved = _offset(law, n * weight, float((found * weight).sum()))
    if not prior.is_declared[k]:
        return np.clip((found + _PSEUDO_PAIRS * _share(law + moved)) / (n + _PSEUDO_PAIRS), 1e-5, 0.995)
    # What analysts judged is no absence: it moves the prior itself.
    judged = view.count * (view.verdict >= 0)
    n_judged = np.bincount(view.bucket, weights=judged, minlength=size)
    n_same = np.bincount(view.bucket, weights=judged * posterior, minlength=size)
    share = np.clip((n_same + _PSEUDO_PAIRS * _share(law)) / (n_judged + _PSEUDO_PAIRS), 1e-5, 0.995)
    law = np.where(n_judged > 0, np.log(share) - np.log1p(-share), law)
    seen = np.clip((found + _PSEUDO_PAIRS * _share(law)) / (n + _PSEUDO_PAIRS), 1e-5, 0.995)
    gain = np.log(seen) - np.log1p(-seen) - law
    return _share(law + np.where(gain > 0, gain, _ABSENCE * gain))


def _offset(law: Floats, n: Floats, found: float) -> float:
    """Nats to add to a law so that it expects as many pairs as were found, give or take some doubt."""
    doubt = _PSEUDO_PAIRS / 4.0
    low, high = -7.0, 7.0
    for _ in range(30):
        middle = (low + high) / 2
        expected = float((n * _share(law + middle)).sum()) + 2 * doubt / (1.0 + np.exp(-middle))
        low, high = (middle, high) if expected < found + doubt else (low, middle)
    return (low + high) / 2


def _share(log_odds: Floats) -> Floats:
    return np.clip(1.0 / (1.0 + np.exp(-log_odds)), 1e-6, 0.995)


def _load_telling(engine: Engine, learned: _Telling) -> None:
    n_kinds, size = learned.share.shape
    odds = (np.log(learned.share) - np.log1p(-learned.share)) / _LN2
    buckets = np.tile(np.arange(size), n_kinds)
    engine.load(
        "telling",
        pa.table(
            {
                "kind_no": pa.array(np.repeat(np.arange(n_kinds), size), pa.int32()),
                "degree_no": pa.array(buckets // N_REPEATS, pa.int32()),
                "repeat_no": pa.array(buckets % N_REPEATS, pa.int32()),
                "log_odds": pa.array(odds.ravel().round(4), pa.float64()),
            }
        ),
    )


def _load_ceilings(engine: Engine, learned: _Telling, prior: _Prior) -> None:
    """Load `ceilings`: what a kind may add, in bits and as a share of its own, when another is shared too."""
    n_kinds = len(learned.same)
    bits = np.maximum(0.0, np.log(learned.same[None, :] / learned.chance_given)) / _LN2
    is_stated = prior.is_declared[:, None] & prior.is_declared[None, :]
    is_facet = prior.facet[:, None] == prior.facet[None, :]
    is_background = prior.by_chance > _BACKGROUND
    # What is common to all counts once.
    bits[learned.implies | (is_background[:, None] & is_background[None, :])] = 0.0
    share = np.where(is_stated & is_facet, _SAME_FACET, 1.0)
    engine.load(
        "ceilings",
        pa.table(
            {
                "given_no": pa.array(np.repeat(np.arange(n_kinds), n_kinds), pa.int32()),
                "kind_no": pa.array(np.tile(np.arange(n_kinds), n_kinds), pa.int32()),
                "bits": pa.array(bits.ravel().round(4), pa.float64()),
                "share": pa.array(share.ravel(), pa.float64()),
                "rarity": pa.array(np.where(is_stated, _RARITY_STATED, _RARITY_OPEN).ravel(), pa.float64()),
            }
        ),
    )


def _load_contrary(engine: Engine, learned: _Telling, is_single: NDArray[np.bool_]) -> None:
    _, differ = _words(learned.same, learned.chance)
    chosen = np.flatnonzero(is_single & (differ < -0.01))
    engine.load(
        "contrary",
        pa.table(
            {
                "kind_no": pa.array(chosen, pa.int32()),
                "group_no": pa.array(learned.group[chosen], pa.int32()),
                "bits": pa.array((differ[chosen] / _LN2).round(4), pa.float64()),
            }
        ),
    )


def _facts(names: list[str], learned: _Telling) -> list[dict[str, object]]:
    return [
        {
            "kind": name,
            "private_of_two": round(float(learned.share[k, 0]), 4),
            "agreement_same_operator": round(float(learned.same[k]), 4),
            "agreement_strangers": round(float(learned.chance[k]), 5),
            "counts_once_with": [
                names[j] for j in np.flatnonzero(learned.group == learned.group[k]) if j != k
            ],
        }
        for k, name in enumerate(names)
    ]
