"""Draws one large operator: wide and thin, many accounts of few requests each on few shared exits.

Its accounts share cards in small groups that overlap, come through a few of its exits each, and stand among
as many honest accounts that have homes and cards of their own.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

SEED = 7
DAYS = 45
REQUESTS = 30  # of an account
EXITS_EACH = 8
CARD_HOLDERS = 4  # of a card; each account has two
BEGIN = 1_772_409_600
END = datetime.datetime.fromtimestamp(BEGIN + DAYS * 86_400, datetime.UTC)


def write_operator(n_accounts: int, n_exits: int, log: Path) -> int:
    """Write the observations of an operator and of as many honest accounts; gives the number of rows."""
    draws = np.random.default_rng(SEED)
    columns: list[tuple[list[str], str, list[str], Ints]] = []
    names = [f"op-{i:06}" for i in range(n_accounts)]
    exits = draws.integers(n_exits, size=(n_accounts, EXITS_EACH))
    account = np.repeat(np.arange(n_accounts), REQUESTS)
    exit_no = exits[account, draws.integers(EXITS_EACH, size=len(account))]
    addresses = [f"45.{40 + i // 250 % 200}.{i % 250}.{1 + i % 200}" for i in range(n_exits)]
    at = BEGIN + draws.integers(DAYS * 86_400, size=len(account))
    columns.append(([names[i] for i in account], "ip", [addresses[i] for i in exit_no], at))
    order = np.stack([draws.permutation(n_accounts), draws.permutation(n_accounts)])
    for cards in order:
        values = [f"card-{draws.integers(1 << 40):011x}" for _ in range(n_accounts // CARD_HOLDERS + 1)]
        of = np.arange(n_accounts) // CARD_HOLDERS
        at = BEGIN + draws.integers(DAYS * 86_400, size=n_accounts)
        columns.append(([names[i] for i in cards], "payment", [values[i] for i in of], at))
    honest = [f"ho-{i:06}" for i in range(n_accounts)]
    home = [f"{60 + i // 62_500}.{i // 250 % 250}.{i % 250}.7" for i in range(n_accounts)]
    account = np.repeat(np.arange(n_accounts), REQUESTS)
    at = BEGIN + draws.integers(DAYS * 86_400, size=len(account))
    columns.append(([honest[i] for i in account], "ip", [home[i] for i in account], at))
    at = BEGIN + draws.integers(DAYS * 86_400, size=n_accounts)
    columns.append((honest, "payment", [f"own-{i:011x}" for i in range(n_accounts)], at))
    seconds = np.concatenate([one[3] for one in columns])
    table = pa.table({
        "account_id": [name for one in columns for name in one[0]],
        "kind": [one[1] for one in columns for _ in one[0]],
        "value": [value for one in columns for value in one[2]],
        "seen_at": pa.array(seconds * 1_000_000, pa.timestamp("us", "UTC")),
    })  # fmt: skip
    pq.write_table(table, log)
    return int(table.num_rows)
