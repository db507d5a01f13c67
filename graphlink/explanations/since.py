"""Since when accounts of a cluster use the same identifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyarrow.compute as pc

from graphlink.explanations.stored import evidence_among, membership_of
from graphlink.result.integrity import of_result

if TYPE_CHECKING:
    import datetime
    from collections.abc import Collection

    import pyarrow as pa

    from graphlink.explanations.readable import Readable


class JointSpan(NamedTuple):
    """The first and the last moment at which two accounts used the same identifier.

    Attributes:
        first: The first; None where no dated identifier ties them.
        last: The last.
        is_core: Whether it is that of core accounts.
    """

    first: datetime.datetime | None
    last: datetime.datetime | None
    is_core: bool


@of_result
def find_joint_span(result: Readable, accounts: Collection[str]) -> JointSpan:
    """Find since when accounts use the same identifiers: of core accounts, or where none do, of any.

    Joint behaviour dates nothing: a burst of sign-ups may be years before the first use.

    Args:
        result: A finished run.
        accounts: Members of one cluster.
    """
    known = membership_of(result, sorted(accounts))
    core = [name for name, row in known.items() if row["role"] == "core"]
    for names, is_core in ((core, True), (sorted(accounts), False)):
        span = _span(evidence_among(result, names)) if len(names) > 1 else None
        if span is not None:
            return JointSpan(*span, is_core)
    return JointSpan(None, None, False)


def _span(evidence: pa.Table) -> tuple[datetime.datetime, datetime.datetime] | None:
    named = pc.and_(
        pc.not_equal(pc.fill_null(evidence["value"], ""), ""), pc.greater(evidence["contribution_bits"], 0.0)
    )
    dated = pc.and_(evidence["first_joint"].is_valid(), evidence["last_joint"].is_valid())
    rows = evidence.filter(pc.and_(named, dated))
    if not len(rows):
        return None
    return pc.min(rows["first_joint"]).as_py(), pc.max(rows["last_joint"]).as_py()
