"""A number of the method as a field of a dataclass: default, unit, range, origin and source."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from graphlink.core.ranges import Range

if TYPE_CHECKING:
    import dataclasses

Value = float | tuple[float, ...]
Origin = Literal["elicited", "chosen"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a number comes from.

    Attributes:
        origin: `elicited`, a belief about the world, or `chosen`, a decision of the method.
        reason: The reason for the number, in one line.
    """

    origin: Origin
    reason: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number of the method, with its value in one run.

    Attributes:
        name: Its group and its name in it, such as lockstep.prior.
        value: Its value; several numbers where they are one grid.
        default: Its default.
        range: The values that it may have, with the unit.
        source: Where it comes from.
    """

    name: str
    value: Value
    default: Value
    range: Range
    source: Source

    @property
    def is_changed(self) -> bool:
        """Whether its value is another than the default."""
        return self.value != self.default


def elicited(reason: str) -> Source:
    """Make the source of a belief about the world."""
    return Source("elicited", reason)


def chosen(reason: str) -> Source:
    """Make the source of a decision of the method."""
    return Source("chosen", reason)


def parameter(default: Value, lowest: float, highest: float, unit: str, source: Source) -> Any:
    """Make a dataclass field of a number of the method.

    Args:
        default: Its default; several numbers where they are one grid, each within the range.
        lowest: The smallest value.
        highest: The largest value.
        unit: What it counts or measures.
        source: Where it comes from.
    """
    return field(default=default, metadata={"range": Range(lowest, highest, unit), "source": source})


def source_of(part: dataclasses.Field[Any]) -> Source:
    """The source of a field that `parameter` made."""
    source: Source = part.metadata["source"]
    return source
