"""The explorer of the newest accepted result, as it is and through the team's redaction profile."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.routing import Router

from graphlink.core.errors import GraphlinkError
from graphlink.explorer.api import Api
from graphlink.explorer.guard import refusal
from graphlink.explorer.index.loading import Index
from graphlink.result.redaction import Redacted
from graphlink.team.glasses import Glasses, redacted_for
from graphlink.workspace.lineage_names import lineages_of_run
from graphlink.workspace.runs import last_run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from starlette.types import ASGIApp

    from graphlink.monitoring import Workspace
    from graphlink.result.result import Result
    from graphlink.team.person import Person

_PATIENCE_S = 2.0  # between looks for a newer run
PLAIN = "values.plain"


@dataclass(frozen=True, slots=True)
class _Open:
    run_no: int
    index: Index
    app: ASGIApp


class Explorers:
    """The newest accepted result, indexed once for those who see it as it is, once for the others.

    A newer run is indexed beside the one that is shown, and takes its place when it is whole.

    Args:
        workspace: The workspace.
        formats: The formats that clusters can be exported in, see `Index`.
        clock: Gives seconds; for tests.
    """

    def __init__(
        self,
        workspace: Workspace,
        formats: Sequence[Mapping[str, object]] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._workspace = workspace
        self._formats = formats
        self._clock = clock
        self._lock = threading.Lock()
        self._shown: dict[bool, _Open] = {}
        self._coming: dict[bool, _Open] = {}
        self._redacted: tuple[int, Result] | None = None
        self._newest = 0
        self._looked_at = -_PATIENCE_S

    def start(self) -> None:
        """Begin to read the newest result as it is, if there is one."""
        with contextlib.suppress(GraphlinkError):  # the first request reports it
            self._current(is_plain=True)

    def app_of(self, person: Person) -> ASGIApp:
        """The API of the explorer as a person sees it."""
        try:
            shown = self._current(is_plain=PLAIN in person.rights)
        except GraphlinkError:
            return refusal(503, "busy", "the last accepted result can't be read; update the workspace")
        if shown is None:
            return refusal(404, "no_run", "no run was accepted yet: graphlink update DIR")
        return shown.app

    def glasses_of(self, person: Person) -> Glasses:
        """How a person sees names and values."""
        profile = self._workspace.folder.team.profile
        if PLAIN in person.rights or profile.is_plain:
            return Glasses()
        try:
            shown = self._current(is_plain=False)
        except GraphlinkError:  # then nothing is shown under any name
            shown = None
        result = shown.index.result if shown is not None else None
        return Glasses(result if isinstance(result, Redacted) else None, profile.name)

    def _current(self, *, is_plain: bool) -> _Open | None:
        with self._lock:
            run_no = self._newest_run()
            if not run_no:
                return None
            shown = self._shown.get(is_plain)
            if shown is None:
                shown = self._shown[is_plain] = self._opened(run_no, is_plain=is_plain)
            elif shown.run_no != run_no:
                coming = self._coming.get(is_plain)
                if coming is None or coming.run_no != run_no:
                    coming = self._coming[is_plain] = self._opened(run_no, is_plain=is_plain)
                if coming.index.done == 1:
                    shown = self._shown[is_plain] = self._coming.pop(is_plain)
            return shown

    def _newest_run(self) -> int:
        now = self._clock()
        if now - self._looked_at >= _PATIENCE_S:
            with self._workspace.folder.store.read() as rows:
                last = last_run(rows)
            self._newest = int(last["run_no"]) if last else 0
            self._looked_at = now
        return self._newest

    def _opened(self, run_no: int, *, is_plain: bool) -> _Open:
        result: Result = self._workspace.last
        if not is_plain:
            folder = self._workspace.folder
            result = redacted_for(result, folder.team.profile, folder.store)
        with self._workspace.folder.store.read() as rows:
            lineages = lineages_of_run(rows, run_no)
        index = Index(result, formats=self._formats, lineages=lineages, is_of_workspace=True)
        index.start()
        return _Open(run_no, index, Router(routes=Api(index).routes(), redirect_slashes=False))
