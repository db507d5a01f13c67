"""What an earlier result keeps of its input, for a run that reads new files only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class ReadBefore:
    """What an earlier run has read of a source of this run's settings.

    Attributes:
        facts: What it reported of the source.
        files: Names of all files of the source today, in the order in which a run reads them.
    """

    facts: Mapping[str, Any]
    files: tuple[str, ...]

    @property
    def names(self) -> frozenset[str]:
        """Names of the files that it has read."""
        return frozenset(str(one["name"]) for one in self.facts["inputs"])

    @property
    def is_whole(self) -> bool:
        """Whether there is nothing left to read."""
        return self.names == set(self.files)


@dataclass(frozen=True, slots=True)
class Earlier:
    """What an earlier result keeps of its input.

    Attributes:
        observations: Files of its table of observations.
        rejected_rows: Files of its table of rejected rows.
        added_kinds: Kinds of which reference lists added every row after reading.
        accounts_files: Names under which rows of its table of accounts were rejected; it is read again.
        facts: What it reported of its input.
        sources: What it reported of the sources that are none of this run's settings: they come first.
        before: Number of a source of this run's settings to what was read of it.
        warnings: Those of its warnings that still hold.
    """

    observations: tuple[str, ...]
    rejected_rows: tuple[str, ...]
    added_kinds: tuple[str, ...]
    accounts_files: tuple[str, ...]
    facts: Mapping[str, Any]
    sources: tuple[Mapping[str, Any], ...] = ()
    before: Mapping[int, ReadBefore] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
