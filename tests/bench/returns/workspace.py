"""How many planted returns a workspace names within a week: decided by two, closed, updated, listed.

    python -m tests.bench.returns.workspace --seeds 9601 9602 9603 --accounts 2000

A lineage is decided on where closed operators prevail in its core; its members are the decision. A week after
the return the workspace is updated again, and what `returns` lists is compared with the truth.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from graphlink import EngineSettings
from graphlink.monitoring import open_workspace
from graphlink.samples import draw_world
from graphlink.storage.arrow_values import rows_of
from graphlink.workspace.folder import init_workspace
from tests.bench.returns.__main__ import ABSENCES, KEPT, WEEK
from tests.bench.returns.planted import CLOSED_AT, plant_returns

if TYPE_CHECKING:
    from graphlink.monitoring import Workspace
    from tests.bench.returns.planted import Planted


class Outcome(NamedTuple):
    """What a workspace named in one world.

    Attributes:
        n_decided: Accounts of decisions.
        n_back: Returned accounts that stand for a decided one.
        n_named: Of them, those named.
        n_all_back: All returned accounts.
        n_all_named: Of them, those named.
        n_decisions: Decisions of whose operator somebody is back.
        n_raised: Of them, those in whose case `returned` was raised.
        n_honest: Honest newcomers.
        n_wrong: Of them, those named.
        n_others: Accounts named that are neither; those of closed operators that only paid are returns too.
    """

    n_decided: int
    n_back: int
    n_named: int
    n_all_back: int
    n_all_named: int
    n_decisions: int
    n_raised: int
    n_honest: int
    n_wrong: int
    n_others: int


def decide(workspace: Workspace, planted: Planted) -> dict[int, str]:
    """Decide on every lineage in whose core closed operators prevail; decision to operator."""
    of, result, decided = planted.operator_of(), workspace.last, {}
    case_of = {number: one.number for one in workspace.cases.all() for number in one.lineages}
    for history in workspace.lineages():
        where = {"cluster_id": [history.stages[-1].cluster_id]}
        rows = rows_of(result.table("membership", where=where))
        core = [of[row["account_id"]] for row in rows if row["role"] == "core"]
        operator, n = Counter(core).most_common(1)[0] if core else ("", 0)
        if operator not in planted.operators or 2 * n <= len(core):
            continue
        fringe = [row["account_id"] for row in rows if row["role"] == "fringe"]
        case = case_of.get(history.number) or workspace.cases.open(history.name, [history.name])
        number = workspace.decisions.propose(case, "close", "planted", lineage=history.name, fringe=fringe)
        ben = workspace.as_user("ben").decisions
        ben.review(number, "close", "planted")
        ben.decide(number, "approved", "planted")
        decided[number] = operator
    return decided


def measure(seed: int, n_accounts: int, kept: str, absence: str, folder: Path) -> Outcome:
    """Follow one world in a workspace."""
    planted = plant_returns(draw_world(seed, n_accounts), KEPT[kept], ABSENCES[absence])
    now = CLOSED_AT
    init_workspace(folder / "ws", by="ana")
    workspace = open_workspace(folder / "ws", by="ana", clock=lambda: now)
    limits = EngineSettings(threads=1)
    workspace.update(planted.until(now).write(folder / "before"), limits=limits, drift=False)
    decided = decide(workspace, planted)
    now = planted.back_at + WEEK
    workspace.update(planted.until(now).write(folder / "after"), limits=limits, drift=False, force=True)
    of, back, honest = planted.operator_of(), planted.returned(now), planted.honest_newcomers(now)
    known = {row.account_id for one in workspace.decisions.all() for row in one.proposal.accounts}
    named = {one.account_id for one in workspace.returns().noticed if one.is_named}
    of_decided = {account for account in back if planted.predecessors[account] in known}
    operators_back = {of[account] for account in of_decided}
    raised = {
        number
        for number in decided
        if "returned" in workspace.cases.get(workspace.decisions.get(number).proposal.case).alerts
    }
    with_back = {number for number, operator in decided.items() if operator in operators_back}
    workspace.verify()
    workspace.close()
    return Outcome(
        len(known),
        len(of_decided),
        len(named & of_decided),
        len(back),
        len(named & back),
        len(with_back),
        len(raised & with_back),
        len(honest),
        len(named & honest),
        len({account for account in named - honest - set(planted.predecessors) if account in of}),
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.returns.workspace")
    parser.add_argument("--seeds", type=int, nargs="+", default=[9601], help="of the worlds")
    parser.add_argument("--accounts", type=int, default=2_000, help="of each world")
    parser.add_argument("--kept", nargs="+", default=list(KEPT)[:2], choices=list(KEPT))
    parser.add_argument("--absence", default="3 d", choices=list(ABSENCES))
    options = parser.parse_args()
    print(
        "| kept | decided | back of them | named | back in all | named | decisions raised | newcomers named |"
    )
    print("|" + "---|" * 8)
    for kept in options.kept:
        found = []
        for seed in options.seeds:
            with tempfile.TemporaryDirectory() as folder:
                found.append(measure(seed, options.accounts, kept, options.absence, Path(folder)))
        n = Outcome(*(sum(part) for part in zip(*found, strict=True)))
        print(
            f"| {kept} | {n.n_decided} | {n.n_back} | {n.n_named} ({n.n_named / max(1, n.n_back):.0%}) "
            f"| {n.n_all_back} | {n.n_all_named} ({n.n_all_named / max(1, n.n_all_back):.0%}) "
            f"| {n.n_raised} of {n.n_decisions} | {n.n_wrong + n.n_others} of {n.n_honest} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
