"""What a gateway logs of each request beside its address: TLS fingerprint, user agent, time zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from graphlink.samples.dials import FARM_STYLES, STYLES
from graphlink.samples.tokens import Array, fraction, hashed, tokens

if TYPE_CHECKING:
    from graphlink.samples.accounts import Accounts
    from graphlink.samples.dials import Dials

KINDS = {"tls": "tls_fingerprint", "user_agent": "user_agent", "time_zone": "time_zone"}  # column -> kind
FEWEST_TLS, MOST_TLS = 40, 200  # distinct fingerprints of clients that end TLS themselves
_API_PLATFORMS, _WEB_PLATFORMS = ("linux", "macos", "windows"), ("windows", "macos", "linux")
_PLATFORM_SHARES = np.array([0.7, 0.9, 1.0])  # cumulative
# Zones by the hours that they are behind UTC, from +12 down: cities whose machines name them.
_ZONES = {
    12: "Pacific/Auckland", 11: "Pacific/Noumea", 10: "Australia/Sydney", 9: "Asia/Tokyo Asia/Seoul",
    8: "Asia/Shanghai Asia/Singapore Australia/Perth", 7: "Asia/Bangkok Asia/Ho_Chi_Minh",
    6: "Asia/Dhaka Asia/Almaty", 5: "Asia/Kolkata Asia/Karachi", 4: "Asia/Dubai Asia/Tbilisi",
    3: "Europe/Istanbul Europe/Moscow Africa/Nairobi", 2: "Europe/Athens Africa/Cairo Africa/Johannesburg",
    1: "Europe/Berlin Europe/Paris Europe/Warsaw Africa/Lagos", 0: "Europe/London Africa/Accra",
    -1: "Atlantic/Azores", -2: "America/Noronha", -3: "America/Sao_Paulo America/Argentina/Buenos_Aires",
    -4: "America/Halifax America/Santiago", -5: "America/New_York America/Toronto America/Bogota",
    -6: "America/Chicago America/Mexico_City", -7: "America/Denver America/Phoenix",
    -8: "America/Los_Angeles America/Vancouver", -9: "America/Anchorage", -10: "Pacific/Honolulu",
    -11: "Pacific/Pago_Pago",
}  # fmt: skip


def gateway_columns(
    a: Accounts, account: Array, client: Array, dials: Dials, clients: pa.Array, secret: int
) -> dict[str, pa.Array]:
    """The columns that the dials ask for; everything in them follows from hashes, so no other table moves.

    Args:
        a: The accounts.
        account: Account of each request.
        client: Client of each request: of API calls, then of log-ins, then of routers that end TLS.
        dials: What the world is like.
        clients: Names of the clients.
        secret: What the hashes depend on.
    """
    columns: dict[str, pa.Array] = {}
    n_routers = _n_routers(a)
    is_router = client >= len(clients) - n_routers
    is_api = client < (len(clients) - n_routers) // 2
    # The machines of an operator are set up alike; people each have their own.
    owner = np.where(is_farm(a), -1 - a.operator, np.arange(len(a)))[account]
    if dials.gateway:
        platform = np.searchsorted(_PLATFORM_SHARES, fraction(hashed(owner, is_api, secret + 11)))
        stack = client * 3 + np.where(is_router, 0, platform)
        distinct, place = np.unique(stack, return_inverse=True)
        columns["tls"] = _fingerprints(distinct, len(clients) - n_routers, secret).take(pa.array(place))
        agents = _agents(distinct, clients, n_routers, secret)
        columns["user_agent"] = agents.take(pa.array(place))
    if dials.time_zones:
        is_utc = is_router | (is_api & (fraction(hashed(owner, secret + 12)) < 0.55))
        columns["time_zone"] = _zones(a, account, is_utc)
    return columns


def _n_routers(a: Accounts) -> int:
    return int(a.router_client.max(initial=-1)) + 1


def is_farm(a: Accounts) -> Array:
    """Whether each account is an operator's, by its style."""
    return np.asarray(a.style >= STYLES.index(FARM_STYLES[0]))


def _fingerprints(stacks: Array, n_own: int, secret: int) -> pa.Array:
    """A fingerprint for each client on each platform: few are common, many builds have the same one.

    Half of the routers that end TLS run a common stack, the others show a fingerprint of their own.
    """
    u = fraction(hashed(np.array([secret + 13])))[0]
    n = int(np.exp(np.log(FEWEST_TLS) + u * (np.log(MOST_TLS) - np.log(FEWEST_TLS))))
    common = (n * fraction(hashed(stacks, secret + 14)) ** 2.5).astype(np.int64)
    router = stacks // 3 - n_own
    has_own = (router >= 0) & (fraction(hashed(stacks, secret + 15)) < 0.5)
    return tokens("t13d-", np.where(has_own, n + router, common), secret + 16)


def _agents(stacks: Array, clients: pa.Array, n_routers: int, secret: int) -> pa.Array:
    """A user agent for each client on each platform: family, major version and platform.

    Six in ten routers that end TLS name themselves, the others show the library that they are built on.
    """
    names, n_own = clients.to_pylist(), len(clients) - n_routers
    u = fraction(hashed(stacks, secret + 17))
    agents = []
    for stack, chance in zip(stacks.tolist(), u.tolist(), strict=True):
        client, platform = divmod(stack, 3)
        family, _, version = names[client].partition("/")
        if client >= n_own:
            generic = ("go-http/2", "node-fetch/1", "python-sdk/2")[int(chance / 0.4 * 3) % 3]
            agents.append(generic if chance < 0.4 else names[client].partition(".")[0])
        elif family in ("ios", "android"):
            agents.append(f"{family}/{version[0]}")
        else:
            platforms = _API_PLATFORMS if client < n_own // 2 else _WEB_PLATFORMS
            agents.append(f"{family}/{version[0]} ({platforms[platform]})")
    return pa.array(agents, pa.string())


def _zones(a: Accounts, account: Array, is_utc: Array) -> pa.Array:
    """The zone of each request's machine: that of its owner's week, or UTC."""
    hours = np.clip((-a.shift + 11) % 24 - 11, -11, 12)
    salt = np.where(is_farm(a), a.operator, a.country)
    names = ["UTC"]
    place_of: dict[tuple[int, int], int] = {}
    for hour, listed in _ZONES.items():
        for i, name in enumerate(listed.split()):
            place_of[hour, i] = len(names)
            names.append(name)
    n_of = {hour: len(listed.split()) for hour, listed in _ZONES.items()}
    pick = hashed(salt, 3)
    own = np.array(
        [place_of[h, int(p % n_of[h])] for h, p in zip(hours.tolist(), pick.tolist(), strict=True)]
    )
    return pa.array(names).take(pa.array(np.where(is_utc, 0, own[account])))
