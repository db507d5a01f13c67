"""Components and communities by an engine against igraph in memory, on both engines."""

from __future__ import annotations

import functools
import pickle
import subprocess
import sys
from typing import TYPE_CHECKING

import igraph
import numpy as np
import pyarrow as pa
import pytest

from graphlink.clustering.components import find_components
from graphlink.clustering.leiden import PARTITION, partition_links
from graphlink.engine.duck import DuckEngine
from graphlink.engine.spark import SparkEngine
from graphlink.engine.spark.groups import shipped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from graphlink.engine import Engine

pytestmark = pytest.mark.filterwarnings(
    "ignore:PySpark does not yet:FutureWarning", "ignore::ResourceWarning"
)

SOLVE = functools.partial(partition_links, resolution=0.1, seed=1)
BY_COMPONENT = "SELECT c.component_no, x.l, x.r, x.bits FROM links x JOIN components c ON c.account_no = x.l"


@pytest.fixture(scope="module", params=["duck", "sail"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    if request.param == "duck":
        with DuckEngine(threads=1) as duck:
            yield duck
    else:
        folder = str(tmp_path_factory.mktemp("spark"))
        with SparkEngine(request.getfixturevalue("sail"), folder=folder) as spark:
            yield spark


def links_of(pairs: np.ndarray, seed: int = 1) -> pa.Table:
    """A table of links with bits, in an order of its own."""
    draws = np.random.default_rng(seed)
    pairs = np.unique(np.sort(pairs, axis=1), axis=0)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    pairs = pairs[draws.permutation(len(pairs))]
    bits = draws.uniform(0.1, 12, len(pairs)).round(6)
    return pa.table(
        {"l": pa.array(pairs[:, 0], pa.int32()), "r": pa.array(pairs[:, 1], pa.int32()), "bits": bits}
    )


def worlds() -> dict[str, pa.Table]:
    draws = np.random.default_rng(5)
    chain = np.column_stack([np.arange(1, 300), np.arange(2, 301)])
    star = np.column_stack([np.full(80, 500), np.arange(501, 581)])
    pairs = np.arange(600, 1000).reshape(-1, 2)
    far = np.array([[2**31 - 3, 2**31 - 2], [7_000_000, 2**31 - 3]])
    return {
        "sparse": links_of(draws.integers(1, 900, (500, 2))),
        "dense": links_of(draws.integers(1, 120, (900, 2))),
        "mixed": links_of(np.concatenate([chain, star, pairs, far])),
        "none": links_of(np.empty((0, 2), np.int64)),
    }


def least_of(links: pa.Table) -> dict[int, int]:
    """Per account its least companion, by igraph."""
    ends = np.column_stack([links["l"].to_numpy(), links["r"].to_numpy()])
    accounts, places = np.unique(ends, return_inverse=True)
    graph = igraph.Graph(n=len(accounts), edges=places.reshape(-1, 2).tolist())
    return {int(accounts[x]): int(accounts[min(part)]) for part in graph.connected_components() for x in part}


def told(engine: Engine, columns: str, name: str) -> dict[int, object]:
    return {int(str(row[0])): row[-1] for row in engine.rows(f"SELECT {columns} FROM {name}")}


@pytest.mark.parametrize("world", worlds())
def test_contraction_finds_the_components_of_igraph(engine: Engine, world: str) -> None:
    links = worlds()[world]
    engine.load("links", links)
    n_rounds = find_components(engine, "links", n_here=0)
    assert told(engine, "account_no, component_no", "components") == least_of(links)
    assert engine.rows("SELECT count(*) FROM components") == [(len(least_of(links)),)]
    # A chain of 300 takes no 300 rounds; each leaves three quarters of the accounts at most, on average.
    assert n_rounds <= 25
    assert (n_rounds == 0) == (world == "none")


def test_what_fits_into_memory_is_solved_there(engine: Engine) -> None:
    links = worlds()["mixed"]
    engine.load("links", links)
    for n_here in (1_000_000, 100):
        n_rounds = find_components(engine, "links", n_here=n_here)
        assert (n_rounds == 0) == (n_here == 1_000_000)
        assert told(engine, "account_no, component_no", "components") == least_of(links)
    engine.drop("components")
    assert not [name for name in ("contracted", "labels_of_components") if engine.has(name)]


def test_components_are_solved_as_one_by_one(engine: Engine) -> None:
    links = worlds()["sparse"]
    engine.load("links", links)
    find_components(engine, "links")
    kept = engine.make_by("parts", BY_COMPONENT, "component_no", SOLVE, PARTITION)
    assert kept == {}
    least = least_of(links)
    numbers = np.array([least[int(x)] for x in links["l"].to_numpy()])
    wanted: dict[int, object] = {}
    for component in np.unique(numbers):
        alone = links.filter(pa.array(numbers == component))
        alone = alone.append_column("component_no", pa.array(numbers[numbers == component], pa.int32()))
        rows = SOLVE(alone).to_pylist()
        wanted |= {row["account_no"]: row["community_no"] for row in rows}
    assert told(engine, "account_no, community_no", "parts") == wanted
    assert told(engine, "account_no, component_no", "parts") == least
    assert len(set(wanted.values())) > len(set(least.values())), "some component has several communities"


@pytest.mark.parametrize(
    ("world", "largest", "kept_here"),
    # The chain of 300 accounts has 299 links; the star, with 80, goes to a worker.
    [("mixed", 90, {1: 299}), ("dense", 1, {1: worlds()["dense"].num_rows}), ("none", 1, {})],
)
def test_a_component_too_large_for_a_worker_is_solved_here(
    sail: str, tmp_path: Path, world: str, largest: int, kept_here: dict[int, int]
) -> None:
    links = worlds()[world]
    listed = []
    for largest_group in (None, largest):
        with SparkEngine(sail, folder=str(tmp_path), largest_group=largest_group) as engine:
            engine.load("links", links)
            find_components(engine, "links")
            kept = engine.make_by("parts", BY_COMPONENT, "component_no", SOLVE, PARTITION)
            listed.append((kept, told(engine, "account_no, community_no", "parts")))
    assert [kept for kept, _ in listed] == [{}, kept_here]
    assert listed[0][1] == listed[1][1]
    assert len(listed[0][1]) == len(least_of(links))


def test_workers_need_no_graphlink() -> None:
    pytest.importorskip("pyspark", reason="pyspark is not installed")
    from pyspark import cloudpickle

    links = worlds()["dense"]
    links = links.append_column("component_no", pa.array([1] * len(links), pa.int32()))
    with shipped():
        sent = cloudpickle.dumps((SOLVE, links))
    script = (
        "import pickle, sys\nsys.modules['graphlink'] = None\n"
        "function, links = pickle.load(sys.stdin.buffer)\n"
        "sys.stdout.buffer.write(pickle.dumps(function(links)))"
    )
    done = subprocess.run([sys.executable, "-c", script], input=sent, stdout=subprocess.PIPE, check=True)
    assert pickle.loads(done.stdout).equals(SOLVE(links))
    assert b"partition_links" in cloudpickle.dumps(SOLVE)
    assert len(cloudpickle.dumps(SOLVE)) < 1_000, "by name again afterwards"
