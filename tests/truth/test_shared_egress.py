"""Planted firms behind one security service's exits: each is tied within itself, and none with another."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

import graphlink
from graphlink.core.settings import Settings

if TYPE_CHECKING:
    from graphlink.result.result import Result

DAY = 86_400
N_DAYS, N_BACKGROUND = 60, 900
BEGIN = np.datetime64("2026-03-01T00:00:00", "us")
EXITS = tuple(f"151.53.216.{i}" for i in range(10, 22))


class World:
    """Observations of accounts, and whose they are."""

    def __init__(self, seed: int) -> None:
        self.draws = np.random.default_rng(seed)
        self.rows: list[tuple[str, str, str, float]] = []
        self.owner: dict[str, str] = {}

    def add(self, name: str, owner: str, places: list[str], mail: str, *cards: str) -> None:
        """Add an account that is seen some forty times at these places, and pays twice."""
        self.owner[name] = owner
        times = self.draws.uniform(0, N_DAYS * DAY, 40)
        self.rows += [(name, "ip", str(self.draws.choice(places)), at) for at in times]
        self.rows += [(name, "payment", cards[i % len(cards)], times[i]) for i in range(2)]
        self.rows.append((name, "email", f"{name}@{mail}", times[0]))

    def result(self) -> Result:
        names, kinds, values, at = zip(*self.rows, strict=True)
        seen_at = BEGIN + (np.array(at) * 1e6).astype("timedelta64[us]")
        table = pa.table({"account_id": names, "kind": kinds, "value": values, "seen_at": seen_at})
        return graphlink.run(table, settings=Settings(now="2026-05-01T00:00:00Z"))


def firms(seed: int, sizes: tuple[int, ...], n_by_market: int) -> World:
    """Draw people, sixty firms, and an operator on proxies with five cards, two to an account.

    Some firms pay by one of two marketplaces. Three in ten of the others have no mail domain of their own.
    """
    world = World(seed)
    draws = world.draws
    for i in range(N_BACKGROUND):
        place = f"84.{i // 200 + 1}.{i % 200 + 1}.7"
        world.add(f"person{i}", f"person{i}", [place], "gmail.com", f"card-{i:05}")
    for i in range(60):
        exits = [str(one) for one in draws.choice(EXITS, 4, replace=False)]
        card = f"market-{i % 2:05}" if i < n_by_market else f"firm-{i:05}"
        mail = f"firm{i}.com" if i < n_by_market or draws.random() < 0.7 else "gmail.com"
        for j in range(int(draws.choice(sizes))):
            places = [*exits * 3, *[f"91.{i + 1}.{j + 1}.9"] * 4]
            world.add(f"firm{i}x{j}", f"firm{i}", places, mail, card)
    proxies = [f"45.9.{i}.{j}" for i in range(4) for j in range(1, 9)]
    for i in range(24):
        own = [str(one) for one in draws.choice(proxies, 4, replace=False)]
        cards = [f"theirs-{one:05}" for one in draws.choice(5, 2, replace=False)]
        world.add(f"x{i}", "operator", own, "gmail.com", *cards)
    return world


@pytest.mark.parametrize(
    ("seed", "sizes", "n_by_market"), [(1, (2, 3, 4), 0), (2, (2, 3), 16), (3, (2, 3, 4, 8), 8)]
)
def test_firms_on_the_same_exits_are_not_one_operator(
    seed: int, sizes: tuple[int, ...], n_by_market: int
) -> None:
    world = firms(seed, sizes, n_by_market)
    result = world.result()
    owners: dict[str, Counter[str]] = defaultdict(Counter)
    for row in result.table("membership").to_pylist():
        if row["cluster_id"] is not None:
            owners[row["cluster_id"]][world.owner[row["account_id"]]] += 1
    clusters = {row["cluster_id"]: row for row in result.table("clusters").to_pylist()}
    mixed = {
        name: of for name, of in owners.items() if len(of) > 1 and not clusters[name]["also_explained_by"]
    }
    assert all(clusters[name]["fdr"] > 0.05 for name in mixed)
    assert sum(sum(of.values()) for of in mixed.values()) <= 0.02 * len(world.owner)
    links = result.table("links").to_pylist()
    sure = [row for row in links if row["probability"] >= 0.95]
    ends = [(world.owner[row["account_id_l"]], world.owner[row["account_id_r"]]) for row in sure]
    assert sum(one != other for one, other in ends) <= 0.01 * len(sure)
    assert sum(one.startswith("firm") for one, _ in ends) > 30  # each within itself
    assert max(of["operator"] for of in owners.values()) >= 20
