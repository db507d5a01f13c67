"""The report of the sample: one model in every format, the same bytes twice, links that resolve."""

from __future__ import annotations

import copy
import csv
import dataclasses
import datetime
import hashlib
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urldefrag

import html5lib
import jsonschema
import openpyxl
import pandas as pd
import pyarrow as pa
import pytest
from click.testing import CliRunner

import graphlink
from graphlink.cli.reporting import report
from graphlink.core.errors import ResultError, SettingsError
from graphlink.core.settings import Settings
from graphlink.explanations import estimate_collateral
from graphlink.explorer.since import words_of
from graphlink.report import Options, write_report
from graphlink.report.model import LOOK
from graphlink.report.selection import parse_selection
from graphlink.report.summary import _todo as todo_of
from graphlink.result.redaction import PARTNER, redact
from graphlink.result.result import Result

if TYPE_CHECKING:
    from pathlib import Path

LINK = "{http://www.w3.org/1999/xhtml}a"


@pytest.fixture(scope="module")
def written(sample_result: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(sample_result, tmp_path_factory.mktemp("report") / "r").folder


def told(folder: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return loaded


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.slow
def test_every_format_has_the_same_clusters_and_members(written: Path, sample_result: Result) -> None:
    clusters = told(written)["clusters"]
    ids = [page["entry"]["cluster_id"] for page in clusters]
    assert sorted(ids) == sorted(sample_result.table("clusters")["cluster_id"].to_pylist())
    assert [row["cluster_id"] for row in rows(written / "clusters.csv")] == ids
    core = [row["account_id"] for page in clusters for row in page["core"]]
    fringe = [row["account_id"] for page in clusters for row in page["fringe"]]
    assert [row["account_id"] for row in rows(written / "members.csv")] == core
    assert [row["account_id"] for row in rows(written / "fringe.csv")] == fringe
    assert {row["role"] for row in rows(written / "members.csv")} == {"core"}
    book = openpyxl.load_workbook(written / "report.xlsx")
    assert [cell.value for cell in book["Clusters"]["B"]][1:] == ids
    assert [cell.value for cell in book["Core members"]["B"]][1:] == core
    index = (written / "index.html").read_text(encoding="utf-8")
    markdown = (written / "report.md").read_text(encoding="utf-8")
    for name in ids:
        assert name in index
        assert name in markdown
        assert (written / "clusters" / f"{name}.html").is_file()


def test_the_json_is_as_its_published_schema_states(written: Path) -> None:
    schema = json.loads((written / "report.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(told(written))


def test_reasons_add_up_to_the_bits_of_the_links(written: Path) -> None:
    for page in told(written)["clusters"]:
        bits = page["entry"]["row"]["mean_bits"] * page["entry"]["n_links"]
        assert sum(reason["bits"] for reason in page["reasons"]) == pytest.approx(bits, abs=1e-3)


def test_a_check_of_one_account_is_of_one_account(sample_result: Result, tmp_path: Path) -> None:
    (first, *_) = write_report(sample_result, tmp_path / "r", Options(top=1)).entries
    (check,) = todo_of([dataclasses.replace(first, lead=LOOK, n_core=1)], {})
    assert check[0].startswith("Before action on 1 cluster with 1 core account rule out a household")


def test_pages_show_whom_closing_their_accounts_would_hit(written: Path, sample_result: Result) -> None:
    for page in told(written)["clusters"]:
        core = [row["account_id"] for row in page["core"]]
        if core:
            hit = estimate_collateral(sample_result, core)
            assert page["collateral"][0] == f"Closing all {len(core):,} core accounts: {' '.join(hit.law)}"
        tie = next(tie for tie in page["ties"] if tie["value"] and tie["bits"] > 0)
        assert [one for one in page["collateral"] if one.endswith(f" would hit: {tie['n_outside']}.")]


def test_twice_gives_the_same_bytes(written: Path, sample_result: Result, tmp_path: Path) -> None:
    again = write_report(sample_result, tmp_path / "again").folder
    assert digests(again) == digests(written)


def test_pages_are_valid_and_every_link_resolves_inside(written: Path) -> None:
    for page in written.rglob("*.html"):
        tree = html5lib.HTMLParser(strict=True).parse(page.read_text(encoding="utf-8"))
        for link in tree.iter(LINK):
            path, part = urldefrag(link.attrib["href"])
            target = (page.parent / path).resolve() if path else page
            assert target.is_relative_to(written.resolve())
            assert target.is_file()
            if part:
                assert f'id="{part}"' in target.read_text(encoding="utf-8")


def test_pages_have_no_script_and_a_policy_that_forbids_it(written: Path) -> None:
    for page in written.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert "<script" not in text
        assert " style=" not in text
        assert "default-src 'none'; style-src 'sha256-" in text


def test_a_selection_and_top_choose_clusters(sample_result: Result, tmp_path: Path) -> None:
    chosen = write_report(
        sample_result, tmp_path / "r", Options(select="n_accounts >= 5 and n_core > 2", top=2)
    )
    assert 0 < len(chosen.entries) <= 2
    assert all(entry.n_accounts >= 5 and entry.n_core > 2 for entry in chosen.entries)


def test_an_empty_selection_is_a_whole_report(sample_result: Result, tmp_path: Path) -> None:
    empty = write_report(sample_result, tmp_path / "r", Options(select="n_accounts < 0"))
    assert empty.entries == ()
    assert "No cluster to show" in (empty.folder / "index.html").read_text(encoding="utf-8")


def test_against_itself_nothing_is_new(sample_result: Result, tmp_path: Path) -> None:
    same = write_report(sample_result, tmp_path / "r", Options(since=sample_result))
    assert {entry.status for entry in same.entries} == {"same"}
    assert same.alerts == ()


class Placed(Result):
    """A result with some accounts elsewhere: account to cluster, None for none."""

    def __init__(self, result: Result, places: dict[str, str | None]) -> None:
        super().__init__(result.path, result.manifest)
        self._places = places

    def table(self, name: str, *told: Any, **asked: Any) -> pa.Table:
        actual = super().table(name, *told, **asked)
        if name != "membership":
            return actual
        rows = zip(actual["account_id"].to_pylist(), actual["cluster_id"].to_pylist(), strict=True)
        places = [self._places.get(account, cluster) for account, cluster in rows]
        at = actual.column_names.index("cluster_id")
        return actual.set_column(at, "cluster_id", pa.array(places, pa.string()))


def test_since_an_earlier_result_each_change_is_reported_with_the_accounts_that_moved(
    sample_result: Result, tmp_path: Path
) -> None:
    rows = sample_result.clusters.sort_values(["n_accounts", "cluster_id"], ascending=[False, True])
    names = list(rows["cluster_id"])
    members = {name: list(sample_result.members(name)["account_id"]) for name in names}
    grown, shrunk, merged, split, new = names[:5]
    half = len(members[merged]) // 2
    loner = next(
        row["account_id"] for row in sample_result.table("membership").to_pylist() if not row["cluster_id"]
    )
    gone = [
        row["account_id"] for row in sample_result.table("membership").to_pylist() if not row["cluster_id"]
    ][1:4]
    places: dict[str, str | None] = {
        members[grown][0]: None,
        loner: shrunk,
        **dict.fromkeys(members[merged][:half], "C-half"),
        **dict.fromkeys(members[names[5]], split),  # two later clusters were one
        **dict.fromkeys(members[new]),
        **dict.fromkeys(gone, "C-gone"),
    }
    before = Placed(sample_result, places)
    made = write_report(sample_result, tmp_path / "r", Options(since=before))
    statuses = {entry.cluster_id: entry.status for entry in made.entries}
    assert (statuses[grown], statuses[shrunk], statuses[merged]) == ("grown", "shrunk", "merged")
    assert (statuses[split], statuses[names[5]], statuses[new]) == ("split", "split", "new")
    assert {statuses[name] for name in names[6:]} == {"same"}
    pages = {page["entry"]["cluster_id"]: page for page in told(made.folder)["clusters"]}
    (move,) = pages[grown]["moves"]
    assert (move["account_id"], move["cluster_before"]) == (members[grown][0], None)
    assert [move["account_id"] for move in pages[shrunk]["moves"]] == [loner]
    assert {move["account_id"] for move in pages[new]["moves"]} == set(members[new])
    summary = told(made.folder)["summary"]
    assert "C-gone" in json.dumps(summary["gone"])
    assert {entry.cluster_id for entry in made.alerts} <= {grown, merged, new, split, names[5]}
    page = (made.folder / "clusters" / f"{grown}.html").read_text(encoding="utf-8")
    assert members[grown][0] in page
    book = openpyxl.load_workbook(made.folder / "report.xlsx")
    assert loner in {cell.value for cell in book["Moves"]["B"]}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "code"),
    [((), 0), (("--alert-probability", "0"), 3), (("--alert-probability", "1"), 0), (("--since",), 0)],
)
def test_the_exit_code_shows_of_alerts(
    sample_result: Result, tmp_path: Path, arguments: tuple[str, ...], code: int
) -> None:
    more = [*arguments, str(sample_result.path)] if arguments == ("--since",) else list(arguments)
    outcome = CliRunner().invoke(report, [str(sample_result.path), "--out", str(tmp_path / "r"), *more])
    assert outcome.exit_code == code, outcome.output


def test_a_key_is_read_as_for_an_export(sample_result: Result, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(b" a key of the tests, 32 bytes long\r\n")
    arguments = [str(sample_result.path), "--out", str(tmp_path / "r"), "--profile", "partner", "--key-file"]
    key.chmod(0o644)
    outcome = CliRunner().invoke(report, [*arguments, str(key)])
    assert isinstance(outcome.exception, SettingsError)
    assert str(outcome.exception).startswith(f"--key-file: {key}: every user can read it")
    key.chmod(0o600)
    assert CliRunner().invoke(report, [*arguments, str(key)]).exit_code == 0
    shown = redact(sample_result, PARTNER, b" a key of the tests, 32 bytes long")
    assert {path.stem for path in (tmp_path / "r" / "clusters").iterdir()} == set(
        shown.clusters["cluster_id"]
    )


def test_only_an_earlier_report_is_replaced(sample_result: Result, tmp_path: Path) -> None:
    folder = write_report(sample_result, tmp_path / "r").folder
    with pytest.raises(ResultError, match="overwrite"):
        write_report(sample_result, folder)
    write_report(sample_result, folder, Options(overwrite=True, top=1))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").write_text("mine", encoding="utf-8")
    with pytest.raises(ResultError, match="stays as it is"):
        write_report(sample_result, tmp_path / "other", Options(overwrite=True))


def test_a_report_that_fails_leaves_nothing_of_the_data(
    sample_result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(done: int, total: int) -> None:
        raise KeyboardInterrupt

    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    with pytest.raises(KeyboardInterrupt):
        write_report(sample_result, tmp_path / "r", progress=fail)
    assert [path.name for path in tmp_path.rglob("*")] == ["temporary"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["notes.md", "clusters/notes.html", "clusters/C-notes.html", "pictures/"])
def test_a_report_with_foreign_files_stays(sample_result: Result, tmp_path: Path, name: str) -> None:
    folder = write_report(sample_result, tmp_path / "r").folder
    foreign = folder / name
    if name.endswith("/"):
        foreign.mkdir()
    else:
        foreign.write_text("mine", encoding="utf-8")
    with pytest.raises(ResultError, match=f"did not write: {name};"):
        write_report(sample_result, folder, Options(overwrite=True))
    assert foreign.exists()


ROW = {"n": 3, "p": 0.5, "name": "a", "none": None, "yes": True}


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("n > 2 and p >= 0.5", True),
        ("n > 3 or name == 'a'", True),
        ("not n > 2", False),
        ("1 < n <= 3", True),
        ("name in ['a', 'b']", True),
        ("name not in ('a',)", False),
        ("none > 1", False),
        ("none < 1", False),
        ("yes", True),
        ("n > -1", True),
    ],
)
def test_a_selection_matches(text: str, matches: bool) -> None:
    assert parse_selection(text, ROW).matches(ROW) is matches


@pytest.mark.parametrize(
    "text",
    [
        "", "n >", "__import__('os')", "n.real > 1", "(lambda: 1)()", "n + 1 > 2", "[x for x in n]",
        "nope > 1",
        "n is 3", "3", "f'{n}' == 'a'", "n if p else n", "n > 2;", "n := 3", "n" * 3000, "(" * 900, "\0",
    ],
)  # fmt: skip
def test_what_is_no_selection_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="selection"):
        parse_selection(text, ROW)


def test_text_and_number_are_not_compared() -> None:
    with pytest.raises(SettingsError, match="quotes"):
        parse_selection("name > 3", ROW).matches(ROW)


DAY = pd.Timedelta(days=1)
START = pd.Timestamp("2026-03-01T00:00:00Z")


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Result]:
    """Two weeks of an operator: twenty accounts, of which eleven are closed and ten come in instead."""
    folder = tmp_path_factory.mktemp("weeks")
    return _week(folder / "first", old=range(20), new=range(0)), _week(
        folder / "second", old=range(9, 20), new=range(10)
    )


def _week(out: Path, old: range, new: range) -> Result:
    """A week's result: the operator's first accounts that are still in the data, and its new ones."""
    seen, accounts = [], []
    closing = START + 9 * DAY
    named = [(f"old{i:02}", i, START, closing if len(new) and i < 11 else None) for i in old]
    named += [(f"new{i:02}", i, closing + (i + 1) * pd.Timedelta(hours=2), None) for i in new]
    for name, i, opened, closed in named:
        accounts.append((name, opened, closed, "active" if closed is None else "banned"))
        for day in range(3):
            at = opened + day * DAY + pd.Timedelta(hours=1)
            cards = [(name, "payment", card, at) for card in (f"fp{i % 4}", f"gp{i % 3}")]
            seen += [*cards, (name, "ip", f"93.184.{i % 4}.9", at)]
    for i in range(60):  # strangers at home
        accounts.append((f"home{i:02}", START, None, "active"))
        seen += [
            (f"home{i:02}", "ip", f"77.20.{i}.9", START + DAY),
            (f"home{i:02}", "payment", f"own{i}", START + DAY),
        ]
    frames = {
        "observations": pd.DataFrame(seen, columns=["account_id", "kind", "value", "seen_at"]),
        "accounts": pd.DataFrame(accounts, columns=["account_id", "created_at", "closed_at", "status"]),
    }
    return graphlink.run(frames, settings=Settings(now="2026-04-01T00:00:00Z"), out=out)


@pytest.mark.slow
def test_an_operator_who_comes_back_is_grown_and_alerts_whoever_left(
    weeks: tuple[Result, Result], tmp_path: Path
) -> None:
    before, after = weeks
    made = write_report(after, tmp_path / "r", Options(since=before))
    (entry,) = made.entries
    assert (entry.status, entry.n_joined, entry.n_news, entry.n_left) == ("grown", 10, 10, 9)
    assert made.alerts == (entry,)
    joined = told(made.folder)["summary"]["joined"]
    assert {row["account"] for row in joined} == {f"new{i:02}" for i in range(10)}
    assert all(
        row["soon after a closing"] == "yes" and row["after the closing of"].startswith("old")
        for row in joined
    )
    assert all(row["tied by"].startswith(("payment ", "ip 93.184.")) for row in joined)
    assert told(made.folder)["summary"]["todo"][0][0].startswith(
        "May have come back: 10 accounts opened within 3 days after a closing ("
    )
    listed = rows(made.folder / "joined.csv")
    assert [row["cluster_id"] for row in listed] == [entry.cluster_id] * 10
    assert {row["is_soon_after"] for row in listed} == {"True"}
    page = (made.folder / "index.html").read_text(encoding="utf-8")
    assert "10 accounts joined 1 cluster since the earlier result; 10 of them are core and open." in page
    assert 'id="joined"' in page
    book = openpyxl.load_workbook(made.folder / "report.xlsx")
    assert {cell.value for cell in book["Joined"]["B"]} >= {"new00", "new09"}


def test_since_a_date_whoever_was_opened_then_joined(weeks: tuple[Result, Result], tmp_path: Path) -> None:
    since = (START + 9 * DAY).to_pydatetime()
    made = write_report(weeks[1], tmp_path / "r", Options(since=since))
    (entry,) = made.entries
    assert (entry.status, entry.n_joined, entry.n_soon_after, entry.n_left) == ("grown", 10, 10, 0)
    later = write_report(weeks[1], tmp_path / "later", Options(since=since + datetime.timedelta(days=9)))
    assert later.alerts == ()
    assert later.entries[0].status == "same"


def test_a_report_of_no_cluster_states_so_and_may_be_replaced(
    weeks: tuple[Result, Result], tmp_path: Path
) -> None:
    since = START.to_pydatetime()
    options = Options(since=since, select="n_accounts > 9000", overwrite=True)
    for _ in range(2):
        made = write_report(weeks[1], tmp_path / "r", options)
        assert made.entries == ()
        changed = told(made.folder)["summary"]["changed"]
        assert changed == ["No account joined a cluster shown since 2026-03-01 00:00 UTC."]


@pytest.mark.parametrize(("since", "code"), [("2026-03-10", 3), ("2026-03-20T12:00:00+02:00", 0)])
def test_the_command_takes_a_date_and_states_how_many_joined(
    weeks: tuple[Result, Result], tmp_path: Path, since: str, code: int
) -> None:
    text = [str(weeks[1].path), "--out", str(tmp_path / "r"), "--since", since]
    outcome = CliRunner().invoke(report, text)
    assert outcome.exit_code == code, outcome.output
    assert ("10 open core accounts joined, 1 cluster may have come back: C-" in outcome.output) == (code == 3)


def test_an_earlier_result_that_is_hard_to_compare_with_is_named(
    weeks: tuple[Result, Result], sample_result: Result, tmp_path: Path
) -> None:
    other = write_report(weeks[1], tmp_path / "other", Options(since=sample_result))
    assert any("no account in common" in one for one in told(other.folder)["summary"]["changed"])
    manifest = copy.deepcopy(weeks[0].manifest)
    manifest["settings"]["model"]["core_probability"] = 0.8
    moved = write_report(weeks[1], tmp_path / "moved", Options(since=Result(weeks[0].path, manifest)))
    assert "other settings" in told(moved.folder)["summary"]["changed"][0]
    plain = write_report(weeks[1], tmp_path / "plain", Options(since=weeks[0]))
    assert told(plain.folder)["summary"]["changed"][0].startswith("10 accounts joined")


@pytest.mark.parametrize(
    ("since", "words"),
    [("2026-03-10T00:00:00+09:00", "2026-03-09 15:00 UTC"), ("2026-03-10", "2026-03-10 00:00 UTC")],
)
def test_a_date_with_a_zone_is_shown_in_utc(
    weeks: tuple[Result, Result], tmp_path: Path, since: str, words: str
) -> None:
    moment = datetime.datetime.fromisoformat(since)  # without a zone it is taken as UTC
    made = write_report(weeks[1], tmp_path / "r", Options(since=moment))
    assert f"since {words}" in told(made.folder)["summary"]["changed"][0]
    assert words_of(moment).endswith(words)


@pytest.mark.parametrize("since", ["", "2026-02-30", "2026-3-1", "0001-01-01T00:00:00+14:00"])
def test_what_is_no_date_and_no_folder_is_refused_as_both(
    weeks: tuple[Result, Result], tmp_path: Path, since: str
) -> None:
    text = [str(weeks[1].path), "--out", str(tmp_path / "r"), "--since", since]
    outcome = CliRunner().invoke(report, text)
    assert isinstance(outcome.exception, ResultError), outcome.output
    assert "date" in str(outcome.exception) or "years 1 to 9999" in str(outcome.exception)


def test_a_since_that_is_neither_a_result_nor_a_date_is_named(
    weeks: tuple[Result, Result], tmp_path: Path
) -> None:
    text = [str(weeks[1].path), "--out", str(tmp_path / "r"), "--since", "yesterday"]
    outcome = CliRunner().invoke(report, text)
    assert isinstance(outcome.exception, ResultError), outcome.output
    assert "yesterday" in str(outcome.exception)


def test_what_is_left_out_of_a_redacted_report_is_not_claimed(
    weeks: tuple[Result, Result], tmp_path: Path
) -> None:
    before, after = (redact(result, PARTNER, b"k" * 32) for result in weeks)
    made = write_report(after, tmp_path / "r", Options(since=before))
    (entry,) = made.entries
    assert (entry.status, entry.n_joined, entry.n_soon_after) == ("grown", 10, 0)
    assert all(row["opened"] is None for row in told(made.folder)["summary"]["joined"])
