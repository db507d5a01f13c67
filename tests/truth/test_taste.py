"""Planted people with one taste in privacy: strangers, whatever ties them, and nobody's accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

import graphlink
from graphlink.core.settings import Settings

if TYPE_CHECKING:
    from graphlink.result.result import Result

DAY = 86_400
N_DAYS, N_BACKGROUND = 45, 2_500
BROWSERS, PROVIDERS = 60, 45
BEGIN = np.datetime64("2026-03-01T00:00:00", "us")


class People:
    """Observations of people, each with an address, a browser, mail and means of payment."""

    def __init__(self, seed: int) -> None:
        self.draws = np.random.default_rng(seed)
        self.rows: list[tuple[str, str, str, float]] = []

    def add(self, name: str, places: list[str], browser: str, owned: dict[str, str]) -> None:
        """Add one who is at these places between a day and the end, some dozen times."""
        begin = self.draws.uniform(0, (N_DAYS - 10) * DAY)
        times = np.sort(self.draws.uniform(begin, N_DAYS * DAY, self.draws.integers(6, 30)))
        for at in times:
            self.rows.append((name, "ip", str(self.draws.choice(places)), at))
            self.rows.append((name, "tls_fingerprint", browser, at))
        self.rows += [(name, kind, value, times[0]) for kind, value in owned.items()]

    def table(self) -> pa.Table:
        names, kinds, values, at = zip(*self.rows, strict=True)
        seen_at = BEGIN + (np.array(at) * 1e6).astype("timedelta64[us]")
        return pa.table({"account_id": names, "kind": kinds, "value": values, "seen_at": seen_at})


def run_on(seed: int, n: int, n_exits: int, n_numbers: int) -> Result:
    """Run on people of all sorts, and n with one VPN, mail aliases, rented numbers and one browser."""
    people = People(seed)
    draws = people.draws
    for i in range(N_BACKGROUND):
        owned = {"email_domain": f"provider{min(draws.geometric(0.3), PROVIDERS)}.example"}
        owned |= {"phone": f"+1202555{i:04}"} if draws.random() < 0.6 else {}
        owned |= {"payment": f"card-{i:05}"} if draws.random() < 0.6 else {}
        home = f"81.{draws.integers(256)}.{draws.integers(256)}.{draws.integers(1, 255)}"
        people.add(f"b{i:04}", [home], f"browser-{min(draws.geometric(0.1), BROWSERS)}", owned)
    for i in range(n):
        owned = {"email_domain": f"alias{draws.choice(3, p=(0.6, 0.3, 0.1))}.example"}
        owned |= {"phone": f"+44700000{draws.integers(n_numbers):04}"} if draws.random() < 0.7 else {}
        owned |= {"payment": f"own-{i:05}"} if draws.random() < 0.5 else {}
        exits = [f"185.220.{j // 4}.{10 + j}" for j in draws.choice(n_exits, min(3, n_exits), replace=False)]
        people.add(f"p{i:04}", exits, "hardened", owned)
    return graphlink.run(people.table(), settings=Settings(now="2026-04-15T00:00:00Z"))


@pytest.mark.parametrize(
    ("seed", "n", "n_exits", "n_numbers"), [(1, 150, 4, 60), (2, 300, 6, 80), (4, 150, 8, 40)]
)
def test_people_with_one_taste_are_no_lead(seed: int, n: int, n_exits: int, n_numbers: int) -> None:
    result = run_on(seed, n, n_exits, n_numbers)
    clusters = result.table("clusters").to_pylist()
    assert any(row["also_explained_by"] == "taste" for row in clusters), "the world no longer tempts"
    large = [row for row in clusters if row["n_accounts"] > 15]
    assert all(row["also_explained_by"] and row["fdr"] > 0.05 for row in large)
    flagged = sum(row["n_accounts"] for row in clusters if row["fdr"] <= 0.05)
    assert flagged <= 0.1 * n
    sure = [p for p in result.table("links")["probability"].to_pylist() if p >= 0.95]
    assert len(sure) <= n
