"""Properties of a run that hold in any world: what strangers do, how values are split and called."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import pytest

import graphlink
from graphlink import EngineSettings
from tests.crowds import Crowd

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

ONE = EngineSettings(threads=1)


class Judged(NamedTuple):
    """What a run says."""

    links: pd.Series  # bits, by the names of the two accounts
    cluster: pd.Series  # by account; missing without one
    role: pd.Series


# Known limits, with what was measured; strict, so that a fix is noticed.
SPLIT = "1.9 bits; the aim is 1"
DRIFT = "7 of 325 links fall below the least probability: shares of all accounts move with their number"
SEEN = """\
[[sources]]
path = "seen.parquet"
account = "account_id"
kind = "kind"
value = "value"
time = "seen_at"
count = "n"

"""


def judged(frame: pd.DataFrame | Path, folder: Path, **settings: object) -> Judged:
    result = graphlink.run(frame, out=folder, limits=ONE, **settings)  # type: ignore[arg-type]  # options by name
    links = result.table("links").to_pandas().set_index(["account_id_l", "account_id_r"])["bits"]
    members = result.table("membership").to_pandas().set_index("account_id")
    return Judged(links, members["cluster_id"], members["role"])


def groups(cluster: pd.Series, accounts: Iterable[str] | None = None) -> set[frozenset[str]]:
    """The clusters as sets of accounts, of some accounts only."""
    chosen = None if accounts is None else set(accounts)
    members: dict[str, set[str]] = {}
    for account, name in cluster.dropna().items():
        if chosen is None or account in chosen:
            members.setdefault(str(name), set()).add(str(account))
    return {frozenset(group) for group in members.values()}


def accused(crowd: Crowd, judged: Judged) -> list[str]:
    """Accounts in a cluster with somebody else's."""
    operators = pd.Series(crowd.operators)
    wrong = []
    for members in groups(judged.cluster):
        if operators[list(members)].nunique() > 1:
            wrong += sorted(members)
    return wrong


def usual(seed: int) -> Crowd:
    crowd = Crowd(seed)
    crowd.homes(250)
    crowd.site(60)
    crowd.farm(24, cards=4)
    crowd.farm(12, cards=2)
    return crowd


@pytest.mark.slow
def test_a_firm_that_grows_changes_no_cluster_that_shares_nothing_with_it(tmp_path: Path) -> None:
    said = []
    for n in (20, 400):
        crowd = usual(1)
        others = set(crowd.operators)
        crowd.firm(n, crowd.exits(8))
        said.append(judged(crowd.frame(), tmp_path / str(n)))
    small, large = said
    assert groups(small.cluster, others) == groups(large.cluster, others)
    assert len(groups(small.cluster, others)) >= 2


@pytest.mark.slow
@pytest.mark.xfail(reason=SPLIT, strict=True)
def test_an_exit_split_into_several_of_its_network_says_the_same(tmp_path: Path) -> None:
    # The same visits of the same people, on one exit of a seller or spread over eight.
    said = []
    for n_exits in (1, 8):
        crowd = usual(2)
        exits = crowd.exits(8)
        draws = np.random.default_rng(5)
        for _ in range(80):
            account = crowd.account(name=f"customer{len(crowd.operators)}")
            for second in crowd.see(account, "asn", ["AS64500"], 12):
                crowd.rows.append((account, "ip", exits[int(draws.integers(8)) % n_exits], second))
        said.append(judged(crowd.frame(), tmp_path / str(n_exits)))
    one, eight = said
    both = one.links.index.intersection(eight.links.index)
    assert float((one.links[both] - eight.links[both]).abs().max()) <= 1.0
    assert groups(one.cluster) == groups(eight.cluster)


@pytest.mark.slow
@pytest.mark.parametrize("cards", [1, 2, 5, 10, 20, 30])
def test_a_farm_with_many_cards_on_servers_of_its_own_is_one_cluster(tmp_path: Path, cards: int) -> None:
    crowd = Crowd(3)
    crowd.homes(1200)
    crowd.site(60)
    farm = crowd.farm(60, cards=cards)
    members = {account for account, operator in crowd.operators.items() if operator == farm}
    found = judged(crowd.frame(), tmp_path / "result")
    assert max(len(group & members) for group in groups(found.cluster)) >= 57
    assert accused(crowd, found) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["000-first", "zzz-last", "m-middle"])
def test_an_unrelated_account_changes_nothing_whatever_its_name(tmp_path: Path, name: str) -> None:
    crowd = usual(4)
    before = judged(crowd.frame(), tmp_path / "before")
    stranger = copy.deepcopy(crowd)
    account = stranger.account(name=name)
    stranger.see(account, "ip", stranger.exits(1), 5)
    after = judged(stranger.frame(), tmp_path / "after")
    assert list(before.links.index) == list(after.links.index)
    assert float((before.links - after.links).abs().max()) <= 0.02
    assert groups(before.cluster) == groups(after.cluster)
    pd.testing.assert_series_equal(before.role, after.role.drop(name))


@pytest.mark.slow
def test_other_names_change_nothing_but_names(tmp_path: Path) -> None:
    crowd = usual(5)
    frame = crowd.frame()
    before = judged(frame, tmp_path / "before")
    names = sorted(crowd.operators)
    order = np.random.default_rng(9).permutation(len(names))
    renamed = {name: f"n{order[i]:06d}" for i, name in enumerate(names)}
    frame["account_id"] = frame["account_id"].map(renamed)
    after = judged(frame, tmp_path / "after")
    expected = {frozenset(renamed[one] for one in group) for group in groups(before.cluster)}
    assert groups(after.cluster) == expected


@pytest.mark.slow
def test_a_coarse_kind_that_is_random_links_nobody(tmp_path: Path) -> None:
    crowd = usual(6)
    before = judged(crowd.frame(), tmp_path / "before")
    draws = np.random.default_rng(1)
    for account in sorted(crowd.operators):
        crowd.see(account, "colour", [f"colour{int(draws.integers(40))}"], 2)
    after = judged(crowd.frame(), tmp_path / "after")
    assert groups(before.cluster) == groups(after.cluster)
    assert accused(crowd, after) == []


@pytest.mark.slow
@pytest.mark.xfail(reason=DRIFT, strict=True)
def test_under_one_model_more_data_of_strangers_changes_no_link_of_others(tmp_path: Path) -> None:
    crowd = usual(7)
    before = judged(crowd.frame(), tmp_path / "before")
    later = copy.deepcopy(crowd)
    later.homes(40)
    later.farm(10, cards=2)
    model = tmp_path / "before"
    after = judged(later.frame(), tmp_path / "after", model=model)
    same = before.links.index.intersection(after.links.index)
    assert len(same) == len(before.links)
    assert float((before.links - after.links[same]).abs().max()) <= 0.3  # frequencies move with their number
    assert groups(before.cluster) == groups(after.cluster, crowd.operators)


@pytest.mark.slow
@pytest.mark.parametrize("listed", [False, True])
def test_customers_of_a_router_that_ends_tls_are_not_accused(tmp_path: Path, *, listed: bool) -> None:
    crowd = usual(8)
    crowd.homes(700)
    exits = crowd.router(90)
    crowd.router(12, 2)
    operator = crowd.farm(30, cards=6, exits=exits)
    crowd.frame().to_parquet(tmp_path / "seen.parquet")
    settings = tmp_path / "graphlink.toml"
    settings.write_text(SEEN, encoding="utf-8")
    if listed:
        network = exits[0].rsplit(".", 1)[0] + ".0/24"
        (tmp_path / "list.csv").write_text(
            f"network,label,type\n{network},Switchboard,router\n", encoding="utf-8"
        )
        settings.write_text(f'{SEEN}[[references]]\npath = "list.csv"\n', encoding="utf-8")
    found = judged(settings, tmp_path / "result")
    members = {account for account, one in crowd.operators.items() if one == operator}
    assert accused(crowd, found) == []
    assert sum(len(group & members) for group in groups(found.cluster)) >= 27


@pytest.mark.slow
@pytest.mark.parametrize("n", [300, 1500])
def test_random_worlds_of_active_and_quiet_give_no_cluster(tmp_path: Path, n: int) -> None:
    draws = np.random.default_rng(n)
    activity = np.ceil(draws.pareto(1.2, n) * 2 + 1).clip(1, 200).astype(int)
    rows = []
    for kind in ("site", "referrer", "topic"):
        popularity = 1.0 / np.arange(1, n // 2 + 1) ** 1.0
        popularity /= popularity.sum()
        for i, times in enumerate(activity):
            values = draws.choice(n // 2, min(int(times), 60), p=popularity)
            rows += [(f"a{i:05d}", kind, f"{kind}{value}") for value in values]
    frame = pd.DataFrame(rows, columns=["account_id", "kind", "value"]).drop_duplicates()
    frame["seen_at"] = pd.Timestamp("2026-01-01", tz="UTC")
    frame["n"] = 1
    assert groups(judged(frame, tmp_path / "result").cluster) == set()


@pytest.mark.slow
def test_a_copy_of_a_routers_own_attributes_on_its_customers_changes_no_link_between_them(
    tmp_path: Path,
) -> None:
    said = []
    for copies in (0, 2):
        crowd = usual(10)
        before = set(crowd.operators)
        exits = crowd.router(60, ends_tls=False)
        customers = sorted(set(crowd.operators) - before)
        for account in customers:
            for i in range(copies):
                crowd.rows += [
                    (one, f"copy{i}", f"router-{exits[0]}", second)
                    for one, kind, _, second in crowd.rows
                    if one == account and kind == "ip"
                ]
        links = judged(crowd.frame(), tmp_path / str(copies)).links
        inside = [pair for pair in links.index if set(pair) <= set(customers)]
        said.append(links[links.index.isin(inside)])
    plain, copied = said
    worst = copied.sub(plain, fill_value=-12.0 + 3.0)
    assert copied.max() < 0 if len(copied) else True
    assert float(worst.max()) <= 3.0
