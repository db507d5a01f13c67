"""Facts beside identifiers: columns that describe the calls of accounts and never link them."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from graphlink.core.errors import SettingsError
from graphlink.core.ranges import check_fields, choice_field, ranged
from graphlink.core.settings.checks import check_setting

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

FACT_TYPES = ("category", "amount", "score")
"""What a fact may be: a word, an amount that adds up, or a number compared with a threshold."""
TYPE_OF_FACT = {
    "model": "category",
    "pathway": "category",
    "country": "category",
    "tokens": "amount",
    "score": "score",
}
"""The type of each fact whose name says it; of any other name the settings declare it."""
DEFAULT_THRESHOLD = 0.5  # of a score in [0, 1], as of a probability
RELEASED_FACT = "model"  # the fact whose values are released, also where the settings give no time
_NAME = re.compile(r"[a-z0-9_.-]{1,64}")
_LARGEST = 1e18


@dataclass(frozen=True, slots=True)
class FactSettings:
    """Settings of one fact, a column mapped by `facts` of a source.

    Attributes:
        type: category (a word, such as the model called), amount (adds up, such as tokens) or score (compared
            with the threshold). Known are model, pathway and country (category), tokens (amount) and score.
        threshold: Of a score: calls above it count. If omitted, 0.5, and scores outside 0 to 1 are rejected.
        releases: Of a category: value to the time it was released (ISO 8601, UTC if without a zone), such as
            { "model-x" = "2026-01-10T00:00:00Z" }. A value of the fact model that is not listed was released
            when the first account called it.
    """

    type: str = choice_field(*FACT_TYPES)
    threshold: float | None = ranged(None, -_LARGEST, _LARGEST, "")
    releases: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_fields(self)
        for value, moment in self.releases.items():
            wanted = "a time in ISO 8601, such as 2026-01-10T00:00:00Z"
            check_setting(f"releases.{value}", moment, wanted, is_right=_moment(moment) is not None)

    @property
    def released_s(self) -> dict[str, float]:
        """Value to the second of its release, from 1970."""
        moments = {value: _moment(text) for value, text in self.releases.items()}
        return {value: moment.timestamp() for value, moment in moments.items() if moment is not None}


def _moment(text: str) -> datetime.datetime | None:
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)


def type_of_fact(name: str, settings: Mapping[str, FactSettings]) -> str:
    """The type of a fact; empty where it is not declared."""
    declared = settings[name].type if name in settings else ""
    return declared or TYPE_OF_FACT.get(name, "")


def check_fact_columns(facts: Mapping[str, str], used: Mapping[str, str]) -> None:
    """Refuse a fact without a usable name or column, and a column that says who an account is.

    Args:
        facts: Fact to column.
        used: Column to what else it is mapped as, of those that identify.

    Raises:
        SettingsError: Names the fact.
    """
    for name, column in facts.items():
        wanted = "a name of 1 to 64 of the characters a-z 0-9 _ . -"
        check_setting(f"facts.{name}", name, wanted, is_right=_NAME.fullmatch(name) is not None)
        check_setting(f"facts.{name}", column, "a column", is_right=bool(column))
        if column in used:
            raise SettingsError(
                f"facts.{name}: the column {column!r} is mapped as {used[column]} too; a fact never links, "
                "so leave one of them out"
            )


def check_fact_types(facts: Mapping[str, FactSettings], mapped: Collection[str]) -> None:
    """Refuse facts without a type, and settings that their type does not have.

    Raises:
        SettingsError: Names the fact.
    """
    for name in sorted({*facts, *mapped}):
        kind = type_of_fact(name, facts)
        known = ", ".join(sorted(TYPE_OF_FACT))
        wanted = f"a type (category, amount or score) in [facts.{name}]; without one are known {known}"
        check_setting(f"facts.{name}", name, wanted, is_right=bool(kind))
        own = facts.get(name, FactSettings())
        fits = own.threshold is None or kind == "score"
        check_setting(f"facts.{name}.threshold", own.threshold, "a fact of type score", is_right=fits)
        fits = not own.releases or kind == "category"
        check_setting(f"facts.{name}.releases", "releases", "a fact of type category", is_right=fits)
