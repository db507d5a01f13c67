"""The tables of a result as pandas frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphlink.core.arguments import checked
from graphlink.core.errors import ResultError
from graphlink.result.queries import TableQueries
from graphlink.storage.frames import frame_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import pyarrow as pa

    from graphlink.storage.frames import Frame

# The most accounts that surely belong first: what an investigator opens first.
CLUSTER_ORDER = (("n_core", "descending"), ("score", "descending"), ("cluster_id", "ascending"))
"""The order in which clusters are shown: the surest first, of equals the largest."""


class TableFrames(TableQueries):
    """The tables of a result as frames: times in UTC, and nullable integers.

    Attributes:
        manifest: Contents of `run.json`.
    """

    manifest: dict[str, Any]

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of the tables that it has, for `to_frame` and `table`."""
        return tuple(sorted(self.manifest["tables"]))

    @checked
    def to_frame(
        self,
        name: str = "clusters",
        columns: Sequence[str] | None = None,
        where: Mapping[str, Collection[str]] | None = None,
    ) -> Frame:
        """Read a table, or those of its rows and columns that are needed, as a frame; see `table`.

        Args:
            name: One of `tables`.
            columns: The columns to read; None reads all.
            where: Text column to the values a row must have there; every condition must hold.

        Returns:
            A pandas frame of the rows in the order of the table; times are in UTC.

        Raises:
            ResultError: There is no such table or column, or the file can't be read.
        """
        return frame_of(self.table(name, columns, where))

    @property
    def clusters(self) -> Frame:
        """The clusters, the strongest first: by score, then size, then id."""
        return frame_of(sorted_table(self.table("clusters"), "clusters", CLUSTER_ORDER))

    @property
    def membership(self) -> Frame:
        """Every account with its component, cluster, probability and role."""
        return frame_of(self.table("membership"))

    @property
    def links(self) -> Frame:
        """The scored pairs of accounts."""
        return frame_of(self.table("links"))

    @property
    def identifiers(self) -> Frame:
        """The identifiers with degree, hub mark, privacy and label."""
        return frame_of(self.table("identifiers"))

    @property
    def accounts(self) -> Frame:
        """The accounts with their times, counts and attributes."""
        return frame_of(self.table("accounts"))

    @property
    def observations(self) -> Frame:
        """What was seen: account, kind, value, time and number of times."""
        return frame_of(self.table("observations"))

    @property
    def hypotheses(self) -> Frame:
        """What speaks for each hypothesis of each cluster, in bits."""
        return frame_of(self.table("hypotheses"))

    @property
    def signals(self) -> Frame:
        """The signals of each cluster, each beside its baseline."""
        return frame_of(self.table("signals"))

    @property
    def facts(self) -> Frame:
        """What describes the calls of each cluster, beside what comparable accounts show."""
        return frame_of(self.table("facts"))

    @property
    def rejected_rows(self) -> Frame:
        """The input rows that were rejected, with reasons."""
        return frame_of(self.table("rejected_rows"))


def sorted_table(table: pa.Table, name: str, order: Sequence[tuple[str, str]]) -> pa.Table:
    """A table in order.

    Raises:
        ResultError: The stored table lacks a column of the order: it is not what a run wrote.
    """
    missing = [column for column, _ in order if column not in table.column_names]
    if missing:
        raise ResultError(f"{name}.parquet has no column {missing[0]!r}; run it again")
    return table.sort_by(list(order))
