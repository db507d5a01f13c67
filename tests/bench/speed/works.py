"""What is measured: each work is a function that runs in a process of its own and counts what it made.

`python -m tests.bench.speed.works NAME ARGUMENTS...` prints seconds (from the first import on), the peak of
memory as the system tells it, the count, and seconds of single parts. Nothing heavy is imported before the
clock runs, and a work imports what it needs itself.
"""

from __future__ import annotations

import functools
import inspect
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Made = tuple[int, dict[str, float]]

CAP = 50  # holders of a value beyond which a projection leaves it out, in every method alike
RESOLUTION = 0.1
SEED = 1

_AGGREGATE = """
SELECT account_id, kind, value, min(seen_at) AS t0, max(seen_at) AS t1, count(*) AS n
FROM {source} GROUP BY account_id, kind, value
"""
_EDGES = _AGGREGATE.format(source="read_parquet('{log}')")


def draw(n_accounts: str, log: str, settings: str) -> Made:
    """Draw a planted world."""
    import pyarrow.parquet as pq

    from graphlink.samples import draw_world

    world = draw_world(SEED, int(n_accounts))
    observations = world.observations()
    pq.write_table(observations, log)
    Path(settings).write_text(f'now = "{world.end.isoformat()}"', encoding="utf-8")
    return observations.num_rows, {}


def draw_operator(n_accounts: str, n_exits: str, log: str, settings: str) -> Made:
    """Draw one large operator among as many honest accounts."""
    from tests.bench.speed.operators import END, write_operator

    n_rows = write_operator(int(n_accounts), int(n_exits), Path(log))
    Path(settings).write_text(f'now = "{END.isoformat()}"', encoding="utf-8")
    return n_rows, {}


def draw_ring(n_accounts: str, share: str, log: str, settings: str) -> Made:
    """Draw a thin ring that has a share of all accounts, 25 an exit, among all sorts of honest ones."""
    import dataclasses

    import pyarrow.parquet as pq

    from graphlink.samples import FARM_STYLES, FarmShares, draw_world
    from graphlink.samples.scenarios import scenarios

    ring = FarmShares(**{**dict.fromkeys(FARM_STYLES, 0.0), "thin_ring": 1.0})
    dials = dataclasses.replace(scenarios["held_out"], farm_share=float(share), farms=ring)
    world = draw_world(SEED, int(n_accounts), dials)
    observations = world.observations()
    pq.write_table(observations, log)
    Path(settings).write_text(f'now = "{world.end.isoformat()}"', encoding="utf-8")
    return observations.num_rows, {}


def group(log: str) -> Made:
    """G: the least that any method has to do."""
    import duckdb

    # Into a table: of a mere count the engine leaves out what nobody asks for.
    made = duckdb.execute(f"CREATE TABLE edges AS {_EDGES.format(log=log)}").fetchall()
    return int(made[0][0]), {}


def whole(log: str, settings: str, out: str, memory: str) -> Made:
    """Everything `graphlink run` does."""
    return _run(log, settings, out, memory)


def whole_with_reasons(log: str, settings: str, out: str, memory: str) -> Made:
    """Everything `graphlink run --explain-all` does."""
    return _run(log, settings, out, memory, explain_all=True)


def split_day(log: str, before: str, day: str) -> Made:
    """Split the last day off a log."""
    import duckdb

    duckdb.execute("SET TimeZone = 'UTC'")
    last = f"(SELECT max(seen_at)::DATE FROM read_parquet('{log}'))"
    for path, is_its in ((before, f"seen_at::DATE < {last}"), (day, f"seen_at::DATE = {last}")):
        duckdb.execute(
            f"COPY (SELECT * FROM read_parquet('{log}') WHERE {is_its}) TO '{path}' (FORMAT parquet)"
        )
    (n_rows,) = duckdb.execute(f"SELECT count(*) FROM read_parquet('{day}')").fetchall()[0]
    return int(n_rows), {}


def whole_under(before: str, day: str, settings: str, earlier: str, out: str, memory: str) -> Made:
    """`graphlink run --model` over all files."""
    return _run([before, day], settings, out, memory, model=earlier)


def update(day: str, settings: str, earlier: str, out: str, memory: str) -> Made:
    """`graphlink run --update` with one more day."""
    return _run(day, settings, out, memory, update=earlier)


def project(log: str) -> Made:
    """Projection in graphlink's engine and communities as graphlink finds them."""
    import numpy as np

    from graphlink.clustering.components import components_of
    from graphlink.clustering.leiden import partition
    from graphlink.engine.duck import DuckEngine

    with DuckEngine() as engine:
        _aggregate(engine, log)
        started = time.perf_counter()
        pairs = engine.arrow(
            "SELECT x.a AS l, y.a AS r, sum(1 / ln(1 + x.d)) AS bits "
            "FROM incidence x JOIN incidence y "
            "ON x.v = y.v AND x.a < y.a GROUP BY ALL ORDER BY ALL"
        )
        took = time.perf_counter() - started
        n = len(engine.rows("SELECT DISTINCT a FROM incidence"))
    ends = np.column_stack([pairs["l"].to_numpy(), pairs["r"].to_numpy()]).astype(np.int64)
    component = components_of(int(ends.max()) + 1, ends)
    partition(component, ends, pairs["bits"].to_numpy(), RESOLUTION, SEED)
    return n, {"pairs": took}


def project_on_spark(log: str, threads: str) -> Made:
    """The same edges, pairs and communities on a Spark of this machine with so many threads."""
    from graphlink.clustering.components import find_components
    from graphlink.clustering.leiden import PARTITION, partition_links
    from graphlink.engine.spark import SparkEngine

    with SparkEngine(threads=int(threads), memory="8GB") as engine:
        engine.make("started", "SELECT 1 AS one")
        started = time.perf_counter()
        engine.read_parquet("log", Path(log))
        parts = {"reading": time.perf_counter() - started}
        engine.make("edges", _AGGREGATE.format(source="log"))
        _number(engine)
        parts["edges"] = time.perf_counter() - started
        engine.make(
            "links",
            # Rounded: the order in which they are added up moves the last digits, and those a community.
            "SELECT x.a AS l, y.a AS r, round(sum(1 / ln(1 + x.d)), 6) AS bits "
            "FROM incidence x JOIN incidence y "
            "ON x.v = y.v AND x.a < y.a GROUP BY x.a, y.a",
        )
        parts["links"] = time.perf_counter() - started
        find_components(engine, "links", seed=SEED)
        parts["components"] = time.perf_counter() - started
        engine.make_by(
            "communities",
            "SELECT c.component_no, k.l, k.r, k.bits FROM links k JOIN components c ON c.account_no = k.l",
            "component_no",
            functools.partial(partition_links, resolution=RESOLUTION, seed=SEED),
            PARTITION,
        )
        n = int(str(engine.rows("SELECT count(DISTINCT community_no) FROM communities")[0][0]))
        parts["all but the start"] = time.perf_counter() - started
    return n, parts


def project_with_igraph(log: str) -> Made:
    """igraph's own bipartite projection and Leiden, of the same edges."""
    import random

    import igraph
    import numpy as np

    from graphlink.engine.duck import DuckEngine

    with DuckEngine() as engine:
        _aggregate(engine, log)
        started = time.perf_counter()
        rows = engine.arrow("SELECT a, v FROM incidence ORDER BY ALL")
    accounts, a = np.unique(rows["a"].to_numpy(), return_inverse=True)
    values, v = np.unique(rows["v"].to_numpy(), return_inverse=True)
    types = [False] * len(accounts) + [True] * len(values)
    edges = zip(a.tolist(), (v + len(accounts)).tolist(), strict=True)
    projected = igraph.Graph.Bipartite(types, edges).bipartite_projection(which=False)
    took = time.perf_counter() - started
    igraph.set_random_number_generator(random.Random(SEED))
    projected.community_leiden("CPM", weights="weight", resolution=RESOLUTION, n_iterations=10)
    return len(accounts), {"pairs": took}


def project_with_networkx(log: str) -> Made:
    """The same projection in pandas, and networkx's Louvain."""
    import networkx as nx
    import numpy as np
    import pandas as pd

    actual = pd.read_parquet(log, columns=["account_id", "kind", "value", "seen_at"])
    keys = ["account_id", "kind", "value"]
    held = actual.groupby(keys).agg(t0=("seen_at", "min"), t1=("seen_at", "max"), n=("seen_at", "size"))
    held = held.reset_index()[keys]
    held["d"] = held.groupby(["kind", "value"])["account_id"].transform("size")
    held = held[held["d"].between(2, CAP)]
    started = time.perf_counter()
    pairs = held.merge(held, on=["kind", "value", "d"])
    pairs = pairs[pairs["account_id_x"] < pairs["account_id_y"]]
    pairs = pairs.assign(bits=1 / np.log1p(pairs["d"]))
    links = pairs.groupby(["account_id_x", "account_id_y"])["bits"].sum().reset_index()
    took = time.perf_counter() - started
    graph = nx.from_pandas_edgelist(links, "account_id_x", "account_id_y", "bits")
    nx.community.louvain_communities(graph, weight="bits", seed=SEED)
    return graph.number_of_nodes(), {"pairs": took}


def link_with_splink(log: str) -> Made:
    """Splink with its own training, blocking on the values that link, and its own clustering."""
    import logging

    import pyarrow.parquet as pq

    from tests.bench.accuracy import splink_peer, trials

    logging.disable(logging.CRITICAL)
    actual = splink_peer.fellegi_sunter(trials.coded(pq.read_table(log)))
    return int((actual >= 0).sum()), {}


def draw_graph(n_nodes: str, n_edges: str, path: str) -> Made:
    """Draw planted groups of 5 to 40 nodes; four fifths of the edges lie within one."""
    import numpy as np

    draws = np.random.default_rng(SEED)
    n, m = int(n_nodes), int(n_edges)
    starts = np.concatenate([[0], np.cumsum(draws.integers(5, 41, n // 20))])
    starts = starts[starts < n - 40]
    group_of = np.searchsorted(starts, np.arange(n), side="right") - 1
    size = np.diff(np.append(starts, n))
    left = draws.integers(0, n, m)
    near = starts[group_of[left]] + (draws.random(m) * size[group_of[left]]).astype(np.int64)
    right = np.where(draws.random(m) < 0.8, near, draws.integers(0, n, m))
    ends = np.unique(np.sort(np.column_stack([left, right]), axis=1), axis=0)
    ends = ends[ends[:, 0] < ends[:, 1]]
    np.savez(path, ends=ends, weights=draws.gamma(2, 2, len(ends)))
    return len(ends), {}


def find_communities(path: str) -> Made:
    """Components and Leiden inside each, as graphlink does."""
    import numpy as np

    from graphlink.clustering.components import components_of
    from graphlink.clustering.leiden import partition

    with np.load(path) as actual:
        ends, weights = actual["ends"], actual["weights"]
    component = components_of(int(ends.max()) + 1, ends)
    community = partition(component, ends, weights, RESOLUTION, SEED)
    return len(np.unique(community)), {}


def find_communities_with_igraph(path: str) -> Made:
    """One graph, one Leiden."""
    import random

    import igraph
    import numpy as np

    with np.load(path) as actual:
        ends, weights = actual["ends"], actual["weights"]
    edges = zip(ends[:, 0].tolist(), ends[:, 1].tolist(), strict=True)
    graph = igraph.Graph(n=int(ends.max()) + 1, edges=edges)
    igraph.set_random_number_generator(random.Random(SEED))
    listed = graph.community_leiden("CPM", weights=weights.tolist(), resolution=RESOLUTION, n_iterations=10)
    return len(listed), {}


def _run(log: str | list[str], settings: str, out: str, memory: str, **further: Any) -> Made:
    from graphlink import run
    from graphlink.core.settings import EngineSettings

    limits = EngineSettings(memory=memory)
    result = run(log, settings=settings, out=out, overwrite=True, limits=limits, **further)
    parts = {str(row["step"]): float(row["seconds"]) for row in result.manifest["this_run"]["steps"]}
    return int(result.manifest["tables"]["links"]["rows"]), parts


def _aggregate(engine: Any, log: str) -> None:
    """Make `incidence` (a, v, d): accounts and values as numbers, values of 2 to `CAP` holders."""
    engine.make("edges", _EDGES.format(log=log))
    _number(engine)


def _number(engine: Any) -> None:
    from graphlink.engine.numbering import number_rows

    number_rows(engine, "accounts", "SELECT DISTINCT account_id FROM edges", "a", ("account_id",))
    grouped = "SELECT kind, value, count(*) AS d FROM edges GROUP BY kind, value"
    number_rows(
        engine, "copresence_pairs", f"{grouped} HAVING count(*) BETWEEN 2 AND {CAP}", "v", ("kind", "value")
    )
    engine.make(
        "incidence",
        "SELECT a.a, s.v, s.d FROM edges e JOIN copresence_pairs s ON s.kind = e.kind AND s.value = e.value "
        "JOIN accounts a ON a.account_id = e.account_id",
    )


WORKS: dict[str, Callable[..., Made]] = {
    name: work
    for name, work in dict(globals()).items()
    if inspect.isfunction(work) and not name.startswith("_")
}


def _peak_mib() -> float:
    # Not ru_maxrss, which begins with the peak of the process that started this one.
    with Path("/proc/self/status").open(encoding="ascii") as lines:
        return int(next(line.split()[1] for line in lines if line.startswith("VmHWM:"))) / 1024


if __name__ == "__main__":
    started = time.perf_counter()
    n_made, parts = WORKS[sys.argv[1]](*sys.argv[2:])
    seconds = time.perf_counter() - started
    cores = time.process_time()
    print(json.dumps({"seconds": seconds, "cores": cores, "mib": _peak_mib(), "n": n_made, "parts": parts}))
