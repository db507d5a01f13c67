"""What has the tables of a finished run, whoever reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import pyarrow as pa


class Tables(Protocol):
    """A finished run by its tables and nothing else."""

    def table(
        self,
        name: str,
        columns: Sequence[str] | None = None,
        where: Mapping[str, Collection[str]] | None = None,
    ) -> pa.Table:
        """Read a table as Arrow; see `Result.table`."""


class NamedTables(Tables, Protocol):
    """The same with what messages call it."""

    @property
    def path(self) -> object:
        """The run's name in messages."""
