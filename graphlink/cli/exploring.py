"""The command that serves a result to a browser."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import click

from graphlink.cli.options import commands, quiet_option, read_since, result_argument, say

if TYPE_CHECKING:
    from pathlib import Path

    from graphlink.explorer.guard import Access


@commands.command()
@result_argument
@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="Port; else a free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--allow-host",
    multiple=True,
    metavar="NAME[:PORT]",
    help="A further name by which browsers may reach it; with the port of a proxy before it, such as "
    "box.example:443.",
)
@click.option("--no-browser", is_flag=True, help="Only print the link.")
@click.option(
    "--since", metavar="RESULT|DATE", help="What is new: who joined since an earlier result, or a date."
)
@click.option("--print-token", is_flag=True, help="Print the bearer token for scripts, to stderr.")
@quiet_option
def explore(  # noqa: PLR0913 - one per option
    *,
    result: Path,
    port: int,
    host: str,
    allow_host: tuple[str, ...],
    no_browser: bool,
    since: str | None,
    print_token: bool,
    quiet: bool,
) -> None:
    """Explore RESULT in a browser: the queue of clusters, search, graphs, timelines and reasons.

    The server listens on this machine only unless --host says otherwise, and answers only to who holds the
    printed link (it works once) or the token (--print-token). It changes nothing in RESULT. Ctrl-C ends it.
    """
    from graphlink.explorer.guard import is_loopback
    from graphlink.explorer.server import opened_in_browser, serve
    from graphlink.export.formats import describe_formats
    from graphlink.result.result import read_result

    found = read_result(result)
    with contextlib.ExitStack() as stack:

        def tell(access: Access) -> None:
            click.echo(access.link())
            # Not at each start: a log would hold it as long as the server lives.
            if print_token:
                click.echo(f"for scripts: Authorization: Bearer {access.token}", err=True)
            if not is_loopback(host):
                say(
                    f"others reach this server on {host}: what they send and get is not encrypted, so put a "
                    "proxy with TLS before it, and name it with --allow-host NAME:443",
                    quiet=quiet,
                )
            say("Ctrl-C ends it", quiet=quiet)
            if not no_browser:
                stack.enter_context(opened_in_browser(access.link()))

        serve(
            found, host, port, allow_host, since=read_since(since), formats=describe_formats(), when_up=tell
        )
