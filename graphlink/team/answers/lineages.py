"""Answers about lineages."""

from __future__ import annotations

from graphlink.explorer.answers.base import Answer


class StageRow(Answer):
    """A lineage in one run.

    Attributes:
        run: The run, such as R-12.
        data_until: The last observation of the run, ISO 8601 in UTC; empty without times.
        change: What became of it: born, same, grown, shrunk, merged, split, regrown and others.
        n_accounts: Accounts of its cluster.
        n_joined: Accounts that joined since the run before.
        n_left: Accounts that left.
        p_same_operator: Probability that one organisation operates them and conceals it.
    """

    run: str
    data_until: str
    change: str
    n_accounts: int
    n_joined: int
    n_left: int
    p_same_operator: float | None


class LineageAnswer(Answer):
    """A lineage from run to run.

    Attributes:
        name: Such as K-417.
        goes_on_as: The lineage that it was merged into in the end; itself if in none.
        is_present: Whether the last accepted run has a cluster of it.
        cluster_id: The cluster of what it goes on as in the last accepted result; null if that has none.
        stages: The runs that had a cluster of it, in order.
        events: What became of it, in sentences, in order.
        cases: The cases about it.
    """

    name: str
    goes_on_as: str
    is_present: bool
    cluster_id: str | None
    stages: list[StageRow]
    events: list[str]
    cases: list[int]
