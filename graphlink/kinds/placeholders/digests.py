"""Digests of texts that stand for nothing: what was hashed although there was nothing to hash."""

from __future__ import annotations

import base64
import hashlib

# A text that was hashed although there was none. Keyed digests can't be known.
_HASHED: tuple[str, ...] = (
    "",
    " ",
    "\n",
    "null",
    "NULL",
    "Null",
    "none",
    "None",
    "nan",
    "NaN",
    "n/a",
    "N/A",
    "NA",
    "-",
    "0",
    "undefined",
    "unknown",
    "Unknown",
    "UNKNOWN",
    "anonymous",
    "true",
    "false",
    "\\N",
    "[]",
    "{}",
    '""',
)
_ALGORITHMS = ("md5", "sha1", "sha256", "sha512")
_URL_SAFE = str.maketrans("+/", "-_")


def _digests() -> frozenset[str]:
    found = set()
    for text in _HASHED:
        for algorithm in _ALGORITHMS:
            digest = hashlib.new(algorithm, text.encode(), usedforsecurity=False)
            plain = base64.b64encode(digest.digest()).decode().lower()
            spellings = (plain, plain.translate(_URL_SAFE))
            found |= {digest.hexdigest(), *spellings, *(one.rstrip("=") for one in spellings)}
    return frozenset(found)


DIGESTS = _digests()
