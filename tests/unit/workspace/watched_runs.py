"""Small runs in a workspace that watches: m1, m2 and m3 are decided on day 28, after the first run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.workspace import cases, decisions
from graphlink.workspace.case_states import CLOSED
from graphlink.workspace.decided import read_known
from graphlink.workspace.found import FoundCluster, FoundRun
from graphlink.workspace.lineage import Lifetimes
from graphlink.workspace.policy import Policy
from graphlink.workspace.runs import Ran, Recorded, record_run, start_run
from graphlink.workspace.store import Store, open_store
from graphlink.workspace.watch_rows import write_watch_list
from graphlink.workspace.watching import size_run, watch_run
from tests.unit.workspace.small_results import Seen, SmallResult, day
from tests.workspaces import ANA, BEN, fresh

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

SERVER, CARD = "203.0.113.7", "card-1"
MEMBERS = ("m1", "m2", "m3")
CROWD: list[Seen] = [(f"x{i}", "client", "app/1", 3) for i in range(3)]


class Clock:
    """The present moment, in days after the beginning."""

    def __init__(self) -> None:
        self.day = 28.0

    def __call__(self) -> dt.datetime:
        return day(self.day)


def on(value: str, at: float, *names: str, kind: str = "ip") -> list[Seen]:
    return [(name, kind, value, at) for name in names]


FIRST = SmallResult(
    [*on(SERVER, 27, *MEMBERS), *on(CARD, 20, "m1", "m2", kind="payment"), *CROWD],
    clusters={"C-1": MEMBERS},
)


class Team:
    """A workspace with one run, of which the lineage K-1 has a case."""

    def __init__(self, folder: Path, place: Path | str = "") -> None:
        self.clock = Clock()
        self.store: Store = open_store(place or fresh(folder), self.clock)
        with self.store.write(ANA) as rows:
            seq = rows.append("model.adopted", "model 1", {})
            rows.insert("models", {"model_no": rows.number("model"), "sha256": "", "seq": seq})
        self.result = FIRST
        self.run(FIRST)

    def run(self, result: SmallResult, at: float | None = None) -> Recorded:
        """Record a run of a result at a day."""
        self.clock.day = self.clock.day if at is None else at
        with self.store.write(ANA) as rows:
            number = start_run(rows)
        found = FoundRun(
            {
                name: FoundCluster(frozenset(members), tuple(members), result.one.get(name, 0.99), 0.01)
                for name, members in result.clusters.items()
            },
            Lifetimes({}, {}),
            day(0),
            day(self.clock.day),
            "0" * 64,
        )
        with self.store.read() as rows:
            known = read_known(rows)
        watching = watch_run(result, known)
        self.result = result
        with self.store.write(ANA) as rows:
            ran = Ran(number, f"results/R-{number}", 1, "", found, None, watching)
            return record_run(rows, ran, Policy(), is_forced=True)

    def decide(self, *accounts: str, action: str = "close", case: int = 1) -> int:
        """Let two people decide on accounts of K-1, and remember what was exclusive to them."""
        listed = tuple(decisions.Listed(name, "core", 0.99) for name in accounts)
        with self.store.write(ANA) as rows:
            number = decisions.propose(
                rows, decisions.Proposal(case, 1, 1, action, listed, "a farm", "0" * 64)
            )
        with self.store.read() as rows:
            watching = size_run(self.result, read_known(rows, number))
        with self.store.write(BEN) as rows:
            decisions.decide(rows, number, "approved", "agreed")
            write_watch_list(rows, watching, 1)
        return number

    def close_case(self, resolution: str = "acted") -> None:
        """Close case 1."""
        with self.store.write(ANA) as rows:
            cases.change_status(rows, 1, CLOSED, "done", resolution)
