"""Files -> a commented `graphlink.toml` with the best guesses, for a person to read and correct.

A guess is made from the names of the columns and from the values of the first rows; each is written with how
sure it is. What does not fit is said in the file and on the terminal, never passed over: the settings are
tried on the rows that were looked at, by the engine that will read them. No value of the files gets into the
text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from graphlink.core.errors import InputError
from graphlink.core.schema import ACCOUNTS
from graphlink.core.settings import Settings
from graphlink.ingest.sources.place import Wanted
from graphlink.ingest.suggest_settings import names
from graphlink.ingest.suggest_settings.columns import (
    Choice,
    choose_account,
    choose_count,
    choose_kinds,
    choose_time,
)
from graphlink.ingest.suggest_settings.nested import look_inside, said_nested
from graphlink.ingest.suggest_settings.preview import SAMPLED, TRUTH_FILE, LeftOut, Table, look_at
from graphlink.ingest.suggest_settings.toml_text import listed, share_of, toml_key, toml_text
from graphlink.ingest.suggest_settings.trial import rows_set_aside
from graphlink.ingest.time_formats import likely_format
from graphlink.kinds import KINDS, UncleanValue, clean_kind, kind_of, shown

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


@dataclass(frozen=True)
class _Part:
    section: str
    text: str
    line: str


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
    parts: list[_Part] = []
    for table in tables:
        others = [other for other in tables if other is not table]
        made = _describe(table, others)
        if made[0].section == "accounts" and any(part.section == "accounts" for part in parts):
            made = [_left_out(LeftOut(table.path, "there is a table of accounts already"))]
        parts += made
    parts += [_left_out(one) for one in left]
    if not any(part.section == "sources" for part in parts):
        raise InputError(_told_nothing(parts))
    order = ("sources", "accounts", "references", "left out")
    body = [part.text for section in order for part in parts if part.section == section]
    lines = [part.line for section in order for part in parts if part.section == section]
    return Guess("\n".join([_HEAD, *body, _TAIL]), lines)


def _told_nothing(parts: list[_Part]) -> str:
    told = "".join(f"\n  {part.line}" for part in parts[:20])
    return (
        "none of the files looks like observations: no column of accounts with a column of identifiers (ip, "
        f"payment, client, email, ...) beside it; write graphlink.toml by hand{told}"
    )


# --- what a table is ---------------------------------------------------------------------------------------


def _describe(table: Table, others: list[Table]) -> list[_Part]:
    """The sections that a table belongs to."""
    if table.file.suffix.lower() == ".mmdb" or _is_reference(table):
        text = f"[[references]]  # a reference list of addresses\npath = {toml_text(table.path)}\n"
        return [_Part("references", text, _line(table.path, "a reference list"))]
    if _is_truth(table):
        why = "it looks like a truth to score results with: graphlink evaluates with it"
        return [_left_out(LeftOut(table.path, why, tuple(table.columns)))]
    is_life = _is_of_accounts(table)
    account = choose_account(table, others, is_life=is_life)
    time = choose_time(table, account.column)
    lives = {table.fitting((pattern,)) for pattern in names.LIFE.values()} if is_life else set()
    kinds = choose_kinds(table, {account.column, "" if is_life else time.column, *lives})
    long = _long_columns(table)
    if not account.column or not (kinds or long or is_life):
        why = account.why if not account.column else "no column looks like an identifier"
        return [_left_out(_with_nested(table, why))]
    if is_life:
        parts = [_account_table(table, account, kinds)]
        return parts + ([_source(table, account, time, kinds, None)] if kinds else [])
    return [_source(table, account, time, kinds, long)]


def _is_reference(table: Table) -> bool:
    told = {names.plain_name(column) for column in table.columns}
    return (
        bool(told & {"label", "name", "type"})
        and bool(told & {*names.NETWORK, "asn"})
        and all(names.rank_of(column, names.ACCOUNT) > names.SURE_RANKS for column in table.columns)
    )


def _is_truth(table: Table) -> bool:
    if re.search(TRUTH_FILE, table.file.name, re.IGNORECASE):
        return True
    others = [name for name in table.columns if names.rank_of(name, names.ACCOUNT) == len(names.ACCOUNT)]
    return (
        len(others) < len(table.columns)
        and bool(others)
        and all(re.fullmatch(names.TRUTH, names.plain_name(name)) for name in others)
    )


def _is_of_accounts(table: Table) -> bool:
    """Whether a table has one row per account and says what becomes of it."""
    if _long_columns(table):
        return False
    says = [name for name, pattern in names.LIFE.items() if table.fitting((pattern,))]
    is_named = re.match(r"(accounts?|users?|customers?)\b", table.file.name, re.IGNORECASE)
    if len(says) < (1 if is_named else 2):
        return False
    account = choose_account(table, [], is_life=True).column
    if not account:
        return False
    column = table.columns[account]
    return len(column.distinct) == len(column.filled)


def _long_columns(table: Table) -> tuple[str, str] | None:
    """The columns of kind and value, where each row has one identifier."""
    kind, value = table.fitting(names.KIND_COLUMN), table.fitting(names.VALUE_COLUMN)
    if not (kind and value) or table.columns[value].is_nested:
        return None
    told = table.columns[kind].distinct
    # A metric has a type and a value too.
    is_known = any(_is_known(name) for name in told)
    return (kind, value) if is_known or names.plain_name(kind) == "kind" else None


def _is_known(name: str) -> bool:
    try:
        return clean_kind(name) in KINDS
    except UncleanValue:
        return False


def _with_nested(table: Table, why: str) -> LeftOut:
    nested = look_inside(table)
    if nested is None:
        return LeftOut(table.path, why, tuple(table.columns))
    advice = "\n".join(nested.advice)
    return LeftOut(table.path, f"{why}; {said_nested(nested)}; {advice}", tuple(table.columns))


# --- sections ----------------------------------------------------------------------------------------------


def _source(
    table: Table, account: Choice, time: Choice, kinds: dict[str, Choice], long: tuple[str, str] | None
) -> _Part:
    count = choose_count(table)
    lines = [
        "[[sources]]",
        f"path = {toml_text(table.path)}",
        f"account = {toml_text(account.column)}  # {account.why}",
        f"time = {toml_text(time.column)}  # {time.why}",
    ]
    lines += [f"time_format = {toml_text(time.time_format)}"] if time.time_format else []
    lines += ['time_zone = "UTC"  # of times that carry no zone'] if time.column else []
    lines += [f"count = {toml_text(count)}  # each row counts as often"] if count else []
    used = {account.column, time.column, count}
    if long:
        lines += [f"kind = {toml_text(long[0])}", f"value = {toml_text(long[1])}"]
        used |= set(long)
    else:
        lines += ["[sources.kinds]  # kind = column"]
        lines += [f"{toml_key(kind)} = {toml_text(one.column)}  # {one.why}" for kind, one in kinds.items()]
        used |= {one.column for one in kinds.values()}
    # Of a long source a column n is the count also where the settings name none.
    counted = count or ("n" if long and "n" in table.columns else "")
    trouble = [*_trouble(table, account, time, counted), *(_trouble_by_row(table, *long) if long else [])]
    lines += [f"# {line}" for line in (*trouble, *_further(table, used))]
    what = "kinds by row" if long else f"kinds {', '.join(shown(kind) for kind in kinds)}"
    when = f"time {shown(time.column)} ({time.time_format or 'ISO 8601'})" if time.column else "no time"
    sure = account.why.partition(":")[0]
    told = f"observations: account {shown(account.column)} ({sure}), {when}, {what}"
    return _Part("sources", "\n".join(lines) + "\n", _line(table.path, "; ".join([told, *trouble])))


def _trouble(table: Table, account: Choice, time: Choice, count: str) -> list[str]:
    """What the settings would set aside of the first rows."""
    if not table.rows:
        return ["it has no rows"]
    wanted = [
        Wanted("account", account.column, "account"),
        Wanted("seen_at", time.column, "time", is_needed=bool(time.column)),
        Wanted("n", count, "count", is_needed=bool(count)),
    ]
    reasons, refusal = rows_set_aside(table, wanted, time.time_format)
    if refusal:
        return [f"these settings are refused: {shown(refusal, 300)}"]
    if not reasons:
        return []
    return [f"of the first rows {_counted(reasons, table)} are set aside"]


def _counted(reasons: dict[str, int], table: Table) -> str:
    """How many of the first rows, and for which reasons."""
    told = ", ".join(f"{n:,} {reason}" for reason, n in sorted(reasons.items()))
    return f"{share_of(sum(reasons.values()), len(table.rows))}, for {told},"


def _trouble_by_row(table: Table, kind: str, value: str) -> list[str]:
    """What of the first rows names no kind, or is no clean value of the kind that it names."""
    reasons: dict[str, int] = {}
    for row in table.rows:
        try:
            kind_of(row[kind], Settings()).clean(row[value])
        except KeyError:
            reasons["null_value"] = reasons.get("null_value", 0) + 1
        except UncleanValue as error:
            reasons[error.reason] = reasons.get(error.reason, 0) + 1
    if not reasons:
        return []
    return [f"of the first rows {_counted(reasons, table)} have no usable kind and value"]


def _further(table: Table, used: set[str]) -> list[str]:
    """What else is to be said of a table: nested columns, those not used, and notes."""
    said = list(table.notes)
    nested = look_inside(table)
    if nested:
        said += [f"{said_nested(nested)}, which are not read"]
        said += [line for advice in nested.advice for line in advice.splitlines()]
    unused = [name for name in table.columns if name not in used]
    said += [f"not used: {listed(unused, 60)}"] if unused else []
    return said + ([f"looked at were the first {SAMPLED:,} rows"] if len(table.rows) >= SAMPLED else [])


def _account_table(table: Table, account: Choice, kinds: dict[str, Choice]) -> _Part:
    lines = [
        "[accounts]  # one row per account",
        f"path = {toml_text(table.path)}",
        f"account = {toml_text(account.column)}  # {account.why}",
    ]
    lives = {name: table.fitting((pattern,)) for name, pattern in names.LIFE.items()}
    lines += [f"{name} = {toml_text(column)}" for name, column in lives.items()]
    times = [column for name, column in lives.items() if name != "status" and column]
    found = likely_format([value for column in times for value in table.columns[column].filled])
    if found and found.time_format:
        lines.append(f"time_format = {toml_text(found.time_format)}")
    if found and found.rival:
        lines.append(f"# {found.rival} fits as well: check which is day and which is month")
    used = {account.column, *lives.values(), *(one.column for one in kinds.values())}
    others = [name for name, column in table.columns.items() if name not in used and not column.is_nested]
    # A column of the result can't be carried to it under the same name.
    attributes = [name for name in others if name not in ACCOUNTS.column_names]
    if attributes:
        lines.append(f"attributes = [{', '.join(map(toml_text, attributes))}]  # carried to the result")
    wanted = [Wanted("account", account.column, "account")]
    wanted += [Wanted(f"t{i}", column, "any_time") for i, column in enumerate(times)]
    reasons, refusal = rows_set_aside(table, wanted, found.time_format if found else "")
    trouble = [f"these settings are refused: {shown(refusal, 300)}"] if refusal else []
    trouble += [f"of the first rows {_counted(reasons, table)} are set aside"] if reasons else []
    lines += [f"# {line}" for line in trouble]
    told = "; ".join([f"the table of accounts: account {shown(account.column)}", *trouble])
    return _Part("accounts", "\n".join(lines) + "\n", _line(table.path, told))


def _left_out(one: LeftOut) -> _Part:
    columns = f"; its columns are {listed(list(one.columns), 60)}" if one.columns else ""
    first, *further = one.why.splitlines() or [""]
    told = [f"# left out: {toml_text(one.path)}: {first}", *(f"#   {line}" for line in further)]
    if columns:
        told.append(f"#   {columns[2:]}")
    return _Part("left out", "\n".join(told) + "\n", _line(one.path, f"left out: {one.why}"))


def _line(path: str, told: str) -> str:
    """A line of the terminal; what files hold is escaped in it."""
    lines = [shown(line, 2000) for line in told.splitlines()]
    return f"{shown(path, 200)}: " + "\n    ".join(lines)
