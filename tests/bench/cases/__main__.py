"""How long the pages of a team take with 100,000 events: `python -m tests.bench.cases`.

2,000 cases, 27,000 labels and 2,000 proposals. CPU time, median of five, in the store and over HTTP; to make
the events takes about three minutes.
"""

from __future__ import annotations

import functools
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from graphlink.monitoring import open_workspace
from graphlink.workspace import cases, decisions, labels
from graphlink.workspace.audit import read_newest
from graphlink.workspace.case_states import check_states
from graphlink.workspace.folder import init_workspace
from graphlink.workspace.labels import Statement, Subject
from graphlink.workspace.policy import Policy
from tests.served import Caller, serve_in_process
from tests.workspaces import ANA, BEN, stock

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphlink.workspace.store import Reading, Store, Writing

_CASES, _EACH = 2_000, 31
_UNSURE, _PAIRS = 24_000, 3_000
_LISTS = (
    "/queue?limit=50",
    "/cases?state=all&limit=50",
    "/cases?state=all&assignee=ana&limit=50",
    "/cases/1",
    "/labels?limit=50",
    "/labels?account=a7&limit=50",
    "/decisions?limit=50",
    "/decisions?state=proposed&limit=50",
    "/conflicts?limit=50",
    "/overview",
)


def fill(store: Store) -> int:
    """Open the cases and work on them in turn, label and propose; return the number of events."""
    stock(store, 1, _CASES)
    numbers = range(1, _CASES + 1)
    with store.write(ANA) as rows:
        for number in numbers:
            cases.open_case(rows, f"K-{number}", (number,))
        for turn in range(_EACH):
            for number in numbers:
                if turn == 3:
                    cases.assign(rows, number, ("ana", "ben", "cem", "")[number % 4])
                elif turn == 5:
                    cases.change_status(rows, number, cases.OPEN, "begun")
                else:
                    cases.comment(rows, number, "Seen again on one server.")
    label(store)
    propose(store)
    with store.write(ANA) as rows:
        for number in numbers:
            if number % 3:
                cases.change_status(rows, number, "closed", "done", "acted")
        for _ in range(500):
            cases.comment(rows, 1, "The busiest case.")
        rows.update("runs", {"state": "refused"}, run_no=1)  # it has no result to be read
        return rows.last_seq


def label(store: Store) -> None:
    """Label pairs of accounts, one in ten for a second person, of which most have answered."""
    verdicts = ["unsure"] * _UNSURE + ["no"] * _PAIRS
    stated = [
        Statement(Subject(f"a{place % 900}", f"b{place}"), verdict, "One card.", second=place % 10 == 0)
        for place, verdict in enumerate(verdicts)
    ]
    with store.write(ANA) as rows:
        made = labels.make_labels(rows, stated, Policy())
    with store.write(BEN) as rows:
        for number in made[::10][:-20]:
            review(rows, "label", number, "yes")


def propose(store: Store) -> None:
    """Propose a decision in each case; one in fifty is left open, the others are rejected."""
    for number in range(1, _CASES + 1):
        accounts = tuple(decisions.Listed(f"m{number}-{one}", "core", 0.9) for one in range(5))
        with store.write(ANA) as rows:
            proposal = decisions.Proposal(number, number, 1, "close", accounts, "A farm.", "0" * 64)
            decisions.propose(rows, proposal)
        if number % 50:
            with store.write(BEN) as rows:
                review(rows, "decision", number, "suspend")
                decisions.decide(rows, number, "rejected", "Too little.")


def review(rows: Writing, what: str, number: int, verdict: str) -> None:
    """Write a review without looking for what waits."""
    seq = rows.append(f"{what}.reviewed", f"{what} {number}", {"verdict": verdict, "why": "One server."})
    about = {"label_no": None, "decision_no": None} | {f"{what}_no": number}
    rows.insert("reviews", {"seq": seq, "verdict": verdict, **about})


def report(what: str, act: Callable[[], object]) -> None:
    """Print the CPU time of something."""
    seconds = []
    for _ in range(5):
        start = time.process_time()
        act()
        seconds.append(time.process_time() - start)
    print(f"{what}: {1000 * statistics.median(seconds):.1f} ms", flush=True)


def main() -> None:
    """Fill a workspace, and report."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "ws"
        init_workspace(place, by="ana")
        workspace = open_workspace(place, by="ana")
        store = workspace.folder.store
        print(f"{fill(store):,} events", flush=True)

        def read(how: Callable[[Reading], object]) -> Callable[[], object]:
            def act() -> object:
                with store.read() as rows:
                    return how(rows)

            return act

        def comment() -> None:
            with store.write(ANA) as rows:
                cases.comment(rows, 7, "One more.")

        report("one case", read(lambda rows: cases.read_cases(rows, (7,))))
        report("a page of the log", read(lambda rows: read_newest(rows, 0, 100)))
        report("a comment", comment)
        report("all rows compared with their events", read(check_states))
        lead = Caller(serve_in_process(workspace, Path(folder)), workspace, "lea", "lead")
        for path in _LISTS:
            report(f"GET {path}", functools.partial(lead.get, path))
        workspace.close()


if __name__ == "__main__":
    main()
