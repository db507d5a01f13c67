"""How likely each member belongs to its community, by repeated partitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from graphlink.clustering.communities.bridges import has_other_path
from graphlink.clustering.components import components_of, within
from graphlink.clustering.merging import Links
from graphlink.engine.shuffle import draw_sql, uniform

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graphlink.clustering.communities.partitioning import Floats, Integers
    from graphlink.clustering.constraints import Constrained
    from graphlink.core.settings import Settings
    from graphlink.engine import Sql

_NOBODY = np.zeros(0, dtype=np.int64)
_UNITS = 1_000_000  # of a bit: whole numbers add up to the same in any order


def make_support(engine: Sql, settings: Settings, constrained: Constrained) -> None:
    """Make `member_support`: how likely each member belongs, from its links and from repeated partitions.

    In each repetition every identifier (and every kind in which accounts differ) is left out with the same
    small chance, links are added up again and the components of the rest computed: an account belongs as
    often as it stays with the largest component of its community. Times the chance that not all its links are
    false, each leading identifier taken once.

    `cluster_paths` is by the communities of the evidence. A community that labels changed is weighed by
    itself: accounts that labels "yes" tie are one node of it, with the links of all.
    """
    _make_draws(engine)
    inside = _inside(engine, "evidence_communities")
    _load_stays(engine, "stays", [(inside.accounts, _stays(inside, _NOBODY, settings))])
    _load_owners(engine, _NOBODY, _NOBODY)
    engine.make("member_ties", _member_ties_sql("evidence_communities"))
    engine.make("evidence_support", _support_sql("stays", "member_ties"))
    _load_paths(engine)
    engine.make("cluster_paths", _through_others_sql())
    moved = np.flatnonzero(constrained.is_changed)
    if not len(moved):
        engine.make("member_support", "SELECT * FROM evidence_support")
        return
    engine.load("changed_accounts", pa.table({"account_no": pa.array(moved, pa.int32())}))
    engine.make(
        "changed_communities",
        "SELECT c.* FROM communities c JOIN changed_accounts x ON x.account_no = c.account_no",
    )
    stays = [
        (one.accounts, _stays(one, constrained.owner[one.accounts], settings))
        for one in _by_community(_inside(engine, "changed_communities"))
    ]
    _load_stays(engine, "changed_stays", stays)
    _load_owners(engine, moved, constrained.owner[moved])
    engine.make("changed_ties", _member_ties_sql("changed_communities"))
    engine.make("changed_support", _support_sql("changed_stays", "changed_ties"))
    engine.make(
        "member_support",
        "SELECT * FROM changed_support UNION ALL SELECT e.* FROM evidence_support e "
        "ANTI JOIN changed_accounts x ON x.account_no = e.account_no",
    )


class _Inside(NamedTuple):
    """Communities with the evidence of the links inside them: its items in the order of their links."""

    accounts: Integers
    community: Integers
    lesser: Integers
    greater: Integers
    draw: Integers
    units: Integers


def _make_draws(engine: Sql) -> None:
    """Make `evidence_draws`: a draw of each identifier and behaviour, by its name."""
    name = "i.kind || ' ' || i.value"
    engine.make(
        "evidence_draws",
        f"SELECT i.identifier_no, {draw_sql(name)} AS draw FROM shared_identifiers i "
        "SEMI JOIN pair_evidence e ON e.identifier_no = i.identifier_no "
        f"UNION ALL SELECT -k.kind_no - 1, {draw_sql('k.kind')} FROM evidence_kinds k",
    )


def _inside(engine: Sql, communities: str) -> _Inside:
    rows = engine.arrow(
        f"SELECT e.l, e.r, d.draw, round(e.contribution_bits * {_UNITS}.0)::BIGINT AS units "
        f"FROM pair_evidence e JOIN {communities} x ON x.account_no = e.l "
        f"JOIN {communities} y ON y.account_no = e.r AND {within('x', 'y')} "
        "JOIN evidence_draws d ON d.identifier_no = coalesce(e.identifier_no, -e.kind_no - 1) "
        "ORDER BY e.l, e.r"
    )
    members = engine.arrow(f"SELECT account_no, community_no FROM {communities} ORDER BY account_no")
    return _Inside(
        members["account_no"].to_numpy().astype(np.int64),
        members["community_no"].to_numpy().astype(np.int64),
        *(rows[name].to_numpy() for name in ("l", "r", "draw", "units")),
    )


def _by_community(inside: _Inside) -> Iterator[_Inside]:
    """Each community by itself: what is drawn in one does not depend on the others."""
    of_row = inside.community[np.searchsorted(inside.accounts, inside.lesser)]
    for one in np.unique(inside.community).tolist():
        members, rows = inside.community == one, of_row == one
        yield _Inside(*(column[members] for column in inside[:2]), *(column[rows] for column in inside[2:]))


def _stays(inside: _Inside, owner: Integers, settings: Settings) -> Floats:
    """Per account, the share of repetitions in which it stays with the largest component of its community.

    Args:
        inside: The communities.
        owner: Per account the least that labels tie it to; empty where they tie none.
        settings: The prior, the repetitions and the seed of their draws.
    """
    accounts = inside.accounts
    place = np.zeros(accounts.max(initial=0) + 1, dtype=np.int64)
    place[accounts] = np.arange(len(accounts))
    lesser, greater = place[inside.lesser], place[inside.greater]
    # The rows of a pair are adjacent.
    firsts = np.flatnonzero(
        np.diff(lesser, prepend=-1).astype(bool) | np.diff(greater, prepend=-1).astype(bool)
    )
    pairs = np.column_stack([lesser[firsts], greater[firsts]])
    prior = round(settings.model.prior_bits * _UNITS)
    repetitions = settings.parameters.communities.repetitions
    left_out = settings.parameters.communities.left_out
    holds = np.zeros(len(pairs), dtype=np.int32)  # a bit for each repetition
    for i in range(repetitions):
        if len(pairs):
            kept = uniform(inside.draw, settings.seed * repetitions + i) >= left_out
            total = prior + np.add.reduceat(inside.units * kept, firsts)
            holds |= (total > 0).astype(np.int32) << i
    # What always holds is joined once, and what never does is left out.
    always = holds == (1 << repetitions) - 1
    tied = np.column_stack([place[owner], np.arange(len(owner))])
    base = components_of(len(accounts), np.concatenate([pairs[always], tied]))
    rest = ~always & (holds > 0)
    pairs, holds = base[pairs[rest]], holds[rest]
    _, group_of = np.unique(inside.community, return_inverse=True)
    stays = np.zeros(len(accounts))
    for i in range(repetitions):
        label = components_of(len(accounts), pairs[(holds >> i) & 1 == 1])[base]
        stays += _in_largest_component(label, group_of)
    return stays / repetitions


def _load_stays(engine: Sql, name: str, stays: Iterable[tuple[Integers, Floats]]) -> None:
    accounts, shares = (
        np.concatenate(column) for column in zip(*(list(stays) or [(_NOBODY, np.zeros(0))]), strict=True)
    )
    engine.load(
        name,
        pa.table({"account_no": pa.array(accounts, pa.int32()), "stays": pa.array(shares, pa.float64())}),
    )


def _load_paths(engine: Sql) -> None:
    """Make `other_paths`: the links whose two accounts hold together without what the link leads with."""
    table = engine.arrow(
        "SELECT e.l, e.r, e.bits, e.identifier_no, e.is_owned, e.is_own, e.is_at_place, a.community_no "
        "FROM leading_evidence e JOIN evidence_communities a ON a.account_no = e.l "
        f"JOIN evidence_communities b ON b.account_no = e.r AND {within('a', 'b')} ORDER BY e.l, e.r"
    )
    *columns, of_link = (column.to_numpy() for column in table.columns)
    links = Links(*columns)
    community = np.arange(max(links.l.max(initial=-1), links.r.max(initial=-1)) + 1)
    community[links.l] = community[links.r] = of_link
    links = links.only(has_other_path(community, links))
    engine.load(
        "other_paths", pa.table([pa.array(one, pa.int32()) for one in (links.l, links.r)], ["l", "r"])
    )


def _load_owners(engine: Sql, accounts: Integers, owner: Integers) -> None:
    """Make `owners`: of the accounts that labels tie to a lesser one, that one."""
    tied = owner != accounts
    columns = {"account_no": accounts[tied], "owner_no": owner[tied]}
    engine.load("owners", pa.table({name: pa.array(one, pa.int32()) for name, one in columns.items()}))


def _in_largest_component(label: Integers, group_of: Integers) -> Floats:
    size = np.bincount(label)[label] if len(label) else label
    largest = np.zeros(group_of.max(initial=-1) + 1, dtype=np.int64)
    np.maximum.at(largest, group_of, size)
    return np.asarray((size == largest[group_of]) & (size > 1), dtype=np.float64)


def _member_ties_sql(communities: str) -> str:
    """Query of the log of the chance that an identifier's evidence for a member is false; its best link.

    The links of accounts that labels tie are those of each of them.
    """
    return f"""
        WITH ends AS (
            SELECT l AS account_no, r AS other_no, bits, identifier_no FROM leading_evidence
            UNION ALL SELECT r, l, bits, identifier_no FROM leading_evidence
        )
        SELECT coalesce(o.owner_no, e.account_no) AS owner_no, e.identifier_no,
               min(-ln(1.0 + pow(2.0, least(e.bits, 30.0)))) AS doubt
        FROM ends e
        JOIN {communities} x ON x.account_no = e.account_no
        JOIN {communities} y ON y.account_no = e.other_no AND {within("x", "y")}
        LEFT JOIN owners o ON o.account_no = e.account_no
        GROUP BY coalesce(o.owner_no, e.account_no), e.identifier_no
    """


def _support_sql(stays: str, ties: str) -> str:
    return f"""
        SELECT s.account_no, s.stays, coalesce(d.doubt, 0.0) AS doubt,
               round(s.stays * (1.0 - exp(coalesce(d.doubt, 0.0))), 6) AS probability
        FROM {stays} s
        LEFT JOIN owners o ON o.account_no = s.account_no
        LEFT JOIN (SELECT owner_no, sum(doubt::DECIMAL(18, 9))::DOUBLE AS doubt FROM {ties}
                   GROUP BY owner_no) d ON d.owner_no = coalesce(o.owner_no, s.account_no)
    """


def _through_others_sql() -> str:
    """Query of the probability that the two of a link have one operator by what ties each to their cluster.

    What the link itself leads with is left out on both sides, so nothing is counted twice: both belong when
    not all the rest is false. Where nothing else ties the two sides (`bridges`), belonging says nothing of
    whether it is one.
    """
    return """
        SELECT c.l, c.r,
               round(x.stays * (1.0 - exp(least(0.0, x.doubt - coalesce(t.doubt, 0.0))))
                     * y.stays * (1.0 - exp(least(0.0, y.doubt - coalesce(u.doubt, 0.0)))), 6) AS probability
        FROM leading_evidence c
        JOIN other_paths p ON p.l = c.l AND p.r = c.r
        JOIN evidence_support x ON x.account_no = c.l
        JOIN evidence_support y ON y.account_no = c.r
        LEFT JOIN member_ties t ON t.owner_no = c.l AND t.identifier_no = c.identifier_no
        LEFT JOIN member_ties u ON u.owner_no = c.r AND u.identifier_no = c.identifier_no
    """
