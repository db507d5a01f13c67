"""Facts on ingest: summed up by hour or day, bad cells rejected, and no identifier touched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from graphlink.core.errors import InputError
from graphlink.core.settings import FactSettings, Pseudonymize, Settings, Source
from graphlink.core.tables.facts import FACT_CATEGORIES, FACT_DAYS, FACT_HOURS
from graphlink.engine.duck import DuckEngine
from graphlink.ingest.observations import call_facts
from graphlink.kinds import pseudonym
from tests.collected import collect_observations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = "2026-01-31T00:00:00Z"
FACTS = {"model": "model", "tokens": "out", "score": "risk"}
KEY = b"0123456789abcdef0123456789abcdef"
Row = tuple[object, ...]


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(memory="1GB", threads=1) as made:
        yield made


def calls(*rows: tuple[Any, ...]) -> pa.Table:
    """Rows of (account, seen_at, ip, model, tokens, score), as text."""
    names = ("account_id", "seen_at", "ip", "model", "out", "risk")
    columns = zip(*rows, strict=True)
    return pa.table({n: pa.array(list(c), pa.string()) for n, c in zip(names, columns, strict=True)})


def collect(engine: DuckEngine, frame: pa.Table, **settings: Any) -> dict[str, Any]:
    source = Source(name="frame", kinds={"ip": "ip"}, facts=FACTS)
    facts = collect_observations(engine, Settings(now=NOW, sources=(source,), **settings), {"frame": frame})
    for spec in (FACT_CATEGORIES, FACT_HOURS, FACT_DAYS):
        spec.check_made(engine)
        spec.check_rows(engine)
    return facts


def hours(engine: DuckEngine) -> list[Row]:
    return engine.rows(
        "SELECT account_id, category, hour_no, n, first_s FROM fact_hours JOIN fact_categories USING "
        "(category_no) JOIN account_numbers USING (account_no) ORDER BY ALL"
    )


def days(engine: DuckEngine) -> list[Row]:
    return engine.rows(
        "SELECT account_id, fact, day_no, n, total, n_above FROM fact_days "
        "JOIN account_numbers USING (account_no) ORDER BY ALL"
    )


IP = "8.8.8.8"
FIRST = 1_767_225_600  # 2026-01-01T00:00:00Z


def test_calls_are_summed_up_by_hour_and_day(engine: DuckEngine) -> None:
    frame = calls(
        ("a", "2026-01-01T00:10:00Z", IP, "m1", "100", "0.2"),
        ("a", "2026-01-01T00:50:00Z", IP, " m1 ", "0.5", "0.5"),
        ("a", "2026-01-01T01:00:00Z", IP, "m2", "", ""),
        ("b", "", IP, "m1", "7", "1"),
    )
    facts = collect(engine, frame)
    hour = FIRST // 3600
    assert hours(engine) == [
        ("a", "m1", hour, 2, FIRST + 600),
        ("a", "m2", hour + 1, 1, FIRST + 3600),
        ("b", "m1", None, 1, None),
    ]
    day = FIRST // 86_400
    assert days(engine) == [
        ("a", "score", day, 2, 0.0, 1),
        ("a", "tokens", day, 2, 100.5, 0),
        ("b", "score", None, 1, 0.0, 1),
        ("b", "tokens", None, 1, 7.0, 0),
    ]
    assert facts["facts"] == {
        "model": {"type": "category", "calls": 4, "accounts": 2, "values": 2},
        "score": {"type": "score", "calls": 3, "accounts": 2},
        "tokens": {"type": "amount", "calls": 3, "accounts": 2},
    }
    assert facts["rows_rejected"] == 0


def test_a_bad_cell_is_rejected_and_its_row_keeps_the_rest(engine: DuckEngine) -> None:
    frame = calls(
        ("a", "2026-01-01", IP, "4111 1111 1111 1111", "-1", "1.5"),
        ("b", "2026-01-01", IP, "x" * 129, "0x10", "nan"),
        ("c", "2026-01-01", IP, "tab\tinside", "1e13", "0,5"),
        ("d", "2026-01-01", IP, "{}", "inf", "  "),
        ("e", "2026-01-01", IP, "a\ufffdb", "12", "0"),
    )
    facts = collect(engine, frame)
    assert engine.rows("SELECT account_id, kind FROM observations ORDER BY ALL") == [
        (name, "ip") for name in "abcde"
    ]
    found = engine.rows("SELECT row_number, column_name, reason FROM rejected_rows ORDER BY ALL")
    assert found == [
        (1, "model", "card_number"), (1, "out", "bad_amount"), (1, "risk", "bad_score"),
        (2, "model", "too_long"), (2, "out", "bad_amount"), (2, "risk", "bad_score"),
        (3, "model", "control_character"), (3, "out", "bad_amount"), (3, "risk", "bad_score"),
        (4, "model", "nested_value"), (4, "out", "bad_amount"),
        (5, "model", "invalid_utf8"),
    ]  # fmt: skip
    assert facts["rows_rejected"] == 5
    details = " ".join(str(row[0]) for row in engine.rows("SELECT detail FROM rejected_rows"))
    assert "4111" not in details
    assert "expected a number from 0 to 1; set threshold in [facts.score]" in details
    assert days(engine) == [("e", "score", 20454, 1, 0.0, 0), ("e", "tokens", 20454, 1, 12.0, 0)]


def test_with_a_threshold_a_score_has_any_range(engine: DuckEngine) -> None:
    frame = calls(("a", "2026-01-01", IP, "m", "1", "79.9"), ("a", "2026-01-01", IP, "m", "1", "80"))
    collect(engine, frame, facts={"score": FactSettings(threshold=80.0)})
    assert days(engine)[0] == ("a", "score", 20454, 2, 0.0, 1)


def test_no_account_alone_decides_which_categories_are_kept(
    engine: DuckEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_facts, "MOST_CATEGORIES", 2)
    flood = [("a", "2026-01-01", IP, f"made-up-{i % 3}", "", "") for i in range(30)]
    honest = [(name, "2026-01-01", IP, model, "", "") for name in "bc" for model in ("m1", "m2")]
    facts = collect(engine, calls(*flood, *honest))
    assert engine.rows("SELECT category FROM fact_categories ORDER BY ALL") == [("m1",), ("m2",)]
    assert any("facts.model: more than 2 different values" in warning for warning in facts["warnings"])


def test_a_source_of_facts_only_has_no_identifiers_and_numbers_no_account(engine: DuckEngine) -> None:
    log = pa.table({"account_id": ["a"], "seen_at": ["2026-01-01"], "ip": [IP]})
    usage = pa.table({"account_id": ["a", "z"], "seen_at": ["2026-01-01"] * 2, "out": ["5", "6"]})
    sources = (Source(name="log", kinds={"ip": "ip"}), Source(name="usage", kind="", facts={"tokens": "out"}))
    collect_observations(engine, Settings(now=NOW, sources=sources), {"log": log, "usage": usage})
    assert engine.rows("SELECT account_id FROM account_numbers") == [("a",)]
    assert days(engine) == [("a", "tokens", 20454, 1, 5.0, 0)]
    with pytest.raises(InputError, match="all have facts only"):
        collect_observations(engine, Settings(now=NOW, sources=sources[1:]), {"usage": usage})


def test_facts_of_hashed_accounts_are_kept_under_the_hash(engine: DuckEngine, tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(KEY)
    (tmp_path / "key").chmod(0o600)
    hashing = Pseudonymize(kinds=("account",), key_file=str(tmp_path / "key"))
    collect(engine, calls(("a", "2026-01-01", IP, "m", "1", "x")), pseudonymize=hashing)
    assert days(engine) == [(pseudonym(KEY, "account", "a"), "tokens", 20454, 1, 1.0, 0)]
    assert "'x'" not in str(engine.rows("SELECT detail FROM rejected_rows")), "its shape only is shown"


@pytest.mark.parametrize("type_", [pa.float64(), pa.int64(), pa.binary()])
def test_columns_of_other_types_are_read(engine: DuckEngine, type_: pa.DataType) -> None:
    cells = [b"\xff", b"2"] if type_ == pa.binary() else [None, 2]
    frame = calls(("a", "2026-01-01", IP, "m", "", ""), ("b", "2026-01-01", IP, "m", "", ""))
    frame = frame.set_column(4, "out", pa.array(cells, type_))
    facts = collect(engine, frame)
    assert days(engine) == [("b", "tokens", 20454, 1, 2.0, 0)]
    assert facts["rejected_rows"] == ({"bad_amount": 1} if type_ == pa.binary() else {})
    assert facts["n_observations"] == 2
