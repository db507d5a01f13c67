"""The state of each case as a row, filled from its events."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from graphlink.workspace.store.tables import metadata
from graphlink.workspace.store.triggers import make_tables

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table with its triggers, and write a row for each case."""
    connection = op.get_bind()
    make_tables(connection, ["case_states"])
    table = metadata.tables["case_states"]
    for number in connection.execute(sa.text("SELECT case_no FROM cases ORDER BY case_no")).scalars().all():
        connection.execute(sa.insert(table), _state(connection, int(number)))


def _state(connection: sa.Connection, number: int) -> dict[str, Any]:
    """What the events of a case make of it, as of this version of the schema."""
    query = sa.text(
        "SELECT seq, at, action, content FROM events JOIN payloads USING (seq) "
        "WHERE subject = :subject ORDER BY seq"
    )
    state: dict[str, Any] = {"case_no": number, "status": "new", "resolution": "", "assignee": ""}
    state |= {"priority": "normal", "merged_into": None, "n_comments": 0, "opened_at": ""}
    alerts: list[str] = []
    linked: list[int] = []
    for seq, at, action, content in connection.execute(query, {"subject": f"case {number}"}):
        given = json.loads(content)
        state |= {"changed_at": at, "last_seq": seq}
        match action:
            case "case.opened":
                state |= {"priority": given["priority"], "opened_at": at}
            case "case.status":
                state |= {"status": given["status"], "resolution": given["resolution"]}
            case "case.assigned":
                state["assignee"] = given["to"]
            case "case.priority":
                state["priority"] = given["priority"]
            case "case.alert":
                alerts.append(given["rule"])
            case "case.comment":
                state["n_comments"] += 1
            case "case.linked":
                linked = list(dict.fromkeys((*linked, given["to"])))
            case "case.merged":
                state |= {"status": "closed", "resolution": "duplicate", "merged_into": given["into"]}
    return state | {"alerts": json.dumps(alerts), "linked": json.dumps(linked)}
