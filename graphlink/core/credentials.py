"""Addresses with secrets in them: what they name, and how they may be shown.

An address of a database or a store may hold a password, a token or a signature, in a dozen spellings. Nothing
that graphlink prints, writes or raises shows one: who shows an address shows `redacted_address` of it, who
passes on what a driver says passes on `redacted_text`, and every `GraphlinkError` does the latter once more.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator

HIDDEN = "***"
DATABASES = (
    "PostgreSQL (postgresql://...), Snowflake (snowflake://), BigQuery (bigquery://), Flight SQL "
    "(grpc+tls://) and others by ADBC, a connection profile (profile://NAME), and DuckDB and SQLite files"
)
POSTGRES = "postgresql"

_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]{1,40}"  # a single letter is a drive of Windows
_ADDRESS = re.compile(rf"({_SCHEME}(?::{_SCHEME})?):/", re.DOTALL)
# What libpq takes beside a URL: keywords and values, of which one of these comes first.
_CONNINFO = re.compile(
    r"\s*(host|hostaddr|port|dbname|user|password|passfile|service|sslmode|sslpassword|connect_timeout|"
    r"application_name|options|target_session_attrs)\s*=",
    re.IGNORECASE,
)
_PAIR = re.compile(r"\s*([A-Za-z_]+)\s*=\s*('(?:[^'\\]|\\.)*'|(?:[^\s'\\]|\\.)*)", re.DOTALL)
_MOST = 1000  # characters of a part of an address; without a bound, long texts would take for ever
_ENCODED = r"(?:[^\s:/?#@%\[\]]|%[0-9A-Fa-f]{2})*"
_SHOWN_PAIRS = ("host", "hostaddr", "port", "dbname")
# Names of parameters whose values are secrets, as databases, stores and clouds spell them.
_SECRET_NAMES = (
    r"[\w.-]*(?:passw(?:or)?d|passphrase|passcode|pwd|token|secret|credentials?|signature|api[_-]?key|"
    r"access[_-]?key(?:[_-]?id)?|account[_-]?key|private[_-]?key|sharedaccesskey)|sig"
)
_SECRET_PAIR = re.compile(
    rf"(?<![\w.-])({_SECRET_NAMES})(\s?=\s?)('(?:[^'\\]|\\.)*'?|\"(?:[^\"\\]|\\.)*\"?|[^\s&;,'\"]+)",
    re.IGNORECASE,
)
# User and password: up to the last @ where a password is there, which may hold an @ or a slash itself.
_USER_AND_PASSWORD = re.compile(
    rf"({_SCHEME}:/{{1,3}})(?!/)[^\s:/@'\"]{{0,{_MOST}}}:(?!\d+(?:[/?;]|$))[^\s\"]{{0,{_MOST}}}@"
)
# A user alone; what stands before the @ in an address of Azure's is a container.
_USER = re.compile(rf"(?<![A-Za-z0-9+.-])(?!abfs|wasb)({_SCHEME}:/{{1,3}})(?!/)[^\s:/@'\"]{{0,{_MOST}}}@")
_PARAMETERS = re.compile(rf"({_SCHEME}:/[^\s?'\"]{{0,{_MOST}}})\?[^\s'\"=]{{0,{_MOST}}}=[^\s'\"]*")
_SPARK_PARAMETERS = re.compile(
    rf"(\bsc:/+[^\s;'\"]{{0,{_MOST}}});[^\s;'\"=]{{1,{_MOST}}}=[^\s'\"]*", re.IGNORECASE
)
_HOST_AND_PORT = re.compile(r"[^:/@]*:\d+(?:/|$)")
_NO_PORT = re.compile(r"[^:/@\[\]]*:(?!\d{0,5}(?:[/?;,]|$))")
# Stores, of whose paths an @ may be part, and which are read without a password in most cases.
_STORES = r"file|s3[an]?|gs|gcs|abfss?|wasbs?|adl|hdfs|viewfs|dbfs|https?|sc"
_IS_STORE = re.compile(rf"(?:{_STORES}):", re.IGNORECASE)
_DATABASE = (
    r"(?:jdbc:)?(?:postgres(?:ql)?|mysql|mariadb|mssql|sqlserver|oracle|snowflake|redshift|bigquery|mongodb|"
    r"clickhouse|trino|presto|redis|duckdb|sqlite|cockroachdb|databricks|db2)(?:\+[A-Za-z0-9+]+)?"
)
# An address of a database however it is spelled wrong: nothing before the last @ of it is shown, ...
_MISSPELLED = re.compile(
    rf"(?<![\w.-])({_DATABASE}\s?:?(?::thin:|/{{0,3}}))[^\s:/@'\"]{{0,{_MOST}}}[:/][^\s'\"]{{0,{_MOST}}}@",
    re.IGNORECASE,
)
# ... also when its password has a space or a quote in it, ...
_WITH_SPACE = re.compile(
    rf"(?<![\w.-])({_DATABASE}:/{{1,3}})[^\s:/@'\"]{{0,{_MOST}}}:(?!\d{{1,5}}(?:[/?;:,\s]|$))[^@\n]{{0,{_MOST}}}@",
    re.IGNORECASE,
)
# ... nor what stands where a port does, when the @ itself is forgotten.
_UNENDED = re.compile(
    rf"(?<![\w.-])({_DATABASE}:/{{1,3}}[^\s:/@'\"]*:)(?!\d{{0,5}}(?:[/?;,:\s'\"]|$))[^\s'\"]+", re.IGNORECASE
)
_WITHOUT_SCHEME = re.compile(r"(?<![^\s'\"(=])(//)[^\s:/@'\"]*:[^\s'\"]*@")
_QUOTED_PAIR = re.compile(
    rf"([\"'](?:{_SECRET_NAMES})[\"']\s?:\s?)(\"(?:[^\"\\]|\\.)*\"?|'(?:[^'\\]|\\.)*'?)", re.IGNORECASE
)
_BEARER = re.compile(r"(\bbearer\s+)[\w.~+/=-]+", re.IGNORECASE)


def database_kind(database: str) -> str:
    """What a setting `database` names: the scheme of an address in small letters, or nothing for a file.

    `postgres://`, `postgresql+psycopg://` and what libpq takes as `host=... dbname=...` are all postgresql.
    """
    address = _ADDRESS.match(database)
    if address:
        scheme = address[1].lower().removeprefix("jdbc:")
        dialect = scheme.partition("+")[0].partition(":")[0]
        return POSTGRES if dialect in ("postgres", "postgresql") else dialect
    return POSTGRES if _CONNINFO.match(database) else ""


def postgres_address(database: str) -> str:
    """An address of PostgreSQL as libpq takes it.

    Raises:
        ValueError: Its parts can't be separated, so that an error of the driver would show some of them.
    """
    if not _ADDRESS.match(database):
        if _PAIR.sub("", database).strip():
            raise ValueError("put a value with a space or a quote in single quotes, as in password='a b'")
        return database
    rest = re.sub(rf"^(?:jdbc:)?{_SCHEME}:/+", "", database)
    user, _, place = rest.rpartition("@")
    is_encoded = re.fullmatch(f"{_ENCODED}(?::{_ENCODED})?", user)
    if not is_encoded or re.search(r"\s|%(?![0-9A-Fa-f]{2})", place):
        raise ValueError("write each of :/?#[]@% and spaces in a user or password as % and two hex digits")
    return f"{POSTGRES}://{rest}"


def redacted_address(address: str) -> str:
    """An address without user, password and parameters; what is no address stays as it is."""
    if _CONNINFO.match(address):
        pairs = [(name.lower(), value) for name, value in _PAIR.findall(address)]
        return " ".join(f"{name}={value}" for name, value in pairs if name in _SHOWN_PAIRS)
    if not _ADDRESS.match(address):
        return redacted_text(address)
    scheme, _, place, _ = _parts(address)
    return redacted_text(f"{scheme}{place}")


def _parts(address: str) -> tuple[str, str, str, str]:
    """Scheme with its slashes, user and password, host and path, and parameters of an address."""
    slashes = address.index(":/") + 1
    while address[slashes : slashes + 1] == "/":
        slashes += 1
    scheme, rest = address[:slashes], address[slashes:]
    takes_semicolons = scheme.lower().startswith(("sc:", "jdbc:"))
    mark = r";|\?(?=[^?]*=)" if takes_semicolons else r"\?(?=[^?]*=)"
    start = re.search(mark, rest, re.DOTALL)  # a ? without a = may be a sign of a glob
    rest, parameters = (rest[: start.start()], rest[start.start() :]) if start else (rest, "")
    before, at, place = rest.rpartition("@")
    is_container = scheme.lower().startswith(("abfs", "wasb")) and ":" not in before
    is_store = _IS_STORE.match(scheme) is not None
    is_path = "/" in before and (
        ":" not in before.partition("/")[0] or (is_store and _HOST_AND_PORT.match(before))
    )
    if not at and not is_store and _NO_PORT.match(rest):  # a password without the @ that ends it
        return scheme, rest, "", parameters
    if not at or is_container or is_path:
        return scheme, "", rest, parameters
    return scheme, before, place, parameters


def redacted_text(text: str, *addresses: str) -> str:
    """A text without the secrets that can be seen in it, and without those of the addresses it may quote."""
    for address in sorted(filter(None, addresses), key=len, reverse=True):
        shown = redacted_address(address)
        if shown != address:
            text = text.replace(address, shown or HIDDEN)
        for secret in sorted(set(_secrets(address)), key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
    for pattern in (_USER_AND_PASSWORD, _MISSPELLED, _WITH_SPACE, _WITHOUT_SCHEME):
        text = pattern.sub(r"\1", text)
    text = _UNENDED.sub(rf"\1{HIDDEN}", text)
    text = _USER.sub(r"\1", text)
    text = _SPARK_PARAMETERS.sub(r"\1", text)
    text = _PARAMETERS.sub(r"\1", text)
    text = _QUOTED_PAIR.sub(rf'\1"{HIDDEN}"', text)
    text = _BEARER.sub(rf"\1{HIDDEN}", text)
    return _SECRET_PAIR.sub(rf"\1\2{HIDDEN}", text)


def _secrets(address: str) -> Iterator[str]:
    """The passwords and values of parameters of an address, as written and as meant."""
    found: list[str] = []
    if _CONNINFO.match(address):
        found = [
            value.strip("'") for name, value in _PAIR.findall(address) if name.lower() not in _SHOWN_PAIRS
        ]
    elif _ADDRESS.match(address):
        _, user, _, parameters = _parts(address)
        found = re.findall(r"=([^&;]*)", parameters)
        found += [user, user.partition(":")[2]]
    for value in found:
        for secret in (value, unquote(value)):
            if len(secret) > 2:  # less is no secret, and would make any text unreadable
                yield secret


def shown_database(database: str) -> str:
    """How a message names a database: a file by its path, an address without its secrets.

    What is neither surely (a connection string of some other kind) is not shown at all.
    """
    if database_kind(database):
        return redacted_address(database)
    is_path = not re.search(r"[@=;?]|:(?![\\/])", database) or Path(database).exists()
    return database if is_path else "(not shown: it is no file, and may hold a secret)"


def redacted_repr(value: Any) -> str:
    """The `repr` of a dataclass with addresses and queries as they may be shown; for its `__repr__`."""
    shown = []
    for name in value.__dataclass_fields__:
        given = getattr(value, name)
        if name == "database" and given:
            given = shown_database(given)
        elif isinstance(given, str):
            given = redacted_address(given)
        shown.append(f"{name}={given!r}")
    return f"{type(value).__qualname__}({', '.join(shown)})"
