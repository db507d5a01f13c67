"""How many accounts an answer moves across the line of alerts: asked in order, and drawn at random.

    python -m tests.bench.questions --seeds 9501 9502 9503 --accounts 800

Each question is answered by the planted truth as a label in a copy of the workspace, whose next run shows
what moved. Beside it stands what was expected of the answer, and what the question stated for it.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from graphlink import EngineSettings
from graphlink.monitoring import open_workspace
from graphlink.result.result import read_result
from graphlink.samples import draw_world
from graphlink.workspace.folder import init_workspace
from graphlink.workspace.questions import IDENTIFIER, standing_of

if TYPE_CHECKING:
    from graphlink.monitoring import Workspace
    from graphlink.result.result import Result
    from graphlink.samples import World
    from graphlink.workspace.questions import Question

NOW = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
MOST = 100_000  # questions: all of them


class Answered(NamedTuple):
    """A question that was answered.

    Attributes:
        question: The question.
        is_yes: The answer.
        n_moved: Accounts that came into a cluster above the line, or went out of one.
    """

    question: Question
    is_yes: bool
    n_moved: int

    @property
    def n_stated(self) -> int:
        """What the question stated for this answer."""
        return self.question.n_in if self.is_yes else self.question.n_out


class Truth:
    """The operators of a planted world."""

    def __init__(self, world: World, result: Result) -> None:
        rows = world.truth.select(["account_id", "operator_id"]).to_pylist()
        self.operator_of = {row["account_id"]: row["operator_id"] for row in rows}
        self.result = result

    def answer(self, question: Question, members: dict[str, frozenset[str]]) -> bool:
        """Whether the answer to a question is "yes"."""
        one, other = question.subject
        if question.about == IDENTIFIER:
            evidence = self.result.table(
                "evidence", ["account_id_l", "account_id_r", "kind", "value"], {"value": [other]}
            )
            holders = {
                row[end]
                for row in evidence.to_pylist()
                if row["kind"] == one
                for end in ("account_id_l", "account_id_r")
            }
            return len({self.operator_of[account] for account in holders}) == 1
        rest = [self.operator_of[account] for account in members[other] if account != one]
        return 2 * rest.count(self.operator_of[one]) > len(rest)


def above(result: Result, workspace: Workspace) -> set[str]:
    """The accounts in clusters above the line."""
    standing = standing_of(result, {}, ((), ()), workspace._context.folder.policy)
    return {account for account in standing.cluster_of if standing.is_above(account)}


def answered(folder: Path, source: Path, question: Question, *, is_yes: bool) -> int:
    """Answer a question in a copy of the workspace, and count the accounts that move."""
    copy = folder / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder / "ws", copy)
    workspace = open_workspace(copy, by="ana", clock=lambda: NOW)
    one, other = question.subject
    verdict, why = "yes" if is_yes else "no", "planted"
    if question.about == IDENTIFIER:
        workspace.labels.add(verdict, why=why, identifier=(one, other))
    else:
        workspace.labels.add(verdict, why=why, account=one, lineage=other)
    before = above(read_result(workspace.last.path), workspace)
    done = workspace.update(source, limits=EngineSettings(threads=1), drift=False, force=True)
    after = above(done.result, workspace)
    workspace.close()
    return len(before ^ after)


def measure(seed: int, n_accounts: int, n: int, folder: Path) -> tuple[list[Answered], list[Answered]]:
    """Answer the best questions of a world, and as many that are drawn from all with the same seed."""
    world = draw_world(seed, n_accounts)
    source = world.write(folder / "world")
    init_workspace(folder / "ws", by="ana")
    workspace = open_workspace(folder / "ws", by="ana", clock=lambda: NOW)
    result = workspace.update(source, limits=EngineSettings(threads=1), drift=False).result
    asked = workspace.judge.next(MOST)
    truth = Truth(world, result)
    members: dict[str, frozenset[str]] = {}
    for history in workspace.lineages():
        placed = result.table("membership", ["account_id"], {"cluster_id": [history.stages[-1].cluster_id]})
        members[history.name] = frozenset(placed["account_id"].to_pylist())
    workspace.close()
    drawn = random.Random(seed).sample(asked, min(n, len(asked)))
    lists = []
    for questions in (asked[:n], drawn):
        found = []
        for one in questions:
            is_yes = truth.answer(one, members)
            found.append(Answered(one, is_yes, answered(folder, source, one, is_yes=is_yes)))
        lists.append(found)
    return lists[0], lists[1]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.questions")
    parser.add_argument("--seeds", type=int, nargs="+", default=[9501], help="of the worlds")
    parser.add_argument("--accounts", type=int, default=800, help="of each world")
    parser.add_argument("--questions", type=int, default=5, help="answered of each world and order")
    options = parser.parse_args()
    print("| order | questions | answered yes | moved | stated for the answer | expected before it |")
    print("|---|---|---|---|---|---|")
    found: list[tuple[list[Answered], list[Answered]]] = []
    for seed in options.seeds:
        with tempfile.TemporaryDirectory() as folder:
            found.append(measure(seed, options.accounts, options.questions, Path(folder)))
            for one in found[-1][0]:
                print(seed, one.question.text, one.is_yes, one.n_moved, one.n_stated, file=sys.stderr)
    for name, place in (("by value", 0), ("at random", 1)):
        answers = [one for pair in found for one in pair[place]]
        print(
            f"| {name} | {len(answers)} | {sum(one.is_yes for one in answers)} "
            f"| {sum(one.n_moved for one in answers)} | {sum(one.n_stated for one in answers)} "
            f"| {sum(one.question.value for one in answers):.1f} |"
        )


if __name__ == "__main__":
    main()
