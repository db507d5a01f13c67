"""The columns of the time and of the count."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from graphlink.ingest.suggest_settings import names
from graphlink.ingest.suggest_settings.choice import MOST, Choice
from graphlink.ingest.suggest_settings.identifiers import SURE_VALUES
from graphlink.ingest.suggest_settings.toml_text import listed, share_of

if TYPE_CHECKING:
    from graphlink.ingest.suggest_settings.preview import Column, Table


def choose_time(table: Table, account: str) -> Choice:
    """The column whose values read as the time of each row; every one that may be it is tried."""
    tried: list[tuple[tuple[bool, int, float], Column]] = []
    unread: list[str] = []
    for column in table.columns.values():
        name = names.plain_name(column.name)
        rank = names.rank_of(column.name, names.TIME)
        is_named = rank < len(names.TIME) or bool(re.fullmatch(names.END_TIME, name))
        if column.name == account or re.fullmatch(names.OTHER_TIME, name) or column.is_nested:
            continue
        share = column.time.share if column.time else 0.0
        if column.n_rows and not column.filled:
            unread += [column.name] if is_named else []
        elif not is_named and (
            share < SURE_VALUES or column.time is None or column.time.time_format[:5] == "epoch"
        ):
            continue
        elif column.filled and share < MOST:
            unread += [column.name]
        else:
            is_end = bool(re.fullmatch(names.END_TIME, name))
            tried.append(((is_end, rank, -share * len(column.filled)), column))
    if not tried:
        why = "no column looks like a time; without one, addresses are weak evidence"
        return Choice("", f"{why}; no format reads {listed(unread, 5)}" if unread else why)
    most = max(len(column.filled) for _, column in tried)
    # A column that is mostly empty is not the time of a row where another is filled.
    _, best = min((one for one in tried if 2 * len(one[1].filled) >= most), key=lambda one: one[0])
    return _describe_time(best, [column.name for _, column in tried if column is not best], unread)


def _is_number(column: Column) -> bool:
    """Whether it reads as a time only as a number, which may be an id as well."""
    return (
        column.time is None
        or column.time.time_format[:5] == "epoch"
        or column.time.time_format == "%Y%m%d%H%M%S"
    )


def _describe_time(column: Column, rivals: list[str], unread: list[str]) -> Choice:
    reasons: list[str] = []
    time = column.time
    if time is None:
        return Choice(column.name, "unsure: by its name; it has no rows yet")
    is_named = names.rank_of(column.name, names.TIME) < len(names.TIME)
    sure = "sure" if time.share == 1 and is_named and not time.rival else "likely"
    n, n_read = len(column.filled), round(time.share * len(column.filled))
    reasons.append(
        f"{sure}: {time.time_format or 'ISO 8601'} reads {share_of(n_read, n)} of the first values"
    )
    if time.rival:
        reasons.append(f"{time.rival} fits as well: check which is day and which is month")
    if len(column.filled) < column.n_rows:
        reasons.append(
            f"{share_of(column.n_rows - len(column.filled), column.n_rows)} of the first rows have none"
        )
    reasons += [f"{listed(rivals, 5)} would do as well"] if rivals else []
    reasons += [f"no format reads {listed(unread, 5)}"] if unread else []
    return Choice(column.name, "; ".join(reasons), time.time_format)


def folded_columns(table: Table, time: str) -> dict[str, str]:
    """The settings of rows that stand for several, each with its column; none of other rows."""
    until = table.fitting((names.UNTIL,))
    is_first = re.fullmatch("first_seen(_at)?", names.plain_name(time)) is not None
    if not (until and is_first):
        return {}
    moments = table.fitting((names.MOMENTS,))
    return {"until": until} | ({"moments": moments} if moments else {})


def choose_count(table: Table) -> str:
    """The column with the number of times each row counts; empty when there is none."""
    column = table.columns.get(table.fitting((names.COUNT,)))
    if column is None or not column.values:
        return ""
    return column.name if all(re.fullmatch(r"0*[1-9]\d{0,11}", value) for value in column.values) else ""
