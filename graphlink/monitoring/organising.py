"""Known organisations of an open workspace, and who may be linked to them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, NamedTuple

from graphlink.core.arguments import checked
from graphlink.core.errors import InputError, WorkspaceError
from graphlink.core.small_files import MOST_BYTES, read_regular
from graphlink.kinds import UncleanValue, shown
from graphlink.kinds.spelling import account_of
from graphlink.monitoring.spelling import spelling_of
from graphlink.workspace.knowledge import ACCOUNT, HINT, NETWORK, Knowledge
from graphlink.workspace.organisation_rows import (
    KnownOrganisation,
    add_facts,
    end_fact,
    name_organisation,
    read_organisation,
    read_organisations,
)
from graphlink.workspace.organisations import LinkedTo, link_organisation
from graphlink.workspace.reports import RejectedReport, csv_reports
from graphlink.workspace.runs import last_run

if TYPE_CHECKING:
    from pathlib import Path

    from graphlink.monitoring.context import Context
    from graphlink.workspace.holdings import Spelling


class Links(NamedTuple):
    """Who may be linked to known organisations, as the last accepted run has it.

    Attributes:
        linked: Of each organisation its accounts and clusters, the most probable first.
        lineages: Cluster to its lineage, such as K-417.
    """

    linked: tuple[LinkedTo, ...]
    lineages: dict[str, str]


class Organisations:
    """The known organisations of a workspace."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @checked
    def add(self, name: str, *known: Knowledge, is_declared: bool | None = None) -> list[int]:
        """Add an organisation, or what is known of one, and return the numbers of the facts.

        Args:
            name: Its name.
            *known: What is known, each with who says so; none to add the name alone.
            is_declared: Whether it is openly a customer; None leaves that as it is.

        Raises:
            WorkspaceError: It has no name, or what is known has no source or no value of its kind.
        """
        spelling = spelling_of(self._context) if known else None
        checked_facts = [_checked_fact(one, spelling) for one in known if spelling is not None]
        with self._context.writing() as rows:
            number = name_organisation(rows, name, is_declared=is_declared)
            made = add_facts(rows, number, checked_facts)
            if not rows.last_seq:
                raise WorkspaceError(f"{shown(name)} is there already; add what is known of it")
            return made

    @checked
    def add_file(self, name: str, path: str | Path, source: str = "") -> list[int]:
        """Add what a file knows of an organisation, all of it or nothing.

        Args:
            name: Its name.
            path: CSV of kind (also account, network, hint), value, source, confidence (0 to 100), until and
                note.
            source: Who says so, where the file does not.

        Raises:
            InputError: The file can't be read, or a row is wrong; names it.
            WorkspaceError: A value is none of its kind, or has no source.
        """
        where = f"organisation {path}"
        content = read_regular(path, where, most_bytes=MOST_BYTES)
        try:
            reports = list(csv_reports(content.decode("utf-8-sig"), where))
        except UnicodeDecodeError:
            raise InputError(f"{where}: it is not UTF-8; save it as UTF-8") from None
        known = []
        for one in reports:
            if isinstance(one, RejectedReport):
                raise InputError(f"{where}: {one.where}: {one.reason}")
            sure = 1.0 if one.confidence is None else one.confidence
            known.append(Knowledge(one.kind, one.value, one.source or source, sure, one.until, one.note))
        return self.add(name, *known)

    @checked
    def end(self, fact: int, why: str) -> None:
        """End a fact, such as a network that was given back.

        Raises:
            WorkspaceError: There is none, it ended already, or no reason is given.
        """
        with self._context.writing() as rows:
            end_fact(rows, fact, why)

    def all(self) -> list[KnownOrganisation]:
        """All organisations with what is known of them."""
        with self._context.reading() as rows:
            return read_organisations(rows)

    @checked
    def get(self, name: str) -> KnownOrganisation:
        """One organisation.

        Raises:
            NotFoundError: There is none of this name.
        """
        with self._context.reading() as rows:
            return read_organisation(rows, name)

    @checked
    def links(self, name: str = "") -> Links:
        """Who may be linked to an organisation, or to any, in the last accepted run.

        Args:
            name: The organisation; empty for all.

        Raises:
            NotFoundError: There is none of this name, or no accepted run yet.
        """
        result = self._context.last()
        with self._context.reading() as rows:
            known = [read_organisation(rows, name)] if name else read_organisations(rows)
            at, last = rows.at, last_run(rows)
            placed = rows.rows("placements", run_no=last["run_no"]) if last else []
        spelling = spelling_of(self._context)
        linked = tuple(link_organisation(result, one.in_force(at), None, spelling) for one in known)
        lineages = {
            row["cluster_id"]: f"K-{row['lineage_no']}" for row in placed if row["lineage_no"] is not None
        }
        return Links(linked, lineages)


def _checked_fact(known: Knowledge, spelling: Spelling) -> Knowledge:
    """A fact whose value is one of its kind, spelled as given.

    Raises:
        WorkspaceError: It is not, or it has no source.
        QuestionError: It is no network.
    """
    value = account_of(known.value) if known.what in (ACCOUNT, HINT) else known.value.strip()
    if not known.what or not value:
        raise WorkspaceError("what is known needs a kind and a value, such as email_domain acme.example")
    if not known.source.strip():
        raise WorkspaceError(
            f"{shown(known.what)} {shown(value)}: who says so? Name a source (--source NAME)"
        )
    if known.what in spelling.settings.pseudonymize.kinds and known.what != ACCOUNT:
        raise WorkspaceError(
            f"the settings hash values of the kind {known.what}; name accounts, which the workspace can keep"
        )
    if known.what not in (ACCOUNT, HINT, NETWORK):
        try:
            spelling.identifiers(known.what, value)
        except UncleanValue as error:
            raise WorkspaceError(f"{shown(known.what)}: {error}") from None
    return dataclasses.replace(known, value=value)
