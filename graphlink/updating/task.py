"""The task of a run that updates an earlier result: new files are read, the result stands for those before.

Reading is a sum over rows: what an earlier run cleaned and summed up, together with what new files add, is
what a run over all files has after reading. Every later step is then taken as always, under the model of the
earlier result. Where its tables do not hold all that reading gave, all files are read, and the cause stated.
"""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any, cast

from graphlink.core.errors import ResultError, SettingsError
from graphlink.core.settings import Settings, Source
from graphlink.task import Task, is_settings, paths_of, task_of, under_model
from graphlink.updating.causes import cause_of, check_settings
from graphlink.updating.earlier_result import facts_of, kept_of, opened, settings_of
from graphlink.updating.files import refuse_read_before, sources_before

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from graphlink.core.settings import EngineSettings
    from graphlink.result.result import Result

_WITH_FILES = ("accounts", "lookups", "references")


def update_task(
    earlier: object,
    new: object,
    *,
    settings: Settings | str | Path | None = None,
    limits: EngineSettings | None = None,
) -> Task:
    """Make the task of a run that reads what an earlier result has not read, under its model.

    Args:
        earlier: The earlier result, or its folder.
        new: New files or frames, with the columns of those before; or settings that name all sources, of
            whose files those are read that are new.
        settings: Settings of new files, where those of the result name further files.
        limits: Limits of the engine.

    Raises:
        ResultError: The result can't be updated; names the cause and what to do.
        SettingsError: Settings of reading differ from those of the result.
        InputError: A new file can't be read, or was read before.
    """
    result = opened(earlier)
    if is_settings(new):
        task = under_model(task_of(new, settings, limits), result.path)
        known = cause_of(result, task) or sources_before(result, task)
        cause = known if isinstance(known, str) else ""
        kept = None if isinstance(known, str) else kept_of(result, before=known)
    else:
        task = _task_of_files(result, new, settings, limits)
        cause = cause_of(result, task)
        kept = kept_of(result, sources=facts_of(result)["sources"])
        if cause:
            raise ResultError(
                f"{result.path} can't be updated by new files alone: {cause}; run over all files with its "
                f"model: graphlink run SOURCE... --model {result.path}"
            )
    check_settings(result, task)
    about: dict[str, object] = {"observations_sha256": result.manifest["tables"]["observations"]["sha256"]}
    if cause:
        return dataclasses.replace(task, update=about | {"fallback": cause})
    n_files = sum(len(source["inputs"]) for source in facts_of(result)["sources"])
    return dataclasses.replace(task, earlier=kept, update=about | {"files_kept": n_files})


def check_alone(**others: object) -> None:
    """Refuse what an update takes from its result: the columns of new files, and the model.

    Raises:
        SettingsError: One is given.
    """
    given = [name for name, value in others.items() if value is not None]
    if given:
        raise SettingsError(f"{', '.join(given)}: an update takes that from its result; leave it out")


def _task_of_files(
    result: Result, new: object, settings: Settings | str | Path | None, limits: EngineSettings | None
) -> Task:
    """The task of new files or frames; their columns are those of the sources of the result."""
    stated = result.manifest["settings"]
    if settings is None:
        named = [name for name in _WITH_FILES if stated.get(name)]
        named += ["labels"] if stated["labels"]["path"] else []
        named += ["pseudonymize"] if stated["pseudonymize"]["kinds"] else []
        if named:
            raise SettingsError(
                f"{result.path}: its settings name files ({', '.join(named)}); give the settings too: "
                "--settings graphlink.toml"
            )
        names = [name for name in stated if name not in ("sources", *_WITH_FILES, "labels")]
        settings = settings_of(result, names)
    earlier = settings_of(result, ("sources",)).sources
    columns = _columns_of(result, earlier)
    task = task_of(new, settings, limits)
    if paths_of(new):
        for path in paths_of(new):
            refuse_read_before(result, path)
        given, located = (_with_columns(of.sources, columns) for of in (task.given, task.settings))
    else:
        names = [name for name in task.frames if name != _accounts_name(task)]
        is_plain = columns == Source()
        given = located = () if is_plain else tuple(dataclasses.replace(columns, name=name) for name in names)
    task = dataclasses.replace(
        task,
        given=dataclasses.replace(task.given, sources=(*earlier, *given)),
        settings=dataclasses.replace(task.settings, sources=located),
    )
    return under_model(task, result.path)


def _with_columns(sources: Sequence[Source], columns: Source) -> tuple[Source, ...]:
    return tuple(dataclasses.replace(columns, path=one.path, name=one.name) for one in sources)


def _accounts_name(task: Task) -> str:
    return (task.settings.accounts and task.settings.accounts.name) or "accounts"


def _columns_of(result: Result, earlier: Sequence[Source]) -> Source:
    """A source without its place that has the columns of every source of a result."""
    shapes = {json.dumps(dataclasses.asdict(_without_place(one)), sort_keys=True) for one in earlier}
    if len(shapes) > 1:
        raise SettingsError(
            f"{result.path} has sources with different columns; name all sources in a graphlink.toml, old "
            f"files and new ones, and update by that: graphlink run graphlink.toml --update {result.path}"
        )
    return _without_place(earlier[0]) if earlier else Source()


def _without_place(source: Source) -> Source:
    place = {"path": "", "database": "", "table": "", "query": "", "joins": {}, "name": ""}
    return dataclasses.replace(
        source, **cast("dict[str, Any]", place | {"format": "", "version": "", "catalog": ""})
    )
