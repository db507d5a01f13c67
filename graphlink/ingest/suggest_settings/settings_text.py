"""Files -> a commented `graphlink.toml` with the best guesses, for a person to read and correct.

A guess is made from the names of the columns and from the values of the first rows; each is written with how
sure it is. What does not fit is said in the file and on the terminal, never passed over: the settings are
tried on the rows that were looked at, by the engine that will read them. No value of the files gets into the
text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from graphlink.core.errors import InputError
from graphlink.ingest.suggest_settings import names
from graphlink.ingest.suggest_settings.account import choose_account
from graphlink.ingest.suggest_settings.identifiers import choose_kinds
from graphlink.ingest.suggest_settings.nested import look_inside, said_nested
from graphlink.ingest.suggest_settings.preview import LeftOut, Table, look_at
from graphlink.ingest.suggest_settings.sections import (
    Section,
    accounts_section,
    left_out_section,
    source_section,
    terminal_line,
)
from graphlink.ingest.suggest_settings.tables import is_of_accounts, is_reference, is_truth, long_columns
from graphlink.ingest.suggest_settings.time import choose_time
from graphlink.ingest.suggest_settings.toml_text import toml_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_HEAD = """\
# Settings of graphlink, guessed from the names of the columns and the first rows of each file.
# Read them, correct them, then look at what they give: graphlink check graphlink.toml
# Paths are relative to this file.
"""


_TAIL = """\
# To replace values by keyed hashes at the door (list "account" to hash accounts too):
# [pseudonymize]
# kinds = ["email", "phone"]
# key_file = "graphlink.key"
"""


@dataclass
class Guess:
    """Guessed settings.

    Attributes:
        text: The settings file.
        lines: What was made of each file, and why some are left out, for a terminal.
    """

    text: str = ""
    lines: list[str] = field(default_factory=list)


def guess_settings(paths: Sequence[str | Path]) -> str:
    """Make the text of a `graphlink.toml` from a look at files (see `guess`)."""
    return guess(paths).text


def guess(paths: Sequence[str | Path]) -> Guess:
    """Make the text of a `graphlink.toml` from a look at files.

    Args:
        paths: Files, folders and globs. They are written as they are given.

    Returns:
        Commented TOML (sources, the table of accounts, reference lists, and what is left out with the
        reason), and the same in a line per file.

    Raises:
        InputError: No file looks like a source of observations; says of each why.
    """
    tables, left = look_at(paths)
    parts: list[Section] = []
    for table in tables:
        others = [other for other in tables if other is not table]
        made = sections_of(table, others)
        if made[0].section == "accounts" and any(part.section == "accounts" for part in parts):
            made = [left_out_section(LeftOut(table.path, "there is a table of accounts already"))]
        parts += made
    parts += [left_out_section(one) for one in left]
    if not any(part.section == "sources" for part in parts):
        raise InputError(_told_nothing(parts))
    order = ("sources", "accounts", "references", "left out")
    body = [part.text for section in order for part in parts if part.section == section]
    lines = [part.line for section in order for part in parts if part.section == section]
    return Guess("\n".join([_HEAD, *body, _TAIL]), lines)


def _told_nothing(parts: list[Section]) -> str:
    told = "".join(f"\n  {part.line}" for part in parts[:20])
    return (
        "none of the files looks like observations: no column of accounts with a column of identifiers (ip, "
        f"payment, client, email, ...) beside it; write graphlink.toml by hand{told}"
    )


def sections_of(table: Table, others: list[Table]) -> list[Section]:
    """The sections that a table belongs to."""
    if table.file.suffix.lower() == ".mmdb" or is_reference(table):
        text = f"[[references]]  # a reference list of addresses\npath = {toml_text(table.path)}\n"
        return [Section("references", text, terminal_line(table.path, "a reference list"))]
    if is_truth(table):
        why = "it looks like a truth to score results with: graphlink evaluates with it"
        return [left_out_section(LeftOut(table.path, why, tuple(table.columns)))]
    is_life = is_of_accounts(table)
    account = choose_account(table, others, is_life=is_life)
    time = choose_time(table, account.column)
    lives = {table.fitting((pattern,)) for pattern in names.LIFE.values()} if is_life else set()
    kinds = choose_kinds(table, {account.column, "" if is_life else time.column, *lives})
    long = long_columns(table)
    if not account.column or not (kinds or long or is_life):
        why = account.why if not account.column else "no column looks like an identifier"
        return [left_out_section(with_nested(table, why))]
    if is_life:
        parts = [accounts_section(table, account, kinds)]
        return parts + ([source_section(table, account, time, kinds, None)] if kinds else [])
    return [source_section(table, account, time, kinds, long)]


def with_nested(table: Table, why: str) -> LeftOut:
    """A table left out, with how to flatten what is nested in it."""
    nested = look_inside(table)
    if nested is None:
        return LeftOut(table.path, why, tuple(table.columns))
    advice = "\n".join(nested.advice)
    return LeftOut(table.path, f"{why}; {said_nested(nested)}; {advice}", tuple(table.columns))
