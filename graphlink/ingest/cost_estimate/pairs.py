"""Pairs expected of the whole input, from those of the samples and how they grow with the rows."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from graphlink.core.sql import quoted_text
from graphlink.ingest.sources.rows import rows_table
from graphlink.kinds import Kind, UncleanValue, kind_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphlink.core.settings import ModelSettings, Settings
    from graphlink.engine import Sql
    from graphlink.ingest.cost_estimate.samples import Sample

_DAY = 86_400


class Expected(NamedTuple):
    """Observations and pairs expected of the whole input, and pairs that would be left out."""

    observations: float
    pairs: float
    left_out: float


def load_cells(engine: Sql, settings: Settings, looks: Sequence[Sample]) -> list[str]:
    """Make `cost_cells` (source, kind_no, value, account, seen_at, pick, is_seen) and `cost_kinds`.

    `pick` is 0 to 3, equally often, so that a half of the sample can be taken; `is_seen` is false for the
    wider kinds that are derived from the input.

    Returns:
        The names of the kinds in it, the wider ones too.
    """
    empty = "'' AS value, '' AS account, NULL::TIMESTAMPTZ AS seen_at, 0 AS pick WHERE false"
    queries = [f"SELECT 0 AS source, '' AS raw, {empty}"]
    for i, look in enumerate(looks):
        row, rows = "account, seen_at, (hash(row) % 4)::INTEGER", f"FROM {look.table} WHERE fault IS NULL"
        if look.source.kinds:
            for j, name in enumerate(look.source.kinds):
                queries.append(f"SELECT {i}, {quoted_text(name)}, v{j}, {row} {rows} AND v{j} <> ''")
        else:
            queries.append(f"SELECT {i}, kind, value, {row} {rows}")
    engine.make("cost_raw", " UNION ALL ".join(queries))
    raw = [str(row[0]) for row in engine.rows("SELECT DISTINCT raw FROM cost_raw ORDER BY 1 LIMIT 1000")]
    kinds = _known_kinds(raw, settings)
    wider = {name: kind_of(name, settings) for kind in kinds.values() for name, _ in kind.generalizations_sql}
    every = sorted({kind.name: kind for kind in [*kinds.values(), *wider.values()]}.items())
    number_of = {name: i for i, (name, _) in enumerate(every)}
    kind_numbers = [(text, number_of[kind.name]) for text, kind in kinds.items()]
    engine.load("cost_names", rows_table(("raw", "kind_no"), (pa.string(), pa.int32()), kind_numbers))
    cell = "source, kind_no, value, account, seen_at, pick, true AS is_seen"
    engine.make("cost_cells", f"SELECT {cell} FROM cost_raw JOIN cost_names USING (raw)")
    for kind in {kind.name: kind for kind in kinds.values()}.values():
        for name, sql in kind.generalizations_sql:
            engine.append(
                "cost_cells",
                f"SELECT source, {number_of[name]}, {sql}, account, seen_at, pick, false FROM cost_cells "
                f"WHERE kind_no = {number_of[kind.name]} AND ({kind.is_clean_sql}) AND ({sql}) IS NOT NULL",
            )
    _load_limits(engine, [kind for _, kind in every], settings.model)
    return [name for name, _ in every]


def _known_kinds(raw: Sequence[str], settings: Settings) -> dict[str, Kind]:
    """The kind of each name in the input; names that none can have are left out, as in the run."""
    kinds = {}
    for text in raw:
        with suppress(UncleanValue):  # the run rejects such rows
            kind = kind_of(text, settings)
            setting = settings.kinds.get(kind.name)
            if setting is None or not setting.ignore:
                kinds[text] = kind
    return kinds


def _load_limits(engine: Sql, kinds: Sequence[Kind], model: ModelSettings) -> None:
    """Make `cost_kinds` (kind_no, window_s, cap): the most accounts together that are all compared."""
    rows = [
        (
            i,
            int((kind.window_days or 0) * _DAY) or None,
            max(1, min(model.max_block_size, int(kind.p_exclusive / model.candidate_probability) + 1)),
        )
        for i, kind in enumerate(kinds)
    ]
    names, types = ("kind_no", "window_s", "cap"), (pa.int32(), pa.int64(), pa.int64())
    engine.load("cost_kinds", rows_table(names, types, rows))


def expect_pairs(engine: Sql, model: ModelSettings, looks: Sequence[Sample]) -> Expected:
    """Extrapolate from the sample to the whole input.

    The pairs of a sample grow faster than its rows; the exponent comes from the pairs of one half of it. They
    can't grow beyond the caps of each holder, nor beyond the budget.
    """
    engine.make(
        "cost_incidence",
        """
        SELECT source, kind_no, cap, value, window_no, count(*) AS degree,
               count(*) FILTER (pick < 2) AS half_degree
        FROM (
            SELECT source, kind_no, cap, value, account, min(pick) AS pick,
                   coalesce(floor(epoch(seen_at) / window_s), 0)::BIGINT AS window_no
            FROM cost_cells JOIN cost_kinds USING (kind_no) GROUP BY ALL
        )
        GROUP BY ALL
        """,
    )
    pairs = "sum({0} * ({0} - 1) / 2) FILTER ({0} {1} cap)"
    compared = (("degree", "<="), ("half_degree", "<="), ("degree", ">"))
    columns = [pairs.format(*comparison) for comparison in compared]
    rows = engine.rows(
        f"SELECT source, kind_no, any_value(cap), sum(degree), {', '.join(columns)} FROM cost_incidence "
        "GROUP BY source, kind_no"
    )
    kept: dict[int, float] = {}
    left_out = 0.0
    for source, kind_no, *numbers in rows:
        factor = looks[int(str(source))].factor
        cap, held, whole, half, beyond = (float(str(value or 0)) for value in numbers)
        growth = min(2.0, max(1.0, math.log2(whole / half))) if whole and half else 1.0
        uncapped = whole * factor**growth
        most = held * factor * (cap - 1) / 2
        no = int(str(kind_no))
        kept[no] = kept.get(no, 0) + min(uncapped, most)
        left_out += max(uncapped - most, 0) + beyond * factor
    budget = model.pair_budget / max(len(kept), 1)
    left_out += sum(max(pairs - budget, 0) for pairs in kept.values())
    observed = engine.rows("SELECT source, count(*) FROM cost_cells WHERE is_seen GROUP BY source")
    observations = sum(float(str(n)) * looks[int(str(source))].factor for source, n in observed)
    return Expected(observations, sum(min(pairs, budget) for pairs in kept.values()), left_out)
