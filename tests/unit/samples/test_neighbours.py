"""Honest neighbours: tenants, phones, homes on two protocols, small mail providers, changing prefixes."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

import pytest

from graphlink.samples import Dials, HonestShares, World, draw_world
from tests.unit.samples.frames import rows_of

if TYPE_CHECKING:
    import pandas as pd


def only(style: str, n: int = 1500, **dials: Any) -> World:
    """A world whose honest accounts are of one style or at home."""
    shares = HonestShares(**{style: 0.5, "home": 0.5}, **_NONE)
    return draw_world(4, n, Dials(honest=shares, farm_share=0, cloud_share=0, **dials))


_NONE = dict.fromkeys(
    ("household", "carrier", "vpn", "campus", "company", "reseller_customer", "router_customer"), 0.0
)


def network(ip: pd.Series[str], bits: int, v4_bits: int = 24) -> pd.Series[str]:
    """The network of each address."""
    by_name = {
        text: str(ipaddress.ip_network(f"{text}/{bits if ':' in text else v4_bits}", strict=False))
        for text in ip.unique()
    }
    return ip.map(by_name)


def test_every_such_account_is_its_own_operator() -> None:
    for style in ("hosting_tenant", "nat_v6", "dual_stack", "small_mail", "prefix_customer", "classroom"):
        accounts = rows_of(only(style, 600), "accounts", style)
        assert len(accounts) == 300
        assert accounts["operator_id"].is_unique


def test_tenants_have_addresses_of_their_own_next_to_others() -> None:
    world = only("hosting_tenant", traveller_share=0.0, cron_share=0.0)
    rows = rows_of(world, "requests", "hosting_tenant")
    home = rows_of(world, "requests", "home")
    rows = rows[~network(rows["ip"], 48, 20).isin(network(home["ip"], 48, 20).unique())]
    holders = rows.groupby("ip")["account_id"].nunique()
    wide = rows.groupby(network(rows["ip"], 44, 24))["account_id"].nunique().sort_values()
    # Phones share addresses of carriers; the servers are one tenant's each.
    assert (holders == 1).mean() > 0.9
    assert wide.iloc[-3] >= 30
    is_v6 = rows["ip"].str.contains(":")
    assert 0.1 < is_v6.mean() < 0.95
    per_64 = rows[is_v6].groupby(network(rows.loc[is_v6, "ip"], 64))["account_id"].nunique()
    assert per_64.max() == 1


def test_phones_get_another_prefix_at_each_attachment() -> None:
    rows = rows_of(only("nat_v6"), "requests", "nat_v6")
    is_v6 = rows["ip"].str.contains(":")
    assert 0.5 < is_v6.mean() < 0.75
    v6 = rows[is_v6].assign(prefix=network(rows.loc[is_v6, "ip"], 64))
    often = v6.groupby("account_id").filter(lambda group: len(group) >= 6)
    assert often.groupby("account_id")["prefix"].nunique().median() >= 4
    assert (v6.groupby("prefix")["account_id"].nunique() == 1).mean() > 0.99
    v4 = rows[~is_v6].groupby("ip")["account_id"].nunique()
    assert v4.max() >= 40


def test_homes_on_two_protocols_change_their_suffix_daily() -> None:
    rows = rows_of(only("dual_stack"), "requests", "dual_stack")
    is_v6 = rows["ip"].str.contains(":")
    v6 = rows[is_v6].assign(prefix=network(rows.loc[is_v6, "ip"], 64), day=rows["at"].dt.floor("D"))
    assert v6.groupby(["account_id", "prefix", "day"])["ip"].nunique().max() == 1
    holders = v6.groupby(["prefix", "day"])["account_id"].nunique()
    assert holders.between(1, 4).all()
    assert (holders > 1).sum() > 10
    assert v6.groupby("ip")["account_id"].nunique().max() == 1


def test_small_mail_providers_have_a_few_strangers_each() -> None:
    world = only("small_mail")
    payments = rows_of(world, "payments", "small_mail")
    domains = payments["email"].str.rpartition("@")[2]
    holders = payments.groupby(domains)["account_id"].nunique()
    assert holders.max() <= 200
    assert holders.max() >= 20
    assert 2 <= holders.median() <= 12
    assert not (rows_of(world, "accounts", "small_mail")["plan"] == "team").any()


def test_customers_of_changing_prefixes_come_through_all_of_them() -> None:
    rows = rows_of(only("prefix_customer"), "requests", "prefix_customer")
    v6 = rows[rows["ip"].str.contains(":")]
    v6 = v6.assign(prefix=network(v6["ip"], 64), range=network(v6["ip"], 48))
    ranges = v6.groupby("range")["account_id"].nunique()
    in_range = v6[v6["range"].isin(ranges[ranges > 50].index)]
    assert in_range["range"].nunique() <= 6
    holders = in_range.groupby("prefix")["account_id"].nunique()
    assert holders.max() >= 3
    assert (in_range.groupby("ip")["account_id"].nunique() == 1).all()


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_ranges_of_prefixes_are_listed_by_share(share: float) -> None:
    references = only("hosting_tenant", 600, listed_share=share).references.to_pandas()
    n_v6 = references["network"].str.contains(":").sum()
    assert (n_v6 > 0) == (share > 0)
