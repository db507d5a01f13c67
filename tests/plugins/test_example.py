"""The example plugin, installed and used: through the command line, the API and the explorer."""

from __future__ import annotations

import json
import re
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from graphlink import InputError, ResultError, Settings, read_result, run
from graphlink.cli import commands
from graphlink.core.settings import Pseudonymize, Reference, Source
from graphlink.explorer.guard import Access
from graphlink.explorer.index.loading import Index
from graphlink.explorer.server import make_app
from graphlink.export.formats import describe_formats
from graphlink.ingest.reference_lists import read_reference_lists
from graphlink.pipeline import check, steps
from graphlink.result.redaction import read_profile, redact
from tests.plugins.conftest import EXAMPLE

if TYPE_CHECKING:
    from click.testing import Result as Outcome

DOCS = Path(__file__).parents[2] / "docs" / "extending.md"
TAXES = pa.table(
    {
        "account_id": ["a1", "a2", "a3", "a4"],
        "kind": ["tax_id"] * 4,
        "value": [" de 123 456", "DE123456", "fr-999.888", "12"],
    }
)
VALUES = {"tax_id": "DE1{}", "payment": "fp_1Qx{}", "email": "ann{}@post.example", "phone": "+49151123{:05}"}
pytestmark = pytest.mark.usefixtures("example")


def call(*arguments: str) -> Outcome:
    return CliRunner().invoke(commands, [*arguments], catch_exceptions=False)


def test_it_is_a_distribution() -> None:
    assert distribution("graphlink-example").version == "1.2"


def test_a_kind_cleans_its_values_and_the_manifest_names_it(tmp_path: Path) -> None:
    result = run(TAXES, out=tmp_path / "result")
    (shared,) = result.table("identifiers").to_pylist()  # of what two accounts hold
    assert (shared["value"], shared["facet"], shared["degree"]) == ("DE123456", "payment", 2)
    values = result.table("observations")["value"].to_pylist()
    assert sorted(values) == ["DE123456", "DE123456", "FR999888"]
    assert result.manifest["plugins"] == [
        {"group": group, "name": name, "distribution": "graphlink-example", "version": "1.2"}
        for group, name in (("graphlink.kinds", "tax_id"), ("graphlink.steps", "tax_countries"))
    ]
    assert {row["reason"] for row in result.table("rejected_rows").to_pylist()} == {"not_a_tax_id"}


def test_only_plugins_that_take_part_are_named(tmp_path: Path) -> None:
    frame = TAXES.set_column(1, "kind", pa.array(["badge"] * 4))
    plugins = run(frame, out=tmp_path / "result").manifest["plugins"]
    assert [one["name"] for one in plugins] == ["tax_countries"]


def test_a_step_stands_where_what_it_takes_is_there_and_its_table_is_in_the_result(tmp_path: Path) -> None:
    names = [step.name for step in steps()]
    assert names.index("tax_countries") == names.index("clusters") + 1
    kinds = ("tax_id", "payment", "email", "phone")
    rows = [  # five accounts that share all they have, among others that share nothing
        {"account_id": f"a{i}", "kind": kind, "value": VALUES[kind].format(max(i, 4))}
        for i in range(300)
        for kind in kinds
    ]
    frame = pa.Table.from_pylist(rows)
    result = run(frame, out=tmp_path / "result")
    (cluster,) = result.table("clusters")["cluster_id"].to_pylist()
    assert read_result(tmp_path / "result").table("tax_countries").to_pylist() == [
        {"cluster_id": cluster, "country": "DE", "n_accounts": 5}
    ]
    assert result.manifest["tables"]["tax_countries"]["rows"] == 1
    (facts,) = (one["facts"] for one in result.manifest["steps"] if one["step"] == "tax_countries")
    assert facts == {"countries": 1}
    assert all(result.verify().values())
    with pytest.raises(ResultError, match="no profile says what readers may see of a plugin's table"):
        redact(result, read_profile("partner"), b"k" * 32).table("tax_countries")


def test_a_source_is_read_by_its_scheme_from_the_command_line(tmp_path: Path) -> None:
    out = tmp_path / "result"
    done = call("run", "rows://ann:secret@warehouse.example/logs?token=secret", "--out", str(out))
    assert done.exit_code == 0, done.output
    result = read_result(out)
    assert len(result.table("accounts")) == 6
    assert [one["group"] for one in result.manifest["plugins"]] == [
        "graphlink.kinds",
        "graphlink.sources",
        "graphlink.steps",
    ]
    files = [path.read_bytes() for path in out.iterdir()]
    assert not [text for text in files if b"secret" in text]
    assert "secret" not in done.output


@pytest.mark.parametrize(
    "source",
    [Source(path="rows://warehouse.example/logs"), Source(database="rows://warehouse.example/logs")],
    ids=["path", "database"],
)
def test_a_source_is_read_by_its_scheme_from_settings(source: Source) -> None:
    assert check(Settings(sources=(source,)))["n_observations"] == 6


def test_what_a_source_raises_is_shown_without_its_secret() -> None:
    settings = Settings(sources=(Source(name="log", database="rows://ann:s3cret@warehouse.example/nothing"),))
    with pytest.raises(InputError, match=r"log: the plugin for rows:// could not read it: Conn") as raised:
        check(settings)
    assert "s3cret" not in str(raised.value)
    assert "rows://warehouse.example/nothing" in str(raised.value)


def test_a_format_is_listed_and_written(tmp_path: Path) -> None:
    result = run(TAXES, out=tmp_path / "result")
    assert "|dot]" in call("export", "--help").output.replace("\n", "").replace(" ", "")
    out = tmp_path / "graph.dot"
    done = call("export", str(result.path), "--account", "a1", "--format", "dot", "--out", str(out))
    assert done.exit_code == 0, done.output
    assert out.read_text(encoding="utf-8").startswith('graph {\n  "a1";')


def test_the_settings_are_suggested_with_the_kind(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("account_id,tax_id\na1,DE123456\na2,DE123456\na3,FR999888\n", encoding="utf-8")
    done = call("init", str(log), "--out", str(tmp_path / "graphlink.toml"))
    assert done.exit_code == 0, done.output
    assert 'tax_id = "tax_id"' in (tmp_path / "graphlink.toml").read_text(encoding="utf-8")
    assert call("check", str(tmp_path / "graphlink.toml")).exit_code == 0


def test_a_reference_list_is_read_by_its_format(tmp_path: Path) -> None:
    path = tmp_path / "routes.db"
    path.write_text("route: 203.0.113.0/24\norigin: AS64500\n\nroute6: 2001:db8::/32\nroute: no\n")
    lists = read_reference_lists(Settings(references=(Reference(str(path), "somebody", "hosting"),)))
    (file,) = lists.files
    assert (file.networks, file.invalid_lines) == (2, 1)


def test_what_is_hashed_of_a_plugins_kind_is_hashed(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(b"k" * 32)
    key.chmod(0o600)
    settings = Settings(pseudonymize=Pseudonymize(kinds=("tax_id",), key_file=str(key)))
    result = run(TAXES, settings=settings, out=tmp_path / "result")
    assert "DE123456" not in str(result.table("observations").to_pylist())


def test_the_explorer_knows_it(tmp_path: Path) -> None:
    index = Index(run(TAXES, out=tmp_path / "result"), formats=describe_formats())
    index.read()
    access = Access(8000, ("127.0.0.1",))
    client = TestClient(make_app(index, access), base_url="http://127.0.0.1:8000")
    meta = client.get("/api/v1/meta", headers={"Authorization": f"Bearer {access.token}"}).json()
    (kind,) = (kind for kind in meta["kinds"] if not kind["is_built_in"])
    assert (kind["kind"], kind["facet"], kind["about"]) == ("tax_id", "payment", "Tax number on an invoice")
    assert [form["name"] for form in meta["formats"] if not form["is_built_in"]] == ["dot"]
    assert (len(meta["plugins"]), meta["plugin_faults"]) == (2, [])


def test_doctor_lists_it() -> None:
    facts = json.loads(call("doctor", "--format", "json").output)
    assert facts["plugin graphlink.kinds:tax_id"] == "graphlink-example 1.2"
    assert facts["plugin graphlink.formats:dot"] == "graphlink-example 1.2"


@pytest.mark.parametrize("path", sorted(EXAMPLE.rglob("*.*")), ids=lambda path: path.name)
def test_the_docs_quote_the_example(path: Path) -> None:
    if path.suffix not in (".py", ".toml") or path.name == "__init__.py":
        return
    text = path.read_text(encoding="utf-8").strip()
    quoted = re.findall(r"(?ms)^```(?:python|toml)\n(.*?)\n```", DOCS.read_text(encoding="utf-8"))
    assert text in [one.strip() for one in quoted]
