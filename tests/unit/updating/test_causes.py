"""Why an update reads all files: what a result does not keep; and then its tables are those of all files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import duckdb
import pytest

from graphlink.core.errors import ResultError
from graphlink.core.settings import EngineSettings
from graphlink.pipeline import run
from graphlink.updating import update_task
from tests.updated import assert_equal, fallback_of, reading_only, write_log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ONE = EngineSettings(threads=1, memory="500MB")
COLUMNS = ("account_id", "seen_at", "until", "card", "model", "ip", "proxy")
ROWS = [
    ("a", "2026-03-01T10:00:00Z", "2026-03-02T10:00:00Z", "c1", "m1", "203.0.113.9", "relay"),
    ("b", "2026-03-01T11:00:00Z", "", "c1", "m2", "203.0.113.1", "relay"),
]
LISTS = "network,label,type\n203.0.113.0/29,relay.example,router\n"
SOURCE = '[[sources]]\npath = "log"\nkinds = { payment = "card" }\n'
HASHED = '[pseudonymize]\nkinds = ["payment", "account"]\nkey_file = "key"\n'
PLAIN = 'now = "2026-06-01T00:00:00Z"\n' + SOURCE


@pytest.fixture(autouse=True)
def _reading_only() -> Iterator[None]:
    with reading_only():
        yield


def folder_of(tmp_path: Path, settings: str) -> Path:
    """A folder with a log of one file, lists, a key and settings; gives the settings."""
    write_log(tmp_path / "log" / "a.csv", ROWS, COLUMNS)
    (tmp_path / "lists.csv").write_text(LISTS, encoding="utf-8")
    (tmp_path / "ids.csv").write_text("id,account_id\na,x\nb,y\n", encoding="utf-8")
    (tmp_path / "key").write_text("k" * 32, encoding="utf-8")
    (tmp_path / "key").chmod(0o600)
    (tmp_path / "graphlink.toml").write_text(settings, encoding="utf-8")
    return tmp_path / "graphlink.toml"


@pytest.mark.parametrize(
    ("settings", "cause"),
    [
        (PLAIN, ""),
        (PLAIN + HASHED, ""),
        (PLAIN + 'facts = { model = "model" }\n', "mapped as facts"),
        (PLAIN + 'until = "until"\n', "stand for several moments"),
        (PLAIN + 'lookup = "ids"\n[[lookups]]\nname = "ids"\npath = "ids.csv"\n', "looked up by other ids"),
        (
            PLAIN.replace("payment", 'ip = "ip", payment') + '[[references]]\npath = "lists.csv"\n',
            "",
        ),
        (
            PLAIN.replace("payment", 'ip = "ip", router = "proxy", payment')
            + '[[references]]\npath = "lists.csv"\n',
            "kind router come from rows and from reference lists",
        ),
        (
            PLAIN.replace("payment", 'ip = "ip", payment')
            + '[[references]]\npath = "lists.csv"\n'
            + HASHED.replace("payment", "ip"),
            "addresses are hashed",
        ),
        (
            PLAIN + HASHED + '[placeholders.reject]\npayment = ["c9"]\n',
            "placeholders of hashed kinds are not kept",
        ),
        (
            'now = "2026-02-20T00:00:00Z"\n' + SOURCE,
            "",
        ),
    ],
    ids=[
        *("plain", "hashed", "facts", "until", "lookups", "routers by lists", "routers by both"),
        *("hashed addresses", "hashed placeholders", "the same now"),
    ],
)
def test_what_a_result_does_not_keep_is_read_again(tmp_path: Path, settings: str, cause: str) -> None:
    source = folder_of(tmp_path, settings)
    if "2026-02-20" in settings:
        write_log(tmp_path / "log" / "0.csv", [("c", "2026-02-01T10:00:00Z", "", "c1", "m", "", "")], COLUMNS)
    first = run(source, out=tmp_path / "r", limits=ONE)
    write_log(tmp_path / "log" / "b.csv", [(f"z{one[0]}", *one[1:]) for one in ROWS] + ROWS[:1] * 2, COLUMNS)
    updated = run(source, update=first, out=tmp_path / "u", limits=ONE)
    whole = run(source, model=first.path, out=tmp_path / "w", limits=ONE)
    assert_equal(updated, whole)
    assert cause in fallback_of(updated)
    assert bool(cause) == bool(fallback_of(updated))


def test_another_key_would_hash_one_account_to_two(tmp_path: Path) -> None:
    source = folder_of(tmp_path, PLAIN + HASHED)
    first = run(source, out=tmp_path / "r", limits=ONE)
    (tmp_path / "key").write_text("other" * 8, encoding="utf-8")
    write_log(tmp_path / "log" / "b.csv", [("c", *ROWS[0][1:])], COLUMNS)
    updated = run(source, update=first, out=tmp_path / "u", limits=ONE)
    assert "another key" in fallback_of(updated)
    assert_equal(updated, run(source, model=first.path, out=tmp_path / "w", limits=ONE))


@pytest.mark.parametrize(
    ("later", "cause"),
    [("2026-02-10T00:00:00Z", "future_time"), ("2026-02-20T00:00:00Z", "")],
)
def test_a_row_of_the_future_may_be_accepted_later(tmp_path: Path, later: str, cause: str) -> None:
    past = ("c", "2026-02-01T10:00:00Z", "", "c1", "m", "", "")
    source = folder_of(tmp_path, 'now = "2026-02-20T00:00:00Z"\n' + SOURCE)
    write_log(tmp_path / "log" / "0.csv", [past], COLUMNS)
    first = run(source, out=tmp_path / "r", limits=ONE)
    source.write_text(f'now = "{later}"\n{SOURCE}', encoding="utf-8")
    write_log(tmp_path / "log" / "b.csv", [past], COLUMNS)
    updated = run(source, update=first, out=tmp_path / "u", limits=ONE)
    assert cause in fallback_of(updated)
    assert bool(cause) == bool(fallback_of(updated))
    assert_equal(updated, run(source, model=first.path, out=tmp_path / "w", limits=ONE))


def test_a_now_before_what_was_read_rejects_it(tmp_path: Path) -> None:
    source = folder_of(tmp_path, PLAIN)
    first = run(source, out=tmp_path / "r", limits=ONE)
    source.write_text('now = "2026-02-25T00:00:00"\n' + SOURCE, encoding="utf-8")
    write_log(tmp_path / "log" / "b.csv", [("c", "2026-02-01T10:00:00Z", "", "c1", "m", "", "")], COLUMNS)
    updated = run(source, update=first, out=tmp_path / "u", limits=ONE)
    assert "now is before" in fallback_of(updated)
    assert updated.table("observations")["account_id"].to_pylist() == ["c"]


@pytest.mark.parametrize(
    ("field", "value", "cause"),
    [("graphlink", "0.1.0", "graphlink 0.1.0"), ("plugins", [{"name": "x"}], "plugins")],
)
def test_another_version_and_plugins_may_have_read_otherwise(
    tmp_path: Path, field: str, value: object, cause: str
) -> None:
    source = folder_of(tmp_path, PLAIN)
    first = run(source, out=tmp_path / "r", limits=ONE)
    manifest = json.loads((first.path / "run.json").read_text(encoding="utf-8")) | {field: value}
    (first.path / "run.json").write_text(json.dumps(manifest), encoding="utf-8")
    write_log(tmp_path / "log" / "b.csv", ROWS[:1], COLUMNS)
    assert cause in fallback_of(run(source, update=first.path, limits=ONE))
    with pytest.raises(ResultError, match=f"new files alone: .*{cause}.*--model"):
        run(tmp_path / "log" / "b.csv", update=first.path)


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ("path = 'log'", ""),
        ("path = 'log/*.csv'", "no longer have the source"),
        ("gone", "a.csv of the source 'log' is gone"),
        ("order", "another order"),
    ],
)
def test_files_that_can_not_be_compared_are_read_again(tmp_path: Path, change: str, cause: str) -> None:
    second = '[[sources]]\npath = "pay.csv"\nkinds = { payment = "card" }\n'
    source = folder_of(tmp_path, PLAIN + second)
    write_log(tmp_path / "pay.csv", ROWS, COLUMNS)
    write_log(tmp_path / "log" / "b.csv", ROWS[1:], COLUMNS)
    first = run(source, out=tmp_path / "r", limits=ONE)
    write_log(tmp_path / "log" / "c.csv", ROWS[:1], COLUMNS)
    if change == "gone":
        (tmp_path / "log" / "a.csv").unlink()
    elif change == "order":
        source.write_text(PLAIN.partition("\n")[0] + "\n" + second + SOURCE, encoding="utf-8")
    elif cause:
        source.write_text((PLAIN + second).replace('path = "log"', change), encoding="utf-8")
    updated = run(source, update=first, out=tmp_path / "u", limits=ONE)
    assert cause in fallback_of(updated)
    assert bool(cause) == bool(fallback_of(updated))
    assert_equal(updated, run(source, model=first.path, out=tmp_path / "w", limits=ONE))


def test_columns_in_names_of_folders_depend_on_all_files(tmp_path: Path) -> None:
    settings = PLAIN.replace("kinds = {", 'time = "day"\nkinds = {')
    source = folder_of(tmp_path, settings)
    (tmp_path / "log" / "a.csv").unlink()
    write_log(tmp_path / "log" / "day=2026-03-01" / "a.csv", ROWS, COLUMNS)
    write_log(tmp_path / "log" / "day=2026-03-02" / "b.csv", ROWS[1:], COLUMNS)
    first = run(source, out=tmp_path / "r", limits=ONE)
    write_log(tmp_path / "log" / "day=2026-03-03" / "c.csv", ROWS[:1], COLUMNS)
    updated = run(source, update=first, out=tmp_path / "u", limits=ONE)
    assert "give columns" in fallback_of(updated)
    assert_equal(updated, run(source, model=first.path, out=tmp_path / "w", limits=ONE))


@pytest.mark.parametrize(
    ("name", "created", "cause"),
    [
        ("accounts.csv", "never", ""),
        ("log.csv", "2026-01-01", ""),
        ("log.csv", "never", "a table of accounts is named as one of observations"),
    ],
)
def test_rejected_accounts_are_those_of_today(tmp_path: Path, name: str, created: str, cause: str) -> None:
    write_log(tmp_path / "in" / name, [("a", created)], ("account_id", "created_at"))
    source = folder_of(tmp_path, PLAIN.replace('"log"', '"log*.csv"') + f'[accounts]\npath = "in/{name}"\n')
    write_log(tmp_path / "log.csv", [*ROWS, ("", *ROWS[0][1:])], COLUMNS)
    first = run(source, out=tmp_path / "r", limits=ONE)
    write_log(tmp_path / "in" / name, [("b", "2026-01-01")], ("account_id", "created_at"))
    write_log(tmp_path / "log2.csv", ROWS[:1], COLUMNS)
    updated = run(source, update=first, out=tmp_path / "u", limits=ONE)
    assert cause in fallback_of(updated)
    assert bool(cause) == bool(fallback_of(updated))
    assert_equal(updated, run(source, model=first.path, out=tmp_path / "w", limits=ONE))


def test_rejected_accounts_of_a_database_are_those_of_today(tmp_path: Path) -> None:
    def write(*rows: str) -> None:
        with duckdb.connect(str(tmp_path / "crm.duckdb")) as crm:
            crm.execute("CREATE OR REPLACE TABLE holders (account_id VARCHAR, created_at VARCHAR)")
            crm.execute(f"INSERT INTO holders VALUES {', '.join(rows)}")

    source = folder_of(tmp_path, PLAIN + '[accounts]\ndatabase = "crm.duckdb"\ntable = "holders"\n')
    write("('a', 'never')")
    first = run(source, out=tmp_path / "r", limits=ONE)
    assert first.table("rejected_rows").num_rows == 1
    write("('a', '2026-01-01')")
    write_log(tmp_path / "log" / "b.csv", ROWS[:1], COLUMNS)
    updated = run(source, update=first, out=tmp_path / "u", limits=ONE)
    assert fallback_of(updated) == ""
    assert updated.table("rejected_rows").num_rows == 0
    assert_equal(updated, run(source, model=first.path, out=tmp_path / "w", limits=ONE))


def test_spark_reads_all_files(tmp_path: Path) -> None:
    source = folder_of(tmp_path, PLAIN)
    first = run(source, out=tmp_path / "r", limits=ONE)
    task = update_task(first, source, limits=EngineSettings(name="spark"))
    assert task.update["fallback"] == "Spark reads all files"
    assert task.earlier is None
    assert update_task(first, source, limits=ONE).earlier is not None


def test_names_in_run_json_are_no_sql(tmp_path: Path) -> None:
    source = folder_of(tmp_path, PLAIN)
    first = run(source, out=tmp_path / "r", limits=ONE)
    manifest = json.loads((first.path / "run.json").read_text(encoding="utf-8"))
    steps = {step["step"]: step["facts"] for step in manifest["steps"]}
    steps["routers"]["x') OR kind IN ('payment"] = {}
    (first.path / "run.json").write_text(json.dumps(manifest), encoding="utf-8")
    write_log(tmp_path / "log" / "b.csv", ROWS[:1], COLUMNS)
    updated = run(source, update=first.path, limits=ONE)
    assert updated.table("observations")["account_id"].to_pylist() == ["a", "b"]
