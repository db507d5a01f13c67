"""What a run is given: columns by keyword mean what a source of settings says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pytest

from graphlink.core.errors import SettingsError
from graphlink.core.settings import KindColumn, Settings, Source
from graphlink.task import Task, task_of, with_columns

if TYPE_CHECKING:
    from pathlib import Path

WIDE = pd.DataFrame(
    {
        "user": ["a", "b", "a", "b"],
        "ts": ["2026-03-01T10:00:00Z"] * 4,
        "client_ip": ["93.184.1.9"] * 4,
        "card": ["fp_81b2c7"] * 4,
    }
)
KINDS = {"ip": "client_ip", "payment": "card"}


def task(source: object, settings: Settings | None = None, **columns: Any) -> Task:
    stated = {"account": None, "time": None, "kinds": None} | columns
    return with_columns(task_of(source, settings, None), source, **stated)


def test_a_wide_frame_is_the_source_of_settings_that_name_its_columns() -> None:
    actual = task(WIDE, account="user", time="ts", kinds=KINDS)
    expected = Source(name="observations", account="user", time="ts", kinds=KINDS)
    assert actual.settings.sources == (expected,)
    assert actual.given.sources == (expected,)


def test_a_file_keeps_its_path_and_several_frames_their_names(tmp_path: Path) -> None:
    WIDE.to_csv(tmp_path / "log.csv", index=False)
    (one,) = task(str(tmp_path / "log.csv"), account="user").settings.sources
    assert (one.path, one.name, one.account) == (str(tmp_path / "log.csv"), "log.csv", "user")
    frames = {"one": WIDE, "two": pa.Table.from_pandas(WIDE), "accounts": pd.DataFrame({"account_id": ["a"]})}
    assert [of.name for of in task(frames, account="user").settings.sources] == ["one", "two"]


def test_a_list_in_a_cell_is_picked_from_as_in_settings() -> None:
    (one,) = task(WIDE, kinds={"ip": {"column": "client_ip", "pick": "last_public"}}).settings.sources
    assert one.kinds["ip"] == KindColumn("client_ip", "last_public")


def test_nothing_named_changes_nothing() -> None:
    assert task(WIDE).settings.sources == ()


@pytest.mark.parametrize(
    ("settings", "source"),
    [(None, Settings()), (Settings(sources=(Source(name="observations"),)), WIDE)],
    ids=["settings", "frame_of_settings"],
)
def test_columns_that_settings_name_are_not_named_twice(settings: Settings | None, source: object) -> None:
    with pytest.raises(SettingsError, match=r"account, kinds: the settings name the columns"):
        task(source, settings, account="user", kinds=KINDS)


def test_what_is_no_name_is_refused() -> None:
    with pytest.raises(SettingsError, match="account: expected text, found 5"):
        task(WIDE, account=5)
    with pytest.raises(SettingsError, match="kinds: expected a table, found a list"):
        task(WIDE, kinds=["ip"])


@pytest.mark.slow
def test_a_run_reads_a_wide_frame_and_a_wide_file_alike(tmp_path: Path) -> None:
    from graphlink import run

    WIDE.to_csv(tmp_path / "log.csv", index=False)
    results = [run(source, account="user", time="ts", kinds=KINDS) for source in (WIDE, tmp_path / "log.csv")]
    assert [len(result.links) for result in results] == [1, 1]
    assert results[0].links.equals(results[1].links)
