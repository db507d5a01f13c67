"""Payment instruments: fingerprints, tokens and IBANs."""

from __future__ import annotations

import re

from graphlink.kinds.cleaning import named


def clean_payment(value: str) -> str:
    """An IBAN in its printed form without spaces; anything else as it is."""
    iban = re.sub(r"[ -]", "", value[:64]).upper() if len(value) <= 64 else ""
    if re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", iban) and _is_iban(iban):
        return iban
    return named(value, is_payment=True)


def _is_iban(text: str) -> bool:
    return int("".join(str(int(c, 36)) for c in text[4:] + text[:4])) % 97 == 1
