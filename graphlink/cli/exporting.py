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

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from graphlink.export.writing import Request

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

    def named(self) -> tuple[str, tuple[str, ...]]:
        """What it is, and the names it is of."""
        one = {"cluster": self.cluster, "account": self.account}
        given = {
            **{of: (name,) for of, name in one.items() if name},
            **({"path": self.path} if self.path else {}),
            **({"accounts": self.select} if self.select else {}),
        }
        if len(given) != 1:
            raise click.UsageError("give exactly one of --cluster, --account, --path, --select")
        return next(iter(given.items()))


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
        "graphlink export --account a17 --format appeal --out a17.appeal.html",
    )
)
@result_argument
@_subject_options
@_target_options
@_readers_options
@click.option(
    "--most", type=click.IntRange(min=2), metavar="N",
    help="Maximum number of accounts (default: 1,000 for html, all for csv, neo4j and parquet, else 5,000).",
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
    from graphlink.export.formats import format_of
    from graphlink.export.writing import make_export, name_of_export, write_export
    from graphlink.result.lookup import find_cluster
    from graphlink.result.result import read_result

    subject.named()  # its errors come before anything is read
    opened = read_result(result)
    if subject.cluster is not None:
        opened.verify()  # before a table of it is read
        subject = dataclasses.replace(subject, cluster=find_cluster(opened, subject.cluster))
    request = _request(subject, target.form, readers, most)
    form = format_of(target.form)
    if str(target.out) == "-" and form.is_folder:
        raise click.UsageError(f"{form.name} is a folder of tables; name it with --out")
    made = make_export(opened, request)
    out = target.out if target.out is not None else Path(name_of_export(made.subgraph, form))
    if str(out) == "-":
        sys.stdout.buffer.write(form.content(made))
        return
    write_export(made, form, out, overwrite=target.overwrite)
    n_accounts = len(made.subgraph.accounts)
    print_message(f"wrote {out}: {n_accounts:,} accounts, profile {request.profile.name}", quiet=quiet)
    for sentence in made.subgraph.left_out:
        print_message(f"  {sentence}", quiet=quiet)


def _request(subject: _Subject, form: str, readers: _Readers, most: int | None) -> Request:
    from graphlink.export.writing import Request
    from graphlink.kinds import read_key
    from graphlink.result.redaction import read_profile

    of, names = subject.named()
    key = None if readers.key_file is None else read_key(readers.key_file, "--key-file")
    return Request(of, names, form, most, read_profile(readers.profile), key)
