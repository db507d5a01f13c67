"""Alerts of a run, and the cases they go to: of lineages, and of accounts that came back after a decision."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from graphlink.core.wording.figures import counted, format_probability
from graphlink.workspace import cases
from graphlink.workspace.alerts import RETURNED, Alert, Standing, raise_alerts
from graphlink.workspace.returns import NAMED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphlink.workspace.case_states import Case
    from graphlink.workspace.decided import DecisionOf
    from graphlink.workspace.found import FoundCluster
    from graphlink.workspace.lineage import Assignment
    from graphlink.workspace.policy import Policy
    from graphlink.workspace.returns import Return
    from graphlink.workspace.store import Reading, Row, Writing
    from graphlink.workspace.watching import Watching

_MOST_NAMED = 3  # accounts in the text of an alert


def raise_lineages(
    rows: Writing, run_no: int, run: tuple[Assignment, Mapping[str, FoundCluster]], policy: Policy
) -> tuple[tuple[Alert, int], ...]:
    """Raise what is news of the lineages of a run, each into its case.

    Args:
        rows: The transaction.
        run_no: The run.
        run: The lineages of its clusters, and the clusters.
        policy: The thresholds.
    """
    assignment, found = run
    standings = [
        Standing(
            one.lineage,
            one.change,
            one.n_accounts,
            found[one.cluster_id].p_same_operator,
            found[one.cluster_id].fdr,
        )
        for one in assignment.placements
        if one.lineage is not None
    ]
    rules: dict[int, dict[str, Row]] = {}
    for row in rows.rows("alerts"):
        rules.setdefault(row["lineage_no"], {})[row["rule"]] = row
    earlier = {
        number: {rule: row["n_accounts"] for rule, row in had.items()} for number, had in rules.items()
    }
    sure = {one.lineage: one.p_same_operator for one in standings}
    raised = []
    for alert in raise_alerts(standings, earlier, policy):
        text = (
            f"{alert.rule}: K-{alert.lineage}, {counted(alert.n_accounts, 'account')}, "
            f"p {format_probability(sure[alert.lineage])}"
        )
        case = cases.case_of(rows, alert.lineage)
        number = case.number if case else cases.open_case(rows, f"K-{alert.lineage}", (alert.lineage,))
        cases.note_alert(rows, number, alert.rule, text)
        _write_alert(rows, run_no, alert, rules.get(alert.lineage, {}).get(alert.rule), number)
        raised.append((alert, number))
    return tuple(raised)


def _write_alert(rows: Writing, run: int, alert: Alert, before: Row | None, case: int) -> None:
    changes: dict[str, object] = {
        "last_run": run,
        "n_accounts": alert.n_accounts,
        "state": "open",
        "case_no": case,
    }
    if before is not None:
        again = changes | {"n_raised": before["n_raised"] + 1}
        rows.update("alerts", again, alert_no=before["alert_no"])
        return
    key = {"alert_no": rows.number("alert"), "rule": alert.rule, "lineage_no": alert.lineage}
    rows.insert("alerts", key | changes | {"first_run": run, "n_raised": 1})


def join_returns(
    rows: Writing, watching: Watching, assignment: Assignment, clusters: Mapping[str, frozenset[str]]
) -> None:
    """Bring lineages that are likelier returns than not to the case of the decision.

    A lineage without a case is added to that one; where it has its own, the two are linked.

    Args:
        rows: The transaction.
        watching: The watch list in the light of the run.
        assignment: The lineages of the clusters of the run.
        clusters: The accounts of each cluster.
    """
    found = {one.account_id: one for one in watching.returns if not one.is_older}
    for placed in assignment.placements:
        members = clusters[placed.cluster_id]
        expected: dict[str, float] = defaultdict(float)
        for account in members & found.keys():
            expected[found[account].lineage_id] += found[account].probability
        if placed.lineage is None or not expected:
            continue
        name, n = max(expected.items(), key=lambda item: (item[1], item[0]))
        decision = watching.known.decisions[name]
        if 2 * n < len(members) or placed.lineage == decision.lineage:
            continue
        old, own = _case_of_decision(rows, decision), cases.case_of(rows, placed.lineage)
        why = f"of {counted(len(members), 'account')} {n:.1f} are expected to be returns of {name}"
        if own is None:
            cases.add_lineage(rows, old.number, placed.lineage, why)
        elif own.number != old.number and old.number not in own.linked:
            cases.link_cases(rows, own.number, old.number, f"K-{placed.lineage}: {why}")


def raise_returned(
    rows: Writing, run_no: int, run: tuple[Watching, Mapping[int, int]], policy: Policy
) -> tuple[tuple[Alert, int], ...]:
    """Raise that accounts of decided lineages came back, into the case of the decision.

    It is raised with the first that is named, and when enough have come since.

    Args:
        rows: The transaction.
        run_no: The run, whose returns are recorded.
        run: The watch list in its light, and the lineage that each decided one goes on as.
        policy: The thresholds.
    """
    watching, goes_on = run
    named: dict[int, list[Return]] = {}
    latest: dict[int, DecisionOf] = {}
    for one in watching.returns:
        if one.is_named:
            decision = watching.known.decisions[one.lineage_id]
            lineage = goes_on[decision.lineage]
            named.setdefault(lineage, []).append(one)
            latest[lineage] = max(latest.get(lineage, decision), decision)
    raised = []
    for lineage, back in sorted(named.items()):
        decisions = {
            one.number for one in watching.known.decisions.values() if goes_on[one.lineage] == lineage
        }
        hits = rows.rows_of("hits", "decision_no", sorted(decisions))
        n_back = len({row["account_no"] for row in hits if row["state"] == NAMED})
        before = rows.row("alerts", rule=RETURNED, lineage_no=lineage)
        if before is not None and not policy.is_news(before["n_accounts"], n_back):
            continue
        alert, case = Alert(RETURNED, lineage, n_back), _case_of_decision(rows, latest[lineage])
        cases.note_alert(rows, case.number, RETURNED, _returned_text(lineage, n_back, back))
        _write_alert(rows, run_no, alert, before, case.number)
        raised.append((alert, case.number))
    return tuple(raised)


def _returned_text(lineage: int, n_back: int, back: list[Return]) -> str:
    # Names as they are: what is forgotten is looked for by its name, and whoever prints escapes.
    listed = [f"{one.account_id} (p {format_probability(one.probability)})" for one in back[:_MOST_NAMED]]
    more = f" and {len(back) - _MOST_NAMED:,} more" if len(back) > _MOST_NAMED else ""
    return f"{RETURNED}: K-{lineage}, {counted(n_back, 'account')} back so far; now {', '.join(listed)}{more}"


def _case_of_decision(rows: Reading, decision: DecisionOf) -> Case:
    """The case of a decision, or the one that it was merged into in the end."""
    row = rows.row("decisions", decision_no=decision.number) or {}
    (case,) = cases.read_cases(rows, (row["case_no"],))
    return cases.goes_on_as(rows, case)
