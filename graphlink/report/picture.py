"""The small drawing of a page: the surest accounts and the strongest ties among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphlink.report.model import Picture, Tie
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphlink.report.blocks import ClusterTables

_N_DRAWN_ACCOUNTS = 36
_N_DRAWN_TIES = 12
_N_DRAWN_PAIRS = 40

_Hold = tuple[str, int, float]  # an account, the place of a tie that it holds, and bits


def draw_picture(tables: ClusterTables, ties: Sequence[Tie], members: Sequence[Mapping[str, Any]]) -> Picture:
    """Choose what a small drawing shows.

    Args:
        tables: The tables of the cluster.
        ties: Its ties, the strongest first.
        members: The rows of its accounts.
    """
    roles = {row["account_id"]: row["role"] for row in members}
    holds = _holds_of_drawn_ties(tables, ties)
    rows = rows_of(tables.joint.slice(0, 4 * _N_DRAWN_PAIRS))
    numbers = {name: i for i, name in enumerate(_surest(holds, rows, roles))}
    drawn = [(numbers[account], tie, round(bits, 6)) for account, tie, bits in holds if account in numbers]
    places = tuple(sorted({tie for _, tie, _ in drawn}))
    return Picture(
        tuple((name, roles.get(name, "")) for name in numbers),
        places,
        tuple(drawn),
        _pairs(rows, numbers),
        _left_out(len(members) - len(numbers), tables.ties.num_rows - len(places)),
    )


def _holds_of_drawn_ties(tables: ClusterTables, ties: Sequence[Tie]) -> list[_Hold]:
    """Who holds the strongest ties that are identifiers."""
    strongest = [i for i, tie in enumerate(ties) if tie.value and tie.bits > 0][:_N_DRAWN_TIES]
    places = {(ties[i].kind, ties[i].value): i for i in strongest}
    columns = (tables.holds[name].to_pylist() for name in ("account_id", "kind", "value", "bits"))
    return [
        (account, places[kind, value], bits)
        for account, kind, value, bits in zip(*columns, strict=True)
        if (kind, value) in places and bits > 0
    ]


def _surest(
    holds: Sequence[_Hold], pairs: Sequence[Mapping[str, Any]], roles: Mapping[str, str]
) -> list[str]:
    """The accounts that are drawn: core ones first, then those that hold most."""
    strength: dict[str, float] = {}
    for account, _, bits in holds:
        strength[account] = strength.get(account, 0.0) + bits
    for row in pairs:
        for end in ("account_id_l", "account_id_r"):
            strength.setdefault(row[end], 0.0)
    order = sorted(strength, key=lambda name: (roles.get(name) != "core", -round(strength[name], 6), name))
    return order[:_N_DRAWN_ACCOUNTS]


def _pairs(
    rows: Sequence[Mapping[str, Any]], numbers: Mapping[str, int]
) -> tuple[tuple[int, int, str, float], ...]:
    """The joint behaviours between accounts that are drawn."""
    pairs = []
    for row in rows:
        left, right = numbers.get(row["account_id_l"]), numbers.get(row["account_id_r"])
        if left is not None and right is not None and row["contribution_bits"] > 0:
            pairs.append((left, right, str(row["kind"]), round(row["contribution_bits"], 6)))
    return tuple(pairs[:_N_DRAWN_PAIRS])


def _left_out(n_accounts: int, n_ties: int) -> str:
    counts = [f"{n:,} {what}" for n, what in ((n_accounts, "accounts"), (n_ties, "weaker ties")) if n > 0]
    return f"Not drawn: {' and '.join(counts)}." if counts else ""
