"""The folder of a workspace: made whole, opened, and refused with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphlink.core.errors import ResultError, WorkspaceError
from graphlink.workspace import folder as folder_module
from graphlink.workspace.folder import MARK, init_workspace, open_folder, upgrade_workspace
from tests.disks import fill, mounted

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    assert init_workspace(tmp_path / "ws", by="ana")
    return tmp_path / "ws"


def test_a_workspace_is_a_folder_for_its_owner(path: Path) -> None:
    assert sorted(one.name for one in path.iterdir()) == ["workspace.db", "workspace.toml"]
    assert path.stat().st_mode & 0o77 == 0
    opened = open_folder(path)
    with opened.store.read() as rows:
        assert [(row["by"], row["action"]) for row in rows.rows("events")] == [("ana", "workspace.made")]
    opened.store.close()
    upgrade_workspace(path)


def test_it_is_made_once(path: Path) -> None:
    with pytest.raises(WorkspaceError, match="is a workspace already"):
        init_workspace(path, by="ana")


def test_what_a_killed_one_left_is_completed(path: Path) -> None:
    (path / MARK).unlink()
    with pytest.raises(WorkspaceError, match="is not a workspace; `graphlink workspace init"):
        open_folder(path)
    assert not init_workspace(path, by="ana")
    open_folder(path).store.close()


def test_a_second_folder_joins_the_same_database(workspace_postgres: str, tmp_path: Path) -> None:
    assert init_workspace(tmp_path / "a", workspace_postgres, "ana")
    assert not init_workspace(tmp_path / "b", workspace_postgres, "ben")
    opened = open_folder(tmp_path / "b")
    with opened.store.read() as rows:
        assert [row["by"] for row in rows.rows("events")] == ["ana", "ben"]
    opened.store.close()


@pytest.mark.parametrize(
    ("database", "fault"),
    [
        ("postgresql://ana:secret@db.example/x", "leave the password out"),
        ("mysql://db.example/x", "expected the URL of a database of PostgreSQL"),
        ("postgresql://ana@127.0.0.1:1/x", "can't be reached"),
    ],
)
def test_a_database_that_can_not_be_used_is_refused(tmp_path: Path, database: str, fault: str) -> None:
    with pytest.raises(WorkspaceError, match=fault) as caught:
        init_workspace(tmp_path / "ws", database, "ana")
    assert "secret" not in str(caught.value)
    assert not (tmp_path / "ws" / MARK).exists()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("format = 2", "this version reads format 1"),
        ("format = [", "can't be read"),
        ("format = 1\ncolour = 3", "unknown setting colour"),
        ("format = 1\n[policy]\nlost_share = 3", "policy: lost_share: expected .* 0 to 1, found 3"),
        ("format = 1\n[policy]\nkeep_fdr = 0.01", "keep_fdr at least alert_fdr"),
    ],
)
def test_a_damaged_workspace_is_refused(path: Path, text: str, fault: str) -> None:
    (path / MARK).write_text(text, encoding="utf-8")
    with pytest.raises(WorkspaceError, match=fault):
        open_folder(path)


def test_a_missing_database_is_refused(path: Path) -> None:
    (path / "workspace.db").unlink()
    with pytest.raises(WorkspaceError, match="restore it from a backup"):
        open_folder(path)


def test_a_second_update_is_refused(path: Path) -> None:
    opened = open_folder(path)
    with opened.updating(), pytest.raises(ResultError, match="another run is writing"), opened.updating():
        pass
    with opened.updating():
        pass
    opened.store.close()


def test_a_full_disk_leaves_no_workspace(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", 1) as disk:
        fill(disk, 8)
        with pytest.raises((WorkspaceError, ResultError), match="no room left on its disk"):
            init_workspace(disk / "ws", by="ana")
        assert not (disk / "ws" / MARK).exists()
        (disk / "filling").unlink()
        assert init_workspace(disk / "ws", by="ana")


def test_a_password_of_the_environment_is_written_nowhere(workspace_postgres: str, tmp_path: Path) -> None:
    init_workspace(tmp_path / "ws", workspace_postgres, "ana")
    assert "s3cret" not in (tmp_path / "ws" / MARK).read_text(encoding="utf-8")


def test_the_layout(path: Path) -> None:
    opened = open_folder(path)
    assert opened.result(12) == path / "results" / "R-12"
    assert opened.model(2) == path / "models" / "M-2.json"
    assert opened.snapshot("ab34") == path / "snapshots" / "ab" / "ab34.json"
    assert folder_module.FORMAT == 1
    opened.store.close()
