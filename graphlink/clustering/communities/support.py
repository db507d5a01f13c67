"""How likely each member belongs to its community, by repeated partitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from graphlink.clustering.components import components_of, renumbered, within

if TYPE_CHECKING:
    from graphlink.clustering.communities.partitioning import Floats, Integers
    from graphlink.core.settings import Settings
    from graphlink.engine import Sql

_UNITS = 1_000_000  # of a bit: whole numbers add up to the same in any order


def make_support(engine: Sql, settings: Settings) -> None:
    """Make `member_support`: how likely each member belongs, from its links and from repeated partitions.

    In each repetition every identifier (and every kind in which accounts differ) is left out with the same
    small chance, links are added up again and the components of the rest computed: an account belongs as
    often as it stays with the largest component of its community. Times the chance that not all its links are
    false, each leading identifier taken once.
    """
    rows = engine.arrow(
        "SELECT e.l, e.r, coalesce(e.identifier_no, -e.kind_no - 1) AS identifier_no, "
        f"round(e.contribution_bits * {_UNITS}.0)::BIGINT AS units "
        "FROM pair_evidence e JOIN communities x ON x.account_no = e.l "
        f"JOIN communities y ON y.account_no = e.r AND {within('x', 'y')} ORDER BY e.l, e.r"
    )
    members = engine.arrow("SELECT account_no, community_no FROM communities ORDER BY account_no")
    accounts = members["account_no"].to_numpy().astype(np.int64)
    groups = members["community_no"].to_numpy().astype(np.int64)
    stays = _stays(rows, accounts, groups, settings)
    engine.load(
        "stays",
        pa.table({"account_no": pa.array(accounts, pa.int32()), "stays": pa.array(stays, pa.float64())}),
    )
    engine.make("member_ties", _member_ties_sql())
    engine.make("member_support", _support_sql())
    engine.make("cluster_paths", _through_others_sql())


def _stays(rows: pa.Table, accounts: Integers, groups: Integers, settings: Settings) -> Floats:
    """Per account, the share of repetitions in which it stays with the largest component of its community."""
    place = np.zeros(accounts.max(initial=0) + 1, dtype=np.int64)
    place[accounts] = np.arange(len(accounts))
    lesser, greater = place[rows["l"].to_numpy()], place[rows["r"].to_numpy()]
    # The rows of a pair are adjacent.
    firsts = np.flatnonzero(
        np.diff(lesser, prepend=-1).astype(bool) | np.diff(greater, prepend=-1).astype(bool)
    )
    pairs = np.column_stack([lesser[firsts], greater[firsts]])
    n_identifiers, identifier_of = renumbered(rows["identifier_no"].to_numpy())
    units, prior = rows["units"].to_numpy(), round(settings.model.prior_bits * _UNITS)
    repetitions = settings.parameters.communities.repetitions
    left_out = settings.parameters.communities.left_out
    draws = np.random.default_rng(settings.seed)
    holds = np.zeros(len(pairs), dtype=np.int32)  # a bit for each repetition
    for i in range(repetitions):
        kept = draws.random(n_identifiers) >= left_out
        if len(pairs):
            total = prior + np.add.reduceat(units * kept[identifier_of], firsts)
            holds |= (total > 0).astype(np.int32) << i
    # What always holds is joined once, and what never does is left out.
    always = holds == (1 << repetitions) - 1
    base = components_of(len(accounts), pairs[always])
    rest = ~always & (holds > 0)
    pairs, holds = base[pairs[rest]], holds[rest]
    _, group_of = np.unique(groups, return_inverse=True)
    stays = np.zeros(len(accounts))
    for i in range(repetitions):
        label = components_of(len(accounts), pairs[(holds >> i) & 1 == 1])[base]
        stays += _in_largest_component(label, group_of)
    return stays / repetitions


def _in_largest_component(label: Integers, group_of: Integers) -> Floats:
    size = np.bincount(label)[label] if len(label) else label
    largest = np.zeros(group_of.max(initial=-1) + 1, dtype=np.int64)
    np.maximum.at(largest, group_of, size)
    return np.asarray((size == largest[group_of]) & (size > 1), dtype=np.float64)


def _member_ties_sql() -> str:
    """Query of the log of the chance that an identifier's evidence for a member is false; its best link."""
    return f"""
        WITH ends AS (
            SELECT l AS account_no, r AS other_no, bits, identifier_no FROM leading_evidence
            UNION ALL SELECT r, l, bits, identifier_no FROM leading_evidence
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
    """Query of the probability that the two of a link have one operator by what ties each to their cluster.

    What the link itself leads with is left out on both sides, so nothing is counted twice: both belong when
    not all the rest is false.
    """
    return f"""
        SELECT c.l, c.r,
               round(x.stays * (1.0 - exp(least(0.0, x.doubt - coalesce(t.doubt, 0.0))))
                     * y.stays * (1.0 - exp(least(0.0, y.doubt - coalesce(u.doubt, 0.0)))), 6) AS probability
        FROM leading_evidence c
        JOIN communities a ON a.account_no = c.l
        JOIN communities b ON b.account_no = c.r AND {within("a", "b")}
        JOIN member_support x ON x.account_no = c.l
        JOIN member_support y ON y.account_no = c.r
        LEFT JOIN member_ties t ON t.account_no = c.l AND t.identifier_no = c.identifier_no
        LEFT JOIN member_ties u ON u.account_no = c.r AND u.identifier_no = c.identifier_no
    """
