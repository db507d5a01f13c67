"""Hypotheses: what a cluster may be, with probabilities that add up and the evidence that separates them.

Three ways in which accounts come to be tied: one operator has them; they are customers of one intermediary
(a router, a reseller); they are on one network (a household's line, a campus, a carrier). Each predicts
something else, and the evidence of a cluster is weighed under all three, in bits:

- who shares an identifier has one operator with the probability that it is private; what is left is the
  intermediary's or the network's, by what kind of thing it is;
- joint behaviour, rare clients and kinds of one's own have no cause in an intermediary or a network: there
  they agree by chance only, as often as their bits say;
- people on one network are all seen there, tenants have places of their own, an operator has either;
- families are small and share one instrument; operators may be large and have several.

Evidence is counted per account and not per pair: of each group of kinds the strongest ties that span the
accounts (a spanning forest), and ties of one group are taken as dependent (their rate is drawn once per
cluster: a beta-binomial law). So a cluster of n accounts is never n * n observations.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from graphlink.components import renumbered, spanning_forest
from graphlink.engine import number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from graphlink.engine import Engine
    from graphlink.settings import Settings

HYPOTHESES = ("same_operator", "router_tenants", "shared_network")
"""The hypotheses, in the order of the columns `p_...` of `clusters`."""

# What no evidence here can rule out: a fourth cause, or a law that does not hold. No hypothesis is surer
# or less sure than this allows.
_DOUBT = 0.005
# Reuse of one cause that only the operator has: the most bits that joint behaviour, and a client, count.
_MOST_BITS = {"behaviour": 8.0, "client": 6.0, "other": 8.0}
_LEAST_TIE = 2.0  # bits from which behaviour or a client ties two accounts at all
_LEAST_SEEN = 3  # sightings at places from which an account says where it is at home
_HOUSEHOLD = 0.9  # of the groups on one network are households; the rest is of any size
_FURTHER_PERSON = 0.4
_SLICE = 10_000  # clusters weighed at a time
_LARGEST_USUAL = 32  # accounts; the few operators that are larger do not matter for the law of sizes


class _Piece(NamedTuple):
    """A piece of evidence of a cluster: a row of `hypotheses`."""

    cluster_id: str
    evidence: str
    n_ties: int | None
    n_possible: int | None
    bits_same_operator: float
    bits_router_tenants: float
    bits_shared_network: float


_PIECES = pa.schema(
    zip(_Piece._fields, (pa.string(), pa.string(), pa.int64(), pa.int64(), *(pa.float64(),) * 3), strict=True)
)
_ABOUT = {
    "size": "how many accounts: households are small",
    "place": "whose the shared addresses are, by their size and lists",
    "router": "whose the shared router is",
    "payment": "whose the shared payment instruments are: families have few holders, resellers many",
    "identity": "whose the shared identities are",
    "places_shared": "how many are seen where another is seen",
    "time_at_shared_places": "how much of their time they spend at shared addresses",
    "further_instruments": "whether one instrument ties them, or several",
    "behaviour": "whether they act together in time",
    "client": "whether they run the same rare clients",
    "other": "whether they share what neither a network nor an intermediary explains",
}
# Types of addresses that many strangers share, who are then a network's rather than an intermediary's.
_SHARED_PLACES = ("campus", "carrier_nat", "vpn", "proxy", "residential_proxy", "tor")
_PARTS = ("place", "router", "payment", "identity", "client", "behaviour", "other")
# Which group of kinds a kind is of; what is told of an address as a router's is of that.
_PART_OF = (
    ("kind = 'router'", "router"),
    ("facet = 'network'", "place"),
    *((f"facet = '{facet}'", facet) for facet in ("payment", "identity", "client", "behaviour")),
)
_NO_TIES: dict[str, Any] = {"n_ties": 0, "n_identifiers": 0, "bits": 0.0}


@dataclass(frozen=True, slots=True)
class _Rates:
    """How often an account of such a cluster shows something, under each hypothesis."""

    same: float
    router: float
    network: float

    def logs(self, n_shown: float, n_possible: float) -> tuple[float, float, float]:
        """The log2 likelihoods of `n_shown` of `n_possible`; the rate is drawn once for the cluster."""
        same, router, network = (
            _beta_binomial(rate, n_shown, n_possible) for rate in (self.same, self.router, self.network)
        )
        return same, router, network


# Seen where another member is seen within the window. People on one network are there by definition.
_PLACES = _Rates(0.6, 0.4, 0.9)
# A further tie by an instrument that brings another instrument, rather than the same again.
_FURTHER = _Rates(0.5, 0.1, 0.1)
# Rates under one operator of what has no other cause; the absence of it is expected under the others.
_BEHAVIOUR, _CLIENT, _OTHER = 0.4, 0.3, 0.5


def weigh_hypotheses(engine: Engine, _: Settings) -> dict[str, object]:
    """Make `hypotheses`, and give `clusters` its columns p_..., hypothesis, rival and rival_bits.

    Takes `clusters`, `membership`, `communities`, `cluster_names`, `cluster_links`, `pair_evidence`,
    `privacy`, `shared_identifiers`, `kinds`, `account_kinds`, `account_numbers`, `held` and
    `observed_values`. `hypotheses` (cluster_id, evidence, n_ties, n_possible, bits_...) has the log2
    likelihood of each piece of evidence under each hypothesis; the probabilities are their sums turned to
    shares, from equal odds.

    Returns:
        Clusters per likeliest hypothesis, for the manifest.
    """
    _load_ties(engine)
    engine.make("tie_summary", _summary_sql())
    engine.make("cluster_presence", _presence_sql())
    found = engine.arrow(_described_sql())
    # Slice by slice: as objects of Python all clusters would take ten times the memory.
    slices = (found.slice(start, _SLICE).to_pylist() for start in range(0, found.num_rows, _SLICE))
    _load_hypotheses(engine, [_table_of(piece for row in rows for piece in _weighed(row)) for rows in slices])
    engine.make("clusters", _clusters_sql())
    engine.drop("cluster_ties", "tie_summary", "cluster_presence")
    return {
        name: number(engine, f"SELECT count(*) FROM clusters WHERE hypothesis = '{name}'")
        for name in HYPOTHESES
    }


def _load_ties(engine: Engine) -> None:
    """Make `cluster_ties`: per group of kinds the spanning forest of the strongest evidence."""
    found = engine.arrow(_grouped_sql())
    part, lesser, greater = (found[name].to_numpy() for name in ("part_no", "l", "r"))
    # The groups of kinds beside each other, as one graph.
    offset = part.astype(np.int64) * (int(greater.max(initial=0)) + 1)
    n, places = renumbered(np.concatenate([offset + lesser, offset + greater]))
    kept = spanning_forest(n, places.reshape(2, -1).T)
    engine.load("forest", found.take(pa.array(kept)))
    engine.make("cluster_ties", _ties_sql())
    engine.drop("forest")


def _grouped_sql() -> str:
    """Query of the evidence of each linked pair of a cluster by group of kinds, the strongest first.

    No two rows of two accounts stand alike, so there is one forest only; a weaker row of the same two comes
    too late for it.
    """
    parts = " ".join(f"WHEN {told} THEN {_PARTS.index(part)}" for told, part in _PART_OF)
    return f"""
        WITH kinds_told AS (
            SELECT kind_no, facet, CASE {parts} ELSE {_PARTS.index("other")} END AS part_no FROM kinds
        ),
        said AS (
            SELECT e.l, e.r, e.identifier_no, e.counted_bits,
                   CASE WHEN i.identifier_no IS NULL THEN k.part_no
                        ELSE {_PARTS.index("router")} END AS part_no
            FROM cluster_links c
            JOIN pair_evidence e ON e.l = c.l AND e.r = c.r
            JOIN kinds_told k ON k.kind_no = e.kind_no
            LEFT JOIN (SELECT identifier_no FROM shared_identifiers WHERE label_type = 'router') i
                   ON i.identifier_no = e.identifier_no AND k.facet = 'network'
            WHERE e.counted_bits > 0
        )
        SELECT l, r, part_no, identifier_no, counted_bits FROM said
        WHERE part_no NOT IN ({_PARTS.index("behaviour")}, {_PARTS.index("client")})
           OR counted_bits >= {_LEAST_TIE}
        ORDER BY part_no, counted_bits DESC, l, r, identifier_no
    """


def _ties_sql() -> str:
    """Query of the ties of each cluster with whose they may be.

    `private` is the lesser of the usual probability of the identifier's kind and size and of that with
    corroboration: what corroborates is other evidence of the same cluster, which counts itself. `tenants` is
    what share of the rest is an intermediary's rather than a network's. Families have few holders.
    """
    names = " ".join(f"WHEN {number} THEN '{part}'" for number, part in enumerate(_PARTS))
    shared = ", ".join(f"'{name}'" for name in _SHARED_PLACES)
    return f"""
        WITH ties AS (
            SELECT n.cluster_id, CASE f.part_no {names} END AS part, f.l, f.r, f.identifier_no,
                   f.counted_bits, i.degree, i.label_type, least(p.usual, p.private) AS private
            FROM forest f
            JOIN communities x ON x.account_no = f.l
            JOIN cluster_names n ON n.community_no = x.community_no
            LEFT JOIN shared_identifiers i ON i.identifier_no = f.identifier_no
            LEFT JOIN privacy p ON p.identifier_no = f.identifier_no
        )
        SELECT cluster_id, part, l, r, coalesce(identifier_no, -1) AS identifier_no, counted_bits,
               greatest(0.005, least(0.995, coalesce(private, 0.5))) AS private,
               CASE WHEN part = 'router' THEN 0.97
                    WHEN part = 'place' AND label_type IN ({shared}) THEN 0.03
                    WHEN part = 'place' AND label_type = 'hosting' THEN 0.5
                    WHEN part = 'place' THEN 0.2
                    ELSE (degree - 1) / (degree + 2.0) END AS tenants
        FROM ties
    """


def _summary_sql() -> str:
    return """
        SELECT cluster_id, part, count(*) AS n_ties, count(DISTINCT identifier_no) AS n_identifiers,
               avg(counted_bits::DECIMAL(18, 9))::DOUBLE AS bits,
               avg(log2(private)::DECIMAL(18, 9))::DOUBLE AS log_same,
               avg(log2((1.0 - private) * tenants)::DECIMAL(18, 9))::DOUBLE AS log_router,
               avg(log2((1.0 - private) * (1.0 - tenants))::DECIMAL(18, 9))::DOUBLE AS log_network
        FROM cluster_ties GROUP BY cluster_id, part
    """


def _presence_sql() -> str:
    """Query of the median over members of the share of their sightings at addresses that they share."""
    return f"""
        WITH seen AS (
            SELECT m.cluster_id, h.account_no, h.value_no, h.n_rows AS n
            FROM held h
            JOIN observed_values v ON v.value_no = h.value_no
            JOIN account_numbers a ON a.account_no = h.account_no
            JOIN membership m ON m.account_id = a.account_id
            WHERE v.kind = 'ip' AND m.cluster_id IS NOT NULL
        ),
        marked AS (
            SELECT *, count(*) OVER (PARTITION BY cluster_id, value_no) > 1 AS is_shared FROM seen
        ),
        shares AS (
            SELECT cluster_id, account_no,
                   coalesce(sum(n) FILTER (is_shared), 0)::DOUBLE / sum(n)::DOUBLE AS share
            FROM marked GROUP BY cluster_id, account_no HAVING sum(n) >= {_LEAST_SEEN}
        )
        SELECT cluster_id, median(share) AS presence FROM shares GROUP BY cluster_id
    """


def _described_sql() -> str:
    """Query of one row per cluster: its size, who could be tied by what, presence, and its ties by group."""
    return """
        WITH able AS (
            SELECT m.cluster_id, count(DISTINCT a.account_no) FILTER (k.facet = 'network') AS place,
                   count(DISTINCT a.account_no) FILTER (k.facet = 'payment') AS payment,
                   count(DISTINCT a.account_no) FILTER (k.facet = 'identity') AS identity,
                   count(DISTINCT a.account_no) FILTER (k.facet = 'client') AS client
            FROM membership m
            JOIN account_numbers n ON n.account_id = m.account_id
            JOIN account_kinds a ON a.account_no = n.account_no
            JOIN kinds k ON k.kind_no = a.kind_no
            WHERE m.cluster_id IS NOT NULL GROUP BY m.cluster_id
        ),
        tied AS (
            SELECT cluster_id, list({'part': part, 'n_ties': n_ties, 'n_identifiers': n_identifiers,
                                     'bits': bits, 'log_same': log_same, 'log_router': log_router,
                                     'log_network': log_network} ORDER BY part) AS ties
            FROM tie_summary GROUP BY cluster_id
        )
        SELECT c.cluster_id, c.n_accounts, coalesce(a.place, 0) AS place, coalesce(a.payment, 0) AS payment,
               coalesce(a.identity, 0) AS identity, coalesce(a.client, 0) AS client, p.presence, t.ties,
               (SELECT max(n_timed) FROM held) > 0 AS has_times
        FROM clusters c
        LEFT JOIN able a USING (cluster_id)
        LEFT JOIN cluster_presence p USING (cluster_id)
        LEFT JOIN tied t USING (cluster_id)
        ORDER BY c.cluster_id
    """


def _weighed(cluster: dict[str, Any]) -> list[_Piece]:
    """The pieces of evidence of a cluster, with what each says under the three hypotheses."""
    name, n = str(cluster["cluster_id"]), int(cluster["n_accounts"])
    ties = {str(tie["part"]): tie for tie in cluster["ties"] or ()}
    pieces = [_Piece(name, "size", n, n, *_size_logs(n))]
    pieces += [
        _Piece(name, part, tie["n_ties"], n - 1, *_owner_logs(tie, n - 1))
        for part, tie in ties.items()
        if part in ("place", "router", "payment", "identity")
    ]
    if (able := cluster["place"] - 1) >= 1:
        shown = min(ties.get("place", _NO_TIES)["n_ties"] + ties.get("router", _NO_TIES)["n_ties"], able)
        pieces.append(_Piece(name, "places_shared", shown, able, *_PLACES.logs(shown, able)))
    if cluster["presence"] is not None:
        logs = _presence_logs(float(cluster["presence"]), is_routed="router" in ties)
        pieces.append(_Piece(name, "time_at_shared_places", None, None, *logs))
    owned = [ties[part] for part in ("payment", "identity") if part in ties]
    if further := sum(tie["n_ties"] - 1 for tie in owned):
        shown = sum(tie["n_identifiers"] - 1 for tie in owned)
        pieces.append(_Piece(name, "further_instruments", shown, further, *_FURTHER.logs(shown, further)))
    able_of = {"behaviour": n if cluster["has_times"] else 0, "client": cluster["client"], "other": 0}
    for part, able in able_of.items():
        tie = ties.get(part, _NO_TIES)
        possible = max(able - 1, tie["n_ties"])
        if possible >= 1:
            logs = _unexplained_logs(part, tie, possible, is_routed="router" in ties)
            pieces.append(_Piece(name, part, tie["n_ties"], possible, *logs))
    return pieces


@functools.lru_cache(maxsize=1 << 12)
def _size_logs(n: int) -> tuple[float, float, float]:
    """How likely a pair drawn from each hypothesis is one of a group of this size.

    What identifiers say is said of pairs, and most pairs of one operator are in large operators. Operators
    and intermediaries come in sizes of law 1 / (n (n - 1)), which makes their pairs as common at each size;
    each further person of a household is _FURTHER_PERSON as likely as the one before.
    """
    any_size = 1.0 / (_LARGEST_USUAL - 1)
    q = _FURTHER_PERSON
    household = (1.0 - q) ** 3 * n * (n - 1) / 2.0 * q ** (n - 2)
    network = _HOUSEHOLD * household + (1.0 - _HOUSEHOLD) * any_size
    return math.log2(any_size), math.log2(any_size), math.log2(network)


def _owner_logs(tie: Mapping[str, Any], n_possible: int) -> tuple[float, float, float]:
    """Whose the shared identifiers are: one observation, speaking for the part of the cluster it ties."""
    share = tie["n_ties"] / n_possible
    return share * tie["log_same"], share * tie["log_router"], share * tie["log_network"]


def _presence_logs(presence: float, *, is_routed: bool) -> tuple[float, float, float]:
    """Densities of the share of sightings at shared places; tenants have a life of their own elsewhere."""
    tenants = 1.0 if is_routed else 4.0 * (1.0 - presence) ** 3
    return 0.0, math.log2(max(0.1, tenants)), math.log2(max(0.1, 2.0 * presence))


def _unexplained_logs(
    part: str, tie: Mapping[str, Any], n_possible: int, *, is_routed: bool
) -> tuple[float, float, float]:
    """What neither an intermediary nor a network explains: there as rare as its bits say.

    A router sees to the timing of its tenants' requests in part, so behind one joint behaviour counts half.
    """
    rate = {"behaviour": _BEHAVIOUR, "client": _CLIENT, "other": _OTHER}[part]
    bits = min(_MOST_BITS[part], tie["bits"]) if tie["n_ties"] else 4.0
    halved = bits / 2.0 if part == "behaviour" and is_routed else bits
    rates = _Rates(rate, rate * 2.0**-halved, rate * 2.0**-bits)
    return rates.logs(tie["n_ties"], n_possible)


@functools.lru_cache(maxsize=1 << 14)
def _beta_binomial(rate: float, n_shown: float, n_possible: float) -> float:
    """log2 of a beta-binomial likelihood with this mean and one pseudo-observation, without coefficient."""
    a, b = rate, 1.0 - rate
    return (
        math.lgamma(a + n_shown)
        + math.lgamma(b + n_possible - n_shown)
        - math.lgamma(1.0 + n_possible)
        - math.lgamma(a)
        - math.lgamma(b)
    ) / math.log(2.0)


def _table_of(pieces: Iterable[_Piece]) -> pa.Table:
    columns = list(zip(*pieces, strict=True)) or [()] * len(_PIECES)
    return pa.table(
        [pa.array(column, kind) for column, kind in zip(columns, _PIECES.types, strict=True)], _PIECES
    )


def _load_hypotheses(engine: Engine, tables: list[pa.Table]) -> None:
    engine.load("pieces", pa.concat_tables([_PIECES.empty_table(), *tables]))
    told = " ".join(f"WHEN '{evidence}' THEN '{about}'" for evidence, about in _ABOUT.items())
    engine.make("hypotheses", f"SELECT *, CASE evidence {told} END AS detail FROM pieces")
    engine.drop("pieces")


def _clusters_sql() -> str:
    """Query of the clusters with the shares of their hypotheses, none below _DOUBT, and the nearest rival."""
    sums = ", ".join(f"sum(bits_{name}::DECIMAL(18, 9))::DOUBLE AS b_{name}" for name in HYPOTHESES)
    most = f"greatest({', '.join(f'b_{name}' for name in HYPOTHESES)})"
    weights = ", ".join(f"pow(2.0, b_{name} - {most}) AS w_{name}" for name in HYPOTHESES)
    total = " + ".join(f"w_{name}" for name in HYPOTHESES)
    shares = ", ".join(
        f"{_DOUBT} + (1.0 - {len(HYPOTHESES) * _DOUBT}) * w_{name} / ({total}) AS p_{name}"
        for name in HYPOTHESES
    )
    ranked = ", ".join(
        f"{{'p': p_{name}, 'place': {-place}, 'name': '{name}'}}" for place, name in enumerate(HYPOTHESES)
    )
    return f"""
        WITH summed AS (SELECT cluster_id, {sums} FROM hypotheses GROUP BY cluster_id),
        weighed AS (SELECT cluster_id, {weights} FROM summed),
        shared AS (SELECT cluster_id, {shares} FROM weighed),
        ranked AS (SELECT *, list_reverse_sort([{ranked}]) AS likeliest FROM shared)
        SELECT c.*, r.p_same_operator, r.p_router_tenants, r.p_shared_network,
               r.likeliest[1].name AS hypothesis, r.likeliest[2].name AS rival,
               log2(r.likeliest[1].p / r.likeliest[2].p) AS rival_bits
        FROM clusters c JOIN ranked r USING (cluster_id)
    """
