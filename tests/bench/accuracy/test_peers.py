"""Each peer finds what its rule is made for, and the harness scores it."""

from __future__ import annotations

import datetime

import pyarrow as pa
import pytest

pytest.importorskip("scipy", reason="dependency group bench")
pytest.importorskip("splink", reason="dependency group bench")

from tests.bench.accuracy.table import markdown, means, score
from tests.bench.accuracy.trials import Trial

START = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def planted() -> Trial:
    """Six operators of four accounts on four shared addresses in step, and 36 accounts on their own."""
    rows = []
    for operator in range(42):
        accounts = range(4) if operator < 6 else range(1)
        for member in accounts:
            for hour in range(12):
                address = f"10.{operator}.{hour % 4}.1"
                moment = START + datetime.timedelta(hours=3 * hour, minutes=operator, seconds=member)
                rows.append((f"a{operator}-{member}", "ip", address, moment, 1))
            rows.append((f"a{operator}-{member}", "payment", f"card {operator}", START, 1))
    names = ("account_id", "kind", "value", "seen_at", "n")
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    accounts_seen = sorted({row[0] for row in rows})
    truth = pa.table(
        {"account_id": accounts_seen, "operator": [name.split("-")[0] for name in accounts_seen]}
    )
    return Trial("toy", "toy", pa.table(columns), truth)


@pytest.mark.parametrize("method", ["components", "idf_louvain", "evilcohort", "botgraph", "synchrotrap"])
def test_a_peer_finds_what_everything_ties(method: str) -> None:
    row = score(method, planted())
    clusters, largest, precision, recall, *_ = row.numbers
    assert (clusters, largest, precision, recall) == (6, 4, 1, 1)


def test_the_floor_links_nothing() -> None:
    assert score("link_nothing", planted()).numbers[:2] == (0, 0)


def test_the_top_share_of_pairs_is_right_but_few() -> None:
    _, _, precision, recall, *_ = score("pacheco", planted()).numbers
    assert precision == 1
    assert 0 < recall <= 1


def test_the_table_is_markdown_with_means_of_a_family() -> None:
    row = score("components", planted())
    table = markdown([row, *means([row, row])]).splitlines()
    assert len({line.count("|") for line in table}) == 1
    assert table[-1].startswith("| toy, mean of 2 | components | 6 | 4 | 1.000 |")
