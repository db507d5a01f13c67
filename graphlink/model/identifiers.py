"""Identifiers: one row per identifier that accounts share, and who held it in which window of time.

Accounts and values are numbers already; identifiers get theirs here. All follow the order of the names, so
the lesser number of a pair is the lesser name, and nothing depends on the order of the input.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from graphlink.core.tables.ingest import (
    ACCOUNT_KINDS,
    BLOCKS,
    GENERALIZATIONS,
    IDENTIFIER_LABELS,
    INCIDENCE,
    KIND_SIZES,
    KINDS,
    NETWORKS,
    OBSERVED_VALUES,
    SHARED_IDENTIFIERS,
    SIGHTINGS,
    WINDOW_INCIDENCE,
)
from graphlink.engine import number
from graphlink.engine.numbering import number_rows
from graphlink.engine.stage import step
from graphlink.kinds import ADDRESSES, NETWORK, is_declared, kind_of

if TYPE_CHECKING:
    from graphlink.core.settings import Settings
    from graphlink.engine import Sql
    from graphlink.kinds import Kind

_DAY = 86_400


@step(
    "identifiers",
    "number identifiers and list their holders by window",
    takes=(OBSERVED_VALUES, SIGHTINGS, INCIDENCE, IDENTIFIER_LABELS),
    makes=(
        SHARED_IDENTIFIERS,
        WINDOW_INCIDENCE,
        BLOCKS,
        KINDS,
        GENERALIZATIONS,
        ACCOUNT_KINDS,
        KIND_SIZES,
        NETWORKS,
    ),
    counted=(SHARED_IDENTIFIERS, WINDOW_INCIDENCE),
    share=0.06,
)
def describe_identifiers(engine: Sql, settings: Settings) -> dict[str, object]:
    """Make the numbered tables that pairs are made from: identifiers, who held them when, and their kinds.

    Identifiers are those that at least two accounts hold, including the wider ones (the network of an
    address) that follow from observed ones. Without time, or for kinds without a window, everything is in
    window 0.

    Returns:
        Counts for the manifest.
    """
    kinds = _load_kinds(engine, settings)
    _number_values(engine, kinds, settings.pseudonymize.kinds)
    _collect_holdings(engine)
    engine.make(
        "blocks",
        "SELECT identifier_no, window_no, count(*) AS degree FROM window_incidence "
        "GROUP BY identifier_no, window_no HAVING count(*) > 1",
    )
    _describe(engine)
    _count_kinds(engine)
    engine.make("networks", _networks_sql(kinds))
    return {
        "identifiers_shared": number(engine, "SELECT count(*) FROM shared_identifiers"),
        "window_incidence": number(engine, "SELECT count(*) FROM window_incidence"),
    }


def _load_kinds(engine: Sql, settings: Settings) -> list[Kind]:
    """Make `kinds` from the kinds observed and the wider ones that follow from them."""
    names = [str(row[0]) for row in engine.rows("SELECT DISTINCT kind FROM observed_values ORDER BY kind")]
    kinds = {name: kind_of(name, settings) for name in names if not _is_ignored(name, settings)}
    for kind in list(kinds.values()):
        for wider, _ in kind.generalizations_sql:
            kinds.setdefault(wider, kind_of(wider, settings))
    ordered = [kinds[name] for name in sorted(kinds) if not _is_ignored(name, settings)]
    engine.load(
        "kinds",
        pa.table(
            {
                "kind_no": pa.array(range(len(ordered)), pa.int32()),
                "kind": pa.array([kind.name for kind in ordered], pa.string()),
                "facet": pa.array([kind.facet for kind in ordered], pa.string()),
                "is_declared": pa.array([is_declared(kind.name, settings) for kind in ordered], pa.bool_()),
                "p_exclusive": pa.array([kind.p_exclusive for kind in ordered], pa.float64()),
                "most_bits": pa.array([kind.most_bits for kind in ordered], pa.float64()),
                "degree_exponent": pa.array([kind.degree_exponent for kind in ordered], pa.float64()),
                "window_s": pa.array(
                    [None if kind.window_days is None else int(kind.window_days * _DAY) for kind in ordered],
                    pa.int64(),
                ),
            }
        ),
    )
    numbers = {kind.name: i for i, kind in enumerate(ordered)}
    pairs = [
        (numbers[kind.name], numbers[wider])
        for kind in ordered
        for wider in sorted({name for name, _ in kind.generalizations_sql})
        if wider in numbers
    ]
    engine.load(
        "generalizations",
        pa.table(
            {
                "kind_no": pa.array([pair[0] for pair in pairs], pa.int32()),
                "wider_no": pa.array([pair[1] for pair in pairs], pa.int32()),
            }
        ),
    )
    return ordered


def _is_ignored(name: str, settings: Settings) -> bool:
    return name in settings.kinds and settings.kinds[name].ignore


def _number_values(engine: Sql, kinds: list[Kind], hashed: tuple[str, ...]) -> None:
    """Make `value_numbers`: for each observed value (value_no) the shared identifiers it stands for."""
    # A value can be observed and follow from others only where its kind is a wider view of another.
    names = sorted({name for kind in kinds for name, _ in kind.generalizations_sql})
    wider = ", ".join(f"'{name}'" for name in names) or "''"
    widened = ", ".join([wider, *(f"'{kind.name}'" for kind in kinds if kind.generalizations_sql)])
    engine.make(
        "value_holders",
        "SELECT value_no, min(account_no) AS least, max(account_no) AS greatest "
        "FROM incidence GROUP BY value_no",
    )
    # Of the values that one account holds, most of all, those that others may follow from are needed.
    engine.make(
        "value_spans",
        "SELECT v.value_no, v.kind, v.value, h.least, h.greatest FROM observed_values v "
        "JOIN kinds k ON k.kind = v.kind JOIN value_holders h ON h.value_no = v.value_no "
        f"WHERE h.least < h.greatest OR v.kind IN ({widened})",
    )
    engine.make("generalized_values", _wider_sql(engine, kinds, hashed))
    number_rows(
        engine,
        "identifier_numbers",
        f"""
        SELECT k.kind_no, s.kind, s.value
        FROM (
            SELECT kind, value FROM value_spans WHERE least < greatest AND kind NOT IN ({wider})
            UNION ALL
            SELECT kind, value FROM (
                SELECT kind, value, least, greatest FROM value_spans WHERE kind IN ({wider}) UNION ALL
                SELECT wider_kind, wider_value, least, greatest FROM generalized_values)
            GROUP BY kind, value HAVING min(least) < max(greatest)
        ) s JOIN kinds k ON k.kind = s.kind
        """,
        "identifier_no",
        ("kind_no", "value"),
    )
    engine.make(
        "value_numbers",
        "SELECT o.value_no, i.identifier_no, i.kind_no FROM value_spans o "
        "JOIN identifier_numbers i ON i.kind = o.kind AND i.value = o.value UNION ALL "
        "SELECT w.value_no, i.identifier_no, i.kind_no FROM generalized_values w "
        "JOIN identifier_numbers i ON i.kind = w.wider_kind AND i.value = w.wider_value",
    )
    engine.drop("value_holders", "value_spans", "generalized_values")


def _wider_sql(engine: Sql, kinds: list[Kind], hashed: tuple[str, ...]) -> str:
    """Query of (value_no, wider_kind, wider_value, least, greatest) for the kinds that have wider ones.

    Values in plain spelling are cut in SQL; the rest, few, by the kind's own function.
    """
    wanted = {kind.name for kind in kinds}
    selects = [
        (
            "SELECT NULL::INTEGER AS value_no, NULL::VARCHAR AS wider_kind, NULL::VARCHAR AS wider_value, "
            "NULL::INTEGER AS least, NULL::INTEGER AS greatest WHERE false"
        )
    ]
    for kind in kinds:
        targets = [(name, sql) for name, sql in kind.generalizations_sql if name in wanted]
        # Of a hashed value nothing wider can be cut; its wider identifiers were observed, hashed themselves.
        if not targets or kind.is_clean_sql is None or kind.name in hashed:
            continue
        of_kind = f"FROM value_spans WHERE kind = '{kind.name}'"
        for name, sql in targets:
            selects.append(
                f"SELECT value_no, '{name}', {sql}, least, greatest {of_kind} "
                f"AND ({kind.is_clean_sql}) AND ({sql}) IS NOT NULL"
            )
        rest = engine.arrow(
            f"SELECT value_no, value, least, greatest {of_kind} AND NOT ({kind.is_clean_sql})"
        )
        _load_rest(engine, kind, rest, wanted)
        selects.append(
            f"SELECT value_no, wider_kind, wider_value, least, greatest FROM wider_rest_{kind.name}"
        )
    return " UNION ALL ".join(selects)


def _load_rest(engine: Sql, kind: Kind, rest: pa.Table, wanted: set[str]) -> None:
    rows = [
        (value_no, name, wider, least, greatest)
        for value_no, value, least, greatest in zip(
            *(rest[name].to_pylist() for name in rest.column_names), strict=True
        )
        for name, wider in kind.generalizations(value)
        if name in wanted
    ]
    types = {
        "value_no": pa.int32(),
        "wider_kind": pa.string(),
        "wider_value": pa.string(),
        "least": pa.int32(),
        "greatest": pa.int32(),
    }
    columns = {
        name: pa.array([row[i] for row in rows], of_type) for i, (name, of_type) in enumerate(types.items())
    }
    engine.load(f"wider_rest_{kind.name}", pa.table(columns))


def _collect_holdings(engine: Sql) -> None:
    """Make `window_incidence`: kinds without a window from what is held, the others from the sightings."""
    engine.make(
        "window_incidence",
        """
        SELECT identifier_no, window_no, account_no, min(first_s) AS first_s, max(last_s) AS last_s,
               sum(n)::BIGINT AS n
        FROM (
            SELECT v.identifier_no, coalesce(floor(epoch(s.seen_at) / k.window_s), 0)::INTEGER AS window_no,
                   s.account_no, epoch(s.seen_at)::BIGINT AS first_s, epoch(s.seen_at)::BIGINT AS last_s, s.n
            FROM sightings s
            JOIN value_numbers v ON v.value_no = s.value_no
            JOIN kinds k ON k.kind_no = v.kind_no
            WHERE k.window_s IS NOT NULL
            UNION ALL
            SELECT v.identifier_no, 0 AS window_no, h.account_no, epoch(h.first_seen)::BIGINT,
                   epoch(h.last_seen)::BIGINT, h.n
            FROM incidence h
            JOIN value_numbers v ON v.value_no = h.value_no
            JOIN kinds k ON k.kind_no = v.kind_no
            WHERE k.window_s IS NULL
        )
        GROUP BY identifier_no, window_no, account_no
        """,
    )


def _networks_sql(kinds: list[Kind]) -> str:
    """Query of the shared addresses with the shared identifier of the network that each is in."""
    numbers = {kind.name: i for i, kind in enumerate(kinds)}
    network = numbers.get(NETWORK, -1)
    addresses = ", ".join(str(numbers.get(name, -1)) for name in ADDRESSES)
    return (
        "SELECT v.identifier_no, max(w.identifier_no) AS network_no FROM value_numbers v "
        f"JOIN value_numbers w ON w.value_no = v.value_no AND w.kind_no = {network} "
        f"WHERE v.kind_no IN ({addresses}) GROUP BY v.identifier_no"
    )


def _describe(engine: Sql) -> None:
    """Make `shared_identifiers` with the sizes of each, and its label from a reference list."""
    engine.make(
        "sizes",
        "SELECT identifier_no, count(DISTINCT account_no) AS degree, min(first_s) AS first_s, "
        "max(last_s) AS last_s FROM window_incidence GROUP BY identifier_no",
    )
    engine.make(
        "shared_identifiers",
        """
        SELECT i.identifier_no, i.kind_no, i.kind, i.value, s.degree, s.first_s, s.last_s, l.label,
               l.label_type
        FROM identifier_numbers i
        JOIN sizes s USING (identifier_no)
        LEFT JOIN identifier_labels l ON l.kind = i.kind AND l.value = i.value
        """,
    )


def _count_kinds(engine: Sql) -> None:
    """Make `account_kinds`, and `kind_sizes`: the accounts of each kind and how many have one value only."""
    engine.make(
        "account_kinds",
        """
        SELECT h.account_no, k.kind_no, count(*) = 1 AS is_single
        FROM incidence h JOIN observed_values v ON v.value_no = h.value_no JOIN kinds k ON k.kind = v.kind
        GROUP BY h.account_no, k.kind_no
        """,
    )
    engine.make(
        "kind_sizes",
        "SELECT kind_no, count(*) AS n_accounts, count(*) FILTER (is_single) AS n_single "
        "FROM account_kinds GROUP BY kind_no",
    )
