"""Tables whose rows name an account by an id of another table -> the lookup that gives the account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.ingest.suggest_settings.account import choose_account
from graphlink.ingest.suggest_settings.choice import LookupTable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphlink.ingest.suggest_settings.preview import Column, Table

_LEAST = 0.5  # share of the ids of a table that the lookup has to know
_FEWEST = 3  # ids in common; fewer may be so by chance


def choose_lookup(
    ids: Column, others: Sequence[Table], is_of_accounts: Callable[[Table], bool]
) -> LookupTable | None:
    """The table that has each id of a column once, with the account beside it; None where none has.

    Args:
        ids: The column that was taken for the account of a table.
        others: The other tables.
        is_of_accounts: Whether a table has one row per account.
    """
    for other in others:
        account = choose_account(other, [], is_life=is_of_accounts(other)).column
        if not account or ids.distinct & other.columns[account].distinct:
            continue
        for column in other.columns.values():
            n_common = len(ids.distinct & column.distinct)
            is_key = column.name != account and column.is_unique
            if is_key and n_common >= max(_FEWEST, _LEAST * len(ids.distinct)):
                return LookupTable(other, column.name, account)
    return None
