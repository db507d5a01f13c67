"""Updates of results: new files and frames, settings whose files are partly new, and what is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from graphlink.core.errors import InputError, ResultError, SettingsError
from graphlink.core.settings import EngineSettings, Placeholders, Settings, Source
from graphlink.pipeline import run
from graphlink.result.redaction import PROFILES, redact
from graphlink.result.result import read_result
from tests.tampered import change_column, copy_of, sign
from tests.updated import assert_equal, drawn_rows, fallback_of, reading_only, tables_of, write_log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from graphlink.result.result import Result

NOW = Settings(now="2026-06-01T00:00:00Z")
ONE = EngineSettings(threads=1, memory="500MB")


@pytest.fixture(autouse=True)
def _reading_only() -> Iterator[None]:
    with reading_only():
        yield


@pytest.fixture
def earlier(tmp_path: Path) -> Result:
    return run(write_log(tmp_path / "a.csv", drawn_rows(1, 40)), settings=NOW, out=tmp_path / "r", limits=ONE)


def test_new_files_come_after_those_that_were_read(earlier: Result, tmp_path: Path) -> None:
    before = tables_of(earlier)
    write_log(tmp_path / "b.csv", drawn_rows(2, 30))
    updated = run(tmp_path / "b.csv", update=earlier, out=tmp_path / "u", limits=ONE)
    whole = run(
        [tmp_path / "a.csv", tmp_path / "b.csv"], settings=NOW, model=earlier.path, out=tmp_path / "w"
    )
    assert_equal(updated, whole)
    assert [one["name"] for one in updated.manifest["settings"]["sources"]] == ["a.csv", "b.csv"]
    assert updated.manifest["this_run"]["update"] == {
        "observations_sha256": earlier.manifest["tables"]["observations"]["sha256"],
        "files_kept": 1,
    }
    assert tables_of(earlier) == before


def test_files_read_before_need_not_be_there(earlier: Result, tmp_path: Path) -> None:
    (tmp_path / "a.csv").unlink()
    write_log(tmp_path / "b.csv", [("acc1", "thing", "v1", "2026-03-01T10:00:00Z", "1")])
    updated = run(tmp_path / "b.csv", update=earlier.path, out=tmp_path / "u", limits=ONE)
    assert len(updated.table("observations")) >= len(earlier.table("observations"))


def test_a_row_that_was_read_before_counts_again_and_late_rows_sort_first(tmp_path: Path) -> None:
    row = ("a", "thing", "v", "2026-03-02T10:00:00Z", "2")
    first = run(write_log(tmp_path / "a.csv", [row]), out=tmp_path / "r", limits=ONE)
    late = ("a", "thing", "v", "2026-03-01T10:00:00Z", "1")
    write_log(tmp_path / "b.csv", [row, late])
    rows = run(tmp_path / "b.csv", update=first, limits=ONE).table("observations").to_pylist()
    assert [(one["seen_at"].day, one["n"]) for one in rows] == [(1, 1), (2, 4)]


def test_columns_of_new_files_are_those_of_the_files_before(tmp_path: Path) -> None:
    columns = ("user", "ts", "card")
    rows = [("a", "2026-03-01T10:00:00Z", "c1"), ("b", "2026-03-01T11:00:00Z", "c1")]
    write_log(tmp_path / "a.csv", rows, columns)
    write_log(tmp_path / "b.csv", [("c", "2026-03-02T10:00:00Z", "c1")], columns)
    first = run(
        tmp_path / "a.csv",
        account="user",
        time="ts",
        kinds={"payment": "card"},
        out=tmp_path / "r",
        limits=ONE,
    )
    held = run(tmp_path / "b.csv", update=first, limits=ONE).table("observations")["account_id"].to_pylist()
    assert held == ["a", "b", "c"]


def test_frames_update_a_result_of_frames_with_the_table_of_accounts_of_today(tmp_path: Path) -> None:
    log = pd.DataFrame({"account_id": ["a", "b"], "kind": "thing", "value": "v", "seen_at": "2026-03-01"})
    accounts = pd.DataFrame({"account_id": ["a", "z"], "status": "active", "closed_at": [None, None]})
    first = run({"log": log, "accounts": accounts}, out=tmp_path / "r", limits=ONE)
    new = log.assign(account_id=["b", "c"])
    closed = accounts.assign(account_id=["a", "b"], status="banned", closed_at="2026-03-02")
    updated = run({"more": new, "accounts": closed}, update=first, out=tmp_path / "u", limits=ONE)
    whole = run(
        {"log": log, "more": new, "accounts": closed}, model=first.path, out=tmp_path / "w", limits=ONE
    )
    assert_equal(updated, whole)
    assert updated.table("accounts")["account_id"].to_pylist() == ["a", "b", "c"]
    with pytest.raises(SettingsError, match="table of accounts"):
        run(new, update=first)


def test_settings_read_their_new_files_only_and_all_where_one_has_changed(tmp_path: Path) -> None:
    (tmp_path / "graphlink.toml").write_text('[[sources]]\npath = "log"\n[[sources]]\npath = "pay.csv"\n')
    for name, seed in (("log/b.csv", 1), ("log/c.csv", 2), ("pay.csv", 3)):
        write_log(tmp_path / name, [row for row in drawn_rows(seed, 20) if "2999" not in row[3]])
    first = run(tmp_path / "graphlink.toml", out=tmp_path / "r", limits=ONE)
    write_log(tmp_path / "log" / "a.csv", [row for row in drawn_rows(4, 20) if "2999" not in row[3]])
    for day in ("new file", "nothing new", "a file changed"):
        if day == "a file changed":
            write_log(tmp_path / "log" / "b.csv", drawn_rows(5, 20, ("thing",)))
        updated = run(
            tmp_path / "graphlink.toml", update=first, out=tmp_path / "u", overwrite=True, limits=ONE
        )
        whole = run(
            tmp_path / "graphlink.toml", model=first.path, out=tmp_path / "w", overwrite=True, limits=ONE
        )
        assert_equal(updated, whole)
        assert fallback_of(updated) == (
            "b.csv of the source 'log' has changed since it was read" if day == "a file changed" else ""
        )


def test_nothing_is_made_of_an_update_that_fails(earlier: Result, tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("who,what\na,b\n", encoding="utf-8")
    with pytest.raises(InputError, match="account_id"):
        run(tmp_path / "b.csv", update=earlier, out=tmp_path / "u")
    assert not (tmp_path / "u").exists()


def test_a_file_that_was_read_is_refused_under_any_name(earlier: Result, tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_bytes((tmp_path / "a.csv").read_bytes())
    with pytest.raises(SettingsError, match=r"same bytes \(a.csv\)"):
        run(tmp_path / "b.csv", update=earlier)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"account": "user"}, "account"),
        ({"model": "model.json"}, "model"),
        ({"kinds": {"ip": "ip"}}, "kinds"),
    ],
)
def test_what_the_result_decides_is_not_given_twice(
    earlier: Result, tmp_path: Path, given: dict[str, object], named: str
) -> None:
    with pytest.raises(SettingsError, match=f"{named}: an update takes that"):
        run(tmp_path / "b.csv", update=earlier, **given)  # type: ignore[arg-type]  # as a caller might


def test_settings_of_reading_must_be_those_of_the_result(earlier: Result, tmp_path: Path) -> None:
    write_log(tmp_path / "b.csv", drawn_rows(2, 5))
    other = NOW.with_(placeholders=Placeholders(reject={"thing": ("v1",)}))
    with pytest.raises(SettingsError, match="placeholders: the settings differ"):
        run(tmp_path / "b.csv", update=earlier, settings=other)


def test_settings_that_name_files_are_needed_again(tmp_path: Path) -> None:
    write_log(tmp_path / "a.csv", drawn_rows(1, 5, ("thing",)))
    write_log(tmp_path / "b.csv", drawn_rows(2, 5, ("thing",)))
    (tmp_path / "lists.csv").write_text(
        "network,label,type\n203.0.113.0/29,Somewhere,vpn\n", encoding="utf-8"
    )
    (tmp_path / "s.toml").write_text(
        'now = "2026-06-01T00:00:00Z"\n[[references]]\npath = "lists.csv"\n', encoding="utf-8"
    )
    first = run(tmp_path / "a.csv", settings=tmp_path / "s.toml", out=tmp_path / "r", limits=ONE)
    with pytest.raises(SettingsError, match=r"name files \(references\)"):
        run(tmp_path / "b.csv", update=first)
    assert run(tmp_path / "b.csv", update=first, settings=tmp_path / "s.toml", limits=ONE)


def test_sources_with_different_columns_are_updated_by_settings(tmp_path: Path) -> None:
    settings = Settings(
        sources=(
            Source(path="a.csv"),
            Source(path="b.csv", kinds={"payment": "value"}),
        ),
        folder=str(tmp_path),
    )
    write_log(tmp_path / "a.csv", [("a", "thing", "v", "2026-03-01T10:00:00Z", "1")])
    write_log(tmp_path / "b.csv", [("a", "thing", "v", "2026-03-01T10:00:00Z", "1")])
    first = run(settings, out=tmp_path / "r", limits=ONE)
    with pytest.raises(SettingsError, match="different columns"):
        run(tmp_path / "a.csv", update=first)
    assert_equal(run(settings, update=first, out=tmp_path / "u", limits=ONE), first_again(settings, first))


def first_again(settings: Settings, first: Result) -> Result:
    return run(settings, model=first.path, out=first.path.with_name("w"), limits=ONE)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda m: m.pop("model"), "keeps no model"),
        (lambda m: m.update(format=1), "format 1"),
        (lambda m: m["tables"]["observations"].pop("sha256"), "without digests"),
        (lambda m: m["tables"]["observations"].update(sha256="0"), "not the file that the run wrote"),
        (lambda m: m["steps"].clear(), "as no run does"),
        (lambda m: m["steps"][0]["facts"]["sources"][0].update(rows_read="many"), "as no run does"),
        (lambda m: m["settings"].update(now=None), "as no run does"),
    ],
)
def test_a_result_that_is_none_or_was_changed_is_refused(
    earlier: Result, tmp_path: Path, spoil: object, message: str
) -> None:
    folder = copy_of(earlier, tmp_path / "copy")
    manifest = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert callable(spoil)
    spoil(manifest)
    (folder / "run.json").write_text(json.dumps(manifest), encoding="utf-8")
    write_log(tmp_path / "b.csv", drawn_rows(2, 5))
    with pytest.raises(ResultError, match=message):
        run(tmp_path / "b.csv", update=folder)


def test_observations_that_break_their_contract_are_refused_though_signed(
    earlier: Result, tmp_path: Path
) -> None:
    folder = copy_of(earlier, tmp_path / "copy")
    change_column(folder, "observations", "value", lambda _: None)
    sign(folder)
    write_log(tmp_path / "b.csv", drawn_rows(2, 5))
    with pytest.raises(ResultError, match="observations"):
        run(tmp_path / "b.csv", update=folder)


def test_a_redacted_result_and_no_result_are_refused(earlier: Result, tmp_path: Path) -> None:
    with pytest.raises(ResultError, match="redacted"):
        run(tmp_path / "b.csv", update=redact(read_result(earlier.path), PROFILES["partner"], b"k" * 32))
    with pytest.raises(ResultError, match="found int"):
        run(tmp_path / "b.csv", update=3)  # type: ignore[arg-type]  # as a caller might
