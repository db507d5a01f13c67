"""Settings from `graphlink.toml`, or from a mapping."""

from __future__ import annotations

import dataclasses
import os
import tomllib
from pathlib import Path
from typing import Any

from graphlink.core.arguments import checked
from graphlink.core.errors import SettingsError
from graphlink.core.ranges import made_from
from graphlink.core.settings.whole import Settings
from graphlink.core.small_files import read_regular

_MOST_BYTES = 64 << 20  # of a settings file: a million overrides


@checked
def read_settings(path: str | Path) -> Settings:
    """Make settings from a TOML file; paths in it are relative to the file, wherever Python runs.

    Args:
        path: The file, such as graphlink.toml.

    Returns:
        The settings, which know the folder that their paths are relative to.

    Raises:
        SettingsError: The file is missing, is not TOML, or names a setting that does not exist.
    """
    path = Path(path)
    remedy = "`graphlink init FILES...` writes a settings file"
    content = read_regular(path, most_bytes=_MOST_BYTES, error=SettingsError, remedy=remedy)
    try:
        values = tomllib.loads(content.decode("utf-8-sig").replace("\r\n", "\n"))
    except RecursionError:
        raise SettingsError(f"{path}: tables or lists are nested too deep") from None
    except ValueError as error:  # no TOML, no UTF-8, or a number of thousands of digits
        raise SettingsError(f"{path}: {error}") from error
    folder = os.path.abspath(path.parent)  # noqa: PTH100 - `resolve` would follow links, which messages name
    return dataclasses.replace(settings_from(values, str(path)), folder=folder)


def settings_from(values: dict[str, Any], where: str = "settings") -> Settings:
    """Make settings from a mapping, as parsed from TOML; every name, type and range is checked.

    Args:
        values: Names of settings to their values; tables of the file are mappings, lists of tables lists of
            them.
        where: What errors name as the place of a setting, such as the path of a file.

    Returns:
        The settings; what is not named has its default.

    Raises:
        SettingsError: Names the setting, its value and what is accepted.
    """
    return made_from(Settings, values, where)
