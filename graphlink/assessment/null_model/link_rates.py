"""What chance gives for each link, and the false discovery rate of the list of links."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from graphlink.assessment.null_model.bins import BINS_PER_BIT, MOST_BITS, Floats, significant_all

if TYPE_CHECKING:
    from graphlink.engine import Sql

_BIN_SQL = f"floor(round(bits, 6) * {BINS_PER_BIT})::BIGINT"
_LEVELS = 10_000  # of doubt, in which links are listed


def rate_links(engine: Sql, expected: Floats) -> None:
    """Make `links`; what something harmless explains as well is false for the rate."""
    _load_link_chances(engine, expected)
    engine.make("rated_links", _rated_links_sql())
    # Exact sums, so that threads don't matter.
    levels = engine.arrow(
        "SELECT level, count(*) AS n, sum(round(doubt, 9)::DECIMAL(18, 9))::DOUBLE AS doubt FROM rated_links "
        "GROUP BY level ORDER BY level"
    )
    n, doubt = levels["n"].to_numpy().astype(float), levels["doubt"].to_numpy()
    rates = pa.array(np.round(doubt.cumsum() / np.maximum(n.cumsum(), 1.0), 9), pa.float64())
    engine.load("link_rates", pa.table({"level": levels["level"], "fdr": rates}))
    engine.make(
        "links",
        "SELECT k.* EXCLUDE (level, doubt), r.fdr FROM rated_links k JOIN link_rates r USING (level)",
    )


def _load_link_chances(engine: Sql, expected: Floats) -> None:
    """Make `link_chances` (bin, expected_by_chance, share): expected links and their share."""
    bins = engine.arrow(
        f"SELECT {_BIN_SQL} AS bin, count(*) AS n FROM concluded_links GROUP BY bin ORDER BY bin DESC"
    )
    place = bins["bin"].to_numpy() + int(MOST_BITS * BINS_PER_BIT)
    expected_by_chance = significant_all(expected[np.clip(place, 0, len(expected) - 1)])
    share = np.minimum(1.0, expected_by_chance / np.maximum(bins["n"].to_numpy().cumsum(), 1))
    engine.load(
        "link_chances",
        pa.table(
            {
                "bin": bins["bin"],
                "expected_by_chance": pa.array(expected_by_chance, pa.float64()),
                "share": pa.array(share, pa.float64()),
            }
        ),
    )


def _rated_links_sql() -> str:
    """Query of the links with their chance, their doubt and its level, by which the list is ordered."""
    return f"""
        WITH doubted AS (
            SELECT k.*, c.expected_by_chance,
                   CASE WHEN k.is_explained THEN 1.0 ELSE greatest(1.0 - k.probability, c.share) END AS doubt
            FROM (SELECT *, {_BIN_SQL} AS bin FROM concluded_links) k
            JOIN link_chances c ON c.bin = k.bin
        )
        SELECT * EXCLUDE (bin), floor({_LEVELS} * round(doubt, 9))::BIGINT AS level FROM doubted
    """
