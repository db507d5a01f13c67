"""What an open workspace asks its analysts next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.core.arguments import checked
from graphlink.explanations import find_loss
from graphlink.workspace.audit import forgotten_of
from graphlink.workspace.decided import read_known
from graphlink.workspace.labels import read_labels
from graphlink.workspace.questions import Question, next_questions, standing_of
from graphlink.workspace.runs import last_run

if TYPE_CHECKING:
    from graphlink.monitoring.context import Context
    from graphlink.workspace.holdings import Identifier
    from graphlink.workspace.store import Reading


class Judge:
    """The questions of a workspace to its analysts; labels answer them."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @checked
    def next(self, n: int = 10) -> list[Question]:
        """The questions whose answers are expected to change most decisions, the best first.

        Args:
            n: How many.

        Raises:
            NotFoundError: There is no accepted run yet.
        """
        result, policy = self._context.last(), self._context.folder.policy
        with self._context.reading() as rows:
            known, last = read_known(rows), last_run(rows)
            placed = rows.rows("placements", run_no=last["run_no"]) if last else []
            asked = _asked(rows)
            gone = forgotten_of(rows, result.table("membership", ["account_id"])["account_id"].to_pylist())
        lineages = {
            row["cluster_id"]: f"K-{row['lineage_no']}" for row in placed if row["lineage_no"] is not None
        }
        left_out = {*known.accounts, *known.cleared, *gone}, asked
        standing = standing_of(result, lineages, left_out, policy)

        def loss(cluster_id: str, identifier: Identifier) -> int:
            lost = find_loss(result, cluster_id, identifier.kind, identifier.value)
            return lost.n_accounts if lost is not None else 0

        return next_questions(result, standing, loss, policy, n)


def _asked(rows: Reading) -> set[tuple[str, str]]:
    """What labels are about that were not withdrawn and have not expired, also those that are unsure."""
    asked: set[tuple[str, str]] = set()
    for one in read_labels(rows):
        if one.withdrawn_by or rows.at >= one.expires_at:
            continue
        subject = one.subject
        if subject.kind:
            asked.add((subject.kind, subject.value))
        elif subject.lineage is not None:
            asked.add((subject.account, f"K-{subject.lineage}"))
        else:
            asked.add((subject.account, subject.other))
    return asked
