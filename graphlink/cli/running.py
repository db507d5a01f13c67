"""Commands that make something: a settings file, a check, a run, a sample world with its result."""

from __future__ import annotations

import contextlib
import itertools
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from graphlink.cli.options import (
    ProgressLines,
    commands,
    engine_options,
    form_option,
    place,
    quiet_option,
    renamed_option,
    say,
    settings_option,
    sources_argument,
    spark_options,
)
from graphlink.cli.reading import CLUSTER, in_words, reason_columns, reasons_of, strongest_clusters
from graphlink.core.errors import GraphlinkError, SettingsError
from graphlink.render.terminal import Form, Sheet, write_facts, write_sheets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphlink.core.settings import EngineSettings
    from graphlink.result.result import Result

_SOURCE = ("name", "rows_read", "rows_rejected")
_KIND = ("kind", "rows", "accounts", "values", "first_seen", "last_seen")
_LIST = ("path", "lines", "networks", "asns", "labelled", "conflicts", "invalid_lines", "database_type")
_ASIDE = ("source", "reason", "rows")

_READING = """how to read it:
  score  mean probability of a cluster's accounts to belong to it; a lead, not a verdict
  bits   evidence for one operator: each bit doubles the odds; of a cluster, summed over all its links"""


@commands.command()
@sources_argument
@settings_option
@click.option(
    "--out",
    type=place,
    metavar="PATH",
    default=Path("graphlink-result"),
    show_default=True,
    help="Result folder; with Spark also an address, such as s3a://bucket/result.",
)
@click.option("--overwrite", is_flag=True, help="Replace an earlier result, once the new one is complete.")
@click.option(
    "--explain-all",
    is_flag=True,
    help="Also write the reasons of every member and link, made in advance for batch readers.",
)
@click.option(
    "--max-rejected",
    type=click.IntRange(min=0),
    metavar="N",
    help="Exit with 3 if more input lines are bad.",
)
@renamed_option("--max-set-aside", "--max-rejected")
@spark_options
@engine_options
@form_option
@quiet_option
def run(
    sources: tuple[Path | str, ...],
    form: Form,
    max_rejected: int | None,
    limits: EngineSettings,
    **told: Any,
) -> None:
    """Run over SOURCE: observations (files, a folder, a glob) or a graphlink.toml.

    SOURCE may be an address, such as s3://bucket/log/: files there are copied here first, but with --engine
    spark Spark reads Parquet (s3a://bucket/log/) where it is.
    """
    if not told["quiet"]:
        _print_cost_estimate(_one_or_all(sources), told["settings"], limits)
    result = _run(_one_or_all(sources), limits=limits, **told)
    write_facts(_summary(result), form, sys.stdout)
    _print_capped(result, quiet=told["quiet"])
    _print_warnings(result)
    n_rejected_rows = _lines_rejected(result)
    if n_rejected_rows:
        say(
            f"{n_rejected_rows:,} lines were rejected; "
            f"{result.path / 'rejected_rows.parquet'} lists them with reasons",
            quiet=told["quiet"],
        )
    if max_rejected is not None and n_rejected_rows > max_rejected:
        sys.exit(3)


def _lines_rejected(result: Result) -> int:
    """Physical lines of the input that were lost: an open quote may lose many in one record."""
    steps = {step["step"]: step["facts"] for step in result.manifest.get("steps", ())}
    read = steps.get("observations", {})
    tables = (read, read.get("accounts_table") or {})
    return sum(int(table.get("lines_rejected", 0)) for table in tables)


@commands.command()
@sources_argument
@settings_option
@engine_options
@form_option
@quiet_option
def check(
    sources: tuple[Path | str, ...], form: Form, settings: Path | None, limits: EngineSettings, quiet: bool
) -> None:
    """Read all of SOURCE and report rows, kinds, time span and what would be rejected, without a run."""
    from graphlink.pipeline import check as check_source

    say("reading", quiet=quiet)
    facts = check_source(_one_or_all(sources), settings=settings, limits=limits)
    if form == "json":
        write_facts(facts, form, sys.stdout)
        return
    found = cast("Mapping[str, Any]", facts)
    told = [source for source in (*found["sources"], found["accounts_table"]) if source is not None]
    kinds = [{"kind": kind, **about} for kind, about in found["kinds"].items()]
    aside = [
        {"source": source["name"], "reason": reason, "rows": n}
        for source in told
        for reason, n in source["rejected_rows"].items()
    ]
    sheets = [Sheet("kinds", _KIND, kinds)]
    if form == "table":
        sheets = [Sheet("sources", _SOURCE, told), *sheets, Sheet("rejected", _ASIDE, aside)]
        lists = [{name: file.get(name) for name in _LIST} for file in found["references"]["files"]]
        sheets += [Sheet("reference lists", _LIST, lists)] if lists else []
    write_sheets(sheets, form, sys.stdout)
    for warning in found["warnings"]:
        say(f"warning: {warning}")


@commands.command()
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
    """Look at FILES and write a commented graphlink.toml with the best guesses."""
    from graphlink.ingest.suggest_settings import guess

    # Paths in a settings file are relative to it, wherever the command is run.
    folder = out.absolute().parent
    if not folder.is_dir():
        raise SettingsError(f"no folder {folder} to write {out.name} into")
    placed = [Path(os.path.relpath(file, folder)) for file in files]
    with contextlib.chdir(folder):
        guessed = guess(placed)
    _write_new(out, guessed.text, overwrite=overwrite)
    for line in guessed.lines:
        say(line)
    say(f"wrote {out}; read it, correct it, then: graphlink check {out}")


@commands.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("graphlink-demo"),
    show_default=True,
    help="Folder.",
)
@click.option(
    "--accounts", type=click.IntRange(100, 1_000_000), default=5000, show_default=True, help="Size."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed draws another world.")
@form_option
@quiet_option
def demo(out: Path, accounts: int, seed: int, form: Form, *, quiet: bool) -> None:
    """Draw a sample world with planted account farms, run over it and show the strongest clusters."""
    from graphlink.samples import draw_world

    say(f"drawing a world of {accounts:,} accounts into {out / 'sample'}", quiet=quiet)
    settings = draw_world(seed, accounts).write(out / "sample")
    result = _run(settings, out=out / "result", overwrite=True, quiet=quiet)
    found = strongest_clusters(result)[:5]
    if form != "table":
        write_sheets([Sheet("clusters", tuple(found[0]) if found else CLUSTER, found)], form, sys.stdout)
        return
    strongest = [Sheet("the strongest clusters", CLUSTER, in_words(found, form))]
    for row in found[:3]:
        reasons = reasons_of(result, str(row["cluster_id"]))[:5]
        strongest.append(Sheet(f"why {row['cluster_id']}", reason_columns(form), reasons))
    write_sheets(strongest, form, sys.stdout)
    if not quiet:
        say(_READING)
        _print_capped(result)
        _print_next_commands(out, found)


def _run(source: object, *, quiet: bool, **told: Any) -> Result:
    from graphlink.pipeline import run as run_pipeline

    return run_pipeline(source, progress=None if quiet else ProgressLines(sys.stderr), **told)


def _print_cost_estimate(source: object, settings: Path | None, limits: EngineSettings) -> None:
    """Say what the run would take; what is wrong with the input, the run itself says better."""
    from graphlink.pipeline import estimate_cost

    with contextlib.suppress(GraphlinkError):  # the run itself says it better
        told = estimate_cost(source, settings=settings, limits=limits)
        for line in told.lines():
            say(line)
        for warning in told.warnings():
            say(f"warning: {warning}")


def _one_or_all(sources: tuple[Path | str, ...]) -> object:
    return sources[0] if len(sources) == 1 else sources


def _summary(result: Result) -> dict[str, object]:
    rows = {name: told["rows"] for name, told in result.manifest["tables"].items()}
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
        raise SettingsError(f"{path} is there already; --overwrite replaces it") from None
    except OSError as error:
        raise SettingsError(f"could not write {path}: {error}") from None


def _print_capped(result: Result, *, quiet: bool = False) -> None:
    """Name what was too common to compare all its accounts: what was left out must be known."""
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
    say("\n".join([head, *lines]), quiet=quiet)


def _print_warnings(result: Result) -> None:
    """What was read otherwise than people may think, also when quiet: the result rests on it."""
    told = (step["facts"].get("warnings", ()) for step in result.manifest.get("steps", ()))
    for warning in dict.fromkeys(itertools.chain.from_iterable(told)):
        say(f"warning: {warning}")


def _print_next_commands(out: Path, found: Sequence[Mapping[str, object]]) -> None:
    result, sample = out / "result", out / "sample"
    first = found[0]["cluster_id"] if found else "CLUSTER"
    lines = {
        f"graphlink clusters {result} --top 20": "more clusters",
        f"graphlink show {result} {first}": "one of them: reasons, members, identifiers",
        f"graphlink explore {result}": "the same in the browser, to look around",
        f"graphlink export {result} --cluster {first}": "one page for a review",
        f"graphlink report {result} --out report": "pages and tables of all clusters",
        f"graphlink evaluate {result} --truth {sample / 'truth.parquet'}": "how right it is",
        f"graphlink check {sample / 'graphlink.toml'}": "what the input holds",
        "graphlink init FILES...": "a graphlink.toml for your own tables; then graphlink run graphlink.toml",
    }
    width = max(map(len, lines))
    say("try next:\n" + "\n".join(f"  {command:<{width}}  {about}" for command, about in lines.items()))
