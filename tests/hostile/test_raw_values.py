"""A run that pseudonymises leaves no raw value in any byte, also when it is killed."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

import graphlink
from graphlink.core.settings import Override, Pseudonymize, Settings
from graphlink.engine.duck import DuckEngine
from graphlink.kinds.pseudonyms import hashed_kinds, shape_of, without_raw_values
from graphlink.pipeline import steps

if TYPE_CHECKING:
    from pathlib import Path

N = 60
ACCOUNTS = [f"jonquil-person-{i:02}" for i in range(N)]
EMAILS = [f"marigold.person{i // 2}@tansy-house{i // 6}.example" for i in range(N)]
ADDRESSES = [f"93.184.{i // 3}.{200 + i % 3}" for i in range(N)]
PHONES = [f"+4930555{1000 + i // 2}" for i in range(N)]
STRAY = ("saffron.person@yarrow.example", "93.184.77.7", "betony-person")  # in cells where they do not belong
BLOCKS = [f"93.184.{i}." for i in range(N // 3)]  # what follows from an address
DOMAINS = [f"tansy-house{i}.example" for i in range(N // 6)]
RAW = [*ACCOUNTS, *EMAILS, *ADDRESSES, *(phone[1:] for phone in PHONES), *STRAY, *BLOCKS, *DOMAINS]

SETTINGS = """
now = "2026-04-01T00:00:00Z"
[[sources]]
path = "log.csv"
[[sources]]
database = "log.duckdb"
query = "SELECT * FROM log WHERE account_id <> 'betony-person'"
[[references]]
path = "list.csv"
[labels]
path = "pair_labels.csv"
[pseudonymize]
kinds = ["Account", "IP", " eMail", "Phone"]
key_file = "key"
[[overrides]]
kind = "IP"
value = "93.184.3.201"
p_exclusive = 0.1
[[overrides]]
kind = "ip_prefix"
value = "93.184.4.0/24"
p_exclusive = 0.1
[[overrides]]
kind = "Email_Domain"
value = "tansy-house3.example"
p_exclusive = 0.1
[placeholders]
reject = {email = ["saffron.person@yarrow.example"]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    import duckdb

    lines = ["account_id,kind,value,seen_at,n"]
    for i in range(N):
        for kind, value in (("ip", ADDRESSES[i]), ("email", EMAILS[i]), ("phone", PHONES[i])):
            lines.append(f"{ACCOUNTS[i]},{kind},{value},2026-03-{1 + i % 20:02}T10:00:00Z,1")
    lines += [
        f"{ACCOUNTS[0]},ip,93.184.0.200,{STRAY[0]},1",
        f"{ACCOUNTS[0]},ip,93.184.0.200,2026-03-01T10:00:00Z,{STRAY[1]}",
        f"{ACCOUNTS[0]},{STRAY[0]},x,2026-03-01T10:00:00Z,1",
        f"{ACCOUNTS[0]},email,{STRAY[2]},2026-03-01T10:00:00Z,1",
        f"{ACCOUNTS[0]},asn,{STRAY[0]},2026-03-01T10:00:00Z,1",
        f"{ACCOUNTS[0]},email,{STRAY[0]},2026-03-01T10:00:00Z,1",
    ]
    (tmp_path / "log.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with duckdb.connect(str(tmp_path / "log.duckdb")) as connection:
        connection.execute(
            "CREATE TABLE log AS SELECT account_id, kind, value, seen_at "
            "FROM read_csv(?, all_varchar = true) WHERE kind = 'phone'",
            [str(tmp_path / "log.csv")],
        )
    listed = ["network,label,type", f"{ADDRESSES[0]},Home,other", f"{ADDRESSES[0]},Other home,vpn"]
    listed += [f"{ADDRESSES[3]}x,Broken,vpn", f"{STRAY[0]},Broken,vpn"]
    (tmp_path / "list.csv").write_text("\n".join(listed) + "\n", encoding="utf-8")
    judged = f"account_id_l,account_id_r,verdict\n{ACCOUNTS[0]},{ACCOUNTS[1]},yes\n"
    (tmp_path / "pair_labels.csv").write_text(judged, encoding="utf-8")
    (tmp_path / "key").write_text("k" * 32, encoding="ascii")
    (tmp_path / "key").chmod(0o600)
    (tmp_path / "graphlink.toml").write_text(SETTINGS, encoding="utf-8")
    return tmp_path


def raw_of(*places: Path) -> list[tuple[str, str]]:
    """The raw values in the names and bytes of everything below some folders."""
    listed = []
    for place in places:
        for path in (place, *place.rglob("*")):
            content = path.read_bytes() if path.is_file() else b""
            listed += [(path.name, raw) for raw in RAW if raw.encode() in content or raw in path.name]
    return listed


def command(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    listed = [sys.executable, "-m", "graphlink", *map(str, arguments)]
    environment = {**os.environ, "TMPDIR": str(cwd / "temporary")}
    (cwd / "temporary").mkdir(exist_ok=True)
    return subprocess.run(
        listed, check=False, capture_output=True, text=True, cwd=cwd, env=environment, timeout=300
    )


@pytest.mark.slow
def test_nothing_that_a_finished_run_leaves_holds_a_raw_value(folder: Path) -> None:
    out, temporary = folder / "out", folder / "temporary"
    ended = [
        command("run", "graphlink.toml", "--out", out / "result", "--explain-all", cwd=folder),
        command("check", "graphlink.toml", cwd=folder),
        command("clusters", out / "result", cwd=folder),
        command("report", out / "result", "--out", out / "report", cwd=folder),
    ]
    for one in ended:
        assert one.returncode == 0, one.stderr
        assert [raw for raw in RAW if raw in one.stdout + one.stderr] == [], one.args
    assert raw_of(out, temporary) == []
    result = graphlink.read_result(out / "result")
    # Parquet is packed: what is in it is looked at unpacked.
    for path in sorted((out / "result").glob("*.parquet")):
        text = json.dumps(pq.read_table(path).to_pylist(), default=str)
        assert [raw for raw in RAW if raw in text] == [], path.name
    facts = result.manifest["steps"][0]["facts"]
    assert facts["rows_rejected"] >= 5
    details = " ".join(result.rejected_rows.detail.dropna())
    assert "aaaaaaa.aaaaaa@aaaaaa.aaaaaaa" in details, "what is wrong can still be seen by its shape"
    # The label and the override met their hashed accounts and values.
    steps = {step["step"]: step["facts"] for step in result.manifest["steps"]}
    assert steps["labels"]["pairs_used"] == 1
    assert steps["overrides"]["identifiers_overridden"] >= 2


# What a process does that is stopped at the end of each step, and killed there.
_KILLED = """
import os, signal, sys
from graphlink import pipeline

def stop(now):
    if now.step.name == sys.argv[1] and now.seconds is not None:
        os.kill(os.getpid(), signal.SIGKILL)

pipeline.run("graphlink.toml", out="out/result", explain_all=True, progress=stop)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize(
    ("step", "memory"), [("observations", ""), ("identifiers", "300MB"), ("links", ""), ("reasons", "300MB")]
)
def test_nothing_that_a_killed_run_leaves_holds_a_raw_value(folder: Path, step: str, memory: str) -> None:
    assert step in {row.name for row in steps()}
    temporary = folder / "temporary"
    temporary.mkdir()
    if memory:
        text = (folder / "graphlink.toml").read_text(encoding="utf-8")
        (folder / "graphlink.toml").write_text(f'{text}[engine]\nmemory = "{memory}"\n', encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-c", _KILLED, step],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "TMPDIR": str(temporary)},
        timeout=300,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    left = [path for path in temporary.rglob("*") if path.is_file()]
    assert {"lock"} <= {path.name for path in left}, "the run was killed while its folder was there"
    assert [raw for raw in RAW if raw in ended.stdout + ended.stderr] == []
    assert raw_of(temporary, folder / "out") == []


_KILLED_AT_THE_COPY = """
import os, signal
from graphlink import pipeline
from graphlink.ingest.sources import files

real = files._read_files

def read(*told):
    if len(told) > 5:  # the second time, with the copies of files whose stray quotes swallow rows
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*told)

files._read_files = read
pipeline.run("graphlink.toml", out="out/result")
"""


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="files without a name are Linux's")
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_a_run_killed_over_a_copy_of_its_input_leaves_no_raw_value(folder: Path, suffix: str) -> None:
    temporary = folder / "temporary"
    temporary.mkdir()
    row = "{},ip,{},2026-03-01T10:00:00Z\n"
    rows = [row.format(*one) for one in zip(ACCOUNTS, ADDRESSES, strict=True)]
    text = "".join(["account_id,kind,value,seen_at\n", *rows, row.format(STRAY[2], f'"{STRAY[1]}'), *rows])
    (folder / "log.csv").unlink()
    packed = gzip.compress(text.encode()) if suffix else text.encode()
    (folder / f"log.csv{suffix}").write_bytes(packed)
    (folder / "graphlink.toml").write_text(
        SETTINGS.replace('"log.csv"', f'"log.csv{suffix}"'), encoding="utf-8"
    )
    ended = subprocess.run(
        [sys.executable, "-c", _KILLED_AT_THE_COPY],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(temporary)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    left = [path for path in temporary.rglob("*") if path.is_file()]
    assert "lock" in {path.name for path in left}
    assert [(path.name, raw) for path in left for raw in RAW if raw.encode() in path.read_bytes()] == []


@pytest.mark.parametrize("is_encrypted", [False, True])
def test_what_outgrows_memory_is_whole_and_is_readable_only_where_nothing_is_hashed(
    tmp_path: Path, is_encrypted: bool
) -> None:
    """A table larger than its memory goes to the disk; its names are there, or their cipher."""
    with DuckEngine("80MB", 1, str(tmp_path), is_encrypted=is_encrypted) as engine:
        rows = "SELECT 'jonquil-person-' || (range * 7919 % 1000003) AS name, range AS n FROM range(4000000)"
        engine.make("names", rows)
        spilled = [path.read_bytes() for path in (engine.folder / "spill").iterdir()]
        count = engine.rows("SELECT count(*), sum(n)::BIGINT, max(length(name)) FROM names")
    assert count == [(4_000_000, 7_999_998_000_000, 22)]
    assert sum(map(len, spilled)) > 20 << 20
    assert any(b"jonquil-person-" in one for one in spilled) != is_encrypted
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_spelling_the_kinds_otherwise_changes_nothing(folder: Path) -> None:
    results: list[graphlink.Result] = []
    for kinds in ('["Account", "IP", " eMail", "Phone"]', '["account", "ip", "email", "phone"]'):
        text = SETTINGS.replace('["Account", "IP", " eMail", "Phone"]', kinds)
        (folder / "graphlink.toml").write_text(text, encoding="utf-8")
        results.append(graphlink.run(folder / "graphlink.toml", out=folder / f"r{len(results)}"))
    first, second = (result.manifest for result in results)
    assert first["fingerprint"] == second["fingerprint"]
    assert first["tables"] == second["tables"]
    assert first["settings"]["pseudonymize"]["kinds"] == ["account", "ip", "email", "phone"]


def test_names_of_kinds_have_one_form_once_they_are_settings() -> None:
    actual = Pseudonymize((" IP", "Accounts", "device", "ip", "Account_ID"))
    assert actual.kinds == ("ip", "account", "client")
    assert Override("Email_Domain", "x.example", label="x").kind == "email_domain"
    with pytest.raises(graphlink.SettingsError, match="kinds: expected name a kind"):
        Pseudonymize(("ip address",))
    hashed = hashed_kinds(Settings(pseudonymize=Pseudonymize(("Email", "IP"))))
    assert {"email", "email_domain", "ip", "ip_prefix", "ip_64"} <= hashed


@pytest.mark.slow
def test_a_kind_to_hash_that_no_source_has_is_warned_of(folder: Path) -> None:
    text = SETTINGS.replace('"Phone"]', '"Phone", "mail"]')
    (folder / "graphlink.toml").write_text(text, encoding="utf-8")
    result = graphlink.run(folder / "graphlink.toml", out=folder / "r")
    warnings = result.manifest["steps"][0]["facts"]["warnings"]
    assert any("no source has the kind 'mail'" in row for row in warnings)


def test_a_shape_states_what_a_text_looks_like_and_nothing_of_it() -> None:
    assert shape_of("Anna-19@x.Example") == "Aaaa-99@a.Aaaaaaa"
    assert shape_of("éß漢٣") == "aaa9"
    actual = without_raw_values({"first": ["list.csv:12: network '93.184.3.9x' is no CIDR", 3]})
    assert actual == {"first": ["list.csv:12: network '99.999.9.9a' is no CIDR", 3]}
    assert without_raw_values("l.csv:7: 2001:db8::/32 and 10.1.2.3 contradict line 5") == (
        "l.csv:7: (hashed) and (hashed) contradict line 5"
    )
    assert without_raw_values("at 10:00:01, 1.5 of 12: 7") == "at 10:00:01, 1.5 of 12: 7"
