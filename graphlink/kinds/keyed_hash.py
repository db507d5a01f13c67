"""Keyed hashes that stand for values, and the key that they are made with."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from pathlib import Path
from typing import TYPE_CHECKING

from graphlink.core.errors import SettingsError
from graphlink.core.small_files import open_regular

if TYPE_CHECKING:
    from collections.abc import Collection

    from graphlink.kinds.kind import Kind, Wider

_SHORTEST_KEY = 16  # bytes: 128 bits, beyond trying
_LONGEST_KEY = 4096


def pseudonym(key: bytes, kind: str, value: str) -> str:
    """Make the keyed hash that stands for a value: 26 characters a-z and 2-7 (130 bits of HMAC-SHA256).

    The kind is part of the message, so a value of two kinds has two pseudonyms that can't be matched.
    """
    digest = hmac.digest(key, f"{kind}\x00{value}".encode(), hashlib.sha256)
    return base64.b32encode(digest)[:26].decode("ascii").lower()


def key_check(key: bytes) -> str:
    """Make the keyed hash by which two runs compare their keys; no kind has its name, and no value is it."""
    return pseudonym(key, "", "the key of a run")


def identifiers_of(kind: Kind, value: str, key: bytes | None, hashed: Collection[str]) -> Wider:
    """Make the identifiers of a raw value: its own first, then the wider ones; hashed where asked.

    The wider identifiers are made before hashing. They are hashed when their own kind or the kind they follow
    from is: a plain prefix beside a hashed address would give most of the address away.

    Args:
        kind: Kind of the value.
        value: Raw value.
        key: Key of the pseudonyms; needed when a kind is hashed.
        hashed: Names of the kinds to hash.

    Returns:
        (kind, value) of each identifier.

    Raises:
        UncleanValue: The value can't be cleaned.
        SettingsError: A kind is to be hashed and there is no key.
    """
    cleaned = kind.clean(value)
    plain = ((kind.name, cleaned), *kind.generalizations(cleaned))
    marked = [(name, text, name in hashed or kind.name in hashed) for name, text in plain]
    if key is None and any(is_hashed for _, _, is_hashed in marked):
        raise SettingsError("pseudonymize.key_file: kinds are to be hashed, and there is no key")
    return tuple(
        (name, pseudonym(key, name, text) if is_hashed and key is not None else text)
        for name, text, is_hashed in marked
    )


def read_key(path: str | Path, named_by: str = "pseudonymize.key_file") -> bytes:
    """Read the key of the pseudonyms: the bytes of a file without the line end.

    Args:
        path: The file.
        named_by: The setting or option that names it, for errors.

    Raises:
        SettingsError: The file is missing, readable by every user of the machine, or its key is too short.
    """
    path = Path(path)
    where = f"{named_by}: {path}"
    remedy = f"make one with `(umask 077; head -c 32 /dev/urandom | base64 > {path.name})`"
    with open_regular(path, where, error=SettingsError, remedy=remedy) as file:
        # A hash that anybody can recompute hides nothing, so an open key file is refused, not warned of.
        is_open = os.name == "posix" and os.fstat(file.fileno()).st_mode & 0o004
        key = file.read(_LONGEST_KEY + 1).rstrip(b"\r\n")
    if is_open:
        raise SettingsError(f"{where}: every user can read it; `chmod 600` it")
    if len(key) < _SHORTEST_KEY:
        raise SettingsError(f"{where}: {len(key)} bytes, at least {_SHORTEST_KEY} are needed; {remedy}")
    if len(key) > _LONGEST_KEY:
        raise SettingsError(f"{where}: more than {_LONGEST_KEY} bytes, so not a key; {remedy}")
    return key
