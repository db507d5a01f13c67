"""What speaks for and against one account of a decision: the facts of a statement of reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from graphlink.core.errors import WorkspaceError
from graphlink.core.wording.clusters import named_reason
from graphlink.core.wording.figures import counted, format_bits, format_probability

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphlink.workspace.decisions import Decision

_NAMED = 3  # links and reasons of a profile


class Profile(NamedTuple):
    """The facts about one account of a decision, as they stood when it was proposed.

    Attributes:
        decision: The decision.
        account_id: The account.
        role: Its role in the cluster.
        probability: Probability that it belongs to the cluster.
        n_links: Its links inside the cluster, among those of the snapshot.
        facts: What speaks for the decision, in sentences.
        against: What speaks against it, in sentences.
        snapshot_sha256: The evidence all of it is taken from.
    """

    decision: str
    account_id: str
    role: str
    probability: float | None
    n_links: int
    facts: tuple[str, ...]
    against: tuple[str, ...]
    snapshot_sha256: str


def appeal_profile(decision: Decision, evidence: Mapping[str, Any], account_id: str) -> Profile:
    """Collect what the snapshot of a decision states of one account.

    Args:
        decision: The decision.
        evidence: Its snapshot.
        account_id: The account.

    Raises:
        WorkspaceError: The decision is not about it.
    """
    listed = {one.account_id: one for one in decision.proposal.accounts}.get(account_id)
    if listed is None:
        raise WorkspaceError(f"{decision.name} is not about account {account_id!r}")
    tables = evidence["tables"]
    (cluster,) = tables["clusters"]
    ends = ("account_id_l", "account_id_r")
    links = [row for row in tables["links"] if account_id in (row["account_id_l"], row["account_id_r"])]
    of, sure = counted(cluster["n_accounts"], "account"), format_probability(cluster["p_same_operator"])
    facts = [
        f"It is {listed.role} in a cluster of {of}{_belongs(listed.probability)}.",
        f"One organisation operates the cluster with probability {sure}.",
    ]
    for row in links[:_NAMED]:
        other = next(row[end] for end in ends if row[end] != account_id)
        facts.append(
            f"It is linked with {other} by {format_bits(row['bits'])} of evidence from "
            f"{counted(row['n_facets'], 'facet')}."
        )
    facts += [f"Of the cluster: {named_reason(row)}" for row in tables["reasons"][:_NAMED]]
    return Profile(
        decision.name,
        account_id,
        listed.role,
        listed.probability,
        len(links),
        tuple(facts),
        tuple(_against(cluster, listed.role, links)),
        decision.proposal.snapshot_sha256,
    )


def _belongs(probability: float | None) -> str:
    if probability is None:
        return ""
    return f", to which it belongs with probability {format_probability(probability)}"


def _against(cluster: Mapping[str, Any], role: str, links: list[dict[str, Any]]) -> list[str]:
    rival = str(cluster["rival"]).replace("_", " ")
    against = [f"The second reading, {rival}, is less probable by {format_bits(cluster['rival_bits'])}."]
    if cluster["also_explained_by"]:
        against.append(
            f"A harmless reading explains it too: {cluster['also_explained_by'].replace('_', ' ')}."
        )
    if role != "core":
        against.append("It is not core: its place in the cluster changes when the evidence is drawn again.")
    if len(links) == 1:
        against.append("It has one link inside the cluster.")
    if cluster["weakest_cut_links"] == 1:
        against.append("One link holds the cluster together.")
    return against
