"""Facts of what was read, for the manifest and for `check`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphlink.engine import number
from graphlink.ingest.observations.call_facts import describe_facts
from graphlink.ingest.observations.rejected_rows import MOST_LISTED_PER_REASON
from graphlink.kinds import key_check

if TYPE_CHECKING:
    from graphlink.engine import Sql
    from graphlink.ingest.observations.intake import Intake


def facts_of(
    intake: Intake, sources: list[dict[str, Any]], accounts: dict[str, Any] | None
) -> dict[str, object]:
    """The facts of all sources: rows read and rejected by reason, and what each kind has."""
    engine = intake.engine
    totals: dict[str, int] = {}
    for source in sources:
        for reason, n in source["rejected_rows"].items():
            totals[reason] = totals.get(reason, 0) + n
    facts = describe_facts(intake)
    return {
        "sources": sources,
        "accounts_table": accounts,
        "rows_read": sum(source["rows_read"] for source in sources),
        "rows_rejected": sum(source["rows_rejected"] for source in sources),
        "lines_rejected": sum(source["lines_rejected"] for source in sources),
        "rejected_rows": dict(sorted(totals.items())),
        "most_listed": MOST_LISTED_PER_REASON,
        "kinds": _describe_kinds(engine),
        **({"facts": facts} if facts else {}),
        **({"key_check": key_check(intake.key)} if intake.key else {}),
        "n_observations": number(engine, "SELECT count(*) FROM input_sightings"),
        "n_accounts": number(engine, "SELECT count(*) FROM input_accounts"),
        "warnings": intake.warnings,
    }


def _describe_kinds(engine: Sql) -> dict[str, dict[str, object]]:
    """Rows, accounts, values and time span of each kind."""
    rows = engine.rows(
        f"""
        SELECT kind, sum(n_rows)::BIGINT AS rows, count(DISTINCT account_no) AS accounts,
               count(DISTINCT value_no) AS values, {_iso("min(first_seen)")}, {_iso("max(last_seen)")}
        FROM input_incidence JOIN input_values USING (value_no)
        GROUP BY kind ORDER BY kind
        """
    )
    names = ("rows", "accounts", "values", "first_seen", "last_seen")
    return {str(row[0]): dict(zip(names, row[1:], strict=True)) for row in rows}


def _iso(time: str) -> str:
    return f"strftime({time}, '%Y-%m-%dT%H:%M:%SZ')"
