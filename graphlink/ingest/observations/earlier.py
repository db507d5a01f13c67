"""What an earlier result keeps of its input -> what reading the same files again would give.

An update reads new files only. Observations, rejected rows and counts of the files read before come from the
result: cleaned, hashed and summed up, so they join the new ones where numbers are given to names. The table
of accounts, reference lists and labels are read whole in each run, as they are today.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from graphlink.core.errors import InputError, ResultError, TableError
from graphlink.core.schema import OBSERVATIONS, REJECTED_ROWS
from graphlink.core.sql import quoted_text
from graphlink.engine import FileSet
from graphlink.ingest.observations.rejected_rows import MOST_LISTED_PER_REASON

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphlink.core.stages import TableSpec
    from graphlink.engine import Reader
    from graphlink.ingest.observations.read_before import Earlier, ReadBefore

_OBSERVATIONS = dataclasses.replace(OBSERVATIONS, name="earlier_observations")
_REJECTED_ROWS = dataclasses.replace(REJECTED_ROWS, name="earlier_rejected_rows")
_TABLE = _OBSERVATIONS.name
_SUMMED = ("rows_read", "rows_rejected", "lines_rejected")


def load_earlier(engine: Reader, earlier: Earlier | None) -> None:
    """Make `earlier_observations` of what an earlier result has read, and add its rows to `rejected_rows`."""
    if earlier is None:
        return
    kinds = ", ".join(map(quoted_text, earlier.added_kinds))
    _load(engine, _OBSERVATIONS, earlier.observations, f"WHERE kind NOT IN ({kinds})" if kinds else "")
    _load(engine, _REJECTED_ROWS, earlier.rejected_rows)
    names = ", ".join(map(quoted_text, earlier.accounts_files))
    of_sources = f"WHERE source NOT IN ({names})" if names else ""
    columns = ", ".join(_REJECTED_ROWS.column_names)
    engine.append("rejected_rows", f"SELECT {columns} FROM {_REJECTED_ROWS.name} {of_sources}")
    engine.drop(_REJECTED_ROWS.name)


def _load(engine: Reader, spec: TableSpec, files: tuple[str, ...], condition: str = "") -> None:
    """Load a table of the earlier result, and hold it against its contract: a result is a file to others."""
    columns = ", ".join(spec.column_names)
    try:
        engine.read_files(spec.name, FileSet(files, "parquet"), f"SELECT {columns} FROM arriving {condition}")
        spec.check_made(engine)
        spec.check_rows(engine)
    except (InputError, TableError) as error:
        raise ResultError(f"{files[0]}: not as a run writes it ({error}); run it again") from None


def earlier_values_sql(earlier: Earlier | None) -> str:
    """Query that adds the kinds and values of an earlier result to those read; empty without one."""
    return f" UNION ALL SELECT DISTINCT kind, value FROM {_TABLE}" if earlier else ""


def earlier_accounts_sql(earlier: Earlier | None) -> str:
    """Query that adds the accounts of an earlier result to those read; empty without one."""
    return f" UNION ALL SELECT DISTINCT account_id FROM {_TABLE}" if earlier else ""


def earlier_cells_sql(earlier: Earlier | None, *, folds: bool) -> list[str]:
    """Queries of the numbered sightings of an earlier result; none without one.

    Args:
        earlier: The earlier result.
        folds: Whether new rows stand for several, so that each has the number of moments in between.
    """
    if earlier is None:
        return []
    between = ", 0::BIGINT AS n_between" if folds else ""
    cells = (
        f"SELECT a.account_no, v.value_no, e.seen_at, e.n{between} FROM {_TABLE} e "
        "JOIN input_values v ON v.kind = e.kind AND v.value = e.value "
        "JOIN account_numbers a ON a.account_id = e.account_id"
    )
    return [cells]


def drop_earlier(engine: Reader) -> None:
    """Drop what `load_earlier` made, once every sighting has its numbers."""
    engine.drop(_TABLE)


def all_source_facts(earlier: Earlier | None, read: Mapping[int, dict[str, Any]]) -> list[dict[str, Any]]:
    """The facts of every source, as a run that reads all of them would report them.

    Args:
        earlier: The earlier result.
        read: Number of a source to the facts of what was read of it now.
    """
    if earlier is None:
        return list(read.values())
    last = max((*read, *earlier.before), default=-1)
    own = [_joined(earlier.before.get(i), read.get(i)) for i in range(last + 1)]
    return [*map(dict, earlier.sources), *own]


def _joined(before: ReadBefore | None, read: dict[str, Any] | None) -> dict[str, Any]:
    """The facts of a source of which some files were read before, and others now."""
    if before is None or read is None:
        return read if read is not None else dict(before.facts if before else {})
    counts = dict(read["rejected_rows"])
    for reason, n in before.facts["rejected_rows"].items():
        if n + counts.get(reason, 0) > MOST_LISTED_PER_REASON and reason in counts:
            raise InputError(
                f"{read['name']}: more than {MOST_LISTED_PER_REASON:,} rows are rejected as {reason}, of "
                "which a run lists the first; only a run over all files knows which these are: run without "
                "an update"
            )
        counts[reason] = n + counts.get(reason, 0)
    places = {name: i for i, name in enumerate(before.files)}
    inputs = [*before.facts["inputs"], *read["inputs"]]
    return read | {
        "inputs": sorted(inputs, key=lambda one: places[str(one["name"])]),
        "rejected_rows": dict(sorted(counts.items(), key=lambda one: (-one[1], one[0]))),
        **{name: before.facts[name] + read[name] for name in _SUMMED},
    }
