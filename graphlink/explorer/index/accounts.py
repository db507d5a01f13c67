"""The accounts: their cluster, role, times and status."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphlink.core.constraint_names import CANNOT_LINK, MUST_LINK
from graphlink.core.errors import ResultError
from graphlink.explorer.index.columns import (
    NEVER,
    UNDATED,
    Flags,
    Floats,
    Ints,
    Longs,
    coded,
    codes_among,
    filled_numbers,
    numbers_in,
    seconds_of,
    text_of,
)
from graphlink.explorer.index.names import Names
from graphlink.explorer.since import new_accounts, opened_after_closings

if TYPE_CHECKING:
    import datetime

    from numpy.typing import NDArray

    from graphlink.result.result import Result

ROLES = ("none", "fringe", "core")
CONSTRAINED_BY = (None, MUST_LINK, CANNOT_LINK)
_MEMBERSHIP = ("account_id", "cluster_id", "probability", "role", "constrained_by")
_COLUMNS = (
    "account_id", "created_at", "closed_at", "status", "is_abuse", "first_seen", "last_seen", "n",
    "n_identifiers",
)  # fmt: skip


@dataclass(frozen=True)
class Accounts:
    """The accounts: number to what is known; times in seconds since 1970, `NEVER` when not known.

    `is_harmless` means that the reason for which an account was closed is known and not abuse.
    """

    names: Names
    cluster: Ints
    probability: Floats
    role: NDArray[np.int8]
    constrained_by: NDArray[np.int8]
    created_at: Longs
    closed_at: Longs
    first_seen: Longs
    last_seen: Longs
    n: Longs
    n_identifiers: Longs
    status: Ints
    statuses: list[str | None]
    is_harmless: Flags
    is_new: Flags
    is_soon_after: Flags
    knows_reasons: bool

    @cached_property
    def span(self) -> tuple[int, int]:
        """First and last moment of the data, in seconds since 1970."""
        seen = self.first_seen[self.first_seen != NEVER]
        last = self.last_seen[self.last_seen != NEVER]
        return (int(seen.min()), int(last.max())) if len(seen) else (0, 0)

    def seconds_from_start(self, times: pa.Array) -> Ints:
        """Times as seconds from the first moment of the data; `UNDATED` where there is none."""
        seconds = seconds_of(times)
        elapsed = np.clip(seconds - self.span[0], UNDATED + 1, np.iinfo(np.int32).max)
        return np.where(seconds == NEVER, UNDATED, elapsed).astype(np.int32)

    def first_rows(self, left: Ints) -> Longs:
        """The first row of each account among rows sorted by account, and last the number of rows."""
        numbers = np.arange(len(self.names) + 1, dtype=np.int32)  # of another type `left` is copied
        return np.searchsorted(left, numbers).astype(np.int64)


def read_accounts(result: Result, since: Result | datetime.datetime | None) -> Accounts:
    """Read the accounts with their membership.

    Args:
        result: The finished run.
        since: What counts as new; see `new_accounts`.

    Raises:
        ResultError: The two tables do not hold the same accounts.
    """
    membership = result.table("membership", list(_MEMBERSHIP))
    table = result.table("accounts", [name for name in _COLUMNS if name != "account_id"])
    if len(membership) != len(table):
        raise ResultError("membership and accounts do not hold the same accounts; run it again")
    last_seen = seconds_of(table["last_seen"])
    first_seen, created_at = seconds_of(table["first_seen"]), seconds_of(table["created_at"])
    known = last_seen[last_seen != NEVER]
    last = int(known.max()) if len(known) else 0
    closed_at = seconds_of(table["closed_at"])
    is_harmless = pc.fill_null(pc.invert(table["is_abuse"]), fill_value=False).to_numpy()
    born = np.where(created_at == NEVER, first_seen, created_at)
    status, statuses = coded(table["status"])
    cluster_names = text_of(result.table("clusters", ["cluster_id"])["cluster_id"])
    cluster = numbers_in(membership["cluster_id"], cluster_names)
    is_new = new_accounts(result, since, born, last)
    abuse_at = np.where(is_harmless, NEVER, closed_at)
    return Accounts(
        names=Names(text_of(membership["account_id"])),
        cluster=cluster,
        probability=filled_numbers(membership["probability"], np.float64),
        role=codes_among(membership["role"], ROLES).astype(np.int8),
        constrained_by=codes_among(membership["constrained_by"], CONSTRAINED_BY).astype(np.int8),
        created_at=created_at,
        closed_at=closed_at,
        first_seen=first_seen,
        last_seen=last_seen,
        n=filled_numbers(table["n"], np.int64),
        n_identifiers=filled_numbers(table["n_identifiers"], np.int64),
        status=status,
        statuses=statuses,
        is_harmless=is_harmless,
        is_new=is_new if len(known) else np.zeros(len(membership), np.bool_),
        is_soon_after=opened_after_closings(cluster.astype(np.int64), born, abuse_at, NEVER),
        knows_reasons=table["is_abuse"].null_count < len(table),
    )
