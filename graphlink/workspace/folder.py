"""The folder of a workspace: where it keeps settings, results, models, snapshots and its database.

workspace.toml    version of the layout, and the database; written last, so a folder without it is none
workspace.db      the rows, unless a database of PostgreSQL holds them
graphlink.toml    settings of its runs, written by people
results/R-12/     immutable results, refused ones too
models/M-2.json   the models its runs were weighed by
snapshots/ab/     evidence as it stood at a decision, named by its SHA-256
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from graphlink.core.credentials import POSTGRES, database_kind
from graphlink.core.errors import WorkspaceError
from graphlink.core.small_files import read_regular
from graphlink.storage.atomic import exclusive, write_whole_file, writing
from graphlink.workspace.policy import Policy, policy_from
from graphlink.workspace.store import Actor, Store, create_database, open_store
from graphlink.workspace.store.transactions import utc_now
from graphlink.workspace.team_settings import TeamSettings, team_from

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

FORMAT = 1
MARK = "workspace.toml"
_DATABASE = "workspace.db"
_MOST_BYTES = 1 << 20
_HEAD = """# A graphlink workspace. `graphlink update` runs by the settings in graphlink.toml here.
format = 1
database = {database}

# [policy] states when a run is refused and when an alert is raised; docs/workspace.md lists it.
# [team] states who has which role where several people share it; docs/team.md explains it.
"""


@dataclass(frozen=True, slots=True)
class Folder:
    """An open workspace: its folder, its rows, and its policy.

    Attributes:
        path: The folder.
        store: The rows.
        policy: When a run is refused and an alert raised.
        team: Who has which role where several people share it.
    """

    path: Path
    store: Store
    policy: Policy
    team: TeamSettings

    @property
    def settings(self) -> Path:
        """The settings of its runs, written by people; may be missing."""
        return self.path / "graphlink.toml"

    def result(self, run_no: int) -> Path:
        """The folder of a result, whether or not it is there."""
        return self.path / "results" / f"R-{run_no}"

    def model(self, model_no: int) -> Path:
        """The file of a model, whether or not it is there."""
        return self.path / "models" / f"M-{model_no}.json"

    def snapshot(self, sha256: str) -> Path:
        """The file of a snapshot, whether or not it is there."""
        return self.path / "snapshots" / sha256[:2] / f"{sha256}.json"

    def updating(self) -> AbstractContextManager[None]:
        """Hold the workspace for an update; a second update is refused.

        Raises:
            ResultError: Another update runs.
        """
        return exclusive(self.path / "results")


def init_workspace(path: Path, database: str = "", by: str = "") -> bool:
    """Make a workspace; what a killed one left is completed.

    Args:
        path: The folder, new or with settings in it.
        database: The URL of a database of PostgreSQL without a password; empty for SQLite in the folder.
        by: Who makes it.

    Returns:
        Whether it is a new one; False where the database holds one already, which this folder joins.

    Raises:
        WorkspaceError: The folder is one already, or the database can't be used.
    """
    if (path / MARK).exists():
        raise WorkspaceError(f"{path} is a workspace already")
    _check_database(database)
    with writing(path):
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    place = _place(path, database)
    create_database(place)
    store = open_store(place)
    try:
        with store.write(Actor(by)) as rows:
            is_new = rows.last_event() is None
            action = "workspace.made" if is_new else "workspace.joined"
            rows.append(action, "workspace", {"format": FORMAT})
    finally:
        store.close()
    head = _HEAD.format(database=json.dumps(database or _DATABASE))
    write_whole_file(path / MARK, head.encode(), overwrite=False)
    return is_new


def open_folder(path: Path, clock: Callable[[], datetime.datetime] = utc_now) -> Folder:
    """Open a workspace.

    Args:
        path: Its folder.
        clock: Gives the present moment.

    Raises:
        WorkspaceError: There is none, it is damaged, or it is of another version.
    """
    mark = _read_mark(path)
    database = str(mark.get("database", ""))
    _check_database("" if database == _DATABASE else database)
    policy = policy_from(mark.get("policy", {}), path / MARK)
    team = team_from(mark.get("team", {}), path / MARK)
    return Folder(path, open_store(_place(path, database), clock), policy, team)


def upgrade_workspace(path: Path) -> None:
    """Bring the database of a workspace up to date, in one transaction.

    Raises:
        WorkspaceError: There is none, or it is of a later version.
    """
    database = str(_read_mark(path).get("database", ""))
    create_database(_place(path, database))


def _read_mark(path: Path) -> dict[str, object]:
    place = path / MARK
    if not place.is_file():
        raise WorkspaceError(f"{path} is not a workspace; `graphlink workspace init {path}` makes one")
    try:
        content = read_regular(place, str(place), most_bytes=_MOST_BYTES, error=WorkspaceError)
        mark = tomllib.loads(content.decode())
    except ValueError as error:
        raise WorkspaceError(f"{place} can't be read: {error}") from None
    if unknown := sorted(set(mark) - {"format", "database", "policy", "team"}):
        raise WorkspaceError(
            f"{place}: unknown setting {unknown[0]}; expected format, database, policy, team"
        )
    if mark.get("format") != FORMAT:
        raise WorkspaceError(f"{place}: format {mark.get('format')!r}; this version reads format {FORMAT}")
    return mark


def _place(path: Path, database: str) -> Path | str:
    return path / _DATABASE if database in ("", _DATABASE) else database


def _check_database(database: str) -> None:
    if not database:
        return
    if database_kind(database) != POSTGRES:
        raise WorkspaceError(f"database: expected the URL of a database of PostgreSQL, found {database!r}")
    if urlsplit(database).password:
        raise WorkspaceError(
            "database: leave the password out of the address, which is written to a file; libpq takes it "
            "from PGPASSFILE, PGPASSWORD or a service"
        )
