"""What calls are about, beside who makes them: the model called, with a new one on the day of the launch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from graphlink.samples.gateway import is_farm
from graphlink.samples.hours import DAY, HOUR
from graphlink.samples.tokens import Array, fraction, hashed

if TYPE_CHECKING:
    from graphlink.samples.accounts import Accounts
    from graphlink.samples.people import Setting

MODELS = ("model-1", "model-2", "model-3", "model-4")  # the last is the new one
_SHARES = np.array([0.15, 0.45, 1.0])  # of the older ones, cumulative
RELEASE_HOUR = 15  # UTC, on the day of the launch


def fact_columns(
    a: Accounts, account: Array, at: Array, calls: Array, setting: Setting, secret: int
) -> dict[str, pa.Array]:
    """The column of the model called, if the dials ask for it; by hash, so that no other table moves."""
    if not setting.dials.facts:
        return {}
    moves = _moves(a, setting.calendar.launch + RELEASE_HOUR * HOUR, secret)
    usual = np.searchsorted(_SHARES, fraction(hashed(np.arange(len(a)), secret + 21)))[account]
    other = np.searchsorted(_SHARES, fraction(hashed(account, at, secret + 22)))
    is_usual = fraction(hashed(account, at, secret + 23)) < 0.85
    model = np.where(is_usual, np.where(at >= moves[account], len(MODELS) - 1, usual), other)
    return {"model": pa.array(MODELS).take(pa.array(model, mask=~calls))}


def _moves(a: Accounts, released: int, secret: int) -> Array:
    """Second from which each account calls the new model: people by and by, a farm's accounts together."""
    number = np.arange(len(a))
    u = fraction(hashed(number, secret + 24))
    # Some try a model at once, most within weeks, and three in ten stay with the old one.
    pace = np.exp(3 * fraction(hashed(number, secret + 25)))  # mean days, 1 to 20
    people = np.where(fraction(hashed(number, secret + 26)) < 0.3, 10_000, -np.log1p(-u) * pace)
    decided = 1 + 20 * fraction(hashed(a.operator, secret + 27)) ** 2  # days until a farm moves
    days = np.where(is_farm(a), decided + u, people)
    days = np.where(a.moves_at_once, 0.05 + 0.9 * u, days)
    return np.asarray(released + (days * DAY).astype(np.int64))
