"""Cells that hold times -> SQL: how one is read in UTC, and what is at fault with it.

Texts (ISO 8601, or of the given time_format), numbers of an epoch, and timestamps of any precision; local
times where the settings name their zone.
"""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphlink.core.errors import SettingsError
from graphlink.core.sql import SqlText, quoted_text
from graphlink.ingest.time_formats import EPOCHS, LATEST_YEAR, UNITS

if TYPE_CHECKING:
    from graphlink.engine import Reader


@dataclass(frozen=True, slots=True)
class Clock:
    """How the times of a source are to be read.

    Attributes:
        name: The source's name in messages.
        time_format: One of strptime, or the name of an epoch; empty for ISO 8601.
        time_zone: Zone of times that carry none.
        earliest: A day, UTC; what is before is rejected.
        latest: A moment in ISO 8601; what is after is rejected where a time can't be to come.
    """

    name: str
    time_format: str = ""
    time_zone: str = "UTC"
    earliest: str = "1990-01-01"
    latest: str = "9999-12-31"


NUMBER = re.compile(r"(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL\(.*\)|DOUBLE|FLOAT)")


FLOATING = ("DOUBLE", "FLOAT")


WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT")


def time_cell(place: Clock, sql: str, kind: str) -> str:
    """SQL of the time of a cell in UTC; null where it is none."""
    parsed = _parsed_time(place, f"nullif(trim({sql}), '')" if kind == "VARCHAR" else sql, kind)
    return f"CASE WHEN isfinite({parsed}) THEN {parsed} END"


_ZONED = r"[0-9]:[0-9.,:]+ ?(Z|z|[+-][0-9]{2}(:?[0-9]{2})?|[A-Za-z_]+(/[A-Za-z_+0-9-]+)*)$"


_ZONED_TYPES = ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS")  # the engine's names, of micro- and nanoseconds


# An epoch as spreadsheets shorten it, such as 1.77236E+09, is off by minutes or hours.
_ROUNDED = "[0-9]([.,][0-9]{0,6})?[eE][+]?[0-9]+"


MICROS = 1_000_000  # in a second


def _parsed_time(place: Clock, sql: str, kind: str) -> str:
    """SQL that gives a time in UTC, or null."""
    if place.time_format in EPOCHS and (kind == "VARCHAR" or NUMBER.fullmatch(kind)):
        micros = _micros_of_epoch(sql, EPOCHS[place.time_format])
        # Of some types of numbers the product has no room.
        micros = micros if kind == "VARCHAR" else f"TRY({micros})"
        # The years 1 to 9999; what is beyond can't be a time and must not overflow.
        return f"CASE WHEN abs({micros}) < 253402300800000000 THEN make_timestamptz(({micros})::BIGINT) END"
    if kind in _ZONED_TYPES:
        return sql if kind == _ZONED_TYPES[0] else f"TRY_CAST({sql} AS TIMESTAMPTZ)"
    zone = quoted_text(place.time_zone)
    if kind != "VARCHAR":
        return _of_wall_sql(zone, f"TRY_CAST({sql} AS TIMESTAMP)")
    if place.time_format:
        parsed = f"try_strptime({sql}, {quoted_text(place.time_format)})"
        return parsed if re.search("%[zZ]", place.time_format) else _of_wall_sql(zone, parsed)
    if place.time_zone == "UTC":
        return _iso_sql(sql, "TIMESTAMPTZ")
    return (
        f"CASE WHEN regexp_matches({sql}, {quoted_text(_ZONED)}) THEN {_iso_sql(sql, 'TIMESTAMPTZ')} "
        f"ELSE {_of_wall_sql(zone, _iso_sql(sql, 'TIMESTAMP'))} END"
    )


def _of_wall_sql(zone: str, local: str) -> str:
    """SQL of the moment at which clocks of a zone show a time; null where there is none."""
    # One time beyond the years that can be shifted must not end the reading of all others.
    return f"TRY(timezone({zone}, {local}))"


def _iso_sql(text: str, kind: str) -> str:
    # A comma before the fraction is ISO 8601 too, and what Python's logging writes; DuckDB reads a point
    # only. Tried after that, so that it costs nothing where there is none.
    pointed = f"regexp_replace({text}, '(:[0-9]{{2}}),([0-9])', '\\1.\\2')"
    return f"coalesce(TRY_CAST({text} AS {kind}), TRY_CAST({pointed} AS {kind}))"


def _micros_of_epoch(number: str, units: int) -> str:
    """SQL of the microseconds of a number that counts units of a second; exact, also of nanoseconds."""
    if units > MICROS:
        return f"TRY_CAST({number} AS HUGEINT) // {units // MICROS}"
    return f"TRY_CAST({number} AS DECIMAL(38, 6)) * {MICROS // units}"


_Faults = list[tuple[str, str, str]]  # SQL: condition, reason, text at fault


def any_time_faults(place: Clock, made: str, sql: str) -> _Faults:
    """What is at fault with the time of a cell that may be to come, such as the closing of an account."""
    text = f"{sql}::VARCHAR"
    # A number of a floating column is exact, and shown in this way only.
    is_rounded = (
        f"typeof({sql}) = 'VARCHAR' AND epoch_us({made}) % {100 * MICROS} = 0 "
        f"AND regexp_full_match(trim({text}), '{_ROUNDED}')"
    )
    return [
        *([(is_rounded, "lost_digits", text)] if place.time_format in EPOCHS else []),
        (f"{made} IS NULL AND trim({text}) <> ''", _reason_sql(place, text, "unparsable_time"), text),
        (
            f"{made} < TIMESTAMPTZ '{place.earliest} 00:00:00+00'",
            _reason_sql(place, text, "implausible_time"),
            text,
        ),
    ]


def time_faults(place: Clock, made: str, sql: str) -> _Faults:
    """What is at fault with the time of a cell."""
    is_to_come = f"{made} > TIMESTAMPTZ '{place.latest}'"
    return [*any_time_faults(place, made, sql), (is_to_come, "future_time", f"{sql}::VARCHAR")]


UNIT_REASONS = {f"time_in_{unit}": name for name, unit in UNITS.items()}


def _reason_sql(place: Clock, text: str, otherwise: str) -> str:
    """SQL of the reason: which unit makes a plausible time of the number, where one does."""
    if "%" in place.time_format:
        return otherwise
    number = f"TRY_CAST(trim({text}) AS DOUBLE)"
    first, last = micros_of(place.earliest), min(micros_of(place.latest), micros_of(f"{LATEST_YEAR}-01-01"))
    cases = " ".join(
        f"WHEN {number} BETWEEN {first * units // MICROS} AND {last * units // MICROS} THEN '{reason}'"
        for reason, name in UNIT_REASONS.items()
        if name != place.time_format and (units := EPOCHS[name])
    )
    return SqlText(f"CASE {cases} ELSE {quoted_text(otherwise)} END")


def check_times(engine: Reader, place: Clock) -> None:
    """Check a zone and a format.

    Raises:
        SettingsError: One of them is unknown.
    """
    if place.time_zone != "UTC":
        try:
            zoneinfo.ZoneInfo(place.time_zone)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise SettingsError(
                f"{place.name}: time_zone {place.time_zone!r} is none; use a name such as Europe/Berlin"
            ) from error
    time_format = place.time_format
    if time_format and time_format not in EPOCHS:
        try:
            is_format = "%" in time_format
            engine.here.rows(f"SELECT try_strptime('', {quoted_text(time_format)})")
        except Exception as error:  # noqa: BLE001 - the engine's own error of a format it can't read
            raise SettingsError(
                f"{place.name}: time_format {time_format!r}: {str(error).splitlines()[0]}"
            ) from None
        if not is_format:
            raise SettingsError(
                f"{place.name}: time_format {time_format!r} is none; use {', '.join(EPOCHS)} or one of "
                "strptime such as %d.%m.%Y %H:%M"
            )


def micros_of(time: str) -> int:
    """Microseconds from 1970 to a moment in ISO 8601, in UTC where it names no zone."""
    moment = dt.datetime.fromisoformat(time)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)
