"""A fixed shuffle of whole numbers, the same in SQL and in numpy: what is sampled is no matter of its order.

A number is multiplied by Knuth's constant (2 ** 32 over the golden ratio) and taken modulo a prime just below
2 ** 32, so that neighbours come far apart; two numbers are mixed by a second factor before that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from graphlink.engine import Sql

_FACTOR, _FURTHER_FACTOR = 2_654_435_761, 40_503
MODULUS = 4_294_967_291
_DIGITS, _N_DIGITS = "0123456789abcdef", 7  # hexadecimal digits of a draw: 28 bits


def draw_sql(name: str) -> str:
    """Expression of the draw of a name, a number below 2 ** 28: nobody else's names change it.

    Args:
        name: Expression of the name, text.
    """
    digits = [
        f"{16**place} * (strpos('{_DIGITS}', substr(md5({name}), {place + 1}, 1)) - 1)"
        for place in range(_N_DIGITS)
    ]
    return f"({' + '.join(digits)})::BIGINT"


def make_account_draws(engine: Sql) -> None:
    """Make `account_draws` (account_no, draw) from `account_numbers`: what samples of accounts are drawn by.

    Accounts are numbered in the order of their names, so that one newcomer moves all later numbers.
    """
    engine.make("account_draws", f"SELECT account_no, {draw_sql('account_id')} AS draw FROM account_numbers")


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


def uniform(draws: NDArray[np.int64], seed: int) -> NDArray[np.float64]:
    """Make a number from 0 to 1 of each draw and seed (splitmix64, Steele and others 2014)."""
    mixed = draws.astype("uint64") + (seed * 0x9E3779B97F4A7C15) % 2**64
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> shift)) * factor
    numbers: NDArray[np.float64] = (mixed ^ (mixed >> 31)) / 2.0**64
    return numbers


def shuffled(numbers: NDArray[np.int64], seed: int = 0) -> NDArray[np.int64]:
    """Make the places of whole numbers in the shuffle; another seed (below 65,536) gives another one."""
    return (numbers * _FACTOR + seed * _FURTHER_FACTOR) % MODULUS
