"""Results at addresses: written whole or not at all, and taken in one step.

A result at an address is a folder of this form:

    run.json                          names the folder of the run; last to be written, in one put
    run-4f0c.../links.parquet/part-*  each table a folder of part files, in the order of its rows
    run-4f0c.../model.json            the model that weighed the data

so that stores which can't rename have no half a result either: without run.json it is none, and run.json goes
from one whole result to the next. Tables are written by the engine. pyarrow writes run.json and lists the
folder, so it must know the store too. Folders of runs that run.json doesn't name were left by
runs that were killed, and can be removed.
"""

from __future__ import annotations

import re
import uuid
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphlink.core.errors import EngineError, ResultError
from graphlink.engine import store_at
from graphlink.storage.remote.paths import StoredPath, reaching, stored_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graphlink.engine import Reader

_RUN = re.compile("run-[0-9a-f]{32}")
MODEL = "model.json"
"""The model that weighed the data, beside the tables; results of 0.1.0 have none."""


def place_of_result(path: str | Path, address: str) -> Path | StoredPath:
    """The place of a result that a path or its address names: a path of this machine where it is one."""
    if not address:
        return Path(path)
    place = stored_path(address)
    return Path(place.path) if place.store.type_name == "local" else place


@contextmanager
def stored_run(
    place: StoredPath, *, overwrite: bool, manifest_at: Callable[[StoredPath], Any]
) -> Iterator[StoredPath]:
    """Give the folder of a run for its tables; when the block fails it is removed.

    Before its end the block writes run.json, by which the new result takes the place of an earlier one; the
    folder of the earlier run is then removed.

    Args:
        place: Where the result is to be.
        overwrite: Whether an earlier result may be replaced.
        manifest_at: Gives the run.json of a place, or None.

    Raises:
        ResultError: The place holds what may not be replaced, or the store refused.
    """
    with reaching(str(place)):
        earlier = _earlier_run(place, overwrite=overwrite, manifest_at=manifest_at)
        run = place / f"run-{uuid.uuid4().hex}"
        try:
            run.store.create_dir(run.path, recursive=True)
            yield run
        except BaseException:  # also when interrupted: no half a result stays
            with suppress(OSError):  # the error that ended the run is the one to show
                run.remove()
                if not place.names():
                    place.remove()
            raise
        if earlier and not _foreign_in(place / earlier):  # else somebody put files there during the run
            with suppress(OSError):  # the new result is valid; the rest of the old one only takes up space
                (place / earlier).remove()


def _earlier_run(place: StoredPath, *, overwrite: bool, manifest_at: Callable[[StoredPath], Any]) -> str:
    """The folder of the run that is there; empty when there is none."""
    manifest = manifest_at(place)
    if manifest is None:
        if any(not child.name.startswith("run-") for child in place.children()):
            raise ResultError(f"{place} is not a graphlink result and stays as it is; choose another address")
        return ""
    if "folder" not in manifest:
        raise ResultError(f"{place} holds a result that was written by its path; choose another address")
    if not overwrite:
        raise ResultError(f"{place} holds a result already; overwrite=True replaces it")
    earlier = run_name(manifest["folder"])
    foreign = _foreign_in(place / earlier) if earlier else ["run.json, which names no folder of a run"]
    if foreign:
        raise ResultError(
            f"{place} holds what graphlink did not write: {', '.join(foreign[:3])}; it stays as it is. "
            "Move it away, or choose another address"
        )
    return earlier


def run_name(name: object) -> str:
    """The folder of a run as a run.json names it; empty where it is no name of such a folder."""
    return name if isinstance(name, str) and _RUN.fullmatch(name) else ""


def _foreign_in(run: StoredPath) -> list[str]:
    """Names in the folder of a run other than its tables, its model and an engine's own hidden files."""
    foreign = []
    for table in run.children():
        if table.name == MODEL and not table.is_dir():
            continue
        if not (table.name.endswith(".parquet") and table.is_dir()):
            foreign.append(f"{run.name}/{table.name}")
            continue
        others = (file for file in table.children() if file.is_dir() or not file.name.endswith(".parquet"))
        foreign += [f"{run.name}/{table.name}/{file.name}" for file in others]
    return foreign


def check_reach(engine: Reader, run: StoredPath) -> None:
    """Make sure, before a run begins, that the engine writes where this machine reads.

    Raises:
        ResultError: It does not.
    """
    probe = run / "probe.parquet"
    try:
        store_at(engine, str(run)).write_stored("SELECT 1 AS one", str(probe))
    except EngineError as error:
        raise ResultError(f"{run}: {error}; check the address, and that Spark may write there") from error
    if not probe.children():
        raise ResultError(
            f"{run}: this machine can't see what Spark writes there; name a store that both reach"
        )
    probe.remove()
