"""The columns of facts, which describe calls and identify nobody: by name, if the values fit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from graphlink.ingest.suggest_settings.choice import MOST, Choice, share
from graphlink.ingest.suggest_settings.names import plain_name
from graphlink.ingest.suggest_settings.toml_text import toml_text

if TYPE_CHECKING:
    from collections.abc import Collection

    from graphlink.ingest.suggest_settings.preview import Column, Table

_FACTS = {
    "model": r"((requested|served|llm|called)_)?model(_(id|name))?",
    "tokens": r"(n_)?((output|completion|generated|response|total)_)?tokens(_(out|output|total|generated))?",
    "pathway": r"(access_)?path(way)?|access_channel|channel|surface|entry_?point",
    "country": r"((client|request|ip)_)?country(_(code|iso))?",
    "score": r"((risk|content|abuse|safety|policy|moderation|classifier)_)?score",
}
"""Fact to the names of its columns."""
_MOST_CATEGORIES = 50  # different values in the first rows; more are no category, such as URLs with ids


def choose_facts(table: Table, taken: Collection[str]) -> dict[str, Choice]:
    """Fact to its column, of the columns that are nothing else."""
    chosen: dict[str, Choice] = {}
    for fact, pattern in _FACTS.items():
        for column in table.columns.values():
            is_named = re.fullmatch(pattern, plain_name(column.name)) is not None
            if column.name in taken or not is_named or column.is_nested or not column.filled:
                continue
            if not _fits(fact, column):
                table.notes.append(
                    f"{toml_text(column.name)} is named like {fact}, but its values do not fit"
                )
                continue
            chosen.setdefault(fact, Choice(column.name, "by its name"))
    return chosen


def _fits(fact: str, column: Column) -> bool:
    if fact == "tokens":
        return share(column.filled, _is_number) >= MOST
    if fact == "score":
        return share(column.filled, lambda value: _is_number(value) and 0 <= float(value) <= 1) >= MOST
    return len(column.distinct) <= _MOST_CATEGORIES


def _is_number(value: str) -> bool:
    return re.fullmatch(r"[0-9]{1,12}(\.[0-9]{0,17})?", value.strip(), re.ASCII) is not None
