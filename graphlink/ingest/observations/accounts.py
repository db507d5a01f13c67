"""The table of accounts, where there is one -> `accounts`: every account that was observed or listed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphlink.core.errors import SettingsError
from graphlink.core.schema import ACCOUNTS, INPUT_ACCOUNTS
from graphlink.core.sql import quoted_name
from graphlink.engine import number
from graphlink.ingest.observations.closures import (
    abuse_columns,
    abuse_sql,
    known_abuse_sql,
    unmatched_warning,
)
from graphlink.ingest.observations.intake import Intake, is_hashing_accounts
from graphlink.ingest.observations.places import place_of
from graphlink.ingest.observations.rejected_rows import FAULTS
from graphlink.ingest.observations.source_report import list_rejected
from graphlink.ingest.observations.spelling_variants import alike_accounts, alike_values
from graphlink.ingest.sources.place import ColumnSpec
from graphlink.ingest.sources.stage import stage

if TYPE_CHECKING:
    from graphlink.core.settings import AccountSource
    from graphlink.ingest.sources.staged import Staged


@dataclass(frozen=True, slots=True)
class ReadAccounts:
    """The table of accounts as it was staged, and its settings."""

    staged: Staged
    source: AccountSource

    @property
    def attributes(self) -> tuple[str, ...]:
        """Columns that are carried through as they are."""
        return self.source.attributes


def read_accounts(intake: Intake, source: AccountSource, frame: object) -> ReadAccounts:
    """Stage the table of accounts.

    Raises:
        InputError: It can't be read, or lacks a column.
        SettingsError: An attribute has the name of a column of `accounts`.
    """
    clash = [name for name in source.attributes if name in ACCOUNTS.column_names]
    if clash:
        raise SettingsError(f"accounts.attributes: {clash[0]!r} is a column of its own; leave it out")
    specs = [ColumnSpec("account", source.account, "account")]
    for name in ("created_at", "closed_at", "status"):
        column = getattr(source, name)
        role = "text" if name == "status" else "any_time"
        specs.append(ColumnSpec(name, column, role, is_needed=column not in ("", name)))
    specs += abuse_columns(source)
    specs += [ColumnSpec(f"a{i}", column, "text") for i, column in enumerate(source.attributes)]
    place = place_of(source, frame, intake.settings)
    staged = stage(intake.engine, place, specs, "staged_accounts")
    intake.warnings += staged.warnings
    return ReadAccounts(staged, source)


def report_accounts(intake: Intake, read: ReadAccounts) -> dict[str, object]:
    """Make `account_rows`, one row per account of the table of accounts; give its facts."""
    engine, staged = intake.engine, read.staged
    attributes = "".join(f", a{i}" for i in range(len(read.attributes)))
    account = "s.account"
    join = ""
    if is_hashing_accounts(intake):
        account, join = "a.account_id", "JOIN account_names a ON a.raw = s.account"
    engine.make(
        "account_rows",
        f"""
        SELECT {account} AS account_id, s.created_at, s.closed_at, s.status,
            {abuse_sql(read.source, "s")} AS is_abuse{attributes}
        FROM {staged.table} s {join} WHERE s.fault IS NULL
        QUALIFY row_number() OVER (
            PARTITION BY s.account
            ORDER BY s.created_at NULLS LAST, s.closed_at NULLS LAST, s.status{attributes}
        ) = 1
        """,
    )
    engine.make("row_faults", FAULTS.format(row=staged.row, table=staged.table))
    n_usable = number(engine, f"SELECT count(*) FROM {staged.table} WHERE fault IS NULL")
    n_repeated = n_usable - number(engine, "SELECT count(*) FROM account_rows")
    if n_repeated:
        intake.warnings.append(
            f"{staged.name}: {n_repeated} rows repeat an account; of each the oldest was kept"
        )
    if unmatched := unmatched_warning(engine, read.source, staged.name):
        intake.warnings.append(unmatched)
    return list_rejected(intake, staged) | {"n_repeated": n_repeated}


def make_accounts(intake: Intake, read: ReadAccounts | None) -> None:
    """Make `input_accounts`: every account that was observed, or is in the table of accounts."""
    engine = intake.engine
    attributes = read.attributes if read else ()
    further = "".join(f", r.a{i} AS {quoted_name(name)}" for i, name in enumerate(attributes))
    engine.make(
        "input_accounts",
        f"""
        SELECT coalesce(h.account_id, r.account_id) AS account_id, r.created_at, r.closed_at, r.status,
            {known_abuse_sql(engine, "r")} AS is_abuse, h.first_seen, h.last_seen, coalesce(h.n, 0) AS n,
            coalesce(h.n_identifiers, 0) AS n_identifiers{further}
        FROM ({held_by_account_sql("input_incidence")}) h FULL
        JOIN account_rows r ON r.account_id = h.account_id
        """,
    )
    INPUT_ACCOUNTS.check_columns(engine, extra=True)
    if not is_hashing_accounts(intake):
        intake.warnings += alike_accounts(engine)
    intake.warnings += alike_values(engine)


def held_by_account_sql(held: str) -> str:
    """The query of what each account held in all, from a table like `incidence`."""
    return f"""
        SELECT a.account_id, h.first_seen, h.last_seen, h.n, h.n_identifiers
        FROM (
            SELECT account_no, min(first_seen) AS first_seen, max(last_seen) AS last_seen,
                   sum(n)::BIGINT AS n, count(*) AS n_identifiers
            FROM {held} GROUP BY account_no
        ) h JOIN account_numbers a ON a.account_no = h.account_no
    """
