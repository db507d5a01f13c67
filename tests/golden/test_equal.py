"""Whole results equal those of earlier versions to the bit, column by column, whatever is renamed.

`results.json` holds digests of the results of 0.1.0 (commit 09309ab) and of commit f53f6f2
for the sample and two planted worlds; `record_results.py` made it. A failure names table and column. To see
the rows that differ, run that script: it leaves the results of the recorded versions in its folder.
"""

from __future__ import annotations

import fnmatch
import json
import re
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import graphlink
from graphlink import EngineSettings
from tests.golden.record_results import BEFORE, OLDEST, RECORD, machine
from tests.golden.wholes import INPUTS, ROUNDED, Translation, digest_input, digest_result, write_input

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

RENAMED: dict[str, dict[str, str]] = {
    "tables": {
        "rejected_rows": "set_aside",
        "window_incidence": "holdings",
        "copresence_pairs": "shared",
        "pair_labels": "judged",
        "exclusivity": "privacy",
        "kind_bits": "weights",
        "identifier_labels": "labels",
    },
    "columns": {  # of a table by its recorded name
        "identifiers.p_exclusive": "private",
        "evidence.contribution_bits": "counted_bits",
        "links.p_direct": "direct",
        "links.p_via_cluster": "through_others",
        "links.expected_by_chance": "chance",
        "clusters.p_shared_intermediary": "p_router_tenants",
        "clusters.expected_by_chance": "chance",
        "hypotheses.bits_shared_intermediary": "bits_router_tenants",
        "signals.baseline": "usual",
        "link_reasons.contribution_bits": "counted_bits",
    },
    "values": {"shared_intermediary": "router_tenants", "rejected_rows": "set_aside"},  # whole texts
    "phrases": {},  # in sentences, the longest first
    "steps": {
        "reference_lists": "labels",
        "labels": "judgements",
        "blocking": "sharing",
        "behaviours": "rhythm",
        "match_weights": "telling",
        "exclusivity": "privacy",
        "posteriors": "conclusions",
        "null_model": "chance",
        "explanations": "explaining",
    },
    "facts": {  # keys of facts, at any depth
        "rejected_rows": "set_aside",
        "window_incidence": "holdings",
        "rows_rejected": "rows_set_aside",
        "lines_rejected": "lines_set_aside",
        "labels": "judgements",
        "blocks_capped": "cells_capped",
        "blocks": "cells",
        "copresence_pairs": "shared",
        "shared_intermediary": "router_tenants",
    },
    "settings": {"labels": "judgements", "p_exclusive": "private"},  # words of graphlink.toml
}
"""Today's name -> the recorded versions' name."""

REWORDED: tuple[str, ...] = ()
"""Columns of sentences, by their recorded names, whose wording changed: only their numbers are compared."""

CHANGED: dict[str, dict[str, str]] = {
    # Only names and facts may change here: the keys are `run/...` or end with `.columns`.
    BEFORE: {
        "run/marks/rows": "identifiers are made once, by the step links, with what was overridden",
        **dict.fromkeys(
            (
                "run/observations/rows",
                "run/labels/rows",
                "run/clusters/rows",
                "run/conclusions/rows",
                "run/hypotheses/rows",
            ),
            "no table is made twice: what a later step completes has a name of its own until then",
        ),
    },
    OLDEST: {
        "accounts.columns": "is_abuse was added: which closings were for abuse is a setting",
        "accounts.is_abuse": "it was added",
        "clusters.fdr*": "the rate of a cluster includes the probability of the rival hypotheses",
        "run/chance/clusters_at_5_percent": "it counts by clusters.fdr",
        "set_aside.columns": "n_lines was added: loss is counted in physical lines",
        "set_aside.n_lines": "it was added",
        "run/observations/lines_set_aside": "loss is counted in physical lines",
        "run/observations/sources": "lines_set_aside was added to each source",
        "run/observations/accounts_table": "lines_set_aside was added",
        "run/labels/files": "networks, conflicts, asns and labelled were added to each list",
        "run/labels/conflicts": "reference lists that contradict each other are counted",
        "run/*/warnings": "warnings of lists, judgements and overrides are kept in the run's facts",
        "signals[[]share_banned]*": "it is share_closed_for_abuse now",
        "signals[[]share_closed_for_abuse]*": "it was share_banned; the usual share omits unknown accounts",
        "signals[[]successors_*]*": "only closings for abuse have successors",
        "run/signals/*": "signals of closings for abuse took the place of those of bans",
    },
}
"""What differs from a recorded version on purpose, by patterns of `digest_result`'s keys, and why."""

ADDED: tuple[str, ...] = ("facts.*", "run/facts/*")
"""Patterns of keys that only today's results have: tables, columns and facts added since f53f6f2."""


def translate(fact: Any) -> Any:
    if isinstance(fact, dict):
        return {RENAMED["facts"].get(key, key): translate(inner) for key, inner in fact.items()}
    if isinstance(fact, list):
        return [translate(inner) for inner in fact]
    return RENAMED["values"].get(fact, fact) if isinstance(fact, str) else fact


def translate_step(step: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "step": RENAMED["steps"].get(step["step"], step["step"]),
        "facts": translate(step["facts"]),
        "rows": {RENAMED["tables"].get(name, name): rows for name, rows in step["rows"].items()},
    }


def translate_value(table: str, column: str, value: str) -> str:
    if column != "detail":
        return RENAMED["values"].get(value, value)
    for today, recorded in RENAMED["phrases"].items():
        value = value.replace(today, recorded)
    return value


TODAYS = Translation(
    table=lambda table: RENAMED["tables"].get(table, table),
    column=lambda table, column: RENAMED["columns"].get(f"{table}.{column}", column),
    value=translate_value,
    fact=translate_step,
)


def todays_settings(text: str) -> str:
    for today, recorded in RENAMED["settings"].items():
        text = re.sub(rf"\b{recorded}\b(?=\s*=|\])", today, text)
    # Labels taught every run then; today they do only where they are asked to.
    return text.replace("[labels]\n", "[labels]\nteach = true\n")


def matches(key: str, patterns: Mapping[str, str] | tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatchcase(key, pattern) for pattern in patterns)


def differences(recorded: Mapping[str, Any], today: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What differs, by table and column: the recorded digest and today's, None where there is none."""
    return {
        key: (recorded.get(key), today.get(key))
        for key in sorted(recorded.keys() | today.keys())
        if recorded.get(key) != today.get(key)
        and key not in REWORDED
        and not (key not in recorded and matches(key, ADDED))
    }


@pytest.fixture(scope="module")
def record() -> dict[str, Any]:
    recorded: dict[str, Any] = json.loads(RECORD.read_text(encoding="utf-8"))
    return recorded


@pytest.fixture(scope="module", params=INPUTS)
def compared(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, record: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    """The name of an input, and the digests of today's result of it under the recorded names."""
    folder = tmp_path_factory.mktemp("equal")
    settings = write_input(request.param, folder / "input")
    assert digest_input(settings) == record["inputs"][request.param], "the input itself is another"
    settings.write_text(todays_settings(settings.read_text(encoding="utf-8")), encoding="utf-8")
    graphlink.run(settings, out=folder / "result", limits=EngineSettings(threads=1), explain_all=True)
    return request.param, digest_result(folder / "result", TODAYS)


def comparable(recorded: dict[str, Any], today: dict[str, Any], *, is_same_machine: bool) -> dict[str, Any]:
    """Today's digests; elsewhere than on the recording machine numbers are compared to six digits."""
    if is_same_machine:
        return today
    rounded = {key.removesuffix(ROUNDED) for key in today if key.endswith(ROUNDED)}
    return today | {key: recorded[key] for key in rounded & recorded.keys()}


def hint(record: dict[str, Any]) -> str:
    return f"recorded with {record['machine']}, today's are {machine()}"


@pytest.mark.slow
def test_results_equal_those_before_the_package_was_divided(
    compared: tuple[str, dict[str, Any]], record: dict[str, Any]
) -> None:
    name, today = compared
    today = comparable(record[BEFORE][name], today, is_same_machine=record["machine"] == machine())
    differing = differences(record[BEFORE][name], today)
    assert {key: pair for key, pair in differing.items() if not matches(key, CHANGED[BEFORE])} == {}, hint(
        record
    )


@pytest.mark.slow
def test_results_equal_those_of_0_1_0_except_what_was_changed_on_purpose(
    compared: tuple[str, dict[str, Any]], record: dict[str, Any]
) -> None:
    name, today = compared
    oldest = {**record[BEFORE][name], **record[f"{OLDEST} where it differs"][name]}
    oldest = {key: digest for key, digest in oldest.items() if digest is not None}
    known = {**CHANGED[BEFORE], **CHANGED[OLDEST]}
    today = comparable(oldest, today, is_same_machine=record["machine"] == machine())
    differing = differences(oldest, today)
    assert {key: pair for key, pair in differing.items() if not matches(key, known)} == {}, hint(record)


def test_every_listed_change_is_one(record: dict[str, Any]) -> None:
    differing = {key for keys in record[f"{OLDEST} where it differs"].values() for key in keys}
    assert [pattern for pattern in CHANGED[OLDEST] if not fnmatch.filter(differing, pattern)] == []
    assert [key for key in differing if not matches(key, CHANGED[OLDEST])] == []


def test_only_names_and_facts_may_change_without_a_new_record() -> None:
    assert [
        key for key in CHANGED[BEFORE] if not key.startswith("run/") and not key.endswith(".columns")
    ] == []


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
