"""Warnings of spellings: those that became one account or value, and those that were kept apart.

A user who may choose a name can choose one that looks like another's, so spellings merged by invisible
characters and normal forms are counted, and never merged in silence. The rules are in
`graphlink.kinds.spelling`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.engine import number
from graphlink.kinds import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphlink.engine import Sql

_MOST_NAMED = 3  # examples of a warning
_TIDIED = "spaces at the ends, invisible characters or Unicode normal form"


# Drawn as nothing although not of the category Cf: fillers, joiners and selectors of variants.
_UNSEEN = (
    "\\x{034F}\\x{115F}\\x{1160}\\x{17B4}\\x{17B5}\\x{180B}-\\x{180F}\\x{2800}\\x{3164}"
    "\\x{FE00}-\\x{FE0F}\\x{FFA0}\\x{E0100}-\\x{E01EF}"
)


def merged_accounts(engine: Sql, staged: Sequence[str], *, is_hashed: bool) -> list[str]:
    """Warn of accounts that several spellings of the staged tables became.

    Args:
        engine: Where the staged tables are.
        staged: Their names; `raw_text` is an account as it was written, where that is not the account.
        is_hashed: Whether accounts are hashed, so that none may be named.
    """
    if not staged:
        return []
    usable = "fault IS NULL AND account IS NOT NULL"
    written = " UNION ".join(
        f"SELECT account, raw_text FROM {table} WHERE {usable} AND raw_text IS NOT NULL" for table in staged
    )
    engine.make("respelled", written)
    if not number(engine, "SELECT count(*) FROM respelled"):
        engine.drop("respelled")
        return []
    plain = " UNION ".join(
        f"SELECT s.account, s.account AS raw_text FROM {table} s "
        "SEMI JOIN respelled r ON r.account = s.account WHERE s.fault IS NULL AND s.raw_text IS NULL"
        for table in staged
    )
    several = (
        "SELECT account AS merged, count(*) AS n, min(raw_text) AS a, max(raw_text) AS b "
        f"FROM (SELECT * FROM respelled UNION {plain}) GROUP BY account HAVING count(*) > 1"
    )
    warnings = _merge_warnings(
        engine, several, "account", f"{_TIDIED}, or a fraction such as .0", is_hashed=is_hashed
    )
    engine.drop("respelled")
    return warnings


def merged_values(engine: Sql, hashed: frozenset[str]) -> list[str]:
    """Warn of values that several spellings became; takes `cleaned_values`, `raw_values` and `kind_list`."""
    engine.make(
        "respelled",
        "SELECT m.kind_no, m.kind, m.value, m.raw FROM cleaned_values m "
        "JOIN kind_list k ON k.kind_no = m.kind_no AND k.kind = m.kind WHERE m.is_respelled",
    )
    kinds = [str(row[0]) for row in engine.rows("SELECT DISTINCT kind FROM respelled ORDER BY kind")]
    others = (
        "SELECT o.kind_no, o.value FROM cleaned_values o WHERE NOT o.is_respelled AND o.reason IS NULL "
        "UNION SELECT kind_no, value FROM raw_values"
    )
    warnings = []
    for kind in kinds:
        of_kind = f"(SELECT * FROM respelled WHERE kind = '{kind}')"
        several = (
            "SELECT r.value AS merged, count(*) + max(CASE WHEN o.value IS NULL THEN 0 ELSE 1 END) AS n, "
            f"min(r.raw) AS a, max(r.raw) AS b FROM {of_kind} r "
            f"LEFT JOIN ({others}) o ON o.kind_no = r.kind_no AND o.value = r.value GROUP BY r.value "
            "HAVING count(*) + max(CASE WHEN o.value IS NULL THEN 0 ELSE 1 END) > 1"
        )
        warnings += _merge_warnings(engine, several, f"{kind} value", _TIDIED, is_hashed=kind in hashed)
    engine.drop("respelled")
    return warnings


def _merge_warnings(engine: Sql, several: str, noun: str, by: str, *, is_hashed: bool) -> list[str]:
    """The warning of a query of merged names: merged, its number of spellings n, and two of them, a and b."""
    total = engine.rows(f"SELECT count(*), coalesce(sum(n), 0)::BIGINT FROM ({several})")[0]
    n_merged, n_spellings = (int(str(cell)) for cell in total)
    if not n_merged:
        return []
    became = f"{n_spellings} spellings became {n_merged} {noun}{'s' if n_merged > 1 else ''}"
    text = f"{became}; the spellings of one differ by {by} only"
    if not is_hashed:
        rows = engine.rows(
            f"SELECT merged, n, a, b FROM ({several}) ORDER BY n DESC, merged LIMIT {_MOST_NAMED}"
        )
        named = [
            f"{_quoted(merged)} (of {n}, such as {_quoted(a if a != merged else b)})"
            for merged, n, a, b in rows
        ]
        text += f": {', '.join(named)}"
    return [f"{text}; send one spelling, or look who may choose such names"]


def alike_accounts(engine: Sql) -> list[str]:
    """Warn of accounts that look alike and were kept apart; takes `input_accounts`."""
    folded = f"lower(regexp_replace(account_id, '[\\s\\p{{Cf}}{_UNSEEN}]+', '', 'g'))"
    # Spreadsheets drop zeros in front, set separators of thousands, and mark text by an apostrophe.
    number_like = "regexp_full_match(folded, '[=''\"]*[0-9][0-9,'']*\"?')"
    digits = "regexp_replace(regexp_replace(folded, '[^0-9]+', '', 'g'), '^0+', '', 'g')"
    alike = (
        "SELECT min(account_id) AS a, max(account_id) AS b, count(*) AS n FROM "
        f"(SELECT account_id, {folded} AS folded FROM input_accounts) "
        f"GROUP BY CASE WHEN {number_like} THEN {digits} ELSE folded END HAVING count(*) > 1"
    )
    n_alike = number(engine, f"SELECT count(*) FROM ({alike})")
    if not n_alike:
        return []
    pairs = engine.rows(f"SELECT a, b FROM ({alike}) ORDER BY a LIMIT {_MOST_NAMED}")
    named = ", ".join(f"{_quoted(a)} and {_quoted(b)}" for a, b in pairs)
    differ = "case, spaces, invisible characters, zeros in front or separators"
    text = f"{n_alike} accounts have two spellings that differ by {differ} only, such as {named}"
    return [f"{text}; they are kept apart, so send one spelling if they are one account"]


def alike_values(engine: Sql) -> list[str]:
    """Warn of values that are one number, with and without a fraction of zeros; takes `input_values`."""
    fractions = (
        "SELECT kind, value, regexp_replace(value, '[.]0+$', '') AS whole FROM input_values "
        "WHERE (value LIKE '%.0' OR value LIKE '%.00') AND regexp_full_match(value, '-?[0-9]+[.]0+')"
    )
    if not number(engine, f"SELECT count(*) FROM ({fractions})"):
        return []
    rows = engine.rows(
        f"SELECT f.kind, count(*), min(f.whole), min(f.value) FROM ({fractions}) f "
        "JOIN input_values o ON o.kind = f.kind AND o.value = f.whole GROUP BY f.kind ORDER BY f.kind"
    )
    return [
        f"{n} values of kind {kind} are there with and without a fraction of zeros, such as {_quoted(whole)} "
        f"and {_quoted(value)}; they are kept apart, so send one spelling if they are one"
        for kind, n, whole, value in rows
    ]


def _quoted(text: object) -> str:
    return f"'{shown(str(text))}'"
