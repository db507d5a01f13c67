"""Identifiers: one row per identifier that accounts share, and who held it in which window of time.

Names become numbers here, once: joins on integers are what makes a run fast. Numbers follow the order of the
names, so the lesser number of a pair is the lesser name, and nothing depends on the order of the input.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from graphlink.engine import number
from graphlink.kinds import is_declared, kind_of

if TYPE_CHECKING:
    from graphlink.engine import Engine
    from graphlink.kinds import Kind
    from graphlink.settings import Settings

_DAY = 86_400


def describe_identifiers(engine: Engine, settings: Settings) -> dict[str, object]:
    """Make the numbered tables that pairs are made from.

    Takes `observations`, `accounts` and `labels`. Makes

    - `account_numbers` (account_no, account_id), `kinds` (kind_no, kind, facet, is_declared, private,
      most_bits, spread, window_s) and `widenings` (kind_no, wider_no): which kinds are wider views of a kind;
    - `shared_identifiers` (identifier_no, kind_no, value, degree, ...): those at least two accounts hold,
      including the wider ones (the network of an address) that follow from observed ones;
    - `holdings` (identifier_no, window, account_no, first_s, last_s, n): who held it in which window;
      without time, or for kinds without a window, everything is in window 0;
    - `cells` (identifier_no, window, degree): how many accounts met there;
    - `account_kinds` (account_no, kind_no): which kinds an account was seen with at all.

    Returns:
        Counts for the manifest.
    """
    kinds = _load_kinds(engine, settings)
    engine.make(
        "account_numbers",
        "SELECT (row_number() OVER (ORDER BY account_id))::INTEGER AS account_no, account_id FROM accounts",
    )
    _number_values(engine, kinds, settings.pseudonymize.kinds)
    _collect_holdings(engine)
    engine.make(
        "cells",
        "SELECT identifier_no, window_no, count(*) AS degree FROM holdings "
        "GROUP BY identifier_no, window_no HAVING count(*) > 1",
    )
    _describe(engine)
    _count_kinds(engine)
    engine.drop("value_numbers")
    return {
        "identifiers_shared": number(engine, "SELECT count(*) FROM shared_identifiers"),
        "holdings": number(engine, "SELECT count(*) FROM holdings"),
    }


def _load_kinds(engine: Engine, settings: Settings) -> list[Kind]:
    """Make `kinds` from the kinds observed and the wider ones that follow from them."""
    names = [str(row[0]) for row in engine.rows("SELECT DISTINCT kind FROM observations ORDER BY kind")]
    kinds = {name: kind_of(name, settings) for name in names if not _is_ignored(name, settings)}
    for kind in list(kinds.values()):
        for wider, _ in kind.wider_sql:
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
                "private": pa.array([kind.private for kind in ordered], pa.float64()),
                "most_bits": pa.array([kind.most_bits for kind in ordered], pa.float64()),
                "spread": pa.array([kind.spread for kind in ordered], pa.float64()),
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
        for wider in sorted({name for name, _ in kind.wider_sql})
        if wider in numbers
    ]
    engine.load(
        "widenings",
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


def _number_values(engine: Engine, kinds: list[Kind], hashed: tuple[str, ...]) -> None:
    """Make `value_numbers`: for each observed (kind, value) the shared identifiers it stands for."""
    engine.make(
        "observed_values",
        "SELECT o.kind, o.value, min(o.account_id) AS least, max(o.account_id) AS greatest "
        "FROM observations o JOIN kinds USING (kind) GROUP BY o.kind, o.value",
    )
    engine.make("wider_values", _wider_sql(engine, kinds, hashed))
    engine.make(
        "shared_values",
        "SELECT kind, value FROM (SELECT kind, value, least, greatest FROM observed_values UNION ALL "
        "SELECT wider_kind, wider_value, least, greatest FROM wider_values) "
        "GROUP BY kind, value HAVING min(least) < max(greatest)",
    )
    engine.make(
        "identifier_numbers",
        "SELECT (row_number() OVER (ORDER BY k.kind_no, s.value))::INTEGER AS identifier_no, k.kind_no, "
        "s.kind, s.value FROM shared_values s JOIN kinds k USING (kind)",
    )
    engine.make(
        "value_numbers",
        "SELECT o.kind, o.value, i.identifier_no, i.kind_no FROM observed_values o "
        "JOIN identifier_numbers i ON i.kind = o.kind AND i.value = o.value UNION ALL "
        "SELECT w.kind, w.value, i.identifier_no, i.kind_no FROM wider_values w "
        "JOIN identifier_numbers i ON i.kind = w.wider_kind AND i.value = w.wider_value",
    )
    engine.drop("observed_values", "wider_values", "shared_values")


def _wider_sql(engine: Engine, kinds: list[Kind], hashed: tuple[str, ...]) -> str:
    """Query of (kind, value, wider_kind, wider_value, least, greatest) for the kinds that have wider ones.

    Values in plain spelling are cut in SQL; the rest, few, by the kind's own function.
    """
    wanted = {kind.name for kind in kinds}
    parts = [
        (
            "SELECT NULL::VARCHAR AS kind, NULL::VARCHAR AS value, NULL::VARCHAR AS wider_kind, "
            "NULL::VARCHAR AS wider_value, NULL::VARCHAR AS least, NULL::VARCHAR AS greatest WHERE false"
        )
    ]
    for kind in kinds:
        targets = [(name, sql) for name, sql in kind.wider_sql if name in wanted]
        # Of a hashed value nothing wider can be cut; its wider identifiers were observed, hashed themselves.
        if not targets or kind.is_clean_sql is None or kind.name in hashed:
            continue
        of_kind = f"FROM observed_values WHERE kind = '{kind.name}'"
        for name, sql in targets:
            parts.append(
                f"SELECT kind, value, '{name}', {sql}, least, greatest {of_kind} "
                f"AND ({kind.is_clean_sql}) AND ({sql}) IS NOT NULL"
            )
        rest = engine.arrow(f"SELECT value, least, greatest {of_kind} AND NOT ({kind.is_clean_sql})")
        _load_rest(engine, kind, rest, wanted)
        parts.append(
            f"SELECT kind, value, wider_kind, wider_value, least, greatest FROM wider_rest_{kind.name}"
        )
    return " UNION ALL ".join(parts)


def _load_rest(engine: Engine, kind: Kind, rest: pa.Table, wanted: set[str]) -> None:
    rows = [
        (kind.name, value, name, wider, least, greatest)
        for value, least, greatest in zip(
            *(rest[name].to_pylist() for name in rest.column_names), strict=True
        )
        for name, wider in kind.wider(value)
        if name in wanted
    ]
    names = ("kind", "value", "wider_kind", "wider_value", "least", "greatest")
    columns = {name: pa.array([row[i] for row in rows], pa.string()) for i, name in enumerate(names)}
    engine.load(f"wider_rest_{kind.name}", pa.table(columns))


def _collect_holdings(engine: Engine) -> None:
    engine.make(
        "holdings",
        """
        SELECT v.identifier_no,
               coalesce(floor(epoch(o.seen_at) / k.window_s), 0)::INTEGER AS window_no,
               a.account_no,
               min(epoch(o.seen_at))::BIGINT AS first_s,
               max(epoch(o.seen_at))::BIGINT AS last_s,
               sum(o.n)::BIGINT AS n
        FROM observations o
        JOIN value_numbers v ON v.kind = o.kind AND v.value = o.value
        JOIN kinds k ON k.kind_no = v.kind_no
        JOIN account_numbers a ON a.account_id = o.account_id
        GROUP BY ALL
        """,
    )


def _describe(engine: Engine) -> None:
    """Make `shared_identifiers` with the sizes of each, and its label from a reference list."""
    engine.make(
        "sizes",
        "SELECT identifier_no, count(DISTINCT account_no) AS degree, min(first_s) AS first_s, "
        "max(last_s) AS last_s FROM holdings GROUP BY identifier_no",
    )
    engine.make(
        "shared_identifiers",
        """
        SELECT i.identifier_no, i.kind_no, i.kind, i.value, s.degree, s.first_s, s.last_s, l.label,
               l.label_type
        FROM identifier_numbers i
        JOIN sizes s USING (identifier_no)
        LEFT JOIN labels l ON l.kind = i.kind AND l.value = i.value
        """,
    )
    engine.drop("sizes", "identifier_numbers")


def _count_kinds(engine: Engine) -> None:
    """Make `account_kinds`, and `kind_sizes`: the accounts of each kind and how many have one value only."""
    engine.make(
        "account_kinds",
        """
        SELECT a.account_no, k.kind_no, min(o.value) = max(o.value) AS is_single
        FROM observations o JOIN kinds k USING (kind) JOIN account_numbers a USING (account_id)
        GROUP BY a.account_no, k.kind_no
        """,
    )
    engine.make(
        "kind_sizes",
        "SELECT kind_no, count(*) AS n_accounts, count(*) FILTER (is_single) AS n_single "
        "FROM account_kinds GROUP BY kind_no",
    )
