"""Labels of an open workspace."""

from __future__ import annotations

import datetime
from itertools import groupby
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from graphlink.core.arguments import checked
from graphlink.core.errors import NotFoundError, ResultError, WorkspaceError
from graphlink.core.small_files import MOST_BYTES, read_regular
from graphlink.ingest.labels import read_label_file
from graphlink.result.comparison import moment_of
from graphlink.storage.arrow_values import rows_of
from graphlink.workspace.conflicts import Conflict, Present, find_conflicts, find_differences
from graphlink.workspace.labels import (
    UNSURE,
    Evidence,
    Label,
    Statement,
    Subject,
    labels_of_rows,
    make_label,
    make_labels,
    read_labels,
    undo_label,
)
from graphlink.workspace.lineage_names import lineage_number
from graphlink.workspace.lists import AT_ONCE, Listed
from graphlink.workspace.reviews import Review, read_reviews, review_label
from graphlink.workspace.store import Choice
from graphlink.workspace.store.transactions import time_text

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from graphlink.monitoring.context import Context

_ENDS = ("account_id_l", "account_id_r")
_TO_LOOK_AT = (
    Choice({"withdrawn_seq": None}, without={"verdict": (UNSURE,)}),
    Choice({"withdrawn_seq": None}, known_to={"label_no": ("reviews", "label_no")}),
)


class Labels:
    """The labels of a workspace."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @checked
    def add(  # noqa: PLR0913 - one per kind of subject
        self,
        verdict: str,
        *,
        why: str,
        account: str = "",
        other: str = "",
        lineage: str = "",
        identifier: tuple[str, str] = ("", ""),
        until: str = "",
        second: bool = False,
    ) -> int:
        """Label two accounts, an account and a lineage, or an identifier, and return the label's number.

        Args:
            verdict: `yes`, `no` or `unsure`: one operator, or of an identifier exclusive to one.
            why: The reason.
            account: An account.
            other: The other account of a pair.
            lineage: The lineage, such as K-417, that the account belongs to or not.
            identifier: Kind and value of an identifier.
            until: Until when it holds, such as 2027-01-31; empty for the days of the policy.
            second: Whether a second person is to review it, to whom the verdict is not shown before.

        Raises:
            WorkspaceError: It is about nothing or two things, has no reason, or others contradict it.
        """
        number = lineage_number(lineage) if lineage else None
        subject = Subject(account, other, number, *identifier)
        subject.check()
        evidence = self._evidence([subject]).get(_pair(account, other)) or self._no_link()
        stated = Statement(subject, verdict, why, evidence, moment_text(until), second)
        with self._context.writing() as rows:
            return make_label(rows, stated, self._context.folder.policy)

    @checked
    def add_file(self, path: str | Path, why: str) -> int:
        """Label the pairs of a file, all of them or none, and return how many there are.

        Args:
            path: CSV or Parquet of account_id_l, account_id_r and verdict, with accounts named as in results.
            why: The reason.

        Raises:
            InputError: The file can't be read, lacks a column or has an unknown verdict.
            WorkspaceError: Labels contradict each other; names the row.
        """
        content = read_regular(path, f"labels {path}", most_bytes=MOST_BYTES)
        found = [
            (Subject(row["account_id_l"] or "", row["account_id_r"] or ""), row["verdict"])
            for row in rows_of(read_label_file(str(path), content))
        ]
        evidence, no_link = self._evidence([one for one, _ in found]), self._no_link()
        stated = [
            Statement(one, verdict, why, evidence.get(_pair(one.account, one.other), no_link))
            for one, verdict in found
        ]
        try:
            with self._context.writing() as rows:
                return len(make_labels(rows, stated, self._context.folder.policy)) if stated else 0
        except WorkspaceError as error:
            raise WorkspaceError(f"{path}: {error}") from None

    @checked
    def undo(self, number: int, why: str) -> int | None:
        """Withdraw a label; a "yes" on accounts is followed by a "no", whose number is returned.

        Raises:
            WorkspaceError: There is none, it is withdrawn, or no reason is given.
        """
        with self._context.writing() as rows:
            return undo_label(rows, number, why, self._context.folder.policy)

    @checked
    def review(self, number: int, verdict: str, why: str) -> None:
        """State one's own verdict on a label of somebody else that waits for a second person.

        Raises:
            WorkspaceError: It does not wait for this person, the verdict is unknown, or there is no reason.
        """
        with self._context.writing() as rows:
            review_label(rows, number, verdict, why)

    def reviews(self) -> dict[int, Review]:
        """What second persons stated of labels, by their number."""
        with self._context.reading() as rows:
            return {one.label: one for one in read_reviews(rows) if one.label is not None}

    def all(self) -> list[Label]:
        """All labels, withdrawn and expired ones too."""
        with self._context.reading() as rows:
            return read_labels(rows)

    def conflicts(self) -> list[Conflict]:
        """The labels that somebody should look at again."""
        with self._context.reading() as rows:
            found, reviews, at = read_labels(rows), read_reviews(rows), rows.at
        return self._conflicts_of(found, reviews, at)

    @checked
    def some_conflicts(self, limit: int, after: int | None = None) -> Listed[Conflict]:
        """A part of `conflicts`, without looking at the labels before and behind.

        Args:
            limit: How many at most; those of one label come together, also where it has more.
            after: The cursor: the label that the part follows on.
        """
        listed: list[Conflict] = []
        while True:
            with self._context.reading() as rows:
                part = rows.part(
                    "labels", "label_no", AT_ONCE, after=after, is_newest_first=False, of=_TO_LOOK_AT
                )
                found, at = labels_of_rows(rows, part), rows.at
                reviews = read_reviews(rows, labels=[one.number for one in found])
            conflicts = self._conflicts_of(found, reviews, at)
            for number, group in groupby(conflicts, key=lambda one: one.label.number):
                own = list(group)
                if listed and len(listed) + len(own) > limit:
                    return Listed(listed, None, after)
                listed, after = listed + own, number
            if len(found) < AT_ONCE:
                return Listed(listed, None, None)
            if len(listed) < limit:
                after = found[-1].number

    def _conflicts_of(self, found: list[Label], reviews: list[Review], at: str) -> list[Conflict]:
        different = find_differences(found, {one.label: one for one in reviews if one.label is not None})
        try:
            result = self._context.last()
        except NotFoundError:
            return different
        subjects = [one.subject for one in found]
        names = {name for one in subjects for name in (one.account, one.other) if name}
        accounts = result.table("accounts", ["account_id"], {"account_id": names})["account_id"]
        constraints = result.table("constraints", [*_ENDS, "outcome"])
        contradicted = rows_of(constraints.filter(pc.equal(constraints["outcome"], "conflict")))
        present = Present(
            self._evidence(subjects),
            frozenset(accounts.to_pylist()),
            frozenset((row[_ENDS[0]], row[_ENDS[1]]) for row in contradicted),
        )
        listed = [*find_conflicts(found, at, present, self._context.folder.policy), *different]
        return sorted(listed, key=lambda one: one.label.number)

    def _no_link(self) -> Evidence:
        try:
            return Evidence(self._context.last_run_no())
        except (NotFoundError, ResultError):
            return Evidence()

    def _evidence(self, subjects: Collection[Subject]) -> dict[tuple[str, str], Evidence]:
        """What the last accepted run states of pairs that are linked."""
        pairs = {tuple(sorted((one.account, one.other))) for one in subjects if one.other}
        names = sorted({name for pair in pairs for name in pair})
        if not names:
            return {}
        try:
            result = self._context.last()
        except (NotFoundError, ResultError):
            return {}
        found = rows_of(result.table("links", [*_ENDS, "bits", "probability"], dict.fromkeys(_ENDS, names)))
        run_no = self._context.last_run_no()
        return {
            (row[_ENDS[0]], row[_ENDS[1]]): Evidence(run_no, row["bits"], row["probability"])
            for row in found
            if (row[_ENDS[0]], row[_ENDS[1]]) in pairs
        }


def _pair(a: str, b: str) -> tuple[str, str]:
    return (a, b) if a < b else (b, a)


def moment_text(until: str) -> str:
    """A date or time that people write, as the tables hold it; empty of nothing.

    Raises:
        WorkspaceError: It is none.
    """
    if not until:
        return ""
    try:
        return time_text(moment_of(datetime.datetime.fromisoformat(until)))
    except ValueError:
        raise WorkspaceError(f"until: {until!r} is no date such as 2027-01-31") from None
