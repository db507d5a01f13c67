"""The columns of identifiers, by kind: by name and by values."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from graphlink.ingest.suggest_settings import names
from graphlink.ingest.suggest_settings.choice import MOST, SOME, Choice, share
from graphlink.ingest.suggest_settings.preview import NOTHING, Column, Table, cleaned, reason_of
from graphlink.ingest.suggest_settings.toml_text import share_of, toml_text
from graphlink.kinds import UncleanValue, clean_kind
from graphlink.kinds.card_numbers import is_card_number

if TYPE_CHECKING:
    from collections.abc import Sequence

_LEAST_OPAQUE = 12  # letters and digits of an id that is unique by chance
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
    table.notes += _constant(table, [choice for _, _, choice in candidates])
    candidates = [one for one in candidates if not table.columns[one[2].column].is_constant]
    for _, _, choice in sorted(candidates, key=lambda one: one[:2]):
        if choice.kind == "ip" and "ip" in chosen and _is_listing(table.columns[choice.column]):
            first = toml_text(chosen["ip"].column)
            own = f"ip = {{ column = {toml_text(choice.column)}, pick = {toml_text(choice.pick)} }}"
            table.notes.append(
                f"{toml_text(choice.column)} holds lists of addresses; {first} is taken, unless that is your "
                f"own proxy: then {own}"
            )
            continue
        first = chosen[choice.kind].column if choice.kind in chosen else ""
        if first and _repeats(table, choice, first):
            table.notes.append(
                f"{toml_text(choice.column)} repeats {toml_text(first)}, so it is no second sign"
            )
            continue
        name = choice.kind if choice.kind not in chosen else _own_kind(choice.column, choice.kind)
        # A kind of its own accepts other values than the kind that it is like.
        why = _how_clean(name, table.columns[choice.column], choice)
        chosen.setdefault(name, choice._replace(why=why))
    order_of = {name: i for i, name in enumerate(table.columns)}
    return dict(sorted(chosen.items(), key=lambda item: order_of[item[1].column]))


def _constant(table: Table, choices: Sequence[Choice]) -> list[str]:
    """Notes on columns whose one value everybody has: it says nothing about who is who."""
    return [
        f"{toml_text(one.column)} has one value in all of the first rows, so it is not taken for {one.kind}"
        for one in choices
        if table.columns[one.column].is_constant
    ]


def _repeats(table: Table, choice: Choice, first: str) -> bool:
    """Whether a column has the same values as the first of its kind: two ways to write one fact."""
    pairs = [(row[first], row[choice.column]) for row in table.rows if first in row and choice.column in row]
    return (
        share([f"{a}\0{b}" for a, b in pairs], lambda pair: _is_same(choice.kind, *pair.split("\0", 1)))
        >= MOST
    )


def _is_same(kind: str, first: str, second: str) -> bool:
    return (cleaned(kind, first) or first) == (cleaned(kind, second) or second)


def _kind_of(table: Table, column: Column) -> tuple[Choice | None, int]:
    """The kind of a column, and how early it gets its name: by name and values, by values, by name."""
    named = names.kind_by_name(column.name)
    valued = _kind_by_values(column)
    against = _objection(column, named, valued)
    if against:
        table.notes.append(f"{toml_text(column.name)} {against}")
    if named == "ip" and not valued and share(column.filled, _is_list) >= MOST:
        valued = "ip"
    if (
        (column.is_nested and valued != "ip")
        or names.is_about(column.name)
        or (column.n_rows and not column.filled)
    ):
        return None, 0
    holds_cards = named in ("", "payment") and _holds_cards(column)
    if (valued == "ip" and names.is_of_server(column.name)) or (holds_cards and not named):
        return None, 0
    if valued:
        return _valued(column, named, valued)
    if not named or (column.n_rows and not _fits_name(named, column)):
        return None, 0
    if named == "client" and names.is_of_device(column.name) and share(column.filled, _is_opaque) >= MOST:
        # Before user agents and fingerprints, which the device determines.
        return Choice(column.name, "by its name, and values that name a device each", kind=named), 1
    return Choice(column.name, "by its name", kind=named), 4


def _valued(column: Column, named: str, valued: str) -> tuple[Choice, int]:
    """A column whose values decide; of addresses those that the server saw itself come first."""
    if valued == "ip" and _is_listing(column):
        pick, why = _pick(column)
        return Choice(column.name, why, kind=valued, pick=pick), 2
    choice = Choice(column.name, "by its values", kind=valued)
    if valued == "ip" and share(column.filled, _is_public) < SOME:  # proxies of the provider itself
        return choice, 3
    return choice, 0 if valued == named else 1


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


def _is_opaque(value: str) -> bool:
    """Whether a value is a long id that nobody chose, such as a UUID or a digest, and no name of a model."""
    compact = re.sub(r"[-_:]", "", value)
    is_mixed = any(sign.isdigit() for sign in compact) and any(sign.isalpha() for sign in compact)
    return len(compact) >= _LEAST_OPAQUE and compact.isalnum() and is_mixed


def _is_address(value: str) -> bool:
    return ("." in value or ":" in value) and reason_of("ip", value) in ("", "not_public_address")


def _is_listing(column: Column) -> bool:
    return share(column.filled, _is_list) > 1 - MOST


def _is_list(value: str) -> bool:
    """Whether a value is a list of addresses, as proxies make of it: client, first proxy, second proxy."""
    items = _items(value)
    is_json = value.startswith("[") and bool(items)
    return (len(items) > 1 or is_json) and all(
        _is_address(item.strip()) or reason_of("client", item) in NOTHING for item in items
    )


def _items(value: str) -> list[str]:
    """The values of a list in a text: a list of JSON, or with commas or semicolons between."""
    if value.startswith("["):
        try:
            items = json.loads(value)
        except (ValueError, RecursionError):
            items = []
        if isinstance(items, list):
            return [item for item in items if isinstance(item, str)]
    return re.split(r"\s*[,;]\s*", value.strip())


def _pick(column: Column) -> tuple[str, str]:
    """Which address of a list is taken, and why.

    The client may have sent the first ones itself; the last was seen by the last proxy. Where the last ones
    are few, they are those of proxies in front of the provider's own.
    """
    public = [items for value in column.filled if (items := [*filter(_is_public, _items(value))])]
    first, last = ({items[end] for items in public} for end in (0, -1))
    if 2 * len(last) < len(first):
        return (
            "first_public",
            "lists of addresses; the last ones are few, so the first is taken; clients can forge it",
        )
    return "last_public", "lists of addresses; the last is the one that clients can't forge"


def _is_public(value: str) -> bool:
    return reason_of("ip", value) == ""


def _how_clean(kind: str, column: Column, choice: Choice) -> str:
    """How a kind was recognized, and how many of the first values can't be used, by reason."""
    reason_in = _reason_of_any if choice.pick else reason_of
    reasons: dict[str, int] = {}
    for value in column.values:
        reason = reason_in(kind, value)
        if reason:
            reason += " (lists of addresses)" if kind == "ip" and _is_list(value) else ""
            reasons[reason] = reasons.get(reason, 0) + 1
    counts = [f"{share_of(n, len(column.values))} {reason}" for reason, n in sorted(reasons.items())]
    return choice.why + (f"; of the first values not usable: {', '.join(counts)}" if counts else "")


def _reason_of_any(kind: str, value: str) -> str:
    """Why a value can't be used, or of a list of addresses why none of them can; empty when one can."""
    if kind == "ip" and _is_list(value):
        return min((reason_of(kind, item) for item in _items(value)), key=len)
    return reason_of(kind, value)


def _own_kind(column: str, kind: str) -> str:
    """A further column of a kind is a kind of its own, named after the column."""
    try:
        return clean_kind(names.plain_name(column)[:64])
    except UncleanValue:
        return f"{kind}_2"
