"""Communities: which accounts belong together, given the links.

Three moves, each within one connected part, so that what happens elsewhere changes nothing:

1. components over links of at least `cluster_probability`;
2. Leiden (Traag, Waltman and van Eck 2019) with the constant Potts model inside each: two groups hold
   together while their links average more than `resolution_bits` per pair of their accounts;
3. joining: a density asked of all pairs tears a sparse operator (a chain of cards, a few accounts each)
   apart, so groups are weighed against each other as accounts are: links between them add up, each account
   and identifier once, minus the prior, and each link minus log2 of the number of pairs of accounts, since
   the more pairs there are the likelier one of them shares something by chance. Two large groups that one
   coincidence bridges stay apart.
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from graphlink.components import components_of, find_components
from graphlink.engine import number
from graphlink.leiden import PARTITION, partition, partition_links

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphlink.engine import Engine
    from graphlink.settings import ModelSettings, Settings

    Integers = NDArray[np.int64]
    Floats = NDArray[np.float64]

_ROUNDS = 30
_OWN_BITS = 3.0  # from which a link has evidence of what belongs to somebody
_OWNED = 0.5  # probability of being private from which an instrument or a secret belongs to somebody
_LEAST_GROUP = 4
# Honest people who share a line and a card are few; a member of a larger community may be in twice the doubt.
_LARGEST_HOUSEHOLD = 5
_LARGER_DOUBT = 3.0
_REPETITIONS = 16
_LEFT_OUT = 0.1  # of the identifiers, in each repetition
# One very strong link says no more of a group than this.
_MOST_LINK_BITS = 12.0
# Engines add up in any order, which moves the last digits of the bits, and those could turn a community.
_HOLDING = f"SELECT l, r, round(least(bits, {_MOST_LINK_BITS}), 6) AS bits FROM pair_links WHERE bits > 0"
# Share of an operator's pairs that share something at all, so what one sharing pair falls short of all pairs.
_REACH_BITS = 2.0


def find_communities(engine: Engine, settings: Settings) -> dict[str, object]:
    """Make `communities` and `member_support` from the links, `pair_evidence`, `privacy`, `single_values`.

    `communities` (account_no, component_no, community_no) has the accounts that share a community with
    another; `member_support` (account_no, probability) how likely each belongs to it. Numbers are the least
    account of the community and of the component, never an algorithm's.

    Returns:
        Counts for the manifest.
    """
    model = settings.model
    n_accounts = number(engine, "SELECT max(account_no) FROM account_numbers") + 1
    divide = _partition_there if engine.is_distributed else _partition_here
    component, community, told = divide(engine, n_accounts, model.resolution_bits, settings.seed)
    is_linked = np.bincount(component)[component] > 1
    n_before = len(np.unique(community[is_linked]))
    engine.make("chief_evidence", _chief_evidence_sql())
    community = _join(engine, community, model)
    community = _prune(engine, community, model.cluster_probability)
    _load(engine, component, community)
    _support(engine, model, settings.seed)
    engine.drop("chief_evidence")
    return {
        "components": number(engine, "SELECT count(DISTINCT component_no) FROM communities"),
        "communities_before_joining": n_before,
        "communities": number(engine, "SELECT count(DISTINCT community_no) FROM communities"),
        **told,
    }


class _Parts(NamedTuple):
    """Per account number the least account of its component and of its community, and what was told."""

    component: Integers
    community: Integers
    facts: dict[str, object]


def _partition_here(engine: Engine, n_accounts: int, resolution: float, seed: int) -> _Parts:
    links = engine.arrow(f"{_HOLDING} ORDER BY l, r")
    ends = np.column_stack([links["l"].to_numpy(), links["r"].to_numpy()]).astype(np.int64)
    component = components_of(n_accounts, ends)
    return _Parts(component, partition(component, ends, links["bits"].to_numpy(), resolution, seed), {})


def _partition_there(engine: Engine, n_accounts: int, resolution: float, seed: int) -> _Parts:
    """As `_partition_here`, by the engine: links stay there, what was found of accounts comes back."""
    engine.make("holding", _HOLDING)
    find_components(engine, "holding", seed=seed)
    kept = engine.make_by(
        "partition",
        "SELECT c.component_no, h.l, h.r, h.bits FROM holding h JOIN components c ON c.account_no = h.l",
        "component_no",
        functools.partial(partition_links, resolution=resolution, seed=seed),
        PARTITION,
    )
    found = engine.arrow("SELECT account_no, component_no, community_no FROM partition")
    parts = _Parts(np.arange(n_accounts), np.arange(n_accounts), {})
    for name in ("component", "community"):
        getattr(parts, name)[found["account_no"].to_numpy()] = found[f"{name}_no"].to_numpy()
    if kept:
        numbers = ", ".join(map(str, kept))
        names = engine.rows(
            f"SELECT account_no, account_id FROM account_numbers WHERE account_no IN ({numbers})"
        )
        parts.facts["components_solved_on_one_machine"] = [
            {"first_account": name, "links": kept[int(str(no))]} for no, name in sorted(names)
        ]
    engine.drop("holding", "components", "partition")
    return parts


def _join(engine: Engine, community: Integers, model: ModelSettings) -> Integers:
    """Join communities whose evidence between them outweighs chance; mutual best pairs first, in rounds."""
    least = model.prior_bits - math.log2(model.cluster_probability / (1 - model.cluster_probability))
    _load_groups(engine, community)
    engine.make(
        "bridging",
        f"""
        SELECT c.l, c.r, c.bits - ({model.prior_bits}) AS bits, c.identifier_no, c.is_owned, c.is_own
        FROM chief_evidence c
        JOIN grouping x ON x.account_no = c.l
        JOIN grouping y ON y.account_no = c.r AND y.group_no <> x.group_no
        """,
    )
    for _ in range(_ROUNDS):
        _load_groups(engine, community)
        pairs = engine.arrow(_between_sql(least))
        if not pairs.num_rows:
            break
        community = _merged(community, pairs["a"].to_numpy(), pairs["b"].to_numpy())
    engine.drop("bridging", "grouping")
    return community


def _load_groups(engine: Engine, community: Integers) -> None:
    """Make `grouping` (account_no, group_no)."""
    engine.load(
        "grouping",
        pa.table(
            {
                "account_no": pa.array(np.arange(len(community)), pa.int32()),
                "group_no": pa.array(community, pa.int32()),
            }
        ),
    )


def _chief_evidence_sql() -> str:
    """Query of the links with the identifier that says most (-1: a behaviour); whether it is owned.

    Owned is an instrument or a secret that is not likelier public than private: the domain of a public mail
    provider is an identity on paper, and belongs to nobody.
    """
    return f"""
        WITH chief AS (
            SELECT e.l, e.r,
                   first(coalesce(e.identifier_no, -1) ORDER BY e.counted_bits DESC, e.identifier_no)
                       AS identifier_no,
                   coalesce(max(e.counted_bits)
                                FILTER (e.facet IN ('payment', 'identity')
                                        AND coalesce(p.private, 1.0) >= {_OWNED}), 0.0)
                       >= {_OWN_BITS} AS is_owned,
                   coalesce(max(e.counted_bits) FILTER (e.facet = 'behaviour'), 0.0)
                       >= {_OWN_BITS} AS is_behaviour
            FROM pair_evidence e LEFT JOIN privacy p ON p.identifier_no = e.identifier_no
            GROUP BY e.l, e.r
        )
        SELECT p.l, p.r, p.bits, c.identifier_no, c.is_owned, c.is_owned OR c.is_behaviour AS is_own
        FROM pair_links p JOIN chief c ON c.l = p.l AND c.r = p.r
    """


def _between_sql(start: float) -> str:
    """Query of the pairs of groups to join now: each the other's best, with a positive balance.

    Of the links between two groups each account on either side and each leading identifier counts once, with
    its strongest link: what one hub or one go-between ties many times is one observation. Only links by what
    belongs to somebody (instruments, secrets, behaviour) join two groups of some size: operators who rent
    exits from one seller meet there, and so do people with one interest in an open kind. Of a behaviour every
    pair across is one more chance to be wrong, so it says less the larger the groups are; an instrument is
    one instrument, whoever else is in the groups of its holders, and beside one places count as well. Kinds
    in which an account has one value speak against the groups, once per account of the lesser group, when
    most accounts of the one have one value and most of the other another.
    """
    return f"""
        WITH sizes AS (SELECT group_no, count(*) AS n FROM grouping GROUP BY group_no),
        crossing AS (
            SELECT least(x.group_no, y.group_no) AS a, greatest(x.group_no, y.group_no) AS b,
                   t.identifier_no, t.is_owned, t.is_own,
                   CASE WHEN x.group_no < y.group_no THEN t.l ELSE t.r END AS of_a,
                   CASE WHEN x.group_no < y.group_no THEN t.r ELSE t.l END AS of_b, t.bits
            FROM bridging t
            JOIN grouping x ON x.account_no = t.l
            JOIN grouping y ON y.account_no = t.r
            WHERE x.group_no <> y.group_no
        ),
        once AS (
            SELECT a, b, bits, is_owned, is_own,
                   row_number() OVER (PARTITION BY a, b, identifier_no ORDER BY bits DESC, of_a, of_b)
                   AS by_identifier,
                   row_number() OVER (PARTITION BY a, b, of_a ORDER BY bits DESC, identifier_no, of_b)
                   AS by_a,
                   row_number() OVER (PARTITION BY a, b, of_b ORDER BY bits DESC, identifier_no, of_a) AS by_b
            FROM crossing
        ),
        told AS (
            SELECT a, b, is_owned, is_own,
                   CASE WHEN is_owned THEN bits
                        ELSE greatest(0.0, bits - greatest(0.0, log2(x.n * y.n) - {_REACH_BITS})) END AS bits,
                   least(x.n, y.n) AS n_lesser
            FROM once JOIN sizes x ON x.group_no = a JOIN sizes y ON y.group_no = b
            WHERE by_identifier = 1 AND by_a = 1 AND by_b = 1
        ),
        speaking AS (
            SELECT a, b, n_lesser, ({start}) + CASE WHEN bool_or(is_owned) OR n_lesser < {_LEAST_GROUP}
                       THEN sum(bits) ELSE coalesce(sum(bits) FILTER (is_own), 0.0) END AS balance
            FROM told GROUP BY a, b, n_lesser HAVING balance > 0
        ),
        usual AS (
            SELECT group_no, kind_no, value_no FROM (
                SELECT g.group_no, v.kind_no, coalesce(v.identifier_no, -v.account_no) AS value_no,
                       count(*) AS n, min(v.account_no) AS first_no
                FROM single_values v JOIN grouping g USING (account_no)
                GROUP BY g.group_no, v.kind_no, coalesce(v.identifier_no, -v.account_no))
            QUALIFY row_number() OVER (PARTITION BY group_no, kind_no ORDER BY n DESC, first_no) = 1
        ),
        against AS (
            SELECT s.a, s.b, min(c.bits) AS bits
            FROM speaking s
            JOIN usual x ON x.group_no = s.a
            JOIN usual y ON y.group_no = s.b AND y.kind_no = x.kind_no AND y.value_no <> x.value_no
            JOIN contrary c ON c.kind_no = x.kind_no
            GROUP BY s.a, s.b, c.group_no
        ),
        balances AS (
            SELECT s.a, s.b, s.balance + s.n_lesser * coalesce(sum(n.bits), 0.0) AS balance
            FROM speaking s LEFT JOIN against n ON n.a = s.a AND n.b = s.b
            WHERE s.n_lesser > 1
            GROUP BY s.a, s.b, s.balance, s.n_lesser
            UNION ALL SELECT a, b, balance FROM speaking WHERE n_lesser = 1
        ),
        choices AS (
            SELECT a, b, balance, g, row_number() OVER (PARTITION BY g ORDER BY balance DESC, a, b) AS choice
            FROM (SELECT a, b, balance, unnest([a, b]) AS g FROM balances WHERE balance > 0)
        )
        SELECT a, b FROM choices WHERE choice = 1 GROUP BY a, b HAVING count(*) = 2 ORDER BY a, b
    """


def _merged(groups: Integers, a: Integers, b: Integers) -> Integers:
    """Groups with each b put into its a; a and b are distinct pairs, so one pass is enough."""
    target = np.arange(len(groups))
    target[b] = a
    return np.asarray(target[groups])


def _prune(engine: Engine, community: Integers, least: float) -> Integers:
    """Take out accounts whose links into their community do not reach `least`, until none is left.

    In a community larger than a household three times the doubt is allowed to accounts with a link by what
    belongs to somebody: of those that meet others at places alone, a large community meets more by chance.

    The links of an account count as the chance that not all of them are false, each leading identifier and
    each other account once. What hangs together no longer is parted.
    """
    links = engine.arrow(
        "SELECT l, r, bits, identifier_no, is_own FROM chief_evidence WHERE bits > 0 ORDER BY l, r"
    )
    ends = np.column_stack([links["l"].to_numpy(), links["r"].to_numpy()]).astype(np.int64)
    identifier = links["identifier_no"].to_numpy().astype(np.int64)
    is_own = links["is_own"].to_numpy(zero_copy_only=False)
    doubt = -np.log1p(np.exp2(np.minimum(links["bits"].to_numpy(), 30.0)))
    for _ in range(_ROUNDS):
        inside = (community[ends[:, 0]] == community[ends[:, 1]]) & (community[ends[:, 0]] >= 0)
        total = _doubts(len(community), ends[inside], identifier[inside], doubt[inside])
        n_members = np.bincount(community[community >= 0], minlength=len(community))[np.maximum(community, 0)]
        has_own = np.bincount(ends[inside & is_own].ravel(), minlength=len(community)) > 0
        most = np.where((n_members > _LARGEST_HOUSEHOLD) & has_own, _LARGER_DOUBT, 1.0) * (1.0 - least)
        weak = (total > np.log(most)) & (community >= 0) & (n_members > 1)
        if not weak.any():
            break
        community = np.where(weak, -1, community)
    inside = (community[ends[:, 0]] == community[ends[:, 1]]) & (community[ends[:, 0]] >= 0)
    return components_of(len(community), ends[inside])


def _doubts(n_accounts: int, ends: Integers, identifier: Integers, doubt: Floats) -> Floats:
    """Per account, the log of the chance that all its links are false: the best per leading identifier."""
    account = np.concatenate([ends[:, 0], ends[:, 1]])
    leading, said = np.tile(identifier, 2), np.tile(doubt, 2)
    order = np.lexsort((said, leading, account))
    account, leading, said = account[order], leading[order], said[order]
    is_best = np.ones(len(account), dtype=bool)
    is_best[1:] = (account[1:] != account[:-1]) | (leading[1:] != leading[:-1])
    return np.bincount(account[is_best], weights=said[is_best], minlength=n_accounts).astype(np.float64)


def _load(engine: Engine, component: Integers, community: Integers) -> None:
    n_members = np.bincount(community, minlength=len(community))
    chosen = np.flatnonzero(n_members[community] > 1)
    engine.load(
        "communities",
        pa.table(
            {
                "account_no": pa.array(chosen, pa.int32()),
                "component_no": pa.array(component[chosen], pa.int32()),
                "community_no": pa.array(community[chosen], pa.int32()),
            }
        ),
    )


def _support(engine: Engine, model: ModelSettings, seed: int) -> None:
    """Make `member_support`: how likely each member belongs, from its links and from repeated partitions.

    In each repetition every identifier (and every kind in which accounts differ) is left out with the same
    small chance, links are added up again and the components of the rest found: an account belongs as often
    as it stays with the larger part of its community. Times the chance that not all its links are false, each
    leading identifier taken once.
    """
    rows = engine.arrow(
        "SELECT e.l, e.r, coalesce(e.identifier_no, -e.kind_no - 1) AS identifier_no, e.counted_bits, "
        "x.community_no FROM pair_evidence e JOIN communities x ON x.account_no = e.l "
        "JOIN communities y ON y.account_no = e.r AND y.community_no = x.community_no "
        "ORDER BY e.l, e.r, e.kind_no, identifier_no"
    )
    members = engine.arrow("SELECT account_no, community_no FROM communities ORDER BY account_no")
    accounts = members["account_no"].to_numpy().astype(np.int64)
    groups = members["community_no"].to_numpy().astype(np.int64)
    stays = _stays(rows, accounts, groups, model, seed)
    engine.load(
        "stays",
        pa.table({"account_no": pa.array(accounts, pa.int32()), "stays": pa.array(stays, pa.float64())}),
    )
    engine.make("member_ties", _member_ties_sql())
    engine.make("member_support", _support_sql())
    engine.make("through_others", _through_others_sql())
    engine.drop("stays", "member_ties")


def _stays(rows: pa.Table, accounts: Integers, groups: Integers, model: ModelSettings, seed: int) -> Floats:
    """Per account, the share of repetitions in which it stays with the larger part of its community."""
    ends = np.column_stack([rows["l"].to_numpy(), rows["r"].to_numpy()]).astype(np.int64)
    places = np.searchsorted(accounts, ends)
    is_new = np.ones(len(places), dtype=bool)  # the rows of a pair stand together
    is_new[1:] = (places[1:] != places[:-1]).any(axis=1)
    pairs, pair_of = places[is_new], np.cumsum(is_new) - 1
    identifiers, identifier_of = np.unique(rows["identifier_no"].to_numpy(), return_inverse=True)
    bits = rows["counted_bits"].to_numpy()
    draws = np.random.default_rng(seed)
    stays = np.zeros(len(accounts))
    for _ in range(_REPETITIONS):
        kept = draws.random(len(identifiers)) >= _LEFT_OUT
        total = model.prior_bits + np.bincount(
            pair_of, weights=bits * kept[identifier_of], minlength=len(pairs)
        )
        stays += _in_larger_part(pairs[total > 0], groups)
    return stays / _REPETITIONS


def _in_larger_part(pairs: Integers, groups: Integers) -> Floats:
    parts = components_of(len(groups), pairs)
    size = np.bincount(parts)[parts] if len(parts) else parts
    _, group_of = np.unique(groups, return_inverse=True)
    largest = np.zeros(group_of.max(initial=-1) + 1, dtype=np.int64)
    np.maximum.at(largest, group_of, size)
    return np.asarray((size == largest[group_of]) & (size > 1), dtype=np.float64)


def _member_ties_sql() -> str:
    """Query of the log of the chance that what an identifier says of a member is false; its best link."""
    return """
        WITH ends AS (
            SELECT l AS account_no, r AS other_no, bits, identifier_no FROM chief_evidence
            UNION ALL SELECT r, l, bits, identifier_no FROM chief_evidence
        )
        SELECT e.account_no, e.identifier_no, min(-ln(1.0 + pow(2.0, least(e.bits, 30.0)))) AS doubt
        FROM ends e
        JOIN communities x ON x.account_no = e.account_no
        JOIN communities y ON y.account_no = e.other_no AND y.community_no = x.community_no
        GROUP BY e.account_no, e.identifier_no
    """


def _support_sql() -> str:
    return """
        SELECT s.account_no, s.stays, coalesce(d.doubt, 0.0) AS doubt,
               round(s.stays * (1.0 - exp(coalesce(d.doubt, 0.0))), 6) AS probability
        FROM stays s
        LEFT JOIN (SELECT account_no, sum(doubt::DECIMAL(18, 9))::DOUBLE AS doubt FROM member_ties
                   GROUP BY account_no) d USING (account_no)
    """


def _through_others_sql() -> str:
    """Query of the probability that the two of a link belong together by what ties each to their cluster.

    What the link itself leads with is left out on both sides, so nothing is counted twice: both belong when
    not all the rest is false.
    """
    return """
        SELECT c.l, c.r,
               round(x.stays * (1.0 - exp(least(0.0, x.doubt - coalesce(t.doubt, 0.0))))
                     * y.stays * (1.0 - exp(least(0.0, y.doubt - coalesce(u.doubt, 0.0)))), 6) AS probability
        FROM chief_evidence c
        JOIN communities a ON a.account_no = c.l
        JOIN communities b ON b.account_no = c.r AND b.community_no = a.community_no
        JOIN member_support x ON x.account_no = c.l
        JOIN member_support y ON y.account_no = c.r
        LEFT JOIN member_ties t ON t.account_no = c.l AND t.identifier_no = c.identifier_no
        LEFT JOIN member_ties u ON u.account_no = c.r AND u.identifier_no = c.identifier_no
    """
