"""A folder of CSV for Neo4j, with the headers that its import takes.

`neo4j-admin database import full --nodes=accounts.csv --nodes=identifiers.csv --relationships=holds.csv
--relationships=linked.csv` reads them, and so does `apoc.import.csv`. Ids are `account:ID` and
`identifier:KIND:VALUE`. Text that can't be seen is shown by its code, and what a spreadsheet
would run is guarded.
"""

from __future__ import annotations

import csv
import datetime
import re
from typing import TYPE_CHECKING, Any

from graphlink.export.formats.export_format import Export, ExportFormat

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa

_NODE = "id:ID"
_TIE = (":START_ID", ":END_ID")


def write_neo4j_folder(export: Export, folder: Path) -> None:
    """Write the nodes and relationships."""
    from graphlink.export.formats.tables import arrow

    subgraph = export.subgraph
    accounts = arrow("accounts", subgraph.accounts)
    names = accounts["account_id"].to_pylist()
    _write(folder / "accounts.csv", accounts, {_NODE: map(_account, names)}, ":LABEL", "Account")
    identifiers = arrow("identifiers", subgraph.identifiers)
    ids = map(_identifier, *_columns(identifiers, "kind", "value"))
    _write(folder / "identifiers.csv", identifiers, {_NODE: ids}, ":LABEL", "Identifier")
    edges, links = subgraph.edges, subgraph.links
    ends: tuple[Iterable[str], Iterable[str]] = (
        map(_account, edges["account_id"].to_pylist()),
        map(_identifier, *_columns(edges, "kind", "value")),
    )
    held = edges.drop_columns(["account_id", "kind", "value"])
    _write(folder / "holds.csv", held, dict(zip(_TIE, ends, strict=True)), ":TYPE", "HOLDS")
    ends = tuple(map(_account, column) for column in _columns(links, "account_id_l", "account_id_r"))  # type: ignore[assignment]  # two of them
    linked = links.drop_columns(["account_id_l", "account_id_r"])
    _write(folder / "linked.csv", linked, dict(zip(_TIE, ends, strict=True)), ":TYPE", "LINKED")


def _columns(table: pa.Table, *names: str) -> list[Sequence[str]]:
    return [table[name].to_pylist() for name in names]


def _account(name: str) -> str:
    from graphlink.render.escape import visible

    return visible(f"account:{name}")


def _identifier(kind: str, value: str) -> str:
    from graphlink.render.escape import visible

    return visible(f"identifier:{kind}:{value}")


def _write(path: Path, table: pa.Table, ids: Mapping[str, Iterable[str]], last: str, label: str) -> None:
    from graphlink.storage.arrow_values import rows_of

    header = [*ids, *_headers(table), last]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        for key, row in zip(zip(*ids.values(), strict=True), rows_of(table), strict=True):
            writer.writerow([*key, *map(_cell, row.values()), label])


def _headers(table: pa.Table) -> list[str]:
    """The columns with their types; a name of the input holds no mark that Neo4j reads as a type."""
    import pyarrow as pa

    headers: list[str] = []
    for column in table.schema:
        name = re.sub("[^0-9A-Za-z_]", "_", column.name) or "_"
        while any(name == header.partition(":")[0] for header in (*headers, "id")):
            name += "_"
        kind = column.type
        of = (
            ":double" if pa.types.is_floating(kind)
            else ":long" if pa.types.is_integer(kind)
            else ":boolean" if pa.types.is_boolean(kind)
            else ":datetime" if pa.types.is_timestamp(kind)
            else ""
        )  # fmt: skip
        headers.append(name + of)
    return headers


def _cell(value: Any) -> Any:
    from graphlink.render.escape import guarded, visible

    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")
    return guarded(visible(value)) if isinstance(value, str) else value


NEO4J = ExportFormat(
    "neo4j",
    "-neo4j",
    "Neo4j: a folder of CSV for neo4j-admin database import and apoc.import.csv",
    write_folder=write_neo4j_folder,
    most_nodes=None,
    most_links=None,
)
