"""Guessed settings: they are read back as settings, and give observations."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from graphlink.engine.duck import DuckEngine
from graphlink.errors import InputError
from graphlink.guess import guess_settings
from graphlink.observations import collect_observations
from graphlink.settings import Settings, Source, settings_from

if TYPE_CHECKING:
    from pathlib import Path


def write(path: Path, **columns: list[Any]) -> Path:
    frame = pd.DataFrame(columns)
    if path.suffix == ".parquet":
        frame.to_parquet(path, index=False)
    else:
        frame.to_csv(path, index=False)
    return path


def guess(*paths: Path) -> Settings:
    return settings_from(tomllib.loads(guess_settings(paths)))


def source_of(path: Path, **columns: list[Any]) -> Source:
    (source,) = guess(write(path, **columns)).sources
    return source


IPS = ["203.0.113.7", "2001:db8::1", "198.51.100.4:443"]
WHO = ["u1", "u2", "u1"]


def test_a_request_log_is_wide(tmp_path: Path) -> None:
    source = source_of(
        tmp_path / "log.csv",
        ts=["2025-01-01T00:00:00Z"] * 3,
        userId=WHO,
        addr=IPS,
        device_fp=["a", "b", "c"],
        api_key=["k1", "k2", "k3"],
        latency=[1, 2, 3],
    )
    assert (source.account, source.time, source.time_format) == ("userId", "ts", "")
    assert source.kinds == {"ip": "addr", "client": "device_fp", "api_key": "api_key"}


def test_values_tell_more_than_names(tmp_path: Path) -> None:
    source = source_of(
        tmp_path / "log.csv",
        account_id=WHO,
        x1=IPS,
        x2=["a@example.org", "b@example.org", "c@example.org"],
        ip=["not", "an", "address"],
    )
    assert source.kinds == {"ip": "x1", "email": "x2"}


def test_a_long_table_is_told_by_kind_and_value(tmp_path: Path) -> None:
    source = source_of(tmp_path / "a.parquet", account_id=WHO, kind=["ip"] * 3, value=IPS, n=[1, 2, 3])
    assert (source.kinds, source.kind, source.value, source.count) == ({}, "kind", "value", "n")
    assert source.time == ""


@pytest.mark.parametrize(
    ("values", "time_format"),
    [
        (["2025-01-31 10:00:00"] * 3, ""),
        (["2025-01-31T10:00:00.5+02:00"] * 3, ""),
        ([1748772000, 1748772001, 1748772002], "epoch_s"),
        ([1748772000123] * 3, "epoch_ms"),
        ([1748772000123456] * 3, "epoch_us"),
        (["31.01.2025 10:00"] * 3, "%d.%m.%Y %H:%M"),
        (["31/Jan/2025:10:00:00 +0000"] * 3, "%d/%b/%Y:%H:%M:%S %z"),
        (["01/31/2025 10:00"] * 3, "%m/%d/%Y %H:%M"),
        (["31/01/2025 10:00"] * 3, "%d/%m/%Y %H:%M"),
    ],
)
def test_the_format_of_times_is_found_and_fits(tmp_path: Path, values: list[Any], time_format: str) -> None:
    path = write(tmp_path / "log.csv", account_id=WHO, created_at=values, ip=IPS)
    settings = guess(path)
    assert (settings.sources[0].time, settings.sources[0].time_format) == ("created_at", time_format)
    with DuckEngine(threads=1) as engine:
        facts = collect_observations(engine, settings)
        assert facts["set_aside"] == {}
        assert engine.rows("SELECT count(*) FROM observations WHERE year(seen_at) = 2025") == [(3,)]


def test_day_and_month_that_may_be_swapped_are_told(tmp_path: Path) -> None:
    path = write(tmp_path / "log.csv", account_id=WHO, time=["01/02/2025 10:00"] * 3, ip=IPS)
    assert "check which is day and which is month" in guess_settings([path])


def test_a_column_of_times_that_no_format_fits_is_no_time(tmp_path: Path) -> None:
    source = source_of(tmp_path / "log.csv", account_id=WHO, time=["soon", "later", "never"], ip=IPS)
    assert source.time == ""


def test_a_table_of_accounts_is_told_by_what_it_says(tmp_path: Path) -> None:
    log = write(tmp_path / "log.csv", account_id=WHO, ip=IPS)
    accounts = write(
        tmp_path / "customers.csv",
        id=["u1", "u2", "u3"],
        signup_date=["2025-01-01"] * 3,
        banned_at=[None, "2025-02-01", None],
        state=["active", "banned", "active"],
        email=["a@example.org", "b@example.org", "c@example.org"],
        plan=["free", "pro", "free"],
    )
    settings = guess(log, accounts)
    assert settings.accounts is not None
    told = settings.accounts
    assert (told.account, told.created_at, told.closed_at, told.status) == (
        "id",
        "signup_date",
        "banned_at",
        "state",
    )
    assert told.attributes == ("plan",)
    # What it holds of identifiers is observed as well, at the time of the sign-up.
    assert [source.kinds for source in settings.sources] == [{"ip": "ip"}, {"email": "email"}]


def test_truth_and_reference_lists_are_no_sources(tmp_path: Path) -> None:
    log = write(tmp_path / "log.csv", account_id=WHO, ip=IPS)
    truth = write(tmp_path / "t.csv", account_id=WHO, operator_id=["o1", "o2", "o1"])
    named = write(tmp_path / "truth.csv", account_id=WHO, ip=IPS)
    ranges = write(tmp_path / "ranges.csv", network=["203.0.113.0/24"], label=["x"], type=["vpn"])
    mmdb = tmp_path / "asn.mmdb"
    mmdb.write_bytes(b"")
    settings = guess(log, truth, named, ranges, mmdb)
    assert [source.path for source in settings.sources] == [str(log)]
    assert [reference.path for reference in settings.references] == [str(ranges), str(mmdb)]


def test_files_with_the_same_columns_are_one_source(tmp_path: Path) -> None:
    for name in ("log_1.csv", "log_2.csv", "other.csv"):
        write(tmp_path / name, **{"account_id": WHO, "ip" if "log" in name else "client_ip": IPS})
    settings = guess(tmp_path)
    assert [source.path for source in settings.sources] == [
        str(tmp_path / "log_*.csv"),
        str(tmp_path / "other.csv"),
    ]


def test_files_that_no_glob_tells_apart_are_sources_of_their_own(tmp_path: Path) -> None:
    for name in ("log_a.csv", "log_b.csv", "log_c.csv"):
        write(tmp_path / name, **{"account_id": WHO, "ip" if "c" not in name else "client_ip": IPS})
    write(tmp_path / "log_truth.csv", account_id=WHO, ip=IPS)
    assert len(guess(tmp_path).sources) == 3


def test_two_columns_of_a_kind_are_two_kinds(tmp_path: Path) -> None:
    source = source_of(tmp_path / "log.csv", account_id=WHO, ip=IPS, last_ip=IPS)
    assert source.kinds == {"ip": "ip", "last_ip": "last_ip"}


def test_columns_with_card_numbers_are_warned_of(tmp_path: Path) -> None:
    cards = ["4111111111111111", "5500005555555559", "4012888888881881"]
    path = write(tmp_path / "pay.csv", account_id=WHO, card=cards)
    text = guess_settings([path])
    assert "full card numbers" in text
    assert not any(card in text for card in cards)


def test_names_of_columns_cant_break_out_of_the_text(tmp_path: Path) -> None:
    hostile = 'ip"\n[engine]\nmemory = "1TB" # \x7f\u202e'
    path = write(tmp_path / "log.csv", account_id=WHO, **{hostile: IPS, 'x\n[references]"': ["a", "b", "c"]})
    settings = guess(path)
    assert settings.sources[0].kinds == {"ip": hostile.strip()}
    assert settings.engine.memory == ""


def test_files_without_observations_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="none of the files looks like observations"):
        guess_settings([write(tmp_path / "a.csv", x=[1], y=[2])])
    with pytest.raises(InputError, match="no such file"):
        guess_settings([tmp_path / "none.csv"])
