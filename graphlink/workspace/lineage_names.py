"""Names of lineages, and what a lineage goes on as after merges."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from graphlink.core.errors import WorkspaceError
from graphlink.storage.remote import StoredPath

if TYPE_CHECKING:
    from graphlink.result.result import Result
    from graphlink.workspace.store import Reading

_MOST_NUMBER = 1 << 31  # the columns of the database hold no larger one
_MOST_DIGITS = 10
_RESULT = re.compile(r"R-(\d+)")


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


def lineages_of_result(result: str | Path | StoredPath) -> dict[str, str]:
    """Cluster to its lineage, such as K-4, where a result is one of a workspace; else nothing.

    Args:
        result: The folder of the result; at an address it is of no workspace.

    Raises:
        WorkspaceError: The workspace can't be read.
    """
    if isinstance(result, StoredPath):
        return {}
    place = Path(result).absolute()
    number = _RESULT.fullmatch(place.name)
    workspace = place.parent.parent
    if number is None or place.parent.name != "results" or not (workspace / "workspace.toml").is_file():
        return {}
    from graphlink.workspace.folder import open_folder

    folder = open_folder(workspace)
    try:
        with folder.store.read() as rows:
            return lineages_of_run(rows, int(number[1]))
    finally:
        folder.store.close()


def lineages_shown(result: Result, shown: Result) -> dict[str, str]:
    """Cluster, as a view of a result names it, to its lineage; nothing where the result is of no workspace.

    A lineage stays from run to run, whatever the key: who may not see where the input came from does not see
    it either, since it joins what two keys keep apart.

    Args:
        result: The result.
        shown: What its readers see of it: the result itself, or a redacted view.
    """
    from graphlink.result.profiles import NONE
    from graphlink.result.redaction import Redacted

    names = lineages_of_result(result.path)
    if not isinstance(shown, Redacted):
        return names
    if shown.profile.provenance == NONE:
        return {}
    return {shown.name_of_cluster(cluster): name for cluster, name in names.items()}
