"""Clusters: the queue, a cluster's header, and its tables."""

from __future__ import annotations

from graphlink.explorer.answers.base import Answer, Page


class ClusterWords(Answer):
    """The meaning of a cluster's figures, worded by the server as in every other output.

    Attributes:
        finding: The likeliest hypothesis, or `undecided` where one operator is neither sure nor the only
            explanation: the colour of a badge.
        finding_name: The same in words, for a badge.
    """

    claim: str
    finding: str
    finding_name: str
    fdr: str
    fdr_sentence: str
    harmless: str
    harmless_sentence: str
    constraint_sentence: str
    chance_sentence: str
    weakest_cut: str
    weakest_cut_sentence: str
    priority: str
    priority_sentence: str
    soon_after: str
    soon_after_sentence: str


class FacetShare(Answer):
    """Share of a facet in the evidence of a cluster.

    Attributes:
        share: Null until the index is ready.
    """

    facet: str
    share: float | None


class Cluster(Answer):
    """A cluster in a list.

    Attributes:
        lineage: Its lineage, such as K-4, which stays from run to run; null outside a workspace.
        status: open, partly_closed or closed.
        n_before: Observations before the bins of `activity`.
    """

    cluster_id: str
    lineage: str | None
    priority: float
    priority_points: dict[str, float]
    n_accounts: int
    n_core: int
    n_constrained: int
    n_open: int
    n_new: int
    n_soon_after: int
    n_soon_after_by_chance: float | None
    is_above_chance: bool
    score: float
    hypothesis: str
    facets: list[FacetShare]
    mean_bits: float
    density: float
    weakest_cut: float | None
    weakest_cut_side: int | None
    weakest_cut_is_bound: bool | None
    weakest_cut_links: int | None
    weakest_cut_identifiers: int | None
    weakest_cut_kind: str | None
    weakest_cut_value: str | None
    expected_by_chance: float | None
    fdr: float | None
    p_same_operator: float | None
    p_shared_intermediary: float | None
    p_shared_network: float | None
    p_openly_one_organisation: float | None
    rival: str | None
    rival_bits: float | None
    also_explained_by: str | None
    words: ClusterWords
    status: str
    n_links: int
    n_routers: int | None
    first_seen: str | None
    last_seen: str | None
    n_before: int | None
    activity: list[int] | None


class QueueOrder(Answer):
    """A part of the order and its points."""

    part: str
    title: str
    points: float


class QueueCountsHypotheses(Answer):
    """Clusters of one hypothesis."""

    hypothesis: str
    n: int


class QueueCountsFacets(Answer):
    """Clusters with evidence of one facet."""

    facet: str
    n: int


class QueueCountsStatuses(Answer):
    """Clusters of one status."""

    status: str
    n: int


class QueueCountsAlsoExplainedBy(Answer):
    """Clusters that one harmless reason explains too."""

    also_explained_by: str
    n: int


class QueueCounts(Answer):
    """Clusters that pass all filters, by column."""

    hypotheses: list[QueueCountsHypotheses]
    facets: list[QueueCountsFacets]
    statuses: list[QueueCountsStatuses]
    also_explained_by: list[QueueCountsAlsoExplainedBy]


class Queue(Page[Cluster]):
    """Clusters by priority."""

    n_openly: int
    n_others: int
    order: list[QueueOrder]
    counts: QueueCounts


class Reason(Answer):
    """A reason of a cluster, by rank.

    Attributes:
        share: Of all evidence for the cluster.
    """

    rank: int
    reason: str
    kind: str | None
    value: str | None
    bits: float
    n_accounts: int | None
    detail: str
    share: float


class ClusterHeadStatuses(Answer):
    """Accounts of one status."""

    status: str | None
    n: int


class ClusterHead(Answer):
    """The header of a cluster.

    Attributes:
        kinds: Kinds of its evidence, those that are not drawn too; null until the index is ready.
    """

    cluster: Cluster
    reasons: list[Reason]
    statuses: list[ClusterHeadStatuses]
    n_graph_nodes: int | None
    graph_mode: str | None
    kinds: list[str] | None


class Attribute(Answer):
    """A column of the table of accounts."""

    name: str
    value: str | float | bool | None


class Member(Answer):
    """An account of a cluster."""

    id: str
    account_id: str
    probability: float | None
    role: str
    status: str | None
    created_at: str | None
    closed_at: str | None
    first_seen: str | None
    last_seen: str | None
    n: int
    n_identifiers: int
    degree: int
    bits: float
    is_new: bool
    attributes: list[Attribute]


class Joined(Answer):
    """A new account of a cluster.

    Attributes:
        tie_kind: Empty where no evidence in the cluster touches the account.
        tied_by: The same in words, and of `after`.
        after: The member closed last before it was opened; empty when there is none.
    """

    id: str
    account_id: str
    opened: str | None
    is_open: bool
    role: str
    probability: float
    tie_kind: str
    tie_value: str
    n_tied: int
    tied_by: str
    after: str
    after_closed_at: str | None
    lag: str
    is_soon_after: bool


class JoinedWords(Answer):
    """How many were opened soon after a closure, worded."""

    soon_after: str
    soon_after_sentence: str


class JoinedPage(Page[Joined]):
    """New accounts of a cluster.

    Attributes:
        what: Which accounts are new, in words.
    """

    n_soon_after: int
    words: JoinedWords
    what: str
    rule: str


class InfrastructureRow(Answer):
    """What accounts of a cluster came through.

    Attributes:
        n_members: Members that use it, or that evidence ties by it.
        n_others: Accounts outside the cluster that use it.
        n_clusters: Other clusters with accounts that use it.
        share: Of the evidence for the cluster.
        n: How often members were seen with it; 0 for a range.
    """

    id: str
    kind: str
    value: str
    role: str
    role_words: str
    owner: str | None
    owner_type: str | None
    n_members: int
    n_others: int
    n_clusters: int
    p_exclusive: float | None
    share: float
    n: int
    first_seen: str | None
    last_seen: str | None


class InfrastructureRole(Answer):
    """A role of infrastructure, and how many there are of it."""

    role: str
    title: str
    about: str
    n: int


class InfrastructurePage(Page[InfrastructureRow]):
    """The infrastructure of a cluster.

    Attributes:
        n_single: Further addresses, each of one member only.
        words: How many of each role there are, worded.
    """

    n_single: int
    words: str
    roles: list[InfrastructureRole]


class OrderPart(Answer):
    """A part of a cluster's place in the order: its points, out of how many."""

    part: str
    title: str
    points: float
    most: float


class BriefOrder(Answer):
    """How a cluster's place in the order comes about."""

    total: float
    confidence: float
    sentence: str
    parts: list[OrderPart]
    n_clusters: int
    place: int


class Brief(Answer):
    """What decides about a cluster, in sentences.

    Attributes:
        is_doubtful: Whether what else explains it is harmless, or hardly distinguished.
        named: The routers, relays and exits to name.
    """

    cluster_id: str
    what: str
    accounts: str
    since: str
    through: str
    back: str
    sure: str
    otherwise: str
    is_doubtful: bool
    n_back: int
    named: list[InfrastructureRow]
    order: BriefOrder


class Tie(Answer):
    """A piece of evidence of a cluster.

    Attributes:
        bits: Summed over all links of the cluster, so that it grows with their number.
        share: Its share of all evidence for the cluster; 0 of what speaks against it.
    """

    id: str | None
    kind: str
    value: str
    facet: str
    bits: float
    share: float
    n_links: int
    n_members: int
    degree: int | None
    p_exclusive: float | None
    is_hub: bool | None
    is_capped: bool | None
    label: str | None
    label_type: str | None
    first_seen: str | None
    last_seen: str | None


class Link(Answer):
    """A link between two accounts of a cluster."""

    account_id_l: str
    account_id_r: str
    bits: float
    probability: float
    n_evidence: int
    n_facets: int
