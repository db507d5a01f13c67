"""Input that is refused, and the text of each refusal: what docs/reference/refusals.md shows."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb
import pyarrow as pa

import graphlink
from graphlink.ingest.suggest_settings import suggest

if TYPE_CHECKING:
    from collections.abc import Mapping

CSV = "account_id,kind,value,seen_at\na,ip,93.184.1.9,2026-03-01T10:00:00Z\n"
_FILES = {"log.csv": CSV}


class Case(NamedTuple):
    """Input that is refused.

    Attributes:
        what: What it is, as the page names it.
        settings: A settings file.
        files: Path to content, beside the settings file; None makes a database of DuckDB.
    """

    what: str
    settings: str
    files: Mapping[str, str | None] = _FILES


def _source(lines: str, files: Mapping[str, str | None] | None = None, *, what: str) -> Case:
    return Case(what, f"[[sources]]\n{lines}\n", _FILES if files is None else files)


def _database(url: str, what: str) -> Case:
    return _source(f'database = "{url}"\nquery = "SELECT 1"', {}, what=what)


def _query(query: str, what: str) -> Case:
    return _source(f'database = "x.duckdb"\nquery = "{query}"', {"x.duckdb": None}, what=what)


SECTIONS: dict[str, tuple[Case, ...]] = {
    "Folders of table formats": (
        _source('path = "t"', {"t/_delta_log/0.json": "{}", "t/x.csv": CSV}, what="Delta Lake"),
        _source('path = "t"', {"t/metadata/1.metadata.json": "{}", "t/x.csv": CSV}, what="Apache Iceberg"),
        _source('path = "t"', {"t/.hoodie/hoodie.properties": "", "t/x.csv": CSV}, what="Apache Hudi"),
    ),
    "Files": (
        _source('path = "none.csv"', what="A path that is none"),
        _source('path = "t.avro"', {"t.avro": "Obj"}, what="Avro"),
        _source('path = "t.xlsx"', {"t.xlsx": "PK"}, what="A workbook"),
        _source('path = "t.7z"', {"t.7z": "7z"}, what="An archive"),
        _source('path = "t.pdf"', {"t.pdf": "%PDF"}, what="Another format"),
        _source('path = "t.orc"', {"t.orc": "ORC"}, what="A file that is cut off"),
        _source('path = "t.csv"', {"t.csv": ""}, what="An empty file"),
        _source('path = "ftp://host.example/x.csv"', what="A URL of another store"),
    ),
    "Columns and times": (
        _source('path = "log.csv"\naccount = "user"', what="A column that is none"),
        _source('path = "log.csv"\ntime_format = "epoch_weeks"', what="A format of times that is none"),
        _source('path = "log.csv"\ntime = "kind"', what="No row with a time that can be read"),
    ),
    "Databases": (
        _database("mysql://reader:secret@db.example/x", "A driver that is not installed"),
        _database("mongodb://reader:secret@db.example/x", "A database without a driver"),
        _database("profile://nowhere", "A connection profile that is none"),
        _query("SELECT 1 AS account_id; DROP TABLE t", "Two statements"),
        _query("DELETE FROM t", "A statement that writes"),
        _query("SELECT content FROM read_text('other.txt')", "A query that reads another file"),
        _source('path = "log.csv"\nquery = "COPY files TO \'x.csv\'"', what="A query over files that writes"),
    ),
    "Reference lists and keys": (
        Case("A list that is none", '[[sources]]\npath = "log.csv"\n[[references]]\npath = "n.mmdb"\n'),
        Case(
            "A list without label and type",
            '[[sources]]\npath = "log.csv"\n[[references]]\npath = "n.txt"\n',
            {**_FILES, "n.txt": "10.0.0.0/8\n"},
        ),
        Case(
            "A key that others can read",
            '[[sources]]\npath = "log.csv"\n[pseudonymize]\nkinds = ["ip"]\nkey_file = "key"\n',
            {**_FILES, "key": "k" * 32},
        ),
    ),
}
FRAMES: dict[str, Any] = {
    "A list of rows": [{"account_id": "a"}],
    "A table that lacks columns": pa.table({"user": ["a"]}),
}


def refusal_of(case: Case) -> str:
    """The text with which a case is refused, without the folder it is in."""
    with TemporaryDirectory() as folder:
        for name, content in case.files.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                with duckdb.connect(str(path)) as database:
                    database.execute("CREATE TABLE t AS SELECT 'a' AS account_id")
            else:
                path.write_text(content, encoding="utf-8")
                path.chmod(0o644)
        settings = Path(folder) / "graphlink.toml"
        settings.write_text(case.settings, encoding="utf-8")
        text = _refused(settings).replace(f"{folder}/", "")
    return re.sub(r"in \S+/profiles", "in ~/.config/adbc/profiles", text)  # of whoever runs this


def refusal_of_init() -> str:
    """What `graphlink init` states of a log in which no column stands for accounts."""
    rows = "".join(f"2026-03-01T10:{i:02}:00Z,93.184.1.{i % 9},key_{i % 7}\n" for i in range(60))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "balancer.csv"
        path.write_text(f"time,client_ip,api_key_id\n{rows}", encoding="utf-8")
        try:
            suggest([path])
        except graphlink.InputError as error:
            return str(error).replace(f"{folder}/", "")
    raise AssertionError("it was not refused")


def _refused(source: object) -> str:
    try:
        graphlink.run(source)
    except graphlink.GraphlinkError as error:
        return str(error)
    raise AssertionError("it was not refused")


def page() -> str:
    """The page, with every refusal as it is worded."""
    parts = [HEAD]
    for section, cases in SECTIONS.items():
        parts.append(f"## {section}\n")
        parts += [_entry(case.what, refusal_of(case)) for case in cases]
    parts.append("## Frames\n")
    parts += [_entry(what, _refused(frame)) for what, frame in FRAMES.items()]
    parts += ["## Suggestions of `graphlink init`\n", _entry("A log without accounts", refusal_of_init())]
    return "\n".join(parts)


def _entry(what: str, text: str) -> str:
    lines = textwrap.wrap(text, 108, break_long_words=False, break_on_hyphens=False)
    return f"{what}:\n\n```text\n{chr(10).join(lines)}\n```\n"


HEAD = """\
# What is refused, and how

Input that can't be read as it is ends `check` and `run` before anything is computed, with exit code 1 and one
of the texts below; in Python it is a `graphlink.GraphlinkError`. Each names the place, the cause and what
would do, and none shows a secret. Single rows that can't be read are no refusal: they are rejected and
counted (`rejected_rows`).

Written by `python -m tests.test_refusals`, which makes each of them happen; lines are broken to fit.
"""
