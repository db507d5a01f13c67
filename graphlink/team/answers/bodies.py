"""What requests by POST carry; a field that is not declared here is refused, such as a role or a name."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Words = Annotated[str, msgspec.Meta(max_length=10_000)]
Named = Annotated[str, msgspec.Meta(max_length=2_000)]
Number = Annotated[int, msgspec.Meta(ge=1, lt=1 << 31)]
Names = Annotated[list[Named], msgspec.Meta(max_length=10_000)]


class Body(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An object of a request: these fields and no others."""


class NoBody(Body):
    """An empty object."""


class OpenCaseBody(Body):
    """A case to open.

    Attributes:
        title: Its title.
        lineages: What it is about, such as K-417.
        priority: high, normal or low.
    """

    title: Named
    lineages: Names = []
    priority: Literal["high", "normal", "low"] = "normal"


class CommentBody(Body):
    """A comment."""

    text: Words


class AssignBody(Body):
    """Who is to work on a case; empty for nobody."""

    to: Named


class StatusBody(Body):
    """A status.

    Attributes:
        status: The status.
        why: The reason.
        resolution: Of a case that is closed: acted, honest, too little or duplicate.
    """

    status: Literal["open", "watching", "closed"]
    why: Words
    resolution: Literal["", "acted", "honest", "too little", "duplicate"] = ""


class MergeBody(Body):
    """A case to merge the one of the path into.

    Attributes:
        into: The number of the case that goes on with the lineages of both.
        into_version: The version under which that one was read.
        why: The reason.
    """

    into: Number
    into_version: Annotated[int, msgspec.Meta(ge=0, lt=1 << 60)]
    why: Words


class SplitBody(Body):
    """Lineages to split off into a case of their own.

    Attributes:
        lineages: Which, such as K-417; some of the case's, not all.
        title: The title of the new case.
    """

    lineages: Names
    title: Named


class PriorityBody(Body):
    """A priority."""

    priority: Literal["high", "normal", "low"]


class ProposeBody(Body):
    """A proposal about the core of a lineage.

    Attributes:
        action: What is to be done.
        why: The reason.
        lineage: The lineage, where the case has several.
        fringe: Fringe members to take too.
        leave_out: Members to leave out.
    """

    action: Literal["close", "suspend", "restrict", "verify"]
    why: Words
    lineage: Named = ""
    fringe: Names = []
    leave_out: Names = []


class WhyBody(Body):
    """A reason."""

    why: Words


class ExportBody(Body):
    """A format."""

    form: Literal["csv", "json", "stix"] = "csv"


class AccountBody(Body):
    """An account of a decision."""

    account_id: Named


class OutcomeBody(Body):
    """What became of an appeal."""

    account_id: Named
    outcome: Literal["upheld", "overturned"]
    why: Words


class LabelBody(Body):
    """A label on two accounts, on an account and a lineage, or on an identifier.

    Attributes:
        verdict: One operator, or of an identifier exclusive to one.
        why: The reason.
        account: An account.
        other: The other account of a pair.
        lineage: The lineage, such as K-417.
        kind: The kind of an identifier.
        value: Its value.
        until: Until when it holds, such as 2027-01-31; empty for the days of the policy.
        second: Whether a second person is to review it, to whom the verdict is not shown before.
    """

    verdict: Literal["yes", "no", "unsure"]
    why: Words
    account: Named = ""
    other: Named = ""
    lineage: Named = ""
    kind: Named = ""
    value: Named = ""
    until: Named = ""
    second: bool = False


class LabelReviewBody(Body):
    """A second person's own verdict on a label."""

    verdict: Literal["yes", "no", "unsure"]
    why: Words


class DecisionReviewBody(Body):
    """What a second person would do, who has not seen what is proposed."""

    action: Literal["close", "suspend", "restrict", "verify", "nothing"]
    why: Words


class FactBody(Body):
    """What is known of an organisation.

    Attributes:
        what: account, network, hint, or a kind of identifier.
        value: The account, network or value.
        source: Who says so.
        confidence: 0 to 1.
        note: What was seen.
        is_declared: Whether the organisation is openly a customer; null leaves that as it is.
    """

    what: Named
    value: Named
    source: Named
    confidence: Annotated[float, msgspec.Meta(ge=0, le=1)] = 1.0
    note: Words = ""
    is_declared: bool | None = None


class RevealBody(Body):
    """A value to read behind its replaced name.

    Attributes:
        kind: account, or a kind of identifier.
        name: The name under which it is shown.
        why: The reason; it is logged.
    """

    kind: Named
    name: Named
    why: Words


class SearchBody(Body):
    """A search to save: the parts of a view's address.

    Attributes:
        name: What it is called.
        view: The view, such as queue.
        subject: What is viewed, such as a cluster; empty for a list.
        query: The parameters of the view.
    """

    name: Named
    view: Named
    subject: Named = ""
    query: Annotated[dict[Named, Named], msgspec.Meta(max_length=50)] = {}
