"""Sources -> observations, accounts and rows rejected: map, clean, and reject what can't be used.

No row is lost in silence: every row of the input is kept, rejected with a reason, or counted as empty. Values
are hashed here where the settings name their kind, so that no later table holds them.

Names become numbers here, once: joins on integers are what makes a run fast. `observations` is a query of the
numbered `sightings`, `account_numbers` and `observed_values`, and stored nowhere until the result is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.core.errors import InputError
from graphlink.core.schema import INPUT_ACCOUNTS, REJECTED_ROWS
from graphlink.core.tables.facts import FACT_CATEGORIES, FACT_DAYS, FACT_HOURS
from graphlink.core.tables.ingest import (
    ACCOUNT_NUMBERS,
    ADDRESS_NAMES,
    ADDRESSES,
    INPUT_INCIDENCE,
    INPUT_SIGHTINGS,
    INPUT_VALUES,
)
from graphlink.engine.stage import step
from graphlink.ingest.observations.accounts import make_accounts, read_accounts, report_accounts
from graphlink.ingest.observations.call_facts import clean_facts, gather_facts
from graphlink.ingest.observations.cleaning import clean_cells, name_accounts
from graphlink.ingest.observations.column_report import report_columns
from graphlink.ingest.observations.earlier import all_source_facts, load_earlier
from graphlink.ingest.observations.facts import facts_of
from graphlink.ingest.observations.intake import Intake, hashing_of, is_hashing_accounts
from graphlink.ingest.observations.numbered import gather_cells, number_names
from graphlink.ingest.observations.places import accounts_source, sources_of
from graphlink.ingest.observations.reading import read_source
from graphlink.ingest.observations.source_report import report_source
from graphlink.ingest.observations.spelling_variants import merged_accounts, merged_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphlink.core.settings import Settings
    from graphlink.engine import Reader
    from graphlink.ingest.observations.read_before import Earlier


@step(
    "observations",
    "read and clean the input, reject bad rows",
    makes=(
        *(INPUT_SIGHTINGS, REJECTED_ROWS, INPUT_ACCOUNTS, INPUT_INCIDENCE, INPUT_VALUES, ACCOUNT_NUMBERS),
        *(ADDRESSES, ADDRESS_NAMES, FACT_CATEGORIES, FACT_HOURS, FACT_DAYS),
    ),
    counted=(INPUT_SIGHTINGS, REJECTED_ROWS, INPUT_ACCOUNTS),
    share=0.17,
)
def collect_observations(
    engine: Reader,
    settings: Settings,
    frames: Mapping[str, object] | None = None,
    earlier: Earlier | None = None,
) -> dict[str, object]:
    """Read every source, reject bad rows, and number accounts and values in the order of their names.

    The result does not depend on the order of the input. These tables are as read: `add_routers` makes the
    final ones.

    Args:
        engine: Where the tables are made.
        settings: The sources, and what is cleaned and hashed on ingest.
        frames: pandas DataFrames or Arrow tables by name; one that no source names is taken as a long source.
        earlier: What an earlier result keeps of files read before; only others are read.

    Returns:
        Facts for the manifest: per source rows read, kept and rejected by reason; per kind rows, accounts,
        values and time span; warnings.

    Raises:
        InputError: A source can't be read, or nothing in it can be used.
        SettingsError: The settings can't be applied.
    """
    facts = check_input(engine, settings, frames, earlier)
    if not facts["n_observations"]:
        counts = facts["rejected_rows"]
        reasons = (
            ", ".join(f"{n} {reason}" for reason, n in counts.items()) if isinstance(counts, dict) else ""
        )
        raise InputError(
            f"no observation is left of {facts['rows_read']} rows"
            + (
                f"; rejected were {reasons}; `graphlink check` shows examples"
                if reasons
                else ": the sources are empty"
            )
        )
    return facts


def check_input(
    engine: Reader,
    settings: Settings,
    frames: Mapping[str, object] | None = None,
    earlier: Earlier | None = None,
    *,
    describes_columns: bool = False,
) -> dict[str, object]:
    """Read everything as `collect_observations` does, and report; here it is no error if no row is usable.

    Args:
        engine: Where the tables are made.
        settings: The sources, and what is cleaned and hashed on ingest.
        frames: pandas DataFrames or Arrow tables by name.
        earlier: What an earlier result keeps of files read before.
        describes_columns: Whether to report also what became of each column, as `columns`.
    """
    intake = Intake(engine, settings, *hashing_of(settings), earlier=earlier)
    empty = ", ".join(f"NULL::{column.type} AS {column.name}" for column in REJECTED_ROWS.columns)
    engine.make("rejected_rows", f"SELECT {empty} WHERE false")
    frames = dict(frames or {})
    accounts = accounts_source(settings, frames)
    numbered = dict(enumerate(sources_of(settings, frames)))
    if not numbered:
        raise InputError("no source of observations; name files, or sources in graphlink.toml")
    sources = {i: one for i, one in numbered.items() if not intake.has_read(i)}
    reads = [read_source(intake, i, source, frame) for i, (source, frame) in sources.items()]
    account_read = read_accounts(intake, *accounts) if accounts else None
    if not (earlier or any(read.cells or read.bad_kinds for read in reads)):
        raise InputError("no source of observations: all have facts only; map identifiers by kinds")
    clean_cells(intake, reads)
    clean_facts(intake, reads)
    staged = [read.staged.table for read in reads] + ([account_read.staged.table] if account_read else [])
    intake.warnings += merged_values(engine, intake.hashed)
    intake.warnings += merged_accounts(engine, staged, is_hashed=is_hashing_accounts(intake))
    name_accounts(intake, staged)
    load_earlier(engine, earlier)
    read_facts = {i: report_source(intake, read) for i, read in zip(sources, reads, strict=True)}
    columns = [
        about
        for read, (source, _) in zip(reads, sources.values(), strict=True)
        if describes_columns
        for about in report_columns(intake, read, source)
    ]
    account_facts = report_accounts(intake, account_read) if account_read else None
    number_names(intake, reads, account_read)
    gather_cells(intake, reads)
    gather_facts(intake, reads)
    make_accounts(intake, account_read)
    _warn_of_kinds_not_hashed(intake)
    source_facts = all_source_facts(earlier, read_facts)
    return facts_of(intake, source_facts, account_facts) | ({"columns": columns} if describes_columns else {})


def _warn_of_kinds_not_hashed(intake: Intake) -> None:
    """Warn of kinds to be hashed that no source has: under another name they would be stored in the clear."""
    names = {kind.name for kind in intake.kinds}
    names |= set(intake.earlier.facts["kinds"]) if intake.earlier else set()
    known = names.union(
        {"account"}, *({name for name, _ in kind.generalizations_sql} for kind in intake.kinds)
    )
    for name in sorted(set(intake.settings.pseudonymize.kinds) - known):
        intake.warnings.append(
            f"pseudonymize.kinds: no source has the kind {name!r}, so nothing of it was hashed; the kinds "
            f"are {', '.join(sorted(names)[:20])}"
        )
