"""Classes and hackathons: strangers who sign up together in one room, and go on from home and campus."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphlink.samples.accounts import Moments, sizes_up_to
from graphlink.samples.dials import STYLES
from graphlink.samples.hours import DAY, HOUR, NEVER, OFFICE, STUDENT
from graphlink.samples.people import leave_home, someone
from graphlink.samples.places import SHIFTS, SITE

if TYPE_CHECKING:
    from graphlink.samples.accounts import Accounts
    from graphlink.samples.people import Setting
    from graphlink.samples.tokens import Array

LEAST, MOST = 15, 120  # people in a room


def classrooms(setting: Setting, n: int) -> Accounts:
    """People of classes (hours in a room) and hackathons (a day and a half), each their own operator."""
    rng = setting.rng
    drawn = np.clip(rng.lognormal(np.log(32), 0.6, n // LEAST + 1), LEAST, MOST).astype(np.int64)
    sizes = sizes_up_to(n, drawn, least=LEAST)
    group = np.repeat(np.arange(len(sizes)), sizes)
    a = someone(setting, n, "classroom")
    is_hackathon = rng.random(len(sizes)) < 0.3
    start = _starts(setting, is_hackathon)
    a.created = start[group] + rng.integers(0, HOUR, n)
    a.closed[:], a.is_banned[:] = NEVER, False
    a.away = setting.places.addresses.add_rows(setting.places.business_addresses(len(sizes))[:, None])[group]
    a.away_from = start[group]
    a.away_to = (start + np.where(is_hackathon, 36, 3) * HOUR)[group]
    a.site = _campuses(setting, len(sizes))[group]
    leave_home(a, SITE, np.where(is_hackathon[group], rng.uniform(0, 0.3, n), rng.uniform(0.1, 0.8, n)))
    country = a.country[np.searchsorted(group, np.arange(len(sizes)))]
    a.country, a.shift = country[group], SHIFTS[country][group]
    a.profile = np.where(rng.random(n) < 0.8, STUDENT, OFFICE)
    # Everyone follows the same instructions: one build of the library, one or two browsers.
    api, web = setting.clients(len(sizes)), setting.clients(2 * len(sizes)).reshape(-1, 2)
    a.client_api = np.where(rng.random(n) < 0.85, api[group], a.client_api)
    a.client_web = np.where(rng.random(n) < 0.85, web[group, rng.integers(0, 2, n)], a.client_web)
    a.api = rng.uniform(0.2, 0.8, n)
    a.card[rng.random(n) < 0.75] = -1  # credit comes with the course
    a.card_later[:] = -1
    uses_school_mail = (rng.random(n) < 0.7) & ~is_hackathon[group]
    a.domain = np.where(uses_school_mail, setting.numbers.take_domains(len(sizes))[group], 0)
    a.is_public_mail = uses_school_mail
    return a


def _starts(setting: Setting, is_hackathon: Array) -> Array:
    """When each begins: a weekday's lesson, or a Friday evening, in the first nine tenths of the days."""
    rng, end = setting.rng, setting.calendar.end
    day = rng.integers(0, max(int(0.9 * end) // DAY - 2, 1), len(is_hackathon))
    day = np.where(is_hackathon, day // 7 * 7 + 4, day // 7 * 7 + day % 7 % 5)
    day = np.minimum(day, end // DAY - 3)
    hour = np.where(is_hackathon, 17, rng.integers(8, 18, len(day)))
    return np.asarray(day * DAY + hour * HOUR)


def _campuses(setting: Setting, n: int) -> Array:
    """Pool of the campus of each room: few campuses have most of the rooms."""
    rng, places = setting.rng, setting.places
    n_campuses = max(1, round(n / 2))
    pools = [places.addresses.add(places.own_range("campus", int(k))) for k in rng.integers(1, 5, n_campuses)]
    return np.array(pools)[(rng.random(n) ** 1.5 * n_campuses).astype(np.int64)]


def lesson_moments(setting: Setting, people: Accounts) -> list[Moments]:
    """What is done in the room: several calls each within two hours of the sign-up."""
    present = np.flatnonzero(people.style == STYLES.index("classroom"))
    if not len(present):
        return []
    rng = setting.rng
    rows = np.repeat(present, 1 + rng.poisson(4, len(present)))
    at = people.created[rows] + (rng.beta(1, 1.5, len(rows)) * 2 * HOUR).astype(np.int64)
    n = np.maximum(rng.lognormal(1.0, 0.8, len(rows)), 1).astype(np.int64)
    is_open = at < setting.calendar.end
    return [Moments(rows[is_open], at[is_open], n[is_open])]
