"""The value class of a kind of identifier, and the error of a value that can't be one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphlink.core.errors import GraphlinkError

if TYPE_CHECKING:
    from collections.abc import Callable

API_KEY = "api_key"  # the kind of the secrets that requests carry
Wider = tuple[tuple[str, str], ...]


class UncleanValue(GraphlinkError):  # noqa: N818 - a finding about a value, counted and rejected, not a fault
    """A value that can't be an identifier of its kind. Its text never contains the value.

    Attributes:
        reason: Short code, such as placeholder or card_number.
        remedy: What the user can do about it.
    """

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}: {remedy}")
        self.reason = reason
        self.remedy = remedy


def _nothing_wider(_: str) -> Wider:
    return ()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of identifier.

    Attributes:
        name: Its name in the tables.
        facet: Group of kinds that fail together: network, payment, identity, client, behaviour; an open
            kind's is its own name.
        about: What it is, for users.
        window_days: Two accounts are together on a value only when both held it within such a window of time;
            None when a value stays with its holder for good.
        p_exclusive: Prior probability that two accounts, the only ones on a value, have one operator.
        clean: Makes the cleaned value of a raw one, or raises UncleanValue.
        is_clean_sql: Condition on the column `value` that holds only where clean(value) == value, or where
            `placeholders.listed_sql` holds too; it may miss clean values, never the other way. None when
            there is none.
        generalizations: The wider, weaker identifiers that follow from a cleaned value, as (kind, value).
        generalizations_sql: The same as (kind, expression of the column `value`), true where `is_clean_sql`
            holds; the expression is null where that wider identifier does not follow.
        degree_exponent: How the odds of `p_exclusive` fall with the number of holders d: by (d - 1) to this
            power. 1 where each holder brings accounts of its own (an address in a cafe); less where it is one
            operator's or it is not, and many holders mostly mean a large operator.
        most_bits: The most that sharing a value may say: what is cheap to copy proves little, however rare.
    """

    name: str
    facet: str
    about: str
    window_days: float | None
    p_exclusive: float
    clean: Callable[[str], str]
    is_clean_sql: str | None = None
    generalizations: Callable[[str], Wider] = _nothing_wider
    generalizations_sql: Wider = ()
    degree_exponent: float = 1.0
    most_bits: float = 1e6
