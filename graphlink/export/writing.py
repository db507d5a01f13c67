"""One export from start to end: what is asked of it, what of the result that is, and its file or folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphlink.core.errors import QuestionError, ResultError, SettingsError
from graphlink.core.schema import check_cluster_id
from graphlink.explanations import find_paths
from graphlink.export.formats import Export, format_names, format_of
from graphlink.export.formats.folders import export_files, write_export_folder
from graphlink.export.subgraph import Limits, accounts_subgraph, cluster_subgraph, neighbourhood_subgraph
from graphlink.result.redaction import INVESTIGATOR, Profile, Redacted, redact
from graphlink.storage.atomic import whole_folder, write_whole_file, writing
from graphlink.workspace.lineage_names import lineages_shown

if TYPE_CHECKING:
    from pathlib import Path

    from graphlink.export.formats import ExportFormat
    from graphlink.export.subgraph import Subgraph
    from graphlink.result.result import Result

SUBJECTS = ("cluster", "account", "path", "accounts")
"""What an export may be of."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is exported, and for whom.

    Attributes:
        of: One of `SUBJECTS`.
        names: The cluster, the account, the two ends of the path, or the accounts, as the result names them.
        form: Name of the format.
        most: Most accounts, and as many identifiers; None for the limit of the format.
        profile: What its readers may see.
        key: The key of their pseudonyms.
    """

    of: str
    names: tuple[str, ...]
    form: str = "html"
    most: int | None = None
    profile: Profile = INVESTIGATOR
    key: bytes | None = None

    def __post_init__(self) -> None:
        if self.of not in SUBJECTS:
            raise QuestionError(f"of: expected {', '.join(SUBJECTS)}, found {self.of!r}")
        wanted = {"cluster": 1, "account": 1, "path": 2}.get(self.of)
        if not self.names or (wanted is not None and len(self.names) != wanted):
            expected = "two accounts" if wanted == 2 else f"one {self.of}" if wanted else "accounts"
            raise QuestionError(f"subject: expected {expected}, found {len(self.names)} names")


def make_export(result: Result, request: Request) -> Export:
    """Make what a request is for, redacted before anything is chosen or drawn.

    Raises:
        SettingsError: There is no such format, or the profile needs a key.
        ResultError: There is no such cluster, account or path, or a table is not what the run wrote.
    """
    form = format_of(request.form)
    result.verify()
    shown = redact(result, request.profile, request.key)
    most = form.most_nodes if request.most is None else request.most
    names = request.names
    if shown is not result and isinstance(shown, Redacted):
        name_of = shown.name_of_cluster if request.of == "cluster" else shown.name_of_account
        names = tuple(name_of(name) for name in names)
    subgraph = _subgraph(shown, request.of, names, Limits(most, most, form.most_links))
    profile = shown.profile if isinstance(shown, Redacted) else request.profile
    lineage = lineages_shown(result, shown).get(names[0], "") if request.of == "cluster" else ""
    return Export(subgraph, shown.manifest, shown, profile.sentences(), lineage)


def write_export(export: Export, form: ExportFormat, target: Path, *, overwrite: bool) -> None:
    """Write an export as a file or a folder that appears whole or not at all.

    Raises:
        ResultError: The target is there already, or its disk refused.
    """
    if not form.is_folder:
        write_whole_file(target, form.content(export), overwrite=overwrite)
        return
    with whole_folder(target, overwrite=overwrite, listed=export_files) as folder, writing(target):
        write_export_folder(export, form, folder)


def name_of_export(subgraph: Subgraph, form: ExportFormat) -> str:
    """A file name that contains no data except a cluster's id."""
    if subgraph.what == "cluster":
        check_cluster_id(subgraph.name)
    stem = subgraph.name if subgraph.what == "cluster" else f"graphlink-{subgraph.what}"
    return f"{stem}{form.suffix}"


def format_of_path(path: Path) -> str:
    """The name of the format that a path is of by its end.

    Raises:
        SettingsError: It is of none.
    """
    forms = [format_of(name) for name in format_names()]
    fitting = [form for form in forms if path.name.endswith(form.suffix)]
    if not fitting:
        ends = ", ".join(f"{form.suffix} ({form.name})" for form in forms)
        raise SettingsError(f"{path}: no export format ends so; name the format, or end the path with {ends}")
    return max(fitting, key=lambda form: len(form.suffix)).name


def _subgraph(result: Result, of: str, names: tuple[str, ...], limits: Limits) -> Subgraph:
    if of == "cluster":
        return cluster_subgraph(result, names[0], limits)
    if of == "account":
        return neighbourhood_subgraph(result, names[0], limits)
    if of == "path":
        return accounts_subgraph(result, accounts_between(result, names[0], names[1]), limits, "path")
    return accounts_subgraph(result, names, limits)


def accounts_between(result: Result, start: str, end: str) -> list[str]:
    """The accounts on the strongest and the shortest paths between two.

    Raises:
        ResultError: There is no path, or no such account.
    """
    paths = find_paths(result, start, end)
    accounts = [
        node.account_id
        for path in (*paths.strongest, *paths.shortest)
        for node in path.nodes
        if node.account_id is not None
    ]
    if not accounts:
        raise ResultError("no path of links connects the two accounts")
    return list(dict.fromkeys(accounts))
