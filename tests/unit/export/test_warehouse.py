"""Tables of a result back in a warehouse: Parquet, PostgreSQL and SQLite, all of them or none."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import graphlink
from graphlink.core.errors import QuestionError, ResultError, SettingsError

if TYPE_CHECKING:
    from pathlib import Path

    from graphlink import Result

KEY = b"a key of the tests, 32 bytes long"
COLUMN = 'plan"); DROP TABLE graphlink_links; --'


def counts(path: Path) -> dict[str, int]:
    with sqlite3.connect(path) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master")]
        rows = {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}
    connection.close()
    return rows


def expected_of(result: Result) -> dict[str, int]:
    return {f"graphlink_{name}": len(result.to_frame(name)) for name in ("clusters", "membership", "links")}


@pytest.fixture
def sqlite_driver() -> Any:
    return pytest.importorskip("adbc_driver_sqlite", reason="the extra graphlink[sqlite] is not installed")


@pytest.mark.parametrize("kind", [str, lambda path: path])
def test_parquet_of_tables_is_read_back(sample_result: Result, tmp_path: Path, kind: Any) -> None:
    folder = sample_result.to_parquet(kind(tmp_path / "out"), run="2026-03-01")
    assert sorted(path.name for path in folder.iterdir()) == [
        *("clusters.parquet", "export.json", "links.parquet", "membership.parquet"),
    ]
    links = pq.read_table(folder / "links.parquet")
    assert links.column_names[0] == "run"
    assert set(links["run"].to_pylist()) == {"2026-03-01"}
    assert links.drop_columns(["run"]).equals(sample_result.table("links"))
    with pytest.raises(ResultError, match="overwrite=True replaces it"):
        sample_result.to_parquet(folder)
    sample_result.to_parquet(folder, ["facts"], overwrite=True)
    assert sorted(path.name for path in folder.iterdir()) == ["export.json", "facts.parquet"]


def test_a_wrong_table_leaves_no_folder(sample_result: Result, tmp_path: Path) -> None:
    with pytest.raises(ResultError, match="no table 'nope'; there are accounts, clusters"):
        sample_result.to_parquet(tmp_path / "out", ["links", "nope"])
    with pytest.raises(QuestionError, match="tables: expected at least one"):
        sample_result.to_parquet(tmp_path / "out", [])
    with pytest.raises(ResultError, match="name a folder of this machine"):
        sample_result.to_parquet("s3://bucket/out")
    assert list(tmp_path.iterdir()) == []


def test_sqlite_gets_all_tables_and_more_rows_of_a_later_run(
    sample_result: Result, tmp_path: Path, sqlite_driver: Any
) -> None:
    expected, path = expected_of(sample_result), tmp_path / "w.db"
    assert sample_result.to_database(path, run="1", mode="append") == expected
    assert counts(path) == expected
    assert sample_result.to_database(str(path), run="2", mode="append") == expected
    assert counts(path) == {name: 2 * n for name, n in expected.items()}
    sample_result.to_database(path, mode="replace")
    assert counts(path) == expected


def test_a_table_that_is_there_undoes_all_the_others(
    sample_result: Result, tmp_path: Path, sqlite_driver: Any
) -> None:
    path = tmp_path / "w.db"
    sample_result.to_database(path, ["links"])
    with pytest.raises(ResultError, match=r"already exists; nothing was written\. mode='replace'"):
        sample_result.to_database(path)
    assert list(counts(path)) == ["graphlink_links"]
    with pytest.raises(ResultError, match="no table 'nope'"):
        sample_result.to_database(path, ["clusters", "nope"])
    assert list(counts(path)) == ["graphlink_links"]


@pytest.mark.usefixtures("sqlite_driver")
@pytest.mark.parametrize(
    ("address", "given", "error", "expected"),
    [
        ("mysql://u:s3cret@h/db", {}, SettingsError, r"known are PostgreSQL .* and SQLite files"),
        ("nope/x.db", {}, ResultError, "no such folder"),
        ("x.db", {"mode": "upsert"}, QuestionError, "mode: expected create, replace, append, found 'upsert'"),
        ("x.db", {"prefix": "a; drop"}, QuestionError, "prefix: expected a-z, 0-9 and _"),
        (":memory:", {"tables": []}, QuestionError, "tables: expected at least one"),
        ("postgresql://u:s3cret@127.0.0.1:1/x", {}, ResultError, "the database says: .*refused"),
    ],
)
def test_what_can_not_be_written_is_named_without_secrets(
    sample_result: Result, address: str, given: Any, error: type[Exception], expected: str
) -> None:
    pytest.importorskip("adbc_driver_postgresql", reason="the extra graphlink[postgres] is not installed")
    with pytest.raises(error, match=expected) as raised:
        sample_result.to_database(address, **given)
    assert "s3cret" not in str(raised.value)


def test_columns_of_the_input_are_names_and_nothing_else(
    sample_result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_driver: Any
) -> None:
    read = graphlink.Result.table

    def renamed(self: Result, name: str, columns: Any = None, where: Any = None) -> pa.Table:
        table = read(self, name, columns, where)
        return table.rename_columns([COLUMN if one == "plan" else one for one in table.column_names])

    monkeypatch.setattr(graphlink.Result, "table", renamed)
    sample_result.to_database(tmp_path / "w.db", ["links", "accounts"])
    assert set(counts(tmp_path / "w.db")) == {"graphlink_links", "graphlink_accounts"}
    with sqlite3.connect(tmp_path / "w.db") as connection:
        names = [row[1] for row in connection.execute("PRAGMA table_info(graphlink_accounts)")]
    connection.close()
    assert COLUMN in names


def test_a_redacted_result_writes_what_readers_may_see(
    sample_result: Result, tmp_path: Path, sqlite_driver: Any
) -> None:
    shown = graphlink.redact(sample_result, "partner", KEY)
    shown.to_database(tmp_path / "w.db", ["membership"])
    content = (tmp_path / "w.db").read_bytes()
    accounts = [name.encode() for name in sample_result.accounts["account_id"]]
    assert not [name for name in accounts if name in content]


@pytest.mark.slow
def test_postgresql_gets_all_tables_in_one_transaction(sample_result: Result, postgres: str) -> None:
    from adbc_driver_postgresql import dbapi

    expected = expected_of(sample_result)
    assert sample_result.to_database(postgres, run="1", mode="append") == expected
    sample_result.to_database(postgres, run="2", mode="append")
    with pytest.raises(ResultError, match="nothing was written") as raised:
        sample_result.to_database(postgres, ["accounts", "links"])
    assert "s3cret" not in str(raised.value)
    with dbapi.connect(postgres) as connection, connection.cursor() as cursor:
        for name, n in expected.items():
            cursor.execute(f"SELECT run, count(*) FROM {name} GROUP BY run ORDER BY run")
            assert cursor.fetchall() == [("1", n), ("2", n)]
        cursor.execute("SELECT to_regclass('graphlink_accounts')::text")
        assert cursor.fetchall() == [(None,)]
        cursor.execute("SELECT pg_typeof(first_seen)::text FROM graphlink_clusters LIMIT 1")
        assert cursor.fetchall() == [("timestamp with time zone",)]
    assert sample_result.to_database(postgres, mode="replace") == expected
