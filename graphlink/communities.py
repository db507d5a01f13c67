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
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from graphlink.components import components_of, find_components
from graphlink.engine import number
from graphlink.joining import Chief, Contrary, join_groups, prune_groups
from graphlink.leiden import PARTITION, partition, partition_links

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphlink.engine import Engine
    from graphlink.settings import ModelSettings, Settings

    Integers = NDArray[np.int64]
    Floats = NDArray[np.float64]

_OWN_BITS = 3.0  # from which a link has evidence of what belongs to somebody
_OWNED = 0.5  # probability of being private from which an instrument or a secret belongs to somebody
_REPETITIONS = 16
_LEFT_OUT = 0.1  # of the identifiers, in each repetition
_PARTS = 1_000_000  # of a bit: whole numbers add up to the same in any order
# One very strong link says no more of a group than this.
_MOST_LINK_BITS = 12.0
# Engines add up in any order, which moves the last digits of the bits, and those could turn a community.
_HOLDING = f"SELECT l, r, round(least(bits, {_MOST_LINK_BITS}), 6) AS bits FROM pair_links WHERE bits > 0"


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
    chief = Chief.read(engine.arrow("SELECT * FROM chief_evidence ORDER BY l, r"))
    community = join_groups(chief, _contrary(engine), community, model)
    community = prune_groups(chief, community, model.cluster_probability)
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


def _contrary(engine: Engine) -> Contrary:
    contrary = engine.arrow("SELECT kind_no, group_no, bits FROM contrary ORDER BY kind_no, group_no")
    speaking = "SELECT kind_no FROM contrary"
    singles = "SELECT account_no, kind_no, identifier_no FROM single_values"
    return Contrary.read(engine.arrow(f"{singles} WHERE kind_no IN ({speaking})"), contrary)


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
        f"round(e.counted_bits * {_PARTS}.0)::BIGINT AS parts FROM pair_evidence e "
        "JOIN communities x ON x.account_no = e.l "
        "JOIN communities y ON y.account_no = e.r AND y.community_no = x.community_no"
    )
    members = engine.arrow("SELECT account_no, community_no FROM communities ORDER BY account_no")
    accounts = members["account_no"].to_numpy().astype(np.int64)
    groups = members["community_no"].to_numpy().astype(np.int64)
    stays = _stays(rows, accounts, groups, model, seed)
    engine.load(
        "stays",
        pa.table({"account_no": pa.array(accounts, pa.int32()), "stays": pa.array(stays, pa.float64())}),
    )
    engine.make(
        "inner_links",
        "SELECT c.l, c.r, c.bits, c.identifier_no FROM chief_evidence c "
        "JOIN communities x ON x.account_no = c.l "
        "JOIN communities y ON y.account_no = c.r AND y.community_no = x.community_no",
    )
    engine.make("member_ties", _member_ties_sql())
    engine.make("member_support", _support_sql())
    engine.make("through_others", _through_others_sql())
    engine.drop("stays", "member_ties", "inner_links")


def _stays(rows: pa.Table, accounts: Integers, groups: Integers, model: ModelSettings, seed: int) -> Floats:
    """Per account, the share of repetitions in which it stays with the larger part of its community."""
    if not rows.num_rows:
        return np.zeros(len(accounts))
    places = [np.searchsorted(accounts, rows[end].to_numpy()) for end in ("l", "r")]
    key = places[0] * len(accounts) + places[1]
    order = np.argsort(key)
    firsts = np.flatnonzero(np.diff(key[order], prepend=-1))
    pairs = np.column_stack([place[order[firsts]] for place in places])
    identifiers, identifier_of = np.unique(rows["identifier_no"].to_numpy(), return_inverse=True)
    identifier_of = identifier_of[order]
    parts = rows["parts"].to_numpy()[order]
    prior = round(model.prior_bits * _PARTS)
    is_chief = _is_strongest(len(accounts), pairs, np.add.reduceat(parts, firsts))
    _, group_of = np.unique(groups, return_inverse=True)
    draws = np.random.default_rng(seed)
    stays = np.zeros(len(accounts))
    for _ in range(_REPETITIONS):
        kept = draws.random(len(identifiers)) >= _LEFT_OUT
        holds = prior + np.add.reduceat(parts * kept[identifier_of], firsts) > 0
        stays += _in_larger_part(pairs, holds, is_chief, group_of)
    return stays / _REPETITIONS


def _is_strongest(n: int, pairs: Integers, strength: Integers) -> NDArray[np.bool_]:
    """Whether a pair is the strongest of one of its ends."""
    order = np.argsort(strength, kind="stable")
    strongest = np.full(n, -1)
    for side in (0, 1):  # the last one written stays
        strongest[pairs[order, side]] = order
    found = np.zeros(len(pairs), dtype=bool)
    found[strongest[strongest >= 0]] = True
    return found


def _in_larger_part(
    pairs: Integers, holds: NDArray[np.bool_], is_chief: NDArray[np.bool_], group_of: Integers
) -> Floats:
    # The strongest pair of each account joins most of what hangs together; few of the others are left to do.
    parts = components_of(len(group_of), pairs[holds & is_chief])
    across = parts[pairs[holds & ~is_chief]]
    across = across[across[:, 0] != across[:, 1]]
    if len(across):
        parts = components_of(len(group_of), across)[parts]
    size = np.bincount(parts)[parts] if len(parts) else parts
    largest = np.zeros(group_of.max(initial=-1) + 1, dtype=np.int64)
    np.maximum.at(largest, group_of, size)
    return np.asarray((size == largest[group_of]) & (size > 1), dtype=np.float64)


def _member_ties_sql() -> str:
    """Query of the log of the chance that what an identifier says of a member is false; its best link."""
    return """
        SELECT account_no, identifier_no, -ln(1.0 + pow(2.0, least(max(bits), 30.0))) AS doubt
        FROM (
            SELECT l AS account_no, bits, identifier_no FROM inner_links
            UNION ALL SELECT r, bits, identifier_no FROM inner_links
        )
        GROUP BY account_no, identifier_no
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
        FROM inner_links c
        JOIN member_support x ON x.account_no = c.l
        JOIN member_support y ON y.account_no = c.r
        LEFT JOIN member_ties t ON t.account_no = c.l AND t.identifier_no = c.identifier_no
        LEFT JOIN member_ties u ON u.account_no = c.r AND u.identifier_no = c.identifier_no
    """
