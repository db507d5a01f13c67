"""Rows of a source that can't be used -> `rejected_rows`, with reasons; the facts of the source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.core.sql import quoted_text
from graphlink.ingest.observations.call_facts import rejected_facts_sql
from graphlink.ingest.observations.rejected_rows import FAULTS, list_rejected_rows

if TYPE_CHECKING:
    from graphlink.ingest.observations.intake import Intake, ReadSource
    from graphlink.ingest.sources.staged import Staged


def report_source(intake: Intake, read: ReadSource) -> dict[str, object]:
    """Add the rejected rows of a source to `rejected_rows`; give the facts of the source."""
    engine, staged = intake.engine, read.staged
    queries = [FAULTS.format(row=staged.row, table=staged.table)]
    queries += [read.bad_kinds] if read.bad_kinds else []
    hashed = ", ".join(str(no) for no, kind in enumerate(intake.kinds) if kind.name in intake.hashed) or "-1"
    for cells in read.cells:
        if cells.kind_no is None or cells.kind_no in intake.unclean_kinds:
            # An empty cell of a wide row is a missing value, so nothing is rejected.
            is_blank = "" if cells.kind_no is None else "AND m.reason <> 'empty'"
            queries.append(
                f"SELECT c.row, {quoted_text(cells.column)}, m.reason, "
                f"CASE WHEN m.reason <> 'card_number' AND c.kind_no NOT IN ({hashed}) "
                f"THEN left(c.value, 300) END, m.remedy FROM ({cells.sql}) c "
                "JOIN cleaned_values m ON m.kind_no = c.kind_no AND m.raw = c.value "
                f"WHERE m.reason IS NOT NULL {is_blank}"
            )
    queries += rejected_facts_sql(intake, read)
    engine.make("row_faults", " UNION ALL ".join(queries))
    return list_rejected(intake, staged)


def list_rejected(intake: Intake, staged: Staged) -> dict[str, object]:
    """Add the rows of `row_faults` to `rejected_rows`; give the facts of the source."""
    facts = list_rejected_rows(intake.engine, staged, shows_shapes=bool(intake.hashed))
    intake.warnings += facts.pop("warnings")
    return facts
