"""What is said of facts: the name of a measure, its value with the interval, and the usual with its range."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from graphlink.core.wording.clusters import is_notable
from graphlink.core.wording.figures import percent

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHARE, _HOURS, _TIMES, _NUMBER = "share", "hours", "times", "number"


class _Words(NamedTuple):
    title: str
    unit: str


_MEASURES = {
    "calls_per_day": _Words("calls per day", _NUMBER),
    "share_of_calls": _Words("share of all calls", _SHARE),
    "growth": _Words("growth, last half over first", _TIMES),
    "hours_covered": _Words("hours of the week covered", _HOURS),
    "night_share": _Words("calls at night", _SHARE),
    "gap_variation": _Words("variation of gaps between calls", _NUMBER),
    "moved_share": _Words("calls moved upon its release to", _SHARE),
    "moved_accounts": _Words("accounts that called upon its release", _SHARE),
    "move_spread": _Words("hours between members' moves to", _HOURS),
    "score_share": _Words("calls at or above the threshold of", _SHARE),
    "category_share": _Words("accounts mostly with", _SHARE),
    "attribute_share": _Words("accounts with", _SHARE),
    "amount_per_day": _Words("per day", _NUMBER),
    "share_of_amount": _Words("share of all", _SHARE),
}
_OF_AMOUNT = ("amount_per_day", "share_of_amount")  # whose fact stands first: "tokens per day"

FACTS_NOTE = (
    "Facts describe how its accounts call and link nobody. Usual: accounts outside clusters that are as "
    "active; in brackets the 95 % interval, and what 95 % of groups of as many such accounts show."
)
"""What the table of facts is, under it."""


class FactWords(NamedTuple):
    """A row of `facts` for people: texts may hold the data's, and are made safe by who shows them."""

    name: str
    value: str
    usual: str
    ratio: str
    is_unusual: bool


def fact_words(row: Mapping[str, Any]) -> FactWords:
    """What a row of the table `facts` says.

    Args:
        row: A row of the table.
    """
    unit = _unit(row["measure"])
    ratio = _between(row["ratio"], (row["ratio_low"], row["ratio_high"]), _TIMES)
    return FactWords(
        fact_name(row["measure"], row["fact"], row["category"]),
        _between(row["value"], (row["low"], row["high"]), unit),
        _between(row["usual"], (row["usual_low"], row["usual_high"]), unit),
        ratio,
        is_unusual(row),
    )


def fact_name(measure: str, fact: str, category: str) -> str:
    """The name of a measure with its fact and category, as the data spell them."""
    title = _MEASURES[measure].title if measure in _MEASURES else measure
    parts = (fact, title) if measure in _OF_AMOUNT else (title, fact, category)
    return " ".join(part for part in parts if part)


def is_unusual(row: Mapping[str, Any]) -> bool:
    """Whether a fact is to be pointed out: outside the usual range, and notably far from the usual."""
    low, high = row["usual_low"], row["usual_high"]
    if low is None or high is None or low <= row["value"] <= high:
        return False
    return is_notable(row["value"], row["usual"], row["n_accounts"])


def _unit(measure: str) -> str:
    return _MEASURES[measure].unit if measure in _MEASURES else _NUMBER


def _between(value: float | None, interval: tuple[float | None, float | None], unit: str) -> str:
    if value is None:
        return ""
    low, high = interval
    if low is None or high is None:
        return _figure(value, unit)
    return f"{_figure(value, unit)} ({_figure(low, unit)} to {_figure(high, unit)})"


def _figure(value: float, unit: str) -> str:
    if unit == _SHARE:
        return percent(value)
    number = f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    return {_HOURS: f"{number} h", _TIMES: f"{number}x"}.get(unit, number)
