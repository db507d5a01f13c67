"""Tables of the model: co-presence, match weights, exclusivity, evidence and scores of pairs."""

from __future__ import annotations

import dataclasses

from graphlink.core.columns import (
    ACCOUNT_NO,
    AT_NO,
    BITS,
    CONTRIBUTION_BITS,
    FACET,
    FIRST_S,
    IDENTIFIER_NO,
    KIND_NO,
    LAST_S,
    NO_IDENTIFIER,
    L,
    R,
    flag,
    real,
    share,
    text,
    whole,
)
from graphlink.core.stages import TableSpec
from graphlink.core.tables.ingest import KINDS

_PAIR = ("l", "r")

BLOCK_LIMITS = TableSpec(
    "block_limits",
    "kind with shared values, and the largest blocks that made pairs",
    (
        KIND_NO,
        whole("cap", "Accounts of the largest block that made candidate pairs.", wide=True),
        whole(
            "most_scored", "Accounts of the largest block that was searched for candidate pairs.", wide=True
        ),
        whole("n_blocks_capped", "Blocks that made no pairs.", wide=True),
        whole("n_pairs_capped", "Pairs that these blocks would have made.", wide=True),
    ),
    ("kind_no",),
)

COPRESENCE_PAIRS = TableSpec(
    "copresence_pairs",
    "pair of accounts and identifier that both held in one window",
    (
        L,
        R,
        IDENTIFIER_NO,
        KIND_NO,
        whole("n_windows", "Windows in which both held it."),
        whole("degree", "Accounts on it in the least crowded of them.", null=True),
        whole("lag_s", "Minimum seconds between their sightings; null without time.", null=True),
        FIRST_S,
        LAST_S,
        flag("is_blocking_value", "Whether this value itself made the pair a candidate.", null=True),
    ),
    (*_PAIR, "identifier_no"),
)

BEHAVIOURS = TableSpec(
    "behaviours",
    "pair of accounts and joint behaviour in time",
    (
        L,
        R,
        text("behaviour", "lockstep, crew_beat, succession, replacement, load_balancing or signup_burst."),
        BITS,
        whole("n_events", "Number of joint events.", wide=True),
        share("p_value", "Its probability under the null model."),
        FIRST_S,
        LAST_S,
        AT_NO,
    ),
    (*_PAIR, "behaviour"),
)

PAIR_LABELS = TableSpec(
    "pair_labels",
    "pair of accounts that analysts labelled yes or no",
    (L, R, flag("is_same", "Whether one organisation operates both.")),
    _PAIR,
)

PAIR_KINDS = TableSpec(
    "pair_kinds",
    "pair of accounts and kind of which it shares a value",
    (
        L,
        R,
        KIND_NO,
        whole("degree", "Holders of the rarest value that it shares.", null=True),
        flag(
            "is_blocking_value", "Whether some value of the kind itself made the pair a candidate.", null=True
        ),
        whole("only_no", "The identifier, where it shares one only.", null=True),
        whole("degree_bin", "Bin of the degree.", null=True),
        whole("repeat_bin", "Bin of the number of windows with co-presence."),
    ),
    (*_PAIR, "kind_no"),
)

MANY_KINDS = TableSpec(
    "many_kinds", "pair of accounts that shares values of two kinds or more", (L, R), _PAIR
)

MATCH_WEIGHTS = TableSpec(
    "match_weights",
    "kind, bin of degree and bin of windows",
    (
        KIND_NO,
        whole("degree_bin", "Bin of the degree."),
        whole("repeat_bin", "Bin of the number of windows with co-presence."),
        real("log_odds", "log2 odds that a pair that shares such a value has one operator."),
    ),
    ("kind_no", "degree_bin", "repeat_bin"),
)

DEPENDENCE_CAPS = TableSpec(
    "dependence_caps",
    "two kinds: what the one adds given that the other is shared",
    (
        whole("given_no", "Number of the kind that is given."),
        KIND_NO,
        real("bits", "Maximum bits that it adds."),
        share("share", "Share of its own bits that counts."),
        real("rarity", "Bits by which the rarity of its value may move that maximum."),
    ),
    ("given_no", "kind_no"),
)

DISAGREEMENT_WEIGHTS = TableSpec(
    "disagreement_weights",
    "kind in which differing values are evidence against one operator",
    (
        KIND_NO,
        whole("group_no", "Group of kinds of which only the strongest counts."),
        real("bits", "Bits when both accounts have one value and these differ, at most 0."),
    ),
    ("kind_no",),
)

CONDITIONAL_DISAGREEMENT = TableSpec(
    "conditional_disagreement",
    "two kinds: what differing in the one says given that the other is shared",
    (
        whole("given_no", "Number of the kind that is given."),
        KIND_NO,
        real("bits", "Bits when both accounts have one value and these differ, at most 0."),
    ),
    ("given_no", "kind_no"),
)

OVERRIDDEN = TableSpec(
    "overridden",
    "identifier with an override in the settings",
    (
        IDENTIFIER_NO,
        share("p_exclusive", "Probability from the settings; null where they state none.", null=True),
        text("label", "Label from the settings; null where they state none.", null=True),
    ),
    ("identifier_no",),
)

EXCLUSIVITY = TableSpec(
    "exclusivity",
    "identifier that made candidate pairs",
    (
        IDENTIFIER_NO,
        share("baseline", "Probability that two of its holders have one operator, by kind and size alone."),
        whole("n_holders", "Its holders.", wide=True),
        whole(
            "n_tied",
            "Holders of its site tied to another one by facets that it does not determine.",
            wide=True,
        ),
        share("p_exclusive", "The probability with corroboration, or from the settings."),
    ),
    ("identifier_no",),
)

EXCLUSIVITY_SHARES = TableSpec(
    "exclusivity_shares",
    "kind of identifier and bin of holders",
    (
        KIND_NO,
        whole("degree_bin", "Bin of the number of holders d: log2 of d - 1, rounded down."),
        real("among_others", "Identifiers that an operator shares with others, for each that it has alone."),
    ),
    ("kind_no", "degree_bin"),
)

TIED_SHARES = TableSpec(
    "tied_shares",
    "share of an operator's accounts on one identifier that instruments tie",
    (
        real("share", "The share: the middle of its bin."),
        real("weight", "How many operators have it, of all."),
    ),
    ("share",),
)

EXCLUSIVITY_BITS = TableSpec(
    "exclusivity_bits",
    "pair of accounts and shared identifier",
    (L, R, IDENTIFIER_NO, KIND_NO, BITS),
    (*_PAIR, "identifier_no"),
)

EVIDENCE_KINDS = dataclasses.replace(
    KINDS, name="evidence_kinds", about="kind of evidence: those of identifiers, then those of behaviours"
)

EVIDENCE_DEPENDENCE_CAPS = dataclasses.replace(
    DEPENDENCE_CAPS,
    name="evidence_dependence_caps",
    about="two kinds of evidence: what the one adds given the other",
)

NUMBERED_BEHAVIOURS = TableSpec(
    "numbered_behaviours",
    "pair of accounts and joint behaviour, by the number of its kind",
    (L, R, KIND_NO, BITS, whole("n_events", "Number of joint events.", wide=True), FIRST_S, LAST_S, AT_NO),
    (*_PAIR, "kind_no"),
)

SINGLE_VALUES = TableSpec(
    "single_values",
    "account and kind with a disagreement weight, of which it has one value",
    (ACCOUNT_NO, KIND_NO, NO_IDENTIFIER),
    ("account_no", "kind_no"),
)

KIND_BITS = TableSpec(
    "kind_bits",
    "pair of accounts and kind in which the two agree or differ",
    (L, R, KIND_NO, BITS, CONTRIBUTION_BITS),
    (*_PAIR, "kind_no"),
)

PAIR_SCORES = TableSpec(
    "pair_scores",
    "pair of accounts that may become a link",
    (
        L,
        R,
        real("bits", "log2 odds: the prior and the contributed bits."),
        whole("n_kinds", "Kinds.", wide=True),
    ),
    _PAIR,
)

SCORED_PAIRS = TableSpec(
    "scored_pairs",
    "link, by the numbers of its accounts",
    (L, R, real("bits", "log2 odds: the prior and the contributed bits.")),
    _PAIR,
)

PAIR_EVIDENCE = TableSpec(
    "pair_evidence",
    "link and item of its evidence, by numbers",
    (L, R, KIND_NO, NO_IDENTIFIER, FACET, BITS, CONTRIBUTION_BITS),
    (),
)

MARKED_ACCOUNTS = TableSpec(
    "marked_accounts",
    "account and what shows, or could show, openly whose it is",
    (
        text("mark", "own_domain or one_billing_parent."),
        ACCOUNT_NO,
        text(
            "value",
            "What shows it; null where the account could show something, and shares nothing.",
            null=True,
        ),
        whole("degree", "Accounts that hold the value; null without one.", null=True),
    ),
    (),
)
