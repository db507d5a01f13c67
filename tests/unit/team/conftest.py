"""The workspace of the sample, and callers of every role."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from graphlink.monitoring import open_workspace
from graphlink.workspace.roles import ROLES
from tests.served import Caller, serve_in_process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.testclient import TestClient

    from graphlink.monitoring import Workspace


@pytest.fixture
def workspace(stocked_folder: Path, tmp_path: Path) -> Iterator[Workspace]:
    """A copy of the workspace, opened as ana."""
    opened = open_workspace(shutil.copytree(stocked_folder, tmp_path / "ws"), by="ana")
    yield opened
    opened.close()


@pytest.fixture
def client(workspace: Workspace, tmp_path: Path) -> TestClient:
    """A client that holds nothing."""
    return serve_in_process(workspace, tmp_path)


@pytest.fixture
def people(client: TestClient, workspace: Workspace) -> dict[str, Caller]:
    """One caller of each role, named after it; and a second lead."""
    named = {role: role for role in ROLES} | {"second": "lead"}
    return {name: Caller(client, workspace, name, role) for name, role in named.items()}
