"""The image without a daemon: what the Dockerfile runs is run in folders of this machine, with --bench."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import pytest

from tests.test_release import DOCKERFILE, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

IS_ROOT = os.geteuid() == 0
USER = int(dict(DOCKERFILE)["USER"]) if IS_ROOT else os.geteuid()
_MISSING = ("node", "npm", "npx", "git")  # python:slim has none of these


@pytest.fixture
def disk() -> Iterator[Path]:
    """A folder that every user can enter, which stands for the root of the image."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        yield Path(place)


def python_for_all() -> Path:
    """A Python that the user of the image may start: one in root's own folder is none."""
    for name in (sys.executable, *(f"/usr/bin/python3.{minor}" for minor in (14, 13, 12, 11))):
        real = Path(name).resolve()
        if real.exists() and (
            not IS_ROOT or all(one.stat().st_mode & 0o001 for one in (real, *real.parents))
        ):
            return real
    pytest.skip("no Python of this machine may be started by other users")


def copy_context(to: Path) -> None:
    """Copy what .dockerignore lets into the build."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()[2:]
    left_out = shutil.ignore_patterns(*(PurePosixPath(line).name for line in lines if line[:1] != "!"))
    for name in (line[1:] for line in lines if line[:1] == "!"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, to / name, ignore=left_out)
        else:
            shutil.copyfile(ROOT / name, to / name)


def commands_of(run: str, disk: Path) -> str:
    """The commands of a RUN with paths below the folder, and the user by number: none is made here."""
    placed = re.sub(r"(?<![\w/.])/(?=wheels|data)", f"{disk}/", run).replace("=graphlink", f"={USER}")
    commands = [command.strip() for command in placed.split("&&")]
    return " && ".join(command for command in commands if not command.startswith("useradd "))


def stage(python: Path, disk: Path, instructions: list[tuple[str, str]]) -> dict[str, str]:
    """Run a stage of the Dockerfile in an environment of its own; returns the variables at its end."""
    place = Path(tempfile.mkdtemp(prefix="stage-", dir=disk))
    place.chmod(0o755)
    subprocess.run([python, "-m", "venv", place], check=True)
    folder, variables = disk, {"PATH": f"{place}/bin:{disk}/bin"}
    for name, rest in instructions:
        if name == "ENV":
            variables |= dict(one.split("=", 1) for one in shlex.split(rest))
        elif name == "WORKDIR":
            folder = disk / rest.strip("/")
            folder.mkdir(exist_ok=True)
        elif (name, rest) == ("COPY", ". ."):
            copy_context(folder)
        elif name == "RUN":
            command = commands_of(rest, disk)
            subprocess.run(["sh", "-c", command], cwd=folder, env=os.environ | variables, check=True)
    return variables


@pytest.mark.bench
def test_the_steps_of_the_dockerfile_give_a_command_that_another_user_runs(disk: Path) -> None:
    python = python_for_all()
    (disk / "bin").mkdir()
    for file in {one.name: one for one in (*Path("/usr/bin").iterdir(), *Path("/bin").iterdir())}.values():
        if file.name not in _MISSING:
            (disk / "bin" / file.name).symlink_to(file)
    last = max(i for i, (name, _) in enumerate(DOCKERFILE) if name == "FROM")
    stage(python, disk, DOCKERFILE[:last])
    variables = stage(python, disk, DOCKERFILE[last:])
    assert not (disk / "wheels").exists()
    assert (disk / "data" / "results").stat().st_uid == USER
    shutil.copytree(ROOT / "data" / "sample", disk / "data" / "in")
    entry = json.loads(dict(DOCKERFILE)["ENTRYPOINT"])
    as_user: dict[str, Any] = {"user": USER, "group": USER, "extra_groups": []} if IS_ROOT else {}

    def started(*arguments: str) -> str:
        done = subprocess.run(
            [*entry, *arguments],
            cwd=disk / "data",
            env={**variables, "HOME": "/nowhere"},
            capture_output=True,
            text=True,
            check=False,
            **as_user,
        )
        assert done.returncode == 0, done.stderr
        return str(done.stdout)

    assert "Find clusters in SOURCE" in started(*json.loads(dict(DOCKERFILE)["CMD"]))
    started("run", "in/graphlink.toml", "--out", "results/today", "--quiet")
    assert "C-" in started("clusters", "results/today", "--format", "csv")
    package = next(disk.glob("stage-*/lib/*/site-packages/graphlink"))
    assert (package / "static" / "explorer.js").is_file()
    assert not list(package.rglob("__pycache__")), "nothing is compiled, neither by pip nor by who runs it"
