"""A disk that is really full, and a real limit on the size of files: one error that blames the right one.

In each case nothing half made stays behind, and an earlier result is whole to the byte.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import graphlink
from graphlink.cli.exporting import export
from graphlink.core.errors import EngineError, ResultError
from graphlink.core.settings import EngineSettings
from graphlink.report import Options, write_report
from graphlink.samples import draw_world
from tests.disks import fill, mounted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from graphlink import Result


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_world(3, 150).write(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def result(world: Path, tmp_path_factory: pytest.TempPathFactory) -> Result:
    return graphlink.run(world, out=tmp_path_factory.mktemp("out") / "result")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with mounted(tmp_path / "disk", 64) as place:
        yield place


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


@pytest.mark.slow
@pytest.mark.parametrize("kib", [0, 1024])
def test_a_full_disk_of_temporary_files_is_blamed_and_the_earlier_result_stays(
    disk: Path, world: Path, result: Result, tmp_path: Path, kib: int
) -> None:
    out = tmp_path / "result"
    shutil.copytree(result.path, out)
    before = digests(out)
    fill(disk, kib)
    # So little memory that tables go to the disk.
    limits = EngineSettings(folder=str(disk / "temporary"), threads=1, memory="60MB")
    with pytest.raises(EngineError, match=r"no .*disk/temporary.*another folder .*disk with room"):
        graphlink.run(world, out=out, overwrite=True, limits=limits)
    assert digests(out) == before
    assert [path.name for path in disk.iterdir()] == ["filling"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["disk", "result"]


@pytest.mark.slow
@pytest.mark.parametrize("kib", [0, 64])
def test_a_full_disk_of_the_result_is_blamed_and_the_earlier_result_stays(
    disk: Path, world: Path, result: Result, kib: int
) -> None:
    out = disk / "result"
    shutil.copytree(result.path, out)
    before = digests(out)
    fill(disk, kib)
    with pytest.raises(ResultError, match=r"could not write .*disk/result: no room left on its disk"):
        graphlink.run(world, out=out, overwrite=True)
    assert digests(out) == before
    assert sorted(path.name for path in disk.iterdir()) == ["filling", "result"]


@pytest.mark.parametrize("form", ["html", "graphml", "parquet"])
def test_a_full_disk_under_an_export_leaves_nothing(disk: Path, result: Result, form: str) -> None:
    cluster = result.table("clusters", ["cluster_id"])["cluster_id"][0]
    fill(disk, 4)
    with pytest.raises(ResultError, match=r"could not write .*disk/export: no room left on its disk"):
        export.main(
            [str(result.path), "--cluster", str(cluster), "--format", form, "--out", str(disk / "export")],
            standalone_mode=False,
        )
    assert [path.name for path in disk.iterdir()] == ["filling"]


@pytest.mark.parametrize("kib", [0, 100])
def test_a_full_disk_under_a_report_leaves_nothing(disk: Path, result: Result, kib: int) -> None:
    fill(disk, kib)
    with pytest.raises(ResultError, match=r"could not write .*disk/report: no room left on its disk"):
        write_report(result, disk / "report", Options())
    assert [path.name for path in disk.iterdir()] == ["filling"]


def bomb(path: Path) -> None:
    """A small file of very many long equal cells."""
    n = 1_000_000
    cells = {
        "account_id": [i % 700 for i in range(n)],
        "kind": [0] * n,
        "value": [i % 7 for i in range(n)],
    }
    words = {
        "account_id": [f"a{i}" for i in range(700)],
        "kind": ["client"],
        "value": [chr(97 + i) * 3000 for i in range(7)],
    }
    columns = {
        name: pa.DictionaryArray.from_arrays(pa.array(index, pa.int32()), pa.array(words[name]))
        for name, index in cells.items()
    }
    pq.write_table(pa.table(columns), path)


def test_a_bomb_does_not_fill_the_disk(disk: Path, tmp_path: Path) -> None:
    bomb(tmp_path / "bomb.parquet")
    assert (tmp_path / "bomb.parquet").stat().st_size < 4 << 20
    limits = EngineSettings(folder=str(disk / "temporary"), memory="200MB")
    with pytest.raises(EngineError, match=r"folder .* on a disk with room|memory limit was reached"):
        graphlink.run(tmp_path / "bomb.parquet", out=tmp_path / "result", limits=limits)
    assert list(disk.iterdir()) == []
    assert not (tmp_path / "result").exists()


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
sys.argv[1:] = sys.argv[2:]
from graphlink.__main__ import main
main()
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no limits on the size of files there")
@pytest.mark.parametrize("n_bytes", [0, 1 << 18])
def test_a_limit_on_the_size_of_files_is_one_error(world: Path, tmp_path: Path, n_bytes: int) -> None:
    text = ["run", str(world), "--out", str(tmp_path / "result"), "--temp", str(tmp_path / "temporary")]
    text += ["--memory", "60MB", "--threads", "1"]  # so little that tables go to the disk
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(n_bytes), *text, "--quiet"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    assert "a limit on the size of files" in done.stderr
    assert list(tmp_path.iterdir()) == []
