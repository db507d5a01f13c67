"""A fixed shuffle of whole numbers, the same in SQL and in numpy: what is sampled is no matter of its order.

A number is multiplied by Knuth's constant (2 ** 32 over the golden ratio) and taken modulo a prime just below
2 ** 32, so that neighbours come far apart; two numbers are mixed by a second factor before that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FACTOR, _FURTHER_FACTOR = 2_654_435_761, 40_503
MODULUS = 4_294_967_291


def shuffled_sql(number: str, plus: str = "") -> str:
    """Expression of the place of a whole number in the shuffle.

    Args:
        number: Expression of the number, a BIGINT.
        plus: Expression that is added before the remainder is taken, such as another number.
    """
    return f"(({number}) * {_FACTOR}{f' + {plus}' if plus else ''}) % {MODULUS}"


def shuffled_pair_sql(first: str, second: str) -> str:
    """Expression of the place of a pair of whole numbers in the shuffle."""
    return shuffled_sql(f"{first}::BIGINT", f"{second}::BIGINT * {_FURTHER_FACTOR}")


def shuffled(numbers: NDArray[np.int64], seed: int = 0) -> NDArray[np.int64]:
    """Make the places of whole numbers in the shuffle; another seed (below 65,536) gives another one."""
    return (numbers * _FACTOR + seed * _FURTHER_FACTOR) % MODULUS
