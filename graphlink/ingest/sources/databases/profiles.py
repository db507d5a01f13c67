"""Connection profiles of ADBC: a driver and its options in a file of the user's, not in the settings.

`profile://billing` is the file billing.toml in a folder of ADBC_PROFILE_PATH, or of the user's configuration.
It is named without a path, and its folder is none of the settings': a profile may name a library to load,
and who sends settings must not choose that.
"""

from __future__ import annotations

import os
import re
import stat
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphlink.core.errors import SettingsError
from graphlink.core.small_files import open_regular
from graphlink.ingest.sources.databases.drivers import Driver, driver_named

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = re.compile(r"profile://([A-Za-z0-9][A-Za-z0-9_-]{0,63})/?")
_VARIABLE = re.compile(r"\{\{\s*env_var\(\s*([A-Za-z_][A-Za-z0-9_]*)\s*\)\s*\}\}")
_SECRET = re.compile(
    r"pass|pwd|\bpin\b|token|secret|key|credential|auth|signature|cookie|jwt|session", re.IGNORECASE
)
_PASSWORD = re.compile(r":([^:@]+)@")  # of a user, also in an address without its scheme
_MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Profile:
    """What a profile says.

    Attributes:
        driver: The driver.
        options: Its options, with the values of the environment.
        secrets: Values that no message shows.
    """

    driver: Driver
    options: dict[str, str]
    secrets: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Profile(driver={self.driver.name!r})"


def read_profile(address: str, name: str) -> Profile:
    """Read the profile that an address names.

    Args:
        address: Such as profile://billing.
        name: The source's name in messages.

    Raises:
        SettingsError: There is no such profile, others can read or change it, it is no profile, or names a
            variable that the environment lacks.
    """
    named = _NAME.fullmatch(address)
    if named is None:
        raise SettingsError(
            f"{name}: expected profile://NAME, where NAME is a file NAME.toml of {_folders_text()}"
        )
    path = next((path for folder in _folders() if (path := folder / f"{named[1]}.toml").is_file()), None)
    if path is None:
        raise SettingsError(
            f"{name}: no profile {named[1]!r}; expected a file {named[1]}.toml in {_folders_text()}"
        )
    where = f"{name}: {path}"
    try:
        values = tomllib.loads(_content(path, where))
    except ValueError:  # its message may quote the line
        raise SettingsError(f"{where}: it is no TOML in UTF-8") from None
    return _profile_of(values, where)


def _folders() -> list[Path]:
    given = [Path(part) for part in os.environ.get("ADBC_PROFILE_PATH", "").split(os.pathsep) if part]
    if sys.platform == "darwin":
        own = Path.home() / "Library" / "Application Support" / "ADBC" / "Profiles"
    elif os.name == "nt":
        own = Path(os.environ.get("LOCALAPPDATA", "")) / "ADBC" / "Profiles"
    else:
        own = Path.home() / ".config" / "adbc" / "profiles"
    return [*given, own]


def _folders_text() -> str:
    return f"{_folders()[-1]} or a folder of ADBC_PROFILE_PATH"


def _content(path: Path, where: str) -> str:
    with open_regular(path, where, most_bytes=_MOST_BYTES, error=SettingsError) as file:
        status = os.fstat(file.fileno())
        if os.name == "posix":
            if status.st_mode & (stat.S_IROTH | stat.S_IWOTH | stat.S_IWGRP):
                raise SettingsError(f"{where}: other users can read or change it; `chmod 600` it")
            if status.st_uid not in (0, os.geteuid()):
                raise SettingsError(f"{where}: it belongs to another user; make a profile of your own")
        return file.read(_MOST_BYTES).decode("utf-8-sig")


def _profile_of(values: dict[str, Any], where: str) -> Profile:
    version = values.get("profile_version", values.get("version", 1))
    driver, options = values.get("driver"), values.get("Options", values.get("options", {}))
    if version != 1:
        raise SettingsError(f"{where}: profiles of version 1 are read")
    if not isinstance(driver, str) or not driver or not isinstance(options, dict):
        raise SettingsError(
            f'{where}: expected driver = "NAME", such as snowflake, and a table [Options] of its options'
        )
    made: dict[str, str] = {}
    secrets: list[str] = []
    for name, value in _flat(options):
        text, of_environment = _substituted(value, f"{where}, option {name!r}")
        made[name] = text
        secrets += of_environment + ([text] if _SECRET.search(name) else _PASSWORD.findall(text))
    return Profile(driver_named(driver), made, tuple(secrets))


def _flat(options: dict[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Options by their whole names: a name with dots and without quotes is a table of tables to TOML."""
    for name, value in options.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        elif isinstance(value, bool):
            yield f"{before}{name}", str(value).lower()
        else:
            yield f"{before}{name}", str(value)


def _substituted(text: str, where: str) -> tuple[str, list[str]]:
    """A value with the variables of the environment in it, and what they hold."""
    held: list[str] = []
    for name in _VARIABLE.findall(text):
        if name not in os.environ:
            raise SettingsError(f"{where}: the environment has no variable {name}; set it and run again")
        held.append(os.environ[name])
    return _VARIABLE.sub(lambda found: os.environ[found[1]], text), held
