"""A folder that appears whole or not at all, whatever happens while it is written."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from graphlink.core.errors import GraphlinkError, ResultError
from graphlink.storage.atomic import left_names, whole_folder


def marked(folder: Path) -> tuple[str, ...]:
    return ("mark", "table", "pages/one") if (folder / "mark").exists() else ()


def write(target: Path, text: str, *, overwrite: bool = False) -> None:
    with whole_folder(target, overwrite=overwrite, listed=marked) as partial:
        (partial / "mark").write_text(text, encoding="utf-8")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_folder_appears_only_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "result"
    with whole_folder(target, overwrite=False, listed=marked) as partial:
        (partial / "mark").write_text("new", encoding="utf-8")
        assert not target.exists()
    assert (target / "mark").read_text(encoding="utf-8") == "new"
    assert names(target.parent) == ["result"]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no modes")
def test_the_folder_is_its_owner_s_until_somebody_opens_it_to_others(tmp_path: Path) -> None:
    write(tmp_path / "r", "one")
    assert (tmp_path / "r").stat().st_mode & 0o777 == 0o700
    (tmp_path / "r").chmod(0o750)
    write(tmp_path / "r", "two", overwrite=True)
    assert (tmp_path / "r").stat().st_mode & 0o777 == 0o750


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_nothing_is_left_when_the_block_fails(tmp_path: Path, error: type[BaseException]) -> None:
    def fail_half_way() -> None:
        with whole_folder(tmp_path / "r", overwrite=False, listed=marked) as partial:
            (partial / "mark").write_text("half", encoding="utf-8")
            raise error

    with pytest.raises(error):
        fail_half_way()
    assert names(tmp_path) == []


def test_the_earlier_folder_stays_whole_until_the_new_one_is(tmp_path: Path) -> None:
    target = tmp_path / "r"
    write(target, "old")
    with whole_folder(target, overwrite=True, listed=marked) as partial:
        (partial / "mark").write_text("new", encoding="utf-8")
        assert (target / "mark").read_text(encoding="utf-8") == "old"
    assert (target / "mark").read_text(encoding="utf-8") == "new"
    assert names(tmp_path) == ["r"]


def test_the_earlier_folder_stays_when_the_new_one_fails(tmp_path: Path) -> None:
    write(tmp_path / "r", "old")
    with pytest.raises(ZeroDivisionError), whole_folder(tmp_path / "r", overwrite=True, listed=marked):
        raise ZeroDivisionError
    assert (tmp_path / "r" / "mark").read_text(encoding="utf-8") == "old"


def test_the_earlier_folder_is_put_back_when_the_rename_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "r", "old")
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if self.name.endswith("partial"):
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(ResultError, match="no room left on its disk"):
        write(tmp_path / "r", "new", overwrite=True)
    assert (tmp_path / "r" / "mark").read_text(encoding="utf-8") == "old"
    assert names(tmp_path) == ["r"]


def test_it_is_replaced_only_when_reported(tmp_path: Path) -> None:
    write(tmp_path / "r", "old")
    with pytest.raises(ResultError, match="holds a result already; overwrite=True replaces it"):
        write(tmp_path / "r", "new")
    assert (tmp_path / "r" / "mark").read_text(encoding="utf-8") == "old"


def test_a_folder_of_another_kind_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "one.jpg").write_bytes(b"x")
    with pytest.raises(ResultError, match="is not a graphlink result and stays as it is"):
        write(tmp_path / "photos", "new", overwrite=True)
    assert names(tmp_path / "photos") == ["one.jpg"]


@pytest.mark.parametrize(
    "name", ["notes.txt", ".hidden", "pages/two", "deep/er/one.jpg", "empty/", "mark.old"]
)
def test_a_folder_with_a_foreign_file_is_never_replaced(tmp_path: Path, name: str) -> None:
    write(tmp_path / "r", "old")
    foreign = tmp_path / "r" / name
    if name.endswith("/"):
        foreign.mkdir()
    else:
        foreign.parent.mkdir(parents=True, exist_ok=True)
        foreign.write_text("mine", encoding="utf-8")
    with pytest.raises(ResultError, match=rf"did not write: {re.escape(name)}; it stays as it is\. Move"):
        write(tmp_path / "r", "new", overwrite=True)
    assert foreign.exists()
    assert (tmp_path / "r" / "mark").read_text(encoding="utf-8") == "old"


def test_a_link_in_the_folder_is_foreign_and_what_it_names_stays(tmp_path: Path) -> None:
    write(tmp_path / "r", "old")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "one.jpg").write_bytes(b"x")
    (tmp_path / "r" / "link").symlink_to(tmp_path / "photos")
    with pytest.raises(ResultError, match="did not write: link;"):
        write(tmp_path / "r", "new", overwrite=True)
    assert (tmp_path / "photos" / "one.jpg").exists()


def test_of_many_foreign_files_the_first_are_named_and_the_rest_counted(tmp_path: Path) -> None:
    write(tmp_path / "r", "old")
    for number in range(1_005):
        (tmp_path / "r" / f"{number:04}.jpg").write_bytes(b"")
    with pytest.raises(ResultError, match=r"0000\.jpg, 0001\.jpg, 0002\.jpg and 1,002 more;"):
        write(tmp_path / "r", "new", overwrite=True)


def test_what_is_put_there_during_the_run_goes_over_to_the_new_folder(tmp_path: Path) -> None:
    write(tmp_path / "r", "old")
    with whole_folder(tmp_path / "r", overwrite=True, listed=marked) as partial:
        (partial / "mark").write_text("new", encoding="utf-8")
        (tmp_path / "r" / "deep").mkdir()
        (tmp_path / "r" / "deep" / "notes.txt").write_text("mine", encoding="utf-8")
    assert (tmp_path / "r" / "mark").read_text(encoding="utf-8") == "new"
    assert (tmp_path / "r" / "deep" / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert names(tmp_path) == ["r"]


def test_an_earlier_folder_half_removed_is_removed_by_the_next_run(tmp_path: Path) -> None:
    write(tmp_path / "r", "new")
    _, replaced = left_names(tmp_path / "r")
    replaced.mkdir()
    (replaced / "mark").write_text("old", encoding="utf-8")
    write(tmp_path / "r", "newer", overwrite=True)
    assert names(tmp_path) == ["r"]
    assert names(tmp_path / "r") == ["mark"]


def test_an_empty_folder_may_be_filled(tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    write(tmp_path / "r", "new")
    assert names(tmp_path) == ["r"]


def test_a_file_in_the_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "r").write_text("mine", encoding="utf-8")
    with pytest.raises(ResultError, match="is a file; choose another folder"):
        write(tmp_path / "r", "new", overwrite=True)
    with pytest.raises(ResultError, match="could not write"):
        write(tmp_path / "r" / "below", "new")


def test_a_link_is_followed_and_kept(tmp_path: Path) -> None:
    write(tmp_path / "real", "old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write(tmp_path / "link", "new", overwrite=True)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "mark").read_text(encoding="utf-8") == "new"


def test_a_second_writer_is_kept_out_and_the_first_goes_on(tmp_path: Path) -> None:
    with whole_folder(tmp_path / "r", overwrite=False, listed=marked) as partial:
        (partial / "mark").write_text("first", encoding="utf-8")
        with pytest.raises(ResultError, match="another run is writing"):
            write(tmp_path / "r", "second", overwrite=True)
    assert (tmp_path / "r" / "mark").read_text(encoding="utf-8") == "first"


def test_of_many_writers_at_once_each_ends_whole_or_is_reported(tmp_path: Path) -> None:
    listed: list[str] = []

    def writer(number: int) -> None:
        try:
            write(tmp_path / "r", str(number), overwrite=True)
            listed.append("done")
        except GraphlinkError as error:
            listed.append("busy" if "another run" in str(error) else str(error))

    writers = [threading.Thread(target=writer, args=(number,)) for number in range(16)]
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()
    assert set(listed) <= {"done", "busy"}
    assert "done" in listed
    assert names(tmp_path) == ["r"]


KILLED = """
import os, signal, sys
from pathlib import Path
from graphlink.storage.atomic import whole_folder
with whole_folder(Path(sys.argv[1]), overwrite=True, listed=lambda folder: ("mark",)) as partial:
    (partial / "mark").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_what_a_killed_run_left_is_cleaned_up_by_the_next(tmp_path: Path) -> None:
    write(tmp_path / "r", "old")
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "r")], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert (tmp_path / "r" / "mark").read_text(encoding="utf-8") == "old"
    assert left_names(tmp_path / "r")[0].exists()
    write(tmp_path / "r", "new", overwrite=True)
    assert (tmp_path / "r" / "mark").read_text(encoding="utf-8") == "new"
    assert names(tmp_path) == ["r"]


def test_a_run_killed_between_the_two_renames_is_repaired(tmp_path: Path) -> None:
    write(tmp_path / "r", "old")
    (tmp_path / "r").rename(left_names(tmp_path / "r")[1])
    with pytest.raises(ResultError, match="holds a result already"):
        write(tmp_path / "r", "new")
    assert (tmp_path / "r" / "mark").read_text(encoding="utf-8") == "old"
    assert names(tmp_path) == ["r"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs a user whom permissions bind")
def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ResultError, match="could not write"):
        write(tmp_path / "r", "new")
