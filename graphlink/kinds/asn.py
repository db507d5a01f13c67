"""Numbers of autonomous systems."""

from __future__ import annotations

import re

from graphlink.kinds.cleaning import named
from graphlink.kinds.kind import UncleanValue
from graphlink.kinds.spelling import without_zero_fraction

_ASN = re.compile(r"(?:ASN?)?\s*([0-9]{1,10})(?:\.([0-9]{1,5}))?(?:\s.*)?", re.IGNORECASE)
_RESERVED_ASN = (0, 23456, 65535, 4294967295)  # RFC 7607, 6793, 7300


def clean_asn(value: str) -> str:
    """AS and the number. 64500.0 is 64500 out of a floating column; with the letters, AS1.0 is asdot."""
    text = without_zero_fraction(named(value))
    found = _ASN.fullmatch(text)
    high, low = (int(found[1]), int(found[2] or -1)) if found else (-1, -1)
    number = high if low < 0 else high * 65536 + low
    if number in _RESERVED_ASN or not 0 < number <= 4294967295 or low > 65535:
        raise UncleanValue("not_an_asn", "expected the number of an autonomous system such as AS64500")
    return f"AS{number}"
