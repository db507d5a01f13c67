"""What settings of several tables have to keep to."""

from __future__ import annotations

from graphlink.core.errors import SettingsError
from graphlink.core.ranges import shown

# Nearer to 0 or 1 the odds are no longer exact.
LEAST = 1e-9
MOST = 1 - LEAST


def check_setting(name: str, value: object, wanted: str, *, is_right: bool) -> None:
    """Raise an error that names a setting, its value and the accepted range, unless it is right."""
    if not is_right:
        raise SettingsError(f"{name}: expected {wanted}, found {shown(value)}")
