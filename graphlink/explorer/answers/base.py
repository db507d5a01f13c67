"""What all answers of the API have in common."""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

Row = TypeVar("Row")


class Answer(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An object of an answer: these fields, all of them, and no others."""


class Page(Answer, Generic[Row]):
    """Rows of a table from an offset on."""

    rows: list[Row]
    total: int
    offset: int
    limit: int
