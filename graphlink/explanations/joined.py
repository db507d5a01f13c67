"""Who joined a cluster: when each account was opened, what ties it, and after whose closing it was opened.

An operator whose accounts are closed comes back with new ones, so whoever joined is the news of a cluster,
not how many accounts it has lost meanwhile.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from graphlink.core.wording.returns import lag_words, tied_by_words
from graphlink.explanations.returns import RETURN_LAG
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

LONGEST_LAG = dt.timedelta(days=30)
"""How long after a closing an opening is still named with it; both times are shown, so it claims nothing."""
JOINED_RULE = (
    f"Soon after a closing: opened within {RETURN_LAG.days} days after another member was closed for abuse "
    "(for any reason where no reason is known). The holder of a closed account may have come back with it, "
    "but in a cluster with many closings most accounts are opened soon after one by chance. The closed "
    f"member that is named is the one closed last before the opening, within {LONGEST_LAG.days} days."
)
"""What the columns of a table of accounts that joined mean."""

_ENDS = ("account_id_l", "account_id_r")


@dataclass(frozen=True, slots=True)
class Joined:
    """An account that joined a cluster.

    Attributes:
        account_id: The account.
        opened: When it was opened, or first seen where that is not known; None when neither is.
        is_open: Whether it is still open.
        role: core or fringe.
        probability: That it belongs to the cluster.
        tie_kind: Kind of what ties it most to those who were there before, or, where nothing does, to others
            that joined; empty where no evidence in the cluster touches it.
        tie_value: The identifier; empty for a joint behaviour.
        n_tied: Members that share it.
        after: The member closed last before it was opened, within 30 days: closed for abuse, or for any
            reason where no reason is known; empty when there is none.
        after_closed_at: When that was.
        is_soon_after: Whether it was opened within 3 days after that closing; see `explanations.returns` for
            how many are by chance.
    """

    account_id: str
    opened: dt.datetime | None
    is_open: bool
    role: str
    probability: float
    tie_kind: str
    tie_value: str
    n_tied: int
    after: str
    after_closed_at: dt.datetime | None
    is_soon_after: bool

    @property
    def is_news(self) -> bool:
        """Whether somebody should look: it is a core member and still open."""
        return self.is_open and self.role == "core"

    @property
    def tied_by(self) -> str:
        """What ties it, and with how many members, for people; empty where nothing does."""
        return tied_by_words(self.tie_kind, self.tie_value, self.n_tied)

    @property
    def lag(self) -> str:
        """How long after the closing it was opened, for people; empty where there is none."""
        if self.opened is None or self.after_closed_at is None:
            return ""
        return lag_words(self.after_closed_at, self.opened)


def find_joined(
    members: pa.Table,
    evidence: pa.Table,
    joined: Collection[str],
    described: Collection[str] | None = None,
) -> tuple[Joined, ...]:
    """Describe the accounts that joined a cluster: those opened soon after a closing first, then the latest.

    Args:
        members: Its accounts: account_id, role, probability, created_at, first_seen, closed_at, is_abuse.
        evidence: Evidence between its accounts: account_id_l, account_id_r, kind, value, contribution_bits.
        joined: Those that joined.
        described: Those of them to describe, all by default; only evidence that touches them is needed.
    """
    rows = rows_of(members)
    wanted = set(joined if described is None else described)
    ties = _strongest_ties(evidence, set(joined), wanted)
    closings = closings_of(rows)
    described_rows = [
        _described(row, ties.get(row["account_id"], ("", "", 0)), closings)
        for row in rows
        if row["account_id"] in wanted
    ]
    return tuple(
        sorted(described_rows, key=lambda one: (not one.is_soon_after, -_seconds(one.opened), one.account_id))
    )


def closings_of(rows: Iterable[Mapping[str, Any]]) -> list[tuple[dt.datetime, str]]:
    """The closings of a cluster after which an opening may be a return, in order, each with its account.

    Args:
        rows: Its accounts: account_id, closed_at, is_abuse.
    """
    return sorted(
        (row["closed_at"], row["account_id"])
        for row in rows
        if row["closed_at"] is not None and row.get("is_abuse") is not False
    )


def _described(
    row: Mapping[str, Any], tie: tuple[str, str, int], closings: Sequence[tuple[dt.datetime, str]]
) -> Joined:
    opened = row["created_at"] or row["first_seen"]
    closed_at, after = _closed_before(opened, row["account_id"], closings)
    return Joined(
        account_id=row["account_id"],
        opened=opened,
        is_open=row["closed_at"] is None,
        role=row["role"],
        probability=row["probability"],
        tie_kind=tie[0],
        tie_value=tie[1],
        n_tied=tie[2],
        after=after,
        after_closed_at=closed_at,
        is_soon_after=opened is not None and closed_at is not None and opened - closed_at <= RETURN_LAG,
    )


def _closed_before(
    opened: dt.datetime | None, account: str, closings: Sequence[tuple[dt.datetime, str]]
) -> tuple[dt.datetime | None, str]:
    """The last closing at or before an opening, not of the account itself and not too long ago."""
    place = 0 if opened is None else bisect_right(closings, opened, key=lambda closing: closing[0])
    for closed_at, closed in reversed(closings[:place]):
        if opened is None or opened - closed_at > LONGEST_LAG:
            break
        if closed != account:
            return closed_at, closed
    return None, ""


def _strongest_ties(
    evidence: pa.Table, joined: set[str], wanted: set[str]
) -> dict[str, tuple[str, str, int]]:
    """Of each wanted account, the kind and value that tie it most, and to how many members."""
    is_new = [_is_among(evidence[end], joined) for end in _ENDS]
    is_own = is_new if wanted == joined else [_is_among(evidence[end], wanted) for end in _ENDS]
    halves = []
    for i, own in enumerate(_ENDS):
        rows = evidence.filter(is_own[i])
        others = is_new[1 - i].filter(is_own[i])
        columns = {name: rows[name] for name in ("kind", "value", "contribution_bits")}
        halves.append(pa.table({"account_id": rows[own], "is_other_new": others, **columns}))
    summed = (
        pa.concat_tables(halves)
        .group_by(["account_id", "is_other_new", "kind", "value"], use_threads=False)
        .aggregate([("contribution_bits", "sum"), ("contribution_bits", "count")])
    )
    order = [
        ("account_id", "ascending"),
        ("is_other_new", "ascending"),
        ("contribution_bits_sum", "descending"),
    ]
    strongest: dict[str, tuple[str, str, int]] = {}
    for row in rows_of(summed.sort_by([*order, ("kind", "ascending"), ("value", "ascending")])):
        if row["contribution_bits_sum"] > 0:
            strongest.setdefault(
                row["account_id"], (row["kind"], row["value"], row["contribution_bits_count"])
            )
    return strongest


def _is_among(accounts: pa.ChunkedArray, wanted: set[str]) -> pa.ChunkedArray:
    return pc.is_in(accounts, value_set=pa.array(sorted(wanted), pa.string()))


def _seconds(moment: dt.datetime | None) -> float:
    return float("-inf") if moment is None else moment.timestamp()
