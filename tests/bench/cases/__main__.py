"""How long the pages of a team take with 100,000 events about 2,000 cases: `python -m tests.bench.cases`.

CPU time, median of five; to make the events takes about two minutes.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from graphlink.workspace import cases
from graphlink.workspace.audit import read_newest
from graphlink.workspace.case_states import check_states
from graphlink.workspace.store import open_store
from tests.workspaces import ANA, fresh, stock

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphlink.workspace.store import Reading, Store

_CASES, _EACH = 2_000, 49


def fill(store: Store) -> int:
    """Open the cases and work on them in turn; return the number of events."""
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
                elif turn == 40 and number % 3:
                    cases.change_status(rows, number, "closed", "done", "acted")
                else:
                    cases.comment(rows, number, "Seen again on one server.")
        return rows.last_seq


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
        store = open_store(fresh(Path(folder)))
        print(f"{fill(store):,} events", flush=True)

        def read(how: Callable[[Reading], object]) -> Callable[[], object]:
            def act() -> object:
                with store.read() as rows:
                    return how(rows)

            return act

        def comment() -> None:
            with store.write(ANA) as rows:
                cases.comment(rows, 7, "One more.")

        report("queue", read(lambda rows: cases.queue(cases.read_cases(rows), "ana")))
        report("one case", read(lambda rows: cases.read_cases(rows, (7,))))
        report("a page of the log", read(lambda rows: read_newest(rows, 0, 100)))
        report("a comment", comment)
        report("all rows compared with their events", read(check_states))
        store.close()


if __name__ == "__main__":
    main()
