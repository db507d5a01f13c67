"""What a table is: observations by row or by column, accounts, a truth, a reference list."""

from __future__ import annotations

import re

from graphlink.ingest.suggest_settings import names
from graphlink.ingest.suggest_settings.account import choose_account
from graphlink.ingest.suggest_settings.preview import TRUTH_FILE, Table
from graphlink.kinds import UncleanValue, clean_kind, is_known


def is_reference(table: Table) -> bool:
    """Whether a table is a reference list of networks."""
    plain = {names.plain_name(column) for column in table.columns}
    return (
        bool(plain & {"label", "name", "type"})
        and bool(plain & {*names.NETWORK, "asn"})
        and all(names.rank_of(column, names.ACCOUNT) > names.SURE_RANKS for column in table.columns)
    )


def is_truth(table: Table) -> bool:
    """Whether a table holds which accounts are one operator's."""
    if re.search(TRUTH_FILE, table.file.name, re.IGNORECASE):
        return True
    others = [name for name in table.columns if names.rank_of(name, names.ACCOUNT) == len(names.ACCOUNT)]
    return (
        len(others) < len(table.columns)
        and bool(others)
        and all(re.fullmatch(names.TRUTH, names.plain_name(name)) for name in others)
    )


def is_of_accounts(table: Table) -> bool:
    """Whether a table has one row per account, with columns of its creation, closing or status."""
    if long_columns(table):
        return False
    lives = [name for name, pattern in names.LIFE.items() if table.fitting((pattern,))]
    is_named = re.match(r"(accounts?|users?|customers?)\b", table.file.name, re.IGNORECASE)
    if len(lives) < (1 if is_named else 2):
        return False
    account = choose_account(table, [], is_life=True).column
    if not account:
        return False
    column = table.columns[account]
    return len(column.distinct) == len(column.filled)


def long_columns(table: Table) -> tuple[str, str] | None:
    """The columns of kind and value, where each row has one identifier."""
    kind, value = table.fitting(names.KIND_COLUMN), table.fitting(names.VALUE_COLUMN)
    if not (kind and value) or table.columns[value].is_nested:
        return None
    listed = table.columns[kind].distinct
    # A metric has a type and a value too.
    is_known = any(_is_kind(name) for name in listed)
    return (kind, value) if is_known or names.plain_name(kind) == "kind" else None


def _is_kind(name: str) -> bool:
    try:
        return is_known(clean_kind(name))
    except UncleanValue:
        return False
