"""Routers that a reference list knows by their addresses -> observations of routers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from graphlink.core.schema import ACCOUNTS, INPUT_ACCOUNTS, OBSERVATIONS
from graphlink.core.sql import quoted_name
from graphlink.core.tables.ingest import (
    ACCOUNT_NUMBERS,
    ADDRESS_LABELS,
    ADDRESS_NAMES,
    IDENTIFIER_LABELS,
    INCIDENCE,
    INPUT_INCIDENCE,
    INPUT_SIGHTINGS,
    INPUT_VALUES,
    OBSERVED_VALUES,
    SIGHTINGS,
)
from graphlink.engine import number
from graphlink.engine.numbering import number_rows
from graphlink.engine.stage import step
from graphlink.ingest.observations.accounts import held_by_account_sql
from graphlink.ingest.observations.intake import hashing_of
from graphlink.ingest.observations.numbered import ADDRESS_KIND, define_observations, held_sql
from graphlink.kinds import UncleanValue, identifiers_of, kind_of
from graphlink.kinds.listed_types import ROUTER

if TYPE_CHECKING:
    from graphlink.core.settings import Settings
    from graphlink.engine import Sql
    from graphlink.kinds import Kind


@step(
    "routers",
    "add routers by address",
    takes=(
        *(INPUT_SIGHTINGS, INPUT_INCIDENCE, INPUT_VALUES, INPUT_ACCOUNTS, ACCOUNT_NUMBERS),
        *(ADDRESS_LABELS, ADDRESS_NAMES),
    ),
    makes=(OBSERVATIONS, ACCOUNTS, SIGHTINGS, INCIDENCE, OBSERVED_VALUES, IDENTIFIER_LABELS),
    share=0.01,
)
def add_routers(engine: Sql, settings: Settings) -> dict[str, object]:
    """Add an observation of the router to each observation of an address that a reference list calls one.

    Autonomous systems and countries are added in the same way when the settings name these kinds: they are
    too weak to be in every run. Where addresses are hashed, `identifier_labels` has the hashes of those in
    `address_labels`.

    Returns:
        Facts for the manifest: observations and accounts per kind added.
    """
    key, hashed = hashing_of(settings)
    if ADDRESS_KIND in hashed:
        others = ", ".join(f"l.{name}" for name in IDENTIFIER_LABELS.column_names if name != "value")
        engine.make(
            "identifier_labels",
            f"SELECT a.value, {others} FROM address_labels l JOIN address_names a ON a.address = l.value",
        )
    else:
        engine.rename("address_labels", "identifier_labels")
    for name in ("sightings", "incidence"):
        engine.rename(f"input_{name}", name)
    engine.rename("input_values", "added_values")
    derived = [("router", "label", f"label_type = '{ROUTER.name}'")]
    derived += [(name, name, f"{name} IS NOT NULL") for name in ("asn", "country") if name in settings.kinds]
    facts: dict[str, object] = {}
    for name, column, condition in derived:
        raw = engine.rows(f"SELECT DISTINCT {column} FROM identifier_labels WHERE {condition} ORDER BY 1")
        if raw:
            _load_derived(engine, kind_of(name, settings), [str(row[0]) for row in raw], key, hashed)
            facts[name] = _add_derived(engine, name, column, condition)
    if facts:
        _count_again(engine)
    else:
        engine.rename("added_values", "observed_values")
        engine.rename("input_accounts", "accounts")
    define_observations(engine)
    return facts


def _count_again(engine: Sql) -> None:
    """Make `accounts` with the observations that were added, and `observed_values` in their order."""
    number_rows(
        engine,
        "observed_values",
        "SELECT value_no, kind, value FROM added_values",
        "place",
        ("kind", "value"),
    )
    counted = ("first_seen", "last_seen", "n", "n_identifiers")
    columns = [
        f"coalesce(h.{name}, a.{name}) AS {name}" if name in counted else f"a.{quoted_name(name)}"
        for name in engine.columns("input_accounts")
    ]
    held = held_by_account_sql("incidence")
    engine.make(
        "accounts",
        f"SELECT {', '.join(columns)} FROM input_accounts a LEFT JOIN ({held}) h USING (account_id)",
    )


def _load_derived(engine: Sql, kind: Kind, raw: list[str], key: bytes | None, hashed: frozenset[str]) -> None:
    rows = []
    for text in raw:
        try:
            rows += [(text, *identifier) for identifier in identifiers_of(kind, text, key, hashed)[:1]]
        except UncleanValue:
            continue  # a label that is no name, such as "unknown", is no router
    columns = zip(*rows, strict=True) if rows else ((), (), ())
    arrays = [pa.array(list(column), pa.string()) for column in columns]
    engine.load("derived_names", pa.table(dict(zip(("raw", "kind", "value"), arrays, strict=True))))


def _add_derived(engine: Sql, name: str, column: str, condition: str) -> dict[str, object]:
    """Add observations of one kind, merged with those that the input has already."""
    labelled = (
        "FROM added_values o JOIN identifier_labels l ON l.kind = o.kind AND l.value = o.value "
        f"JOIN derived_names d ON d.raw = l.{column} WHERE o.kind = '{ADDRESS_KIND}' AND l.{condition}"
    )
    engine.make(
        "new_values",
        f"SELECT DISTINCT d.kind, d.value {labelled} AND NOT EXISTS "
        "(SELECT 1 FROM added_values k WHERE k.kind = d.kind AND k.value = d.value)",
    )
    engine.append(
        "added_values",
        "SELECT 0, (x.last_no + row_number() OVER (ORDER BY n.kind, n.value))::INTEGER, n.kind, n.value "
        "FROM new_values n CROSS JOIN (SELECT max(value_no) AS last_no FROM added_values) x",
    )
    engine.make(
        "derived_numbers",
        "SELECT r.value_no, v.value_no AS derived_no FROM "
        f"(SELECT o.value_no, d.kind, d.value {labelled}) r "
        "JOIN added_values v ON v.kind = r.kind AND v.value = r.value",
    )
    of_kind = f"(SELECT value_no FROM added_values WHERE kind = '{name}')"
    known = f"SELECT * FROM sightings WHERE value_no IN {of_kind}"
    is_known = number(engine, f"SELECT count(*) FROM ({known})") > 0
    engine.make(
        "derived",
        f"""
        SELECT account_no, value_no, seen_at, sum(n)::BIGINT AS n
        FROM (
            SELECT s.account_no, d.derived_no AS value_no, s.seen_at, s.n
            FROM sightings s JOIN derived_numbers d ON d.value_no = s.value_no
            {f"UNION ALL {known}" if is_known else ""}
        )
        GROUP BY ALL
        """,
    )
    if is_known:
        for table in ("sightings", "incidence"):
            engine.make(table, f"SELECT * FROM {table} WHERE value_no NOT IN {of_kind}")
    engine.append("sightings", "SELECT * FROM derived")
    engine.append("incidence", held_sql("derived"))
    counts = engine.rows(
        "SELECT count(*), count(DISTINCT account_no), count(DISTINCT value_no) FROM derived"
    )[0]
    engine.drop("derived", "derived_names", "derived_numbers", "new_values")
    return dict(zip(("observations", "accounts", "values"), counts, strict=True))
