"""Facts of the reference files for the manifest, and the warnings of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.engine import number
from graphlink.ingest.reference_lists.databases import Lookup, shown_fields
from graphlink.ingest.reference_lists.read import N_NAMED

if TYPE_CHECKING:
    from graphlink.engine import Sql
    from graphlink.ingest.reference_lists.collected import ReferenceFile, ReferenceLists


def labelling_facts(
    engine: Sql, lists: ReferenceLists, lookups: dict[int, list[Lookup]]
) -> dict[str, object]:
    """The facts of the step: per file what was read and what it labelled, and warnings."""
    by_type = engine.rows(
        "SELECT label_type, count(*) FROM address_labels WHERE label_type IS NOT NULL "
        "GROUP BY ALL ORDER BY ALL"
    )
    known = engine.rows("SELECT count(*), count(label), count(asn), count(country) FROM address_labels")[0]
    owners = engine.rows(
        "SELECT entry.owner, count(*) FROM labelled JOIN reference_entries AS entry "
        "ON entry.entry = labelled.entry GROUP BY entry.owner"
    )
    by_owner = {row[0]: row[1] for row in owners}
    n_addresses = number(engine, "SELECT count(*) FROM addresses") if lists.files else 0
    labelled = [int(str(by_owner.get(i, 0))) for i in range(len(lists.files))]
    warnings = [
        warning
        for i, file in enumerate(lists.files)
        for warning in _warnings(file, lookups.get(i), labelled[i], n_addresses)
    ]
    rejected = [line for file in lists.files for line in file.rejected]
    conflicting = [line for file in lists.files for line in file.conflicting]
    return {
        "files": [_file_facts(file, n) for file, n in zip(lists.files, labelled, strict=True)],
        "ranges": len(lists.piles[4]) + len(lists.piles[6]),
        "asns": len(lists.asns),
        "invalid_lines": {
            "count": sum(file.invalid_lines for file in lists.files),
            "first": rejected[:N_NAMED],
        },
        "conflicts": {"count": sum(file.conflicts for file in lists.files), "first": conflicting[:N_NAMED]},
        "addresses": dict(zip(("known", "labelled", "with_asn", "with_country"), known, strict=True)),
        "labelled_by_type": {str(label_type): n for label_type, n in by_type},
        "warnings": warnings,
    }


def _file_facts(file: ReferenceFile, n_labelled: int) -> dict[str, object]:
    facts: dict[str, object] = {"path": file.path, "sha256": file.sha256}
    if file.database_type:
        return facts | {"database_type": file.database_type, "labelled": n_labelled}
    return facts | {
        "lines": file.lines,
        "networks": file.networks,
        "asns": file.asns,
        "labelled": n_labelled,
        "conflicts": file.conflicts,
        "invalid_lines": file.invalid_lines,
    }


def _warnings(
    file: ReferenceFile, lookups: list[Lookup] | None, n_labelled: int, n_addresses: int
) -> list[str]:
    """The warnings of a file: lines that were not used, and whether it labels no address."""
    if lookups is not None:
        return _database_warnings(file, lookups, n_addresses)
    name = f"reference list {file.path}"
    warnings = []
    if file.invalid_lines:
        warnings.append(
            f"{name}: {file.invalid_lines:,} of {file.lines:,} lines rejected; the first is "
            f"{file.rejected[0]}"
        )
    if file.conflicts:
        warnings.append(
            f"{name}: {file.conflicts:,} lines contradict earlier ones; the first is {file.conflicting[0]}"
        )
    if not file.lines:
        warnings.append(f"{name}: no line names a network, so it labels nothing; check that it is whole")
    elif not n_labelled:
        warnings.append(f"{name}: labels none of the {n_addresses:,} addresses in the input")
    return warnings


def _database_warnings(file: ReferenceFile, lookups: list[Lookup], n_addresses: int) -> list[str]:
    if any(lookup.met for lookup in lookups):
        return []
    name = f"reference file {file.path} ({file.database_type})"
    fields = {field: None for lookup in lookups for field in lookup.fields}
    if fields:
        return [f"{name}: none of its fields is of use here; found {shown_fields(fields)}"]
    return [f"{name}: holds none of the {n_addresses:,} addresses in the input"]
