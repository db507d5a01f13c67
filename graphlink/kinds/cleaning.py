"""Cleaning that all kinds have in common: trimming, refusing values that name nobody, plain tokens."""

from __future__ import annotations

from graphlink.kinds.card_numbers import NO_CARD_SQL, is_card_number
from graphlink.kinds.kind import UncleanValue
from graphlink.kinds.placeholders import REMEDIES, reason_of, reason_of_payment
from graphlink.kinds.spelling import LOST_DIGITS, has_lost_digits, may_lose_digits_sql, spelled

LONGEST_VALUE = 4096  # characters; longer cells are documents or mistakes, never identifiers
TOKEN_SQL = (
    f"length(value) <= {LONGEST_VALUE} AND regexp_full_match(value, '[!-~]([ -~]*[!-~])?') AND {NO_CARD_SQL} "
    f"AND NOT {may_lose_digits_sql('value')}"
)


def trimmed(value: str, is_payment: bool = False) -> str:
    """What every kind does: trim and compose (NFC), and refuse what can't be an identifier at all."""
    if len(value) > LONGEST_VALUE:
        raise UncleanValue(
            "too_long", f"send an identifier of at most {LONGEST_VALUE:,} characters, or a digest of it"
        )
    if "\x00" in value:
        raise UncleanValue("nul_byte", "the value holds a NUL byte; look for a broken export")
    value = spelled(value)
    if not value:
        raise UncleanValue("empty", "leave the row out, or give the value")
    if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
        raise UncleanValue("broken_text", "the value is not valid Unicode; export as UTF-8")
    if has_lost_digits(value):
        raise UncleanValue("lost_digits", LOST_DIGITS)
    if is_card_number(value, is_payment=is_payment):
        raise UncleanValue("card_number", "send a fingerprint of the card instead of its number")
    return value


def named(value: str, is_payment: bool = False) -> str:
    """A trimmed value that may name somebody."""
    value = trimmed(value, is_payment)
    refuse(reason_of(value) or (reason_of_payment(value) if is_payment else None))
    return value


def refuse(reason: str | None) -> None:
    """Raise UncleanValue where there is a reason against a value."""
    if reason:
        raise UncleanValue(reason, REMEDIES[reason])


def placeholder_or(value: str, reason: str, remedy: str) -> None:
    """Raise UncleanValue: for what a placeholder is, or for the given reason."""
    named(value)
    raise UncleanValue(reason, remedy)


def clean_token(value: str) -> str:
    """Clean a value that is taken as it is."""
    return named(value)
