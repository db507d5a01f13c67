"""Operators on servers and prefixes: cards that divide the accounts, sessions through shared /64s."""

from __future__ import annotations

import ipaddress

from graphlink.samples import FARM_STYLES, Dials, FarmShares, HonestShares, World, draw_world
from tests.unit.samples.frames import rows_of


def drawn(style: str, seed: int = 5) -> World:
    farms = FarmShares(**{name: float(name == style) for name in FARM_STYLES})
    return draw_world(
        seed,
        2000,
        Dials(farms=farms, farm_share=0.3, honest=HonestShares(hosting_tenant=0.3, prefix_customer=0.3)),
    )


def test_cards_divide_the_accounts_of_an_operator() -> None:
    counts = []
    for seed in (5, 6):
        payments = rows_of(drawn("many_cards", seed), "payments", "many_cards")
        assert payments.groupby("account_id")["card"].nunique().max() == 1
        assert payments.groupby("card")["operator_id"].nunique().max() == 1
        counts += payments.groupby("operator_id")["card"].nunique().tolist()
    assert max(counts) <= 30
    assert max(counts) >= 10
    assert min(counts) <= 2


def test_the_servers_of_an_operator_tie_its_accounts() -> None:
    rows = rows_of(drawn("many_cards"), "requests", "many_cards")
    shared = rows.groupby("ip")["account_id"].transform("nunique") > 1
    assert rows[shared]["account_id"].nunique() > 0.85 * rows["account_id"].nunique()


def test_sessions_bring_an_operators_accounts_into_one_prefix_among_other_customers() -> None:
    rows = rows_of(drawn("v6_rotation"), "requests", "v6_rotation", "prefix_customer")
    rows = rows[rows["ip"].str.contains(":")]
    by_name = {ip: str(ipaddress.ip_network(f"{ip}/64", strict=False)) for ip in rows["ip"].unique()}
    rows = rows.assign(prefix=rows["ip"].map(by_name), hour=rows["at"].dt.floor("8h"))
    together = rows[rows["style"] == "v6_rotation"].groupby(["operator_id", "prefix", "hour"])
    assert (together["account_id"].nunique() > 1).sum() > 50
    styles = rows.groupby("prefix")["style"].nunique()
    assert (styles == 2).sum() > 20
