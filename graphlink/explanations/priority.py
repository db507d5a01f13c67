"""In which order clusters are looked at: concealment and harm first, openly one organisation apart.

The probability of one operator does not order: it is near 1 for every company under its own mail domain. It
only says how far the points of a cluster count. Terminal, report and explorer use this one function.
"""

from __future__ import annotations

import dataclasses
import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphlink.core.errors import SettingsError
from graphlink.core.organisations import OPENLY
from graphlink.core.wording.priority import PRIORITY_PARTS, priority_phrase, priority_sentence
from graphlink.explanations.stored import settings_of
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from graphlink.core.parameters import Priority as Numbers
    from graphlink.explanations.readable import Readable

_SUCCESSIONS = ("successors_6h", "successors_3d")
_ADDRESSES = ("n_addresses", "n_prefixes")


@dataclass(frozen=True, slots=True)
class Priority:
    """The place of a cluster in the order.

    Attributes:
        cluster_id: The cluster.
        is_openly: Whether it is openly one organisation, and so stands in a list of its own.
        confidence: What its points count: the probability of one concealed operator, which is one half at
            most where something harmless explains it too; a tenth of it where all its accounts are closed.
        levels: Part of the order to its level, from 0 (as usual) to 1.
        weights: Part of the order to the points of its level 1.
    """

    cluster_id: str
    is_openly: bool
    confidence: float
    levels: dict[str, float]
    weights: dict[str, float]

    @property
    def points(self) -> dict[str, float]:
        """Part of the order to its level times its weight."""
        return {name: level * self.weights[name] for name, level in self.levels.items()}

    @property
    def total(self) -> float:
        """The confidence times all points: the higher, the earlier it is looked at."""
        return self.confidence * math.fsum(self.points.values())

    @property
    def phrase(self) -> str:
        """The parts that count most, in words."""
        return priority_phrase(self.points.items())

    @property
    def sentence(self) -> str:
        """How it comes about, in a sentence."""
        return priority_sentence(self.total, self.confidence, self.points.items())

    def weighed(self, weights: Mapping[str, float]) -> Priority:
        """The same with other points for some parts."""
        return dataclasses.replace(self, weights=dict(weights))


def prioritise(result: Readable, weigh: Mapping[str, float] | None = None) -> dict[str, Priority]:
    """Order the clusters of a result.

    Args:
        result: A finished run.
        weigh: Part of the order to points other than `[parameters.priority]` of the run's settings.

    Returns:
        Every cluster by its id: those that conceal themselves first, by total; then those that are openly
        one organisation's.

    Raises:
        SettingsError: There is no such part, or its points are no number from 0 to 100.
    """
    numbers = settings_of(result).parameters.priority
    signals: defaultdict[str, dict[str, Mapping[str, Any]]] = defaultdict(dict)
    for row in rows_of(result.table("signals")):
        signals[row["cluster_id"]][row["signal"]] = row
    made = [
        prioritise_cluster(row, signals[row["cluster_id"]], numbers)
        for row in rows_of(result.table("clusters"))
    ]
    if weigh:
        weights = weights_with(numbers, weigh)
        made = [one.weighed(weights) for one in made]
    return {one.cluster_id: one for one in ordered(made)}


def ordered(priorities: Iterable[Priority]) -> list[Priority]:
    """Priorities in their order: openly one organisation last, the highest total first, of equals by id."""
    return sorted(priorities, key=lambda one: (one.is_openly, -one.total, one.cluster_id))


def weights_with(numbers: Numbers, weigh: Mapping[str, float]) -> dict[str, float]:
    """The points of every part, some of them replaced.

    Raises:
        SettingsError: There is no such part, or its points are no number from 0 to 100.
    """
    for name, points in weigh.items():
        if name not in PRIORITY_PARTS:
            raise SettingsError(f"priority: no part {name!r}; parts are {', '.join(PRIORITY_PARTS)}")
        if not 0 <= points <= 100:
            raise SettingsError(f"priority: {name} has {points} points; expected 0 to 100")
    return {name: float(weigh.get(name, getattr(numbers, name))) for name in PRIORITY_PARTS}


def parse_weights(text: str) -> dict[str, float]:
    """Parse points as people write them: `volume=0,succession=5`.

    Raises:
        SettingsError: It is written otherwise.
    """
    weights: dict[str, float] = {}
    for item in filter(None, (item.strip() for item in text.split(","))):
        name, _, points = item.partition("=")
        try:
            weights[name.strip()] = float(points)
        except ValueError:
            raise SettingsError(
                f"priority: {item!r} is no PART=POINTS, such as succession=5; "
                f"parts are {', '.join(PRIORITY_PARTS)}"
            ) from None
    return weights


def prioritise_cluster(
    cluster: Mapping[str, Any], signals: Mapping[str, Mapping[str, Any]], numbers: Numbers
) -> Priority:
    """Make the place of a cluster from its row of `clusters` and its rows of `signals` by name."""
    levels = _levels(int(cluster["n_accounts"]), signals, numbers)
    confidence = float(cluster["p_same_operator"])
    if _value(signals, "share_closed") >= 1.0:
        confidence *= numbers.closed_factor
    return Priority(
        cluster["cluster_id"],
        cluster["hypothesis"] == OPENLY,
        confidence,
        levels,
        weights_with(numbers, {}),
    )


def _levels(n_accounts: int, signals: Mapping[str, Mapping[str, Any]], numbers: Numbers) -> dict[str, float]:
    volume = signals.get("volume")
    usual = None if volume is None else volume["baseline"]
    use = 0.0 if volume is None or not usual else volume["value"] * volume["n_accounts"] / usual
    addresses = [_times(signals, name) for name in _ADDRESSES]
    successions = [_beyond_chance(signals, name, numbers.succession_chance) for name in _SUCCESSIONS]
    return {
        "burner_domains": _value(signals, "share_burner_domains"),
        "routers": _above(signals, "share_router"),
        "exits": _above(signals, "share_exits"),
        "addresses": _doublings(max(addresses), numbers.addresses_full),
        "succession": _clipped(max(successions) / numbers.succession_full),
        "closures": _above(signals, "share_closed_for_abuse"),
        "volume": _doublings(use, numbers.volume_full),
        "growth": _above(signals, "share_new"),
        "size": _doublings(n_accounts, numbers.size_full),
    }


def _value(signals: Mapping[str, Mapping[str, Any]], name: str) -> float:
    return _clipped(signals[name]["value"]) if name in signals else 0.0


def _above(signals: Mapping[str, Mapping[str, Any]], name: str) -> float:
    """How far a share is from the usual one towards 1; 0 where it is not above it."""
    row = signals.get(name)
    usual = 0.0 if row is None else row["baseline"] or 0.0
    return 0.0 if row is None or usual >= 1.0 else _clipped((row["value"] - usual) / (1.0 - usual))


def _times(signals: Mapping[str, Mapping[str, Any]], name: str) -> float:
    """A value over the usual one; 0 where that is not known."""
    row = signals.get(name)
    return 0.0 if row is None or not row["baseline"] else float(row["value"] / row["baseline"])


def _doublings(times: float, full: float) -> float:
    """A ratio by its doublings: 0 up to 1, and 1 from `full`."""
    return 0.0 if times <= 1.0 else _clipped(math.log2(times) / math.log2(full))


def _beyond_chance(signals: Mapping[str, Mapping[str, Any]], name: str, doubt: float) -> float:
    """The share of accounts that follow a closing beyond those that chance and a doubt account for."""
    row = signals.get(name)
    return 0.0 if row is None else (row["value"] - (row["baseline"] or 0.0) - doubt) / row["n_accounts"]


def _clipped(level: float) -> float:
    return min(1.0, max(0.0, float(level)))
