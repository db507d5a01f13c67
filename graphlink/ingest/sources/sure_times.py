"""Times that SQL of any engine reads alike: where it is sure, and the shift from a local time to UTC."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from graphlink.core.sql import quoted_text
from graphlink.ingest.sources.times import FLOATING, MICROS, NUMBER, WHOLE, Clock, micros_of
from graphlink.ingest.time_formats import EPOCHS

if TYPE_CHECKING:
    from graphlink.engine import Reader

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
    earliest = micros_of(place.earliest) * units // MICROS
    latest = min(micros_of("9999-12-30") * units // MICROS, _LARGEST)
    is_sure = {"VARCHAR": f"regexp_full_match({cell}, '[0-9]{{1,{19 if units > MICROS else 17}}}')"}
    is_sure |= dict.fromkeys(FLOATING, f"{cell} = floor({cell})") | dict.fromkeys(WHOLE, "true")
    within = f"{number if kind == 'VARCHAR' else cell} BETWEEN {earliest} AND {latest}"
    micros = f"{number} // {units // MICROS}" if units > MICROS else f"{number} * {MICROS // units}"
    return f"{is_sure.get(kind, 'false')} AND {within}", f"make_timestamptz({micros})"


def _sure_format(time_format: str, cell: str) -> tuple[str, str]:
    """Of formats in numbers of fixed lengths, such as %d.%m.%Y %H:%M."""
    tokens = re.findall("%.|[^%]", time_format)
    names = [token for token in tokens if token in _DIRECTIVES]
    separators = [token for token in tokens if token not in _DIRECTIVES]
    is_sure = len(set(names)) == len(names) and {"%Y", "%m", "%d"} <= set(names)
    if not is_sure or not all(token in " .:/-_TZ," for token in separators):
        return _UNSURE_TIME
    pattern = "".join(
        f"([0-9]{{{_DIRECTIVES[token]}}})" if token in _DIRECTIVES else f"[{token}]" for token in tokens
    )
    groups = [
        f"regexp_extract({cell}, '{pattern}', {names.index(name) + 1})" if name in names else "'00'"
        for name in _DIRECTIVES
    ]
    joined = "{} || '-' || {} || '-' || {} || ' ' || {} || ':' || {} || ':' || {}".format(*groups)
    return f"regexp_full_match({cell}, '{pattern}')", f"TRY_CAST({joined} AS TIMESTAMPTZ)"


def local_sql(place: Clock, cell: str, kind: str) -> str:
    """SQL whether a time is a local time, without a zone."""
    is_epoch = place.time_format in EPOCHS
    if kind == "VARCHAR" and not place.time_format:
        return f"regexp_full_match({cell}, '{_SURE_LOCAL}')"
    is_text = kind == "VARCHAR" and not is_epoch
    return "true" if is_text or kind in ("TIMESTAMP", "DATE") else "false"


def shift_sql(engine: Reader, place: Clock, time: str, source: str) -> str:
    """SQL from a local time of a query, read as if it were in UTC, to UTC; null where it isn't sure.

    Engines know time zones of different years, and treat skipped and repeated hours differently, so the
    offsets and the moments from which they hold come from the embedded engine.
    """
    times = f"{time} BETWEEN {_time_sql(micros_of(place.earliest))} AND {_time_sql(micros_of('2100-01-01'))}"
    span = f"SELECT epoch(min({time}))::BIGINT, epoch(max({time}))::BIGINT FROM ({source}) WHERE {times}"
    first, last = engine.rows(span)[0]
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
    """SQL whether a time is between two times in ISO 8601."""
    return f"{time} BETWEEN {_time_sql(micros_of(earliest))} AND {_time_sql(micros_of(latest))}"


def _time_sql(micros: object) -> str:
    return f"make_timestamptz({micros})"
