"""Names of lineages, and what a lineage goes on as after merges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.core.errors import WorkspaceError

if TYPE_CHECKING:
    from graphlink.workspace.store import Reading

_MOST_NUMBER = 1 << 31  # the columns of the database hold no larger one
_MOST_DIGITS = 10


def lineage_number(text: str) -> int:
    """The number of a lineage by its name, such as K-417.

    Raises:
        WorkspaceError: It is no name of a lineage.
    """
    digits = text.removeprefix("K-").removeprefix("k-")
    is_number = digits.isascii() and digits.isdecimal() and len(digits) <= _MOST_DIGITS
    if not is_number or int(digits) >= _MOST_NUMBER:
        raise WorkspaceError(f"{text[:40]!r} is no lineage; expected a name such as K-417")
    return int(digits)


def resolve(rows: Reading, number: int) -> int:
    """The lineage that goes on with a lineage: itself, or what it was merged into in the end.

    Raises:
        WorkspaceError: There is no such lineage.
    """
    seen: set[int] = set()
    while number not in seen:
        seen.add(number)
        row = rows.row("lineages", lineage_no=number)
        if row is None:
            raise WorkspaceError(f"no lineage K-{number}; `graphlink lineage` lists them")
        if row["merged_into"] is None:
            return number
        number = row["merged_into"]
    return number


def lineages_of_run(rows: Reading, run_no: int) -> dict[str, str]:
    """Cluster of a run to its lineage, such as K-4."""
    placed = rows.rows("placements", run_no=run_no)
    return {row["cluster_id"]: f"K-{row['lineage_no']}" for row in placed if row["lineage_no"] is not None}
