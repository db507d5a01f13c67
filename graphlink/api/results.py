"""The result that Python users hold: the tables of a run, and what stands on floors above them."""

from __future__ import annotations

import datetime as dt
import functools
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, overload

from graphlink import pipeline
from graphlink.api.readers import key_of, profile_of
from graphlink.core.arguments import checked
from graphlink.core.errors import QuestionError
from graphlink.result.redaction import INVESTIGATOR, Redacted, redact
from graphlink.result.result import Result as StoredResult
from graphlink.result.result import read_result as read_stored

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from graphlink.explanations import ClusterExplanation, MemberExplanation, PairExplanation
    from graphlink.export.page.pyvis_network import ClusterNetwork
    from graphlink.report import Report
    from graphlink.result.redaction import Profile

P = ParamSpec("P")
TABLES = ("clusters", "membership", "links")
"""What goes to a warehouse where no tables are named."""


class Result(StoredResult):
    """A finished run, read on demand; made by `run`, `read_result` and `redact`.

    Frames are pandas frames with times in UTC and nullable integers; `table` gives the same as Arrow.

    Attributes:
        path: The folder; of a result at an address what does as much of a path as reading needs.
        manifest: Contents of `run.json`: versions, settings, inputs, counts and timing of the run.
    """

    @overload
    def explain(self, subject: str, other: str) -> PairExplanation: ...
    @overload
    def explain(
        self, subject: str, other: None = None, *, of: str | None = None
    ) -> ClusterExplanation | MemberExplanation: ...
    @checked
    def explain(
        self, subject: str, other: str | None = None, *, of: str | None = None
    ) -> ClusterExplanation | MemberExplanation | PairExplanation:
        """Explain a cluster, why an account is in its cluster, or why two accounts are linked or not.

        Args:
            subject: A cluster, or an account.
            other: The other account of a pair.
            of: `cluster` or `account`, where an account is named as a cluster is; None finds out.

        Returns:
            The explanation: `.sentences` for people, `.to_frame()` for pandas, and its figures as attributes.

        Raises:
            ResultError: There is no such cluster or account, or there are both.
        """
        from graphlink.explanations import explain_cluster, explain_member, explain_pair

        if of not in (None, "account", "cluster"):
            raise QuestionError(f"of: expected account or cluster, found {of!r}")
        if other is not None:
            return explain_pair(self, subject, other)
        if (of or self._kind_of(subject)) == "cluster":
            return explain_cluster(self, subject)
        return explain_member(self, subject)

    @checked
    def pyvis(self, cluster_id: str, *, most: int = 300) -> ClusterNetwork:
        """Make the pyvis network of a cluster: nodes, edges and options may be changed before it is shown.

        Args:
            cluster_id: The cluster.
            most: Most accounts, and as many identifiers; the network states what it leaves out.

        Returns:
            A `pyvis.network.Network`: `write_html` and `show` give a page that loads nothing from elsewhere.

        Raises:
            ResultError: There is no such cluster.
        """
        from graphlink.export.page.pyvis_network import ClusterNetwork
        from graphlink.export.subgraph import Limits, cluster_subgraph

        return ClusterNetwork(cluster_subgraph(self, cluster_id, Limits(most, most)))

    @checked
    def export(  # noqa: PLR0913 - one per choice of an export
        self,
        subject: str | Collection[str],
        path: str | Path,
        *,
        of: str = "cluster",
        form: str | None = None,
        most: int | None = None,
        profile: Profile | str | Path = INVESTIGATOR,
        key: bytes | str | Path | None = None,
        overwrite: bool = False,
    ) -> Path:
        """Write a cluster, or other accounts and what ties them, as a file or folder for people and tools.

        Args:
            subject: The cluster, the account, the two ends of a path, or the accounts, as this result names
                them.
            path: The file or folder to make.
            of: `cluster`; `account`, with all it is linked to; `path`; or `accounts`.
            form: The format, such as html, graphml or stix; None for the one that the path ends with.
            most: Most accounts, and as many identifiers; None for the limit of the format.
            profile: What its readers may see: investigator, legal or partner; a TOML file; or a `Profile`.
            key: The key of the pseudonyms, or the file that holds it.
            overwrite: Whether to replace an earlier export.

        Returns:
            The file or folder.

        Raises:
            SettingsError: There is no such format or profile, or it needs a key or a library.
            ResultError: There is no such cluster, account or path, or the export can't be written.
        """
        from graphlink.export.formats import format_of
        from graphlink.export.writing import Request, format_of_path, make_export, write_export

        target = Path(path)
        names = (subject,) if isinstance(subject, str) else tuple(subject)
        name = form or format_of_path(target)
        request = Request(of, names, name, most, profile_of(profile), key_of(key))
        write_export(make_export(self, request), format_of(name), target, overwrite=overwrite)
        return target

    @checked
    def report(  # noqa: PLR0913 - one per choice of a report
        self,
        path: str | Path,
        *,
        select: str = "",
        top: int | None = None,
        since: StoredResult | str | Path | dt.datetime | None = None,
        pdf: bool = False,
        profile: Profile | str | Path = INVESTIGATOR,
        key: bytes | str | Path | None = None,
        overwrite: bool = False,
    ) -> Report:
        """Write the report of all clusters as a folder: pages, CSV, JSON, Markdown and a workbook.

        Args:
            path: The folder to make.
            select: Which clusters, such as "probability > 0.9 and n_accounts >= 10"; empty for all.
            top: Most clusters; None for all.
            since: An earlier result (or its folder) to compare with, or a moment: who joined since.
            pdf: Whether to write `report.pdf` too.
            profile: What its readers may see: investigator, legal or partner; a TOML file; or a `Profile`.
            key: The key of the pseudonyms, or the file that holds it.
            overwrite: Whether to replace an earlier report.

        Returns:
            Where it is, the clusters in it in order, and those that are an alert.

        Raises:
            SettingsError: The selection can't be read, there is no such profile, or it needs a key.
            ResultError: The folder can't be written.
        """
        from graphlink.report import Options, write_report
        from graphlink.workspace.lineage_names import lineages_shown

        readers, secret = profile_of(profile), key_of(key)
        earlier = since
        if earlier is not None and not isinstance(earlier, dt.datetime):
            earlier = redact(opened(earlier), readers, secret)
        shown = redact(self, readers, secret)
        lineages = lineages_shown(self, shown)
        options = Options(select, top, earlier, pdf=pdf, overwrite=overwrite, lineages=lineages)
        return write_report(shown, path, options)

    @checked
    def to_parquet(
        self,
        path: str | Path,
        tables: Collection[str] = TABLES,
        *,
        run: str | None = None,
        overwrite: bool = False,
    ) -> Path:
        """Write tables as Parquet for a warehouse to load: a folder with one file each.

        Args:
            path: The folder to make; it appears whole or not at all.
            tables: Names of tables.
            run: The value of a column `run` before the others, which tells several runs apart; None for none.
            overwrite: Whether to replace an earlier folder of this kind.

        Returns:
            The folder.

        Raises:
            ResultError: There is no such table, or the folder can't be written.
        """
        from graphlink.export.warehouse import Chosen, write_parquet

        write_parquet(self, Path(path), Chosen(tables, run), overwrite=overwrite)
        return Path(path)

    @checked
    def to_database(
        self,
        address: str | Path,
        tables: Collection[str] = TABLES,
        *,
        run: str | None = None,
        mode: str = "create",
        prefix: str = "graphlink_",
    ) -> dict[str, int]:
        """Write tables into a database by ADBC, in one transaction: all of them, or none.

        Args:
            address: A postgresql:// URL (also as libpq's `host=... dbname=...`), or an SQLite file.
            tables: Names of tables.
            run: The value of a column `run` before the others, which tells several runs apart; None for none.
            mode: What becomes of a table that is there: `create` refuses, `replace` makes another one,
                `append` adds rows, and makes the table where there is none.
            prefix: What the names of tables begin with in the database.

        Returns:
            Table of the database to the rows written.

        Raises:
            SettingsError: The driver is not installed: graphlink[postgres] or graphlink[sqlite].
            ResultError: There is no such table, or the database can't be written.
        """
        from graphlink.export.warehouse import Chosen, write_database

        return write_database(self, address, Chosen(tables, run), mode=mode, prefix=prefix)

    def _accounts_on_path(self, start: str, end: str) -> list[str]:
        from graphlink.export.writing import accounts_between

        return accounts_between(self, start, end)

    def _kind_of(self, name: str) -> str:
        """Whether a name is that of a cluster or of an account.

        Raises:
            QuestionError: It is both.
        """
        is_cluster = bool(self.table("clusters", ["cluster_id"], {"cluster_id": [name]}).num_rows)
        if is_cluster and self.table("accounts", ["account_id"], {"account_id": [name]}).num_rows:
            raise QuestionError("subject: a cluster and an account have this name; set of to one of the two")
        return "cluster" if is_cluster else "account"


class RedactedResult(Redacted, Result):
    """A result whose values are replaced as they are read; made by `redact`."""


def public(result: StoredResult) -> Result:
    """Make the result that users hold of one that a floor below has made.

    The given one lives as long as the new one: with it goes the temporary folder that it may be in.
    """
    if isinstance(result, Result):
        return result
    kind = RedactedResult if isinstance(result, Redacted) else Result
    made = kind.__new__(kind)
    made.__dict__.update(result.__dict__, _kept=result)
    return made


def giving_public(function: Callable[P, StoredResult]) -> Callable[P, Result]:
    """Let a function give the result that users hold."""

    @functools.wraps(function)
    def giving(*arguments: P.args, **named: P.kwargs) -> Result:
        return public(function(*arguments, **named))

    return giving


run = giving_public(pipeline.run)
read_result = giving_public(read_stored)


def opened(result: StoredResult | str | Path) -> StoredResult:
    """A result, or the one in a folder."""
    return result if isinstance(result, StoredResult) else read_result(result)
