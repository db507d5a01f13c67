"""The further columns of the table of accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphlink.explorer.index.loading import Index


def attributes_of(index: Index, members: NDArray[Any]) -> list[list[dict[str, Any]]]:
    """The further columns of the table of accounts, read for these accounts."""
    names = index.attribute_names
    if not names:
        return [[] for _ in members]
    accounts = index.accounts.names.texts(members)
    rows = rows_of(index.result.table("accounts", ["account_id", *names], {"account_id": accounts}))
    by_account = {row["account_id"]: row for row in rows}
    return [
        [{"name": name, "value": _as_json(by_account[account][name])} for name in names]
        for account in accounts
    ]


def _as_json(value: Any) -> Any:
    is_plain = value is None or isinstance(value, str | int | bool)
    is_finite = isinstance(value, float) and np.isfinite(value)
    return value if is_plain or is_finite else str(value)
