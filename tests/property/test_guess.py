"""What init writes, check accepts, or init says what does not fit."""

from __future__ import annotations

import csv
import datetime as dt
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphlink.core.errors import InputError
from graphlink.core.settings import settings_from
from graphlink.ingest.suggest_settings import suggest
from graphlink.pipeline import check

MOMENTS = st.datetimes(dt.datetime(1985, 1, 1), dt.datetime(2030, 1, 1)).map(
    lambda at: at.replace(tzinfo=dt.UTC)
)
FORMATS = (
    *(
        "%Y-%m-%dT%H:%M:%SZ",
        "%Y-%m-%d %H:%M:%S,123",
        "%Y-%m-%d",
        "%Y-%m-%dT%H:%M:%S+0100",
        "%G-W%V-%u",
        "%Y%m%d",
    ),
    *("%d.%m.%Y %H:%M", "%d/%m/%Y", "%m/%d/%Y %I:%M:%S %p", "%d/%b/%Y:%H:%M:%S +0000", "%Y%m%d%H%M%S"),
)
EPOCHS = (1, 1_000, 1_000_000, 1_000_000_000)
NOTHING = st.sampled_from(["", "-", "null", "unknown", "0", "N/A"])
PEOPLE = st.integers(1, 6).map(lambda i: f"u{i}")
NUMBERS = st.integers(0, 10**10).map(str)
ADDRESSES = st.one_of(
    st.ip_addresses().map(str),
    st.just("20.1.2.3"),
    st.ip_addresses(v=4).map(lambda ip: f"{ip}, 10.0.0.1"),
    st.ip_addresses(v=4).map(lambda ip: f"{ip}:443"),
)
NAMES = (
    *("account_id", "User ID", "userId", "id", "customer", "org_id (metadata)", "request_id"),
    *("ts", "startTime", "request_time", "Created date (UTC)", "seen_at", "updated_at", "duration"),
    *("ip", "clientIP", "x-forwarded-for", "server_ip", "user_agent", "card_fingerprint", "email", "phone"),
    *("n", "count", "kind", "type", "value", "status", "country", "closed_at"),
)


def _times(told: tuple[object, list[dt.datetime]]) -> list[str]:
    form, moments = told
    if isinstance(form, int):
        return [str(int(at.timestamp()) * form) for at in moments]
    return [at.strftime(str(form)) for at in moments]


def _column(n: int) -> st.SearchStrategy[list[str]]:
    def of(cells: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
        return st.lists(cells, min_size=n, max_size=n)

    moments = st.lists(MOMENTS, min_size=n, max_size=n)
    times = st.tuples(st.sampled_from([*FORMATS, *EPOCHS]), moments).map(_times)
    kinds = of(st.sampled_from(["ip", "client", "payment", "e-mail"]))
    plain = [
        of(PEOPLE),
        of(NUMBERS),
        of(ADDRESSES),
        times,
        times,
        kinds,
        of(st.text(max_size=12)),
        of(NOTHING),
    ]
    return st.one_of(plain)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[str]]]:
    n = draw(st.integers(1, 12))
    names = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=7, unique=True))
    columns = [draw(_column(n)) for _ in names]
    # Some cells of a column say nothing, whatever it holds.
    for column in columns:
        for i in draw(st.sets(st.integers(0, n - 1), max_size=3)):
            column[i] = draw(NOTHING)
    return names, [list(row) for row in zip(*columns, strict=True)]


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(tables())
def test_what_is_suggested_runs_or_lists_what_does_not_fit(table: tuple[list[str], list[list[str]]]) -> None:
    names, rows = table
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([names, *rows])
        try:
            outcome = suggest([path])
        except InputError as error:
            assert "none of the files looks like observations" in str(error)  # noqa: PT017 - refusing is one of the two right outcomes
            return
        actual = settings_from(tomllib.loads(outcome.text))
        facts: Any = check(actual)
    for source in [*facts["sources"], *([facts["accounts_table"]] if facts["accounts_table"] else [])]:
        for reason in source["rejected_rows"]:
            assert reason in outcome.text, (reason, outcome.text)
