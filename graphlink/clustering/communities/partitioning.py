"""Components and the communities in each, here or by a distributed engine."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graphlink.clustering.components import components_of, find_components
from graphlink.clustering.leiden import PARTITION, partition, partition_links

if TYPE_CHECKING:
    from graphlink.core.settings import Settings
    from graphlink.engine import Sql

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


class Partition(NamedTuple):
    """Per account number the least account of its component and its community; facts for the manifest."""

    component: Integers
    community: Integers
    facts: dict[str, object]


def partition_here(engine: Sql, n_accounts: int, settings: Settings) -> Partition:
    """Find components and communities on this machine."""
    links = engine.arrow(f"{_holding_sql(settings)} ORDER BY l, r")
    ends = np.column_stack([links["l"].to_numpy(), links["r"].to_numpy()]).astype(np.int64)
    component = components_of(n_accounts, ends)
    resolution = settings.model.resolution_bits
    community = partition(component, ends, links["bits"].to_numpy(), resolution, settings.seed)
    return Partition(component, community, {})


def partition_there(engine: Sql, n_accounts: int, settings: Settings) -> Partition:
    """As `partition_here`, by the engine: links stay there, labels of accounts come back."""
    engine.make("holding", _holding_sql(settings))
    find_components(engine, "holding", seed=settings.seed)
    kept = engine.make_by(
        "partition",
        "SELECT c.component_no, h.l, h.r, h.bits FROM holding h JOIN components c ON c.account_no = h.l",
        "component_no",
        functools.partial(partition_links, resolution=settings.model.resolution_bits, seed=settings.seed),
        PARTITION,
    )
    rows = engine.arrow("SELECT account_no, component_no, community_no FROM partition")
    partition_of = Partition(np.arange(n_accounts), np.arange(n_accounts), {})
    for name in ("component", "community"):
        getattr(partition_of, name)[rows["account_no"].to_numpy()] = rows[f"{name}_no"].to_numpy()
    if kept:
        numbers = ", ".join(map(str, kept))
        names = engine.rows(
            f"SELECT account_no, account_id FROM account_numbers WHERE account_no IN ({numbers})"
        )
        partition_of.facts["components_solved_on_one_machine"] = [
            {"first_account": name, "links": kept[int(str(no))]} for no, name in sorted(names)
        ]
    engine.drop("holding", "components", "partition")
    return partition_of


def _holding_sql(settings: Settings) -> str:
    """Query of the links that hold, with their bits as far as they count.

    Engines add up in any order, which moves the last digits of the bits, and those could turn a community.
    """
    most = settings.parameters.communities.most_link_bits
    return f"SELECT l, r, round(least(bits, {most}), 6) AS bits FROM scored_pairs WHERE bits > 0"
