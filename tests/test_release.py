"""What a release consists of: packages, image and workflows. `.ci/release.py` builds and compares them."""

from __future__ import annotations

import io
import json
import re
import shlex
import subprocess
import tarfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.test_habits import script

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
VERSIONS = [
    name.rpartition(" ")[2]
    for name in PROJECT["classifiers"]
    if re.fullmatch(r"Programming Language :: Python :: 3\.\d+", name)
]


def instructions(text: str) -> list[tuple[str, str]]:
    """The instructions of a Dockerfile with their arguments, continued lines joined."""
    lines = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)).splitlines()
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in lines) if name]


DOCKERFILE = instructions((ROOT / "Dockerfile").read_text(encoding="utf-8"))


def workflow(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return read


def test_every_declared_python_is_tested() -> None:
    assert VERSIONS == ["3.11", "3.12", "3.13", "3.14"]
    assert PROJECT["requires-python"] == f">={VERSIONS[0]}"
    jobs = workflow(ROOT / ".github" / "workflows" / "ci.yml")["jobs"]
    assert jobs["test"]["strategy"]["matrix"]["python"] == VERSIONS
    assert ".ci/run" in [step.get("run") for step in jobs["whole"]["steps"]]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_has_few_rights_and_its_actions_are_pinned(path: Path) -> None:
    read = workflow(path)
    assert read["permissions"] == {"contents": "read"}
    for job in read["jobs"].values():
        assert job["timeout-minutes"] <= 120
        for step in job["steps"]:
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", step["uses"]) if "uses" in step else step["run"]
            # What somebody else may choose reaches a shell through the environment alone.
            assert not re.search(r"\$\{\{ *github\.", step.get("run", ""))
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


def test_every_pinned_action_names_its_version() -> None:
    for path in WORKFLOWS:
        for line in path.read_text(encoding="utf-8").splitlines():
            if "uses:" in line:
                assert re.search(r"@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


def test_publishing_needs_no_secret_and_a_person() -> None:
    path = ROOT / ".github" / "workflows" / "release.yml"
    assert "secrets." not in path.read_text(encoding="utf-8")
    publish = workflow(path)["jobs"]["publish"]
    assert publish["permissions"] == {"id-token": "write"}
    assert publish["environment"] == "release"
    assert publish["needs"] == "build"


def test_dependencies_of_every_kind_are_updated() -> None:
    updates = workflow(ROOT / ".github" / "dependabot.yml")["updates"]
    assert {one["package-ecosystem"] for one in updates} == {"pip", "npm", "github-actions", "docker"}
    assert all((ROOT / one["directory"].lstrip("/")).is_dir() for one in updates)


def test_the_image_is_slim_runs_without_root_and_fetches_nothing_by_address() -> None:
    names = [name for name, _ in DOCKERFILE]
    bases = [rest for name, rest in DOCKERFILE if name == "FROM"]
    assert [re.match(r"python:3\.\d+-slim( AS build)?$", base) is not None for base in bases] == [True, True]
    assert bases[0].split()[0] == bases[1]
    assert bases[1].removeprefix("python:").removesuffix("-slim") in VERSIONS
    last = len(names) - names[::-1].index("FROM")
    user = dict(DOCKERFILE[last:])["USER"]
    assert user.isdigit()
    assert int(user) >= 10_000
    assert names.index("USER") > max(i for i, name in enumerate(names) if name in ("RUN", "COPY"))
    assert "ADD" not in names
    assert dict(DOCKERFILE)["ENTRYPOINT"] == '["graphlink"]'
    assert not any(word in rest for _, rest in DOCKERFILE for word in ("http", "curl", "sudo"))


def test_commands_of_the_image_are_commands_of_a_shell() -> None:
    for name, rest in DOCKERFILE:
        if name == "RUN":
            subprocess.run(["sh", "-n", "-c", rest], check=True)
            assert shlex.split(rest)


def test_the_image_is_built_from_what_the_wheel_needs() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert lines[1] == "*"
    kept = {line[1:] for line in lines if line.startswith("!")}
    assert kept == {"graphlink", "frontend", "hatch_build.py", "pyproject.toml", "README.md", "LICENSE"}
    assert all((ROOT / name).exists() for name in kept)


@pytest.mark.parametrize(
    ("left_out", "missing"),
    [
        (None, []),
        ("graphlink/static/docs/index.html", ["graphlink/static/docs/index.html"]),
        ("graphlink-1.dist-info/licenses/LICENSE", ["LICENSE"]),
    ],
)
def test_a_wheel_without_front_end_site_or_licence_is_none(
    tmp_path: Path, left_out: str | None, missing: list[str]
) -> None:
    wheel = tmp_path / "a.whl"
    names = ["graphlink/static/explorer.js", "graphlink/static/docs/index.html", "graphlink/py.typed"]
    with zipfile.ZipFile(wheel, "w") as archive:
        for name in (*names, "graphlink-1.dist-info/licenses/LICENSE"):
            if name != left_out:
                archive.writestr(name, "")
    assert script("release").missing_from_wheel(wheel) == missing


def test_a_bill_of_the_same_parts_is_the_same_bytes() -> None:
    bills = [
        {
            "serialNumber": f"urn:uuid:{n}",
            "metadata": {"timestamp": f"2026-11-30T0{n}:00:00Z"},
            "components": [n // 2],
        }
        for n in range(3)
    ]
    first, second, other = (script("release").without_moment(json.dumps(bill)) for bill in bills)
    assert first == second
    assert first != other


def test_a_source_distribution_has_every_tracked_file(tmp_path: Path) -> None:
    sdist = tmp_path / "a.tar.gz"
    with tarfile.open(sdist, "w:gz") as archive:
        for name in ("graphlink-1/README.md", "graphlink-1/docs/index.md"):
            archive.addfile(tarfile.TarInfo(name), io.BytesIO())
    tracked = ["README.md", "docs/index.md", "tests/test_a.py"]
    assert script("release").missing_from_sdist(sdist, tracked) == ["tests/test_a.py"]


def test_all_that_is_tracked_is_declared_for_the_source_distribution() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("what is tracked is known in a checkout only")
    included = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    declared = {
        *included["targets"]["sdist"]["include"],
        "pyproject.toml",
        ".gitignore",
    }  # hatchling adds these
    tracked = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert {name.partition("/")[0] for name in tracked} - declared == set()
