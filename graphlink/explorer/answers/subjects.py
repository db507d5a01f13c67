"""Accounts and identifiers: search, lookup and what is known of one."""

from __future__ import annotations

from graphlink.explorer.answers.base import Answer, Page
from graphlink.explorer.answers.clusters import Attribute  # noqa: TC001 - msgspec reads the type


class Hit(Answer):
    """A hit of a search; what its type does not have is null."""

    type: str
    id: str
    kind: str | None
    value: str | None
    account_id: str | None
    cluster_id: str | None
    facet: str | None
    n_accounts: int | None
    probability: float | None
    p_exclusive: float | None
    label: str | None
    is_exact: bool


class SearchAnswer(Answer):
    """Hits of a search."""

    q: str
    n: int
    is_capped: bool
    hits: list[Hit]


class LookupRow(Answer):
    """What one of the texts is."""

    q: str
    type: str | None
    id: str | None
    kind: str | None
    n_accounts: int
    cluster_id: str | None
    accounts: list[str]


class LookupClusters(Answer):
    """A cluster with accounts that were looked up."""

    cluster_id: str
    n_found: int
    n_accounts: int


class Lookup(Answer):
    """What many texts are."""

    rows: list[LookupRow]
    clusters: list[LookupClusters]
    n_found: int
    n_unknown: int
    unknown: list[str]


class Holder(Answer):
    """An account that holds an identifier."""

    id: str
    account_id: str
    cluster_id: str | None
    role: str | None
    probability: float | None
    status: str | None
    n: int
    first_seen: str | None
    last_seen: str | None


class AccountAnswerIdentifiers(Answer):
    """An identifier of an account."""

    id: str
    kind: str
    value: str
    n: int
    degree: int | None
    p_exclusive: float | None
    label: str | None
    first_seen: str | None
    last_seen: str | None


class AccountAnswer(Answer):
    """An account."""

    id: str
    account_id: str
    cluster_id: str | None
    role: str | None
    probability: float | None
    status: str | None
    created_at: str | None
    closed_at: str | None
    first_seen: str | None
    last_seen: str | None
    n: int
    n_identifiers: int
    is_new: bool
    attributes: list[Attribute]
    n_links: int
    identifiers: list[AccountAnswerIdentifiers]
    n_left_out: int


class IdentifierAnswerClusters(Answer):
    """A cluster with holders of an identifier."""

    cluster_id: str
    n_holders: int
    n_accounts: int


class IdentifierAnswer(Answer):
    """An identifier and who holds it.

    Attributes:
        reach: How far the pairs of its holders were compared; empty where all were.
    """

    id: str
    kind: str
    value: str
    facet: str
    degree: int
    p_exclusive: float | None
    is_hub: bool
    is_capped: bool
    label: str | None
    label_type: str | None
    first_seen: str | None
    last_seen: str | None
    n_pairs: int
    n_joint_pairs: int
    reach: str
    n_clustered: int
    clusters: list[IdentifierAnswerClusters]
    holders: Page[Holder]
