"""What an export format is, and what it is given to write."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from graphlink.export.subgraph import Subgraph
    from graphlink.result.result import Result

MOST_DRAWN = 1000  # accounts, and as many identifiers, that a page draws at most
MOST_IN_MEMORY = 5000  # accounts, and as many identifiers, of the formats that are made whole in memory
MOST_LINKS = 100_000  # of these formats


@dataclass(frozen=True, slots=True)
class Export:
    """What is written.

    Attributes:
        subgraph: The accounts, and what ties them.
        manifest: The manifest of the result that they are of.
        result: The result, as its readers may see it, for formats that explain it; None where only the
            subgraph is at hand.
        redactions: What the profile of the readers leaves out, in sentences.
        lineage: The lineage of the cluster that it is of, such as K-4; empty where it has none.
    """

    subgraph: Subgraph
    manifest: Mapping[str, Any] = field(default_factory=dict)
    result: Result | None = None
    redactions: tuple[str, ...] = ()
    lineage: str = ""

    @property
    def notes(self) -> tuple[str, ...]:
        """What was made coarse and what was left out, in sentences."""
        return self.notes_on(self.subgraph)

    def notes_on(self, subgraph: Subgraph) -> tuple[str, ...]:
        """The same where a format shows less than the subgraph."""
        return (*self.manifest.get("redacted", {}).get("what", ()), *subgraph.left_out)


def _no_file(_: Export) -> bytes:
    raise NotImplementedError("the format is a folder")


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A format that subgraphs are written in: either one file, or a folder of files.

    Attributes:
        name: What `--format` takes.
        suffix: The end of the name of a file, such as `.stix.json`, or of a folder, such as `-csv`.
        about: What opens it, for people.
        content: Makes the bytes of the file; the same export gives the same bytes.
        write_folder: Writes the files of a folder next to `export.json`; None for a file.
        most_nodes: The most accounts, and as many identifiers, without `--most`; None is no limit.
        most_links: The most links; None is no limit.
    """

    name: str
    suffix: str
    about: str
    content: Callable[[Export], bytes] = _no_file
    write_folder: Callable[[Export, Path], None] | None = None
    most_nodes: int | None = MOST_IN_MEMORY
    most_links: int | None = MOST_LINKS

    @property
    def is_folder(self) -> bool:
        """Whether an export is a folder of files."""
        return self.write_folder is not None
