"""The tables between the steps: columns, types, keys and rules true of every row.

The tables are the architecture (a step is a function from named tables to a named table), so they are
checked at run time where a step takes them and where it has made them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from graphlink.errors import ResultError, TableError

CLUSTER_ID = re.compile("C-[0-9a-z]{10}")
"""The ids of clusters that graphlink makes, redacted ones too: such an id may be a file's name."""


def check_cluster_id(cluster_id: str) -> None:
    """Raise unless an id of a cluster is one that graphlink makes, before it becomes a file's name.

    Raises:
        ResultError: It is not.
    """
    if not CLUSTER_ID.fullmatch(cluster_id):
        raise ResultError(f"cluster id {cluster_id!r} is not one that graphlink makes; run it again")


class _Rows(Protocol):
    """The part of an engine that a check needs."""

    def columns(self, name: str) -> dict[str, str]: ...
    def rows(self, sql: str) -> list[tuple[object, ...]]: ...


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its name, its DuckDB type and what it says."""

    name: str
    type: str
    about: str


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A table of the contract.

    Attributes:
        name: The table's name in the engine and, with `.parquet`, in a result folder.
        about: What one row is.
        columns: Its columns in order; a table may have no others.
        key: The columns that identify a row.
        rules: SQL conditions true of every row.
    """

    name: str
    about: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    rules: tuple[str, ...] = ()

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns in order."""
        return tuple(column.name for column in self.columns)

    def check_columns(self, engine: _Rows, *, extra: bool = False) -> None:
        """Raise unless the table has these columns with these types.

        Args:
            engine: Where the table is.
            extra: Whether further columns are allowed (account attributes are).

        Raises:
            TableError: A column is missing, unknown or of another type.
        """
        found = engine.columns(self.name)
        for column in self.columns:
            if column.name not in found:
                raise TableError(f"table {self.name} lacks column {column.name}; it has {', '.join(found)}")
            if found[column.name] != column.type:
                raise TableError(
                    f"table {self.name}, column {column.name}: type {found[column.name]}, not {column.type}"
                )
        unknown = [name for name in found if name not in self.column_names]
        if unknown and not extra:
            raise TableError(f"table {self.name} has unknown columns: {', '.join(unknown)}")

    def check_rows(self, engine: _Rows) -> None:
        """Raise unless the key is unique, complete and every rule holds; reads the whole table.

        Raises:
            TableError: A key repeats or is null, or a row breaks a rule.
        """
        if self.key:
            keys = ", ".join(self.key)
            repeated = engine.rows(
                f"SELECT {keys} FROM {self.name} GROUP BY {keys} HAVING count(*) > 1 LIMIT 1"
            )
            if repeated:
                raise TableError(f"table {self.name} has two rows with the key {repeated[0]}")
        for rule in (*(f"{name} IS NOT NULL" for name in self.key), *self.rules):
            broken = engine.rows(f"SELECT count(*) FROM {self.name} WHERE NOT coalesce({rule}, false)")
            if broken[0][0]:
                raise TableError(f"table {self.name}: {broken[0][0]} rows break the rule {rule}")


_ACCOUNT = Column("account_id", "VARCHAR", "Account, as the provider names it.")
_L = Column("account_id_l", "VARCHAR", "The lesser account of the pair.")
_R = Column("account_id_r", "VARCHAR", "The greater account of the pair.")
_KIND = Column("kind", "VARCHAR", "Kind of identifier, or of behaviour.")
_VALUE = Column("value", "VARCHAR", "Cleaned value; unique within its kind.")
_TIME = "TIMESTAMP WITH TIME ZONE"

OBSERVATIONS = TableSpec(
    "observations",
    "account seen with an identifier",
    (
        _ACCOUNT,
        _KIND,
        _VALUE,
        Column("seen_at", _TIME, "When, in UTC; null when the source has no time."),
        Column("n", "BIGINT", "How many times at that moment."),
    ),
    (),
    ("account_id IS NOT NULL", "kind IS NOT NULL", "value IS NOT NULL", "n >= 1"),
)

SET_ASIDE = TableSpec(
    "set_aside",
    "input row that was set aside",
    (
        Column("source", "VARCHAR", "File, table or frame."),
        Column("row_number", "BIGINT", "Row in it, counted from 1 after the header; null when not known."),
        Column("column_name", "VARCHAR", "Column at fault."),
        Column("reason", "VARCHAR", "Short code of the reason, such as unparsable_time."),
        Column("detail", "VARCHAR", "What was found (shortened, never a card number) and the mend."),
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
        Column("first_seen", _TIME, "First observation."),
        Column("last_seen", _TIME, "Last observation."),
        Column("n", "BIGINT", "Observations, counted with their n."),
        Column("n_identifiers", "BIGINT", "Distinct identifiers it was seen with."),
    ),
    ("account_id",),
)

IDENTIFIERS = TableSpec(
    "identifiers",
    "identifier held by at least two accounts, or on a reference list",
    (
        _KIND,
        _VALUE,
        Column("facet", "VARCHAR", "Group of kinds that fail together."),
        Column("degree", "BIGINT", "Accounts that hold it."),
        Column("n_pairs", "BIGINT", "Pairs of accounts it could join: degree * (degree - 1) / 2."),
        Column("n_joint_pairs", "BIGINT", "Pairs that held it within the kind's window and were scored."),
        Column("is_hub", "BOOLEAN", "Whether it made no candidate pairs, because it would make too many."),
        Column("is_capped", "BOOLEAN", "Whether the pair budget left some of its pairs out."),
        Column("private", "DOUBLE", "Probability that it is private to one operator."),
        Column("is_overridden", "BOOLEAN", "Whether the settings overrule what was estimated of it."),
        Column("label", "VARCHAR", "Label from a reference list or the settings; null when on none."),
        Column("label_type", "VARCHAR", "Type from the reference list, such as router or carrier_nat."),
        Column("first_seen", _TIME, "First observation."),
        Column("last_seen", _TIME, "Last observation."),
    ),
    ("kind", "value"),
    ("degree >= 1", "private IS NULL OR private BETWEEN 0 AND 1"),
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
        Column("bits", "DOUBLE", "What it says alone: log2 of how much likelier under one operator."),
        Column("counted_bits", "DOUBLE", "What it adds to the link after diminishing returns in its facet."),
        Column("n_windows", "BIGINT", "Windows in which both held it; 1 when it has no time."),
        Column("window_degree", "BIGINT", "Accounts on it in the least crowded window where the two met."),
        Column("lag_seconds", "BIGINT", "Least time between their sightings; null when it has no time."),
        Column("first_joint", _TIME, "First time both held it, or between the one and the other."),
        Column("last_joint", _TIME, "Last time both held it, or between the one and the other."),
    ),
    ("account_id_l", "account_id_r", "kind", "value"),
    (
        "account_id_l < account_id_r",
        "n_windows >= 1",
        "isfinite(bits)",
        "isfinite(counted_bits)",
        "first_joint IS NULL OR first_joint <= last_joint",
    ),
)

LINKS = TableSpec(
    "links",
    "pair of accounts",
    (
        _L,
        _R,
        Column("bits", "DOUBLE", "Posterior log2 odds: the prior plus the counted bits of its evidence."),
        Column("direct", "DOUBLE", "Probability by its own evidence alone: what the bits say."),
        Column("through_others", "DOUBLE", "By what else ties both to their cluster; 0 outside one."),
        Column("probability", "DOUBLE", "That one organisation operates both: not both of these are false."),
        Column("n_evidence", "BIGINT", "Rows of evidence."),
        Column("n_facets", "BIGINT", "Facets that speak for it."),
        Column("chance", "DOUBLE", "Expected number by chance of links at least as strong."),
        Column("fdr", "DOUBLE", "False discovery rate of the list down to and including it."),
    ),
    ("account_id_l", "account_id_r"),
    (
        "account_id_l < account_id_r",
        "probability BETWEEN 0 AND 1",
        "through_others BETWEEN 0 AND 1",
        "n_evidence >= 1",
        "n_facets >= 1",
        "fdr IS NULL OR fdr BETWEEN 0 AND 1",
    ),
)

MEMBERSHIP = TableSpec(
    "membership",
    "account",
    (
        _ACCOUNT,
        Column("component_id", "VARCHAR", "Least account of its connected part; null when it has no link."),
        Column("cluster_id", "VARCHAR", "Its cluster; null when it is in no cluster."),
        Column("probability", "DOUBLE", "Probability that it belongs to the cluster; null when in none."),
        Column("role", "VARCHAR", "core, fringe or none."),
    ),
    ("account_id",),
    ("role IN ('core', 'fringe', 'none')", "(cluster_id IS NULL) = (role = 'none')"),
)

CLUSTERS = TableSpec(
    "clusters",
    "cluster of at least two accounts",
    (
        Column("cluster_id", "VARCHAR", "C- and a digest of its least account: stable while that stays."),
        Column("n_accounts", "BIGINT", "Accounts in it."),
        Column("n_core", "BIGINT", "Accounts that are core."),
        Column("n_links", "BIGINT", "Links inside it."),
        Column("score", "DOUBLE", "Mean probability of its accounts to belong to it."),
        Column("density", "DOUBLE", "Links over possible pairs."),
        Column("mean_bits", "DOUBLE", "Mean log2 odds of its links."),
        Column("weakest_cut", "DOUBLE", "Least sum of bits whose loss would split it."),
        Column("weakest_cut_side", "BIGINT", "Accounts on the lesser side of that cut."),
        Column("weakest_cut_is_bound", "BOOLEAN", "Whether the cut is an upper bound (large clusters)."),
        Column("weakest_cut_links", "BIGINT", "Links that cross that cut; 1: it hangs on one link."),
        Column("weakest_cut_identifiers", "BIGINT", "Identifiers and behaviours that tie these links."),
        Column("weakest_cut_kind", "VARCHAR", "The kind, where one identifier or behaviour ties them all."),
        Column("weakest_cut_value", "VARCHAR", "The identifier, where one ties them all."),
        Column("facets", "VARCHAR", "Facets that speak for it, strongest first, joined by commas."),
        Column("hypothesis", "VARCHAR", "The likeliest: same_operator, router_tenants or shared_network."),
        Column("p_same_operator", "DOUBLE", "Probability that one organisation operates its accounts."),
        Column("p_router_tenants", "DOUBLE", "Probability that they are customers of a router or reseller."),
        Column(
            "p_shared_network", "DOUBLE", "Probability that they are people on one network, or in a home."
        ),
        Column("rival", "VARCHAR", "The next likeliest hypothesis."),
        Column("rival_bits", "DOUBLE", "log2 of how much likelier the hypothesis is than its rival."),
        Column("chance", "DOUBLE", "Expected number by chance of clusters at least as large and as strong."),
        Column("fdr", "DOUBLE", "False discovery rate of the list down to and including it."),
        Column(
            "also_explained_by", "VARCHAR", "one_identifier, place, or null: what harmless explains it too."
        ),
        Column("first_seen", _TIME, "First observation of a member."),
        Column("last_seen", _TIME, "Last observation of a member."),
    ),
    ("cluster_id",),
    (
        "n_accounts >= 2",
        "score BETWEEN 0 AND 1",
        "least(p_same_operator, p_router_tenants, p_shared_network) > 0",
        "abs(p_same_operator + p_router_tenants + p_shared_network - 1) < 1e-6",
        "hypothesis <> rival AND rival_bits >= 0",
        "fdr IS NULL OR fdr BETWEEN 0 AND 1",
    ),
)

HYPOTHESES = TableSpec(
    "hypotheses",
    "cluster and piece of evidence that separates the hypotheses",
    (
        Column("cluster_id", "VARCHAR", "The cluster."),
        Column("evidence", "VARCHAR", "Piece of evidence, such as payment or time_at_shared_places."),
        Column("n_ties", "BIGINT", "Ties of a spanning forest that show it; null when it is no count."),
        Column("n_possible", "BIGINT", "Ties that could show it; null when it is no count."),
        Column("bits_same_operator", "DOUBLE", "log2 of its likelihood under one operator."),
        Column("bits_router_tenants", "DOUBLE", "log2 of its likelihood under customers of one router."),
        Column("bits_shared_network", "DOUBLE", "log2 of its likelihood under people on one network."),
        Column("detail", "VARCHAR", "A sentence for people."),
    ),
    ("cluster_id", "evidence"),
    ("isfinite(bits_same_operator + bits_router_tenants + bits_shared_network)",),
)

SIGNALS = TableSpec(
    "signals",
    "cluster and signal",
    (
        Column("cluster_id", "VARCHAR", "The cluster."),
        Column("signal", "VARCHAR", "What is told, such as share_closed or successors_6h."),
        Column("value", "DOUBLE", "Its value for the cluster."),
        Column("usual", "DOUBLE", "Its usual value: of all accounts, or expected; null when there is none."),
        Column("n_accounts", "BIGINT", "Members it rests on."),
        Column("detail", "VARCHAR", "A sentence for people."),
    ),
    ("cluster_id", "signal"),
    ("isfinite(value)", "usual IS NULL OR isfinite(usual)", "n_accounts >= 1"),
)

REASONS = TableSpec(
    "reasons",
    "cluster and reason",
    (
        Column("cluster_id", "VARCHAR", "The cluster."),
        Column("rank", "BIGINT", "1 for the strongest reason."),
        Column("reason", "VARCHAR", "What kind of reason, such as shared_identifier."),
        Column("kind", "VARCHAR", "Kind of the identifier or behaviour; null when it is the rest."),
        Column("value", "VARCHAR", "The identifier; null when it is the rest."),
        Column("bits", "DOUBLE", "Bits it adds to the cluster's links; all reasons add up to theirs."),
        Column("n_accounts", "BIGINT", "Members it ties."),
        Column("detail", "VARCHAR", "A sentence for people."),
    ),
    ("cluster_id", "rank"),
)

TABLES = (
    OBSERVATIONS,
    SET_ASIDE,
    ACCOUNTS,
    IDENTIFIERS,
    EVIDENCE,
    LINKS,
    MEMBERSHIP,
    CLUSTERS,
    HYPOTHESES,
    SIGNALS,
    REASONS,
)

MEMBER_REASONS = TableSpec(
    "member_reasons",
    "account of a cluster and reason",
    (
        _ACCOUNT,
        Column("cluster_id", "VARCHAR", "Its cluster."),
        Column("rank", "BIGINT", "1 for the strongest reason."),
        Column("reason", "VARCHAR", "What kind of reason, as in `reasons`."),
        Column("kind", "VARCHAR", "Kind of the identifier or behaviour; null when it is the rest."),
        Column("value", "VARCHAR", "The identifier; null of a behaviour and of the rest."),
        Column("bits", "DOUBLE", "Bits it adds to the account's links in its cluster; all add up to theirs."),
        Column("n_accounts", "BIGINT", "Other members it ties the account to; null when it is the rest."),
        Column("strongest", "VARCHAR", "The member it ties the account to most; null when it is the rest."),
        Column("detail", "VARCHAR", "A sentence for people."),
    ),
    ("account_id", "rank"),
    (
        "rank >= 1",
        "isfinite(bits)",
        "(kind IS NULL) = (reason NOT IN ('shared_identifier', 'joint_behaviour'))",
        "(kind IS NULL) = (n_accounts IS NULL) AND (kind IS NULL) = (strongest IS NULL)",
        "strongest IS NULL OR strongest <> account_id",
    ),
)

LINK_REASONS = TableSpec(
    "link_reasons",
    "link and piece of it, from the prior on",
    (
        _L,
        _R,
        Column("rank", "BIGINT", "1 for the prior, 2 for what counts most."),
        Column("reason", "VARCHAR", "prior, shared_identifier, joint_behaviour or differing_values."),
        Column("kind", "VARCHAR", "Kind of the identifier or behaviour; null of the prior."),
        Column("value", "VARCHAR", "The identifier; null where there is none."),
        Column("bits", "DOUBLE", "Bits it adds to the link; all pieces add up to the link's."),
        Column("running", "DOUBLE", "log2 odds with it and all before it."),
        Column("detail", "VARCHAR", "A sentence for people."),
    ),
    ("account_id_l", "account_id_r", "rank"),
    (
        "account_id_l < account_id_r",
        "rank >= 1",
        "isfinite(bits) AND isfinite(running)",
        "(rank = 1) = (reason = 'prior') AND (kind IS NULL) = (reason = 'prior')",
    ),
)

EXPLAINED_TABLES = (MEMBER_REASONS, LINK_REASONS)
"""Explanations made in advance: in a result only when its run was asked for them."""

LISTED_AS = "; listed as "
"""What stands in a sentence before the label of a reference list, which ends it; all before is our own."""
