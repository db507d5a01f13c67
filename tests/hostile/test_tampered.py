"""Results that were changed after their run: digests, contract, and no traceback whatever a table holds."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from graphlink.cli import commands
from graphlink.core.errors import GraphlinkError, ResultError
from graphlink.core.schema import TABLES
from graphlink.explorer.index import Index
from graphlink.pipeline import run
from graphlink.report import write_report
from graphlink.result.redaction import PARTNER, redact
from graphlink.result.result import Result, read_result
from tests.tampered import change_column, copy_of, sign

if TYPE_CHECKING:
    from pathlib import Path

RULED = [
    (spec.name, column.name)
    for spec in TABLES
    for column in spec.columns
    # Two are empty in the sample, so that there is no cell to spoil.
    if spec.name not in ("rejected_rows", "constraints") and column.rules
]


def call(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(commands, [str(argument) for argument in arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def put(folder: Path, name: str, column: str, bad: Any) -> None:
    change_column(folder, name, column, lambda _: bad)


def flipped(folder: Path, name: str) -> None:
    """Change a byte of a table, so that its size stays."""
    path = folder / f"{name}.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.slow
@pytest.mark.parametrize("name", [spec.name for spec in TABLES])
def test_a_changed_byte_is_found_before_anything_is_shown(
    sample_result: Result, tmp_path: Path, name: str
) -> None:
    folder = copy_of(sample_result, tmp_path / "r")
    cluster = str(sample_result.clusters["cluster_id"][0])
    flipped(folder, name)
    actual = f"{name}.parquet is not the file that the run wrote"
    result = read_result(folder)
    with pytest.raises(ResultError, match=actual):
        result.verify()
    with pytest.raises(ResultError, match=actual):
        write_report(redact(result, PARTNER, b"k" * 32), tmp_path / "report")
    assert not (tmp_path / "report").exists()
    for form in ("json", "html", "csv"):
        out = tmp_path / form
        code, output = call("export", folder, "--cluster", cluster, "--format", form, "--out", out)
        assert (code, actual in output, out.exists()) == (1, True, False)
    code, output = call("verify", folder)
    assert (code, actual in output, output.count("changed ") >= 1) == (1, True, True)


@pytest.mark.parametrize("name", ["accounts", "clusters", "links", "reasons", "observations"])
def test_the_explorer_shows_nothing_of_a_changed_result(
    sample_result: Result, tmp_path: Path, name: str
) -> None:
    folder = copy_of(sample_result, tmp_path / "r")
    flipped(folder, name)
    index = Index(read_result(folder))
    index.read()
    for part in ("accounts", "clusters", "identifiers", "evidence", "links", "observations"):
        with pytest.raises(ResultError, match=f"{name}.parquet is not the file that the run wrote"):
            getattr(index, part)


def test_a_result_as_it_was_written_passes(explained_sample: Result) -> None:
    assert set(explained_sample.verify().values()) == {True}
    assert "SHA-256 of run.json: " in call("verify", explained_sample.path)[1]
    code, output = call("verify", explained_sample.path, "--format", "json", "--quiet")
    assert code == 0
    data = json.loads(output)
    assert {row["state"] for row in data} == {"same"}
    assert {row["table"] for row in data} == set(explained_sample.manifest["tables"])


def bad_values(type_: str) -> list[Any]:
    if type_ == "DOUBLE":
        return [None, math.nan, math.inf, -1.5, 7.0]
    if type_ == "BOOLEAN":
        return [None]
    return [None, -1, -(2**63)] if type_ == "BIGINT" else [None, "other", "\x00"]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "column"), RULED)
def test_what_no_run_writes_is_reported_where_it_is_read(
    sample_result: Result, tmp_path: Path, name: str, column: str
) -> None:
    (ruled,) = (one for spec in TABLES if spec.name == name for one in spec.columns if one.name == column)
    least, most = ruled.bounds or (0, 0)
    path = tmp_path / f"{name}.parquet"
    for bad in bad_values(ruled.type):
        is_allowed = (
            (bad is None and not ruled.is_required)
            or (isinstance(bad, str) and not ruled.choices)
            or (isinstance(bad, int | float) and math.isfinite(bad) and least <= bad <= most)
        )
        path.write_bytes((sample_result.path / path.name).read_bytes())
        put(tmp_path, name, column, bad)
        result = Result(tmp_path, sample_result.manifest)
        if is_allowed:
            result.table(name)
            continue
        with pytest.raises(ResultError, match=rf"{name}\.parquet, column {column}: .*which no run writes"):
            result.table(name)


@pytest.mark.parametrize("column", ["account_id", "cluster_id", "role", "probability"])
def test_a_column_of_another_type_is_reported(sample_result: Result, tmp_path: Path, column: str) -> None:
    table = pq.read_table(sample_result.path / "membership.parquet")
    odd = pa.array([b"\xff"] * len(table), pa.binary())
    pq.write_table(
        table.set_column(table.column_names.index(column), column, odd), tmp_path / "membership.parquet"
    )
    with pytest.raises(ResultError, match=f"column {column}: of type binary, not"):
        Result(tmp_path, sample_result.manifest).table("membership")


def test_text_that_is_no_utf8_is_reported(sample_result: Result, tmp_path: Path) -> None:
    table = pq.read_table(sample_result.path / "membership.parquet")
    odd = pa.array([b"\xff"] * len(table), pa.binary()).view(pa.string())
    pq.write_table(table.set_column(0, "account_id", odd), tmp_path / "membership.parquet")
    with pytest.raises(ResultError, match="column account_id: text that is no UTF-8"):
        Result(tmp_path, sample_result.manifest).table("membership")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "column", "bad"),
    [
        ("clusters", "hypothesis", "other"),
        ("clusters", "cluster_id", "C-../../x"),
        ("clusters", "weakest_cut", math.nan),
        ("clusters", "first_seen", None),
        ("membership", "role", "boss"),
        ("membership", "account_id", "nobody"),
        ("membership", "cluster_id", None),
        ("hypotheses", "evidence", "other"),
        ("signals", "signal", "other"),
        ("signals", "detail", None),
        ("reasons", "reason", "other"),
        ("reasons", "value", None),
        ("reasons", "detail", None),
        ("accounts", "account_id", "nobody"),
        ("accounts", "first_seen", None),
        ("evidence", "account_id_l", "nobody"),
        ("evidence", "kind", "other"),
        ("evidence", "facet", None),
        ("evidence", "value", ""),
        ("links", "account_id_r", "zz"),
        ("links", "bits", math.nan),
        ("identifiers", "kind", "other"),
        ("identifiers", "facet", None),
        ("observations", "kind", "other"),
    ],
)
def test_no_command_ends_in_a_traceback_whatever_a_signed_table_holds(
    sample_result: Result, tmp_path: Path, name: str, column: str, bad: Any
) -> None:
    folder = copy_of(sample_result, tmp_path / "r")
    cluster = str(sample_result.clusters["cluster_id"][0])
    pair = list(sample_result.members(cluster)["account_id"][:2])
    put(folder, name, column, bad)
    sign(folder)
    call("clusters", folder)
    call("show", folder, cluster)
    call("why", folder, *pair)
    call("why", folder, cluster)
    call("verify", folder)
    for form in ("json", "html", "gexf"):
        call("export", folder, "--cluster", cluster, "--format", form, "--out", tmp_path / form)
    call("report", folder, "--out", tmp_path / "report", "--top", 3, "--quiet")


def test_a_run_json_that_lists_tables_as_no_run_does_is_reported(
    sample_result: Result, tmp_path: Path
) -> None:
    folder = copy_of(sample_result, tmp_path / "r")
    data = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    bad: list[Any] = [[], None, "x", {"accounts": 3}, {"../x": {}}, {"links": {"rows": "1", "bytes": 2}}]
    for tables in bad:
        (folder / "run.json").write_text(json.dumps({**data, "tables": tables}), encoding="utf-8")
        with pytest.raises(GraphlinkError, match="lists tables as no run does"):
            read_result(folder)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "", "null", '{"graphlink": NaN}'])
def test_a_run_json_that_is_none_is_named_and_its_folder_stays(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "result"
    folder.mkdir()
    (folder / "run.json").write_text(text, encoding="utf-8")
    log = tmp_path / "log.csv"
    log.write_text("account_id,kind,value,seen_at\na,ip,93.184.3.9,2026-03-01T10:00:00Z\n", encoding="utf-8")
    with pytest.raises(ResultError, match=r"result"):
        read_result(folder)
    with pytest.raises(ResultError, match="is not a graphlink result and stays as it is"):
        run(log, out=folder, overwrite=True)
    assert (folder / "run.json").read_text(encoding="utf-8") == text
