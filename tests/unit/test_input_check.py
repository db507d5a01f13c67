"""`check` reads what a run reads: broken inputs raise the same errors, and what is not used is warned of."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from graphlink import EngineSettings, GraphlinkError, run
from graphlink.cli import commands
from graphlink.pipeline import check

if TYPE_CHECKING:
    from pathlib import Path

LIMITS = EngineSettings(threads=1)
SEEN = "account_id,kind,value,seen_at\n" + "".join(
    f"a{i},ip,203.0.113.{i // 2},2026-03-01T10:00:00Z\n" for i in range(8)
)


def settled(folder: Path, text: str) -> Path:
    (folder / "seen.csv").write_text(SEEN, encoding="utf-8")
    path = folder / "graphlink.toml"
    path.write_text(f'now = "2026-04-01T00:00:00Z"\n[[sources]]\npath = "seen.csv"\n{text}', encoding="utf-8")
    return path


def raised(folder: Path, path: Path) -> list[tuple[str, str]]:
    """What check and run raise."""
    errors = []
    for function in (
        lambda: check(path, limits=LIMITS),
        lambda: run(path, out=folder / "out", limits=LIMITS),
    ):
        with pytest.raises(GraphlinkError) as caught:
            function()
        errors.append((type(caught.value).__name__, str(caught.value)))
    return errors


def made(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    (folder / name).chmod(0o600)


LIST = '[[references]]\npath = "x{suffix}"\n'
JUDGED = '[labels]\npath = "x{suffix}"\n'
KEY = '[pseudonymize]\nkinds = ["ip"]\nkey_file = "x{suffix}"\n'
OVERRIDE = '[[overrides]]\nkind = "{kind}"\nvalue = "{value}"\np_exclusive = 0.5\n'


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["missing", "folder", "pipe", "zeros", "empty", "garbage"])
@pytest.mark.parametrize(
    ("text", "suffix"),
    [(LIST, ".csv"), (LIST, ".mmdb"), (LIST, ".txt"), (JUDGED, ".csv"), (JUDGED, ".parquet"), (KEY, "")],
)
@pytest.mark.skipif(os.name != "posix", reason="pipes and devices of POSIX systems")
def test_a_file_that_can_not_be_read_is_the_same_error_in_both(
    tmp_path: Path, kind: str, text: str, suffix: str
) -> None:
    place = tmp_path / f"x{suffix}"
    if kind == "folder":
        place.mkdir()
    elif kind == "pipe":
        os.mkfifo(place)
    elif kind == "zeros":
        place.symlink_to("/dev/zero")
    elif kind != "missing":
        made(tmp_path, place.name, b"" if kind == "empty" else b"\x00\xffgarb")
    first, second = raised(tmp_path, settled(tmp_path, text.format(suffix=suffix)))
    assert first == second
    assert f"x{suffix}" in first[1]
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "text", "said"),
    [
        ("account_id_l,account_id_r,verdict\na0,a1,perhaps\n", JUDGED, "row 1, column verdict"),
        ("account_id_l,verdict\na0,yes\n", JUDGED, "no column account_id_r"),
        ("account_id_l,account_id_r,verdict\na0,a1,yes,secret-name\n", JUDGED, "Expected 3 columns, got 4"),
        ("network,label,type\n203.0.113.0/24,x,datacenter\n", LIST, "no valid line; .*unknown type"),
        ("203.0.113.0/24\n", LIST, "expected a header"),
        ("203.0.113.0/24\n", LIST + 'label = "x"\ntype = "datacenter"\n', "type: unknown type"),
        ("short", KEY, "5 bytes, at least 16"),
        ("", OVERRIDE.format(kind="ip", value="here"), r"overrides\[1\].*not_an_address"),
        ("", OVERRIDE.format(kind="", value="x"), "kind"),
    ],
)
def test_a_broken_content_is_the_same_error_in_both(
    tmp_path: Path, content: str, text: str, said: str
) -> None:
    made(tmp_path, "x.csv", content.encode())
    first, second = raised(tmp_path, settled(tmp_path, text.replace("{suffix}", ".csv")))
    assert first == second
    assert re.search(said, first[1])
    assert "secret-name" not in first[1]


@pytest.mark.slow
def test_effects_of_lists_labels_and_overrides_are_reported(tmp_path: Path) -> None:
    made(tmp_path, "x.csv", b"network,label,type\n203.0.113.0/31,Mill,vpn\n192.0.2.0/24,x,oops\n")
    made(tmp_path, "j.csv", b"account_id_l,account_id_r,verdict\na0,a1,yes\na0,nobody,no\na2,noone,no\n")
    text = LIST.format(suffix=".csv") + '[labels]\npath = "j.csv"\n'
    text += OVERRIDE.format(kind="ip", value="203.0.113.0") + OVERRIDE.format(kind="fax", value="1")
    path = settled(tmp_path, text)
    facts = check(path, limits=LIMITS)
    (file,) = facts["references"]["files"]  # type: ignore[index] # facts are objects
    assert (file["lines"], file["networks"], file["labelled"], file["invalid_lines"]) == (2, 1, 2, 1)
    warnings = facts["warnings"]
    assert isinstance(warnings, list)
    lists, judged, overrides = warnings
    assert f"1 of 2 lines rejected; the first is {tmp_path}/x.csv:3: unknown type" in lists
    assert judged.endswith(
        "2 of 3 teach nothing, since 2 of their accounts are not in the data; the first is in row 2"
    )
    assert overrides == (
        "settings: 1 of 2 overrides change nothing; the first is overrides[2] (kind fax): no observation of "
        "the kind fax"
    )
    result = run(path, limits=LIMITS)
    steps = {step["step"]: step["facts"] for step in result.manifest["steps"]}
    warnings_given = [warning for step in steps.values() for warning in step.get("warnings", ())]
    assert warnings_given == [warning.replace(f"{tmp_path}/", "") for warning in warnings]
    assert steps["labels"]["pairs_used"] == facts["labels"]["pairs_used"] == 1  # type: ignore[index] # facts are objects


def test_hashed_addresses_and_accounts_are_in_no_warning(tmp_path: Path) -> None:
    made(tmp_path, "key", b"0123456789abcdef0123456789abcdef")
    made(
        tmp_path,
        "x.csv",
        b"network,label,type\n203.0.113.7/24,x,vpn\n203.0.113.0/31,x,vpn\n203.0.113.0/31,y,vpn\n",
    )
    made(tmp_path, "j.csv", b"account_id_l,account_id_r,verdict\na0,nobody,no\n")
    text = '[pseudonymize]\nkinds = ["ip", "account"]\nkey_file = "key"\n' + LIST.format(suffix=".csv")
    path = settled(tmp_path, text + '[labels]\npath = "j.csv"\n')
    warnings = " ".join(check(path, limits=LIMITS)["warnings"])  # type: ignore[arg-type] # facts are objects
    assert "1 of 3 lines rejected" in warnings
    assert "1 lines contradict" in warnings
    assert "203.0.113" not in warnings
    assert "nobody" not in warnings


@pytest.mark.slow
def test_the_terminal_shows_what_a_list_labels_and_what_is_not_used(tmp_path: Path) -> None:
    made(tmp_path, "x.csv", b"network,label,type\n203.0.113.0/31,Mill,vpn\n192.0.2.0/24,x,oops\n")
    path = settled(tmp_path, LIST.format(suffix=".csv"))
    outcome = CliRunner().invoke(commands, ["check", str(path)])
    assert outcome.exit_code == 0
    for text in (
        "reference lists",
        "labelled",
        "warning: reference list",
        "x.csv:3: unknown type; known are router",
    ):
        assert text in outcome.output
    outcome = CliRunner().invoke(commands, ["run", str(path), "--out", str(tmp_path / "out"), "--quiet"])
    assert outcome.exit_code == 0
    assert (
        "warning: reference list x.csv: 1 of 2 lines rejected; the first is x.csv:3: unknown"
        in outcome.output
    )


@pytest.mark.slow
def test_a_list_at_an_address_is_named_by_it(tmp_path: Path) -> None:
    made(tmp_path, "x.csv", b"network,label,type\n203.0.113.0/31,Mill,vpn\n192.0.2.0/24,x,oops\n")
    address = f"file://{tmp_path}/x.csv"
    path = settled(tmp_path, f'[[references]]\npath = "{address}"\n')
    facts = check(path, limits=LIMITS)
    warnings = facts["warnings"]
    assert isinstance(warnings, list)
    assert warnings[0].startswith(
        f"reference list {address}: 1 of 2 lines rejected; the first is {address}:3: "
    )
    made(tmp_path, "x.csv", b"network,label,type\n192.0.2.0/24,x,oops\n")
    first, second = raised(tmp_path, path)
    assert first == second
    assert f"{address}:2: unknown type" in first[1]
