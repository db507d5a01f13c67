"""Who reads what a result gives away: the profile of what they may see, and the key of their pseudonyms."""

from __future__ import annotations

from pathlib import Path

from graphlink.kinds import read_key
from graphlink.result.redaction import Profile, read_profile


def profile_of(readers: Profile | str | Path) -> Profile:
    """The profile of a name, of a TOML file, or as it is.

    Raises:
        SettingsError: There is no such profile or file, or the file has an invalid setting.
    """
    return readers if isinstance(readers, Profile) else read_profile(readers)


def key_of(key: bytes | str | Path | None) -> bytes | None:
    """The bytes of a key, or of the file that holds it.

    Raises:
        SettingsError: The file can't be read, or the key is too short.
    """
    if isinstance(key, str | Path):
        return read_key(key, "key")
    return key
