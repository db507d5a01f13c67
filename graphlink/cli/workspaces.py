"""Commands about a workspace: make it, update it, see its lineages and its audit log, forget an account."""

from __future__ import annotations

import contextlib
import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graphlink.cli.group import SubCommands
from graphlink.cli.options import (
    commands,
    engine_options,
    form_option,
    place,
    print_message,
    quiet_option,
    spark_options,
)
from graphlink.progress import ProgressLines
from graphlink.render.terminal import Form, Sheet, write_facts, write_json, write_sheets

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from graphlink.core.settings import EngineSettings
    from graphlink.monitoring import Workspace
    from graphlink.workspace.history import History

_SHORT = ("lineage", "accounts", "p_same_operator", "change", "cluster_id", "cases")  # within 80 columns
_LINEAGE = (*_SHORT, "runs", "goes_on_as")
_SHORT_STAGE = ("run", "data_until", "change", "accounts", "joined", "left", "p_same_operator")
_STAGE = (*_SHORT_STAGE, "cluster_id")
_EVENT = ("seq", "at", "by", "action", "subject", "payload")
_ALERT = ("rule", "lineage", "accounts", "case")
_BACK = ("account_id", "of", "state", "probability", "by")
_MOST_RETURNS = 10  # rows below the facts of an update


def _user() -> str:
    with contextlib.suppress(OSError, KeyError, ImportError):  # an account of the system without a name
        return getpass.getuser()
    return ""


workspace_argument = click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
by_option = click.option(
    "--by",
    envvar="GRAPHLINK_USER",
    default=_user,
    help="Who does this (default: GRAPHLINK_USER, then the login name).",
)
seen_by_option = click.option(
    "--by", default="", metavar="NAME", help="Hide what NAME has yet to review blind."
)
why_option = click.option("--why", required=True, metavar="TEXT", help="The reason, for the log.")


def shown_time(text: str, form: Form) -> str:
    """A time of a workspace: to the minute in a table, exactly elsewhere."""
    return text[:16].replace("T", " ") if form == "table" else text


@contextlib.contextmanager
def opened(directory: Path, by: str = "") -> Iterator[Workspace]:
    """Open a workspace for one command."""
    from graphlink.monitoring import open_workspace

    workspace = open_workspace(directory, by)
    try:
        yield workspace
    finally:
        workspace.close()


@commands.group(name="workspace", cls=SubCommands)
def workspace_commands() -> None:
    """Make, upgrade or show a workspace: what a team knows."""


@workspace_commands.command(name="init", examples=("graphlink workspace init ws --by ana",))
@workspace_argument
@click.option(
    "--database",
    default="",
    metavar="URL",
    help="Database of PostgreSQL, without a password (default: SQLite in DIR).",
)
@by_option
def init_command(directory: Path, database: str, by: str) -> None:
    """Make a workspace in DIR."""
    from graphlink.workspace.folder import init_workspace

    is_new = init_workspace(directory, database, by)
    print_message(f"made {directory}" if is_new else f"{directory} has joined the workspace of its database")
    if not (directory / "graphlink.toml").exists():
        print_message(f"next: graphlink init FILES... --out {directory / 'graphlink.toml'}")
    print_message(f"then: graphlink update {directory}")


@workspace_commands.command(name="upgrade", examples=("graphlink workspace upgrade ws",))
@workspace_argument
def upgrade_command(directory: Path) -> None:
    """Bring the database of DIR up to date with this version; back it up first."""
    from graphlink.workspace.folder import upgrade_workspace

    upgrade_workspace(directory)
    print_message(f"{directory} is up to date")


@workspace_commands.command(name="show", examples=("graphlink workspace show ws",))
@workspace_argument
@form_option
def show_command(directory: Path, form: Form) -> None:
    """Show the last run of DIR, and how much work is open."""
    with opened(directory) as workspace:
        overview, returned = workspace.overview(), workspace.returns()
    news = returned.plain()
    if form == "json":
        write_json(overview | news, sys.stdout)
        return
    write_facts(overview, form, sys.stdout)
    if form == "table":
        _write_news({"alerts": [], "returns": news["returns"]})


@workspace_commands.command(
    name="adopt-model", examples=('graphlink workspace adopt-model ws model.json --why "spring" --by ana',)
)
@workspace_argument
@click.argument("model", type=place)
@why_option
@by_option
def adopt_command(directory: Path, model: Path | str, why: str, by: str) -> None:
    """Use MODEL, a model.json or a result, for the next runs of DIR."""
    with opened(directory, by) as workspace:
        print_message(f"the next runs are weighed by M-{workspace.adopt_model(model, why)}")


@commands.command(examples=("graphlink update ws graphlink.toml --by ana",))
@workspace_argument
@click.argument("sources", metavar="[SOURCE...]", nargs=-1, type=place)
@click.option("--force", is_flag=True, help="Accept the run even if its checks fail.")
@click.option("--no-drift", is_flag=True, help="Do not check whether the model is out of date.")
@by_option
@spark_options
@engine_options
@form_option
@quiet_option
def update(
    directory: Path,
    sources: tuple[Path | str, ...],
    form: Form,
    by: str,
    limits: EngineSettings,
    **given: bool,
) -> None:
    """Run on the input of workspace DIR, check, and raise alerts.

    The input is what DIR/graphlink.toml names, or SOURCE. Exits with 3 if alerts were raised and with 4 if
    the run was refused; DIR/update.json has the details for a scheduler.
    """
    progress = None if given["quiet"] else ProgressLines(sys.stderr)
    with opened(directory, by) as workspace:
        done = workspace.update(
            sources[0] if len(sources) == 1 else sources or None,
            limits=limits,
            progress=progress,
            force=given["force"],
            drift=not given["no_drift"],
        )
    _write_update(done.summary, form)
    sys.exit(done.exit_code)


@commands.command(examples=("graphlink lineage ws K-1",))
@workspace_argument
@click.argument("name", metavar="[K-417]", required=False)
@form_option
def lineage(directory: Path, name: str | None, form: Form) -> None:
    """List the lineages of workspace DIR, or show one."""
    with opened(directory) as workspace:
        histories = [workspace.lineage(name)] if name else workspace.lineages()
    if name is None:
        rows: list[Mapping[str, object]] = [
            {
                "lineage": one.name,
                "accounts": one.stages[-1].n_accounts if one.stages else None,
                "p_same_operator": one.stages[-1].p_same_operator if one.stages else None,
                "change": _change(one),
                "cluster_id": one.stages[-1].cluster_id if one.is_present else "",
                "runs": len(one.stages),
                "cases": ", ".join(map(str, one.cases)),
                "goes_on_as": f"K-{one.goes_on_as}" if one.goes_on_as != one.number else "",
            }
            for one in histories
        ]
        columns = _SHORT if form == "table" else _LINEAGE
        write_sheets([Sheet("lineages", columns, rows)], form, sys.stdout)
        return
    (history,) = histories
    stages = [
        {
            "run": f"R-{one.run_no}",
            "data_until": shown_time(one.data_until, form),
            "change": one.change,
            "accounts": one.n_accounts,
            "joined": one.n_joined,
            "left": one.n_left,
            "p_same_operator": one.p_same_operator,
            "cluster_id": one.cluster_id,
        }
        for one in history.stages
    ]
    shown = _SHORT_STAGE if form == "table" else _STAGE
    write_sheets([Sheet(history.name, shown, stages)], form, sys.stdout)
    for sentence in history.events:
        print_message(sentence)


@commands.group(name="audit", cls=SubCommands)
def audit_commands() -> None:
    """Show or verify the audit log of a workspace."""


@audit_commands.command(name="show", examples=("graphlink audit show ws --last 20",))
@workspace_argument
@click.option("--last", type=click.IntRange(1), metavar="N", help="Only the last N events.")
@form_option
def show_log(directory: Path, last: int | None, form: Form) -> None:
    """List who did what in workspace DIR, and when."""
    with opened(directory) as workspace:
        log = workspace.log()
    rows = [
        {
            **one.event._asdict(),
            "at": shown_time(one.event.at, form),
            "payload": ", ".join(f"{name}: {value}" for name, value in one.payload.items()),
        }
        for one in (log[-last:] if last else log)
    ]
    columns = _EVENT if form == "table" else (*_EVENT, "hash")
    write_sheets([Sheet("events", columns, rows)], form, sys.stdout)


@audit_commands.command(name="verify", examples=("graphlink audit verify ws",))
@workspace_argument
@click.option(
    "--last-hash", default="", metavar="HASH", help="A hash kept elsewhere that the log must still hold."
)
@form_option
def verify_log(directory: Path, last_hash: str, form: Form) -> None:
    """Check that the log of workspace DIR is unchanged, and print its last hash."""
    with opened(directory) as workspace:
        write_facts(workspace.verify(last_hash)._asdict(), form, sys.stdout)


@commands.command(examples=("graphlink forget ws ACCOUNT --by ana",))
@workspace_argument
@click.argument("account")
@by_option
def forget(directory: Path, account: str, by: str) -> None:
    """Erase ACCOUNT from DIR, and list the results that hold it."""
    with opened(directory, by) as workspace:
        results = workspace.forget(account)
    print_message("erased from the rows, texts and snapshots of the workspace")
    for result in results:
        click.echo(result)
    if results:
        print_message("these results still hold it; remove them, or keep them where the law asks for it")


def _write_news(summary: Mapping[str, Any]) -> None:
    """The alerts of an update, and who came back."""
    sheets = [Sheet("alerts", _ALERT, summary["alerts"])] if summary["alerts"] else []
    if back := summary["returns"]:
        rows = [one | {"of": one["lineage"] or one["source"], "by": _by(one)} for one in back[:_MOST_RETURNS]]
        sheets.append(Sheet("came back", _BACK, rows))
    if sheets:
        write_sheets(sheets, "table", sys.stdout)
    if len(back) > _MOST_RETURNS:
        print_message(f"{len(back) - _MOST_RETURNS:,} more: graphlink returns DIR")


def _by(one: Mapping[str, Any]) -> str:
    """By what an account was noticed, in few words."""
    values = [f"{by['kind']} {by['value']}" for by in one["by"]]
    more = f" and {len(values) - 1:,} more" if len(values) > 1 else ""
    return f"{values[0]}{more}" if values else f"cluster {one['cluster_id']}"


def _change(history: History) -> str:
    """What became of a lineage in the last run, or where it went."""
    if history.is_present:
        return history.stages[-1].change
    return f"in K-{history.goes_on_as}" if history.goes_on_as != history.number else "gone"


def _write_update(summary: Mapping[str, Any], form: Form) -> None:
    if form == "json":
        write_json(summary, sys.stdout)
        return
    shown = ("run", "state", "result", "model", "data_until", "n_clusters")
    facts = {name: summary[name] for name in shown} | summary["changes"]
    write_facts(facts, form, sys.stdout)
    if form == "table":
        _write_news(summary)
    for fault in summary["faults"]:
        print_message(f"{'refused' if summary['state'] == 'refused' else 'accepted all the same'}: {fault}")
    if summary["forgotten_accounts_in_input"]:
        n = summary["forgotten_accounts_in_input"]
        print_message(f"warning: the input still holds accounts that were forgotten ({n:,} in clusters)")
    for warning in summary["warnings"]:
        print_message(f"warning: {warning}")
