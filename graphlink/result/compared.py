"""Two results side by side: what became of clusters, accounts and links."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphlink.core.wording.figures import counted
from graphlink.result.comparison import (
    STATUSES,
    Change,
    Move,
    caveats_of,
    compare_clusters,
    counts_of,
)
from graphlink.storage.frames import frame_of, frame_of_rows

if TYPE_CHECKING:
    from graphlink.result.result import Result
    from graphlink.storage.frames import Frame

_ENDS = ["account_id_l", "account_id_r"]
_CLUSTER = ("cluster_id", "status", "before", "after", "n_joined", "n_left", "about")


@dataclass(frozen=True, slots=True, repr=False)
class Comparison:
    """What changed from one result to another.

    Attributes:
        before: The earlier result.
        after: The later one.
        changes: What became of each cluster, the most urgent first.
        caveats: What makes the two hard to compare, in sentences.
    """

    before: Result
    after: Result
    changes: tuple[Change, ...]
    caveats: tuple[str, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many clusters are new, grown, merged and so on."""
        return counts_of(self.changes)

    @property
    def clusters(self) -> Frame:
        """The clusters with what became of each, the most urgent first."""
        rows = [
            {
                "cluster_id": change.cluster_id,
                "status": change.status,
                "before": ", ".join(change.before),
                "after": ", ".join(change.after),
                "n_joined": change.n_joined,
                "n_left": change.n_left,
                "about": change.sentence(),
            }
            for change in self.changes
        ]
        return frame_of_rows(rows, _CLUSTER)

    @property
    def accounts(self) -> Frame:
        """The accounts that are in another cluster than before, with both; each once."""
        moves = {move.account_id: move for change in self.changes for move in change.moves}
        columns = Move.__dataclass_fields__
        return frame_of_rows([move for _, move in sorted(moves.items())], columns)

    @property
    def links(self) -> Frame:
        """The links of either result with both probabilities; null where a result has no such link."""
        before, after = (
            one.table("links", [*_ENDS, "bits", "probability"]) for one in (self.before, self.after)
        )
        joined = before.join(
            after, _ENDS, join_type="full outer", left_suffix="_before", right_suffix="_after"
        )
        return frame_of(joined.sort_by([(end, "ascending") for end in _ENDS]))

    def to_frame(self) -> Frame:
        """Make the frame of `clusters`.

        Returns:
            A row per cluster of either result.
        """
        return self.clusters

    @property
    def sentences(self) -> tuple[str, ...]:
        """The comparison in short sentences."""
        counts = ", ".join(f"{n:,} {status}" for status, n in self.counts.items())
        return (f"{counted(len(self.changes), 'cluster')}: {counts or 'none'}.", *self.caveats)

    def __repr__(self) -> str:
        return f"<Comparison: {' '.join(self.sentences)}>"

    def _repr_html_(self) -> str:
        items = "".join(f"<li><bdi>{html.escape(one)}</bdi></li>" for one in self.sentences)
        rows = "".join(
            f"<tr><td><bdi>{html.escape(change.cluster_id)}</bdi></td><td>{html.escape(change.status)}</td>"
            f"<td><bdi>{html.escape(change.sentence())}</bdi></td></tr>"
            for change in self.changes[:20]
        )
        # Else a notebook reads what stands between dollar signs in a name as mathematics.
        return (
            f'<div class="tex2jax_ignore mathjax_ignore"><ul>{items}</ul><table><thead><tr>'
            f"<th>cluster_id</th><th>status</th><th>about</th></tr></thead><tbody>{rows}</tbody></table></div>"
        )


def compare_results(before: Result, after: Result) -> Comparison:
    """Compare two results, by the accounts that their clusters share; see `graphlink.result.comparison`."""
    changes = compare_clusters(before.table("membership"), after.table("membership")).values()
    ordered = sorted(
        changes, key=lambda one: (STATUSES.index(one.status), -one.n_joined - one.n_left, one.cluster_id)
    )
    return Comparison(before, after, tuple(ordered), caveats_of(after, before))
