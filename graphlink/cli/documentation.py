"""The command that opens the documentation."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import click

import graphlink
from graphlink.cli.options import commands, print_message, quiet_option
from graphlink.core.errors import GraphlinkError

_PACKAGE = Path(graphlink.__file__).parent
_BUILD = "python -m sphinx docs build/docs"


def find_site(package: Path) -> Path:
    """The first page of the local copy of the site: in the package, or built in the checkout around it.

    Args:
        package: Folder of the package.

    Raises:
        GraphlinkError: There is none; the message says how to get one.
    """
    checkout = package.parent
    pages = [package / "static" / "docs" / "index.html", checkout / "build" / "docs" / "index.html"]
    for page in pages:
        if page.is_file():
            return page
    if (checkout / "docs" / "conf.py").is_file():
        raise GraphlinkError(
            f"the documentation is not built: in {checkout} run `pip install '.[docs]'` and `{_BUILD}`, "
            f"or read its pages as text in {checkout / 'docs'}"
        )
    raise GraphlinkError(
        "this installation has no copy of the documentation: its pages are in the folder docs of the source "
        f"distribution, where `{_BUILD}` builds the site; `graphlink COMMAND --help` describes a command"
    )


@commands.command(examples=("graphlink docs",))
@click.option("--no-browser", is_flag=True, help="Print the path without opening a browser.")
@quiet_option
def docs(*, no_browser: bool, quiet: bool) -> None:
    """Open the local copy of the documentation, and print its path."""
    page = find_site(_PACKAGE)
    click.echo(page)
    if not no_browser and not webbrowser.open(page.as_uri()):
        print_message("no browser could be opened", quiet=quiet)
