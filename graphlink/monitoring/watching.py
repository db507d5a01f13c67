"""The watch list of an open workspace, and who came back."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from graphlink.core.arguments import checked
from graphlink.monitoring.spelling import account_spelling, spelling_of
from graphlink.workspace.decided import read_known
from graphlink.workspace.indicators import read_indicators, watch_indicators
from graphlink.workspace.return_rows import Noticed, Rate, plain_returns, read_noticed, read_rates
from graphlink.workspace.runs import last_run, read_lineages
from graphlink.workspace.screening import Screen, Screened, make_screen
from graphlink.workspace.sightings import read_sightings
from graphlink.workspace.watch_rows import Entry, add_indicators, read_entries

if TYPE_CHECKING:
    from graphlink.monitoring.context import Context
    from graphlink.workspace.reports import RejectedReport
    from graphlink.workspace.store import Reading


class Returned(NamedTuple):
    """Who came back, as the last accepted run has it.

    Attributes:
        noticed: Accounts that are or may be returns, or hold what others report: named ones first.
        rates: How much of each decision is back within 7, 30 and 90 days.
    """

    noticed: tuple[Noticed, ...]
    rates: tuple[Rate, ...]

    def plain(self) -> dict[str, object]:
        """The same as plain values, as `update.json` has them."""
        return plain_returns(self.noticed, self.rates)


class Taken(NamedTuple):
    """Indicators of a file that were put on the watch list.

    Attributes:
        n_new: Those that are new, or that changed.
        n_known: Those that were there already.
        not_watched: Reason to the number of values that are not watched for it, by the last run.
        rejected: What could not be taken, with the reason.
    """

    n_new: int
    n_known: int
    not_watched: dict[str, int]
    rejected: tuple[RejectedReport, ...]


class Watch:
    """The watch list of a workspace."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def all(self) -> list[Entry]:
        """The whole watch list, what is no longer watched too; the weightiest first."""
        with self._context.reading() as rows:
            return read_entries(rows)

    def screen(self) -> Screen:
        """Make the lists to screen new accounts against; made once, it answers any number of times.

        Raises:
            NotFoundError: There is no accepted run yet.
            SettingsError: The settings are wrong, or the key can't be read.
        """
        with self._context.reading() as rows:
            known, lineages = read_known(rows), _other_lineages(rows)
        return make_screen(
            self._context.last(),
            known.decided,
            lineages,
            known.indicators,
            cleared=known.cleared,
            remembered=known.remembered,
            spelling=spelling_of(self._context),
        )

    @checked
    def screen_file(self, path: str | Path) -> Screened:
        """Screen the new accounts of a file; provisional, and nobody's membership changes.

        Args:
            path: CSV or Parquet with account_id, kind, value and seen_at, or a column for each kind.

        Raises:
            InputError: The file can't be read; names the row and the column.
            NotFoundError: There is no accepted run yet.
        """
        sightings, screen = read_sightings(path), self.screen()
        name = account_spelling(screen.spelling)
        return screen.screen(dataclasses.replace(one, account_id=name(one.account_id)) for one in sightings)

    @checked
    def add_indicators(self, path: str | Path, source: str = "") -> Taken:
        """Put the indicators of a file on the watch list, each until it ends.

        Args:
            path: A STIX 2.1 bundle, MISP events, or CSV.
            source: Who reports them, where the file does not say; empty takes the file's name.

        Raises:
            InputError: The file can't be read, or is none of the three.
            NotFoundError: There is no accepted run yet.
        """
        result, run_no = self._context.last(), self._context.last_run_no()
        with self._context.reading() as rows:
            now = rows.now
        found = read_indicators(path, source, at=now, spelling=spelling_of(self._context))
        sized = watch_indicators(result, found.accepted)
        with self._context.writing() as rows:
            n_new = add_indicators(rows, found.accepted, (sized, run_no), Path(path).name)
        return Taken(n_new, len(found.accepted) - n_new, sized.not_watched, found.rejected)


def read_returned(context: Context) -> Returned:
    """Read who came back, as the last accepted run has it; nobody before the first."""
    with context.reading() as rows:
        last = last_run(rows)
        if last is None:
            return Returned((), ())
        return Returned(tuple(read_noticed(rows, last["run_no"])), tuple(read_rates(rows, last["run_no"])))


def _other_lineages(rows: Reading) -> dict[str, frozenset[str]]:
    """The lineages of the last run of which none was decided, with their accounts."""
    decided = {row["lineage_no"] for row in rows.rows("decisions", state="approved")}
    return {
        f"K-{one.number}": one.members
        for one in read_lineages(rows)
        if one.is_present and one.members and one.number not in decided
    }
