"""The command that serves a workspace, and those of its tokens."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphlink.cli.group import SubCommands
from graphlink.cli.options import commands, form_option, print_message, quiet_option
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
@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="Port to listen on (0: a free one).")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--allow-host",
    multiple=True,
    metavar="NAME[:PORT]",
    help="Accept this host name in requests too (with the port, behind a proxy), such as box.example:443.",
)
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
@click.option("--groups-header", metavar="NAME", help="Header in which it states the groups, by commas.")
@click.option("--sign-in", is_flag=True, help="People sign in with the provider that workspace.toml names.")
@click.option(
    "--client-secret-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Its secret for this server (default: GRAPHLINK_CLIENT_SECRET; none for a public client).",
)
@click.option("--no-browser", is_flag=True, help="Print the link without opening a browser.")
@click.option("--print-token", is_flag=True, help="Print the bearer token for scripts to stderr.")
@by_option
@quiet_option
def serve(  # noqa: PLR0913 - one per option
    *,
    directory: Path,
    port: int,
    host: str,
    allow_host: tuple[str, ...],
    socket_path: Path | None,
    user_header: str | None,
    groups_header: str | None,
    sign_in: bool,
    client_secret_file: Path | None,
    no_browser: bool,
    print_token: bool,
    by: str,
    quiet: bool,
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
    place = Place(host, port, allow_host, socket_path)
    with opened(directory, by) as workspace, contextlib.ExitStack() as stack:

        def announce(access: Access) -> None:
            from graphlink.explorer.guard import is_loopback
            from graphlink.explorer.server import opened_in_browser

            if not is_loopback(host):
                print_message(
                    f"other machines can reach this server on {host}: traffic is not encrypted, so put a "
                    "proxy with TLS in front of it, and name it with --allow-host NAME:443",
                    quiet=quiet,
                )
            if socket_path is not None:
                print_message(f"listening on {socket_path}; Ctrl-C stops the server", quiet=quiet)
                return
            if sign_in:
                click.echo(access.origins(*(allow_host or access.hosts)[:1])[0])
                print_message("people sign in there; Ctrl-C stops the server", quiet=quiet)
                return
            click.echo(access.link())
            if print_token:  # only on request: a log would keep the token as long as the server lives
                click.echo(f"for scripts: Authorization: Bearer {access.token}", err=True)
            print_message(f"changes carry the name {by}; Ctrl-C stops the server", quiet=quiet)
            if not no_browser:
                stack.enter_context(opened_in_browser(access.link()))

        formats = describe_formats()
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
    """Revoke token NUMBER of workspace DIR: it opens nothing from now on."""
    with opened(directory, by) as workspace:
        workspace.tokens.revoke(number)
    print_message(f"token {number} is revoked")
