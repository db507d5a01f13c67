"""The column of the account: by its name, its values, and the other tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graphlink.ingest.suggest_settings import names
from graphlink.ingest.suggest_settings.choice import MOST, Choice
from graphlink.ingest.suggest_settings.toml_text import listed, share_of, toml_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphlink.ingest.suggest_settings.preview import Column, Table


class _Candidate(NamedTuple):
    column: Column
    rank: int
    joins: bool


def choose_account(table: Table, others: Sequence[Table], *, is_life: bool = False) -> Choice:
    """The column that names the account of each row.

    Args:
        table: The table.
        others: The other tables: a column whose values are an account there too is likely one here.
        is_life: Whether the table has one row per account, so that its account differs in every row.
    """
    candidates = [
        _Candidate(column, rank, _joins(column, others))
        for column in table.columns.values()
        if (rank := names.rank_of(column.name, names.ACCOUNT)) < len(names.ACCOUNT) and _may_name(column)
    ]
    if not candidates:
        return Choice("", "no column looks like an account")
    best = min(
        candidates, key=lambda one: (_is_unlikely(one, candidates, is_life=is_life), one.rank, not one.joins)
    )
    if best.rank == names.ROW_ID_RANK and best.column.is_unique and not (is_life or best.joins):
        return Choice(
            "",
            f"its only candidate for the account, {toml_text(best.column.name)}, differs in every row, as a "
            "row's own id does; name the account by hand if it is one",
        )
    return Choice(best.column.name, _how_sure(best, candidates))


def account_columns(table: Table) -> list[Column]:
    """The columns that may name an account by their names."""
    return [
        column
        for column in table.columns.values()
        if names.rank_of(column.name, names.ACCOUNT) < len(names.ACCOUNT)
    ]


def _may_name(column: Column) -> bool:
    if column.n_rows and not column.filled:
        return False
    is_time = column.time is not None and column.time.share >= MOST and column.time.time_format != "epoch_s"
    return not (column.is_nested or is_time)


def _joins(column: Column, others: Sequence[Table]) -> bool:
    """Whether values are those of an account column of another table; a row's own id proves nothing."""
    is_id = names.rank_of(column.name, names.ACCOUNT) == names.ROW_ID_RANK
    for other in (other for table in others for other in account_columns(table)):
        if is_id and names.rank_of(other.name, names.ACCOUNT) == names.ROW_ID_RANK:
            continue
        if len(column.distinct & other.distinct) * 10 >= min(len(column.distinct), len(other.distinct)) > 0:
            return True
    return False


def _is_unlikely(one: _Candidate, candidates: list[_Candidate], *, is_life: bool) -> bool:
    """Whether another candidate is likelier, independent of the names."""
    rest = [other for other in candidates if other is not one and other.rank <= names.ROW_ID_RANK]
    n = len(one.column.filled)
    if n * 2 < one.column.n_rows and any(
        len(other.column.filled) * 2 >= other.column.n_rows for other in rest
    ):
        return True  # empty where another is filled
    if one.column.is_constant and any(len(other.column.distinct) > 1 for other in rest):
        return True  # the same in every row
    if is_life or not one.column.is_unique:
        return False
    is_id = one.rank == names.ROW_ID_RANK
    return any(not other.column.is_unique and (is_id or other.joins) for other in rest)


def _how_sure(best: _Candidate, candidates: list[_Candidate]) -> str:
    column = best.column
    repeats = bool(column.filled) and not column.is_unique
    reasons = ["by its name"]
    reasons += ["its values name accounts of another file too"] if best.joins else []
    reasons += ["its values repeat"] if repeats and not best.joins else []
    rivals = [one for one in candidates if one is not best and one.rank < names.ROW_ID_RANK]
    is_sure = best.rank < names.SURE_RANKS and (repeats or best.joins) and not rivals
    sure = "sure" if is_sure else "likely" if best.rank < names.SURE_RANKS or best.joins else "unsure"
    if column.n_rows > len(column.filled):
        n_empty = column.n_rows - len(column.filled)
        reasons.append(f"{share_of(n_empty, column.n_rows)} of the first rows name none and are rejected")
    if rivals:
        reasons.append(f"{listed([one.column.name for one in rivals], 5)} could be meant as well")
    return f"{sure}: {'; '.join(reasons)}"
