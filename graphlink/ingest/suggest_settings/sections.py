"""A table -> the section of the settings that reads it, and its line on the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphlink.core.schema import ACCOUNTS
from graphlink.ingest.sources.place import ColumnSpec
from graphlink.ingest.suggest_settings import names
from graphlink.ingest.suggest_settings.facts import choose_facts
from graphlink.ingest.suggest_settings.time import choose_count, folded_columns
from graphlink.ingest.suggest_settings.toml_text import listed, toml_key, toml_text
from graphlink.ingest.suggest_settings.trial import rows_rejected
from graphlink.ingest.suggest_settings.trouble import (
    coarse_kinds,
    counted_rows,
    further_notes,
    source_trouble,
    trouble_by_row,
)
from graphlink.ingest.time_formats import likely_format
from graphlink.kinds import shown

if TYPE_CHECKING:
    from graphlink.ingest.suggest_settings.choice import Choice, Chosen, LookupTable
    from graphlink.ingest.suggest_settings.preview import LeftOut, Table


@dataclass(frozen=True)
class Section:
    """A section of the settings: its heading, its text, and its line on the terminal."""

    section: str
    text: str
    line: str


def source_section(table: Table, chosen: Chosen, *, describes_calls: bool = True) -> Section:
    """The section of a source of observations.

    Args:
        table: The table.
        chosen: Its columns.
        describes_calls: Whether its rows are calls, which facts describe; those of accounts are not.
    """
    account, time, kinds, long, lookup = chosen
    count = choose_count(table)
    lines = [
        "[[sources]]",
        f"path = {toml_text(table.path)}",
        *_records_line(table),
        f"account = {toml_text(account.column)}  # {account.why}",
        *(
            [f"lookup = {toml_text(lookup_name(lookup))}  # which gives the account of each"]
            if lookup
            else []
        ),
        f"time = {toml_text(time.column)}  # {time.why}",
    ]
    lines += [f"time_format = {toml_text(time.time_format)}"] if time.time_format else []
    lines += ['time_zone = "UTC"  # of times that carry no zone'] if time.column else []
    folded = folded_columns(table, time.column)
    lines += [f"{name} = {toml_text(column)}" for name, column in folded.items()]
    lines += [f"count = {toml_text(count)}  # each row counts as often"] if count else []
    used = {account.column, time.column, count, *folded.values()}
    if long:
        lines += [f"kind = {toml_text(long[0])}", f"value = {toml_text(long[1])}"]
        used |= set(long)
    else:
        lines += ["[sources.kinds]  # kind = column"]
        lines += [f"{toml_key(kind)} = {_column_of(one)}  # {one.why}" for kind, one in kinds.items()]
        used |= {one.column for one in kinds.values()}
        facts = choose_facts(table, used) if describes_calls and not folded else {}
        lines += ["[sources.facts]  # describe calls, and link nobody"] if facts else []
        lines += [f"{toml_key(fact)} = {toml_text(one.column)}  # {one.why}" for fact, one in facts.items()]
        used |= {one.column for one in facts.values()}
    # Of a long source a column n is the count also where the settings name none.
    counted = count or ("n" if long and "n" in table.columns else "")
    coarse = [] if long else coarse_kinds(table, account.column, kinds)
    trouble = [
        *source_trouble(table, account, time, counted),
        *(trouble_by_row(table, *long) if long else []),
        *coarse,
    ]
    lines += [f"# {note}" for note in (*trouble, *further_notes(table, used))]
    what = "kinds by row" if long else f"kinds {', '.join(shown(kind) for kind in kinds)}"
    when = f"time {shown(time.column)} ({time.time_format or 'ISO 8601'})" if time.column else "no time"
    sure = account.why.partition(":")[0]
    line = f"observations: account {shown(account.column)} ({sure}), {when}, {what}"
    return Section("sources", "\n".join(lines) + "\n", terminal_line(table.path, "; ".join([line, *trouble])))


def lookup_name(lookup: LookupTable) -> str:
    """The name of a lookup: that of its file and of its column."""
    return f"{lookup.table.file.name.partition('.')[0]} by {lookup.id}"


def lookup_section(lookup: LookupTable) -> Section:
    """The section of a lookup table."""
    lines = [
        "[[lookups]]  # the account of each id",
        f"name = {toml_text(lookup_name(lookup))}",
        f"path = {toml_text(lookup.table.path)}",
        *_records_line(lookup.table),
        f"id = {toml_text(lookup.id)}",
        f"account = {toml_text(lookup.account)}",
    ]
    line = f"gives the account {shown(lookup.account)} of each {shown(lookup.id)}"
    return Section("lookups", "\n".join(lines) + "\n", terminal_line(lookup.table.path, line))


def _records_line(table: Table) -> list[str]:
    """The line on where the records of a document are."""
    return [f"records = {toml_text(table.records)}  # the list of records"] if table.records else []


def _column_of(choice: Choice) -> str:
    """The column of an identifier, with the value that is taken of lists in it."""
    if not choice.pick:
        return toml_text(choice.column)
    return f"{{ column = {toml_text(choice.column)}, pick = {toml_text(choice.pick)} }}"


def accounts_section(table: Table, account: Choice, kinds: dict[str, Choice]) -> Section:
    """The section of the table of accounts."""
    lines = [
        "[accounts]  # one row per account",
        f"path = {toml_text(table.path)}",
        *_records_line(table),
        f"account = {toml_text(account.column)}  # {account.why}",
    ]
    lives = {name: table.fitting((pattern,)) for name, pattern in names.LIFE.items()}
    lines += [f"{name} = {toml_text(column)}" for name, column in lives.items()]
    times = [column for name, column in lives.items() if name != "status" and column]
    time = likely_format([value for column in times for value in table.columns[column].filled])
    if time and time.time_format:
        lines.append(f"time_format = {toml_text(time.time_format)}")
    if time and time.rival:
        lines.append(f"# {time.rival} fits as well: check which is day and which is month")
    used = {account.column, *lives.values(), *(one.column for one in kinds.values())}
    others = [name for name, column in table.columns.items() if name not in used and not column.is_nested]
    # A column of the result can't be carried to it under the same name.
    attributes = [name for name in others if name not in ACCOUNTS.column_names]
    if attributes:
        lines.append(f"attributes = [{', '.join(map(toml_text, attributes))}]  # carried to the result")
    specs = [ColumnSpec("account", account.column, "account")]
    specs += [ColumnSpec(f"t{i}", column, "any_time") for i, column in enumerate(times)]
    reasons, refusal = rows_rejected(table, specs, time.time_format if time else "")
    trouble = [f"these settings are refused: {shown(refusal, 300)}"] if refusal else []
    trouble += [f"of the first rows {counted_rows(reasons, table)} are rejected"] if reasons else []
    lines += [f"# {note}" for note in trouble]
    line = "; ".join([f"the table of accounts: account {shown(account.column)}", *trouble])
    return Section("accounts", "\n".join(lines) + "\n", terminal_line(table.path, line))


def left_out_section(one: LeftOut) -> Section:
    """The comment on a file that no section reads."""
    columns = f"; its columns are {listed(list(one.columns), 60)}" if one.columns else ""
    first, *further = one.why.splitlines() or [""]
    lines = [f"# left out: {toml_text(one.path)}: {first}", *(f"#   {line}" for line in further)]
    if columns:
        lines.append(f"#   {columns[2:]}")
    return Section("left out", "\n".join(lines) + "\n", terminal_line(one.path, f"left out: {one.why}"))


def terminal_line(path: str, text: str) -> str:
    """A line of the terminal; content of files is escaped in it."""
    lines = [shown(line, 2000) for line in text.splitlines()]
    return f"{shown(path, 200)}: " + "\n    ".join(lines)
