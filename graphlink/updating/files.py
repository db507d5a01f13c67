"""Files of sources: which of them an earlier result has read, byte for byte as they are today."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphlink.core.errors import SettingsError
from graphlink.ingest.observations.read_before import ReadBefore
from graphlink.ingest.sources.files import named_files
from graphlink.storage.files import address_of, digest_file, find_files
from graphlink.storage.partitions import partition_of
from graphlink.updating.earlier_result import facts_of, settings_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphlink.core.settings import Source
    from graphlink.result.result import Result
    from graphlink.task import Task


def refuse_read_before(result: Result, path: str) -> None:
    """Refuse a new file that has the bytes of one that was read before: its rows would count twice."""
    if address_of(path):
        return
    read = {
        str(one["sha256"]): (one["bytes"], str(one["name"]))
        for source in facts_of(result)["sources"]
        for one in source["inputs"]
        if "sha256" in one
    }
    sizes = {n_bytes for n_bytes, _ in read.values()}
    for file in find_files(path).paths:
        known = read.get(digest_file(file)) if file.stat().st_size in sizes else None
        if known:
            raise SettingsError(
                f"{file}: {result.path} has read a file of the same bytes ({known[1]}), and its rows would "
                "count twice; leave it out"
            )


def sources_before(result: Result, task: Task) -> dict[int, ReadBefore] | str:
    """What the result has read of each source of settings; or why that is not known."""
    earlier, facts = settings_of(result, ("sources",)).sources, facts_of(result)["sources"]
    if len(earlier) != len(facts):
        return "the result was made from frames, which settings do not name"
    rest = dict(enumerate(task.given.sources))
    before: dict[int, ReadBefore] = {}
    for source, known in zip(earlier, facts, strict=True):
        i = next((i for i, one in rest.items() if one == source), None)
        if i is None:
            return f"the settings no longer have the source {known['name']!r} as it was read"
        del rest[i]
        found = _read_before(task.settings.sources[i], known)
        if isinstance(found, str):
            return found
        before[i] = found
    if list(before) != sorted(before):
        return "the settings have the sources in another order"
    return before


def _read_before(source: Source, known: Mapping[str, Any]) -> ReadBefore | str:
    """What was read of a source, file by file; or why that is not known."""
    name = known["name"]
    if source.database or source.format or source.query or source.table or address_of(source.path):
        return f"the source {name!r} is no file of this machine, so what of it is new is not known"
    paths = find_files(source.path).paths
    files = dict(zip(named_files(paths, source.path), paths, strict=True))
    for one in known["inputs"]:
        file = files.get(str(one["name"]))
        if file is None:
            return f"{one['name']} of the source {name!r} is gone"
        if file.stat().st_size != one["bytes"] or digest_file(file) != one["sha256"]:
            return f"{one['name']} of the source {name!r} has changed since it was read"
    columns = {
        source.account,
        source.time,
        source.until,
        source.moments,
        source.count,
        source.kind,
        source.value,
    }
    columns |= set(source.columns.values())
    if any(columns & partition_of(path).keys() for path in paths) and len(files) != len(known["inputs"]):
        return f"folders of the source {name!r} give columns, which depend on all of them"
    return ReadBefore(known, tuple(files))
