"""Rules that every run keeps, whatever the world."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pandas as pd
import pytest

import graphlink
from graphlink import EngineSettings
from graphlink.core.schema import ACCOUNTS, TABLES
from graphlink.engine.duck import DuckEngine
from graphlink.samples import draw_world

if TYPE_CHECKING:
    from pathlib import Path

    from graphlink import Result

ONE = EngineSettings(threads=1)
SURE = 0.9  # a membership as likely as this is not in doubt
WORLDS = {"planted": (5, 700), "another": (6, 500)}


def seen_in(world: str) -> pd.DataFrame:
    frame: pd.DataFrame = draw_world(*WORLDS[world]).observations().to_pandas()
    return frame


def tangle() -> pd.DataFrame:
    """Accounts and values at random: no operator, only chance."""
    rng = random.Random(3)
    sizes = {"ip": 60, "payment": 50, "badge": 40, "client": 8, "email": 90}
    rows = [
        (
            f"a{rng.randrange(120)}",
            kind,
            f"203.0.113.{value}"
            if kind == "ip"
            else f"{value}@x.example"
            if kind == "email"
            else f"v{value}",
            pd.Timestamp("2026-03-02", tz="UTC") + pd.Timedelta(hours=rng.randrange(24 * 40)),
        )
        for kind, n in sizes.items()
        for value in range(n)
        for _ in range(rng.randrange(1, 6))
    ]
    return pd.DataFrame(rows, columns=["account_id", "kind", "value", "seen_at"])


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    folder = tmp_path_factory.mktemp("results")
    frames = {**{name: seen_in(name) for name in WORLDS}, "tangle": tangle()}
    return {name: graphlink.run(frame, out=folder / name, limits=ONE) for name, frame in frames.items()}


@pytest.fixture(params=[*WORLDS, "tangle"])
def result(request: pytest.FixtureRequest, results: dict[str, Result]) -> Result:
    return results[request.param]


def clusters(result: Result) -> set[frozenset[str]]:
    held = result.membership.dropna(subset=["cluster_id"])
    return {frozenset(of["account_id"]) for _, of in held.groupby("cluster_id")}


def inside(result: Result, table: str) -> pd.DataFrame:
    """Rows of links or evidence whose two accounts share a cluster, with the cluster."""
    of = result.membership.set_index("account_id")["cluster_id"]
    rows: pd.DataFrame = result.table(table).to_pandas()
    left, right = rows["account_id_l"].map(of), rows["account_id_r"].map(of)
    return rows.assign(cluster_id=left)[left.notna() & (left == right)]


@pytest.mark.slow
def test_every_table_keeps_its_contract(result: Result) -> None:
    with DuckEngine(threads=1) as engine:
        for spec in TABLES:
            engine.read_parquet(spec.name, result.path / f"{spec.name}.parquet")
            spec.check_columns(engine, extra=spec is ACCOUNTS)
            spec.check_rows(engine)


def test_bits_add_up_from_evidence_to_links_to_reasons(result: Result) -> None:
    evidence, links = result.table("evidence").to_pandas(), result.links
    ends = ["account_id_l", "account_id_r"]
    prior = result.manifest["settings"]["model"]["prior_bits"]
    actual = evidence.groupby(ends)["contribution_bits"].sum() + prior
    pd.testing.assert_series_equal(
        links.set_index(ends)["bits"].sort_index(), actual.sort_index(), check_names=False, atol=1e-4
    )
    within = inside(result, "links").groupby("cluster_id")["bits"].sum()
    reasons = result.reasons().groupby("cluster_id")["bits"].sum()
    pd.testing.assert_series_equal(within, reasons, check_names=False, atol=1e-3)


def test_a_cluster_is_counted_as_it_is_and_every_member_has_a_link_in_it(result: Result) -> None:
    within, actual = inside(result, "links"), result.clusters.set_index("cluster_id")
    sizes = result.membership["cluster_id"].value_counts()
    assert actual["n_accounts"].astype(int).to_dict() == sizes.to_dict()
    assert actual["n_links"].astype(int).to_dict() == within["cluster_id"].value_counts().to_dict()
    linked = set(within["account_id_l"]) | set(within["account_id_r"])
    assert linked == set(result.membership.dropna(subset=["cluster_id"])["account_id"])
    parts = result.membership.dropna(subset=["cluster_id"]).groupby("cluster_id")["component_id"].nunique()
    assert (parts == 1).all()


def test_probabilities_are_probabilities_and_follow_the_bits(result: Result) -> None:
    links = result.links
    assert links["probability"].between(0, 1).all()
    assert (links["p_direct"] - 1 / (1 + 2.0 ** -links["bits"])).abs().max() < 1e-9
    both_false = (1 - links["p_direct"]) * (1 - links["p_via_cluster"])
    one = (1 - both_false) * (1 - links["p_apart"])
    expected = one.where(~links["is_explained"], one / (1 + one))
    assert (links["probability"] - expected).abs().max() < 1e-9
    cluster = result.membership.set_index("account_id")["cluster_id"]
    of_l, of_r = (links[end].map(cluster) for end in ("account_id_l", "account_id_r"))
    assert (links.loc[of_l.isna() | (of_l != of_r), "p_via_cluster"] == 0).all()
    assert (links.loc[of_l.isna() | of_r.isna() | (of_l == of_r), "p_apart"] == 0).all()
    assert (links.loc[of_l.notna() & of_r.notna() & (of_l != of_r), "p_apart"] > 0).all()
    assert result.membership["probability"].dropna().between(0, 1).all()
    assert result.clusters["score"].between(0, 1).all()


def test_who_is_linked_shares_something_or_does_something_together(result: Result) -> None:
    evidence = result.table("evidence").to_pandas()
    speaking = evidence[evidence["contribution_bits"] > 0]
    pairs = set(zip(speaking["account_id_l"], speaking["account_id_r"], strict=True))
    assert pairs >= set(zip(result.links["account_id_l"], result.links["account_id_r"], strict=True))
    seen = result.table("observations").to_pandas()
    held = seen.groupby(["kind", "value"])["account_id"].agg(set).to_dict()
    direct = evidence[evidence["kind"].isin(["ip", "payment", "client", "email", "badge"])]
    for row in direct[direct["value"] != ""].itertuples():
        assert {row.account_id_l, row.account_id_r} <= held[row.kind, row.value]


@pytest.mark.slow
def test_unrelated_accounts_change_no_cluster_but_for_accounts_in_doubt(
    results: dict[str, Result], tmp_path: Path
) -> None:
    frame = seen_in("planted")
    strangers = pd.DataFrame(
        {
            "account_id": [f"{'0z'[i % 2]}-stranger-{i}" for i in range(500)],
            "kind": [("payment", "email")[i % 2] for i in range(500)],
            "value": [f"own-{i}@own-{i}.example" if i % 2 else f"own-{i}" for i in range(500)],
            "seen_at": frame["seen_at"].min(),
            "n": 1,
        }
    )
    more = graphlink.run(pd.concat([frame, strangers]), out=tmp_path / "r", limits=ONE)
    before = results["planted"]
    assert clusters(before)
    assert set(more.clusters["cluster_id"]) == set(before.clusters["cluster_id"])
    # What is learned moves a little with the number of accounts, and with it who is in doubt.
    held = [row.membership.set_index("account_id") for row in (before, more)]
    doubted = {name for table in held for name in table.index[table["probability"] < SURE]}
    assert len(doubted) < sum(map(len, clusters(before))) / 2
    assert {members - doubted for members in clusters(more)} == {
        members - doubted for members in clusters(before)
    }


def test_a_cluster_is_named_by_its_least_account(results: dict[str, Result]) -> None:
    from graphlink.clustering.clusters import name_cluster

    held = results["planted"].membership.dropna(subset=["cluster_id"])
    named = held.groupby("cluster_id")["account_id"].min()
    assert {name: name_cluster(least) for name, least in named.items()} == {
        name: name for name in named.index
    }
