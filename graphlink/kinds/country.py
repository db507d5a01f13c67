"""Countries of addresses."""

from __future__ import annotations

import re

from graphlink.kinds.cleaning import named, refuse, trimmed
from graphlink.kinds.kind import UncleanValue
from graphlink.kinds.placeholders import PLACEHOLDER


def clean_country(value: str) -> str:
    """The two letters of ISO 3166, in capitals."""
    code = trimmed(value).upper()
    if code in ("XX", "ZZ", "--"):
        refuse(PLACEHOLDER)
    if not re.fullmatch("[A-Z]{2}", code):
        named(value)
        raise UncleanValue("not_a_country", "expected the two letters of ISO 3166 such as DE")
    return code
