"""Rejected rows: rows of the input that can't be used, with row number, reason and how to fix it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from graphlink.core.sql import quoted_text
from graphlink.engine import number
from graphlink.ingest.observations.lookups import SEVERAL, UNKNOWN
from graphlink.ingest.sources.rows import rows_table
from graphlink.ingest.sources.times import UNIT_REASONS
from graphlink.ingest.time_formats import UNITS, likely_format
from graphlink.kinds import shown
from graphlink.kinds.placeholders import REMEDIES
from graphlink.kinds.pseudonyms import shape_of
from graphlink.kinds.spelling import LOST_DIGITS

if TYPE_CHECKING:
    from graphlink.engine import Sql
    from graphlink.ingest.sources.staged import Staged

MOST_LISTED_PER_REASON = 100_000  # rows listed per source and reason; every one is counted
FAULTS = (
    "SELECT {row} AS row, fault_column AS column_name, fault AS reason, raw_text, NULL::VARCHAR AS remedy "
    "FROM {table} WHERE fault IS NOT NULL"
)
_MOST_NAMED = 20  # files that a fact names; the rest is counted

_REMEDIES = {
    **REMEDIES,
    "lost_digits": LOST_DIGITS,
    "null_account": "name the account",
    "account_too_long": "expected an account id of at most 512 characters",
    "control_character": "the account id holds a control character; look for a broken export",
    UNKNOWN: "the lookup table has no account for this id; complete it",
    SEVERAL: "the lookup table gives several accounts for this id; leave one",
    "null_value": "give kind and value, or leave the row out",
    "bad_count": "expected a whole number of times from 1 to 1,000,000,000",
    "unparsable_time": "expected ISO 8601, or set time_format",
    "implausible_time": "a time before 1990 is a placeholder; leave it empty when it is not known",
    "future_time": "more than a day ahead of the clock; check time_format and time_zone",
    **{
        reason: f"as a number it counts {UNITS[name]}: set time_format to {name}"
        for reason, name in UNIT_REASONS.items()
    },
    "until_before_time": "the last time of the row is before its first; look whether the columns are swapped",
    "bad_log_line": "expected a line in the combined format of nginx and Apache",
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
    """Add the faults of rows and the unreadable rows to `rejected_rows`.

    The faults are in `row_faults` (row, column_name, reason, raw_text, remedy), which is dropped. At most
    MOST_LISTED_PER_REASON rows are listed per reason.

    Returns:
        Facts of the source: inputs with their digests, files skipped, rows read and rejected, by reason, and
        warnings.
    """
    rejected = staged.rejected
    types = (pa.int64(), pa.int64(), pa.string(), pa.int64())
    engine.load("rejected", rows_table(("file", "line", "reason", "n_lines"), types, rejected))
    names = rows_table(("file", "name"), (pa.int32(), pa.string()), list(enumerate(staged.files)))
    engine.load("file_names", names)
    _number_rows(engine, staged)
    _load_shown_texts(engine, shows_shapes=shows_shapes)
    remedies = " ".join(f"WHEN '{reason}' THEN {quoted_text(remedy)}" for reason, remedy in _REMEDIES.items())
    engine.append(
        "rejected_rows",
        f"""
        SELECT n.name AS source, a.row_number, a.n_lines, a.column_name, a.reason,
            coalesce('found ' || t.shown || '; ', '')
                || coalesce(a.remedy, CASE a.reason {remedies} END) AS detail
        FROM faults_listed a JOIN file_names n ON n.file = a.file
        LEFT JOIN shown_texts t ON t.raw_text = a.raw_text
        """,
    )
    counted = (
        "SELECT reason, count(*) AS n "
        "FROM (SELECT reason FROM row_faults UNION ALL SELECT reason FROM rejected) "
        "GROUP BY reason ORDER BY n DESC, reason"
    )
    counts = {str(reason): int(str(n)) for reason, n in engine.rows(counted)}
    n_rows = number(engine, "SELECT count(DISTINCT row) FROM row_faults")
    warnings = _time_warnings(engine, staged, counts, staged.n_rows + len(rejected))
    engine.drop("row_faults", "faults_listed", "file_names", "rejected", "shown_texts")
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


def _time_warnings(engine: Sql, staged: Staged, counts: dict[str, int], n_rows: int) -> list[str]:
    """Warn of a source of which most rows are rejected for their time, with the format that reads them."""
    rejected = {reason: counts[reason] for reason in _TIME_REASONS if counts.get(reason)}
    n_rejected = sum(rejected.values())
    if n_rejected < _MOST_TIMES * n_rows or not rejected:
        return []
    likely = UNIT_REASONS.get(max(rejected, key=lambda reason: rejected[reason]), "")
    if not likely:
        texts = engine.rows(
            "SELECT DISTINCT raw_text FROM row_faults WHERE raw_text IS NOT NULL AND reason IN "
            f"({', '.join(map(quoted_text, rejected))}) ORDER BY raw_text LIMIT {_TRIED}"
        )
        suggested = likely_format([str(text) for (text,) in texts])
        likely = suggested.time_format if suggested and suggested.share >= _MOST_TIMES else ""
    remedy = f'set time_format = "{likely}"' if likely else "no format known here reads them; set time_format"
    listed = ", ".join(f"{n:,} {reason}" for reason, n in rejected.items())
    warning = (
        f"{staged.name}: {n_rejected:,} of {n_rows:,} rows are rejected because their time can't be used "
        f"({listed}); {remedy}"
    )
    return [warning]


def _number_rows(engine: Sql, staged: Staged) -> None:
    """Make `faults_listed`: at most MOST_LISTED_PER_REASON rows per reason, numbered within their file.

    A row that was read counts the rows read before it; those that could not be read are counted in between.
    """
    row_number = "r.kept + coalesce(g.n_before, 0)" if staged.is_numbered else "NULL::BIGINT"
    engine.make(
        "file_starts", f"SELECT file, min({staged.row}) AS first_row FROM {staged.table} GROUP BY file"
    )
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
               r.column_name, r.reason, r.raw_text, r.remedy
        FROM (
            SELECT p.file, a.row - p.first_row + 1 AS kept, a.column_name, a.reason, a.raw_text, a.remedy
            FROM (
                SELECT * FROM row_faults
                QUALIFY row_number() OVER (PARTITION BY reason ORDER BY row,
                column_name) <= {MOST_LISTED_PER_REASON}
            ) a ASOF JOIN file_starts p ON a.row >= p.first_row
        ) r ASOF LEFT JOIN gaps g ON g.file = r.file AND r.kept >= g.kept
        """,
    )
    engine.append(
        "faults_listed",
        "SELECT file, line, n_lines, NULL, reason, NULL, NULL FROM rejected "
        f"QUALIFY row_number() OVER (PARTITION BY reason ORDER BY file, line) <= {MOST_LISTED_PER_REASON}",
    )
    engine.drop("file_starts", "gaps")


def _load_shown_texts(engine: Sql, *, shows_shapes: bool) -> None:
    """Make `shown_texts` (raw_text, shown): each text at fault as messages show it.

    It is shortened, escaped and without card numbers. In a run that pseudonymizes only its shape is shown:
    any cell of a broken row may hold a value.
    """
    query = "SELECT DISTINCT raw_text FROM faults_listed WHERE raw_text IS NOT NULL"
    texts = engine.arrow(query).column(0).to_pylist()
    show = shape_of if shows_shapes else shown
    rows = [(text, repr(show(text)) if text.strip() else "nothing") for text in texts]
    engine.load("shown_texts", rows_table(("raw_text", "shown"), (pa.string(), pa.string()), rows))
