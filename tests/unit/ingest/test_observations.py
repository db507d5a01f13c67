"""Sources to observations, accounts and rejected rows."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graphlink.core.errors import InputError, SettingsError
from graphlink.core.schema import ACCOUNTS, OBSERVATIONS, REJECTED_ROWS
from graphlink.core.settings import AccountSource, KindSettings, Pseudonymize, Settings, Source
from graphlink.core.tables.ingest import ADDRESS_LABELS
from graphlink.engine.duck import DuckEngine
from graphlink.ingest import observations
from graphlink.ingest.observations import add_routers
from graphlink.ingest.observations.intake import MOST_KINDS
from graphlink.ingest.observations.rejected_rows import MOST_LISTED_PER_REASON
from graphlink.kinds import key_check, pseudonym
from tests.collected import check_input, collect_observations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = "2026-01-01T00:00:00Z"
KEY = b"0123456789abcdef0123456789abcdef"


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(memory="1GB", threads=1) as made:
        yield made


def long_frame(*rows: tuple[Any, ...]) -> pa.Table:
    """Rows of (account_id, kind, value, seen_at)."""
    names = ("account_id", "kind", "value", "seen_at")
    columns = zip(*rows, strict=True)
    return pa.table(
        {name: pa.array(list(column), pa.string()) for name, column in zip(names, columns, strict=True)}
    )


def observed(engine: DuckEngine) -> list[tuple[object, ...]]:
    return engine.rows(
        "SELECT account_id, kind, value, strftime(seen_at, '%Y-%m-%d %H:%M:%S'), n FROM observations "
        "ORDER BY ALL"
    )


def rejected(engine: DuckEngine) -> list[tuple[object, ...]]:
    return engine.rows("SELECT source, row_number, column_name, reason FROM rejected_rows ORDER BY ALL")


def read(engine: DuckEngine, frame: object, **settings: Any) -> dict[str, Any]:
    """The first step alone."""
    return observations.collect_observations(engine, Settings(now=NOW, **settings), {"frame": frame})


def collect(engine: DuckEngine, frame: object, **settings: Any) -> dict[str, Any]:
    facts = collect_observations(engine, Settings(now=NOW, **settings), {"frame": frame})
    for spec in (OBSERVATIONS, REJECTED_ROWS, ACCOUNTS):
        spec.check_columns(engine, extra=spec is ACCOUNTS)
    OBSERVATIONS.check_rows(engine)
    ACCOUNTS.check_rows(engine)
    return facts


def test_rows_of_a_long_frame_are_cleaned_and_added_up(engine: DuckEngine) -> None:
    frame = long_frame(
        ("a", "ip", "8.8.8.8", "2025-01-01T00:00:00Z"),
        ("a", "IP", " 8.8.8.8:443", "2025-01-01T01:00:00+01:00"),
        ("b", "device", "x", None),
    )
    facts = collect(engine, frame)
    assert observed(engine) == [
        ("a", "ip", "8.8.8.8", "2025-01-01 00:00:00", 2),
        ("b", "client", "x", None, 1),
    ]
    assert facts["kinds"]["ip"] == {
        "rows": 1,
        "accounts": 1,
        "values": 1,
        "first_seen": "2025-01-01T00:00:00Z",
        "last_seen": "2025-01-01T00:00:00Z",
    }
    assert (facts["rows_read"], facts["rows_rejected"]) == (3, 0)


def test_counts_are_added_and_a_bad_count_is_rejected(engine: DuckEngine) -> None:
    frame = long_frame(*[("a", "client", "x", None)] * 6).append_column(
        "n", pa.array(["2", "3", "", "0", "-1", "many"])
    )
    facts = collect(engine, frame)
    assert observed(engine) == [("a", "client", "x", None, 6)]
    assert facts["rejected_rows"] == {"bad_count": 3}


def test_a_wide_row_gives_one_observation_per_filled_cell(engine: DuckEngine) -> None:
    frame = pd.DataFrame(
        {
            "who": ["a", "b"],
            "at": ["2025-01-01", "2025-01-02"],
            "ip": ["8.8.8.8", None],
            "dev": ["", "x"],
            "n": [5, 5],
        }
    )
    source = Source(name="frame", account="who", time="at", kinds={"ip": "ip", "client": "dev"})
    collect(engine, frame, sources=(source,))
    # A wide table may have a column n of its own meaning, so it counts only when it is named.
    assert observed(engine) == [
        ("a", "ip", "8.8.8.8", "2025-01-01 00:00:00", 1),
        ("b", "client", "x", "2025-01-02 00:00:00", 1),
    ]


def test_a_cell_that_cant_be_used_leaves_the_rest_of_its_row(engine: DuckEngine) -> None:
    frame = pd.DataFrame({"account_id": ["a"], "ip": ["10.0.0.1"], "dev": ["x"], "blank": ["  "]})
    source = Source(name="frame", time="", kinds={"ip": "ip", "client": "dev", "payment": "blank"})
    facts = collect(engine, frame, sources=(source,))
    assert observed(engine) == [("a", "client", "x", None, 1)]
    assert rejected(engine) == [("frame", 1, "ip", "not_public_address")]
    assert facts["rows_rejected"] == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("told", "settings", "expected"),
    [
        ("2025-06-01", {}, "2025-06-01 00:00:00"),
        ("2025-06-01T10:00:00.25Z", {}, "2025-06-01 10:00:00"),
        ("2025-06-01 10:00:00+05:30", {}, "2025-06-01 04:30:00"),
        ("2025-06-01T10:00:00", {"time_zone": "Europe/Berlin"}, "2025-06-01 08:00:00"),
        ("2025-06-01T10:00:00Z", {"time_zone": "Europe/Berlin"}, "2025-06-01 10:00:00"),
        ("2025-06-01T10:00:00-0200", {"time_zone": "Europe/Berlin"}, "2025-06-01 12:00:00"),
        ("2025-06-01", {"time_zone": "Europe/Berlin"}, "2025-05-31 22:00:00"),
        ("1748772000", {"time_format": "epoch_s"}, "2025-06-01 10:00:00"),
        ("1748772000.75", {"time_format": "epoch_s"}, "2025-06-01 10:00:00"),
        ("1748772000123", {"time_format": "epoch_ms"}, "2025-06-01 10:00:00"),
        ("1748772000123456", {"time_format": "epoch_us"}, "2025-06-01 10:00:00"),
        (
            "01.06.2025 10:00",
            {"time_format": "%d.%m.%Y %H:%M", "time_zone": "Europe/Berlin"},
            "2025-06-01 08:00:00",
        ),
        ("01/Jun/2025:10:00:00 +0200", {"time_format": "%d/%b/%Y:%H:%M:%S %z"}, "2025-06-01 08:00:00"),
        ("yesterday", {}, "unparsable_time"),
        ("2025-06-01 10:00:00,123", {}, "2025-06-01 10:00:00"),
        ("2025-06-01T10:00:00,5Z", {}, "2025-06-01 10:00:00"),
        ("2025-06-01 10:00:00,123", {"time_zone": "Europe/Berlin"}, "2025-06-01 08:00:00"),
        ("2025-06-01 10:00:00,123+0200", {"time_zone": "Europe/Berlin"}, "2025-06-01 08:00:00"),
        ("2025-06-01,10:00:00", {}, "unparsable_time"),
        ("1748772000123456789", {"time_format": "epoch_ns"}, "2025-06-01 10:00:00"),
        ("1748772000000000000.9", {"time_format": "epoch_ns"}, "2025-06-01 10:00:00"),
        ("1748772000", {}, "time_in_seconds"),
        ("1748772000123", {}, "time_in_milliseconds"),
        ("1748772000", {"time_format": "epoch_ms"}, "time_in_seconds"),
        ("1748772000.75", {"time_format": "epoch_ns"}, "time_in_seconds"),
        ("1748772000123", {"time_format": "epoch_s"}, "time_in_milliseconds"),
        ("1748772000123456", {"time_format": "epoch_ms"}, "time_in_microseconds"),
        ("1748772000123456789", {"time_format": "epoch_us"}, "time_in_nanoseconds"),
        ("20250601", {}, "unparsable_time"),
        ("1e30", {"time_format": "epoch_ns"}, "unparsable_time"),
        ("infinity", {}, "unparsable_time"),
        ("1e300", {"time_format": "epoch_s"}, "unparsable_time"),
        ("1970-01-01", {}, "implausible_time"),
        ("0", {"time_format": "epoch_s"}, "implausible_time"),
        ("2026-01-01T23:59:59Z", {}, "2026-01-01 23:59:59"),
        ("2026-01-02T00:00:01Z", {}, "future_time"),
    ],
)
def test_times_of_every_kind_come_to_utc(
    engine: DuckEngine, told: str, settings: dict[str, str], expected: str
) -> None:
    frame = long_frame(("a", "client", "x", told), ("b", "client", "x", None))
    facts = collect(engine, frame, sources=(Source(name="frame", **settings),))  # type: ignore[arg-type]  # settings of any sort, by name
    # A row without a time is kept: that it shares a value says something, if less.
    assert observed(engine)[-1] == ("b", "client", "x", None, 1)
    if facts["rejected_rows"]:
        assert facts["rejected_rows"] == {expected: 1}
    else:
        assert observed(engine)[0][3] == expected


@pytest.mark.parametrize(
    "column",
    [
        pa.array([dt.datetime(2025, 6, 1, 10)], pa.timestamp("ns")),
        pa.array([dt.datetime(2025, 6, 1, 10)], pa.timestamp("s")),
        pa.array([dt.datetime(2025, 6, 1, 12)], pa.timestamp("us", tz="Europe/Berlin")).cast(
            pa.timestamp("us", tz="UTC")
        ),
    ],
)
def test_typed_times_are_taken_as_they_are(engine: DuckEngine, column: pa.Array) -> None:
    frame = pa.table({"account_id": ["a"], "kind": ["client"], "value": ["x"], "seen_at": column})
    collect(engine, frame)
    assert str(observed(engine)[0][3]).startswith("2025-06-01 1")


def test_typed_naive_times_take_the_zone_of_the_source(engine: DuckEngine) -> None:
    naive = pa.array([dt.datetime(2025, 6, 1, 10)], pa.timestamp("us"))
    frame = pa.table({"account_id": ["a"], "kind": ["client"], "value": ["x"], "seen_at": naive})
    collect(engine, frame, sources=(Source(name="frame", time_zone="Europe/Berlin"),))
    assert observed(engine)[0][3] == "2025-06-01 08:00:00"


def test_a_source_without_a_time_column_is_read_and_reported(engine: DuckEngine) -> None:
    frame = long_frame(("a", "client", "x", None)).drop_columns(["seen_at"])
    assert "no column 'seen_at'" in collect(engine, frame)["warnings"][0]


def test_accounts_are_text_trimmed_and_composed(engine: DuckEngine) -> None:
    frame = long_frame(
        ("007", "client", "x", None),
        (" 007\u00a0", "client", "x", None),
        ("Jose\u0301", "client", "x", None),
        ("José", "client", "x", None),
        ("JOSÉ", "client", "x", None),
        (None, "client", "x", None),
        (" ", "client", "x", None),
        ("a\x00b", "client", "x", None),
        ("a" * 513, "client", "x", None),
    )
    facts = collect(engine, frame)
    assert [(row[0], row[4]) for row in observed(engine)] == [("007", 2), ("JOSÉ", 1), ("José", 2)]
    assert facts["rejected_rows"] == {"account_too_long": 1, "control_character": 1, "null_account": 2}
    merged, apart = facts["warnings"]
    assert merged.startswith(
        "4 spellings became 2 accounts; the spellings of one differ by spaces at the ends"
    )
    assert "'007' (of 2, such as ' 007\\xa0'), 'José' (of 2, such as 'Jose\u0301')" in merged
    assert "'JOSÉ' and 'José'" in apart


def test_whole_numbers_that_a_frame_made_floating_stay_whole(engine: DuckEngine) -> None:
    frame = pd.DataFrame({"account_id": [7.0, None], "kind": "client", "value": [5.0, 5.0]})
    collect(engine, frame)
    assert observed(engine) == [("7", "client", "5", None, 1)]


def test_times_of_a_frame_may_be_reported_in_nanoseconds(engine: DuckEngine) -> None:
    at = (
        pd.Series(["2025-01-01T10:00:00.000000001", None])
        .pipe(pd.to_datetime, utc=True)
        .astype("datetime64[ns, UTC]")
    )
    frames = {
        "obs": pd.DataFrame({"account_id": ["a", "b"], "kind": "client", "value": "x", "seen_at": at}),
        "accounts": pd.DataFrame({"account_id": ["a", "b"], "closed_at": at}),
    }
    collect_observations(engine, Settings(now=NOW, accounts=AccountSource(name="accounts")), frames)
    seen = engine.rows("SELECT account_id, closed_at::VARCHAR, first_seen::VARCHAR FROM accounts ORDER BY 1")
    assert [str(row[1])[:19] for row in seen] == ["2025-01-01 10:00:00", "None"]
    assert [str(row[2])[:19] for row in seen] == ["2025-01-01 10:00:00", "None"]


def test_accounts_of_the_table_and_accounts_observed_all_appear(engine: DuckEngine) -> None:
    frames = {
        "obs": long_frame(
            ("a", "client", "x", "2025-01-01"), ("a", "client", "y", "2025-01-03"), ("b", "client", "x", None)
        ),
        "accounts": pd.DataFrame(
            {
                "account_id": ["a", "c", "c", None],
                "created_at": ["2024-01-01", "2024-02-02", "2024-02-01", "2024-01-01"],
                "closed_at": ["2030-01-01", None, None, None],
                "status": ["active", "banned", "banned", ""],
                "plan": ["pro", "free", "free", ""],
            }
        ),
    }
    settings = Settings(now=NOW, accounts=AccountSource(name="accounts", attributes=("plan",)))
    facts: Any = collect_observations(engine, settings, frames)
    ACCOUNTS.check_columns(engine, extra=True)
    rows = engine.rows(
        "SELECT account_id, created_at::DATE::VARCHAR, closed_at::DATE::VARCHAR, status, plan, "
        "first_seen::DATE::VARCHAR, last_seen::DATE::VARCHAR, n, n_identifiers FROM accounts ORDER BY 1"
    )
    assert rows == [
        ("a", "2024-01-01", "2030-01-01", "active", "pro", "2025-01-01", "2025-01-03", 2, 2),
        ("b", None, None, None, None, None, None, 1, 1),
        ("c", "2024-02-01", None, "banned", "free", None, None, 0, 0),
    ]
    assert facts["accounts_table"]["n_repeated"] == 1
    assert facts["accounts_table"]["rejected_rows"] == {"null_account": 1}


def test_attributes_may_not_take_the_name_of_a_column(engine: DuckEngine) -> None:
    settings = Settings(accounts=AccountSource(name="accounts", attributes=("n",)))
    frames = {"obs": long_frame(("a", "client", "x", None)), "accounts": pd.DataFrame({"account_id": ["a"]})}
    with pytest.raises(SettingsError, match=r"accounts\.attributes: 'n'"):
        collect_observations(engine, settings, frames)


def test_rows_listed_as_rejected_are_capped_and_all_are_counted(
    engine: DuckEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graphlink.ingest.observations.rejected_rows.MOST_LISTED_PER_REASON", 3)
    rows = [("a", "client", "x", "bad")] * 5 + [("a", "ip", "no", None)] * 5 + [("a", "client", "x", None)]
    facts = collect(engine, long_frame(*rows))
    assert facts["rejected_rows"] == {"not_an_address": 5, "unparsable_time": 5}
    assert [row[1] for row in rejected(engine)] == [1, 2, 3, 6, 7, 8]
    assert facts["most_listed"] == MOST_LISTED_PER_REASON


def test_when_nothing_can_be_used_the_reasons_are_reported(engine: DuckEngine) -> None:
    frame = long_frame(("a", "ip", "nowhere", None))
    with pytest.raises(InputError, match="no observation is left of 1 rows; rejected were 1 not_an"):
        collect_observations(engine, Settings(), {"frame": frame})
    assert check_input(engine, Settings(), {"frame": frame})["n_observations"] == 0


def test_the_order_of_the_rows_changes_nothing(engine: DuckEngine) -> None:
    rows = [(f"a{i % 5}", "client", f"x{i % 3}", f"2025-01-0{1 + i % 4}") for i in range(40)]
    collect(engine, long_frame(*rows))
    first = observed(engine), engine.rows("SELECT account_id, n, n_identifiers FROM accounts ORDER BY 1")
    collect(engine, long_frame(*rows[::-1]))
    assert (
        observed(engine),
        engine.rows("SELECT account_id, n, n_identifiers FROM accounts ORDER BY 1"),
    ) == first


# --- hashed on ingest ------------------------------------------------------------------------------------


@pytest.fixture
def key_file(tmp_path: Path) -> str:
    path = tmp_path / "key"
    path.write_bytes(KEY)
    path.chmod(0o600)
    return str(path)


def all_text(engine: DuckEngine) -> str:
    names = [str(row[0]) for row in engine.rows("SELECT table_name FROM duckdb_tables()")]
    return "\n".join(str(engine.arrow(f"SELECT * FROM {name}").to_pylist()) for name in names)


def test_hashed_kinds_leave_nothing_in_the_clear(engine: DuckEngine, key_file: str) -> None:
    frame = long_frame(
        ("alice", "email", "Alice+x@Post.example", None),
        ("alice", "ip", "203.0.113.7:99", "2025-01-01"),
        ("bob", "ip", "203.0.113.7", "2025-01-01"),
        ("bob", "ip", "secret-junk", "2025-01-01"),
    )
    hashed = Pseudonymize(kinds=("email", "ip", "account"), key_file=key_file)
    facts = read(engine, frame, pseudonymize=hashed)
    engine.make(
        "address_labels",
        "SELECT 'ip' AS kind, value, 'Relay One' AS label, 'router' AS label_type, NULL::VARCHAR AS asn, "
        "NULL::VARCHAR AS country FROM addresses",
    )
    add_routers(engine, Settings(pseudonymize=hashed))
    engine.drop(
        "addresses", "address_names", "address_labels"
    )  # as a run does where no later step takes them
    text = all_text(engine) + str(facts)
    for secret in ("alice", "bob", "203.0.113", "post.example", "secret-junk"):
        assert secret not in text.lower()
    assert engine.rows("SELECT value FROM identifier_labels") == [(pseudonym(KEY, "ip", "203.0.113.7"),)]
    kinds = engine.rows("SELECT kind, count(*) FROM observations GROUP BY kind ORDER BY kind")
    # What follows from a value can't be told from its hash, so it is observed beside it.
    assert kinds == [("email", 1), ("email_domain", 1), ("ip", 2), ("ip_prefix", 2), ("router", 2)]
    assert (pseudonym(KEY, "account", "alice"),) in engine.rows("SELECT account_id FROM accounts")


def test_rows_of_a_hashed_account_count_once_each(engine: DuckEngine, key_file: str) -> None:
    day = "2025-01-01T00:00:00Z"
    frame = long_frame(("a", "email", "a@x.example", day), ("a", "email", "a@x.example", day))
    hashed = Pseudonymize(kinds=("account",), key_file=key_file)
    facts = read(engine, frame, pseudonymize=hashed)
    assert engine.rows("SELECT n FROM input_sightings") == [(2,)]
    assert engine.rows("SELECT n FROM input_accounts") == [(2,)]
    assert facts["key_check"] == key_check(KEY) != key_check(KEY[::-1])


def test_a_wider_kind_is_not_hashed_alone(engine: DuckEngine, key_file: str) -> None:
    settings = Settings(pseudonymize=Pseudonymize(kinds=("email_domain",), key_file=key_file))
    with pytest.raises(SettingsError, match="email_domain follows from email"):
        collect_observations(engine, settings, {"frame": long_frame(("a", "email", "a@b.de", None))})


def test_hashing_needs_a_key(engine: DuckEngine) -> None:
    settings = Settings(pseudonymize=Pseudonymize(kinds=("email",)))
    with pytest.raises(SettingsError, match="key_file"):
        collect_observations(engine, settings, {"frame": long_frame(("a", "email", "a@b.de", None))})


# --- routers -----------------------------------------------------------------------------------------------


def label(engine: DuckEngine) -> None:
    engine.make(
        "address_labels",
        """
        SELECT * FROM (VALUES ('ip', '8.8.8.8', 'Relay One', 'router', 'AS64500', 'DE'),
            ('ip', '9.9.9.9', 'Some VPN', 'vpn', 'AS64501', NULL))
            t(kind, value, label, label_type, asn, country)
        """,
    )


def test_an_address_of_a_router_is_an_observation_of_the_router(engine: DuckEngine) -> None:
    frame = long_frame(
        ("a", "ip", "8.8.8.8", "2025-01-01"),
        ("a", "router", "relay one", "2025-01-01"),
        ("b", "ip", "9.9.9.9", "2025-01-01"),
    )
    read(engine, frame)
    assert engine.rows("SELECT value FROM addresses ORDER BY 1") == [("8.8.8.8",), ("9.9.9.9",)]
    label(engine)
    facts: Any = add_routers(engine, Settings())
    # Seen once as told and once by its address: added up, as the same moment always is.
    assert ("a", "router", "relay one", "2025-01-01 00:00:00", 2) in observed(engine)
    assert len(observed(engine)) == 3
    assert engine.rows("SELECT account_id, n, n_identifiers FROM accounts ORDER BY 1") == [
        ("a", 3, 2),
        ("b", 1, 1),
    ]
    assert set(facts) == {"router"}


def test_systems_and_countries_are_observed_when_they_are_requested_for(engine: DuckEngine) -> None:
    read(engine, long_frame(("a", "ip", "8.8.8.8", None), ("b", "ip", "9.9.9.9", None)))
    label(engine)
    add_routers(engine, Settings(kinds={"asn": KindSettings(), "country": KindSettings()}))
    listed = [row[:3] for row in observed(engine) if row[1] in ("asn", "country")]
    assert listed == [("a", "asn", "AS64500"), ("a", "country", "DE"), ("b", "asn", "AS64501")]


def test_without_labels_nothing_is_added(engine: DuckEngine) -> None:
    read(engine, long_frame(("a", "ip", "8.8.8.8", None)))
    engine.load("address_labels", ADDRESS_LABELS.arrow_schema.empty_table())
    assert add_routers(engine, Settings()) == {}
    assert len(observed(engine)) == 1


# --- several sources ---------------------------------------------------------------------------------------


def test_sources_are_put_together_and_reported_apart(engine: DuckEngine, tmp_path: Path) -> None:
    pq.write_table(long_frame(("a", "client", "x", "2025-01-01")), tmp_path / "one.parquet")
    (tmp_path / "two.csv").write_text("user;device\na;x\n008;\n")
    settings = Settings(
        now=NOW,
        sources=(
            Source(path=str(tmp_path / "one.parquet")),
            Source(
                path=str(tmp_path / "two.csv"),
                name="devices",
                account="user",
                time="",
                kinds={"device": "device"},
            ),
        ),
    )
    facts: Any = collect_observations(engine, settings)
    assert [row[4] for row in observed(engine)] == [1, 1]
    assert [source["name"] for source in facts["sources"]] == ["one.parquet", "devices"]
    assert all(len(source["inputs"][0]["sha256"]) == 64 for source in facts["sources"])
    assert [source["rows_read"] for source in facts["sources"]] == [1, 2]


def test_a_source_without_a_place_is_reported(engine: DuckEngine) -> None:
    with pytest.raises(SettingsError, match="no path, no database and no frame"):
        collect_observations(engine, Settings(sources=(Source(name="x"),)))
    with pytest.raises(InputError, match="no source of observations"):
        collect_observations(engine, Settings())


@pytest.mark.slow
def test_kinds_are_bounded(engine: DuckEngine) -> None:
    rows = [(f"a{i}", f"k{i}", "x", None) for i in range(MOST_KINDS + 1)]
    with pytest.raises(InputError, match=r"column 'kind': 1,001 kinds.*swapped"):
        collect_observations(engine, Settings(), {"frame": long_frame(*rows)})
    facts = collect(engine, long_frame(*rows[:-1]))
    assert len(facts["kinds"]) == MOST_KINDS
