"""Rows that tests of a workspace start from: accepted runs under one model, and lineages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.workspace.store import Actor

if TYPE_CHECKING:
    from graphlink.workspace.store import Store

ANA, BEN = Actor("ana"), Actor("ben")


def stock(store: Store, n_runs: int = 1, n_lineages: int = 0) -> None:
    """Insert a model, runs and lineages that were born in the first."""
    with store.write(ANA) as rows:
        seq = rows.append("stocked", "workspace", {})
        rows.insert("models", {"model_no": rows.number("model"), "sha256": "", "seq": seq})
        for _ in range(n_runs):
            number = rows.number("run")
            rows.insert(
                "runs",
                {
                    "run_no": number,
                    "folder": f"results/R-{number}",
                    "manifest_sha256": "",
                    "model_no": 1,
                    "labels_sha256": "",
                    "data_from": None,
                    "data_until": None,
                    "state": "accepted",
                    "seq": seq,
                },
            )
        for _ in range(n_lineages):
            number = rows.number("lineage")
            rows.insert(
                "lineages",
                {"lineage_no": number, "born_run": 1, "last_run": 1, "merged_into": None, "name": None},
            )
