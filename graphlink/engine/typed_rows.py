"""Rows of small queries as named tuples, with the types of their fields."""

from __future__ import annotations

import functools
import types
import typing
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from graphlink.core.errors import TableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphlink.engine import Sql

Row = TypeVar("Row", bound=tuple[Any, ...])


class Share(NamedTuple):
    """A number of a kind."""

    kind_no: int
    value: float


def rows_as(engine: Sql, sql: str, row: type[Row]) -> list[Row]:
    """Read the rows of a small query as named tuples of a class, by position.

    Args:
        engine: Where the tables are.
        sql: The query; times are cast in it.
        row: A subclass of NamedTuple with fields of int, float, str or bool, or one of these or None.

    Raises:
        TableError: A row has another number of values, or none where the field needs one.
    """
    casts = _casts_of(row)
    return [_made(row, casts, values) for values in engine.rows(sql)]


def _made(row: type[Row], casts: tuple[Callable[[Any], Any], ...], values: tuple[object, ...]) -> Row:
    try:
        made = [cast(value) for cast, value in zip(casts, values, strict=True)]
    except (TypeError, ValueError) as error:
        raise TableError(f"a row is no {row.__name__}: {error}") from None
    return row(*made)


@functools.cache
def _casts_of(row: type[tuple[Any, ...]]) -> tuple[Callable[[Any], Any], ...]:
    return tuple(_cast_of(hint) for hint in typing.get_type_hints(row).values())


def _cast_of(hint: Any) -> Callable[[Any], Any]:
    kinds = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    kind = next(kind for kind in kinds if kind is not types.NoneType)

    def cast(value: Any) -> Any:
        if value is None:
            if types.NoneType not in kinds:
                raise TypeError(f"null, not {kind.__name__}")
            return None
        return kind(value)

    return cast
