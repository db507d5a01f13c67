"""Lineages of the clusters of a result that belongs to a workspace: names that stay when ids change."""

from __future__ import annotations

import re
from pathlib import Path

_RESULT = re.compile(r"R-(\d+)")


def lineage_names(result: Path) -> dict[str, str]:
    """Cluster to its lineage, such as K-4, where a result is one of a workspace; else nothing.

    Args:
        result: The folder of the result.

    Raises:
        WorkspaceError: The workspace can't be read.
    """
    place = Path(result).absolute()
    number = _RESULT.fullmatch(place.name)
    workspace = place.parent.parent
    if number is None or place.parent.name != "results" or not (workspace / "workspace.toml").is_file():
        return {}
    from graphlink.workspace.folder import open_folder
    from graphlink.workspace.lineage_names import lineages_of_run

    folder = open_folder(workspace)
    try:
        with folder.store.read() as rows:
            return lineages_of_run(rows, int(number[1]))
    finally:
        folder.store.close()
