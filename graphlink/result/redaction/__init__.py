"""Redaction: the same result with its values replaced, for readers who may not see them.

A profile states how to redact accounts, identifiers, attributes, labels and times. It is applied to the
tables as they are read, before anything is explained or drawn, so what is rendered from a redacted result
can't hold a raw value. What a profile does not name is left out: text in a column unknown here becomes null.
"""

from __future__ import annotations

from graphlink.result.profiles import INVESTIGATOR, LEGAL, PARTNER, PROFILES, Profile, read_profile
from graphlink.result.redaction.tables import Redacted, redact

__all__ = ["INVESTIGATOR", "LEGAL", "PARTNER", "PROFILES", "Profile", "Redacted", "read_profile", "redact"]
