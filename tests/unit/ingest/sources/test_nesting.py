"""Columns inside others by dotted paths, records inside documents, and the one value of a list in a cell."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graphlink.core.errors import InputError, SettingsError
from graphlink.core.settings import KindColumn, Lookup, Settings, Source, settings_from
from graphlink.engine.duck import DuckEngine
from tests.collected import collect_observations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = "2026-06-01T00:00:00Z"
RECORDS: list[dict[str, Any]] = [
    {
        "t": "2026-03-01T10:00:00Z",
        "user": {"who": {"id": f"u{i}"}, "n": i},
        "http.agent": f"curl/{i}",
        "targets": [{"id": f"d{i}"}, {"id": "other"}],
        "event": json.dumps({"net": {"mac": f"m{i}"}}),
    }
    for i in (1, 2)
]
KINDS = {"client": "http.agent", "target": "targets[0].id", "mac": "event.net.mac"}
EXPECTED = [
    *[(f"u{i}", "client", f"curl/{i}") for i in (1, 2)],
    *[(f"u{i}", "mac", f"m{i}") for i in (1, 2)],
    *[(f"u{i}", "target", f"d{i}") for i in (1, 2)],
]


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(memory="1GB", threads=1) as made:
        yield made


def collect(engine: DuckEngine, frames: dict[str, object] | None = None, **source: Any) -> dict[str, Any]:
    return collect_observations(engine, Settings(now=NOW, sources=(Source(**source),)), frames)


def observed(engine: DuckEngine) -> list[tuple[object, ...]]:
    return sorted(engine.rows("SELECT account_id, kind, value FROM observations"), key=lambda row: row[1:])


def rejected(engine: DuckEngine) -> list[tuple[object, ...]]:
    return engine.rows("SELECT row_number, column_name, reason FROM rejected_rows ORDER BY ALL")


def as_lines(records: list[Any]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


@pytest.mark.parametrize("form", ["jsonl", "json", "parquet", "frame"])
def test_a_dotted_path_is_read_alike_from_every_form(engine: DuckEngine, tmp_path: Path, form: str) -> None:
    path = tmp_path / f"log.{form}"
    source: dict[str, Any] = {"account": "user.who.id", "time": "t", "kinds": KINDS}
    table = pa.Table.from_pylist(RECORDS)
    if form == "parquet":
        pq.write_table(table, path)
    elif form != "frame":
        path.write_text(as_lines(RECORDS) if form == "jsonl" else json.dumps(RECORDS))
    if form == "frame":
        collect(engine, {"log": table}, name="log", **source)
    else:
        collect(engine, path=str(path), **source)
    assert observed(engine) == EXPECTED


def test_a_number_inside_is_an_account_as_one_outside(engine: DuckEngine, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(as_lines([{"user": {"n": 12}, "d": "x"}, {"user": {"n": "12"}, "d": "y"}]))
    collect(engine, path=str(path), account="user.n", time="", kinds={"client": "d"})
    assert observed(engine) == [("12", "client", "x"), ("12", "client", "y")]


def test_a_key_of_the_very_name_comes_first(engine: DuckEngine, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(
        as_lines([{"user.id": "own", "user": {"id": "inner"}, "d": "x"}, {"user": {"id": "b"}, "d": "y"}])
    )
    collect(engine, path=str(path), account="user.id", time="", kinds={"client": "d"})
    assert observed(engine) == [("own", "client", "x"), ("b", "client", "y")]


def test_attributes_in_a_list_are_read_by_their_keys(engine: DuckEngine, tmp_path: Path) -> None:
    attributes = [
        {"key": "user.id", "value": {"stringValue": "007"}},
        {"key": "n", "value": {"intValue": "3"}},
        {"key": "plain", "value": "x"},
        {"key": "list", "value": {"arrayValue": {"values": []}}},
    ]
    path = tmp_path / "log.jsonl"
    path.write_text(as_lines([{"resource": {"attributes": attributes}}]))
    kinds = {"a": "resource.attributes.n", "b": "resource.attributes.plain", "c": "resource.attributes.list"}
    collect(engine, path=str(path), account="resource.attributes.user.id", time="", kinds=kinds)
    assert observed(engine) == [("007", "a", "3"), ("007", "b", "x")]


def test_an_object_at_the_end_of_a_path_is_no_value(engine: DuckEngine, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    records: list[Any] = [*RECORDS, {"user": {"who": {"id": {"x": 1}}}, "http.agent": "a"}]
    path.write_text(as_lines(records))
    collect(engine, path=str(path), account="user.who.id", time="t", kinds={"client": "http.agent"})
    assert rejected(engine) == [(3, "user.who.id", "nested_value")]


def test_a_path_that_leads_nowhere_is_refused(engine: DuckEngine, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(as_lines(RECORDS))
    with pytest.raises(InputError, match=r"no column 'user\.nobody'; the columns are .*user\.who\.id"):
        collect(engine, path=str(path), account="user.nobody", time="t", kinds=KINDS)
    pq.write_table(pa.Table.from_pylist(RECORDS), tmp_path / "log.parquet")
    with pytest.raises(InputError, match=r"no column 'user\.nobody'"):
        collect(engine, path=str(tmp_path / "log.parquet"), account="user.nobody", time="t", kinds=KINDS)


@pytest.mark.parametrize(
    ("records", "document"),
    [
        ("Records", {"Records": RECORDS, "n": 2}),
        ("data.items", {"data": {"items": RECORDS, "next": None}}),
        ("logs[].scopes[].rows", {"logs": [{"scopes": [{"rows": RECORDS[:1]}, {"rows": RECORDS[1:]}]}]}),
    ],
)
def test_records_inside_a_document_are_rows(
    engine: DuckEngine, tmp_path: Path, records: str, document: dict[str, Any]
) -> None:
    path = tmp_path / "log.json.gz"
    with gzip.open(path, "wt") as file:
        file.write(json.dumps(document))
    source: dict[str, Any] = {"records": records, "account": "user.who.id", "time": "t", "kinds": KINDS}
    facts = collect(engine, path=str(path), **source)
    assert observed(engine) == EXPECTED
    assert facts["rows_read"] == 2


def test_a_document_per_line_gives_the_records_of_all(engine: DuckEngine, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(as_lines([{"Records": RECORDS[:1]}, {"Records": []}, {"Records": RECORDS[1:]}]))
    collect(engine, path=str(path), records="Records", account="user.who.id", time="t", kinds=KINDS)
    assert observed(engine) == EXPECTED


def test_files_without_records_are_warned_of_or_refused(engine: DuckEngine, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"Records": RECORDS}))
    (tmp_path / "b.json").write_text(json.dumps({"Events": RECORDS}))
    source: dict[str, Any] = {"account": "user.who.id", "time": "t", "kinds": KINDS}
    facts = collect(engine, path=str(tmp_path), records="Records", **source)
    assert "1 of 2 files, such as b.json, have no records at 'Records'" in "".join(facts["warnings"])
    with pytest.raises(InputError, match="no JSON file has records at 'Recs'"):
        collect(engine, path=str(tmp_path), records="Recs", **source)


@pytest.mark.parametrize(
    ("pick", "expected"),
    [("first", "10.9.9.9"), ("last", "10.0.0.1"), ("first_public", "20.1.2.3"), ("last_public", "20.1.2.4")],
)
@pytest.mark.parametrize("form", ["text", "json", "list"])
def test_one_value_of_a_list_is_taken(engine: DuckEngine, form: str, pick: str, expected: str) -> None:
    lists = [["10.9.9.9", "20.1.2.3", "unknown", "20.1.2.4", "10.0.0.1"], ["20.7.7.7"]]
    written: dict[str, Any] = {
        "text": [" , ".join(one) for one in lists],
        "json": [json.dumps(one) for one in lists],
        "list": lists,
    }
    frame = pa.table({"who": ["a", "b"], "xff": written[form]})
    kinds = {"address": KindColumn("xff", pick)}
    collect(engine, {"log": frame}, name="log", account="who", time="", kinds=kinds)
    assert observed(engine) == [("a", "address", expected), ("b", "address", "20.7.7.7")]


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ("[2a00:1450::5]:443, 10.0.0.1", "2a00:1450::5"),
        ("::ffff:10.0.0.1, ::ffff:20.1.2.3", "20.1.2.3"),
        ("192.168.1.1,20.1.2.3:8080", "20.1.2.3"),
        ("fe80::1, 2a00:1450::6", "2a00:1450::6"),
    ],
)
def test_the_first_public_address_is_recognized_in_any_spelling(
    engine: DuckEngine, listed: str, expected: str
) -> None:
    frame = pa.table({"who": ["a"], "xff": [listed]})
    kinds = {"ip": KindColumn("xff", "first_public")}
    collect(engine, {"log": frame}, name="log", account="who", time="", kinds=kinds)
    assert observed(engine) == [("a", "ip", expected)]


def test_a_list_without_a_public_address_is_rejected(engine: DuckEngine) -> None:
    frame = pa.table({"who": ["a", "b"], "xff": ["10.0.0.1, 10.0.0.2", "20.1.2.3"]})
    kinds = {"ip": KindColumn("xff", "last_public")}
    collect(engine, {"log": frame}, name="log", account="who", time="", kinds=kinds)
    assert rejected(engine) == [(1, "xff", "not_public_address")]


def test_settings_name_the_value_of_a_list() -> None:
    table = {"path": "x.csv", "kinds": {"ip": {"column": "xff", "pick": "last"}, "client": "ua"}}
    source = settings_from({"sources": [table]}).sources[0]
    assert (source.columns, source.picks) == ({"ip": "xff", "client": "ua"}, {"ip": "last"})
    for wrong in ({"column": "xff", "pick": "middle"}, {"column": "", "pick": "last"}):
        with pytest.raises(SettingsError, match=r"kinds\.ip: (pick|column): expected"):
            settings_from({"sources": [{"path": "x.csv", "kinds": {"ip": wrong}}]})
    with pytest.raises(SettingsError, match="records: expected a path of keys"):
        Source(path="x.json", records="a..b")


def looked_up(engine: DuckEngine, folder: Path, customers: str, **further: Any) -> dict[str, Any]:
    (folder / "charges.csv").write_text("customer,card\nc1,f1\nc2,f2\nc3,f3\n,f4\n")
    (folder / "customers.csv").write_text(customers)
    source = Source(
        path=str(folder / "charges.csv"), account="customer", lookup="c", time="", kinds={"payment": "card"}
    )
    lookup = Lookup(name="c", path=str(folder / "customers.csv"), account="org")
    return collect_observations(engine, Settings(now=NOW, sources=(source,), lookups=(lookup,), **further))


def test_accounts_are_looked_up_by_their_ids(engine: DuckEngine, tmp_path: Path) -> None:
    facts = looked_up(engine, tmp_path, "id,org\nc1,o1\nc2,o1\nc2,o1\nc3,o3\n")
    assert observed(engine) == [("o1", "payment", "f1"), ("o1", "payment", "f2"), ("o3", "payment", "f3")]
    assert rejected(engine) == [(4, "customer", "null_account")]
    assert [one["name"] for one in facts["sources"][0]["inputs"]] == ["charges.csv", "customers.csv"]


def test_an_id_without_one_account_rejects_its_rows(engine: DuckEngine, tmp_path: Path) -> None:
    looked_up(engine, tmp_path, "id,org\nc1,o1\nc2,o1\nc2,o2\n")
    assert observed(engine) == [("o1", "payment", "f1")]
    assert rejected(engine) == [
        (2, "customer", "several_accounts_for_id"),
        (3, "customer", "no_account_for_id"),
        (4, "customer", "null_account"),
    ]


def test_a_lookup_that_is_not_there_is_named(engine: DuckEngine, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("customer,card\nc1,f1\n")
    source = Source(
        path=str(tmp_path / "a.csv"), account="customer", lookup="x", time="", kinds={"payment": "card"}
    )
    with pytest.raises(SettingsError, match=r"lookup 'x': no such lookup; those of \[\[lookups\]\] are none"):
        collect_observations(engine, Settings(now=NOW, sources=(source,)))
    with pytest.raises(SettingsError, match="lookups: expected each name once"):
        Settings(lookups=(Lookup("a", "x.csv"), Lookup("a", "y.csv")))


LOG = """\
20.1.2.3 - anna [01/Mar/2026:10:00:00 +0000] "GET /a\\"b HTTP/1.1" 200 5 "-" "curl/8 \\"x\\""
api:443 2a00:1450::5 - bert [01/Mar/2026:10:00:01 +0000] "GET / HTTP/1.1" 200 - "-" "okhttp" "20.7.7.7"
this is no request
20.1.2.4 - - [01/Mar/2026:10:00:02 +0000] "GET / HTTP/1.1" 404 7
"""


@pytest.mark.parametrize("name", ["access.log", "access.log.1", "access.log-20260301", "ACCESS.LOG.2.gz"])
def test_an_access_log_is_read_line_by_line(engine: DuckEngine, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    content = LOG.encode()
    path.write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    source: dict[str, Any] = {
        "account": "remote_user",
        "time": "time_local",
        "time_format": "%d/%b/%Y:%H:%M:%S %z",
    }
    collect(engine, path=str(path), kinds={"ip": "remote_addr", "client": "http_user_agent"}, **source)
    assert observed(engine) == [
        ("anna", "client", 'curl/8 \\"x\\"'),
        ("bert", "client", "okhttp"),
        ("anna", "ip", "20.1.2.3"),
        ("bert", "ip", "2a00:1450::5"),
    ]
    assert rejected(engine) == [(3, None, "bad_log_line"), (4, "remote_user", "placeholder")]


def test_a_log_of_json_is_read_as_json_lines(engine: DuckEngine, tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text(as_lines(RECORDS))
    collect(engine, path=str(path), account="user.who.id", time="t", kinds=KINDS)
    assert observed(engine) == EXPECTED


def test_a_log_of_no_known_form_is_refused_alone_and_skipped_beside_others(
    engine: DuckEngine, tmp_path: Path
) -> None:
    (tmp_path / "app.log").write_text("2026-03-01 INFO started\n")
    source: dict[str, Any] = {"account": "user.who.id", "time": "t", "kinds": KINDS}
    with pytest.raises(InputError, match="neither JSON nor in the combined format"):
        collect(engine, path=str(tmp_path / "app.log"), **source)
    (tmp_path / "b.jsonl").write_text(as_lines(RECORDS))
    facts = collect(engine, path=str(tmp_path), **source)
    assert facts["sources"][0]["skipped"][0]["name"] == "app.log"
    assert observed(engine) == EXPECTED
