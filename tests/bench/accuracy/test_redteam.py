"""The red team's measures say what they should on worlds small enough to know the answer."""

from __future__ import annotations

import datetime
import math
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pytest

pytest.importorskip("scipy", reason="dependency group bench")
pytest.importorskip("matplotlib", reason="dependency group bench")

from graphlink.samples import FARM_STYLES, Dials, draw_world
from tests.bench.accuracy import dials, oracle, stability
from tests.bench.accuracy.trials import coded

if TYPE_CHECKING:
    from pathlib import Path

START = datetime.datetime(2026, 1, 5, tzinfo=datetime.UTC)
TRUTH = pa.table(
    {
        "account_id": ["a", "b", "c", "x", "y"],
        "operator_id": ["F", "F", "F", "X", "Y"],
        "style": ["servers", "servers", "servers", "home", "home"],
    }
)


def seen(*rows: tuple[str, str, str, float]) -> pa.Table:
    """Observations from account, kind, value and day."""
    account, kind, value, day = (list(column) for column in zip(*rows, strict=True))
    at = pa.array([START + datetime.timedelta(days=d) for d in day], pa.timestamp("us", "UTC"))
    n = pa.array([1] * len(rows), pa.int64())
    return pa.table({"account_id": account, "kind": kind, "value": value, "seen_at": at, "n": n})


def none_linked() -> tuple[pa.Table, pa.Table]:
    names = pa.array([], pa.string())
    links = pa.table({"account_id_l": names, "account_id_r": names})
    return links, links.append_column("facet", names)


def recall(observations: pa.Table, links: pa.Table | None = None) -> dict[str, float]:
    """Recall of the farm by every reader."""
    nothing, evidence = none_linked()
    actual = oracle.read_world(observations, TRUTH, nothing if links is None else links, evidence)
    assert all(measures.bcubed.precision == 1 for measures in actual.values())
    return {
        reader: next(style.bcubed_recall for style in measures.styles if style.style == "servers")
        for reader, measures in actual.items()
    }


OWN_CARD = [("a", "payment", "card", 0.0), ("b", "payment", "card", 40.0), ("c", "payment", "card", 50.0)]
# The farm has the address for itself on the first day; strangers have it later.
LEASED = [(who, "ip", "192.0.2.7", day) for who, day in (("a", 0.1), ("b", 0.2), ("c", 0.3), ("x", 30.0))]
# One of three holders is a stranger.
SHARED = [(who, "ip", "192.0.2.7", 0.1) for who in ("a", "b", "c", "x")]
OTHERS = [("x", "ip", "198.51.100.1", 0.0), ("y", "ip", "203.0.113.1", 0.0)]


def test_a_card_of_the_farm_alone_is_found_by_every_reader_of_the_truth() -> None:
    actual = recall(seen(*OWN_CARD, *OTHERS))
    assert actual.pop("its links") == pytest.approx(1 / 3)
    assert set(actual.values()) == {1.0}


def test_an_address_that_changes_hands_is_the_farms_in_its_window_only() -> None:
    actual = recall(seen(*LEASED, *OTHERS))
    assert actual["own values"] == pytest.approx(1 / 3)
    assert actual["own windows"] == actual["half windows"] == 1


def test_an_address_with_few_strangers_is_found_by_the_reader_who_takes_half() -> None:
    actual = recall(seen(*SHARED, *OTHERS))
    assert actual["own windows"] == pytest.approx(1 / 3)
    assert actual["half windows"] == 1
    assert actual["telling shapes"] == 1  # three of its six pairs are of one operator


def test_neighbouring_addresses_and_true_links_are_read_as_well() -> None:
    neighbours = [("a", "ip", "192.0.2.7", 0.1), ("b", "ip", "192.0.2.8", 0.1)]
    links = pa.table({"account_id_l": ["a", "b"], "account_id_r": ["c", "x"]})
    actual = recall(seen(*neighbours, *OTHERS, ("c", "email", "c@post.example", 0.0)), links)
    assert actual["own windows"] == pytest.approx(5 / 9)
    assert actual["its links"] == pytest.approx(5 / 9)  # the link to a stranger joins nobody


def test_windows_overlap_so_that_a_border_parts_nobody() -> None:
    day = 2.0  # the border of windows of two days
    cells = oracle.windows(
        coded(seen(("a", "ip", "192.0.2.7", day - 0.01), ("b", "ip", "192.0.2.7", day + 0.01)))
    )
    holders = [set(cells.account[cells.cell == cell].tolist()) for cell in set(cells.cell.tolist())]
    assert {0, 1} in holders
    assert len(holders) == 3


def test_a_table_of_readers_has_every_reader_and_style() -> None:
    nothing, evidence = none_linked()
    world = oracle.read_world(seen(*OWN_CARD, *OTHERS), TRUTH, nothing, evidence)
    world["graphlink"] = world["own values"]
    table = oracle.markdown(oracle.table([world, world])).splitlines()
    assert table[2].startswith("| servers | 6 | 1.000 | 0.333 | 1.000 |")
    assert len({line.count("|") for line in table}) == 1


def members(*clusters: str | None) -> pa.Table:
    return pa.table({"account_id": list("abcde"), "cluster_id": pa.array(clusters, pa.string())})


def test_names_of_clusters_and_order_of_rows_are_no_change() -> None:
    one, other = members("p", "p", "q", "q", None), members("s", "s", "t", "t", None)
    other = other.take(pa.array([4, 2, 0, 1, 3]))
    assert stability.adjusted_rand(one, other) == 1
    assert stability.changed_accounts(one, other) == 0


def test_an_account_that_leaves_changes_its_mates_too() -> None:
    one, other = members("p", "p", "p", None, None), members("p", "p", None, None, None)
    assert stability.adjusted_rand(one, other) < 0.9
    assert stability.changed_accounts(one, other) == 3


def test_a_ladder_is_measured_once_and_drawn(tmp_path: Path) -> None:
    ladder = dials.Ladder("mixing", "share", ((0.0, {"mixing": 0.0}),), ("servers", "farms"))
    file = tmp_path / "dials.csv"
    dials.run(file, 300, [1], [ladder])
    points = dials.read(file)
    assert [(point.dial, point.value, point.seed) for point in points] == [("mixing", 0, 1)]
    assert points[0].n["farms"] == 60
    before = file.read_bytes()
    dials.run(file, 300, [1], [ladder])
    assert file.read_bytes() == before
    (picture,) = dials.draw(points, tmp_path, [ladder])
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size < 40_000


def test_means_weigh_styles_by_their_accounts() -> None:
    def point(seed: int, recall: float, n: int) -> dials.Point:
        recalls = dict.fromkeys(dials.GROUPS, math.nan) | {"relay": recall}
        return dials.Point(
            "mixing", 1.0, seed, 0.5 * seed, 0.0, 0.0, recalls, dict.fromkeys(dials.GROUPS, 0) | {"relay": n}
        )

    (mean,) = dials.means([point(1, 1.0, 30), point(2, 0.0, 10)])
    assert mean.recall["relay"] == 0.75
    assert mean.pair_precision == 0.75
    assert math.isnan(mean.recall["mixed"])


def test_every_step_of_every_ladder_can_be_drawn_from() -> None:
    for ladder in dials.LADDERS:
        assert set(ladder.shown) <= {*FARM_STYLES, "farms"}
        for _, changed in ladder.steps:
            Dials(**{**dials.BASE, **changed})


def test_a_run_is_the_same_bytes_and_seeds_are_compared() -> None:
    actual = stability.measure(draw_world(1, 200, Dials(farm_share=0.2)), (1, 2))
    assert actual.is_same_bytes
    assert len(actual.rand) == len(actual.changed) == 1
    assert 0 < actual.n_clustered <= 200


def test_wider_identifiers_are_added_to_the_observations() -> None:
    kinds = pc.unique(oracle.with_wider(seen(*LEASED))["kind"]).to_pylist()
    assert sorted(kinds) == ["ip", "ip_prefix"]
