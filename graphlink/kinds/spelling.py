"""One text in many spellings: invisible characters, normal forms, numbers that were text; all rules of it.

Text, of accounts and of values alike: what is blank or invisible at either end is dropped, and characters are
composed (NFC). Inside a text nothing is dropped.

Numbers that were text, as spreadsheets, data frames and warehouses write them:

- A column of numbers (DOUBLE, FLOAT, DECIMAL, whole numbers; JSON numbers; SQLite REAL; PostgreSQL numeric)
  gives the number's shortest text: 12.0 and 12.00 are 12. NaN is an empty cell, infinity is rejected as a
  placeholder.
- A whole number that its floating column can't tell from its neighbours (from 2^53, in FLOAT from 2^24), and
  a text in scientific notation with fewer decimals than its exponent (1.23457E+17), stand for many:
  `lost_digits`, for accounts and values of every kind.
- A text of digits, a point and zeros (12.0, 12.00) is the whole number 12 where the text is an account, an
  autonomous system or a phone number, which have no fraction. In a column of text any other kind keeps its
  text, since 1.10 and 12.0 may be names of versions; two that differ by that alone are warned of.
- Zeros in front, separators of thousands and an apostrophe in front are kept as they are, since nobody
  knows which spelling is right; accounts that differ by them alone are warned of.
"""

from __future__ import annotations

import re
import unicodedata

# Blank or invisible: white space but for the control characters among it, and the zero-width ones that are
# put at the ends of texts (byte-order mark, zero-width space, word joiner).
_BLANK = (*range(9, 14), 32, 0xA0, 0x1680, *range(0x2000, 0x200C), 0x2028, 0x2029, 0x202F, 0x205F, 0x2060)
_BLANK += (0x3000, 0xFEFF)
BLANKS = "".join(map(chr, _BLANK))
_BLANKS_SQL = " || ".join(f"chr({code})" for code in _BLANK)

EXACT = {"DOUBLE": 2**53, "FLOAT": 2**24}
"""Floating types, and from where on they don't tell one whole number from the next (IEEE 754)."""
LOST_DIGITS = (
    "a number without its last digits stands for many; export the column as text, or as whole numbers"
)
_SURE_DIGITS = 15  # that a double keeps of any number
_SCIENTIFIC = re.compile(r"[+-]?[0-9](?:[.,]([0-9]+))?[eE](\+?)([0-9]{1,3})", re.ASCII)
_ZERO_FRACTION = re.compile(r"(-?[1-9][0-9]*)\.0+", re.ASCII)


def spelled(text: str) -> str:
    """A text without what is blank or invisible at its ends, composed (NFC)."""
    return unicodedata.normalize("NFC", text.strip(BLANKS)).strip(BLANKS)


def spelled_sql(text: str) -> str:
    """SQL of the same, of an expression."""
    return f"trim(nfc_normalize(trim({text}, {_BLANKS_SQL})), {_BLANKS_SQL})"


def has_lost_digits(text: str) -> bool:
    """Whether a text is a number that lost its last digits, so that it stands for many."""
    if not text[-1:].isdigit():
        return False
    if found := _SCIENTIFIC.fullmatch(text):
        decimals, plus, exponent = found[1] or "", found[2], int(found[3])
        # Without point and plus it is no number that a program wrote, but say hexadecimal digits.
        return bool(decimals or plus) and exponent > min(len(decimals), _SURE_DIGITS - 1)
    whole = _ZERO_FRACTION.fullmatch(text)
    return whole is not None and abs(int(whole[1][:40])) >= EXACT["DOUBLE"]


def without_zero_fraction(text: str) -> str:
    """The whole number that a text with a fraction of zeros surely is; any other text is returned."""
    if has_lost_digits(text):
        return text
    if whole := _ZERO_FRACTION.fullmatch(text):
        return whole[1]
    found = _SCIENTIFIC.fullmatch(text)
    if found and found[1] and int(found[3]) == len(found[1].rstrip("0")):
        return str(int(float(text.replace(",", "."))))
    return text


def account_of(text: str) -> str:
    """The account that a cell of text names; what `account_sql` makes of it."""
    return without_zero_fraction(spelled(text))


def plain_sql(text: str) -> str:
    """Condition that a text is an account as it stands; most accounts are so.

    It is printable ASCII, and either holds a letter that stands in no spelling of a number, nor in the
    patterns of `placeholders`, or is made of digits that are not all zeros.
    """
    letter = "[@A-CGHJ-MO-QSTVWYZa-cghj-mo-qstvwyz]"
    return f"regexp_full_match({text}, '[!-~]*{letter}[!-~]*|[0-9eE-]*[1-9][0-9eE-]*')"


def account_sql(text: str, is_plain: str) -> str:
    """SQL of the account that a text names; empty where there is none.

    Args:
        text: SQL of the text.
        is_plain: SQL of `plain_sql` of it: the others are rare, and cost many times as much.
    """
    return f"CASE WHEN {is_plain} THEN {text} ELSE {_without_zero_fraction_sql(spelled_sql(text))} END"


def _without_zero_fraction_sql(text: str) -> str:
    number = f"TRY_CAST(replace({text}, ',', '.') AS DOUBLE)"
    decimals = f"length(rtrim(regexp_extract({text}, '[.,]([0-9]+)', 1), '0'))"
    exponent = f"TRY_CAST(regexp_extract({text}, '([0-9]+)$', 1) AS INTEGER)"
    return (
        f"CASE WHEN NOT regexp_full_match({text}, '[+-]?[0-9]+[.,][0-9]+([eE][+]?[0-9]+)?') "
        f"OR {lost_digits_sql(text)} THEN {text} "
        f"WHEN regexp_full_match({text}, '-?[1-9][0-9]*[.]0+') THEN split_part({text}, '.', 1) "
        f"WHEN regexp_full_match({text}, '[+-]?[0-9][.,][0-9]+[eE][+]?[0-9]{{1,3}}') "
        f"AND {decimals} = {exponent} THEN {number}::BIGINT::VARCHAR ELSE {text} END"
    )


def lost_digits_sql(text: str) -> str:
    """Condition of `has_lost_digits`, of an expression."""
    decimals = f"length(regexp_extract({text}, '[.,]([0-9]+)', 1))"
    exponent = f"TRY_CAST(regexp_extract({text}, '([0-9]+)$', 1) AS INTEGER)"
    whole = f"TRY_CAST(ltrim(split_part({text}, '.', 1), '-') AS HUGEINT)"
    return (
        f"((contains({text}, '.') OR contains({text}, '+') OR contains({text}, ',')) AND CASE "
        f"WHEN regexp_full_match({text}, '[+-]?[0-9]([.,][0-9]+[eE][+]?|[eE][+])[0-9]{{1,3}}') "
        f"THEN {exponent} > least({decimals}, {_SURE_DIGITS - 1}) "
        f"WHEN regexp_full_match({text}, '-?[1-9][0-9]{{{_SURE_DIGITS},}}[.]0+') "
        f"THEN coalesce({whole}, {EXACT['DOUBLE']}) >= {EXACT['DOUBLE']} ELSE false END)"
    )


def may_lose_digits_sql(text: str) -> str:
    """Condition that holds of every text with lost digits, and of few others; one that every engine knows."""
    return (
        f"regexp_full_match({text}, '[+-]?[0-9]([.,0-9]*[eE][+]?[0-9]{{1,3}}|[0-9]{{{_SURE_DIGITS},}}[.]0+)')"
    )


def number_sql(number: str, kind: str, *, is_identifier: bool = True) -> str:
    """SQL of the text of a number, of a type of the embedded engine; NaN is null before.

    Of an identifier that lost its digits the text has fewer decimals than its exponent, so that
    `has_lost_digits` holds of it; of any other column the number is taken as it is.
    """
    if kind in EXACT:
        is_exact = f"{number} = trunc({number}) AND abs({number}) < {EXACT[kind]}"
        digits = 14 if kind == "DOUBLE" else 6  # one fewer than the exponent of the first that is not exact
        is_whole = f"{number} = trunc({number}) AND isfinite({number})"
        lost = f"WHEN {is_whole} THEN format('{{:.{digits}e}}', {number}::DOUBLE) "
        return (
            # Statistics of Parquet know no NaN, so that the engine may take a condition for always true.
            f"CASE WHEN {is_exact} THEN TRY_CAST({number} AS BIGINT)::VARCHAR "
            f"{lost if is_identifier else ''}ELSE {number}::VARCHAR END"
        )
    if kind.startswith("DECIMAL") and not kind.endswith(",0)"):
        return f"rtrim(rtrim({number}::VARCHAR, '0'), '.')"
    return f"{number}::VARCHAR"


def json_number_sql(text: str, is_text: str) -> str:
    """SQL of the text of a JSON value that may be a number, as `number_sql` gives it; a text stays.

    Args:
        text: The value as text, as the embedded engine gives it, such as 12.0 and 1.5e300.
        is_text: Condition that it is a text in the object.
    """
    digits = f"split_part({text}, '.', 1)"
    is_number = f"regexp_full_match({text}, '-?[0-9]+([.]0|([.][0-9]+)?e[0-9]+)')"
    is_exact = f"length(ltrim({digits}, '-')) < 16 OR ltrim({digits}, '-') < '{EXACT['DOUBLE']}'"
    return (
        # Digits and the sign come before the colon: most texts are known by their first character.
        f"CASE WHEN {text} >= ':' THEN {text} WHEN NOT {is_number} THEN {text} WHEN {is_text} THEN {text} "
        f"WHEN contains({text}, 'e') THEN replace({text}, 'e', 'e+') "
        f"WHEN length(ltrim({digits}, '-')) < 17 AND ({is_exact}) THEN {digits} ELSE {text} END"
    )


def count_sql(count: str, kind: str) -> str:
    """SQL of a whole number of times; 1 for an empty cell, null for what is no whole number."""
    if kind == "VARCHAR":
        text = f"nullif(trim({count}), '')"
        is_fraction = f"contains({text}, '.') OR contains({text}, 'e') OR contains({text}, 'E')"
        of_fraction = _whole_sql(f"TRY_CAST({text} AS DOUBLE)")
        # The engine takes 0x10 and 1_000 for numbers too, which nobody else does.
        plain = f"CASE WHEN length({text}) = 1 OR translate({text}, 'xXbB_', '') = {text} THEN {text} END"
        whole = f"CASE WHEN {is_fraction} THEN {of_fraction} ELSE TRY_CAST({plain} AS BIGINT) END"
        return f"CASE WHEN {text} IS NULL THEN 1 ELSE {whole} END"
    may_be_fraction = kind in EXACT or kind.startswith("DECIMAL")
    whole = _whole_sql(count) if may_be_fraction else f"TRY_CAST({count} AS BIGINT)"
    return f"CASE WHEN {count} IS NULL THEN 1 ELSE {whole} END"


def _whole_sql(number: str) -> str:
    return f"CASE WHEN {number} = trunc({number}) THEN TRY_CAST({number} AS BIGINT) END"
