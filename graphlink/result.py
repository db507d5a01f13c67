"""A finished run: a folder of Parquet tables and `run.json`, written from an engine and read back for people.

Reading needs no engine and is lazy: each call reads the columns and the row groups it needs. The tables are
sorted by key, so a question about a few accounts touches a small part of each file.
"""

from __future__ import annotations

import bisect
import hashlib
import html
import json
import shutil
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from graphlink.errors import ResultError
from graphlink.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    import igraph
    import networkx as nx
    import pandas as pd

    from graphlink.engine import Engine
    from graphlink.schema import TableSpec

FORMAT = 1
"""Version of the folder's layout; a reader refuses others."""

MANIFEST = "run.json"

_SPECS = {spec.name: spec for spec in TABLES}
_HTML_ROWS = 10


def write_tables(engine: Engine, folder: Path) -> dict[str, dict[str, object]]:
    """Check every table of the contract and write it, sorted, to a folder.

    The same rows give the same bytes, in whatever order and by however many threads they were made.

    Returns:
        For each table its rows, bytes and SHA-256, as the manifest tells them.

    Raises:
        TableError: A table is missing or breaks its contract.
    """
    told: dict[str, dict[str, object]] = {}
    for spec in TABLES:
        spec.check_columns(engine, extra=_has_attributes(spec))
        spec.check_rows(engine)
        path = folder / f"{spec.name}.parquet"
        columns = ", ".join(f'"{name}"' for name in _told_columns(engine, spec))
        order = ", ".join(f'"{name}"' for name in spec.key) or columns
        engine.write_parquet(f"SELECT {columns} FROM {spec.name} ORDER BY {order}", path)
        told[spec.name] = {
            "rows": pq.read_metadata(path).num_rows,
            "bytes": path.stat().st_size,
            "sha256": file_digest(path),
        }
    return told


def write_manifest(folder: Path, manifest: Mapping[str, object]) -> None:
    """Write `run.json`; keys are sorted so that equal manifests are equal files."""
    text = json.dumps({"format": FORMAT, **manifest}, indent=1, sort_keys=True, allow_nan=False)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_result(folder: Path) -> bool:
    """Whether a folder is a graphlink result of any version; only such a folder is ever replaced."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and "graphlink" in manifest and "format" in manifest


def read_result(path: str | Path) -> Result:
    """Open a finished run.

    Raises:
        ResultError: The folder is missing, is no result, is of another version or lacks a table.
    """
    folder = Path(path)
    manifest = _read_manifest(folder)
    for name in _SPECS:
        file = folder / f"{name}.parquet"
        told = manifest.get("tables", {}).get(name, {})
        if not file.is_file():
            raise ResultError(f"{folder} is incomplete: {file.name} is missing; run it again")
        if file.stat().st_size != told.get("bytes"):
            raise ResultError(f"{folder}: {file.name} is not the file that the run wrote; run it again")
    return Result(folder, manifest)


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        what = "no folder" if not folder.exists() else "not a graphlink result:"
        raise ResultError(f"{what} {folder}; `graphlink run SOURCE --out {folder}` makes one") from error
    except (OSError, ValueError) as error:
        raise ResultError(f"{folder}: {MANIFEST} can't be read: {error}") from error
    if not isinstance(manifest, dict) or "graphlink" not in manifest:
        raise ResultError(f"{folder}: {MANIFEST} is not a graphlink manifest")
    if manifest.get("format") != FORMAT:
        raise ResultError(
            f"{folder} has format {manifest.get('format')!r}, made by graphlink {manifest['graphlink']}; "
            f"this version reads format {FORMAT}: run it again"
        )
    return manifest


class Result:
    """A finished run, read on demand.

    Frames are pandas frames with times in UTC and nullable integers; `table` gives the same as Arrow.

    Attributes:
        path: The folder.
        manifest: What `run.json` says: versions, settings, inputs, counts and timing of the run.
    """

    def __init__(self, path: Path, manifest: dict[str, Any]) -> None:
        self.path = path
        self.manifest = manifest

    def delete_when_done(self) -> None:
        """Remove the folder once this object is no longer used, at the latest when Python ends."""
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)

    def table(
        self,
        name: str,
        columns: Sequence[str] | None = None,
        where: Mapping[str, Collection[str]] | None = None,
    ) -> pa.Table:
        """Read a table as Arrow.

        Args:
            name: One of the tables of `graphlink.schema`.
            columns: The columns to read; None reads all.
            where: Text column to the values a row must have there; every condition must hold.

        Raises:
            ResultError: There is no such table or column, or the file can't be read.
        """
        if name not in _SPECS:
            raise ResultError(f"no table {name!r}; there are {', '.join(_SPECS)}")
        try:
            return _read(self.path / f"{name}.parquet", columns, where or {})
        except (OSError, pa.ArrowException) as error:
            raise ResultError(f"{self.path}: {name}.parquet can't be read: {error}") from error

    @property
    def clusters(self) -> pd.DataFrame:
        """The clusters, the strongest first: by score, then size, then id."""
        return _frame(self.table("clusters").sort_by(CLUSTER_ORDER))

    @property
    def membership(self) -> pd.DataFrame:
        """Every account with its component, cluster, probability and role."""
        return _frame(self.table("membership"))

    @property
    def links(self) -> pd.DataFrame:
        """The scored pairs of accounts."""
        return _frame(self.table("links"))

    @property
    def identifiers(self) -> pd.DataFrame:
        """The identifiers with degree, hub mark, privacy and label."""
        return _frame(self.table("identifiers"))

    @property
    def accounts(self) -> pd.DataFrame:
        """The accounts with their times, counts and attributes."""
        return _frame(self.table("accounts"))

    @property
    def set_aside(self) -> pd.DataFrame:
        """The input rows that were set aside, with reasons."""
        return _frame(self.table("set_aside"))

    def members(self, cluster_id: str) -> pd.DataFrame:
        """The accounts of a cluster with probability, role and attributes, the surest first.

        Raises:
            ResultError: There is no such cluster.
        """
        members = self._members(cluster_id)
        accounts = self.table("accounts", where={"account_id": members["account_id"].to_pylist()})
        joined = members.drop_columns(["cluster_id", "component_id"]).join(accounts, "account_id")
        return _frame(joined.sort_by([("probability", "descending"), ("account_id", "ascending")]))

    def evidence(
        self, account_l: str | None = None, account_r: str | None = None, cluster: str | None = None
    ) -> pd.DataFrame:
        """The evidence of a pair (in either order), of one account, inside a cluster, or all of it.

        Rows come with the strongest first.

        Raises:
            ResultError: There is no such cluster.
        """
        return _frame(self._evidence([a for a in (account_l, account_r) if a is not None], cluster))

    def reasons(self, cluster: str | None = None) -> pd.DataFrame:
        """The reasons of a cluster, or of all, in order of rank."""
        if cluster is not None:
            self._check_cluster(cluster)
        found = self.table("reasons", where=None if cluster is None else {"cluster_id": [cluster]})
        return _frame(found.sort_by([("cluster_id", "ascending"), ("rank", "ascending")]))

    def graph(self, cluster_id: str) -> nx.Graph[tuple[str, ...]]:
        """Make the graph of a cluster: its accounts and the identifiers they share.

        Nodes are tuples, so that an account and an identifier of the same name stay apart:
        `("account", account_id)` and `("identifier", kind, value)`. Both carry `node_type`, `first_seen` and
        `last_seen`; accounts also `probability` and `role`, identifiers also `kind`, `facet`, `degree`,
        `private` and `label`. An edge carries `n`, `first_seen`, `last_seen` and `bits`: the counted bits of
        its pairs, half to each side, so that the edges of the graph add up to the evidence of the cluster.

        Raises:
            ResultError: There is no such cluster.
        """
        import networkx as nx

        accounts = self.members(cluster_id)
        evidence = self._evidence([], cluster_id)
        edges = self._edges(evidence)
        pairs = _unique_pairs(edges)
        identifiers = self.table("identifiers", where={"value": pairs["value"].unique().to_pylist()})
        graph: nx.Graph[tuple[str, ...]] = nx.Graph(cluster_id=cluster_id)
        for row in _records(accounts):
            account_id = row.pop("account_id")
            graph.add_node(("account", account_id), node_type="account", account_id=account_id, **row)
        for kind, value in zip(pairs["kind"].to_pylist(), pairs["value"].to_pylist(), strict=True):
            graph.add_node(("identifier", kind, value), node_type="identifier", kind=kind, value=value)
        for row in _records(_frame(identifiers)):
            node = ("identifier", row["kind"], row["value"])
            if node in graph:
                graph.nodes[node].update(row)
        for row in _records(_frame(edges)):
            account, kind, value = row.pop("account_id"), row.pop("kind"), row.pop("value")
            graph.add_edge(("account", account), ("identifier", kind, value), **row)
        return graph

    def igraph(self, cluster_id: str) -> igraph.Graph:
        """Make the igraph graph of a cluster's accounts.

        Vertices carry `name` (the account); edges carry `weight` (bits) and `probability`. The order of
        both is that of the tables.

        Raises:
            ResultError: There is no such cluster.
        """
        import igraph

        names = self._members(cluster_id)["account_id"].to_pylist()
        number = {name: i for i, name in enumerate(names)}
        links = self.table("links", where={"account_id_l": names, "account_id_r": names})
        ends = zip(links["account_id_l"].to_pylist(), links["account_id_r"].to_pylist(), strict=True)
        graph = igraph.Graph(n=len(names), edges=[(number[a], number[b]) for a, b in ends])
        graph.vs["name"] = names
        graph.es["weight"] = links["bits"].to_pylist()
        graph.es["probability"] = links["probability"].to_pylist()
        return graph

    def __repr__(self) -> str:
        counts = ", ".join(f"{n:,} {name}" for name, n in self._counts().items())
        return f"<graphlink result {str(self.path)!r}: {counts}>"

    def _repr_html_(self) -> str:
        counts = "".join(f"<li>{n:,} {html.escape(name)}</li>" for name, n in self._counts().items())
        shown = ("cluster_id", "n_accounts", "score", "hypothesis", "facets")
        clusters = self.table("clusters").sort_by(CLUSTER_ORDER).select(shown).slice(0, _HTML_ROWS)
        head = "".join(f"<th>{html.escape(name)}</th>" for name in shown)
        rows = "".join(
            "<tr>" + "".join(f"<td><bdi>{_cell(value)}</bdi></td>" for value in row.values()) + "</tr>"
            for row in clusters.to_pylist()
        )
        return (
            f"<div><b>graphlink result</b> <code>{html.escape(str(self.path))}</code><ul>{counts}</ul>"
            f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
        )

    def _counts(self) -> dict[str, int]:
        tables = self.manifest["tables"]
        return {name: int(tables[name]["rows"]) for name in ("accounts", "clusters", "links", "set_aside")}

    def _check_cluster(self, cluster_id: str) -> None:
        if not self.table("clusters", ["cluster_id"], {"cluster_id": [cluster_id]}).num_rows:
            raise ResultError(f"no cluster {cluster_id!r} in {self.path}; `clusters` lists them")

    def _members(self, cluster_id: str) -> pa.Table:
        self._check_cluster(cluster_id)
        return self.table("membership", where={"cluster_id": [cluster_id]})

    def _evidence(self, accounts: list[str], cluster: str | None) -> pa.Table:
        where: dict[str, list[str]] = {}
        if len(accounts) == 2:
            where = {"account_id_l": [min(accounts)], "account_id_r": [max(accounts)]}
        if cluster is not None:
            members = self._members(cluster)["account_id"].to_pylist()
            where = {name: [a for a in members if a in where.get(name, members)] for name in _ENDS}
        found = self.table("evidence", where=where)
        if len(accounts) == 1:
            found = found.filter(pc.or_(*(pc.equal(found[name], accounts[0]) for name in _ENDS)))
        order = [("counted_bits", "descending"), *((name, "ascending") for name in _SPECS["evidence"].key)]
        return found.sort_by(order)

    def _edges(self, evidence: pa.Table) -> pa.Table:
        """One row per account and identifier of the evidence: bits, and times and n from the observations."""
        halves = pa.concat_tables(
            pa.table(
                {
                    "account_id": evidence[end],
                    "kind": evidence["kind"],
                    "value": evidence["value"],
                    "bits": pc.divide(evidence["counted_bits"], 2.0),
                    "first_joint": evidence["first_joint"],
                    "last_joint": evidence["last_joint"],
                }
            )
            for end in _ENDS
        )
        edges = _grouped(halves, [("bits", "sum"), ("first_joint", "min"), ("last_joint", "max")])
        wanted = {"account_id": edges["account_id"].unique().to_pylist()}
        seen = self.table("observations", where={**wanted, "value": edges["value"].unique().to_pylist()})
        times = _grouped(
            seen.append_column("first_seen", seen["seen_at"]).append_column("last_seen", seen["seen_at"]),
            [("n", "sum"), ("first_seen", "min"), ("last_seen", "max")],
        )
        joined = edges.join(times, list(_EDGE))
        # Joint behaviour and addresses' prefixes are in no observation: the joint times stand for them.
        for seen_name, joint in (("first_seen", "first_joint"), ("last_seen", "last_joint")):
            filled = pc.coalesce(joined[seen_name], joined[joint])
            joined = joined.set_column(joined.schema.get_field_index(seen_name), seen_name, filled)
        ordered = joined.sort_by([(name, "ascending") for name in _EDGE])
        return ordered.select([*_EDGE, "bits", "n", "first_seen", "last_seen"])


CLUSTER_ORDER = [("score", "descending"), ("n_accounts", "descending"), ("cluster_id", "ascending")]
"""The order in which clusters are shown."""

_ENDS = ("account_id_l", "account_id_r")
_EDGE = ("account_id", "kind", "value")


def _has_attributes(spec: TableSpec) -> bool:
    return spec.name == "accounts"


def _told_columns(engine: Engine, spec: TableSpec) -> list[str]:
    extra = [name for name in engine.columns(spec.name) if name not in spec.column_names]
    return [*spec.column_names, *extra]


def _read(path: Path, columns: Sequence[str] | None, where: Mapping[str, Collection[str]]) -> pa.Table:
    """Read rows of a Parquet file, skipping row groups whose least and greatest values rule them out.

    `pyarrow.dataset` would do the same but imports pandas, which costs a command more than a second.
    """
    with pq.ParquetFile(path) as file:
        known = file.schema_arrow.names
        unknown = [name for name in (*(columns or ()), *where) if name not in known]
        if unknown:
            raise ResultError(f"{path.name} has no column {unknown[0]!r}; it has {', '.join(known)}")
        wanted = list(columns) if columns is not None else known
        needed = [name for name in known if name in wanted or name in where]
        sets = {name: sorted(set(values)) for name, values in where.items()}
        groups = [i for i in range(file.num_row_groups) if _may_hold(file.metadata.row_group(i), sets)]
        parts = [_matching(file.read_row_group(i, columns=needed), sets) for i in groups]
        empty = file.schema_arrow.empty_table().select(needed)
    return pa.concat_tables([empty.replace_schema_metadata(None), *parts]).select(wanted)


def _may_hold(group: pq.RowGroupMetaData, sets: Mapping[str, list[str]]) -> bool:
    for i in range(group.num_columns):
        column = group.column(i)
        values = sets.get(column.path_in_schema)
        if values is None or not column.is_stats_set or not column.statistics.has_min_max:
            continue
        least, greatest = column.statistics.min, column.statistics.max
        place = bisect.bisect_left(values, least)
        if place == len(values) or values[place] > greatest:
            return False
    return True


def _matching(table: pa.Table, sets: Mapping[str, list[str]]) -> pa.Table:
    for name, values in sets.items():
        table = table.filter(pc.is_in(table[name], value_set=pa.array(values, pa.string())))
    return table.replace_schema_metadata(None)


def _grouped(table: pa.Table, aggregates: list[tuple[str, str]]) -> pa.Table:
    grouped = table.group_by(list(_EDGE), use_threads=False).aggregate(aggregates)
    names = {f"{column}_{function}": column for column, function in aggregates}
    return grouped.rename_columns([names.get(name, name) for name in grouped.column_names])


def _unique_pairs(edges: pa.Table) -> pa.Table:
    pairs = edges.select(["kind", "value"]).group_by(["kind", "value"], use_threads=False).aggregate([])
    return pairs.sort_by([("kind", "ascending"), ("value", "ascending")])


def _frame(table: pa.Table) -> pd.DataFrame:
    import pandas as pd

    # Nullable integers whatever the data: a column must not turn to floats because one value is null.
    frame: pd.DataFrame = table.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
    return frame


def _records(frame: pd.DataFrame) -> Iterable[dict[str, Any]]:
    """Rows as plain Python values: None for what is missing."""
    import pandas as pd

    for row in frame.astype(object).to_dict("records"):
        yield {str(name): None if pd.isna(value) else value for name, value in row.items()}


def _cell(value: object) -> str:
    text = f"{value:.3f}" if isinstance(value, float) else "" if value is None else str(value)
    return html.escape(text)
