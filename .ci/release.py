"""Build and check what a release consists of: `python .ci/release.py --out dist`, from a clean checkout.

Needs the extra `docs` and the dependency group `release`, Node, and the network for npm and pip. The site
goes into the package (without outputs of notebooks, so that it is the same bytes each time), then wheel and
source distribution are built twice and have to be equal. `dist` has them with bills of materials (CycloneDX)
of Python and of the front end; digests are printed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
SITE = ROOT / "graphlink" / "static" / "docs"


def run(*command: str | Path, cwd: Path = ROOT, **environment: str) -> str:
    """Run a command and return its standard output; it has to succeed."""
    done = subprocess.run(
        [os.fspath(part) for part in command],
        cwd=cwd,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


def build_site(folder: Path) -> None:
    """Build the site without executing notebooks."""
    shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory() as place:
        html = Path(place) / "html"  # notebooks with paths of this machine are written next to it
        options = ["-W", "-q", "-E", "-d", Path(place) / "trees", "-D", "nb_execution_mode=off"]
        run(sys.executable, "-m", "sphinx", *options, ROOT / "docs", html)
        shutil.copytree(html, folder, ignore=shutil.ignore_patterns(".buildinfo", "objects.inv"))


def build_packages(folder: Path) -> dict[str, str]:
    """Build the source distribution, and the wheel from it; returns the SHA-256 of each by name."""
    run(sys.executable, "-m", "build", "--outdir", folder, GRAPHLINK_RELEASE="1")
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def missing_from_wheel(wheel: Path) -> list[str]:
    """What a wheel has to have and lacks: front end, site, licence, types."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    wanted = ["graphlink/static/explorer.js", "graphlink/static/docs/index.html", "graphlink/py.typed"]
    missing = [name for name in wanted if name not in names]
    return missing if any(name.endswith("/LICENSE") for name in names) else [*missing, "LICENSE"]


def missing_from_sdist(sdist: Path, tracked: list[str]) -> list[str]:
    """Tracked files that a source distribution lacks."""
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    return sorted(set(tracked) - names)


def without_moment(bill: str) -> str:
    """A bill of materials without its number and time, so that the same parts give the same bytes."""
    parts = json.loads(bill)
    parts.pop("serialNumber", None)
    parts["metadata"].pop("timestamp", None)
    return json.dumps(parts, indent=2) + "\n"


def write_bills(wheel: Path, folder: Path) -> None:
    """Write the bills of materials: of an environment with the wheel alone, and of the front end."""
    with tempfile.TemporaryDirectory() as place:
        python = Path(place) / "bin" / "python"
        run(sys.executable, "-m", "venv", place)
        run(python, "-m", "pip", "install", "--quiet", wheel)
        run(python, "-m", "pip", "uninstall", "--quiet", "--yes", "pip", "setuptools")
        bill = folder / f"{wheel.stem}.cdx.json"
        options = ["--pyproject", ROOT / "pyproject.toml", "--output-reproducible", "--output-file", bill]
        run(sys.executable, "-m", "cyclonedx_py", "environment", *options, python)
    frontend = ROOT / "frontend"
    if not (frontend / "node_modules").is_dir():
        run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=frontend)
    text = run("npm", "sbom", "--sbom-format=cyclonedx", "--omit=dev", cwd=frontend)
    (folder / f"{wheel.stem}.frontend.cdx.json").write_text(without_moment(text), encoding="utf-8")


def main() -> int:
    """Build, compare, check; 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="empty or missing folder")
    folder = parser.parse_args().out.resolve()
    if folder.is_dir() and any(folder.iterdir()):
        sys.exit(f"{folder} is not empty")
    folder.mkdir(parents=True, exist_ok=True)
    tracked = run("git", "ls-files").splitlines()
    build_site(SITE)
    digests = build_packages(folder)
    with tempfile.TemporaryDirectory() as place:
        again = build_packages(Path(place))
    faults = [f"two builds of {name} differ" for name in digests if digests[name] != again.get(name)]
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    faults += [f"{wheel.name} lacks {name}" for name in missing_from_wheel(wheel)]
    faults += [f"{sdist.name} lacks {name}" for name in missing_from_sdist(sdist, tracked)]
    run(sys.executable, "-m", "twine", "check", "--strict", wheel, sdist)
    write_bills(wheel, folder)
    print("\n".join(faults or [f"{digest}  {name}" for name, digest in digests.items()]))
    return min(len(faults), 1)


if __name__ == "__main__":
    sys.exit(main())
