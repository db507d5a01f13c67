"""Formats of times: the engine reads every suggested one; sources of wrong times are warned of."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphlink.core.settings import Settings, Source
from graphlink.engine.duck import DuckEngine
from graphlink.ingest.sources.place import ColumnSpec, Place
from graphlink.ingest.sources.stage import stage
from graphlink.ingest.time_formats import EPOCHS, epoch_unit, likely_format
from graphlink.pipeline import check

NOW = "2026-01-01T00:00:00Z"
MOMENT = dt.datetime(2025, 5, 31, 14, 5, 9, 123_000, tzinfo=dt.UTC)
SECONDS = int(MOMENT.timestamp())
# Text of the moment, its format, and what of it the text holds.
WRITTEN = [
    ("2025-05-31T14:05:09.123Z", "", ""),
    ("2025-05-31 14:05:09,123", "", ""),
    ("2025-05-31 14:05:09.123+00:00", "", ""),
    ("2025-05-31T16:05:09.123+0200", "", ""),
    ("2025-05-31 14:05:09.123 UTC", "", ""),
    ("2025/05/31 14:05:09", "", "microsecond"),
    ("2025-05-31 14:05", "", "second"),
    ("2025-05-31", "", "hour"),
    (f"{SECONDS}.123", "epoch_s", ""),
    (f"{SECONDS}123", "epoch_ms", ""),
    (f"{SECONDS}123000", "epoch_us", ""),
    (f"{SECONDS}123000456", "epoch_ns", ""),
    ("31.05.2025 14:05:09", "%d.%m.%Y %H:%M:%S", "microsecond"),
    ("31/May/2025:14:05:09 +0000", "%d/%b/%Y:%H:%M:%S %z", "microsecond"),
    ("20250531T140509Z", "%Y%m%dT%H%M%SZ", "microsecond"),
    ("20250531140509", "%Y%m%d%H%M%S", "microsecond"),
    ("Sat, 31 May 2025 14:05:09 GMT", "%a, %d %b %Y %H:%M:%S GMT", "microsecond"),
    ("Sat May 31 14:05:09 2025", "%a %b %d %H:%M:%S %Y", "microsecond"),
    ("31 May 2025 14:05:09", "%d %b %Y %H:%M:%S", "microsecond"),
    ("May 31, 2025 02:05:09 PM", "%b %d, %Y %I:%M:%S %p", "microsecond"),
    ("05/31/2025 14:05", "%m/%d/%Y %H:%M", "second"),
    ("5/31/2025 2:05:09 PM", "%m/%d/%Y %I:%M:%S %p", "microsecond"),
    ("31/05/2025", "%d/%m/%Y", "hour"),
]


def read(texts: list[str], time_format: str) -> list[tuple[object, ...]]:
    """What the engine makes of texts: the microseconds, and the reason where it is rejected."""
    place = Place("log", time_format=time_format, latest=NOW, frame=pa.table({"at": texts}))
    with DuckEngine(threads=1) as engine:
        stage(engine, place, [ColumnSpec("at", "at", "time")], "staged")
        return engine.rows('SELECT epoch_us("at"), fault FROM staged ORDER BY rowid')


@pytest.mark.slow
@pytest.mark.parametrize(("text", "time_format", "cut"), WRITTEN)
def test_a_format_is_found_and_the_engine_reads_it(text: str, time_format: str, cut: str) -> None:
    actual = likely_format([text])
    assert actual is not None
    assert (actual.time_format, actual.share) == (time_format, 1.0)
    gone = {"microsecond": {"microsecond": 0}, "second": {"second": 0, "microsecond": 0}}
    gone["hour"] = {"hour": 0, "minute": 0, **gone["second"]}
    expected = MOMENT.replace(**gone.get(cut, {})) if cut else MOMENT  # type: ignore[arg-type]  # names of parts
    micros = (expected - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)
    assert read([text], time_format) == [(micros, None)]


@pytest.mark.parametrize(
    "text",
    [
        "0.123",
        "17",
        "20250531",
        "0001-01-01T00:00:00Z",
        "2025-W22-6",
        "2025-05-31T14",
        "2025-13-01",
        "4155550100",
        "soon",
        "",
        "12.5.6",
    ],
)
def test_what_is_no_time_has_no_format(text: str) -> None:
    assert likely_format([text]) is None


def test_swapped_day_and_month_are_a_rival() -> None:
    actual = likely_format(["01/02/2025 10:00", "03/04/2025 11:00"])
    assert actual is not None
    assert (actual.time_format, actual.rival) == ("%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M")
    sure = likely_format(["01/02/2025 10:00", "01/13/2025 10:00"])
    assert sure is not None
    assert (sure.time_format, sure.rival) == ("%m/%d/%Y %H:%M", "")


CHARACTERS = st.sampled_from("0123456789-/:., TZ+eEpPAMayUC")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(CHARACTERS, min_size=1, max_size=26), min_size=1, max_size=30))
def test_what_the_suggestion_takes_for_a_time_the_engine_reads(texts: list[str]) -> None:
    _compare([text for text in texts if likely_format([text])])


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(WRITTEN).map(lambda actual: actual[0]), min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(0, 30), CHARACTERS), max_size=2),
)
def test_times_with_a_changed_character_are_read_alike(
    texts: list[str], changes: list[tuple[int, str]]
) -> None:
    for at, character in changes:
        texts = [text[:at] + character + text[at + 1 :] for text in texts]
    _compare([text for text in texts if likely_format([text])])


def _compare(texts: list[str]) -> None:
    formats: dict[str, list[str]] = {}
    for text in texts:
        actual = likely_format([text])
        assert actual is not None
        formats.setdefault(actual.time_format, []).append(text)
    for time_format, alike in formats.items():
        for text, (_, fault) in zip(alike, read(alike, time_format), strict=True):
            # Implausible and future times are read, and rejected as what they are.
            assert fault in (None, "implausible_time", "future_time"), (text, time_format, fault)


@pytest.mark.slow
@pytest.mark.parametrize("name", EPOCHS)
@pytest.mark.parametrize("other", ["", *EPOCHS])
def test_a_wrong_unit_is_named_with_the_right_one(name: str, other: str) -> None:
    numbers = [str((SECONDS + i) * EPOCHS[name]) for i in range(20)]
    assert {epoch_unit(number) for number in numbers} == {name}
    frame = pd.DataFrame({"account_id": numbers, "kind": "client", "value": "x", "seen_at": numbers})
    facts: Any = check(
        {"log": frame}, settings=Settings(now=NOW, sources=(Source(name="log", time_format=other),))
    )
    if name == other:
        assert (facts["rejected_rows"], facts["warnings"]) == ({}, [])
        return
    (reason,) = facts["rejected_rows"]
    assert reason.startswith("time_in_")
    (warning,) = facts["warnings"]
    assert f"20 of 20 rows are rejected because their time can't be used (20 {reason})" in warning
    assert f'set time_format = "{name}"' in warning


def test_a_source_of_times_in_another_format_is_warned_of_with_it() -> None:
    days = [f"{day:02}.05.2025 10:00" for day in range(1, 29)]
    frame = pd.DataFrame({"account_id": days, "kind": "client", "value": "x", "seen_at": days})
    facts: Any = check({"log": frame}, settings=Settings(now=NOW))
    assert facts["rejected_rows"] == {"unparsable_time": 28}
    assert 'set time_format = "%d.%m.%Y %H:%M"' in facts["warnings"][0]
    nonsense = frame.assign(seen_at=[f"person{i}@example.org" for i in range(28)])
    facts = check({"log": nonsense}, settings=Settings(now=NOW))
    assert "no format known here reads them" in facts["warnings"][0]
    assert "example.org" not in facts["warnings"][0]
    few = frame.assign(seen_at=[""] * 15 + days[15:])
    facts = check({"log": few}, settings=Settings(now=NOW))
    assert facts["warnings"] == []
