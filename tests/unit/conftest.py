"""A PostgreSQL server of the tests' own, and databases in it for workspaces."""

from __future__ import annotations

import contextlib
import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from graphlink.workspace.store import create_database

if TYPE_CHECKING:
    from collections.abc import Iterator


_numbers = itertools.count(1)  # of databases


def _server_folder() -> Path | None:
    on_path = shutil.which("initdb")
    listed = [Path(on_path).parent] if on_path else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return listed[-1] if listed else None


def _user() -> str | None:
    """Whom the server runs as: it refuses the superuser."""
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(KeyError):  # no such user: skipped below
        return pwd.getpwnam("postgres").pw_name
    pytest.skip("PostgreSQL does not run as root, and there is no user postgres")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    pytest.importorskip("adbc_driver_postgresql", reason="the extra graphlink[postgres] is not installed")
    folder = _server_folder()
    if folder is None:
        pytest.skip("no PostgreSQL server on this machine")
    user = _user()
    with tempfile.TemporaryDirectory(prefix="graphlink-pg-") as made, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
        free.close()
        data = Path(made) / "data"
        if user:
            shutil.chown(made, user)

        def run(*command: str) -> None:
            subprocess.run(command, check=True, user=user, cwd=made, capture_output=True, timeout=300)

        password = Path(made) / "password"
        password.write_text("s3cret-of-linker", encoding="ascii")
        password.chmod(0o644)  # for the server's user, in a folder of its own
        actual = ("-U", "linker", "-A", "scram-sha-256", f"--pwfile={password}", "--no-sync")
        run(str(folder / "initdb"), "-D", str(data), *actual)
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        run(
            str(folder / "pg_ctl"),
            "-D",
            str(data),
            "-w",
            "-t",
            "300",
            "-l",
            f"{made}/log",
            "-o",
            options,
            "start",
        )
        try:
            yield f"postgresql://linker:s3cret-of-linker@127.0.0.1:{port}/postgres"
        finally:
            run(str(folder / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")


@contextlib.contextmanager
def _database(postgres: str, template: str) -> Iterator[str]:
    """A database of the server; its URL is without the password, which the environment has."""
    psycopg = pytest.importorskip("psycopg", reason="the extra graphlink[postgres] is not installed")
    parts, name = urlsplit(postgres), f"workspace_{next(_numbers)}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield f"postgresql://{parts.username}@{parts.hostname}:{parts.port}/{name}"
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def empty_postgres(postgres: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of an empty database."""
    monkeypatch.setenv("PGPASSWORD", str(urlsplit(postgres).password))
    with _database(postgres, "template1") as place:
        yield place


@pytest.fixture(scope="session")
def _made_postgres(postgres: str) -> Iterator[str]:
    """The name of a database that holds an empty workspace, to be copied."""
    with pytest.MonkeyPatch.context() as patch, _database(postgres, "template1") as place:
        patch.setenv("PGPASSWORD", str(urlsplit(postgres).password))
        create_database(place)
        yield place.rpartition("/")[2]


@pytest.fixture
def workspace_postgres(postgres: str, _made_postgres: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of a database that holds an empty workspace."""
    monkeypatch.setenv("PGPASSWORD", str(urlsplit(postgres).password))
    with _database(postgres, _made_postgres) as place:
        yield place
