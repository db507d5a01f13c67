"""The export command: one page for a review, or the same subgraph in the formats of other tools."""

from __future__ import annotations

import dataclasses
import functools
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphlink.cli.options import commands, print_message, quiet_option, result_argument
from graphlink.core.errors import ResultError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from graphlink.export.formats import Export, ExportFormat
    from graphlink.export.subgraph import Limits, Subgraph
    from graphlink.result.redaction import Profile
    from graphlink.result.result import Result

    _Name = click.ParamType[str]
else:
    _Name = click.ParamType  # no generic before click 8.3


class _FormatName(_Name):
    """The name of an export format; the known formats are looked up on use, since plugins add some."""

    name = "format"

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:  # noqa: ARG002 - of click
        from graphlink.export.formats import format_names

        return f"[{'|'.join(format_names())}]"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from graphlink.export.formats import format_names

        names = format_names()
        if value not in names:
            self.fail(f"{value!r} is none of {', '.join(names)}", param, ctx)
        return value


@dataclass(frozen=True, slots=True)
class _Subject:
    """The subject of an export: exactly one of them."""

    cluster: str | None
    account: str | None
    path: tuple[str, str] | None
    select: tuple[str, ...]

    def check(self) -> None:
        given = [part for part in (self.cluster, self.account, self.path, self.select) if part]
        if len(given) != 1:
            raise click.UsageError("give exactly one of --cluster, --account, --path, --select")


@dataclass(frozen=True, slots=True)
class _Target:
    """Where an export goes, and in which format."""

    form: str
    out: Path | None
    overwrite: bool


@dataclass(frozen=True, slots=True)
class _Readers:
    """What readers may see, and the key of their pseudonyms."""

    profile: str
    key_file: Path | None


def _packed(name: str, kind: type, *options: Callable[..., Any]) -> Callable[..., Any]:
    """Add options to a command, which gets them as one value of a name: the fields are the options'."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(command)
        def packing(**options: Any) -> None:
            fields = {field.name: options.pop(field.name) for field in dataclasses.fields(kind)}
            command(**options, **{name: kind(**fields)})

        for option in reversed(options):
            packing = option(packing)
        return packing

    return decorate


_subject_options = _packed(
    "subject",
    _Subject,
    click.option("--cluster", metavar="ID", help="Export a cluster."),
    click.option("--account", metavar="ACCOUNT", help="Export an account and its linked accounts."),
    click.option("--path", nargs=2, metavar="ACCOUNT ACCOUNT", help="Export the paths between two accounts."),
    click.option("--select", multiple=True, metavar="ACCOUNT", help="Export these accounts (repeatable)."),
)
_target_options = _packed(
    "target",
    _Target,
    click.option(
        "--format", "form", type=_FormatName(), default="html", show_default=True, help="Output format."
    ),
    click.option(
        "--out",
        type=click.Path(path_type=Path),
        help="File, or folder for formats with one file per table; - writes to standard output.",
    ),
    click.option("--overwrite", is_flag=True, help="Replace an earlier export."),
)

_readers_options = _packed(
    "readers",
    _Readers,
    click.option(
        "--profile", default="investigator", show_default=True, metavar="NAME|FILE",
        help="Redaction profile: investigator, legal, partner, or a TOML file.",
    ),
    click.option("--key-file", type=click.Path(path_type=Path), help="Key file for pseudonyms."),
)  # fmt: skip


@commands.command(
    examples=(
        "graphlink export --cluster C-4edd",
        "graphlink export --cluster C-4edd --profile legal --key-file key",
        "graphlink export --account a17 --format graphml --out a17.graphml",
    )
)
@result_argument
@_subject_options
@_target_options
@_readers_options
@click.option(
    "--most", type=click.IntRange(min=2), metavar="N",
    help="Maximum number of accounts (default: 1,000 for html, unlimited for csv and parquet, else 5,000).",
)  # fmt: skip
@quiet_option
def export(
    result: Path,
    *,
    subject: _Subject,
    target: _Target,
    readers: _Readers,
    most: int | None,
    quiet: bool,
) -> None:
    """Export a cluster, neighbourhood, path or selected accounts.

    The page (html) is one self-contained file that opens offline. A profile redacts values before anything is
    written; arguments name clusters and accounts by their ids in RESULT.
    """
    from graphlink.export.formats import Export, format_of
    from graphlink.result.lookup import find_cluster
    from graphlink.result.redaction import read_profile
    from graphlink.result.result import read_result

    subject.check()
    allowed = read_profile(readers.profile)
    opened = read_result(result)
    opened.verify()
    if subject.cluster is not None:
        subject = dataclasses.replace(subject, cluster=find_cluster(opened, subject.cluster))
    shown = _redacted(opened, allowed, readers.key_file)
    form = format_of(target.form)
    subgraph = _subgraph(shown, subject, _limits(form, most))
    out = target.out if target.out is not None else Path(_name(subgraph, form))
    export = Export(subgraph, shown.manifest, shown, allowed.sentences())
    _write(export, form, out, overwrite=target.overwrite)
    if str(out) == "-":
        return
    print_message(f"wrote {out}: {len(subgraph.accounts):,} accounts, profile {allowed.name}", quiet=quiet)
    for sentence in subgraph.left_out:
        print_message(f"  {sentence}", quiet=quiet)


def _redacted(result: Result, profile: Profile, key_file: Path | None) -> Result:
    from graphlink.kinds import read_key
    from graphlink.result.redaction import redact

    return redact(result, profile, None if key_file is None else read_key(key_file, "--key-file"))


def _limits(form: ExportFormat, most: int | None) -> Limits:
    from graphlink.export.subgraph import Limits

    n_nodes = form.most_nodes if most is None else most
    return Limits(n_nodes, n_nodes, form.most_links)


def _subgraph(result: Result, subject: _Subject, limits: Limits) -> Subgraph:
    from graphlink.export.subgraph import accounts_subgraph, cluster_subgraph, neighbourhood_subgraph
    from graphlink.result.redaction import Redacted

    names = result if isinstance(result, Redacted) else None

    def shown(account: str) -> str:
        return account if names is None else names.name_of_account(account)

    if subject.cluster is not None:
        cluster = subject.cluster if names is None else names.name_of_cluster(subject.cluster)
        return cluster_subgraph(result, cluster, limits)
    if subject.account is not None:
        return neighbourhood_subgraph(result, shown(subject.account), limits)
    if subject.path is not None:
        accounts = _accounts_between(result, shown(subject.path[0]), shown(subject.path[1]))
        return accounts_subgraph(result, accounts, limits, "path")
    return accounts_subgraph(result, [shown(account) for account in subject.select], limits)


def _accounts_between(result: Result, start: str, end: str) -> list[str]:
    """The accounts on the strongest and the shortest paths between two."""
    from graphlink.explanations import find_paths

    paths = find_paths(result, start, end)
    accounts = [
        node.account_id
        for path in (*paths.strongest, *paths.shortest)
        for node in path.nodes
        if node.account_id is not None
    ]
    if not accounts:
        raise ResultError("no path of links connects the two accounts")
    return list(dict.fromkeys(accounts))


def _name(subgraph: Subgraph, form: ExportFormat) -> str:
    """A file name that contains no data except a cluster's id."""
    from graphlink.core.schema import check_cluster_id

    if subgraph.what == "cluster":
        check_cluster_id(subgraph.name)
    stem = subgraph.name if subgraph.what == "cluster" else f"graphlink-{subgraph.what}"
    return f"{stem}{form.suffix}"


def _write(export: Export, form: ExportFormat, target: Path, *, overwrite: bool) -> None:
    from graphlink.export.formats.folders import export_files, write_export_folder
    from graphlink.storage.atomic import whole_folder, write_whole_file, writing

    if form.is_folder:
        if str(target) == "-":
            raise click.UsageError(f"{form.name} is a folder of tables; name it with --out")
        with whole_folder(target, overwrite=overwrite, listed=export_files) as folder, writing(target):
            write_export_folder(export, form, folder)
        return
    content = form.content(export)
    if str(target) == "-":
        sys.stdout.buffer.write(content)
        return
    write_whole_file(target, content, overwrite=overwrite)
