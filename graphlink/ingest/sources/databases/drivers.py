"""Databases that are reached by ADBC: which driver each needs, how it is installed, and what it takes."""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from graphlink.core.credentials import POSTGRES, database_kind, redacted_address

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class Driver:
    """A driver of ADBC.

    Attributes:
        name: What ADBC calls it.
        title: What people call the database.
        package: The Python package that brings it; empty where only ADBC's own installer does.
        quote: What stands around names in its SQL.
        options: Makes the driver's options of an address.
        statement: Options that bound what it holds in memory.
        first: Statements that make the connection one that only reads.
    """

    name: str
    title: str
    package: str = ""
    quote: str = '"'
    options: Callable[[str], dict[str, str]] = lambda address: {"uri": address}
    statement: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    first: tuple[str, ...] = ()

    @property
    def remedy(self) -> str:
        """How to install it, for people."""
        if self.package:
            return f"pip install {self.package}"
        return f"pip install adbc-driver-manager dbc && dbc install {self.name}"

    def library(self) -> str:
        """What ADBC's driver manager loads: the path of a package's library, or the driver's name.

        Raises:
            ImportError: The package is not installed.
        """
        if not self.package:
            return self.name
        module = importlib.import_module(self.package.replace("-", "_"))
        return str(module._driver_path())


def _bigquery_options(address: str) -> dict[str, str]:
    """The options of bigquery://PROJECT/DATASET; its credentials are those of the environment."""
    project, _, dataset = redacted_address(address).partition("://")[2].strip("/").partition("/")
    named = {"adbc.bigquery.sql.project_id": project, "adbc.bigquery.sql.dataset_id": dataset}
    return {name: value for name, value in named.items() if value}


def _flight_options(address: str) -> dict[str, str]:
    """The options of grpc://, grpc+tcp:// or grpc+tls://; a user and password are options of their own."""
    given = re.sub("^flightsql://", "grpc+tls://", address, flags=re.IGNORECASE)
    user = re.match(r"([a-z+]+://)([^/@:]*)(?::([^/]*))?@", given, re.IGNORECASE)
    if user is None:
        return {"uri": given}
    own = {"username": user[2], "password": user[3] or ""}
    return {"uri": user[1] + given[user.end() :], **own}


_FEW = {"adbc.rpc.result_queue_size": "4"}  # batches that wait, of some ten thousand rows each
_READ_ONLY_SESSION = "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"
_DRIVERS = (
    Driver("flightsql", "Flight SQL", "adbc-driver-flightsql", options=_flight_options, statement=_FEW),
    Driver(
        "snowflake",
        "Snowflake",
        "adbc-driver-snowflake",
        statement={**_FEW, "adbc.snowflake.rpc.prefetch_concurrency": "2"},
    ),
    Driver("bigquery", "BigQuery", "adbc-driver-bigquery", quote="`", options=_bigquery_options),
    Driver("postgresql", "PostgreSQL", "adbc-driver-postgresql", first=(_READ_ONLY_SESSION,)),
    Driver("sqlite", "SQLite", "adbc-driver-sqlite", first=("PRAGMA query_only = ON",)),
    Driver("databricks", "Databricks", quote="`"),
    Driver("mysql", "MySQL", quote="`"),
    Driver("redshift", "Redshift"),
    Driver("trino", "Trino"),
    Driver("mssql", "SQL Server"),
)
BY_NAME = {driver.name: driver for driver in _DRIVERS}
_BY_SCHEME = {
    "grpc": "flightsql",
    "flightsql": "flightsql",
    "snowflake": "snowflake",
    "bigquery": "bigquery",
    "databricks": "databricks",
    "mysql": "mysql",
    "mariadb": "mysql",
    "redshift": "redshift",
    "trino": "trino",
    "sqlserver": "mssql",
    "mssql": "mssql",
}
PROFILE = "profile"


def is_reached_by_adbc(address: str) -> bool:
    """Whether an address names a profile, or a database that is read by ADBC; PostgreSQL is read apart."""
    kind = database_kind(address)
    return kind != POSTGRES and (kind == PROFILE or kind in _BY_SCHEME)


def driver_of_address(address: str) -> Driver:
    """The driver of an address that `is_reached_by_adbc`, and that is no profile."""
    return BY_NAME[_BY_SCHEME[database_kind(address)]]


def driver_named(name: str) -> Driver:
    """The driver that a profile names: one of those known, or another one by its name or path."""
    short = name.removeprefix("adbc_driver_")
    return BY_NAME.get(short) or Driver(name, name)
