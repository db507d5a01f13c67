"""The command that serves a result to a browser."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import click

from graphlink.cli.lineage_names import lineage_names
from graphlink.cli.options import commands, print_message, quiet_option, read_since, result_argument

if TYPE_CHECKING:
    from pathlib import Path

    from graphlink.explorer.guard import Access


@commands.command(
    examples=(
        "graphlink explore",
        "graphlink explore /data/april --since /data/march",
        "graphlink explore --no-browser --port 8765",
    )
)
@result_argument
@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="Port to listen on (0: a free one).")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--allow-host",
    multiple=True,
    metavar="NAME[:PORT]",
    help="Accept this host name in requests too (with the port, behind a proxy), such as box.example:443.",
)
@click.option("--no-browser", is_flag=True, help="Print the link without opening a browser.")
@click.option(
    "--since",
    metavar="RESULT|DATE",
    help="Mark accounts that joined since an earlier result or a date as new.",
)
@click.option("--print-token", is_flag=True, help="Print the bearer token for scripts to stderr.")
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
    """Open RESULT in a browser: queue, graphs, timelines, reasons.

    The server listens on this machine only, unless --host is given, and answers only requests with the
    printed link (valid once) or the token (--print-token). RESULT is not changed. Ctrl-C stops the server.
    """
    from graphlink.explorer.guard import is_loopback
    from graphlink.explorer.server import opened_in_browser, serve
    from graphlink.export.formats import describe_formats
    from graphlink.result.result import read_result

    opened = read_result(result)
    with contextlib.ExitStack() as stack:

        def announce(access: Access) -> None:
            click.echo(access.link())
            # Only on request: a log would keep the token as long as the server lives.
            if print_token:
                click.echo(f"for scripts: Authorization: Bearer {access.token}", err=True)
            if not is_loopback(host):
                print_message(
                    f"other machines can reach this server on {host}: traffic is not encrypted, so put a "
                    "proxy with TLS in front of it, and name it with --allow-host NAME:443",
                    quiet=quiet,
                )
            print_message("Ctrl-C stops the server", quiet=quiet)
            if not no_browser:
                stack.enter_context(opened_in_browser(access.link()))

        serve(
            opened,
            host,
            port,
            allow_host,
            since=read_since(since),
            formats=describe_formats(),
            lineages=lineage_names(result),
            when_up=announce,
        )
