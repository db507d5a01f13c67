"""What the commands that serve to a browser have in common: where they listen, and what they print."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from graphlink.cli.options import print_message, quiet_option

if TYPE_CHECKING:
    import contextlib
    from collections.abc import Callable

    from graphlink.explorer.guard import Access


@dataclass(frozen=True)
class Listening:
    """Where a server listens, and what it prints.

    Attributes:
        host: The address.
        port: The port; 0 takes a free one.
        allow_host: Further names that requests may name.
        no_browser: Whether no browser is opened.
        print_token: Whether the token for scripts is printed.
        quiet: Whether hints are suppressed.
    """

    host: str
    port: int
    allow_host: tuple[str, ...]
    no_browser: bool
    print_token: bool
    quiet: bool

    def announce(self, access: Access, stack: contextlib.ExitStack, hint: str) -> None:
        """Print the link, and the token if wanted, and open a browser until the stack is closed."""
        from graphlink.explorer.server import opened_in_browser

        click.echo(access.link())
        # Only on request: a log would keep the token as long as the server lives.
        if self.print_token:
            click.echo(f"for scripts: Authorization: Bearer {access.token}", err=True)
        self.hint(hint)
        if not self.no_browser:
            stack.enter_context(opened_in_browser(access.link()))

    def hint(self, text: str) -> None:
        """Print a hint, after a warning where other machines can reach the server."""
        from graphlink.explorer.guard import is_loopback

        if not is_loopback(self.host):
            print_message(
                f"other machines can reach this server on {self.host}: traffic is not encrypted, so put a "
                "proxy with TLS in front of it, and name it with --allow-host NAME:443",
                quiet=self.quiet,
            )
        print_message(text, quiet=self.quiet)


def listening_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a server; it takes them as `listening`."""

    @click.option(
        "--port", type=click.IntRange(0, 65_535), default=0, help="Port to listen on (0: a free one)."
    )
    @click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
    @click.option(
        "--allow-host",
        multiple=True,
        metavar="NAME[:PORT]",
        help="Accept this host name in requests too, behind a proxy with the port, such as box.example:443.",
    )
    @click.option("--no-browser", is_flag=True, help="Print the link without opening a browser.")
    @click.option("--print-token", is_flag=True, help="Print the bearer token for scripts to stderr.")
    @quiet_option
    @functools.wraps(command)
    def with_listening(
        *,
        host: str,
        port: int,
        allow_host: tuple[str, ...],
        no_browser: bool,
        print_token: bool,
        quiet: bool,
        **rest: Any,
    ) -> None:
        listening = Listening(host, port, allow_host, no_browser, print_token, quiet)
        command(**rest, listening=listening)

    return with_listening
