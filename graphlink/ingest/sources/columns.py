"""Columns of a source: which are there, and which have a type that can be used."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from graphlink.core.errors import InputError
from graphlink.ingest.sources.times import NUMBER
from graphlink.ingest.time_formats import EPOCHS
from graphlink.storage.nested import flatten_hint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphlink.ingest.sources.place import ColumnSpec, Place
    from graphlink.ingest.sources.staged import Staged

Columns = dict[str, tuple[str, str]]  # column -> its type and the SQL that gives it


def repeated(names: Sequence[str]) -> Columns:
    """The names that more than one column has, as columns that can't be used."""
    return {name: ("REPEATED", "NULL") for name, n in Counter(names).items() if n > 1}


_NESTED = re.compile(r"(STRUCT|MAP|UNION|LIST|BIT|ARRAY|VARIANT|.*\[[0-9]*\]$)")


def warn_of_alike(staged: Staged, specs: Sequence[ColumnSpec], columns: Sequence[str]) -> None:
    """Warn of a column that was looked for by its default name and is there in another spelling only."""
    named = {spec.column for spec in specs}
    for spec in specs:
        if spec.is_needed or not spec.column or spec.column in columns:
            continue
        alike = [name for name in columns if name.lower() == spec.column.lower() and name not in named]
        listed = ", ".join(map(repr, alike))
        warning = (
            f"{staged.name}: no column {spec.column!r}, but {listed}, which is not read; name it in "
            "graphlink.toml if it is that"
        )
        if alike and warning not in staged.warnings:
            staged.warnings.append(warning)


def missing_message(column: str, columns: list[str], where: str, nested: Sequence[str] = ()) -> str:
    """The message of a missing column: the columns that are there, and which may be meant."""
    listed = ", ".join(columns[:40]) + (f" and {len(columns) - 40} more" if len(columns) > 40 else "")
    alike = [name for name in columns if name.strip().lower() == column.strip().lower()]
    hint = f"; is {alike[0]!r} meant?" if alike else flatten_hint(column, nested)
    return (
        f"{where}: no column {column!r}; the columns are {listed or '(none)'}{hint}; name the column in "
        "graphlink.toml (`graphlink init FILES...` writes one)"
    )


def check_type(place: Place, spec: ColumnSpec, kind: str, where: str) -> None:
    """Refuse a column that repeats a name, or whose type can't be used for its role."""
    column = f"{where}, column {spec.column!r}"
    if kind == "REPEATED":
        raise InputError(f"{column}: two columns have this name; rename one")
    if _NESTED.fullmatch(kind) or kind.startswith(("STRUCT", "MAP", "UNION")):
        raise InputError(
            f"{column}: type {kind} holds no single text; send one value per cell, or one row each"
        )
    if spec.role.endswith("time") and kind not in ("VARCHAR", "BLOB"):
        is_epoch = place.time_format.startswith("epoch")
        if NUMBER.fullmatch(kind) and not is_epoch:
            raise InputError(f"{column}: a number is no time yet; set time_format to {', '.join(EPOCHS)}")
        if kind == "FLOAT":
            raise InputError(
                f"{column}: type FLOAT has no digits for the seconds of an epoch; export it as DOUBLE or as "
                "whole numbers"
            )
        if not NUMBER.fullmatch(kind) and not kind.startswith(("TIMESTAMP", "DATE", '"NULL"')):
            raise InputError(
                f"{column}: type {kind} is no time; send ISO 8601, a timestamp or an epoch number"
            )
    if spec.role == "count" and kind not in ("VARCHAR", "BLOB") and not NUMBER.fullmatch(kind):
        raise InputError(f"{column}: type {kind} is no number of times")
