"""Checks before a run is accepted: what a team would otherwise see as sudden news, and is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graphlink.core.wording.figures import counted
from graphlink.workspace.lineage import GONE, MERGED

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from graphlink.workspace.lineage import Assignment
    from graphlink.workspace.policy import Policy


class Before(NamedTuple):
    """What a run is compared with.

    Attributes:
        n_lineages: Lineages with a cluster in the last accepted run.
        n_largest: Accounts of its largest cluster; 0 without one.
        decided: Lineages that a decision was approved of.
    """

    n_lineages: int
    n_largest: int
    decided: Collection[int]


def find_faults(
    before: Before, assignment: Assignment, drift: Mapping[str, float] | None, policy: Policy
) -> tuple[str, ...]:
    """List why a run is not accepted, in sentences; nothing where it is.

    Args:
        before: The last accepted run.
        assignment: The lineages of the clusters.
        drift: By how many bits the weight of each kind, fitted to the data of the run, differs from that of
            the model; None where it was not fitted.
        policy: The thresholds.
    """
    faults = []
    n_gone = sum(event.kind == GONE for event in assignment.events)
    if n_gone >= policy.lost_min and n_gone > policy.lost_share * before.n_lineages:
        faults.append(
            f"{n_gone:,} of {before.n_lineages:,} lineages are gone; is the input whole, and are the "
            "settings as before?"
        )
    n_largest = max((one.n_accounts for one in assignment.placements), default=0)
    if before.n_largest and n_largest >= max(
        policy.largest_min, policy.largest_growth * before.n_largest + 1
    ):
        faults.append(
            f"the largest cluster has {n_largest:,} accounts, after {before.n_largest:,}; does a new "
            "identifier tie strangers?"
        )
    # What goes into a decided lineage is a return, and news; a decided one that goes into another is lost.
    faults += [
        f"K-{event.lineage}, which was decided, is merged into K-{event.other}; do they belong together?"
        for event in assignment.events
        if event.kind == MERGED and event.lineage in before.decided
    ]
    drifted = {kind: bits for kind, bits in (drift or {}).items() if abs(bits) > policy.drift_bits}
    if drifted:
        most = max(drifted, key=lambda kind: abs(drifted[kind]))
        faults.append(
            f"the model has drifted: {counted(len(drifted), 'kind')} would weigh more than "
            f"{policy.drift_bits:g} bits differently, most of all {most} "
            f"({drifted[most]:+.1f}); compare models, then adopt another"
        )
    return tuple(faults)
