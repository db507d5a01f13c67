"""Cells that hold times -> SQL: how one is read in UTC, what is at fault with it, and where it is sure.

Texts (ISO 8601, or as time_format says), numbers of an epoch, and timestamps of any precision; of a clock on
a wall where the settings name its zone.
"""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphlink.errors import SettingsError
from graphlink.sql import Sql, quoted_text
from graphlink.time_formats import EPOCHS, LATEST_YEAR, UNITS

if TYPE_CHECKING:
    from graphlink.engine import Engine


@dataclass(frozen=True, slots=True)
class Clock:
    """How the times of a source are to be read.

    Attributes:
        name: The source's name in messages.
        time_format: One of strptime, or the name of an epoch; empty for ISO 8601.
        time_zone: Zone of times that carry none.
        earliest: A day, UTC; what is before is set aside.
        latest: A moment in ISO 8601; what is after is set aside where a time can't be to come.
    """

    name: str
    time_format: str = ""
    time_zone: str = "UTC"
    earliest: str = "1990-01-01"
    latest: str = "9999-12-31"


NUMBER = re.compile(r"(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL\(.*\)|DOUBLE|FLOAT)")
FLOATING = ("DOUBLE", "FLOAT")
WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT")


# --- one cell ----------------------------------------------------------------------------------------------


def time_cell(place: Clock, sql: str, kind: str) -> str:
    """SQL of the time of a cell in UTC; null where it is none."""
    parsed = _parsed_time(place, f"nullif(trim({sql}), '')" if kind == "VARCHAR" else sql, kind)
    return f"CASE WHEN isfinite({parsed}) THEN {parsed} END"


_ZONED = r"[0-9]:[0-9.,:]+ ?(Z|z|[+-][0-9]{2}(:?[0-9]{2})?|[A-Za-z_]+(/[A-Za-z_+0-9-]+)*)$"
_ZONED_TYPES = ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS")  # the engine's names, of micro- and nanoseconds
# An epoch as spreadsheets shorten it, such as 1.77236E+09, is off by minutes or hours.
_ROUNDED = "[0-9]([.,][0-9]{0,6})?[eE][+]?[0-9]+"
_MICROS = 1_000_000  # in a second


def _parsed_time(place: Clock, told: str, kind: str) -> str:
    """SQL that gives a time in UTC, or null."""
    if place.time_format in EPOCHS and (kind == "VARCHAR" or NUMBER.fullmatch(kind)):
        micros = _micros_of_epoch(told, EPOCHS[place.time_format])
        # Of some types of numbers the product has no room.
        micros = micros if kind == "VARCHAR" else f"TRY({micros})"
        # The years 1 to 9999; what is beyond can't be a time and must not overflow.
        return f"CASE WHEN abs({micros}) < 253402300800000000 THEN make_timestamptz(({micros})::BIGINT) END"
    if kind in _ZONED_TYPES:
        return told if kind == _ZONED_TYPES[0] else f"TRY_CAST({told} AS TIMESTAMPTZ)"
    zone = quoted_text(place.time_zone)
    if kind != "VARCHAR":
        return _of_wall_sql(zone, f"TRY_CAST({told} AS TIMESTAMP)")
    if place.time_format:
        parsed = f"try_strptime({told}, {quoted_text(place.time_format)})"
        return parsed if re.search("%[zZ]", place.time_format) else _of_wall_sql(zone, parsed)
    if place.time_zone == "UTC":
        return _iso_sql(told, "TIMESTAMPTZ")
    return (
        f"CASE WHEN regexp_matches({told}, {quoted_text(_ZONED)}) THEN {_iso_sql(told, 'TIMESTAMPTZ')} "
        f"ELSE {_of_wall_sql(zone, _iso_sql(told, 'TIMESTAMP'))} END"
    )


def _of_wall_sql(zone: str, local: str) -> str:
    """SQL of the moment at which clocks of a zone show a time; null where there is none."""
    # One time beyond the years that can be shifted must not end the reading of all others.
    return f"TRY(timezone({zone}, {local}))"


def _iso_sql(told: str, kind: str) -> str:
    # A comma before the fraction is ISO 8601 too, and what Python's logging writes; DuckDB reads a point
    # only. Tried after that, so that it costs nothing where there is none.
    pointed = f"regexp_replace({told}, '(:[0-9]{{2}}),([0-9])', '\\1.\\2')"
    return f"coalesce(TRY_CAST({told} AS {kind}), TRY_CAST({pointed} AS {kind}))"


def _micros_of_epoch(told: str, units: int) -> str:
    """SQL of the microseconds of a number that counts units of a second; exact, also of nanoseconds."""
    if units > _MICROS:
        return f"TRY_CAST({told} AS HUGEINT) // {units // _MICROS}"
    return f"TRY_CAST({told} AS DECIMAL(38, 6)) * {_MICROS // units}"


_Faults = list[tuple[str, str, str]]  # SQL: condition, reason, text found


def any_time_faults(place: Clock, made: str, sql: str) -> _Faults:
    """What is at fault with the time of a cell that may be to come, such as the closing of an account."""
    found = f"{sql}::VARCHAR"
    # A number of a floating column is exact, and shown in this way only.
    is_rounded = (
        f"typeof({sql}) = 'VARCHAR' AND epoch_us({made}) % {100 * _MICROS} = 0 "
        f"AND regexp_full_match(trim({found}), '{_ROUNDED}')"
    )
    return [
        *([(is_rounded, "lost_digits", found)] if place.time_format in EPOCHS else []),
        (f"{made} IS NULL AND trim({found}) <> ''", _reason_sql(place, found, "unparsable_time"), found),
        (
            f"{made} < TIMESTAMPTZ '{place.earliest} 00:00:00+00'",
            _reason_sql(place, found, "implausible_time"),
            found,
        ),
    ]


def time_faults(place: Clock, made: str, sql: str) -> _Faults:
    """What is at fault with the time of a cell."""
    is_to_come = f"{made} > TIMESTAMPTZ '{place.latest}'"
    return [*any_time_faults(place, made, sql), (is_to_come, "future_time", f"{sql}::VARCHAR")]


UNIT_REASONS = {f"time_in_{unit}": name for name, unit in UNITS.items()}


def _reason_sql(place: Clock, found: str, otherwise: str) -> str:
    """SQL of the reason: which unit makes a plausible time of the number, where one does."""
    if "%" in place.time_format:
        return otherwise
    number = f"TRY_CAST(trim({found}) AS DOUBLE)"
    first, last = _micros(place.earliest), min(_micros(place.latest), _micros(f"{LATEST_YEAR}-01-01"))
    cases = " ".join(
        f"WHEN {number} BETWEEN {first * units // _MICROS} AND {last * units // _MICROS} THEN '{reason}'"
        for reason, name in UNIT_REASONS.items()
        if name != place.time_format and (units := EPOCHS[name])
    )
    return Sql(f"CASE {cases} ELSE {quoted_text(otherwise)} END")


def check_times(engine: Engine, place: Clock) -> None:
    """Check a zone and a format.

    Raises:
        SettingsError: One of them is none.
    """
    if place.time_zone != "UTC":
        try:
            zoneinfo.ZoneInfo(place.time_zone)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise SettingsError(
                f"{place.name}: time_zone {place.time_zone!r} is none; use a name such as Europe/Berlin"
            ) from error
    told = place.time_format
    if told and told not in EPOCHS:
        try:
            is_format = "%" in told
            engine.here.rows(f"SELECT try_strptime('', {quoted_text(told)})")
        except Exception as error:  # noqa: BLE001 - the engine's own error of a format it can't read
            raise SettingsError(f"{place.name}: time_format {told!r}: {str(error).splitlines()[0]}") from None
        if not is_format:
            raise SettingsError(
                f"{place.name}: time_format {told!r} is none; use {', '.join(EPOCHS)} or one of strptime "
                "such as %d.%m.%Y %H:%M"
            )


# --- where SQL of any engine is sure -----------------------------------------------------------------------

_LARGEST = 1 << 62  # whole numbers of engines and of fractions hold this without a doubt
_UNSURE_TIME = ("false", "NULL::TIMESTAMPTZ")
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,6})?)?"
_SURE_LOCAL = f"{_DAY}([ T]{_CLOCK})?"
_SURE_ZONED = f"{_DAY}[ T]{_CLOCK}(Z|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)"
_DIRECTIVES = {"%Y": 4, "%m": 2, "%d": 2, "%H": 2, "%M": 2, "%S": 2}  # each with its digits


def sure_time(place: Clock, cell: str, kind: str) -> tuple[str, str]:
    """SQL that all engines take alike: where it is sure what time a cell is, and which."""
    if place.time_format in EPOCHS and (kind == "VARCHAR" or NUMBER.fullmatch(kind)):
        return _sure_epoch(place, cell, kind)
    if kind != "VARCHAR":
        is_sure = kind in ("TIMESTAMP WITH TIME ZONE", "TIMESTAMP", "DATE")
        return ("true", f"{cell}::TIMESTAMPTZ") if is_sure else _UNSURE_TIME
    if place.time_format:
        return _sure_format(place.time_format, cell)
    pointed = f"replace({cell}, ',', '.')"
    return f"regexp_full_match({cell}, '{_SURE_LOCAL}|{_SURE_ZONED}')", f"TRY_CAST({pointed} AS TIMESTAMPTZ)"


def _sure_epoch(place: Clock, cell: str, kind: str) -> tuple[str, str]:
    units = EPOCHS[place.time_format]
    number = f"TRY_CAST({cell} AS BIGINT)" if kind == "VARCHAR" else f"{cell}::BIGINT"
    earliest = _micros(place.earliest) * units // _MICROS
    latest = min(_micros("9999-12-30") * units // _MICROS, _LARGEST)
    told = {"VARCHAR": f"regexp_full_match({cell}, '[0-9]{{1,{19 if units > _MICROS else 17}}}')"}
    told |= dict.fromkeys(FLOATING, f"{cell} = floor({cell})") | dict.fromkeys(WHOLE, "true")
    within = f"{number if kind == 'VARCHAR' else cell} BETWEEN {earliest} AND {latest}"
    micros = f"{number} // {units // _MICROS}" if units > _MICROS else f"{number} * {_MICROS // units}"
    return f"{told.get(kind, 'false')} AND {within}", f"make_timestamptz({micros})"


def _sure_format(told: str, cell: str) -> tuple[str, str]:
    """Of formats in numbers of fixed lengths, such as %d.%m.%Y %H:%M."""
    parts = re.findall("%.|[^%]", told)
    names = [part for part in parts if part in _DIRECTIVES]
    between = [part for part in parts if part not in _DIRECTIVES]
    is_sure = len(set(names)) == len(names) and {"%Y", "%m", "%d"} <= set(names)
    if not is_sure or not all(part in " .:/-_TZ," for part in between):
        return _UNSURE_TIME
    pattern = "".join(
        f"([0-9]{{{_DIRECTIVES[part]}}})" if part in _DIRECTIVES else f"[{part}]" for part in parts
    )
    found = [
        f"regexp_extract({cell}, '{pattern}', {names.index(name) + 1})" if name in names else "'00'"
        for name in _DIRECTIVES
    ]
    joined = "{} || '-' || {} || '-' || {} || ' ' || {} || ':' || {} || ':' || {}".format(*found)
    return f"regexp_full_match({cell}, '{pattern}')", f"TRY_CAST({joined} AS TIMESTAMPTZ)"


def local_sql(place: Clock, cell: str, kind: str) -> str:
    """Where a time is told by a clock on a wall."""
    is_epoch = place.time_format in EPOCHS
    if kind == "VARCHAR" and not place.time_format:
        return f"regexp_full_match({cell}, '{_SURE_LOCAL}')"
    is_text = kind == "VARCHAR" and not is_epoch
    return "true" if is_text or kind in ("TIMESTAMP", "DATE") else "false"


def shift_sql(engine: Engine, place: Clock, time: str, source: str) -> str:
    """SQL from a local time of a query, read as if it were in UTC, to UTC; null where it isn't sure.

    Engines know time zones of different years, and take hours that are skipped or repeated differently, so
    they are told by the embedded engine how far a clock is ahead from when on.
    """
    times = f"{time} BETWEEN {_time_sql(_micros(place.earliest))} AND {_time_sql(_micros('2100-01-01'))}"
    asked = f"SELECT epoch(min({time}))::BIGINT, epoch(max({time}))::BIGINT FROM ({source}) WHERE {times}"
    first, last = engine.rows(asked)[0]
    if first is None or last is None:
        return "NULL::TIMESTAMPTZ"
    zone = quoted_text(place.time_zone)
    steps = engine.here.rows(
        _STEPS.format(zone=zone, first=int(str(first)) - 9_000, last=int(str(last)) + 9_000)
    )
    cases = "".join(f" WHEN {time} >= {_time_sql(since)} THEN {ahead}" for since, ahead in steps)
    shifted = f"make_timestamptz((epoch({time}) * 1000000)::BIGINT - CASE{cases} END)"
    return f"CASE WHEN {times} THEN {shifted} END"


_STEPS = """
    WITH hours AS (
        SELECT unnest(range(
            make_timestamp({first}::BIGINT // 3600 * 3600000000),
            make_timestamp({last}::BIGINT * 1000000),
            INTERVAL 1 HOUR
        )) AS moment
    ), ahead AS (
        SELECT moment, epoch_us(moment) - epoch_us(timezone({zone}, moment)) AS ahead FROM hours
    ), changed AS (
        SELECT moment FROM ahead QUALIFY ahead IS DISTINCT FROM lag(ahead) OVER (ORDER BY moment)
    ), minutes AS (
        SELECT unnest(
            range(moment - INTERVAL 2 HOUR, moment + INTERVAL 1 MINUTE, INTERVAL 1 MINUTE)
        ) AS moment
        FROM changed
    ), ahead_by_minute AS (
        SELECT DISTINCT moment, epoch_us(moment) - epoch_us(timezone({zone}, moment)) AS ahead FROM minutes
    )
    SELECT epoch_us(moment), ahead FROM ahead_by_minute
    QUALIFY ahead IS DISTINCT FROM lag(ahead) OVER (ORDER BY moment)
    ORDER BY moment DESC
"""


def between(time: str, earliest: str, latest: str) -> str:
    """SQL whether a time lies between two times in ISO 8601."""
    return f"{time} BETWEEN {_time_sql(_micros(earliest))} AND {_time_sql(_micros(latest))}"


def _time_sql(micros: object) -> str:
    return f"make_timestamptz({micros})"


def _micros(time: str) -> int:
    told = dt.datetime.fromisoformat(time)
    told = told if told.tzinfo else told.replace(tzinfo=dt.UTC)
    return (told - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)
