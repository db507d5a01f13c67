"""What stands at one moment has no order: every engine must make the same of it."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from graphlink.assessment.signals import collect_signals
from graphlink.core.schema import MEMBERSHIP, OBSERVATIONS
from graphlink.core.settings import Settings
from graphlink.engine.duck import DuckEngine
from graphlink.engine.spark import SparkEngine
from tests.numbered import number_observations
from tests.tables import make

if TYPE_CHECKING:
    from pathlib import Path

    from graphlink.engine import Engine

pytestmark = pytest.mark.filterwarnings(
    "ignore:PySpark does not yet:FutureWarning", "ignore::ResourceWarning"
)


def signals_of(engine: Engine) -> list[tuple[object, ...]]:
    """Signals of one cluster in which five accounts at a time are opened and closed at the same second."""
    moment = "make_timestamptz({} * 1000000)"
    engine.make(
        "numbers",
        "SELECT unnest([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]) AS i",
    )
    engine.make(
        "accounts",
        "SELECT 'a' || lpad((i * 7 % 20)::VARCHAR, 2, '0') AS account_id, "
        f"{moment.format('(i // 5 * 90000)::BIGINT')} AS created_at, "
        f"CASE WHEN i % 4 < 3 THEN {moment.format('(i // 5 * 90000)::BIGINT')} END AS closed_at, "
        "'active' AS status, NULL::BOOLEAN AS is_abuse, 'DE' AS country, "
        f"{moment.format('0::BIGINT')} AS first_seen, "
        f"{moment.format('900000::BIGINT')} AS last_seen FROM numbers",
    )
    make(
        engine,
        OBSERVATIONS,
        "SELECT account_id, 'ip' AS kind, 'v' AS value, first_seen AS seen_at, 1::BIGINT AS n FROM accounts",
    )
    members = "SELECT account_id, 'C-1' AS cluster_id FROM accounts WHERE account_id < 'a15'"
    make(engine, MEMBERSHIP, members)
    number_observations(engine)
    collect_signals(engine, Settings())
    return engine.rows(
        "SELECT signal, round(value, 9), round(baseline, 9), n_accounts FROM signals ORDER BY signal"
    )


def test_both_engines_count_the_same_successors(sail: str, tmp_path: Path) -> None:
    engines: tuple[Engine, ...] = (DuckEngine(threads=2), SparkEngine(sail, folder=str(tmp_path)))
    listed = []
    for engine in engines:
        with closing(engine):
            listed.append(signals_of(engine))
    assert listed[0] == listed[1]
    assert {row[0]: row[1] for row in listed[0]}["successors_6h"] == 15
