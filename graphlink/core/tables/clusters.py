"""Tables of communities, membership and hypotheses."""

from __future__ import annotations

import dataclasses

from graphlink.core.columns import ACCOUNT_NO, CLUSTER_ID, L, R, real, share, text, whole
from graphlink.core.stages import TableSpec

COMMUNITIES = TableSpec(
    "communities",
    "account that shares a community with another",
    (
        ACCOUNT_NO,
        whole("component_no", "Smallest account number of its component."),
        whole("community_no", "Smallest account number of its community."),
    ),
    ("account_no",),
)

EVIDENCE_COMMUNITIES = dataclasses.replace(
    COMMUNITIES,
    name="evidence_communities",
    about="account that shares a community with another by evidence alone, without labels",
)

CONSTRAINED_ACCOUNTS = TableSpec(
    "constrained_accounts",
    "account that stands where it does because of a label",
    (ACCOUNT_NO, text("constrained_by", "must_link or cannot_link.")),
    ("account_no",),
)

MEMBER_SUPPORT = TableSpec(
    "member_support",
    "account of a community",
    (
        ACCOUNT_NO,
        share("stays", "Share of repetitions in which it stays with the larger part of its community."),
        real("doubt", "Natural log of the probability that all its links are false."),
        share("probability", "Probability that it belongs to its community."),
    ),
    ("account_no",),
)

EVIDENCE_SUPPORT = dataclasses.replace(
    MEMBER_SUPPORT,
    name="evidence_support",
    about="account of a community by evidence alone, without labels",
)

CLUSTER_PATHS = TableSpec(
    "cluster_paths",
    "link inside a community by evidence alone",
    (
        L,
        R,
        share("probability", "Probability that the two belong together by the other links of the community."),
    ),
    ("l", "r"),
)

CLUSTER_NAMES = TableSpec(
    "cluster_names",
    "community with the name of its cluster",
    (whole("community_no", "Smallest account number of the community."), CLUSTER_ID),
    ("community_no",),
)

CLUSTER_LINKS = TableSpec(
    "cluster_links",
    "link inside a cluster, by numbers",
    (
        CLUSTER_ID,
        whole("community_no", "Smallest account number of the community."),
        L,
        R,
        real("bits", "log2 odds: the prior and the contributed bits."),
    ),
    ("l", "r"),
)

CLUSTER_HYPOTHESES = TableSpec(
    "cluster_hypotheses",
    "cluster with the probabilities of its hypotheses",
    (
        CLUSTER_ID,
        share("p_same_operator", "Probability that one organisation operates its accounts, and not openly."),
        share("p_shared_intermediary", "Probability that they are customers of a router or reseller."),
        share("p_shared_network", "Probability that they are people on one network, or in a home."),
        share("p_openly_one_organisation", "Probability that they are openly one organisation's."),
        text("hypothesis", "The most probable."),
        text("rival", "The second most probable."),
        real("rival_bits", "log2 of the ratio of their probabilities."),
    ),
    ("cluster_id",),
)

EXPLAINED_COMMUNITIES = TableSpec(
    "explained_communities",
    "community that something harmless explains as well",
    (
        whole("community_no", "Smallest account number of the community."),
        text("also_explained_by", "What explains it: place, one_identifier, taste or times."),
        whole("n_holders", "Accounts that hold the identifier of its payer; null without one.", null=True),
    ),
    ("community_no",),
)

EXPLAINED_BY_EVIDENCE = dataclasses.replace(
    EXPLAINED_COMMUNITIES,
    name="explained_by_evidence",
    about="community by evidence alone, without labels, that something harmless explains as well",
)

EXPLAINED_PAIRS = TableSpec(
    "explained_pairs",
    "link that something harmless explains as well, by evidence alone",
    (L, R),
    ("l", "r"),
)
