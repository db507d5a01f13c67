"""Commands that read input: init, check, run and demo."""

from __future__ import annotations

import contextlib
import itertools
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from graphlink.cli.group import RESULT_VARIABLE
from graphlink.cli.options import (
    commands,
    engine_options,
    form_option,
    place,
    print_message,
    quiet_option,
    renamed_option,
    settings_option,
    sources_argument,
    spark_options,
)
from graphlink.cli.reading import (
    CLUSTER,
    CLUSTER_KEPT,
    REASON_KEPT,
    clusters_in_order,
    in_words,
    reason_columns,
    reasons_of,
)
from graphlink.core.errors import GraphlinkError, SettingsError
from graphlink.progress import ProgressLines
from graphlink.render.terminal import Form, Sheet, write_facts, write_sheets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphlink.core.settings import EngineSettings
    from graphlink.result.result import Result

_COLUMN = ("source", "column", "read_as", "filled", "usable", "values", "accounts")
_SOURCE = ("name", "rows_read", "rows_rejected")
_KIND = ("kind", "rows", "accounts", "values", "first_seen", "last_seen")
_FACT = ("fact", "type", "calls", "accounts", "values")
_LIST = ("path", "lines", "networks", "asns", "labelled", "conflicts", "invalid_lines", "database_type")
_COMMAND_WIDTH = 34  # a longer command has a line of its own
_REJECTED = ("source", "reason", "rows")

_READING = """how to read it:
  priority         points for concealment and harm, times p_same_operator
  p_same_operator  probability that one organisation runs the accounts and conceals it; a lead, no verdict
  share            of the evidence that ties the cluster"""


@commands.command(
    examples=(
        "graphlink run observations.csv",
        "graphlink run graphlink.toml --out result --overwrite",
        "graphlink run graphlink.toml --model model.json --memory 4GB",
        "graphlink run --update yesterday day.parquet --out today",
    )
)
@sources_argument
@settings_option
@click.option(
    "--out",
    type=place,
    metavar="PATH",
    default=Path("graphlink-result"),
    show_default=True,
    help="Result folder; with Spark also a URL, such as s3a://bucket/result.",
)
@click.option("--overwrite", is_flag=True, help="Replace an earlier result, once the new one is complete.")
@click.option(
    "--explain-all",
    is_flag=True,
    help="Also write the reasons of every member and link, for batch readers.",
)
@click.option(
    "--model",
    type=place,
    metavar="MODEL",
    help="Weigh the data by a saved model (a model.json, or a result) instead of fitting one.",
)
@click.option(
    "--update",
    type=place,
    metavar="RESULT",
    help="Read only files that RESULT has not read, and weigh all by its model; it stays as it is.",
)
@click.option(
    "--max-rejected",
    type=click.IntRange(min=0),
    metavar="N",
    help="Exit with 3 if more input lines than this are rejected.",
)
@renamed_option("--max-set-aside", "--max-rejected")
@spark_options
@engine_options
@form_option
@click.option("--verbose", "-v", is_flag=True, help="Print the basis of the cost estimate too.")
@quiet_option
def run(
    sources: tuple[Path | str, ...],
    form: Form,
    max_rejected: int | None,
    limits: EngineSettings,
    *,
    verbose: bool,
    **given: Any,
) -> None:
    """Find clusters in SOURCE and write a result folder.

    SOURCE is a table of observations (files, a folder or a glob) or a graphlink.toml. It may be a URL, such
    as s3://bucket/log/: its files are copied to this machine first, but with --engine spark, Spark reads
    Parquet (s3a://bucket/log/) in place.

    With --update, SOURCE is new files with the columns of those before, or a graphlink.toml, of whose files
    only new ones are read. The tables are, byte for byte, those of a run over all files under that model.
    """
    if not given["quiet"] and given["update"] is None:  # the estimate is of a run that reads all of SOURCE
        _print_cost_estimate(_one_or_all(sources), given["settings"], limits, verbose=verbose)
    result = _run(_one_or_all(sources), limits=limits, **given)
    write_facts(_summary(result), form, sys.stdout)
    _print_update(result, quiet=given["quiet"])
    _print_capped(result, quiet=given["quiet"])
    _print_warnings(result)
    n_rejected_rows = _lines_rejected(result)
    if n_rejected_rows:
        print_message(
            f"{n_rejected_rows:,} lines were rejected; "
            f"{result.path / 'rejected_rows.parquet'} lists them with reasons",
            quiet=given["quiet"],
        )
    if max_rejected is not None and n_rejected_rows > max_rejected:
        sys.exit(3)


def _lines_rejected(result: Result) -> int:
    """Physical lines of the input that were rejected: a record with an open quote may span many."""
    steps = {step["step"]: step["facts"] for step in result.manifest.get("steps", ())}
    read = steps.get("observations", {})
    tables = (read, read.get("accounts_table") or {})
    return sum(int(table.get("lines_rejected", 0)) for table in tables)


@commands.command(examples=("graphlink check observations.csv", "graphlink check graphlink.toml"))
@sources_argument
@settings_option
@engine_options
@form_option
@quiet_option
def check(
    sources: tuple[Path | str, ...], form: Form, settings: Path | None, limits: EngineSettings, quiet: bool
) -> None:
    """Read SOURCE and report what is in it, without a run.

    Prints rows, what became of each column, kinds, the time span, and the rows that a run would
    reject with the reason.
    """
    from graphlink.pipeline import check as check_source

    print_message("reading", quiet=quiet)
    facts = check_source(_one_or_all(sources), settings=settings, limits=limits)
    if form == "json":
        write_facts(facts, form, sys.stdout)
        return
    report = cast("Mapping[str, Any]", facts)
    tables = [source for source in (*report["sources"], report["accounts_table"]) if source is not None]
    kinds = [{"kind": kind, **about} for kind, about in report["kinds"].items()]
    rejected = [
        {"source": source["name"], "reason": reason, "rows": n}
        for source in tables
        for reason, n in source["rejected_rows"].items()
    ]
    sheets = [Sheet("kinds", _KIND, kinds)]
    if form == "table":
        mapped = [{"fact": fact, **about} for fact, about in report.get("facts", {}).items()]
        sheets += [Sheet("facts", _FACT, mapped)] if mapped else []
        columns = Sheet("columns", _COLUMN, report["columns"])
        sheets = [Sheet("sources", _SOURCE, tables), columns, *sheets, Sheet("rejected", _REJECTED, rejected)]
        lists = [{name: file.get(name) for name in _LIST} for file in report["references"]["files"]]
        sheets += [Sheet("reference lists", _LIST, lists)] if lists else []
    write_sheets(sheets, form, sys.stdout)
    if uncounted := _uncounted(report):
        print_message(
            f"{', '.join(uncounted)}: no column counts requests, so each row is one; where rows stand for "
            "several, name their column (count, in graphlink.toml)",
            quiet=quiet,
        )
    for warning in report["warnings"]:
        print_message(f"warning: {warning}")


def _uncounted(report: Mapping[str, Any]) -> list[str]:
    """Sources of observations without a column of how many requests a row stands for."""
    sources = dict.fromkeys(source["name"] for source in report["sources"])
    counted = {row["source"] for row in report["columns"] if row["read_as"] in ("count", "moments")}
    return [name for name in sources if name not in counted]


@commands.command(examples=("graphlink init logins.csv payments.parquet",))
@click.argument("files", metavar="FILES...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("graphlink.toml"),
    show_default=True,
    help="File to write.",
)
@click.option("--overwrite", is_flag=True, help="Replace an earlier settings file.")
def init(files: tuple[Path, ...], out: Path, *, overwrite: bool) -> None:
    """Inspect FILES and write a commented graphlink.toml.

    Its settings are suggestions: read and correct them before a run.
    """
    from graphlink.ingest.suggest_settings import suggest

    # Paths in a settings file are relative to it, wherever the command is run.
    folder = out.absolute().parent
    if not folder.is_dir():
        raise SettingsError(f"no folder {folder} to write {out.name} into")
    placed = [Path(os.path.relpath(file, folder)) for file in files]
    with contextlib.chdir(folder):
        suggestion = suggest(placed)
    _write_new(out, suggestion.text, overwrite=overwrite)
    for line in suggestion.lines:
        print_message(line)
    print_message(f"wrote {out}; read it, correct it, then: graphlink check {out}")


@commands.command(examples=("graphlink demo --accounts 500",))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("graphlink-demo"),
    show_default=True,
    help="Folder to write to.",
)
@click.option(
    "--accounts",
    type=click.IntRange(100, 1_000_000),
    default=5000,
    show_default=True,
    help="Number of accounts.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of the sample world.")
@form_option
@quiet_option
def demo(out: Path, accounts: int, seed: int, form: Form, *, quiet: bool) -> None:
    """Generate a sample world, run on it and show its clusters.

    The world has planted account farms, whose accounts are known (`graphlink evaluate`).
    """
    from graphlink.samples import draw_world

    print_message(f"generating a world of {accounts:,} accounts in {out / 'sample'}", quiet=quiet)
    settings = draw_world(seed, accounts).write(out / "sample")
    result = _run(settings, out=out / "result", overwrite=True, quiet=quiet)
    rows = clusters_in_order(result)[:5]
    if form != "table":
        write_sheets([Sheet("clusters", tuple(rows[0]) if rows else CLUSTER, rows)], form, sys.stdout)
        return
    strongest = [Sheet("the clusters to look at first", CLUSTER, in_words(rows, form), CLUSTER_KEPT)]
    for row in rows[:3]:
        reasons = reasons_of(result, str(row["cluster_id"]))[:5]
        strongest.append(Sheet(f"why {row['cluster_id']}", reason_columns(form), reasons, REASON_KEPT))
    write_sheets(strongest, form, sys.stdout)
    if not quiet:
        print_message(_READING)
        _print_capped(result)
        _print_next_commands(out, rows)


def _run(source: object, *, quiet: bool, **given: Any) -> Result:
    from graphlink.pipeline import run as run_pipeline

    return run_pipeline(source, progress=None if quiet else ProgressLines(sys.stderr), **given)


def _print_cost_estimate(
    source: object, settings: Path | None, limits: EngineSettings, *, verbose: bool
) -> None:
    """Print the expected time and memory of the run in a line, or also on what the estimate rests."""
    from graphlink.pipeline import estimate_cost

    with contextlib.suppress(GraphlinkError):  # the run itself reports faults of the input
        estimate = estimate_cost(source, settings=settings, limits=limits)
        for line in estimate.lines() if verbose else filter(None, [estimate.summary()]):
            print_message(line)
        for warning in estimate.warnings():
            print_message(f"warning: {warning}")


def _one_or_all(sources: tuple[Path | str, ...]) -> object:
    return sources[0] if len(sources) == 1 else sources


def _summary(result: Result) -> dict[str, object]:
    rows = {name: table["rows"] for name, table in result.manifest["tables"].items()}
    shown = ("observations", "accounts", "identifiers", "links", "clusters", "rejected_rows")
    steps = result.manifest["this_run"]["steps"]
    return {
        "result": str(result.path),
        **{name: rows[name] for name in shown},
        "seconds": round(sum(step["seconds"] for step in steps), 1),
        "peak_memory_mib": steps[-1]["peak_memory_mib"],
    }


def _write_new(path: Path, text: str, *, overwrite: bool) -> None:
    try:
        with path.open("w" if overwrite else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise SettingsError(f"{path} exists; --overwrite replaces it") from None
    except OSError as error:
        raise SettingsError(f"could not write {path}: {error}") from None


def _print_capped(result: Result, *, quiet: bool = False) -> None:
    """Print identifiers that were too common to compare all their accounts, and how many pairs that skips."""
    steps = {step["step"]: step["facts"] for step in result.manifest.get("steps", ())}
    capped = steps.get("blocking", {}).get("capped", [])
    if not capped:
        return
    lines = [
        f"  {kind['kind']}: {kind['pairs']:,} pairs left out; the largest is {kind['largest'][0]['value']} "
        f"with {kind['largest'][0]['accounts_at_once']:,} accounts at once"
        for kind in capped
        if kind["largest"]
    ]
    head = "too common to compare all their accounts (identifiers with is_hub or is_capped in the result):"
    print_message("\n".join([head, *lines]), quiet=quiet)


def _print_update(result: Result, *, quiet: bool) -> None:
    """Print what an update did not have to read; why it read all files, even if quiet."""
    update = result.manifest["this_run"].get("update", {})
    if "fallback" in update:
        print_message(f"warning: all files were read: {update['fallback']}")
    elif update:
        n_files = update["files_kept"]
        files = "1 file of the earlier result was" if n_files == 1 else f"{n_files:,} files were"
        print_message(f"update: {files} not read again", quiet=quiet)


def _print_warnings(result: Result) -> None:
    """Print warnings about how the input was read, even if quiet: the result depends on it."""
    warnings = (step["facts"].get("warnings", ()) for step in result.manifest.get("steps", ()))
    for warning in dict.fromkeys(itertools.chain.from_iterable(warnings)):
        print_message(f"warning: {warning}")


def _print_next_commands(out: Path, clusters: Sequence[Mapping[str, object]]) -> None:
    result, sample = out / "result", out / "sample"
    first = clusters[0]["cluster_id"] if clusters else "CLUSTER"
    lines = {
        f"export {RESULT_VARIABLE}={result}": "the RESULT of the commands below",
        "graphlink clusters --top 20": "more clusters",
        f"graphlink show {first}": "one of them: reasons, members, identifiers",
        f"graphlink why {first}": "what it rests on; also of an account, or of two",
        "graphlink explore": "the same in a browser",
        f"graphlink export --cluster {first}": "one page for a review",
        "graphlink report --out report": "pages and tables of all clusters",
        f"graphlink evaluate --truth {sample / 'truth.parquet'}": "how accurate it is",
        f"graphlink check {sample / 'graphlink.toml'}": "what the input contains",
        "graphlink init FILES...": "a graphlink.toml for your own tables",
        "graphlink run graphlink.toml": "a run over them",
    }
    width = min(_COMMAND_WIDTH, max(map(len, lines)))
    print_message("try next:")
    for command, about in lines.items():
        gap = f"\n{'':<{width + 2}}" if len(command) > width else " " * (width - len(command))
        print_message(f"  {command}{gap}  {about}")
