"""An update is a run over all files: for any split of the rows, in any order, byte for byte."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import graphlink
from graphlink.samples import draw_world
from tests.updated import assert_equal, drawn_rows, fallback_of, reading_only, write_log

SETTINGS = """
now = "2026-06-01T00:00:00Z"
[[sources]]
path = "log"
[accounts]
path = "accounts.csv"
attributes = ["plan"]
[[references]]
path = "lists.csv"
"""
LISTS = "network,label,type\n203.0.113.0/29,relay.example,router\n203.0.113.8/29,Somewhere,vpn\n"


def write_accounts(folder: Path, day: int) -> None:
    """The table of accounts as it is on a day: more of them are closed than the day before."""
    lines = ["account_id,created_at,closed_at,status,plan"]
    for i in range(0, 14, 2):
        closed = f"2026-03-{day:02}T00:00:00Z,banned" if i <= day else ",active"
        lines.append(f"acc{i},2026-01-0{1 + i % 9}T00:00:00Z,{closed},free")
    lines.append("acc0,never,,active,free")
    (folder / "accounts.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.mark.slow
@settings(max_examples=5)
@given(
    st.integers(0, 10**6),
    st.lists(st.sampled_from("cabdA"), min_size=1, max_size=120),
    st.permutations(sorted("cabdA")),
    st.booleans(),
)
@example(0, ["a"] * 30 + ["b"] * 30 + ["c"] * 30, ["b", "a", "c", "d", "A"], False)
@example(1, ["a"] * 30 + ["b"] * 30 + ["c"] * 30, ["c", "b", "a", "d", "A"], True)
def test_any_split_of_the_rows_gives_what_a_run_over_all_reads(
    seed: int, split: list[str], order: list[str], has_routers: bool
) -> None:
    kinds = ("ip", "email", "thing", *(["router"] if has_routers else []))
    rows = drawn_rows(seed, len(split), kinds)
    files = {name: [row for row, of in zip(rows, split, strict=True) if of == name] for name in order}
    with tempfile.TemporaryDirectory() as scratch, reading_only():
        folder = Path(scratch)
        (folder / "graphlink.toml").write_text(SETTINGS, encoding="utf-8")
        (folder / "lists.csv").write_text(LISTS, encoding="utf-8")
        usable = ("acc1", "ip", "203.0.113.9", "2026-03-05T10:00:00Z", "1")
        write_log(folder / "log" / "0.csv", [usable])
        write_accounts(folder, 0)
        first = graphlink.run(folder / "graphlink.toml", out=folder / "r")
        latest = first
        for day, names in enumerate((order[:2], order[2:]), 1):
            for name in names:
                write_log(folder / "log" / f"{name}.csv", files[name])
            write_accounts(folder, day)
            latest = graphlink.run(folder / "graphlink.toml", update=latest, out=folder / f"r{day}")
            # Only kinds that come from rows and lists alike are more than the result keeps.
            assert ("router" in fallback_of(latest)) or not fallback_of(latest)
            whole = graphlink.run(folder / "graphlink.toml", model=first.path, out=folder / f"whole{day}")
            assert_equal(latest, whole)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [5, 6])
def test_a_world_updated_twice_is_the_world_run_at_once(seed: int, tmp_path: Path) -> None:
    frame = draw_world(seed=seed, n_accounts=150).observations().to_pandas()
    draw = random.Random(seed)
    day = [draw.choice((0, 0, 0, 1, 2)) for _ in range(len(frame))]
    paths = [tmp_path / f"{i}.parquet" for i in range(3)]
    for i, path in enumerate(paths):
        frame[[one == i for one in day]].sample(frac=1, random_state=seed).to_parquet(path, index=False)
    first = graphlink.run(paths[0], out=tmp_path / "first", explain_all=True)
    second = graphlink.run(paths[1], update=first, out=tmp_path / "second", explain_all=True)
    third = graphlink.run(paths[2], update=second, out=tmp_path / "third", explain_all=True)
    whole = graphlink.run(paths, model=first.path, out=tmp_path / "whole", explain_all=True)
    assert len(whole.clusters) > 0
    assert_equal(third, whole)
