"""Input at an address is read by Spark itself, with the outcome of the same files read here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pytest

from graphlink.core.errors import InputError
from graphlink.core.settings import AccountSource, Settings, Source
from graphlink.engine import store_at
from graphlink.engine.duck import DuckEngine
from graphlink.engine.spark import SparkEngine
from graphlink.storage import remote
from tests.collected import check_input
from tests.engines.hostile_cells import GERMAN, crossed, epoch_tables, long_table, typed_tables
from tests.engines.reading import TABLES, WIDE, elsewhere, folder_of_logs, told, uri, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphlink.engine import Engine, Store

pytestmark = pytest.mark.filterwarnings(
    "ignore:PySpark does not yet:FutureWarning", "ignore::ResourceWarning"
)
NOW = "2026-01-01T00:00:00Z"


@pytest.fixture(scope="module")
def spark(sail: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkEngine]:
    with SparkEngine(sail, folder=str(tmp_path_factory.mktemp("spark"))) as engine:
        yield engine


def compare(spark: Engine, *sources: Source, accounts: AccountSource | None = None) -> dict[str, Any]:
    """What is read of paths here is what is read of their addresses there."""
    settings = Settings(now=NOW, sources=sources, accounts=accounts)
    with DuckEngine(threads=1) as duck:
        left = told(duck, settings)
    right = told(spark, elsewhere(settings))
    for name in left:
        if name != "numbers":
            assert left[name] == right[name]
    assert set(right["numbers"]) <= {"None"}, "what speaks Connect here knows no numbers of rows"
    return left


def test_texts_of_every_sort(spark: SparkEngine, tmp_path: Path) -> None:
    path = written(long_table(), tmp_path / "log.parquet", row_group_size=7)
    zones = ("UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe")
    facts = compare(spark, *(Source(path=path, name=f"log {zone}", time_zone=zone) for zone in zones))[
        "facts"
    ]
    assert len(facts["rejected_rows"]) > 10
    assert facts["n_observations"] > 20


def test_columns_of_every_type(spark: SparkEngine, tmp_path: Path) -> None:
    tables = typed_tables()
    del tables["accounts_unsigned"]  # which what speaks Connect here can't read
    sources = [
        Source(path=written(table, tmp_path / f"{name}.parquet"), **WIDE) for name, table in tables.items()
    ]
    local = str(tmp_path / "times_local.parquet")
    compare(spark, *sources, Source(path=local, name="zoned", time_zone="Europe/Berlin", **WIDE))


def test_times_as_numbers(spark: SparkEngine, tmp_path: Path) -> None:
    sources = [
        Source(path=path, name=f"{name} {form}", time_format=form, **WIDE)
        for name, table in epoch_tables().items()
        for path in [written(table, tmp_path / f"{name}.parquet")]
        for form in ("epoch_s", "epoch_ms", "epoch_us", "epoch_ns")
    ]
    compare(spark, *sources)


def test_times_of_a_format(spark: SparkEngine, tmp_path: Path) -> None:
    cells = crossed(who=["a", "b"], at=GERMAN, dev=["d"], n=["1"])
    table = pa.table({name: pa.array(actual, pa.string()) for name, actual in cells.items()})
    path = written(table, tmp_path / "log.parquet")
    forms = ["%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M %z", "%-d.%m.%Y %H:%M", "%d.%m.%Y %M:%H"]
    sources = [
        Source(path=path, name=f"{form} {zone}", time_format=form, time_zone=zone, **WIDE)
        for form in forms
        for zone in ("UTC", "Europe/Berlin")
    ]
    compare(spark, *sources)


def test_folders_globs_and_accounts(spark: SparkEngine, tmp_path: Path) -> None:
    folder = folder_of_logs(tmp_path / "log")
    times = pa.array([0, 10**15, None, 9 * 10**15], pa.timestamp("us", "UTC"))
    by_name = {"id": ["a", "b c", "", "a"], "created_at": times, "plan": [1.5, 2.0, None, 3.0]}
    accounts = AccountSource(
        path=written(pa.table(by_name), tmp_path / "accounts.parquet"), account="id", attributes=("plan",)
    )
    text = compare(
        spark,
        Source(path=str(folder), name="folder"),
        Source(path=str(folder / "day=2" / "*.parquet"), name="glob"),
        Source(path=str(folder / "day=2" / "part-1.pq"), name="file"),
        accounts=accounts,
    )
    names = [[one["name"] for one in source["inputs"]] for source in text["facts"]["sources"]]
    assert names[0] == [
        "day=1/part-0.snappy.parquet",
        "day=2/part 0.parquet",
        "day=2/part-1.pq",
        "day=3/none.parquet",
    ]
    assert names[1:] == [["part 0.parquet"], ["part-1.pq"]]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("none.parquet", "no file is there; name a Parquet file"),
        ("empty", "no file is there; name a Parquet file"),
        ("texts", r"a\.txt: no table by its name; expected Parquet"),
        ("broken.parquet", r"broken\.parquet: Spark: .*check that it is a whole Parquet file"),
        ("columns.parquet", r"columns\.parquet: no column 'account_id'; the columns are x; name the column"),
        ("types.parquet", "column 'value': type .* holds no single text"),
        ("starred", r"a\[1\]\.parquet: a name with one of \*"),
    ],
)
def test_what_cannot_be_read_is_reported_in_a_line(
    spark: SparkEngine, tmp_path: Path, name: str, said: str
) -> None:
    (tmp_path / "empty").mkdir()
    for text in ("texts/a.txt", "broken.parquet"):
        (tmp_path / text).parent.mkdir(exist_ok=True)
        (tmp_path / text).write_text("account_id,kind,value\n" * 9, encoding="utf-8")
    written(pa.table({"x": [1]}), tmp_path / "columns.parquet")
    nested = {"account_id": ["a"], "kind": ["ip"], "value": [["x", "y"]]}
    written(pa.table(nested), tmp_path / "types.parquet")
    written(long_table(), tmp_path / "starred" / "a[1].parquet")
    with pytest.raises(InputError, match=said) as raised:
        check_input(spark, Settings(sources=(Source(path=uri(str(tmp_path / name))),)))
    assert "\n" not in str(raised.value)
    assert str(raised.value).startswith(uri(str(tmp_path)))


def test_a_store_that_is_not_known_is_reported_in_a_line(spark: SparkEngine) -> None:
    for address, mend in (
        ("s3a://bucket.invalid/log/", "start Spark with hadoop-aws"),
        ("nostore://x/log.parquet", "check the address, and that Spark may read there"),
    ):
        with pytest.raises(InputError, match=f"^{address}: .*{mend}") as raised:
            check_input(spark, Settings(sources=(Source(path=address),)))
        assert "\n" not in str(raised.value)


def test_the_embedded_engine_itself_reads_no_address(tmp_path: Path) -> None:
    path = written(long_table(), tmp_path / "log.parquet")
    with DuckEngine() as duck:
        with pytest.raises(InputError, match=r"copy it here, or mount .*`run` and `check` copy it"):
            check_input(duck, Settings(sources=(Source(path=uri(path)),)))
        assert duck.store is None
        with pytest.raises(InputError, match="run with --engine spark"):
            store_at(duck, uri(path))


@pytest.mark.parametrize("change", ["grew", "disappeared", "appeared", "went broken"])
def test_a_file_that_changes_while_it_is_read_is_named(
    spark: SparkEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    paths = [Path(written(long_table(), tmp_path / "log" / f"{i}.parquet")) for i in range(2)]
    actual = remote.find_stored

    def find_and_change(store: Store, address: str) -> remote.StoredFiles:
        before = actual(store, address)
        if change == "grew":
            written(pa.concat_tables([long_table()] * 2), paths[1])
        elif change == "disappeared":
            paths[1].unlink()
        elif change == "appeared":
            written(long_table(), tmp_path / "log" / "9.parquet")
        else:
            paths[1].write_bytes(b"PAR1")
        return before

    monkeypatch.setattr("graphlink.ingest.sources.remote.find_stored", find_and_change)
    outcome = (
        "appeared"
        if change == "appeared"
        else "disappeared"
        if change == "disappeared"
        else "went from .* bytes"
    )
    with pytest.raises(InputError, match=f"{outcome} while it was read"):
        check_input(spark, Settings(sources=(Source(path=uri(str(tmp_path / "log"))),)))


def test_frames_and_databases_are_read_here_for_spark(spark: SparkEngine, tmp_path: Path) -> None:
    frame = pd.DataFrame(long_table().slice(0, 40).to_pandas())
    with DuckEngine() as duck:
        listed = []
        for engine in (duck, spark):
            check_input(engine, Settings(now=NOW), {"log": frame})
            listed.append(
                [sorted(map(repr, engine.arrow(f"SELECT * FROM {name}").to_pylist())) for name in TABLES]
            )
    assert listed[0] == listed[1]
    assert len(listed[0][2]) > 5


def test_the_folder_of_a_table_format_is_refused_by_spark_too(spark: SparkEngine, tmp_path: Path) -> None:
    """Spark hides what begins with a dot or an underscore, so that the markers have to be asked for."""
    tables = {
        "delta": ("Delta Lake", "_delta_log/0.json", "part-0.parquet"),
        "iceberg": ("Apache Iceberg", "metadata/v1.metadata.json", "data/0.parquet"),
        "hudi": ("Apache Hudi", ".hoodie/hoodie.properties", "day/0.parquet"),
        "stream": ("Spark Structured Streaming", "_spark_metadata/0", "part-0.parquet"),
    }
    for name, (form, marker, data) in tables.items():
        root = tmp_path / name / "t"
        path = Path(written(long_table(), root / data))
        (root / marker).parent.mkdir(exist_ok=True)
        (root / marker).write_text("{}", encoding="utf-8")
        for place in (root, path.parent, path, path.parent / "*.parquet", root.parent):
            with pytest.raises(InputError, match=f"{name}/t: this is an? {form} table"):
                check_input(spark, Settings(sources=(Source(path=uri(str(place))),)))
