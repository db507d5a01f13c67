"""A query over files joins and filters them, and can read nothing else of this machine."""

from __future__ import annotations

import gzip
import traceback
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import graphlink
from graphlink.api.results import Result
from graphlink.core.errors import InputError, SettingsError
from graphlink.core.settings import Settings, Source
from graphlink.engine.duck import DuckEngine
from graphlink.ingest.sources.place import ColumnSpec, Place
from graphlink.ingest.sources.stage import stage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=2) as made:
        yield made


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a log, a table of customers, and a secret of this machine."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret.txt").write_text("of-this-machine", encoding="ascii")
    for day, rows in (("01", "c1,93.184.1.9\nc2,93.184.1.9\n"), ("02", "c3,93.184.1.8\n")):
        folder = tmp_path / "log" / f"dt=2026-03-{day}"
        folder.mkdir(parents=True)
        (folder / "x.csv").write_text(f"customer,ip\n{rows}", encoding="ascii")
    (tmp_path / "customers.jsonl").write_text(
        '{"id": "c1", "account": {"id": "a1"}, "status": "paid", "odd\\"key": 1}\n'
        '{"id": "c2", "account": {"id": "a2"}, "status": "open"}\n'
        '{"id": "c3", "account": {"id": "a3"}, "status": "paid", "late": "x"}\n',
        encoding="ascii",
    )
    amounts = pa.table({"customer": ["c1", "c2", "c3"], "amount": [5, 7, 9]})
    pq.write_table(amounts, tmp_path / "amounts.parquet")
    return tmp_path


def rows(engine: DuckEngine, home: Path, query: str, path: str = "log") -> list[tuple[object, ...]]:
    joins = {"customers": str(home / "customers.jsonl"), "amounts": str(home / "amounts.parquet")}
    place = Place("log", path=str(home / path), query=query, joins=joins)
    specs = [ColumnSpec("account", "account_id", "account"), ColumnSpec("value", "value", "value")]
    stage(engine, place, specs, "staged")
    return engine.rows("SELECT account, value FROM staged ORDER BY row")


def refused(engine: DuckEngine, home: Path, query: str) -> str:
    before = sorted(path.name for path in home.rglob("*"))
    with pytest.raises(InputError) as caught:
        rows(engine, home, query)
    assert sorted(path.name for path in home.rglob("*")) == before
    assert "of-this-machine" not in "".join(traceback.format_exception(caught.value))
    return str(caught.value)


def test_files_are_joined_and_filtered_in_order(engine: DuckEngine, home: Path) -> None:
    query = (
        "SELECT record->>'$.account.id' AS account_id, ip || '/' || dt || '/' || amount AS value FROM files "
        "JOIN customers ON id = customer JOIN amounts USING (customer) "
        "WHERE status = 'paid' AND amount > 4 ORDER BY amount DESC -- the largest first"
    )
    assert rows(engine, home, query) == [
        ("a3", "93.184.1.8/2026-03-02/9"),
        ("a1", "93.184.1.9/2026-03-01/5"),
    ]
    query = 'SELECT id AS account_id, "odd""key" || late AS value FROM customers WHERE late IS NOT NULL'
    assert rows(engine, home, query.replace('"odd""key" || ', "")) == [("c3", "x")]


def test_files_of_other_columns_add_rows(engine: DuckEngine, home: Path) -> None:
    with gzip.open(home / "log" / "more.csv.gz", "wt", encoding="ascii") as file:
        file.write("ip;customer;port\n93.184.1.7;c9;80\n")
    query = "SELECT customer AS account_id, coalesce(port, ip) AS value FROM files ORDER BY customer"
    assert rows(engine, home, query)[-1] == ("c9", "80")
    assert len(rows(engine, home, query)) == 4


def test_a_name_with_signs_of_a_glob_names_one_file(engine: DuckEngine, home: Path) -> None:
    odd = home / "a[b]*c'd.csv"
    odd.write_text("account_id,value\na1,x\n", encoding="ascii")
    assert rows(engine, home, "FROM files", odd.name) == [("a1", "x")]


@pytest.mark.slow
@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('secret.txt')",
        "SELECT * FROM read_text('log/../secret.txt')",
        "SELECT * FROM read_blob('secret.tx?')",
        "SELECT * FROM glob('*')",
        "FROM 'secret.txt'",
        "FROM read_parquet('https://example.org/x.parquet')",
        "SELECT * FROM query('FROM read_text(''secret.txt'')')",
        "SELECT * FROM engine",  # a variable of this program
        "SELECT getenv('HOME') AS account_id",
        "COPY files TO 'written.csv'",
        "SELECT 1 AS account_id; COPY files TO 'written.csv'",
        "ATTACH 'written.duckdb'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET allowed_paths = ['/etc/passwd']",
        "RESET lock_configuration",
        "CREATE TABLE more AS SELECT 1",
        "CREATE OR REPLACE VIEW files AS SELECT 1",
        "EXPORT DATABASE 'written'",
        "PRAGMA database_list",
        "CALL pragma_version()",
        "-- nothing",
    ],
)
def test_a_query_over_files_can_do_nothing_else(engine: DuckEngine, home: Path, query: str) -> None:
    assert "expected one SELECT that reads files, customers, amounts" in refused(engine, home, query)


def test_a_broken_line_is_named_and_not_dropped(engine: DuckEngine, home: Path) -> None:
    path = home / "log" / "dt=2026-03-02" / "x.csv"
    with path.open("a", encoding="ascii") as file:
        file.write("c4,93.184.1.6,too,many\n")
    message = refused(engine, home, "SELECT customer AS account_id, ip AS value FROM files")
    assert "x.csv, line 3: " in message


def test_an_open_quote_that_swallows_rows_is_named(engine: DuckEngine, home: Path) -> None:
    good = "".join(f"c{i},93.184.1.{i}\n" for i in range(50))
    path = home / "quoted.csv"
    path.write_text(f'customer,ip\n{good}bad,"oops\n{good}x,y"\n', encoding="ascii")
    with pytest.raises(InputError, match=r"quoted\.csv, line 52: a quote is opened and not closed"):
        rows(engine, home, "SELECT customer AS account_id, ip AS value FROM files", "quoted.csv")


def test_broken_json_is_an_error_of_its_file(engine: DuckEngine, home: Path) -> None:
    with (home / "customers.jsonl").open("a", encoding="ascii") as file:
        file.write('{"id": \n')
    assert "expected one SELECT" in refused(
        engine, home, "SELECT id AS account_id, status AS value FROM customers"
    )


@pytest.mark.slow
def test_a_run_and_its_manifest_know_all_files(home: Path) -> None:
    account = "record->>'$.account.id' AS account_id"
    (home / "graphlink.toml").write_text(
        '[[sources]]\nname = "requests"\npath = "log"\njoins = { customers = "customers.jsonl" }\n'
        f'query = "SELECT {account}, ip, dt FROM files JOIN customers ON id = customer"\n'
        'time = "dt"\nkinds = { ip = "ip" }\n'
        f'[accounts]\npath = "customers.jsonl"\nquery = "SELECT {account}, status FROM files"\n',
        encoding="utf-8",
    )
    result = graphlink.run(home / "graphlink.toml")
    assert isinstance(result, Result)
    assert result.accounts.set_index("account_id").status.to_dict() == {
        "a1": "paid",
        "a2": "open",
        "a3": "paid",
    }
    text = str(result.manifest)
    assert str(home) not in text
    assert {"x.csv", "customers.jsonl"} <= {
        name.rsplit("/", 1)[-1] for name in text.replace("'", " ").split() if "." in name
    }


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"path": "log", "joins": {"t": "t.csv"}}, "joins: expected a path and a query"),
        ({"database": "x.duckdb", "query": "FROM t", "joins": {"t": "t.csv"}}, "joins: expected a path"),
        ({"path": "log", "query": "FROM t", "joins": {"files": "t.csv"}}, "other than files"),
        ({"path": "log", "query": "FROM t", "joins": {"a b": "t.csv"}}, "a name of a-z"),
        ({"path": "log", "query": "FROM t", "joins": {"t": ""}}, "a path"),
        ({"path": "log", "query": "FROM t", "records": "Records"}, "records: a query over files"),
    ],
)
def test_joins_that_mean_nothing_are_refused(given: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        Source(**given)  # type: ignore[arg-type]  # of several types


def test_settings_without_joins_keep_their_fingerprint() -> None:
    source = Source(path="log.csv")
    assert "joins" not in Settings(sources=(source,)).stated()["sources"][0]
