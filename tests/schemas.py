"""Sixteen schemas of logs and tables that a provider's team has, with seeded rows and the right settings.

Names of columns are those that the programs write; values are invented. `python -m tests.schemas` prints
which of them `graphlink init` suggests right.
"""

from __future__ import annotations

import csv
import io
import json
import random
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from graphlink.core.errors import InputError
from graphlink.core.settings import settings_from
from graphlink.ingest.suggest_settings import suggest

if TYPE_CHECKING:
    from collections.abc import Callable

START = 1772359200  # 2026-03-01T10:00:00Z
_N_DRAWN = 25
N_ROWS = 80


class Row(NamedTuple):
    """What one row of any of the logs is about."""

    i: int
    who: str
    ip: str
    agent: str
    at: int

    def clock(self, sign: str = "T") -> str:
        """The time in ISO 8601, without a zone."""
        seconds = self.at - START
        return f"2026-03-01{sign}{10 + seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


@dataclass(frozen=True)
class Right:
    """The right settings of a source."""

    account: str
    time: str
    time_format: str = ""
    kinds: dict[str, object] = field(default_factory=dict)
    records: str = ""
    lookup: str = ""


@dataclass(frozen=True)
class Schema:
    """A log or several tables: its files, and the right settings of the file that has observations."""

    name: str
    files: dict[str, str]
    right: Right


def _rows() -> list[Row]:
    draw = random.Random(20260301)
    accounts = [f"org-{draw.randrange(16**8):08x}" for _ in range(_N_DRAWN)]
    agents = ["python-requests/2.32", "okhttp/4.12", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0)"]
    at, rows = START, []
    for i in range(N_ROWS):
        n = draw.randrange(_N_DRAWN)
        at += draw.randrange(1, 200)
        ip = f"20.{n}.{draw.randrange(3)}.7" if n % 5 else f"2a00:1450:{n:x}::{1 + draw.randrange(3):x}"
        rows.append(Row(i, accounts[n], ip, agents[n % 3], at))
    return rows


ROWS = _rows()
N_ACCOUNTS = len({row.who for row in ROWS})


def _csv(header: str, row: Callable[[Row], list[object]], delimiter: str = ",") -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerows([header.split("|"), *(row(one) for one in ROWS)])
    return text.getvalue()


def _lines(row: Callable[[Row], Any]) -> str:
    return "".join(json.dumps(row(one)) + "\n" for one in ROWS)


def _with_port(ip: str) -> str:
    return f"[{ip}]:50{len(ip)}" if ":" in ip else f"{ip}:50{len(ip)}"


def _hash(text: str) -> str:
    return random.Random(text).randbytes(32).hex()


def _splunk(row: Row) -> list[object]:
    action = "success" if row.i % 9 else "failure"
    return [
        f"{row.clock()}.000+0000",
        f"login {row.i}",
        "web1",
        "/var/log/auth",
        "auth",
        row.who,
        row.ip,
        action,
    ]


def _spend(row: Row) -> list[object]:
    start, end = row.clock(" "), row.clock(" ")
    spent = [0.01 * row.i, 17 + row.i, f"{start}+00:00", f"{end}+00:00", "model-x"]
    return [f"chatcmpl-{row.i}", "acompletion", _hash(row.who), *spent, row.who, "", row.ip]


def _envoy(row: Row) -> dict[str, object]:
    return {
        "start_time": f"{row.clock()}.123Z",
        "method": "POST",
        "response_code": 200,
        "duration": 120 + row.i,
        "x_forwarded_for": f"{row.ip},10.0.0.7",
        "user_agent": row.agent,
        "request_id": f"r{row.i}",
        "upstream_host": "10.0.0.5:8080",
        "downstream_remote_address": "10.0.0.7:4431",
        "x_account_id": row.who,
    }


def _logpush(row: Row) -> dict[str, object]:
    return {
        "ClientIP": row.ip,
        "ClientRequestHost": "api.example.org",
        "ClientRequestUserAgent": row.agent,
        "ClientCountry": "de",
        "EdgeStartTimestamp": row.at * 10**9 + row.i,
        "EdgeEndTimestamp": row.at * 10**9 + row.i + 7,
        "EdgeServerIP": "198.41.1.1",
        "OriginIP": "20.9.9.9",
        "JA3Hash": _hash(row.agent)[:32],
        "RayID": f"ray{row.i}",
        "RequestHeaders": {"x-org-id": row.who},
    }


def _charge(row: Row) -> list[object]:
    paid = [f"ch_{row.i}", row.clock(" "), "20.00", "usd", f"cus_{_hash(row.who)[:8]}"]
    return [*paid, _hash(row.who)[:16], "4242", "Visa", "US", "Paid"]


def _customers() -> str:
    accounts = sorted({row.who for row in ROWS})
    rows = [["id", "Email", "Created (UTC)", "org_id (metadata)"]]
    rows += [[f"cus_{_hash(who)[:8]}", f"{who}@mill.example", "2026-01-05 08:00", who] for who in accounts]
    return "".join(",".join(row) + "\n" for row in rows)


def _kong(row: Row) -> dict[str, object]:
    return {
        "started_at": row.at * 1000 + row.i,
        "client_ip": row.ip,
        "consumer": {"id": row.who, "created_at": 1700000000},
        "request": {"id": f"r{row.i}", "headers": {"user-agent": row.agent, "host": "api.example.org"}},
        "latencies": {"request": 5 + row.i, "proxy": 3},
        "service": {"id": "5f", "host": "10.0.0.5"},
    }


def _otlp() -> str:
    records = [
        {
            "timeUnixNano": str(row.at * 10**9),
            "severityText": "INFO",
            "attributes": [
                {"key": "user.id", "value": {"stringValue": row.who}},
                {"key": "client.address", "value": {"stringValue": row.ip}},
                {"key": "user_agent.original", "value": {"stringValue": row.agent}},
                {"key": "http.response.status_code", "value": {"intValue": "200"}},
            ],
        }
        for row in ROWS
    ]
    halves = [{"scope": {"name": "gateway"}, "logRecords": records[part::2]} for part in (0, 1)]
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "gateway"}}]}
    return json.dumps({"resourceLogs": [{"resource": resource, "scopeLogs": halves}]})


def _access(row: Row) -> str:
    seconds = row.clock().partition("T")[2]
    when = f"01/Mar/2026:{seconds} +0000"
    return f'{row.ip} - {row.who} [{when}] "POST /v1/m HTTP/1.1" 200 5{row.i} "-" "{row.agent}"\n'


def _kafka(row: Row) -> dict[str, object]:
    event = {"user_id": row.who, "client_ip": row.ip, "device_id": _hash(row.who)[:12], "event": "login"}
    return {
        "topic": "logins",
        "partition": 0,
        "offset": row.i,
        "timestamp": row.at * 1000,
        "value": json.dumps(event),
    }


def _elastic(row: Row) -> dict[str, object]:
    source = {
        "@timestamp": f"{row.clock()}.000Z",
        "user": {"id": row.who},
        "source": {"ip": row.ip, "port": 4431},
    }
    source |= {"user_agent": {"original": row.agent}, "host": {"name": "web1", "ip": ["10.0.0.5"]}}
    return {"_index": "logs-2026.03", "_id": f"e{row.i}", "_score": None, "_source": source}


def _okta(row: Row) -> dict[str, object]:
    return {
        "uuid": f"e{row.i}",
        "published": f"{row.clock()}.123Z",
        "eventType": "user.session.start",
        "actor": {"id": row.who, "type": "User", "alternateId": f"{row.who}@mill.example"},
        "client": {"ipAddress": row.ip, "userAgent": {"rawUserAgent": row.agent}, "device": "Computer"},
        "target": [{"id": "app1", "type": "AppInstance"}],
    }


def _cloudtrail(row: Row) -> dict[str, object]:
    return {
        "eventVersion": "1.09",
        "eventTime": f"{row.clock()}Z",
        "sourceIPAddress": "AWS Internal" if row.i % 20 == 0 else row.ip,
        "userAgent": row.agent,
        "eventID": f"e{row.i}",
        "userIdentity": {"type": "IAMUser", "principalId": row.who, "accountId": "123456789012"},
        "recipientAccountId": "123456789012",
        "requestParameters": None,
    }


def _signin(row: Row) -> list[object]:
    minutes = row.clock().partition("T")[2][3:]
    hour = 10 + (row.at - START) // 3600
    when = f"3/13/2026, {hour if hour < 13 else hour - 12}:{minutes}.123 {'AM' if hour < 12 else 'PM'}"
    return [when, 0, f"{row.who}@mill.example", row.who, row.ip, row.agent, "DE"]


def _audit(row: Row) -> list[object]:
    tail = [f"s{row.i}", "SELECT", row.ip, "psql"]
    return [f"{row.clock(' ')}.123 UTC", row.who, "prod", 4711, _with_port(row.ip), *tail]


def _german(row: Row) -> list[object]:
    day, _, clock = row.clock().partition("T")
    year, month, date = day.split("-")
    mail = f"{row.who}@muehle.example"
    return [row.i, row.who, f"{date}.{month}.{year} {clock}", row.ip, mail, _hash(row.who)[:12], "offen"]


def _nginx(row: Row) -> dict[str, object]:
    return {
        "time_iso8601": f"{row.clock()}+00:00",
        "msec": row.at + 0.25,
        "remote_addr": row.ip,
        "remote_user": row.who,
        "request": "POST /v1/messages HTTP/1.1",
        "status": 200 + row.i % 2,
        "request_time": round(0.1 + row.i % 7 / 10, 3),
        "http_user_agent": row.agent,
        "request_id": _hash(str(row.i))[:32],
        "ssl_protocol": "TLSv1.3",
        "upstream_addr": f"10.0.0.{row.i % 9}:8080",
    }


SCHEMAS = (
    Schema(
        "Splunk, CSV export",
        {"splunk.csv": _csv("_time|_raw|host|source|sourcetype|user|src_ip|action", _splunk)},
        Right("user", "_time", kinds={"ip": "src_ip"}),
    ),
    Schema(
        "LiteLLM, spend logs",
        {
            "spend.csv": _csv(
                "request_id|call_type|api_key|spend|total_tokens|startTime|endTime|model|user|"
                "team_id|requester_ip_address",
                _spend,
            )
        },
        Right("user", "startTime", kinds={"api_key": "api_key", "ip": "requester_ip_address"}),
    ),
    Schema(
        "Envoy, JSON access log",
        {"envoy.jsonl": _lines(_envoy)},
        Right(
            "x_account_id",
            "start_time",
            kinds={"ip": {"column": "x_forwarded_for", "pick": "last_public"}, "client": "user_agent"},
        ),
    ),
    Schema(
        "Cloudflare, Logpush",
        {"logpush.jsonl": _lines(_logpush)},
        Right(
            "RequestHeaders.x-org-id",
            "EdgeStartTimestamp",
            "epoch_ns",
            {"ip": "ClientIP", "client": "ClientRequestUserAgent", "ja3_hash": "JA3Hash"},
        ),
    ),
    Schema(
        "Stripe, charges and customers",
        {
            "charges.csv": _csv(
                "id|Created date (UTC)|Amount|Currency|Customer ID|Card Fingerprint|Card Last4|"
                "Card Brand|card_issue_country|Status",
                _charge,
            ),
            "customers.csv": _customers(),
        },
        Right(
            "Customer ID", "Created date (UTC)", kinds={"payment": "Card Fingerprint"}, lookup="customers.csv"
        ),
    ),
    Schema(
        "Kong, http-log",
        {"kong.jsonl": _lines(_kong)},
        Right(
            "consumer.id",
            "started_at",
            "epoch_ms",
            {"ip": "client_ip", "client": "request.headers.user-agent"},
        ),
    ),
    Schema(
        "OpenTelemetry, OTLP JSON",
        {"otlp.json": _otlp()},
        Right(
            "attributes.user.id",
            "timeUnixNano",
            "epoch_ns",
            {"ip": "attributes.client.address", "client": "attributes.user_agent.original"},
            "resourceLogs[].scopeLogs[].logRecords",
        ),
    ),
    Schema(
        "nginx or Apache, combined log",
        {"access.log": "".join(map(_access, ROWS))},
        Right(
            "remote_user",
            "time_local",
            "%d/%b/%Y:%H:%M:%S %z",
            {"ip": "remote_addr", "client": "http_user_agent"},
        ),
    ),
    Schema(
        "Kafka, dump of a topic",
        {"kafka.jsonl": _lines(_kafka)},
        Right(
            "value.user_id",
            "timestamp",
            "epoch_ms",
            {"ip": "value.client_ip", "client": "value.device_id"},
        ),
    ),
    Schema(
        "Elasticsearch, export",
        {"elastic.jsonl": _lines(_elastic)},
        Right(
            "_source.user.id",
            "_source.@timestamp",
            kinds={"ip": "_source.source.ip", "client": "_source.user_agent.original"},
        ),
    ),
    Schema(
        "Okta, system log",
        {"okta.jsonl": _lines(_okta)},
        Right(
            "actor.id",
            "published",
            kinds={
                "ip": "client.ipAddress",
                "email": "actor.alternateId",
                "client": "client.userAgent.rawUserAgent",
            },
        ),
    ),
    Schema(
        "AWS, CloudTrail",
        {"cloudtrail.json": json.dumps({"Records": [_cloudtrail(row) for row in ROWS]})},
        Right(
            "userIdentity.principalId",
            "eventTime",
            kinds={"ip": "sourceIPAddress", "client": "userAgent"},
            records="Records",
        ),
    ),
    Schema(
        "Microsoft Entra, sign-ins",
        {
            "signins.csv": _csv(
                "TimeGenerated [UTC]|ResultType|UserPrincipalName|UserId|IPAddress|UserAgent|Location",
                _signin,
            )
        },
        Right(
            "UserId",
            "TimeGenerated [UTC]",
            "%m/%d/%Y, %I:%M:%S.%f %p",
            {"ip": "IPAddress", "email": "UserPrincipalName", "client": "UserAgent"},
        ),
    ),
    Schema(
        "PostgreSQL, audit log",
        {
            "audit.csv": _csv(
                "log_time|user_name|database_name|process_id|connection_from|session_id|"
                "command_tag|client_addr|application_name",
                _audit,
            )
        },
        Right("user_name", "log_time", kinds={"ip": "client_addr"}),
    ),
    Schema(
        "German column names, CSV with semicolons",
        {
            "anmeldungen.csv": _csv(
                "Nr|Kundennummer|Zeitpunkt|IP-Adresse|E-Mail-Adresse|Geräte-ID|Vorgang",
                _german,
                ";",
            )
        },
        Right(
            "Kundennummer",
            "Zeitpunkt",
            "%d.%m.%Y %H:%M:%S",
            {"ip": "IP-Adresse", "email": "E-Mail-Adresse", "client": "Geräte-ID"},
        ),
    ),
    Schema(
        "nginx, JSON access log",
        {"nginx.jsonl": _lines(_nginx)},
        Right("remote_user", "time_iso8601", kinds={"ip": "remote_addr", "client": "http_user_agent"}),
    ),
)


class Outcome(NamedTuple):
    """What became of a schema: right, wrong, or refused; and what is wrong."""

    result: str
    detail: str


def write_schema(schema: Schema, folder: Path) -> list[Path]:
    """Write the files of a schema."""
    paths = []
    for name, text in schema.files.items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths


def suggested(schema: Schema, folder: Path) -> dict[str, Any]:
    """The settings that `init` suggests for a schema, as TOML reads them."""
    return tomllib.loads(suggest(write_schema(schema, folder)).text)


def outcome_of(schema: Schema, folder: Path) -> Outcome:
    """Compare the suggestion with the right settings."""
    try:
        values = suggested(schema, folder)
    except InputError as error:
        return Outcome("refused", str(error).splitlines()[-1].strip())
    first = next(iter(schema.files))
    sources = [one for one in values["sources"] if Path(one["path"]).name == first]
    if not sources:
        return Outcome("refused", "the file is left out, with the reason")
    source, right = sources[0], schema.right
    lookups = {one["name"]: Path(one["path"]).name for one in values.get("lookups", ())}
    actual: dict[str, object] = {
        "account": source["account"],
        "time": source.get("time", ""),
        "time_format": source.get("time_format", ""),
        "records": source.get("records", ""),
        "lookup": lookups.get(source.get("lookup", ""), ""),
    }
    wrong = {name: value for name, value in actual.items() if value != getattr(right, name)}
    kinds = source.get("kinds", {})
    wrong |= {kind: kinds.get(kind) for kind, column in right.kinds.items() if kinds.get(kind) != column}
    wrong |= {kind: column for kind, column in kinds.items() if kind not in right.kinds}
    settings_from(values)
    return Outcome("wrong", str(wrong)) if wrong else Outcome("right", "")


def table() -> str:
    """The table of docs/reference/sources.md: each schema and its right settings, as Markdown."""
    rows = []
    for schema in SCHEMAS:
        right = schema.right
        time = f"`{right.time}`" + (f" ({right.time_format})" if right.time_format else "")
        kinds = ", ".join(f"{kind}: {_column(of)}" for kind, of in right.kinds.items())
        files = ", ".join(f"`{name}`" for name in schema.files)
        rows.append(f"| {schema.name} | {files} | `{right.account}` | {time} | {kinds} |")
    return "\n".join(["| log or table | files | account | time | kinds |", "|---|---|---|---|---|", *rows])


def _column(of: object) -> str:
    """A column of the settings, and which element of a list of it."""
    if isinstance(of, dict):
        return f"`{of['column']}` ({', '.join(str(value) for name, value in of.items() if name != 'column')})"
    return f"`{of}`"


def main() -> None:
    """Print what `init` makes of each schema."""
    n_right = 0
    for schema in SCHEMAS:
        with TemporaryDirectory() as folder:
            outcome = outcome_of(schema, Path(folder))
        n_right += outcome.result == "right"
        print(f"{schema.name:42} {outcome.result:8} {outcome.detail[:200]}")
    print(f"{n_right} of {len(SCHEMAS)} right")


if __name__ == "__main__":
    main()
