"""The history of a lineage over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.team.answers import lineages as answers
from graphlink.team.asked import found, lineage_in
from graphlink.workspace.history import cluster_of, read_history

if TYPE_CHECKING:
    from graphlink.team.asked import Asked


def describe_lineage(asked: Asked) -> answers.LineageAnswer:
    """A lineage from run to run: how it grew and shrank, what it was merged into, and its cases."""
    number = lineage_in(asked.query.needed("lineage"))
    history = found(lambda: asked.reading(lambda rows: read_history(rows, number)))
    cluster = asked.reading(lambda rows: cluster_of(rows, history.goes_on_as))
    return answers.LineageAnswer(
        name=history.name,
        goes_on_as=f"K-{history.goes_on_as}",
        is_present=history.is_present,
        cluster_id=asked.glasses.cluster(cluster),
        stages=[
            answers.StageRow(
                run=f"R-{one.run_no}",
                data_until=one.data_until,
                change=one.change,
                n_accounts=one.n_accounts,
                n_joined=one.n_joined,
                n_left=one.n_left,
                p_same_operator=one.p_same_operator,
            )
            for one in history.stages
        ],
        events=list(history.events),
        cases=list(history.cases),
    )
