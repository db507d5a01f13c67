"""What a run is expected to take, against what it takes and against inputs whose size is known."""

from __future__ import annotations

import dataclasses
import gzip
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from graphlink.cli import commands
from graphlink.core.errors import InputError
from graphlink.core.settings import EngineSettings, KindSettings, ModelSettings, Settings, Source
from graphlink.ingest.cost_estimate import CostEstimate, pieces
from graphlink.pipeline import estimate_cost
from graphlink.samples import draw_world

if TYPE_CHECKING:
    from graphlink.result.result import Result

N_ROWS = 60_000
SAMPLE = Path(__file__).parents[3] / "data" / "sample"


@pytest.fixture(scope="module")
def table() -> pa.Table:
    """Every ten accounts have an address of their own: 6,000 rows each, in order of time."""
    accounts = [f"a{i % 1000}" for i in range(N_ROWS)]
    return pa.table(
        {
            "account_id": accounts,
            "kind": ["ip"] * N_ROWS,
            "value": [f"8.{i % 1000 // 10}.1.1" for i in range(N_ROWS)],
            "seen_at": pa.array(
                [1_770_000_000_000_000 + i * 1_000_000 for i in range(N_ROWS)], pa.timestamp("us")
            ),
        }
    )


def write(table: pa.Table, path: Path) -> Path:
    """Write a table in the form that its name tells."""
    if path.suffix == ".parquet":
        pq.write_table(table, path, row_group_size=5_000)
        return path
    frame = table.to_pandas()
    frame["seen_at"] = frame["seen_at"].dt.strftime("%Y-%m-%d %H:%M:%S")
    if ".csv" in path.suffixes:
        text = frame.to_csv(index=False)
    else:
        text = frame.to_json(orient="records", lines=path.suffix != ".json")
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a.parquet", "a.csv", "a.csv.gz", "a.jsonl", "a.json"])
def test_rows_and_kinds_of_every_form_are_near_what_is_there(
    table: pa.Table, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "_SAMPLED_BYTES", 1 << 19)  # text is larger, so that it is sampled
    estimate = estimate_cost(write(table, tmp_path / name))
    assert estimate.rows == pytest.approx(N_ROWS, rel=0 if name == "a.parquet" else 0.15)
    assert estimate.observations == pytest.approx(N_ROWS, rel=0.15)
    assert estimate.sampled < N_ROWS * 0.7
    assert estimate.kinds == ("ip", "ip_64", "ip_prefix")


@pytest.mark.parametrize("name", ["a.parquet", "a.csv", "a.csv.gz", "a.jsonl"])
def test_a_small_file_is_counted_to_the_row(table: pa.Table, tmp_path: Path, name: str) -> None:
    estimate = estimate_cost(write(table.slice(0, 700), tmp_path / name))
    assert (estimate.rows, estimate.sampled, estimate.observations) == (700, 700, 700)
    # Seventy addresses with ten accounts each within minutes; their blocks have a cap of five accounts.
    assert estimate.pairs == 70 * 45
    assert estimate.pairs_left_out == 70 * 45


def test_pairs_of_a_sample_grow_to_those_of_the_whole(table: pa.Table, tmp_path: Path) -> None:
    estimate = estimate_cost(
        write(table, tmp_path / "a.parquet"),
        settings=Settings(kinds={"ip_prefix": KindSettings(ignore=True)}),
    )
    assert 100 * 45 / 3 < estimate.pairs < 100 * 45 * 3


def test_pairs_keep_to_the_budget_and_show_what_is_beyond(table: pa.Table) -> None:
    whole = estimate_cost(table)
    budget = Settings(model=ModelSettings(pair_budget=900))
    estimate = estimate_cost(table, settings=budget)
    assert estimate.pairs <= 900 < whole.pairs
    assert estimate.pairs_left_out > whole.pairs_left_out
    assert estimate.memory_mib <= whole.memory_mib


def test_a_folder_of_many_files_is_counted_from_some(table: pa.Table, tmp_path: Path) -> None:
    for i in range(60):
        write(table.slice(i * 500, 500), tmp_path / f"{i:02}.parquet")
    estimate = estimate_cost(tmp_path)
    assert estimate.rows == pytest.approx(30_000, rel=0.05)
    assert estimate.sampled < estimate.rows


def test_frames_are_looked_at_as_files_are(table: pa.Table) -> None:
    for frame in (table, table.to_pandas()):
        estimate = estimate_cost({"observations": frame, "accounts": pd.DataFrame({"account_id": ["a"]})})
        assert estimate.rows == N_ROWS
        assert estimate.observations == pytest.approx(N_ROWS, rel=0.01)


def test_a_run_takes_about_what_was_expected(sample_result: Result) -> None:
    estimate = estimate_cost(SAMPLE / "graphlink.toml")
    assert estimate.observations == pytest.approx(len(sample_result.table("observations")), rel=0.1)
    shared = sample_result.manifest["steps"][4]["facts"]["copresence_pairs"]
    assert shared / 4 < estimate.pairs < shared * 4


def test_a_database_is_named_as_not_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "logs.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE logs AS SELECT 'a' AS account_id")
    text = estimate_cost(Settings(sources=(Source(database=str(path), table="logs"),)))
    assert text.not_looked_at == ("logs",)
    assert text.rows == 0
    assert text.lines() == (
        "rows, pairs, time and memory are not known: databases, queries and lake tables are not sampled",
    )
    some = dataclasses.replace(LARGE, not_looked_at=("logs",))
    assert "  takes   at least " in "\n".join(some.lines())
    assert any("logs" in warning for warning in text.warnings())


def test_nothing_is_foretold_of_a_table_without_identifiers(tmp_path: Path) -> None:
    (tmp_path / "wide.csv").write_text("customer,client_ip\na,192.0.2.1\n", encoding="utf-8")
    answer = CliRunner().invoke(commands, ["run", str(tmp_path / "wide.csv"), "--out", str(tmp_path / "out")])
    assert answer.exit_code != 0
    assert "expected" not in answer.stderr
    assert "observations" not in answer.stderr.splitlines()[0]
    assert dataclasses.replace(LARGE, observations=0).lines() == ()


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1" * 100)
    with pytest.raises(InputError, match=r"a\.parquet: it is no whole Parquet file"):
        estimate_cost(tmp_path / "a.parquet")


def test_hostile_kinds_and_values_are_left_out(tmp_path: Path) -> None:
    rows = ["account_id,kind,value", "a,'; DROP TABLE x,1", 'b,ip,"\x1b[31m"', 'c,ip,"8.8.8.8', "d", "\x00"]
    (tmp_path / "a.csv").write_text("\n".join(rows), encoding="utf-8")
    assert estimate_cost(tmp_path / "a.csv").kinds in (("ip", "ip_64", "ip_prefix"), ())


LARGE = CostEstimate(
    3_000_000_000, 100, 9_000_000_000, ("ip",), 20_000_000, 10**12, 90_000, 900_000, 19_000, 24_000
)


@pytest.mark.parametrize(
    ("memory", "limit", "machine", "told"),
    [
        (900_000, 19_000, 24_000, "split the input, .*take a machine with more memory"),
        (20_000, 19_000, 24_000, "--memory sets the limit"),
        (2_000, 1_000, None, "--memory sets the limit"),
        (2_000, 19_000, 24_000, ""),
        (900_000, None, None, ""),
    ],
)
def test_what_does_not_fit_is_warned_of(
    memory: int, limit: int | None, machine: int | None, told: str
) -> None:
    made = dataclasses.replace(LARGE, memory_mib=memory, limit_mib=limit, machine_mib=machine)
    assert bool(made.warnings()) == bool(told)
    assert re.search(told, "".join(made.warnings()))


def test_the_lines_show_figures_their_basis_and_their_doubt() -> None:
    text = "\n".join(LARGE.lines())
    for part in (
        "sample of 100 rows",
        "3,000 million: 9,000 million observations of ip",
        "20 million to compare",
        "could be off by 3x either way",
        "25.0 h and 878.9 GiB of 23.4 GiB memory",
        "as measured once",
    ):
        assert part in text
    many = dataclasses.replace(LARGE, kinds=tuple(f"k{i}" for i in range(1000)))
    assert "k11 and 988 kinds more" in many.lines()[1]
    assert "observations of no kind" in dataclasses.replace(LARGE, kinds=()).lines()[1]
    assert json.loads(json.dumps(LARGE.as_dict()))["pairs"] == 20_000_000


def test_one_line_sums_the_estimate_up() -> None:
    assert LARGE.summary() == (
        "expected: 25.0 h and 878.9 GiB of memory for 3,000 million rows and 20 million pairs, "
        "could be off by 3x either way"
    )
    exact = dataclasses.replace(LARGE, rows=100, not_looked_at=("logs",))
    assert (
        exact.summary()
        == "expected: at least 25.0 h and 878.9 GiB of memory for 100 rows and 20 million pairs"
    )
    assert dataclasses.replace(LARGE, observations=0).summary() == ""


def test_the_limit_is_read_as_the_engine_reads_it(table: pa.Table) -> None:
    small = table.slice(0, 10)
    for memory, mib in (("4GB", 3814), ("4GiB", 4096), ("500MB", 476)):
        assert estimate_cost(small, limits=EngineSettings(memory=memory)).limit_mib == mib
    whole, half = (estimate_cost(small, limits=EngineSettings(memory=memory)) for memory in ("", "50%"))
    assert whole.machine_mib is not None
    assert whole.limit_mib == pytest.approx(whole.machine_mib * 0.8, abs=1)
    assert half.limit_mib == pytest.approx(whole.machine_mib * 0.5, abs=1)


@pytest.mark.slow
@pytest.mark.parametrize("is_quiet", [True, False])
def test_a_run_shows_it_first_and_nothing_when_quiet(tmp_path: Path, is_quiet: bool) -> None:
    settings = draw_world(3, 100).write(tmp_path / "world")
    outcome = CliRunner().invoke(
        commands,
        ["run", str(settings), "--out", str(tmp_path / "r"), "--memory", "200MB", *["--quiet"] * is_quiet],
    )
    assert outcome.exit_code == 0, outcome.output
    assert ("expected: " in outcome.stderr) != is_quiet
    if not is_quiet:
        assert outcome.stderr.index("expected: ") < outcome.stderr.index(" 1/")


def test_what_is_wrong_with_the_input_is_reported_once_and_by_the_run(tmp_path: Path) -> None:
    outcome = CliRunner().invoke(commands, ["run", str(tmp_path / "no.csv"), "--out", str(tmp_path / "r")])
    assert outcome.exit_code == 1
    assert outcome.stderr.count("no such file") == 1
    assert "expected: " not in outcome.stderr
