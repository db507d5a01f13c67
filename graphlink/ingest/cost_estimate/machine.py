"""Memory of the machine and of the engine; sizes, times and numbers in words."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

_UNITS = {"k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12, "ki": 1 << 10, "mi": 1 << 20, "gi": 1 << 30, "ti": 1 << 40}


def memory_mib() -> int | None:
    """Memory of the machine, or the limit of its container; None where neither is known."""
    limits = []
    with suppress(ValueError, OSError, AttributeError):  # not every system has these
        limits.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    with suppress(ValueError, OSError):  # "max", or no such file: no limit
        limits.append(int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")))
    return min(limits) >> 20 if limits else None


def memory_limit_mib(setting: str, machine: int | None) -> int | None:
    """Memory that the engine may use; 80 % of the machine by default."""
    match = re.fullmatch(r"([0-9.]+)\s*(?:([KMGT]i?)B|%)", setting or "80%", re.IGNORECASE)
    if match is None or (match[2] is None and machine is None):
        return None
    if match[2] is None:
        return round(float(match[1]) / 100 * (machine or 0))
    return round(float(match[1]) * _UNITS[match[2].lower()]) >> 20


def size_words(mib: int) -> str:
    """A size in MiB or GiB."""
    return f"{mib / 1024:,.1f} GiB" if mib >= 1024 else f"{mib:,} MiB"


def time_words(seconds: float) -> str:
    """A time in seconds, minutes or hours."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:,.1f} h"


def about_words(n: int) -> str:
    """A number to two digits: it is no more exact than that."""
    if n >= 1_000_000:
        return f"{float(f'{n:.2g}') / 1e6:,.10g} million"
    return f"{int(float(f'{n:.2g}')):,}"
