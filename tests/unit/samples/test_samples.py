"""Planted worlds: same seed same tables, each holds what its truth says, each dial turns what it names."""

from __future__ import annotations

import datetime
import ipaddress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from graphlink.core.errors import SettingsError
from graphlink.core.schema import OBSERVATIONS
from graphlink.core.settings import read_settings
from graphlink.samples import (
    DEFAULT_STYLES,
    FARM_STYLES,
    HONEST_STYLES,
    Dials,
    FarmShares,
    HonestShares,
    World,
    draw_sample,
    draw_world,
)
from graphlink.samples.hours import DAY
from graphlink.samples.places import Places
from graphlink.samples.tokens import V6, addresses_as_text, tokens

TABLES = ("accounts", "requests", "payments", "references", "truth")
SAMPLE = Path(__file__).parents[3] / "data" / "sample"


@pytest.fixture(scope="module")
def world() -> World:
    return draw_world(11, 6000)


@pytest.fixture(scope="module")
def truth(world: World) -> pd.DataFrame:
    return frame(world.truth)


@pytest.fixture(scope="module")
def requests(world: World, truth: pd.DataFrame) -> pd.DataFrame:
    return frame(world.requests).merge(truth, on="account_id")


@pytest.fixture(scope="module")
def payments(world: World, truth: pd.DataFrame) -> pd.DataFrame:
    return frame(world.payments).merge(truth, on="account_id")


def frame(table: Any) -> pd.DataFrame:
    made: pd.DataFrame = table.to_pandas()
    return made


def only(style: str, **dials: Any) -> World:
    """A world of 3,000 accounts whose farms have one style."""
    shares = FarmShares(**{name: float(name == style) for name in FARM_STYLES})
    return draw_world(5, 3000, Dials(farms=shares, **dials))


def of_farms(world: World, table: str = "requests") -> pd.DataFrame:
    rows = frame(getattr(world, table)).merge(frame(world.truth), on="account_id")
    return rows[rows["style"].isin(FARM_STYLES)]


def shared(rows: pd.DataFrame, column: str) -> pd.Series[int]:
    """How many accounts hold each value."""
    return rows.groupby(column)["account_id"].nunique()


# ------------------------------------------------------------------------------- shapes and determinism


def test_the_same_seed_draws_the_same_world_and_another_seed_another() -> None:
    first, again, other = draw_world(7, 400), draw_world(7, 400), draw_world(8, 400)
    for name in TABLES:
        assert getattr(first, name).equals(getattr(again, name)), name
        assert not getattr(first, name).equals(getattr(other, name)), name
    assert first.observations().equals(again.observations())


def test_tables_have_their_columns(world: World) -> None:
    assert world.accounts.column_names == [
        "account_id", "created_at", "closed_at", "status", "country", "plan",
    ]  # fmt: skip
    assert world.requests.column_names == ["account_id", "at", "ip", "client", "api_key", "n"]
    assert world.payments.column_names == ["account_id", "at", "card", "email"]
    assert world.references.column_names == ["network", "label", "type"]
    assert world.truth.column_names == ["account_id", "operator_id", "style", "taken_over_at"]
    for table in TABLES:
        for name in ("closed_at", "api_key", "taken_over_at"):
            kept = getattr(world, table)
            kept = kept.drop_columns([name]) if name in kept.column_names else kept
        holes = {c: kept[c].null_count for c in kept.column_names if kept[c].null_count}
        assert set(holes) <= {"closed_at", "api_key"}, table


def test_observations_are_what_the_first_step_gives(world: World) -> None:
    actual = world.observations()
    assert tuple(actual.column_names) == OBSERVATIONS.column_names
    assert actual.schema.field("seen_at").type == pa.timestamp("us", tz="UTC")
    assert actual.schema.field("n").type == pa.int64()
    assert all(actual[name].null_count == 0 for name in actual.column_names)
    counts = frame(actual).groupby("kind").size().to_dict()
    assert set(counts) == {"ip", "client", "api_key", "router", "payment", "email"}
    assert counts["ip"] == counts["client"] == len(world.requests)
    assert counts["payment"] == counts["email"] == len(world.payments)
    assert 20 <= len(actual) / 6000 <= 45  # about thirty per account


def test_accounts_are_seen_only_while_they_live(world: World, requests: pd.DataFrame) -> None:
    accounts = frame(world.accounts).set_index("account_id")
    assert requests["account_id"].nunique() == 6000  # everyone is seen
    for rows in (requests, frame(world.payments)):
        created = rows["account_id"].map(accounts["created_at"])
        closed = rows["account_id"].map(accounts["closed_at"])
        # A second is the grain of the logs.
        assert (rows["at"] >= created - pd.Timedelta("1s")).all()
        assert ((rows["at"] < closed + pd.Timedelta("1s")) | closed.isna()).all()
        assert rows["at"].max() < world.end
        assert rows["at"].min() >= world.end - pd.Timedelta(days=60)
    assert set(accounts["status"]) == {"active", "banned", "closed"}
    assert (accounts["status"].eq("active") == accounts["closed_at"].isna()).all()


@pytest.mark.parametrize("n_accounts", [100, 137, 333])
@pytest.mark.parametrize("farm_share", [0.0, 0.02, 0.1, 0.9])
def test_small_worlds_hold_exactly_the_accounts_requested_for(n_accounts: int, farm_share: float) -> None:
    world = draw_world(2, n_accounts, Dials(farm_share=farm_share))
    truth = frame(world.truth)
    n_farm = int(truth["style"].isin(FARM_STYLES).sum())
    wanted = round(farm_share * n_accounts)
    assert len(truth) == len(world.accounts) == n_accounts
    assert n_farm == (wanted if wanted >= 3 else 0)


# --------------------------------------------------------------------------------------------- the truth


def test_every_style_is_there(truth: pd.DataFrame) -> None:
    assert set(truth["style"]) == set(DEFAULT_STYLES)
    assert 0.099 <= truth["style"].isin(FARM_STYLES).mean() <= 0.101


def test_truth_names_every_account_once_and_gives_each_operator_one_style(
    world: World, truth: pd.DataFrame
) -> None:
    assert truth["account_id"].is_unique
    assert truth["account_id"].tolist() == world.accounts["account_id"].to_pylist()
    assert truth.groupby("operator_id")["style"].nunique().eq(1).all()
    sizes = truth.groupby(["style", "operator_id"]).size()
    for style in set(HONEST_STYLES) & set(DEFAULT_STYLES):
        least, most = (5, 200) if style == "company" else (1, 1)
        assert sizes.xs(style, level="style").between(least, most).all(), style
    for style in set(FARM_STYLES) & set(DEFAULT_STYLES):
        assert sizes.xs(style, level="style").ge(3).all(), style
    bought = truth["style"].eq("bought")
    assert (truth["taken_over_at"].notna() == bought).all()


def test_farms_are_heavy_tailed_and_in_the_tens_at_twenty_thousand() -> None:
    counts = []
    for seed in range(1, 4):
        truth = frame(draw_world(seed, 20_000).truth)
        sizes = truth[truth["style"].isin(FARM_STYLES)].groupby("operator_id").size()
        counts.append(len(sizes))
        assert sizes.sum() == 2000
        assert sizes.max() > 4 * sizes.median()
    assert 10 <= np.mean(counts) <= 45


# --------------------------------------------------------------------------------------------- no leaks


def test_account_ids_show_nothing_of_the_operator(truth: pd.DataFrame) -> None:
    ids = truth["account_id"]
    assert ids.str.fullmatch(r"a-[0-9a-z]{14}").all()
    assert ids.is_monotonic_increasing  # so neighbours in the table are neighbours in name
    operator = truth["operator_id"].to_numpy()
    sizes = truth.groupby("operator_id").size().to_numpy()
    for lag in (1, 2, 3):
        same = int((operator[lag:] == operator[:-lag]).sum())
        expected = float((sizes * (sizes - 1)).sum()) / (len(truth) - 1)
        assert abs(same - expected) <= 5 * expected**0.5 + 3
    # Nor does any character: an operator's accounts spread over the alphabet like all accounts.
    largest = truth["operator_id"].value_counts().index[0]
    first = ids[truth["operator_id"] == largest].str[2]
    assert first.value_counts(normalize=True).max() < 0.2


def test_the_request_log_is_in_order_of_time_only(requests: pd.DataFrame) -> None:
    assert requests["at"].is_monotonic_increasing
    tied = requests[requests["at"].duplicated(keep=False)]
    assert len(tied) > 20
    # Rows of one second stand in an order that is not the order of accounts or operators.
    follows = (tied["account_id"] > tied["account_id"].shift()) & (tied["at"] == tied["at"].shift())
    within = tied["at"] == tied["at"].shift()
    assert 0.3 < follows.sum() / within.sum() < 0.7


def test_cards_are_tokens_and_no_card_numbers(payments: pd.DataFrame) -> None:
    assert payments["card"].str.fullmatch(r"card-[0-9a-z]{14}").all()
    assert not payments["card"].str.fullmatch(r"[0-9 -]{13,23}").any()


def test_tokens_are_distinct_for_distinct_numbers_and_hide_them() -> None:
    made = tokens("x-", np.arange(20_000), 3).to_pylist()
    assert len(set(made)) == 20_000
    assert set(made).isdisjoint(tokens("x-", np.arange(20_000), 4).to_pylist())
    assert sorted(made) != made


# ------------------------------------------------------------------------------------ honest background


def test_strangers_do_not_share_cards_unless_a_reseller_or_a_family_pays(payments: pd.DataFrame) -> None:
    holders = payments.groupby("card").agg(
        n=("account_id", "nunique"), operators=("operator_id", "nunique"), style=("style", "first")
    )
    foreign = holders[holders["operators"] > 1]
    assert set(foreign["style"]) == {"household", "reseller_customer"}
    assert foreign.loc[foreign["style"] == "household", "n"].between(2, 4).all()
    assert foreign.loc[foreign["style"] == "reseller_customer", "n"].max() >= 20
    assert holders.loc[holders["style"] == "home", "n"].eq(1).all()
    assert payments.groupby("email")["account_id"].nunique().eq(1).all()


def test_households_share_a_line_and_homes_meet_only_by_lease(requests: pd.DataFrame) -> None:
    styles = requests.drop_duplicates(["account_id", "ip"]).groupby("style")["ip"]
    v4 = requests[~requests["ip"].str.contains(":") & requests["style"].isin(["home", "household"])]
    day = v4["at"].dt.floor("6h")
    together = v4.groupby([v4["ip"], day, "style"])["account_id"].nunique()
    assert together.xs("household", level="style").gt(1).sum() > 20
    assert styles.nunique()["home"] > 1000


def test_an_address_belongs_to_one_line_at_a_time_and_is_leased_again() -> None:
    places = Places(np.random.default_rng(3), Dials(ipv6_share=0.0, lease_days=(2, 5)), 3000)
    lines = places.open_lines(3000)
    seen = []
    for day in range(0, 30, 3):
        codes = places.home_addresses(lines, np.full(3000, day * DAY), lines)
        assert len(np.unique(codes)) == 3000
        seen.append(codes)
    history = np.stack(seen)
    n_each = np.array([len(np.unique(column)) for column in history.T])
    assert 4 <= n_each.mean() <= 10
    # Addresses change hands, inside the range of 4,096 that the network leases from.
    assert len(np.intersect1d(history[0], history[5])) > 100
    assert (np.ptp(history, axis=0) < 4096).all()


def test_popular_services_are_shared_by_many_strangers(requests: pd.DataFrame) -> None:
    operators = requests.groupby(["style", "ip"])["operator_id"].nunique().groupby("style").max()
    for style, least in (("campus", 100), ("carrier", 40), ("vpn", 8), ("router_customer", 60)):
        assert operators[style] >= least, style
    assert operators["company"] < 100  # staff at home and on the road, never strangers on the exit


def test_strangers_share_the_exits_of_hosting_platforms() -> None:
    world = draw_world(6, 4000, Dials(listed_share=1.0, cloud_share=0.2, farm_share=0))
    rows = frame(world.requests).merge(frame(world.truth), on="account_id")
    hosted = rows[_inside(rows["ip"], frame(world.references), "hosting") & (rows["style"] == "home")]
    assert 3 <= shared(hosted, "ip").median() <= 40


def test_everyone_jumps_on_the_day_of_the_launch() -> None:
    days = frame(draw_world(4, 1500).requests)["at"].dt.floor("D").value_counts()
    flat = frame(draw_world(4, 1500, Dials(launch_jump=1)).requests)["at"].dt.floor("D").value_counts()
    assert 2.0 < days.max() / days.median() < 4.5
    assert flat.max() / flat.median() < 1.8


def test_people_keep_hours_and_the_dial_takes_them_away() -> None:
    def night_share(rhythm: float) -> float:
        world = draw_world(4, 1500, Dials(rhythm=rhythm, cron_share=0, farm_share=0))
        rows = frame(world.requests).merge(frame(world.accounts), on="account_id")
        hours = rows[rows["country"] == rows["country"].mode()[0]]["at"].dt.hour.value_counts(normalize=True)
        return float(hours.nsmallest(8).sum())

    assert night_share(1.0) < 0.2
    assert night_share(0.0) > 0.25


def test_strangers_on_one_schedule_act_in_the_same_minute() -> None:
    def at_full_hour(share: float) -> float:
        at = frame(draw_world(4, 1500, Dials(cron_share=share, farm_share=0)).requests)["at"]
        return float((at.dt.minute == 0).mean())

    assert at_full_hour(0.0) < 0.03
    assert at_full_hour(0.3) > 0.2


# -------------------------------------------------------------------------------------- reference lists


def _inside(ip: pd.Series[str], references: pd.DataFrame, kind: str) -> pd.Series[bool]:
    nets = [ipaddress.IPv4Network(net) for net in references.loc[references["type"] == kind, "network"]]
    spans = [(int(net[0]), int(net[-1])) for net in nets]
    by_name = {x: -1 if ":" in x else int(ipaddress.IPv4Address(x)) for x in ip.unique()}
    return ip.map({x: any(a <= number <= b for a, b in spans) for x, number in by_name.items()}).astype(bool)


@pytest.fixture(scope="module")
def listed() -> tuple[pd.DataFrame, pd.DataFrame]:
    world = draw_world(6, 4000, Dials(listed_share=1.0))
    return frame(world.requests).merge(frame(world.truth), on="account_id"), frame(world.references)


def test_listed_ranges_hold_what_they_claim(listed: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    requests, references = listed
    assert set(references["type"]) == {"router", "vpn", "hosting", "carrier_nat", "campus", "corporate"}
    ip, style = requests["ip"], requests["style"]
    within = {kind: _inside(ip, references, kind) for kind in references["type"].unique()}
    assert set(style[within["campus"]]) == {"campus"}
    assert set(style[within["corporate"]]) == {"company"}
    assert within["router"][style == "router_customer"].mean() > 0.85
    assert within["router"][style == "routed"].mean() > 0.9
    assert within["carrier_nat"][style == "carrier"].all()
    assert within["vpn"][style == "vpn"].mean() > 0.5
    assert within["hosting"][style == "servers"].mean() > 0.7
    assert not within["hosting"][style == "household"].any()
    assert within["hosting"][style == "home"].mean() > 0.01  # calls from platforms, beside their lines
    assert not within["router"][style.isin(["home", "campus", "company", "servers", "relay"])].any()


def test_router_observations_are_the_requests_inside_listed_ranges(world: World) -> None:
    references = frame(world.references)
    requests = frame(world.requests)
    labels = set(references.loc[references["type"] == "router", "label"])
    actual = frame(world.observations())
    actual = actual[actual["kind"] == "router"]
    assert set(actual["value"]) == labels
    assert len(actual) == _inside(requests["ip"], references, "router").sum()


def test_lists_cover_the_listed_share_only() -> None:
    counts = {}
    for share in (0.0, 0.5, 1.0):
        actual = draw_world(6, 2000, Dials(listed_share=share))
        counts[share] = frame(actual.references)["label"].nunique()
        kinds = set(actual.observations()["kind"].to_pylist())
        assert ("router" in kinds) == (share > 0)
    assert counts[0.0] == 0
    assert 0.35 < counts[0.5] / counts[1.0] < 0.65


# --------------------------------------------------------------------------------------------- the farms


def test_servers_share_a_few_addresses_and_cards() -> None:
    world = only("servers")
    for _, rows in of_farms(world).groupby("operator_id"):
        n = rows["account_id"].nunique()
        by_account = shared(rows, "ip").sort_values(ascending=False)
        assert by_account.iloc[0] >= min(n, 3) / 2
    cards = shared(of_farms(world, "payments"), "card")
    assert cards.mean() > 8


def test_rotating_farms_hide_among_homes_and_chain_their_cards() -> None:
    world = only("rotating")
    farm = of_farms(world)
    everyone = frame(world.requests).merge(frame(world.truth), on="account_id")
    homes = set(everyone.loc[everyone["style"].isin(["home", "household"]), "ip"])
    assert farm["ip"].isin(homes).mean() > 0.05  # the very addresses, not just the lines
    payments = of_farms(world, "payments")
    holders = shared(payments, "card")
    assert holders.between(1, 6).all()
    assert 3.5 <= holders.mean() <= 5
    for _, rows in payments.groupby("operator_id"):
        if rows["account_id"].nunique() > 10:
            # Each card hands on to the next: an account in both keeps the chain whole.
            assert (rows.groupby("account_id")["card"].nunique() == 2).sum() == rows["card"].nunique() - 1


def _nearest_other(rows: pd.DataFrame) -> float:
    """Median seconds from a row to the nearest row of another account of its farm, with the farm's count."""
    gaps = []
    for _, actual in rows.groupby("operator_id"):
        if actual["account_id"].nunique() >= 10:
            at = np.sort(actual["at"].astype("int64").to_numpy())
            gaps.append(np.median(np.diff(at)) / 1e6)
    return float(np.median(gaps))


def test_routed_farms_are_wide_and_thin_in_lockstep_behind_a_router() -> None:
    world = only("routed", listed_share=1.0)
    farm, references = of_farms(world), frame(world.references)
    assert 0.9 < _inside(farm["ip"], references, "router").mean() < 1.0  # rare direct slips
    days = (world.end - farm.groupby("account_id")["at"].min()).dt.days + 1
    banned = frame(world.accounts).set_index("account_id")["status"].eq("banned")
    per_day = (farm.groupby("account_id")["n"].sum() / days)[~banned[banned.index.isin(days.index)]]
    assert 15 <= per_day.median() <= 40  # about 26 requests a day
    spread = of_farms(only("routed", jitter_seconds=20_000.0))
    assert _nearest_other(farm) * 5 < _nearest_other(spread)


def test_relays_replace_banned_accounts_within_hours_and_share_the_load() -> None:
    world = only("relay", replacement_hours=2.0)
    farm = of_farms(world)
    accounts = frame(world.accounts).merge(frame(world.truth), on="account_id")
    accounts = accounts[accounts["style"] == "relay"]
    replaced = []
    for operator, actual in accounts.groupby("operator_id"):
        created = np.sort(actual["created_at"].dropna().astype("int64").to_numpy())
        for closed in actual["closed_at"].dropna().astype("int64"):
            later = created[created >= closed]
            replaced.append(len(later) > 0 and (later[0] - closed) / 3.6e9 < 8)
        rows = farm[farm["operator_id"] == operator]
        a_week = rows[rows["at"].between(world.end - pd.Timedelta(days=14), world.end - pd.Timedelta(days=7))]
        if len(actual) >= 30:
            assert a_week["account_id"].nunique() < 0.75 * len(actual)  # few alive at a time
    assert np.mean(replaced) > 0.7
    assert farm.groupby("account_id")["n"].sum().median() > 5000  # narrow and fat
    # Turns: the same account hardly ever follows itself.
    big = farm["operator_id"].value_counts().index[0]
    turns = farm.loc[farm["operator_id"] == big, "account_id"]
    assert (turns == turns.shift()).mean() < 0.02


def test_bought_accounts_have_an_honest_past() -> None:
    world = only("bought")
    rows = of_farms(world)
    before, after = rows[rows["at"] < rows["taken_over_at"]], rows[rows["at"] >= rows["taken_over_at"]]
    assert before["account_id"].nunique() > 0.7 * rows["account_id"].nunique()
    common = shared(after, "ip")
    own = set(common[common >= 3].index)
    assert after["ip"].isin(own).mean() > 0.3
    assert before["ip"].isin(own).mean() < 0.02
    paid = of_farms(world, "payments")
    early = paid[paid["at"] < paid["taken_over_at"]]
    assert shared(early, "card").max() == 1
    assert shared(paid, "card").max() >= 2


# --------------------------------------------------------------------------------------------- the dials


def test_card_reuse_of_one_shares_no_card_in_any_style() -> None:
    payments = of_farms(draw_world(5, 3000, Dials(card_reuse=1.0)), "payments")
    assert shared(payments, "card").max() == 1
    more = of_farms(draw_world(5, 3000, Dials(card_reuse=8.0)), "payments")
    assert shared(more, "card").mean() > 4


def test_mixing_moves_a_farm_from_its_own_exits_to_homes() -> None:
    def degree(mixing: float) -> float:
        rows = of_farms(only("rotating", mixing=mixing))
        return float(rows["ip"].nunique() / rows["account_id"].nunique())

    assert degree(0.0) < 1.5  # pinned static exits only
    assert degree(1.0) > 3 * degree(0.0)


def test_exits_per_account_widens_what_an_account_uses() -> None:
    def n_addresses(exits: int) -> float:
        rows = of_farms(only("rotating", exits_per_account=exits, mixing=1.0, lease_days=(300.0, 300.0),
                             ipv6_share=0.0, ban_rate=0.0))  # fmt: skip
        return float(rows.groupby("account_id")["ip"].nunique().median())

    assert n_addresses(1) <= 2
    assert n_addresses(8) >= 6


def test_router_share_of_one_never_slips() -> None:
    world = only("routed", router_share=1.0, listed_share=1.0)
    assert _inside(of_farms(world)["ip"], frame(world.references), "router").all()


def test_no_bans_leaves_every_farm_account_alive() -> None:
    accounts = of_farms(draw_world(5, 2000, Dials(ban_rate=0.0)), "accounts")
    assert accounts["status"].eq("active").all()
    harder = of_farms(draw_world(5, 2000, Dials(ban_rate=1.0)), "accounts")
    assert harder["status"].eq("banned").mean() > 0.5


def test_replacement_waits_as_long_as_the_dial_states() -> None:
    def delay(hours: float) -> float:
        actual = of_farms(only("relay", replacement_hours=hours), "accounts")
        waits = []
        for _, rows in actual.groupby("operator_id"):
            created = np.sort(rows["created_at"].astype("int64").to_numpy())
            closed = rows["closed_at"].dropna().astype("int64").to_numpy()
            place = np.searchsorted(created, closed)
            known = place < len(created)
            waits += ((created[place[known]] - closed[known]) / 3.6e9).tolist()
        return float(np.median(waits))

    assert delay(1.0) < delay(24.0) / 3


def test_shares_of_people_follow_their_dials() -> None:
    shares = HonestShares(home=0, household=3, carrier=0, vpn=0, campus=1, company=0,
                          reseller_customer=0, router_customer=0)  # fmt: skip
    actual = frame(draw_world(5, 1000, Dials(honest=shares, farm_share=0, ipv6_share=0)).truth)
    assert actual["style"].value_counts().to_dict() == {"household": 750, "campus": 250}


def test_no_family_card_no_ipv6_no_traveller() -> None:
    world = draw_world(5, 1500, Dials(household_card_share=0, ipv6_share=0, paying_share=1.0))
    rows = frame(world.payments).merge(frame(world.truth), on="account_id")
    assert shared(rows[rows["style"] == "household"], "card").max() == 1
    assert not frame(world.requests)["ip"].str.contains(":").any()
    assert rows.loc[rows["style"] == "home", "account_id"].nunique() == (
        frame(world.truth)["style"].eq("home").sum()
    )


def test_operator_size_grows_farms() -> None:
    def n_farms(size: float) -> int:
        world = draw_world(5, 4000, Dials(operator_size=size))
        return int(of_farms(world, "accounts")["operator_id"].nunique())

    assert n_farms(8.0) > 2 * n_farms(200.0)


def test_days_and_moments_set_the_span_and_the_rows() -> None:
    world = draw_world(5, 1000, Dials(days=14, moments=20.0, farm_share=0))
    at = frame(world.requests)["at"]
    assert at.max() - at.min() <= pd.Timedelta(days=14)
    assert 15 <= len(at) / 1000 <= 24


@pytest.mark.parametrize(
    ("dial", "value"),
    [("mixing", 1.2), ("farm_share", -0.1), ("days", 3), ("card_reuse", 0.5), ("lease_days", (5.0, 1.0)),
     ("jitter_seconds", -1.0), ("ban_rate", float("nan")), ("farm_share", 0.99)],
)  # fmt: skip
def test_a_dial_out_of_range_is_refused(dial: str, value: Any) -> None:
    with pytest.raises(SettingsError, match=f"dial {dial}"):
        Dials(**{dial: value})


def test_weights_that_leave_nobody_are_refused() -> None:
    with pytest.raises(SettingsError, match="dial farms"):
        Dials(farms=FarmShares(**dict.fromkeys(FARM_STYLES, 0.0)))
    with pytest.raises(SettingsError, match="100 or more"):
        draw_world(1, 99)


# ------------------------------------------------------------------------------------- addresses as text


def test_addresses_as_text_are_addresses() -> None:
    codes = np.array([(22 << 24) + 258, int(V6) | (3 << 54) | (5 << 40) | (77 << 24) | 9, 0xFFFFFFFF])
    text = addresses_as_text(codes).to_pylist()
    assert text[0] == "22.0.1.2"
    assert text[2] == "255.255.255.255"
    address = ipaddress.IPv6Address(text[1])
    assert address in ipaddress.IPv6Network("3fff::/20")
    assert str(address) == text[1]


# ------------------------------------------------------------------------------------------------ files


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_a_world_is_written_with_settings_that_map_it(form: str, tmp_path: Path) -> None:
    world = draw_world(9, 300)
    settings = read_settings(world.write(tmp_path / "new" / "folder", requests_format=form))
    paths = [source.path for source in settings.sources]
    assert paths == [f"requests.{form}", "payments.parquet"]
    for source, table in zip(settings.sources, (world.requests, world.payments), strict=True):
        assert {source.account, source.time, *source.kinds.values()} <= set(table.column_names)
    assert settings.accounts is not None
    assert set(settings.accounts.attributes) <= set(world.accounts.column_names)
    assert [reference.path for reference in settings.references] == ["references.csv"]
    assert datetime.datetime.fromisoformat(settings.now) == world.end
    assert read_world(tmp_path / "new" / "folder", form)["requests"].equals(world.requests)


def test_another_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="parquet or csv"):
        draw_world(9, 100).write(tmp_path, requests_format="xlsx")


def read_world(folder: Path, form: str) -> dict[str, Any]:
    by_name = {
        name: pyarrow.parquet.read_table(folder / f"{name}.parquet")
        for name in ("accounts", "payments", "truth")
    }
    for name in ("references", "requests"):
        if name == "requests" and form == "parquet":
            by_name[name] = pyarrow.parquet.read_table(folder / "requests.parquet")
            continue
        options = pyarrow.csv.ConvertOptions(
            column_types={"at": pa.timestamp("us", tz="UTC")}, strings_can_be_null=True, null_values=[""]
        )
        by_name[name] = pyarrow.csv.read_csv(folder / f"{name}.csv", convert_options=options)
    return by_name


def test_the_committed_sample_is_what_the_code_draws() -> None:
    world, actual = draw_sample(), read_world(SAMPLE, "csv")
    for name in TABLES:
        assert actual[name].equals(getattr(world, name)), name
    assert sum(path.stat().st_size for path in SAMPLE.iterdir()) < 300_000
