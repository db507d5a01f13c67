"""What is rejected: rows of the input that can't be used, listed with their row, the reason and the mend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from graphlink.core.sql import quoted_text
from graphlink.engine import number
from graphlink.ingest.sources.rows import rows_table
from graphlink.ingest.sources.times import UNIT_REASONS
from graphlink.ingest.time_formats import UNITS, likely_format
from graphlink.kinds import shown
from graphlink.kinds.placeholders import MENDS
from graphlink.kinds.pseudonyms import shape_of
from graphlink.kinds.spelling import LOST_DIGITS

if TYPE_CHECKING:
    from graphlink.engine import Sql
    from graphlink.ingest.sources.staged import Staged

MOST_LISTED_PER_REASON = 100_000  # rows listed per source and reason; every one is counted
FAULTS = (
    "SELECT {row} AS row, fault_column AS column_name, fault AS reason, found, NULL::VARCHAR AS mend "
    "FROM {table} WHERE fault IS NOT NULL"
)
_MOST_NAMED = 20  # files that a fact names; the rest is counted

_MENDS = {
    **MENDS,
    "lost_digits": LOST_DIGITS,
    "null_account": "name the account",
    "account_too_long": "expected an account id of at most 512 characters",
    "control_character": "the account id holds a control character; look for a broken export",
    "null_value": "give kind and value, or leave the row out",
    "bad_count": "expected a whole number of times from 1 to 1,000,000,000",
    "unparsable_time": "expected ISO 8601, or set time_format",
    "implausible_time": "a time before 1990 is a placeholder; leave it empty when it is not known",
    "future_time": "more than a day ahead of the clock; check time_format and time_zone",
    **{
        reason: f"as a number it counts {UNITS[name]}: set time_format to {name}"
        for reason, name in UNIT_REASONS.items()
    },
    "bad_json": "expected one JSON object per line",
    "nested_value": "an object or a list is no single text; flatten the file, such as with jq",
    "not_an_object": "expected a JSON object with the columns as its keys",
    "ragged_row": "expected as many cells as the header has",
    "broken_quote": "a quote is not closed or not doubled",
    "invalid_utf8": "export the file as UTF-8",
    "line_too_long": "a line of 32 MB is a broken quote or no row",
    "unreadable_row": "the row can't be read",
}


def list_rejected_rows(engine: Sql, staged: Staged, *, shows_shapes: bool = False) -> dict[str, Any]:
    """Add the faults (`aside`: row, column_name, reason, found, mend) and unreadable rows to `rejected_rows`.

    At most MOST_LISTED_PER_REASON rows are listed per reason. `aside` is dropped.

    Returns:
        Facts of the source: inputs with their digests, files skipped, rows read and rejected, by reason, and
        warnings.
    """
    rejected = staged.rejected
    types = (pa.int64(), pa.int64(), pa.string(), pa.int64())
    engine.load("rejected", rows_table(("file", "line", "reason", "n_lines"), types, rejected))
    names = rows_table(("file", "name"), (pa.int32(), pa.string()), list(enumerate(staged.files)))
    engine.load("part_names", names)
    _number_rows(engine, staged)
    _print_findings(engine, shows_shapes=shows_shapes)
    mends = " ".join(f"WHEN '{reason}' THEN {quoted_text(mend)}" for reason, mend in _MENDS.items())
    engine.append(
        "rejected_rows",
        f"""
        SELECT p.name AS source, a.row_number, a.n_lines, a.column_name, a.reason,
            coalesce('found ' || t.told || '; ', '') || coalesce(a.mend, CASE a.reason {mends} END) AS detail
        FROM faults_listed a JOIN part_names p ON p.file = a.file LEFT JOIN told t ON t.found = a.found
        """,
    )
    counted = (
        "SELECT reason, count(*) AS n FROM (SELECT reason FROM aside UNION ALL SELECT reason FROM rejected) "
        "GROUP BY reason ORDER BY n DESC, reason"
    )
    counts = {str(reason): int(str(n)) for reason, n in engine.rows(counted)}
    n_rows = number(engine, "SELECT count(DISTINCT row) FROM aside")
    warnings = _warnings_of_times(engine, staged, counts, staged.n_rows + len(rejected))
    engine.drop("aside", "faults_listed", "part_names", "rejected", "told")
    return {
        "name": staged.name,
        "inputs": staged.inputs,
        "skipped": [{"name": name, "reason": reason} for name, reason in staged.skipped[:_MOST_NAMED]],
        "n_skipped": len(staged.skipped),
        "rows_read": staged.n_rows + len(rejected),
        "rows_rejected": n_rows + len(rejected),
        "lines_rejected": n_rows + sum(row.n_lines for row in rejected),
        "rejected_rows": counts,
        "warnings": warnings,
    }


_TIME_REASONS = ("unparsable_time", "implausible_time", "future_time", *UNIT_REASONS)
_MOST_TIMES = 0.5  # share of the rows without a usable time from which the settings are doubted, not the rows
_TRIED = 1000  # texts that formats are tried on


def _warnings_of_times(engine: Sql, staged: Staged, counts: dict[str, int], n_rows: int) -> list[str]:
    """Warn of a source of which most rows are rejected for their time, with the format that reads them."""
    found = {reason: counts[reason] for reason in _TIME_REASONS if counts.get(reason)}
    n_found = sum(found.values())
    if n_found < _MOST_TIMES * n_rows or not found:
        return []
    likely = UNIT_REASONS.get(max(found, key=lambda reason: found[reason]), "")
    if not likely:
        texts = engine.rows(
            "SELECT DISTINCT found FROM aside WHERE found IS NOT NULL AND reason IN "
            f"({', '.join(map(quoted_text, found))}) ORDER BY found LIMIT {_TRIED}"
        )
        guessed = likely_format([str(text) for (text,) in texts])
        likely = guessed.time_format if guessed and guessed.share >= _MOST_TIMES else ""
    mend = f'set time_format = "{likely}"' if likely else "no format known here reads them; set time_format"
    listed = ", ".join(f"{n:,} {reason}" for reason, n in found.items())
    warning = (
        f"{staged.name}: {n_found:,} of {n_rows:,} rows are rejected because their time can't be used "
        f"({listed}); {mend}"
    )
    return [warning]


def _number_rows(engine: Sql, staged: Staged) -> None:
    """Make `faults_listed`: at most MOST_LISTED_PER_REASON rows per reason, numbered within their part.

    A row that was read counts the rows read before it; those that could not be read are counted in between.
    """
    row_number = "r.kept + coalesce(g.n_before, 0)" if staged.is_numbered else "NULL::BIGINT"
    engine.make("parts", f"SELECT file, min({staged.row}) AS first_row FROM {staged.table} GROUP BY file")
    engine.make(
        "gaps",
        """
        SELECT file, line - i + 1 AS kept, max(i) AS n_before
        FROM (SELECT file, line, row_number() OVER (PARTITION BY file ORDER BY line) AS i FROM rejected)
        GROUP BY ALL
        """,
    )
    engine.make(
        "faults_listed",
        f"""
        SELECT r.file, {row_number} AS row_number, 1::BIGINT AS n_lines,
               r.column_name, r.reason, r.found, r.mend
        FROM (
            SELECT p.file, a.row - p.first_row + 1 AS kept, a.column_name, a.reason, a.found, a.mend
            FROM (
                SELECT * FROM aside
                QUALIFY row_number() OVER (PARTITION BY reason ORDER BY row,
                column_name) <= {MOST_LISTED_PER_REASON}
            ) a ASOF JOIN parts p ON a.row >= p.first_row
        ) r ASOF LEFT JOIN gaps g ON g.file = r.file AND r.kept >= g.kept
        """,
    )
    engine.append(
        "faults_listed",
        "SELECT file, line, n_lines, NULL, reason, NULL, NULL FROM rejected "
        f"QUALIFY row_number() OVER (PARTITION BY reason ORDER BY file, line) <= {MOST_LISTED_PER_REASON}",
    )
    engine.drop("parts", "gaps")


def _print_findings(engine: Sql, *, shows_shapes: bool) -> None:
    """Make `told`: how each text at fault is told, short, escaped and without card numbers.

    In a run that pseudonymises it is told by its shape: a value may stand in any cell of a broken row.
    """
    found = (
        engine.arrow("SELECT DISTINCT found FROM faults_listed WHERE found IS NOT NULL").column(0).to_pylist()
    )
    say = shape_of if shows_shapes else shown
    rows = [(text, repr(say(text)) if text.strip() else "nothing") for text in found]
    engine.load("told", rows_table(("found", "told"), (pa.string(), pa.string()), rows))
