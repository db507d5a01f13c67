"""The tables of a workspace, for SQLite and PostgreSQL alike.

Names of accounts stand in `accounts` and nowhere else: every other table has their numbers, so that a person
is forgotten in one place. What people wrote stands in `payloads`. Times are text, ISO 8601 in UTC: a driver's
time zone can then change no row, and no hash.
"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=_NAMES)


def _number(name: str) -> Column[int]:
    """The key of a table, from a counter: numbers are never reused."""
    return Column(name, Integer, primary_key=True, autoincrement=False)


def _refers(name: str, to: str, *, is_optional: bool = False, is_key: bool = False) -> Column[int]:
    return Column(name, Integer, ForeignKey(to), nullable=is_optional, primary_key=is_key)


def _text(name: str, *, is_optional: bool = False) -> Column[str]:
    return Column(name, Text, nullable=is_optional)


def _whole(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


def _real(name: str) -> Column[float]:
    return Column(name, Float, nullable=True)


def _choice(column: str, *choices: str) -> CheckConstraint:
    listed = ", ".join(f"'{choice}'" for choice in choices)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


Table("meta", metadata, Column("name", Text, primary_key=True), _text("value"))
Table("counters", metadata, Column("name", Text, primary_key=True), _whole("value"))
# An account that was forgotten keeps its number, without its name.
Table("accounts", metadata, _number("account_no"), Column("account_id", Text, nullable=True, unique=True))
Table("forgotten", metadata, Column("name_hmac", Text, primary_key=True), _text("forgotten_at"))
Table(
    "events",
    metadata,
    _number("seq"),
    _text("at"),
    _text("by"),
    _text("role"),
    _text("action"),
    Column("subject", Text, nullable=False, index=True),
    _text("payload_sha256"),
    Column("prev", Text, nullable=False, unique=True),
    Column("hash", Text, nullable=False, unique=True),
)
Table(
    "payloads",
    metadata,
    Column("seq", Integer, ForeignKey("events.seq"), primary_key=True, autoincrement=False),
    _text("salt", is_optional=True),
    _text("content"),
    _text("forgotten_at", is_optional=True),
    CheckConstraint("(salt IS NULL) = (forgotten_at IS NOT NULL)", name="salt"),
)
Table("models", metadata, _number("model_no"), _text("sha256"), _refers("seq", "events.seq"))
Table(
    "runs",
    metadata,
    _number("run_no"),
    _text("folder"),
    _text("manifest_sha256"),
    _refers("model_no", "models.model_no"),
    _text("labels_sha256"),
    _text("data_from", is_optional=True),
    _text("data_until", is_optional=True),
    _text("state"),
    _refers("seq", "events.seq"),
    _choice("state", "accepted", "refused"),
)
Table(
    "lineages",
    metadata,
    _number("lineage_no"),
    _refers("born_run", "runs.run_no"),
    _refers("last_run", "runs.run_no"),
    _refers("merged_into", "lineages.lineage_no", is_optional=True),
    _text("name", is_optional=True),
)
# The last known members of a lineage are the rows without `to_run`.
Table(
    "lineage_members",
    metadata,
    _refers("lineage_no", "lineages.lineage_no"),
    _refers("account_no", "accounts.account_no"),
    _refers("from_run", "runs.run_no"),
    _refers("to_run", "runs.run_no", is_optional=True),
    PrimaryKeyConstraint("lineage_no", "account_no", "from_run"),
)
# Clusters of two accounts in the last accepted run that have no lineage yet.
Table(
    "pending_pairs",
    metadata,
    _refers("run_no", "runs.run_no"),
    _refers("account_l", "accounts.account_no"),
    _refers("account_r", "accounts.account_no"),
    PrimaryKeyConstraint("run_no", "account_l", "account_r"),
)
Table(
    "placements",
    metadata,
    _refers("run_no", "runs.run_no"),
    _text("cluster_id"),
    _refers("lineage_no", "lineages.lineage_no", is_optional=True),
    _text("change"),
    _whole("n_accounts"),
    _whole("n_joined"),
    _whole("n_left"),
    _whole("n_shared"),
    _real("jaccard"),
    _real("p_same_operator"),
    _real("fdr"),
    PrimaryKeyConstraint("run_no", "cluster_id"),
)
Table(
    "lineage_events",
    metadata,
    _number("event_no"),
    _refers("run_no", "runs.run_no"),
    Column("lineage_no", Integer, ForeignKey("lineages.lineage_no"), nullable=False, index=True),
    _text("kind"),
    _refers("other_no", "lineages.lineage_no", is_optional=True),
    _whole("n_shared"),
)
Table("cases", metadata, _number("case_no"), _refers("seq", "events.seq"))
# What the events of a case make of it, without its title: so that a list need not read them all.
Table(
    "case_states",
    metadata,
    Column("case_no", Integer, ForeignKey("cases.case_no"), primary_key=True, autoincrement=False),
    _text("status"),
    _text("resolution"),
    _text("assignee"),
    _text("priority"),
    _text("alerts"),
    _refers("merged_into", "cases.case_no", is_optional=True),
    _text("linked"),
    _whole("n_comments"),
    _text("opened_at"),
    _text("changed_at"),
    _refers("last_seq", "events.seq"),
)
Table(
    "case_lineages",
    metadata,
    _refers("case_no", "cases.case_no"),
    Column("lineage_no", Integer, ForeignKey("lineages.lineage_no"), nullable=False, index=True),
    _refers("from_seq", "events.seq"),
    _refers("to_seq", "events.seq", is_optional=True),
    PrimaryKeyConstraint("case_no", "lineage_no", "from_seq"),
)
_alerts = Table(
    "alerts",
    metadata,
    _number("alert_no"),
    _text("rule"),
    _refers("lineage_no", "lineages.lineage_no", is_optional=True),
    _refers("first_run", "runs.run_no"),
    _refers("last_run", "runs.run_no"),
    _whole("n_raised"),
    _whole("n_accounts"),
    _text("state"),
    _refers("case_no", "cases.case_no", is_optional=True),
    _choice("state", "open", "dismissed", "closed"),
)
Index(
    "uq_alerts_rule_lineage_no",
    _alerts.c.rule,
    _alerts.c.lineage_no,
    unique=True,
    sqlite_where=text("lineage_no IS NOT NULL"),
    postgresql_where=text("lineage_no IS NOT NULL"),
)
Table(
    "labels",
    metadata,
    _number("label_no"),
    _refers("seq", "events.seq"),
    _refers("account_l", "accounts.account_no", is_optional=True),
    _refers("account_r", "accounts.account_no", is_optional=True),
    _refers("lineage_no", "lineages.lineage_no", is_optional=True),
    _text("kind", is_optional=True),
    _text("value", is_optional=True),
    _text("verdict"),
    _text("expires_at"),
    _real("bits_then"),
    _real("probability_then"),
    _refers("run_then", "runs.run_no", is_optional=True),
    _refers("withdrawn_seq", "events.seq", is_optional=True),
    _choice("verdict", "yes", "no", "unsure"),
    CheckConstraint(
        "(CASE WHEN account_r IS NULL THEN 0 ELSE 1 END) + "
        "(CASE WHEN lineage_no IS NULL THEN 0 ELSE 1 END) + "
        "(CASE WHEN value IS NULL THEN 0 ELSE 1 END) = 1 AND (account_l IS NULL) = (value IS NOT NULL) AND "
        "(kind IS NULL) = (value IS NULL)",
        name="subject",
    ),
)
Table(
    "snapshots",
    metadata,
    Column("sha256", Text, primary_key=True),
    _text("replaced_by", is_optional=True),
    _refers("seq", "events.seq"),
)
Table(
    "decisions",
    metadata,
    _number("decision_no"),
    _refers("case_no", "cases.case_no"),
    _refers("lineage_no", "lineages.lineage_no"),
    _refers("run_no", "runs.run_no"),
    _text("action"),
    _text("accounts_sha256"),
    Column("snapshot_sha256", Text, ForeignKey("snapshots.sha256"), nullable=False),
    _text("proposed_by"),
    _refers("seq", "events.seq"),
    _text("state"),
    _text("decided_by", is_optional=True),
    _refers("decided_seq", "events.seq", is_optional=True),
    _choice("state", "proposed", "approved", "rejected", "withdrawn"),
    CheckConstraint(
        "state IN ('proposed', 'withdrawn') OR (decided_by IS NOT NULL AND decided_by <> proposed_by)",
        name="second_person",
    ),
)
Table(
    "decision_accounts",
    metadata,
    _refers("decision_no", "decisions.decision_no"),
    _refers("account_no", "accounts.account_no"),
    _text("role"),
    _real("probability"),
    PrimaryKeyConstraint("decision_no", "account_no"),
)
Table(
    "exports",
    metadata,
    _refers("decision_no", "decisions.decision_no"),
    _whole("export_no"),
    _text("form"),
    _text("sha256"),
    _refers("seq", "events.seq"),
    PrimaryKeyConstraint("decision_no", "export_no"),
)
Table(
    "outcomes",
    metadata,
    _refers("decision_no", "decisions.decision_no"),
    _refers("account_no", "accounts.account_no"),
    _refers("seq", "events.seq"),
    _text("outcome"),
    PrimaryKeyConstraint("decision_no", "account_no", "seq"),
    _choice("outcome", "upheld", "overturned"),
)
# What was exclusive to accounts of a decision, or is reported; a value is erased with its last holder.
Table(
    "watched",
    metadata,
    _number("watch_no"),
    _text("kind"),
    _text("value", is_optional=True),
    _refers("decision_no", "decisions.decision_no", is_optional=True),
    _text("source"),
    _real("confidence"),
    _text("from_at", is_optional=True),
    _text("until_at", is_optional=True),
    _real("weight"),
    _whole("n_members"),
    _whole("n_others"),
    _real("half_life_days"),
    _text("not_watched", is_optional=True),
    _refers("sized_run", "runs.run_no", is_optional=True),
    _refers("seq", "events.seq"),
)
Table(
    "watch_holders",
    metadata,
    _refers("watch_no", "watched.watch_no"),
    _refers("account_no", "accounts.account_no"),
    _text("first_seen", is_optional=True),
    _text("last_seen", is_optional=True),
    PrimaryKeyConstraint("watch_no", "account_no"),
)
Table(
    "hits",
    metadata,
    _refers("run_no", "runs.run_no"),
    _refers("account_no", "accounts.account_no"),
    _text("source"),
    _refers("decision_no", "decisions.decision_no", is_optional=True),
    _text("state"),
    _text("road"),
    _real("probability"),
    _whole("is_older"),
    _text("opened_at", is_optional=True),
    _text("cluster_id", is_optional=True),
    _text("pieces"),
    PrimaryKeyConstraint("run_no", "account_no", "source"),
    _choice("state", "named", "possible"),
)
Table(
    "return_rates",
    metadata,
    _refers("run_no", "runs.run_no"),
    _refers("decision_no", "decisions.decision_no"),
    _whole("days"),
    _whole("n_decided"),
    _whole("n_back"),
    _whole("volume_before"),
    _whole("volume_back"),
    _whole("is_over"),
    PrimaryKeyConstraint("run_no", "decision_no", "days"),
)
Table(
    "organisations",
    metadata,
    _number("organisation_no"),
    Column("name", Text, nullable=False, unique=True),
    _whole("is_declared"),
    _refers("seq", "events.seq"),
)
Table(
    "organisation_facts",
    metadata,
    _number("fact_no"),
    _refers("organisation_no", "organisations.organisation_no"),
    _text("what"),
    _refers("account_no", "accounts.account_no", is_optional=True),
    _text("value", is_optional=True),
    _text("source"),
    _real("confidence"),
    _text("until_at", is_optional=True),
    _refers("seq", "events.seq"),
    CheckConstraint("(account_no IS NULL) = (value IS NOT NULL)", name="subject"),
)
# Labels whose maker asked for a second person, who does not see the verdict before theirs stands.
Table(
    "review_requests",
    metadata,
    Column("label_no", Integer, ForeignKey("labels.label_no"), primary_key=True, autoincrement=False),
    _refers("seq", "events.seq"),
)
Table(
    "reviews",
    metadata,
    Column("seq", Integer, ForeignKey("events.seq"), primary_key=True, autoincrement=False),
    _refers("label_no", "labels.label_no", is_optional=True),
    _refers("decision_no", "decisions.decision_no", is_optional=True),
    _text("verdict"),
    CheckConstraint("(label_no IS NULL) <> (decision_no IS NULL)", name="subject"),
)
Table(
    "tokens",
    metadata,
    _number("token_no"),
    _text("title"),
    _text("person"),
    _text("role"),
    Column("token_sha256", Text, nullable=False, unique=True),
    _text("expires_at"),
    _refers("seq", "events.seq"),
    _refers("revoked_seq", "events.seq", is_optional=True),
)
# Views of the explorer that people named; what they are called and show stands in payloads, where a person is
# forgotten.
Table(
    "searches",
    metadata,
    _number("search_no"),
    _text("owner"),
    _text("profile"),
    _whole("is_shared"),
    _refers("seq", "events.seq"),
    _refers("ended_seq", "events.seq", is_optional=True),
)
Table(
    "webhooks",
    metadata,
    _number("webhook_no"),
    _text("url"),
    _text("secret_from"),
    _whole("is_private"),
    _refers("seq", "events.seq"),
    _refers("ended_seq", "events.seq", is_optional=True),
)
# Each alert for each webhook; it is sent until it arrives or was tried too often.
Table(
    "deliveries",
    metadata,
    _number("delivery_no"),
    _refers("webhook_no", "webhooks.webhook_no"),
    _refers("run_no", "runs.run_no"),
    _text("content"),
    _text("state"),
    _whole("n_attempts"),
    _text("last_at", is_optional=True),
    _text("outcome"),
    _choice("state", "waiting", "delivered", "failed"),
)

MUTABLE: dict[str, tuple[str, ...]] = {
    "meta": (),
    "counters": ("value",),
    "accounts": ("account_id",),
    "forgotten": (),
    "events": (),
    "payloads": ("salt", "content", "forgotten_at"),
    "models": (),
    "runs": ("state",),
    "lineages": ("last_run", "merged_into", "name"),
    "lineage_members": ("to_run",),
    "pending_pairs": (),
    "placements": (),
    "lineage_events": (),
    "cases": (),
    "case_states": (
        "status",
        "resolution",
        "assignee",
        "priority",
        "alerts",
        "merged_into",
        "linked",
        "n_comments",
        "opened_at",
        "changed_at",
        "last_seq",
    ),
    "case_lineages": ("to_seq",),
    "alerts": ("last_run", "n_raised", "n_accounts", "state", "case_no"),
    "labels": ("withdrawn_seq",),
    "snapshots": ("replaced_by",),
    "decisions": ("state", "decided_by", "decided_seq"),
    "decision_accounts": (),
    "exports": (),
    "outcomes": (),
    "watched": ("value", "until_at", "weight", "n_members", "n_others", "not_watched", "sized_run"),
    "watch_holders": (),
    "hits": ("pieces",),
    "return_rates": (),
    "organisations": ("is_declared",),
    "organisation_facts": ("until_at",),
    "review_requests": (),
    "reviews": (),
    "tokens": ("revoked_seq",),
    "searches": ("is_shared", "ended_seq"),
    "webhooks": ("ended_seq",),
    "deliveries": ("state", "n_attempts", "last_at", "outcome"),
}
"""Of each table the columns that an update may change; triggers refuse all else, and every deletion."""
