"""The command line over a small result made by hand: data, messages, exit codes, hostile values."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from graphlink.cli import commands
from graphlink.core.errors import GraphlinkError
from graphlink.core.schema import TABLES
from graphlink.engine.duck import DuckEngine
from graphlink.engine.stage import Step
from graphlink.progress import Progress, ProgressLines
from graphlink.result.result import read_result
from graphlink.samples import draw_world
from graphlink.storage.result_folder.manifest import write_manifest
from graphlink.storage.result_folder.writing import write_tables

EVIL = "=evil[red]\x1b[2J\u202e"
AT = "TIMESTAMPTZ '2026-01-31 23:59:59.5+00'"
ROWS = {
    "observations": ["('a', 'ip', '192.0.2.1', NULL, 1)"],
    "rejected_rows": [],
    "accounts": [
        f"('{name}', NULL, NULL, 'active', false, NULL, NULL, 1, 1)"
        for name in ("a", "b", "c", "d", "e", EVIL)
    ],
    "identifiers": [
        "('ip', '192.0.2.1', 'network', 2, 1, 1, false, false, 0.9, false, NULL, NULL, NULL, NULL)"
    ],
    "evidence": [
        "('a', 'b', 'ip', '192.0.2.1', 'network', 9, 8, 2, 2, 3600, NULL, NULL, NULL, NULL)",
        "('a', 'b', 'payment', 'p1', 'payment', 19, 18, 2, 2, 3600, NULL, NULL, NULL, NULL)",
    ],
    "links": ["('a', 'b', 14, 0.99, 0, 0, false, 0.99, 2, 2, NULL, NULL)"],
    "membership": [
        "('a', 'a', 'C-1', 0.9, 'core', NULL)",
        "('b', 'a', 'C-1', 0.99, 'core', NULL)",
        "('c', 'c', 'C-2', 0.6, 'fringe', NULL)",
        "('d', 'c', 'C-2', 0.6, 'fringe', NULL)",
        f"('{EVIL}', 'c', 'C-2', 0.7, 'fringe', 'must_link')",
        "('e', NULL, NULL, NULL, 'none', NULL)",
    ],
    "constraints": [f"('{EVIL}', 'd', 'must_link', 'applied', NULL)"],
    "clusters": [
        (
            f"('C-1', 2, 2, 0, 1, 0.99, 1, 14, 14, 1, false, 2, 2, NULL, NULL, 'payment,network', "
            f"'same_operator', 0.9, 0.04, 0.05, 0.01, 'shared_network', 3.9, NULL, NULL, NULL, {AT}, {AT})"
        ),
        (
            f"('C-2', 3, 0, 1, 2, 0.6, 1, 3, 3, 1, false, 2, 1, 'ip', '192.0.2.1', '{EVIL}', "
            "'shared_network', 0.3, 0.1, 0.59, 0.01, 'same_operator', 1.0, NULL, NULL, NULL, NULL, NULL)"
        ),
    ],
    "hypotheses": ["('C-1', 'payment', 1, 1, -0.1, -5, -4, -0.1, 'whose the shared cards are')"],
    "signals": ["('C-1', 'share_closed', 0.5, 0.1, 2, 'share of accounts that are closed')"],
    "facts": [
        "('C-1', 'night_share', '', '', .31, .3, .34, .05, .01, .11, NULL, NULL, NULL, 2, 90, 'at night')",
        (
            f"('C-2', 'moved_share', 'model', '{EVIL}', .8, NULL, NULL, .1, 0, .3, 8, 4, 16, 3, 90, "
            "'share of the calls that went to it')"
        ),
    ],
    "reasons": [
        "('C-1', 1, 'shared_identifier', 'payment', 'p1', 18, 2, 'two pay with one card', NULL, NULL)",
        "('C-1', 2, 'shared_identifier', 'ip', '192.0.2.1', 8, 2, 'two on one address', NULL, NULL)",
        f"('C-2', 1, 'shared_identifier', 'ip', '{EVIL}', 8, 2, '{EVIL}', NULL, NULL)",
    ],
}


def make_result(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    with DuckEngine(threads=1) as engine:
        for spec in TABLES:
            names, types = ", ".join(spec.column_names), [column.type for column in spec.columns]
            select = ", ".join(f"{n}::{t} AS {n}" for n, t in zip(spec.column_names, types, strict=True))
            nulls = "(" + ", ".join("NULL" for _ in types) + ")"
            values, only = (", ".join(ROWS[spec.name]), "true") if ROWS[spec.name] else (nulls, "false")
            engine.make(spec.name, f"SELECT {select} FROM (VALUES {values}) AS v({names}) WHERE {only}")
        tables = write_tables(engine, folder)
    steps = [{"step": "write", "seconds": 0.1, "peak_memory_mib": 100}]
    write_manifest(folder, {"graphlink": "0.1.0", "tables": tables, "this_run": {"steps": steps}})
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_result(tmp_path_factory.mktemp("cli") / "result")


def invoked(*arguments: object) -> Result:
    return CliRunner().invoke(commands, [str(argument) for argument in arguments], prog_name="graphlink")


def data(*arguments: object) -> Any:
    done = invoked(*arguments, "--format", "json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_clusters_lists_them_surest_first(folder: Path) -> None:
    printed = data("clusters", folder)
    assert [row["cluster_id"] for row in printed] == ["C-1", "C-2"]
    assert printed[0]["last_seen"] == "2026-01-31T23:59:59.500000+00:00"
    assert printed[1]["last_seen"] is None


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--top", 1], ["C-1"]),
        (["--min-size", 3], ["C-2"]),
        (["--min-score", 0.9], ["C-1"]),
        (["--min-score", 1], []),
    ],
)
def test_clusters_can_be_narrowed(folder: Path, options: list[object], found: list[str]) -> None:
    assert [row["cluster_id"] for row in data("clusters", folder, *options)] == found


def test_clusters_in_json_have_every_column(folder: Path) -> None:
    columns = next(spec for spec in TABLES if spec.name == "clusters").column_names
    assert tuple(data("clusters", folder)[0]) == (*columns, "priority", "why_first")


def test_clusters_lists_what_is_openly_one_organisation_apart(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from graphlink.cli import reading

    rows = reading.clusters_in_order(read_result(folder))
    rows[0]["hypothesis"] = "openly_one_organisation"
    monkeypatch.setattr(reading, "clusters_in_order", lambda *_: rows)
    text = invoked("clusters", folder).stdout
    first, _, apart = text.partition("\nopenly one organisation\n")
    assert ("C-1" in first, "C-2" in first) == (False, True)
    assert ("C-1" in apart, "C-2" in apart) == (True, False)
    assert [row["cluster_id"] for row in data("clusters", folder, "--top", 1)] == ["C-2", "C-1"]


def test_the_order_of_clusters_can_be_weighed(folder: Path) -> None:
    plain, weighed = (data("clusters", folder, *more)[0]["priority"] for more in ((), ("--weigh", "size=8")))
    assert weighed == pytest.approx(8 * plain, rel=1e-2)
    wrong = invoked("clusters", folder, "--weigh", "mass=1")
    assert (wrong.exit_code, "no part 'mass'; parts are burner_domains" in wrong.stderr) == (1, True)
    parts = data("show", folder, "C-1", "--part", "priority")
    assert {row["part"]: row["weight"] for row in parts}["succession"] == 3.0
    assert parts[0]["points"] == max(row["points"] for row in parts)


@pytest.mark.parametrize("command", [("clusters",), ("show",), ("why",)])
def test_tables_show_hostile_values_as_text(folder: Path, command: tuple[str]) -> None:
    rest = {"clusters": (), "show": ("C-2",), "why": ("a", "b")}[command[0]]
    done = invoked(*command, folder, *rest)
    assert done.exit_code == 0
    assert "\x1b" not in done.output
    assert "\u202e" not in done.output
    if command != ("why",):
        assert "=evil[red]<U+001B>[2J<U+202E>" in done.stdout


def test_csv_guards_formulas(folder: Path) -> None:
    done = invoked("show", folder, "C-2", "--part", "members", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert {row["account_id"] for row in rows} == {"c", "d", "'" + EVIL}


def test_show_has_reasons_members_and_identifiers(folder: Path) -> None:
    printed = data("show", folder, "C-1")
    parts = [
        "cluster", "priority", "hypotheses", "separates", "signals", "facts", "reasons", "members",
        "identifiers",
    ]  # fmt: skip
    assert list(printed) == parts
    assert [row["bits"] for row in printed["reasons"]] == [18, 8]
    assert [(row["account_id"], row["status"]) for row in printed["members"]] == [
        ("b", "active"),
        ("a", "active"),
    ]
    assert [(row["value"], row["degree"]) for row in printed["identifiers"]] == [
        ("p1", None),
        ("192.0.2.1", 2),
    ]


def test_show_cuts_each_part_at_top(folder: Path) -> None:
    printed = data("show", folder, "C-1", "--top", 1)
    assert [len(printed[part]) for part in ("cluster", "reasons", "members", "identifiers")] == [1, 1, 1, 1]


def test_show_states_what_a_cluster_may_be_and_on_what_that_rests(folder: Path) -> None:
    printed = data("show", folder, "C-1")
    assert [(row["hypothesis"], row["probability"]) for row in printed["hypotheses"]] == [
        ("same_operator", 0.9),
        ("shared_network", 0.05),
        ("shared_intermediary", 0.04),
        ("openly_one_organisation", 0.01),
    ]
    assert [(row["evidence"], row["bits"]) for row in printed["separates"]] == [("payment", 3.9)]
    assert [(row["signal"], row["value"]) for row in printed["signals"]] == [("share_closed", 0.5)]
    assert "Losing" not in invoked("show", folder, "C-1").stderr


def test_show_states_on_what_a_cluster_hangs(folder: Path) -> None:
    text = invoked("show", folder, "C-2").stderr
    # Its evidence is not in this result: then only the weakest cut is known, and more may fall off.
    assert text.endswith("Losing ip 192.0.2.1 alone splits off at least 1 account of 3.\n")


def test_show_states_whom_labels_put_into_a_cluster(folder: Path) -> None:
    assert "1 of its 3 accounts stands in it because of labels" in invoked("show", folder, "C-2").stderr
    assert "labels" not in invoked("show", folder, "C-1").stderr
    assert "constrained_by" in invoked("show", folder, "C-2", "--part", "members").stdout
    assert "constrained_by" not in invoked("show", folder, "C-1", "--part", "members").stdout
    members = data("show", folder, "C-2", "--part", "members")
    assert {row["account_id"]: row["constrained_by"] for row in members} == {
        "c": None, "d": None, EVIL: "must_link"
    }  # fmt: skip


def test_show_in_csv_needs_one_part(folder: Path) -> None:
    done = invoked("show", folder, "C-1", "--format", "csv")
    assert done.exit_code == 2
    assert "choose --part" in done.stderr


@pytest.mark.parametrize("pair", [("a", "b"), ("b", "a")])
def test_why_gives_the_link_and_its_evidence(folder: Path, pair: tuple[str, str]) -> None:
    printed = data("why", folder, *pair)
    assert printed["probability"] == 0.99
    assert [row["kind"] for row in printed["evidence"]] == ["payment", "ip"]


def test_why_states_when_there_is_no_link(folder: Path) -> None:
    printed = data("why", folder, "a", "c")
    assert (printed["bits"], printed["probability"], printed["evidence"]) == (None, None, [])
    assert printed["sentences"][0].startswith("No link of a and c: ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "C-9"), "no cluster 'C-9'"),
        (("why", "a", "zz"), "no account 'zz'"),
        (("why", "a", "a"), "give two different accounts"),
    ],
)
def test_what_is_not_there_is_named(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    done = invoked(arguments[0], folder, *arguments[1:])
    assert done.exit_code == 1
    assert said in done.stderr
    assert done.stdout == ""


def test_errors_have_no_traceback_and_move_no_cursor(tmp_path: Path) -> None:
    done = invoked("clusters", tmp_path / "no\x1b[2Jne")
    assert done.exit_code == 1
    assert done.stderr.startswith("graphlink: no folder ")
    assert "<U+001B>[2J" in done.stderr
    assert "\x1b" not in done.stderr
    assert "Traceback" not in done.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("unknown",),
        ("clusters",),
        ("run",),
        ("clusters", "r", "--top", "0"),
        ("clusters", "r", "--format", "xml"),
    ],
)
def test_wrong_use_exits_with_2(arguments: tuple[str, ...]) -> None:
    assert invoked(*arguments).exit_code == 2


def test_evaluate_measures_against_a_truth(folder: Path, tmp_path: Path) -> None:
    truth = tmp_path / "truth.csv"
    truth.write_text("account_id,operator_id\na,1\nb,1\nc,2\nd,3\n007,4\n", encoding="utf-8")
    printed = data("evaluate", folder, "--truth", truth)
    assert printed["clusters"]["n_clusters"] == 2
    assert printed["links"]
    table = invoked("evaluate", folder, "--truth", truth)
    assert "clusters.pairs.precision" in table.stdout


def test_evaluate_takes_a_truth_or_a_workspace(folder: Path, tmp_path: Path) -> None:
    truth = ("--truth", tmp_path / "x.csv")
    for arguments in ((), (*truth, "--workspace", tmp_path), (*truth, "--leave-out", "payment")):
        done = invoked("evaluate", folder, *arguments)
        assert done.exit_code == 2
        assert "give one of --truth FILE, --workspace DIR and --leave-out FACET" in done.output


def test_evaluate_names_a_truth_that_cannot_be_read(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "truth.parquet").write_bytes(b"none")
    done = invoked("evaluate", folder, "--truth", tmp_path / "truth.parquet")
    assert done.exit_code == 1
    assert "expected Parquet or .csv with account_id and operator_id" in done.stderr


def test_doctor_shows_versions_and_room() -> None:
    printed = data("doctor")
    assert printed["duckdb"].count(".") == 2
    assert printed["temporary_folder_free_gib"] > 0
    assert printed["explorer"] == "built" or printed["explorer"].startswith("not built")
    optional = {name.removesuffix(" (optional)") for name in printed if name.endswith("(optional)")}
    assert {"adbc-driver-postgresql", "anywidget", "pyspark", "stix2", "typst"} <= optional
    assert "pytest" not in optional


def test_doctor_says_how_to_install_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "graphlink.cli.reading._version", lambda package: None if package == "typst" else "1.0"
    )
    assert data("doctor")["typst (optional)"] == "not installed: pip install 'graphlink[pdf]'"


def test_init_writes_a_file_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("graphlink.ingest.suggest_settings")
    module.suggest = lambda files: SimpleNamespace(text=f"# {len(files)} files\n", lines=["a.csv: seen"])  # type: ignore[attr-defined]  # a stand-in for a module
    monkeypatch.setitem(sys.modules, "graphlink.ingest.suggest_settings", module)
    out = tmp_path / "graphlink.toml"
    done = invoked("init", "a.csv", "b.csv", "--out", out)
    assert (done.exit_code, done.stderr.splitlines()[0]) == (0, "a.csv: seen")
    assert out.read_text(encoding="utf-8") == "# 2 files\n"
    again = invoked("init", "a.csv", "--out", out)
    assert (again.exit_code, "--overwrite replaces it" in again.stderr) == (1, True)
    assert "no folder" in invoked("init", "a.csv", "--out", tmp_path / "none" / "g.toml").stderr
    assert invoked("init", "a.csv", "--out", out, "--overwrite").exit_code == 0
    assert out.read_text(encoding="utf-8") == "# 1 files\n"


def test_init_shows_paths_from_the_settings_files_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "conf").mkdir()
    (tmp_path / "data" / "log.csv").write_text("account_id,ip\na,192.0.2.1\nb,192.0.2.2\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert invoked("init", "data/log.csv", "--out", "conf/g.toml").exit_code == 0
    assert [source["name"] for source in data("check", "conf/g.toml")["sources"]] == ["log.csv"]


class Run:
    """A stand-in for the pipeline: records its arguments and returns a result made by hand."""

    def __init__(self, folder: Path, n_rejected_rows: int = 0) -> None:
        self.folder = folder
        self.n_rejected_rows = n_rejected_rows
        self.given: dict[str, Any] = {}

    def __call__(self, source: object, **given: Any) -> Any:
        from graphlink.result.result import read_result

        self.given = {"source": source, **given}
        if given["progress"] is not None:
            given["progress"](Progress(a_step("links", ""), 1, 1, 1.0, 2.0, 4000))
        result = read_result(self.folder)
        facts = {"lines_rejected": self.n_rejected_rows, "accounts_table": None}
        steps = result.manifest.get("steps", [])
        result.manifest["steps"] = [{"step": "observations", "facts": facts}, *steps]
        result.manifest["tables"]["rejected_rows"]["rows"] = self.n_rejected_rows
        return result


def test_run_hands_over_what_it_is_reported(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in = Run(folder)
    monkeypatch.setattr("graphlink.pipeline.run", stand_in)
    done = invoked(
        "run", "a.csv", "b.csv", "--settings", "s.toml", "--out", "r", "--overwrite",
        "--memory", "2GB", "--threads", 2, "--temp", "/scratch", "--format", "json", "--explain-all",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    given = stand_in.given
    assert (given["source"], given["settings"], given["out"]) == (
        (Path("a.csv"), Path("b.csv")),
        Path("s.toml"),
        Path("r"),
    )
    assert given["overwrite"] is given["explain_all"] is True
    assert (given["limits"].memory, given["limits"].threads, given["limits"].folder) == ("2GB", 2, "/scratch")
    assert json.loads(done.stdout)["clusters"] == 2
    assert "links" in done.stderr
    assert "2,000 rows/s" in done.stderr


def test_quiet_prints_data_only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in = Run(folder, n_rejected_rows=5)
    monkeypatch.setattr("graphlink.pipeline.run", stand_in)
    done = invoked("run", "a.csv", "--quiet", "--format", "json")
    assert stand_in.given["explain_all"] is False
    assert done.stderr == ""
    assert json.loads(done.stdout)["rejected_rows"] == 5


@pytest.mark.slow
def test_run_explains_all_when_it_is_requested_to(tmp_path: Path) -> None:
    world = draw_world(4, 150).write(tmp_path / "world")
    done = invoked("run", world, "--out", tmp_path / "r", "--explain-all", "--quiet", "--format", "json")
    assert done.exit_code == 0, done.output
    result = read_result(tmp_path / "r")
    given = result.table("member_reasons").to_pylist()
    clustered = {row["account_id"] for row in result.table("membership").to_pylist() if row["cluster_id"]}
    assert {row["account_id"] for row in given} == clustered
    assert len(clustered) > 1
    links, pieces = (result.table(name).to_pylist() for name in ("links", "link_reasons"))
    # Sorted by rank, so that what stays of a link is where its way ends.
    ends = {(row["account_id_l"], row["account_id_r"]): row["running"] for row in pieces}
    bits = {(row["account_id_l"], row["account_id_r"]): row["bits"] for row in links}
    assert ends == pytest.approx(bits, abs=1e-8)


def test_an_earlier_name_of_an_option_is_refused_with_the_present_one() -> None:
    outcome = invoked("run", "log.csv", "--max-set-aside", 3)
    assert outcome.exit_code == 2
    assert "--max-set-aside is now called --max-rejected" in outcome.stderr


@pytest.mark.parametrize(("limit", "code"), [((), 0), (("--max-rejected", 5), 0), (("--max-rejected", 4), 3)])
def test_more_bad_rows_than_reported_exit_with_3(
    folder: Path, monkeypatch: pytest.MonkeyPatch, limit: tuple[object, ...], code: int
) -> None:
    monkeypatch.setattr("graphlink.pipeline.run", Run(folder, n_rejected_rows=5))
    done = invoked("run", "a.csv", *limit)
    assert done.exit_code == code
    assert "5 lines were rejected" in done.stderr


@pytest.mark.parametrize(("error", "code"), [(GraphlinkError("bad row 7"), 1), (KeyboardInterrupt(), 130)])
def test_failure_and_interruption_have_their_codes(
    monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("graphlink.pipeline.run", fail)
    done = invoked("run", "a.csv")
    assert done.exit_code == code
    assert done.stderr.startswith("graphlink: ")
    assert "Traceback" not in done.output


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def a_step(name: str, about: str) -> Step[...]:
    return Step(lambda _: {}, name, about)


def progress_lines(file: io.StringIO) -> str:
    lines = ProgressLines(file)
    step = a_step("evidence", "find what pairs share")
    lines(Progress(step, 1, 2, 0.25))
    lines(Progress(step, 1, 2, 0.25, 5.0, 10_000))
    return file.getvalue()


def test_progress_shows_rows_rate_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter([0.0, 5.0])
    monkeypatch.setattr("graphlink.progress.time.perf_counter", lambda: next(ticks))
    given = progress_lines(io.StringIO())
    assert given == " 1/2 evidence             10,000 rows      5.0 s        2,000 rows/s   about 15 s left\n"


def test_progress_on_a_terminal_shows_the_step_that_is_running() -> None:
    given = progress_lines(Terminal())
    assert given.startswith(" 1/2 evidence      find what pairs share …\r\x1b[K")


def test_help_names_every_command() -> None:
    done = invoked("--help").stdout
    for name in commands.commands:
        assert f"\n  {name} " in done
        assert invoked(name, "--help").exit_code == 0


LISTING = """
import graphlink.cli, sys
print(sorted({"duckdb", "pandas", "pyarrow", "rich", "igraph"} & set(sys.modules)))
"""


def test_the_command_line_starts_without_heavy_libraries() -> None:
    given = subprocess.run([sys.executable, "-c", LISTING], capture_output=True, text=True, check=True)
    assert given.stdout.strip() == "[]"


def test_a_reader_that_goes_away_is_no_error(folder: Path) -> None:
    shell = f"{sys.executable} -m graphlink clusters {folder} --format json | head -c 1"
    given = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=False)
    assert given.stdout == "["
    assert "Traceback" not in given.stderr


INTERRUPTED = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell lets what it starts behind it ignore this
import graphlink.pipeline as pipeline
from graphlink.__main__ import main
def endless(source, *, out, **options):
    from graphlink.storage.atomic import whole_folder
    from graphlink.engine.duck import DuckEngine
    with whole_folder(out, overwrite=True, listed=lambda f: ("run.json",)), DuckEngine(threads=1) as engine:
        print("started", flush=True)
        engine.rows("SELECT sum(a.range * b.range % 7) FROM range(10000000) a, range(10000000) b")
pipeline.run = endless
main()
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="other signals there")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_nothing_behind(tmp_path: Path, sent: signal.Signals) -> None:
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, "run", "a.csv", "--out", str(tmp_path / "r")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"TMPDIR": str(scratch)},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        process.send_signal(sent)
        try:
            _, stderr = process.communicate(timeout=120)
        finally:
            process.kill()  # one that goes on would be waited for without end
    assert process.returncode == 130, stderr
    assert stderr == "graphlink: interrupted; nothing was left behind\n"
    assert [path.name for path in tmp_path.iterdir()] == ["tmp"]
    assert list(scratch.iterdir()) == []


@pytest.mark.slow
def test_showing_a_result_needs_neither_engine_nor_pandas(folder: Path) -> None:
    code = (
        "import sys; from graphlink.cli import commands; commands(sys.argv[1:], standalone_mode=False); "
        "assert not {'duckdb', 'pandas', 'networkx', 'igraph'} & set(sys.modules)"
    )
    for arguments in (["clusters", str(folder)], ["show", str(folder), "C-1"]):
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


def test_run_names_what_was_too_common(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make_result(tmp_path / "r")
    given = json.loads((made / "run.json").read_text(encoding="utf-8"))
    largest = [{"value": EVIL, "accounts_at_once": 2000}]
    capped = [{"kind": "router", "cells": 2, "pairs": 1_999_000, "largest_paired": 11, "largest": largest}]
    given["steps"] = [{"step": "blocking", "facts": {"capped": capped}}]
    (made / "run.json").write_text(json.dumps(given), encoding="utf-8")
    monkeypatch.setattr("graphlink.pipeline.run", Run(made))
    text = invoked("run", "a.csv").stderr
    assert "router: 1,999,000 pairs left out; the largest is =evil[red]<U+001B>[2J<U+202E> with 2,000" in text
    assert "\x1b" not in text
    assert "too common" not in invoked("run", "a.csv", "--quiet").stderr


def test_check_lists_the_facts_with_what_was_rejected(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(
        "account_id,seen_at,ip,model,out\na,2026-03-01T00:00:00Z,8.8.8.8,=m1,5\nb,2026-03-01T00:00:00Z,8.8.4.4,m2,x\n"
    )
    (tmp_path / "graphlink.toml").write_text(
        '[[sources]]\npath = "log.csv"\nkinds = { ip = "ip" }\nfacts = { model = "model", tokens = "out" }\n'
    )
    done = invoked("check", tmp_path / "graphlink.toml")
    assert done.exit_code == 0
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["model", "category", "2", "2", "2"] in lines
    assert ["tokens", "amount", "1", "1"] in lines
    assert "bad_amount" in done.stdout
    printed = data("check", tmp_path / "graphlink.toml")
    assert printed["facts"]["tokens"] == {"type": "amount", "calls": 1, "accounts": 1}


def test_check_names_sources_whose_rows_count_one_each(tmp_path: Path) -> None:
    row = "a,ip,8.8.8.8,2026-03-01T00:00:00Z"
    (tmp_path / "plain.csv").write_text(f"account_id,kind,value,seen_at\n{row}\n")
    (tmp_path / "counted.csv").write_text(f"account_id,kind,value,seen_at,n\n{row},3\n")
    assert (
        "plain.csv: no column counts requests, so each row is one"
        in invoked("check", tmp_path / "plain.csv").stderr
    )
    done = invoked("check", tmp_path / "counted.csv")
    assert "counts requests" not in done.stderr
    assert ["counted.csv", "n", "count"] in [line.split() for line in done.stdout.splitlines()]
