"""Alerts: what is news of a lineage, raised once for each rule until it changes.

`born` is raised when a lineage first is above the line, `grown` when enough accounts have joined since the
last alert, `regrown` when it comes back after most of it was closed and when enough came back since, `merged`
when another goes into it, `returned` when accounts are named as returns of its decision and when enough came
since (`graphlink.workspace.raising`). A lineage that had an alert is followed down to a lower line, so that
none goes on and off with every run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graphlink.workspace.lineage import MERGED, REGROWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from graphlink.workspace.policy import Policy

RETURNED = "returned"
RULES = (RETURNED, "regrown", "merged", "born", "grown")
"""The rules about lineages, the most urgent first."""


class Standing(NamedTuple):
    """How a lineage stands in a run.

    Attributes:
        lineage: The lineage.
        change: What became of it; see `graphlink.workspace.lineage.CHANGES`.
        n_accounts: Accounts of its cluster.
        p_same_operator: Probability that one organisation operates them.
        fdr: The false discovery rate of its cluster, if estimated.
    """

    lineage: int
    change: str
    n_accounts: int
    p_same_operator: float
    fdr: float | None


class Alert(NamedTuple):
    """An alert: a rule, a lineage, and its accounts when it was last raised or looked at."""

    rule: str
    lineage: int
    n_accounts: int


def raise_alerts(
    standings: Iterable[Standing], earlier: Mapping[int, Mapping[str, int]], policy: Policy
) -> tuple[Alert, ...]:
    """Decide what is news.

    Args:
        standings: The lineages of the run.
        earlier: Of each lineage that had an alert, the accounts at the last one of each rule.
        policy: The lines.
    """
    raised = []
    for one in sorted(standings):
        had = earlier.get(one.lineage, {})
        if not _is_above(one, policy, is_followed=bool(had)):
            continue
        rules = []
        if one.change == REGROWN and ("regrown" not in had or policy.is_news(had["regrown"], one.n_accounts)):
            rules.append("regrown")
        if one.change == MERGED:
            rules.append("merged")
        if not rules and not had:
            rules.append("born")
        elif not rules and policy.is_news(max(had.values()), one.n_accounts):
            rules.append("grown")
        raised += [Alert(rule, one.lineage, one.n_accounts) for rule in rules]
    return tuple(sorted(raised, key=lambda alert: (RULES.index(alert.rule), alert.lineage)))


def _is_above(one: Standing, policy: Policy, *, is_followed: bool) -> bool:
    p, fdr = (
        (policy.keep_probability, policy.keep_fdr)
        if is_followed
        else (policy.alert_probability, policy.alert_fdr)
    )
    return one.p_same_operator >= p and (one.fdr is None or one.fdr <= fdr)
