"""The tables of a result: columns, types, keys and rules true of every row.

They are checked when a run writes them. The other tables that cross a step are in `graphlink.core.tables`.
"""

from __future__ import annotations

import dataclasses
import math
import re

from graphlink.core.constraint_names import AGREES, APPLIED, CANNOT_LINK, CONFLICT, MUST_LINK
from graphlink.core.errors import ResultError
from graphlink.core.stages import Column, TableSpec
from graphlink.core.tables.facts import FACTS
from graphlink.core.wording.clusters import fdr_definition

CLUSTER_ID = re.compile("C-[0-9a-z]{10}")
"""The ids of clusters that graphlink makes, redacted ones too: such an id may be a file's name."""


def check_cluster_id(cluster_id: str) -> None:
    """Raise unless an id of a cluster is one that graphlink makes, before it becomes a file's name.

    Raises:
        ResultError: It is not.
    """
    if not CLUSTER_ID.fullmatch(cluster_id):
        raise ResultError(f"cluster id {cluster_id!r} is not one that graphlink makes; run it again")


def _count(name: str, about: str, least: float = 0) -> Column:
    return Column(name, "BIGINT", about, is_required=True, bounds=(least, math.inf))


def _count_or_null(name: str, about: str, least: float = 0) -> Column:
    return Column(name, "BIGINT", about, bounds=(least, math.inf))


def _real(name: str, about: str, least: float = -math.inf) -> Column:
    return Column(name, "DOUBLE", about, is_required=True, bounds=(least, math.inf))


def _real_or_null(name: str, about: str, least: float = -math.inf) -> Column:
    return Column(name, "DOUBLE", about, bounds=(least, math.inf))


def _share(name: str, about: str) -> Column:
    return Column(name, "DOUBLE", about, is_required=True, bounds=(0, 1))


def _share_or_null(name: str, about: str) -> Column:
    return Column(name, "DOUBLE", about, bounds=(0, 1))


_HYPOTHESES = ("same_operator", "shared_intermediary", "shared_network", "openly_one_organisation")
_CONSTRAINTS = (MUST_LINK, CANNOT_LINK)
_REASONS = (
    "shared_identifier", "joint_behaviour", "further_identifiers", "differing_values", "prior",
)  # fmt: skip
_ACCOUNT = Column("account_id", "VARCHAR", "Account, as the provider names it.", is_required=True)
_L = Column("account_id_l", "VARCHAR", "Account of the pair that sorts first.", is_required=True)
_R = Column("account_id_r", "VARCHAR", "Account of the pair that sorts last.", is_required=True)
_KIND = Column("kind", "VARCHAR", "Kind of identifier, or of behaviour.", is_required=True)
_VALUE = Column("value", "VARCHAR", "Cleaned value; unique within its kind.", is_required=True)
_TIME = "TIMESTAMP WITH TIME ZONE"

OBSERVATIONS = TableSpec(
    "observations",
    "account seen with an identifier",
    (
        _ACCOUNT,
        _KIND,
        _VALUE,
        Column("seen_at", _TIME, "When, in UTC; null when the source has no time."),
        _count("n", "How many times at that moment.", 1),
    ),
    (),
    (),
)

REJECTED_ROWS = TableSpec(
    "rejected_rows",
    "input row that was rejected",
    (
        Column("source", "VARCHAR", "File, table or frame."),
        Column("row_number", "BIGINT", "Row in it, counted from 1 after the header; null when not known."),
        Column("n_lines", "BIGINT", "Physical lines that are lost: more than 1 if a quote is not closed."),
        Column("column_name", "VARCHAR", "Column with the fault."),
        Column("reason", "VARCHAR", "Short code of the reason, such as unparsable_time."),
        Column("detail", "VARCHAR", "The value (shortened, never a card number) and how to fix it."),
    ),
    (),
)

ACCOUNTS = TableSpec(
    "accounts",
    "account",
    (
        _ACCOUNT,
        Column("created_at", _TIME, "When it was opened; null when not known."),
        Column("closed_at", _TIME, "When it was closed or banned; null while open or not known."),
        Column("status", "VARCHAR", "The provider's word for its state, such as active or banned."),
        Column(
            "is_abuse",
            "BOOLEAN",
            "Whether it was closed for abuse, by the words that `accounts.abuse` names; null when not known.",
        ),
        Column("first_seen", _TIME, "First observation."),
        Column("last_seen", _TIME, "Last observation."),
        _count_or_null("n", "Observations, counted with their n."),
        _count_or_null("n_identifiers", "Distinct identifiers it was seen with."),
    ),
    ("account_id",),
    is_open=True,
)

IDENTIFIERS = TableSpec(
    "identifiers",
    "identifier held by at least two accounts, or on a reference list",
    (
        _KIND,
        _VALUE,
        Column("facet", "VARCHAR", "Group of kinds that fail together."),
        _count("degree", "Accounts that hold it.", 1),
        _count_or_null("n_pairs", "Pairs of accounts it could join: degree * (degree - 1) / 2."),
        _count_or_null("n_joint_pairs", "Pairs that held it within the kind's window and were scored."),
        Column("is_hub", "BOOLEAN", "Whether it made no candidate pairs, because it would make too many."),
        Column("is_capped", "BOOLEAN", "Whether the pair budget left some of its pairs out."),
        _share_or_null("p_exclusive", "Probability that it is exclusive to one operator."),
        Column("is_overridden", "BOOLEAN", "Whether the settings override its estimate."),
        Column("label", "VARCHAR", "Label from a reference list or the settings; null when on none."),
        Column("label_type", "VARCHAR", "Type from the reference list, such as router or carrier_nat."),
        Column("first_seen", _TIME, "First observation."),
        Column("last_seen", _TIME, "Last observation."),
    ),
    ("kind", "value"),
    (),
)

EVIDENCE = TableSpec(
    "evidence",
    "pair and identifier (or behaviour)",
    (
        _L,
        _R,
        _KIND,
        _VALUE,
        Column("facet", "VARCHAR", "Group of kinds that fail together."),
        _real("bits", "Standalone match weight: log2 of its likelihood ratio, one operator over two."),
        _real("contribution_bits", "Bits it adds to the link, given the stronger evidence of the pair."),
        _count("n_windows", "Windows in which both held it; 1 when it has no time.", 1),
        _count_or_null("window_degree", "Accounts on it in the least crowded window that both share."),
        Column("lag_seconds", "BIGINT", "Minimum time between their sightings; null when it has no time."),
        Column("first_joint", _TIME, "First time both held it, or a moment between their sightings."),
        Column("last_joint", _TIME, "Last time both held it, or a moment between their sightings."),
        Column("at_kind", "VARCHAR", "Of a behaviour, kind of the identifier at which they did so."),
        Column("at_value", "VARCHAR", "That identifier; null where no one is."),
    ),
    ("account_id_l", "account_id_r", "kind", "value"),
    (
        "account_id_l < account_id_r",
        "first_joint IS NULL OR first_joint <= last_joint",
    ),
)

LINKS = TableSpec(
    "links",
    "pair of accounts",
    (
        _L,
        _R,
        _real("bits", "Posterior log2 odds: the prior plus the contributed bits of its evidence."),
        _share("p_direct", "Probability by its own evidence alone, from its bits."),
        _share("p_via_cluster", "Probability by other links of their cluster, without labels; else 0."),
        _share("p_apart", "Probability that the two belong to two clusters; 0 within one and outside."),
        Column("is_explained", "BOOLEAN", "Whether something harmless explains it too.", is_required=True),
        _share(
            "probability",
            "That one organisation operates both: p = (1 - (1 - p_direct)(1 - p_via_cluster))(1 - p_apart); "
            "p / (1 + p) where is_explained.",
        ),
        _count("n_evidence", "Rows of evidence.", 1),
        _count("n_facets", "Facets with evidence for it.", 1),
        _real_or_null(
            "expected_by_chance", "Expected number of links at least as strong under the null model.", 0
        ),
        _share_or_null("fdr", fdr_definition("link")),
    ),
    ("account_id_l", "account_id_r"),
    ("account_id_l < account_id_r",),
)

MEMBERSHIP = TableSpec(
    "membership",
    "account",
    (
        _ACCOUNT,
        Column(
            "component_id",
            "VARCHAR",
            "Smallest account_id of its connected component; null when it has no link.",
        ),
        Column("cluster_id", "VARCHAR", "Its cluster; null when it is in no cluster."),
        _share_or_null("probability", "Probability that it belongs to the cluster; null when in none."),
        Column(
            "role", "VARCHAR", "core, fringe or none.", is_required=True, choices=("core", "fringe", "none")
        ),
        Column(
            "constrained_by",
            "VARCHAR",
            "What moved it from where evidence puts it: must_link (labels put it into this cluster) or "
            "cannot_link (labels took it out of another); null for others.",
            choices=_CONSTRAINTS,
        ),
    ),
    ("account_id",),
    ("(cluster_id IS NULL) = (role = 'none')",),
)

CONSTRAINTS = TableSpec(
    "constraints",
    "pair of accounts that analysts labelled yes or no",
    (
        _L,
        _R,
        Column(
            "constraint_type",
            "VARCHAR",
            "must_link (one operator) or cannot_link.",
            is_required=True,
            choices=_CONSTRAINTS,
        ),
        Column(
            "outcome",
            "VARCHAR",
            "agrees (the evidence puts them so), applied (labels moved accounts) or conflict (a chain of "
            "must-links ties a pair labelled no: it stays together).",
            is_required=True,
            choices=(AGREES, APPLIED, CONFLICT),
        ),
        _real_or_null(
            "cut_bits", "Bits of the links of the minimum cut that separates them; null for others.", 0
        ),
    ),
    ("account_id_l", "account_id_r"),
    (
        "account_id_l < account_id_r",
        "(cut_bits IS NULL) = (outcome <> 'applied' OR constraint_type = 'must_link')",
    ),
)

CLUSTERS = TableSpec(
    "clusters",
    "cluster of at least two accounts",
    (
        Column(
            "cluster_id",
            "VARCHAR",
            "`C-` and a hash of its smallest account_id: stable while that account remains.",
            is_required=True,
        ),
        _count("n_accounts", "Accounts in it.", 2),
        _count("n_core", "Accounts that are core."),
        _count(
            "n_constrained", "Accounts that stand in it because of a label (`membership.constrained_by`)."
        ),
        _count("n_links", "Links inside it."),
        _share("score", "Mean membership probability of its accounts."),
        _share_or_null("density", "Links over possible pairs."),
        _real_or_null("mean_bits", "Mean log2 odds of its links."),
        Column(
            "weakest_cut",
            "DOUBLE",
            "Minimum cut in bits: the least evidence whose loss splits it, or a bound.",
        ),
        Column("weakest_cut_side", "BIGINT", "Accounts on the smaller side of that cut."),
        Column("weakest_cut_is_bound", "BOOLEAN", "Whether the cut is an upper bound (large clusters)."),
        Column("weakest_cut_links", "BIGINT", "Links that cross that cut; 1: a single point of failure."),
        Column("weakest_cut_identifiers", "BIGINT", "Identifiers and behaviours that support these links."),
        Column(
            "weakest_cut_kind", "VARCHAR", "The kind, where one identifier or behaviour supports them all."
        ),
        Column("weakest_cut_value", "VARCHAR", "The identifier, where one supports them all."),
        Column(
            "facets",
            "VARCHAR",
            "Facets with evidence for it, strongest first, comma-separated.",
            is_required=True,
        ),
        Column(
            "hypothesis",
            "VARCHAR",
            "The most probable: same_operator, shared_intermediary, shared_network or "
            "openly_one_organisation.",
            is_required=True,
            choices=_HYPOTHESES,
        ),
        _share("p_same_operator", "Probability that one organisation operates its accounts, and not openly."),
        _share("p_shared_intermediary", "Probability that they are customers of a router or reseller."),
        _share("p_shared_network", "Probability that they are people on one network, or in a home."),
        _share(
            "p_openly_one_organisation",
            "Probability that they are openly one organisation's, by its own mail domain or billing parent.",
        ),
        Column(
            "rival", "VARCHAR", "The second most probable hypothesis.", is_required=True, choices=_HYPOTHESES
        ),
        _real("rival_bits", "log2 of the ratio of their probabilities.", 0),
        _real_or_null(
            "expected_by_chance",
            "Expected number of clusters at least as large and as strong under the null model.",
            0,
        ),
        _share_or_null("fdr", fdr_definition("cluster")),
        Column(
            "also_explained_by",
            "VARCHAR",
            "Harmless reading that explains it too: one_identifier, place, taste, times, or null (glossary).",
            choices=("one_identifier", "place", "taste", "times"),
        ),
        Column("first_seen", _TIME, "First observation of a member."),
        Column("last_seen", _TIME, "Last observation of a member."),
    ),
    ("cluster_id",),
    (
        f"least({', '.join(f'p_{name}' for name in _HYPOTHESES)}) > 0",
        f"abs({' + '.join(f'p_{name}' for name in _HYPOTHESES)} - 1) < 1e-6",
        "hypothesis <> rival",
    ),
)

HYPOTHESES = TableSpec(
    "hypotheses",
    "cluster and piece of evidence that separates the hypotheses",
    (
        Column("cluster_id", "VARCHAR", "The cluster.", is_required=True),
        Column(
            "evidence",
            "VARCHAR",
            "Item of evidence, such as payment or time_at_shared_places.",
            is_required=True,
        ),
        _count_or_null("n_ties", "Edges of a spanning forest that show it; null when it is not a count."),
        _count_or_null("n_possible", "Edges that could show it; null when it is not a count."),
        _real("bits_same_operator", "log2 of its likelihood under one operator."),
        _real("bits_shared_intermediary", "log2 of its likelihood under customers of one router."),
        _real("bits_shared_network", "log2 of its likelihood under people on one network."),
        _real("bits_openly_one_organisation", "log2 of its likelihood under openly one organisation."),
        Column("detail", "VARCHAR", "The same as a sentence."),
    ),
    ("cluster_id", "evidence"),
    (),
)

SIGNALS = TableSpec(
    "signals",
    "cluster and signal",
    (
        Column("cluster_id", "VARCHAR", "The cluster.", is_required=True),
        Column(
            "signal",
            "VARCHAR",
            "Name of the signal, such as share_closed or successors_6h.",
            is_required=True,
        ),
        _real("value", "Its value for the cluster."),
        _real_or_null("baseline", "Value over all accounts, or the expected value; null when there is none."),
        _count("n_accounts", "Members it is computed from.", 1),
        Column("detail", "VARCHAR", "The same as a sentence."),
    ),
    ("cluster_id", "signal"),
    (),
)

REASONS = TableSpec(
    "reasons",
    "cluster and reason",
    (
        Column("cluster_id", "VARCHAR", "The cluster.", is_required=True),
        _count("rank", "1 for the strongest reason.", 1),
        Column("reason", "VARCHAR", "Type of it, as shared_identifier.", is_required=True, choices=_REASONS),
        Column("kind", "VARCHAR", "Kind of the identifier or behaviour; null for the remainder."),
        Column("value", "VARCHAR", "The identifier; null for the remainder."),
        _real("bits", "Bits it adds to the cluster's links; the reasons add up to their bits."),
        _count_or_null("n_accounts", "Members it connects."),
        Column("detail", "VARCHAR", "The same as a sentence."),
        Column("at_kind", "VARCHAR", "Of a behaviour, kind of the identifier of most of its pairs."),
        Column("at_value", "VARCHAR", "That identifier; null where no one has most."),
    ),
    ("cluster_id", "rank"),
)

TABLES = (
    OBSERVATIONS,
    REJECTED_ROWS,
    ACCOUNTS,
    IDENTIFIERS,
    EVIDENCE,
    LINKS,
    MEMBERSHIP,
    CONSTRAINTS,
    CLUSTERS,
    HYPOTHESES,
    SIGNALS,
    FACTS,
    REASONS,
)

MEMBER_REASONS = TableSpec(
    "member_reasons",
    "account of a cluster and reason",
    (
        _ACCOUNT,
        Column("cluster_id", "VARCHAR", "Its cluster.", is_required=True),
        _count("rank", "1 for the strongest reason.", 1),
        Column("reason", "VARCHAR", "Type of reason, as in `reasons`.", is_required=True, choices=_REASONS),
        Column("kind", "VARCHAR", "Kind of the identifier or behaviour; null for the remainder."),
        Column("value", "VARCHAR", "The identifier; null for a behaviour and for the remainder."),
        _real(
            "bits", "Bits it adds to the account's links in its cluster; the reasons add up to their bits."
        ),
        _count_or_null("n_accounts", "Other members it connects the account to; null for the remainder."),
        Column(
            "strongest",
            "VARCHAR",
            "The member it connects the account to most strongly; null for the remainder.",
        ),
        Column("detail", "VARCHAR", "The same as a sentence."),
    ),
    ("account_id", "rank"),
    (
        "(kind IS NULL) = (reason NOT IN ('shared_identifier', 'joint_behaviour'))",
        "(kind IS NULL) = (n_accounts IS NULL) AND (kind IS NULL) = (strongest IS NULL)",
        "strongest IS NULL OR strongest <> account_id",
    ),
)

LINK_REASONS = TableSpec(
    "link_reasons",
    "link and part of its bits, from the prior on",
    (
        _L,
        _R,
        _count("rank", "1 for the prior, 2 for the strongest evidence.", 1),
        Column(
            "reason",
            "VARCHAR",
            "prior, shared_identifier, joint_behaviour or differing_values.",
            is_required=True,
            choices=_REASONS,
        ),
        Column("kind", "VARCHAR", "Kind of the identifier or behaviour; null for the prior."),
        Column("value", "VARCHAR", "The identifier; null where there is none."),
        _real("bits", "Bits it adds to the link; all rows add up to the link's bits."),
        _real("running", "Cumulative log2 odds, up to this row."),
        Column("detail", "VARCHAR", "The same as a sentence."),
    ),
    ("account_id_l", "account_id_r", "rank"),
    (
        "account_id_l < account_id_r",
        "(rank = 1) = (reason = 'prior') AND (kind IS NULL) = (reason = 'prior')",
    ),
)

EXPLAINED_TABLES = (MEMBER_REASONS, LINK_REASONS)
"""Explanations written with the result: only of a run with `explain_all`."""

LISTED_AS = "; listed as "
"""Separator before the label of a reference list, which ends a sentence; what precedes is graphlink's."""

# Intermediate tables, from which a later step makes tables of the result.

INPUT_ACCOUNTS = dataclasses.replace(
    ACCOUNTS, name="input_accounts", about="account, before reference lists add to what it was seen with"
)

CLUSTER_SCORES = CLUSTERS.project(
    "cluster_scores",
    "cluster of at least two accounts, without hypotheses and the null model",
    (
        *("cluster_id", "n_accounts", "n_core", "n_constrained", "n_links", "score", "density", "mean_bits"),
        "weakest_cut",
        *("weakest_cut_side", "weakest_cut_is_bound", "weakest_cut_links", "weakest_cut_identifiers"),
        *("weakest_cut_kind", "weakest_cut_value", "facets", "first_seen", "last_seen"),
    ),
)

CONCLUDED_LINKS = LINKS.project(
    "concluded_links",
    "pair of accounts with its probability, without the null model",
    (
        *("account_id_l", "account_id_r", "bits", "p_direct", "p_via_cluster", "p_apart"),
        *("is_explained", "probability", "n_evidence", "n_facets"),
    ),
)
