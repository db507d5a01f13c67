"""A decision as a file for those who act on it: CSV, JSON or STIX, with its number and what it rests on."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from graphlink.core.errors import WorkspaceError
from graphlink.core.wording.clusters import named_reason
from graphlink.export.stix import decision_text
from graphlink.render.escape import guarded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphlink.workspace.decisions import Decision

FORMS = ("csv", "json", "stix")
_COLUMNS = (
    "decision", "export", "action", "account_id", "role", "probability", "n_links", "strongest_bits", "why",
    "proposed_by", "approved_by", "approved_at", "accounts_sha256", "snapshot_sha256",
)  # fmt: skip


def decision_content(decision: Decision, evidence: Mapping[str, Any], form: str, export_no: int) -> bytes:
    """Make the file of a decision.

    Args:
        decision: The decision, which is approved.
        evidence: Its snapshot.
        form: `csv`, `json` or `stix`.
        export_no: The number of this export: a second one is marked, so that nobody acts twice.

    Raises:
        WorkspaceError: The format is unknown.
        SettingsError: The stix2 library is not installed.
    """
    rows = _rows(decision, evidence, export_no)
    if form == "csv":
        file = io.StringIO()
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for row in rows:
            cells = (row[name] for name in _COLUMNS)
            writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in cells])
        return file.getvalue().encode()
    if form == "json":
        head = {name: rows[0][name] for name in _COLUMNS if name not in _OF_ACCOUNT}
        accounts = [{name: row[name] for name in _OF_ACCOUNT} for row in rows]
        reasons = [named_reason(row) for row in evidence["tables"]["reasons"]]
        content = head | {
            "case": decision.proposal.case,
            "lineage": f"K-{decision.proposal.lineage}",
            "run": f"R-{decision.proposal.run_no}",
            "is_repeated": export_no > 1,
            "reasons": reasons,
            "accounts": accounts,
        }
        return (json.dumps(content, indent=1, sort_keys=True) + "\n").encode()
    if form == "stix":
        return decision_text(decision, export_no).encode()
    raise WorkspaceError(f"format {form!r}: expected {', '.join(FORMS)}")


_OF_ACCOUNT = ("account_id", "role", "probability", "n_links", "strongest_bits")


def _rows(decision: Decision, evidence: Mapping[str, Any], export_no: int) -> list[dict[str, Any]]:
    bits: dict[str, list[float]] = {}
    for row in evidence["tables"]["links"]:
        for end in ("account_id_l", "account_id_r"):
            bits.setdefault(row[end], []).append(row["bits"])
    head = {
        "decision": decision.name,
        "export": export_no,
        "action": decision.proposal.action,
        "why": decision.proposal.why,
        "proposed_by": decision.proposed_by,
        "approved_by": decision.decided_by,
        "approved_at": decision.decided_at,
        "accounts_sha256": decision.accounts_sha256,
        "snapshot_sha256": decision.proposal.snapshot_sha256,
    }
    return [
        head
        | {
            "account_id": one.account_id,
            "role": one.role,
            "probability": one.probability,
            "n_links": len(bits.get(one.account_id, ())),
            "strongest_bits": max(bits.get(one.account_id, ()), default=None),
        }
        for one in decision.proposal.accounts
    ]
