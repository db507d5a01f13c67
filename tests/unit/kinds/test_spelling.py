"""One spelling per account and value: numbers that were text, invisible characters, at every door alike."""

from __future__ import annotations

import decimal
import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphlink import run
from graphlink.core.settings import Placeholders, Pseudonymize, Settings, Source
from graphlink.engine.duck import DuckEngine
from graphlink.kinds.spelling import account_of, account_sql, has_lost_digits, lost_digits_sql, plain_sql
from tests.collected import check_input, collect_observations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Each number, and what it is as an account: a text, or the reason why it is none.
NUMBERS = {
    12.0: "12",
    4155550100.0: "4155550100",
    9007199254740991.0: "9007199254740991",
    9007199254740992.0: "lost_digits",
    1.23457e17: "lost_digits",
    1e300: "lost_digits",
    0.0: "placeholder",
    -1.0: "placeholder",
    7.5: "7.5",
}


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(memory="1GB", threads=1) as made:
        yield made


def _outcomes(
    engine: DuckEngine, *sources: Source, frames: dict[str, object] | None = None
) -> dict[int, str]:
    """What became of the account and of the value of each row, by n, which numbers the rows."""
    check_input(engine, Settings(sources=sources), frames)
    kept = engine.rows("SELECT n, account_id, value FROM observations ORDER BY n")
    text = {int(str(n)): f"{account} {value}" for n, account, value in kept}
    aside = engine.rows("SELECT row_number, reason FROM rejected_rows ORDER BY 1")
    return text | {int(str(row)): str(reason) for row, reason in aside}


def _expected() -> dict[int, str]:
    reasons = ("lost_digits", "placeholder")
    return {
        row: actual if actual in reasons else f"{actual} {actual}"
        for row, actual in enumerate(NUMBERS.values(), start=1)
    }


def _table(numbers: pa.Array) -> pa.Table:
    n = len(numbers)
    return pa.table({"account_id": numbers, "badge": numbers, "n": pa.array(range(1, n + 1), pa.int64())})


WIDE: dict[str, Any] = {"time": "", "count": "n", "kinds": {"badge": "badge"}}


def test_a_floating_column_gives_its_numbers_or_rejects_them(engine: DuckEngine, tmp_path: Path) -> None:
    table = _table(pa.array(list(NUMBERS), pa.float64()))
    pq.write_table(table, tmp_path / "doubles.parquet")
    path = str(tmp_path / "doubles.parquet")
    assert _outcomes(engine, Source(path=path, **WIDE)) == _expected()
    frames = {"frame": table.to_pandas()}
    assert _outcomes(engine, Source(name="frame", **WIDE), frames=frames) == _expected()


def test_numbers_of_json_are_numbers_and_texts_are_kept(engine: DuckEngine, tmp_path: Path) -> None:
    lines = [
        json.dumps({"account_id": x, "badge": x, "n": i}) for i, x in enumerate([*NUMBERS, "v1.0"], start=1)
    ]
    quoted = [
        json.dumps({"account_id": f"a{i}", "badge": x, "n": i})
        for i, x in enumerate(("12.0", "1.10"), start=20)
    ]
    (tmp_path / "rows.jsonl").write_text("\n".join(lines + quoted), encoding="utf-8")
    text = _outcomes(engine, Source(path=str(tmp_path / "rows.jsonl"), **WIDE))
    assert text == _expected() | {10: "v1.0 v1.0", 20: "a20 12.0", 21: "a21 1.10"}


def test_reals_of_sqlite_are_numbers_and_texts_are_kept(engine: DuckEngine, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "log.db")) as connection, connection:
        connection.execute("CREATE TABLE log (account_id REAL, badge REAL, n INTEGER)")
        connection.executemany(
            "INSERT INTO log VALUES (?, ?, ?)", [(x, x, i) for i, x in enumerate(NUMBERS, 1)]
        )
        connection.execute("CREATE TABLE texts (account_id TEXT, badge TEXT, n INTEGER)")
        connection.execute("INSERT INTO texts VALUES ('a', '12.0', 20), ('12.00', '1.10', 21)")
    path = str(tmp_path / "log.db")
    assert _outcomes(engine, Source(database=path, table="log", **WIDE)) == _expected()
    actual = _outcomes(engine, Source(database=path, table="texts", **WIDE))
    assert actual == {20: "a 12.0", 21: "12 1.10"}


def test_decimals_and_small_floats(engine: DuckEngine, tmp_path: Path) -> None:
    decimals = ["12.00", "12.50", "123456789012345678.00", "0.00", "100.00"]
    table = _table(pa.array([decimal.Decimal(text) for text in decimals], pa.decimal128(20, 2)))
    pq.write_table(table, tmp_path / "decimals.parquet")
    actual = _outcomes(engine, Source(path=str(tmp_path / "decimals.parquet"), **WIDE))
    whole = "123456789012345678"
    assert actual == {1: "12 12", 2: "12.5 12.5", 3: f"{whole} {whole}", 4: "placeholder", 5: "100 100"}
    floats = _table(
        pa.array([12.0, 16777215.0, 16777216.0, 16777217.0, float("nan"), float("inf")], pa.float32())
    )
    pq.write_table(floats, tmp_path / "floats.parquet")
    actual = _outcomes(engine, Source(path=str(tmp_path / "floats.parquet"), **WIDE))
    lost = dict.fromkeys((3, 4), "lost_digits") | dict.fromkeys((5, 6), "null_account")
    assert actual == {1: "12 12", 2: "16777215 16777215"} | lost


def test_an_infinite_value_is_a_placeholder_and_nan_an_empty_cell(engine: DuckEngine) -> None:
    frame = pd.DataFrame({"account_id": ["a", "b", "c"], "badge": [float("inf"), None, 2.0], "n": [1, 2, 3]})
    actual = _outcomes(engine, Source(name="frame", **WIDE), frames={"frame": frame})
    assert actual == {1: "placeholder", 3: "c 2"}


@pytest.mark.slow
@pytest.mark.parametrize("kind", [pa.float64(), pa.float32()])
@pytest.mark.parametrize("has_infinity", [False, True])
def test_nan_in_parquet_is_an_empty_cell_of_any_role(
    engine: DuckEngine, tmp_path: Path, kind: pa.DataType, *, has_infinity: bool
) -> None:
    # Without an infinity the file's statistics are finite, and the engine believes them.
    nan, last = float("nan"), float("inf") if has_infinity else 7.0
    columns = {
        "account_id": ["a", "b", "c", "d"],
        "badge": pa.array([1.0, nan, 3.0, last], kind),
        "n": pa.array([nan, 2.0, 3.0, 4.0], kind),
        "at": pa.array([1_764_547_200.0, nan, nan, 1_764_547_200.0], pa.float64()),
    }
    pq.write_table(pa.table(columns), tmp_path / "log.parquet")
    source = Source(path=str(tmp_path / "log.parquet"), **{**WIDE, "time": "at", "time_format": "epoch_s"})
    facts: Any = check_input(engine, Settings(now="2026-01-01T00:00:00Z", sources=(source,)))
    rows = engine.rows("SELECT account_id, value, n, seen_at IS NULL FROM observations ORDER BY ALL")
    expected = [("a", "1", 1, False), ("c", "3", 3, True)]
    assert rows == (expected if has_infinity else [*expected, ("d", "7", 4, False)])
    assert facts["sources"][0]["rejected_rows"] == ({"placeholder": 1} if has_infinity else {})
    nobody = pa.table(
        {"account_id": pa.array([1.0, nan, 3.0], kind), "badge": ["x", "y", "z"], "n": [1, 1, 1]}
    )
    pq.write_table(nobody, tmp_path / "nobody.parquet")
    settings = Settings(sources=(Source(path=str(tmp_path / "nobody.parquet"), **WIDE),))
    facts = check_input(engine, settings)
    assert facts["sources"][0]["rejected_rows"] == {"null_account": 1}


def test_texts_of_numbers_in_csv(engine: DuckEngine, tmp_path: Path) -> None:
    cells = {
        "12.0": "12 12.0",
        "12.00": "12 12.00",
        "-5.0": "-5 -5.0",
        "1.234567E6": "1234567 1.234567E6",
        "007": "007 007",
        "007.0": "007.0 007.0",
        "1e5": "1e5 1e5",
        "1.10": "1.10 1.10",
        "1.23457E+17": "lost_digits",
        "1E+05": "lost_digits",
        "9007199254740993.0": "lost_digits",
        "9007199254740993": "9007199254740993 9007199254740993",
        "1.2.0": "1.2.0 1.2.0",
    }
    rows = "".join(f"{text},{text},{i}\n" for i, text in enumerate(cells, start=1))
    (tmp_path / "log.csv").write_text(f"account_id,badge,n\n{rows}", encoding="utf-8")
    actual = _outcomes(engine, Source(path=str(tmp_path / "log.csv"), **WIDE))
    assert list(dict(sorted(actual.items())).values()) == list(cells.values())


_NEAR = st.from_regex(r"\A[+-]?[0-9]{1,18}([.,][0-9]{0,9}0{0,3})?([eE][+-]?[0-9]{1,3})?\Z") | st.text(
    "0123.eE+, \u200bé", max_size=12
)


@pytest.mark.slow
@given(texts=st.lists(_NEAR, max_size=40))
def test_sql_and_python_make_the_same_account(engine: DuckEngine, texts: list[str]) -> None:
    engine.load("cells", pa.table({"v": pa.array(texts, pa.string())}))
    made, is_plain = account_sql("v", plain_sql("v")), plain_sql("v")
    rows = engine.rows(f"SELECT v, {made}, coalesce({lost_digits_sql('v')}, false), {is_plain} FROM cells")
    assert [row[:3] for row in rows] == [(text, account_of(text), has_lost_digits(text)) for text in texts]
    plain = [str(row[0]) for row in rows if row[3]]
    assert plain == [account_of(text) for text in plain]
    assert not any(map(has_lost_digits, plain))


@given(text=_NEAR)
def test_an_account_is_its_own_account(text: str) -> None:
    assert account_of(account_of(text)) == account_of(text)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "expected"),
    [("2.0", 2), ("2", 2), ("1e3", 1000), ("2.7", None), ("0.5", None), ("nan", None), ("1,200", None)],
)
def test_a_count_is_a_whole_number(engine: DuckEngine, tmp_path: Path, n: str, expected: int | None) -> None:
    (tmp_path / "log.csv").write_text(f'account_id,badge,n\na,x,"{n}"\nb,x,7\n', encoding="utf-8")
    facts = check_input(engine, Settings(sources=(Source(path=str(tmp_path / "log.csv"), **WIDE),)))
    kept = engine.rows("SELECT n FROM observations WHERE account_id = 'a'")
    assert kept == ([] if expected is None else [(expected,)])
    assert facts["rejected_rows"] == ({"bad_count": 1} if expected is None else {})


@pytest.mark.parametrize("cast", [float, decimal.Decimal])
def test_a_count_of_a_typed_column_is_a_whole_number(engine: DuckEngine, cast: type) -> None:
    n = [cast("2.7"), cast("2.0"), None]
    log = {"account_id": list("abc"), "kind": ["badge"] * 3, "value": list("xyz"), "n": n}
    check_input(engine, Settings(), {"log": pa.table(log)})
    assert engine.rows("SELECT account_id, n FROM observations ORDER BY 1") == [("b", 2), ("c", 1)]
    assert engine.rows("SELECT reason FROM rejected_rows") == [("bad_count",)]


def _warnings(facts: dict[str, Any]) -> list[str]:
    return [warning for warning in facts["warnings"] if "no column 'seen_at'" not in warning]


def _long(accounts: list[str], values: list[str]) -> pa.Table:
    return pa.table({"account_id": accounts, "kind": ["badge"] * len(accounts), "value": values})


def test_accounts_that_name_nobody_are_rejected_and_counted(engine: DuckEngine) -> None:
    nobody = ["None", "nan", "NULL", "N/A", "-", "0", "\\N", "unknown", "Anonymous", "00000000", "true"]
    nobody += ["00000000-0000-0000-0000-000000000000", "d41d8cd98f00b204e9800998ecf8427e", "test"]
    accounts = ["ann", "nonesuch", "10", *nobody, "x\x9by", "x\x1by"]
    facts = check_input(engine, Settings(), {"log": _long(accounts, [f"v{i}" for i in range(len(accounts))])})
    assert engine.rows("SELECT account_id FROM accounts ORDER BY 1") == [("10",), ("ann",), ("nonesuch",)]
    reasons = {"placeholder": 12, "empty_digest": 1, "test_value": 1, "control_character": 2}
    assert facts["rejected_rows"] == reasons
    rows = engine.rows(
        "SELECT column_name, detail FROM rejected_rows WHERE reason = 'placeholder' ORDER BY 2"
    )
    assert rows[0][0] == "account_id"
    assert "found '-'; it stands for a missing one" in str(rows[0][1])


def test_the_settings_keep_and_reject_accounts(engine: DuckEngine) -> None:
    placeholders = Placeholders(keep={"account": ("Unknown", "0")}, reject={"Account": ("kiosk",)})
    frame = _long(["UNKNOWN", "0", "none", "Kiosk ", "ann"], list("abcde"))
    facts = check_input(engine, Settings(placeholders=placeholders), {"log": frame})
    assert engine.rows("SELECT account_id FROM accounts ORDER BY 1") == [("0",), ("UNKNOWN",), ("ann",)]
    assert facts["rejected_rows"] == {"placeholder": 2}


@pytest.mark.slow
def test_strangers_who_were_logged_without_an_account_are_no_cluster(tmp_path: Path) -> None:
    rows = [(f"user{i:03}", "payment", f"fp_{i // 2 if i < 20 else i}") for i in range(200)]
    rows += [(f"user{i:03}", "client", f"browser-{i}") for i in range(200)]
    # What strangers do while they are not logged in stands under one name.
    for name in ("None", "user7x"):
        rows += [(name, kind, value) for user, kind, value in rows[:400] if int(user[4:]) % 5 == 0]
    for name, is_there in (("None", False), ("user7x", True)):
        own = [row for row in rows if row[0] in (name, *(f"user{i:03}" for i in range(200)))]
        columns = dict(zip(("account_id", "kind", "value"), map(list, zip(*own, strict=True)), strict=True))
        result = run(pa.table(columns), out=tmp_path / name)
        assert (name in set(result.accounts.account_id)) == is_there
        assert (name in set(result.links.account_id_l) | set(result.links.account_id_r)) == is_there


def test_spellings_that_became_one_are_counted_and_named(engine: DuckEngine) -> None:
    spellings = [
        "victim",
        "victim ",
        "\u200bvictim",
        "victim\u00a0",
        "\ufeffvictim",
        "\tvictim",
        "victim\u2060",
    ]
    accounts = [*spellings, "12.0", "12", "e\u0301", "other "]
    values = [*(f"v{i}" for i in range(7)), "x", "x ", "x\u200b", "y "]
    facts = check_input(engine, Settings(), {"log": _long(accounts, values)})
    of_values, of_accounts = _warnings(facts)
    assert of_accounts.startswith("9 spellings became 2 accounts;")
    assert "'victim' (of 7, such as '\\tvictim'), '12' (of 2, such as '12.0')" in of_accounts
    assert of_values.startswith("3 spellings became 1 badge value;")
    assert "'x' (of 3, such as 'x ')" in of_values
    assert engine.rows("SELECT count(*) FROM accounts") == [(4,)]


def test_names_that_are_hashed_are_counted_and_not_named(engine: DuckEngine, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(b"0123456789abcdef")
    key.chmod(0o600)
    settings = Settings(pseudonymize=Pseudonymize(("account", "badge"), str(key)))
    facts = collect_observations(
        engine, settings, {"log": _long(["victim", "victim "], ["secret", "secret "])}
    )
    assert [warning.split(";")[0] for warning in _warnings(facts)] == [
        "2 spellings became 1 badge value",
        "2 spellings became 1 account",
    ]
    assert "victim" not in str(facts)
    assert "secret" not in str(facts)


def test_spellings_that_are_kept_apart_are_named(engine: DuckEngine) -> None:
    accounts = ["0123", "123", "1,234", "1234", "'77", "77", "Ann", "ann", "5", "6"]
    values = [*(f"v{i}" for i in range(8)), "12.0", "12"]
    facts = check_input(engine, Settings(), {"log": _long(accounts, values)})
    apart, of_values = _warnings(facts)
    assert apart.startswith(
        "4 accounts have two spellings that differ by case, spaces, invisible characters, zeros"
    )
    assert (
        "1 values of kind badge are there with and without a fraction of zeros, such as '12' and '12.0'"
        in of_values
    )
    assert engine.rows("SELECT count(*) FROM accounts") == [(10,)]
