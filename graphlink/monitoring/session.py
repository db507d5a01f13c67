"""A workspace as people use it: updates, lineages, labels, cases, decisions and the audit log."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphlink.api.results import public
from graphlink.core.arguments import checked
from graphlink.core.errors import ResultError
from graphlink.core.faults import guarded
from graphlink.model.parameters import Model
from graphlink.model.saved import load_model
from graphlink.monitoring.asking import Judge
from graphlink.monitoring.casework import Cases
from graphlink.monitoring.context import Context
from graphlink.monitoring.deciding import Decisions
from graphlink.monitoring.labelling import Labels
from graphlink.monitoring.notifying import Webhooks
from graphlink.monitoring.organising import Organisations
from graphlink.monitoring.searching import Searches
from graphlink.monitoring.tokening import Tokens
from graphlink.monitoring.updates import Choices, Update, adopt_model, forget_in_summary, update
from graphlink.monitoring.watching import Returned, Watch, read_returned
from graphlink.result.result import read_result
from graphlink.workspace.audit import Entry, Verified, forget_account, read_log, verify_chain
from graphlink.workspace.case_states import check_states, rebuild_states
from graphlink.workspace.folder import open_folder
from graphlink.workspace.history import History, read_histories, read_history
from graphlink.workspace.lineage_names import lineage_number
from graphlink.workspace.reviews import Blind, blind_to
from graphlink.workspace.roles import LOCAL
from graphlink.workspace.runs import last_run
from graphlink.workspace.snapshots import forget_in_snapshots
from graphlink.workspace.store import Actor
from graphlink.workspace.watch_rows import forget_holder

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable

    from graphlink.api.results import Result
    from graphlink.core.settings import EngineSettings
    from graphlink.progress import Progress
    from graphlink.workspace.folder import Folder
    from graphlink.workspace.versions import Expected


@checked
def open_workspace(
    path: str | Path, by: str = "", clock: Callable[[], datetime.datetime] | None = None
) -> Workspace:
    """Open a workspace that `graphlink workspace init` made.

    Args:
        path: Its folder.
        by: Who uses it; every change names them. Without a name it can be read only.
        clock: Gives the present moment; for replays and tests.

    Returns:
        The workspace; it is closed by `close`, or at the end of a `with`.

    Raises:
        WorkspaceError: There is none, it is damaged, or it is of another version.
    """
    folder = open_folder(Path(path)) if clock is None else open_folder(Path(path), clock)
    return Workspace(folder, by)


class Workspace:
    """An open workspace.

    Numbers of lineages, decisions and runs are written as K-417, D-3 and R-12; methods take lineages by name.

    Attributes:
        path: Its folder.
        by: Who uses it.
        labels: Its labels: `add`, `undo`, `all` and `conflicts`.
        cases: Its cases: `queue`, `get`, `open`, `comment`, `assign`, `set_status` and others.
        decisions: Its decisions: `propose`, `decide`, `export`, `profile` and others.
        watch: Its watch list: `all`, `screen`, `screen_file` and `add_indicators`.
        judge: What it asks next: `next`.
        organisations: Its known organisations: `add`, `add_file`, `end`, `all`, `get` and `links`.
        searches: Views of the explorer that people named: `save`, `all`, `share`, `unshare` and `delete`.
        tokens: By which scripts use it over HTTP: `add`, `all` and `revoke`.
        webhooks: Where its alerts are sent: `add`, `all`, `remove` and `deliveries`.
    """

    def __init__(self, folder: Folder, by: str, role: str = LOCAL, expected: Expected | None = None) -> None:
        self._context = Context(folder, by, role, expected)
        self.path = folder.path
        self.by = by
        self.labels = Labels(self._context)
        self.cases = Cases(self._context)
        self.decisions = Decisions(self._context)
        self.watch = Watch(self._context)
        self.organisations = Organisations(self._context)
        self.judge = Judge(self._context)
        self.searches = Searches(self._context)
        self.tokens = Tokens(self._context)
        self.webhooks = Webhooks(self._context)

    def close(self) -> None:
        """Close the connections to its database."""
        self._context.folder.store.close()

    @checked
    def as_user(self, by: str, role: str = LOCAL) -> Workspace:
        """The same workspace, used by somebody else.

        Args:
            by: Who uses it.
            role: In which role; events state it.

        Returns:
            A workspace of the same database, which names that person.
        """
        return Workspace(self._context.folder, by, role)

    def expecting(self, expected: Expected) -> Workspace:
        """The same workspace, whose changes raise `ConflictError` where something is not as expected.

        Args:
            expected: The versions that were read before.

        Returns:
            A workspace of the same database.
        """
        return Workspace(self._context.folder, self.by, self._context.role, expected)

    @property
    def folder(self) -> Folder:
        """Its folder, with its store and settings."""
        return self._context.folder

    @guarded("update")
    @checked
    def update(
        self,
        source: object = None,
        *,
        limits: EngineSettings | None = None,
        progress: Callable[[Progress], None] | None = None,
        force: bool = False,
        drift: bool = True,
    ) -> Update:
        """Run under its model and labels, and record what was found; see `graphlink.monitoring.updates`.

        Args:
            source: What to run on, as in `graphlink.run`; None for the workspace's graphlink.toml.
            limits: As in `graphlink.run`.
            progress: As in `graphlink.run`.
            force: Whether to accept the run in spite of what speaks against it.
            drift: Whether to fit a model to the data too, to see whether that of the workspace has aged.

        Returns:
            The result, whether it was accepted, and the summary that `update.json` holds.

        Raises:
            GraphlinkError: As `graphlink.run`; another update runs, or the database refused.
        """
        choices = Choices(source, limits, progress, force, drift)
        return update(self._context.folder, Actor(self._context.by), choices)

    @checked
    def adopt_model(self, model: Model | str | Path, why: str) -> int:
        """Make a model the one that the next updates run under, and return its number.

        Args:
            model: The model, or the path or URL of a model.json or of a result.
            why: The reason, which the audit log keeps.

        Returns:
            The number of the model among those of the workspace, from 1.

        Raises:
            SettingsError: It is no model.
            WorkspaceError: No reason is given.
        """
        loaded = model if isinstance(model, Model) else load_model(model)
        return adopt_model(self._context.folder, Actor(self._context.by), loaded, why)

    @property
    def last(self) -> Result:
        """The result of the last accepted run.

        Raises:
            NotFoundError: There is none yet.
        """
        return public(self._context.last())

    def lineages(self) -> list[History]:
        """All lineages with their histories."""
        with self._context.reading() as rows:
            return read_histories(rows)

    @checked
    def lineage(self, name: str) -> History:
        """One lineage, such as K-417, with its history.

        Args:
            name: The lineage.

        Returns:
            Its runs in order, what became of it in sentences, and the cases about it.

        Raises:
            WorkspaceError: There is none.
        """
        with self._context.reading() as rows:
            return read_history(rows, lineage_number(name))

    @checked
    def cluster(self, name: str) -> str:
        """The cluster of a lineage in the last accepted result, also of one that was merged since.

        Args:
            name: The lineage, such as K-417.

        Returns:
            The name of the cluster in that result, such as C-3ea850d780.

        Raises:
            WorkspaceError: There is no such lineage.
            NotFoundError: The last run has no cluster of it.
        """
        return self._context.cluster(name)

    def alerts(self) -> list[dict[str, Any]]:
        """All alerts, those that are open first."""
        with self._context.reading() as rows:
            found = rows.rows("alerts")
        return sorted(found, key=lambda row: (row["state"] != "open", -row["last_run"], row["alert_no"]))

    def returns(self) -> Returned:
        """Who came back after a decision, by which values and how likely; as the last accepted run has it."""
        return read_returned(self._context)

    def overview(self) -> dict[str, object]:
        """The last accepted run, and how much there is to do."""
        with self._context.reading() as rows:
            last, models = last_run(rows), rows.rows("models")
            alerts, proposed = rows.rows("alerts", state="open"), rows.rows("decisions", state="proposed")
            n_lineages = len(rows.rows("lineages"))
            n_watched = len(rows.rows("watched", not_watched=None))
        noticed = self.returns().noticed
        back = [one for one in noticed if one.decision is not None]
        return {
            "last run": f"R-{last['run_no']}" if last else "",
            "data until": (last["data_until"] or "") if last else "",
            "model": f"M-{models[-1]['model_no']}" if models else "",
            "lineages": n_lineages,
            "open alerts": len(alerts),
            "cases to work on": len(self.cases.queue()),
            "decisions to approve": len(proposed),
            "labels in conflict": len(self.labels.conflicts()),
            "values watched": n_watched,
            "accounts that came back": sum(one.is_named for one in back),
            "accounts that may have come back": sum(not one.is_named for one in back),
            "accounts with reported values": len(noticed) - len(back),
        }

    def blind(self) -> Blind:
        """What waits for one's own verdict, and is to be shown without the first one's before."""
        with self._context.reading() as rows:
            return blind_to(rows, self.by)

    @property
    def written(self) -> dict[str, int]:
        """The last event that this object has appended about each subject, such as `case 3`."""
        return dict(self._context.written)

    def now(self) -> str:
        """The present moment as labels hold it: ISO 8601 in UTC."""
        with self._context.reading() as rows:
            return rows.at

    def log(self) -> list[Entry]:
        """The whole audit log, in order."""
        with self._context.reading() as rows:
            return read_log(rows)

    @checked
    def log_reading(self, kind: str, name: str, why: str) -> None:
        """Log that somebody read a value behind its replaced name.

        Args:
            kind: `account`, or a kind of identifier.
            name: The name under which it is shown; never the value.
            why: The reason.
        """
        with self._context.writing() as rows:
            rows.append("value.revealed", "values", {"kind": kind, "name": name, "why": why})

    @checked
    def verify(self, last_hash: str = "") -> Verified:
        """Make sure that the audit log is as it was written.

        Args:
            last_hash: The last hash of an earlier moment, kept elsewhere.

        Returns:
            How many events there are, of how many the payload was erased, and the last hash, to keep
            elsewhere.

        Raises:
            WorkspaceError: It was changed, or a case is not what its events make.
        """
        verified = verify_chain(self._context.folder.store, last_hash)
        with self._context.reading() as rows:
            check_states(rows)
        return verified

    @checked
    def forget(self, account_id: str) -> list[Path]:
        """Erase an account from rows, payloads, snapshots and the summary of the last update.

        Args:
            account_id: The account.

        Returns:
            The results that still hold it: they are immutable, and for people to remove or to keep.

        Raises:
            WorkspaceError: The database refused.
        """
        with self._context.writing() as rows:
            replaced = forget_in_snapshots(self._context.folder, rows, account_id)
            number = rows.known_accounts([account_id]).get(account_id)
            forget_account(rows, account_id)
            rebuild_states(rows)
            if number is not None:
                forget_holder(rows, number)
            folders = [row["folder"] for row in rows.rows("runs")]
        for place in replaced:
            place.unlink(missing_ok=True)
        forget_in_summary(self._context.folder, account_id)
        return [self.path / one for one in folders if _holds(self.path / one, account_id)]


def _holds(folder: Path, account_id: str) -> bool:
    try:
        accounts = read_result(folder).table("accounts", ["account_id"], {"account_id": [account_id]})
    except ResultError:  # removed already
        return False
    return bool(accounts.num_rows)
