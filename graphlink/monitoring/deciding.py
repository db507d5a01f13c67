"""Decisions of an open workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphlink.core.arguments import checked
from graphlink.core.errors import NotFoundError, ResultError, WorkspaceError
from graphlink.explanations import estimate_collateral
from graphlink.export.decisions import FORMS, decision_content
from graphlink.storage.arrow_values import rows_of
from graphlink.workspace import decisions
from graphlink.workspace.appeals import Profile, appeal_profile
from graphlink.workspace.audit import forgotten_of
from graphlink.workspace.cases import read_cases
from graphlink.workspace.chain import digest
from graphlink.workspace.decided import read_known, read_truth
from graphlink.workspace.lineage_names import lineage_number
from graphlink.workspace.lists import Listed
from graphlink.workspace.reviews import (
    Difference,
    Review,
    decide_reviewed,
    find_differences,
    read_reviews,
    review_decision,
)
from graphlink.workspace.snapshots import evidence_of, read_snapshot, write_snapshot
from graphlink.workspace.store import Choice
from graphlink.workspace.watch_rows import write_watch_list
from graphlink.workspace.watching import size_run

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from graphlink.monitoring.context import Context
    from graphlink.workspace.watching import Watching


_OTHERWISE = (
    Choice(without={"state": (decisions.WITHDRAWN,)}, known_to={"decision_no": ("reviews", "decision_no")}),
)


class Decisions:
    """The decisions of a workspace."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @checked
    def propose(
        self,
        case: int,
        action: str,
        why: str,
        *,
        lineage: str = "",
        fringe: Sequence[str] = (),
        leave_out: Sequence[str] = (),
    ) -> int:
        """Propose a decision about the core of a lineage, and return its number.

        Args:
            case: The case.
            action: `close`, `suspend`, `restrict` or `verify`.
            why: The reason.
            lineage: The lineage, where the case has several.
            fringe: Fringe members to take too; the core only without them.
            leave_out: Members to leave out.

        Raises:
            WorkspaceError: The case has a decision in progress, or names no lineage, accounts or reason.
        """
        with self._context.reading() as rows:
            (about,) = read_cases(rows, (case,))
        number = (
            lineage_number(lineage) if lineage else about.lineages[0] if len(about.lineages) == 1 else None
        )
        if number is None:
            held = ", ".join(f"K-{one}" for one in about.lineages)
            raise WorkspaceError(f"case {case} is about {held or 'no lineage'}; name one (--lineage K-417)")
        result, cluster_id = self._context.last(), self._context.cluster(f"K-{number}")
        membership = rows_of(result.table("membership", where={"cluster_id": [cluster_id]}))
        with self._context.reading() as rows:
            gone = forgotten_of(rows, (one["account_id"] for one in membership))
        if gone:
            raise WorkspaceError(
                f"K-{number} holds an account that was forgotten; take it out of the input and update first"
            )
        listed = decisions.chosen_accounts(membership, fringe, leave_out)
        if not listed:
            raise WorkspaceError(f"K-{number} has no core; name accounts of its fringe (--fringe ID)")
        run_no = self._context.last_run_no()
        hit = estimate_collateral(result, accounts=[one.account_id for one in listed])
        more = {"lineage": f"K-{number}", "run": f"R-{run_no}", "collateral": list(hit.sentences)}
        evidence = evidence_of(result, cluster_id, more)
        # One writer at a time: nobody else writes, names or removes a file of equal evidence meanwhile.
        with self._context.writing() as rows:
            sha256 = write_snapshot(self._context.folder, evidence)
            is_named = rows.row("snapshots", sha256=sha256) is not None
            try:
                proposal = decisions.Proposal(case, number, run_no, action, listed, why, sha256)
                return decisions.propose(rows, proposal)
            except BaseException:  # also when interrupted: no file about people that nothing names
                if not is_named:
                    self._context.folder.snapshot(sha256).unlink(missing_ok=True)
                raise

    @checked
    def decide(self, number: int, state: str, why: str) -> None:
        """Approve or reject a decision as a second person, after an own `review`, or withdraw one's own.

        What was exclusive to the accounts of one that is approved is remembered, with who held it when: it is
        on the watch list from then on.

        Args:
            number: The decision.
            state: `approved`, `rejected` or `withdrawn`.
            why: The reason.

        Raises:
            WorkspaceError: It waits for the person's own verdict, is decided already, the person is not the
                right one, or there is no reason.
        """
        sized = self._sized(number) if state == decisions.APPROVED else None
        with self._context.writing() as rows:
            decide_reviewed(rows, number, state, why)
            if sized is not None:
                write_watch_list(rows, *sized)

    def _sized(self, number: int) -> tuple[Watching, int] | None:
        """The watch list with a decision that is to be approved, as of the last run; None without one."""
        with self._context.reading() as rows:
            known = read_known(rows, number)
        if not known.decided:
            return None
        try:
            return size_run(self._context.last(), known), self._context.last_run_no()
        except (NotFoundError, ResultError):  # it was removed: the next update sizes the watch list
            return None

    @checked
    def review(self, number: int, action: str, why: str) -> None:
        """State which action one would take oneself, of a proposal of somebody else.

        Args:
            number: The decision.
            action: `close`, `suspend`, `restrict`, `verify` or `nothing`.
            why: The reason.

        Raises:
            WorkspaceError: It does not wait for this person, the action is unknown, or there is no reason.
        """
        with self._context.writing() as rows:
            review_decision(rows, number, action, why)

    def reviews(self) -> list[Review]:
        """What second persons stated of proposals, in order."""
        with self._context.reading() as rows:
            return [one for one in read_reviews(rows) if one.decision is not None]

    def conflicts(self) -> list[Difference]:
        """The decisions that a second person, who had not seen the proposal, would have made otherwise."""
        with self._context.reading() as rows:
            return find_differences(decisions.read_decisions(rows), read_reviews(rows))

    @checked
    def some_conflicts(self, limit: int, after: int | None = None) -> Listed[Difference]:
        """A part of `conflicts` in order of the decisions, without reading those before and behind.

        Args:
            limit: How many at most; those of one decision come together, also where it has more.
            after: The cursor: the decision that the part follows on.
        """
        with self._context.reading() as rows:
            part = rows.part(
                "decisions", "decision_no", limit + 1, after=after, is_newest_first=False, of=_OTHERWISE
            )
            made = [decisions.decision_of_row(rows, row) for row in part[:limit]]
            reviews = read_reviews(rows, decisions=[one.number for one in made])
        found = sorted(find_differences(made, reviews), key=lambda one: one.decision.number)
        following = made[-1].number if len(part) > limit else None
        return Listed(found, None, following)

    def all(self) -> list[decisions.Decision]:
        """All decisions."""
        with self._context.reading() as rows:
            return decisions.read_decisions(rows)

    @checked
    def get(self, number: int) -> decisions.Decision:
        """One decision.

        Raises:
            WorkspaceError: There is none.
        """
        with self._context.reading() as rows:
            return decisions.read_decision(rows, number)

    @checked
    def evidence(self, number: int) -> dict[str, Any]:
        """The snapshot of a decision: the evidence as it stood when it was proposed.

        Raises:
            WorkspaceError: There is no such decision, or its snapshot is not what was written.
        """
        return read_snapshot(self._context.folder, self.get(number).proposal.snapshot_sha256)

    @checked
    def changes_since(self, number: int) -> list[str]:
        """What is different of the accounts of a decision since it was proposed, in sentences.

        Raises:
            WorkspaceError: There is no such decision.
        """
        decision = self.get(number)
        try:
            where = {"cluster_id": [self._context.cluster(f"K-{decision.proposal.lineage}")]}
            rows = rows_of(self._context.last().table("membership", where=where))
        except NotFoundError:
            rows = []
        return decisions.changes_since(decision, {row["account_id"]: row["probability"] for row in rows})

    @checked
    def export(self, number: int, form: str = "csv") -> bytes:
        """Make the file of an approved decision, and record that it was exported.

        Args:
            number: The decision.
            form: `csv`, `json` or `stix`.

        Raises:
            WorkspaceError: It is not approved, or the format is unknown.
        """
        if form not in FORMS:
            raise WorkspaceError(f"format {form!r}: expected {', '.join(FORMS)}")
        decisions.check_approved(self.get(number))
        evidence = self.evidence(number)
        with self._context.writing() as rows:
            decision = decisions.read_decision(rows, number)
            content = decision_content(decision, evidence, form, decision.n_exports + 1)
            decisions.record_export(rows, number, form, digest(content))
        return content

    @checked
    def profile(self, number: int, account_id: str) -> Profile:
        """The facts about one account of a decision, for an appeal or a statement of reasons; it is logged.

        Raises:
            WorkspaceError: The decision is not about it.
        """
        profile = appeal_profile(self.get(number), self.evidence(number), account_id)
        with self._context.writing() as rows:
            rows.append("profile.read", f"decision {number}", {})
        return profile

    @checked
    def record_outcome(self, number: int, account_id: str, outcome: str, why: str) -> None:
        """Record what became of an appeal: `upheld` where the decision stood, else `overturned`.

        Raises:
            WorkspaceError: The account is not of the decision, or no reason is given.
        """
        with self._context.writing() as rows:
            decisions.record_outcome(rows, number, account_id, outcome, why)

    def outcomes(self) -> list[decisions.Outcome]:
        """What became of all appeals."""
        with self._context.reading() as rows:
            return decisions.read_outcomes(rows)

    @checked
    def truth(self) -> pa.Table:
        """Make the table of the operators that decisions state, for `graphlink.evaluate`.

        The accounts of decisions in force on one lineage have one operator; who was cleared by an appeal or a
        label has another. Empty where nothing was decided.
        """
        with self._context.reading() as rows:
            return read_truth(rows)
