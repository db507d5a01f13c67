"""The dials of a planted world: how much of what it holds, and how well its farms hide."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field

from graphlink.core.errors import SettingsError


def _held_out() -> float:
    """A weight of 0 by default of a style that is not looked at while the model is developed."""
    weight: float = field(default=0.0, metadata={"held_out": True})
    return weight


@dataclass(frozen=True, slots=True)
class HonestShares:
    """How the honest accounts divide into kinds; weights, so they need not add up to one.

    A default world has the kinds whose weight is not 0 here.

    Attributes:
        home: One person on one home line whose address is re-leased now and then.
        household: Two to four people on one home line, each their own operator.
        carrier: People on a mobile carrier, hundreds to thousands behind one address.
        vpn: Customers of a VPN, many behind each popular exit.
        campus: People of a university, thousands behind a few addresses.
        company: Accounts of one organisation behind its own exit; one operator, a few cards.
        reseller_customer: Unrelated customers of a reseller who pays for all with one card.
        router_customer: Unrelated customers who reach the provider through a third party's router.
        router_ended: Unrelated customers of routers that end TLS: their requests show the router's exits,
            fingerprint and user agent. They keep their own card and mail; some also log in from home.
        pooled: Accounts that such a router itself opened and pays for; one operator a router.
        sso_firm: Accounts of one organisation of 10 to 5,000 behind exits of a rented cloud egress, which
            it shares with other firms; one operator, an own mail domain, one to four cards.
        egress_customer: Unrelated people who rent the same cloud egress for themselves.
        classroom: Unrelated people of a class or hackathon, 15 to 120, who sign up within an hour from one
            address with the same client builds, and go on from home and campus. Held out.
        hosting_tenant: Unrelated tenants of hosters, each with addresses of its own: IPv6 in one /44, or
            IPv4 in one /24.
        nat_v6: People on mobile carriers with shared IPv4, and an IPv6 /64 that each attachment renews.
            Held out.
        dual_stack: Homes of one to four people on IPv4 and IPv6; devices change their suffix daily.
        small_mail: People at public mail providers that have 3 to 200 of the accounts each. Held out.
        prefix_customer: Unrelated customers of providers that send sessions through changing IPv6 /64s.
    """

    home: float = 0.40
    household: float = 0.14
    carrier: float = 0.10
    vpn: float = 0.07
    campus: float = 0.09
    company: float = 0.09
    reseller_customer: float = 0.04
    router_customer: float = 0.07
    router_ended: float = 0.0
    pooled: float = 0.0
    sso_firm: float = 0.0
    egress_customer: float = 0.0
    classroom: float = _held_out()
    hosting_tenant: float = 0.0
    nat_v6: float = _held_out()
    dual_stack: float = 0.0
    small_mail: float = _held_out()
    prefix_customer: float = 0.0


@dataclass(frozen=True, slots=True)
class FarmShares:
    """How the farms divide into styles; weights by accounts, so they need not add up to one.

    A default world has the styles whose weight is not 0 here.

    Attributes:
        servers: A few servers and a few cards.
        rotating: Rotating residential exits shared with real homes, and cards that chain.
        routed: Wide and thin behind a router, jobs in lockstep, rare direct slips to own servers.
        relay: Few accounts alive at a time with huge equal volumes; a banned one is replaced at once.
        mixed: All of these in one farm.
        bought: Accounts with an honest past, taken over and then used from the farm's resources.
        masked_ended: Most accounts behind routers that end TLS, among their honest customers; cards chain,
            a few requests slip to own servers, the other accounts use residential exits.
        many_cards: Own servers, and 1 to 30 cards of which each account has one, so that cards do not chain.
        v6_rotation: Sessions through changing IPv6 /64s of a provider that has other customers too.
        aged: Accounts of unrelated people, bought in batches, then used from the farm's resources. Held out.
        rivals: Two operators at one router that ends TLS, who buy from one seller of cards; a few of the
            seller's cards reach both. Held out.
        crews: Three crews in three zones behind different routers that end TLS; they share the beat of their
            jobs and a few cards.
        thin_ring: One operator of many thin accounts, about 25 an exit and 26 calls a day each; neighbouring
            exits share accounts. It holds its whole share of the accounts. Held out.
        mover: A crew on residential exits that moves to a new model within a day; see the dial `facts`.
    """

    servers: float = 0.20
    rotating: float = 0.20
    routed: float = 0.20
    relay: float = 0.15
    mixed: float = 0.15
    bought: float = 0.10
    masked_ended: float = 0.0
    many_cards: float = 0.0
    v6_rotation: float = 0.0
    aged: float = _held_out()
    rivals: float = _held_out()
    crews: float = 0.0
    thin_ring: float = _held_out()
    mover: float = 0.0


HONEST_STYLES = tuple(field.name for field in dataclasses.fields(HonestShares))
FARM_STYLES = tuple(field.name for field in dataclasses.fields(FarmShares))
STYLES = HONEST_STYLES + FARM_STYLES
_FIELDS = dataclasses.fields(HonestShares) + dataclasses.fields(FarmShares)
DEFAULT_STYLES = tuple(style.name for style in _FIELDS if style.default)
# Styles that are reported once, when the model is done, and not looked at before.
HELD_OUT_STYLES = tuple(style.name for style in _FIELDS if "held_out" in style.metadata)
OPEN_STYLES = tuple(style for style in STYLES if style not in HELD_OUT_STYLES)

_SHARES = (
    "farm_share", "router_share", "mixing", "listed_share", "cron_share", "cloud_share", "rhythm",
    "ipv6_share", "traveller_share", "paying_share", "household_card_share",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dials:
    """What a planted world is like; the defaults are a hard but fair world.

    Attributes:
        days: Days observed.
        farm_share: Share of all accounts that farms hold; 0 makes a pure background.
        operator_size: Median accounts of a farm in a world of 20,000; grows with the root of its size.
        honest: Kinds of honest accounts.
        farms: Styles of farms.
        moments: Mean rows of an honest account in the request log over the days observed.
        farm_moments: Mean rows of a farm account over its days alive, as if it lived all of them.
        exits_per_account: Own servers, and residential exits, that a farm account is pinned to.
        card_reuse: Mean accounts on one card of a farm (five times as many where cards are few); 1 is none.
        router_share: Share of a routed account's requests that really go through the router; the rest slip.
        jitter_seconds: Standard deviation of each account's time around a lockstep job.
        mixing: Share of a rotating account's requests through exits shared with homes; others scale with it.
        ban_rate: Bans per farm account and 30 days; relays draw twelve times as many.
        replacement_hours: Mean hours from a ban to the successor's first day.
        honest_ban_rate: Bans per honest account and 30 days.
        listed_share: Share of routers, VPNs, hosters, carriers, campuses, companies on reference lists.
        launch_jump: How many usual days of activity everyone packs into the day of a launch; 1 is none.
        cron_share: Share of people whose calls are scheduled at a full hour, like many strangers'.
        cloud_share: Share of people at home who also call from a hoster's exits, shared by strangers.
        rhythm: Strength of the daily and weekly rhythm, from 0 (none) to 1 (people's).
        lease_days: Least and most days that a home keeps its address; each network draws its own.
        ipv6_share: Share of home lines that have IPv6 as well.
        traveller_share: Share of people who are away for some days.
        paying_share: Share of single accounts that pay.
        household_card_share: Share of households that pay with one card.
        gateway: Add the columns `tls` (fingerprint of the TLS client) and `user_agent` to the request log.
        time_zones: Add the column `time_zone` (of the machine that calls) to the request log.
        facts: Add the column `model` (the model called, null at a log-in) to the request log; a new model is
            released on the day of the launch.
        failed_logins: Mean failed log-ins per account, of owners who mistype and of strangers who try many
            accounts' passwords from their servers; with the column `ok`. 0 adds neither rows nor column.
    """

    days: int = 60
    farm_share: float = 0.10
    operator_size: float = 30.0
    honest: HonestShares = HonestShares()
    farms: FarmShares = FarmShares()
    moments: float = 9.0
    farm_moments: float = 36.0
    exits_per_account: int = 4
    card_reuse: float = 4.0
    router_share: float = 0.97
    jitter_seconds: float = 60.0
    mixing: float = 0.75
    ban_rate: float = 0.20
    replacement_hours: float = 6.0
    honest_ban_rate: float = 0.01
    listed_share: float = 0.6
    launch_jump: float = 3.0
    cron_share: float = 0.02
    cloud_share: float = 0.05
    rhythm: float = 1.0
    lease_days: tuple[float, float] = (1.0, 30.0)
    ipv6_share: float = 0.3
    traveller_share: float = 0.06
    paying_share: float = 0.7
    household_card_share: float = 0.3
    gateway: bool = False
    time_zones: bool = False
    facts: bool = False
    failed_logins: float = 0.0

    def __post_init__(self) -> None:
        """Check every dial.

        Raises:
            SettingsError: A dial is out of its range.
        """
        for name in _SHARES:
            _demand(0 <= getattr(self, name) <= 1, name, getattr(self, name), "from 0 to 1")
        _demand(
            self.farm_share <= 0.9, "farm_share", self.farm_share, "at most 0.9, for farms hide among people"
        )
        for name in ("jitter_seconds", "ban_rate", "replacement_hours", "honest_ban_rate", "failed_logins"):
            _demand(getattr(self, name) >= 0, name, getattr(self, name), "0 or more")
        for name in (
            "operator_size",
            "moments",
            "farm_moments",
            "exits_per_account",
            "card_reuse",
            "launch_jump",
        ):
            _demand(getattr(self, name) >= 1, name, getattr(self, name), "1 or more")
        _demand(self.days >= 7, "days", self.days, "7 or more")
        least, most = self.lease_days
        _demand(0.1 <= least <= most, "lease_days", self.lease_days, "least and most, at least 0.1")
        for name, styles in (("honest", HONEST_STYLES), ("farms", FARM_STYLES)):
            weights = [getattr(getattr(self, name), style) for style in styles]
            _demand(min(weights) >= 0 and sum(weights) > 0, name, weights, "weights of 0 or more, not all 0")


def _demand(is_right: bool, name: str, value: object, wanted: str) -> None:
    if not is_right:
        raise SettingsError(f"dial {name}: expected {wanted}, found {value}")
