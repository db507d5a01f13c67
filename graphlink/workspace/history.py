"""The history of a lineage: how it changed from run to run, what it was merged into or split from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graphlink.workspace.lineage_names import resolve
from graphlink.workspace.runs import last_run

if TYPE_CHECKING:
    from graphlink.workspace.store import Reading, Row


class Stage(NamedTuple):
    """A lineage in one run.

    Attributes:
        run_no: The run.
        data_until: The last observation of the run, ISO 8601; empty without times.
        cluster_id: Its cluster in the result of that run.
        change: What became of it; see `graphlink.workspace.lineage.CHANGES`.
        n_accounts: Accounts of the cluster.
        n_joined: Accounts that joined.
        n_left: Accounts that left.
        p_same_operator: Probability that one organisation operates them.
    """

    run_no: int
    data_until: str
    cluster_id: str
    change: str
    n_accounts: int
    n_joined: int
    n_left: int
    p_same_operator: float


class History(NamedTuple):
    """A lineage.

    Attributes:
        number: Its number.
        goes_on_as: The lineage that it was merged into in the end; itself if in none.
        is_present: Whether the last accepted run has a cluster of it.
        stages: Its runs in order.
        events: What became of it, in sentences, in order.
        cases: The cases about it.
    """

    number: int
    goes_on_as: int
    is_present: bool
    stages: tuple[Stage, ...]
    events: tuple[str, ...]
    cases: tuple[int, ...]

    @property
    def name(self) -> str:
        """How people name it, such as K-417."""
        return f"K-{self.number}"


def read_history(rows: Reading, number: int) -> History:
    """Read the history of a lineage.

    Raises:
        WorkspaceError: There is no such lineage.
    """
    goes_on_as = resolve(rows, number)
    found = (
        rows.rows("placements", lineage_no=number),
        rows.rows("lineage_events", lineage_no=number),
        rows.rows("case_lineages", lineage_no=number, to_seq=None),
    )
    return _history(number, goes_on_as, found, _runs(rows))


def read_histories(rows: Reading) -> list[History]:
    """Read the histories of all lineages, in order of their numbers."""
    runs = _runs(rows)
    found = [
        _by_lineage(listed)
        for listed in (
            rows.rows("placements"),
            rows.rows("lineage_events"),
            rows.rows("case_lineages", to_seq=None),
        )
    ]
    into = {row["lineage_no"]: row["merged_into"] for row in rows.rows("lineages")}
    return [
        _history(
            number,
            _end_of(number, into),
            (found[0].get(number, []), found[1].get(number, []), found[2].get(number, [])),
            runs,
        )
        for number in sorted(into)
    ]


def cluster_of(rows: Reading, number: int) -> str | None:
    """The cluster of a lineage in the last accepted run; None where that has none."""
    last = last_run(rows)
    row = rows.row("placements", run_no=last["run_no"], lineage_no=number) if last else None
    return row["cluster_id"] if row else None


class _Runs(NamedTuple):
    """The last observation of each run, and the last accepted run."""

    data_until: dict[int, str]
    last: int | None


def _runs(rows: Reading) -> _Runs:
    last = last_run(rows)
    until = {row["run_no"]: row["data_until"] or "" for row in rows.rows("runs")}
    return _Runs(until, last["run_no"] if last else None)


def _by_lineage(rows: list[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row["lineage_no"], []).append(row)
    return found


def _end_of(number: int, into: dict[int, int | None]) -> int:
    while (following := into[number]) is not None:
        number = following
    return number


def _history(
    number: int, goes_on_as: int, found: tuple[list[Row], list[Row], list[Row]], runs: _Runs
) -> History:
    placed, events, cases = found
    stages = tuple(
        Stage(
            row["run_no"],
            runs.data_until[row["run_no"]],
            row["cluster_id"],
            row["change"],
            row["n_accounts"],
            row["n_joined"],
            row["n_left"],
            row["p_same_operator"],
        )
        for row in placed
    )
    return History(
        number,
        goes_on_as,
        any(one.run_no == runs.last for one in stages),
        stages,
        tuple(_sentence(row) for row in events),
        tuple(row["case_no"] for row in cases),
    )


def _sentence(row: Row) -> str:
    other = {"merged": "into", "split": "from"}.get(row["kind"])
    related = f" {other} K-{row['other_no']}" if other and row["other_no"] is not None else ""
    return f"R-{row['run_no']}: {row['kind']}{related}"
