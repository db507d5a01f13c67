"""An empty database of PostgreSQL with the schema of a workspace."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from graphlink.workspace.store import create_database

if TYPE_CHECKING:
    from collections.abc import Iterator

_numbers = itertools.count(1)


@pytest.fixture
def empty_postgres(postgres: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of an empty database, without its password, which the environment has."""
    psycopg = pytest.importorskip("psycopg", reason="the extra graphlink[postgres] is not installed")
    parts = urlsplit(postgres)
    monkeypatch.setenv("PGPASSWORD", str(parts.password))
    name = f"workspace_{next(_numbers)}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield f"postgresql://{parts.username}@{parts.hostname}:{parts.port}/{name}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def workspace_postgres(empty_postgres: str) -> str:
    """The URL of a database that holds an empty workspace."""
    create_database(empty_postgres)
    return empty_postgres
