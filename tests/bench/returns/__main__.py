"""How many planted returns are named within a week, and how many honest newcomers with them.

    python -m tests.bench.returns --seeds 9201 9202 9203 --accounts 2500

Of each world one run at the closing gives the clusters, and one a week after the return is searched. A
decision covers either everything that was closed, or the clusters of the first run in which operators that
were closed prevail, with whoever else is in them.
"""

from __future__ import annotations

import argparse
import datetime as dt
import itertools
import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import graphlink
from graphlink import EngineSettings
from graphlink.samples import draw_world
from graphlink.workspace.returns import IN_THE_RUN, find_returns
from graphlink.workspace.watch import DecidedLineage, size_watch_list
from tests.bench.returns.planted import CLOSED_AT, Planted, plant_returns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphlink import Result
    from graphlink.samples import World

KEPT = {
    "addresses, clients, cards": frozenset({"addresses", "clients", "cards"}),
    "addresses, clients; new cards": frozenset({"addresses", "clients"}),
    "cards": frozenset({"cards"}),
    "addresses": frozenset({"addresses"}),
    "clients": frozenset({"clients"}),
    "nothing": frozenset[str](),
}
ABSENCES = {"6 h": dt.timedelta(hours=6), "3 d": dt.timedelta(days=3), "14 d": dt.timedelta(days=14)}
WEEK = dt.timedelta(days=7)
LEVELS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)


@dataclass(frozen=True)
class Outcome:
    """What was named in one world.

    Attributes:
        n_returned: Accounts that came back and were seen.
        n_named: Of them, those named.
        n_listed: Of those that came back, named or listed as possible.
        n_in_run: Of those named, by being clustered with decided accounts.
        n_of_decided: Returned accounts that stand for a decided one.
        n_named_of_decided: Of them, those named.
        n_operators: Operators that came back.
        n_noticed: Of them, those with at least one account named.
        n_honest: Honest newcomers.
        n_wrong: Of them, those named.
        n_wrong_listed: Of them, named or listed as possible.
        stated: Probability of each listed account, and whether it is a return; of nobody else's accounts.
    """

    n_returned: int
    n_named: int
    n_listed: int
    n_in_run: int
    n_of_decided: int
    n_named_of_decided: int
    n_operators: int
    n_noticed: int
    n_honest: int
    n_wrong: int
    n_wrong_listed: int
    stated: tuple[tuple[float, bool], ...]


def run_of(world: World, folder: Path) -> Result:
    """Run a world."""
    return graphlink.run(
        world.write(folder / "world"), out=folder / "result", limits=EngineSettings(threads=1)
    )


def whole_decisions(planted: Planted) -> list[DecidedLineage]:
    """A decision for each operator that covers everything that was closed."""
    accounts = planted.until(CLOSED_AT).accounts["account_id"].to_pylist()
    of, closed = planted.operator_of(), defaultdict(set)
    for account in accounts:
        if of[account] in planted.operators:
            closed[of[account]].add(account)
    return [DecidedLineage(name, frozenset(closed[name]), CLOSED_AT) for name in sorted(closed)]


def cluster_decisions(planted: Planted, before: Result) -> list[DecidedLineage]:
    """A decision for each cluster whose core is mostly one closed operator's; it covers all its members."""
    of = planted.operator_of()
    members: dict[str, set[str]] = defaultdict(set)
    core: dict[str, list[str]] = defaultdict(list)
    for row in before.table("membership", ["account_id", "cluster_id", "role"]).to_pylist():
        if row["cluster_id"] is not None:
            members[row["cluster_id"]].add(row["account_id"])
            core[row["cluster_id"]] += [of[row["account_id"]]] if row["role"] == "core" else []
    decided = []
    for cluster, operators in sorted(core.items()):
        operator, n = Counter(operators).most_common(1)[0] if operators else ("", 0)
        if operator in planted.operators and 2 * n > len(operators):
            decided.append(DecidedLineage(cluster, frozenset(members[cluster]), CLOSED_AT))
    return decided


def outcome_of(planted: Planted, result: Result, decided: list[DecidedLineage], at: dt.datetime) -> Outcome:
    """Name returns in a result, and compare with the truth."""
    watch_list = size_watch_list(result, decided)
    returns = find_returns(result, watch_list, decided)
    of, back, honest = planted.operator_of(), planted.returned(at), planted.honest_newcomers(at)
    known = {account for one in decided for account in one.accounts}
    named = {one.account_id for one in returns if one.is_named}
    of_decided = {account for account in back if planted.predecessors[account] in known}
    listed = [one for one in returns if one.account_id in back | honest]
    return Outcome(
        len(back),
        len(named & back),
        len(back & {one.account_id for one in returns}),
        sum(one.is_named and one.road == IN_THE_RUN and one.account_id in back for one in returns),
        len(of_decided),
        len(named & of_decided),
        len({of[account] for account in back}),
        len({of[account] for account in back & named}),
        len(honest),
        len(named & honest),
        len(honest & {one.account_id for one in returns}),
        tuple((one.probability, one.account_id in back) for one in listed),
    )


def measure(seed: int, n_accounts: int, kept: str, absence: str, folder: Path) -> tuple[Outcome, Outcome]:
    """Measure one world, with decisions that cover everything closed and with those of its clusters."""
    planted = plant_returns(draw_world(seed, n_accounts), KEPT[kept], ABSENCES[absence])
    at = planted.back_at + WEEK
    first = folder / f"{seed} before"
    if not (first / "result" / "run.json").exists():
        run_of(planted.until(CLOSED_AT), first)
    before = graphlink.read_result(first / "result")
    after = run_of(planted.until(at), folder / f"{seed} {kept} {absence}".replace(",", "").replace(";", ""))
    decisions = whole_decisions(planted), cluster_decisions(planted, before)
    whole, clusters = (outcome_of(planted, after, decided, at) for decided in decisions)
    return whole, clusters


def row_of(kept: str, absence: str, covers: str, outcomes: list[Outcome]) -> str:
    """A row of the table."""

    def total(name: str) -> int:
        return sum(getattr(one, name) for one in outcomes)

    def share(part: str, whole: str) -> str:
        return f"{total(part)} of {total(whole)} ({total(part) / max(1, total(whole)):.0%})"

    wrong = f"{total('n_wrong')} of {total('n_honest')}"
    return (
        f"| {kept} | {absence} | {covers} | {share('n_named', 'n_returned')} | {total('n_in_run')} "
        f"| {share('n_named_of_decided', 'n_of_decided')} | {share('n_listed', 'n_returned')} "
        f"| {total('n_noticed')} of {total('n_operators')} | {wrong} | {total('n_wrong_listed')} |"
    )


def reliability(stated: Iterable[tuple[float, bool]]) -> list[str]:
    """Rows of stated probability against how often it was right."""
    stated, rows = list(stated), []
    for low, high in itertools.pairwise(LEVELS):
        right = [is_right for p, is_right in stated if low <= p < high or p == high == 1.0]
        if right:
            rows.append(f"| {low:g} to {high:g} | {len(right)} | {sum(right) / len(right):.3f} |")
    return rows


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.returns")
    parser.add_argument("--seeds", type=int, nargs="+", default=[9201], help="of the worlds")
    parser.add_argument("--accounts", type=int, default=2_500, help="of each world")
    parser.add_argument("--kept", nargs="+", default=list(KEPT), choices=list(KEPT))
    parser.add_argument("--absences", nargs="+", default=["3 d"], choices=list(ABSENCES))
    options = parser.parse_args()
    print(
        "| kept | absent | decided | named | of them in the run | of decided accounts | named or possible "
        "| operators | newcomers named | and possible |"
    )
    print("|" + "---|" * 10)
    stated: list[tuple[float, bool]] = []
    with tempfile.TemporaryDirectory() as folder:
        for absence in options.absences:
            for kept in options.kept:
                both = [
                    measure(seed, options.accounts, kept, absence, Path(folder)) for seed in options.seeds
                ]
                for covers, outcomes in zip(("all closed", "clusters"), zip(*both, strict=True), strict=True):
                    print(row_of(kept, absence, covers, list(outcomes)), flush=True)
                    stated += [pair for one in outcomes for pair in one.stated]
    print("\n| stated | accounts | right |\n|---|---|---|")
    print("\n".join(reliability(stated)))
    print(f"seeds {options.seeds}, {options.accounts} accounts", file=sys.stderr)


if __name__ == "__main__":
    main()
