"""A finished run for people: pandas frames, networkx and igraph graphs, and what a notebook shows.

Tables are read lazily, and only the rows and columns that the answer needs.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any, Self, cast

import pyarrow as pa
import pyarrow.compute as pc

from graphlink.core.arguments import checked
from graphlink.core.errors import QuestionError
from graphlink.core.schema import EVIDENCE
from graphlink.core.wording.figures import format_probability
from graphlink.core.wording.findings import finding_of
from graphlink.kinds import shown
from graphlink.result.graphs import evidence_graph, links_graph
from graphlink.result.integrity import check_whole
from graphlink.result.table_frames import CLUSTER_ORDER, TableFrames, sorted_table
from graphlink.storage.arrow_values import is_unicode, rows_of, text_array
from graphlink.storage.files import address_of
from graphlink.storage.frames import frame_of
from graphlink.storage.remote import place_of_result
from graphlink.storage.result_folder.copying import copy_result
from graphlink.storage.result_folder.digests import check_digests
from graphlink.storage.result_folder.manifest import read_manifest
from graphlink.storage.result_folder.reading import read_table

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    import igraph
    import networkx as nx

    from graphlink.storage.frames import Frame

WEIGHTS = ("bits", "n")
"""What the weight of an edge of a graph may be."""
SUBJECTS = ("cluster", "account", "path", "accounts", "all")
"""What a graph may be of."""

_ENDS = ("account_id_l", "account_id_r")
_STRONGEST = [("contribution_bits", "descending"), *((name, "ascending") for name in EVIDENCE.key)]
_EDGE = ("account_id", "kind", "value")
_HTML_ROWS = 10
_HTML_TEXT = 200


@checked
def read_result(path: str | Path) -> Result:
    """Open a finished run: its folder, or its address, such as s3a://bucket/result.

    Args:
        path: The folder that a run wrote, or the URL of one.

    Returns:
        The result; its tables are read when they are used.

    Raises:
        ResultError: The folder is missing, is no result, is of another version or lacks a table.
    """
    folder = place_of_result(path, address_of(path))
    return Result(cast("Path", folder), read_manifest(folder))


class Result(TableFrames):
    """A finished run, read on demand.

    Frames are pandas frames with times in UTC and nullable integers; `table` gives the same as Arrow.

    Attributes:
        path: The folder; of a result at an address what does as much of a path as reading needs.
        manifest: Contents of `run.json`: versions, settings, inputs, counts and timing of the run.
    """

    def __init__(self, path: Path, manifest: dict[str, Any]) -> None:
        self.path = path
        self.manifest = manifest

    @checked
    def table(
        self,
        name: str,
        columns: Sequence[str] | None = None,
        where: Mapping[str, Collection[str]] | None = None,
    ) -> pa.Table:
        """Read a table as Arrow.

        Args:
            name: One of the tables of `graphlink.core.schema`; `member_reasons` and `link_reasons` are there
                when the run was set to explain all.
            columns: The columns to read; None reads all.
            where: Text column to the values a row must have there; every condition must hold.

        Returns:
            The rows in the order of the table; units stand beside its columns in the reference of tables.

        Raises:
            ResultError: There is no such table or column, its run did not make the table, or the file
                can't be read.
        """
        return read_table(self.path, name, columns, where)

    @checked
    def verify(self, tables: Collection[str] | None = None) -> dict[str, bool]:
        """Make sure that the tables are, byte for byte, what the run wrote; reads all of them.

        Exports, reports and the explorer do so before they show anything.

        Args:
            tables: The tables to look at; None for all.

        Returns:
            Of each table whether `run.json` has a digest to compare with; a result at an address has none.

        Raises:
            ResultError: A table is not what the run wrote.
        """
        return check_digests(self.path, self.manifest, tables)

    def check_whole(self) -> None:
        """Make sure that the result is one that a run may have written; reads all of it.

        Raises:
            ResultError: A table was changed, or tables contradict each other.
        """
        check_whole(self.path, self.manifest)

    @checked
    def cluster_of(self, account_id: str) -> str | None:
        """The cluster of an account; None where it is in none.

        Args:
            account_id: The account.

        Returns:
            The name of the cluster, such as C-3ea850d780, or None.

        Raises:
            NotFoundError: There is no such account.
        """
        self.check_accounts([account_id])
        rows = self.table("membership", ["cluster_id"], {"account_id": [account_id]})
        cluster: str | None = rows["cluster_id"][0].as_py()
        return cluster

    @checked
    def save(self, path: str | Path, *, overwrite: bool = False) -> Self:
        """Copy the result to a folder, such as one that `run` keeps for as long as it is used only.

        Args:
            path: The folder to make; it appears whole or not at all.
            overwrite: Whether to replace an earlier result there.

        Returns:
            The result in that folder.

        Raises:
            ResultError: The folder can't be written, or the result is not a folder of this machine.
        """
        folder = copy_result(self.path, path, overwrite=overwrite)
        return type(self)(folder, read_manifest(folder))

    @checked
    def members(self, cluster_id: str) -> Frame:
        """The accounts of a cluster with probability, role and attributes, the surest first.

        Args:
            cluster_id: The cluster.

        Returns:
            A row per account: `probability` to belong to the cluster, `role` (core or fringe), what labels
            did (`constrained_by`), times in UTC, counts, and its attributes.

        Raises:
            ResultError: There is no such cluster.
        """
        members = self._members(cluster_id)
        accounts = self.table("accounts", where={"account_id": members["account_id"].to_pylist()})
        joined = members.drop_columns(["cluster_id", "component_id"]).join(accounts, "account_id")
        return frame_of(joined.sort_by([("probability", "descending"), ("account_id", "ascending")]))

    @checked
    def evidence(
        self, account_l: str | None = None, account_r: str | None = None, cluster: str | None = None
    ) -> Frame:
        """The evidence of a pair (in either order), of one account, inside a cluster, or all of it.

        Rows come with the strongest first.

        Args:
            account_l: One account; None for all.
            account_r: The other account of a pair; None for all evidence of the first.
            cluster: A cluster both of whose accounts the rows must be of; None for any.

        Returns:
            A row per kind and value that two accounts share, or per behaviour that they have in common:
            `bits` is what it says alone, `contribution_bits` what it adds to the link beside the others (log2
            odds).

        Raises:
            ResultError: There is no such cluster.
        """
        return frame_of(self._evidence([a for a in (account_l, account_r) if a is not None], cluster))

    @checked
    def reasons(self, cluster: str | None = None) -> Frame:
        """The reasons of a cluster, or of all, in order of rank.

        Args:
            cluster: The cluster; None for the reasons of all.

        Returns:
            A row per reason: `detail` is its sentence, `bits` what it adds to the links of the cluster (log2
            odds).

        Raises:
            NotFoundError: There is no such cluster.
        """
        if cluster is not None:
            self.check_cluster(cluster)
        reasons = self.table("reasons", where=None if cluster is None else {"cluster_id": [cluster]})
        return frame_of(
            sorted_table(reasons, "reasons", (("cluster_id", "ascending"), ("rank", "ascending")))
        )

    @checked
    def graph(
        self,
        subject: str | Collection[str] | None = None,
        *,
        of: str = "cluster",
        weight: str | None = "bits",
        exact: bool = False,
    ) -> nx.Graph[Any]:
        """Make the networkx graph of accounts and the identifiers they share.

        Every writer of networkx takes it, pyvis and igraph too: nodes are text, `account:ID` and
        `identifier:KIND:VALUE`, times are ISO 8601, and what is missing is left out.

        Nodes carry `node_type` (account or identifier), `key` (the account or the value), `label`,
        `first_seen` and `last_seen`; accounts also `cluster_id`, `probability`, `role` and attributes
        (`attribute_NAME` where the name means something to a writer), identifiers also `kind`, `facet`,
        `degree`, `p_exclusive` and `listed_as`, the label of a reference list. An edge carries `edge_type`,
        `n`, `first_seen`, `last_seen`, `bits` (the counted bits of its pairs, half to each side, so that the
        edges of the graph add up to its evidence) and `weight`, which is what algorithms look for: more is
        closer. What has no identifier (joint behaviour, kinds in which two accounts differ) is an edge of
        `edge_type` joint between two accounts, its kinds joined by commas.

        Args:
            subject: The cluster, the account, the two ends of a path, or the accounts; None for all.
            of: What the graph is of: `cluster`; `account`, with all it is linked to; `path`, the accounts
                on the strongest and shortest paths of links between two; `accounts`, and what these share;
                `all`, every account that has a link.
            weight: What `weight` is: `bits`, never below zero; `n`, the number of observations; None for
                edges without one.
            exact: Nodes as tuples, `("account", id)` and `("identifier", kind, value)`, and times as
                datetimes: for analysis in Python, since no writer takes them.

        Returns:
            The graph, undirected, without parallel edges.

        Raises:
            ResultError: There is no such cluster or account.
        """
        if weight not in (None, *WEIGHTS):
            raise QuestionError(f"weight: expected {', '.join(WEIGHTS)} or None, found {weight!r}")
        names = self._subject(subject, of)
        about = {"of": of, **({"cluster_id": subject} if of == "cluster" else {})}
        accounts = self._joined_accounts(names)
        evidence = self._evidence_among(names)
        is_direct = pc.equal(evidence["value"], "")
        edges = self.edges_of(evidence.filter(pc.invert(is_direct)))
        pairs = _unique_pairs(edges)
        identifiers = self.table("identifiers", where={"value": pairs["value"].unique().to_pylist()})
        known = {(row["kind"], row["value"]): row for row in rows_of(identifiers)}
        return evidence_graph(
            about,
            rows_of(accounts),
            [known.get((row["kind"], row["value"]), row) for row in rows_of(pairs)],
            (rows_of(edges), rows_of(evidence.filter(is_direct))),
            weight=weight,
            is_exact=exact,
        )

    @checked
    def igraph(self, subject: str | Collection[str] | None = None, *, of: str = "cluster") -> igraph.Graph:
        """Make the igraph graph of accounts and the links between them.

        Vertices carry `name` (the account), `role` and `membership` (probability to belong to its cluster);
        edges carry `bits`, `weight` (bits, never below zero, as algorithms need) and `probability`. The order
        of both is that of the tables.

        Args:
            subject: As of `graph`.
            of: As of `graph`.

        Returns:
            The graph, undirected, an edge per link.

        Raises:
            ResultError: There is no such cluster or account.
        """
        names = self._subject(subject, of)
        members = self.table("membership", where=None if names is None else {"account_id": names})
        links = self.table("links", where=None if names is None else dict.fromkeys(_ENDS, names))
        if names is None:
            members = members.filter(pc.is_in(members["account_id"], value_set=_linked(links)))
        return links_graph(members["account_id"].to_pylist(), rows_of(members), rows_of(links))

    def __repr__(self) -> str:
        counts = ", ".join(f"{n:,} {name}" for name, n in self._counts().items())
        return f"<graphlink result {str(self.path)!r}: {counts}>"

    def _repr_html_(self) -> str:
        counts = "".join(f"<li>{n:,} {html.escape(name)}</li>" for name, n in self._counts().items())
        shown = ("cluster_id", "n_accounts", "score", "facets")
        decides = ("hypothesis", "p_same_operator", "also_explained_by")
        clusters = self.table("clusters", [*shown, *decides, "n_core"]).sort_by(list(CLUSTER_ORDER))
        head = "".join(f"<th>{html.escape(name)}</th>" for name in (*shown, "finding"))
        rows = "".join(
            "<tr>"
            + "".join(f"<td><bdi>{_cell(row[name])}</bdi></td>" for name in shown)
            + f"<td>{_cell(finding_of(row).name)}</td></tr>"
            for row in clusters.slice(0, _HTML_ROWS).to_pylist()
        )
        return (
            # Else a notebook reads what stands between dollar signs in a name as mathematics.
            '<div class="tex2jax_ignore mathjax_ignore">'
            f"<b>graphlink result</b> <code><bdi>{_cell(str(self.path))}</bdi></code><ul>{counts}</ul>"
            f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
        )

    def _counts(self) -> dict[str, int]:
        tables = self.manifest["tables"]
        return {
            name: int(tables[name]["rows"]) for name in ("accounts", "clusters", "links", "rejected_rows")
        }

    def _members(self, cluster_id: str) -> pa.Table:
        self.check_cluster(cluster_id)
        return self.table("membership", where={"cluster_id": [cluster_id]})

    def _subject(self, subject: str | Collection[str] | None, of: str) -> list[str] | None:
        """The accounts that a graph is of; None for every account that has a link.

        Raises:
            ResultError: There is no such cluster or account, or the subject is no such one.
        """
        if of not in SUBJECTS:
            raise QuestionError(f"of: expected {', '.join(SUBJECTS)}, found {of!r}")
        if of == "all":
            if subject is not None:
                raise QuestionError("subject: expected none with of='all'")
            return None
        is_one = isinstance(subject, str)
        if subject is None or is_one != (of in ("cluster", "account")):
            expected = f"the name of one {of}" if of in ("cluster", "account") else "a list of accounts"
            raise QuestionError(f"subject: expected {expected}, as of={of!r}")
        if of == "cluster":
            names: list[str] = self._members(str(subject))["account_id"].to_pylist()
            return names
        accounts = [str(subject)] if is_one else sorted(set(subject))
        self.check_accounts(accounts)
        if of == "path":
            if len(accounts) != 2:
                raise QuestionError(f"subject: expected the two ends of the path, found {len(accounts)}")
            return self._accounts_on_path(*accounts)
        if of == "accounts":
            return accounts
        links = pa.concat_tables(self.table("links", _ENDS, {end: accounts}) for end in _ENDS)
        return sorted({*accounts, *_linked(links).to_pylist()})

    def _accounts_on_path(self, start: str, end: str) -> list[str]:
        """The accounts on the paths between two; searched for on a floor above."""
        raise QuestionError(f"of: {start!r} to {end!r}: graphlink.read_result opens results with paths")

    def _joined_accounts(self, names: list[str] | None) -> pa.Table:
        """Rows of `accounts` with cluster, probability and role; the surest first."""
        if names is None:
            names = _linked(self.table("links", _ENDS)).to_pylist()
        where = {"account_id": names}
        members = self.table("membership", ["account_id", "cluster_id", "probability", "role"], where)
        joined = members.join(self.table("accounts", where=where), "account_id")
        return joined.sort_by([("probability", "descending"), ("account_id", "ascending")])

    def _evidence_among(self, names: list[str] | None) -> pa.Table:
        """The evidence between some accounts, or all of it; the strongest first."""
        evidence = self.table("evidence", where=None if names is None else dict.fromkeys(_ENDS, names))
        return evidence.sort_by(_STRONGEST)

    def _evidence(self, accounts: list[str], cluster: str | None) -> pa.Table:
        where: dict[str, set[str]] = {}
        if len(accounts) == 2:
            where = {"account_id_l": {min(accounts)}, "account_id_r": {max(accounts)}}
        if cluster is not None:
            members = set(self._members(cluster)["account_id"].to_pylist())
            where = {end: members & where.get(end, members) for end in _ENDS}
        evidence = self.table("evidence", where=where)
        if len(accounts) == 1:
            names = text_array(list(filter(is_unicode, accounts)))
            evidence = evidence.filter(pc.or_(*(pc.is_in(evidence[name], value_set=names) for name in _ENDS)))
        return evidence.sort_by(_STRONGEST)

    @checked
    def sightings(self, where: Mapping[str, Collection[str]]) -> pa.Table:
        """The observations with these values, with exact counts and times.

        Args:
            where: Text column of the observations to the values a row must have there; every condition must
                hold.

        Returns:
            Rows of the table `observations`: n is a count, times are in UTC.
        """
        return self.table("observations", where=where)

    @checked
    def edges_of(self, evidence: pa.Table) -> pa.Table:
        """Make the edges between accounts and identifiers that some evidence stands for.

        Args:
            evidence: Rows of the table `evidence`.

        Returns:
            account_id, kind, value, bits (half the counted bits of each of its pairs), and n, first_seen and
            last_seen of the observations; sorted by the first three.
        """
        halves = pa.concat_tables(
            pa.table(
                {
                    "account_id": evidence[end],
                    "kind": evidence["kind"],
                    "value": evidence["value"],
                    "bits": pc.divide(evidence["contribution_bits"], 2.0),
                    "first_joint": evidence["first_joint"],
                    "last_joint": evidence["last_joint"],
                }
            )
            for end in _ENDS
        )
        edges = _grouped(halves, [("bits", "sum"), ("first_joint", "min"), ("last_joint", "max")])
        wanted = {"account_id": edges["account_id"].unique().to_pylist()}
        seen = self.sightings({**wanted, "value": edges["value"].unique().to_pylist()})
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


def _grouped(table: pa.Table, aggregates: list[tuple[str, str]]) -> pa.Table:
    grouped = table.group_by(list(_EDGE), use_threads=False).aggregate(aggregates)
    names = {f"{column}_{function}": column for column, function in aggregates}
    return grouped.rename_columns([names.get(name, name) for name in grouped.column_names])


def _linked(links: pa.Table) -> pa.Array:
    """The accounts at either end of links, in order."""
    ends = pa.chunked_array([chunk for end in _ENDS for chunk in links[end].chunks], pa.string())
    return pc.unique(ends).sort()


def _unique_pairs(edges: pa.Table) -> pa.Table:
    pairs = edges.select(["kind", "value"]).group_by(["kind", "value"], use_threads=False).aggregate([])
    return pairs.sort_by([("kind", "ascending"), ("value", "ascending")])


def _cell(value: object) -> str:
    # The only floats shown are probabilities.
    text = format_probability(value) if isinstance(value, float) else "" if value is None else str(value)
    return html.escape(shown(text, _HTML_TEXT))
