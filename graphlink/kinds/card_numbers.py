"""Full card numbers: how one is recognised in any text, so that none is stored."""

from __future__ import annotations

import re
import unicodedata

# Prefixes that card networks issue under, with the lengths they issue. Numbers outside them (nearly all that
# start with 0, 1, 7 or 9, so epoch times of this century and most counters) are no cards.
_ISSUED: tuple[tuple[str, str, tuple[int, ...]], ...] = (
    ("4", "4", (13, 16, 19)),  # Visa
    ("51", "55", (16,)),  # Mastercard
    ("2221", "2720", (16,)),  # Mastercard
    ("34", "34", (15,)),  # American Express
    ("37", "37", (15,)),
    ("300", "305", (14, 16)),  # Diners Club
    ("3095", "3095", (14, 16)),
    ("36", "36", (14, 16)),
    ("38", "39", (14, 16)),
    ("3528", "3589", (16, 17, 18, 19)),  # JCB
    ("6011", "6011", (16, 19)),  # Discover
    ("644", "659", (16, 19)),  # Discover, RuPay, Elo
    ("62", "62", (16, 17, 18, 19)),  # UnionPay
    ("81", "82", (16,)),  # UnionPay, RuPay
    ("2200", "2204", (16, 17, 18, 19)),  # Mir
    ("50", "50", (16, 18, 19)),  # Maestro, Elo, Verve, RuPay
    ("56", "58", (16, 18, 19)),  # Maestro
    ("60", "60", (16,)),  # RuPay, Hipercard
    ("63", "63", (16, 18, 19)),  # Maestro, Elo
    ("67", "67", (16, 18, 19)),  # Maestro
    ("9792", "9792", (16,)),  # Troy
)
# How people write a card number in groups; a whole value may have its separators anywhere.
_GROUPINGS = ((4, 4, 4, 4), (4, 4, 4, 4, 3), (4, 6, 5), (4, 6, 4), (4, 4, 4, 1), (4, 3, 3, 3))
# Digit groups that touch no letter, so that digests and tokens are left alone; %B opens a magnetic stripe.
_DIGIT_GROUPS = re.compile(r"(?:(?<![0-9A-Za-z])|(?<=%B))[0-9]++(?:[ -]{1,3}[0-9]++)*(?![0-9A-Za-z])")
_THIRTEEN_DIGITS = re.compile("[0-9](?:[^0-9A-Za-z]*+[0-9]){12}")
# No thirteen digits without a letter between them; or a UUID, whose groups are never those of a card.
NO_CARD_SQL = (
    "(NOT regexp_matches(value, '[0-9](?:[^0-9A-Za-z]*[0-9]){12}') OR (contains(value, '-') AND "
    "regexp_full_match(value, '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}')))"
)


def is_card_number(text: str, *, is_payment: bool = False) -> bool:
    """Whether a text is, or holds, what looks like a full card number.

    A number counts when it passes Luhn's check and has first digits and a length that a card network issues.
    Where payment instruments are named a card number is likely, so there any number of 13 to 19 digits that
    starts with 2 to 6 counts.

    Args:
        text: Any text; digits may be separated by spaces and dashes of every script.
        is_payment: Whether the text names a payment instrument.
    """
    plain = _with_plain_separators(text)
    if not _THIRTEEN_DIGITS.search(plain):
        return False
    compact = plain.replace(" ", "").replace("-", "")
    if compact.isdigit():
        return _is_issued(compact, is_payment)
    return any(_is_issued(digits, is_payment) for digits in _digit_runs(plain))


def _with_plain_separators(text: str) -> str:
    if text.isascii():
        return text
    separators = {"Zs": " ", "Pd": "-", "Cf": ""}
    normal = unicodedata.normalize("NFKC", text)
    plain = (separators.get(unicodedata.category(c), c) for c in normal)
    # Digits of every script count: an Arabic-Indic card number is a card number.
    return "".join(str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in plain)


def _digit_runs(plain: str) -> list[str]:
    runs = []
    for found in _DIGIT_GROUPS.finditer(plain):
        groups = re.split("[ -]+", found.group())
        sizes = tuple(len(group) for group in groups)
        for i, group in enumerate(groups):
            runs.append(group)
            runs += ["".join(groups[i : i + len(g)]) for g in _GROUPINGS if sizes[i : i + len(g)] == g]
    return runs


def _is_issued(digits: str, is_payment: bool) -> bool:
    n = len(digits)
    if not 13 <= n <= 19:
        return False
    issued = any(low <= digits[: len(low)] <= high and n in sizes for low, high, sizes in _ISSUED)
    return (issued or (is_payment and digits[0] in "23456")) and _passes_luhn(digits)


def _passes_luhn(digits: str) -> bool:
    doubled = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
    numbers = [int(digit) for digit in reversed(digits)]
    return (sum(numbers[::2]) + sum(doubled[number] for number in numbers[1::2])) % 10 == 0
