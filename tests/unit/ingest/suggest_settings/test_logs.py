"""Logs as programs write them, with invented rows: the suggestion is right and runs, or says what to do."""

# ruff: noqa: ARG005  # rows of a log are a line; not every log has an address

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from graphlink.core.errors import InputError
from graphlink.core.settings import settings_from
from graphlink.ingest.suggest_settings import suggest
from graphlink.pipeline import check

if TYPE_CHECKING:
    from pathlib import Path

NOW = "2026-06-01T00:00:00Z"
DAY = "2026-03-01"
MICROS = 1772359200_000_000  # of 2026-03-01T10:00:00Z
ADDRESSES = ["20.1.2.3", "20.1.2.4", "20.1.2.3", "2a00:1450::5"]
ACCOUNTS = ["u-anna", "u-bert", "u-anna", "u-carl"]
ROWS = list(zip(range(4), ACCOUNTS, ADDRESSES, strict=True))


@dataclass(frozen=True)
class Log:
    """A log, and what of it is read: or what is said where it can't be."""

    name: str
    text: str
    account: str = ""
    time: str = ""
    time_format: str = ""
    kinds: dict[str, str] = field(default_factory=dict)
    said: tuple[str, ...] = ()


def csv_of(header: str, row: Any) -> str:
    return "\n".join([header, *(row(i, who, ip) for i, who, ip in ROWS)]) + "\n"


def lines_of(row: Any) -> str:
    return "".join(json.dumps(row(i, who, ip)) + "\n" for i, who, ip in ROWS)


def clock(i: int) -> str:
    return f"{DAY}T1{i}:00:00"


READ = [
    Log(
        "splunk.csv",
        csv_of(
            "_time,_raw,host,source,sourcetype,user,src_ip,action",
            lambda i, who, ip: f"{clock(i)}.000+0000,login of x,web1,/var/log/auth,auth,{who},{ip},success",
        ),
        account="user",
        time="_time",
        kinds={"ip": "src_ip"},
    ),
    Log(
        "spend_logs.csv",
        csv_of(
            "request_id,call_type,api_key,spend,total_tokens,startTime,endTime,model,user,team_id,"
            "requester_ip_address",
            lambda i, who, ip: (
                f"chatcmpl-{i},acompletion,88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c"
                f"9f1243fe6b4{i},0.01,17,{DAY} 1{i}:00:00+00:00,{DAY} 1{i}:00:05+00:00,m,{who},,{ip}"
            ),
        ),
        account="user",
        time="startTime",
        kinds={"api_key": "api_key", "ip": "requester_ip_address"},
    ),
    Log(
        "envoy.jsonl",
        lines_of(
            lambda i, who, ip: {
                "start_time": f"{clock(i)}.123Z",
                "method": "POST",
                "response_code": 200,
                "bytes_sent": 5,
                "duration": 120,
                "x_forwarded_for": f"{ip}, 10.0.0.7",
                "user_agent": "python-requests/2.32",
                "request_id": f"r{i}",
                "upstream_host": "10.0.0.5:8080",
                "downstream_remote_address": f"[{ip}]:443" if ":" in ip else f"{ip}:443",
                "x_account_id": who,
            }
        ),
        account="x_account_id",
        time="start_time",
        kinds={"client": "user_agent", "ip": "downstream_remote_address"},
        said=('"x_forwarded_for" holds lists of addresses; "downstream_remote_address" is taken',),
    ),
    Log(
        "logpush.jsonl",
        lines_of(
            lambda i, who, ip: {
                "ClientIP": ip,
                "ClientRequestHost": "api.example.org",
                "ClientRequestUserAgent": "curl/8",
                "ClientCountry": "de",
                "EdgeStartTimestamp": (MICROS + i) * 1000,
                "EdgeEndTimestamp": (MICROS + i + 7) * 1000,
                "EdgeServerIP": "198.41.1.1",
                "OriginIP": "20.9.9.9",
                "JA3Hash": f"e7d705a3286e19ea42f587b344ee686{i}",
                "RayID": f"ray{i}",
                "UserID": who,
            }
        ),
        account="UserID",
        time="EdgeStartTimestamp",
        time_format="epoch_ns",
        kinds={"ip": "ClientIP", "client": "ClientRequestUserAgent", "ja3_hash": "JA3Hash"},
    ),
    Log(
        "charges.csv",
        csv_of(
            "id,Created date (UTC),Amount,Currency,org_id (metadata),Card Fingerprint,Card Last4,Card Brand,"
            "card_issue_country,Status",
            lambda i, who, ip: (
                f"ch_{i},{DAY} 1{i}:00:00,20.00,usd,{who},Xt5EWLLDS7FJjR{i % 2},4242,Visa,US,Paid"
            ),
        ),
        account="org_id (metadata)",
        time="Created date (UTC)",
        kinds={"payment": "Card Fingerprint"},
    ),
    Log(
        "audit.csv",
        csv_of(
            "log_time,user_name,database_name,process_id,connection_from,session_id,command_tag,client_addr,"
            "application_name",
            lambda i, who, ip: f"{DAY} 1{i}:00:00.123 UTC,{who},prod,4711,{ip}:5123,s{i},SELECT,{ip},psql",
        ),
        account="user_name",
        time="log_time",
        kinds={"ip": "client_addr"},
    ),
    Log(
        "python_logging.csv",
        csv_of(
            "asctime,levelname,name,user_id,ip,message",
            lambda i, who, ip: f'"{DAY} 1{i}:00:00,123",INFO,app.auth,{who},{ip},login',
        ),
        account="user_id",
        time="asctime",
        kinds={"ip": "ip"},
    ),
    Log(
        "signin.csv",
        csv_of(
            "TimeGenerated [UTC],ResultType,UserPrincipalName,UserId,IPAddress,UserAgent,Location",
            lambda i, who, ip: (
                f'"3/{i + 13}/2026, 10:0{i}:00.123 AM",0,{who}@mill.example,{who},{ip},Edge,DE'
            ),
        ),
        account="UserId",
        time="TimeGenerated [UTC]",
        time_format="%m/%d/%Y, %I:%M:%S.%f %p",
        kinds={"ip": "IPAddress", "email": "UserPrincipalName", "client": "UserAgent"},
    ),
    Log(
        "signin.jsonl",
        lines_of(
            lambda i, who, ip: {
                "TimeGenerated": f"{clock(i)}.1234567Z",
                "UserId": who,
                "IPAddress": ip,
                "ResultType": "0",
                "UserAgent": "Edge",
                "DeviceDetail": {"operatingSystem": "Windows"},
            }
        ),
        account="UserId",
        time="TimeGenerated",
        kinds={"ip": "IPAddress", "client": "UserAgent"},
        said=('not used: "ResultType", "DeviceDetail.operatingSystem"',),
    ),
    Log(
        "nginx.csv",
        csv_of(
            "remote_addr,remote_user,time_local,request,status,body_bytes_sent,http_referer,http_user_agent,"
            "request_time",
            lambda i, who, ip: (
                f"{ip},{who},01/Mar/2026:1{i}:00:00 +0000,GET / HTTP/1.1,200,5,-,curl/8,0.12{i}"
            ),
        ),
        account="remote_user",
        time="time_local",
        time_format="%d/%b/%Y:%H:%M:%S %z",
        kinds={"ip": "remote_addr", "client": "http_user_agent"},
    ),
]

REFUSED = [
    Log(
        "combined.csv",
        "".join(
            f'{ip} - {who} [01/Mar/2026:1{i}:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "curl/8"\n'
            for i, who, ip in ROWS
        ),
        said=("no column looks like an account",),
    ),
    Log(
        "logging.log",
        "".join(f"{DAY} 1{i}:00:00,123 INFO app.auth {who} {ip}\n" for i, who, ip in ROWS),
        said=("its lines are neither JSON nor in the combined format of nginx and Apache",),
    ),
]


def written(log: Log, folder: Path) -> Path:
    path = folder / log.name
    path.write_text(log.text, encoding="utf-8")
    return path


@pytest.mark.slow
@pytest.mark.parametrize("log", READ, ids=lambda log: log.name)
def test_a_log_is_suggested_right_and_runs(log: Log, tmp_path: Path) -> None:
    actual = suggest([written(log, tmp_path)])
    settings = settings_from({**tomllib.loads(actual.text), "now": NOW})
    (source,) = settings.sources
    assert (source.account, source.time, source.time_format) == (log.account, log.time, log.time_format)
    assert {kind: source.kinds.get(kind) for kind in log.kinds} == log.kinds
    facts: Any = check(settings)
    assert facts["sources"][0]["rows_rejected"] == 0
    assert facts["n_accounts"] == 3
    for kind in log.kinds:
        assert facts["kinds"][kind]["accounts"] == 3
        assert facts["kinds"][kind]["first_seen"].startswith("2026-03-")
    for row in log.said:
        assert row in actual.text


@pytest.mark.slow
@pytest.mark.parametrize("log", REFUSED, ids=lambda log: log.name)
def test_a_log_that_is_not_read_as_it_is_states_what_to_do(log: Log, tmp_path: Path) -> None:
    path = written(log, tmp_path)
    with pytest.raises(InputError, match="none of the files looks like observations") as caught:
        suggest([path])
    for row in log.said:
        assert row in str(caught.value)
    # Beside a log that is read, it is left out with the same words in the file and on the terminal.
    other = written(READ[0], tmp_path)
    actual = suggest([other, path])
    for row in log.said:
        assert row in actual.text
        assert row in "\n".join(actual.lines)
    assert len(tomllib.loads(actual.text)["sources"]) == 1
