"""How well the accounts of an operator are ranked from a seed list of a tenth of them.

    python -m tests.bench.organisations --seeds 9301 9302 9303 --accounts 2000

Of each planted operator with enough accounts a tenth, drawn by hash, is known; the others should rank first.
Beside it stands a plain ranking: by the strongest link to an account of the seed list.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import graphlink
from graphlink import EngineSettings
from graphlink.samples import FARM_STYLES, draw_world
from graphlink.samples.scenarios import scenarios
from graphlink.workspace.knowledge import ACCOUNT, Knowledge, Organisation
from graphlink.workspace.organisations import link_organisation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphlink import Result

LEAST_ACCOUNTS = 10
RANKS = (5, 10, 20)
LEVELS = (0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 1.0)


@dataclass(frozen=True)
class Ranking:
    """The ranking of one operator.

    Attributes:
        n_wanted: Its accounts outside the seed list.
        right: Per rank whether the account is one of them.
        stated: Per rank the probability stated.
        plain: The same as `right`, by the strongest link to the seed list.
    """

    n_wanted: int
    right: tuple[bool, ...]
    stated: tuple[float, ...]
    plain: tuple[bool, ...]


def rank_operators(seed: int, n_accounts: int, scenario: str) -> list[Ranking]:
    """Rank the accounts around a seed list of each operator of a world."""
    world = draw_world(seed, n_accounts, scenarios[scenario])
    with tempfile.TemporaryDirectory() as folder:
        settings = world.write(Path(folder) / "world")
        limits = EngineSettings(threads=1)
        result = graphlink.run(settings, out=Path(folder) / "result", limits=limits)
        seen = set(result.table("accounts", ["account_id"])["account_id"].to_pylist())
        operators: dict[str, list[str]] = defaultdict(list)
        for row in world.truth.select(["account_id", "operator_id", "style"]).to_pylist():
            if row["style"] in FARM_STYLES and row["account_id"] in seen:
                operators[row["operator_id"]].append(row["account_id"])
        return [
            rank(result, name, accounts)
            for name, accounts in sorted(operators.items())
            if len(accounts) >= LEAST_ACCOUNTS
        ]


def rank(result: Result, name: str, accounts: list[str]) -> Ranking:
    """Rank the accounts around a tenth of an operator's."""
    shuffled = sorted(accounts, key=lambda account: hashlib.sha256(account.encode()).hexdigest())
    n_known = max(1, round(len(shuffled) / 10))
    known, wanted = set(shuffled[:n_known]), set(shuffled[n_known:])
    items = tuple(Knowledge(ACCOUNT, account, "seed list") for account in sorted(known))
    ranked = link_organisation(result, Organisation(name, items)).unknown
    strongest: dict[str, float] = {}
    for row in result.table("links", ["account_id_l", "account_id_r", "probability"]).to_pylist():
        for near, far in itertools.permutations((row["account_id_l"], row["account_id_r"])):
            if near in known and far not in known:
                strongest[far] = max(strongest.get(far, 0.0), row["probability"])
    plain = sorted(strongest, key=lambda account: (-strongest[account], account))
    return Ranking(
        len(wanted),
        tuple(one.account_id in wanted for one in ranked),
        tuple(one.probability for one in ranked),
        tuple(account in wanted for account in plain),
    )


def rank_rows(rankings: Sequence[Ranking]) -> list[str]:
    """Rows of precision and recall at the ranks; the last is at as many as are wanted."""
    rows = []
    for n in (*RANKS, None):
        ends = [(one, one.n_wanted if n is None else n) for one in rankings]
        precision = np.mean([sum(one.right[:end]) / max(1, len(one.right[:end])) for one, end in ends])
        recall = np.mean([sum(one.right[:end]) / one.n_wanted for one, end in ends])
        plain = np.mean([sum(one.plain[:end]) / one.n_wanted for one, end in ends])
        name = "as many as are wanted" if n is None else f"{n}"
        rows.append(f"| {name} | {precision:.2f} | {recall:.2f} | {plain:.2f} |")
    return rows


def level_rows(rankings: Sequence[Ranking]) -> list[str]:
    """Rows of stated probability against how often it was right, and the recall from there on."""
    pairs = [pair for one in rankings for pair in zip(one.stated, one.right, strict=True)]
    n_wanted, rows = sum(one.n_wanted for one in rankings), []
    for low, high in itertools.pairwise(LEVELS):
        right = [is_right for p, is_right in pairs if low <= p < high]
        above = sum(is_right for p, is_right in pairs if p >= low)
        rows.append(f"| {low:g} to {high:g} | {len(right)} | {sum(right)} | {above / n_wanted:.2f} |")
    return rows


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.organisations")
    parser.add_argument("--seeds", type=int, nargs="+", default=[9301], help="of the worlds")
    parser.add_argument("--accounts", type=int, default=2_000, help="of each world")
    parser.add_argument("--scenario", default="default", choices=list(scenarios))
    options = parser.parse_args()
    rankings = [
        one for seed in options.seeds for one in rank_operators(seed, options.accounts, options.scenario)
    ]
    print("| ranks | precision | recall | recall by the strongest link |\n|---|---|---|---|")
    print("\n".join(rank_rows(rankings)))
    print("\n| stated | accounts | right | recall from here on |\n|---|---|---|---|")
    print("\n".join(level_rows(rankings)))
    print(f"{len(rankings)} operators of seeds {options.seeds}", file=sys.stderr)


if __name__ == "__main__":
    main()
