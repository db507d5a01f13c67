"""Texts of times -> the time_format that reads them, by trial; nothing here touches an engine.

What counts as ISO 8601 is what the engines read as such, which is less than the standard (no week dates, no
form without hyphens) and a little more (one digit of a month, a slash, a comma before the fraction). A number
is an epoch when it is within plausible years; a duration, a size or a counter does not. A placeholder such
as 1970-01-01 is not a time either.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import cache, partial
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Name of the format -> its units per second. Of the years 1990 to 2100 no two units share a number.
EPOCHS = {"epoch_s": 1, "epoch_ms": 1_000, "epoch_us": 1_000_000, "epoch_ns": 1_000_000_000}
UNITS = {
    "epoch_s": "seconds",
    "epoch_ms": "milliseconds",
    "epoch_us": "microseconds",
    "epoch_ns": "nanoseconds",
}
EARLIEST_YEAR, LATEST_YEAR = 1990, 2100  # of a plausible time

_FIRST, _LAST = (
    int(dt.datetime(year, 1, 1, tzinfo=dt.UTC).timestamp()) for year in (EARLIEST_YEAR, LATEST_YEAR)
)
_ISO = re.compile(
    r"(?P<day>\d{4}(?P<cut>[-/])\d{1,2}(?P=cut)\d{1,2})"
    r"(?:[ T](?P<clock>\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?)(?:Z|[+-]\d{2}(?::?\d{2})?| (?:UTC|GMT))?)?"
)
_NUMBER = re.compile(r"\d{9,19}(\.\d+)?|\d\.\d+[eE]\+?\d{1,2}")
_DIGITS = "%Y%m%d%H%M%S"
# Of these no text fits two, but for those of _AMBIGUOUS.
_FORMATS = (
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%d/%b/%Y:%H:%M:%S %z",  # nginx and Apache
    "%Y%m%dT%H%M%SZ",
    _DIGITS,
    "%a, %d %b %Y %H:%M:%S GMT",
    "%a %b %d %H:%M:%S %Y",
    "%d %b %Y %H:%M:%S",
    "%b %d, %Y %I:%M:%S %p",
)
_AMBIGUOUS = tuple(
    f"{day}{clock}"
    for clock in (
        *(" %H:%M:%S", " %H:%M:%S.%f", " %H:%M", ""),
        *(" %I:%M:%S %p", " %I:%M %p", ", %I:%M:%S %p", ", %I:%M:%S.%f %p"),
    )
    for day in ("%d/%m/%Y", "%m/%d/%Y")
)


class TimeFormat(NamedTuple):
    """A format that reads times.

    Attributes:
        time_format: As the settings name it; empty for ISO 8601.
        share: Share of the texts that it reads, 0 to 1.
        rival: Another format that reads as many, with day and month swapped.
    """

    time_format: str
    share: float
    rival: str = ""


def likely_format(texts: Sequence[str]) -> TimeFormat | None:
    """The format that reads the most of some texts; None where none reads any."""
    if not texts:
        return None
    matching = [
        TimeFormat(name, share) for name, is_like in _TRIALS.items() if (share := _share(texts, is_like))
    ]
    best = max(matching, key=lambda one: one.share, default=None)
    if best is None or best.time_format not in _AMBIGUOUS:
        return best
    rival = next((one for one in matching if one.share == best.share and one != best), None)
    return best._replace(rival=rival.time_format) if rival else best


def epoch_unit(text: str) -> str:
    """The name of the epoch format that makes a plausible time of a number; empty where none does."""
    if not _NUMBER.fullmatch(text):
        return ""
    number = float(text)
    return next((name for name, units in EPOCHS.items() if _FIRST * units <= number < _LAST * units), "")


def _is_iso(text: str) -> bool:
    match = _ISO.fullmatch(text.strip())
    if not match:
        return False
    clock = (match["clock"] or "00:00").replace(",", ".").partition(".")[0]
    seconds = ":%S" if clock.count(":") > 1 else ""
    return _fits(f"{match['day'].replace('/', '-')} {clock}", f"%Y-%m-%d %H:%M{seconds}")


def _is_epoch(text: str, name: str) -> bool:
    return epoch_unit(text.strip()) == name


def _fits(text: str, time_format: str) -> bool:
    text = text.strip()
    if not _shape(time_format).fullmatch(text):
        return False
    try:
        return EARLIEST_YEAR <= dt.datetime.strptime(text, time_format).year < LATEST_YEAR
    except ValueError:
        return False


_WIDTHS = {
    "%Y": r"\d{4}",
    "%b": "[A-Za-z]{3}",
    "%a": "[A-Za-z]{3}",
    "%p": "[AaPp][Mm]",
    "%f": r"\d{1,6}",
    "%z": r"[+-]\d{2}:?\d{2}",
}


@cache
def _shape(time_format: str) -> re.Pattern[str]:
    """What texts of a format look like: quicker than an attempt, and strict where Python is not.

    In a format without separators (20250601100000) each field has all its digits.
    """
    digits = r"\d{2}" if time_format == _DIGITS or "T%H%M" in time_format else r"\d{1,2}"
    tokens = re.findall("%.|[^%]", time_format)
    return re.compile(
        "".join(_WIDTHS.get(token, digits) if token[0] == "%" else re.escape(token) for token in tokens)
    )


def _share(texts: Sequence[str], is_like: Callable[[str], object]) -> float:
    return sum(1 for text in texts if is_like(text)) / len(texts)


_TRIALS: dict[str, Callable[[str], bool]] = {
    "": _is_iso,
    **{name: partial(_is_epoch, name=name) for name in EPOCHS},
    **{name: partial(_fits, time_format=name) for name in (*_FORMATS, *_AMBIGUOUS)},
}
