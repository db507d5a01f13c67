"""The command line: arguments in, tables out. Standard output is data, standard error is everything else.

Exit codes: 0 done, 1 failed, 2 wrong use, 3 done but more rows were set aside than `--max-set-aside`,
130 interrupted. Heavy libraries load inside the command that needs them.
"""

from __future__ import annotations

import contextlib
import functools
import os
import platform
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, cast

import click

from graphlink.errors import GraphlinkError, InputError, ResultError, SettingsError
from graphlink.view.terminal import Form, Sheet, message, write_facts, write_sheets

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType

    import pyarrow as pa

    from graphlink.pipeline import Progress
    from graphlink.result import Result
    from graphlink.settings import EngineSettings

_CLUSTER = (
    "cluster_id", "n_accounts", "n_core", "score", "hypothesis", "facets", "first_seen", "last_seen",
)  # fmt: skip
_REASON = ("rank", "kind", "value", "bits", "n_accounts", "detail")
_MEMBER = ("account_id", "probability", "role", "status", "first_seen", "last_seen", "n_identifiers")
_IDENTIFIER = ("kind", "value", "bits", "n_members", "degree", "private", "label")
_EVIDENCE = ("kind", "value", "facet", "bits", "counted_bits", "n_windows", "first_joint", "last_joint")
_SOURCE = ("name", "rows_read", "rows_set_aside")
_KIND = ("kind", "rows", "accounts", "values", "first_seen", "last_seen")
_ASIDE = ("source", "reason", "rows")
_PARTS = ("cluster", "reasons", "members", "identifiers")

_READING = """how to read it:
  score  mean probability of a cluster's accounts to belong to it; a lead, not a verdict
  bits   evidence for one operator: each bit doubles the odds; of a cluster, summed over all its links"""


class _Commands(click.Group):
    """The commands; what graphlink raises on purpose is printed without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except GraphlinkError as error:
            click.echo(message(f"graphlink: {error}"), err=True)
            ctx.exit(1)
        except (KeyboardInterrupt, RuntimeError) as error:
            # DuckDB says so when a signal arrives while it works.
            if isinstance(error, RuntimeError) and str(error) != "Query interrupted":
                raise
            click.echo("graphlink: interrupted; nothing was left behind", err=True)
            ctx.exit(130)


class ProgressLines:
    """Tells a run's progress: a line per step with rows, rate and time left.

    The time left follows from the share of a typical run that is behind.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._is_terminal = file.isatty()
        self._started = time.perf_counter()

    def __call__(self, now: Progress) -> None:
        """Tell that a step started (on a terminal only) or is done."""
        head = f"{now.position:>2}/{now.total} {now.step.name:<13}"
        if now.seconds is None or now.rows is None:
            if self._is_terminal:
                self._file.write(f"{head} {now.step.about} …")
                self._file.flush()
            return
        told = f"{head} {now.rows:>13,} rows {now.seconds:>8.1f} s"
        if now.seconds >= 1:
            told += f" {now.rows / now.seconds:>12,.0f} rows/s"
        left = (time.perf_counter() - self._started) * (1 / now.share_done - 1)
        if left >= 1:
            told += f"   about {left:,.0f} s left"
        self._file.write(("\r\x1b[K" if self._is_terminal else "") + told + "\n")
        self._file.flush()


_form = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    help="How to print the data.",
)
_quiet = click.option("--quiet", is_flag=True, help="Print no progress and no hints.")
_result = click.argument("result", type=click.Path(path_type=Path))
_sources = click.argument(
    "sources", metavar="SOURCE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
_settings = click.option("--settings", type=click.Path(path_type=Path), help="Settings, when SOURCE is data.")


def _engine_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that limit the engine; the command gets them as one value, `limits`."""

    @functools.wraps(command)
    def with_limits(memory: str | None, threads: int | None, temp: str | None, **told: Any) -> None:
        from graphlink.settings import EngineSettings

        command(**told, limits=EngineSettings(memory or "", threads or 0, temp or ""))

    for option in (
        click.option("--memory", metavar="SIZE", help="Memory limit of the engine, such as 4GB."),
        click.option("--threads", type=click.IntRange(min=1), help="Threads of the engine; else every core."),
        click.option("--temp", type=click.Path(), help="Folder for the engine's temporary files."),
    ):
        with_limits = option(with_limits)
    return with_limits


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="graphlink")
def commands() -> None:
    """Find accounts likely operated by one organisation, and say how likely and why.

    A result is a lead, not a verdict: honest accounts share addresses, cards and routers too.
    """


@commands.command()
@_sources
@_settings
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("graphlink-result"),
    show_default=True,
    help="Result folder.",
)
@click.option("--overwrite", is_flag=True, help="Replace an earlier result, once the new one is complete.")
@click.option(
    "--max-set-aside", type=click.IntRange(min=0), metavar="N", help="Exit with 3 if more rows are bad."
)
@_engine_options
@_form
@_quiet
def run(
    sources: tuple[Path, ...], form: Form, max_set_aside: int | None, limits: EngineSettings, **told: Any
) -> None:
    """Run over SOURCE: observations (files, a folder, a glob) or a graphlink.toml."""
    result = _run(_one_or_all(sources), limits=limits, **told)
    write_facts(_summary(result), form, sys.stdout)
    _say_capped(result, quiet=told["quiet"])
    n_set_aside = result.manifest["tables"]["set_aside"]["rows"]
    if n_set_aside:
        _say(
            f"{n_set_aside:,} rows were set aside; {result.path / 'set_aside.parquet'} says which and why",
            quiet=told["quiet"],
        )
    if max_set_aside is not None and n_set_aside > max_set_aside:
        sys.exit(3)


@commands.command()
@_sources
@_settings
@_engine_options
@_form
@_quiet
def check(
    sources: tuple[Path, ...], form: Form, settings: Path | None, limits: EngineSettings, quiet: bool
) -> None:
    """Read all of SOURCE and report rows, kinds, time span and what would be set aside, without a run."""
    from graphlink.pipeline import check as check_source

    _say("reading", quiet=quiet)
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
        for reason, n in source["set_aside"].items()
    ]
    sheets = [Sheet("kinds", _KIND, kinds)]
    if form == "table":
        sheets = [Sheet("sources", _SOURCE, told), *sheets, Sheet("set aside", _ASIDE, aside)]
    write_sheets(sheets, form, sys.stdout)
    for warning in found["warnings"]:
        _say(f"warning: {warning}")


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
    from graphlink.guess import guess_settings

    # Paths in a settings file are relative to it, wherever the command is run.
    folder = out.absolute().parent
    if not folder.is_dir():
        raise SettingsError(f"no folder {folder} to write {out.name} into")
    placed = [Path(os.path.relpath(file, folder)) for file in files]
    with contextlib.chdir(folder):
        guessed = guess_settings(placed)
    _write_new(out, guessed, overwrite=overwrite)
    _say(f"wrote {out}; read it, mend it, then: graphlink check {out}")


@commands.command()
@_result
@click.option("--top", type=click.IntRange(min=1), metavar="N", help="Only the N strongest.")
@click.option("--min-size", type=click.IntRange(min=2), default=2, show_default=True, help="Least accounts.")
@click.option("--min-score", type=click.FloatRange(0, 1), default=0.0, show_default=True, help="Least score.")
@_form
def clusters(result: Path, top: int | None, min_size: int, min_score: float, form: Form) -> None:
    """List the clusters of RESULT, those with the most core accounts first."""
    from graphlink.result import read_result

    found = _strongest(read_result(result), min_size, min_score)[:top]
    columns = tuple(found[0]) if found and form != "table" else _CLUSTER
    write_sheets([Sheet("clusters", columns, found)], form, sys.stdout)


@commands.command()
@_result
@click.argument("cluster")
@click.option("--part", type=click.Choice(_PARTS), multiple=True, help="Only this part; CSV holds one.")
@click.option("--top", type=click.IntRange(min=1), default=20, show_default=True, help="Rows per part.")
@_form
def show(result: Path, cluster: str, part: tuple[str, ...], top: int, form: Form) -> None:
    """Show a CLUSTER of RESULT: its reasons, members and strongest identifiers."""
    from graphlink.result import read_result

    parts = part or _PARTS
    if form == "csv" and len(parts) != 1:
        raise click.UsageError(f"CSV holds one table: choose --part {', '.join(_PARTS)}")
    found = read_result(result)
    found.check_cluster(cluster)
    made: dict[str, Callable[[], Sheet]] = {
        "cluster": lambda: Sheet("cluster", _CLUSTER, _of_cluster(found, "clusters", cluster)),
        "reasons": lambda: Sheet("reasons", _REASON, _reasons(found, cluster)[:top]),
        "members": lambda: Sheet("members", _MEMBER, _members(found, cluster, top)),
        "identifiers": lambda: Sheet("identifiers", _IDENTIFIER, _identifiers(found, cluster, top)),
    }
    write_sheets([made[name]() for name in _PARTS if name in parts], form, sys.stdout)


@commands.command()
@_result
@click.argument("account")
@click.argument("other")
@_form
def why(result: Path, account: str, other: str, form: Form) -> None:
    """Say why two accounts of RESULT are linked, or what they share if they are not."""
    from graphlink.folder import rows_of
    from graphlink.result import read_result

    found = read_result(result)
    _check_accounts(found, account, other)
    pair = {"account_id_l": [min(account, other)], "account_id_r": [max(account, other)]}
    links = rows_of(found.table("links", where=pair))
    evidence = rows_of(found.table("evidence", where=pair).sort_by([("counted_bits", "descending")]))
    if form == "csv":
        write_sheets([Sheet("evidence", _EVIDENCE, evidence)], form, sys.stdout)
        return
    columns = ("bits", "probability", "n_evidence", "n_facets")
    write_sheets([Sheet("link", columns, links), Sheet("evidence", _EVIDENCE, evidence)], form, sys.stdout)
    if not links:
        _say("no link: what the two share, if anything, is too weak or too common")


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
@_form
@_quiet
def demo(out: Path, accounts: int, seed: int, form: Form, *, quiet: bool) -> None:
    """Draw a sample world with planted account farms, run over it and show the strongest clusters."""
    from graphlink.samples import draw_world

    _say(f"drawing a world of {accounts:,} accounts into {out / 'sample'}", quiet=quiet)
    settings = draw_world(seed, accounts).write(out / "sample")
    result = _run(settings, out=out / "result", overwrite=True, quiet=quiet)
    found = _strongest(result)[:5]
    if form != "table":
        write_sheets([Sheet("clusters", tuple(found[0]) if found else _CLUSTER, found)], form, sys.stdout)
        return
    strongest = [Sheet("the strongest clusters", _CLUSTER, found)]
    for row in found[:3]:
        reasons = _reasons(result, str(row["cluster_id"]))[:5]
        strongest.append(Sheet(f"why {row['cluster_id']}", _REASON, reasons))
    write_sheets(strongest, form, sys.stdout)
    if not quiet:
        _say(_READING)
        _say_capped(result)
        _say_what_next(out, found)


@commands.command()
@_result
@click.option(
    "--truth", required=True, type=click.Path(path_type=Path), help="Parquet or CSV: account_id, operator_id."
)
@_form
def evaluate(result: Path, truth: Path, form: Form) -> None:
    """Measure RESULT against the truth about who operates what."""
    from graphlink.evaluation import evaluate_clusters, evaluate_links
    from graphlink.result import read_result

    found, told = read_result(result), _read_truth(truth)
    measures = evaluate_clusters(found.table("membership"), told, clusters=found.table("clusters"))
    calibration = evaluate_links(found.table("links"), told)
    facts = {"clusters": measures.to_dict(), "links": calibration.to_dict()}
    write_facts(facts if form == "json" else dict(_flat(facts)), form, sys.stdout)


@commands.command()
@_form
def doctor(form: Form) -> None:
    """Tell versions, optional parts, memory and disk: what to send with a question."""
    names = ("graphlink", "duckdb", "igraph", "networkx", "numpy", "pandas", "pyarrow", "pyvis")
    optional = ("adbc-driver-postgresql",)
    folder = tempfile.gettempdir()
    facts: dict[str, object] = {
        "python": platform.python_version(),
        "system": platform.platform(),
        **{name: _version(name) or "missing" for name in names},
        **{f"{name} (optional)": _version(name) or "not installed" for name in optional},
        "processors": os.cpu_count(),
        "memory_gib": _memory_gib(),
        "temporary_folder": folder,
        "temporary_folder_free_gib": round(shutil.disk_usage(folder).free / 2**30, 1),
    }
    write_facts(facts, form, sys.stdout)


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):  # not every stand-in for a stream can
            cast("Any", stream).reconfigure(errors="backslashreplace")
    signal.signal(signal.SIGTERM, _interrupt)
    commands(prog_name="graphlink")


def _interrupt(_: int, __: FrameType | None) -> None:
    raise KeyboardInterrupt


def _run(source: object, *, quiet: bool, **told: Any) -> Result:
    from graphlink.pipeline import run as run_pipeline

    return run_pipeline(source, progress=None if quiet else ProgressLines(sys.stderr), **told)


def _one_or_all(sources: tuple[Path, ...]) -> Path | tuple[Path, ...]:
    return sources[0] if len(sources) == 1 else sources


def _read_truth(path: Path) -> pa.Table:
    """The truth as a table; identifiers in a CSV stay text, "007" too."""
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet

    names = ("account_id", "operator_id", "operator", "style")
    try:
        if path.suffix != ".csv":
            return pyarrow.parquet.read_table(path)
        types = pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))
        return pyarrow.csv.read_csv(path, convert_options=types)
    except (OSError, pa.ArrowException) as error:
        raise InputError(
            f"{path}: {error}; expected Parquet or .csv with account_id and operator_id"
        ) from error


def _summary(result: Result) -> dict[str, object]:
    rows = {name: told["rows"] for name, told in result.manifest["tables"].items()}
    shown = ("observations", "accounts", "identifiers", "links", "clusters", "set_aside")
    steps = result.manifest["this_run"]["steps"]
    return {
        "result": str(result.path),
        **{name: rows[name] for name in shown},
        "seconds": round(sum(step["seconds"] for step in steps), 1),
        "peak_memory_mib": steps[-1]["peak_memory_mib"],
    }


def _strongest(result: Result, min_size: int = 2, min_score: float = 0.0) -> list[dict[str, Any]]:
    from graphlink.folder import rows_of
    from graphlink.result import CLUSTER_ORDER

    rows = rows_of(result.table("clusters").sort_by(list(CLUSTER_ORDER)))
    return [row for row in rows if row["n_accounts"] >= min_size and row["score"] >= min_score]


def _of_cluster(result: Result, table: str, cluster: str) -> list[dict[str, Any]]:
    from graphlink.folder import rows_of

    return rows_of(result.table(table, where={"cluster_id": [cluster]}))


def _reasons(result: Result, cluster: str) -> list[dict[str, Any]]:
    return sorted(_of_cluster(result, "reasons", cluster), key=lambda row: int(row["rank"]))


def _members(result: Result, cluster: str, top: int) -> list[dict[str, Any]]:
    from graphlink.folder import rows_of

    members = sorted(
        _of_cluster(result, "membership", cluster), key=lambda row: (-row["probability"], row["account_id"])
    )[:top]
    told = result.table("accounts", where={"account_id": [row["account_id"] for row in members]})
    accounts = {row["account_id"]: row for row in rows_of(told)}
    return [accounts.get(row["account_id"], {}) | row for row in members]


def _identifiers(result: Result, cluster: str, top: int) -> list[dict[str, Any]]:
    """The identifiers that reasons name, the strongest first, with what is known of each."""
    from graphlink.folder import rows_of

    reasons = [row for row in _reasons(result, cluster) if row["value"] is not None]
    told = result.table("identifiers", where={"value": {row["value"] for row in reasons}})
    known = {(row["kind"], row["value"]): row for row in rows_of(told)}
    return [
        known.get((row["kind"], row["value"]), {}) | row | {"n_members": row["n_accounts"]}
        for row in reasons[:top]
    ]


def _check_accounts(result: Result, *accounts: str) -> None:
    if len(set(accounts)) < len(accounts):
        raise ResultError("give two different accounts")
    known = result.table("accounts", ["account_id"], {"account_id": accounts})["account_id"].to_pylist()
    for account in accounts:
        if account not in known:
            raise ResultError(f"no account {account!r} in {result.path}")


def _flat(facts: Mapping[str, object], before: str = "") -> Iterator[tuple[str, object]]:
    """Named values of a nested mapping under dotted names; lists are left to JSON."""
    for name, value in facts.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        elif not isinstance(value, list | tuple):
            yield before + name, value


def _write_new(path: Path, text: str, *, overwrite: bool) -> None:
    try:
        with path.open("w" if overwrite else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise SettingsError(f"{path} is there already; --overwrite replaces it") from error
    except OSError as error:
        raise SettingsError(f"could not write {path}: {error}") from error


def _say(text: str, *, quiet: bool = False) -> None:
    if not quiet:
        click.echo(message(text), err=True)


def _say_capped(result: Result, *, quiet: bool = False) -> None:
    """Name what was too common to compare all its accounts: what was left out must be known."""
    steps = {step["step"]: step["facts"] for step in result.manifest.get("steps", ())}
    capped = steps.get("sharing", {}).get("capped", [])
    if not capped:
        return
    lines = [
        f"  {kind['kind']}: {kind['pairs']:,} pairs left out; the largest is {kind['largest'][0]['value']} "
        f"with {kind['largest'][0]['accounts_at_once']:,} accounts at once"
        for kind in capped
        if kind["largest"]
    ]
    head = "too common to compare all their accounts (identifiers with is_hub or is_capped in the result):"
    _say("\n".join([head, *lines]), quiet=quiet)


def _say_what_next(out: Path, found: Sequence[Mapping[str, object]]) -> None:
    result, sample = out / "result", out / "sample"
    first = found[0]["cluster_id"] if found else "CLUSTER"
    lines = {
        f"graphlink clusters {result} --top 20": "more clusters",
        f"graphlink show {result} {first}": "one of them: reasons, members, identifiers",
        f"graphlink evaluate {result} --truth {sample / 'truth.parquet'}": "how right it is",
        f"graphlink check {sample / 'graphlink.toml'}": "what the input holds",
        "graphlink init FILES...": "a graphlink.toml for your own tables; then graphlink run graphlink.toml",
    }
    width = max(map(len, lines))
    _say("try next:\n" + "\n".join(f"  {command:<{width}}  {about}" for command, about in lines.items()))


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _memory_gib() -> float | None:
    """Memory of the machine, not of a container's limit; None where the system does not tell."""
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (AttributeError, OSError, ValueError):
        return None
