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

from graphlink.components import components_of, find_components, renumbered, within
from graphlink.engine import number
from graphlink.joining import Contrary, Links, Values, join_groups
from graphlink.kinds import OWNED
from graphlink.leiden import PARTITION, partition, partition_links

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphlink.engine import Engine
    from graphlink.settings import ModelSettings, Settings

    Integers = NDArray[np.int64]
    Floats = NDArray[np.float64]

_OWN_BITS = 3.0  # from which a link has evidence of what belongs to somebody
_ROUNDS = 30  # of taking out
# Honest people who share a line and a card are few; a member of a larger community may be in twice the doubt.
_LARGEST_HOUSEHOLD = 5
_LARGER_DOUBT = 3.0
_REPETITIONS = 16
_LEFT_OUT = 0.1  # of the identifiers, in each repetition
_PARTS = 1_000_000  # of a bit: whole numbers add up to the same in any order
# One very strong link says no more of a group than this.
_MOST_LINK_BITS = 12.0
# Engines add up in any order, which moves the last digits of the bits, and those could turn a community.
_HOLDING = f"SELECT l, r, round(least(bits, {_MOST_LINK_BITS}), 6) AS bits FROM pair_links WHERE bits > 0"


def find_communities(engine: Engine, settings: Settings) -> dict[str, object]:
    """Make `communities` and `member_support` from links, `pair_evidence`, `privacy`, `networks` and others.

    The others are `single_values` and `contrary`.

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
    links = _chief_links(engine)
    community = _join(engine, community, links, model)
    community = _prune(community, links, model.cluster_probability)
    del links
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


def _chief_links(engine: Engine) -> Links:
    told = engine.arrow("SELECT l, r, bits, identifier_no, is_owned, is_own FROM chief_evidence")
    return Links(*(column.to_numpy() for column in told.columns))


def _join(engine: Engine, community: Integers, links: Links, model: ModelSettings) -> Integers:
    """Join communities whose evidence between them outweighs chance."""
    start = model.prior_bits - math.log2(model.cluster_probability / (1 - model.cluster_probability))
    bridges = links.only(community[links.l] != community[links.r])
    bridges = bridges._replace(bits=bridges.bits - model.prior_bits)
    contrary = [
        Contrary(int(str(kind)), int(str(group)), float(str(bits)))
        for kind, group, bits in engine.rows("SELECT kind_no, group_no, bits FROM contrary ORDER BY ALL")
    ]
    return join_groups(community, bridges, start, _single_values(engine), contrary)


def _single_values(engine: Engine) -> Values:
    """The values of accounts with links: no other is ever in a community."""
    told = engine.arrow(
        "SELECT v.account_no, v.kind_no, coalesce(v.identifier_no, -v.account_no) AS value_no "
        "FROM single_values v "
        "SEMI JOIN (SELECT l AS account_no FROM pair_links UNION ALL SELECT r FROM pair_links) p "
        "ON p.account_no = v.account_no"
    )
    return Values(*(column.to_numpy() for column in told.columns))


def _chief_evidence_sql() -> str:
    """Query of the links with the identifier that says most (-1: a behaviour); whether it is owned.

    For an address that is likelier public stands its network: its seller lets many of it, so that who meets a
    stranger at one exit meets him at the next, and that is one observation.

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
                                        AND coalesce(p.private, 1.0) >= {OWNED}), 0.0)
                       >= {_OWN_BITS} AS is_owned,
                   coalesce(max(e.counted_bits) FILTER (e.facet = 'behaviour'), 0.0)
                       >= {_OWN_BITS} AS is_behaviour
            FROM pair_evidence e LEFT JOIN privacy p ON p.identifier_no = e.identifier_no
            GROUP BY e.l, e.r
        )
        SELECT p.l, p.r, p.bits, coalesce(n.network_no, c.identifier_no) AS identifier_no, c.is_owned,
               c.is_owned OR c.is_behaviour AS is_own
        FROM pair_links p
        JOIN chief c ON c.l = p.l AND c.r = p.r
        LEFT JOIN privacy v ON v.identifier_no = c.identifier_no
        LEFT JOIN networks n ON n.identifier_no = c.identifier_no AND coalesce(v.private, 0.0) < {OWNED}
    """


def _prune(community: Integers, links: Links, least: float) -> Integers:
    """Take out accounts whose links into their community do not reach `least`, until none is left.

    In a community larger than a household three times the doubt is allowed to accounts with a link by what
    belongs to somebody: of those that meet others at places alone, a large community meets more by chance.

    The links of an account count as the chance that not all of them are false, each leading identifier and
    each other account once. What hangs together no longer is parted.
    """
    links = links.only((links.bits > 0) & (community[links.l] == community[links.r]))
    rest, is_asked = links, np.ones(len(community), dtype=bool)
    for _ in range(_ROUNDS):
        n_members = np.bincount(community[community >= 0], minlength=len(community))[np.maximum(community, 0)]
        has_own = np.zeros(len(community), dtype=bool)
        has_own[rest.l[rest.is_own]] = has_own[rest.r[rest.is_own]] = True
        most = np.where((n_members > _LARGEST_HOUSEHOLD) & has_own, _LARGER_DOUBT, 1.0) * (1.0 - least)
        weak = (_doubts(len(community), rest) > np.log(most)) & is_asked & (community >= 0) & (n_members > 1)
        if not weak.any():
            break
        # Where nobody was taken out nothing is otherwise, and nobody will be.
        has_lost = np.zeros(len(community), dtype=bool)
        has_lost[community[weak]] = True
        is_asked = (community >= 0) & has_lost[community]
        community = np.where(weak, -1, community)
        rest = rest.only(is_asked[rest.l] & ~weak[rest.l] & ~weak[rest.r])
    inside = (community[links.l] >= 0) & (community[links.r] >= 0)
    return components_of(len(community), np.column_stack([links.l[inside], links.r[inside]]))


def _doubts(n_accounts: int, links: Links) -> Floats:
    """Per account, the log of the chance that all its links are false: the best per leading identifier."""
    account = np.concatenate([links.l, links.r]).astype(np.int64)
    said = np.tile(-np.log1p(np.exp2(np.minimum(links.bits, 30.0))), 2)
    key = (account << 32) + np.tile(links.identifier, 2)
    order = np.argsort(key)
    starts = np.flatnonzero(np.diff(key[order], prepend=np.iinfo(np.int64).min))
    if not len(starts):
        return np.zeros(n_accounts)
    best = np.minimum.reduceat(said[order], starts)
    return np.bincount(account[order[starts]], weights=best, minlength=n_accounts).astype(np.float64)


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
        "SELECT e.l, e.r, coalesce(e.identifier_no, -e.kind_no - 1) AS identifier_no, "
        f"round(e.counted_bits * {_PARTS}.0)::BIGINT AS parts "
        "FROM pair_evidence e JOIN communities x ON x.account_no = e.l "
        f"JOIN communities y ON y.account_no = e.r AND {within('x', 'y')} ORDER BY e.l, e.r"
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
    place = np.zeros(accounts.max(initial=0) + 1, dtype=np.int64)
    place[accounts] = np.arange(len(accounts))
    lesser, greater = place[rows["l"].to_numpy()], place[rows["r"].to_numpy()]
    # The rows of a pair stand together.
    firsts = np.flatnonzero(
        np.diff(lesser, prepend=-1).astype(bool) | np.diff(greater, prepend=-1).astype(bool)
    )
    pairs = np.column_stack([lesser[firsts], greater[firsts]])
    n_identifiers, identifier_of = renumbered(rows["identifier_no"].to_numpy())
    parts, prior = rows["parts"].to_numpy(), round(model.prior_bits * _PARTS)
    draws = np.random.default_rng(seed)
    holds = np.zeros(len(pairs), dtype=np.int32)  # a bit for each repetition
    for i in range(_REPETITIONS):
        kept = draws.random(n_identifiers) >= _LEFT_OUT
        if len(pairs):
            total = prior + np.add.reduceat(parts * kept[identifier_of], firsts)
            holds |= (total > 0).astype(np.int32) << i
    # What always holds is put together once, and what never does is left out.
    always = holds == (1 << _REPETITIONS) - 1
    base = components_of(len(accounts), pairs[always])
    rest = ~always & (holds > 0)
    pairs, holds = base[pairs[rest]], holds[rest]
    _, group_of = np.unique(groups, return_inverse=True)
    stays = np.zeros(len(accounts))
    for i in range(_REPETITIONS):
        label = components_of(len(accounts), pairs[(holds >> i) & 1 == 1])[base]
        stays += _in_larger_part(label, group_of)
    return stays / _REPETITIONS


def _in_larger_part(label: Integers, group_of: Integers) -> Floats:
    size = np.bincount(label)[label] if len(label) else label
    largest = np.zeros(group_of.max(initial=-1) + 1, dtype=np.int64)
    np.maximum.at(largest, group_of, size)
    return np.asarray((size == largest[group_of]) & (size > 1), dtype=np.float64)


def _member_ties_sql() -> str:
    """Query of the log of the chance that what an identifier says of a member is false; its best link."""
    return f"""
        WITH ends AS (
            SELECT l AS account_no, r AS other_no, bits, identifier_no FROM chief_evidence
            UNION ALL SELECT r, l, bits, identifier_no FROM chief_evidence
        )
        SELECT e.account_no, e.identifier_no, min(-ln(1.0 + pow(2.0, least(e.bits, 30.0)))) AS doubt
        FROM ends e
        JOIN communities x ON x.account_no = e.account_no
        JOIN communities y ON y.account_no = e.other_no AND {within("x", "y")}
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
    return f"""
        SELECT c.l, c.r,
               round(x.stays * (1.0 - exp(least(0.0, x.doubt - coalesce(t.doubt, 0.0))))
                     * y.stays * (1.0 - exp(least(0.0, y.doubt - coalesce(u.doubt, 0.0)))), 6) AS probability
        FROM chief_evidence c
        JOIN communities a ON a.account_no = c.l
        JOIN communities b ON b.account_no = c.r AND {within("a", "b")}
        JOIN member_support x ON x.account_no = c.l
        JOIN member_support y ON y.account_no = c.r
        LEFT JOIN member_ties t ON t.account_no = c.l AND t.identifier_no = c.identifier_no
        LEFT JOIN member_ties u ON u.account_no = c.r AND u.identifier_no = c.identifier_no
    """
