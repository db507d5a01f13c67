"""What explanations need of a result: this and nothing else.

A `Result` has it, and so does whatever answers the same from elsewhere: a redacted result, the index of the
explorer, the tables of one cluster that a report holds in memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from graphlink.storage.tables import NamedTables

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import pyarrow as pa


@runtime_checkable
class Readable(NamedTables, Protocol):
    """A finished run as explanations read it.

    Of its tables they read accounts, membership, constraints, clusters, hypotheses, signals, facts,
    identifiers, evidence, links and observations.
    """

    @property
    def manifest(self) -> Mapping[str, Any]:
        """The contents of `run.json`; the settings of the run are read from it."""

    def check_cluster(self, cluster_id: str) -> None:
        """Raise NotFoundError unless there is such a cluster."""

    def holders(self, identifiers: Collection[tuple[str, str]]) -> pa.Table:
        """Make the table of who was seen with each of these (kind, value): account_id, kind and value."""

    def held(self, accounts: Collection[str], kinds: Collection[str]) -> pa.Table:
        """Make the table of what these accounts were seen with of these kinds: account_id, kind and value."""

    def links_around(
        self, accounts: Collection[str], most: int, more_than: float | None = None
    ) -> tuple[pa.Table, bool]:
        """Make the table of the links among all connected accounts; see `Result.links_around`."""

    def check_whole(self) -> None:
        """Raise unless the result is one that a run may have written."""
