"""What a run leaves when it is killed, when the disk is full, and when its input changes under it.

In each case the earlier result stays whole to the byte, the next run cleans up and ends as if nothing had
happened, and an error says what did happen.
"""

from __future__ import annotations

import gc
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import igraph
import pyarrow as pa
import pytest
from click.testing import CliRunner

from graphlink import run
from graphlink.assessment.null_model import estimate_null
from graphlink.cli import commands
from graphlink.core.errors import EngineError, GraphlinkError, InputError, InternalError, TableError
from graphlink.core.settings import EngineSettings
from graphlink.engine.duck import DuckEngine
from graphlink.pipeline import steps
from graphlink.result.result import read_result
from graphlink.samples import draw_world
from graphlink.storage.atomic import left_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphlink.progress import Progress


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The settings file of a small world; read only."""
    return draw_world(3, 150).write(tmp_path_factory.mktemp("world"), "csv")


@pytest.fixture(scope="module")
def earlier(world: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an earlier result of the world, which no failed run may change."""
    return run(world, out=tmp_path_factory.mktemp("earlier") / "result").path


@pytest.fixture
def own_world(world: Path, tmp_path: Path) -> Path:
    """The settings file of a copy of the small world that a test may change."""
    shutil.copytree(world.parent, tmp_path / "world")
    return tmp_path / "world" / world.name


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def tables(folder: Path) -> dict[str, str]:
    """Digests of the tables: run.json tells the times of a run, which differ."""
    return {name: digest for name, digest in digests(folder).items() if name.endswith(".parquet")}


# --- killed ------------------------------------------------------------------------------------------------

# One process forks a run per step, so that the libraries are imported once; each run kills itself.
KILLED = """
import os, signal, sys
from pathlib import Path
from graphlink import pipeline, read_result
import graphlink.engine.duck

world, out = sys.argv[1:3]
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

for point in sys.argv[3:]:
    before = (Path(out) / "run.json").read_bytes()
    pid = os.fork()
    if pid == 0:
        if point == "write":
            pipeline.write_manifest = die
        pipeline.run(
            world, out=out, overwrite=True,
            progress=lambda now: die() if now.step.name == point and now.rows is not None else None,
        )
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, (point, status)
    assert (Path(out) / "run.json").read_bytes() == before, point
    read_result(Path(out))
    # Its own temporary folder is left, those of the killed runs before it were removed; tables are told of
    # after the engine and its folder are gone.
    left = list(Path(os.environ["TMPDIR"]).glob("graphlink-run-*"))
    assert len(left) == (point != "write"), (point, left)
    print(point)
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no SIGKILL and no fork there")
@pytest.mark.parametrize(
    "points",
    [
        ["observations", "blocking", "write"],
        pytest.param([step.name for step in steps()], marks=pytest.mark.bench),
    ],
    ids=["some", "all"],
)
def test_a_killed_run_leaves_the_earlier_result_and_the_next_one_ends_alike(
    world: Path, earlier: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, points: list[str]
) -> None:
    (tmp_path / "temp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temp"))  # what a killed engine leaves is not the system's
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temp"))
    out = shutil.copytree(earlier, tmp_path / "result")
    before = digests(out)
    command = [sys.executable, "-c", KILLED, str(world), str(out), *points]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.stdout.split() == points, done.stderr
    assert digests(out) == before
    assert left_names(out)[0].exists()  # the last killed run's, which the next one removes
    again = run(world, out=out, overwrite=True)
    assert tables(again.path) == {
        name: actual for name, actual in before.items() if name.endswith(".parquet")
    }
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
    assert list((tmp_path / "temp").iterdir()) == []


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no SIGKILL there")
def test_a_first_run_that_is_killed_leaves_no_result(world: Path, tmp_path: Path) -> None:
    text = KILLED.replace('(Path(out) / "run.json").read_bytes()', "Path(out).exists()")
    text = text.replace("read_result(Path(out))", "").replace("overwrite=True, ", "")
    command = [sys.executable, "-c", text, str(world), str(tmp_path / "result"), "write"]
    by_name = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=by_name)
    assert done.stdout.split() == ["write"], done.stderr
    with pytest.raises(GraphlinkError, match="no folder"):
        read_result(tmp_path / "result")


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal there")
def test_an_interrupted_run_cleans_up_itself(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def interrupt(now: Progress) -> None:
        if now.step.name == "blocking":
            signal.raise_signal(signal.SIGINT)

    before = signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # a shell's job in the background has none
    try:
        with pytest.raises(KeyboardInterrupt):
            run(world, out=tmp_path / "result", progress=interrupt)
    finally:
        signal.signal(signal.SIGINT, before)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_result_without_a_folder_goes_with_its_last_user(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    result = run(world)
    assert result.path.is_relative_to(tmp_path)
    assert read_result(result.path).path == result.path
    del result
    gc.collect()
    assert list(tmp_path.iterdir()) == []


# --- a full disk -------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_disk_that_fills_up_while_spilling_is_reported_and_nothing_is_left(
    world: Path, earlier: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = shutil.copytree(earlier, tmp_path / "result")
    before = digests(out)
    engines: list[DuckEngine] = []
    make = DuckEngine.__init__

    def note(self: DuckEngine, *told: Any, **named: Any) -> None:
        make(self, *told, **named)
        engines.append(self)

    def fill(now: Progress) -> None:
        if now.position == 1 and now.rows is None:
            engines[-1].connection.execute("SET max_temp_directory_size = '0KB'")
            engines[-1].connection.execute("SET memory_limit = '1MB'")

    monkeypatch.setattr(DuckEngine, "__init__", note)
    limits = EngineSettings(folder=str(tmp_path / "temp"), threads=1)
    with pytest.raises(EngineError, match=r"another folder .* on a disk with room"):
        run(world, out=out, overwrite=True, limits=limits, progress=fill)
    assert digests(out) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["result"]


# --- what libraries and the system raise -----------------------------------------------------------------

CELL = "jane.doe@mail.example"  # stands for a cell that an exception quotes
RAISED: dict[str, tuple[Exception, type[GraphlinkError], str]] = {
    "out of memory": (duckdb.OutOfMemoryException(f"Out of Memory: {CELL}"), EngineError, "memory limit"),
    "commit": (
        duckdb.TransactionException('Failed to commit: Could not write "x.wal": No space left on device'),
        EngineError,
        "no room left .*--temp, \\[engine\\] folder",
    ),
    "transaction": (duckdb.TransactionException(CELL), InternalError, "TransactionException"),
    "fatal": (duckdb.FatalException(f"FATAL Error: {CELL}"), InternalError, "FatalException"),
    "fatal full": (
        duckdb.FatalException("FATAL Error: invalidated: No space left on device"),
        EngineError,
        "no room left .*--temp, \\[engine\\] folder",
    ),
    "internal": (duckdb.InternalException(f"INTERNAL Error: {CELL}"), InternalError, "InternalException"),
    "conversion": (
        duckdb.ConversionException(f"Could not convert string '{CELL}' to INT64"),
        InternalError,
        "ConversionException",
    ),
    "serialization": (duckdb.SerializationException(CELL), InternalError, "SerializationException"),
    "parser": (duckdb.ParserException(f"syntax error at or near {CELL}"), InternalError, "ParserException"),
    "denied": (duckdb.IOException("Cannot open file: Permission denied"), EngineError, "Permission denied"),
}
RAISED_BY_STEPS: dict[str, tuple[Exception, type[GraphlinkError], str]] = {
    "memory": (MemoryError(), EngineError, "memory ran out in step {step}"),
    "arrow memory": (
        pa.lib.ArrowMemoryError("malloc of size 64"),
        EngineError,
        "memory ran out in step {step}",
    ),
    "igraph memory": (
        igraph._igraph.InternalError("Error at x.c:1: Out of memory -- Out of memory"),
        EngineError,
        "memory ran out in step {step}",
    ),
    "igraph": (igraph._igraph.InternalError(CELL), InternalError, "InternalError in step {step}"),
    "key": (KeyError(CELL), InternalError, "fault in graphlink .* KeyError in step {step}"),
    "value": (ValueError(CELL), InternalError, "ValueError in step {step}"),
    "arrow": (pa.lib.ArrowInvalid(CELL), InternalError, "ArrowInvalid in step {step}"),
    "recursion": (RecursionError(), InternalError, "step {step}: .* nested too deep"),
    "full": (OSError(28, "No space left on device"), EngineError, "no room left on the disk in step {step}"),
    "denied": (
        PermissionError(13, "Permission denied", "a.csv"),
        EngineError,
        "refused in step {step}: Permission denied: a.csv",
    ),
}
SOME_STEPS = ("blocking", "null_model")


def failures() -> list[Any]:
    """Every exception in the first step, and one in a few others; all in all only with --bench."""
    return [
        (step.name, name)
        if step is steps()[0] or (name == "key" and step.name in SOME_STEPS)
        else pytest.param(step.name, name, marks=pytest.mark.bench)
        for step in steps()
        for name in RAISED_BY_STEPS
    ]


def assert_failed(world: Path, earlier: Path, told: tuple[type[GraphlinkError], str]) -> None:
    """Run over an earlier result; the error is as told, quotes nothing, and leaves nothing."""
    before = digests(earlier)
    temporary = earlier.parent / "temporary"
    with pytest.raises(told[0], match=told[1]) as caught:
        run(world, out=earlier, overwrite=True, limits=EngineSettings(folder=str(temporary)))
    printed = "".join(traceback.format_exception(caught.value))
    assert CELL not in printed
    assert "could not write" not in printed
    assert digests(earlier) == before
    assert [path.name for path in earlier.parent.iterdir()] == ["result"]


@pytest.mark.slow
@pytest.mark.parametrize(("step", "name"), failures())
def test_what_a_step_raises_is_one_error_of_graphlink(
    world: Path, earlier: Path, monkeypatch: pytest.MonkeyPatch, step: str, name: str
) -> None:
    raised, kind, actual = RAISED_BY_STEPS[name]

    def fail(*_: object, **__: object) -> None:
        raise raised

    (failing,) = (each for each in steps() if each.name == step)
    monkeypatch.setattr(failing, "function", fail)
    assert_failed(world, earlier, (kind, actual.format(step=step)))


class Failing:
    """A connection that fails from some statement on."""

    def __init__(self, connection: Any, error: Exception, good: int) -> None:
        self._connection, self._error, self._good = connection, error, good

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def _count(self) -> None:
        self._good -= 1
        if self._good < 0:
            raise self._error

    def execute(self, sql: str) -> Any:
        self._count()
        return self._connection.execute(sql)

    def sql(self, sql: str) -> Any:
        self._count()
        return self._connection.sql(sql)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "good"), [*((name, good) for name in RAISED for good in (0, 12)), ("commit", 60), ("fatal", 160)]
)
def test_what_duckdb_raises_is_one_error_of_graphlink(
    world: Path, earlier: Path, monkeypatch: pytest.MonkeyPatch, name: str, good: int
) -> None:
    raised, kind, actual = RAISED[name]
    connect = duckdb.connect
    monkeypatch.setattr(duckdb, "connect", lambda path: Failing(connect(path), raised, good))
    assert_failed(world, earlier, (kind, actual))


def test_a_database_that_cannot_be_made_is_one_error(
    world: Path, earlier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: str) -> None:
        raise duckdb.IOException("No space left on device")

    monkeypatch.setattr(duckdb, "connect", refuse)
    assert_failed(world, earlier, (EngineError, "no room left .*--temp, \\[engine\\] folder"))


@pytest.mark.slow
def test_a_fact_that_is_no_number_is_named(
    world: Path, earlier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = estimate_null.function
    by_name = {"rate": [1.0, float("nan")]}
    monkeypatch.setattr(estimate_null, "function", lambda *args: function(*args) and by_name)
    place = r"steps\[\d+\]\.facts\.rate\[1\] is not a finite number; this is a fault in graphlink"
    assert_failed(world, earlier, (TableError, place))


def test_what_the_caller_raises_passes_as_it_is(world: Path, tmp_path: Path) -> None:
    class EnoughError(Exception):
        pass

    def stop(now: Progress) -> None:
        if now.step.name == "blocking":
            raise EnoughError

    with pytest.raises(EnoughError):
        run(world, out=tmp_path / "result", progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_call_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="unexpected keyword"):
        run("a.csv", nonsense=1)  # type: ignore[call-arg]  # what is tested


def test_the_command_prints_what_nobody_expected_in_one_line(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise KeyError(CELL)

    monkeypatch.setattr("graphlink.pipeline.run", fail)
    done = CliRunner().invoke(commands, ["run", str(world), "--out", str(tmp_path / "r"), "--quiet"])
    assert done.exit_code == 1
    assert done.stderr.startswith("graphlink: this is a fault in graphlink 0")
    assert "KeyError in this command" in done.stderr
    assert done.stderr.count("\n") == 1
    assert CELL not in done.stderr


EARLY = """
import signal, sys
number = getattr(signal, sys.argv.pop(1))
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell lets what it starts behind it ignore this
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "graphlink.cli.options":
            signal.raise_signal(number)
sys.meta_path.insert(0, Interrupting())
from graphlink.__main__ import main
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="other signals there")
@pytest.mark.parametrize("sent", ["SIGINT", "SIGTERM"])
def test_a_signal_while_the_libraries_load_ends_the_command_cleanly(sent: str) -> None:
    command = [sys.executable, "-c", EARLY, sent, "clusters", "none"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "graphlink: interrupted; nothing was left behind\n"


# --- the input changes -------------------------------------------------------------------------------------


def append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"\n")


def replace(path: Path) -> None:
    other = path.with_name("another")
    other.write_bytes(path.read_bytes())
    other.replace(path)


def rewrite(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:-1] + b"\t")
    os.utime(path, ns=(1, 1))  # a clock that does not tick between the two writes hides neither


CHANGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "append": (append, "went from [0-9,]+ to [0-9,]+ bytes"),
    "replace": (replace, "was replaced|was written to"),  # a disk may give the same number again
    "rewrite": (rewrite, "was written to"),
    "remove": (Path.unlink, "disappeared"),
}


@pytest.mark.slow
@pytest.mark.parametrize("file", ["requests.csv", "accounts.parquet", "references.csv"])
@pytest.mark.parametrize("change", CHANGES)
def test_an_input_that_changes_while_it_is_read_is_named_and_the_result_stays(
    own_world: Path, tmp_path: Path, change: str, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "result"
    out.mkdir()
    (out / "run.json").write_text('{"graphlink": "0", "format": 0}', encoding="utf-8")
    path = own_world.parent / file
    act, actual = CHANGES[change]
    reads = DuckEngine.read_files

    def change_and_read(*given: object) -> object:
        if path.exists():
            act(path)
        return reads(*given)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(DuckEngine, "read_files", change_and_read)
    with pytest.raises(InputError, match=rf"{file} ({actual}) while it was read.* run again"):
        run(own_world, out=out, overwrite=True)
    assert digests(out).keys() == {"run.json"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["result", "world"]


def test_a_file_that_appears_in_the_folder_is_named(
    tmp_path: Path, own_world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "one.csv").write_text("account_id,kind,value\na,ip,8.8.8.8\nb,ip,8.8.8.8\n", encoding="utf-8")
    reads = DuckEngine.read_files

    def add_and_read(*given: object) -> object:
        (logs / "two.csv").write_text("account_id,kind,value\n", encoding="utf-8")
        return reads(*given)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(DuckEngine, "read_files", add_and_read)
    with pytest.raises(InputError, match=r"two\.csv appeared while it was read"):
        run(logs, out=tmp_path / "result")
    assert not (tmp_path / "result").exists()


@pytest.mark.slow
def test_what_happens_to_the_input_after_it_was_read_changes_nothing(own_world: Path, tmp_path: Path) -> None:
    requests = own_world.parent / "requests.csv"
    digest = hashlib.sha256(requests.read_bytes()).hexdigest()

    def add_later(now: Progress) -> None:
        if now.step.name == "blocking":
            append(requests)

    manifest = run(own_world, out=tmp_path / "result", progress=add_later).manifest
    actual = manifest["steps"][0]["facts"]["sources"][0]
    assert digest in str(actual)
