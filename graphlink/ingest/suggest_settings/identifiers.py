"""The columns of identifiers, by kind: by name and by values."""

from __future__ import annotations

import re

from graphlink.ingest.suggest_settings import names
from graphlink.ingest.suggest_settings.choice import MOST, SOME, Choice, share
from graphlink.ingest.suggest_settings.preview import NOTHING, Column, Table, reason_of
from graphlink.ingest.suggest_settings.toml_text import share_of, toml_text
from graphlink.kinds import UncleanValue, clean_kind
from graphlink.kinds.card_numbers import is_card_number

SURE_VALUES = 0.95  # share that is needed without a matching name


def choose_kinds(table: Table, taken: set[str]) -> dict[str, Choice]:
    """Kind to its column; of each kind the likeliest column, a further one is a kind of its own."""
    candidates: list[tuple[int, int, Choice]] = []
    for i, column in enumerate(table.columns.values()):
        if column.name in taken or re.fullmatch(names.COUNT, names.plain_name(column.name)):
            continue
        choice, order = _kind_of(table, column)
        if choice:
            candidates.append((order, i, choice))
    chosen: dict[str, Choice] = {}
    for _, _, choice in sorted(candidates, key=lambda one: one[:2]):
        if choice.kind == "ip" and "ip" in chosen and _is_listing(table.columns[choice.column]):
            first = toml_text(chosen["ip"].column)
            table.notes.append(f"{toml_text(choice.column)} holds lists of addresses; {first} is taken")
            continue
        name = choice.kind if choice.kind not in chosen else _own_kind(choice.column, choice.kind)
        # A kind of its own accepts other values than the kind that it is like.
        why = _how_clean(name, table.columns[choice.column], choice.why)
        chosen.setdefault(name, choice._replace(why=why))
    order_of = {name: i for i, name in enumerate(table.columns)}
    return dict(sorted(chosen.items(), key=lambda item: order_of[item[1].column]))


def _kind_of(table: Table, column: Column) -> tuple[Choice | None, int]:
    """The kind of a column, and how early it gets its name: by name and values, by values, by name."""
    named = names.kind_by_name(column.name)
    valued = _kind_by_values(column)
    against = _objection(column, named, valued)
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


def _objection(column: Column, named: str, valued: str) -> str:
    """The reason not to take a column that is like an identifier; empty without one."""
    if named and column.n_rows and not column.filled:
        return f"has no value in the first rows, so it is not taken for {named}"
    if named == "payment" and _holds_cards(column):
        return "holds full card numbers, which are rejected: send fingerprints"
    if valued == "ip" and names.is_of_server(column.name):
        return "holds addresses of the server's side, which everybody shares"
    if named and not valued and column.n_rows and not column.is_nested and not _fits_name(named, column):
        return f"is named like {named}, but its values are none"
    return ""


def _holds_cards(column: Column) -> bool:
    return any(is_card_number(value, is_payment=True) for value in column.values[:100])


def _kind_by_values(column: Column) -> str:
    values = [value for value in column.filled if not _is_list(value)]
    if values and share(values, _is_address) >= MOST:
        return "ip"
    if (
        values
        and share(values, lambda value: "@" in value and reason_of("email", value) in {"", *NOTHING}) >= MOST
    ):
        return "email"
    return ""


def _fits_name(kind: str, column: Column) -> bool:
    """Whether the values don't contradict the name."""
    if kind == "ip":
        values = [value for value in column.filled if not _is_list(value)]
        return share(values, _is_address) >= SOME if values else share(column.filled, _is_list) >= MOST
    if kind == "payment":
        return True  # full numbers and the last four digits are rejected, and that is to be seen
    return share(column.filled, lambda value: reason_of(kind, value) in {"", *NOTHING}) >= MOST


def _is_address(value: str) -> bool:
    return ("." in value or ":" in value) and reason_of("ip", value) in ("", "not_public_address")


def _is_listing(column: Column) -> bool:
    return share(column.filled, _is_list) > 1 - MOST


def _is_list(value: str) -> bool:
    """Whether a value is a list of addresses, as proxies make of it: client, first proxy, second proxy."""
    items = re.split(r"\s*[,;]\s*", value.strip())
    return len(items) > 1 and all(
        _is_address(item.strip()) or reason_of("client", item) in NOTHING for item in items
    )


def _how_clean(kind: str, column: Column, why: str) -> str:
    """How a kind was recognized, and how many of the first values can't be used, by reason."""
    reasons: dict[str, int] = {}
    for value in column.values:
        reason = reason_of(kind, value)
        if reason:
            reason += " (lists of addresses)" if kind == "ip" and _is_list(value) else ""
            reasons[reason] = reasons.get(reason, 0) + 1
    counts = [f"{share_of(n, len(column.values))} {reason}" for reason, n in sorted(reasons.items())]
    return why + (f"; of the first values not usable: {', '.join(counts)}" if counts else "")


def _own_kind(column: str, kind: str) -> str:
    """A further column of a kind is a kind of its own, named after the column."""
    try:
        return clean_kind(names.plain_name(column)[:64])
    except UncleanValue:
        return f"{kind}_2"
