"""The fold command: SQL that folds a log in its warehouse."""

from __future__ import annotations

import click

from graphlink.cli.options import commands
from graphlink.core.errors import SettingsError

_WAREHOUSES = ("snowflake", "bigquery", "databricks", "clickhouse", "postgresql", "duckdb")
_READ = """\
-- Export the rows as Parquet, and read them with:
--   [[sources]]
--   path = "folded/*.parquet"
--   time = "first_seen"
--   until = "last_seen"
--   count = "n"
--   moments = "moments"
"""


@commands.command(
    name="fold",
    examples=("graphlink fold logs --warehouse snowflake --account user --time ts",),
)
@click.argument("table")
@click.option("--warehouse", type=click.Choice(_WAREHOUSES), required=True, help="The SQL to write.")
@click.option("--account", required=True, metavar="COLUMN", help="Column of accounts.")
@click.option("--time", required=True, metavar="COLUMN", help="Column of times, a timestamp in UTC.")
@click.option(
    "--kind", "kinds", multiple=True, required=True, metavar="KIND=COLUMN", help="Column of a kind."
)
@click.option("--count", default="", metavar="COLUMN", help="Column of how often a row counts.")
def fold(*, table: str, warehouse: str, account: str, time: str, kinds: tuple[str, ...], count: str) -> None:
    """Print the SQL that folds the log TABLE in a warehouse.

    The result has one row per account, value and ten minutes. It is many times smaller than the log, and a
    run over it finds the same links.
    """
    from graphlink.ingest.folding import Log, folding_sql

    pairs = [kind.partition("=") for kind in kinds]
    wrong = next(
        (kind for kind, (name, _, column) in zip(kinds, pairs, strict=True) if not (name and column)), ""
    )
    if wrong:
        raise SettingsError(f"--kind: expected KIND=COLUMN, such as ip=client_ip, found {wrong!r}")
    log = Log(table, account, time, {name: column for name, _, column in pairs}, count)
    click.echo(f"{_READ}{folding_sql(log, warehouse)};")
