"""Runs as a workspace records them: accepted or refused, with lineages, alerts and cases, all or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graphlink.workspace import cases
from graphlink.workspace.audit import forgotten_of
from graphlink.workspace.case_states import CLOSED, Case
from graphlink.workspace.checks import Before, find_faults
from graphlink.workspace.lineage import (
    MERGED,
    REFORMED,
    SPLIT,
    Assignment,
    Lineage,
    assign_lineages,
)
from graphlink.workspace.lineage_names import resolve
from graphlink.workspace.raising import join_returns, raise_lineages, raise_returned
from graphlink.workspace.return_rows import record_returns, without_forgotten
from graphlink.workspace.store.transactions import time_text
from graphlink.workspace.watch_rows import write_watch_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from graphlink.workspace.alerts import Alert
    from graphlink.workspace.found import FoundRun
    from graphlink.workspace.policy import Policy
    from graphlink.workspace.store import Reading, Row, Writing
    from graphlink.workspace.watching import Watching

ACCEPTED, REFUSED = "accepted", "refused"


class Ran(NamedTuple):
    """A run that is done, and what it was done with.

    Attributes:
        run_no: Its number.
        folder: The folder of its result, relative to the workspace.
        model_no: The model that weighed it.
        labels_sha256: The labels in force.
        found: What it found.
        drift: By how many bits the weight of each kind has drifted; None where it was not fitted.
        watching: The watch list in its light; None where nothing was looked for.
    """

    run_no: int
    folder: str
    model_no: int
    labels_sha256: str
    found: FoundRun
    drift: Mapping[str, float] | None
    watching: Watching | None = None


class Recorded(NamedTuple):
    """What became of a run.

    Attributes:
        run_no: Its number.
        state: `accepted` or `refused`.
        faults: Why it was refused, or accepted by hand all the same.
        assignment: The lineages of its clusters; None when it was refused.
        alerts: What is news, with the case of each.
        n_forgotten: Accounts in its clusters that were to be forgotten: the input still has them.
    """

    run_no: int
    state: str
    faults: tuple[str, ...]
    assignment: Assignment | None
    alerts: tuple[tuple[Alert, int], ...]
    n_forgotten: int


def start_run(rows: Writing) -> int:
    """Take the number of a run that begins."""
    number = rows.number("run")
    rows.append("run.started", f"run {number}", {})
    return number


def record_run(rows: Writing, ran: Ran, policy: Policy, *, is_forced: bool = False) -> Recorded:
    """Record a run: check it, and if it is accepted give its clusters lineages and raise alerts.

    Args:
        rows: The transaction.
        ran: The run.
        policy: The thresholds.
        is_forced: Whether it is accepted in spite of faults; they are recorded.
    """
    known = read_lineages(rows)
    clusters, n_forgotten = _without_forgotten(rows, ran.found.members)
    counter = rows.row("counters", name="lineage")
    assignment = assign_lineages(
        known, clusters, (counter["value"] if counter else 0) + 1, _pending(rows), ran.found.lifetimes
    )
    faults = find_faults(_before(rows, known), assignment, ran.drift, policy)
    state = REFUSED if faults and not is_forced else ACCEPTED
    seq = rows.append(f"run.{state}", f"run {ran.run_no}", {"faults": list(faults)})
    _insert_run(rows, ran, state, seq)
    if state == REFUSED:
        return Recorded(ran.run_no, state, faults, None, (), n_forgotten)
    n_fresh = assignment.next_number - (counter["value"] if counter else 0) - 1
    if n_fresh:
        rows.number("lineage", n_fresh)
    _record_lineages(rows, ran, assignment, clusters)
    watching = without_forgotten(rows, ran.watching) if ran.watching is not None else None
    if watching is not None:
        join_returns(rows, watching, assignment, clusters)
    alerts = raise_lineages(rows, ran.run_no, (assignment, ran.found.clusters), policy)
    if watching is not None:
        write_watch_list(rows, watching, ran.run_no)
        record_returns(rows, ran.run_no, watching)
        goes_on = {one.lineage: resolve(rows, one.lineage) for one in watching.known.decisions.values()}
        alerts = (*raise_returned(rows, ran.run_no, (watching, goes_on), policy), *alerts)
    _follow_lineages(rows, assignment)
    return Recorded(ran.run_no, state, faults, assignment, alerts, n_forgotten)


def read_lineages(rows: Reading) -> list[Lineage]:
    """Read all lineages with their last known members, without accounts that were forgotten."""
    members: dict[int, list[int]] = {}
    for row in rows.rows("lineage_members", to_run=None):
        members.setdefault(row["lineage_no"], []).append(row["account_no"])
    names = rows.account_names({number for one in members.values() for number in one})
    last = last_run(rows)
    return [
        Lineage(
            row["lineage_no"],
            frozenset(names[one] for one in members.get(row["lineage_no"], ()) if one in names),
            last is not None and row["last_run"] == last["run_no"],
            row["merged_into"],
        )
        for row in rows.rows("lineages")
    ]


def last_run(rows: Reading) -> Row | None:
    """The last accepted run; None before the first."""
    accepted = rows.rows("runs", state=ACCEPTED)
    return accepted[-1] if accepted else None


def _before(rows: Reading, known: Iterable[Lineage]) -> Before:
    last = last_run(rows)
    placed = rows.rows("placements", run_no=last["run_no"]) if last else []
    decided = {row["lineage_no"] for row in rows.rows("decisions", state="approved")}
    n_largest = max((row["n_accounts"] for row in placed), default=0)
    return Before(sum(one.is_present for one in known), n_largest, decided)


def _pending(rows: Reading) -> list[frozenset[str]]:
    """The clusters of two accounts without a lineage in the last accepted run."""
    last = last_run(rows)
    pairs = rows.rows("pending_pairs", run_no=last["run_no"]) if last else []
    names = rows.account_names({row[name] for row in pairs for name in ("account_l", "account_r")})
    return [
        frozenset((names[row["account_l"]], names[row["account_r"]]))
        for row in pairs
        if row["account_l"] in names and row["account_r"] in names
    ]


def _without_forgotten(
    rows: Reading, clusters: Mapping[str, frozenset[str]]
) -> tuple[dict[str, frozenset[str]], int]:
    """The clusters without accounts that were forgotten, and how many these are."""
    gone = forgotten_of(rows, (one for members in clusters.values() for one in members))
    kept = {name: members - gone for name, members in clusters.items()}
    n = sum(len(clusters[name]) - len(members) for name, members in kept.items())
    return {name: members for name, members in kept.items() if len(members) > 1}, n


def _insert_run(rows: Writing, ran: Ran, state: str, seq: int) -> None:
    times = (ran.found.data_from, ran.found.data_until)
    data_from, data_until = (time_text(at) if at else None for at in times)
    rows.insert(
        "runs",
        {
            "run_no": ran.run_no,
            "folder": ran.folder,
            "manifest_sha256": ran.found.manifest_sha256,
            "model_no": ran.model_no,
            "labels_sha256": ran.labels_sha256,
            "data_from": data_from,
            "data_until": data_until,
            "state": state,
            "seq": seq,
        },
    )


def _record_lineages(
    rows: Writing, ran: Ran, assignment: Assignment, clusters: Mapping[str, frozenset[str]]
) -> None:
    run = ran.run_no
    known = {row["lineage_no"] for row in rows.rows("lineages")}
    placed = {one.lineage: one for one in assignment.placements if one.lineage is not None}
    fresh = [number for number in sorted(placed) if number not in known]
    born: dict[str, int | None] = {"born_run": run, "last_run": run, "merged_into": None, "name": None}
    rows.insert("lineages", *({"lineage_no": number, **born} for number in fresh))
    for number in sorted(set(placed) - set(fresh)):
        rows.update("lineages", {"last_run": run, "merged_into": None}, lineage_no=number)
    for event in assignment.events:
        if event.kind == MERGED:
            rows.update("lineages", {"merged_into": event.other}, lineage_no=event.lineage)
    _record_members(rows, run, {number: clusters[one.cluster_id] for number, one in placed.items()})
    pairs = [sorted(clusters[one.cluster_id]) for one in assignment.placements if one.lineage is None]
    numbers = rows.account_numbers(name for pair in pairs for name in pair)
    rows.insert(
        "pending_pairs",
        *({"run_no": run, "account_l": numbers[pair[0]], "account_r": numbers[pair[-1]]} for pair in pairs),
    )
    found = ran.found.clusters
    rows.insert(
        "placements",
        *(
            {
                "run_no": run,
                "cluster_id": one.cluster_id,
                "lineage_no": one.lineage,
                "change": one.change,
                "n_accounts": one.n_accounts,
                "n_joined": one.n_joined,
                "n_left": one.n_left,
                "n_shared": one.n_shared,
                "jaccard": one.jaccard,
                "p_same_operator": found[one.cluster_id].p_same_operator,
                "fdr": found[one.cluster_id].fdr,
            }
            for one in assignment.placements
        ),
    )
    first = rows.number("lineage event", len(assignment.events)) if assignment.events else 0
    rows.insert(
        "lineage_events",
        *(
            {
                "event_no": first + i,
                "run_no": run,
                "lineage_no": one.lineage,
                "kind": one.kind,
                "other_no": one.other,
                "n_shared": one.n_shared,
            }
            for i, one in enumerate(assignment.events)
        ),
    )


def _record_members(rows: Writing, run: int, members: Mapping[int, frozenset[str]]) -> None:
    """Close the rows of who left a lineage, and add those of who joined."""
    numbers = rows.account_numbers(name for one in members.values() for name in one)
    held: dict[int, set[int]] = {number: set() for number in members}
    for row in rows.rows("lineage_members", to_run=None):
        if row["lineage_no"] in held:
            held[row["lineage_no"]].add(row["account_no"])
    joined = []
    for number, names in sorted(members.items()):
        now = {numbers[name] for name in names}
        left = sorted(held[number] - now)
        rows.update_of("lineage_members", "account_no", left, {"to_run": run}, lineage_no=number, to_run=None)
        joined += [
            {"lineage_no": number, "account_no": account, "from_run": run, "to_run": None}
            for account in sorted(now - held[number])
        ]
    rows.insert("lineage_members", *joined)


def _open_case(rows: Reading, lineage: int) -> Case | None:
    case = cases.case_of(rows, lineage)
    return case if case is not None and case.status != CLOSED else None


def _follow_lineages(rows: Writing, assignment: Assignment) -> None:
    """Let open cases follow their lineages: what merged is in one case, what was split off is added."""
    for event in assignment.events:
        if event.other is None or event.kind not in (MERGED, SPLIT, REFORMED):
            continue
        case, other = _open_case(rows, event.lineage), _open_case(rows, event.other)
        why = f"K-{event.lineage} {event.kind} {'into' if event.kind == MERGED else 'from'} K-{event.other}"
        if event.kind == MERGED and case is not None:
            if other is None or case.number == other.number:
                cases.add_lineage(rows, case.number, event.other, why)
            elif case.status in (cases.PROPOSED, cases.APPROVED):
                cases.comment(rows, case.number, f"{why}; case {other.number} is about that one")
            else:
                cases.merge_cases(rows, case.number, other.number, why)
        elif event.kind == SPLIT and other is not None:
            cases.add_lineage(rows, other.number, event.lineage, why)
