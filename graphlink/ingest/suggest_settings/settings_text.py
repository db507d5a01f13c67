"""Files -> a commented `graphlink.toml` with suggested settings, for a person to read and correct.

A suggestion is made from the names of the columns and from the values of the first rows; each is written with
how sure it is. Columns that do not fit are listed in the file and on the terminal, never passed over: the
settings are tried on the sampled rows, by the engine that will read them. No value of the files gets into the
text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from graphlink.core.errors import InputError
from graphlink.ingest.suggest_settings import names
from graphlink.ingest.suggest_settings.account import choose_account
from graphlink.ingest.suggest_settings.choice import Chosen
from graphlink.ingest.suggest_settings.identifiers import choose_kinds
from graphlink.ingest.suggest_settings.lookups import choose_lookup
from graphlink.ingest.suggest_settings.preview import LeftOut, Table, look_at
from graphlink.ingest.suggest_settings.sections import (
    Section,
    accounts_section,
    left_out_section,
    lookup_section,
    source_section,
    terminal_line,
)
from graphlink.ingest.suggest_settings.tables import is_of_accounts, is_reference, is_truth, long_columns
from graphlink.ingest.suggest_settings.time import choose_time
from graphlink.ingest.suggest_settings.toml_text import toml_text
from graphlink.ingest.suggest_settings.trouble import nested_columns

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_HEAD = """\
# Settings of graphlink, suggested from the names of the columns and the first rows of each file.
# Read and correct them, then check them: graphlink check graphlink.toml
# Paths are relative to this file.
"""


_TAIL = """\
# To replace values by keyed hashes on ingest (list "account" to hash accounts too):
# [pseudonymize]
# kinds = ["email", "phone"]
# key_file = "graphlink.key"
"""


@dataclass
class Suggestion:
    """Suggested settings.

    Attributes:
        text: The settings file.
        lines: The section of each file, and why some are left out, for a terminal.
    """

    text: str = ""
    lines: list[str] = field(default_factory=list)


def suggest_settings(paths: Sequence[str | Path]) -> str:
    """Make the text of a `graphlink.toml` from a look at files (see `suggest`)."""
    return suggest(paths).text


def suggest(paths: Sequence[str | Path]) -> Suggestion:
    """Make the text of a `graphlink.toml` from a look at files.

    Args:
        paths: Files, folders and globs. They are written as they are given.

    Returns:
        Commented TOML (sources, the table of accounts, reference lists, and what is left out with the
        reason), and the same in a line per file.

    Raises:
        InputError: No file looks like a source of observations; gives the reason for each.
    """
    tables, left = look_at(paths)
    sections: list[Section] = []
    for table in tables:
        others = [other for other in tables if other is not table]
        made = sections_of(table, others)
        if made[0].section == "accounts" and any(one.section == "accounts" for one in sections):
            made = [left_out_section(LeftOut(table.path, "there is a table of accounts already"))]
        sections += made
    sections += [left_out_section(file) for file in left]
    if not any(one.section == "sources" for one in sections):
        raise InputError(_describe_failure(sections))
    sections = list(dict.fromkeys(sections))  # two sources may have one lookup
    order = ("sources", "lookups", "accounts", "references", "left out")
    body = [one.text for section in order for one in sections if one.section == section]
    lines = [one.line for section in order for one in sections if one.section == section]
    return Suggestion("\n".join([_HEAD, *body, _TAIL]), lines)


def _describe_failure(sections: list[Section]) -> str:
    lines = "".join(f"\n  {section.line}" for section in sections[:20])
    return (
        "none of the files looks like observations: no column of accounts with a column of identifiers (ip, "
        f"payment, client, email, ...) next to it; write graphlink.toml by hand{lines}"
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
        nested = nested_columns(table)
        why = f"{why}; {nested}: one row per record, with each of its fields a column" if nested else why
        return [left_out_section(LeftOut(table.path, why, tuple(table.columns)))]
    if is_life:
        sections = [accounts_section(table, account, kinds)]
        if kinds:
            sections.append(source_section(table, Chosen(account, time, kinds), describes_calls=False))
        return sections
    lookup = choose_lookup(table.columns[account.column], others, is_of_accounts)
    source = source_section(table, Chosen(account, time, kinds, long, lookup))
    return [source, lookup_section(lookup)] if lookup else [source]
