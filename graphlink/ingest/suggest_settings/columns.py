"""A table's columns -> its account, its time, its count and its identifiers, each with how sure that is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from graphlink.ingest.suggest_settings import names
from graphlink.ingest.suggest_settings.preview import NOTHING, Column, Table, reason_of
from graphlink.ingest.suggest_settings.toml_text import listed, share_of, toml_text
from graphlink.kinds import UncleanValue, clean_kind
from graphlink.kinds.card_numbers import is_card_number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MOST = 0.8  # share of the filled values that have to look alike
_SOME = 0.25  # share that suffices where the name says the same
_SURE_VALUES = 0.95  # share where no name says anything


class Choice(NamedTuple):
    """A column that was chosen.

    Attributes:
        column: Its name; empty where there is none.
        why: How sure that is, or why there is none, for a comment.
        time_format: Of a time.
        kind: Of an identifier.
    """

    column: str
    why: str
    time_format: str = ""
    kind: str = ""


# --- the account -------------------------------------------------------------------------------------------


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
    found = [
        _Candidate(column, rank, _joins(column, others))
        for column in table.columns.values()
        if (rank := names.rank_of(column.name, names.ACCOUNT)) < len(names.ACCOUNT) and _may_name(column)
    ]
    if not found:
        return Choice("", "no column looks like an account")
    best = min(found, key=lambda one: (_is_doubtful(one, found, is_life=is_life), one.rank, not one.joins))
    if best.rank == names.ROW_ID_RANK and best.column.is_unique and not (is_life or best.joins):
        return Choice(
            "",
            f"its only candidate for the account, {toml_text(best.column.name)}, differs in every row, as a "
            "row's own id does; name the account by hand if it is one",
        )
    return Choice(best.column.name, _how_sure(best, found))


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


def _is_doubtful(one: _Candidate, found: list[_Candidate], *, is_life: bool) -> bool:
    """Whether another candidate is likelier whatever the names say."""
    rest = [other for other in found if other is not one and other.rank <= names.ROW_ID_RANK]
    n = len(one.column.filled)
    if n * 2 < one.column.n_rows and any(
        len(other.column.filled) * 2 >= other.column.n_rows for other in rest
    ):
        return True  # empty where another is filled
    if n >= 20 and len(one.column.distinct) == 1 and any(len(other.column.distinct) > 1 for other in rest):
        return True  # the same in every row
    if is_life or not one.column.is_unique:
        return False
    is_id = one.rank == names.ROW_ID_RANK
    return any(not other.column.is_unique and (is_id or other.joins) for other in rest)


def _how_sure(best: _Candidate, found: list[_Candidate]) -> str:
    column = best.column
    repeats = bool(column.filled) and not column.is_unique
    reasons = ["by its name"]
    reasons += ["its values name accounts of another file too"] if best.joins else []
    reasons += ["its values repeat"] if repeats and not best.joins else []
    rivals = [one for one in found if one is not best and one.rank < names.ROW_ID_RANK]
    is_sure = best.rank < names.SURE_RANKS and (repeats or best.joins) and not rivals
    sure = "sure" if is_sure else "likely" if best.rank < names.SURE_RANKS or best.joins else "unsure"
    if column.n_rows > len(column.filled):
        n_empty = column.n_rows - len(column.filled)
        reasons.append(f"{share_of(n_empty, column.n_rows)} of the first rows name none and are set aside")
    if rivals:
        reasons.append(f"{listed([one.column.name for one in rivals], 5)} could be meant as well")
    return f"{sure}: {'; '.join(reasons)}"


# --- the time ----------------------------------------------------------------------------------------------


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
            share < _SURE_VALUES or column.time is None or column.time.time_format[:5] == "epoch"
        ):
            continue
        elif column.filled and share < MOST:
            unread += [column.name]
        else:
            is_end = bool(re.fullmatch(names.END_TIME, name))
            tried.append(((is_end, rank, -share * len(column.filled)), column))
    if not tried:
        why = "no column looks like a time; without one, addresses say little"
        return Choice("", f"{why}; no format reads {listed(unread, 5)}" if unread else why)
    most = max(len(column.filled) for _, column in tried)
    # A column that is mostly empty is not the time of a row where another is filled.
    _, best = min((one for one in tried if 2 * len(one[1].filled) >= most), key=lambda one: one[0])
    return _said_time(best, [column.name for _, column in tried if column is not best], unread)


def _is_number(column: Column) -> bool:
    """Whether it reads as a time only as a number, which may be an id as well."""
    return (
        column.time is None
        or column.time.time_format[:5] == "epoch"
        or column.time.time_format == "%Y%m%d%H%M%S"
    )


def _said_time(column: Column, rivals: list[str], unread: list[str]) -> Choice:
    said: list[str] = []
    told = column.time
    if told is None:
        return Choice(column.name, "unsure: by its name; it has no rows yet")
    is_named = names.rank_of(column.name, names.TIME) < len(names.TIME)
    sure = "sure" if told.share == 1 and is_named and not told.rival else "likely"
    n, n_read = len(column.filled), round(told.share * len(column.filled))
    said.append(f"{sure}: {told.time_format or 'ISO 8601'} reads {share_of(n_read, n)} of the first values")
    if told.rival:
        said.append(f"{told.rival} fits as well: check which is day and which is month")
    if len(column.filled) < column.n_rows:
        said.append(
            f"{share_of(column.n_rows - len(column.filled), column.n_rows)} of the first rows have none"
        )
    said += [f"{listed(rivals, 5)} would do as well"] if rivals else []
    said += [f"no format reads {listed(unread, 5)}"] if unread else []
    return Choice(column.name, "; ".join(said), told.time_format)


# --- the count ---------------------------------------------------------------------------------------------


def choose_count(table: Table) -> str:
    """The column that says how often each row counts; empty when there is none."""
    column = table.columns.get(table.fitting((names.COUNT,)))
    if column is None or not column.values:
        return ""
    return column.name if all(re.fullmatch(r"0*[1-9]\d{0,11}", value) for value in column.values) else ""


# --- identifiers -------------------------------------------------------------------------------------------


def choose_kinds(table: Table, taken: set[str]) -> dict[str, Choice]:
    """Kind to its column; of each kind the likeliest column, a further one is a kind of its own."""
    found: list[tuple[int, int, Choice]] = []
    for i, column in enumerate(table.columns.values()):
        if column.name in taken or re.fullmatch(names.COUNT, names.plain_name(column.name)):
            continue
        choice, order = _kind_of(table, column)
        if choice:
            found.append((order, i, choice))
    chosen: dict[str, Choice] = {}
    for _, _, choice in sorted(found, key=lambda one: one[:2]):
        if choice.kind == "ip" and "ip" in chosen and _is_listing(table.columns[choice.column]):
            first = toml_text(chosen["ip"].column)
            table.notes.append(f"{toml_text(choice.column)} holds lists of addresses; {first} is taken")
            continue
        name = choice.kind if choice.kind not in chosen else _own_kind(choice.column, choice.kind)
        # What a kind of its own takes differs from what the kind that it is like takes.
        why = _how_clean(name, table.columns[choice.column], choice.why)
        chosen.setdefault(name, choice._replace(why=why))
    order_of = {name: i for i, name in enumerate(table.columns)}
    return dict(sorted(chosen.items(), key=lambda item: order_of[item[1].column]))


def _kind_of(table: Table, column: Column) -> tuple[Choice | None, int]:
    """The kind of a column, and how early it gets its name: by name and values, by values, by name."""
    named = names.kind_by_name(column.name)
    valued = _kind_by_values(column)
    against = _against(column, named, valued)
    if against:
        table.notes.append(f"{toml_text(column.name)} {against}")
    if column.is_nested or names.is_about(column.name) or (column.n_rows and not column.filled):
        return None, 0
    holds_cards = named in ("", "payment") and _holds_cards(column)
    if (valued == "ip" and names.is_of_server(column.name)) or (holds_cards and not named):
        return None, 0
    if valued:
        order = 0 if valued == named else 1
        return Choice(column.name, "by its values", kind=valued), order
    if not named or (column.n_rows and not _fits_name(named, column)):
        return None, 0
    return Choice(column.name, "by its name", kind=named), 2


def _against(column: Column, named: str, valued: str) -> str:
    """What speaks against a column that is like an identifier."""
    if named and column.n_rows and not column.filled:
        return f"has no value in the first rows, so it is not taken for {named}"
    if named == "payment" and _holds_cards(column):
        return "holds full card numbers, which are set aside: send fingerprints"
    if valued == "ip" and names.is_of_server(column.name):
        return "holds addresses of the server's side, which everybody shares"
    if named and not valued and column.n_rows and not column.is_nested and not _fits_name(named, column):
        return f"is named like {named}, but its values are none"
    return ""


def _holds_cards(column: Column) -> bool:
    return any(is_card_number(value, is_payment=True) for value in column.values[:100])


def _kind_by_values(column: Column) -> str:
    told = [value for value in column.filled if not _is_list(value)]
    if told and _share(told, _is_address) >= MOST:
        return "ip"
    if (
        told
        and _share(told, lambda value: "@" in value and reason_of("email", value) in {"", *NOTHING}) >= MOST
    ):
        return "email"
    return ""


def _fits_name(kind: str, column: Column) -> bool:
    """Whether the values don't speak against what the name says."""
    if kind == "ip":
        told = [value for value in column.filled if not _is_list(value)]
        return _share(told, _is_address) >= _SOME if told else _share(column.filled, _is_list) >= MOST
    if kind == "payment":
        return True  # full numbers and the last four digits are set aside, and that is to be seen
    return _share(column.filled, lambda value: reason_of(kind, value) in {"", *NOTHING}) >= MOST


def _is_address(value: str) -> bool:
    return ("." in value or ":" in value) and reason_of("ip", value) in ("", "not_public_address")


def _is_listing(column: Column) -> bool:
    return _share(column.filled, _is_list) > 1 - MOST


def _is_list(value: str) -> bool:
    """Whether a value is a list of addresses, as proxies make of it: client, first proxy, second proxy."""
    parts = re.split(r"\s*[,;]\s*", value.strip())
    return len(parts) > 1 and all(
        _is_address(part.strip()) or reason_of("client", part) in NOTHING for part in parts
    )


def _how_clean(kind: str, column: Column, why: str) -> str:
    """How a kind was found, and what of the first values can't be used, by reason."""
    reasons: dict[str, int] = {}
    for value in column.values:
        reason = reason_of(kind, value)
        if reason:
            reason += " (lists of addresses)" if kind == "ip" and _is_list(value) else ""
            reasons[reason] = reasons.get(reason, 0) + 1
    said = [f"{share_of(n, len(column.values))} {reason}" for reason, n in sorted(reasons.items())]
    return why + (f"; of the first values not usable: {', '.join(said)}" if said else "")


def _share(values: Sequence[str], is_like: Callable[[str], bool]) -> float:
    return sum(1 for value in values if is_like(value)) / len(values) if values else 0.0


def _own_kind(column: str, kind: str) -> str:
    """A further column of a kind is a kind of its own, named after the column."""
    try:
        return clean_kind(names.plain_name(column)[:64])
    except UncleanValue:
        return f"{kind}_2"
