"""Which operators a world has, how large each is, and in which style it hides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from graphlink.samples import crews, farms, masks, servers
from graphlink.samples.accounts import apportioned
from graphlink.samples.dials import DEFAULT_STYLES, FARM_STYLES
from graphlink.samples.hours import BATCH, FLAT, OFFICE
from graphlink.samples.staff import Farm

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from graphlink.samples.accounts import Accounts, Moments
    from graphlink.samples.dials import Dials
    from graphlink.samples.people import Setting
    from graphlink.samples.tokens import Array

_DRAWN: Mapping[str, Callable[[Farm], tuple[Accounts, Moments]]] = {
    "servers": farms.servers,
    "rotating": farms.rotating,
    "routed": farms.routed,
    "relay": farms.relay,
    "mixed": farms.mixed,
    "bought": farms.bought,
    "masked_ended": masks.masked_ended,
    "many_cards": servers.many_cards,
    "v6_rotation": servers.v6_rotation,
    "aged": farms.aged,
    "rivals": masks.rivals,
    "crews": crews.crews,
    "thin_ring": crews.thin_ring,
    "mover": crews.mover,
}
_DEFAULT = tuple(style for style in FARM_STYLES if style in DEFAULT_STYLES)
_FURTHER = tuple(style for style in FARM_STYLES if style not in DEFAULT_STYLES)
_LEAST = 3  # accounts of an operator
_PARTS = {"rivals": 2, "crews": 3}  # in which an operator of the style comes
_WHOLE = ("thin_ring",)  # one operator has all accounts of the style


@dataclass(frozen=True, slots=True)
class OperatorPlan:
    """The operators of a world.

    Attributes:
        default: Sizes of the farms of default styles.
        further: Style and size of every other operator.
    """

    default: Array
    further: tuple[tuple[str, int], ...]

    @property
    def n_accounts(self) -> int:
        """The accounts of all operators."""
        return int(self.default.sum()) + sum(size for _, size in self.further)


def plan_operators(rng: np.random.Generator, n_accounts: int, dials: Dials) -> OperatorPlan:
    """Draw the operators' sizes, which add up to their share of the accounts."""
    weights = np.array([getattr(dials.farms, style) for style in _FURTHER])
    n_default = sum(getattr(dials.farms, style) for style in _DEFAULT)
    totals = apportioned(round(dials.farm_share * n_accounts), np.concatenate([[n_default], weights]))
    median = max(dials.operator_size * (n_accounts / 20_000) ** 0.5, 4)
    default = _sizes(rng, int(totals[0]), (median, _LEAST, 0.3), len(_DEFAULT))
    further: list[tuple[str, int]] = []
    for style, total in zip(_FURTHER, totals[1:].tolist(), strict=True):
        least = _LEAST * _PARTS.get(style, 1)
        whole = np.array([total] if total >= least else [], np.int64)
        sizes = whole if style in _WHOLE else _sizes(rng, total, (2 * median, least, 0.5), 1)
        further += [(style, size) for size in sizes.tolist()]
    return OperatorPlan(default, tuple(further))


def _sizes(
    rng: np.random.Generator, total: int, size: tuple[float, int, float], least_operators: int
) -> Array:
    """Heavy-tailed sizes that add up to a total, of at least so many operators.

    Args:
        rng: Source of chance.
        total: Accounts of all.
        size: Median and least size, and the greatest share of the total that one operator may have.
        least_operators: Minimum number of operators, if there are accounts for them.
    """
    median, least, most = size
    if total < least:
        return np.zeros(0, np.int64)
    drawn = rng.lognormal(np.log(median), rng.uniform(1.1, 1.5), total)
    drawn = np.clip(drawn, least, max(least, most * total))
    n = max(int(np.searchsorted(np.cumsum(drawn), total)) + 1, min(least_operators, total // least))
    if total < least * n:
        return apportioned(total, np.ones(total // least))
    spare = apportioned(total - least * n, drawn[:n] - (least - 0.1)) if total > least * n else 0
    return np.asarray(least + spare * np.ones(n, np.int64))


def draw_operators(setting: Setting, plan: OperatorPlan, first: int) -> tuple[list[Accounts], list[Moments]]:
    """Draw the operators of a plan; their first account has the number `first`."""
    rng = setting.rng
    places = _styles_of(rng, plan.default, setting.dials)
    operators = [(_DEFAULT[place], int(size)) for place, size in zip(places, plan.default, strict=True)]
    # Residential proxy services: each has its own homes, and serves several farms.
    n_lines = setting.places.n_lines
    n_exits = max(20, int(n_lines * rng.uniform(0.03, 0.10)))
    services = [rng.integers(0, n_lines, n_exits) for _ in range(int(rng.integers(2, 5)))]
    accounts, moments = [], []
    for style, size in [*operators, *plan.further]:
        drawn_accounts, drawn_moments = _DRAWN[style](_found(setting, services, size, first))
        accounts.append(drawn_accounts)
        moments.append(drawn_moments)
        first += size
    return accounts, moments


def _found(setting: Setting, services: list[Array], size: int, first: int) -> Farm:
    """A new operator, with homes of one residential proxy service."""
    rng = setting.rng
    n_pool = int(np.clip(size * rng.uniform(1.5, 5), 12, len(services[0])))
    return Farm(
        int(setting.numbers.take_operators(1)[0]), size, setting,
        rng.choice(services[int(rng.integers(len(services)))], n_pool),
        int(rng.choice([OFFICE, FLAT, BATCH])), int(rng.integers(-11, 12)),
        setting.clients(int(rng.integers(1, 4))), first,
    )  # fmt: skip


def _styles_of(rng: np.random.Generator, sizes: Array, dials: Dials) -> Array:
    """A default style for each farm: styles hold about their shares of accounts and none is missing."""
    weights = np.array([getattr(dials.farms, style) for style in _DEFAULT])
    if not weights.sum():
        return np.zeros(0, np.int64)
    due = weights / weights.sum() * sizes.sum()
    styles = np.zeros(len(sizes), np.int64)
    order = np.argsort(-sizes, kind="stable")
    rest = order[: max(len(sizes) - int((weights > 0).sum()), 0)]
    for farm in rest:
        chance = np.maximum(due, 0) + 1e-9 * weights
        styles[farm] = rng.choice(len(weights), p=chance / chance.sum())
        due[styles[farm]] -= sizes[farm]
    # The smallest farms are one of each style.
    every = rng.permutation(np.flatnonzero(weights > 0))
    styles[order[len(rest) :]] = every[: len(sizes) - len(rest)]
    return styles
