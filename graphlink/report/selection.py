"""A small language that selects clusters: `probability > 0.9 and n_accounts >= 10`.

Names are the columns of `clusters`; values are numbers, texts, true and false. There are comparisons (also
chained), `in` and `not in` with a list, `and`, `or`, `not` and brackets, and nothing else: the text is parsed
by Python's grammar, every node outside this list is refused, and nothing is ever evaluated as Python.
"""

from __future__ import annotations

import ast
import datetime
import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphlink.core.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    Row = Mapping[str, Any]
    Test = Callable[[Row], Any]

_LONGEST = 2_000  # characters; deep nesting would exhaust Python's own parser
_ORDERS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.In: lambda value, values: value in values,
    ast.NotIn: lambda value, values: value not in values,
}
_WORDS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Selection:
    """A parsed selection.

    Attributes:
        text: What was written.
        matches: Whether a row of clusters is selected; what is not known matches no comparison.
    """

    text: str
    matches: Callable[[Mapping[str, Any]], bool]


def parse_selection(text: str, columns: Collection[str]) -> Selection:
    """Parse a selection over columns.

    Raises:
        SettingsError: The text is no selection, or names a column that is not there.
    """
    if len(text) > _LONGEST:
        raise SettingsError(f"selection: {len(text):,} characters; expected at most {_LONGEST:,}")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        at = f" at character {error.offset}" if isinstance(error, SyntaxError) and error.offset else ""
        raise SettingsError(f"selection {text!r}: can't be read{at}; {_help(columns)}") from error
    test = _test_of(tree, columns)
    return Selection(text, lambda row: bool(test(row)))


def _help(columns: Collection[str]) -> str:
    return f'write it like "probability > 0.9 and n_accounts >= 10"; columns are {", ".join(columns)}'


def _test_of(node: ast.expr, columns: Collection[str]) -> Test:
    match node:
        case ast.BoolOp(op, values):
            tests = [_test_of(value, columns) for value in values]
            join = all if isinstance(op, ast.And) else any
            return lambda row: join(test(row) for test in tests)
        case ast.UnaryOp(ast.Not(), value):
            test = _test_of(value, columns)
            return lambda row: not test(row)
        case ast.Compare():
            return _comparison_of(node, columns)
        case ast.Name():
            return _value_of(node, columns)
        case _:
            raise SettingsError(f"selection: {ast.unparse(node)!r} is no condition; {_help(columns)}")


def _comparison_of(node: ast.Compare, columns: Collection[str]) -> Test:
    values = [_value_of(operand, columns) for operand in (node.left, *node.comparators)]
    orders = []
    for order in node.ops:
        if type(order) not in _ORDERS:
            raise SettingsError(f"selection: {ast.unparse(node)!r} is no comparison; {_help(columns)}")
        orders.append(_ORDERS[type(order)])

    def holds(row: Row) -> bool:
        operands = [value(row) for value in values]
        return all(
            _compared(order, left, right)
            for order, left, right in zip(orders, operands[:-1], operands[1:], strict=True)
        )

    return holds


def _compared(order: Callable[[Any, Any], bool], left: Any, right: Any) -> bool:
    if left is None or right is None:
        return False
    if isinstance(left, datetime.datetime):
        left, right = left.isoformat(), _time_text(right)
    elif isinstance(right, datetime.datetime):
        left, right = _time_text(left), right.isoformat()
    try:
        return order(left, right)
    except TypeError as error:
        raise SettingsError(
            f"selection: {left!r} and {right!r} can't be compared; give text in quotes, numbers without"
        ) from error


def _time_text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime.datetime) else value


def _value_of(node: ast.expr, columns: Collection[str]) -> Test:
    match node:
        case ast.Name(name) if name in columns:
            return lambda row: row.get(name)
        case ast.Name(name) if name in _WORDS:
            return lambda _: _WORDS[name]
        case ast.Name(name):
            raise SettingsError(f"selection: no column {name!r}; columns are {', '.join(columns)}")
        case ast.Constant(bool() | int() | float() | str() as value):
            return lambda _: value
        case ast.UnaryOp(ast.USub(), ast.Constant(int() | float() as number)):
            return lambda _: -number
        case ast.List(elements) | ast.Tuple(elements) | ast.Set(elements):
            values = [_value_of(element, columns) for element in elements]
            return lambda row: [value(row) for value in values]
        case _:
            raise SettingsError(f"selection: {ast.unparse(node)!r} is no value; {_help(columns)}")
