"""Guessed settings: they are read back as settings, and give observations."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graphlink.core.errors import InputError
from graphlink.core.settings import KindColumn, Settings, Source, settings_from
from graphlink.engine.duck import DuckEngine
from graphlink.ingest.suggest_settings import suggest as suggest_of
from graphlink.ingest.suggest_settings import suggest_settings
from graphlink.ingest.suggest_settings.names import plain_name
from graphlink.pipeline import check
from tests.collected import collect_observations

if TYPE_CHECKING:
    from pathlib import Path


def write(path: Path, **columns: list[Any]) -> Path:
    frame = pd.DataFrame(columns)
    if path.suffix == ".parquet":
        frame.to_parquet(path, index=False)
    else:
        frame.to_csv(path, index=False)
    return path


def suggest(*paths: Path) -> Settings:
    return settings_from(tomllib.loads(suggest_settings(paths)))


def source_of(path: Path, **columns: list[Any]) -> Source:
    (source,) = suggest(write(path, **columns)).sources
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


def test_values_show_more_than_names(tmp_path: Path) -> None:
    source = source_of(
        tmp_path / "log.csv",
        account_id=WHO,
        x1=IPS,
        x2=["a@example.org", "b@example.org", "c@example.org"],
        ip=["not", "an", "address"],
    )
    assert source.kinds == {"ip": "x1", "email": "x2"}


def test_a_long_table_is_reported_by_kind_and_value(tmp_path: Path) -> None:
    source = source_of(tmp_path / "a.parquet", account_id=WHO, kind=["ip"] * 3, value=IPS, n=[1, 2, 3])
    assert (source.kinds, source.kind, source.value, source.count) == ({}, "kind", "value", "n")
    assert source.time == ""


@pytest.mark.slow
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
    settings = suggest(path)
    assert (settings.sources[0].time, settings.sources[0].time_format) == ("created_at", time_format)
    with DuckEngine(threads=1) as engine:
        facts = collect_observations(engine, settings)
        assert facts["rejected_rows"] == {}
        assert engine.rows("SELECT count(*) FROM observations WHERE year(seen_at) = 2025") == [(3,)]


def test_day_and_month_that_may_be_swapped_are_reported(tmp_path: Path) -> None:
    path = write(tmp_path / "log.csv", account_id=WHO, time=["01/02/2025 10:00"] * 3, ip=IPS)
    assert "check which is day and which is month" in suggest_settings([path])


def test_a_column_of_times_that_no_format_fits_is_no_time(tmp_path: Path) -> None:
    source = source_of(tmp_path / "log.csv", account_id=WHO, time=["soon", "later", "never"], ip=IPS)
    assert source.time == ""


def test_a_table_of_accounts_is_reported_by_what_it_states(tmp_path: Path) -> None:
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
    settings = suggest(log, accounts)
    assert settings.accounts is not None
    actual = settings.accounts
    assert (actual.account, actual.created_at, actual.closed_at, actual.status) == (
        "id",
        "signup_date",
        "banned_at",
        "state",
    )
    assert actual.attributes == ("plan",)
    # What it holds of identifiers is observed as well, at the time of the sign-up.
    assert [source.kinds for source in settings.sources] == [{"ip": "ip"}, {"email": "email"}]


def test_truth_and_reference_lists_are_no_sources(tmp_path: Path) -> None:
    log = write(tmp_path / "log.csv", account_id=WHO, ip=IPS)
    truth = write(tmp_path / "t.csv", account_id=WHO, operator_id=["o1", "o2", "o1"])
    named = write(tmp_path / "truth.csv", account_id=WHO, ip=IPS)
    ranges = write(tmp_path / "ranges.csv", network=["203.0.113.0/24"], label=["x"], type=["vpn"])
    mmdb = tmp_path / "asn.mmdb"
    mmdb.write_bytes(b"")
    settings = suggest(log, truth, named, ranges, mmdb)
    assert [source.path for source in settings.sources] == [str(log)]
    assert [reference.path for reference in settings.references] == [str(ranges), str(mmdb)]


def test_files_with_the_same_columns_are_one_source(tmp_path: Path) -> None:
    for name in ("log_1.csv", "log_2.csv", "other.csv"):
        write(tmp_path / name, **{"account_id": WHO, "ip" if "log" in name else "client_ip": IPS})
    settings = suggest(tmp_path)
    assert [source.path for source in settings.sources] == [
        str(tmp_path / "log_*.csv"),
        str(tmp_path / "other.csv"),
    ]


def test_files_that_no_glob_shows_apart_are_sources_of_their_own(tmp_path: Path) -> None:
    for name in ("log_a.csv", "log_b.csv", "log_c.csv"):
        write(tmp_path / name, **{"account_id": WHO, "ip" if "c" not in name else "client_ip": IPS})
    write(tmp_path / "log_truth.csv", account_id=WHO, ip=IPS)
    assert len(suggest(tmp_path).sources) == 3


def test_two_columns_of_a_kind_are_two_kinds(tmp_path: Path) -> None:
    source = source_of(tmp_path / "log.csv", account_id=WHO, ip=IPS, last_ip=IPS[::-1])
    assert source.kinds == {"ip": "ip", "last_ip": "last_ip"}


def test_a_column_that_repeats_another_is_no_second_kind(tmp_path: Path) -> None:
    addresses = ["203.0.113.7", "203.0.113.8", "198.51.100.4"]
    with_ports = [f"{ip}:443" for ip in addresses]
    path = write(tmp_path / "log.csv", account_id=WHO, ip=addresses, connection_from=with_ports)
    actual = suggest(path)
    assert actual.sources[0].kinds == {"ip": "ip"}
    assert '"connection_from" repeats "ip", so it is no second sign' in suggest_settings([path])


def test_a_column_with_one_value_is_no_kind(tmp_path: Path) -> None:
    who = [f"u{i // 2}" for i in range(20)]
    path = write(
        tmp_path / "log.csv", account_id=who, ip=[f"203.0.113.{i}" for i in range(20)], device=["pc"] * 20
    )
    assert suggest(path).sources[0].kinds == {"ip": "ip"}
    assert (
        '"device" has one value in all of the first rows, so it is not taken for client'
        in suggest_settings([path])
    )


UUIDS = [f"981dfc08-3250-e064-7864-4e52a738b6d{i}" for i in range(3)]


@pytest.mark.parametrize("name", ["device_id", "deviceUUID", "x_installation_id", "device"])
@pytest.mark.parametrize("values", [UUIDS, [f"dev_{one[:13]}" for one in UUIDS]])
def test_the_device_is_the_client_rather_than_its_agent(tmp_path: Path, name: str, values: list[str]) -> None:
    """As a kind of its own beside the agent, a machine of a lab would be a ground of its own."""
    agents = ["Mozilla/5.0 (X11)", "okhttp/4", "curl/8"]
    source = source_of(tmp_path / "log.csv", account_id=WHO, user_agent=agents, **{name: values})
    assert source.kinds == {"client": name, "user_agent": "user_agent"}


def test_a_model_of_a_device_is_no_device(tmp_path: Path) -> None:
    columns = {"user_agent": ["curl/8", "okhttp/4", "a"], "device": ["iPhone15,3", "SM-G991B", "Pixel 8"]}
    assert source_of(tmp_path / "log.csv", account_id=WHO, **columns).kinds["client"] == "user_agent"


def test_a_coarse_kind_is_warned_of(tmp_path: Path) -> None:
    who = [f"u{i}" for i in range(20)]
    path = write(
        tmp_path / "log.csv", account_id=who, user_agent=["curl/8", "okhttp/4"] * 10, ip=IPS[:1] * 20
    )
    actual = suggest_of([path])
    warning = "client is coarse: 20 accounts share 2 values, so it links hardly anybody"
    assert warning in actual.text
    assert warning in actual.lines[0]
    few = write(tmp_path / "few.csv", account_id=who[:9], user_agent=["curl/8", "okhttp/4", "a"] * 3)
    assert "is coarse" not in suggest_settings([few])


def test_addresses_of_proxies_do_not_hide_those_that_they_forward(tmp_path: Path) -> None:
    own, lists = ["10.0.0.7"] * 3, [f"{ip}, 10.0.0.1" for ip in IPS]
    source = source_of(tmp_path / "log.csv", account_id=WHO, remote_addr=own, x_forwarded_for=lists)
    assert source.kinds["ip"] == KindColumn("x_forwarded_for", "last_public")


def test_the_first_address_is_taken_where_the_last_ones_are_few(tmp_path: Path) -> None:
    lists = [f"203.0.113.{i}, 198.51.100.1" for i in range(6)]
    source = source_of(tmp_path / "log.csv", account_id=WHO * 2, x_forwarded_for=lists)
    assert source.kinds["ip"] == KindColumn("x_forwarded_for", "first_public")


def test_ids_of_another_system_are_looked_up(tmp_path: Path) -> None:
    ids = ["cus_1", "cus_2", "cus_3"]
    charges = write(tmp_path / "charges.csv", customer_id=ids, card_fingerprint=["f1", "f2", "f1"])
    customers = write(tmp_path / "customers.csv", id=ids, created_at=["2026-01-01"] * 3, org_id=WHO)
    values = tomllib.loads(suggest_settings([charges, customers]))
    (source,), (lookup,) = values["sources"], values["lookups"]
    assert (source["account"], source["lookup"]) == ("customer_id", lookup["name"])
    assert (lookup["path"], lookup["id"], lookup["account"]) == (str(customers), "id", "org_id")
    facts = check(settings_from(values | {"now": "2026-06-01T00:00:00Z"}))
    assert facts["kinds"]["payment"]["accounts"] == len(set(WHO))  # type: ignore[index]  # facts are of any type


def test_rows_that_stand_for_several_are_recognized(tmp_path: Path) -> None:
    first, last = (["2026-03-01T10:00:00Z"] * 3, ["2026-03-01T10:09:00Z"] * 3)
    spans: dict[str, list[Any]] = {"first_seen": first, "last_seen": last, "n": [3] * 3, "moments": [2] * 3}
    folded = write(tmp_path / "f.csv", account_id=WHO, kind=["ip"] * 3, value=IPS, **spans)
    (source,) = suggest(folded).sources
    assert (source.time, source.until) == ("first_seen", "last_seen")
    assert (source.moments, source.count) == ("moments", "n")
    (source,) = suggest(write(tmp_path / "g.csv", account_id=WHO, ip=IPS, last_seen=last)).sources
    assert (source.time, source.until) == ("last_seen", "")


def test_a_table_of_other_ids_is_no_lookup(tmp_path: Path) -> None:
    charges = write(tmp_path / "charges.csv", customer_id=["cus_1", "cus_2", "cus_3"], card_fingerprint=IPS)
    customers = write(
        tmp_path / "customers.csv", id=["x", "y", "z"], created_at=["2026-01-01"] * 3, org_id=WHO
    )
    assert "lookup" not in suggest_settings([charges, customers])


def test_columns_with_card_numbers_are_warned_of(tmp_path: Path) -> None:
    cards = ["4111111111111111", "5500005555555559", "4012888888881881"]
    path = write(tmp_path / "pay.csv", account_id=WHO, card=cards)
    text = suggest_settings([path])
    assert "full card numbers" in text
    assert not any(card in text for card in cards)


def test_names_of_columns_cant_break_out_of_the_text(tmp_path: Path) -> None:
    hostile = 'ip"\n[engine]\nmemory = "1TB" # \x7f\u202e'
    path = write(tmp_path / "log.csv", account_id=WHO, **{hostile: IPS, 'x\n[references]"': ["a", "b", "c"]})
    settings = suggest(path)
    assert settings.sources[0].kinds == {"ip": hostile.strip()}
    assert settings.engine.memory == ""


def test_files_without_observations_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="none of the files looks like observations"):
        suggest_settings([write(tmp_path / "a.csv", x=[1], y=[2])])
    with pytest.raises(InputError, match="no such file"):
        suggest_settings([tmp_path / "none.csv"])


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("Created date (UTC)", "created_date_utc"),
        ("startTime", "start_time"),
        ("IPAddress", "ip_address"),
        ("clientIPv6", "client_ipv6"),
        ("user-id", "user_id"),
        ("client.ip", "client_ip"),
        ("@timestamp", "timestamp"),
        ("EdgeStartTimestamp", "edge_start_timestamp"),
        (" Benutzer\u00a0ID ", "benutzer_id"),
        ("___", ""),
    ],
)
def test_names_have_one_spelling(written: str, plain: str) -> None:
    assert plain_name(written) == plain


@pytest.mark.parametrize(
    "spell", [str.title, str.upper, lambda name: name.replace(" ", "-"), lambda name: name]
)
def test_columns_are_found_however_they_are_spelled(tmp_path: Path, spell: Any) -> None:
    names = [spell(name) for name in ("user id", "ip address", "login time")]
    source = source_of(
        tmp_path / "log.csv", **dict(zip(names, (WHO, IPS, ["2025-01-01T00:00:00Z"] * 3), strict=True))
    )
    assert [source.account, source.kinds["ip"], source.time] == names


@pytest.mark.parametrize("first", ["request_time", "response_time", "start"])
def test_a_duration_is_no_time(tmp_path: Path, first: str) -> None:
    path = write(
        tmp_path / "log.csv", account_id=WHO, ip=IPS, **{first: [0.123, 17.5, 3.0], "ts": [1748772000.5] * 3}
    )
    text = suggest_settings([path])
    source = settings_from(tomllib.loads(text)).sources[0]
    assert (source.time, source.time_format) == ("ts", "epoch_s")
    assert f'no format reads "{first}"' in text


def test_the_start_is_taken_before_the_end_and_what_is_mostly_empty_last(tmp_path: Path) -> None:
    days = [f"2025-01-0{day}T00:00:00Z" for day in range(1, 6)]
    source = source_of(
        tmp_path / "log.csv",
        account_id=["a", "b"] * 2 + ["a"],
        ip=[f"203.0.113.{i}" for i in range(5)],
        seen_at=[days[0], None, None, None, None],
        endTime=days,
        expires_at=days,
        startTime=days,
    )
    assert source.time == "startTime"


def test_placeholders_do_not_speak_against_a_kind(tmp_path: Path) -> None:
    values = ["203.0.113.7"] * 5 + ["unknown", "-", "null", "N/A", "AWS Internal"]
    path = write(tmp_path / "log.csv", user_id=["a", "b"] * 5, ip=values)
    text = suggest_settings([path])
    assert settings_from(tomllib.loads(text)).sources[0].kinds == {"ip": "ip"}
    assert "not usable: 1 of 10 (10 %) not_an_address, 4 of 10 (40 %) placeholder" in text


def test_lists_of_forwarded_addresses_are_reported(tmp_path: Path) -> None:
    lists = ["203.0.113.7, 10.0.0.1", "203.0.113.8, 10.0.0.1, unknown", "198.51.100.4"]
    path = write(tmp_path / "log.csv", account_id=WHO, x_forwarded_for=lists)
    text = suggest_settings([path])
    assert settings_from(tomllib.loads(text)).sources[0].kinds == {
        "ip": KindColumn("x_forwarded_for", "last_public")
    }
    assert "lists of addresses; the last is the one that clients can't forge" in text


def test_a_row_id_is_not_the_account(tmp_path: Path) -> None:
    rows: dict[str, list[Any]] = {"id": ["ch1", "ch2", "ch3"], "card_fingerprint": ["f1", "f2", "f1"]}
    with pytest.raises(InputError, match="differs in every row, as a row's own id does"):
        suggest_settings([write(tmp_path / "charges.csv", **rows)])
    beside = write(tmp_path / "charges.csv", **rows, **{"org_id (metadata)": ["o1", "o2", "o1"]})
    assert suggest(beside).sources[0].account == "org_id (metadata)"


def test_a_unique_column_is_not_the_account_where_another_repeats_and_joins(tmp_path: Path) -> None:
    log = write(
        tmp_path / "log.csv",
        user_id=["s1", "s2", "s3", "s4"],
        customer=["u1", "u2", "u1", "u3"],
        ip=IPS + IPS[:1],
    )
    assert suggest(log).sources[0].account == "user_id"
    pay = write(tmp_path / "pay.csv", customer=["u1", "u2", "u3"], card_fingerprint=["f1", "f2", "f1"])
    assert [source.account for source in suggest(log, pay).sources] == ["customer", "customer"]


def test_an_id_that_another_table_names_is_the_account(tmp_path: Path) -> None:
    people = write(tmp_path / "people.csv", id=["u1", "u2", "u3"], email=["a@x.org", "b@x.org", "c@x.org"])
    log = write(tmp_path / "log.csv", user_id=WHO, ip=IPS)
    assert {source.account for source in suggest(people, log).sources} == {"id", "user_id"}


def test_what_is_about_an_identifier_is_none(tmp_path: Path) -> None:
    source = source_of(
        tmp_path / "log.csv",
        account_id=WHO,
        ip=IPS,
        server_ip=["203.0.113.99"] * 3,
        card_issue_country=["US", "DE", "US"],
        card_brand=["visa"] * 3,
        device_type=["phone"] * 3,
        email_verified=["true"] * 3,
    )
    assert source.kinds == {"ip": "ip"}


def test_a_metric_is_no_long_table(tmp_path: Path) -> None:
    path = write(tmp_path / "log.csv", user_id=WHO, type=["counter"] * 3, value=[1.5, 2.5, 3.5])
    with pytest.raises(InputError, match="no column looks like an identifier"):
        suggest_settings([path])


def test_what_cannot_be_read_is_left_out_with_the_reason(tmp_path: Path) -> None:
    log = write(tmp_path / "log.csv", account_id=WHO, ip=IPS)
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 no table")
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    (tmp_path / "rows.avro").write_bytes(b"Obj1")
    actual = suggest_of([tmp_path, tmp_path / "gone.csv"])
    assert [source["path"] for source in tomllib.loads(actual.text)["sources"]] == [str(log)]
    text = "\n".join(actual.lines)
    for name, why in (
        ("broken.parquet", "no whole Parquet file"),
        ("empty.csv", "the file is empty"),
        ("notes.txt", "no table by its name"),
        ("rows.avro", "Avro is not read; write it as Parquet"),
        ("gone.csv", "no such file"),
    ):
        assert any(name in line and why in line for line in actual.lines), (name, text)
        assert why in actual.text


def test_a_cell_beyond_the_limit_of_csv_is_no_traceback(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text(f"account_id,ip\na,{'x' * 140_000}\nb,203.0.113.7\nb,203.0.113.8\n", encoding="utf-8")
    assert suggest(path).sources[0].kinds == {"ip": "ip"}


def test_a_time_beyond_the_years_is_no_traceback(tmp_path: Path) -> None:
    beyond = pa.array(
        [1_748_772_000_000_000, 400_000_000_000_000_000, -70_000_000_000_000_000], pa.timestamp("us")
    )
    path = tmp_path / "log.parquet"
    pq.write_table(pa.table({"account_id": WHO, "ts": beyond, "ip": IPS}), path)
    assert suggest(path).sources[0].time == "ts"


def test_nested_columns_of_parquet_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    pq.write_table(pa.table({"ts": [1748772000] * 3, "user": [{"id": who} for who in WHO], "ip": IPS}), path)
    assert suggest(path).sources[0].account == "user.id"
    lists = pa.table({"ts": [1748772000] * 3, "user": [[{"id": who}] for who in WHO], "ip": IPS})
    pq.write_table(lists, path)
    with pytest.raises(InputError, match=r'no column looks like an account; "user" holds nested values'):
        suggest_settings([path])


def test_a_key_that_no_path_names_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    records = [
        {"user": {"a.id": who, "id": who}, "net": {"ip": ip}} for who, ip in zip(WHO, IPS, strict=True)
    ]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    actual = suggest_settings([path])
    assert 'account = "user.id"' in actual
    assert "a.id" not in actual


def test_what_the_first_rows_would_lose_is_reported(tmp_path: Path) -> None:
    times = ["2025-01-01T00:00:00Z"] * 9 + ["someday"]
    path = write(tmp_path / "log.csv", user_id=["a", "b"] * 5, time=times, ip=["203.0.113.7"] * 10)
    actual = suggest_of([path])
    assert "ISO 8601 reads 9 of 10 (90 %)" in actual.text
    assert "1 of 10 (10 %), for 1 unparsable_time, are rejected" in actual.text
    assert "1 unparsable_time" in actual.lines[0]


def test_a_column_of_the_result_is_no_attribute(tmp_path: Path) -> None:
    log = write(tmp_path / "log.csv", account_id=WHO, ip=IPS)
    accounts = write(
        tmp_path / "accounts.csv", account_id=["u1", "u2"], status=["x", "y"], n=[1, 2], plan=["a", "b"]
    )
    settings = suggest(log, accounts)
    assert settings.accounts is not None
    assert settings.accounts.attributes == ("plan",)


def test_what_a_kind_of_its_own_rejects_is_reported_as_that_kind_rejects_it(tmp_path: Path) -> None:
    last = ["203.0.113.8"] * 9 + ["0.0.0.0"]
    path = write(tmp_path / "log.csv", account_id=["a", "b"] * 5, ip=["203.0.113.7"] * 10, last_ip=last)
    assert "by its values; of the first values not usable: 1 of 10 (10 %) placeholder" in suggest_settings(
        [path]
    )


def test_times_to_come_are_reported(tmp_path: Path) -> None:
    times = ["2025-01-01T00:00:00Z"] * 9 + ["2099-01-01T00:00:00Z"]
    path = write(tmp_path / "log.csv", user_id=["a", "b"] * 5, time=times, ip=["203.0.113.7"] * 10)
    assert "1 of 10 (10 %), for 1 future_time, are rejected" in suggest_settings([path])


def test_a_count_that_is_none_is_reported_of_a_long_table(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", account_id=WHO, kind=["ip"] * 3, value=IPS, n=["many", "2", "3"])
    assert "1 of 3 (33 %), for 1 bad_count, are rejected" in suggest_settings([path])
