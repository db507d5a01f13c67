"""Chance: what coincidence alone would give, and how much of the list of links and clusters is false.

The null keeps sizes, degrees and rhythms. Per kind every identifier keeps the number of its holders and their
times, every account its number of sightings; which account is which is shuffled kind by kind, so only the
correspondence *between* facets is broken. Two strangers tied in two facets are then a coincidence. Their
expected number needs no shuffling: of n pairs tied in one kind and m in another, n * m * k coincide, where k
is the chance that two pairs drawn by the accounts' activity are the same one (a bipartite configuration
model, as in Newman, Strogatz and Watts 2001). Counting that for every strength of either tie gives the number
of pairs that coincidence lifts to any strength. Ties of pairs that are likely one operator's count as far as
they are not.

What it can't tell: an identifier of two holders has two holders under any null that keeps degrees, so
evidence of one facet alone is never surprising to it; what that is worth says the kind (`telling`). Strangers
who meet in two facets for a reason (one town, one office) are more than it expects. Three facets that
coincide are left out, being rarer still.

The false discovery rate of a list is the mean over its items of the probability to be false (Newton, Noueiry,
Sarkar and Ahlquist 2004), where the probability is the greatest of those stated: what the model says of the
link, or of the members of the cluster; of a cluster also what the hypotheses leave to the rivals of one
operator; what the null says; and 1 for what something harmless explains as well: a cluster of whose members
at least half hang together by one identifier (a card that one pays with for several) or by places and clients
alone. Nothing in the data tells a household, or a reseller's customers, from an operator then, so the rate is
a bound from above.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from graphlink.components import within
from graphlink.engine import number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphlink.engine import Engine
    from graphlink.settings import Settings

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

NULL = (
    "configuration: per kind, identifiers keep their holders and times, accounts their sightings; "
    "accounts are shuffled between kinds; expected number, not drawn"
)
_PAIRS_DRAWN = 2_000_000  # rows of ties counted; more are drawn by a fixed hash and weighed up
_ACCOUNTS_DRAWN = 50_000
_LARGEST_SCORED = 2_048  # accounts on a value at a time beyond which it says nothing of a pair
_BINS_PER_BIT = 4
_MOST_BITS = 120.0
_BIN_SQL = f"floor(round(bits, 6) * {_BINS_PER_BIT})::BIGINT"
_LEVELS = 10_000  # of doubt, in which links are listed
_FURTHER_SIZES = 200  # sizes beyond its own that a chance cluster is summed over
# A tie says something of its own from here on, alone and beside the others of its pair.
_GROUND_BITS, _GROUND_COUNTED = 3.0, 1.0
# People of one household are few, and use each other's cards.
_LARGEST_HOUSEHOLD = 5


@dataclass(frozen=True, slots=True)
class _Ties:
    """Pairs tied by one kind, by what the tie says.

    Attributes:
        facet: Its facet.
        bits: Bits of the ties of a row.
        rarity: log2 of how much rarer their values are than the kind's usual one.
        n: How many pairs.
    """

    facet: str
    bits: Floats
    rarity: Floats
    n: Floats


@dataclass(frozen=True, slots=True)
class _Beside:
    """What a kind counts beside a stronger one, by stronger and weaker kind; see `telling`'s ceilings."""

    ceiling: Floats
    share: Floats
    rarity: Floats


def weigh_chance(engine: Engine, settings: Settings) -> dict[str, object]:
    """Add `chance` and `fdr` to `links` and `clusters`, and `also_explained_by` to `clusters`.

    `chance` is the expected number of links at least as strong, or of clusters of at least as many accounts
    tied at least as strongly, that coincidence of facets gives in a run of this size. `fdr` is the false
    discovery rate of the list, the least doubtful first, down to and including the row.

    Returns:
        The null, and counts for the manifest.
    """
    expected = _expected_links(engine, settings.model.prior_bits)
    engine.make("explained", _explained_sql())
    n_active = _rate_clusters(engine, expected)
    _rate_links(engine, expected)
    engine.drop("sharing_bits", "explained")
    least = settings.model.min_probability
    return {
        "null": NULL,
        "links_by_chance": _significant(_lifted_to(expected, math.log2(least / (1.0 - least)))),
        "links_probable_by_chance": _significant(_lifted_to(expected, 0.0)),
        "accounts_in_effect": round(n_active),
        "clusters_also_explained": number(
            engine, "SELECT count(*) FROM clusters WHERE also_explained_by IS NOT NULL"
        ),
        "clusters_at_5_percent": number(engine, "SELECT count(*) FROM clusters WHERE fdr <= 0.05"),
        "links_at_5_percent": number(engine, "SELECT count(*) FROM links WHERE fdr <= 0.05"),
    }


# --------------------------------------------------------------------------------- links by coincidence


def _expected_links(engine: Engine, prior: float) -> Floats:
    """Expected number of pairs that coincidence lifts to at least the bits of each bin, from -_MOST_BITS up.

    A pair that one facet alone lifts there is as strong without the other, and no coincidence.
    """
    facets = [str(row[0]) for row in engine.rows("SELECT facet FROM kinds ORDER BY kind_no")]
    ties = _count_ties(engine, facets, prior)
    beside = _read_beside(engine, len(facets))
    same_pair = _same_pair(engine, len(facets))
    steps = np.zeros(round(2 * _MOST_BITS * _BINS_PER_BIT) + 1)
    for j, one in enumerate(ties):
        for k, other in enumerate(ties[:j]):
            if one.facet != other.facet and len(one.n) and len(other.n):
                chance = min(same_pair[j, k], 1.0 / max(1.0, one.n.sum(), other.n.sum()))
                alone, together = _joint_bits(ties, beside, j, k)
                n = (np.outer(one.n, other.n) * chance).ravel()
                steps += np.bincount(_bin(together + prior), weights=n, minlength=len(steps))
                steps -= np.bincount(_bin(alone + prior), weights=n, minlength=len(steps))
    lifted = np.maximum(steps[::-1].cumsum(), 0.0)
    # What reaches more bits reaches fewer as well.
    return np.asarray(np.maximum.accumulate(lifted)[::-1])


def _bin(bits: Floats) -> Integers:
    floor = np.floor(np.round(bits, 6) * _BINS_PER_BIT) + _MOST_BITS * _BINS_PER_BIT
    return np.asarray(np.clip(floor, 0, 2 * _MOST_BITS * _BINS_PER_BIT), dtype=np.int64)


def _joint_bits(ties: list[_Ties], beside: _Beside, j: int, k: int) -> tuple[Floats, Floats]:
    """Bits of pairs tied by kinds j and k: of the stronger alone and of both; rows of j with each of k."""
    of_j, of_k = ties[j].bits[:, None], ties[k].bits[None, :]
    after_j = _counted(ties[k], beside, j, k)[None, :]
    after_k = _counted(ties[j], beside, k, j)[:, None]
    weaker = np.where((of_j > of_k) | ((of_j == of_k) & (j < k)), after_j, after_k)
    alone = np.maximum(of_j, of_k)
    return alone.ravel(), (alone + weaker).ravel()


def _counted(weaker: _Ties, beside: _Beside, given: int, kind: int) -> Floats:
    """What the ties of a kind count when a stronger one is given, as in the step that weighs evidence."""
    ceiling = beside.ceiling[given, kind]
    if ceiling <= 0:
        return np.zeros(len(weaker.bits))
    most = np.maximum(0.0, ceiling + np.minimum(beside.rarity[given, kind], weaker.rarity))
    return np.asarray(np.minimum(weaker.bits * beside.share[given, kind], most))


def _drawn_sql(every: int) -> str:
    """Condition that keeps one in so many pairs, by a fixed hash of their accounts."""
    return f"(l::BIGINT * 2654435761 + r::BIGINT * 40503) % 4294967291 % {every} = 0"


def _count_ties(engine: Engine, facets: list[str], prior: float) -> list[_Ties]:
    every = 1 + number(engine, "SELECT count(*) FROM sharing_bits") // _PAIRS_DRAWN
    engine.make(
        "common_identifiers",
        f"""
        SELECT c.identifier_no, i.kind_no, max(c.degree) AS degree
        FROM cells c JOIN shared_identifiers i USING (identifier_no) JOIN caps p ON p.kind_no = i.kind_no
        WHERE c.degree > p.cap AND c.degree <= {_LARGEST_SCORED}
        GROUP BY c.identifier_no, i.kind_no
        """,
    )
    rows = engine.arrow(_ties_sql(every, prior))
    engine.drop("common_identifiers")
    kind, half_bits, log_degree, n = (
        rows[name].to_numpy() for name in ("kind_no", "half_bits", "log_degree", "n")
    )
    usual = np.zeros(len(facets))
    for kind_no, mean in engine.rows(
        f"SELECT kind_no, avg(log2(degree - 1)) FROM pair_kinds WHERE {_drawn_sql(every)} GROUP BY kind_no"
    ):
        usual[int(str(kind_no))] = round(float(str(mean)), 4)
    return [
        _Ties(facet, half_bits[kind == k] / 2.0, usual[k] - log_degree[kind == k], n[kind == k].astype(float))
        for k, facet in enumerate(facets)
    ]


def _ties_sql(every: int, prior: float) -> str:
    """Query of how many pairs of strangers each kind ties (n), by bits and size of the value.

    Every tie counts as far as its two accounts are not likely one operator's. A common identifier has made
    only a sample of its pairs: all of them count, at what it says of two of its holders.
    """
    drawn = _drawn_sql(every)
    return f"""
        WITH strongest AS (
            SELECT s.l, s.r, s.kind_no, max(s.bits) AS bits
            FROM sharing_bits s
            WHERE s.bits > 0 AND {drawn}
              AND s.identifier_no NOT IN (SELECT identifier_no FROM common_identifiers)
            GROUP BY s.l, s.r, s.kind_no
        ),
        tied AS (
            SELECT t.l, t.r, t.kind_no, t.bits, p.degree, {every} AS n
            FROM strongest t
            JOIN (SELECT * FROM pair_kinds WHERE {drawn}) p
                 ON p.l = t.l AND p.r = t.r AND p.kind_no = t.kind_no
            UNION ALL SELECT l, r, kind_no, bits, 2, 1 FROM numbered_behaviours
        ),
        strange AS (
            SELECT t.kind_no, t.bits, t.degree,
                   t.n * CASE WHEN k.l IS NULL THEN 1.0 ELSE 1.0 / (1.0 + pow(2.0, k.bits)) END AS n
            FROM tied t LEFT JOIN pair_links k ON k.l = t.l AND k.r = t.r
            UNION ALL
            SELECT c.kind_no, least(k.most_bits, log2(v.private / (1.0 - v.private)) - ({prior})), c.degree,
                   c.degree * (c.degree - 1) // 2 * (1.0 - v.private)
            FROM common_identifiers c
            JOIN kinds k ON k.kind_no = c.kind_no
            JOIN privacy v ON v.identifier_no = c.identifier_no
        )
        SELECT kind_no, floor(2.0 * round(bits, 6) + 0.5)::INTEGER AS half_bits,
               floor(log2(greatest(1, degree - 1)))::INTEGER AS log_degree,
               sum(round(n, 6)::DECIMAL(24, 6))::DOUBLE AS n
        FROM strange WHERE bits >= 0.25 GROUP BY ALL ORDER BY ALL
    """


def _read_beside(engine: Engine, n_kinds: int) -> _Beside:
    """What was learned of kinds beside each other; between kinds that it leaves out both count in full."""
    rows = engine.arrow("SELECT given_no, kind_no, bits, share, rarity FROM ceilings")
    place = (rows["given_no"].to_numpy(), rows["kind_no"].to_numpy())
    made = [np.full((n_kinds, n_kinds), free) for free in (np.inf, 1.0, 0.0)]
    for table, name in zip(made, ("bits", "share", "rarity"), strict=True):
        table[place] = rows[name].to_numpy()
    return _Beside(*made)


def _same_pair(engine: Engine, n_kinds: int) -> Floats:
    """Per two kinds, the chance that a pair tied by the one and a pair tied by the other are the same.

    Each account is in a pair as often as it was seen with values of that kind that are shared.
    """
    seen, share = _activity(engine, n_kinds)
    # A behaviour ties accounts by all that they do.
    seen[:, seen.sum(axis=0) == 0] = seen.sum(axis=1, keepdims=True)
    total, squares = seen.sum(axis=0) / share, (seen**2).sum(axis=0) / share
    n_pairs = np.maximum(1.0, (total**2 - squares) / 2)
    both = ((seen.T @ seen) / share) ** 2 - ((seen.T**2) @ (seen**2)) / share
    return np.asarray(np.clip(both / 2, 0.0, None) / np.outer(n_pairs, n_pairs))


def _activity(engine: Engine, n_kinds: int) -> tuple[Floats, float]:
    """Sightings per account and kind, of a share of the accounts drawn by a fixed hash; and that share."""
    n_accounts = number(engine, "SELECT count(*) FROM account_numbers")
    every = 1 + n_accounts // _ACCOUNTS_DRAWN
    drawn = f"(account_no::BIGINT * 2654435761) % 4294967291 % {every} = 0"
    rows = engine.arrow(
        "SELECT account_no, kind_no, count(*) AS n "
        "FROM holdings JOIN shared_identifiers USING (identifier_no) "
        f"WHERE {drawn} GROUP BY account_no, kind_no ORDER BY account_no, kind_no"
    )
    n_drawn = number(engine, f"SELECT count(*) FROM account_numbers WHERE {drawn}")
    accounts, row_of = np.unique(rows["account_no"].to_numpy(), return_inverse=True)
    seen = np.zeros((len(accounts), n_kinds))
    seen[row_of, rows["kind_no"].to_numpy()] = rows["n"].to_numpy()
    return seen, max(1, n_drawn) / max(1, n_accounts)


# ------------------------------------------------------------------------------------ clusters and links


def _explained_sql() -> str:
    """Query of the communities that something harmless explains as well, and what: see the module's head.

    A tie is a ground when it is no place and no client, and says something beside the other ties of its pair.
    The identifier that says most in a community may be a payer's. More than half of the members have to have
    a ground besides; in a household another card is none.
    """
    return f"""
        WITH members AS (
            SELECT *, count(*) OVER (PARTITION BY community_no) AS n_accounts FROM communities
        ),
        grounds AS (
            SELECT x.community_no, x.n_accounts, e.l, e.r, e.identifier_no, e.facet, e.counted_bits
            FROM pair_evidence e
            JOIN members x ON x.account_no = e.l
            JOIN members y ON y.account_no = e.r AND {within("x", "y")}
            WHERE e.facet NOT IN ('network', 'client')
              AND e.bits >= {_GROUND_BITS} AND e.counted_bits >= {_GROUND_COUNTED}
        ),
        payers AS (
            SELECT community_no, identifier_no FROM grounds WHERE identifier_no IS NOT NULL
            GROUP BY community_no, identifier_no
            QUALIFY row_number() OVER (PARTITION BY community_no
                ORDER BY sum(counted_bits::DECIMAL(18, 6)) DESC, identifier_no) = 1
        ),
        besides AS (
            SELECT g.community_no, g.l, g.r
            FROM grounds g LEFT JOIN payers i ON i.community_no = g.community_no
            WHERE (g.identifier_no IS NULL OR g.identifier_no IS DISTINCT FROM i.identifier_no)
              AND (g.n_accounts > {_LARGEST_HOUSEHOLD} OR g.facet <> 'payment')
        ),
        counted AS (
            SELECT community_no, count(DISTINCT account_no) AS n_grounded
            FROM (SELECT community_no, l AS account_no FROM besides
                  UNION ALL SELECT community_no, r FROM besides)
            GROUP BY community_no
        )
        SELECT m.community_no,
               CASE WHEN i.community_no IS NULL THEN 'place' ELSE 'one_identifier' END AS also_explained_by
        FROM (SELECT DISTINCT community_no, n_accounts FROM members) m
        LEFT JOIN payers i ON i.community_no = m.community_no
        LEFT JOIN counted c ON c.community_no = m.community_no
        WHERE 2 * coalesce(c.n_grounded, 0) <= m.n_accounts
    """


def _rate_clusters(engine: Engine, expected: Floats) -> float:
    """Add the columns to `clusters`; gives how many equally active accounts would meet as these do."""
    n_active = _n_active(engine)
    rows = engine.arrow(
        "SELECT c.cluster_id, c.n_accounts, round(c.mean_bits, 6) AS mean_bits, round(c.score, 6) AS score, "
        "round(c.p_same_operator, 6) AS p_same_operator, e.also_explained_by "
        "FROM clusters c JOIN cluster_names USING (cluster_id) "
        "LEFT JOIN explained e USING (community_no) ORDER BY c.cluster_id"
    )
    size = rows["n_accounts"].to_numpy()
    # What holds a cluster together is links likelier than not, whatever its weaker ones are.
    strength = np.maximum(0.0, rows["mean_bits"].to_numpy())
    chance = _clusters_by_chance(expected, size, strength, n_active)
    is_explained = rows["also_explained_by"].is_valid().to_numpy()
    certain = np.minimum(rows["score"].to_numpy(), rows["p_same_operator"].to_numpy())
    doubt = np.where(is_explained, 1.0, 1.0 - certain)
    doubt = np.maximum(doubt, np.minimum(1.0, chance / _n_at_least(size, strength)))
    engine.load(
        "cluster_chances",
        pa.table(
            {
                "cluster_id": rows["cluster_id"],
                "chance": pa.array(chance, pa.float64()),
                "fdr": pa.array(false_discovery_rates(doubt), pa.float64()),
                "also_explained_by": rows["also_explained_by"],
            }
        ),
    )
    engine.make(
        "clusters",
        "SELECT c.* EXCLUDE (chance, fdr, also_explained_by), v.chance, v.fdr, v.also_explained_by "
        "FROM clusters c JOIN cluster_chances v USING (cluster_id)",
    )
    engine.drop("cluster_chances")
    return n_active


def _n_active(engine: Engine) -> float:
    """Number of accounts that, equally active, would meet as often by chance as these do."""
    total, squares = engine.rows(
        "SELECT sum(n)::DOUBLE, sum(n * n)::DOUBLE FROM ("
        "SELECT count(*) AS n FROM holdings GROUP BY account_no)"
    )[0]
    return float(str(total)) ** 2 / float(str(squares)) if squares else 0.0


def _clusters_by_chance(expected: Floats, size: Integers, strength: Floats, n_active: float) -> Floats:
    """Expected number of clusters of at least that many accounts, held by links at least that strong.

    Coincidences fall like the edges of a random graph (Erdős and Rényi 1960), whose small parts are trees: of
    k of N accounts there are N k^(k-2) c^(k-1) exp(-ck) / k!, where c is the mean number of links of one.
    """
    kinds, which = np.unique(np.column_stack([expected[_bin(strength)], size]), axis=0, return_inverse=True)
    links, n_accounts = kinds.T
    mean_links = np.maximum(2.0 * links / max(1.0, n_active), 1e-300)
    k = n_accounts[:, None] + np.arange(_FURTHER_SIZES)[None, :]
    log_factorial = np.cumsum(np.log(np.arange(1, k.max(initial=1) + 1)))[k.astype(np.int64) - 1]
    c = np.minimum(mean_links, 1.0)[:, None]
    log_n = math.log(max(1.0, n_active)) + (k - 2) * np.log(k) + (k - 1) * np.log(c) - c * k - log_factorial
    trees = np.exp(np.minimum(log_n, 700.0)).sum(axis=1)
    # With more links than accounts one part holds most of them, and the null tells nothing apart.
    made = np.where(mean_links >= 1.0, n_active / n_accounts, np.minimum(trees, n_active / n_accounts))
    return _significant_all(np.where(links > 0, made, 0.0)[which.ravel()])


def _n_at_least(size: Integers, strength: Floats) -> Integers:
    """Per cluster, how many have at least its accounts and its strength, itself among them."""
    n = np.zeros(len(size), dtype=np.int64)
    for least in np.unique(size):
        larger = np.sort(strength[size >= least])
        chosen = size == least
        n[chosen] = len(larger) - np.searchsorted(larger, strength[chosen], side="left")
    return n


def false_discovery_rates(doubt: Floats) -> Floats:
    """Make the rate of the list down to each item, the least doubtful first: the running mean of the doubts.

    Items of equal doubt come together. Rates are not less than nought, not more than one, and rise with the
    doubt.
    """
    levels, which, n = np.unique(np.round(doubt, 6), return_inverse=True, return_counts=True)
    rates = np.cumsum(levels * n) / np.cumsum(n)
    return np.asarray(np.round(rates, 9)[which.ravel()])


def _rate_links(engine: Engine, expected: Floats) -> None:
    """Add the columns to `links`; those inside a cluster that is explained as well are false for the rate."""
    engine.make(
        "explained_links",
        f"""
        SELECT a.account_id AS account_id_l, b.account_id AS account_id_r
        FROM pair_links p
        JOIN communities x ON x.account_no = p.l
        JOIN communities y ON y.account_no = p.r AND {within("x", "y")}
        JOIN explained e ON e.community_no = x.community_no
        JOIN account_numbers a ON a.account_no = p.l
        JOIN account_numbers b ON b.account_no = p.r
        """,
    )
    _load_link_chances(engine, expected)
    engine.make("rated_links", _rated_links_sql())
    # Exact sums, so that threads don't matter.
    levels = engine.arrow(
        "SELECT level, count(*) AS n, sum(round(doubt, 9)::DECIMAL(18, 9))::DOUBLE AS doubt FROM rated_links "
        "GROUP BY level ORDER BY level"
    )
    n, doubt = levels["n"].to_numpy().astype(float), levels["doubt"].to_numpy()
    rates = pa.array(np.round(doubt.cumsum() / np.maximum(n.cumsum(), 1.0), 9), pa.float64())
    engine.load("link_rates", pa.table({"level": levels["level"], "fdr": rates}))
    engine.make(
        "links",
        "SELECT k.* EXCLUDE (level, doubt), r.fdr FROM rated_links k JOIN link_rates r USING (level)",
    )
    engine.drop("explained_links", "link_chances", "rated_links", "link_rates")


def _load_link_chances(engine: Engine, expected: Floats) -> None:
    """Make `link_chances` (bin, chance, share): links by chance, and their share of all as strong."""
    bins = engine.arrow(f"SELECT {_BIN_SQL} AS bin, count(*) AS n FROM links GROUP BY bin ORDER BY bin DESC")
    place = bins["bin"].to_numpy() + int(_MOST_BITS * _BINS_PER_BIT)
    chance = _significant_all(expected[np.clip(place, 0, len(expected) - 1)])
    share = np.minimum(1.0, chance / np.maximum(bins["n"].to_numpy().cumsum(), 1))
    engine.load(
        "link_chances",
        pa.table(
            {
                "bin": bins["bin"],
                "chance": pa.array(chance, pa.float64()),
                "share": pa.array(share, pa.float64()),
            }
        ),
    )


def _rated_links_sql() -> str:
    """Query of the links with their chance, their doubt and its level, by which the list is ordered."""
    return f"""
        WITH doubted AS (
            SELECT k.* EXCLUDE (chance, fdr), c.chance,
                   CASE WHEN e.account_id_l IS NOT NULL THEN 1.0
                        ELSE greatest(1.0 - k.probability, c.share) END AS doubt
            FROM (SELECT *, {_BIN_SQL} AS bin FROM links) k
            JOIN link_chances c ON c.bin = k.bin
            LEFT JOIN explained_links e
                ON e.account_id_l = k.account_id_l AND e.account_id_r = k.account_id_r
        )
        SELECT * EXCLUDE (bin), floor({_LEVELS} * round(doubt, 9))::BIGINT AS level FROM doubted
    """


def _lifted_to(expected: Floats, bits: float) -> float:
    return float(expected[_bin(np.array([bits]))[0]])


def _significant(value: float) -> float:
    """A number to six digits: sums in another order differ in the last ones."""
    return float(f"{value:.6g}")


def _significant_all(values: Floats) -> Floats:
    return np.array([_significant(value) for value in values.tolist()], dtype=np.float64)
