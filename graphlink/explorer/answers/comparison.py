"""Two clusters side by side."""

from __future__ import annotations

from graphlink.explorer.answers import clusters  # noqa: TC001 - msgspec reads the types
from graphlink.explorer.answers.base import Answer


class ComparedSide(Answer):
    """One of two clusters: its row, and the sentences that decide about it."""

    cluster: clusters.Cluster
    brief: clusters.Brief


class NearCluster(Answer):
    """A cluster that links or shared identifiers lead to.

    Attributes:
        n_links: Links between the two.
        n_shared: Identifiers of at most 1,000 accounts that both hold.
    """

    cluster_id: str
    lineage: str | None
    n_links: int
    n_shared: int


class Bridge(Answer):
    """A link between two clusters that counts.

    Attributes:
        kind: Kind of its strongest evidence.
        bits: What it adds to the weighing of the two.
        n_links: Links between the two with this evidence.
    """

    account_id_l: str
    account_id_r: str
    kind: str
    value: str
    bits: float
    n_links: int


class SharedIdentifier(Answer):
    """What both clusters hold or do; of a joint behaviour what an identifier has is null.

    Attributes:
        role: What it is to them, where it is infrastructure.
        n_left: Accounts of the left cluster with it.
        n_others: Accounts of neither.
        n_links: Links between the two with it.
        share: Of the evidence between the two.
    """

    id: str | None
    kind: str
    value: str
    facet: str
    role: str | None
    role_words: str | None
    owner: str | None
    owner_type: str | None
    n_left: int | None
    n_right: int | None
    n_others: int | None
    p_exclusive: float | None
    n_links: int
    share: float


class OnlyOne(Answer):
    """The infrastructure of one that the other does not use: the first of it, and how much there is."""

    rows: list[clusters.InfrastructureRow]
    total: int


class Comparison(Answer):
    """Two clusters side by side; what needs two is null or empty where nothing leads to a second.

    Attributes:
        probability: That one operator runs both, if each of them is one operator's; null without a link.
        goal: The probability from which a run joins two groups.
        shared: The first 200 of what both hold or do.
    """

    left: ComparedSide
    right: ComparedSide | None
    near: list[NearCluster]
    probability: float | None
    goal: float | None
    sentences: list[str]
    bridges: list[Bridge]
    shared: list[SharedIdentifier]
    n_shared: int
    only_left: OnlyOne | None
    only_right: OnlyOne | None
