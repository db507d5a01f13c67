"""Whether a stored result is whole: its tables as the run wrote them, their rows in order, in agreement.

Digests find what was changed or damaged. Whoever changes a table can change its digest too, so what a command
can't make sense of is looked at here again before it counts as a fault of graphlink.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from graphlink.core.arguments import checked
from graphlink.core.errors import GraphlinkError, ResultError
from graphlink.core.schema import EXPLAINED_TABLES, TABLES
from graphlink.storage.result_folder.digests import check_digests
from graphlink.storage.result_folder.reading import read_batches, read_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


class Checkable(Protocol):
    """What of a result is needed to look at it."""

    def check_whole(self) -> None:
        """Raise unless the result is one that a run may have written."""


R = TypeVar("R", bound=Checkable)
P = ParamSpec("P")
T = TypeVar("T")

_ENDS = ("account_id_l", "account_id_r")
_OF_PAIRS = ("evidence", "links", "constraints")
_OF_CLUSTERS = ("hypotheses", "signals", "facts", "reasons")
# Table and column -> the table that has a row for each of its values, by the column of that name there.
_REFERENCES = (
    ("membership", "account_id", "accounts", "account_id"),
    ("accounts", "account_id", "membership", "account_id"),
    ("observations", "account_id", "accounts", "account_id"),
    *((name, end, "accounts", "account_id") for name in _OF_PAIRS for end in _ENDS),
    ("membership", "cluster_id", "clusters", "cluster_id"),
    ("clusters", "cluster_id", "membership", "cluster_id"),
    *((name, "cluster_id", "clusters", "cluster_id") for name in _OF_CLUSTERS),
)  # fmt: skip


def check_whole(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Make sure that a result is one that a run may have written; reads all of it.

    Raises:
        ResultError: A table was changed, a row breaks the contract, rows are out of order or there twice, or
            tables contradict each other.
    """
    check_digests(folder, manifest)
    for name in manifest["tables"]:
        check_table(folder, name)
    check_references(folder)


def check_table(folder: Path, name: str) -> None:
    """Make sure that every row of a table holds what its contract allows, in the order of unique keys.

    Raises:
        ResultError: It does not.
    """
    spec = next((one for one in (*TABLES, *EXPLAINED_TABLES) if one.name == name), None)
    if spec is None:  # of another version
        return
    last: tuple[Any, ...] = ()
    for batch in read_batches(folder, name, spec.column_names):
        for row in zip(*(batch[column].to_pylist() for column in spec.key), strict=True):
            if row <= last:
                raise ResultError(f"{folder}: {name}.parquet has rows twice or out of order; run it again")
            last = row


def check_references(folder: Path) -> None:
    """Make sure that the accounts and clusters that tables name are those of the result.

    Raises:
        ResultError: They are not.
    """
    for name, column, other, key in _REFERENCES:
        known = pc.unique(read_table(folder, other, [key])[key])
        for batch in read_batches(folder, name, [column]):
            named = pc.unique(batch[column])
            is_known = pc.or_(pc.is_null(named), pc.is_in(named, value_set=known))
            if pc.all(is_known).as_py() is False:
                raise ResultError(
                    f"{folder}: {name}.parquet names in {column} what {other}.parquet lacks; run it again"
                )


def of_result(function: Callable[Concatenate[R, P], T]) -> Callable[Concatenate[R, P], T]:
    """Reject wrong arguments of a function of a result, and report when the result is to blame.

    The tables are looked at only then: a result that is as its run wrote it costs nothing.
    """
    checking = checked(function)

    @functools.wraps(function)
    def looking(result: R, /, *arguments: P.args, **named: P.kwargs) -> T:
        try:
            return checking(result, *arguments, **named)
        except GraphlinkError:
            raise
        except (LookupError, ValueError, TypeError, AttributeError, ArithmeticError, pa.ArrowException):
            if hasattr(result, "check_whole"):  # else a wrong call
                result.check_whole()
            raise

    return looking
