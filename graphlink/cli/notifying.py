"""The commands of webhooks."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from graphlink.cli.group import SubCommands
from graphlink.cli.options import form_option, print_message
from graphlink.cli.workspaces import by_option, opened, shown_time, workspace_argument, workspace_commands
from graphlink.render.terminal import Form, Sheet, write_sheets

_WEBHOOK = ("webhook", "url", "secret_from", "added_by", "state")
_DELIVERY = ("delivery", "webhook", "run", "state", "attempts", "last_at", "outcome")


@workspace_commands.group(name="webhook", cls=SubCommands)
def webhook_commands() -> None:
    """Add, list or remove webhooks: each update sends them its alerts."""


@webhook_commands.command(
    name="add",
    examples=("graphlink workspace webhook add ws https://hook.example/in --secret-env HOOK",),
)
@workspace_argument
@click.argument("url")
@click.option("--secret-env", metavar="NAME", help="Variable of the environment that holds the secret.")
@click.option(
    "--secret-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="File that holds the secret.",
)
@click.option("--allow-private", is_flag=True, help="Allow addresses of private networks, and http.")
@by_option
def add_webhook(
    directory: Path,
    url: str,
    secret_env: str | None,
    secret_file: Path | None,
    *,
    allow_private: bool,
    by: str,
) -> None:
    """Send the alerts of workspace DIR to URL, signed with a secret."""
    if (secret_env is None) == (secret_file is None):
        raise click.UsageError("name the secret by --secret-env NAME or --secret-file FILE")
    secret_from = f"env:{secret_env}" if secret_file is None else f"file:{secret_file.resolve()}"
    with opened(directory, by) as workspace:
        number = workspace.webhooks.add(url, secret_from=secret_from, allow_private=allow_private)
    print_message(f"webhook {number}: the next update sends its alerts there")


@webhook_commands.command(name="list", examples=("graphlink workspace webhook list ws",))
@workspace_argument
@form_option
def list_webhooks(directory: Path, form: Form) -> None:
    """List the webhooks of workspace DIR."""
    with opened(directory) as workspace:
        rows = [
            {
                "webhook": one.number,
                "url": one.url,
                "secret_from": one.secret_from,
                "added_by": one.by,
                "state": "removed" if one.is_removed else "private allowed" if one.is_private else "",
            }
            for one in workspace.webhooks.all()
        ]
    write_sheets([Sheet("webhooks", _WEBHOOK, rows)], form, sys.stdout)


@webhook_commands.command(name="deliveries", examples=("graphlink workspace webhook deliveries ws",))
@workspace_argument
@form_option
def list_deliveries(directory: Path, form: Form) -> None:
    """List what was sent from workspace DIR, or waits to be."""
    with opened(directory) as workspace:
        rows = [
            {
                "delivery": one.number,
                "webhook": one.webhook,
                "run": f"R-{one.run_no}",
                "state": one.state,
                "attempts": one.n_attempts,
                "last_at": shown_time(one.last_at, form),
                "outcome": one.outcome,
            }
            for one in workspace.webhooks.deliveries()
        ]
    write_sheets([Sheet("deliveries", _DELIVERY, rows)], form, sys.stdout)


@webhook_commands.command(name="remove", examples=("graphlink workspace webhook remove ws 1 --by ana",))
@workspace_argument
@click.argument("number", type=int)
@by_option
def remove_webhook(directory: Path, number: int, by: str) -> None:
    """Send nothing to webhook NUMBER of workspace DIR any more."""
    with opened(directory, by) as workspace:
        workspace.webhooks.remove(number)
    print_message(f"webhook {number} is removed")
