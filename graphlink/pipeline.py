"""The order of the steps: from a provider's tables to a result folder. The first file to read.

Each step is a function from declared tables to declared tables (`graphlink.core.stages`). Nothing is kept
between steps but those tables, each as long as a later step takes it, and nothing between runs at all.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import functools
import os
import platform
import sys
import time
import weakref
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from graphlink.core.credentials import redacted_address
from graphlink.core.errors import EngineError, ResultError
from graphlink.core.faults import guarded, of_the_caller
from graphlink.core.plugins import plugin_facts, recorded
from graphlink.core.stages import tables_done
from graphlink.engine import number
from graphlink.engine.scratch import Scratch
from graphlink.kinds.pseudonyms import is_pseudonymising
from graphlink.model.learned import read_learned
from graphlink.model.parameters import made_model
from graphlink.model.saved import provenance_of, saved_for
from graphlink.progress import Progress, ProgressLines, timing_of
from graphlink.result.result import Result, read_result
from graphlink.storage.atomic import whole_folder, writing
from graphlink.storage.files import address_of
from graphlink.storage.input_digest import check_named_files, check_unchanged, stamp_inputs
from graphlink.storage.local_copy import staged_locally
from graphlink.storage.remote import check_reach, stored_path, stored_run
from graphlink.storage.result_folder.layout import EXPLAINED_NAMES, TABLE_NAMES, manifest_of, result_files
from graphlink.storage.result_folder.manifest import write_manifest
from graphlink.storage.result_folder.writing import write_model, write_stored_tables, write_tables
from graphlink.task import Task, as_toml, folders_of, task_of, teaching, under_model, with_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from graphlink.core.settings import EngineSettings, Settings
    from graphlink.core.stages import TableSpec
    from graphlink.engine import Engine
    from graphlink.engine.duck import DuckEngine
    from graphlink.engine.stage import Step
    from graphlink.ingest.cost_estimate.estimate import CostEstimate
    from graphlink.model.learned import Learned
    from graphlink.model.parameters import Model
    from graphlink.storage.remote import StoredPath


def result_names(*, explains_all: bool = False) -> tuple[str, ...]:
    """List the tables needed to write a result: its own, and those that sort the observations."""
    sorting = ("sightings", "account_numbers", "observed_values")
    return (*TABLE_NAMES, *(EXPLAINED_NAMES if explains_all else ()), *sorting)


def steps(*, explains_all: bool = False) -> tuple[Step[...], ...]:
    """List the steps of a run in order, with those of plugins.

    Args:
        explains_all: Whether to include the step that explains every member and link.

    Raises:
        PluginError: A plugin's step can't be used or placed.
    """
    from graphlink.engine.plugin_steps import with_plugin_steps

    return with_plugin_steps(own_steps(explains_all=explains_all), EXPLAINED_NAMES)


@functools.cache
def own_steps(*, explains_all: bool = False) -> tuple[Step[...], ...]:
    """List the steps of a run without those of plugins; only a run imports them and their libraries."""
    from graphlink.assessment.facts import collect_facts
    from graphlink.assessment.harmless_readings import find_harmless_readings
    from graphlink.assessment.hypotheses import weigh_hypotheses
    from graphlink.assessment.null_model import estimate_null
    from graphlink.assessment.reasons import explain_all, explain_clusters
    from graphlink.assessment.signals import collect_signals
    from graphlink.clustering.clusters import score_clusters
    from graphlink.clustering.communities import find_communities
    from graphlink.ingest.labels import read_labels
    from graphlink.ingest.observations import add_routers, collect_observations
    from graphlink.ingest.reference_lists import label_identifiers
    from graphlink.model.blocking import find_copresence
    from graphlink.model.evidence import weigh_evidence
    from graphlink.model.exclusivity import estimate_exclusivity
    from graphlink.model.identifiers import describe_identifiers
    from graphlink.model.links import add_link_posteriors, weigh_links
    from graphlink.model.match_weights import learn_match_weights
    from graphlink.model.organisation_marks import mark_accounts
    from graphlink.model.overrides import apply_overrides
    from graphlink.model.timing import find_joint_behaviour

    always = (
        collect_observations,
        label_identifiers,
        add_routers,
        describe_identifiers,
        find_copresence,
        find_joint_behaviour,
        read_labels,
        learn_match_weights,
        apply_overrides,
        estimate_exclusivity,
        weigh_evidence,
        weigh_links,
        mark_accounts,
        find_communities,
        score_clusters,
        find_harmless_readings,
        add_link_posteriors,
        weigh_hypotheses,
        collect_signals,
        collect_facts,
        estimate_null,
        explain_clusters,
    )
    return (*always, explain_all) if explains_all else always


_READING = ("observations", "reference_lists")  # the steps that read the input's files
_DECIDING = ("duckdb", "igraph", "numpy", "pyarrow")  # libraries whose version may change a result


@dataclass(slots=True)
class _Record:
    """The record of a run: facts that are the same for the same input, and timings, which are not."""

    tables: tuple[TableSpec, ...] = ()  # of plugins, in addition to those of every result
    facts: list[dict[str, object]] = field(default_factory=list)
    timing: list[dict[str, object]] = field(default_factory=list)
    learned: dict[str, Learned] = field(default_factory=dict)


@guarded("run")
def run(  # noqa: PLR0913 - one per choice of a run
    source: object,
    *,
    account: str | None = None,
    time: str | None = None,
    kinds: Mapping[str, object] | None = None,
    settings: Settings | str | Path | None = None,
    out: str | Path | None = None,
    limits: EngineSettings | None = None,
    overwrite: bool = False,
    explain_all: bool = False,
    model: Model | str | Path | None = None,
    update: Result | str | Path | None = None,
    progress: Callable[[Progress], None] | bool | None = None,
) -> Result:
    """Run graphlink on an input and return the result.

    Args:
        source: One observations table (file, folder or glob, or a URL, such as s3://bucket/log/; or
            several of them), a `graphlink.toml`, a `Settings` with sources, a frame (pandas, pyarrow,
            or any with the Arrow C stream, such as polars, DuckDB and ibis) with account_id, kind, value,
            seen_at and optional n, or a mapping of names to such frames; the one
            named accounts is the table of accounts (account_id, created_at, closed_at, status and any
            attributes).
        account: The column of accounts of a frame or file, where it is not account_id.
        time: The column of times, where it is not seen_at.
        kinds: Kind to its column, such as {"ip": "client_ip"}, of a frame or file with a column per kind; or
            to what settings take, such as {"column": "xff", "pick": "last_public"}.
        settings: Settings, or the file to read them from, when the source is not itself settings.
        out: The result folder to make, or with Spark its URL, such as s3a://bucket/result; None keeps the
            result in a temporary folder, which is removed when the result is no longer used.
        limits: Limits of the engine; an empty or zero field leaves the one of the settings.
        overwrite: Whether to replace an earlier result at `out`, once the new one is complete.
        explain_all: Whether to write the reasons of every member and link too, as the tables
            `member_reasons` and `link_reasons`. All other tables are the same either way.
        model: The model that weighs the data: a `Model`, or the path or URL of a model.json or of a result;
            None for that of the settings, and without one it is fitted to the data. The result keeps it.
        update: An earlier result, whose model weighs the data and whose observations stand for the files it
            has read: the source is new files or frames, or settings, of whose files only new ones are read.
            The tables are those of a run over all files. That result stays as it is.
        progress: Whether to print a line per step to standard error; or what each step calls at its ends.

    Returns:
        The finished result, opened: its tables, and what is computed from them.

    Raises:
        InputError: The input can't be read, or was written to while it was read.
        SettingsError: A setting is invalid.
        EngineError: Memory or disk ran out; nothing is left behind.
        ResultError: The result folder can't be written, or another run is writing it; or the earlier result
            can't be updated.
    """
    if update is None:
        task = task_of(source, settings, limits)
        task = under_model(with_columns(task, source, account=account, time=time, kinds=kinds), model)
    else:
        from graphlink.updating import check_alone, update_task  # imports the engine, as no other task does

        check_alone(account=account, time=time, kinds=kinds, model=model)
        task = update_task(update, source, settings=settings, limits=limits)
    task = dataclasses.replace(task, explains_all=explain_all)
    return run_task(task, out, overwrite=overwrite, progress=progress)


def run_task(
    task: Task, out: str | Path | None, *, overwrite: bool, progress: Callable[[Progress], None] | bool | None
) -> Result:
    """Run a task; `run` makes one of what it is given, and has the arguments and errors."""
    report = _report_to(progress)
    if address := "" if out is None else address_of(out):
        return _made_there(address, task, overwrite=overwrite, progress=report)
    if out is not None:
        return _made(Path(out), task, overwrite=overwrite, progress=report)
    scratch = Scratch()
    try:
        result = _made(scratch.path / "result", task, overwrite=False, progress=report)
    except BaseException:  # also when interrupted: nothing stays behind
        scratch.close()
        raise
    weakref.finalize(result, scratch.close)
    return result


@guarded("fit")
def fit(
    source: object,
    *,
    settings: Settings | str | Path | None = None,
    limits: EngineSettings | None = None,
    progress: Callable[[Progress], None] | bool | None = None,
) -> Model:
    """Fit a model to an input, and stop there: labels take part, and no saved model does.

    Args:
        source: As in `run`.
        settings: As in `run`.
        limits: As in `run`.
        progress: As in `run`.

    Returns:
        The model: elicited priors and learned weights (bits), as `model.json` holds them.

    Raises:
        InputError: The input can't be read, or was written to while it was read.
        SettingsError: A setting is invalid.
        EngineError: Memory or disk ran out.
    """
    task = teaching(task_of(source, settings, limits))
    report = _report_to(progress)
    with contextlib.closing(_engine(task.settings)) as engine:
        with staged_locally(engine, task.settings) as local:
            check_named_files(local)
            copied = dataclasses.replace(task, settings=local, folders=folders_of(local))
            record = _take_steps(engine, copied, report, learns_only=True)
        return _fitted(task, record, _n_rows(engine, "accounts"))


@guarded("check")
def check(
    source: object,
    *,
    settings: Settings | str | Path | None = None,
    limits: EngineSettings | None = None,
) -> dict[str, object]:
    """Read all input of a run and report rows, kinds, times, rejected rows and labels.

    Reference lists, labels, overrides, the key and the model are read too, and raise the errors of a run.

    Raises:
        InputError: The input can't be read.
        SettingsError: A setting is invalid.
        EngineError: Memory or disk ran out.
    """
    from graphlink.input_check import check_all

    task = under_model(task_of(source, settings, limits), None)
    with _embedded(task.settings) as engine, staged_locally(engine, task.settings) as local:
        check_named_files(local)
        return check_all(engine, local, task.settings, task.frames or None)


@guarded("estimate_cost")
def estimate_cost(
    source: object,
    *,
    settings: Settings | str | Path | None = None,
    limits: EngineSettings | None = None,
) -> CostEstimate:
    """Estimate the rows, pairs, memory and time of a run from a sample of its input, in about a second.

    Raises:
        InputError: The input can't be read.
        SettingsError: A setting is invalid.
        EngineError: Memory or disk ran out.
    """
    from graphlink.ingest.cost_estimate.estimate import estimate_run

    task = task_of(source, settings, limits)
    with _embedded(task.settings) as engine:
        return estimate_run(engine, task.settings, task.frames or None)


def _made(folder: Path, task: Task, *, overwrite: bool, progress: Callable[[Progress], None]) -> Result:
    with whole_folder(folder, overwrite=overwrite, listed=result_files) as partial:
        with contextlib.closing(_engine(task.settings)) as engine:
            manifest = _done(
                engine, task, progress, lambda *made: _written_tables(engine, partial, folder, *made)
            )
        with writing(folder):
            write_manifest(partial, manifest)
    return read_result(folder)


def _written_tables(
    engine: Engine, partial: Path, folder: Path, further: Sequence[TableSpec], model: bytes
) -> dict[str, dict[str, Any]]:
    with guarded("step write"), writing(folder):
        return {"tables": write_tables(engine, partial, further), "model": write_model(partial, model)}


def _written_there(
    engine: Engine, run_folder: StoredPath, further: Sequence[TableSpec], model: bytes
) -> dict[str, dict[str, Any]]:
    tables = write_stored_tables(engine, run_folder, further)
    return {"tables": tables, "model": write_model(run_folder, model)}


def _made_there(address: str, task: Task, *, overwrite: bool, progress: Callable[[Progress], None]) -> Result:
    """Make a result at a URL: the engine writes tables to a folder of the run, then run.json is written."""
    if task.settings.engine.name != "spark":
        raise ResultError(
            f"{address}: a result is a folder of this machine; name one and copy it there later, or run with "
            "--engine spark, which can write to a URL"
        )
    place = stored_path(address)
    with stored_run(place, overwrite=overwrite, manifest_at=manifest_of) as run_folder:
        with contextlib.closing(_engine(task.settings)) as engine:
            check_reach(engine, run_folder)
            manifest = _done(engine, task, progress, lambda *made: _written_there(engine, run_folder, *made))
        if not overwrite and manifest_of(place) is not None:
            raise ResultError(
                f"{address}: another run has just written a result there; overwrite=True replaces it"
            )
        write_manifest(place, manifest | {"folder": run_folder.name})
    return read_result(address)


def _done(
    engine: Engine,
    task: Task,
    progress: Callable[[Progress], None],
    write: Callable[[Sequence[TableSpec], bytes], dict[str, dict[str, Any]]],
) -> dict[str, object]:
    """Take all steps, write the tables and the model, and return the manifest."""
    started = datetime.datetime.now(datetime.UTC)
    with recorded() as plugins, staged_locally(engine, task.settings) as local:
        check_named_files(local)
        copied = dataclasses.replace(task, settings=local, folders=folders_of(local))
        record = _take_steps(engine, copied, progress)
    write_started = time.perf_counter()
    model = task.model or _fitted(task, record, _n_rows(engine, "accounts"))
    written = write(record.tables, model.content())
    record.timing.append(timing_of("write", write_started))
    return {
        "graphlink": version("graphlink"),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in _DECIDING}},
        "settings": as_toml(task.given),
        "fingerprint": task.given.fingerprint(),
        "tables": written["tables"],
        "model": {**written["model"], "is_given": task.model is not None},
        "steps": record.facts,
        **({"plugins": plugin_facts(plugins)} if plugins else {}),
        # Everything that may differ between two runs of the same input, settings and version.
        "this_run": {
            "started_at": started.isoformat(timespec="seconds"),
            "finished_at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "engine": _engine_facts(task.settings.engine, engine),
            "machine": {"system": platform.system(), "processors": os.cpu_count()},
            "steps": record.timing,
            **({"update": task.update} if task.update else {}),
        },
    }


def _fitted(task: Task, record: _Record, n_accounts: int) -> Model:
    """The model that the run has fitted."""
    facts = {str(step["step"]): cast("dict[str, Any]", step["facts"]) for step in record.facts}
    rows = {name: n for step in record.facts for name, n in cast("dict[str, int]", step["rows"]).items()}
    rows["accounts"] = n_accounts
    provenance = provenance_of(version("graphlink"), task.given, facts, rows)
    return made_model(task.settings, record.learned, provenance)


def _engine_facts(limits: EngineSettings, engine: Engine) -> dict[str, object]:
    """The engine as recorded in the manifest: without folders of the machine and without secrets."""
    redacted = {"folder": "", "warehouse": "", "remote": urlsplit(redacted_address(limits.remote)).netloc}
    return (
        dataclasses.asdict(limits) | redacted | {"name": limits.name or "duckdb", "version": engine.version}
    )


def _engine(settings: Settings) -> Engine:
    limits = settings.engine
    if limits.name != "spark":
        return _embedded(settings)
    try:
        from graphlink.engine.spark import SparkEngine
    except ImportError as error:
        raise EngineError("Spark is not installed; pip install 'graphlink[spark]'") from error

    return SparkEngine(
        limits.remote or None,
        limits.warehouse or None,
        limits.memory or None,
        limits.threads or None,
        limits.folder or None,
        limits.largest_component or None,
        is_encrypted=is_pseudonymising(settings),
    )


def _embedded(settings: Settings) -> DuckEngine:
    # Imported here, because only a run needs the engine; reading a result starts without it.
    from graphlink.engine.duck import DuckEngine

    limits = settings.engine
    return DuckEngine(
        limits.memory or None,
        limits.threads or None,
        limits.folder or None,
        is_encrypted=is_pseudonymising(settings),
    )


def _take_steps(
    engine: Engine, task: Task, progress: Callable[[Progress], None], *, learns_only: bool = False
) -> _Record:
    from graphlink.engine.plugin_steps import plugin_tables

    record = _Record()
    stamps = stamp_inputs(task.settings)
    taken = steps(explains_all=task.explains_all)
    if learns_only:  # what follows learns nothing
        taken = taken[: max(i for i, step in enumerate(taken) if step.learns) + 1]
    record.tables = plugin_tables(taken)
    further = [spec.name for spec in record.tables]
    done = tables_done(taken, (*result_names(explains_all=task.explains_all), *further))
    for position, step in enumerate(taken, 1):
        share_done = sum(step.share for step in taken[:position]) / sum(step.share for step in taken)
        progress(now := Progress(step, position, len(taken), share_done))
        started = time.perf_counter()
        given = task.input_of_reading if step is taken[0] else {}
        try:
            with guarded(f"step {step.name}"):
                facts = step(engine, task.settings, **given, **saved_for(task.model, step))
        finally:
            # Also when the step failed: the cause may be a file that is being written.
            if step.name in _READING:
                check_unchanged(task.settings, stamps)
        timing = timing_of(step.name, started)
        if step.learns and task.model is None:
            record.learned[step.name] = read_learned(engine, step.learns, facts)
        rows = {spec.name: _n_rows(engine, spec.name) for spec in step.counted}
        engine.drop(*done[position - 1])
        record.facts.append({"step": step.name, "rows": rows, "facts": task.facts_without_folders(facts)})
        record.timing.append(timing)
        seconds = time.perf_counter() - started
        progress(dataclasses.replace(now, seconds=seconds, rows=sum(rows.values())))
    return record


def _n_rows(engine: Engine, name: str) -> int:
    # `observations` is a query over three tables; `sightings` has a row for each of its rows.
    counted = "sightings" if name == "observations" and engine.has("sightings") else name
    return number(engine, f"SELECT count(*) FROM {counted}")


def _report_to(progress: Callable[[Progress], None] | bool | None) -> Callable[[Progress], None]:
    """What is called with the progress of a run."""
    if callable(progress):
        return of_the_caller(progress)
    return ProgressLines(sys.stderr) if progress else _silent


def _silent(_: Progress) -> None:
    pass
