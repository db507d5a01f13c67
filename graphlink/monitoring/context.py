"""What the parts of an open workspace share: its folder, who uses it, and the last accepted result."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from graphlink.core.errors import NotFoundError
from graphlink.monitoring.updates import last_result
from graphlink.workspace.history import cluster_of
from graphlink.workspace.lineage_names import lineage_number, resolve
from graphlink.workspace.roles import LOCAL
from graphlink.workspace.store import Actor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from graphlink.result.result import Result
    from graphlink.workspace.folder import Folder
    from graphlink.workspace.store import Reading, Writing
    from graphlink.workspace.versions import Expected


@dataclass(frozen=True, slots=True)
class Context:
    """An open workspace and who uses it.

    Attributes:
        folder: The workspace.
        by: Who uses it.
        role: In which role; events state it.
        expected: What the user has seen of what he changes; None to change whatever happened since.
        written: Of each subject the last event that its transactions appended.
    """

    folder: Folder
    by: str
    role: str = LOCAL
    expected: Expected | None = None
    written: dict[str, int] = field(default_factory=dict)

    def reading(self) -> AbstractContextManager[Reading]:
        """A transaction that reads."""
        return self.folder.store.read()

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """A transaction that writes as the user.

        Raises:
            ConflictError: What is changed is no longer what the user has seen.
        """
        with self.folder.store.write(Actor(self.by, self.role)) as rows:
            if self.expected is not None:
                self.expected.check(rows)
            yield rows
        self.written.update(rows.appended)  # only once it stands

    def last(self) -> Result:
        """The result of the last accepted run.

        Raises:
            NotFoundError: There is none yet.
            ResultError: It is gone.
        """
        return last_result(self.folder)

    def last_run_no(self) -> int:
        """The number of the last accepted run; see `last`."""
        return int(self.last().path.name.removeprefix("R-"))

    def cluster(self, name: str) -> str:
        """The cluster of a lineage in the last accepted result, also of one that was merged since.

        Raises:
            WorkspaceError: There is no such lineage.
            NotFoundError: The last run has no cluster of it.
        """
        with self.reading() as rows:
            number = resolve(rows, lineage_number(name))
            cluster_id = cluster_of(rows, number)
        if cluster_id is None:
            raise NotFoundError(f"the last run has no cluster of K-{number}")
        return cluster_id
