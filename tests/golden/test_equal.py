"""Whole results equal the recorded ones to the bit, column by column.

`results.json` holds digests of the results of the sample and two planted worlds, by `record_results.py`. A
failure names table and column. Names may change with a new record only.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import graphlink
from graphlink import EngineSettings
from tests.golden.record_results import RECORD, machine
from tests.golden.wholes import INPUTS, ROUNDED, digest_input, digest_result, write_input

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def differences(recorded: Mapping[str, Any], today: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What differs, by table and column: the recorded digest and today's, None where there is none."""
    return {
        key: (recorded.get(key), today.get(key))
        for key in sorted(recorded.keys() | today.keys())
        if recorded.get(key) != today.get(key)
    }


def comparable(recorded: dict[str, Any], today: dict[str, Any], *, is_same_machine: bool) -> dict[str, Any]:
    """Today's digests; elsewhere than on the recording machine numbers are compared to six digits."""
    if is_same_machine:
        return today
    rounded = {key.removesuffix(ROUNDED) for key in today if key.endswith(ROUNDED)}
    return today | {key: recorded[key] for key in rounded & recorded.keys()}


@pytest.mark.slow
@pytest.mark.parametrize("name", INPUTS)
def test_results_equal_the_recorded_ones(name: str, tmp_path: Path) -> None:
    record: dict[str, Any] = json.loads(RECORD.read_text(encoding="utf-8"))
    settings = write_input(name, tmp_path / "input")
    assert digest_input(settings) == record["inputs"][name], "the input itself is another"
    graphlink.run(settings, out=tmp_path / "result", limits=EngineSettings(threads=1), explain_all=True)
    recorded = record["results"][name]
    today = comparable(
        recorded, digest_result(tmp_path / "result"), is_same_machine=record["machine"] == machine()
    )
    assert differences(recorded, today) == {}, f"recorded with {record['machine']}, today's are {machine()}"


@pytest.fixture
def result_folder(tmp_path: Path) -> Path:
    """A folder with one table as a run leaves it."""
    write_links(tmp_path, [0.1, 0.2])
    step = {"step": "links", "facts": {"links": 2}, "rows": {"links": 2}}
    (tmp_path / "run.json").write_text(json.dumps({"steps": [step]}), encoding="utf-8")
    return tmp_path


def write_links(folder: Path, bits: list[float], detail: str = "8 of 10 days") -> None:
    pq.write_table(pa.table({"bits": bits, "detail": [detail] * len(bits)}), folder / "links.parquet")


@pytest.mark.parametrize("bits", [[0.1, 0.2 + 2**-54], [0.2, 0.1]], ids=["last_bit", "order_of_rows"])
def test_a_difference_names_table_and_column(result_folder: Path, bits: list[float]) -> None:
    before = digest_result(result_folder)
    write_links(result_folder, bits)
    differing = differences(before, digest_result(result_folder))
    assert {key.removesuffix(ROUNDED) for key in differing} == {"links.bits"}


def test_a_sentence_is_compared_by_wording_and_by_numbers(result_folder: Path) -> None:
    before = digest_result(result_folder)
    write_links(result_folder, [0.1, 0.2], "on 8 of 10 days")
    assert set(differences(before, digest_result(result_folder))) == {"links.detail"}
    write_links(result_folder, [0.1, 0.2], "9 of 10 days")
    assert set(differences(before, digest_result(result_folder))) == {"links.detail", "links.detail numbers"}


def test_a_table_that_is_missing_is_a_difference(result_folder: Path) -> None:
    before = digest_result(result_folder)
    (result_folder / "links.parquet").unlink()
    differing = differences(before, digest_result(result_folder))
    assert {"links.columns", "links.rows", "links.bits"} <= set(differing)


def test_on_another_processor_numbers_are_compared_to_six_digits(result_folder: Path) -> None:
    recorded = digest_result(result_folder)
    for last_digit, is_equal in ((1e-15, True), (1e-4, False)):
        write_links(result_folder, [0.1 * (1 + last_digit), 0.2])
        today = digest_result(result_folder)
        assert differences(recorded, comparable(recorded, today, is_same_machine=True))
        elsewhere = differences(recorded, comparable(recorded, today, is_same_machine=False))
        assert (elsewhere == {}) == is_equal
