"""Connected components of links: in memory, and of tables larger than that by randomized contraction.

Randomized contraction (Bögeholz, Brand and Todor, "In-database connected component analysis", ICDE 2020) is
SQL alone, whatever the shape of the graph: in each round every account goes over into the one of itself and
its neighbours that stands first in an order drawn at random, and links within one fall away. A round leaves
at most three quarters of the accounts, on average, so that a long chain takes no more rounds than a star. The
order is an affine map of the numbers modulo a prime: two accounts never stand at one place, and every engine
gives the same.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from graphlink.engine import number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphlink.engine import Sql

    Integers = NDArray[np.int64]

_PRIME = 2**31 - 1  # numbers are below it, and their products below 2 ** 62
_LINKS_HERE = 2_000_000  # that few are solved faster in memory than by one more round of a cluster


def components_of(n: int, ends: Integers) -> Integers:
    """Per number from 0 to n, the least number of its component.

    Every number goes over into its least neighbour, if that is less, and with it into where that went, and
    links within one fall away; of what is left the same again. What never goes over is the least of its
    component. Two rounds leave half of the numbers at most, whatever the shape: what is left over then took
    with it all of its neighbours, and no two share one.

    Args:
        n: How many numbers there are.
        ends: The links, as rows of two numbers.
    """
    label = np.arange(n)
    lesser, greater = _ordered(*ends.T.astype(np.int64, copy=False))
    while len(lesser):
        target = np.arange(n)
        np.minimum.at(target, greater, lesser)
        target = _followed(target)
        label = target[label]
        lesser, greater = _ordered(target[lesser], target[greater])
    return label


def _ordered(one: Integers, other: Integers) -> tuple[Integers, Integers]:
    """The lesser and the greater of each two numbers that differ."""
    differs = one != other
    one, other = one[differs], other[differs]
    return np.minimum(one, other), np.maximum(one, other)


def _followed(target: Integers) -> Integers:
    """Where everything ends up when it goes on from its target to the target of that."""
    while True:
        further = target[target]
        if np.array_equal(further, target):
            return target
        target = further


def within(x: str, y: str) -> str:
    """Condition that rows x and y of `communities` are of one community, for a join by their accounts.

    Written as an equality it would tempt an engine to join all pairs of each community first.
    """
    return f"{x}.community_no - {y}.community_no = 0"


def spanning_forest(n: int, ends: Integers) -> Integers:
    """Rows of the links that connect all that is connected, the earlier rows preferred.

    In each round every component takes the first row that leads out of it (Borůvka 1926).

    Args:
        n: How many numbers there are.
        ends: The links, as rows of two numbers.

    Returns:
        The rows, in order.
    """
    ends = ends.astype(np.int64, copy=False)
    label, taken = np.arange(n), np.zeros(len(ends), dtype=bool)
    rows = np.flatnonzero(ends[:, 0] != ends[:, 1])
    while len(rows):
        x, y = label[ends[rows, 0]], label[ends[rows, 1]]
        first = np.full(n, len(ends))
        np.minimum.at(first, x, rows)
        np.minimum.at(first, y, rows)
        roots = np.flatnonzero(first < len(ends))
        chosen = first[roots]
        taken[chosen] = True
        target = np.arange(n)
        # The other end of its row: what is neither this component nor that one.
        target[roots] = label[ends[chosen, 0]] + label[ends[chosen, 1]] - roots
        # No two rows are alike, so there is no way around but between two components that chose the same.
        stays = roots[(target[target[roots]] == roots) & (roots < target[roots])]
        target[stays] = stays
        label = _followed(target)[label]
        rows = rows[label[ends[rows, 0]] != label[ends[rows, 1]]]
    return np.flatnonzero(taken)


def renumbered(numbers: Integers) -> tuple[int, Integers]:
    """How many different numbers there are, and of each its place among them in their order."""
    if not len(numbers):
        return 0, np.zeros(0, dtype=np.int64)
    offset = numbers - numbers.min()
    is_there = np.zeros(offset.max() + 1, dtype=bool)
    is_there[offset] = True
    place = np.cumsum(is_there) - 1
    return int(place[-1]) + 1, place[offset]


def least_member(labels: Integers) -> Integers:
    """Per position, the first position with the same label; labels are numbers below their number."""
    first = np.full(len(labels), len(labels))
    np.minimum.at(first, labels, np.arange(len(labels)))
    return np.asarray(first[labels])


def find_components(engine: Sql, links: str, *, seed: int = 1, n_here: int = _LINKS_HERE) -> int:
    """Make `components` (account_no, component_no) from a table of links (l, r).

    The component's number is its least account, whatever was drawn.

    Args:
        engine: Where the tables are.
        links: Name of the table of links, each from one account to another.
        seed: Seed of the orders.
        n_here: Links so few that they are brought into memory and solved there.

    Returns:
        How many rounds it took.
    """
    engine.make("contracted", f"SELECT l AS v, r AS w FROM {links} UNION ALL SELECT r, l FROM {links}")
    draws, n_rounds = random.Random(seed), 0
    while number(engine, "SELECT count(*) FROM contracted") > 2 * n_here:
        order = f"{draws.randrange(1, _PRIME)} * {{}}::BIGINT + {draws.randrange(_PRIME)}"
        _contract(engine, f"representatives_{n_rounds}", f"(({order}) % {_PRIME})")
        n_rounds += 1
    _solve_rest(engine)
    for i in reversed(range(n_rounds)):
        engine.make(
            "labels_of_components",
            f"SELECT x.v, coalesce(y.label, x.r) AS label FROM representatives_{i} x "
            "LEFT JOIN labels_of_components y ON y.v = x.r",
        )
        engine.drop(f"representatives_{i}")
    engine.make(
        "components",
        "SELECT x.v AS account_no, y.least AS component_no FROM labels_of_components x "
        "JOIN (SELECT label, min(v) AS least FROM labels_of_components GROUP BY label) y "
        "ON y.label = x.label",
    )
    engine.drop("contracted", "labels_of_components")
    return n_rounds


def _contract(engine: Sql, representatives: str, order: str) -> None:
    """Make the representative r of each account v, and `contracted` between representatives."""
    of_v, of_w = order.format("v"), order.format("w")
    engine.make(
        representatives,
        f"SELECT v, CASE WHEN {of_v} < min({of_w}) THEN v ELSE arg_min(w, {of_w}) END AS r "
        "FROM contracted GROUP BY v",
    )
    engine.make(
        "contracted",
        f"SELECT DISTINCT x.r AS v, y.r AS w FROM contracted c JOIN {representatives} x ON x.v = c.v "
        f"JOIN {representatives} y ON y.v = c.w WHERE x.r <> y.r",
    )


def _solve_rest(engine: Sql) -> None:
    """Make `labels_of_components` (v, label) of what is left, in memory."""
    rest = engine.arrow("SELECT v, w FROM contracted WHERE v < w ORDER BY v, w")
    ends = np.column_stack([rest["v"].to_numpy(), rest["w"].to_numpy()]).astype(np.int64)
    accounts, places = np.unique(ends, return_inverse=True)
    label = accounts[components_of(len(accounts), places.reshape(-1, 2))]
    engine.load(
        "labels_of_components",
        pa.table({"v": pa.array(accounts, pa.int32()), "label": pa.array(label, pa.int32())}),
    )
