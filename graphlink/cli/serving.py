"""The command that serves a workspace, and those of its tokens."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphlink.cli.group import SubCommands
from graphlink.cli.listening import Listening, listening_options
from graphlink.cli.options import commands, form_option, print_message
from graphlink.cli.workspaces import by_option, opened, shown_time, workspace_argument, workspace_commands
from graphlink.core.errors import SettingsError
from graphlink.render.terminal import Form, Sheet, write_sheets

if TYPE_CHECKING:
    from graphlink.explorer.guard import Access

_ROLES = ("viewer", "investigator", "lead", "admin", "auditor")
_SHORT = ("token", "title", "person", "role", "expires_at", "state")
_TOKEN = (*_SHORT, "made_by", "made_at", "revoked_at")


@commands.command(
    examples=(
        "graphlink serve ws",
        "graphlink serve ws --no-browser --port 8765 --print-token",
        "graphlink serve ws --socket /run/ws.sock --user-header X-Forwarded-User",
    )
)
@workspace_argument
@listening_options
@click.option(
    "--socket",
    "socket_path",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Listen on this socket of the file system instead, for a proxy that signs people in.",
)
@click.option(
    "--user-header", metavar="NAME", help="Header in which the proxy states the user; with --socket."
)
@click.option(
    "--groups-header", metavar="NAME", help="Header in which it states the groups, separated by commas."
)
@click.option("--sign-in", is_flag=True, help="People sign in with the provider that workspace.toml names.")
@click.option(
    "--client-secret-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Its secret for this server (default: GRAPHLINK_CLIENT_SECRET; none for a public client).",
)
@by_option
def serve(  # noqa: PLR0913 - one per way of knowing people
    *,
    directory: Path,
    socket_path: Path | None,
    user_header: str | None,
    groups_header: str | None,
    sign_in: bool,
    client_secret_file: Path | None,
    by: str,
    listening: Listening,
) -> None:
    """Serve workspace DIR: its newest result and its cases.

    Without --socket it listens on this machine only, unless --host is given, and answers only requests with
    the printed link (valid once), the token (--print-token) or a token of `graphlink workspace token`. With
    --socket a proxy states who each request is from, with --sign-in people sign in with a provider of OpenID
    Connect. Ctrl-C stops the server.
    """
    from graphlink.export.formats import describe_formats
    from graphlink.team.server import Place, serve_behind_proxy, serve_local, serve_with_sign_in

    _check_ways(socket_path, user_header, groups_header, sign_in=sign_in)
    place = Place(listening.host, listening.port, listening.allow_host, socket_path)
    formats = describe_formats()
    with opened(directory, by) as workspace, contextlib.ExitStack() as stack:

        def announce(access: Access) -> None:
            if socket_path is not None:
                listening.hint(f"listening on {socket_path}; Ctrl-C stops the server")
            elif sign_in:
                click.echo(access.origins(*(listening.allow_host or access.hosts)[:1])[0])
                listening.hint("people sign in there; Ctrl-C stops the server")
            else:
                listening.announce(access, stack, f"changes carry the name {by}; Ctrl-C stops the server")

        if user_header is not None:
            headers = (user_header, groups_header or "")
            serve_behind_proxy(workspace, place, headers, formats=formats, when_up=announce)
        elif sign_in:
            secret = _secret_in(client_secret_file)
            serve_with_sign_in(workspace, place, secret, formats=formats, when_up=announce)
        else:
            serve_local(workspace, place, formats=formats, when_up=announce)


def _secret_in(file: Path | None) -> str:
    from graphlink.core.small_files import read_regular

    if file is None:
        return os.environ.get("GRAPHLINK_CLIENT_SECRET", "")
    return read_regular(file, f"client secret {file}", most_bytes=4_096, error=SettingsError).decode().strip()


def _check_ways(
    socket_path: Path | None, user_header: str | None, groups_header: str | None, *, sign_in: bool
) -> None:
    if (socket_path is None) != (user_header is None):
        raise click.UsageError(
            "--socket and --user-header go together: on an address anybody could send such a header"
        )
    if groups_header is not None and user_header is None:
        raise click.UsageError("--groups-header goes with --user-header")
    if sign_in and socket_path is not None:
        raise click.UsageError("--sign-in or --socket: people are known in one way")


@workspace_commands.group(name="token", cls=SubCommands)
def token_commands() -> None:
    """Make, list or revoke tokens: by them scripts use a served workspace."""


@token_commands.command(
    name="add",
    examples=("graphlink workspace token add ws cron --for ana --role viewer --days 30",),
)
@workspace_argument
@click.argument("title")
@click.option("--for", "person", metavar="NAME", help="Who acts by it (default: who makes it).")
@click.option("--role", type=click.Choice(_ROLES), required=True, help="What it may do.")
@click.option(
    "--days", type=click.IntRange(1, 3_650), default=90, show_default=True, help="Days until it ends."
)
@by_option
def add_token(directory: Path, title: str, person: str | None, role: str, days: int, by: str) -> None:
    """Make a token called TITLE for workspace DIR, and print it once; it is kept as a hash."""
    with opened(directory, by) as workspace:
        click.echo(workspace.tokens.add(title, person=person or by, role=role, days=days))
    print_message("it is not shown again; send it as `Authorization: Bearer TOKEN`")


@token_commands.command(name="list", examples=("graphlink workspace token list ws",))
@workspace_argument
@form_option
def list_tokens(directory: Path, form: Form) -> None:
    """List the tokens of workspace DIR, without their secrets."""
    with opened(directory) as workspace:
        at = workspace.now()
        tokens = workspace.tokens.all()
    rows = [
        {
            "token": one.number,
            "title": one.title,
            "person": one.person,
            "role": one.role,
            "expires_at": shown_time(one.expires_at, form),
            "state": "revoked" if one.revoked_at else "valid" if one.is_valid(at) else "expired",
            "made_by": one.made_by,
            "made_at": one.made_at,
            "revoked_at": one.revoked_at,
        }
        for one in tokens
    ]
    write_sheets([Sheet("tokens", _SHORT if form == "table" else _TOKEN, rows)], form, sys.stdout)


@token_commands.command(name="revoke", examples=("graphlink workspace token revoke ws 1 --by ana",))
@workspace_argument
@click.argument("number", type=int)
@by_option
def revoke_token(directory: Path, number: int, by: str) -> None:
    """Revoke token NUMBER of workspace DIR: it no longer works."""
    with opened(directory, by) as workspace:
        workspace.tokens.revoke(number)
    print_message(f"token {number} is revoked")
