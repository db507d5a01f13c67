"""An update: run under the model of the workspace, check, accept, name lineages, raise alerts.

The run reads the labels in force and writes an immutable result; what it means for the workspace is written
in one transaction. Killed at any moment, an update leaves the workspace as it was: its result, if it is whole
already, is removed by the next one.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from graphlink.core.errors import NotFoundError, ResultError, SettingsError, WorkspaceError
from graphlink.core.settings import Override
from graphlink.kinds.pseudonyms import hashed_kinds
from graphlink.model.card import weights_of
from graphlink.model.saved import load_model
from graphlink.monitoring.sending import send_waiting
from graphlink.pipeline import fit, run_task
from graphlink.result.result import read_result
from graphlink.storage.atomic import write_whole_file
from graphlink.storage.result_folder.layout import result_files
from graphlink.task import task_of, under_model, with_labels
from graphlink.workspace.audit import without_name
from graphlink.workspace.decided import read_known
from graphlink.workspace.found import found_in
from graphlink.workspace.labels import constraints_of, labels_digest, read_labels
from graphlink.workspace.return_rows import plain_returns, read_noticed, read_rates
from graphlink.workspace.runs import ACCEPTED, Ran, Recorded, last_run, read_lineages, record_run, start_run
from graphlink.workspace.watching import watch_run
from graphlink.workspace.webhooks import queue_alerts

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphlink.core.settings import EngineSettings
    from graphlink.model.parameters import Model
    from graphlink.progress import Progress
    from graphlink.result.result import Result
    from graphlink.task import Task
    from graphlink.workspace.folder import Folder
    from graphlink.workspace.labels import Label
    from graphlink.workspace.store import Actor, Reading
    from graphlink.workspace.watching import Watching

SUMMARY = "update.json"
_RESULT = re.compile(r"R-(\d+)")
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Choices:
    """What one update may do differently.

    Attributes:
        source: What to run on instead of the workspace's settings; as in `graphlink.run`.
        limits: Limits of the engine; as in `graphlink.run`.
        progress: Called when a step starts and when it is done.
        is_forced: Whether to accept the run in spite of faults.
        checks_drift: Whether to fit a model to the data too, and compare it with that of the workspace.
    """

    source: object = None
    limits: EngineSettings | None = None
    progress: Callable[[Progress], None] | None = None
    is_forced: bool = False
    checks_drift: bool = True


class Update(NamedTuple):
    """A finished update.

    Attributes:
        recorded: What became of the run.
        result: Its result, whether it was accepted or not.
        summary: What `update.json` holds, as plain values.
    """

    recorded: Recorded
    result: Result
    summary: dict[str, object]

    @property
    def exit_code(self) -> int:
        """0 without news, 3 with alerts, 4 when the run was refused."""
        if self.recorded.state != ACCEPTED:
            return 4
        return 3 if self.recorded.alerts else 0


class _Model(NamedTuple):
    number: int
    model: Model


def update(folder: Folder, actor: Actor, choices: Choices) -> Update:
    """Run under the workspace's model and labels, and record what it found.

    The first update fits the model, which the workspace keeps.

    Args:
        folder: The workspace.
        actor: Who updates it.
        choices: What this update does differently.

    Raises:
        InputError: The input can't be read.
        SettingsError: There are no settings, or one is invalid.
        ResultError: Another update runs, or the disk refused.
        EngineError: Memory or disk ran out.
        WorkspaceError: The database refused.
    """
    with folder.updating():
        _remove_unrecorded(folder)
        with folder.store.write(actor) as rows:
            run_no = start_run(rows)
        with folder.store.read() as rows:
            labels, at, model = read_labels(rows), rows.at, _current_model(folder, rows)
            cores = _cores(folder, rows)
        with tempfile.TemporaryDirectory(prefix="graphlink-labels-") as scratch:
            task = _task(folder, choices, labels, (at, cores), Path(scratch))
            task = under_model(task, model.model if model else None)
            result = run_task(task, folder.result(run_no), overwrite=False, progress=choices.progress)
        drift = _drift(folder, choices, model.model) if model and choices.checks_drift else None
        kept = model or _keep_model(folder, actor, load_model(result.path), "fitted by the first update")
        ran = Ran(
            run_no,
            result.path.relative_to(folder.path).as_posix(),
            kept.number,
            labels_digest(labels, at),
            found_in(result),
            drift,
            _watched(folder, result),
        )
        with folder.store.write(actor) as rows:
            recorded = record_run(rows, ran, folder.policy, is_forced=choices.is_forced)
            queue_alerts(rows, run_no, _alerts(recorded))
            back = read_noticed(rows, run_no), read_rates(rows, run_no)
        summary = _summary(recorded, ran, result) | plain_returns(*back)
        content = json.dumps(summary, indent=1, sort_keys=True) + "\n"
        write_whole_file(folder.path / SUMMARY, content.encode(), overwrite=True)
        send_waiting(folder, actor)
    return Update(recorded, result, summary)


def adopt_model(folder: Folder, actor: Actor, model: Model, why: str) -> int:
    """Make a model the one that the next runs are weighed by, and return its number.

    Raises:
        WorkspaceError: No reason is given.
    """
    if not why.strip():
        raise WorkspaceError("why? Another model moves everything; give a reason (--why TEXT)")
    return _keep_model(folder, actor, model, why).number


def last_result(folder: Folder) -> Result:
    """The result of the last accepted run.

    Raises:
        NotFoundError: There is none yet.
        ResultError: It is gone.
    """
    with folder.store.read() as rows:
        last = last_run(rows)
    if last is None:
        raise NotFoundError(f"{folder.path} has no accepted run yet; `graphlink update {folder.path}`")
    return read_result(folder.path / last["folder"])


def _task(
    folder: Folder,
    choices: Choices,
    labels: list[Label],
    moment: tuple[str, dict[int, tuple[str, ...]]],
    scratch: Path,
) -> Task:
    """What to run: the source and settings of the workspace, and its labels in force."""
    settings = folder.settings if folder.settings.is_file() else None
    if choices.source is not None:
        task = task_of(choices.source, settings, choices.limits)
    elif settings is not None:
        task = task_of(settings, None, choices.limits)
    else:
        raise SettingsError(
            f"no settings: `graphlink init FILES... --out {folder.settings}` writes them; or name a source"
        )
    if task.settings.labels.path:
        raise SettingsError(
            f"labels: a workspace has its own; `graphlink label import {folder.path} FILE` takes those "
            "of the settings, whose [labels] then goes"
        )
    at, cores = moment
    constraints = constraints_of(labels, at, cores)
    hashed = hashed_kinds(task.settings)
    if refused := [one.kind for one in constraints.identifiers if one.kind in hashed]:
        raise SettingsError(
            f"a label is about an identifier of kind {refused[0]}, which the settings hash; undo it, and "
            "name the value in [[overrides]]"
        )
    names = ("account_id_l", "account_id_r", "verdict")
    columns = list(zip(*constraints.pairs, strict=True)) or [(), (), ()]
    file = scratch / "labels.parquet"
    pq.write_table(pa.table({n: pa.array(c, pa.string()) for n, c in zip(names, columns, strict=True)}), file)
    overrides = [
        Override(
            one.kind,
            one.value,
            folder.policy.exclusive_yes if one.is_exclusive else folder.policy.exclusive_no,
        )
        for one in constraints.identifiers
    ]
    if not constraints.pairs and not overrides:
        return task
    return with_labels(task, file, overrides)


def _watched(folder: Folder, result: Result) -> Watching:
    """The watch list in the light of a run.

    It is read after the run, which may take long: who was decided on meanwhile is looked for already.
    """
    with folder.store.read() as rows:
        known = read_known(rows)
    return watch_run(result, known)


def _cores(folder: Folder, rows: Reading) -> dict[int, tuple[str, ...]]:
    """Of each lineage with a label the accounts that it is about: its core, the most probable first."""
    labelled = {row["lineage_no"] for row in rows.rows("labels") if row["lineage_no"] is not None}
    if not labelled:
        return {}
    members = {one.number: tuple(sorted(one.members)) for one in read_lineages(rows)}
    last = last_run(rows)
    placed = rows.rows("placements", run_no=last["run_no"]) if last else []
    try:
        clusters = found_in(read_result(folder.path / last["folder"])).clusters if last else {}
    except ResultError:  # an old result may have been removed: last known members do
        clusters = {}
    cores = {
        row["lineage_no"]: clusters[row["cluster_id"]].core
        for row in placed
        if row["cluster_id"] in clusters and row["lineage_no"] is not None
    }
    return {number: cores.get(number) or members.get(number, ()) for number in labelled}


def _current_model(folder: Folder, rows: Reading) -> _Model | None:
    models = rows.rows("models")
    if not models:
        return None
    model = load_model(folder.model(models[-1]["model_no"]))
    if model.digest() != models[-1]["sha256"]:
        raise WorkspaceError(f"{folder.model(models[-1]['model_no'])} is not the model that was adopted")
    return _Model(models[-1]["model_no"], model)


def _keep_model(folder: Folder, actor: Actor, model: Model, why: str) -> _Model:
    with folder.store.write(actor) as rows:
        number = rows.number("model")
        seq = rows.append("model.adopted", f"model {number}", {"why": why})
        rows.insert("models", {"model_no": number, "sha256": model.digest(), "seq": seq})
        # Within the transaction: a model that is listed is there. One that is not listed is written again.
        write_whole_file(folder.model(number), model.content(), overwrite=True)
    return _Model(number, model)


def _drift(folder: Folder, choices: Choices, model: Model) -> dict[str, float]:
    """By how many bits the weight of each kind, fitted to the data, differs from that of the model."""
    if choices.source is not None:
        settings = folder.settings if folder.settings.is_file() else None
        fitted = fit(choices.source, settings=settings, limits=choices.limits)
    else:
        fitted = fit(folder.settings, limits=choices.limits)
    ours, theirs = ({one.kind: one.bits for one in weights_of(one_model)} for one_model in (model, fitted))
    return {kind: round(theirs[kind] - ours[kind], 4) for kind in sorted(set(ours) & set(theirs))}


def _alerts(recorded: Recorded) -> list[dict[str, object]]:
    """The alerts of a run as plain values, for the summary and for webhooks; they name no account."""
    return [
        {"rule": one.rule, "lineage": f"K-{one.lineage}", "accounts": one.n_accounts, "case": case}
        for one, case in recorded.alerts
    ]


def _summary(recorded: Recorded, ran: Ran, result: Result) -> dict[str, object]:
    steps = {step["step"]: step["facts"] for step in result.manifest["steps"]}
    times = (ran.found.data_from, ran.found.data_until)
    placements = recorded.assignment.placements if recorded.assignment else ()
    return {
        "format": _FORMAT,
        "run": f"R-{ran.run_no}",
        "state": recorded.state,
        "result": ran.folder,
        "model": f"M-{ran.model_no}",
        "data_from": times[0].isoformat() if times[0] else None,
        "data_until": times[1].isoformat() if times[1] else None,
        "n_clusters": len(ran.found.clusters),
        "rows": {name: table["rows"] for name, table in sorted(result.manifest["tables"].items())},
        "changes": dict(sorted(Counter(one.change for one in placements).items())),
        "alerts": _alerts(recorded),
        "faults": list(recorded.faults),
        "drift_bits": ran.drift,
        "labels": {
            name: steps.get("communities", {}).get(name, 0)
            for name in ("must_links_applied", "cannot_links_applied", "constraints_in_conflict")
        },
        "forgotten_accounts_in_input": recorded.n_forgotten,
        "warnings": sorted({text for facts in steps.values() for text in facts.get("warnings", ())}),
    }


def forget_in_summary(folder: Folder, account_id: str) -> None:
    """Erase an account from the summary of the last update."""
    place = folder.path / SUMMARY
    if not place.is_file():
        return
    summary = json.loads(place.read_text(encoding="utf-8"))
    kept = [one for one in summary.get("returns", ()) if one["account_id"] != account_id]
    redacted = without_name(summary | {"returns": kept}, account_id)
    if redacted != summary:
        content = json.dumps(redacted, indent=1, sort_keys=True) + "\n"
        write_whole_file(place, content.encode(), overwrite=True)


def _remove_unrecorded(folder: Folder) -> None:
    """Remove results of updates that were killed before they were recorded; nobody else lists them."""
    with folder.store.read() as rows:
        recorded = {row["run_no"] for row in rows.rows("runs")}
    results = folder.path / "results"
    for place in sorted(results.iterdir()) if results.is_dir() else ():
        number = _RESULT.fullmatch(place.name)
        if number is None or int(number[1]) in recorded or place.is_symlink():
            continue
        if {path.name for path in place.iterdir()} <= set(result_files(place)):
            shutil.rmtree(place)
