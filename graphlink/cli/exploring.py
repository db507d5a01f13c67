"""The command that serves a result to a browser."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import click

from graphlink.cli.listening import Listening, listening_options
from graphlink.cli.options import commands, read_since, result_argument

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
@listening_options
@click.option(
    "--since",
    metavar="RESULT|DATE",
    help="Mark accounts that joined since an earlier result or a date as new.",
)
def explore(*, result: Path, since: str | None, listening: Listening) -> None:
    """Open RESULT in a browser: queue, graphs, timelines, reasons.

    The server listens on this machine only, unless --host is given, and answers only requests with the
    printed link (valid once) or the token (--print-token). RESULT is not changed. Ctrl-C stops the server.
    """
    from graphlink.explorer.server import serve
    from graphlink.export.formats import describe_formats
    from graphlink.result.result import read_result
    from graphlink.workspace.lineage_names import lineages_of_result

    opened = read_result(result)
    with contextlib.ExitStack() as stack:

        def announce(access: Access) -> None:
            listening.announce(access, stack, "Ctrl-C stops the server")

        serve(
            opened,
            listening.host,
            listening.port,
            listening.allow_host,
            since=read_since(since),
            formats=describe_formats(),
            lineages=lineages_of_result(result),
            when_up=announce,
        )
