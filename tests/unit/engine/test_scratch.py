from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from graphlink.core.errors import EngineError
from graphlink.engine import scratch as scratch_module
from graphlink.engine.scratch import Scratch

if TYPE_CHECKING:
    from pathlib import Path

_HOLD = """
import sys, time
from graphlink.engine.scratch import Scratch
held = Scratch(sys.argv[1])
(held.path / "data").write_text("x")
print(held.path, flush=True)
sys.stdin.read()
"""


def test_a_folder_goes_with_all_in_it(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "new" / "parent")
    (scratch.path / "deep").mkdir()
    (scratch.path / "deep" / "file").write_text("x", encoding="utf-8")
    scratch.close()
    assert list(tmp_path.iterdir()) == []  # what was made for it goes too


def test_a_folder_that_was_there_or_holds_something_else_stays(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    Scratch(tmp_path / "old").close()
    scratch = Scratch(tmp_path / "new" / "parent")
    (tmp_path / "new" / "note").write_text("mine", encoding="utf-8")
    scratch.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "old"]
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["note"]


@pytest.mark.parametrize("name", ["file/below", "a" * 300, "nul\0"])
def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(EngineError, match=r"no temporary folder can be made there.*another folder"):
        Scratch(tmp_path / name)


def test_the_next_folder_removes_those_of_dead_processes_only(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _HOLD, str(tmp_path)]
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as killed,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as living,
    ):
        assert killed.stdout is not None
        assert living.stdout is not None
        left, used = (process.stdout.readline().strip() for process in (killed, living) if process.stdout)
        own = Scratch(tmp_path)
        assert {str(path) for path in tmp_path.iterdir()} == {left, used, str(own.path)}
        killed.send_signal(signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
        killed.wait()
        other = Scratch(tmp_path)
        assert {str(path) for path in tmp_path.iterdir()} == {used, str(own.path), str(other.path)}
        own.close()
        other.close()
        living.communicate("")


def test_a_folder_whose_process_died_before_it_had_a_lock_is_removed(tmp_path: Path) -> None:
    (tmp_path / "graphlink-run-bare").mkdir()
    scratch = Scratch(tmp_path)
    assert list(tmp_path.iterdir()) == [scratch.path]
    scratch.close()


def test_what_is_no_folder_of_a_run_stays(tmp_path: Path) -> None:
    target = tmp_path / "target"
    (target / "kept").mkdir(parents=True)
    parent = tmp_path / "parent"
    (parent / "graphlink-other").mkdir(parents=True)
    (parent / "graphlink-run-file").write_text("x", encoding="utf-8")
    (parent / "graphlink-run-link").symlink_to(target)
    Scratch(parent).close()
    assert {path.name for path in parent.iterdir()} == {
        "graphlink-other", "graphlink-run-file", "graphlink-run-link",
    }  # fmt: skip
    assert (target / "kept").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="no owners there")
def test_folders_of_other_users_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = tmp_path / "graphlink-run-theirs"
    theirs.mkdir()
    own = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: own + 1)
    scratch = Scratch(tmp_path)
    assert set(tmp_path.iterdir()) == {theirs, scratch.path}
    scratch.close()


def test_a_disk_without_locks_serves_too_and_nothing_on_it_is_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scratch_module, "_lock", lambda _: None)
    first, second = Scratch(tmp_path), Scratch(tmp_path)
    assert set(tmp_path.iterdir()) == {first.path, second.path}
    first.close()
    assert list(tmp_path.iterdir()) == [second.path]
