"""Snapshots: the evidence about a cluster as it stood when a decision was proposed, named by its SHA-256."""

from __future__ import annotations

import datetime
import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from graphlink.core.errors import WorkspaceError
from graphlink.core.small_files import read_regular
from graphlink.storage.arrow_values import rows_of
from graphlink.storage.atomic import write_whole_file
from graphlink.workspace.audit import without_name
from graphlink.workspace.chain import canonical, digest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from graphlink.result.result import Result
    from graphlink.workspace.folder import Folder
    from graphlink.workspace.store import Writing

_OF_CLUSTER = ("clusters", "hypotheses", "signals", "facts", "reasons")
_MOST_LINKS = 20_000  # the strongest; a cluster with more is decided by its reasons
_MOST_BYTES = 1 << 30
_ENDS = ("account_id_l", "account_id_r")


def evidence_of(result: Result, cluster_id: str, more: Mapping[str, object]) -> dict[str, Any]:
    """Collect what a result states of a cluster, as plain JSON.

    Args:
        result: The result.
        cluster_id: The cluster.
        more: What is added to it, such as the lineage and the estimated collateral.

    Raises:
        NotFoundError: There is no such cluster.
    """
    result.check_cluster(cluster_id)
    where = {"cluster_id": [cluster_id]}
    tables = {name: rows_of(result.table(name, where=where)) for name in _OF_CLUSTER}
    tables["membership"] = rows_of(result.table("membership", where=where))
    members = [row["account_id"] for row in tables["membership"]]
    tables["accounts"] = rows_of(result.table("accounts", where={"account_id": members}))
    links = result.table("links", where=dict.fromkeys(_ENDS, members))
    strongest = links.sort_by([("bits", "descending"), *((end, "ascending") for end in _ENDS)])
    tables["links"] = rows_of(strongest.slice(0, _MOST_LINKS))
    tables["constraints"] = rows_of(result.table("constraints", where=dict.fromkeys(_ENDS, members)))
    manifest = result.manifest
    return {
        **more,
        "cluster_id": cluster_id,
        "graphlink": manifest["graphlink"],
        "settings_fingerprint": manifest["fingerprint"],
        "model_sha256": manifest["model"].get("sha256", ""),
        "n_links": links.num_rows,
        "tables": {name: [_plain_row(row) for row in rows] for name, rows in sorted(tables.items())},
    }


def write_snapshot(folder: Folder, evidence: Mapping[str, object]) -> str:
    """Write a snapshot, and return its SHA-256; equal evidence is one file.

    Raises:
        ResultError: The disk refused.
    """
    content = canonical(dict(evidence))
    name = digest(content)
    if not folder.snapshot(name).exists():
        write_whole_file(folder.snapshot(name), content, overwrite=False)
    return name


def read_snapshot(folder: Folder, sha256: str) -> dict[str, Any]:
    """Read a snapshot; what was written since an account of it was forgotten, if one was.

    Raises:
        WorkspaceError: It is missing, or is not what was written.
    """
    with folder.store.read() as rows:
        row = rows.row("snapshots", sha256=sha256)
        while row is not None and row["replaced_by"] is not None:
            row = rows.row("snapshots", sha256=row["replaced_by"])
    place = folder.snapshot(row["sha256"] if row else sha256)
    content = read_regular(place, f"snapshot {place.name}", most_bytes=_MOST_BYTES, error=WorkspaceError)
    if digest(content) != place.stem:
        raise WorkspaceError(f"{place} is not what was written; restore it from a backup")
    evidence: dict[str, Any] = json.loads(content)
    return evidence


def forget_in_snapshots(folder: Folder, rows: Writing, account_id: str) -> list[Path]:
    """Write the snapshots that name an account again without it; gives the files to remove afterwards."""
    replaced = []
    for row in rows.rows("snapshots", replaced_by=None):
        place = folder.snapshot(row["sha256"])
        if not place.is_file():
            continue
        evidence = json.loads(place.read_bytes())
        redacted = without_name(evidence, account_id)
        if redacted == evidence or not isinstance(redacted, dict):
            continue
        name = write_snapshot(folder, redacted)
        seq = rows.append("snapshot.replaced", f"snapshot {row['sha256'][:12]}", {"by": name})
        if rows.row("snapshots", sha256=name) is None:
            rows.insert("snapshots", {"sha256": name, "replaced_by": None, "seq": seq})
        rows.update("snapshots", {"replaced_by": name}, sha256=row["sha256"])
        replaced.append(place)
    return replaced


def _plain_row(row: Mapping[str, object]) -> dict[str, object]:
    return {name: _plain(value) for name, value in row.items()}


def _plain(value: object) -> object:
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    return value.as_py() if isinstance(value, pa.Scalar) else value
